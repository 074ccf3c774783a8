package osv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// change is one line of modified_id.csv.
type change struct {
	id       string
	modified time.Time
}

// list reads the list of changes. It is nil when the source says that it has not
// changed since the last run.
func (r *run) list(ctx context.Context, conditional bool) ([]change, *upstream.Response, error) {
	r.in.Progress(0, 0, "list of changes")
	body, resp, err := r.source.ReadAll(ctx, upstream.Request{URL: modifiedURL, MaxBytes: maxList, Conditional: conditional})
	if err != nil || resp.NotModified {
		return nil, resp, err
	}
	listed, bad, err := parseList(body)
	if err != nil {
		return nil, nil, err
	}
	wanted := 0
	for _, c := range listed {
		if isWanted(c.id) {
			wanted++
			r.through(c.modified)
		}
	}
	if err := r.checkSize(modifiedURL, wanted); err != nil {
		return nil, nil, err
	}
	for _, line := range bad {
		if err := r.reject(ctx, modifiedURL, "not a time, a comma and an id", line); err != nil {
			return nil, nil, err
		}
	}
	return listed, resp, nil
}

// due returns the listed records whose modified is not the one that is known.
func (r *run) due(listed []change) []change {
	var due []change
	for _, c := range listed {
		if isWanted(c.id) && !r.known(c.id, c.modified) {
			due = append(due, c)
		}
	}
	return due
}

// singles asks for the records one by one.
func (r *run) singles(ctx context.Context, due []change) error {
	r.done = 0
	return collectors.ForEach(ctx, r.source.Concurrency(baseURL), due, func(ctx context.Context, c change) error {
		defer r.progress(len(due), c.id)
		return r.single(ctx, c)
	})
}

// single asks for one record.
func (r *run) single(ctx context.Context, c change) error {
	body, _, err := r.source.ReadAll(ctx, upstream.Request{URL: baseURL + c.id + ".json", MaxBytes: maxRecord, ExpectJSON: true})
	if stop := r.breaker.Note(err); stop != nil {
		return stop
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.miss(c.id)
		return nil
	}
	return r.take(ctx, decode(c.id, body), c.modified)
}

// countListed counts what a list says of the stored records, when no archive
// does.
func (r *run) countListed(listed, due []change) {
	r.unlisted = len(r.stored)
	for _, c := range listed {
		if _, ok := r.stored[c.id]; ok {
			r.unlisted--
		}
		if isWanted(c.id) {
			r.unchanged++
		} else {
			r.foreign[prefix(c.id)]++
		}
	}
	r.unchanged -= uint64(len(due))
}

// parseList reads modified_id.csv: lines of a time, a comma and an id, in
// whatever order. An id that is named again counts once, with its later time. bad
// are the lines that cannot be read; when they are more than one in ten, the
// answer is not the list.
func parseList(body []byte) (listed []change, bad []string, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil, &observation.Error{Class: observation.ClassEmpty, Op: modifiedURL, Err: errors.New("the answer is empty")}
	}
	at := make(map[string]int) // id -> index in listed
	lines := 0
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		lines++
		c, ok := parseLine(line)
		if !ok {
			bad = append(bad, string(line))
			continue
		}
		if i, again := at[c.id]; !again {
			at[c.id] = len(listed)
			listed = append(listed, c)
		} else if c.modified.After(listed[i].modified) {
			listed[i] = c
		}
	}
	if len(bad)*10 > lines {
		return nil, nil, collectors.Malformed(modifiedURL, fmt.Errorf("%d of %d lines are not a time, a comma and an id; the first: %.100q", len(bad), lines, bad[0]))
	}
	return listed, bad, nil
}

func parseLine(line []byte) (change, bool) {
	when, id, ok := bytes.Cut(line, []byte(","))
	if !ok || !isID(string(id)) {
		return change{}, false
	}
	t, err := parseTime(string(when))
	return change{string(id), t}, err == nil
}
