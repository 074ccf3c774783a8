package server

import (
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestCards: every page names its card, and the card is a picture. Drawing takes
// a while, so one of each kind of address is drawn.
func TestCards(t *testing.T) {
	s := newSite(t)
	for _, path := range everyPage {
		page := s.get(t, path).Body.String()
		_, after, named := strings.Cut(page, `<meta property="og:image" content="https://pyrometer.example`)
		if !named {
			t.Errorf("%s names no card", path)
			continue
		}
		address, _, _ := strings.Cut(after, `"`)
		if !slices.Contains([]string{"/", "/p/urllib3", "/search?q=urllib", "/chart/coverage"}, path) {
			continue
		}
		w := s.get(t, strings.ReplaceAll(address, "&amp;", "&"))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" {
			t.Errorf("%s: status %d, %s: %.200s", address, w.Code, w.Header().Get("Content-Type"), w.Body)
			continue
		}
		if c, err := png.DecodeConfig(w.Body); err != nil || c.Width != 1200 || c.Height != 630 {
			t.Errorf("%s: %v, %+v", address, err, c)
		}
	}
}

func TestNoCard(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]int{
		"/card/projects":                    http.StatusNotFound, // no .png
		"/card/.png":                        http.StatusNotFound,
		"/card//example.org/x.png":          http.StatusNotFound,
		"/card/nothing.png":                 http.StatusNotFound,
		"/card/p/nobody.png":                http.StatusNotFound,
		"/card/p/URLLIB3.png":               http.StatusNotFound, // a redirect
		"/card/projects.png?sort=bad":       http.StatusBadRequest,
		"/card/data/ranks.csv.png":          http.StatusNotFound,
		"/card/chart/coverage.svg.png":      http.StatusNotFound,
		"/card/metrics.png":                 http.StatusNotFound,
		"/card/healthz.png":                 http.StatusNotFound,
		"/card/card/projects.png.png":       http.StatusNotFound,
		"/card/api/v1/projects/urllib3.png": http.StatusNotFound,
	} {
		w := s.get(t, path)
		if w.Code != want || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: status %d, %s, want %d", path, w.Code, w.Header().Get("Content-Type"), want)
		}
	}
	s.ready = false
	if w := s.get(t, "/card/projects.png"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("starting: status %d", w.Code)
	}
}

// TestCardSimulated: a fictional card says so.
func TestCardSimulated(t *testing.T) {
	s := newSite(t)
	real := s.get(t, "/card/methods.png").Body.Bytes()
	s = newSite(t)
	s.mode = Mode{Upstream: "simulated", Simulated: true}
	if slices.Equal(real, s.get(t, "/card/methods.png").Body.Bytes()) {
		t.Error("the card of a fictional ecosystem looks like a real one")
	}
}
