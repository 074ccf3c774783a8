package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// pageWorld ranks twenty projects p001 to p020 and knows much of p001.
func pageWorld(t *testing.T) *world {
	w := newWorld(t)
	w.list("2024-01-01", 100, names(1, 20)...)
	w.archive("2023-11-05", names(1, 20), func(i int) float32 { return float32(i%10) + 0.5 })
	w.archive("2024-05-05", names(1, 20), func(i int) float32 { return float32(i % 10) })
	w.archive("2024-05-12", names(1, 20), func(i int) float32 {
		if i == 20 {
			return absent
		}
		return float32(i % 10)
	})
	w.setOf("2024-05-12", "License,SAST")
	w.checks(observation.SourceArchive, "2023-11-05", "SAST", map[string]int8{"p001": 3})
	w.checks(observation.SourceArchive, "2024-05-05", "SAST", map[string]int8{"p001": 8, "p002": 10})
	w.checks(observation.SourceArchive, "2024-05-12", "SAST", map[string]int8{"p001": 10, "p002": 4, "p003": 9})
	w.checks(observation.SourceArchive, "2024-05-12", "License", map[string]int8{"p001": -1, "p002": 10})

	w.project("p001", "2.0", true)
	w.file("p001", "1.0", "p001-1.0.tar.gz", "2024-11-01", false, observation.ProvenanceAbsent)
	w.file("p001", "2.0", "p001-2.0.tar.gz", "2024-12-01", false, observation.ProvenancePresent)
	w.provenance("p001", "p001-2.0.tar.gz", observation.Publisher{Kind: "GitHub", Repository: "github.com/o/p001", Workflow: "release.yml"})
	w.link("p001", "github.com/o/p001", observation.TrustDeclared)
	w.forge("github.com/o/p001", observation.RepositoryMoved, "github.com/new/p001")
	w.record(observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Aliases: []string{"CVE-2024-1"}, Published: date("2024-02-20"), Modified: date("2024-02-20")}, false)
	w.affects("PYSEC-2024-1", "p001", `[[{"introduced":"0"}]]`)
	w.kev("CVE-2024-1", "2024-03-01", "Unknown", false)
	w.must(w.DeriveAll(w.ctx))
	return w
}

// TestProjectPage reads what a project's page needs from one world.
func TestProjectPage(t *testing.T) {
	w := pageWorld(t)
	t.Run("filters", func(t *testing.T) { testProjectsFilters(t, w) })
	t.Run("checks", func(t *testing.T) { testProjectChecks(t, w) })
	t.Run("peers", func(t *testing.T) { testPeers(t, w) })
	t.Run("publishing", func(t *testing.T) { testPublishing(t, w) }) // writes: the last
}

func testProjectsFilters(t *testing.T, w *world) {
	three, four := 3.0, 4.0
	for name, test := range map[string]struct {
		q     observation.ProjectsQuery
		want  []string
		total int
	}{
		"cohort":       {observation.ProjectsQuery{Cohort: observation.CohortTop100, Limit: 2}, []string{"p001", "p002"}, 20},
		"range":        {observation.ProjectsQuery{Min: &three, Max: &four}, []string{"p003", "p004", "p013", "p014"}, 4},
		"zero":         {observation.ProjectsQuery{Max: new(float64)}, []string{"p010"}, 1}, // p020 has no value, which is not 0
		"absent":       {observation.ProjectsQuery{State: observation.ScoreAbsent}, []string{"p020"}, 1},
		"state":        {observation.ProjectsQuery{State: observation.ScoreNoResult}, []string{"p020"}, 1},
		"below":        {observation.ProjectsQuery{Check: "SAST", Below: 10}, []string{"p002", "p003"}, 2},
		"below 8":      {observation.ProjectsQuery{Check: "SAST", Below: 8}, []string{"p002"}, 1}, // 10 a week before is not the value
		"inconclusive": {observation.ProjectsQuery{Check: "License", Below: 10}, nil, 0},
		"affected":     {observation.ProjectsQuery{Affected: true}, []string{"p001"}, 1},
		"kev":          {observation.ProjectsQuery{KEV: true}, []string{"p001"}, 1},
		"class":        {observation.ProjectsQuery{Class: observation.AttestationFull}, []string{"p001"}, 1},
		"unknown":      {observation.ProjectsQuery{Class: observation.AttestationUnknown, Limit: 1}, []string{"p002"}, 19},
		"status":       {observation.ProjectsQuery{Status: "active"}, []string{"p001"}, 1},
		"together":     {observation.ProjectsQuery{Check: "SAST", Below: 10, Min: &three, Text: "p00"}, []string{"p003"}, 1},
		"beyond":       {observation.ProjectsQuery{Check: "SAST", Below: 10, Offset: 50}, nil, 2},
	} {
		rows, total, err := w.Projects(w.ctx, test.q)
		w.must(err)
		if got := projectNames(rows); !slices.Equal(got, test.want) || total != test.total {
			t.Errorf("%s: %q of %d, want %q of %d", name, got, total, test.want, test.total)
		}
		if test.q.Limit > 0 || test.q.Offset > 0 {
			continue
		}
		var all []observation.ProjectRow
		w.must(w.EachProject(w.ctx, test.q, func(p observation.ProjectRow) error { all = append(all, p); return nil }))
		if got := projectNames(all); !slices.Equal(got, test.want) {
			t.Errorf("%s: each of %q, want %q", name, got, test.want)
		}
	}
	if _, _, err := w.Projects(w.ctx, observation.ProjectsQuery{Cohort: "org=x"}); err == nil {
		t.Error("a cohort that is none by rank is accepted")
	}
}

