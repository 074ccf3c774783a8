// Package server answers HTTP: pages for people, charts and tables as files,
// and a small JSON API. It only reads, through the Reader that it declares, and
// knows neither the store nor the collectors.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pyrometer-dev/pyrometer/ui"
)

// Config is what the server needs to know of the rest of the program. Only
// Backend must be set.
type Config struct {
	// Backend returns the store's read methods, and false while the database
	// starts or migrates. It is asked on every request.
	Backend func() (Reader, bool)
	// Published names the data that pages are made of: it changes when any of them
	// do. Nil is not known.
	Published func(context.Context) (string, error)
	// Activity tells what is still on its way: the stages of a first collection
	// that are not done. Nothing once the first collection is complete.
	Activity func() []Activity
	// Idle tells whether surely no process collects, so that a run which is open
	// was interrupted. Nil is not sure.
	Idle func(context.Context) bool
	// Cadence tells how often each collector runs, by its name.
	Cadence map[string]Cadence
	// Mode tells what kind of upstream the stored data comes from.
	Mode func() Mode
	// BaseURL is where the outside finds this server, "https://pyrometer.example",
	// for canonical links. "" leaves them out; the Host header is never used.
	BaseURL string
	// Tracker is where a person reports what is wrong: the address of a form that
	// takes title and body. "" leaves the links out.
	Tracker string
	Version string
	Now     func() time.Time
	Log     *slog.Logger
	// Metrics receives the server's own metrics and is what /metrics prints.
	Metrics *prometheus.Registry
}

// Cadence is how often a collector runs.
type Cadence struct {
	// Period is how often, and how often its source is expected to have something
	// new. Data older than twice that is stamped with its age.
	Period time.Duration
	// Dated: its data have a date that must advance, so that the source is judged
	// by it; another is judged by its last success.
	Dated bool
	// Deadline is the most that one run may take; 0 is not known.
	Deadline time.Duration
}

// Mode says what kind of upstream the stored data comes from.
type Mode struct {
	Upstream  string // live, mirror or simulated
	Simulated bool   // banner on every page, a mark in every export
	Projects  int    // how many projects are simulated
}

// Activity is one stage of a first collection that is not done.
type Activity struct {
	Source string // collector name, or "database"
	State  string // running, waiting or failed; "" is running
	Done   int
	Total  int    // 0 unknown
	What   string // what is counted: "weeks", "records"
}

// Server is an http.Handler.
type Server struct {
	Config
	echo    *echo.Echo
	ui      *ui.UI
	metrics *httpMetrics
	cache   *pageCache
	streams chan struct{} // one token for each table that is being streamed
}

// Limits of one request. The deadlines of the connection itself belong to
// whoever owns the listener.
const (
	answerWithin = 15 * time.Second // pages, charts and API
	maxStreams   = 8                // tables streamed at the same time
	smallest     = 1 << 10          // bytes from which on an answer is compressed
)

