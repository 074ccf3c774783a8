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

// changeLines prints changes, one a line.
func changeLines(list []observation.DatedChange) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = fmt.Sprintf("%s %s/%s %s %d %s %s %q to %q", c.On.Format(time.DateOnly), c.Kind, c.Cause, c.Project, c.Rank, c.Item, c.What, c.From, c.To)
	}
	return out
}

// TestRecentChangesByHand has two checks of three projects over four weeks, one
// of them flagged in between, a project that leaves the first hundred, a flaw
// that is disclosed, fixed and exploited, and a move of a year before.
func TestRecentChangesByHand(t *testing.T) {
	w := newWorld(t)
	all := names(1, 102)
	w.list("2023-01-01", 1, all...)
	w.list("2024-01-10", 1, slices.Concat(names(2, 101), names(1, 1), names(102, 102))...)
	const fuzzing, license = "Fuzzing", "License"
	week := func(on string, core float32, scores map[string][2]int8) {
		w.archive(on, all, func(i int) float32 {
			if i == 2 {
				return core
			}
			return 5
		})
		for i, check := range []string{fuzzing, license} {
			of := map[string]int8{}
			for _, p := range all {
				of[p] = 5
			}
			for p, s := range scores {
				of[p] = s[i]
			}
			w.checks(observation.SourceArchive, on, check, of)
		}
	}
	week("2022-12-20", 5, map[string][2]int8{"p002": {0, 7}, "p003": {7, 9}, "p005": {1, 5}})
	week("2022-12-27", 5, map[string][2]int8{"p002": {0, 7}, "p003": {7, 9}, "p005": {9, 5}}) // more than a year before the newest
	week("2024-01-05", 5, map[string][2]int8{"p002": {0, 7}, "p003": {7, 9}, "p005": {9, 5}})
	week("2024-01-12", 6.5, map[string][2]int8{"p002": {3, 7}, "p003": {8, 0}, "p005": {10, 5}}) // a point more is not told
	w.ledger(observation.Break{Start: date("2024-01-12"), Scope: "check", Item: license, Kind: observation.BreakFlag, What: "License is read in another way.", Evidence: "e"})
	w.record(observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Aliases: []string{"CVE-2024-1"}, Published: date("2024-01-11"), Modified: date("2024-01-11")}, false)
	w.affects("PYSEC-2024-1", "p003", `[[{"introduced":"0"},{"fixed":"2"}]]`)
	w.project("p003", "2", true)
	w.file("p003", "1", "p003-1.tar.gz", "2023-12-01", false, observation.ProvenanceAbsent)
	w.file("p003", "2", "p003-2.tar.gz", "2024-01-13", false, observation.ProvenanceAbsent)
	w.kev("CVE-2024-1", "2024-01-14", "Unknown", false)
	w.must(w.DeriveAll(w.ctx))

	ask := func(q observation.ChangesQuery) ([]string, int) {
		t.Helper()
		list, total, err := w.RecentChanges(w.ctx, q)
		w.must(err)
		return changeLines(list), total
	}
	want := []string{
		`2024-01-14 exploited/project p003 2 PYSEC-2024-1  "" to "CVE-2024-1"`,
		`2024-01-13 range/project p003 2 PYSEC-2024-1 left "1" to ""`,
		`2024-01-12 break/tool  0 License check "" to "flag"`,
		`2024-01-12 aggregate/project p002 1 core  "5" to "6.5"`,
		`2024-01-12 check/project p002 1 Fuzzing  "0" to "3"`,
		`2024-01-12 check/project p003 2 Fuzzing  "7" to "8"`,
		`2024-01-12 check/tool p003 2 License  "9" to "0"`,
		`2024-01-11 disclosed/project p003 2 PYSEC-2024-1  "" to ""`,
		`2024-01-11 range/project p003 2 PYSEC-2024-1 disclosed "" to ""`,
		`2024-01-10 rank/project p101 100 rank  "101" to "100"`,
		`2024-01-10 rank/project p001 101 rank  "1" to "101"`,
	}
	since := observation.ChangesQuery{Cohort: observation.CohortTop100}
	if got, total := ask(since); total != len(want) || cmp.Diff(want, got) != "" {
		t.Errorf("%d changes (-want +got):\n%s", total, cmp.Diff(want, got))
	}
	since.Limit, since.Offset = 2, 3
	if got, total := ask(since); total != len(want) || cmp.Diff(want[3:5], got) != "" {
		t.Errorf("the second page: %d, %v", total, got)
	}
	for _, test := range []struct {
		q    observation.ChangesQuery
		want []string
	}{
		{observation.ChangesQuery{Cohort: observation.CohortTop100, Since: date("2024-01-13")}, want[:2]},
		{observation.ChangesQuery{Cohort: observation.CohortTop100, Cause: observation.CauseTool}, []string{want[2], want[6]}},
		{observation.ChangesQuery{Cohort: observation.CohortTop100, Kind: observation.KindCheck, Cause: observation.CauseProject}, want[4:6]},
		{observation.ChangesQuery{Cohort: observation.CohortTop100, Project: "p101"}, want[9:10]},
		{observation.ChangesQuery{Cohort: observation.CohortTop1000, Kind: observation.KindRank}, []string{}},
	} {
		if got, total := ask(test.q); total != len(test.want) || cmp.Diff(test.want, got) != "" {
			t.Errorf("%+v: %d (-want +got):\n%s", test.q, total, cmp.Diff(test.want, got))
		}
	}
	counts, err := w.ChangeCounts(w.ctx, observation.ChangesQuery{Cohort: observation.CohortTop100, Since: date("2024-01-11")})
	w.must(err)
	if got := counts.Causes[observation.CauseProject]; got.Changes != 7 || got.Projects != 2 {
		t.Errorf("of projects: %+v", got)
	}
	if got := counts.Causes[observation.CauseTool]; got.Changes != 2 || got.Projects != 1 {
		t.Errorf("of the tool: %+v", got)
	}
	i := slices.IndexFunc(counts.Kinds, func(c observation.ChangeCount) bool { return c.Kind == observation.KindRange })
	if i < 0 || counts.Kinds[i].Changes != 2 || counts.Kinds[i].What["left"] != 1 || counts.Kinds[i].What["disclosed"] != 1 {
		t.Errorf("by kind: %+v", counts.Kinds)
	}
	if !counts.KeptFrom.Equal(date("2023-01-06")) || !counts.ListOn.Equal(date("2024-01-10")) || counts.List != 102 {
		t.Errorf("kept from %s, list of %s with %d", counts.KeptFrom, counts.ListOn, counts.List)
	}
}

