package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// funnelText writes the steps of a funnel in words: listed, asked, repository,
// verified, result, recent, scored.
func funnelText(p observation.FunnelPoint) string {
	text := []string{fmt.Sprint(p.Size)}
	for _, step := range []observation.FunnelStep{p.Asked, p.Repository, p.Verified, p.Result, p.Recent, p.Scored} {
		if step.Projects == nil {
			text = append(text, "?")
		} else {
			text = append(text, fmt.Sprintf("%d (%.4f)", *step.Projects, *step.Share))
		}
	}
	return strings.Join(text, ", ")
}

// TestFunnelByHand follows 100 projects to the day on which their repositories
// become known and beyond. The first one has 901 of 1,000 downloads.
func TestFunnelByHand(t *testing.T) {
	w := newWorld(t)
	all := names(1, 100)
	w.list("2024-01-01", 901, all...)
	w.archive("2024-04-30", names(1, 80), func(i int) float32 { // p081 to p100 are not asked about
		if i <= 60 {
			return 5
		}
		return absent
	})
	w.at = date("2024-06-01").Add(12 * time.Hour)
	for i := 1; i <= 50; i++ { // ten projects share one repository
		repository := fmt.Sprintf("github.com/o/%03d", max(i, 10))
		if i == 3 {
			repository = "github.com/O/010"
		}
		w.link(name(i), repository, observation.TrustDeclared)
	}
	w.forge("github.com/o/011", observation.RepositoryFound, "github.com/o/011")
	w.forge("github.com/o/012", observation.RepositoryMoved, "github.com/o/010") // an eleventh one
	w.forge("github.com/o/013", observation.RepositoryGone, "")
	w.link("p014", "github.com/o/014", observation.TrustAttested)
	w.results(observation.SourceAPI, "2024-05-28", result{"github.com/o/010", 8}, result{"github.com/o/015", absent})
	w.put("scorecard_results (subject, observed_on, source, state, check_set, known_at)", // run, and nothing conclusive
		[]any{"github.com/o/016", date("2024-05-28"), "api", "no_result", "Fuzzing,License", w.at})
	w.ran("scorecard", "2024-05-31", observation.RunOK) // the day before anything is known
	w.ran("scorecard", "2024-06-01", observation.RunOK)
	w.ran("scorecard", "2024-07-10", observation.RunOK)
	w.must(w.DeriveAll(w.ctx))

	got := make(map[string]string)
	for _, weighting := range observation.Weightings() {
		points, err := w.Funnel(w.ctx, observation.CohortTop100, weighting, observation.ByObservation)
		w.must(err)
		for _, p := range points {
			if !p.Start.Equal(p.Date) || !p.ListOn.Equal(date("2024-01-01")) {
				t.Errorf("%+v", p)
			}
			got[string(weighting)+" "+p.Date.Format(time.DateOnly)] = funnelText(p) + "; " + p.Gap + p.Unknown
		}
	}
	// By repository there are 90 votes: 11 projects share one. Of them p001 to
	// p010 and p012 have the result of the API.
	before := "the repositories of projects are known from 2024-06-01 on"
	want := map[string]string{
		"package 2024-04-30":  "100, 80 (0.8000), ?, ?, 60 (0.6000), 60 (0.6000), 60 (0.6000); " + before,
		"download 2024-04-30": "100, 80 (0.9800), ?, ?, 60 (0.9600), 60 (0.9600), 60 (0.9600); " + before,
		// Verified are the 11, p011, p014, and not p013. p016 has a result without
		// a conclusive check beside the archive's of April, which is 32 days old.
		"package 2024-05-31":    "100, 80 (0.8000), ?, ?, 60 (0.6000), 11 (0.1100), 60 (0.6000); " + before,
		"package 2024-06-01":    "100, 80 (0.8000), 50 (0.5000), 13 (0.1300), 60 (0.6000), 11 (0.1100), 60 (0.6000); ",
		"download 2024-06-01":   "100, 80 (0.9800), 50 (0.9500), 13 (0.9130), 60 (0.9600), 11 (0.9110), 60 (0.9600); ",
		"repository 2024-04-30": "100, ?, ?, ?, ?, ?, ?; " + before,
		"repository 2024-06-01": "100, 80 (0.7778), 50 (0.4444), 13 (0.0333), 60 (0.5556), 11 (0.0111), 60 (0.5556); ",
		"download 2024-05-31":   "100, 80 (0.9800), ?, ?, 60 (0.9600), 11 (0.9110), 60 (0.9600); " + before,
		"repository 2024-05-31": "100, ?, ?, ?, ?, ?, ?; " + before,
		// Nothing of the archive counts any more, and no result is recent.
		"package 2024-07-10":    "100, 13 (0.1300), 50 (0.5000), 13 (0.1300), 12 (0.1200), 0 (0.0000), 11 (0.1100); ",
		"download 2024-07-10":   "100, 13 (0.9130), 50 (0.9500), 13 (0.9130), 12 (0.9120), 0 (0.0000), 11 (0.9110); ",
		"repository 2024-07-10": "100, 13 (0.0333), 50 (0.4444), 13 (0.0333), 12 (0.0222), 0 (0.0000), 11 (0.0111); ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	points, err := w.CohortPoints(w.ctx, observation.CohortTop100, observation.WeightRepository)
	w.must(err)
	june := points[2]
	if points[0].Unknown != before || points[0].Mean != nil || june.Unknown != "" || june.N != 60 || june.Scored != 60 {
		t.Fatalf("by repository: %+v", points)
	}
	near(t, "coverage by repository", &june.Coverage, 50.0/90)
	near(t, "mean by repository", june.Mean, (8+49*5)/50.0) // the shared one has one vote of 50
	near(t, "p90 by repository", june.P90, 5)

	monthly, err := w.Funnel(w.ctx, observation.CohortTop100, observation.WeightPackage, observation.ByMonth)
	w.must(err)
	if len(monthly) != 4 || !monthly[1].Start.Equal(date("2024-05-01")) || !monthly[1].Date.Equal(date("2024-05-31")) || !monthly[3].Date.Equal(date("2024-07-10")) {
		t.Errorf("by month: %+v", monthly)
	}
}

// TestFunnelGaps leaves suspect observations out of the periods.
func TestFunnelGaps(t *testing.T) {
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
	w.list("2020-01-01", 1, all...)
	w.archive("2020-12-28", all, upTo(60)) // the Monday of week 53
	w.archive("2021-01-03", all, upTo(10)) // its Sunday, suspect
	w.archive("2021-01-04", all, upTo(10)) // week 1, suspect
	w.archive("2021-01-18", all, upTo(60)) // week 3
	w.must(w.DeriveAll(w.ctx))
	points, err := w.Funnel(w.ctx, observation.CohortTop100, observation.WeightPackage, observation.ByWeek)
	w.must(err)
	var got []string
	for _, p := range points {
		got = append(got, p.Start.Format(time.DateOnly)+": "+funnelText(p)+"; "+p.Gap)
	}
	want := []string{
		"2020-12-28: 100, 100 (1.0000), ?, ?, 60 (0.6000), 60 (0.6000), 60 (0.6000); ",
		"2021-01-04: 100, ?, ?, ?, ?, ?, ?; suspect observation, left out: 50 of 60 projects that had a result on 2020-12-28 have none here",
		"2021-01-11: 0, ?, ?, ?, ?, ?, ?; no observation in this week",
		"2021-01-18: 100, 100 (1.0000), ?, ?, 60 (0.6000), 60 (0.6000), 60 (0.6000); ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if points[0].Unknown != "the repository of no project is known yet" {
		t.Errorf("without any link: %q", points[0].Unknown)
	}
}

// TestSetsEqualRollups asks about the members of a cohort as a set: at the dates
// of their list the figures must be those of the rollup, to the last bit.
func TestSetsEqualRollups(t *testing.T) {
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
	w.list("2024-01-01", 50, names(1, 120)...)
	w.list("2024-02-01", 50, names(11, 130)...)
	w.list("2024-02-20", 50, names(21, 140)...) // a second one of the month
	for week := range 10 {
		w.archive(date("2024-01-02").AddDate(0, 0, 7*week).Format(time.DateOnly), names(1+week, 125), core(week/3))
	}
	w.archive("2024-02-08", names(1, 125), func(int) float32 { return absent }) // an outage
	w.at = date("2024-03-10").Add(12 * time.Hour)
	for i := 20; i <= 60; i++ {
		w.link(name(i), fmt.Sprintf("github.com/Org/%d", i/3), observation.TrustDeclared)
		w.results(observation.SourceAPI, "2024-03-11", result{fmt.Sprintf("github.com/org/%d", i/3), float32(i) / 10})
	}
	w.results(observation.SourceAPI, "2024-01-20", result{"github.com/ORG/8", 9}, result{"github.com/org/9", absent})
	w.ran("scorecard", "2024-03-12", observation.RunOK)
	for i := 11; i <= 30; i++ {
		w.project(name(i), "1.0", true) // of the organization "org"
	}
	w.must(w.DeriveAll(w.ctx))

	// compare compares the observations of two sets from one date on to another.
	compare := func(what string, from, to string, want, got []observation.CohortPoint) {
		t.Helper()
		in := func(points []observation.CohortPoint) []observation.CohortPoint {
			var some []observation.CohortPoint
			for _, p := range points {
				if !p.Date.Before(date(from)) && p.Date.Before(date(to)) {
					p.ListOn = time.Time{}
					some = append(some, p)
				}
			}
			return some
		}
		if diff := cmp.Diff(in(want), in(got)); diff != "" || len(in(want)) == 0 {
			t.Errorf("%s, %d points: -want +got:\n%s", what, len(in(want)), diff)
		}
	}
	for _, weighting := range observation.Weightings() {
		moving, err := w.CohortPoints(w.ctx, observation.CohortTop100, weighting)
		w.must(err)
		panel, err := w.CohortPoints(w.ctx, "panel=2024-02:top100", weighting)
		w.must(err)
		compare("panel by "+string(weighting), "2024-02-01", "2024-02-20", moving, panel)
		if len(panel) != 12 || !panel[0].ListOn.Equal(date("2024-02-01")) {
			t.Errorf("the panel has %d points: %+v", len(panel), panel[0])
		}
		list, err := w.ListPoints(w.ctx, append(names(11, 110), "p011"), weighting)
		w.must(err)
		compare("list by "+string(weighting), "2024-02-01", "2024-02-20", moving, list)
		last, err := w.ListPoints(w.ctx, names(21, 120), weighting)
		w.must(err)
		compare("list at the end by "+string(weighting), "2024-02-20", "2025-01-01", moving, last)
		organization, err := w.CohortPoints(w.ctx, "org=Org", weighting)
		w.must(err)
		named, err := w.ListPoints(w.ctx, names(11, 30), weighting)
		w.must(err)
		compare("organization by "+string(weighting), "2024-01-01", "2025-01-01", named, organization)

		wantFunnel, err := w.Funnel(w.ctx, observation.CohortTop100, weighting, observation.ByObservation)
		w.must(err)
		gotFunnel, err := w.ListFunnel(w.ctx, names(21, 120), weighting, observation.ByObservation)
		w.must(err)
		for i := range wantFunnel {
			wantFunnel[i].ListOn, gotFunnel[i].ListOn = time.Time{}, time.Time{}
			if p := wantFunnel[i]; p.Date.After(date("2024-02-20")) {
				if diff := cmp.Diff(p, gotFunnel[i]); diff != "" {
					t.Errorf("funnel by %s: -want +got:\n%s", weighting, diff)
				}
			}
		}
	}
	if whole, err := w.CohortPoints(w.ctx, "panel=2024-01", observation.WeightPackage); err != nil || whole[0].Size != 120 {
		t.Errorf("the whole list: %v", err)
	}

	// What has no downloads has no votes: that is not a coverage of 0.
	unknown, err := w.ListPoints(w.ctx, []string{"nobody"}, observation.WeightDownload)
	w.must(err)
	if len(unknown) == 0 || unknown[0].Unknown == "" || unknown[0].Size != 1 {
		t.Errorf("by the downloads of nobody: %+v", unknown)
	}
	if unknown, err = w.ListPoints(w.ctx, []string{"nobody"}, observation.WeightPackage); err != nil || unknown[0].Asked != 0 || unknown[0].Mean != nil || unknown[0].Unknown != "" {
		t.Errorf("nobody: %+v, %v", unknown, err)
	}

	for _, c := range []observation.Cohort{"panel=2023-12", "panel=2024-03", "panel=2024-01:top1000", "org=nobody"} {
		if _, err := w.CohortPoints(w.ctx, c, observation.WeightPackage); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", c, err)
		}
	}
	for _, c := range []observation.Cohort{"", "all", "top7", "panel=2024", "org="} {
		if _, err := w.Funnel(w.ctx, c, observation.WeightPackage, observation.ByWeek); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("%q is no cohort: %v", c, err)
		}
	}
	if _, err := w.CohortPoints(w.ctx, "top100", "votes"); err == nil {
		t.Error("a weighting that there is not is answered")
	}
	if _, err := w.ListPoints(w.ctx, nil, observation.WeightPackage); err == nil {
		t.Error("an empty list is answered")
	}
	var long []string
	for i := range observation.MaxListed + 1 {
		long = append(long, fmt.Sprint("x", i))
	}
	if _, err := w.ListPoints(w.ctx, long, observation.WeightPackage); err == nil {
		t.Error("a list that is too long is answered")
	}
	if _, err := w.ListPoints(w.ctx, slices.Repeat(long[1:], 2), observation.WeightPackage); err != nil {
		t.Errorf("a list of just so many projects, each twice: %v", err)
	}
}

// TestSetCache keeps what was asked for lately, for a while.
func TestSetCache(t *testing.T) {
	var c setCache
	start := date("2024-01-01")
	for i := range setEntries + 1 {
		if i == setEntries {
			c.get("0", start.Add(time.Duration(i)*time.Second)) // the oldest is asked for again
		}
		c.put(fmt.Sprint(i), nil, start.Add(time.Duration(i)*time.Second))
	}
	if _, ok := c.get("1", start); ok || len(c.answers) != setEntries {
		t.Errorf("%d answers are kept", len(c.answers))
	}
	if _, ok := c.get("0", start.Add(setAge)); !ok {
		t.Error("an answer is dropped before its time")
	}
	if _, ok := c.get("0", start.Add(setAge+time.Second)); ok {
		t.Error("an answer is given after its time")
	}
}
