// Package scorecard asks https://api.scorecard.dev for the OpenSSF Scorecard
// result of every distinct repository of the tracked projects.
package scorecard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// Name is the collector's name.
	Name = "scorecard"

	apiURL   = "https://api.scorecard.dev/projects/"
	maxBytes = 8 << 20 // of one answer; most have 20 KB

	breakerLimit = 20 // repositories in a row without an answer

	reasonNone         = "the Scorecard API has no result for this repository"
	reasonInconclusive = "no check is conclusive"
	reasonUnavailable  = "the Scorecard API could not be asked: "
	reasonPending      = "the Scorecard API is still making the result"
)

// Source is what this package needs of upstream.Client.
type Source interface {
	ReadAll(ctx context.Context, req upstream.Request) ([]byte, *upstream.Response, error)
	Concurrency(rawURL string) int
}

// Collector asks the API. It implements collectors.Collector.
type Collector struct{ source Source }

// New returns the collector.
func New(s Source) *Collector { return &Collector{source: s} }

// Name implements collectors.Collector.
func (*Collector) Name() string { return Name }

// Collect asks for the repositories that are new, failed last time or were
// answered six days ago or longer; for one project it asks in any case. A
// repository without a result is an answer (no_result); one that could not be
// asked, or whose answer cannot be read or is still being made (202), is
// unavailable, makes the run partial and is asked for again by the next run. When
// the API stops answering, or answers for none of the repositories, the run fails
// and keeps what it emitted. That it knows none of them counts as no answer: a
// 404 is held back until one repository has a result.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	answered, through, err := readCursor(in.Cursor, in.Now)
	if err != nil {
		return collectors.Report{}, err
	}
	all, err := in.Catalog.TrackedRepositories(ctx, in.Track, in.Project)
	if err != nil {
		return collectors.Report{}, err
	}
	if len(all) == 0 && in.Track > 0 && in.Project == "" {
		return collectors.NothingKnown(in, "repository", "pypi"), nil
	}
	r := run{source: c.source, in: in, emit: collectors.Together(emit), answered: answered, unknown: map[string]bool{}}
	r.report.Through = through
	r.breaker.Limit = breakerLimit
	due := r.due(all)
	err = collectors.ForEach(ctx, c.source.Concurrency(apiURL), due, func(ctx context.Context, repository string) error {
		if err := r.ask(ctx, repository); err != nil {
			return err
		}
		r.progress(len(due), repository)
		return nil
	})
	if err == nil {
		err = r.nothing(len(due))
	}
	if err == nil {
		err = r.release(ctx)
	}
	if err != nil {
		return collectors.Report{}, err
	}
	r.report.Cursor = writeCursor(r.answered, r.report.Through)
	r.report.Note = r.note()
	r.report.Partial = r.failed > 0 || r.pending > 0 || r.rejects > 0
	return r.report, nil
}

// run is the state of one run. The mutex guards what follows it.
type run struct {
	source  Source
	in      collectors.Input
	emit    func(context.Context, ...observation.Observation) error
	breaker collectors.Breaker

	mu       sync.Mutex
	answered map[string]string // see cursor
	report   collectors.Report
	done     int
	// Repositories, but for rejects: records.
	elsewhere, notDue, missing, pending, failed, noted, rejects int

	held    []string // repositories without a result, before one had any
	known   bool     // one had a result, or is being looked at
	last    error    // of a repository that failed
	renamed []string
	unknown map[string]bool // checks that nobody knows
}

// fewUnknown is how many repositories the API may know nothing of, when it knows
// of no other.
const fewUnknown = 20

// nothing returns the failure of a run in which nothing was learned: every one of
// the repositories asked for failed, or is unknown to the API, and they are a
// tenth or more of all that the API covers. A few that fail again and again are no
// sign of anything.
func (r *run) nothing(asked int) error {
	all := asked + r.notDue
	if asked == 0 || asked*10 < all || r.known {
		return nil
	}
	if len(r.held) == asked && asked >= fewUnknown {
		return &observation.Error{Class: observation.ClassEmpty, Op: "collecting", Err: fmt.Errorf("the API has a result for none of the %d repositories: it is taken as out of reach, and no result as missing", asked)}
	}
	if r.failed < asked {
		return nil
	}
	return &observation.Error{Class: observation.ClassOf(r.last), Op: "collecting", Err: fmt.Errorf("none of the %d repositories could be asked or read, the last: %w", asked, r.last)}
}

// due chooses what to ask for. The API knows GitHub and GitLab.
func (r *run) due(all []string) []string {
	due := make([]string, 0, len(all))
	seen := make(map[string]bool, len(all))
	for _, repository := range all {
		if !covered(repository) {
			r.elsewhere++
			r.report.Skipped++
			continue
		}
		if seen[repository] {
			continue
		}
		seen[repository] = true
		if r.in.Project == "" && r.answered[hashOf(repository)] != "" {
			r.notDue++
			r.report.Unchanged++
			continue
		}
		due = append(due, repository)
	}
	return due
}

// covered reports whether a repository is one that the API can be asked for.
func covered(repository string) bool {
	parts := strings.Split(repository, "/")
	if len(parts) != 3 || parts[0] != "github.com" && parts[0] != "gitlab.com" {
		return false
	}
	for _, p := range parts[1:] {
		if p == "" || p == "." || p == ".." {
			return false
		}
	}
	return true
}

