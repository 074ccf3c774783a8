// Package depsdev asks https://api.deps.dev which repositories the latest
// releases of the tracked projects come from, and how it knows: by an
// attestation, or by unverified metadata.
package depsdev

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// Name is the collector's name.
	Name = "depsdev"

	batchURL = "https://api.deps.dev/v3alpha/versionbatch"
	apiURL   = "https://api.deps.dev/v3/systems/pypi/packages/"

	batchSize  = 1000     // versions of one request; 5,000 are allowed
	maxPages   = 100      // of the answer to one request
	maxBatch   = 64 << 20 // bytes of one page; a version has 1 to 3 KB
	maxVersion = 4 << 20  // bytes of the answer for one version

	maxSingle    = 500 // versions asked one by one in one run
	breakerLimit = 20  // of these in a row without an answer
	smallRun     = 100 // answers below which a loss of repositories is no sign of anything
)

// Source is what this package needs of upstream.Client.
type Source interface {
	ReadAll(ctx context.Context, req upstream.Request) ([]byte, *upstream.Response, error)
	Post(ctx context.Context, req upstream.Request, body []byte) ([]byte, *upstream.Response, error)
	Concurrency(rawURL string) int
}

// cursor remembers the last run by batches, and where the last run without them
// ended.
type cursor struct {
	Asked    int       `json:"asked"`
	Answered int       `json:"answered"`
	Linked   int       `json:"linked"`   // projects with a repository
	Attested int       `json:"attested"` // projects with one by an attestation
	Next     int       `json:"next"`     // place in the list of projects
	Through  time.Time `json:"through"`
}

// Collector asks deps.dev. It implements collectors.Collector.
type Collector struct{ source Source }

// New returns the collector.
func New(s Source) *Collector { return &Collector{source: s} }

// Name implements collectors.Collector.
func (*Collector) Name() string { return Name }

// Collect asks for the latest release of every tracked project and emits, for
// each that was answered, the repositories by attestation (TrustDepsDev) and
// those by metadata alone (TrustInferred); an empty list says that there is
// none. A release that deps.dev does not know says nothing of its project, which
// stays as it is. When deps.dev knows none of them, or a tenth fewer projects
// have a repository than last time, the run is a failure of ClassEmpty and
// nothing is emitted. The batches are an alpha version of the API; when it is
// not offered any more, up to maxSingle releases are asked one by one, and the
// run is partial until all have been.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	var cur cursor
	if err := in.Cursor.Read(Name, &cur); err != nil {
		return collectors.Report{}, err
	}
	all, err := in.Catalog.Releases(ctx, in.Track, in.Project)
	if err != nil {
		return collectors.Report{}, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(r observation.LatestRelease) bool { return r.Project == "" || r.Version == "" })
	if len(all) == 0 && in.Track > 0 && in.Project == "" {
		return collectors.NothingKnown(in, "release", "pypi"), nil
	}
	r := &run{source: c.source, in: in, all: all, answers: make(map[string]mapping, len(all))}
	if r.through = cur.Through; len(all) > 0 {
		err = r.batches(ctx)
		if notOffered(err) {
			err = r.single(ctx, cur.Next)
		}
		if err == nil {
			err = r.check(cur)
		}
	}
	if err != nil {
		return collectors.Report{}, err
	}
	if err := r.emit(ctx, emit); err != nil {
		return collectors.Report{}, err
	}
	return r.report(cur), nil
}

