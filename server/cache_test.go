package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestCache(t *testing.T) {
	s := newSite(t)
	first := s.get(t, "/projects")
	if s.world.calls["Observations"] != 1 {
		t.Fatalf("%d reads", s.world.calls["Observations"])
	}
	again := s.get(t, "/projects")
	if s.world.calls["Observations"] != 1 {
		t.Error("a page that is a moment old was made again")
	}
	if again.Body.String() != first.Body.String() || again.Header().Get("ETag") != first.Header().Get("ETag") || again.Header().Get("Content-Security-Policy") == "" {
		t.Error("the kept page differs from the first")
	}
	s.get(t, "/projects?q=url")
	if s.world.calls["Observations"] != 2 {
		t.Error("another address was answered with a kept page")
	}
	s.now = now.Add(cacheFor)
	if w := s.get(t, "/projects", "If-None-Match", first.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("status %d with %d bytes, want 304", w.Code, w.Body.Len())
	}
	if s.world.calls["Observations"] != 3 {
		t.Error("an old page was not made again")
	}
	if w := s.get(t, "/projects", "If-None-Match", `W/"x", `+first.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("from the cache: status %d, want 304", w.Code)
	}
}

func TestCacheKeepsEncodingsApart(t *testing.T) {
	s := newSite(t)
	plain := s.get(t, "/")
	zipped := s.get(t, "/", "Accept-Encoding", "gzip")
	if plain.Header().Get("Content-Encoding") != "" || zipped.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("encodings %q and %q", plain.Header().Get("Content-Encoding"), zipped.Header().Get("Content-Encoding"))
	}
	if again := s.get(t, "/", "Accept-Encoding", "gzip"); again.Header().Get("Content-Encoding") != "gzip" || again.Body.String() != zipped.Body.String() {
		t.Error("the kept answer lost its encoding")
	}
	if n := zipped.Body.Len(); n > 40<<10 {
		t.Errorf("the overview weighs %d bytes compressed, more than 40 KiB", n)
	}
	if vary := strings.Join(plain.Header().Values("Vary"), ","); !strings.Contains(vary, "Cookie") || !strings.Contains(vary, "Accept-Encoding") {
		t.Errorf("Vary = %q", plain.Header().Values("Vary"))
	}
}

func TestCacheKeepsNoErrors(t *testing.T) {
	s := newSite(t)
	s.world.fail = map[string]error{"Project": errStore}
	if w := s.get(t, "/p/urllib3"); w.Code != http.StatusInternalServerError {
		t.Fatalf("status %d", w.Code)
	}
	s.world.fail = nil
	if w := s.get(t, "/p/urllib3"); w.Code != http.StatusOK {
		t.Errorf("status %d: an error was kept", w.Code)
	}
}

func TestGzipIsRefused(t *testing.T) {
	s := newSite(t)
	s.get(t, "/", "Accept-Encoding", "gzip")
	for accept, want := range map[string]string{
		"gzip;q=0": "", "br, gzip; q=0.0": "", "gzip;q=x": "", "xgzip": "", "identity": "", "br;q=1, gzip;q=0.5": "gzip", "deflate,GZIP": "gzip",
	} {
		w := s.get(t, "/", "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want || !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("Accept-Encoding %q: encoding %q, want %q; Vary %q", accept, got, want, w.Header().Values("Vary"))
		}
	}
}

// TestCacheOneMaker: of many who ask at once, one makes the page.
func TestCacheOneMaker(t *testing.T) {
	s := newSite(t)
	made := 0
	var mu sync.Mutex
	release := make(chan struct{})
	s.echo.GET("/slow", func(c echo.Context) error {
		mu.Lock()
		made++
		mu.Unlock()
		<-release
		return c.String(http.StatusOK, "done")
	}, s.cached)
	var all sync.WaitGroup
	codes := make([]int, 20)
	for i := range codes {
		all.Go(func() {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/slow", nil))
			codes[i] = w.Code
		})
	}
	close(release)
	all.Wait()
	for i, code := range codes {
		if code != http.StatusOK {
			t.Errorf("request %d: status %d", i, code)
		}
	}
	if made != 1 {
		t.Errorf("the page was made %d times", made)
	}
}

// TestCacheIsBounded fills the cache beyond its size.
func TestCacheIsBounded(t *testing.T) {
	p := newPageCache()
	body := make([]byte, cacheEntryMax)
	for i := range 100 {
		key := fmt.Sprint(i)
		_, mine := p.begin(key, now, "")
		p.end(key, mine.flight, &cacheEntry{key: key, body: body, made: now})
	}
	if n := p.recent.Len(); p.bytes > cacheBytes || len(p.entries) != n || p.bytes < n*len(body) || n < cacheBytes/cacheEntryMax-1 {
		t.Errorf("%d bytes in %d entries", p.bytes, len(p.entries))
	}
	if entry, _ := p.begin("99", now, ""); entry == nil {
		t.Error("the newest entry is gone")
	}
}

// TestCacheIsBoundedOfShortAnswers: an answer without a body takes memory too.
func TestCacheIsBoundedOfShortAnswers(t *testing.T) {
	p := newPageCache()
	for i := range 2 * cacheBytes / entryOverhead {
		key := fmt.Sprint(i)
		_, mine := p.begin(key, now, "")
		p.end(key, mine.flight, &cacheEntry{key: key, made: now})
	}
	if n := p.recent.Len(); n > cacheBytes/entryOverhead || n != len(p.entries) {
		t.Errorf("%d entries without a body", n)
	}
}

