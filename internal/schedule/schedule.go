package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// stopWithin is how long Shutdown waits for runs to end.
const stopWithin = 3 * time.Second

// Schedule starts runs at their times, in UTC. A source whose run is still
// going on is left out; whatever happens in one run, the others go on.
type Schedule struct {
	runner *Runner
	log    *slog.Logger
	jitter func(most time.Duration) time.Duration
	cron   *cron.Cron

	ctx  context.Context // over when the schedule is shut down
	stop context.CancelFunc
	wg   sync.WaitGroup // runs of a retry

	mu      sync.Mutex
	closed  bool
	retries map[string]bool // sources with a retry ahead
}

// New returns a schedule for collectors that have a cadence; one without is an
// error, as it would never run. jitter chooses a delay below its argument; nil
// is at random. Runs end when ctx does.
func New(ctx context.Context, r *Runner, list []collectors.Collector, cadences []Cadence, jitter func(time.Duration) time.Duration) (*Schedule, error) {
	if jitter == nil {
		jitter = func(most time.Duration) time.Duration { return rand.N(most) }
	}
	logger := cronLogger{r.o.Log}
	s := &Schedule{
		runner: r,
		log:    r.o.Log,
		jitter: jitter,
		// Recover is innermost: SkipIfStillRunning would never let a source run
		// again if a panic passed through it.
		cron:    cron.New(cron.WithLocation(time.UTC), cron.WithLogger(logger), cron.WithChain(cron.SkipIfStillRunning(logger), cron.Recover(logger))),
		retries: map[string]bool{},
	}
	s.ctx, s.stop = context.WithCancel(ctx)
	for _, c := range list {
		if err := s.add(c, cadences); err != nil {
			s.stop()
			return nil, err
		}
	}
	return s, nil
}

func (s *Schedule) add(c collectors.Collector, cadences []Cadence) error {
	for _, cadence := range cadences {
		if cadence.Source != c.Name() {
			continue
		}
		if err := cadence.check(); err != nil {
			return err
		}
		j := &job{schedule: s, collector: c, cadence: cadence}
		var err error
		j.entry, err = s.cron.AddJob(cadence.Cron, j)
		return err
	}
	return fmt.Errorf("collector %s has no cadence", c.Name())
}

// Start begins to start runs. It returns at once.
func (s *Schedule) Start() { s.cron.Start() }

// Next returns when each source runs next, without its jitter; none before
// Start.
func (s *Schedule) Next() map[string]time.Time {
	next := map[string]time.Time{}
	for _, e := range s.cron.Entries() {
		if j, ok := e.Job.(*job); ok && !e.Next.IsZero() {
			next[j.collector.Name()] = e.Next
		}
	}
	return next
}

// Shutdown ends every run and waits for them, for three seconds at most. It
// returns an error when some are still going on then.
func (s *Schedule) Shutdown() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	regular := s.cron.Stop()
	all := make(chan struct{})
	go func() {
		<-regular.Done()
		s.wg.Wait()
		close(all)
	}()
	timer := time.NewTimer(stopWithin)
	defer timer.Stop()
	select {
	case <-all:
		return nil
	case <-timer.C:
		return fmt.Errorf("runs did not end within %s of being told to", stopWithin)
	}
}

// job is one source in the schedule.
type job struct {
	schedule  *Schedule
	collector collectors.Collector
	cadence   Cadence
	entry     cron.EntryID
}

// Run waits for the jitter and runs the collector.
func (j *job) Run() {
	s := j.schedule
	if j.cadence.Jitter > 0 && wait(s.ctx, s.jitter(j.cadence.Jitter)) != nil {
		return
	}
	if s.ctx.Err() != nil {
		return
	}
	run, err := s.runner.Run(s.ctx, j.collector, Request{Deadline: j.cadence.Deadline})
	switch {
	case errors.Is(err, ErrBusy):
		s.log.Info("regular run left out: one is going on", "collector", j.collector.Name())
		return
	case err != nil && run.State != observation.RunFailed: // else it has been said
		s.log.Error("run could not be recorded", "collector", j.collector.Name(), "error", err)
	}
	if s.ctx.Err() == nil && j.cadence.Retry > 0 && run.State != observation.RunOK {
		j.retry()
	}
}

// retry runs the job once more after a while, unless its regular time comes
// first or a retry is ahead already.
func (j *job) retry() {
	s, name := j.schedule, j.collector.Name()
	entry := s.cron.Entry(j.entry)
	if time.Until(entry.Next) <= j.cadence.Retry {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.retries[name] {
		return
	}
	s.retries[name] = true
	s.wg.Go(func() {
		err := wait(s.ctx, j.cadence.Retry)
		s.mu.Lock()
		delete(s.retries, name)
		s.mu.Unlock()
		if err == nil {
			entry.WrappedJob.Run() // like a regular run: left out when one is going on
		}
	})
}

// wait waits for d, or less when ctx ends; then it returns its error.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// cronLogger passes on what cron says: its routine as debugging, its failures
// as errors.
type cronLogger struct{ log *slog.Logger }

func (l cronLogger) Info(msg string, keysAndValues ...any) {
	l.log.Debug("cron: "+msg, keysAndValues...)
}

func (l cronLogger) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error("cron: "+msg, append(keysAndValues, "error", err)...)
}
