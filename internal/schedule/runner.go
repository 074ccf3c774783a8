// Package schedule turns collectors into runs: it opens and closes their
// records, moves their cursors, and starts them at their times.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const (
	// closePatience is how long the store may be away when a run ends: the
	// embedded engine is back within seconds.
	closePatience = 2 * time.Minute
	// closeWithin is how long the record of a run may still take to be written
	// when the program is being stopped.
	closeWithin = 1500 * time.Millisecond
)

// ErrBusy is returned when a source is asked to run while it is running.
var ErrBusy = errors.New("this source is being collected already")

// Store is what a run asks of the store. The cursor of a collector is that of
// its newest whole run that closed ok or partial; it is part of the run's record, so
// it moves with it and not before.
type Store interface {
	// LastCursor returns the cursor that the next run starts from, "" for none.
	LastCursor(ctx context.Context, collector string) (string, error)
	// LastRuns returns the newest run of every collector that ever ran, in
	// whatever state it is; one for a single project only when it failed or is
	// open.
	LastRuns(ctx context.Context) ([]observation.Run, error)
	OpenRun(ctx context.Context, run observation.Run) error
	CloseRun(ctx context.Context, run observation.Run) error
}

// Writer stores what one run observes. It is used by one run only, perhaps by
// several of its goroutines, and holds nothing that must be given back.
type Writer interface {
	// Emit buffers one observation and may block while the store is behind.
	Emit(ctx context.Context, o observation.Observation) error
	// Flush returns when everything that was emitted is durable. When ctx is
	// over it gives up and returns an error.
	Flush(ctx context.Context) error
	// Counts tells what is durable so far.
	Counts() observation.Counts
}

// Finished is what the derivations need to know of a run whose rows are durable.
type Finished struct {
	// Run is the record of the run as it will be closed, but for its end.
	Run observation.Run
	// Days are the days of the Scorecard results and rank lists that were
	// written, in order. None at all may mean every day: the run before may have
	// written rows without deriving from them.
	Days []time.Time
}

// Options is what a Runner is made of.
type Options struct {
	Store     Store
	NewWriter func(run observation.Run) Writer
	Catalog   collectors.Catalog
	// Derive is called when a run's rows are durable and before its record is
	// closed: if it fails, so does the run, and the next one repeats both. It is
	// left out when a run has stored nothing and the run before it was whole.
	Derive   func(ctx context.Context, f Finished) error
	Upstream string // live, mirror or simulated
	Version  string // Pyrometer's
	Track    int    // how many projects of the newest rank list are tracked
	Now      func() time.Time
	Log      *slog.Logger
}

// Request says how one run differs from a scheduled one.
type Request struct {
	Project  string        // ask only for this project
	Deadline time.Duration // 0: that of the collector's cadence
	// Fresh keeps the cursor of the last run from the collector: it asks for
	// everything, and takes a list that is far smaller than the last.
	Fresh bool
}

// Activity is one run that is under way.
type Activity struct {
	Collector string
	StartedAt time.Time
	Done      int
	Total     int    // 0 unknown
	What      string // what is being read, in a few words
}

// Runner runs collectors, each at most once at a time.
type Runner struct {
	o      Options
	mu     sync.Mutex
	active map[string]*Activity
}

// NewRunner returns a Runner.
func NewRunner(o Options) *Runner {
	if o.Now == nil {
		o.Now = func() time.Time { return time.Now().UTC() }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Derive == nil {
		o.Derive = func(context.Context, Finished) error { return nil }
	}
	return &Runner{o: o, active: map[string]*Activity{}}
}

// Activity returns what is running now, the longest running first.
func (r *Runner) Activity() []Activity {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Activity, 0, len(r.active))
	for _, a := range r.active {
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b Activity) int {
		if c := a.StartedAt.Compare(b.StartedAt); c != 0 {
			return c
		}
		return strings.Compare(a.Collector, b.Collector)
	})
	return list
}

func (r *Runner) begin(name string, now time.Time) (*Activity, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active[name] != nil {
		return nil, false
	}
	a := &Activity{Collector: name, StartedAt: now}
	r.active[name] = a
	return a, true
}

