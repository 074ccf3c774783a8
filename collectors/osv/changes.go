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

// changes reads the list of changes and the records it names.
func (r *run) changes(ctx context.Context) error {
	r.in.Progress(0, 0, "list of changes")
	body, resp, err := r.source.ReadAll(ctx, upstream.Request{URL: modifiedURL, MaxBytes: maxList, Conditional: true})
	if err != nil {
		return err
	}
	if resp.NotModified {
		r.next = r.last
		r.unchanged = uint64(r.last.Records)
		return r.emit(ctx, resp.Record())
	}
	listed, bad, err := parseList(body)
	if err != nil {
		return err
	}
	if err := r.checkSize(modifiedURL, len(listed)); err != nil {
		return err
	}
	for _, line := range bad {
		if err := r.reject(ctx, modifiedURL, "not a time, a comma and an id that was not named before", line); err != nil {
			return err
		}
	}
	var due []change
	for _, c := range listed {
		if !r.wanted(c.id) {
			continue
		}
		r.through(c.modified)
		if r.known(c.id, c.modified) {
			r.unchanged++
			continue
		}
		due = append(due, c)
	}
	if len(due) > maxSingles {
		// The counts so far are of the list; the archive counts afresh.
		r.unchanged, r.foreign, r.gone = 0, make(map[string]int), 0
		return r.archive(ctx)
	}
	r.gone = gone(r.stored, listed)
	err = collectors.ForEach(ctx, r.source.Concurrency(baseURL), due, func(ctx context.Context, c change) error {
		defer r.progress(len(due), c.id)
		return r.single(ctx, c)
	})
	if err != nil {
		return err
	}
	if len(r.missing) > 0 {
		// Without the list's validators the next run reads it again and asks for
		// what is missing.
		return nil
	}
	return r.emit(ctx, resp.Record())
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

// gone counts the stored records that the list does not name.
func gone(stored map[string]time.Time, listed []change) int {
	n := len(stored)
	for _, c := range listed {
		if _, ok := stored[c.id]; ok {
			n--
		}
	}
	return n
}

// parseList reads modified_id.csv: lines of a time, a comma and an id, each id
// once. bad are the lines that cannot be read; when they are more than one in
// ten, the answer is not the list.
func parseList(body []byte) (listed []change, bad []string, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil, &observation.Error{Class: observation.ClassEmpty, Op: modifiedURL, Err: errors.New("the answer is empty")}
	}
	seen := make(map[string]bool)
	lines := 0
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		lines++
		c, ok := parseLine(line)
		if !ok || seen[c.id] {
			bad = append(bad, string(line))
			continue
		}
		seen[c.id] = true
		listed = append(listed, c)
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
