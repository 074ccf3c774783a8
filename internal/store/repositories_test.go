package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// forge writes what a forge says of a repository at the world's time.
func (w *world) forge(repository string, state observation.RepositoryState, target string) {
	w.Helper()
	w.put("repositories (repository, known_at, observed_at, state, target, content_hash, deleted, run_id)",
		[]any{repository, w.at, w.at, string(state), target, uint64(1), uint8(0), uuid.Nil})
}

// unlink takes a link back at the world's time.
func (w *world) unlink(project, repository string, trust observation.Trust) {
	w.Helper()
	w.put("project_repositories (project, repository, known_at, trust, deleted)", []any{project, repository, w.at, string(trust), uint8(1)})
}

// TestRepositories decides which repository each project has.
func TestRepositories(t *testing.T) {
	w := newWorld(t)
	at := func(on string) day {
		w.at = date(on).Add(12 * time.Hour)
		return dayOf(w.at)
	}
	may1, may2, may3, may4, may5 := dayOf(date("2024-05-01")), dayOf(date("2024-05-02")), dayOf(date("2024-05-03")), dayOf(date("2024-05-04")), dayOf(date("2024-05-05"))

	at("2024-05-01")
	w.link("declared", "github.com/o/declared", observation.TrustDeclared)
	w.link("attested", "github.com/O/Attested", observation.TrustDeclared)
	w.link("moved", "github.com/o/Old", observation.TrustDeclared)
	w.link("circle", "github.com/c/one", observation.TrustDeclared)
	w.link("gone", "github.com/o/gone", observation.TrustAttested)
	w.link("back", "github.com/o/back", observation.TrustDeclared)
	w.link("changed", "github.com/o/first", observation.TrustDeclared)
	w.link("nothing", "github.com/o/nothing", observation.TrustDeclared)
	w.link("scored", "github.com/o/scored", observation.TrustInferred)
	at("2024-05-02")
	w.link("attested", "github.com/o/attested", observation.TrustAttested)
	w.link("attested", "github.com/o/other", observation.TrustDepsDev)
	w.unlink("nothing", "github.com/o/nothing", observation.TrustDeclared)
	w.unlink("changed", "github.com/o/first", observation.TrustDeclared)
	w.link("changed", "github.com/o/second", observation.TrustDeclared)
	at("2024-05-03")
	w.forge("github.com/o/old", observation.RepositoryMoved, "github.com/o/middle")
	w.forge("github.com/c/one", observation.RepositoryMoved, "github.com/c/two")
	w.forge("github.com/c/two", observation.RepositoryMoved, "github.com/c/one")
	w.forge("github.com/o/back", observation.RepositoryGone, "")
	w.forge("github.com/o/declared", observation.RepositoryFound, "github.com/O/Declared")
	at("2024-05-04")
	w.forge("github.com/o/Middle", observation.RepositoryMoved, "github.com/new/Name")
	w.forge("github.com/o/gone", observation.RepositoryGone, "")
	w.forge("github.com/o/back", observation.RepositoryFound, "github.com/O/Back")
	at("2024-05-05")
	w.forge("github.com/o/gone", observation.RepositoryGone, "") // said again
	w.forge("github.com/o/declared", observation.RepositoryGone, "")
	w.results(observation.SourceAPI, "2024-05-05", result{"github.com/O/Scored", 5}, result{"github.com/o/second", absent})
	w.results(observation.SourceAPI, "2024-05-12", result{"github.com/O/Scored", 6})

	got, err := w.repositories(w.ctx)
	w.must(err)
	want := repositoryMap{known: may1, projects: map[string]strongest{
		"declared": {"github.com/o/declared", "github.com/o/declared", observation.TrustDeclared, may1, may3, may5},
		"attested": {"github.com/o/attested", "github.com/o/attested", observation.TrustAttested, may1, may2, 0},
		"moved":    {"github.com/o/Old", "github.com/new/Name", observation.TrustDeclared, may1, may3, 0},
		"circle":   {"github.com/c/one", "github.com/c/two", observation.TrustDeclared, may1, may3, 0},
		"gone":     {"github.com/o/gone", "github.com/o/gone", observation.TrustAttested, may1, may1, may4},
		"back":     {"github.com/o/back", "github.com/O/Back", observation.TrustDeclared, may1, may4, 0},
		"changed":  {"github.com/o/second", "github.com/o/second", observation.TrustDeclared, may1, 0, 0},
		"scored":   {"github.com/o/scored", "github.com/o/scored", observation.TrustInferred, may1, may5, 0},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(repositoryMap{}, strongest{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	for _, test := range []struct {
		project          string
		on               day
		linked, verified bool
	}{
		{"declared", may1 - 1, false, false},
		{"declared", may1, true, false},
		{"declared", may3, true, true},
		{"declared", may5, true, false},
		{"changed", may5, true, false},
		{"nothing", may5, false, false},
	} {
		link := got.projects[test.project]
		if link.linked(test.on) != test.linked || link.verified(test.on) != test.verified {
			t.Errorf("%s on %s: linked %v, verified %v", test.project, test.on.time().Format(time.DateOnly), link.linked(test.on), link.verified(test.on))
		}
	}

	// The API is asked by the newest name, the forge by the one that the project uses.
	w.list("2024-05-01", 1, "moved", "scored", "gone")
	names, err := w.TrackedRepositories(w.ctx, 3, "")
	w.must(err)
	if diff := cmp.Diff([]string{"github.com/o/gone", "github.com/new/Name", "github.com/o/scored"}, names); diff != "" {
		t.Errorf("tracked -want +got:\n%s", diff)
	}
	states, err := w.RepositoryStates(w.ctx, 3)
	w.must(err)
	if len(states) != 3 || states[0].State != observation.RepositoryGone || states[1].Repository != "github.com/o/Old" {
		t.Errorf("states %+v", states)
	}
}

// TestNoRepositories says that nothing is known, and not that nothing is there.
func TestNoRepositories(t *testing.T) {
	got, err := newWorld(t).repositories(t.Context())
	if err != nil || got.known != 0 || len(got.projects) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
