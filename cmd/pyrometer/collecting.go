package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/schedule"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// collecting is a store, an upstream, and what brings them together.
type collecting struct {
	p      *program // its context ends too when another process takes the store
	store  *store.Store
	client *upstream.Client
	runner *schedule.Runner
	lease  *store.Lease // nil on an engine of our own
}

// newClient returns the client of an upstream. Validators may be nil.
func (p *program) newClient(spec string, validators upstream.Validators, metrics prometheus.Registerer) (*upstream.Client, error) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pyrometer_upstream_requests_total",
		Help: "Requests sent to sources, by host and class of failure (empty: none).",
	}, []string{"host", "class"})
	if metrics != nil {
		if err := metrics.Register(requests); err != nil {
			return nil, err
		}
	}
	return upstream.New(upstream.Options{
		Spec: spec, Version: version, Contact: p.cfg.Contact,
		Validators: validators, Record: p.cfg.Record, Faults: p.cfg.Faults, Log: p.log, Now: p.cfg.Now,
		Count: func(host string, class observation.Class) { requests.WithLabelValues(host, string(class)).Inc() },
	})
}

// newCollecting makes s ready to be written by runs over spec. It takes the
// store for this process: another one is refused on an engine of our own by the
// lock of its directory, on a server by the lease. Then runs that an earlier
// process left open are closed. Close it before the store.
func (p *program) newCollecting(d *database, s *store.Store, spec string, metrics prometheus.Registerer) (_ *collecting, err error) {
	client, err := p.newClient(spec, s, metrics)
	if err != nil {
		return nil, err
	}
	c := &collecting{p: p, store: s, client: client}
	if d.engine == nil {
		if c.lease, err = s.Acquire(p.ctx, processName()); err != nil {
			return nil, err
		}
		part := *p
		part.ctx = c.lease.Context()
		c.p = &part
	}
	if _, err := s.CloseAbandoned(p.ctx); err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.runner = schedule.NewRunner(schedule.Options{
		Store:     s,
		NewWriter: func(run observation.Run) schedule.Writer { return s.NewWriter(run) },
		Catalog:   s,
		Derive: func(ctx context.Context, f schedule.Finished) error {
			touched := store.TouchedBy(f.Run.Collector, f.Days)
			touched.Run = f.Run
			return s.Derive(ctx, touched)
		},
		Upstream: client.Kind(), Version: version, Track: p.cfg.Track, Now: p.cfg.Now, Log: p.log,
	})
	return c, nil
}

// refresh derives anew what an older program has derived, so that what this one
// shows is not missing until every source has been asked. A failure is logged: the
// next run tries again.
func (c *collecting) refresh() error {
	outdated, err := c.store.Outdated(c.p.ctx)
	if err == nil && len(outdated) > 0 {
		c.p.log.Info("deriving anew what an older version derived", "datasets", outdated)
		err = c.store.Derive(c.p.ctx, store.Touched{})
	}
	if err != nil && c.ended() == nil {
		c.p.log.Error("what an older version derived could not be derived anew", "err", err)
	}
	return c.ended()
}

// processName tells who collects to whoever else wants to.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "a host without a name"
	}
	return fmt.Sprintf("pyrometer %s on %s, process %d", version, host, os.Getpid())
}

// close gives the store back to other processes.
func (c *collecting) close() error {
	if c.lease == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.p.ctx), releaseWithin)
	defer cancel()
	return c.lease.Release(ctx)
}

// releaseWithin is how long giving the lease back may take: it ends by itself too.
const releaseWithin = time.Second

// ended tells why collecting has to end, nil while it may go on: the program is
// stopped, or another process has taken the store.
func (c *collecting) ended() error {
	if held := (*store.HeldError)(nil); errors.As(context.Cause(c.p.ctx), &held) {
		return context.Cause(c.p.ctx)
	}
	return c.p.ctx.Err()
}

// checkUpstream reports what is wrong with an upstream before the database is
// started for it.
func checkUpstream(text string) error {
	spec, err := upstream.ParseSpec(text)
	if err != nil {
		return err
	}
	return spec.Check()
}

// withCollecting runs f with the store of the flags, opened for writing.
func (p *program) withCollecting(f func(*collecting) error) (err error) {
	if err := checkUpstream(p.cfg.Upstream); err != nil {
		return err
	}
	d, err := p.connect(owning)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	s, err := p.open(d, p.databaseFor(p.cfg.Upstream))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	c, err := p.newCollecting(d, s, p.cfg.Upstream, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	defer showProgress(p, c.runner.Activity)()
	if err := c.refresh(); err != nil {
		return err
	}
	return f(c)
}

// run runs collectors one after the other and goes on after a failure. The
// error names every run that failed or was partial. When PyPI does not have the
// one project that is asked about, nobody else is asked.
func (c *collecting) run(request schedule.Request, list ...collectors.Collector) error {
	var failures []error
	for _, one := range list {
		run, err := c.runner.Run(c.p.ctx, one, request)
		switch {
		case c.ended() != nil:
			return c.ended()
		case err != nil:
			failures = append(failures, fmt.Errorf("%s: %w", one.Name(), err))
		case run.State == observation.RunPartial:
			failures = append(failures, fmt.Errorf("%s is partial: %s", one.Name(), partialReason(run)))
		}
		fmt.Fprintf(c.p.out, "%-15s %-8s %d rows, %d unchanged, %d skipped, %d rejects\n", one.Name(), run.State, run.Rows, run.Unchanged, run.Skipped, run.Rejects)
		if request.Project != "" && observation.ClassOf(err) == observation.ClassNotFound {
			break
		}
	}
	return errors.Join(failures...)
}

func partialReason(run observation.Run) string {
	var why []string
	if run.Rejects > 0 {
		why = append(why, fmt.Sprintf("%d records were refused and are kept in the table rejects.", run.Rejects))
	}
	if run.Note != "" {
		why = append(why, run.Note)
	}
	return strings.Join(why, " ")
}
