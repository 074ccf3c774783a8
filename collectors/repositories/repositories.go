// Package repositories asks the forges (GitHub, GitLab, Codeberg, Bitbucket)
// whether the repositories that projects name are still there, and where those
// went that were renamed or given to another owner. A forge says so by redirecting.
package repositories

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// Name is the collector's name.
	Name = "repositories"

	maxHops      = 3  // redirects followed for one repository
	breakerLimit = 20 // failures in a row of one forge
	doubtful     = 20 // repositories that a forge may not have before it has had one
	maxWitnesses = 3  // asked of one forge in one run
)

// Source is what this package needs of upstream.Client.
type Source interface {
	Locate(ctx context.Context, rawURL string) (upstream.Location, error)
}

// cursor remembers when a forge answered last. What each said is asked of the
// catalogue.
type cursor struct {
	Through time.Time `json:"through"`
}

// Collector asks the forges. It implements collectors.Collector.
type Collector struct{ source Source }

// New returns the collector.
func New(s Source) *Collector { return &Collector{source: s} }

// Name implements collectors.Collector.
func (*Collector) Name() string { return Name }

// Collect asks about the repositories that were never asked about, that answered
// long ago, or that are gone, at most maxAsked in a run; for one project it asks
// about what that names. It emits what became of each: found, moved with its new
// name, or gone. One that redirects to anything but a repository of the same
// forge is rejected and stays as it is known.
//
// A forge that has none of the repositories it is asked for (404) is believed
// only when it has answered for another: one that does not is taken as out of
// reach, and nothing there as gone. A forge that is out of reach makes the run
// partial; when none answers for any of twenty repositories the run fails.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	var cur cursor
	if err := in.Cursor.Read(Name, &cur); err != nil {
		return collectors.Report{}, err
	}
	known, err := in.Catalog.RepositoryStates(ctx, in.Track)
	if err != nil {
		return collectors.Report{}, err
	}
	var one []string
	if in.Project != "" {
		if one, err = in.Catalog.TrackedRepositories(ctx, in.Track, in.Project); err != nil {
			return collectors.Report{}, err
		}
		one = append([]string{}, one...) // not nil, though it names none
	} else if len(known) == 0 && in.Track > 0 {
		return collectors.NothingKnown(in, "repository", "pypi"), nil
	}
	r := &run{source: c.source, in: in, emit: emit, choice: choose(known, one, in.Now), forges: map[string]*forge{}, through: cur.Through}
	for i, name := range r.due {
		in.Progress(i, len(r.due), name)
		if err := r.ask(ctx, name); err != nil {
			return collectors.Report{}, err
		}
	}
	for _, host := range r.hosts() {
		if err := r.settle(ctx, r.forges[host]); err != nil {
			return collectors.Report{}, err
		}
	}
	if err := r.silence(); err != nil {
		return collectors.Report{}, err
	}
	return r.report(), nil
}

// run is the state of one run.
type run struct {
	choice
	source  Source
	in      collectors.Input
	emit    collectors.Emit
	forges  map[string]*forge // by host
	through time.Time

	moved, gone, failed, rejects int
}

// forge is one forge as it behaves in this run.
type forge struct {
	host    string
	breaker collectors.Breaker
	alive   bool                      // it has answered for a repository
	held    []*observation.Repository // that it does not have, before it was alive
	err     error                     // why it is left alone
}

func (r *run) forge(host string) *forge {
	f := r.forges[host]
	if f == nil {
		f = &forge{host: host, breaker: collectors.Breaker{Limit: breakerLimit}}
		r.forges[host] = f
	}
	return f
}