func projectNames(rows []observation.ProjectRow) []string {
	var list []string
	for _, r := range rows {
		list = append(list, r.Project)
	}
	return list
}

func testProjectChecks(t *testing.T, w *world) {
	days, err := w.ProjectChecks(w.ctx, "p001")
	w.must(err)
	if len(days) != 3 {
		t.Fatalf("days %+v", days)
	}
	last := days[2]
	if !last.On.Equal(date("2024-05-12")) || last.Source != observation.SourceArchive || !slices.Equal(last.Listed, []string{"License", "SAST"}) || len(last.Scores) != 1 || last.Scores["SAST"] != 10 {
		t.Errorf("last day %+v", last)
	}
	if days[0].Scores["SAST"] != 3 || days[1].Scores["SAST"] != 8 {
		t.Errorf("days %+v", days)
	}
	if days, err := w.ProjectChecks(w.ctx, "nobody"); err != nil || days != nil {
		t.Errorf("nobody: %+v, %v", days, err)
	}
}

// TestCheckDays: the source of the value first, the other where it has none.
func TestCheckDays(t *testing.T) {
	var points []observation.ScorePoint
	for d := date("2020-01-05"); d.Before(date("2024-06-01")); d = d.AddDate(0, 0, 7) {
		points = append(points, observation.ScorePoint{Date: d, Source: observation.SourceArchive, State: observation.StateScored, Suspect: d.Equal(date("2024-05-26"))})
	}
	points = append(points, observation.ScorePoint{Date: date("2024-05-28"), Source: observation.SourceAPI, State: observation.StateScored})
	archive := checkDays(points, observation.SourceArchive)
	if n := len(archive); n != 10+recentChecks || archive[n-1].on != dayOf(date("2024-05-19")) {
		t.Errorf("%d of the archive, the last %v", n, archive[n-1])
	}
	api := checkDays(points, observation.SourceAPI)
	if n := len(api); n != checkQuarters || api[n-1].source != observation.SourceAPI || api[0].on != dayOf(date("2021-09-26")) {
		t.Errorf("%d of the API: %v", n, api)
	}
	if got := checkDays(nil, ""); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

func testPeers(t *testing.T, w *world) {
	p, err := w.Peers(w.ctx, 2)
	w.must(err)
	if p.Decile != 1 || p.First != 1 || p.Last != 2 || p.Size != 2 || p.N != 2 || *p.P50 != 1.5 || !p.ListOn.Equal(date("2024-01-01")) {
		t.Errorf("peers of rank 2: %+v", p)
	}
	if c := p.Checks["SAST"]; c != (observation.PeerCheck{N: 2, High: 1, Median: 7}) {
		t.Errorf("SAST %+v", c)
	}
	if c := p.Checks["License"]; c != (observation.PeerCheck{N: 1, High: 1, Median: 10}) {
		t.Errorf("License %+v", c)
	}
	for _, rank := range []int{0, 21} {
		if _, err := w.Peers(w.ctx, rank); !errors.Is(err, ErrNotFound) {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
	for rank, want := range map[int]int{1: 1, 2: 1, 3: 2, 20: 10} {
		if got := decileOf(rank, 20); got != want {
			t.Errorf("decile of %d of 20: %d, want %d", rank, got, want)
		}
	}
	if got := decileOf(3, 5); got != 6 { // of a list shorter than the parts, some are empty
		t.Errorf("decile of 3 of 5: %d", got)
	}
}

func testPublishing(t *testing.T, w *world) {
	w.at = w.at.Add(time.Hour)
	w.put("projects (project, known_at, observed_at, owners, organization, from_json, content_hash)",
		[]any{"p001", w.at, w.at, []string{"o", "second"}, "org", uint8(1), uint64(2)})
	w.forgetAnswers(true)
	p, err := w.Publishing(w.ctx, "p001")
	w.must(err)
	if len(p.Owners) != 2 || !slices.Equal(p.Owners[0].Owners, []string{"o", "second"}) || !p.Owners[0].KnownAt.Equal(w.at) || !slices.Equal(p.Owners[1].Owners, []string{"o"}) {
		t.Errorf("owners %+v", p.Owners)
	}
	if len(p.Publishers) != 1 || p.Publishers[0].Workflow != "release.yml" || p.Publishers[0].Files != 1 || p.Publishers[0].Releases != 1 {
		t.Errorf("publishers %+v", p.Publishers)
	}
	if len(p.Forges) != 1 || p.Forges[0].State != observation.RepositoryMoved || p.Forges[0].Target != "github.com/new/p001" {
		t.Errorf("forges %+v", p.Forges)
	}
	if len(p.Changes) != 1 || p.Changes[0].Kind != observation.ChangeGained || p.Changes[0].Version != "2.0" {
		t.Errorf("changes %+v", p.Changes)
	}
	if p.Attestation == nil || p.Attestation.Class != observation.AttestationFull || p.Health == nil || p.Health.Releases != 2 {
		t.Errorf("attestation %+v, health %+v", p.Attestation, p.Health)
	}
	if p, err := w.Publishing(w.ctx, "p002"); err != nil || p.Attestation != nil || p.Owners != nil {
		t.Errorf("never asked: %+v, %v", p, err)
	}
}
