package store

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// scored gives the projects first to last a result; the others have none.
func scored(first, last int) func(int) float32 {
	return func(i int) float32 {
		if first <= i && i <= last {
			return 5
		}
		return absent
	}
}

// scores gives a check's score to the projects first to last.
func scores(first, last int, score int8) map[string]int8 {
	m := make(map[string]int8)
	for i := first; i <= last; i++ {
		m[name(i)] = score
	}
	return m
}

// setOf writes down which checks the results of one day list.
func (w *world) setOf(on, set string) {
	w.Helper()
	w.must(w.conn.Exec(w.ctx, "ALTER TABLE scorecard_results UPDATE check_set = {set:String} WHERE observed_on = {on:Date} SETTINGS mutations_sync = 2",
		param("set", set), dateParam("on", date(on))))
}

// rates returns the points of one check of top100 by date.
func (w *world) rates(check string, weighting observation.Weighting, by observation.Granularity) map[string]observation.CheckPoint {
	w.Helper()
	points, err := w.CheckRates(w.ctx, observation.CohortTop100, weighting, by)
	w.must(err)
	byDate := make(map[string]observation.CheckPoint)
	for _, p := range points {
		if p.Check == check {
			byDate[p.Period.Format(time.DateOnly)] = p
		}
	}
	return byDate
}

// TestChecksByHand rolls up a small archive whose figures are worked out here:
// 100 ranked projects, the first with 901 of 1,000 downloads.
func TestChecksByHand(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	w.list("2024-01-01", 901, all...)
	w.archive("2024-01-05", all, scored(1, 60))
	w.checks(observation.SourceArchive, "2024-01-05", "Fuzzing", map[string]int8{"p001": 8, "p002": 10, "p003": 7, "p004": 0, "p005": -1})
	w.checks(observation.SourceArchive, "2024-01-05", "License", map[string]int8{"p001": 10})
	w.setOf("2024-01-05", "Fuzzing,License")
	w.archive("2024-01-12", names(2, 100), scored(2, 60)) // the first is no longer listed
	w.checks(observation.SourceArchive, "2024-01-12", "Fuzzing", map[string]int8{"p002": 10, "p003": 8})
	w.setOf("2024-01-12", "Fuzzing")
	w.must(w.DeriveAll(w.ctx))

	got := w.rates("Fuzzing", observation.WeightPackage, observation.ByObservation)["2024-01-05"]
	if got.Size != 100 || got.Scored != 60 || got.N != 4 || got.Inconclusive != 56 || got.NotRun != 0 || got.Suspect || got.Source != "archive" ||
		got.Histogram != [11]float64{0: 1, 7: 1, 8: 1, 10: 1} || !got.ListOn.Equal(date("2024-01-01")) {
		t.Errorf("5 January: %+v", got)
	}
	near(t, "share", got.Share, 0.5)
	near(t, "mean", got.Mean, 25.0/4)
	heavy := w.rates("Fuzzing", observation.WeightDownload, observation.ByObservation)["2024-01-05"]
	if heavy.N != 4 || heavy.Histogram != [11]float64{0: 1, 7: 1, 8: 901, 10: 1} {
		t.Errorf("by download: %+v", heavy)
	}
	near(t, "share by download", heavy.Share, 902.0/904)
	near(t, "mean by download", heavy.Mean, (901*8+10+7)/904.0)

	// A week later the first project's newest result is the one of the 5th.
	got = w.rates("Fuzzing", observation.WeightPackage, observation.ByObservation)["2024-01-12"]
	if got.Scored != 60 || got.N != 3 || got.Inconclusive != 57 || got.Histogram != [11]float64{8: 2, 10: 1} {
		t.Errorf("12 January: %+v", got)
	}
	if p, ok := w.rates("License", observation.WeightPackage, observation.ByObservation)["2024-01-12"]; ok {
		t.Errorf("a check that the archive no longer runs: %+v, want a gap", p)
	}
	// The last accepted observation of a period stands for it.
	month := w.rates("Fuzzing", observation.WeightPackage, observation.ByMonth)
	if len(month) != 1 || !month["2024-01-01"].Date.Equal(date("2024-01-12")) {
		t.Errorf("by month: %+v", month)
	}
	if week := w.rates("Fuzzing", observation.WeightPackage, observation.ByWeek); len(week) != 2 || week["2024-01-08"].N != 3 {
		t.Errorf("by week: %+v", week)
	}
}

