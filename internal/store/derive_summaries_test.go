package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestScoreState(t *testing.T) {
	const newest = 1000
	result := func(api, scored bool, on day) standing {
		return standing{value: value{on: on, api: api, scored: scored}}
	}
	var none standing
	for _, test := range []struct {
		name  string
		q     question
		state observation.ScoreState
		about standing
		other standing
	}{
		{"archive has it", question{archive: result(false, true, 1000)},
			observation.ScoreScored, result(false, true, 1000), none},
		{"60 days before the newest observation", question{archive: result(false, true, 940)},
			observation.ScoreScored, result(false, true, 940), none},
		{"61 days before", question{archive: result(false, true, 939)},
			observation.ScoreStale, result(false, true, 939), none},
		{"newer than the newest accepted observation", question{archive: result(false, true, 1000), api: result(true, true, 1010)},
			observation.ScoreScored, result(true, true, 1010), result(false, true, 1000)},
		{"the API has none, the archive has", question{archive: result(false, true, 1000), api: result(true, false, 1010)},
			observation.ScoreScored, result(false, true, 1000), result(true, false, 1010)},
		{"the API's is old, the archive has none", question{archive: result(false, false, 1000), api: result(true, true, 900), repository: "github.com/a/b", asked: true, answered: true},
			observation.ScoreNoResult, result(false, false, 1000), result(true, true, 900)},
		{"both old, the API's newer", question{archive: result(false, true, 800), api: result(true, true, 900)},
			observation.ScoreStale, result(true, true, 900), result(false, true, 800)},
		{"old and then none, long ago", question{archive: result(false, false, 900), api: result(true, true, 800), tracked: true},
			observation.ScoreStale, result(true, true, 800), result(false, false, 900)},
		{"none anywhere", question{archive: result(false, false, 1000), api: result(true, false, 1005), repository: "github.com/a/b", asked: true, answered: true},
			observation.ScoreNoResult, result(true, false, 1005), result(false, false, 1000)},
		{"PyPI names no repository", question{archive: result(false, false, 1000), asked: true, answered: true, tracked: true},
			observation.ScoreNoRepository, result(false, false, 1000), none},
		{"no repository, and in no list", question{asked: true, answered: true},
			observation.ScoreNoRepository, none, none},
		{"no repository, but the archive has a result", question{archive: result(false, true, 1000), asked: true, answered: true},
			observation.ScoreScored, result(false, true, 1000), none},
		{"could not be asked", question{unavailable: 990, repository: "github.com/a/b", asked: true, answered: true, tracked: true},
			observation.ScoreUnavailable, result(true, false, 990), none},
		{"could not be asked, long ago", question{unavailable: 900, repository: "github.com/a/b", asked: true, answered: true, tracked: true},
			observation.ScoreNotFetched, none, none},
		{"PyPI was asked and gave no metadata", question{tracked: true, asked: true},
			observation.ScoreUnavailable, none, none},
		{"tracked, PyPI not asked yet", question{tracked: true},
			observation.ScoreNotFetched, none, none},
		{"tracked, its forge is not served", question{tracked: true, asked: true, answered: true, repository: "codeberg.org/a/b"},
			observation.ScoreNotAsked, none, none},
		{"not tracked", question{repository: "github.com/a/b", asked: true, answered: true},
			observation.ScoreNotAsked, none, none},
		{"not tracked, the archive had none long ago", question{archive: result(false, false, 500)},
			observation.ScoreNotAsked, none, result(false, false, 500)},
	} {
		test.q.newest = newest
		got := scoreState(test.q)
		if got.state != test.state || got.about != test.about || got.other != test.other {
			t.Errorf("%s: %+v, want %s about %+v, other %+v", test.name, got, test.state, test.about, test.other)
		}
	}
}

