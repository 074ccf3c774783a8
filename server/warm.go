package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// What pages are made of is kept as long as the published data stay the same, so
// the first reader after a start or after new data would wait for what all after
// him get at once. The server asks in his place, here and nowhere else: for the
// default view of every page and chart, and for what the pages about single things
// share. It asks for one after the other, so that half of a small machine is left
// to readers and to the collection. Nothing is kept that a reader would not cause
// to be kept; how much that may be is bounded where it is kept.

// KeepWarm warms at once, and again after a tick at which the published data have
// changed and have stood still since the tick before: datasets are published one
// after the other, and each makes the answers before it old. A warming that newer
// data overtake is cancelled. It returns when ctx has ended. Config.Published must
// be set.
func (s *Server) KeepWarm(ctx context.Context, ticks <-chan time.Time) {
	keepWarm(ctx, s.Published, ticks, s.warm)
}

func keepWarm(ctx context.Context, published func(context.Context) (string, error), ticks <-chan time.Time, warm func(context.Context)) {
	var seen, warmed string
	stop := func() {}
	for first := true; ; first = false {
		// An error is that of a store which is away: the next tick asks again.
		if now, err := published(ctx); err == nil && now != warmed {
			stop()
			stop = func() {}
			if first || now == seen {
				warmed = now
				stop = inBackground(ctx, warm)
			}
			seen = now
		}
		select {
		case <-ctx.Done():
			stop()
			return
		case <-ticks:
		}
	}
}

// inBackground runs f and returns what ends it, which waits until it has ended.
func inBackground(ctx context.Context, f func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// warm asks for everything once.
func (s *Server) warm(ctx context.Context) {
	began := time.Now()
	for _, address := range s.defaultViews() {
		if ctx.Err() != nil {
			return
		}
		if status := s.ask(ctx, address); status != http.StatusOK && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "a page could not be made ready", "address", address, "status", status)
		}
	}
	s.warmShared(ctx)
	s.Log.LogAttrs(ctx, slog.LevelDebug, "the default views are ready", slog.Duration("took", time.Since(began)))
}

// defaultViews lists the addresses of all pages and charts as they are without
// parameters, the overview first. Pages of single projects and advisories are not
// among them: there are too many.
func (s *Server) defaultViews() []string {
	routed := make(map[string]bool)
	for _, r := range s.echo.Routes() {
		routed[r.Path] = true
	}
	var views []string
	for route := range pages {
		if routed[route] && !strings.ContainsAny(route, ":.") && !strings.HasPrefix(route, "/api/") && route != "/readyz" {
			views = append(views, route)
		}
	}
	slices.Sort(views)
	for _, k := range chartKinds {
		if k.listed {
			views = append(views, k.route())
		}
	}
	for _, name := range posture.Known() {
		views = append(views, "/checks/"+url.PathEscape(name))
	}
	return views
}

// ask has the server answer itself, as a browser would ask, and returns the status.
func (s *Server) ask(ctx context.Context, address string) int {
	r, err := http.NewRequestWithContext(context.WithValue(ctx, ownRequest{}, true), http.MethodGet, address, nil)
	if err != nil {
		return http.StatusBadRequest
	}
	r.Header.Set(echo.HeaderAcceptEncoding, "gzip")
	w := &nobody{header: make(http.Header), status: http.StatusOK}
	s.ServeHTTP(w, r)
	return w.status
}

// ownRequest is the key under which a request's context says that the server
// itself asks, which the metrics do not count.
type ownRequest struct{}

// nobody is a reader of whom only the status is of interest.
type nobody struct {
	header http.Header
	status int
}

func (n *nobody) Header() http.Header         { return n.header }
func (n *nobody) Write(b []byte) (int, error) { return len(b), nil }
func (n *nobody) WriteHeader(status int)      { n.status = status }

// warmShared asks for what all pages of projects, of advisories and all searches
// share. An answer is not needed and may be that there is none.
func (s *Server) warmShared(ctx context.Context) {
	reader, ready := s.Backend()
	if !ready {
		return
	}
	for _, ask := range []func() error{
		func() error { _, err := reader.Search(ctx, "a", 1); return err },
		func() error { _, err := reader.Nearest(ctx, "a", 1); return err },
		func() error { _, err := reader.Advisory(ctx, ""); return err },
		func() error { _, err := reader.Findings(ctx); return err },
	} {
		if ctx.Err() != nil {
			return
		}
		_ = ask()
	}
	for rank := 1; ctx.Err() == nil; { // one of each tenth of the rank list
		peers, err := reader.Peers(ctx, rank)
		if err != nil || peers.Last < rank {
			return
		}
		rank = peers.Last + 1
	}
}
