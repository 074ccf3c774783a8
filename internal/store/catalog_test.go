package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestCatalog(t *testing.T) {
	s := migrated(t)
	list := func(on string, projects ...string) *observation.RankList {
		l := &observation.RankList{List: "top-pypi-packages", ObservedOn: date(on)}
		for i, p := range projects {
			l.Ranks = append(l.Ranks, observation.Rank{Project: p, Rank: uint32(i + 1), Downloads: 1})
		}
		return l
	}
	links := func(project string, origin observation.Trust, labelsAndNames ...string) *observation.ProjectRepositories {
		l := &observation.ProjectRepositories{Project: project, Origin: origin}
		for i := 0; i < len(labelsAndNames); i += 2 {
			l.Links = append(l.Links, observation.RepositoryLink{Label: labelsAndNames[i], Repository: labelsAndNames[i+1]})
		}
		return l
	}
	write(t, s,
		list("2026-03-01", "old", "a"), list("2026-04-01", "a", "b", "c", "d", "e"),
		&observation.RankList{List: "another", ObservedOn: date("2026-05-01"), Ranks: []observation.Rank{{Project: "z", Rank: 1}}},
		links("a", observation.TrustDeclared, "Homepage", "github.com/a/home", "Source", "github.com/a/source"),
		links("b", observation.TrustDeclared, "Source", "github.com/b/declared"),
		links("b", observation.TrustAttested, "", "github.com/b/attested"),
		links("c", observation.TrustDeclared, "Source", "github.com/A/Source"), // a's, in another case
		links("d", observation.TrustDeclared, "Source", "github.com/d/gone"),
		links("old", observation.TrustDeclared, "Source", "github.com/old/old"),
		&observation.Project{Name: "a", Serial: 5},
		&observation.Project{Name: "b"},
		&observation.Advisory{ID: "X-1", Modified: date("2026-01-01").Add(1234 * time.Microsecond)},
	)
	write(t, s,
		links("d", observation.TrustDeclared),
		&observation.Project{Name: "a", Serial: 6, Summary: "new"},
		&observation.Advisory{ID: "X-1", Modified: date("2026-01-02").Add(5 * time.Microsecond)},
		&observation.Advisory{ID: "X-2", Modified: date("2026-01-03")},
	)
	check := func(what string, got any, err error, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
		}
	}
	for n, want := range map[int][]string{0: nil, 3: {"a", "b", "c"}, 100: {"a", "b", "c", "d", "e"}} {
		got, err := s.Tracked(t.Context(), n)
		check(fmt.Sprintf("the first %d", n), got, err, want)
	}
	repositories, err := s.TrackedRepositories(t.Context(), 100, "")
	check("repositories", repositories, err, []string{"github.com/b/attested", "github.com/a/source"})
	repositories, err = s.TrackedRepositories(t.Context(), 1, "")
	check("the first one's", repositories, err, []string{"github.com/a/source"})
	repositories, err = s.TrackedRepositories(t.Context(), 1, "old")
	check("one project's", repositories, err, []string{"github.com/old/old"})
	repositories, err = s.TrackedRepositories(t.Context(), 1, "d")
	check("a vanished link", repositories, err, []string{})
	serials, err := s.Serials(t.Context())
	check("serials", serials, err, map[string]uint64{"a": 6})
	modified, err := s.AdvisoryModified(t.Context())
	check("modified", modified, err, map[string]time.Time{"X-1": date("2026-01-02").Add(5 * time.Microsecond), "X-2": date("2026-01-03")})
	if _, found, err := s.Response(t.Context(), "nowhere"); found || err != nil {
		t.Errorf("a response of nowhere: %t, %v", found, err)
	}
}