// TestRecentChangesCatchUp lets the process die before what changed is put
// together: the next derivation does it, whatever that is about.
func TestRecentChangesCatchUp(t *testing.T) {
	w := newWorld(t)
	w.ledger()
	w.list("2024-01-01", 1, names(1, 100)...)
	w.must(w.DeriveAll(w.ctx))
	w.at = w.at.Add(time.Minute)
	w.record(observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Published: date("2024-01-11"), Modified: date("2024-01-11")}, false)
	w.affects("PYSEC-2024-1", "p003", `[[{"introduced":"0"}]]`)
	published, err := w.readGenerations(w.ctx)
	w.must(err)
	w.must(w.deriveDataset(w.ctx, datasetAdvisories, published, func(ctx context.Context, g generation) error { return w.deriveAdvisories(ctx, g, true) }))
	w.at = w.at.Add(time.Minute)
	w.must(w.Derive(w.ctx, TouchedBy("cpython", nil)))
	list, total, err := w.RecentChanges(w.ctx, observation.ChangesQuery{Cohort: observation.CohortTop100})
	if err != nil || total != 1 {
		t.Errorf("%v, %v", changeLines(list), err)
	}
}

func TestLateRuns(t *testing.T) {
	w := newWorld(t)
	for _, on := range []string{"2024-01-01", "2024-01-02", "2024-01-20", "2024-01-21"} {
		w.ran("osv", on, observation.RunOK)
		w.ran("ranks", on, observation.RunOK)
	}
	w.ran("kev", "2024-01-01", observation.RunOK)
	w.ran("kev", "2024-01-10", observation.RunFailed)
	got, err := w.LateRuns(w.ctx, map[string]time.Duration{"osv": 48 * time.Hour, "kev": 48 * time.Hour, "ranks": 62 * 24 * time.Hour}, []string{"osv"})
	w.must(err)
	at := func(on string) time.Time { return date(on).Add(3 * time.Hour) }
	want := []observation.LateRun{{Collector: "osv", Before: at("2024-01-02"), AsOf: at("2024-01-20"), At: at("2024-01-20").Add(time.Minute)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
