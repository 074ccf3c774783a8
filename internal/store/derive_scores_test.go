package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// TestScoresByHand derives a small archive whose figures are worked out here.
//
// 100 projects are ranked; the first has 901 of 1,000 downloads. On 5 January
// p001 to p060 are scored, project i with i/10.
func TestScoresByHand(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	tenth := func(from, to int) func(int) float32 {
		return func(i int) float32 {
			if from <= i && i <= to {
				return float32(i) / 10
			}
			return absent
		}
	}
	w.list("2024-01-01", 901, all...)
	w.archive("2023-12-30", all, tenth(1, 60)) // before any list: no cohort
	w.archive("2024-01-05", all, tenth(1, 60))
	w.archive("2024-01-12", all, tenth(4, 60))          // 3 of 60 lost: 5 %, suspect
	w.archive("2024-01-19", names(1, 99), tenth(3, 61)) // 2 of 60 lost since the 5th: 3.3 %
	w.archive("2024-03-05", names(1, 99), tenth(3, 61)) // p100, last listed on the 5th: 60 days
	w.archive("2024-03-06", names(1, 99), tenth(3, 61)) // 61 days
	w.list("2024-04-01", 901, names(1, 99)...)
	w.archive("2024-04-05", all, tenth(3, 61)) // the list is too short for the cohort
	w.must(w.DeriveAll(w.ctx))

	p := w.points(observation.WeightPackage)
	d := w.points(observation.WeightDownload)
	for _, gap := range []string{"2023-12-30", "2024-04-05"} {
		if _, ok := p[gap]; ok {
			t.Errorf("there is a point on %s, want a gap", gap)
		}
	}
	if len(p) != 5 {
		t.Errorf("%d points, want 5", len(p))
	}

	first := p["2024-01-05"]
	if first.Size != 100 || first.Asked != 100 || first.NoResult != 40 || first.Scored != 60 || first.N != 60 ||
		first.Source != "archive" || first.Suspect || !first.ListOn.Equal(date("2024-01-01")) {
		t.Errorf("5 January: %+v", first)
	}
	near(t, "coverage", &first.Coverage, 0.6)
	near(t, "mean", first.Mean, 3.05)
	near(t, "p10", first.P10, 0.69)
	near(t, "p25", first.P25, 1.575)
	near(t, "p50", first.P50, 3.05)
	near(t, "p75", first.P75, 4.525)
	near(t, "p90", first.P90, 5.41)
	heavy := d["2024-01-05"]
	near(t, "coverage by download", &heavy.Coverage, 0.96) // 901 + 59 of 1,000
	near(t, "mean by download", heavy.Mean, 0.284375)      // (90.1 + 182.9) / 960
	near(t, "p90 by download", heavy.P90, 0.1)             // 901 of 960 votes are the first project's
	near(t, "p50 by download", heavy.P50, 0.1)

	outage := p["2024-01-12"]
	if !outage.Suspect || outage.Scored != 57 || outage.NoResult != 43 || outage.Reason != "3 of 60 projects that had a result on 2024-01-05 have none here" {
		t.Errorf("12 January: %+v", outage)
	}
	after := p["2024-01-19"]
	if after.Suspect || after.Scored != 59 || after.Asked != 100 || after.NoResult != 41 {
		t.Errorf("19 January: %+v", after)
	}
	if got := p["2024-03-05"]; got.Asked != 100 || got.NoResult != 41 {
		t.Errorf("5 March: a result of 60 days ago counts: %+v", got)
	}
	if got := p["2024-03-06"]; got.Asked != 99 || got.NoResult != 40 || got.Scored != 59 {
		t.Errorf("6 March: a result of 61 days ago does not count: %+v", got)
	}

	o, err := w.Observations(w.ctx)
	w.must(err)
	if o.Accepted != 6 || o.Suspect != 1 || !o.First.Equal(date("2023-12-30")) || !o.Newest.Equal(date("2024-04-05")) || !o.RankOn.Equal(date("2024-04-01")) {
		t.Errorf("observations: %+v", o)
	}
}

