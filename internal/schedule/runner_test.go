package schedule

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// memory is a store of runs, and what happened in which order.
type memory struct {
	mu     sync.Mutex
	runs   []observation.Run // as they were last written, oldest first
	events []string
	fail   map[string]error // by event
}

func (m *memory) event(name string) error {
	m.events = append(m.events, name)
	return m.fail[name]
}

func (m *memory) LastCursor(_ context.Context, collector string) (cursor string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.runs {
		if r.Collector == collector && (r.State == observation.RunOK || r.State == observation.RunPartial) {
			cursor = r.Cursor
		}
	}
	return cursor, m.event("cursor")
}

func (m *memory) LastRuns(context.Context) ([]observation.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest := map[string]observation.Run{}
	for _, r := range m.runs {
		newest[r.Collector] = r
	}
	return slices.Collect(maps.Values(newest)), m.event("last")
}

func (m *memory) OpenRun(_ context.Context, run observation.Run) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs = append(m.runs, run)
	return m.event("open")
}

func (m *memory) CloseRun(ctx context.Context, run observation.Run) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.runs, func(r observation.Run) bool { return r.ID == run.ID })
	m.runs[i] = run
	return m.event("close")
}

func (m *memory) list() []observation.Run {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.runs)
}

// paper is a Writer that counts.
type paper struct {
	m       *memory
	held    observation.Counts
	durable observation.Counts
}

func (p *paper) Emit(_ context.Context, o observation.Observation) error {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	switch o := o.(type) {
	case *observation.Reject:
		p.held.Rejects++
	case *observation.Project:
		p.held.Unchanged++
	case *observation.ScorecardResult:
		p.held.Rows++
		p.held.Days = append(p.held.Days, o.ObservedOn)
	default:
		p.held.Rows++
	}
	return p.m.event("emit")
}

func (p *paper) Flush(ctx context.Context) error {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if err := p.m.event("flush"); err != nil {
		return err
	}
	if ctx.Err() == nil {
		p.durable = p.held
	}
	return ctx.Err()
}

func (p *paper) Counts() observation.Counts { return p.durable }

// source is a collector of one function.
type source struct {
	name    string
	collect func(context.Context, collectors.Input, collectors.Emit) (collectors.Report, error)
}

func (s source) Name() string { return s.name }
func (s source) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	return s.collect(ctx, in, emit)
}

func newTestRunner(m *memory, derive func(context.Context, Finished) error) *Runner {
	return NewRunner(Options{
		Store:     m,
		NewWriter: func(observation.Run) Writer { return &paper{m: m} },
		Derive: func(ctx context.Context, f Finished) error {
			m.mu.Lock()
			err := m.event("derive")
			m.mu.Unlock()
			if err == nil && derive != nil {
				err = derive(ctx, f)
			}
			return err
		},
		Upstream: "mirror",
		Version:  "1.0",
		Track:    7,
		Now:      func() time.Time { return noon },
	})
}