func (r *run) hosts() []string {
	hosts := make([]string, 0, len(r.forges))
	for host := range r.forges {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	return hosts
}

// ask asks about one repository and emits what came of it. Its error ends the
// run.
func (r *run) ask(ctx context.Context, name string) error {
	f := r.forge(hostOf(name))
	if f.err != nil {
		r.failed++
		return nil
	}
	target, err := r.follow(ctx, name)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	stop := f.breaker.Note(err)
	if observation.ClassOf(stop) == observation.ClassInternal {
		return stop
	}
	f.err = stop
	answer := &observation.Repository{Name: name, Target: target, ObservedAt: r.in.Now}
	switch class := observation.ClassOf(err); {
	case class == observation.ClassNotFound:
		answer.State = observation.RepositoryGone
		return r.miss(ctx, f, answer)
	case class.Retryable():
		r.failed++
		return nil
	case err != nil:
		r.failed++
		r.rejects++
		return r.emit(ctx, collectors.NewReject(urlOf(name), err.Error(), ""))
	case target == name:
		answer.State = observation.RepositoryFound
	default:
		answer.State = observation.RepositoryMoved
		r.moved++
	}
	if err := r.believe(ctx, f); err != nil {
		return err
	}
	r.through = r.in.Now
	return r.emit(ctx, answer)
}

// follow returns where a repository lives: its own name, or the one that its
// forge redirects to. It is ClassNotFound when the forge has it no longer, there
// or where it went.
func (r *run) follow(ctx context.Context, name string) (string, error) {
	at, been := name, map[string]bool{name: true}
	for hops := 0; ; hops++ {
		location, err := r.source.Locate(ctx, urlOf(at))
		if err != nil {
			return "", err
		}
		if location.To == "" {
			return at, nil
		}
		next, err := target(at, location.To)
		switch {
		case err != nil:
			return "", err
		case location.To == urlOf(at):
			return "", collectors.Malformed(urlOf(name), errors.New("it redirects to itself"))
		case next == at: // it shows the repository at another of its pages
			return at, nil
		case been[next]:
			return "", collectors.Malformed(urlOf(name), errors.New("it redirects in circles"))
		case hops == maxHops:
			return "", collectors.Malformed(urlOf(name), fmt.Errorf("it redirects more than %d times", maxHops))
		}
		been[next] = true
		at = next
	}
}

// target cuts a redirect to the repository it leads to. That must be on the
// forge that redirects. GitLab sends whoever asks for what is private or not
// there to its sign-in page, which is its way of saying 404.
func target(from, to string) (string, error) {
	host := hostOf(from)
	u, err := url.Parse(to)
	if err != nil {
		return "", collectors.Malformed(urlOf(from), errors.New("it redirects to what is no URL"))
	}
	if u.Host == host && host == "gitlab.com" && u.Path == "/users/sign_in" {
		return "", &observation.Error{Class: observation.ClassNotFound, Op: urlOf(from), Err: errors.New("it asks to sign in")}
	}
	repository, ok := collectors.RepositoryOf(to)
	if !ok || u.Scheme != "https" || u.User != nil || u.Host != host {
		return "", collectors.Malformed(urlOf(from), fmt.Errorf("it redirects to %.200q, which is no repository of %s", u.Redacted(), host))
	}
	return repository, nil
}

// miss takes the word of a forge that it does not have a repository, and keeps it
// back until the forge is known to be there.
func (r *run) miss(ctx context.Context, f *forge, answer *observation.Repository) error {
	f.held = append(f.held, answer)
	if f.alive {
		return r.believe(ctx, f)
	}
	if len(f.held) < doubtful {
		return nil
	}
	return r.settle(ctx, f)
}

// believe emits what was kept back of a forge that has answered.
func (r *run) believe(ctx context.Context, f *forge) error {
	f.alive = true
	for _, answer := range f.held {
		r.gone++
		r.through = r.in.Now
		if err := r.emit(ctx, answer); err != nil {
			return err
		}
	}
	f.held = nil
	return nil
}

// settle decides about what is kept back of a forge: it asks for repositories
// that were there last time. When the forge has none of those either, it is left
// alone.
func (r *run) settle(ctx context.Context, f *forge) error {
	if len(f.held) == 0 {
		return nil
	}
	witnesses := r.witnesses[f.host]
	for _, name := range witnesses[:min(len(witnesses), maxWitnesses)] {
		_, err := r.follow(ctx, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			return r.believe(ctx, f)
		}
	}
	r.failed += len(f.held)
	if f.err == nil {
		f.err = &observation.Error{Class: observation.ClassUnavailable, Op: "https://" + f.host + "/",
			Err: fmt.Errorf("it has none of the %d repositories that it was asked for (404): it is taken as out of reach, and none as gone", len(f.held))}
	}
	f.held = nil
	return nil
}

// silence is the error of a run in which no forge answered. Of a few repositories
// it says too little: each may be gone.
func (r *run) silence() error {
	var errs []error
	if r.failed < doubtful {
		return nil
	}
	for _, host := range r.hosts() {
		f := r.forges[host]
		if f.alive {
			return nil
		}
		errs = append(errs, f.err)
	}
	return errors.Join(errs...)
}

func (r *run) report() collectors.Report {
	var parts []string
	note := func(n int, format string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, n))
		}
	}
	note(r.moved, "Moved: %d.")
	note(r.gone, "Gone: %d.")
	note(r.failed, "Could not be asked or believed, and are asked again by the next run: %d.")
	note(r.waiting, "Wait for the next runs: %d.")
	note(r.elsewhere, "On other hosts: %d.")
	note(r.rejects, "Answers refused: %d.")
	for _, host := range r.hosts() {
		if err := r.forges[host].err; err != nil {
			parts = append(parts, host+" was left alone: "+err.Error()+".")
		}
	}
	return collectors.Report{
		Cursor:    collectors.NewCursor(cursor{Through: r.through}),
		Unchanged: uint64(r.fresh),
		Skipped:   uint64(r.failed + r.waiting + r.elsewhere),
		Note:      strings.Join(parts, " "),
		Partial:   r.failed > 0 || r.rejects > 0,
		Through:   r.through,
	}
}

// urlOf is where a forge shows host/owner/name.
func urlOf(repository string) string { return "https://" + repository }
