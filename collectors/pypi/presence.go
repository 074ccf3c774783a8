package pypi

import (
	"context"
	"fmt"
	"slices"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// Projects are removed one by one. A root index that misses more than
// fewRemoved of them at once, and more than 1 in normalRemoved, is at fault.
const (
	fewRemoved    = 20
	normalRemoved = 100
)

// many reports whether so many of the seen projects cannot have been removed
// since the last run.
func many(removed, seen int) bool { return removed > fewRemoved && removed*normalRemoved > seen }

// askable is how many times as many missing projects as may be removed are asked
// about: some of them may be in quarantine.
const askable = 5

// judge emits what has changed in whether the root index lists the projects that
// were seen. One that it no longer lists is removed unless its own page says
// that it is in quarantine; a page that cannot be had says nothing. An index that
// has not changed, or has entries that cannot be read, tells of no removal.
func (r *run) judge(ctx context.Context, seen map[string]bool) error {
	if r.root == nil {
		return nil
	}
	var missing []string
	for name, listed := range seen {
		_, lists := r.root.listed[name]
		switch {
		case lists && !listed:
			r.back = append(r.back, name)
		case !lists && listed && r.root.odd == 0:
			missing = append(missing, name)
		}
	}
	slices.Sort(r.back)
	slices.Sort(missing)
	if many(len(missing)/askable, len(seen)) {
		return tooFew(len(missing), len(seen))
	}
	for _, name := range missing {
		if err := r.explain(ctx, name); err != nil {
			return err
		}
	}
	if many(len(r.gone), len(seen)) {
		return tooFew(len(r.gone), len(seen))
	}
	for _, name := range r.gone {
		if err := r.emit(ctx, &observation.Presence{Project: name, ObservedAt: r.now}); err != nil {
			return err
		}
	}
	for _, name := range r.back {
		if err := r.emit(ctx, &observation.Presence{Project: name, Listed: true, ObservedAt: r.now}); err != nil {
			return err
		}
	}
	return nil
}

func tooFew(missing, seen int) error {
	return &observation.Error{Class: observation.ClassEmpty, Op: "GET " + rootURL,
		Err: fmt.Errorf("the index lacks %d of the %d projects that were seen: so many are not removed at once, it is not taken as data", missing, seen)}
}

// explain asks the page of a project that the root index misses, and notes it as
// gone or unsaid. Its error ends the run. The page is asked for without
// conditions: "unchanged" would not say what it says.
func (r *run) explain(ctx context.Context, name string) error {
	url := pageURL(name)
	body, _, err := r.source.ReadAll(ctx, upstream.Request{URL: url, Accept: indexType, ContentTypes: indexTypes, MaxBytes: maxDocument, ExpectJSON: true})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var status string
	if err == nil {
		var pg *page
		if pg, _, err = decodePage(body, name); err == nil {
			status, _, err = pg.status()
		}
		if err != nil {
			err = collectors.Malformed("GET "+url, err)
		}
	}
	switch class := observation.ClassOf(err); {
	case class == observation.ClassNotFound, err == nil && status != quarantined:
		r.gone = append(r.gone, name)
	case err != nil:
		r.unsaid = append(r.unsaid, name)
	}
	return r.breaker.Note(err)
}
