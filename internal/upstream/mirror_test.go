package upstream

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// tree writes files, given by name and text, below a new directory.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMirrorMapsURLsToFiles(t *testing.T) {
	dir := tree(t, map[string]string{
		"pypi.org/simple/_index":                                    `{"projects":[]}`,
		"pypi.org/simple/_index.headers":                            "Content-Type: application/vnd.pypi.simple.v1+json\nX-PyPI-Last-Serial: 7",
		"pypi.org/pypi/otter/json":                                  ` {"info":{}}`,
		"osv.example/PyPI/modified_id.csv":                          "2026-01-01T00:00:00Z,PYSEC-2026-1\n",
		"osv.example/PyPI/all.zip":                                  "PK",
		"epss.example/scores.csv.gz":                                "\x1f\x8b",
		"api.deps.dev/versions/3.12.15:dependencies":                `{}`,
		"api.scorecard.dev/projects/github.com/Fictional/Otter-Kit": `{}`,
		"example.org/broken":                                        "x",
		"example.org/broken.headers":                                "no colon here\n",
		"example.org/empty":                                         "",
	})
	c := newClient(t, Options{Spec: "mirror:" + dir})
	if c.Kind() != Mirror {
		t.Errorf("kind %q", c.Kind())
	}
	for _, tt := range []struct {
		url, body, kind string
		class           observation.Class
	}{
		{url: "https://pypi.org/simple/", body: `{"projects":[]}`, kind: "application/vnd.pypi.simple.v1+json"},
		{url: "https://PyPI.org/simple/?x=../../etc", body: `{"projects":[]}`, kind: "application/vnd.pypi.simple.v1+json"},
		{url: "https://pypi.org/pypi/otter/json", body: ` {"info":{}}`, kind: "application/json"},
		{url: "https://osv.example/PyPI/modified_id.csv", body: "2026-01-01T00:00:00Z,PYSEC-2026-1\n", kind: "text/csv; charset=utf-8"},
		{url: "https://osv.example/PyPI/all.zip", body: "PK", kind: "application/zip"},
		{url: "https://epss.example/scores.csv.gz", body: "\x1f\x8b", kind: "application/gzip"},
		{url: "https://api.deps.dev/versions/3.12.15:dependencies", body: `{}`, kind: "application/json"},
		{url: "https://api.scorecard.dev/projects/github.com/Fictional/Otter-Kit", body: `{}`, kind: "application/json"},
		{url: "https://example.org/empty", kind: "text/plain; charset=utf-8"},
		{url: "https://api.scorecard.dev/projects/github.com/fictional/otter-kit", class: observation.ClassNotFound},
		{url: "https://pypi.org/simple", class: observation.ClassNotFound}, // a directory
		{url: "https://pypi.org/simple/otter/", class: observation.ClassNotFound},
		{url: "https://pypi.org/simple/_index", class: observation.ClassNotFound},
		{url: "https://pypi.org/simple/_index.headers", class: observation.ClassNotFound},
		{url: "https://pypi.org/pypi/otter/json/more", class: observation.ClassNotFound},
		{url: "https://pypi.org/" + strings.Repeat("x", 300), class: observation.ClassNotFound},
		{url: "https://absent.example/", class: observation.ClassNotFound},
		{url: "https://example.org/broken", class: observation.ClassUnavailable},
	} {
		t.Run(tt.url, func(t *testing.T) {
			all, resp, err := c.ReadAll(t.Context(), Request{URL: tt.url})
			wantClass(t, err, tt.class)
			if err != nil {
				return
			}
			if string(all) != tt.body || resp.Header.Get("Content-Type") != tt.kind {
				t.Errorf("%q as %q", all, resp.Header.Get("Content-Type"))
			}
		})
	}
}

