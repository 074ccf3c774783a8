package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus"
)

// httpMetrics are the server's own metrics. Routes are labelled by their
// template, so that names in the path make no new series.
type httpMetrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) (*httpMetrics, error) {
	m := &httpMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pyrometer_http_requests_total", Help: "Requests answered, by route template, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "pyrometer_http_request_duration_seconds", Help: "Time from request to the last byte written, by route template.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// observe is the outermost middleware: it answers errors, logs the request and
// counts it, unless it is the server's own. The query string is not logged: it is
// somebody's search.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Context().Value(ownRequest{}) != nil {
			if err := next(c); err != nil {
				c.Error(err)
			}
			return nil
		}
		start := time.Now()
		aborted := true
		// A reader that takes nothing is cut off; streams set later deadlines.
		_ = http.NewResponseController(c.Response().Writer).SetWriteDeadline(start.Add(answerWithin + stallAfter)) // not every writer has one
		defer func() {
			route, method, status := c.Path(), c.Request().Method, c.Response().Status
			if route == "" {
				route = "none"
			}
			if method != http.MethodGet && method != http.MethodHead {
				method = "other"
			}
			took := time.Since(start)
			s.metrics.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
			s.metrics.seconds.WithLabelValues(route).Observe(took.Seconds())
			s.Log.LogAttrs(c.Request().Context(), slog.LevelDebug, "request",
				slog.String("method", method), slog.String("path", c.Request().URL.Path), slog.Int("status", status),
				slog.Int64("bytes", c.Response().Size), slog.Duration("took", took), slog.Bool("aborted", aborted))
		}()
		if err := next(c); err != nil {
			c.Error(err)
		}
		aborted = false // reached unless the handler broke the connection on purpose
		return nil
	}
}

// recover turns a panic into an error, except http.ErrAbortHandler, by which a
// stream breaks its connection on purpose.
func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.Log.ErrorContext(c.Request().Context(), "panic in a handler", "path", c.Request().URL.Path, "panic", p, "stack", string(debug.Stack()))
				if c.Response().Committed {
					panic(http.ErrAbortHandler) // half an answer must not look like a whole one
				}
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return next(c)
	}
}

// contentPolicy lets a page load its own stylesheet, script and icon and
// nothing else, from nowhere else.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// drawingPolicy is that of an exported SVG, which brings its own style and
// nothing that runs.
const drawingPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

// secure sets the headers that every answer carries.
func (s *Server) secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers without frame-ancestors
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		return next(c)
	}
}

// onlyReads refuses every method but GET and HEAD, refuses bodies, and leads
// addresses with a slash too many to the right one.
func (s *Server) onlyReads(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			c.Response().Header().Set(echo.HeaderAllow, "GET, HEAD")
			return &failure{Status: http.StatusMethodNotAllowed, Lead: "Pyrometer only answers questions.", How: "Use GET or HEAD."}
		}
		if r.ContentLength != 0 {
			return &failure{Status: http.StatusRequestEntityTooLarge, Lead: "This request has a body.", How: "Everything that can be asked is in the address."}
		}
		// path.Clean leaves one slash at the beginning, so that the answer can not
		// lead to another host ("//example.org/").
		if p := r.URL.EscapedPath(); len(p) > 1 && strings.HasSuffix(p, "/") {
			to := path.Clean("/" + p)
			if r.URL.RawQuery != "" {
				to += "?" + r.URL.RawQuery
			}
			return c.Redirect(http.StatusMovedPermanently, to)
		}
		return next(c)
	}
}

// compress gzips what is text and not tiny, for who takes it.
func (s *Server) compress(next echo.HandlerFunc) echo.HandlerFunc {
	zipped := middleware.GzipWithConfig(middleware.GzipConfig{
		MinLength: smallest,
		Level:     8,
		Skipper:   func(c echo.Context) bool { return wantsCard(c) || c.Request().Method == http.MethodHead },
	})(next)
	return func(c echo.Context) error {
		if !takesGzip(c.Request()) {
			c.Request().Header.Del(echo.HeaderAcceptEncoding) // echo looks for the word only
		}
		return zipped(c)
	}
}

// takesGzip reports whether the reader takes gzip: it is named, and not with
// the weight 0 that refuses it.
func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get(echo.HeaderAcceptEncoding), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, given := strings.CutPrefix(strings.TrimSpace(weight), "q=")
			v, err := strconv.ParseFloat(q, 64)
			return !given || err == nil && v > 0
		}
	}
	return false
}
