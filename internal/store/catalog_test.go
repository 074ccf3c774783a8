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

// ranked is a newest list with these projects.
func ranked(projects ...string) *observation.RankList {
	l := &observation.RankList{List: "top-pypi-packages", ObservedOn: date("2026-04-01")}
	for i, p := range projects {
		l.Ranks = append(l.Ranks, observation.Rank{Project: p, Rank: uint32(i + 1)})
	}
	return l
}

func TestSeen(t *testing.T) {
	s := migrated(t)
	write(t, s,
		&observation.Project{Name: "index", FromIndex: true}, &observation.Project{Name: "json", FromJSON: true},
		&observation.Project{Name: "listed", FromIndex: true}, &observation.Project{Name: "removed", FromIndex: true},
		&observation.Project{Name: "back", FromIndex: true}, &observation.Project{Name: "never-answered"},
		&observation.Presence{Project: "listed", Listed: true}, &observation.Presence{Project: "removed", Listed: true},
		&observation.Presence{Project: "back"}, &observation.Presence{Project: "never-answered"},
	)
	write(t, s, &observation.Presence{Project: "removed"}, &observation.Presence{Project: "back", Listed: true})
	got, err := s.Seen(t.Context())
	if diff := cmp.Diff(map[string]bool{"index": true, "json": true, "listed": true, "removed": false, "back": true}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestPendingProvenance(t *testing.T) {
	s := migrated(t)
	file := func(name, version, uploaded string, provenance observation.Provenance) observation.File {
		f := observation.File{Filename: name, Version: version, Provenance: provenance}
		if uploaded != "" {
			f.UploadTime = date(uploaded)
		}
		return f
	}
	project := func(name string, files ...observation.File) *observation.Project {
		return &observation.Project{Name: name, FromIndex: true, Files: files}
	}
	present, absent := observation.ProvenancePresent, observation.ProvenanceAbsent
	write(t, s, ranked("b", "a", "without"),
		project("a", file("a-1", "1", "2025-01-01", present), file("a-2", "2", "2025-02-01", present), file("a-3", "3", "2025-03-01", present),
			file("a-4", "4", "2025-04-01", absent), file("a-5", "5", "", present), file("a-6", "6", "2025-06-01", present), file("a-7", "7", "2025-07-01", observation.ProvenanceUnknown)),
		project("b", file("b-1", "1", "2025-01-01", absent)),
		project("unranked", file("u-1", "1", "2025-01-01", present)),
		&observation.FileProvenance{Project: "a", Filename: "a-2", UploadTime: date("2025-02-01"), Bundles: []observation.AttestationBundle{{Kind: "GitHub"}, {Kind: "Google"}}},
		&observation.FileProvenance{Project: "a", Filename: "a-1", UploadTime: date("2025-01-01")}, // asked for, and there is none
	)
	// a-6 is gone from the page, and b-1 has it now.
	write(t, s,
		project("a", file("a-1", "1", "2025-01-01", present), file("a-2", "2", "2025-02-01", present), file("a-3", "3", "2025-03-01", present),
			file("a-4", "4", "2025-04-01", absent), file("a-5", "5", "", present), file("a-7", "7", "2025-07-01", observation.ProvenanceUnknown)),
		project("b", file("b-1", "1", "2025-01-01", present)))
	b := observation.ProvenanceFile{Project: "b", Version: "1", Filename: "b-1", UploadTime: date("2025-01-01")}
	a := []observation.ProvenanceFile{
		{Project: "a", Version: "3", Filename: "a-3", UploadTime: date("2025-03-01"), Newest: date("2025-02-01")},
		{Project: "a", Version: "5", Filename: "a-5", Newest: date("2025-02-01")},
	}
	for _, test := range []struct {
		n       int
		project string
		want    []observation.ProvenanceFile
	}{
		{10, "", append([]observation.ProvenanceFile{b}, a...)},
		{1, "", []observation.ProvenanceFile{b}},
		{1, "a", a},
		{1, "unranked", []observation.ProvenanceFile{{Project: "unranked", Version: "1", Filename: "u-1", UploadTime: date("2025-01-01")}}},
		{1, "unknown", nil},
	} {
		got, err := s.PendingProvenance(t.Context(), test.n, test.project)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("the first %d, project %q: %v (-want +got):\n%s", test.n, test.project, err, diff)
		}
	}
}

func TestRepositoryStates(t *testing.T) {
	s := migrated(t)
	link := func(project, repository string) *observation.ProjectRepositories {
		return &observation.ProjectRepositories{Project: project, Origin: observation.TrustDeclared, Links: []observation.RepositoryLink{{Repository: repository}}}
	}
	answer := func(name string, state observation.RepositoryState, target, on string) *observation.Repository {
		return &observation.Repository{Name: name, State: state, Target: target, ObservedAt: date(on)}
	}
	write(t, s, ranked("a", "b", "c", "d"),
		link("a", "github.com/o/new"), link("b", "github.com/o/found"), link("c", "github.com/O/Gone"), link("unranked", "github.com/o/u"),
		answer("github.com/o/found", observation.RepositoryFound, "github.com/o/found", "2026-01-01"),
		answer("github.com/o/gone", observation.RepositoryFound, "github.com/o/gone", "2026-01-01"),
		answer("github.com/o/u", observation.RepositoryFound, "github.com/o/u", "2026-01-01"))
	write(t, s,
		answer("github.com/o/found", observation.RepositoryFound, "github.com/o/found", "2026-02-01"),
		answer("github.com/o/gone", observation.RepositoryGone, "", "2026-02-01"))
	got, err := s.RepositoryStates(t.Context(), 10)
	want := []observation.KnownRepository{
		{Repository: "github.com/o/new"},
		{Repository: "github.com/o/found", State: observation.RepositoryFound, AskedAt: date("2026-02-01")},
		{Repository: "github.com/O/Gone", State: observation.RepositoryGone, AskedAt: date("2026-02-01")},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestReleasesAndCVEs(t *testing.T) {
	s := migrated(t)
	write(t, s, ranked("b", "a", "empty", "unknown"),
		&observation.Project{Name: "a", LatestVersion: "1", FromIndex: true}, &observation.Project{Name: "b", LatestVersion: "2", FromIndex: true},
		&observation.Project{Name: "empty", FromIndex: true}, &observation.Project{Name: "unranked", LatestVersion: "9", FromIndex: true},
		&observation.Advisory{ID: "PYSEC-1", Aliases: []string{"CVE-1", "GHSA-1"}}, &observation.Advisory{ID: "CVE-2"},
		&observation.CPythonAdvisory{ID: "PSF-1", Aliases: []string{"CVE-3"}}, &observation.CPythonAdvisory{ID: "PSF-2"})
	write(t, s, &observation.Project{Name: "a", LatestVersion: "1.1", FromIndex: true})
	for _, test := range []struct {
		n       int
		project string
		want    []observation.LatestRelease
	}{
		{10, "", []observation.LatestRelease{{Project: "b", Version: "2"}, {Project: "a", Version: "1.1"}}},
		{1, "", []observation.LatestRelease{{Project: "b", Version: "2"}}},
		{1, "unranked", []observation.LatestRelease{{Project: "unranked", Version: "9"}}},
		{1, "empty", nil},
	} {
		got, err := s.Releases(t.Context(), test.n, test.project)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("the first %d, project %q: %v (-want +got):\n%s", test.n, test.project, err, diff)
		}
	}
	ids, err := s.CPythonIDs(t.Context())
	if diff := cmp.Diff([]string{"PSF-1", "PSF-2"}, ids); diff != "" || err != nil {
		t.Errorf("ids of CPython: %v (-want +got):\n%s", err, diff)
	}
	write(t, s, &observation.CPythonGone{ID: "PSF-2"})
	if ids, err = s.CPythonIDs(t.Context()); len(ids) != 1 || err != nil {
		t.Errorf("ids of CPython after one is gone: %q, %v", ids, err)
	}
	cves, err := s.CVEs(t.Context())
	if diff := cmp.Diff(map[string]bool{"CVE-1": true, "CVE-2": true, "CVE-3": true}, cves); diff != "" || err != nil {
		t.Errorf("CVEs: %v (-want +got):\n%s", err, diff)
	}
}
