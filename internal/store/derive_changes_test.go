package store

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// changesWorld has two lists and two snapshots a week apart. p001 left the
// list, p101 entered it.
func changesWorld(t *testing.T) *world {
	w := newWorld(t)
	w.list("2024-01-01", 1, names(1, 100)...)
	w.list("2024-01-10", 1, names(2, 101)...)
	w.archive("2024-01-05", names(1, 101), func(i int) float32 {
		switch {
		case i <= 50:
			return 5
		case i == 51:
			return noCore
		}
		return absent
	})
	w.archive("2024-01-12", names(1, 101), func(i int) float32 {
		switch {
		case i == 2:
			return 5.05 // rises by just enough
		case i == 3:
			return 5.04 // does not count
		case i == 4:
			return 4
		case i == 50:
			return absent // lost its result
		case i <= 49, i == 60: // 60 gained one
			return 5
		case i == 51:
			return noCore
		}
		return absent
	})
	const fuzzing, license = "Fuzzing", "License"
	w.checks(observation.SourceArchive, "2024-01-05", fuzzing, map[string]int8{"p002": 7, "p003": 8, "p004": 10, "p005": -1, "p006": 9, "p001": 0})
	w.checks(observation.SourceArchive, "2024-01-12", fuzzing, map[string]int8{"p002": 8, "p003": 7, "p004": 8, "p005": 10, "p006": -1, "p001": 10})
	w.checks(observation.SourceArchive, "2024-01-05", license, map[string]int8{"p002": 9})
	return w
}

// newestChanges returns what changed in the shortest span.
func (w *world) newestChanges(c observation.Cohort) ([]observation.Change, error) {
	spans, err := w.Changes(w.ctx, c)
	if len(spans) == 0 {
		return nil, err
	}
	return spans[0].Changes, err
}