func TestPanics(t *testing.T) {
	s := newSite(t)
	s.echo.GET("/panic", func(echo.Context) error { panic("boom") }, s.cached, s.compress)
	s.echo.GET("/late", func(c echo.Context) error {
		if _, err := c.Response().Write([]byte("half")); err != nil {
			return err
		}
		panic("boom")
	})
	w := s.get(t, "/panic", "Accept-Encoding", "gzip")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "boom") || !strings.Contains(w.Body.String(), "something went wrong on our side") {
		t.Errorf("status %d: %.300s", w.Code, w.Body)
	}
	web := httptest.NewServer(s)
	defer web.Close()
	if answer, err := web.Client().Get(web.URL + "/late"); err == nil {
		answer.Body.Close()
		t.Errorf("half an answer with status %d looks whole", answer.StatusCode)
	}
}

func TestSlowStore(t *testing.T) {
	s := newSite(t)
	s.world.fail = map[string]error{"Observations": fmt.Errorf("query: %w", context.DeadlineExceeded)}
	if w := s.get(t, "/chart/coverage.csv"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}

func TestReaderGoesAway(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.world.fail = map[string]error{"Observations": ctx.Err()}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/chart/coverage", nil))
	if w.Code != statusReaderGone {
		t.Errorf("status %d, want %d", w.Code, statusReaderGone)
	}
}

func TestEveryCohort(t *testing.T) {
	for _, c := range observation.RankCohorts() {
		s := newSite(t)
		if w := s.get(t, "/?cohort="+string(c)); w.Code != http.StatusOK {
			t.Errorf("%s: status %d", c, w.Code)
		}
	}
}

// While one reader has an old page made anew, the others get the old one; when
// that is too old they wait.
func TestCacheServesTheOldPageWhileTheNewOneIsMade(t *testing.T) {
	p := newPageCache()
	_, mine := p.begin("/", now, "")
	if !mine.first {
		t.Fatal("the first reader is not the maker")
	}
	p.end("/", mine.flight, &cacheEntry{key: "/", body: []byte("old"), made: now})

	later := now.Add(cacheFor)
	entry, maker := p.begin("/", later, "")
	if entry != nil || !maker.first {
		t.Fatal("nobody makes an old page anew")
	}
	if entry, _ = p.begin("/", later, ""); entry == nil || string(entry.body) != "old" {
		t.Errorf("the second reader got %v, want the old page", entry)
	}
	if entry, waits := p.begin("/", later.Add(staleFor), ""); entry != nil || waits.first || waits.flight != maker.flight {
		t.Errorf("a page older than that was given out: %v", entry)
	}
	p.end("/", maker.flight, &cacheEntry{key: "/", body: []byte("newer"), made: later})
	if entry, _ = p.begin("/", later, ""); entry == nil || string(entry.body) != "newer" || p.bytes != entry.size() || p.recent.Len() != 1 {
		t.Errorf("kept: %v, %d bytes in %d pages", entry, p.bytes, p.recent.Len())
	}
}

// A page of the same data stays as it is for a minute; with other data it is made
// anew, and others get the old one meanwhile.
func TestCacheFollowsThePublishedData(t *testing.T) {
	s := newSite(t)
	published, asked := "one", 0
	s.Published = func(context.Context) (string, error) { return published, nil }
	s.echo.GET("/counted", func(c echo.Context) error { asked++; return c.String(http.StatusOK, fmt.Sprint(asked)) }, s.cached)
	for _, step := range []struct {
		what      string
		after     time.Duration
		published string
		loading   bool
		want      string
	}{
		{"the first reader", 0, "one", false, "1"},
		{"later", sameFor - time.Second, "one", false, "1"},
		{"a minute later", time.Second, "one", false, "2"},
		{"the data change", 2 * time.Second, "two", false, "2"},
		{"seconds after that", cacheFor, "two", false, "3"},
		{"a source is asked", cacheFor, "two", true, "4"},
		{"and again", cacheFor, "two", true, "5"},
	} {
		s.now, published, s.activity = s.now.Add(step.after), step.published, nil
		if step.loading {
			s.activity = []Activity{{Source: "osv"}}
		}
		if got := s.get(t, "/counted").Body.String(); got != step.want {
			t.Errorf("%s: answer %s, want %s", step.what, got, step.want)
		}
	}
}

// A page that lacks a part is not kept: the reader may have gone away while it
// was made, or the store came back since.
func TestCacheKeepsNoPageThatLacksAPart(t *testing.T) {
	for path, method := range map[string]string{
		"/": "CohortPoints", "/p/urllib3": "Peers", "/checks": "Funnel", "/adoption": "AdoptionNow", "/threats": "Threats", "/card/overview.png": "CohortPoints",
	} {
		t.Run(path, func(t *testing.T) {
			s := newSite(t)
			s.Published = func(context.Context) (string, error) { return "one", nil }
			whole := s.get(t, path).Body.String()

			s = newSite(t)
			s.Published = func(context.Context) (string, error) { return "one", nil }
			s.world.fail = map[string]error{method: fmt.Errorf("query: %w", context.Canceled)}
			if w := s.get(t, path); w.Code != http.StatusOK || w.Body.String() == whole {
				t.Fatalf("status %d; the page lacks nothing: %t", w.Code, w.Body.String() == whole)
			}
			s.world.fail = nil
			if again := s.get(t, path).Body.String(); again != whole {
				t.Error("the next reader got a page that lacks a part")
			}
		})
	}
}