// TestFoundBreakCuts moves one check and the core aggregate of 100 projects.
func TestFoundBreakCuts(t *testing.T) {
	w := newWorld(t)
	w.ledger() // an empty one
	all := names(1, 100)
	move := func(core float32) func(int) float32 { return func(int) float32 { return core } }
	w.list("2024-01-01", 1, all...)
	for i, week := range []string{"2024-01-05", "2024-01-12"} {
		w.archive(week, all, move(5))
		w.checks(observation.SourceArchive, week, "Fuzzing", scores(1, 100, int8(5-i)))
		w.checks(observation.SourceArchive, week, "License", scores(1, 100, 9))
	}
	w.must(w.DeriveAll(w.ctx))
	stated := func() (list []string) {
		changes, err := w.newestChanges(observation.CohortTop100)
		w.must(err)
		for _, c := range changes {
			list = append(list, c.What+c.Item)
		}
		return list
	}
	state := func() observation.BreakState {
		f, err := w.Findings(w.ctx)
		w.must(err)
		if len(f.Breaks) != 2 || f.Breaks[0].Item != "Fuzzing" || f.Breaks[0].Measure != "mean" || f.Breaks[0].Value != -1 || f.Breaks[0].Matched != 100 ||
			f.Breaks[1].Measure != "share" || !f.Breaks[0].Previous.Equal(date("2024-01-05")) {
			t.Fatalf("found %+v", f.Breaks)
		}
		return f.Breaks[0].State
	}
	if state() != observation.BreakFound || !slices.Equal(stated(), []string{"aggregate", "checkLicense", "cohort", "result"}) {
		t.Errorf("a break that is not in the ledger: state %s, stated %q", state(), stated())
	}
	breaks, err := w.Breaks(w.ctx)
	w.must(err)
	if len(breaks) != 1 || breaks[0].Kind != observation.BreakCut || breaks[0].Item != "Fuzzing" || !breaks[0].Start.Equal(date("2024-01-12")) || breaks[0].What == "" {
		t.Errorf("drawn: %+v", breaks)
	}

	for _, test := range []struct {
		kind  observation.BreakKind
		state observation.BreakState
		want  []string
	}{
		{observation.BreakCleared, observation.BreakStateCleared, []string{"aggregate", "checkFuzzing", "checkLicense", "cohort", "result"}},
		{observation.BreakFlag, observation.BreakFlagged, []string{"aggregate", "checkFuzzing", "checkLicense", "cohort", "result"}},
		{observation.BreakCut, observation.BreakConfirmed, []string{"aggregate", "checkLicense", "cohort", "result"}},
	} {
		w.at = w.at.Add(time.Minute)
		w.ledger(observation.Break{Start: date("2024-01-10"), Scope: "check", Item: "Fuzzing", Kind: test.kind, What: "w", Evidence: "e"})
		w.must(w.DeriveAll(w.ctx))
		if state() != test.state || !slices.Equal(stated(), test.want) {
			t.Errorf("%s: state %s, stated %q; want %s, %q", test.kind, state(), stated(), test.state, test.want)
		}
		if breaks, err = w.Breaks(w.ctx); err != nil || len(breaks) != 1 {
			t.Errorf("%s: drawn %+v, %v", test.kind, breaks, err)
		}
	}

	// The core aggregate moves by 0.2 in a third week: nothing is stated.
	w.at = w.at.Add(time.Minute)
	w.archive("2024-01-19", all, move(5.2))
	w.must(w.Derive(w.ctx, TouchedBy("pypiscorecards", []time.Time{date("2024-01-19")})))
	f, err := w.Findings(w.ctx)
	w.must(err)
	var items []string
	for _, b := range f.Breaks[2:] {
		items = append(items, b.Item+" "+b.Measure+" "+string(b.State))
	}
	// Both checks vanish with it; whether they come back is not known yet.
	if want := []string{"all mean found", "core mean found"}; !slices.Equal(items, want) || stated() != nil {
		t.Errorf("found %q, want %q; stated %q", items, want, stated())
	}
}