func TestChangesByHand(t *testing.T) {
	w := changesWorld(t)
	w.must(w.DeriveAll(w.ctx))
	got, err := w.newestChanges(observation.CohortTop100)
	w.must(err)
	from, to := date("2024-01-05"), date("2024-01-12")
	mean := func(v float64) *float64 { return &v }
	want := []observation.Change{
		// p002 to p049 have a core aggregate at both ends.
		{What: "aggregate", From: from, To: to, Matched: 48, Rose: 1, Fell: 1, Mean: mean((0.05 + 0.04 - 1) / 48),
			RoseProjects: []string{"p002"}, FellProjects: []string{"p004"}},
		// p002 7 to 8, p003 8 to 7, p004 10 to 8; p001 is not in the cohort at both ends.
		{What: "check", Item: "Fuzzing", From: from, To: to, Matched: 3, Rose: 1, Fell: 1, Mean: mean(-2.0 / 3),
			RoseProjects: []string{"p002"}, FellProjects: []string{"p003"}},
		{What: "cohort", From: from, To: to, Matched: 99, Rose: 1, Fell: 1, RoseProjects: []string{"p101"}, FellProjects: []string{"p001"}},
		{What: "result", From: from, To: to, Matched: 99, Rose: 1, Fell: 1, RoseProjects: []string{"p060"}, FellProjects: []string{"p050"}},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNoChangeAcrossACut(t *testing.T) {
	for _, test := range []struct {
		name string
		cut  observation.Break
		want []string // kinds of change that are stated
	}{
		{"aggregate, on the later day", observation.Break{Start: date("2024-01-12"), Scope: "aggregate", Kind: observation.BreakCut}, nil},
		{"source, between", observation.Break{Start: date("2024-01-08"), Scope: "source", Item: "pypiscorecards", Kind: observation.BreakCut}, nil},
		{"list, a span that ends between", observation.Break{Start: date("2023-12-01"), End: date("2024-01-06"), Scope: "list", Kind: observation.BreakCut}, nil},
		{"on the earlier day", observation.Break{Start: date("2024-01-05"), Scope: "aggregate", Kind: observation.BreakCut}, []string{"aggregate", "check", "cohort", "result"}},
		{"a flag", observation.Break{Start: date("2024-01-08"), Scope: "aggregate", Kind: observation.BreakFlag}, []string{"aggregate", "check", "cohort", "result"}},
		{"the check", observation.Break{Start: date("2024-01-08"), Scope: "check", Item: "Fuzzing", Kind: observation.BreakCut}, []string{"aggregate", "cohort", "result"}},
		{"another check", observation.Break{Start: date("2024-01-08"), Scope: "check", Item: "SAST", Kind: observation.BreakCut}, []string{"aggregate", "check", "cohort", "result"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := changesWorld(t)
			w.ledger(test.cut)
			w.must(w.DeriveAll(w.ctx))
			changes, err := w.newestChanges(observation.CohortTop100)
			w.must(err)
			var got []string
			for _, c := range changes {
				got = append(got, c.What)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("stated: %q, want %q", got, test.want)
			}
		})
	}
}

// TestChangeNeedsAWeek derives observations that follow each other closely.
func TestChangeNeedsAWeek(t *testing.T) {
	w := changesWorld(t)
	same := func(int) float32 { return 5 }
	w.archive("2024-01-13", names(1, 101), same)
	w.archive("2024-01-17", names(1, 101), same)
	w.must(w.DeriveAll(w.ctx))
	changes, err := w.newestChanges(observation.CohortTop100)
	w.must(err)
	if len(changes) == 0 || !changes[0].From.Equal(date("2024-01-05")) || !changes[0].To.Equal(date("2024-01-17")) {
		t.Errorf("12 and 13 January are too near to the 17th: %+v", changes)
	}
}

// TestSpansOfChange: the longer span goes back to the oldest observation in twelve
// weeks that no cut separates.
func TestSpansOfChange(t *testing.T) {
	var dates []snapshot
	for i := range 20 {
		dates = append(dates, snapshot{on: day(20000 + 7*i), state: snapshotAccepted})
	}
	dates[18].state = snapshotSuspect
	cut := func(i int) []observation.Break {
		return []observation.Break{{Start: dates[i].on.time(), Scope: "aggregate", Kind: observation.BreakCut}}
	}
	for name, test := range map[string]struct {
		dates  []snapshot
		ledger []observation.Break
		from   []int
		to     int
	}{
		"twelve weeks":       {dates, nil, []int{17, 7}, 19},
		"since a cut":        {dates, cut(10), []int{17, 10}, 19},
		"a cut a week ago":   {dates, cut(17), []int{17}, 19},
		"a cut in between":   {dates, cut(19), []int{17}, 19}, // nothing will be stated of it
		"two observations":   {dates[:2], nil, []int{0}, 1},
		"one observation":    {dates[:1], nil, nil, 0},
		"without any of use": {dates[18:19], nil, nil, -1},
	} {
		from, to := changeDates(test.dates, test.ledger)
		if !slices.Equal(from, test.from) || to != test.to {
			t.Errorf("%s: from %v to %d, want %v to %d", name, from, to, test.from, test.to)
		}
	}
}

func TestPlanScores(t *testing.T) {
	var dates, known []snapshot
	for i := range 20 {
		on := day(1000 + 7*i)
		dates = append(dates, snapshot{on: on})
		known = append(known, snapshot{on: on, state: snapshotAccepted})
	}
	known[17].state = snapshotSuspect
	for _, test := range []struct {
		name          string
		known         []snapshot
		from          day
		first, replay int
		load          day
	}{
		{"nothing known", nil, 5000, 0, 0, 1},
		{"everything touched", known, 0, 0, 0, 1},
		{"the newest date", known, 1000 + 7*19, 19, 18, 1000 + 7*18 - 60},
		{"after a date that is left out", known, 1000 + 7*18, 18, 16, 1000 + 7*16 - 60},
		{"a date that is unknown", slices.Concat(known[:10], known[11:]), 5000, 10, 9, 1000 + 7*9 - 60},
		{"nothing new", known, 5000, 20, 19, 1000 + 7*19 - 60},
		{"the second date", known, 1007, 1, 0, 1},
	} {
		p := planScores(dates, test.known, test.from.time())
		if p.first != test.first || p.replay != test.replay || p.loadFrom() != test.load {
			t.Errorf("%s: first %d, replay %d, load from %d; want %d, %d, %d", test.name, p.first, p.replay, p.loadFrom(), test.first, test.replay, test.load)
		}
	}
}