// New returns a server. An error is a fault of the program: a template that
// does not parse, or a metric that is registered twice.
func New(c Config) (*Server, error) {
	if c.Backend == nil {
		return nil, errors.New("server: Config.Backend is not set")
	}
	if c.Activity == nil {
		c.Activity = func() []Activity { return nil }
	}
	if c.Idle == nil {
		c.Idle = func(context.Context) bool { return false }
	}
	if c.Mode == nil {
		c.Mode = func() Mode { return Mode{Upstream: "live"} }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	pages, err := ui.New()
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	metrics, err := newMetrics(c.Metrics)
	if err != nil {
		return nil, fmt.Errorf("server: registering metrics: %w", err)
	}
	s := &Server{
		Config: c, echo: echo.New(), ui: pages, metrics: metrics,
		cache: newPageCache(), streams: make(chan struct{}, maxStreams),
	}
	s.echo.HTTPErrorHandler = s.answerError
	s.echo.Use(s.observe, s.recover, s.secure, s.onlyReads)
	s.routes()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// routes is the whole route table. What each route takes as parameters is in
// pages and chartKinds.
func (s *Server) routes() {
	get := func(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
		s.echo.Match([]string{http.MethodGet, http.MethodHead}, path, h, m...)
	}
	kept := []echo.MiddlewareFunc{s.cached, s.compress}

	// Pages: HTML, rendered as a whole before the first byte leaves.
	get("/", s.page(s.overview), kept...)
	get("/projects", s.page(s.projects), kept...)
	get("/p/:name", s.page(s.project), kept...)
	get("/compare", s.page(s.compare), kept...)
	get("/checks", s.page(s.checks), kept...)
	get("/checks/:name", s.page(s.check), kept...)
	get("/advisories", s.page(s.advisories), kept...)
	get("/advisories/:id", s.page(s.advisory), kept...)
	get("/malware", s.page(s.malware), kept...)
	get("/threats", s.page(s.threats), kept...)
	get("/adoption", s.page(s.adoption), kept...)
	get("/releases", s.page(s.releases), kept...)
	get("/cpython", s.page(s.cpython), kept...)
	get("/changes", s.page(s.changes), kept...)
	get("/search", s.page(s.search), kept...)
	get("/status", s.page(s.status), s.compress)
	get("/methods", s.page(s.methods), kept...)
	get("/data", s.page(s.data), kept...)

	// Files: a chart as page, drawing or data by its extension; tables, streamed
	// without a deadline for the whole; the API.
	get("/chart/:file", s.chartFile, kept...)
	get("/data/:file", s.table, s.compress)
	get("/projects.csv", s.projectsCSV, s.compress)
	get("/advisories.csv", s.file(s.advisoriesCSV), s.compress)
	get("/malware.csv", s.file(s.malwareCSV), s.compress)
	get("/changes.csv", s.file(s.changesCSV), s.compress)
	get("/api/v1/projects/:name", s.file(s.apiProject), kept...)
	get("/api/v1/search", s.file(s.apiSearch), kept...)
	get("/api/v1/status", s.file(s.apiStatus), kept...)

	get("/card/*", s.card, s.cached)

	// Machines.
	get("/healthz", s.healthz)
	get("/readyz", s.readyz)
	get("/metrics", echo.WrapHandler(promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})))
	get("/robots.txt", s.robots)
	get("/sitemap.xml", s.file(s.sitemap), kept...)
	for _, a := range ui.Assets() {
		get(a.Path, immutable(a), s.compress)
		if isIcon(a) {
			get("/favicon.ico", dayLong(a))
		}
	}
}

// request is one request with everything a handler needs.
type request struct {
	echo.Context
	query
	ctx    context.Context
	reader Reader
	mode   Mode
	route  string // key of pages, or the route of a chart
}

// begin parses the parameters and finds the store. reader is nil while the
// database starts.
func (s *Server) begin(c echo.Context, route string, extra ...string) (*request, error) {
	q, err := parseQuery(route, c.Request().URL.RawQuery, extra...)
	if err != nil {
		return nil, err
	}
	q.now = s.Now().UTC()
	r := &request{Context: c, query: q, ctx: c.Request().Context(), mode: s.Mode(), route: route}
	if reader, ready := s.Backend(); ready {
		r.reader = reader
	}
	return r, nil
}

// page wraps a handler that makes a page. While the database starts, every page
// says so at once.
func (s *Server) page(h func(*request) (ui.Page, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, err := s.begin(c, c.Path(), "theme")
		if err != nil {
			return err
		}
		rememberTheme(r)
		if r.reader == nil {
			return s.render(c, http.StatusOK, s.starting(r))
		}
		defer r.deadline()()
		p, err := h(r)
		if err != nil || p == nil {
			return err
		}
		return s.render(c, http.StatusOK, p)
	}
}

// file wraps a handler that answers with something other than a page. While the
// database starts, the answer is 503.
func (s *Server) file(h func(*request) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, err := s.begin(c, c.Path())
		if err != nil {
			return err
		}
		if r.reader == nil {
			return errStarting
		}
		defer r.deadline()()
		return h(r)
	}
}

// deadline bounds the time of the answer, and is left out by what streams.
func (r *request) deadline() context.CancelFunc {
	ctx, cancel := context.WithTimeout(r.ctx, answerWithin)
	r.ctx = ctx
	return cancel
}