// notOffered reports whether the API said that it has no such method, or not for
// such a request, as an alpha version may from one day to the next.
func notOffered(err error) bool {
	switch upstream.StatusOf(err) {
	case http.StatusNotFound, http.StatusGone, http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// run is the state of one run. The mutex guards what follows it.
type run struct {
	source Source
	in     collectors.Input
	all    []observation.LatestRelease // by rank

	mu      sync.Mutex
	answers map[string]mapping // by project
	rejects []*observation.Reject
	unknown int  // releases that deps.dev said nothing of
	unasked int  // answers about something else
	failed  int  // releases that could not be asked about, one by one
	skipped int  // releases left for the next run
	alone   bool // without batches
	next    int  // place in all at which the next run without batches begins
	asked   int
	through time.Time
}

// batches asks for all releases, many at a time.
func (r *run) batches(ctx context.Context) error {
	for part := range slices.Chunk(r.all, batchSize) {
		if err := r.batch(ctx, part); err != nil {
			return err
		}
		r.asked += len(part)
		r.in.Progress(r.asked, len(r.all), "deps.dev")
	}
	r.unknown = r.asked - len(r.answers)
	return nil
}

// question is the body of a request to versionbatch.
type question struct {
	Requests  []request `json:"requests"`
	PageToken string    `json:"pageToken,omitempty"`
}

type request struct {
	Key versionKey `json:"versionKey"`
}

// batch asks for some releases and reads every page of the answer.
func (r *run) batch(ctx context.Context, releases []observation.LatestRelease) error {
	q := question{Requests: make([]request, len(releases))}
	asked := make(map[string]observation.LatestRelease, len(releases))
	for i, release := range releases {
		q.Requests[i] = request{versionKey{System: system, Name: release.Project, Version: release.Version}}
		asked[release.Project] = release
	}
	for range maxPages {
		body, _ := json.Marshal(q) // strings always encode
		answer, resp, err := r.source.Post(ctx, upstream.Request{URL: batchURL, MaxBytes: maxBatch, ExpectJSON: true}, body)
		if err != nil {
			return err
		}
		var page batch
		if err := json.Unmarshal(answer, &page); err != nil {
			return collectors.Malformed("POST "+batchURL, fmt.Errorf("not a batch of versions: %w", err))
		}
		r.seen(resp)
		for _, raw := range page.Responses {
			r.take(asked, raw)
		}
		if page.NextPageToken == "" {
			return nil
		}
		if page.NextPageToken == q.PageToken {
			return collectors.Malformed("POST "+batchURL, errors.New("a page names itself as the next one"))
		}
		q.PageToken = page.NextPageToken
	}
	return collectors.Malformed("POST "+batchURL, fmt.Errorf("the answer has more than %d pages", maxPages))
}

// take reads one element of a batch.
func (r *run) take(asked map[string]observation.LatestRelease, raw json.RawMessage) {
	var resp response
	err := json.Unmarshal(raw, &resp)
	var release observation.LatestRelease
	if err == nil {
		release, err = find(asked, resp)
	}
	switch {
	case errors.Is(err, errUnasked):
		r.unasked++
	case err != nil:
		r.rejects = append(r.rejects, collectors.NewReject(batchURL, err.Error(), string(raw)))
	case resp.Version.known():
		r.answers[release.Project] = resp.Version.mapping(release)
	}
}

// seen notes up to when an answer speaks.
func (r *run) seen(resp *upstream.Response) {
	if resp.Through.After(r.through) {
		r.through = resp.Through
	}
}

// single asks for releases one by one, at most maxSingle, from place next on and
// round the end of the list.
func (r *run) single(ctx context.Context, next int) error {
	r.alone, r.asked, r.rejects, r.unasked = true, 0, nil, 0
	clear(r.answers)
	if next < 0 || next >= len(r.all) {
		next = 0
	}
	turn := slices.Concat(r.all[next:], r.all[:next])
	turn = turn[:min(len(turn), maxSingle)]
	r.skipped = len(r.all) - len(turn)
	breaker := collectors.Breaker{Limit: breakerLimit}
	var last error
	err := collectors.ForEach(ctx, r.source.Concurrency(apiURL), turn, func(ctx context.Context, release observation.LatestRelease) error {
		err := r.ask(ctx, release)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked++
		r.in.Progress(r.asked, len(turn), release.Project)
		switch {
		case observation.ClassOf(err) == observation.ClassNotFound:
			r.unknown++
		case err != nil:
			r.failed++
			last = err
		}
		return breaker.Note(err)
	})
	if err == nil && r.failed == len(turn) {
		err = last
	}
	r.next = (next + len(turn)) % len(r.all)
	return err
}

// ask asks for one release.
func (r *run) ask(ctx context.Context, release observation.LatestRelease) error {
	address := apiURL + url.PathEscape(release.Project) + "/versions/" + url.PathEscape(release.Version)
	body, resp, err := r.source.ReadAll(ctx, upstream.Request{URL: address, MaxBytes: maxVersion, ExpectJSON: true})
	if err != nil {
		return err
	}
	var v version
	err = json.Unmarshal(body, &v)
	if err == nil && !v.known() {
		err = errors.New("not the answer for a version: it names none")
	}
	if err == nil {
		err = v.answers(release)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.rejects = append(r.rejects, collectors.NewReject(address, err.Error(), string(body)))
		return collectors.Malformed("GET "+address, err)
	}
	r.seen(resp)
	r.answers[release.Project] = v.mapping(release)
	return nil
}

// check refuses answers that would take away what is known: none at all, or
// sharply fewer repositories than last time for as many projects.
func (r *run) check(before cursor) error {
	op := batchURL
	if r.alone {
		op = apiURL
	}
	if r.in.Project == "" || len(r.answers) > 0 {
		if len(r.answers) == 0 {
			return &observation.Error{Class: observation.ClassEmpty, Op: op, Err: fmt.Errorf("it knows none of the %d releases that were asked for: nothing is taken from that", r.asked)}
		}
	}
	near := r.asked*10 >= before.Asked*9 && before.Asked*10 >= r.asked*9
	if r.alone || r.in.Project != "" || !near || before.Answered == 0 || len(r.answers) < smallRun {
		return nil
	}
	linked, attested := r.count()
	for _, c := range []struct {
		what      string
		got, last int
	}{
		{"projects with a repository", linked, before.Linked * len(r.answers) / before.Answered},
		{"projects with an attested repository", attested, before.Attested * len(r.answers) / before.Answered},
	} {
		if c.last == 0 {
			continue
		}
		if err := collectors.CheckSize(op, c.what, c.got, c.last); err != nil {
			return err
		}
	}
	return nil
}

// count returns how many projects have a repository, and how many one by an
// attestation.
func (r *run) count() (linked, attested int) {
	for _, m := range r.answers {
		if len(m.attested)+len(m.inferred) > 0 {
			linked++
		}
		if len(m.attested) > 0 {
			attested++
		}
	}
	return linked, attested
}

// emit emits what was answered, by rank.
func (r *run) emit(ctx context.Context, emit collectors.Emit) error {
	for _, reject := range r.rejects {
		if err := emit(ctx, reject); err != nil {
			return err
		}
	}
	for _, release := range r.all {
		m, ok := r.answers[release.Project]
		if !ok {
			continue
		}
		for _, o := range []*observation.ProjectRepositories{
			{Project: release.Project, Origin: observation.TrustDepsDev, Links: m.attested},
			{Project: release.Project, Origin: observation.TrustInferred, Links: m.inferred},
		} {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := emit(ctx, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// report tells of the run. The sizes of a run for one project, or without
// batches, are no measure for the next.
func (r *run) report(cur cursor) collectors.Report {
	linked, attested := r.count()
	cur.Through = r.through
	switch {
	case r.in.Project != "":
	case r.alone:
		cur.Next = r.next
	default:
		cur.Asked, cur.Answered, cur.Linked, cur.Attested = r.asked, len(r.answers), linked, attested
	}
	var parts []string
	add := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	if r.alone {
		add(1, "The batches of the alpha API are not offered; releases were asked one by one: %d.", r.asked)
	}
	add(linked, "Projects with a repository: %d, by an attestation: %d.", linked, attested)
	add(r.unknown, "Releases that deps.dev said nothing of: %d.", r.unknown)
	add(r.skipped, "Left for the next runs: %d.", r.skipped)
	add(r.failed, "Could not be asked or read: %d.", r.failed)
	add(r.unasked, "Answers about something else: %d.", r.unasked)
	add(len(r.rejects), "Answers refused: %d.", len(r.rejects))
	return collectors.Report{
		Cursor:  collectors.NewCursor(cur),
		Skipped: uint64(r.unknown + r.skipped),
		Partial: r.failed+r.skipped+len(r.rejects) > 0,
		Note:    strings.Join(parts, " "),
		Through: r.through,
	}
}