func TestRunStates(t *testing.T) {
	list := &observation.RankList{ObservedOn: noon.Truncate(24 * time.Hour)}
	reject := &observation.Reject{Object: "x"}
	through := noon.Add(-time.Hour)
	for name, tt := range map[string]struct {
		collect func(context.Context, collectors.Input, collectors.Emit) (collectors.Report, error)
		fail    map[string]error
		state   observation.RunState
		class   observation.Class
		cursor  string
		rows    uint64
	}{
		"ok": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{Cursor: "new", Unchanged: 1, Skipped: 2, Note: "why", Through: through}, errors.Join(emit(ctx, list), emit(ctx, &observation.Project{}))
			}, state: observation.RunOK, cursor: "new", rows: 1,
		},
		"partial by its report": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{Cursor: "new", Partial: true}, nil
			}, state: observation.RunPartial, cursor: "new",
		},
		"partial by a reject": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{Cursor: "new"}, emit(ctx, reject)
			}, state: observation.RunPartial, cursor: "new",
		},
		"failed with a class": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{Cursor: "new"}, &observation.Error{Class: observation.ClassEmpty, Op: "GET x"}
			}, state: observation.RunFailed, class: observation.ClassEmpty, cursor: "old",
		},
		"failed after it emitted": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{}, errors.Join(emit(ctx, list), &observation.Error{Class: observation.ClassUnavailable, Op: "GET x"})
			}, state: observation.RunFailed, class: observation.ClassUnavailable, cursor: "old", rows: 1,
		},
		"failed without one": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{Cursor: "new"}, errors.New("odd")
			}, state: observation.RunFailed, class: observation.ClassInternal, cursor: "old",
		},
		"panic": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				var none []int
				none[in.Track]++
				return collectors.Report{Cursor: "new"}, nil
			}, state: observation.RunFailed, class: observation.ClassInternal, cursor: "old",
		},
		"emit fails": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{Cursor: "new"}, emit(ctx, list)
			}, fail: map[string]error{"emit": errors.New("store is down")}, state: observation.RunFailed, class: observation.ClassInternal, cursor: "old", rows: 1,
		},
		"not durable": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{Cursor: "new"}, emit(ctx, list)
			}, fail: map[string]error{"flush": errors.New("store is down")}, state: observation.RunFailed, class: observation.ClassInternal, cursor: "old",
		},
		"not derived": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				return collectors.Report{Cursor: "new"}, emit(ctx, list)
			}, fail: map[string]error{"derive": errors.New("out of memory")}, state: observation.RunFailed, class: observation.ClassInternal, cursor: "old", rows: 1,
		},
		"cancelled but says nothing": {
			collect: func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				in.Progress(1, 2, "cancel")
				return collectors.Report{Cursor: "new"}, nil
			}, state: observation.RunFailed, class: observation.ClassInternal, cursor: "old",
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := observation.Run{ID: "before", Collector: "osv", State: observation.RunOK, Cursor: "old"}
			m := &memory{runs: []observation.Run{before}, fail: tt.fail}
			r := newTestRunner(m, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			run, err := r.Run(ctx, source{"osv", func(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				if in.Cursor != "old" || in.Track != 7 || !in.Now.Equal(noon) || in.Project != "otter" {
					t.Errorf("input %+v", in)
				}
				progress := in.Progress
				in.Progress = func(done, total int, what string) {
					if progress(done, total, what); what == "cancel" {
						cancel()
					}
				}
				return tt.collect(ctx, in, emit)
			}}, Request{Project: "otter"})
			if (err != nil) != (tt.state == observation.RunFailed) {
				t.Errorf("error %v", err)
			}
			stored := m.list()[1]
			if stored != run {
				t.Errorf("stored %+v, returned %+v", stored, run)
			}
			if run.State != tt.state || run.ErrorClass != tt.class || run.Cursor != tt.cursor || run.Rows != tt.rows {
				t.Errorf("run %+v", run)
			}
			if run.Upstream != "mirror" || run.Version != "1.0" || run.FinishedAt.IsZero() || run.ID == "" || run.Project != "otter" {
				t.Errorf("run %+v", run)
			}
			if name == "ok" && (run.Unchanged != 2 || run.Skipped != 2 || run.Note != "why" || !run.Through.Equal(through)) {
				t.Errorf("run %+v", run)
			}
			if (run.Error == "") != (err == nil) {
				t.Errorf("error text %q", run.Error)
			}
			if strings.HasPrefix(name, "cancelled") && !strings.Contains(run.Note, "Stopped") {
				t.Errorf("note %q", run.Note)
			}
			if len(r.Activity()) != 0 {
				t.Errorf("still active: %+v", r.Activity())
			}
		})
	}
}

func TestTheCursorMovesLast(t *testing.T) {
	m := &memory{}
	r := newTestRunner(m, nil)
	_, err := r.Run(t.Context(), source{"osv", func(ctx context.Context, _ collectors.Input, emit collectors.Emit) (collectors.Report, error) {
		return collectors.Report{Cursor: "new"}, emit(ctx, &observation.Advisory{ID: "PYSEC-1"})
	}}, Request{})
	if want := []string{"cursor", "last", "open", "emit", "flush", "derive", "close"}; err != nil || !slices.Equal(m.events, want) {
		t.Errorf("%v, %v", m.events, err)
	}
}