// TestLedgerDecides confirms what the rule accepts and clears what it suspects.
func TestLedgerDecides(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	upTo := func(n int) func(int) float32 {
		return func(i int) float32 {
			if i <= n {
				return 5
			}
			return absent
		}
	}
	w.list("2024-01-01", 1, all...)
	w.archive("2024-01-05", all, upTo(60))
	w.archive("2024-01-12", all, upTo(50)) // suspect by rule
	w.archive("2024-01-19", all, upTo(59)) // accepted by rule
	w.must(w.DeriveAll(w.ctx))
	p := w.points(observation.WeightPackage)
	if !p["2024-01-12"].Suspect || p["2024-01-19"].Suspect {
		t.Fatalf("by rule: %+v", p)
	}

	w.at = w.at.Add(time.Minute)
	w.ledger(
		observation.Break{Start: date("2024-01-12"), Scope: "source", Kind: observation.BreakCleared, What: "projects moved"},
		observation.Break{Start: date("2024-01-18"), End: date("2024-01-20"), Scope: "source", Kind: observation.BreakSuspect, What: "half a run"},
		observation.Break{Start: date("2024-01-05"), Scope: "check", Item: "Fuzzing", Kind: observation.BreakSuspect, What: "of another scope"},
	)
	w.must(w.Derive(w.ctx, Touched{Summaries: true})) // the newer ledger is reason enough
	p = w.points(observation.WeightPackage)
	if got := p["2024-01-12"]; got.Suspect || got.Scored != 50 {
		t.Errorf("cleared: %+v", got)
	}
	if got := p["2024-01-19"]; !got.Suspect || got.Reason != "half a run" {
		t.Errorf("confirmed: %+v", got)
	}
	if p["2024-01-05"].Suspect {
		t.Error("a break of a check decided over an observation")
	}
	if n := len(w.rows("SELECT state FROM snapshots WHERE generation = (SELECT max(generation) FROM snapshots) ORDER BY observed_on")); n != 3 {
		t.Errorf("%d snapshots", n)
	}
}

// TestAPIObservations adds days on which the API was asked after the archive's
// last snapshot.
func TestAPIObservations(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	w.list("2024-01-01", 1, all...)
	w.archive("2024-01-05", all, func(i int) float32 {
		if i <= 40 {
			return 5
		}
		return absent
	})
	w.link("p001", "github.com/Org/One", observation.TrustDeclared)
	w.link("p001", "github.com/zz/weaker", observation.TrustDeclared)
	w.link("p002", "github.com/Org/One", observation.TrustAttested) // one repository, two projects
	w.link("p002", "github.com/aa/declared", observation.TrustDeclared)
	w.link("p050", "github.com/org/fifty", observation.TrustDeclared)
	w.link("p051", "github.com/org/other", observation.TrustDeclared)
	w.results(observation.SourceAPI, "2024-01-10", result{"github.com/org/one", 9}, result{"github.com/org/fifty", 7}, result{"github.com/org/other", refused})
	w.results(observation.SourceAPI, "2024-01-10", result{"github.com/zz/weaker", 1}, result{"github.com/aa/declared", 1})
	w.ran("scorecard", "2024-01-04", observation.RunOK)     // not after the archive
	w.ran("scorecard", "2024-01-09", observation.RunFailed) // did not see the source whole
	w.ran("scorecard", "2024-01-11", observation.RunPartial)
	w.must(w.DeriveAll(w.ctx))
	p := w.points(observation.WeightPackage)
	if len(p) != 2 {
		t.Fatalf("points %+v", p)
	}
	got := p["2024-01-11"]
	if got.Suspect || got.Source != "archive" || got.Scored != 41 || got.NoResult != 59 || got.Asked != 100 || got.N != 41 {
		t.Errorf("11 January: %+v", got)
	}
	near(t, "mean", got.Mean, (38*5+9+9+7)/41.0)

	// Two months on the archive's values are over. Of the three repositories
	// asked again one is not found: the API alone has 1 of the 2 projects it had
	// before, and that is an outage until somebody says otherwise.
	w.results(observation.SourceAPI, "2024-03-20", result{"github.com/org/one", absent}, result{"github.com/org/fifty", 7.5}, result{"github.com/org/other", absent})
	w.ran("scorecard", "2024-03-20", observation.RunOK)
	w.must(w.Derive(w.ctx, TouchedBy("scorecard", []time.Time{date("2024-03-20")})))
	got = w.points(observation.WeightPackage)["2024-03-20"]
	if !got.Suspect || got.Source != "api" || got.Scored != 1 || got.NoResult != 3 || got.Asked != 4 {
		t.Errorf("20 March: %+v", got)
	}

	// A newer snapshot of the archive takes the place of the days before it.
	w.archive("2024-03-25", all, func(int) float32 { return 5 })
	w.must(w.Derive(w.ctx, TouchedBy("pypiscorecards", []time.Time{date("2024-03-25")})))
	if p = w.points(observation.WeightPackage); len(p) != 2 || p["2024-03-25"].Scored != 100 {
		t.Errorf("after the archive went on: %+v", p)
	}
}

