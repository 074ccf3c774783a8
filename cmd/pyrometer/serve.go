package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/config"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/server"
)

// webFlags are the flags of whatever listens.
type webFlags struct {
	Listen  string `help:"Address to listen on." default:"127.0.0.1:8080" env:"PYROMETER_LISTEN" placeholder:"HOST:PORT"`
	BaseURL string `name:"base-url" help:"Where the outside finds this server, for canonical links." env:"PYROMETER_BASE_URL" placeholder:"URL"`
	Tracker string `help:"Where people report a wrong figure; takes title and body." default:"https://github.com/pyrometer-dev/pyrometer/issues/new" env:"PYROMETER_TRACKER" placeholder:"URL"`
}

type serveCmd struct {
	webFlags
}

// Run serves what is stored until it is stopped. Pages answer before the
// database does.
func (c serveCmd) Run(p *program) error {
	w, err := newWeb(p, c.webFlags)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(p.ctx)
	part := *p
	part.ctx = ctx
	group.Go(func() error { return w.serve(ctx) })
	group.Go(func() error {
		return unlessStopped(&part, part.withStore(func(d *database, s *store.Store, demo bool) error {
			idle := func(ctx context.Context) bool {
				idle, err := d.idle(ctx, s)
				return err == nil && idle
			}
			w.idle.Store(&idle)
			w.ready(s, server.Mode{Upstream: p.cfg.Upstream, Simulated: demo})
			defer w.keepWarm(ctx)()
			<-ctx.Done()
			return nil
		}))
	})
	return group.Wait()
}

// web is the web server and what it is told while it runs: first nothing, then
// a store, and what a first collection still has ahead.
type web struct {
	p        *program
	listener net.Listener
	http     *http.Server
	pages    *server.Server
	metrics  *prometheus.Registry
	store    atomic.Pointer[store.Store]
	mode     atomic.Pointer[server.Mode]
	activity atomic.Pointer[func() []server.Activity]
	idle     atomic.Pointer[func(context.Context) bool] // nil where this process collects
}

// newWeb listens at once, so that a port in use is told before anything else is
// started and pages answer from the first second.
func newWeb(p *program, f webFlags) (*web, error) {
	w := &web{p: p, metrics: prometheus.NewRegistry()}
	w.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	w.mode.Store(&server.Mode{Upstream: p.cfg.Upstream})
	w.show(func() []server.Activity { return []server.Activity{{Source: "database", What: "starting"}} })
	cadence := map[string]server.Cadence{}
	for _, s := range sources() {
		cadence[s.name] = server.Cadence{Period: s.cadence.Period, Dated: s.cadence.Dated, Deadline: s.cadence.Deadline}
	}
	var err error
	w.pages, err = server.New(server.Config{
		Backend: func() (server.Reader, bool) {
			if s := w.store.Load(); s != nil {
				return s, true
			}
			return nil, false
		},
		Published: func(ctx context.Context) (string, error) {
			if s := w.store.Load(); s != nil {
				return s.Published(ctx)
			}
			return "", nil
		},
		Activity: func() []server.Activity { return (*w.activity.Load())() },
		Idle: func(ctx context.Context) bool {
			idle := w.idle.Load()
			return idle != nil && (*idle)(ctx)
		},
		Cadence: cadence,
		Mode:    func() server.Mode { return *w.mode.Load() },
		BaseURL: f.BaseURL, Tracker: f.Tracker, Version: version, Now: p.cfg.Now, Log: p.log, Metrics: w.metrics,
	})
	if err != nil {
		return nil, err
	}
	if w.listener, err = net.Listen("tcp", f.Listen); err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			err = fmt.Errorf("%w: is another instance running?", err)
		}
		return nil, fmt.Errorf("--listen=%s: %w", f.Listen, err)
	}
	if !config.Loopback(f.Listen) {
		p.log.Warn("the server can be reached from other machines; put a reverse proxy with TLS before it", "listen", f.Listen)
	}
	w.http = &http.Server{
		Handler: w.pages, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
	return w, nil
}

// ready gives the pages a store to read from.
func (w *web) ready(s *store.Store, m server.Mode) {
	w.mode.Store(&m)
	w.store.Store(s)
	w.show(func() []server.Activity { return nil })
}

// newsEvery is how often it is looked whether other data are published.
const newsEvery = 5 * time.Second

// keepWarm has the pages made before they are asked for, as often as other data are
// published, until stop is called, which must be before the store is closed.
func (w *web) keepWarm(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	news := time.NewTicker(newsEvery)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer news.Stop()
		w.pages.KeepWarm(ctx, news.C)
	}()
	return func() {
		cancel()
		<-done
	}
}

// show says what is still on its way.
func (w *web) show(activity func() []server.Activity) { w.activity.Store(&activity) }

// serve answers until ctx ends, and then gives requests a moment to finish.
func (w *web) serve(ctx context.Context) error {
	fmt.Fprintf(w.p.out, "Pyrometer %s is on http://%s\n", version, w.listener.Addr())
	failed := make(chan error, 1)
	go func() { failed <- w.http.Serve(w.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("web server: %w", err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.p.cfg.Grace/3)
	defer cancel()
	if err := w.http.Shutdown(closing); errors.Is(err, context.DeadlineExceeded) {
		return w.http.Close() // what still streams is cut, visibly to its reader
	} else if err != nil {
		return err
	}
	return nil
}