// TestProjectStates reads one project in each state, as its page does.
func TestProjectStates(t *testing.T) {
	w := newWorld(t) // tracks 60
	w.list("2024-01-01", 1000, names(1, 100)...)
	w.archive("2024-01-05", append(names(1, 10), "p200", "p201"), func(i int) float32 {
		if i <= 2 || i == 201 {
			return 5
		}
		return absent
	})
	w.archive("2024-04-05", names(1, 10), func(i int) float32 {
		switch i {
		case 1:
			return 6.4
		case 2:
			return noCore
		}
		return absent
	})
	w.checks(observation.SourceArchive, "2024-04-05", "Fuzzing", map[string]int8{"p001": 10, "p002": -1})
	w.checks(observation.SourceArchive, "2024-04-05", "License", map[string]int8{"p001": 9})
	w.checks(observation.SourceArchive, "2024-01-05", "License", map[string]int8{"p001": 1, "p201": 3})
	for _, p := range []string{"p001", "p003", "p004", "p005", "p006", "p011", "p012", "p013", "p099"} {
		w.project(p, "1.0", p != "p012")
	}
	for project, repository := range map[string]string{
		"p003": "github.com/Org/Three", "p005": "github.com/org/five", "p006": "codeberg.org/org/six",
		"p011": "github.com/org/eleven", "p013": "github.com/org/thirteen", "p099": "github.com/org/ninety-nine",
	} {
		w.link(project, repository, observation.TrustDeclared)
	}
	w.results(observation.SourceAPI, "2024-04-10", result{"github.com/org/three", 8.25}, result{"github.com/org/five", absent}, result{"github.com/org/thirteen", refused})
	w.checks(observation.SourceAPI, "2024-04-10", "Fuzzing", map[string]int8{"github.com/org/three": 7})
	w.must(w.DeriveAll(w.ctx))

	for name, want := range map[string]struct {
		state   observation.ScoreState
		missing string // its beginning
	}{
		"p001": {observation.ScoreScored, ""},
		"p002": {observation.ScoreScored, ""},
		"p003": {observation.ScoreScored, ""},
		"p004": {observation.ScoreNoRepository, "No repository: PyPI was asked on 1 June 2024"},
		"p005": {observation.ScoreNoResult, "No result: the Scorecard API was asked about github.com/org/five on 10 April 2024 and has none (none there)."},
		"p006": {observation.ScoreNoResult, "No result: the Scorecard archive of 5 April 2024 lists the project"},
		"p011": {observation.ScoreNotFetched, "Not fetched yet:"},
		"p012": {observation.ScoreUnavailable, "Unavailable: PyPI was asked on 1 June 2024 and gave no metadata for this project"},
		"p013": {observation.ScoreUnavailable, "Unavailable: the Scorecard API could not be asked about github.com/org/thirteen on 10 April 2024 (no answer)."},
		"p060": {observation.ScoreNotFetched, "Not fetched yet:"},
		"p061": {observation.ScoreNotAsked, "Not asked:"},
		"p099": {observation.ScoreNotAsked, "Not asked:"},
		"p200": {observation.ScoreNotAsked, "Not asked:"},
		"p201": {observation.ScoreStale, "No current result: the newest one is of 5 January 2024, and a result counts for 60 days before the newest observation, which is of 5 April 2024."},
	} {
		p, err := w.Project(w.ctx, name)
		w.must(err)
		if p.ScoreState != want.state || !strings.HasPrefix(p.Missing, want.missing) || (want.missing == "") != (p.Missing == "") {
			t.Errorf("%s is %s: %q, want %s: %q…", name, p.ScoreState, p.Missing, want.state, want.missing)
		}
		if (p.Result != nil) != (want.state == observation.ScoreScored) || (p.Aggregate != nil) != (p.Result != nil) {
			t.Errorf("%s is %s with the result %+v and the aggregate %v", name, p.ScoreState, p.Result, p.Aggregate)
		}
	}

	p, err := w.Project(w.ctx, "p001")
	w.must(err)
	if p.Rank != 1 || p.Downloads != 1000 || !p.RankOn.Equal(date("2024-01-01")) || p.RankSize != 100 || p.DisplayName != "P001" ||
		!p.InIndex || !p.InJSON || p.License != "MIT" || p.RequiresPython != ">=3.9" || p.Organization != "org" || p.Summary != "A project." {
		t.Errorf("metadata of p001: %+v", p)
	}
	if r := p.Result; r.Source != observation.SourceArchive || !r.ObservedOn.Equal(date("2024-04-05")) || *p.Core != 6.4 || *r.Core != 6.4 || len(r.Checks) != 2 ||
		r.Checks[0].Name != "Fuzzing" || *r.Checks[0].Score != 10 || *r.Checks[1].Score != 9 {
		t.Errorf("result of p001: %+v", r)
	}
	if p, err = w.Project(w.ctx, "p002"); err != nil || p.Core != nil || len(p.Result.Checks) != 1 || p.Result.Checks[0].Score != nil {
		t.Errorf("p002 is scored outside the core checks, and one is inconclusive: %+v, %v", p.Result, err)
	}
	if p, err = w.Project(w.ctx, "p003"); err != nil || p.Result.Source != observation.SourceAPI || p.Repository != "github.com/org/three" || *p.Aggregate != 8.25 ||
		len(p.Result.Checks) != 1 || p.Result.Checks[0].Reason != "because" || len(p.Result.Checks[0].Details) != 1 ||
		p.Other == nil || p.Other.State != observation.StateNoResult {
		t.Errorf("p003 by the API, whose spelling of the repository wins: %+v, other %+v, %v", p.Result, p.Other, err)
	}
	if p, err = w.Project(w.ctx, "p201"); err != nil || p.Other == nil || len(p.Other.Checks) != 1 || p.Rank != 0 {
		t.Errorf("the stale result of p201 stands beside: %+v, %v", p.Other, err)
	}

	points, err := w.ProjectScores(w.ctx, "p003")
	w.must(err)
	if len(points) != 3 || points[0].State != observation.StateNoResult || points[2].Source != observation.SourceAPI || *points[2].Core != 8.25 ||
		!points[2].Date.Equal(date("2024-04-10")) {
		t.Errorf("scores of p003: %+v", points)
	}
	if _, err := w.Project(w.ctx, "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown project: %v", err)
	}
}