func TestMirrorIsNotLeft(t *testing.T) {
	dir := tree(t, map[string]string{"mirror/pypi.org/inside": "in", "secret": "out", "mirror/secret": "out"})
	mirror := filepath.Join(dir, "mirror")
	for link, to := range map[string]string{"absolute": filepath.Join(dir, "secret"), "relative": "../../secret", "within": "inside"} {
		if err := os.Symlink(to, filepath.Join(mirror, "pypi.org", link)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := newMirror(mirror)
	if err != nil {
		t.Fatal(err)
	}
	get := func(u *url.URL) (string, int, error) {
		req := &http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}
		resp, err := m.RoundTrip(req)
		if err != nil {
			return "", 0, err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		return string(b), resp.StatusCode, err
	}
	for _, u := range []url.URL{
		{Host: "pypi.org", Path: "/../secret"}, {Host: "pypi.org", Path: "/../../secret"}, {Host: "pypi.org", Path: "/a/../../secret"},
		{Host: "pypi.org", Path: "//secret"}, {Host: "pypi.org", Path: "/./inside"}, {Host: "pypi.org", Path: `/..\secret`},
		{Host: "pypi.org", Path: "/inside\x00"}, {Host: "pypi.org", Path: "inside"}, {Host: "..", Path: "/secret"}, {Host: ".", Path: "/secret"},
		{Host: "", Path: "/secret"}, {Host: "../x", Path: "/secret"}, {Host: "pypi.org:8080", Path: "/inside"}, {Host: "pypi.org/..", Path: "/secret"},
		{Host: "pypi.org", Path: "/absolute"}, {Host: "pypi.org", Path: "/relative"},
	} {
		body, status, err := get(&u)
		if strings.Contains(body, "out") || err == nil && status != 404 {
			t.Errorf("%+v: %d %q", u, status, body)
		}
	}
	escaped, err := url.Parse("https://pypi.org/%2e%2e/secret")
	if err != nil {
		t.Fatal(err)
	}
	if body, status, _ := get(escaped); status != 404 {
		t.Errorf("escaped: %d %q", status, body)
	}
	if body, status, err := get(&url.URL{Host: "pypi.org", Path: "/within"}); body != "in" || err != nil {
		t.Errorf("a link within the tree: %d %q %v", status, body, err)
	}
}

func FuzzTreeName(f *testing.F) {
	for _, s := range []string{"https://pypi.org/simple/", "https://pypi.org/../x", "https://pypi.org/%2e%2e/x", "https://../x", "https://a.b/c:d", "https://a.b//", "https://a.b/x.headers", "https://a.b/\\..\\x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		name, ok := treeName(u)
		if ok && !filepath.IsLocal(filepath.FromSlash(name)) {
			t.Errorf("%q became %q", raw, name)
		}
	})
}

func TestMirrorConditions(t *testing.T) {
	dir := tree(t, map[string]string{
		"pypi.org/a": "one", "pypi.org/b": "one", "pypi.org/dated": "x",
		"pypi.org/dated.headers": "Last-Modified: Mon, 23 Nov 2026 11:00:00 GMT\n",
	})
	m, err := newMirror(dir)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path string, h http.Header) *http.Response {
		t.Helper()
		resp, err := m.RoundTrip(&http.Request{Method: method, URL: &url.URL{Host: "pypi.org", Path: path}, Header: h})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	first := ask("GET", "/a", http.Header{})
	tag := first.Header.Get("ETag")
	if len(tag) < 10 || tag != ask("GET", "/b", http.Header{}).Header.Get("ETag") {
		t.Errorf("ETag %q is not made from the body", tag)
	}
	for _, tt := range []struct {
		path, name, value string
		status            int
	}{
		{"/a", "If-None-Match", tag, 304},
		{"/a", "If-None-Match", "W/" + tag, 304},
		{"/a", "If-None-Match", `"other", ` + tag, 304},
		{"/a", "If-None-Match", "*", 304},
		{"/a", "If-None-Match", `"other"`, 200},
		{"/a", "If-Modified-Since", "Mon, 23 Nov 2026 11:00:00 GMT", 200}, // no date is known
		{"/dated", "If-Modified-Since", "Mon, 23 Nov 2026 11:00:00 GMT", 304},
		{"/dated", "If-Modified-Since", "Mon, 23 Nov 2026 10:59:59 GMT", 200},
		{"/dated", "If-Modified-Since", "yesterday", 200},
	} {
		if got := ask("GET", tt.path, http.Header{tt.name: {tt.value}}).StatusCode; got != tt.status {
			t.Errorf("%s %s: %s = %d, want %d", tt.path, tt.name, tt.value, got, tt.status)
		}
	}
	path := filepath.Join(dir, "pypi.org", "a")
	if err := os.WriteFile(path, []byte("two"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, day, day.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if ask("GET", "/a", http.Header{"If-None-Match": {tag}}).StatusCode != 200 {
		t.Error("a changed file of the same size was taken for unchanged")
	}
	if head := ask("HEAD", "/a", http.Header{}); head.ContentLength != 3 || head.Body != http.NoBody {
		t.Errorf("HEAD: %d bytes announced", head.ContentLength)
	}
	if got := ask("PUT", "/a", http.Header{}).StatusCode; got != 405 {
		t.Errorf("PUT: %d", got)
	}
}

func TestRecordThenReplay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "recorded")
	var log bytes.Buffer
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/simple/":
			w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
			w.Header().Set("X-PyPI-Last-Serial", "7")
			w.Header().Set("Set-Cookie", "id=1")
			w.Header().Set("ETag", `"theirs"`)
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(304)
				return
			}
			fmt.Fprint(w, `{"projects":[]}`)
		case "/moved":
			w.Header().Set("Location", "https://files.example.org/dated-2026-11-23.csv")
			w.WriteHeader(302)
		case "/dated-2026-11-23.csv":
			fmt.Fprint(w, "a,b\n")
		case "/cut":
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "only this")
		case "/big":
			fmt.Fprint(w, strings.Repeat("x", 5000))
		case "/odd/x.headers":
			fmt.Fprint(w, "odd")
		default:
			w.WriteHeader(404)
		}
	}
	had := known{observation.Response{ETag: `"theirs"`}, true, nil}
	c := serve(t, Options{Record: dir, Validators: had, Log: slog.New(slog.NewTextHandler(&log, nil))}, handler)
	for path, class := range map[string]observation.Class{
		"/simple/": "", "/moved": "", "/absent": observation.ClassNotFound, "/cut": observation.ClassMalformed,
		"/big": observation.ClassMalformed, "/odd/x.headers": "",
	} {
		_, resp, err := c.ReadAll(t.Context(), Request{URL: "https://pypi.org" + path, MaxBytes: 4000, Conditional: true})
		wantClass(t, err, class)
		if path == "/simple/" && resp.NotModified {
			t.Error("asked conditionally for what was not recorded yet")
		}
	}
	if _, resp, err := c.ReadAll(t.Context(), Request{URL: "https://pypi.org/simple/", Conditional: true}); err != nil || !resp.NotModified {
		t.Errorf("recorded once, then asked conditionally: %v", err)
	}
	if !strings.Contains(log.String(), "x.headers") {
		t.Errorf("nothing said of what could not be recorded: %s", log.String())
	}

	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"pypi.org/moved", "pypi.org/moved.headers", "pypi.org/simple/_index", "pypi.org/simple/_index.headers"}
	if !slices.Equal(files, want) {
		t.Errorf("recorded %v, want %v", files, want)
	}
	headers, err := os.ReadFile(filepath.Join(dir, "pypi.org/simple/_index.headers"))
	if want := "Content-Type: application/vnd.pypi.simple.v1+json\nX-Pypi-Last-Serial: 7\n"; err != nil || string(headers) != want {
		t.Errorf("headers %q, %v", headers, err)
	}

	m := newClient(t, Options{Spec: "mirror:" + dir})
	for url, want := range map[string]string{"https://pypi.org/simple/": `{"projects":[]}`, "https://pypi.org/moved": "a,b\n"} {
		all, resp, err := m.ReadAll(t.Context(), Request{URL: url})
		if err != nil || string(all) != want {
			t.Errorf("%s replayed %q, %v", url, all, err)
		} else if url == "https://pypi.org/simple/" && resp.Header.Get("X-PyPI-Last-Serial") != "7" {
			t.Errorf("headers %v", resp.Header)
		}
	}
}

