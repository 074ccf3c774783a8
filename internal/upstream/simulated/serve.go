package simulated

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// maxQuestion is the longest body of a request that is read; a batch of 5,000
// versions has less than 1 MB.
const maxQuestion = 8 << 20

// query is a request as the sources see it.
type query struct {
	method, host, path string
	header             http.Header
	body               []byte // of a POST
	ctx                context.Context
}

// reply is what a source answers: 200 with bytes, or for the large ones a stream
// with an ETag that stands for its content; or another status, with a location
// when it is a redirect.
type reply struct {
	kind     string // media type
	header   map[string]string
	body     []byte
	stream   func() *stream
	etag     string // "" is made from the body
	status   int    // 0 is 200
	location string
	noETag   bool // the source gives none
}

// sources are the hosts that answer, each with what it answers to a path.
var sources = map[string]func(*world, query) (reply, bool){
	"hugovk.dev":                                 (*world).newestList,
	"raw.githubusercontent.com":                  (*world).taggedList,
	"codeload.github.com":                        (*world).archives,
	"osv-vulnerabilities.storage.googleapis.com": (*world).osv,
	"pypi.org":                                   (*world).pypi,
	"api.scorecard.dev":                          (*world).scorecard,
	"api.deps.dev":                               (*world).depsDev,
	"www.cisa.gov":                               (*world).exploited,
	"epss.empiricalsecurity.com":                 (*world).epss,
	"endoflife.date":                             (*world).cycles,
	"github.com":                                 (*world).forge,
	"gitlab.com":                                 (*world).forge,
}

// answer is what goes back, by whichever way.
type answer struct {
	status int
	header http.Header
	length int64     // -1 unknown
	body   io.Reader // nil without one
}

// ask answers a query: 404 for whatever is not there, 405 for a method that the
// source does not have.
func (w *world) ask(q query) answer {
	a := answer{status: http.StatusNotFound, header: http.Header{"Date": {w.now.Format(http.TimeFormat)}}}
	posts := q.host == depsDevHost && q.path == versionBatch
	if read := q.method == http.MethodGet || q.method == http.MethodHead; read == posts || !read && q.method != http.MethodPost {
		a.status = http.StatusMethodNotAllowed
		return a
	}
	source := sources[q.host]
	if source == nil {
		return a
	}
	r, found := source(w, q)
	if !found {
		return a
	}
	for name, value := range r.header {
		a.header.Set(name, value)
	}
	if r.status != 0 {
		if r.location != "" {
			a.header.Set("Location", r.location)
		}
		a.status = r.status
		return a
	}
	etag := r.etag
	if etag == "" && !r.noETag {
		etag = etagOf(r.body)
	}
	if etag != "" {
		a.header.Set("ETag", etag)
		if q.header.Get("If-None-Match") == etag {
			a.status = http.StatusNotModified
			return a
		}
	}
	a.status = http.StatusOK
	a.header.Set("Content-Type", r.kind)
	a.length = int64(len(r.body))
	switch {
	case r.stream != nil:
		a.length = -1
		if q.method != http.MethodHead {
			s := r.stream()
			s.over = q.ctx.Err
			a.body = s
		}
	case q.method != http.MethodHead:
		a.body = bytes.NewReader(r.body)
	}
	return a
}

// RoundTrip implements http.RoundTripper for the URLs of the real sources.
func (e *Ecosystem) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(io.LimitReader(req.Body, maxQuestion))
		req.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	host := strings.ToLower(req.URL.Hostname())
	a := e.today().ask(query{req.Method, host, req.URL.Path, req.Header, body, ctx})
	resp := &http.Response{
		Status:        fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		ContentLength: a.length,
		Body:          http.NoBody,
		Request:       req,
	}
	if a.body != nil {
		resp.Body = io.NopCloser(a.body)
	}
	return resp, nil
}

// ServeHTTP implements http.Handler. The source is the first part of the path
// when that is one of the hosts, as in /pypi.org/simple/, else the Host header.
// Redirects lead to the URLs of the real sources, as theirs do.
func (e *Ecosystem) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	host, path := strings.ToLower(req.Host), req.URL.Path
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if first, rest, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/"); ok && sources[first] != nil {
		host, path = first, "/"+rest
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxQuestion))
	if err != nil {
		http.Error(w, "the question is too long", http.StatusRequestEntityTooLarge)
		return
	}
	a := e.today().ask(query{req.Method, host, path, req.Header, body, req.Context()})
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.length >= 0 && a.status == http.StatusOK {
		w.Header().Set("Content-Length", strconv.FormatInt(a.length, 10))
	}
	w.WriteHeader(a.status)
	if a.body == nil {
		return
	}
	if _, err := io.Copy(w, a.body); err != nil {
		panic(http.ErrAbortHandler) // the way to let net/http cut the connection
	}
}

func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// etagFor is the ETag of a streamed body, from what decides its content.
func (w *world) etagFor(what ...any) string {
	return etagOf(fmt.Appendln(nil, uint64(w.seed), w.n, what))
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
	more func(*bytes.Buffer) error // adds the next piece; io.EOF with or after the last
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