func TestDeriveHearsOfDaysOnlyAfterAWholeRun(t *testing.T) {
	d1, d2 := noon.AddDate(0, 0, -14).Truncate(24*time.Hour), noon.AddDate(0, 0, -7).Truncate(24*time.Hour)
	for name, tt := range map[string]struct {
		before  observation.RunState // "": no run before
		emit    bool
		derives bool
		days    []time.Time
	}{
		"first run":                    {"", true, true, nil},
		"first run, nothing new":       {"", false, true, nil},
		"after a whole one":            {observation.RunOK, true, true, []time.Time{d1, d2}},
		"after a partial one":          {observation.RunPartial, true, true, []time.Time{d1, d2}},
		"nothing new after a whole":    {observation.RunOK, false, false, nil},
		"after a killed one":           {observation.RunRunning, true, true, nil},
		"nothing new after a failed":   {observation.RunFailed, false, true, nil},
		"something after a failed one": {observation.RunFailed, true, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := &memory{}
			if tt.before != "" {
				m.runs = []observation.Run{{ID: "before", Collector: "scorecard", State: tt.before}}
			}
			var got []Finished
			r := newTestRunner(m, func(_ context.Context, f Finished) error { got = append(got, f); return nil })
			_, err := r.Run(t.Context(), source{"scorecard", func(ctx context.Context, _ collectors.Input, emit collectors.Emit) (collectors.Report, error) {
				if tt.emit {
					for _, d := range []time.Time{d1, d2} {
						if err := emit(ctx, &observation.ScorecardResult{ObservedOn: d}); err != nil {
							return collectors.Report{}, err
						}
					}
				}
				return collectors.Report{}, nil
			}}, Request{})
			if err != nil || (len(got) == 1) != tt.derives {
				t.Fatalf("derived %v, %v", got, err)
			}
			if tt.derives && (!slices.Equal(got[0].Days, tt.days) || (got[0].Days == nil) != (tt.days == nil) || got[0].Run.Collector != "scorecard") {
				t.Errorf("derived from %+v", got[0])
			}
		})
	}
}

func TestOneRunOfASourceAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		r := newTestRunner(m, nil)
		slow := func(name string) source {
			return source{name, func(ctx context.Context, in collectors.Input, _ collectors.Emit) (collectors.Report, error) {
				in.Progress(3, 10, "page 3")
				return collectors.Report{}, wait(ctx, time.Minute)
			}}
		}
		var wg sync.WaitGroup
		for _, name := range []string{"osv", "pypi"} {
			wg.Go(func() {
				if _, err := r.Run(t.Context(), slow(name), Request{}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if _, err := r.Run(t.Context(), slow("osv"), Request{}); !errors.Is(err, ErrBusy) {
			t.Errorf("a second run: %v", err)
		}
		want := []Activity{{"osv", noon, 3, 10, "page 3"}, {"pypi", noon, 3, 10, "page 3"}}
		if got := r.Activity(); !slices.Equal(got, want) {
			t.Errorf("activity %+v", got)
		}
		wg.Wait()
		if len(r.Activity()) != 0 || len(m.list()) != 2 {
			t.Errorf("afterwards: %+v, %d runs", r.Activity(), len(m.list()))
		}
	})
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		r := newTestRunner(m, nil)
		start := time.Now()
		run, err := r.Run(t.Context(), source{"osv", func(ctx context.Context, _ collectors.Input, _ collectors.Emit) (collectors.Report, error) {
			<-ctx.Done()
			return collectors.Report{Cursor: "new"}, ctx.Err()
		}}, Request{})
		if err == nil || run.State != observation.RunFailed || run.ErrorClass != observation.ClassTimeout || run.Cursor != "" {
			t.Errorf("%+v, %v", run, err)
		}
		if got := time.Since(start); got != cadenceOf("osv").Deadline {
			t.Errorf("took %v", got)
		}
		if run.Note != "" {
			t.Errorf("note %q: nobody stopped it", run.Note)
		}
	})
}

func TestStoreFailures(t *testing.T) {
	c := source{"osv", func(context.Context, collectors.Input, collectors.Emit) (collectors.Report, error) {
		return collectors.Report{}, nil
	}}
	for _, event := range []string{"cursor", "last", "open", "close"} {
		m := &memory{fail: map[string]error{event: errors.New("store is down")}}
		r := newTestRunner(m, nil)
		if _, err := r.Run(t.Context(), c, Request{}); err == nil || !strings.Contains(err.Error(), "store is down") {
			t.Errorf("%s: %v", event, err)
		}
		if len(r.Activity()) != 0 {
			t.Errorf("%s: still active", event)
		}
	}
}