func TestRecordingNeverHindersTheAnswer(t *testing.T) {
	dir := tree(t, map[string]string{"pypi.org": "a file where a directory is needed"})
	var log bytes.Buffer
	c := serve(t, Options{Record: dir, Log: slog.New(slog.NewTextHandler(&log, nil))}, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "otter")
	})
	all, _, err := c.ReadAll(t.Context(), Request{URL: anyURL})
	if err != nil || string(all) != "otter" {
		t.Errorf("%q, %v", all, err)
	}
	if !strings.Contains(log.String(), "not recorded") {
		t.Errorf("log %q", log.String())
	}
}

func TestFaults(t *testing.T) {
	body := strings.Repeat("otter ", 1000)
	handler := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, body) }
	for spec, class := range map[string]observation.Class{
		"429=1":                      observation.ClassRateLimited,
		"500=1":                      observation.ClassUnavailable,
		"reset=1":                    observation.ClassUnavailable,
		"truncate=1":                 observation.ClassMalformed,
		"html=1":                     observation.ClassMalformed,
		"empty=1":                    observation.ClassEmpty,
		"cut=1":                      observation.ClassMalformed, // as JSON it cannot be read
		"500=1;host=api.example":     observation.ClassMalformed, // not this host: plain text is no JSON
		"500=0;seed=3;host=pypi.org": observation.ClassMalformed,
	} {
		c := serve(t, Options{Faults: spec}, handler)
		var v any
		_, err := c.ReadJSON(t.Context(), Request{URL: anyURL}, &v)
		t.Log(spec, err)
		wantClass(t, err, class)
	}
	c := serve(t, Options{Faults: "slow=1"}, handler)
	if all, _, err := c.ReadAll(t.Context(), Request{URL: anyURL}); err != nil || string(all) != body {
		t.Errorf("slow: %d bytes, %v", len(all), err)
	}
	for _, bad := range []string{"x", "200=0.1", "429", "429=2", "429=-1", "429=0.6,500=0.6", "tease=0.1", "429=0.1;speed=1", "429=0.1;seed=x", ","} {
		if _, err := New(Options{Faults: bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestFaultsRepeatBySeed(t *testing.T) {
	draw := func(spec string) (outcome []int) {
		c := newClient(t, Options{Faults: spec, Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return answer(r, 200, nil), nil })})
		for i := range 400 {
			req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("https://pypi.org/%d", i%200), nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := c.http.Transport.RoundTrip(req)
			if err != nil {
				outcome = append(outcome, -1)
				continue
			}
			outcome = append(outcome, resp.StatusCode)
		}
		return outcome
	}
	a, b, other := draw("429=0.1,500=0.2,reset=0.1;seed=5"), draw("429=0.1,500=0.2,reset=0.1;seed=5"), draw("429=0.1,500=0.2,reset=0.1;seed=6")
	if !slices.Equal(a, b) {
		t.Error("one seed, two outcomes")
	}
	if slices.Equal(a, other) || slices.Equal(a[:200], a[200:]) {
		t.Error("another seed and a second request must be able to end otherwise")
	}
	count := map[int]int{}
	for _, s := range a {
		count[s]++
	}
	for status, want := range map[int]int{429: 40, 500: 80, -1: 40, 200: 240} {
		if got := count[status]; got < want*6/10 || got > want*14/10 {
			t.Errorf("%d befell %d of 400, want about %d", status, got, want)
		}
	}
}

// TestRecordedMirror asks the recorded mirror, where there is one, for a URL of
// every source, and again with the ETag.
func TestRecordedMirror(t *testing.T) {
	dir := os.Getenv("PYROMETER_MIRROR")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "mirror")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Logf("mirror not present at %s: %v", dir, err)
		return
	}
	seen := remembered{}
	c := newClient(t, Options{Spec: "mirror:" + dir, Validators: seen})
	for url, kind := range map[string]string{
		"https://hugovk.dev/top-pypi-packages/top-pypi-packages.min.json":                                       "application/json",
		"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2024.01/top-pypi-packages-30-days.min.json": "text/plain; charset=utf-8",
		"https://codeload.github.com/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main":                        "application/x-gzip",
		"https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip":                                       "application/zip",
		"https://osv-vulnerabilities.storage.googleapis.com/PyPI/modified_id.csv":                               "text/csv; charset=utf-8",
		"https://pypi.org/simple/":         "application/vnd.pypi.simple.v1+json",
		"https://pypi.org/pypi/attrs/json": "application/json",
		"https://api.scorecard.dev/projects/github.com/rohankh532/scorecard-OIDC-test":        "application/json",
		"https://api.deps.dev/v3/systems/pypi/packages/aiohttp/versions/3.12.15:dependencies": "application/json",
	} {
		_, resp, err := c.ReadAll(t.Context(), Request{URL: url, MaxBytes: 1 << 30, Conditional: true})
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := resp.Header.Get("Content-Type"); got != kind {
			t.Errorf("%s is %q, want %q", url, got, kind)
		}
		seen[url] = *resp.Record()
		if _, again, err := c.ReadAll(t.Context(), Request{URL: url, MaxBytes: 1 << 30, Conditional: true}); err != nil || !again.NotModified {
			t.Errorf("%s again: %v", url, err)
		}
	}
	_, err := c.Get(t.Context(), Request{URL: "https://raw.githubusercontent.com/hugovk/top-pypi-packages/2025.01/top-pypi-packages.min.json"})
	wantClass(t, err, observation.ClassNotFound)
}

type remembered map[string]observation.Response

func (r remembered) Response(_ context.Context, url string) (observation.Response, bool, error) {
	v, ok := r[url]
	return v, ok, nil
}