// TestWholeDays makes no observation of a day on which only a few repositories
// were looked at.
func TestWholeDays(t *testing.T) {
	var whole wholeDay
	for _, test := range []struct {
		on    day
		reach uint64
		want  bool
	}{
		{100, 0, false},   // nothing was known yet
		{101, 3, true},    // the first day has nothing to be measured by
		{102, 1000, true}, // more are tracked
		{103, 1, false},   // one project
		{104, 499, false},
		{105, 500, true},
		{106, 249, false},
		{119, 249, false}, // two weeks after the last one
		{120, 249, true},  // fewer are tracked, it seems
		{121, 1, false},
	} {
		if got := whole.take(test.on, test.reach); got != test.want {
			t.Errorf("%d repositories on day %d: %v, want %v", test.reach, test.on, got, test.want)
		}
	}
}

// TestPartialDays collects one project between two runs over all, of which one
// goes over midnight.
func TestPartialDays(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	w.list("2024-01-01", 1, all...)
	w.archive("2024-01-05", all, func(int) float32 { return 5 })
	var everyone []result
	for i := 1; i <= 20; i++ {
		w.link(name(i), "github.com/o/"+name(i), observation.TrustDeclared)
		everyone = append(everyone, result{"github.com/o/" + name(i), 6})
	}
	// collect writes a run of the API that found so many repositories unchanged.
	collect := func(started string, unchanged uint64, found ...result) {
		t.Helper()
		at, err := time.Parse(time.DateTime, started)
		w.must(err)
		finished, run := at.Add(time.Hour), uuid.New()
		w.put("runs (collector, started_at, run_id, finished_at, state, unchanged, revision)", []any{"scorecard", at, run, &finished, "ok", unchanged, uint8(1)})
		for _, r := range found {
			w.put("scorecard_results (subject, observed_on, source, state, aggregate, core, known_at, run_id)",
				[]any{r.subject, at.Truncate(24 * time.Hour), "api", "scored", &r.core, &r.core, finished, run})
		}
	}
	collect("2024-02-06 09:00:00", 0, everyone...)
	collect("2024-02-08 10:00:00", 0, result{"github.com/o/p001", 10}) // one project
	collect("2024-02-09 10:00:00", 1)                                  // and another, as it was
	w.must(w.DeriveAll(w.ctx))
	if p := w.points(observation.WeightPackage); len(p) != 2 || p["2024-02-06"].Scored != 100 {
		t.Errorf("points %+v", p)
	}
	if p, err := w.Project(w.ctx, "p001"); err != nil || *p.Core != 10 || !p.ScoreOn.Equal(date("2024-02-08")) {
		t.Errorf("the page of the project has its result at once: %+v, %v", p.ProjectRow, err)
	}
	before := *w.points(observation.WeightPackage)["2024-02-06"].Mean

	collect("2024-02-13 23:30:00", 12, everyone[1:9]...) // to half past midnight
	w.at = w.at.Add(time.Minute)
	w.must(w.Derive(w.ctx, TouchedBy("scorecard", []time.Time{date("2024-02-13")})))
	p := w.points(observation.WeightPackage)
	if len(p) != 3 || p["2024-02-13"].Scored != 100 {
		t.Errorf("points %+v", p)
	}
	near(t, "the result arrives with the next observation", p["2024-02-13"].Mean, before+0.04)
	inSteps := w.dump()
	w.at = w.at.Add(time.Minute)
	w.must(w.DeriveAll(w.ctx))
	if diff := cmp.Diff(w.dump(), inSteps); diff != "" {
		t.Errorf("derived in steps (+) and from the beginning (-) differ:\n%s", diff)
	}

	// Long after the last whole run one for a single project has nothing to be
	// measured by, and is no observation by its record alone: open or closed.
	one := observation.Run{ID: uuid.NewString(), Collector: "scorecard", StartedAt: date("2024-03-20").Add(9 * time.Hour), Project: "p001", Unchanged: 1}
	for _, step := range []func() error{
		func() error { return w.OpenRun(w.ctx, one) },
		func() error {
			touched := TouchedBy("scorecard", []time.Time{date("2024-03-20")})
			touched.Run = one
			return w.Derive(w.ctx, touched)
		},
		func() error {
			one.State, one.FinishedAt = observation.RunOK, one.StartedAt.Add(time.Minute)
			return w.CloseRun(w.ctx, one)
		},
		func() error { return w.DeriveAll(w.ctx) },
	} {
		w.at = w.at.Add(time.Minute)
		w.must(step())
		if p := w.points(observation.WeightPackage); len(p) != 3 {
			t.Errorf("with a run for one project there are %d points, want 3", len(p))
		}
	}
}

