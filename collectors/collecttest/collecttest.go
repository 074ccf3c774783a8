// Package collecttest helps to test collectors without a network: a site of
// fixed answers, a memory that takes what a collector emits, and the recorded
// sources where they are at hand.
package collecttest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// Now is the time of every run in tests.
var Now = time.Date(2026, time.November, 23, 6, 0, 0, 0, time.UTC)

// Answer is what a Site says to one URL.
type Answer struct {
	Status int // 0 is 200
	Type   string
	Header http.Header
	Body   string
	Cut    bool // the connection breaks after the body
	Silent bool // no ETag
}

// Site answers requests from a map of URLs, 404 for all others, and 304 where
// the request's If-None-Match is the body's ETag. It is an http.RoundTripper.
type Site struct {
	mu      sync.Mutex
	answers map[string]Answer
	asked   []string
}

// NewSite returns a site with these answers.
func NewSite(answers map[string]Answer) *Site {
	s := &Site{answers: map[string]Answer{}}
	for url, a := range answers {
		s.Set(url, a)
	}
	return s
}

// Set changes the answer to one URL.
func (s *Site) Set(url string, a Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[url] = a
}

// Remove makes one URL 404.
func (s *Site) Remove(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.answers, url)
}

// Asked returns the URLs that were asked for since the last call, sorted.
func (s *Site) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	slices.Sort(asked)
	return asked
}

// RoundTrip implements http.RoundTripper.
func (s *Site) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.String())
	a, ok := s.answers[r.URL.String()]
	s.mu.Unlock()
	if !ok {
		a = Answer{Status: http.StatusNotFound, Body: "not found"}
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	header := a.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if a.Type == "" {
		a.Type = "application/json"
	}
	header.Set("Content-Type", a.Type)
	etag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(a.Body)))
	if !a.Silent {
		header.Set("ETag", etag)
	}
	length := int64(len(a.Body))
	body := io.Reader(bytes.NewReader([]byte(a.Body)))
	switch {
	case a.Status == http.StatusOK && !a.Silent && r.Header.Get("If-None-Match") == etag:
		a.Status, length, body = http.StatusNotModified, 0, http.NoBody
	case a.Cut:
		length, body = -1, io.MultiReader(body, brokenReader{})
	}
	return &http.Response{
		StatusCode:    a.Status,
		Status:        http.StatusText(a.Status),
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(body),
		ContentLength: length,
		Request:       r,
	}, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

// Memory takes what a collector emits and remembers Responses as the store
// does. It may be used for several runs.
type Memory struct {
	mu        sync.Mutex
	Emitted   []observation.Observation
	responses map[string]observation.Response
}

// Emit implements collectors.Emit.
func (m *Memory) Emit(_ context.Context, o observation.Observation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := o.(*observation.Response); ok {
		if m.responses == nil {
			m.responses = map[string]observation.Response{}
		}
		m.responses[r.URL] = *r
		return nil
	}
	m.Emitted = append(m.Emitted, o)
	return nil
}

// Response implements upstream.Validators.
func (m *Memory) Response(_ context.Context, url string) (observation.Response, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.responses[url]
	return r, ok, nil
}

// Forget drops what was emitted; the Responses stay.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Emitted = nil
}

// Of returns what was emitted of one type, in order.
func Of[T observation.Observation](m *Memory) []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []T
	for _, o := range m.Emitted {
		if v, ok := o.(T); ok {
			all = append(all, v)
		}
	}
	return all
}

