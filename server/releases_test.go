package server

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

func TestReleasesPage(t *testing.T) {
	s := newSite(t)
	body := s.get(t, "/releases").Body.String()
	for _, want := range []string{
		"Half of the 38 projects of the top 1,000 with two known releases or more had 36 days or less between releases",
		"Files are known of 40 of 1,000 projects, as of 22 Jul 2026",
		"Projects of the top 1,000 published 111 releases in the 6 months to Jun 2026, as far as their files are known", // December is a gap
		"3 of 111 known releases of the 6 months to Jun 2026 in the top 1,000 are yanked by now",
		"3 of 40 projects have a yanked release, and 1 of them gives no reason at all",
		"&lt;b&gt;broken&lt;/b&gt; wheel",
		"2 of 40 projects of the top 1,000 whose files are known have had no release for 365 days",
		"Of 2 projects without a release for 365 days, the latest release of 1 is in the affected range of an advisory",
		"latest release in the range of 1", "no known range", "archived",
		"15 of 40 projects of the top 1,000 whose files are known admit a Python that has ended, and 30 the newest",
		"30 of 40 projects are known to admit Python 3.14, the newest",
		"A finished project may need no release",
	} {
		if !says(body, want) {
			t.Errorf("/releases does not say %q", want)
		}
	}
	if w := s.get(t, "/releases?page=2"); w.Code != http.StatusBadRequest {
		t.Errorf("a page beyond the last: %d", w.Code)
	}
}

// TestReleasesStates holds that what is missing is said and is no zero.
func TestReleasesStates(t *testing.T) {
	s := newSite(t)
	s.world.cycles = nil
	body := s.get(t, "/releases").Body.String()
	if !strings.Contains(body, "What the top 1,000 admit of Python is not known yet") || !strings.Contains(body, "endoflife.date, which has not answered") {
		t.Error("without the cycles of CPython the page does not say so")
	}
	for _, p := range s.chartJSON(t, "/chart/python-support.json").Series[0].Points {
		if p.V != nil || p.Reason == "" {
			t.Errorf("without the cycles: %+v", p)
		}
	}
	s = newSite(t)
	s.world.months, s.world.now, s.world.dormant = nil, observation.ReleasesNow{}, nil
	body = s.get(t, "/releases").Body.String()
	for _, want := range []string{"Nothing is known of the releases of the top 1,000", "No month of releases of the top 1,000 is known yet", "Nobody is listed."} {
		if !says(body, want) {
			t.Errorf("an empty store: no %q", want)
		}
	}
	s = newSite(t)
	s.world.fail["ReleaseMonths"] = errStore
	if w := s.get(t, "/releases"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Unavailable.") {
		t.Errorf("a figure that cannot be read: %d", w.Code)
	}
}