func TestRunsFollowEachOtherWhateverTheClockSays(t *testing.T) {
	m := &memory{runs: []observation.Run{{ID: "before", Collector: "osv", State: observation.RunOK, StartedAt: noon.Add(time.Hour), FinishedAt: noon.Add(time.Hour)}}}
	r := newTestRunner(m, nil)
	c := source{"osv", func(_ context.Context, in collectors.Input, _ collectors.Emit) (collectors.Report, error) {
		if !in.Now.Equal(noon) {
			t.Errorf("the run's time is %v", in.Now)
		}
		return collectors.Report{}, nil
	}}
	for range 2 {
		if _, err := r.Run(t.Context(), c, Request{}); err != nil {
			t.Fatal(err)
		}
	}
	runs := m.list()
	for i := 1; i < len(runs); i++ {
		if !runs[i].StartedAt.After(runs[i-1].StartedAt) || runs[i].FinishedAt.Before(runs[i].StartedAt) {
			t.Errorf("run %d from %v to %v, the one before from %v", i, runs[i].StartedAt, runs[i].FinishedAt, runs[i-1].StartedAt)
		}
	}
}

// away is a store that answers nothing while a run is closed.
type away struct{ *memory }

func (away) CloseRun(ctx context.Context, _ observation.Run) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestClosingWaitsForTheStoreButNotWhenStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := func(ctx context.Context) time.Duration {
			r := NewRunner(Options{Store: away{&memory{}}, NewWriter: func(observation.Run) Writer { return &paper{m: &memory{}} }})
			start := time.Now()
			_, err := r.Run(ctx, source{"osv", func(context.Context, collectors.Input, collectors.Emit) (collectors.Report, error) {
				return collectors.Report{}, nil
			}}, Request{})
			if err == nil {
				t.Error("a run that could not be closed was taken for one that was")
			}
			return time.Since(start)
		}
		if took := closed(t.Context()); took != closePatience {
			t.Errorf("waited %v for the store, want %v", took, closePatience)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if took := closed(ctx); took != 10*time.Second+closeWithin {
			t.Errorf("stopped after 10s, the run was given up after %v", took)
		}
	})
}

// TestShrunkSource tells the way out of a guard that would refuse for ever.
func TestShrunkSource(t *testing.T) {
	c := source{"osv", func(_ context.Context, in collectors.Input, _ collectors.Emit) (collectors.Report, error) {
		if in.Fresh {
			return collectors.Report{Cursor: "new"}, nil
		}
		return collectors.Report{}, collectors.CheckSize("GET x", "records", 5, 10)
	}}
	m := &memory{}
	run, err := newTestRunner(m, nil).Run(t.Context(), c, Request{})
	if run.ErrorClass != observation.ClassEmpty || err == nil || !strings.HasSuffix(run.Error, "; if the source has shrunk for good, run: pyrometer collect --fresh osv") {
		t.Errorf("run %+v, error %v", run, err)
	}
	if _, err := newTestRunner(m, nil).Run(t.Context(), c, Request{Fresh: true}); err != nil {
		t.Error(err)
	}
}

// A run from the beginning keeps its place when it fails.
func TestFreshRun(t *testing.T) {
	m := &memory{runs: []observation.Run{{Collector: "osv", State: observation.RunOK, StartedAt: noon.Add(-time.Hour), Cursor: "old"}}}
	var began collectors.Cursor
	fails := errors.New("down")
	c := source{"osv", func(_ context.Context, in collectors.Input, _ collectors.Emit) (collectors.Report, error) {
		began = in.Cursor
		return collectors.Report{Cursor: "new"}, fails
	}}
	run, err := newTestRunner(m, nil).Run(t.Context(), c, Request{Fresh: true})
	if err == nil || began != "" || run.Cursor != "old" {
		t.Errorf("began at %q and left %q: %v", began, run.Cursor, err)
	}
	fails = nil
	if run, err = newTestRunner(m, nil).Run(t.Context(), c, Request{Fresh: true}); err != nil || run.Cursor != "new" {
		t.Errorf("left %q: %v", run.Cursor, err)
	}
}
