package pypi

import (
	"context"
	"fmt"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

func pageURL(project string) string     { return rootURL + project + "/" }
func documentURL(project string) string { return "https://pypi.org/pypi/" + project + "/json" }

// part is what one of the two APIs said of a project: one field is set, or
// absent.
type part struct {
	url       string
	page      *page
	document  *document
	unchanged bool
	absent    bool // 404
	failed    bool
	seen      bool                  // it was read before, by an earlier run
	record    *observation.Response // of an answer
	rejects   []*observation.Reject // of what could not be read
	decode    func(p *part, body []byte) (oddity string, err error)
	types     []string // media types, the one to ask for first
}

func (p *part) answered() bool { return p.page != nil || p.document != nil }

// read asks both APIs for one project and emits what came of it. Its error ends
// the run.
func (r *run) read(ctx context.Context, name string) error {
	index := part{url: pageURL(name), types: indexTypes, decode: func(p *part, body []byte) (oddity string, err error) {
		p.page, oddity, err = decodePage(body, name)
		return oddity, err
	}}
	meta := part{url: documentURL(name), types: []string{jsonType}, decode: func(p *part, body []byte) (oddity string, err error) {
		p.document, oddity, err = decodeDocument(body, name)
		return oddity, err
	}}
	for _, p := range []*part{&index, &meta} {
		if err := r.fetch(ctx, p, true); err != nil {
			return err
		}
	}
	// A project is stored whole, so when one part changed the other is needed too.
	for _, pair := range [][2]*part{{&index, &meta}, {&meta, &index}} {
		if pair[0].unchanged && pair[1].answered() {
			if err := r.fetch(ctx, pair[0], false); err != nil {
				return err
			}
		}
	}
	if index.page != nil && meta.document != nil {
		if err := checkComplete(index.page, meta.document); err != nil {
			index.distrust(collectors.NewReject(index.url, err.Error(), ""))
		}
	}
	return r.settle(ctx, name, &index, &meta)
}

// distrust takes what was read of a part for a failure.
func (p *part) distrust(why *observation.Reject) {
	p.page, p.document, p.failed = nil, nil, true
	p.rejects = append(p.rejects, why)
}

// fetch asks for one part. Its error ends the run; what goes wrong with the part
// is in the part.
func (r *run) fetch(ctx context.Context, p *part, conditional bool) error {
	body, resp, err := r.source.ReadAll(ctx, upstream.Request{URL: p.url, Accept: p.types[0], ContentTypes: p.types, MaxBytes: maxDocument, Conditional: conditional, ExpectJSON: true})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.unchanged = false
	var oddity string
	if err == nil {
		p.seen = p.seen || resp.Previous != nil
		p.record = resp.Record()
		if p.unchanged = resp.NotModified; !p.unchanged {
			oddity, err = p.decode(p, body)
		}
		if err != nil {
			err = collectors.Malformed("GET "+p.url, err)
		}
	}
	switch class := observation.ClassOf(err); {
	case class == observation.ClassNotFound:
		p.absent = true
	case err != nil:
		p.failed = true
		if !class.Retryable() {
			oddity = err.Error()
		}
	}
	if oddity != "" {
		p.rejects = append(p.rejects, collectors.NewReject(p.url, oddity, string(body[:min(len(body), observation.MaxRejectText)])))
	}
	return r.breaker.Note(err)
}

// settle decides what the two parts together say, and emits it.
func (r *run) settle(ctx context.Context, name string, index, meta *part) error {
	var all []observation.Observation
	for _, reject := range append(index.rejects, meta.rejects...) {
		all = append(all, reject)
	}
	seen := r.serials[name] != 0 || index.seen || meta.seen
	failed := index.failed || meta.failed
	answered := index.answered() || meta.answered()
	switch {
	case failed && (seen || !answered):
		// What is known stays: half a project must not replace a whole one.
		r.tally(func() { r.failed = append(r.failed, name); r.rejects += len(all) })
		return r.emit(ctx, all...)
	case index.absent && meta.absent && r.stranger:
		return &observation.Error{Class: observation.ClassNotFound, Op: "GET " + index.url, Err: fmt.Errorf("PyPI has no project %s", name)}
	case index.absent && meta.absent:
		// Emitted with neither answer, so that pages can tell "asked, and not
		// there now" from "not asked yet". It changes nothing that is known.
		r.tally(func() { r.absent = append(r.absent, name) })
		return r.emit(ctx, &observation.Project{Name: name, ObservedAt: r.now})
	case !answered:
		r.tally(func() { r.report.Unchanged++ })
		return r.emit(ctx, append(all, records(index, meta)...)...)
	}
	a := assemble(name, r.registered(name), index.page, meta.document, r.now)
	if a.unread != nil {
		part := index
		if a.unread.Object == meta.url {
			part = meta
		}
		for _, reject := range a.rejects {
			if reject.Object == part.url {
				part.rejects = append(part.rejects, reject)
			}
		}
		part.distrust(a.unread)
		return r.settle(ctx, name, index, meta) // with one part less
	}
	for _, reject := range a.rejects {
		all = append(all, reject)
	}
	if failed || a.hollow || a.project.FilesPartial {
		a.project.Serial = 0 // not all of it: it is read again by the next run
	}
	r.tally(func() { r.count(name, a, len(all), failed) })
	all = append(all, a.project)
	if a.repositories != nil {
		all = append(all, a.repositories)
	}
	return r.emit(ctx, append(all, records(index, meta)...)...)
}

// records returns what is to be remembered of the answers that could be read.
func records(parts ...*part) []observation.Observation {
	var all []observation.Observation
	for _, p := range parts {
		if p.record != nil && !p.failed {
			all = append(all, p.record)
		}
	}
	return all
}

func (r *run) registered(name string) string {
	if r.root == nil {
		return ""
	}
	return cut(r.root.listed[name].Name, maxShort)
}

func (r *run) tally(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// count adds one project that is emitted.
func (r *run) count(name string, a assembled, rejects int, failed bool) {
	r.rejects += rejects
	if failed {
		r.failed = append(r.failed, name)
	}
	if a.hollow {
		r.hollow++
	}
	if a.project.Files != nil && len(a.project.Files) == 0 {
		r.emptied++
	}
	for i := range a.project.Files {
		if at := a.project.Files[i].UploadTime; at.After(r.report.Through) && !at.After(r.now) {
			r.report.Through = at
		}
	}
}