func (s *site) chartJSON(t *testing.T, path string) Chart {
	t.Helper()
	w := s.get(t, path)
	var c struct {
		Title  string
		Series []struct {
			Name   string
			Points []struct {
				T      string
				V      *float64
				N, Of  *int
				Reason string
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil {
		t.Fatalf("%s: %v: %.200s", path, err, w.Body)
	}
	out := Chart{Title: c.Title}
	for _, series := range c.Series {
		points := Series{Name: series.Name}
		for _, p := range series.Points {
			points.Points = append(points.Points, Point{T: Date{date(p.T)}, V: p.V, N: p.N, Of: p.Of, Reason: p.Reason})
		}
		out.Series = append(out.Series, points)
	}
	return out
}

// TestReleaseMonths holds that a month without known files or without a list is
// a gap with its reason, and that the range is kept.
func TestReleaseMonths(t *testing.T) {
	s := newSite(t)
	c := s.chartJSON(t, "/chart/releases-by-month.json?from=2025-10&to=2026-01")
	final := c.Series[0].Points
	if len(final) != 4 || final[0].V != nil || !strings.Contains(final[0].Reason, "no file") || final[2].V != nil || !strings.Contains(final[2].Reason, "rank list") || *final[1].N != 13 || *final[1].Of != 14 {
		t.Errorf("October to January: %+v", final)
	}
	if want := "Projects of the top 1,000 published 16 releases in Jan 2026, as far as their files are known"; c.Title != want {
		t.Errorf("title %q, want %q", c.Title, want)
	}
	if c := s.chartJSON(t, "/chart/dormancy.json?to=2025-09"); c.Title != "2 of 40 projects of the top 1,000 whose files are known had had no release for 365 days on 30 Sep 2025" {
		t.Errorf("in the past: %q", c.Title)
	}
}

func TestCPythonPage(t *testing.T) {
	s := newSite(t)
	body := s.get(t, "/cpython").Body.String()
	for _, want := range []string{
		"2 of 4 release cycles of CPython are supported", "Python 3.14 is the newest release cycle, released on 7 Oct 2025", "Python 3.11 is the next to end, on 31 Oct 2027",
		"0 flaws of CPython on record were disclosed in 2025, and 1 flaw in 2026 up to 20 Jul 2026",
		"3 live records about CPython, newest first", "1 record was withdrawn", "in KEV since 1 Jun 2026", "Critical 9.8",
		`href="https://github.com/python/cpython/commit/0123456789abcdef"`, "not a commit", "from the first commit; 1 tag listed",
		"Scorecard has no stored result of python/cpython", "&lt;script&gt;x",
	} {
		if !says(body, want) {
			t.Errorf("/cpython does not say %q", want)
		}
	}
	if strings.Contains(body, "javascript:") {
		t.Error("a repository of a record is linked whatever it is")
	}
	s = newSite(t)
	s.world.cycles, s.world.cpython, s.world.kevCVEs = nil, observation.CPythonAdvisories{}, nil
	s.world.repository = &observation.ScorecardResult{ObservedOn: date("2026-07-20"), Aggregate: ptr(7.3), Checks: []observation.Check{{Name: "License", Score: ptr(int8(10))}, {Name: "Packaging"}}}
	s.world.sources = append(s.world.sources, observation.SourceStatus{Collector: "pythoncycles", State: observation.RunFailed, LastTry: now})
	body = s.get(t, "/cpython").Body.String()
	for _, want := range []string{"Nothing is known of CPython yet", "endoflife.date, which had no answer on 23 Jul 2026", "No record is stored yet.", "Scorecard gives python/cpython 7.3 of 10", "1 of 2 checks"} {
		if !says(body, want) {
			t.Errorf("/cpython of an empty store does not say %q", want)
		}
	}
}

// TestDataCoverage tells months that are empty, not begun and after the end apart.
func TestDataCoverage(t *testing.T) {
	s := newSite(t)
	c := s.chartJSON(t, "/chart/data-coverage.json")
	if c.Title != "2 of 9 sources with a history have data between Apr 2023 and Jul 2026" {
		t.Errorf("title %q", c.Title)
	}
	i := slices.IndexFunc(c.Series, func(s Series) bool { return s.Name == "pypiscorecards" })
	archive := c.Series[i].Points
	if archive[0].Reason != "not begun" || *archive[1].V != 4 || archive[5].V == nil || *archive[5].V != 0 || c.Series[i+1].Name != "pypiscorecards, left out" {
		t.Errorf("the archive: %+v", archive[:7])
	}
	if first := c.Series[len(c.Series)-1].Points[0]; first.V != nil || first.Reason != "nothing of this source is stored" {
		t.Errorf("a source without anything: %+v", first)
	}
	body := s.get(t, "/data").Body.String()
	for _, want := range []string{`id="data-coverage"`, "Download ranks", "How to cite", "/api/v1/status", "/chart/releases-by-month.csv"} {
		if !says(body, want) {
			t.Errorf("/data has no %q", want)
		}
	}
}

// TestInterrupted holds that a run whose process was killed does not run for ever.
func TestInterrupted(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct {
		name string
		idle bool
		ago  time.Duration
		want observation.RunState
	}{
		{"somebody may be at it", false, time.Hour, observation.RunRunning},
		{"nobody collects", true, time.Hour, runInterrupted},
		{"longer than a run may take", false, 5 * time.Hour, runInterrupted},
	} {
		st := observation.SourceStatus{Collector: "scorecard", State: observation.RunRunning, LastTry: now.Add(-test.ago)}
		if got := s.stateNow(st, now, test.idle); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	s.world.sources = []observation.SourceStatus{{Collector: "scorecard", State: observation.RunRunning, LastTry: now.Add(-5 * time.Hour)}}
	if body := s.get(t, "/status").Body.String(); !strings.Contains(body, "interrupted") {
		t.Error("/status does not say that the run was interrupted")
	}
	w := s.get(t, "/api/v1/status")
	var answer struct{ Sources []apiSource }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Sources) != len(sources) {
		t.Fatalf("%v: %d sources", err, len(answer.Sources))
	}
	if last := answer.Sources[len(answer.Sources)-1]; last.State != "interrupted" || last.Through != nil {
		t.Errorf("in the API: %+v", last)
	}
	if w.Header().Get("ETag") == "" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("headers: %v", w.Header())
	}
}

// TestNoLedgerOfTheFictional holds that nobody is told to edit the ledger of a
// simulated ecosystem.
func TestNoLedgerOfTheFictional(t *testing.T) {
	s := newSite(t)
	if body := s.get(t, "/status").Body.String(); !strings.Contains(body, "sql/breaks.csv") {
		t.Error("/status of real data does not say how to decide")
	}
	s = newSite(t)
	s.mode.Simulated = true
	if body := s.get(t, "/status").Body.String(); strings.Contains(body, "sql/breaks.csv") {
		t.Error("/status of simulated data tells to edit the ledger")
	}
}

// TestDefinitions holds that every chart has its definition on /methods, and that
// every definition that a page links to is there.
func TestDefinitions(t *testing.T) {
	s := newSite(t)
	body := s.get(t, "/methods").Body.String()
	has := func(anchor string) bool { return strings.Contains(body, ` id="`+anchor+`"`) }
	for _, k := range chartKinds {
		if !has(k.anchor) {
			t.Errorf("chart %s: /methods has no #%s", k.slug, k.anchor)
		}
	}
	for _, anchor := range []string{"cohort", "weighting", "panel", "coverage", "score-distribution", "check-rate", "conclusive", "disclosure", "time-to-fix",
		"attested", "threats", "affected", "removed", "dormant", "python-support", "next-step", "peers", "change", "cause", "change-check", "change-back", "ledger", "initiatives", "suspect", "imports"} {
		if !has(anchor) {
			t.Errorf("/methods has no #%s", anchor)
		}
	}
	link := regexp.MustCompile(`href="/methods#([^"]*)"`)
	for _, page := range []string{"/", "/releases", "/cpython", "/data", "/status", "/checks", "/checks/Maintained", "/threats", "/adoption", "/advisories", "/malware", "/projects", "/p/urllib3"} {
		for _, m := range link.FindAllStringSubmatch(s.get(t, page).Body.String(), -1) {
			if !has(m[1]) {
				t.Errorf("%s leads to /methods#%s, which is not there", page, m[1])
			}
		}
	}
	if !strings.Contains(body, "Ledger of breaks") || !strings.Contains(body, format.Date(s.world.ledger[0].Start)) {
		t.Error("/methods has no ledger")
	}
}