// TestLossIsDecidedByWhatFollows takes a check from 20 of 120 projects.
func TestLossIsDecidedByWhatFollows(t *testing.T) {
	for _, test := range []struct {
		name  string
		back  int // the week in which they have it again, 0 never
		until int // the last week that is known
		want  []observation.LossState
		left  []string // weeks of the gap
		lost  bool     // a break is found
	}{
		{"in the very week", 0, 1, []observation.LossState{"suspect"}, []string{"2024-01-12"}, false},
		{"three weeks later", 0, 4, []observation.LossState{"suspect", "suspect", "suspect", "suspect"}, []string{"2024-01-12", "2024-01-19", "2024-01-26", "2024-02-02"}, false},
		{"they come back", 3, 3, []observation.LossState{"outage", "outage"}, []string{"2024-01-12", "2024-01-19"}, false},
		{"they come back on the last day", 5, 6, []observation.LossState{"outage", "outage", "outage", "outage"}, []string{"2024-01-12", "2024-01-19", "2024-01-26", "2024-02-02"}, false},
		{"they stay away", 0, 5, []observation.LossState{"break"}, nil, true},
		{"they come back too late", 6, 7, []observation.LossState{"break"}, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			all := names(1, 120)
			w.list("2024-01-01", 1, all...)
			for week := range test.until + 1 {
				on := date("2024-01-05").AddDate(0, 0, 7*week)
				first := 1
				if week > 0 && (test.back == 0 || week < test.back) {
					first = 21
				}
				w.archive(on.Format(time.DateOnly), all, scored(1, 120))
				w.checks(observation.SourceArchive, on.Format(time.DateOnly), "Fuzzing", scores(first, 120, 8))
				w.at = w.at.Add(time.Minute)
				w.must(w.Derive(w.ctx, TouchedBy("pypiscorecards", []time.Time{on})))
			}
			for _, step := range []string{"in steps", "from the beginning"} {
				f, err := w.Findings(w.ctx)
				w.must(err)
				var states []observation.LossState
				for _, c := range f.Suspects {
					states = append(states, c.State)
					if c.Had != 120 || c.Lost != 20 || c.Check != "Fuzzing" || !c.Previous.Equal(date("2024-01-05")) {
						t.Errorf("%s: %+v", step, c)
					}
				}
				if !slices.Equal(states, test.want) {
					t.Errorf("%s: %q, want %q", step, states, test.want)
				}
				lost := slices.ContainsFunc(f.Breaks, func(b observation.ObservedBreak) bool { return b.Measure == "lost" && b.Value == 20.0/120 })
				if lost != test.lost {
					t.Errorf("%s: breaks %+v", step, f.Breaks)
				}
				var gap []string
				for on, p := range w.rates("Fuzzing", observation.WeightPackage, observation.ByObservation) {
					if p.Suspect {
						gap = append(gap, on)
					}
					if want := 100; on == "2024-01-12" && p.N != want-20 {
						t.Errorf("%s: a suspect observation shows %d of its own date, want %d", step, p.N, want-20)
					}
				}
				slices.Sort(gap)
				if !slices.Equal(gap, test.left) {
					t.Errorf("%s: the line has gaps on %q, want %q", step, gap, test.left)
				}
				w.at = w.at.Add(time.Minute)
				w.must(w.DeriveAll(w.ctx))
			}
		})
	}
}

