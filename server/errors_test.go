package server

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestCorrections: a refused address leads on, to what was meant where only one
// thing is near.
func TestCorrections(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/?cohrot=top100&by=month": `?by=month&amp;cohort=top100">With cohort=top100<`,
		"/?cohort=TOP5000":         `?cohort=top5000">With cohort=top5000<`,
		"/?cohort=top10&from=2024": `?from=2024">The same without cohort<`, // top100 and top1000 are near
		"/?weighting=downloads":    `?weighting=download">With weighting=download<`,
		"/?by=months":              `?by=month">With by=month<`,
		"/?from=2025&to=2024":      `?from=2024&amp;to=2025">The other way round<`,
		"/?by=month&by=year":       `?by=year">With the last one alone<`,
		"/projects?srot=name":      `?sort=name">With sort=name<`,
		"/?cohort=%3Cscript%3E":    `?">The same without cohort<`,
		"/?xyzzy=%3Cscript%3E":     `?">The same without xyzzy<`,
		"/?to=yesterday":           `<a href="/">This page without parameters<`,
	} {
		w := s.get(t, path)
		if w.Code != http.StatusBadRequest || !says(w.Body.String(), want) {
			t.Errorf("%s: status %d, lacks %s", path, w.Code, want)
		}
	}
	if body := s.get(t, "/?cohort=top10").Body.String(); strings.Contains(body, ">With cohort=") {
		t.Error("one of two near cohorts is chosen")
	}
}

// TestCorrectedLinks follows every link of a refused address: each one answers.
func TestCorrectedLinks(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/?cohrot=top100", "/?cohort=Top100", "/?by=months", "/?from=2025&to=2024", "/?by=month&by=year", "/projects?srot=name"} {
		for _, a := range attributes(parse(t, s.get(t, path).Body.String())) {
			if a.element == "a" && a.name == "href" && strings.HasPrefix(a.value, "?") {
				target := strings.SplitN(path, "?", 2)[0] + html.UnescapeString(a.value)
				if w := s.get(t, target); w.Code != http.StatusOK {
					t.Errorf("%s leads to %s: status %d", path, target, w.Code)
				}
			}
		}
	}
}

func TestNoSuchPage(t *testing.T) {
	s := newSite(t)
	body := s.get(t, "/numpy").Body.String()
	for _, want := range []string{"<h1>There is no such page</h1>", `<a href="/search?q=numpy">Search for numpy</a>`, `<a href="/cpython">CPython</a>`, `<a href="/compare">Compare</a>`} {
		if !says(body, want) {
			t.Errorf("/numpy lacks %s", want)
		}
	}
	if body := s.get(t, "/x/%00%3Cb%3E").Body.String(); strings.Contains(body, "<b>") || strings.Contains(body, "Search for") {
		t.Error("what cannot be a name is offered to the search")
	}
}

// TestDatabaseAway: a page says so, stands without the store, and when to ask again.
func TestDatabaseAway(t *testing.T) {
	s := newSite(t)
	away := fmt.Errorf("query: %w", &net.OpError{Op: "dial", Err: errors.New("connection refused")})
	s.world.fail = map[string]error{"Observations": away, "Search": away}
	for _, path := range []string{"/status", "/search?q=x", "/api/v1/search?q=x", "/card/status.png"} {
		w := s.get(t, path)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "10" || !strings.Contains(w.Body.String(), "The database does not answer") {
			t.Errorf("%s: status %d, Retry-After %q: %.300s", path, w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
}