// TestDeriveInSteps derives after every change what was touched, and then all
// of it from the beginning: the rows must be the same.
func TestDeriveInSteps(t *testing.T) {
	w := newWorld(t)
	core := func(salt int) func(int) float32 {
		return func(i int) float32 {
			switch h := (i*7919 + salt*104729) % 97; {
			case h < 30:
				return absent
			case h == 30:
				return noCore
			default:
				return float32(h) / 10
			}
		}
	}
	same := func(step string) {
		t.Helper()
		inSteps := w.dump()
		w.at = w.at.Add(time.Minute)
		w.must(w.DeriveAll(w.ctx))
		if diff := cmp.Diff(w.dump(), inSteps); diff != "" {
			t.Fatalf("%s: derived in steps (+) and from the beginning (-) differ:\n%s", step, diff)
		}
	}
	derive := func(touched Touched) {
		t.Helper()
		w.at = w.at.Add(time.Minute)
		w.must(w.Derive(w.ctx, touched))
	}

	w.list("2024-01-01", 50, names(1, 120)...)
	for week := range 12 {
		on := date("2024-01-02").AddDate(0, 0, 7*week)
		w.archive(on.Format(time.DateOnly), names(1+week, 130), core(week/4))
		w.checks(observation.SourceArchive, on.Format(time.DateOnly), "Fuzzing", map[string]int8{name(20): int8(week % 11), name(30): 9, name(31): -1})
		derive(TouchedBy("pypiscorecards", []time.Time{on}))
	}
	same("week by week")

	w.list("2024-02-15", 40, names(10, 140)...)
	derive(TouchedBy("ranks", []time.Time{date("2024-02-15")}))
	same("a list in the middle")

	w.archive("2024-02-01", names(1, 110), func(int) float32 { return absent }) // an outage
	derive(TouchedBy("pypiscorecards", []time.Time{date("2024-02-01")}))
	same("a snapshot in the middle")

	w.link("p020", "github.com/o/p020", observation.TrustDeclared)
	w.link("p021", "github.com/o/p020", observation.TrustDeclared)
	derive(TouchedBy("pypi", nil))
	w.results(observation.SourceAPI, "2024-03-01", result{"github.com/o/p020", 9.5})
	w.checks(observation.SourceAPI, "2024-03-01", "Fuzzing", map[string]int8{"github.com/o/p020": 10})
	w.ran("scorecard", "2024-03-22", observation.RunOK)
	derive(TouchedBy("scorecard", []time.Time{date("2024-03-01"), date("2024-03-22")}))
	same("an old result of the API")

	w.ran("scorecard", "2024-03-30", observation.RunOK)
	w.results(observation.SourceAPI, "2024-03-29", result{"github.com/o/p020", 9.9})
	derive(TouchedBy("scorecard", []time.Time{date("2024-03-29")}))
	same("a day of the API")

	w.at = date("2024-03-29").Add(time.Hour) // the repositories are known before the last day of the API
	w.link("p022", "github.com/o/moved", observation.TrustAttested)
	w.link("p023", "github.com/o/P020", observation.TrustDepsDev)
	w.at = date("2024-06-02")
	derive(TouchedBy("pypi", nil))
	same("links that were known in time")
	if n := len(w.rows("SELECT cohort FROM rollup_scores WHERE weighting = 'repository' AND generation = (SELECT max(generation) FROM rollup_scores)")); n != 1 {
		t.Errorf("%d rows by repository, want the one of 30 March", n)
	}
	w.at = date("2024-03-30").Add(time.Hour)
	w.forge("github.com/o/moved", observation.RepositoryMoved, "github.com/o/p020")
	w.forge("github.com/o/p020", observation.RepositoryGone, "")
	w.at = date("2024-06-03")
	derive(TouchedBy("repositories", nil))
	same("a forge has answered")
	w.ran("scorecard", "2024-03-31", observation.RunOK)
	derive(TouchedBy("scorecard", []time.Time{date("2024-03-31")}))
	same("another day of the API")

	w.archive("2024-04-02", names(1, 130), core(3))
	derive(TouchedBy("pypiscorecards", []time.Time{date("2024-04-02")}))
	same("the archive goes on")

	w.record(observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Published: date("2024-02-20"), Modified: date("2024-02-20")}, false)
	w.affects("PYSEC-2024-1", "p011", `[[{"introduced":"0"},{"fixed":"2"}]]`)
	derive(TouchedBy("osv", nil))
	same("an advisory")
}