// TestLedgerDecidesOnChecks confirms and clears what happened to one check.
func TestLedgerDecidesOnChecks(t *testing.T) {
	for kind, want := range map[observation.BreakKind]observation.LossState{
		observation.BreakSuspect: observation.LossConfirmed, observation.BreakCleared: observation.LossCleared,
	} {
		w := newWorld(t)
		all := names(1, 120)
		w.list("2024-01-01", 1, all...)
		w.archive("2024-01-05", all, scored(1, 120))
		w.archive("2024-01-12", all, scored(1, 120))
		for _, check := range []string{"Fuzzing", "License"} {
			w.checks(observation.SourceArchive, "2024-01-05", check, scores(1, 120, 8))
			w.checks(observation.SourceArchive, "2024-01-12", check, scores(21, 120, 8))
		}
		w.ledger(observation.Break{Start: date("2024-01-11"), End: date("2024-01-13"), Scope: "check", Item: "Fuzzing", Kind: kind, What: "half a run", Evidence: "e"})
		w.must(w.DeriveAll(w.ctx))
		f, err := w.Findings(w.ctx)
		w.must(err)
		if len(f.Suspects) != 2 || f.Suspects[0].State != want || f.Suspects[0].Reason != "half a run" || f.Suspects[1].State != observation.LossSuspect {
			t.Errorf("%s: %+v", kind, f.Suspects)
		}
		if p := w.rates("Fuzzing", observation.WeightPackage, observation.ByObservation)["2024-01-12"]; p.Suspect != (kind == observation.BreakSuspect) {
			t.Errorf("%s: %+v", kind, p)
		}
	}
}

// TestAPIResultsCompareByCheckSet gives 120 repositories a second result by
// another run of checks.
func TestAPIResultsCompareByCheckSet(t *testing.T) {
	w := newWorld(t)
	all := names(1, 120)
	w.list("2024-01-01", 1, all...)
	w.archive("2023-10-01", all, scored(0, 0)) // long ago, and nothing then
	var first, second []result
	for _, p := range all {
		repo := "github.com/o/" + p
		w.link(p, repo, observation.TrustDeclared)
		first, second = append(first, result{repo, 5}), append(second, result{repo, 7})
	}
	repos := func(score int8) map[string]int8 {
		m := make(map[string]int8)
		for _, p := range all {
			m["github.com/o/"+p] = score
		}
		return m
	}
	w.results(observation.SourceAPI, "2024-01-09", first...)
	w.checks(observation.SourceAPI, "2024-01-09", "Fuzzing", repos(5))
	w.checks(observation.SourceAPI, "2024-01-09", "License", repos(-1))
	w.checks(observation.SourceAPI, "2024-01-09", "SAST", repos(-1))
	w.setOf("2024-01-09", "Fuzzing,License,SAST")
	w.ran("scorecard", "2024-01-10", observation.RunOK)
	w.results(observation.SourceAPI, "2024-01-16", second...)
	w.checks(observation.SourceAPI, "2024-01-16", "Fuzzing", repos(6))
	for _, check := range []string{"Contributors", "License", "SAST"} {
		w.checks(observation.SourceAPI, "2024-01-16", check, repos(-1))
	}
	w.setOf("2024-01-16", "Contributors,Fuzzing,License,SAST") // one check more, none of the core
	w.ran("scorecard", "2024-01-17", observation.RunOK)
	w.must(w.DeriveAll(w.ctx))
	found := func() (list []string) {
		f, err := w.Findings(w.ctx)
		w.must(err)
		for _, b := range f.Breaks {
			list = append(list, fmt.Sprintf("%s %s %s %s %.1f", b.Date.Format(time.DateOnly), b.Source, b.Item, b.Measure, b.Value))
		}
		return list
	}
	if want := []string{"2024-01-17 api core mean 2.0", "2024-01-17 api Fuzzing mean 1.0", "2024-01-17 api Fuzzing share 1.0"}; !slices.Equal(found(), want) {
		t.Errorf("found %q, want %q", found(), want)
	}
	p := w.rates("Fuzzing", observation.WeightPackage, observation.ByObservation)["2024-01-17"]
	if p.Source != "api" || p.N != 100 || p.Histogram[6] != 100 || p.Inconclusive != 0 {
		t.Errorf("17 January: %+v", p)
	}
	if p := w.rates("License", observation.WeightPackage, observation.ByObservation)["2024-01-17"]; p.N != 0 || p.Inconclusive != 100 || p.Share != nil || p.Mean != nil {
		t.Errorf("a check that is inconclusive everywhere: %+v", p)
	}
	reasons, err := w.CheckReasons(w.ctx, observation.CohortTop100)
	w.must(err)
	six := 6.0
	on := date("2024-01-17")
	want := []observation.CheckReason{
		{Check: "Contributors", Reason: "because", Projects: 100, Date: on},
		{Check: "Fuzzing", Reason: "because", Projects: 100, Mean: &six, Date: on},
		{Check: "License", Reason: "because", Projects: 100, Date: on},
		{Check: "SAST", Reason: "because", Projects: 100, Date: on},
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}

	// Another set of core checks: the core aggregates do not compare either, and
	// no change of them is stated.
	w.must(w.conn.Exec(w.ctx, "ALTER TABLE scorecard_checks DELETE WHERE check IN ('License', 'Contributors') AND observed_on = '2024-01-16' SETTINGS mutations_sync = 2"))
	w.setOf("2024-01-16", "Fuzzing,SAST")
	w.at = w.at.Add(time.Minute)
	w.must(w.DeriveAll(w.ctx))
	if want := []string{"2024-01-17 api Fuzzing mean 1.0", "2024-01-17 api Fuzzing share 1.0"}; !slices.Equal(found(), want) {
		t.Errorf("found %q, want %q", found(), want)
	}
	changes, err := w.newestChanges(observation.CohortTop100)
	w.must(err)
	for _, c := range changes {
		if c.What == changeAggregate && c.Matched != 0 {
			t.Errorf("aggregates over unequal core checks are compared: %+v", c)
		}
		if c.What == changeCheck {
			t.Errorf("a change is stated across a break that was found: %+v", c)
		}
	}
}

