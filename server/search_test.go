package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestSearchPage(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string][]string{
		"/search":                               {"<h1>Search projects, repositories and advisories</h1>", `name="q" value=""`},
		"/search?q=urllib":                      {"3 hits for urllib", `<a href="/p/urllib3">urllib3</a>`, "project, rank 4", "repository of urllib3 and 2 more projects", "known from malware reports alone", `name="q" value="urllib"`},
		"/search?q=cve-2026":                    {"2 hits for cve-2026", `href="/advisories/PYSEC-2026-1"`, "advisory, High 7.5, 1 project", "advisory, withdrawn, 2 projects"},
		"/search?q=aaaa-bbbb":                   {"1 hit for aaaa-bbbb", "also GHSA-aaaa-bbbb-cccc"},
		"/search?q=mal-2025":                    {"malware report, 1 project"},
		"/search?q=urlib":                       {"0 hits for urlib", "Nothing here has that in its name.", `<a href="/p/urllib3">urllib3</a>`, "https://pypi.org/project/urlib/", "was not asked"},
		"/search?q=%3Cscript%3Ealert(1)":        {"0 hits for &#34;&lt;script&gt;alert(1)&#34;"},
		"/search?q=" + strings.Repeat("l", 100): {"0 hits for "},
	} {
		w := s.get(t, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
		for _, text := range want {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s lacks %q", path, text)
			}
		}
		if !strings.Contains(w.Body.String(), `<meta name="robots" content="noindex">`) {
			t.Errorf("%s may be indexed", path)
		}
	}
}

// TestDestination: several exact hits are a choice, unless one is a project.
func TestDestination(t *testing.T) {
	project := observation.Hit{Kind: observation.HitProject, Project: "cli", Exact: true}
	first := observation.Hit{Kind: observation.HitRepository, Project: "gh", Exact: true}
	second := observation.Hit{Kind: observation.HitRepository, Project: "gl", Exact: true}
	near := observation.Hit{Kind: observation.HitProject, Project: "click"}
	for _, c := range []struct {
		hits []observation.Hit
		want string
	}{
		{nil, ""}, {[]observation.Hit{near}, ""}, {[]observation.Hit{first, near}, "/p/gh"},
		{[]observation.Hit{first, second}, ""}, {[]observation.Hit{first, project, second}, "/p/cli"},
	} {
		if got := destination(c.hits); got != c.want {
			t.Errorf("%+v leads to %q, want %q", c.hits, got, c.want)
		}
	}
}

func TestSought(t *testing.T) {
	for text, want := range map[string]string{
		"https://pypi.org/project/requests/": "requests", "https://pypi.org/project/requests/2.31.0/#files": "requests",
		"https://pypi.org/search": "https://pypi.org/search", "https://github.com/psf/requests": "https://github.com/psf/requests",
		"requests": "requests", "": "", "%zz": "%zz",
	} {
		if got := sought(text); got != want {
			t.Errorf("%q looks for %q, want %q", text, got, want)
		}
	}
}

func TestAPISearch(t *testing.T) {
	s := newSite(t)
	w := s.get(t, "/api/v1/search?q=urllib3")
	var got apiHits
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d: %v: %s", w.Code, err, w.Body)
	}
	if len(got.Hits) != 3 || got.Query != "urllib3" || !got.Hits[0].Exact || got.Hits[0].Href != "/p/urllib3" || *got.Hits[0].Rank != 4 || got.Hits[2].Rank != nil {
		t.Errorf("hits %s", w.Body)
	}
	if again := s.get(t, "/api/v1/search?q=urllib3", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("the same question again: status %d, want 304", again.Code)
	}
	if empty := s.get(t, "/api/v1/search?q=nothing+here").Body.String(); !strings.Contains(empty, `"hits":[]`) {
		t.Errorf("no hits: %s", empty)
	}
	if bad := s.get(t, "/api/v1/search?name=x"); bad.Code != http.StatusBadRequest || bad.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a wrong parameter: status %d", bad.Code)
	}
	s.ready = false
	if w := s.get(t, "/api/v1/search?q=x"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("starting: status %d", w.Code)
	}
}