func (r *Runner) end(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.active, name)
}

func (r *Runner) progress(a *Activity, done, total int, what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.Done, a.Total, a.What = done, total, what
}

// Run runs one collector to its end and returns the record it left. The error
// is the run's own failure, ErrBusy, or that of the store; a run that was
// partial has none.
func (r *Runner) Run(ctx context.Context, c collectors.Collector, req Request) (observation.Run, error) {
	activity, free := r.begin(c.Name(), r.o.Now())
	if !free {
		return observation.Run{}, fmt.Errorf("%s: %w", c.Name(), ErrBusy)
	}
	defer r.end(c.Name())

	cursor, last, err := r.resume(ctx, c.Name())
	if err != nil {
		return observation.Run{}, fmt.Errorf("%s: reading where the last run ended: %w", c.Name(), err)
	}
	run := observation.Run{
		ID:        uuid.NewString(),
		Collector: c.Name(),
		StartedAt: after(last.StartedAt, activity.StartedAt),
		State:     observation.RunRunning,
		Cursor:    cursor,
		Upstream:  r.o.Upstream,
		Version:   r.o.Version,
		Project:   req.Project,
	}
	if err := r.o.Store.OpenRun(ctx, run); err != nil {
		return run, fmt.Errorf("%s: opening the run: %w", c.Name(), err)
	}
	r.o.Log.Info("run started", "collector", run.Collector, "run", run.ID)

	if req.Fresh {
		cursor = ""
	}
	e := execution{Runner: r, collector: c, request: req, activity: activity, cursor: cursor, last: last, run: &run}
	failure := e.do(ctx)
	e.finish(ctx, failure)

	closing, cancel := closingContext(ctx)
	defer cancel()
	if err := r.o.Store.CloseRun(closing, run); err != nil {
		r.o.Log.Error("run could not be closed", "collector", run.Collector, "run", run.ID, "error", err)
		return run, errors.Join(failure, fmt.Errorf("%s: closing the run: %w", c.Name(), err))
	}
	level := slog.LevelInfo
	if failure != nil {
		level = slog.LevelWarn
	}
	r.o.Log.Log(closing, level, "run finished", "collector", run.Collector, "run", run.ID, "state", run.State, "rows", run.Rows,
		"unchanged", run.Unchanged, "skipped", run.Skipped, "rejects", run.Rejects, "took", run.FinishedAt.Sub(run.StartedAt), "error", run.Error)
	return run, failure
}

// closingContext is for the end of a run's record, which is written even when
// ctx is over: a run left open would look as if it were still going on.
func closingContext(ctx context.Context) (context.Context, context.CancelFunc) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closePatience)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(closeWithin, cancel) })
	return closing, func() { stop(); cancel() }
}

// resume returns the cursor that the next run of a collector starts from, and
// its last run, the zero Run for none.
func (r *Runner) resume(ctx context.Context, collector string) (cursor string, last observation.Run, err error) {
	if cursor, err = r.o.Store.LastCursor(ctx, collector); err != nil {
		return "", last, err
	}
	runs, err := r.o.Store.LastRuns(ctx)
	for _, run := range runs {
		if run.Collector == collector {
			last = run
		}
	}
	return cursor, last, err
}

// after returns t, or a moment after the last run: which run is the newest must
// not depend on a clock that was put back or stands still.
func after(last, t time.Time) time.Time {
	if !last.IsZero() && !t.After(last) {
		return last.Add(time.Millisecond)
	}
	return t
}

// execution is one run from its opened record to the end of its work.
type execution struct {
	*Runner
	collector collectors.Collector
	request   Request
	activity  *Activity
	cursor    string          // that the run starts from
	last      observation.Run // the one before
	run       *observation.Run
	report    collectors.Report
	stored    observation.Counts
}