// TestChecksInSteps derives ten weeks in which checks come, go and move, each
// as it arrives, and then all of it from the beginning.
func TestChecksInSteps(t *testing.T) {
	w := newWorld(t)
	all := names(1, 140)
	w.list("2024-01-01", 50, all...)
	for week := range 12 {
		on := date("2024-01-05").AddDate(0, 0, 7*week).Format(time.DateOnly)
		w.archive(on, all, func(i int) float32 {
			if i%17 == week%3 {
				return absent
			}
			return float32(i%10) + float32(week/4)/5
		})
		w.checks(observation.SourceArchive, on, "Fuzzing", scores(1+week*week%23, 140, int8(week%5)))
		w.checks(observation.SourceArchive, on, "License", scores(1, 140-week, int8(9-week/6*4)))
		if week > 4 && week != 9 {
			w.checks(observation.SourceArchive, on, "SAST", scores(1, 130, 3))
		}
		w.at = w.at.Add(time.Minute)
		w.must(w.Derive(w.ctx, TouchedBy("pypiscorecards", []time.Time{date(on)})))
		if week < 5 || week%2 == 1 {
			continue
		}
		inSteps := w.dump()
		w.at = w.at.Add(time.Minute)
		w.must(w.DeriveAll(w.ctx))
		if diff := cmp.Diff(w.dump(), inSteps); diff != "" {
			t.Fatalf("week %d: derived in steps (+) and from the beginning (-) differ:\n%s", week, diff)
		}
	}
	// A list in the past touches what follows it, and an outage of the archive.
	w.list("2024-02-01", 7, names(5, 130)...)
	w.archive("2024-02-06", all, scored(1, 40))
	w.at = w.at.Add(time.Minute)
	w.must(w.Derive(w.ctx, Touched{Scores: []time.Time{date("2024-02-01"), date("2024-02-06")}}))
	inSteps := w.dump()
	w.at = w.at.Add(time.Minute)
	w.must(w.DeriveAll(w.ctx))
	if diff := cmp.Diff(w.dump(), inSteps); diff != "" {
		t.Fatalf("a list and an outage in the past: derived in steps (+) and from the beginning (-) differ:\n%s", diff)
	}
}