// Client returns a client that asks site and never waits: what is replayed has
// no limit of rate.
func Client(t testing.TB, site http.RoundTripper, m *Memory) *upstream.Client {
	t.Helper()
	c, err := upstream.New(upstream.Options{
		Spec:       "mirror:" + t.TempDir(),
		Transport:  site,
		Validators: m,
		Now:        func() time.Time { return Now },
		Sleep:      func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Input returns the input of a run at Now.
func Input(cursor collectors.Cursor, catalog collectors.Catalog) collectors.Input {
	return collectors.Input{Cursor: cursor, Now: Now, Track: 5000, Catalog: catalog, Progress: func(int, int, string) {}}
}

// Catalog is a collectors.Catalog of fixed answers.
type Catalog struct {
	Projects     []string
	Repositories []string
	Known        map[string]uint64 // serials
	Listed       map[string]bool   // what Seen says
	Pending      []observation.ProvenanceFile
	Forges       []observation.KnownRepository
	Latest       []observation.LatestRelease
	Modified     map[string]time.Time // of advisories
	CPython      []string             // ids of advisories
	Named        map[string]bool      // CVEs
}

// Tracked implements collectors.Catalog.
func (c Catalog) Tracked(_ context.Context, n int) ([]string, error) {
	return c.Projects[:min(n, len(c.Projects))], nil
}

// TrackedRepositories implements collectors.Catalog.
func (c Catalog) TrackedRepositories(context.Context, int, string) ([]string, error) {
	return c.Repositories, nil
}

// Serials implements collectors.Catalog.
func (c Catalog) Serials(context.Context) (map[string]uint64, error) { return c.Known, nil }

// AdvisoryModified implements collectors.Catalog.
func (c Catalog) AdvisoryModified(context.Context) (map[string]time.Time, error) {
	return c.Modified, nil
}

// Seen implements collectors.Catalog.
func (c Catalog) Seen(context.Context) (map[string]bool, error) { return c.Listed, nil }

// PendingProvenance implements collectors.Catalog.
func (c Catalog) PendingProvenance(context.Context, int, string) ([]observation.ProvenanceFile, error) {
	return c.Pending, nil
}

// RepositoryStates implements collectors.Catalog.
func (c Catalog) RepositoryStates(context.Context, int) ([]observation.KnownRepository, error) {
	return c.Forges, nil
}

// Releases implements collectors.Catalog.
func (c Catalog) Releases(context.Context, int, string) ([]observation.LatestRelease, error) {
	return c.Latest, nil
}

// CPythonIDs implements collectors.Catalog.
func (c Catalog) CPythonIDs(context.Context) ([]string, error) { return c.CPython, nil }

// CVEs implements collectors.Catalog.
func (c Catalog) CVEs(context.Context) (map[string]bool, error) { return c.Named, nil }

// MirrorDir returns the directory of the recorded sources: PYROMETER_MIRROR, else
// ../shared/mirror beside the repository. It is "" when that is not there.
func MirrorDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("PYROMETER_MIRROR")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for ; ; root = filepath.Dir(root) {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				t.Fatal("no go.mod above the test")
			}
		}
		dir = filepath.Join(root, "..", "shared", "mirror")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Logf("mirror not present at %s: %v", dir, err)
		return ""
	}
	return dir
}

// Mirror returns a client of the recorded sources that remembers in m, nil when
// they are not there.
func Mirror(t testing.TB, m *Memory) *upstream.Client {
	t.Helper()
	dir := MirrorDir(t)
	if dir == "" {
		return nil
	}
	c, err := upstream.New(upstream.Options{Spec: "mirror:" + dir, Validators: m})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Contract checks what every collector promises: a cancelled context ends it at
// once, and an error of emit ends it and is returned. run makes a fresh run that
// would emit at least one observation.
func Contract(t *testing.T, run func(ctx context.Context, emit collectors.Emit) error) {
	t.Helper()
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		err := run(ctx, func(context.Context, observation.Observation) error {
			t.Error("emitted after the end of the context")
			return nil
		})
		if err == nil {
			t.Error("no error from a cancelled run")
		}
	})
	t.Run("cancelled while emitting", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		err := run(ctx, func(ctx context.Context, _ observation.Observation) error {
			cancel()
			return ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want that of the context", err)
		}
	})
	t.Run("emit fails", func(t *testing.T) {
		full := errors.New("the disk is full")
		calls := 0
		err := run(context.Background(), func(context.Context, observation.Observation) error {
			calls++
			return full
		})
		if !errors.Is(err, full) || calls != 1 {
			t.Errorf("error %v after %d calls, want the error of the first", err, calls)
		}
	})
}