// ask asks for one repository and emits what came of it. Its error ends the run.
func (r *run) ask(ctx context.Context, repository string) error {
	url := urlOf(repository)
	body, resp, err := r.source.ReadAll(ctx, upstream.Request{URL: url, MaxBytes: maxBytes, Conditional: true, ExpectJSON: true})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var p *parsed
	if err == nil && !unchanged(resp) {
		if p, err = parse(url, repository, body, r.in.Now); err != nil {
			err = collectors.Malformed("GET "+url, err)
		}
	}
	if upstream.StatusOf(err) == http.StatusAccepted {
		return r.wait(ctx, repository)
	}
	stop := r.breaker.Note(err)
	switch {
	case observation.ClassOf(err) == observation.ClassNotFound:
		r.mu.Lock()
		r.held = append(r.held, repository)
		known := r.known
		r.mu.Unlock()
		if !known {
			return nil
		}
		return r.release(ctx)
	case err != nil:
		return errors.Join(r.fail(ctx, repository, url, body, err), stop)
	case p == nil:
		r.answer(repository, func() { r.known = true; r.report.Unchanged++ })
		return errors.Join(r.emit(ctx, resp.Record()), r.release(ctx))
	}
	r.answer(repository, func() {
		r.known = true
		r.count(repository, p)
		if len(p.rejects) > 0 {
			delete(r.answered, hashOf(repository)) // it may be whole the next time
		}
	})
	all := make([]observation.Observation, 0, len(p.rejects)+2)
	for _, reject := range p.rejects {
		all = append(all, reject)
	}
	return errors.Join(r.emit(ctx, append(all, p.result, resp.Record())...), r.release(ctx))
}

// release emits that repositories have no result.
func (r *run) release(ctx context.Context) error {
	r.mu.Lock()
	held := r.held
	r.held = nil
	r.mu.Unlock()
	for _, repository := range held {
		r.answer(repository, func() { r.missing++ })
		if err := r.emit(ctx, r.without(repository, observation.StateNoResult, reasonNone)); err != nil {
			return err
		}
	}
	return nil
}

// unchanged reports whether the answer is the one of last time. The API promises
// no ETag, so the hash of the body counts too.
func unchanged(resp *upstream.Response) bool {
	if resp.NotModified {
		return true
	}
	now := resp.Record()
	return resp.Previous != nil && now != nil && now.SHA256 == resp.Previous.SHA256
}

// fail records that nothing was learned of a repository, and keeps a body that
// could not be read.
func (r *run) fail(ctx context.Context, repository, url string, body []byte, err error) error {
	class := observation.ClassOf(err)
	r.mu.Lock()
	r.failed++
	r.last = err
	all := r.unavailable(repository, reasonUnavailable+string(class))
	if !class.Retryable() {
		r.rejects++
		all = append(all, collectors.NewReject(url, err.Error(), string(body)))
	}
	r.mu.Unlock()
	return r.emit(ctx, all...)
}

// wait records that the API is at work on a repository's result: it answers, but
// has nothing to say yet.
func (r *run) wait(ctx context.Context, repository string) error {
	_ = r.breaker.Note(nil) // an answer never ends the run
	r.mu.Lock()
	r.known = true
	r.pending++
	all := r.unavailable(repository, reasonPending)
	r.mu.Unlock()
	return r.emit(ctx, all...)
}

// unavailable makes a repository due for the next run, and returns the row that
// says why. One that answered in the last days has its row; an unavailable one of
// the same day would take its place.
func (r *run) unavailable(repository, reason string) (rows []observation.Observation) {
	hash := hashOf(repository)
	if r.answered[hash] == "" {
		rows = append(rows, r.without(repository, observation.StateUnavailable, reason))
	}
	delete(r.answered, hash)
	return rows
}

// answer notes that a repository answered today.
func (r *run) answer(repository string, count func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered[hashOf(repository)] = day(r.in.Now)
	count()
}

func (r *run) count(repository string, p *parsed) {
	r.rejects += len(p.rejects)
	if p.renamed != "" {
		r.renamed = append(r.renamed, repository)
	}
	for _, c := range p.result.Checks {
		if _, known := posture.Weight(c.Name); !known {
			r.unknown[c.Name] = true
		}
	}
	if posture.Noted(p.result.Stated, p.result.Aggregate) {
		r.noted++
	}
	if p.result.ObservedOn.After(r.report.Through) {
		r.report.Through = p.result.ObservedOn
	}
}

func (r *run) progress(total int, repository string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	r.in.Progress(r.done, total, repository)
}

// without is the result row of a repository that has no result to show.
func (r *run) without(repository string, state observation.ResultState, reason string) *observation.ScorecardResult {
	return &observation.ScorecardResult{
		Subject:    repository,
		ObservedOn: r.in.Now.UTC().Truncate(24 * time.Hour),
		Source:     observation.SourceAPI,
		State:      state,
		Reason:     reason,
	}
}

func (r *run) note() string {
	slices.Sort(r.renamed)
	var parts []string
	add := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(r.missing, "Without a result: %d.", r.missing)
	add(r.pending, "Results that the API is still making, asked for again by the next run: %d.", r.pending)
	add(r.failed, "Could not be asked or read, and are asked again by the next run: %d.", r.failed)
	add(r.elsewhere, "On hosts that Scorecard does not cover: %d.", r.elsewhere)
	add(r.rejects, "Records refused: %d.", r.rejects)
	add(r.noted, "Aggregates that differ by more than 0.05 from the recomputed ones: %d.", r.noted)
	add(len(r.unknown), "Checks that the documentation does not know, weighed as Medium: %s.", collectors.Names(slices.Sorted(maps.Keys(r.unknown))))
	add(len(r.renamed), "Answered under another name: %s.", collectors.Names(r.renamed))
	return strings.Join(parts, " ")
}

// urlOf returns the API's URL of host/owner/name, whose case matters.
func urlOf(repository string) string {
	parts := strings.Split(repository, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return apiURL + strings.Join(parts, "/")
}