// TestChecksCatchUp lets a derivation die between the scores and the checks. The
// next one is about later days, and must not leave out what was touched then.
func TestChecksCatchUp(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	w.list("2023-12-01", 1, all...)
	week := func(on string, score int8) {
		w.archive(on, all, scored(1, 100))
		w.checks(observation.SourceArchive, on, "Fuzzing", scores(1, 100, score))
		w.at = w.at.Add(time.Minute)
	}
	week("2024-01-05", 5)
	week("2024-04-05", 5)
	w.must(w.DeriveAll(w.ctx))
	week("2024-01-05", 9) // revised, long before the newest
	published, err := w.readGenerations(w.ctx)
	w.must(err)
	w.must(w.deriveDataset(w.ctx, datasetScores, published, func(ctx context.Context, g generation) error {
		return w.deriveScores(ctx, g, date("2024-01-05"), observation.Run{})
	})) // and here the process dies
	week("2024-04-12", 5)
	w.must(w.Derive(w.ctx, TouchedBy("pypiscorecards", []time.Time{date("2024-04-12")})))
	if p := w.rates("Fuzzing", observation.WeightPackage, observation.ByObservation)["2024-01-05"]; p.Histogram[9] != 100 {
		t.Errorf("5 January: %+v", p)
	}
}

// TestChecksByRepository gives each repository one vote, from the day on which
// any is known: three of 100 projects share one, and all others have none.
func TestChecksByRepository(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	w.list("2024-05-01", 901, all...)
	before := func() {
		w.archive("2024-05-25", all, scored(1, 6))
		w.checks(observation.SourceArchive, "2024-05-25", "Fuzzing", scores(1, 6, 8))
		w.must(w.DeriveAll(w.ctx))
	}
	before()
	unmapped := func(why string) {
		t.Helper()
		got := w.rates("Fuzzing", observation.WeightRepository, observation.ByObservation)["2024-05-25"]
		if got.Unknown != why || got.N != 0 || got.Share != nil || got.Size != 100 || got.Source != "archive" || !got.ListOn.Equal(date("2024-05-01")) {
			t.Errorf("25 May: %+v, want a gap because %s", got, why)
		}
	}
	unmapped("the repository of no project is known yet")

	for _, p := range names(1, 3) {
		w.link(p, "github.com/o/mono", observation.TrustDeclared)
	}
	w.link("p004", "github.com/O/Mono", observation.TrustDeclared) // the same: forges ignore case
	w.at = w.at.AddDate(0, 0, 3)
	w.link("p005", "github.com/o/late", observation.TrustDeclared) // not known yet on the 2nd
	w.archive("2024-06-02", all, scored(1, 6))
	w.checks(observation.SourceArchive, "2024-06-02", "Fuzzing", map[string]int8{"p001": 10, "p002": 8, "p003": 0, "p004": -1, "p005": 4, "p006": 6})
	w.setOf("2024-06-02", "Fuzzing")
	w.must(w.Derive(w.ctx, TouchedBy("pypi", nil)))
	unmapped("the repositories of projects are known from 2024-06-01 on")
	got := w.rates("Fuzzing", observation.WeightRepository, observation.ByObservation)["2024-06-02"]
	quarter := 0.25 // of the vote of a repository that four members share
	if got.N != 5 || got.Inconclusive != 1 || got.Unknown != "" || got.Histogram != [11]float64{0: quarter, 4: 1, 6: 1, 8: quarter, 10: quarter} {
		t.Errorf("2 June: %+v", got)
	}
	near(t, "share", got.Share, 0.5/2.75)
	near(t, "mean", got.Mean, (0.25*10+0.25*8+4+6)/2.75)
	if p := w.rates("Fuzzing", observation.WeightPackage, observation.ByObservation)["2024-06-02"]; p.Histogram != [11]float64{0: 1, 4: 1, 6: 1, 8: 1, 10: 1} {
		t.Errorf("by package: %+v", p)
	}
	// What is known stands for a period, also beside a date that is not.
	if year := w.rates("Fuzzing", observation.WeightRepository, observation.ByYear); len(year) != 1 || year["2024-01-01"].N != 5 {
		t.Errorf("by year: %+v", year)
	}
	if month := w.rates("Fuzzing", observation.WeightRepository, observation.ByMonth); month["2024-05-01"].Unknown == "" {
		t.Errorf("by month: %+v", month)
	}
	if _, err := w.CheckRates(w.ctx, observation.CohortTop100, "votes", observation.ByObservation); err == nil {
		t.Error("a weighting that does not exist has points")
	}
	inSteps := w.dump()
	w.at = w.at.Add(time.Minute)
	w.must(w.DeriveAll(w.ctx))
	if diff := cmp.Diff(w.dump(), inSteps); diff != "" {
		t.Errorf("derived in steps (+) and from the beginning (-) differ:\n%s", diff)
	}
}