// do collects, makes durable and derives, within the deadline.
func (e *execution) do(ctx context.Context) (err error) {
	deadline := e.request.Deadline
	if deadline <= 0 {
		deadline = cadenceOf(e.collector.Name()).Deadline
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()

	writer := e.o.NewWriter(*e.run)
	err = e.collect(ctx, writer)
	// What a failed run has read is kept too: it is true, and was paid for.
	flushErr := writer.Flush(ctx)
	e.stored = writer.Counts()
	if err != nil {
		return err
	}
	if flushErr != nil {
		return fmt.Errorf("storing what was read: %w", flushErr)
	}
	f := Finished{Run: *e.run}
	f.Run.Rows, f.Run.Rejects, f.Run.Unchanged = e.stored.Rows, e.stored.Rejects, e.report.Unchanged+e.stored.Unchanged
	// A run that failed or was killed may have stored rows that nothing was
	// derived from.
	if e.last.State == observation.RunOK || e.last.State == observation.RunPartial {
		if e.stored.Rows == 0 {
			return nil
		}
		f.Days = e.stored.Days
	}
	e.progress(e.activity, 0, 0, "bringing the charts up to date")
	if err := e.derive(ctx, f); err != nil {
		return fmt.Errorf("bringing the charts up to date: %w", err)
	}
	return nil
}

// collect calls the collector and turns a panic into a failure of this run.
func (e *execution) collect(ctx context.Context, w Writer) (err error) {
	defer e.recovered(&err)
	in := collectors.Input{
		Cursor:   collectors.Cursor(e.cursor),
		Now:      e.activity.StartedAt,
		Project:  e.request.Project,
		Fresh:    e.request.Fresh,
		Track:    e.o.Track,
		Catalog:  e.o.Catalog,
		Progress: func(done, total int, what string) { e.progress(e.activity, done, total, what) },
	}
	e.report, err = e.collector.Collect(ctx, in, w.Emit)
	if errors.Is(err, collectors.ErrShrunk) {
		err = fmt.Errorf("%w; if the source has shrunk for good, run: pyrometer collect --fresh %s", err, e.run.Collector)
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err() // it did not see the source whole, whatever it says
	}
	return err
}

func (e *execution) derive(ctx context.Context, f Finished) (err error) {
	defer e.recovered(&err)
	return e.o.Derive(ctx, f)
}

func (e *execution) recovered(err *error) {
	if p := recover(); p != nil {
		e.o.Log.Error("panic in a run", "collector", e.run.Collector, "run", e.run.ID, "panic", p, "stack", string(debug.Stack()))
		*err = &observation.Error{Class: observation.ClassInternal, Op: e.run.Collector, Err: fmt.Errorf("panic: %v", p)}
	}
}

// finish writes the outcome into the record.
func (e *execution) finish(ctx context.Context, failure error) {
	run, report, stored := e.run, e.report, e.stored
	run.FinishedAt = e.o.Now()
	if run.FinishedAt.Before(run.StartedAt) {
		run.FinishedAt = run.StartedAt
	}
	run.Rows, run.Rejects, run.Unchanged = stored.Rows, stored.Rejects, report.Unchanged+stored.Unchanged
	run.Skipped, run.Note, run.Through = report.Skipped, report.Note, report.Through
	switch {
	case failure != nil:
		run.State = observation.RunFailed
		run.ErrorClass, run.Error = classOf(ctx, failure), failure.Error()
		if ctx.Err() != nil {
			run.Note = "Stopped before it was finished; the next run starts from the same place."
		}
	case report.Partial || run.Rejects > 0:
		run.State = observation.RunPartial
		run.Cursor = string(report.Cursor)
	default:
		run.State = observation.RunOK
		run.Cursor = string(report.Cursor)
	}
}

// classOf is the class of a run's failure. A run that was stopped is internal,
// whatever the failure it ended with; one that ran out of time is a timeout,
// even if its collector did not say so.
func classOf(ctx context.Context, err error) observation.Class {
	if ctx.Err() != nil {
		return observation.ClassInternal
	}
	class := observation.ClassOf(err)
	if _, classed := errors.AsType[*observation.Error](err); !classed && errors.Is(err, context.DeadlineExceeded) {
		return observation.ClassTimeout
	}
	return class
}
