package server

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/status"
)

// findings are two losses of one check, one that is not decided, one that was a
// break, and breaks of every state.
func findings() observation.Findings {
	loss := func(on, check string, lost int, state observation.LossState, back string) observation.CheckSuspect {
		c := observation.CheckSuspect{Date: date(on), Check: check, Source: observation.SourceArchive, Previous: date("2022-08-22"),
			Had: 3614, Lost: lost, State: state, Reason: "why"}
		if back != "" {
			c.Back = date(back)
		}
		return c
	}
	return observation.Findings{
		Breaks: []observation.ObservedBreak{
			{Date: date("2023-10-15"), Previous: date("2023-10-08"), Scope: "check", Item: "Pinned-Dependencies", Source: observation.SourceArchive, Measure: "mean", Value: -6.42, Matched: 4053, State: observation.BreakConfirmed},
			{Date: date("2024-09-08"), Previous: date("2024-09-01"), Scope: "check", Item: "SAST", Source: observation.SourceArchive, Measure: "mean", Value: -0.754, Matched: 5345, State: observation.BreakFound},
			{Date: date("2024-09-08"), Scope: "aggregate", Item: observation.AggregateCore, Source: observation.SourceAPI, Measure: "mean", Value: 0.2, Matched: 1200, State: observation.BreakFound},
		},
		Suspects: []observation.CheckSuspect{
			loss("2022-08-23", "Fuzzing", 280, observation.LossOutage, "2022-08-31"),
			loss("2022-08-31", "Fuzzing", 234, observation.LossOutage, "2022-09-07"),
			loss("2022-12-01", "Fuzzing", 288, observation.LossBreak, ""),
			loss("2026-06-15", "SAST", 900, observation.LossSuspect, ""),
		},
	}
}

func TestFindingsOnStatus(t *testing.T) {
	f := findings()
	wantLosses := []status.Loss{
		{Date: "15 Jun 2026", Check: "SAST", State: "suspect", Why: "why"},
		{Date: "23 Aug 2022 to 31 Aug 2022", Check: "Fuzzing", State: "outage",
			Why: "2 observations: of 3,614 projects with a value on 22 Aug 2022, between 234 and 280 have none; most of the last are back by 7 Sep 2022"},
	}
	if diff := cmp.Diff(wantLosses, losses(f.Suspects)); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
	wantBreaks := []status.Break{
		{Date: "8 Sep 2024", What: "the matched mean of the core aggregate moved by +0.20", Over: "1,200 repositories"},
		{Date: "8 Sep 2024", What: "the matched mean of SAST moved by -0.75", Over: "5,345 projects since 1 Sep 2024"},
	}
	if diff := cmp.Diff(wantBreaks, unknownBreaks(f.Breaks)); diff != "" {
		t.Errorf("breaks (-want +got):\n%s", diff)
	}
	var lines []string
	for _, r := range ledgerRows(f, nil, nil) {
		lines = append(lines, strings.TrimSuffix(r.Line, `,"what happened","how it is known"`))
	}
	wantLines := []string{
		"2022-10-01,,source,pypiscorecards,suspect", "2022-10-01,,source,pypiscorecards,cleared",
		"2026-06-15,,check,SAST,suspect", "2026-06-15,,check,SAST,cleared",
		"2024-09-08,,aggregate,,cut", "2024-09-08,,aggregate,,cleared",
		"2026-07-13,,source,PYSEC,import", "2026-07-13,,source,PYSEC,not-import",
	}
	if diff := cmp.Diff(wantLines, lines); diff != "" {
		t.Errorf("lines of the ledger (-want +got):\n%s", diff)
	}
}

func TestImportDaysOnStatus(t *testing.T) {
	days := []observation.ImportDay{{Database: "PYSEC", Day: date("2020-01-01"), Records: 3, Import: true, Ledger: true}}
	for i := range maxImportDays + 2 {
		days = append(days, observation.ImportDay{Database: "GHSA", Day: date("2024-01-01").AddDate(0, 0, i), Records: 1051, Import: true})
	}
	days = append(days, observation.ImportDay{Database: "PYSEC", Day: date("2026-07-13"), Records: 591, Ledger: true})
	list, note := importDays(days)
	want := []status.Import{
		{Day: "13 Jul 2026", Database: "PYSEC", Records: "591", State: "cleared"},
		{Day: "22 Jan 2024", Database: "GHSA", Records: "1,051", State: "import"},
	}
	if diff := cmp.Diff(want, list[:2]); diff != "" {
		t.Errorf("the first (-want +got):\n%s", diff)
	}
	if last := list[len(list)-1]; len(list) != maxImportDays+1 || last != (status.Import{Day: "1 Jan 2020", Database: "PYSEC", Records: "3", State: "added"}) {
		t.Errorf("%d days, the last %+v", len(list), last)
	}
	if !strings.HasPrefix(note, "23 days of import are known. ") || !strings.HasSuffix(note, " The 3 days before those listed are in the table import_days.") {
		t.Errorf("note %q", note)
	}
	lines := ledgerRows(observation.Findings{}, nil, days)
	if last := lines[len(lines)-1].Line; !strings.HasPrefix(last, "2024-01-22,,source,GHSA,not-import,") {
		t.Errorf("how to clear the newest: %s", last)
	}
}

// TestSourcesHaveNames holds that no page calls a source by its collector.
func TestSourcesHaveNames(t *testing.T) {
	names := map[string]bool{}
	for _, src := range sources {
		names[collectorLabel(src.collector)] = true
		if collectorLabel(src.collector) == src.collector {
			t.Errorf("%s has no name in words", src.collector)
		}
	}
	if len(names) != 12 {
		t.Errorf("%d names for 12 sources", len(names))
	}
}

// TestStaleSources judges a source by the date of its data where that must
// advance, and else by its last success.
func TestStaleSources(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct {
		collector        string
		through, success time.Duration // how long ago
		want             string
	}{
		{"osv", 60 * 24 * time.Hour, time.Hour, ""},
		{"osv", time.Hour, 50 * time.Hour, "2 days old"},
		{"ranks", 70 * 24 * time.Hour, time.Hour, "70 days old"},
		{"ranks", 40 * 24 * time.Hour, 70 * 24 * time.Hour, ""},
	} {
		row := s.sourceRow(observation.SourceStatus{Collector: test.collector, State: observation.RunOK, Through: now.Add(-test.through), LastSuccess: now.Add(-test.success)}, now)
		if row.Age != test.want || row.Through != format.Date(now.Add(-test.through)) {
			t.Errorf("%s: %q with data through %s, want %q", test.collector, row.Age, row.Through, test.want)
		}
	}
}

// TestFoundBreakOfAllChecks cuts the line over all checks alone.
func TestFoundBreakOfAllChecks(t *testing.T) {
	b := observation.Break{Scope: "aggregate", Item: observation.AggregateAll, Kind: observation.BreakCut}
	if kind := onScores(b); kind != "" {
		t.Errorf("the lines of cohorts: %q, want nothing", kind)
	}
	b.Item = ""
	if kind := onScores(b); kind != observation.BreakCut {
		t.Errorf("a break of the core aggregate: %q", kind)
	}
}