// TestPlanChecks finds the first date of which the previous generation has
// another idea.
func TestPlanChecks(t *testing.T) {
	at := func(on day) snapshot { return snapshot{on: on, state: snapshotAccepted} }
	api := func(on day) snapshot { return snapshot{on: on, api: true, state: snapshotAccepted} }
	suspect := func(on day) snapshot { return snapshot{on: on, state: snapshotSuspect} }
	of := func(dates ...snapshot) (f findings) {
		for _, d := range dates {
			f.moves = append(f.moves, move{on: d.on, api: d.api, state: d.shown(), item: observation.AggregateAll},
				move{on: d.on, api: d.api, state: d.shown(), item: observation.AggregateCore})
		}
		return f
	}
	beside := of(at(100), at(200), at(300))
	beside.moves = slices.Insert(beside.moves, 4, move{on: 200, api: true, state: snapshotAccepted}) // results of the API on a date of the archive
	undecided := of(at(100), at(200), at(300))
	undecided.suspects = []observation.CheckSuspect{{Date: day(200).time(), State: observation.LossSuspect}}
	for name, test := range map[string]struct {
		before findings
		dates  []snapshot
		from   day
		first  int
	}{
		"nothing is known":                 {findings{}, []snapshot{at(100), at(200)}, 1000, 0},
		"nothing has changed":              {of(at(100), at(200), api(300)), []snapshot{at(100), at(200), api(300)}, 1000, 3},
		"one more":                         {of(at(100), at(200)), []snapshot{at(100), at(200), at(300)}, 1000, 2},
		"one in the middle":                {of(at(100), at(300)), []snapshot{at(100), at(200), at(300)}, 1000, 1},
		"one vanished in the middle":       {of(at(100), at(200), at(300)), []snapshot{at(100), at(300)}, 1000, 1},
		"the last vanished":                {of(at(100), at(200)), []snapshot{at(100)}, 1000, 1},
		"another source":                   {of(at(100), api(200)), []snapshot{at(100), at(200)}, 1000, 1},
		"another decision":                 {of(at(100), at(200)), []snapshot{at(100), suspect(200)}, 1000, 1},
		"the same decision":                {of(at(100), suspect(200)), []snapshot{at(100), suspect(200)}, 1000, 2},
		"the API on a date of the archive": {beside, []snapshot{at(100), at(200), at(300)}, 1000, 3},
		"touched":                          {of(at(100), at(200), at(300)), []snapshot{at(100), at(200), at(300)}, 200 + 28, 1},
		"an undecided loss":                {undecided, []snapshot{at(100), at(200), at(300)}, 1000, 1},
	} {
		if p := planChecks(test.dates, test.before, nil, test.from.time()); p.first != test.first {
			t.Errorf("%s: written anew from date %d on, want %d", name, p.first, test.first)
		}
	}
}
