// Package simulated is a fictional ecosystem of Python projects, served in the
// wire formats of the real sources: the rank list and its monthly tags, the
// archive of weekly Scorecard results, the OSV records, PyPI's Index and JSON
// APIs, and the Scorecard API. It has about four years of history, with the
// oddities that the real ones have: columns that come and go, an outage, two
// changes of meaning, imports, withdrawn records, versions that are none.
//
// It stands in for the internet in the demo, in load tests and in benchmarks;
// the collectors that read it are the ordinary ones. Every name in it begins
// with "fictional". Equal numbers, seeds and days give equal bytes.
package simulated

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The sizes that an ecosystem can have.
const (
	MinProjects = 50
	MaxProjects = 1000
)

// months is how many months of history there are before the month of the simulation.
const months = 52

// world answers requests for one ecosystem on one day.
type world struct {
	seed
	n       int // projects on a rank list
	pool    int // projects there ever are
	today   day
	now     time.Time // the first moment of today: nothing later has happened
	first   time.Time // first day of the first month of history
	indexOf map[string]int
	repos   map[string]int // repository path, as "github.com/owner/name", to repository

	advisories func() *advisoryIndex // made on first use
}

// New returns the ecosystem of n projects as it stands on the day of now. It
// answers GET and HEAD for the URLs of the real sources, with ETags and 304,
// and 404 for everything else.
func New(n int, seedNumber uint64, now time.Time) http.RoundTripper {
	today := dayOf(now.UTC())
	t := today.time()
	w := &world{
		seed:  seed(mix(seedNumber)),
		n:     n,
		pool:  n + n/6,
		today: today,
		now:   t,
		first: time.Date(t.Year(), t.Month()-months, 1, 0, 0, 0, 0, time.UTC),
	}
	w.indexOf = make(map[string]int, w.pool)
	w.repos = make(map[string]int, w.pool)
	for i := range w.pool {
		w.indexOf[nameOf(i)] = i
		if repo, ok := w.repository(i); ok {
			w.repos[w.repositoryPath(repo)] = repo
		}
	}
	w.advisories = sync.OnceValue(w.indexAdvisories)
	return w
}

// reply is what a route answers: bytes, or for the large ones a stream with an
// ETag that stands for its content.
type reply struct {
	kind   string // media type
	header map[string]string
	body   []byte
	stream func() *stream
	etag   string
}

// RoundTrip implements http.RoundTripper.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	resp := &http.Response{
		StatusCode: http.StatusNotFound,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{"Date": {w.now.Format(http.TimeFormat)}},
		Body:       http.NoBody,
		Request:    req,
	}
	r, found := w.route(req.URL.Hostname(), req.URL.Path)
	switch {
	case req.Method != http.MethodGet && req.Method != http.MethodHead:
		resp.StatusCode = http.StatusMethodNotAllowed
	case found:
		r.write(req, resp)
	}
	resp.Status = fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	return resp, nil
}

func (r reply) write(req *http.Request, resp *http.Response) {
	etag := r.etag
	if etag == "" {
		etag = etagOf(r.body)
	}
	resp.Header.Set("ETag", etag)
	for name, value := range r.header {
		resp.Header.Set(name, value)
	}
	if req.Header.Get("If-None-Match") == etag {
		resp.StatusCode = http.StatusNotModified
		return
	}
	resp.StatusCode = http.StatusOK
	resp.Header.Set("Content-Type", r.kind)
	resp.ContentLength = int64(len(r.body))
	if r.stream != nil {
		resp.ContentLength = -1
	}
	switch {
	case req.Method == http.MethodHead:
	case r.stream != nil:
		s := r.stream()
		s.over = req.Context().Err
		resp.Body = s
	default:
		resp.Body = io.NopCloser(bytes.NewReader(r.body))
	}
}

func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// route finds what a URL answers.
func (w *world) route(host, path string) (reply, bool) {
	switch strings.ToLower(host) {
	case "hugovk.dev":
		return w.newestList(path)
	case "raw.githubusercontent.com":
		return w.taggedList(path)
	case "codeload.github.com":
		return w.archive(path)
	case "osv-vulnerabilities.storage.googleapis.com":
		return w.osv(path)
	case "pypi.org":
		return w.pypi(path)
	case "api.scorecard.dev":
		return w.scorecard(path)
	}
	return reply{}, false
}

// encode renders a value whose types always encode.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// stream is a body that is made piece by piece as it is read, so that no more
// than a piece of it is ever in memory.
type stream struct {
	buf  bytes.Buffer
	more func(*bytes.Buffer) error // adds the next piece; io.EOF after the last
	over func() error              // the end of the request
	err  error
}

func (s *stream) Read(p []byte) (int, error) {
	for s.buf.Len() == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.buf.Reset()
		if s.err = s.over(); s.err == nil {
			s.err = s.more(&s.buf)
		}
	}
	return s.buf.Read(p)
}

func (s *stream) Close() error { return nil }
