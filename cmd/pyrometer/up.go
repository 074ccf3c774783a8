package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/schedule"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
	"github.com/pyrometer-dev/pyrometer/server"
)

// demoUpstream is what the demo shows: large enough that the cohorts of the
// first 100 and the first 1,000 are full.
const demoUpstream = "simulated:1000"

// memoryLimit is the Go heap that the garbage collector aims to stay below. The
// engine's memory comes on top; both together stay below 1 GiB.
const memoryLimit = 300 << 20

type upCmd struct {
	webFlags
	Demo string `help:"auto: show a simulated ecosystem when the store is empty and no source answers." enum:"auto,off" default:"auto" env:"PYROMETER_DEMO"`
}

// Run starts everything and stops it when the context ends. Pages answer before
// the database does.
func (c upCmd) Run(p *program) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if err := checkUpstream(p.cfg.Upstream); err != nil {
		return err
	}
	w, err := newWeb(p, c.webFlags)
	if err != nil {
		return err
	}
	// The group's context ends when the program is stopped or a part fails.
	group, ctx := errgroup.WithContext(p.ctx)
	part := *p
	part.ctx = ctx
	group.Go(func() error { return w.serve(ctx) })
	group.Go(func() error { return c.keep(&part, w) })
	return group.Wait()
}

// keep runs the database and the collection until the context ends.
func (c upCmd) keep(p *program, w *web) (err error) {
	d, err := p.connect(owning)
	if err != nil {
		return unlessStopped(p, err)
	}
	defer func() { err = errors.Join(err, d.close()) }()
	s, spec, err := c.choose(p, d)
	if err != nil {
		return unlessStopped(p, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	work, err := p.newCollecting(d, s, spec, w.metrics)
	if err != nil {
		return unlessStopped(p, err)
	}
	defer func() { err = errors.Join(err, work.close()) }()
	parsed, err := upstream.ParseSpec(spec)
	if err != nil {
		return err
	}
	w.ready(s, server.Mode{Upstream: parsed.Kind, Simulated: parsed.Kind == upstream.Simulated, Projects: parsed.Projects})
	defer showProgress(p, work.runner.Activity)()
	defer w.keepWarm(p.ctx)()

	w.show(func() []server.Activity {
		return []server.Activity{{Source: "database", What: "what an older version derived"}}
	})
	if err := work.refresh(); err != nil {
		return unlessStopped(p, err)
	}
	first := &firstCollection{collecting: work}
	w.show(first.activity)
	if err := first.backfill(); err != nil {
		return unlessStopped(p, err)
	}
	timetable, err := schedule.New(work.p.ctx, work.runner, registry(work.client), schedule.Cadences(), nil)
	if err != nil {
		return err
	}
	timetable.Start()
	defer func() { err = errors.Join(err, timetable.Shutdown()) }()
	if err := first.collect(); err != nil {
		return unlessStopped(p, err)
	}
	<-work.p.ctx.Done()
	return unlessStopped(p, work.ended())
}

// unlessStopped drops the error that being stopped causes: that is how up ends.
func unlessStopped(p *program, err error) error {
	if p.ctx.Err() != nil {
		return nil
	}
	return err
}

// choose opens the store. With --demo=auto, an empty one, and no source that
// answers, it is the demo's store and its simulated upstream.
func (c upCmd) choose(p *program, d *database) (*store.Store, string, error) {
	s, err := p.open(d, p.databaseFor(p.cfg.Upstream))
	if err != nil {
		return nil, "", err
	}
	if c.Demo == "off" || p.cfg.Upstream != upstream.Live {
		return s, p.cfg.Upstream, nil
	}
	known, err := s.Sources(p.ctx)
	if err != nil {
		return nil, "", errors.Join(err, s.Close())
	}
	for _, source := range known {
		if !source.LastSuccess.IsZero() {
			return s, p.cfg.Upstream, nil
		}
	}
	client, err := p.newClient(p.cfg.Upstream, nil, nil)
	if err != nil {
		return nil, "", errors.Join(err, s.Close())
	}
	if client.Reachable(p.ctx) {
		return s, p.cfg.Upstream, nil
	}
	fmt.Fprintln(p.err, "No source answers and nothing is stored yet: showing a simulated, fictional ecosystem. Start again to try the sources again.")
	if err := s.Close(); err != nil {
		return nil, "", err
	}
	s, err = p.open(d, demoDatabase)
	return s, demoUpstream, err
}

// firstCollection asks every source that is due at the start: all of them the
// first time, later those whose time passed while the program was not running.
type firstCollection struct {
	*collecting
	mu      sync.Mutex
	waiting []string // sources that have not had their turn
}

// backfill reads ranks and the Scorecard archive: the four-year chart stands
// before the slower sources begin.
func (f *firstCollection) backfill() error {
	due, err := f.due()
	if err != nil {
		return err
	}
	f.mu.Lock()
	f.waiting = due
	f.mu.Unlock()
	for _, b := range backfills(f.client) {
		// The newest rank list comes after the recorded ones.
		if err := f.one(b.collector, b.collector.Name() != "ranks"); err != nil {
			return err
		}
	}
	return nil
}

// collect asks the sources in order. The archive has just been read.
func (f *firstCollection) collect() error {
	for _, c := range registry(f.client) {
		if err := f.one(c, true); err != nil {
			return err
		}
	}
	f.p.log.Info("every source that was due has been asked")
	return nil
}

// one runs a collector when its source waits; last says that the source has
// had its turn then. The error is that of the context: a source that failed is
// on record, and the others go on.
func (f *firstCollection) one(c collectors.Collector, last bool) error {
	if err := f.ended(); err != nil {
		return err
	}
	f.mu.Lock()
	waits := slices.Contains(f.waiting, c.Name())
	f.mu.Unlock()
	if !waits {
		return nil
	}
	if _, err := f.runner.Run(f.p.ctx, c, schedule.Request{}); err != nil && f.ended() != nil {
		return f.ended()
	}
	if last {
		f.mu.Lock()
		f.waiting = slices.DeleteFunc(f.waiting, func(name string) bool { return name == c.Name() })
		f.mu.Unlock()
	}
	return nil
}

// due names the sources whose regular time has passed since their last success.
func (f *firstCollection) due() ([]string, error) {
	known, err := f.store.Sources(f.p.ctx)
	if err != nil {
		return nil, err
	}
	success := map[string]observation.SourceStatus{}
	for _, k := range known {
		success[k.Collector] = k
	}
	var due []string
	for _, s := range sources() {
		if s.cadence.Due(success[s.name].LastSuccess, f.p.cfg.Now()) {
			due = append(due, s.name)
		}
	}
	return due, nil
}

// activity tells the pages what is on its way: what runs, and what waits for
// its turn.
func (f *firstCollection) activity() []server.Activity {
	var list []server.Activity
	running := map[string]bool{}
	for _, a := range f.runner.Activity() {
		running[a.Collector] = true
		list = append(list, server.Activity{Source: a.Collector, State: "running", Done: a.Done, Total: a.Total, What: a.What})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range f.waiting {
		if !running[name] {
			list = append(list, server.Activity{Source: name, State: "waiting"})
		}
	}
	return list
}