// TestRemovedProjects tells a removed project from one that is quarantined, and
// from one that nobody could be asked about.
func TestRemovedProjects(t *testing.T) {
	w := newWorld(t)
	w.list("2024-01-01", 1, names(1, 10)...)
	present := func(project string, listed bool) {
		w.Helper()
		w.put("project_presence (project, known_at, observed_at, listed)", []any{project, w.at, w.at, bit(listed)})
	}
	status := func(project, status string) {
		w.Helper()
		w.put("projects (project, known_at, observed_at, display_name, status, from_index, organization)", []any{project, w.at, w.at, project, status, uint8(1), "Org"})
	}
	for i, s := range []string{"active", "active", "quarantined", "", "archived", "active"} {
		status(name(i+1), s)
	}
	w.at = w.at.Add(time.Hour)
	for i := 2; i <= 6; i++ {
		present(name(i), false)
	}
	w.at = w.at.Add(time.Hour)
	present("p006", true)  // it came back
	present("p009", false) // PyPI has never answered for it
	status("p007", "active")
	w.must(w.DeriveAll(w.ctx))
	for project, want := range map[string]string{
		"p001": "active", "p002": "removed", "p003": "quarantined", "p004": "removed", "p005": "removed", "p006": "active", "p007": "active", "p009": "",
	} {
		if p, err := w.Project(w.ctx, project); err != nil || p.Status != want {
			t.Errorf("%s is %q, want %q: %v", project, p.Status, want, err)
		}
	}
	if organization, err := w.organization(w.ctx, "ORG"); err != nil || len(organization.projects) != 7 {
		t.Errorf("the organization: %v, %v", organization.projects, err)
	}
}

// TestSummariesFollowMoves shows a project by the repository that its own has
// moved to.
func TestSummariesFollowMoves(t *testing.T) {
	w := newWorld(t)
	w.list("2024-01-01", 1, names(1, 10)...)
	w.archive("2024-05-25", names(1, 10), func(int) float32 { return absent })
	w.project("p001", "1.0", true)
	w.link("p001", "github.com/old/name", observation.TrustDeclared)
	w.forge("github.com/old/Name", observation.RepositoryMoved, "github.com/New/Name")
	w.results(observation.SourceAPI, "2024-05-26", result{"github.com/new/name", 7}, result{"github.com/old/name", 2})
	w.must(w.DeriveAll(w.ctx))
	p, err := w.Project(w.ctx, "p001")
	w.must(err)
	if p.Repository != "github.com/new/name" || p.ScoreState != observation.ScoreScored || *p.Core != 7 || p.Trust != observation.TrustDeclared ||
		len(p.Repositories) != 1 || p.Repositories[0].Repository != "github.com/old/name" {
		t.Errorf("%+v", p)
	}
}
