package store

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestCheckProjects(t *testing.T) {
	w := newWorld(t)
	w.list("2024-01-01", 100, names(1, 8)...)
	w.archive("2024-01-05", names(1, 8), func(i int) float32 {
		if i > 5 {
			return absent
		}
		return 3
	})
	w.checks(observation.SourceArchive, "2024-01-05", "License", map[string]int8{name(1): 3, name(2): 9, name(5): 7})
	w.setOf("2024-01-05", "Fuzzing,License") // the archive has no row of an inconclusive check
	w.checks(observation.SourceArchive, "2024-01-05", "Fuzzing", map[string]int8{name(4): 0})
	// Two projects of one repository, asked about at the API.
	for _, i := range []int{6, 7} {
		w.project(name(i), "1.0", true)
		w.link(name(i), "github.com/o/R", observation.TrustDeclared)
	}
	w.results(observation.SourceAPI, "2024-01-06", result{"github.com/o/R", 5})
	w.checks(observation.SourceAPI, "2024-01-06", "License", map[string]int8{"github.com/o/R": 0})
	w.ran("scorecard", "2024-01-07", observation.RunOK)
	w.must(w.DeriveAll(w.ctx))

	ask := func(q observation.CheckProjectsQuery) observation.CheckProjects {
		t.Helper()
		if q.Cohort == "" {
			q.Cohort = observation.CohortTop100
		}
		page, err := w.CheckProjects(w.ctx, q)
		w.must(err)
		return page
	}
	// p003 and p004 are inconclusive: listed, without a score.
	zero, three, seven := 0, 3, 7
	want := observation.CheckProjects{
		Size: 8, N: 5, Below: 4, Inconclusive: 2, Unknown: 1,
		Rows: []observation.CheckProject{
			{Project: "p001", DisplayName: "p001", Rank: 1, Score: &three, Source: observation.SourceArchive, Date: date("2024-01-05")},
			{Project: "p005", DisplayName: "p005", Rank: 5, Score: &seven, Source: observation.SourceArchive, Date: date("2024-01-05")},
			{Project: "p006", DisplayName: "P006", Rank: 6, Score: &zero, Source: observation.SourceAPI, Date: date("2024-01-06"), Repository: "github.com/o/R", Reason: "because"},
			{Project: "p007", DisplayName: "P007", Rank: 7, Score: &zero, Source: observation.SourceAPI, Date: date("2024-01-06"), Repository: "github.com/o/R", Reason: "because"},
		},
	}
	if diff := cmp.Diff(want, ask(observation.CheckProjectsQuery{Check: "License", Below: 8}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("below 8 (-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		q    observation.CheckProjectsQuery
		want []string
	}{
		{observation.CheckProjectsQuery{Check: "License", Below: 10, Limit: 2, Offset: 1}, []string{"p002 9", "p005 7"}},
		{observation.CheckProjectsQuery{Check: "License", Below: 1}, []string{"p006 0", "p007 0"}},
		{observation.CheckProjectsQuery{Check: "License", Below: 8, Offset: 9}, nil},
		{observation.CheckProjectsQuery{Check: "License", Below: 8, Inconclusive: true}, []string{"p003 ?", "p004 ?"}},
		{observation.CheckProjectsQuery{Check: "Fuzzing", Below: 8}, []string{"p004 0"}},
		{observation.CheckProjectsQuery{Check: "Webhooks", Below: 8}, nil},
	} {
		var got []string
		for _, p := range ask(test.q).Rows {
			score := "?"
			if p.Score != nil {
				score = fmt.Sprint(*p.Score)
			}
			got = append(got, p.Project+" "+score)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.q, got, test.want)
		}
	}
	if p := ask(observation.CheckProjectsQuery{Check: "Webhooks", Below: 8}); p.NotRun != 7 || p.N+p.Inconclusive != 0 {
		t.Errorf("a check that nobody runs: %+v", p)
	}
	if _, err := w.CheckProjects(w.ctx, observation.CheckProjectsQuery{Cohort: observation.CohortAll, Check: "License"}); err == nil {
		t.Error("all of PyPI is answered for")
	}
}

func TestLeaveOut(t *testing.T) {
	all := &checkStandings{
		projects: []checkStanding{
			{observation.CheckProject{Project: "a", Source: observation.SourceArchive}, 10},
			{observation.CheckProject{Project: "b", Source: observation.SourceArchive}, 9},
			{observation.CheckProject{Project: "c", Source: observation.SourceAPI}, 10},
		},
		scores: map[string][]int8{"SAST": {1, 2, 3}, "License": {4, 5, 6}},
	}
	all.leaveOut(observation.CheckSuspect{Date: day(10).time(), Check: "SAST", Source: observation.SourceArchive})
	all.leaveOut(observation.CheckSuspect{Date: day(10).time(), Check: "Fuzzing", Source: observation.SourceArchive})
	want := map[string][]int8{"SAST": {notRun, 2, 3}, "License": {4, 5, 6}}
	if diff := cmp.Diff(want, all.scores); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