// TestCrashLeavesThePreviousGeneration stops a derivation before it publishes.
func TestCrashLeavesThePreviousGeneration(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	five := func(int) float32 { return 5 }
	w.list("2024-01-01", 1, all...)
	w.archive("2024-01-05", all, five)
	w.must(w.DeriveAll(w.ctx))
	before := w.dump()

	w.archive("2024-01-12", all, five)
	published, err := w.readGenerations(w.ctx)
	w.must(err)
	for dataset, write := range map[string]func(generation) error{
		datasetScores:    func(g generation) error { return w.deriveScores(w.ctx, g, time.Time{}, observation.Run{}) },
		datasetSummaries: func(g generation) error { return w.deriveSummaries(w.ctx, g) },
	} {
		g, err := w.newGeneration(w.ctx, dataset, published[dataset])
		w.must(err)
		w.must(write(g)) // and here the process dies
	}
	if w.dump() != before || len(w.points(observation.WeightPackage)) != 1 {
		t.Error("readers see what was not published")
	}

	for range 3 {
		w.must(w.DeriveAll(w.ctx)) // the clock stands still: generations must go on without it
	}
	if n := len(w.points(observation.WeightPackage)); n != 2 {
		t.Errorf("%d points after the repeated derivation, want 2", n)
	}
	for dataset := range derivedTables {
		found := make(map[uint64]bool)
		w.must(w.partitions(w.ctx, dataset, func(_ string, g uint64) error {
			found[g] = true
			return nil
		}))
		if len(found) > 2 {
			t.Errorf("%s keeps the generations %v, want the published and the one before", dataset, found)
		}
	}
}

// rows returns the single text column of a query.
func (w *world) rows(query string) []string {
	w.Helper()
	rows, err := w.conn.Query(w.ctx, query)
	w.must(err)
	var list []string
	for rows.Next() {
		var text string
		w.must(rows.Scan(&text))
		list = append(list, text)
	}
	w.must(rows.Close())
	return list
}
