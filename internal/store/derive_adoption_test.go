package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// provenance writes the provenance object of a file; without publishers it says
// that there is none.
func (w *world) provenance(project, filename string, publishers ...observation.Publisher) {
	w.Helper()
	const columns = "provenance (project, filename, bundle, version, kind, repository, workflow, environment, predicates, observed_at, known_at, run_id)"
	row := func(bundle int, p observation.Publisher) []any {
		return []any{project, filename, uint8(bundle), "", p.Kind, p.Repository, p.Workflow, "", []string{}, w.at, w.at, uuid.Nil}
	}
	if len(publishers) == 0 {
		w.put(columns, row(0, observation.Publisher{}))
	}
	for i, p := range publishers {
		w.put(columns, row(i+1, p))
	}
}

// moved writes that a repository lives under another name.
func (w *world) moved(repository, target string) {
	w.Helper()
	w.put("repositories (repository, known_at, observed_at, state, target, content_hash, deleted, run_id)",
		[]any{repository, w.at, w.at, string(observation.RepositoryMoved), target, uint64(1), uint8(0), uuid.Nil})
}

// cycle writes a release cycle of CPython.
func (w *world) cycle(name, released, active, ends, latest string) {
	w.Helper()
	day := func(text string) *time.Time {
		if text == "" {
			return nil
		}
		t := date(text)
		return &t
	}
	w.put("python_cycles (cycle, known_at, released_on, active_to, ends_on, ended, latest, latest_on, content_hash, deleted, run_id)",
		[]any{name, w.at, day(released), day(active), day(ends), uint8(0), latest, nil, uint64(1), uint8(0), uuid.Nil})
}

func (w *world) kev(cve, added, ransomware string, deleted bool) {
	w.Helper()
	w.put("exploited (cve, known_at, vendor, product, name, added_on, due_on, ransomware, cwes, notes, content_hash, deleted, run_id)",
		[]any{cve, w.at, "v", "p", "n", date(added), nil, ransomware, []string{}, "", uint64(1), bit(deleted), uuid.Nil})
}

func (w *world) epss(cve, on, model string, score float32) {
	w.Helper()
	w.put("epss (cve, observed_on, model, score, percentile, known_at, run_id)", []any{cve, date(on), model, score, score / 2, w.at, uuid.Nil})
}

// cohorts100 writes a list of 100 projects of which only the first few exist.
func (w *world) cohorts100(on string, first uint64, projects ...string) {
	w.Helper()
	w.list(on, first, append(slices.Clone(projects), names(1, 100-len(projects))...)...)
}

func TestAdoption(t *testing.T) {
	w := newWorld(t)
	w.at = date("2025-03-10").Add(12 * time.Hour)
	w.cohorts100("2024-09-01", 101, "full", "part", "old", "lab", "other", "young")
	w.cohorts100("2025-02-01", 101, "full", "part", "old", "lab", "other") // young is no longer among them
	for _, project := range []string{"full", "part", "old", "lab", "other", "young", "gone", "outside"} {
		w.project(project, "", project != "gone")
	}
	w.file("full", "1.0", "full-1.0.tar.gz", "2024-10-01", false, observation.ProvenanceAbsent)
	w.file("full", "2.0", "full-2.0.tar.gz", "2024-12-05", false, observation.ProvenancePresent)
	w.file("full", "2.0", "full-2.0.whl", "2025-01-05", false, observation.ProvenancePresent)
	w.file("full", "3.0", "full-3.0.tar.gz", "2025-03-01", true, observation.ProvenanceAbsent)
	w.file("part", "1.0", "part-1.0.tar.gz", "2024-12-06", false, observation.ProvenancePresent)
	w.file("part", "1.0", "part-1.0.whl", "2024-12-07", false, observation.ProvenanceAbsent)
	w.file("old", "1.0", "old-1.0.tar.gz", "2020-12-06", false, observation.ProvenanceAbsent)
	w.file("lab", "1.0", "lab-1.0.tar.gz", "2025-01-31", false, observation.ProvenanceAbsent)
	w.file("other", "1.0", "other-1.0.tar.gz", "2025-01-30", false, observation.ProvenanceAbsent)
	w.file("young", "1.0", "young-1.0.tar.gz", "2025-01-15", false, observation.ProvenanceUnknown)
	w.link("lab", "old.example/o/lab", observation.TrustDeclared)
	w.moved("old.example/o/lab", "gitlab.com/o/lab")
	w.link("other", "codeberg.org/o/other", observation.TrustDeclared)
	w.must(w.Derive(w.ctx, TouchedBy("pypi", nil)))

	classes := make(map[string]observation.AttestationClass)
	for _, project := range []string{"full", "part", "old", "lab", "other", "young", "gone", "outside"} {
		a, err := w.Attestation(w.ctx, project)
		w.must(err)
		classes[project] = a.Class
		if !a.Through.Equal(date("2025-03-10")) || (a.Class == observation.AttestationUnknown) != (a.Reason != "") {
			t.Errorf("%s: %+v", project, a)
		}
	}
	want := map[string]observation.AttestationClass{
		"full": observation.AttestationFull, "part": observation.AttestationPartly, "old": observation.AttestationPredates,
		"lab": observation.AttestationPossible, "other": observation.AttestationUnsupported, "young": observation.AttestationUnknown,
		"gone": observation.AttestationUnknown, "outside": observation.AttestationUnknown,
	}
	if diff := cmp.Diff(want, classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	if a, _ := w.Attestation(w.ctx, "full"); a.Version != "2.0" || a.Files != 2 || a.FilesAttested != 2 || !a.FirstAt.Equal(date("2024-12-05")) || !a.LastAt.Equal(date("2025-01-05")) {
		t.Errorf("full: %+v", a)
	}
	if _, err := w.Attestation(w.ctx, "p001"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a project that PyPI was not asked about: %v", err)
	}

	// One project has 101 of 200 downloads, each other one.
	points, err := w.Adoption(w.ctx, observation.CohortTop100, observation.WeightDownload)
	w.must(err)
	type month struct {
		Through, ListOn                      string
		Full, Part, Old, Could, Not, Unknown int
		Share                                float64
		Files, Attested, Unstated            int
	}
	var got []month
	for _, p := range points {
		c := p.Classes
		got = append(got, month{p.Through.Format(time.DateOnly), p.ListOn.Format(time.DateOnly),
			c[observation.AttestationFull].Projects, c[observation.AttestationPartly].Projects, c[observation.AttestationPredates].Projects,
			c[observation.AttestationPossible].Projects, c[observation.AttestationUnsupported].Projects, c[observation.AttestationUnknown].Projects,
			c[observation.AttestationFull].Share, p.Files, p.FilesAttested, p.FilesUnknown})
		if p.Size != 100 {
			t.Errorf("%s: size %d", p.Month, p.Size)
		}
	}
	wantMonths := []month{
		{"2024-10-31", "2024-09-01", 0, 0, 2, 0, 0, 98, 0, 1, 0, 0},
		{"2024-11-30", "2024-09-01", 0, 0, 2, 0, 0, 98, 0, 0, 0, 0},
		{"2024-12-31", "2024-09-01", 1, 1, 1, 0, 0, 97, 0.505, 3, 2, 0},
		{"2025-01-31", "2024-09-01", 1, 1, 1, 1, 1, 95, 0.505, 4, 1, 1},
		{"2025-02-28", "2025-02-01", 1, 1, 1, 1, 1, 95, 0.505, 0, 0, 0},
		// 3.0 is yanked; nobody knows since when, but that it is now
		{"2025-03-10", "2025-02-01", 1, 1, 1, 1, 1, 95, 0.505, 1, 0, 0},
	}
	if diff := cmp.Diff(wantMonths, got); diff != "" {
		t.Errorf("months (-want +got):\n%s", diff)
	}
	if points, err := w.Adoption(w.ctx, observation.CohortTop1000, observation.WeightPackage); err != nil || len(points) != 0 {
		t.Errorf("a cohort larger than the list: %v, %v", points, err)
	}

	now, err := w.AdoptionNow(w.ctx, observation.CohortTop100)
	w.must(err)
	if now.Size != 100 || !now.ListOn.Equal(date("2025-02-01")) || !now.Through.Equal(date("2025-03-10")) ||
		now.Classes[observation.AttestationFull] != (observation.ClassCount{Projects: 1, Share: 0.01}) ||
		now.Weighted[observation.AttestationFull] != (observation.ClassCount{Projects: 1, Share: 0.505}) ||
		now.Classes[observation.AttestationUnknown].Projects != 95 {
		t.Errorf("now: %+v", now)
	}
	if diff := cmp.Diff(map[string]int{observation.ReasonNotAsked: 95}, now.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]observation.PublisherCount{{Kind: "", Projects: 2}}, now.Publishers); diff != "" {
		t.Errorf("publishers (-want +got):\n%s", diff)
	}
	if now, err := w.AdoptionNow(w.ctx, observation.CohortTop1000); err != nil || now.Size != 0 || now.Classes != nil {
		t.Errorf("a cohort larger than the list: %+v, %v", now, err)
	}
}

func TestAttestationChanges(t *testing.T) {
	w := newWorld(t)
	w.at = date("2025-03-10")
	w.cohorts100("2025-02-01", 1, "a", "b")
	release := observation.Publisher{Kind: "GitHub", Repository: "github.com/o/a", Workflow: "release.yml"}
	for _, project := range []string{"a", "b", "outside"} {
		w.project(project, "", true)
	}
	w.file("a", "1", "a-1.tar.gz", "2024-11-01", false, observation.ProvenancePresent)
	w.provenance("a", "a-1.tar.gz", observation.Publisher{Kind: "GitHub", Repository: "github.com/old/a", Workflow: "release.yml"})
	w.file("a", "2", "a-2.tar.gz", "2024-12-01", false, observation.ProvenancePresent)
	w.provenance("a", "a-2.tar.gz", release)
	w.file("a", "3", "a-3.tar.gz", "2025-01-01", false, observation.ProvenancePresent)
	w.provenance("a", "a-3.tar.gz", observation.Publisher{Kind: "GitHub", Repository: "github.com/o/a", Workflow: "publish.yml"})
	w.moved("github.com/Old/A", "github.com/o/a")
	w.link("a", "github.com/old/a", observation.TrustDeclared) // by its old name
	w.file("b", "1", "b-1.tar.gz", "2024-11-01", false, observation.ProvenancePresent)
	w.file("b", "2", "b-2.tar.gz", "2025-02-01", false, observation.ProvenanceAbsent)
	w.file("outside", "1", "outside-1.tar.gz", "2025-03-01", false, observation.ProvenancePresent)
	w.provenance("outside", "outside-1.tar.gz", release)
	w.link("outside", "github.com/o/outside", observation.TrustDeclared)
	w.must(w.Derive(w.ctx, TouchedBy("provenance", nil)))

	all, err := w.AttestationChanges(w.ctx, observation.CohortAll, time.Time{}, 10)
	w.must(err)
	want := []observation.AttestationChange{
		{Project: "outside", Kind: observation.ChangeRepository, Version: "1", At: date("2025-03-01"), Fields: []string{"repository"},
			From: "github.com/o/outside", To: "github.com/o/a"},
		{Project: "b", Kind: observation.ChangeLost, Version: "2", At: date("2025-02-01"), Before: "1", BeforeAt: date("2024-11-01"),
			From: "1 of 1 files with provenance", To: "0 of 1 files with provenance", Rank: 2, Fields: []string{}},
		{Project: "a", Kind: observation.ChangePublisher, Version: "3", At: date("2025-01-01"), Before: "2", BeforeAt: date("2024-12-01"),
			Fields: []string{"workflow"}, From: "GitHub github.com/o/a release.yml", To: "GitHub github.com/o/a publish.yml", Rank: 1},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	some, err := w.AttestationChanges(w.ctx, observation.CohortTop100, date("2025-01-02"), 10)
	w.must(err)
	if len(some) != 1 || some[0].Project != "b" {
		t.Errorf("of the cohort since: %+v", some)
	}
	page, total, err := w.AttestationChangesPage(w.ctx, observation.AttestationChangesQuery{
		Cohort: observation.CohortTop100, Kinds: []observation.AttestationChangeKind{observation.ChangeLost, observation.ChangePublisher}, Limit: 1, Offset: 1,
	})
	w.must(err)
	if diff := cmp.Diff(want[2:], page); diff != "" || total != 2 {
		t.Errorf("second page of %d (-want +got):\n%s", total, diff)
	}
	months, err := w.AttestationMonths(w.ctx, observation.CohortTop100)
	w.must(err)
	wantMonths := []observation.AttestationMonth{
		{Month: date("2025-01-01"), Changes: map[observation.AttestationChangeKind]int{observation.ChangePublisher: 1}},
		{Month: date("2025-02-01"), Changes: map[observation.AttestationChangeKind]int{observation.ChangeLost: 1}},
	}
	if diff := cmp.Diff(wantMonths, months); diff != "" {
		t.Errorf("months (-want +got):\n%s", diff)
	}
	now, err := w.AdoptionNow(w.ctx, observation.CohortTop100)
	w.must(err)
	if diff := cmp.Diff([]observation.PublisherCount{{Kind: "GitHub", Projects: 1}}, now.Publishers); diff != "" {
		t.Errorf("publishers (-want +got):\n%s", diff)
	}
	a, err := w.Attestation(w.ctx, "a")
	w.must(err)
	if a.Kind != "GitHub" || a.Repository != "github.com/o/a" || a.Workflow != "publish.yml" || a.Declared == nil || !*a.Declared {
		t.Errorf("a: %+v", a)
	}
	if b, _ := w.Attestation(w.ctx, "outside"); b.Declared == nil || *b.Declared {
		t.Errorf("outside: %+v", b)
	}
}

func TestReleaseHealth(t *testing.T) {
	w := newWorld(t)
	w.at = date("2025-03-10")
	w.cycle("3.8", "2019-10-14", "2021-05-03", "2024-10-07", "3.8.20")
	w.cycle("3.13", "2024-10-07", "2026-10-01", "2029-10-31", "3.13.2")
	w.cohorts100("2024-01-15", 1, "a", "b", "c")
	for _, project := range []string{"a", "b", "c", "d"} {
		w.project(project, "", true)
	}
	file := func(project, version, uploaded, requires string, yanked bool) {
		t.Helper()
		at := date(uploaded)
		w.put("files (project, filename, known_at, version, packagetype, upload_time, size, sha256, requires_python, yanked, yanked_reason, provenance, content_hash, deleted, run_id)",
			[]any{project, project + version, w.at, version, "sdist", &at, uint64(1), "", requires, bit(yanked), "bad", "absent", uint64(1), uint8(0), uuid.Nil})
	}
	file("a", "1", "2022-02-01", ">=3.8", false)
	file("a", "2rc1", "2024-02-05", ">=3.9", false)
	file("a", "2", "2024-02-15", ">=3.9", true)
	file("b", "1", "2020-01-01", "<3.9", false)
	file("c", "1", "2025-03-10", ">=3.8", false)
	w.must(w.Derive(w.ctx, TouchedBy("pypi", nil)))

	h, err := w.ReleaseHealth(w.ctx, "a")
	w.must(err)
	if h.Releases != 3 || h.Stable != 2 || h.Prereleases != 1 || h.YankedReleases != 1 || h.YankedFiles != 1 || h.Files != 3 ||
		!h.LastAt.Equal(date("2024-02-15")) || h.Version != "1" || h.Python != observation.PythonAdmits || h.PythonNewest == nil || !*h.PythonNewest ||
		!h.Through.Equal(date("2025-03-10")) || h.LastYear != 0 || !slices.Equal(h.YankReasons, []string{"bad"}) {
		t.Errorf("a: %+v", h)
	}
	if h, _ := w.ReleaseHealth(w.ctx, "b"); h.Python != observation.PythonOnlyEOL || *h.PythonNewest {
		t.Errorf("b: %+v", h)
	}
	if h, _ := w.ReleaseHealth(w.ctx, "d"); h.Releases != 0 || h.Python != observation.PythonUnknown || h.PythonNewest != nil || h.MedianInterval != nil {
		t.Errorf("d: %+v", h)
	}
	if _, err := w.ReleaseHealth(w.ctx, "p001"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a project that PyPI was not asked about: %v", err)
	}

	releasesNow(w)

	points, err := w.ReleaseMonths(w.ctx, observation.CohortTop100)
	w.must(err)
	if len(points) != 15 || !points[0].Month.Equal(date("2024-01-01")) || !points[14].Through.Equal(date("2025-03-10")) {
		t.Fatalf("%d months: %+v", len(points), points)
	}
	type counts struct{ Known, Releases, Pre, Yanked, Released, D365, D730, Current, Admits, EOL, Unknown, Newest int }
	of := func(p observation.ReleasesPoint) counts {
		return counts{p.Known, p.Releases, p.Prereleases, p.YankedReleases, p.Released, p.Dormant365, p.Dormant730,
			p.Python[observation.PythonCurrent], p.Python[observation.PythonAdmits], p.Python[observation.PythonOnlyEOL], p.Python[observation.PythonUnknown], p.PythonNewest}
	}
	for i, want := range map[int]counts{
		0:  {Known: 2, D365: 2, D730: 1, Current: 2, Newest: 2},                                                          // 3.8 is supported and the newest
		1:  {Known: 2, Releases: 2, Pre: 1, Yanked: 1, Released: 1, D365: 1, D730: 1, Current: 1, Unknown: 1, Newest: 1}, // >=3.9 admits no cycle that is out
		9:  {Known: 2, D365: 1, D730: 1, Current: 1, EOL: 1, Newest: 1},                                                  // 3.8 ended, 3.13 came
		14: {Known: 3, Releases: 1, Released: 1, D365: 2, D730: 1, Admits: 2, EOL: 1, Newest: 2},                         // now a's 2 is known to be yanked
	} {
		if diff := cmp.Diff(want, of(points[i])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", points[i].Month.Format("2006-01"), diff)
		}
	}
}

// releasesNow checks what is said now of the projects of TestReleaseHealth.
func releasesNow(w *world) {
	w.Helper()
	now, err := w.ReleasesNow(w.ctx, observation.CohortTop100)
	w.must(err)
	interval := now.P50
	now.P25, now.P50, now.P75 = nil, nil, nil
	want := observation.ReleasesNow{
		Through: date("2025-03-10"), Size: 100, Known: 3, Releases: 5, Yanked: 1, YankedIn: 1, Dormant365: 2, Dormant730: 1, Timed: 1,
		Python: map[observation.PythonSupport]int{observation.PythonCurrent: 1, observation.PythonAdmits: 1, observation.PythonOnlyEOL: 1, observation.PythonUnknown: 0},
		Stated: 3, Newest: 2, Reasons: []observation.YankReason{{Reason: "bad", Projects: 1}},
	}
	want.Python[observation.PythonCurrent], want.Python[observation.PythonAdmits] = 0, 2
	if diff := cmp.Diff(want, now); diff != "" || interval == nil {
		w.Errorf("now, interval %v (-want +got):\n%s", interval, diff)
	}
	if larger, err := w.ReleasesNow(w.ctx, observation.CohortTop1000); err != nil || larger.Size != 0 {
		w.Errorf("a cohort larger than the list: %+v, %v", larger, err)
	}
	list, err := w.Dormant(w.ctx, observation.DormantQuery{Cohort: observation.CohortTop100, Days: 365, Limit: 10})
	w.must(err)
	if len(list) != 2 || list[0].Project != "a" || list[1].Project != "b" || list[0].Rank != 1 || list[0].Days != 389 || list[0].Downloads != 1 || !list[1].LastAt.Equal(date("2020-01-01")) {
		w.Errorf("dormant for 365 days: %+v", list)
	}
	if list, err = w.Dormant(w.ctx, observation.DormantQuery{Cohort: observation.CohortTop100, Days: 365, Limit: 1, Offset: 1}); err != nil || len(list) != 1 || list[0].Project != "b" {
		w.Errorf("the second of them: %+v, %v", list, err)
	}
	if list, err = w.Dormant(w.ctx, observation.DormantQuery{Cohort: observation.CohortTop100, Days: 730, Limit: 10}); err != nil || len(list) != 1 {
		w.Errorf("dormant for 730 days: %+v, %v", list, err)
	}
	months, err := w.SourceMonths(w.ctx)
	w.must(err)
	if len(months) == 0 || !slices.Contains(months, observation.SourceMonth{Collector: "pypi", Month: date("2024-02-01"), Count: 2}) ||
		!slices.Contains(months, observation.SourceMonth{Collector: "ranks", Month: date("2024-01-01"), Count: 1}) {
		w.Errorf("months of the sources: %+v", months)
	}
}

func TestThreats(t *testing.T) {
	w := newWorld(t)
	w.at = date("2025-03-10")
	w.cohorts100("2025-02-01", 1, "a", "b")
	w.project("a", "", true)
	w.file("a", "1", "a-1.tar.gz", "2024-11-01", false, observation.ProvenancePresent)
	w.link("b", "github.com/o/b", observation.TrustDeclared)
	w.archive("2025-03-01", append([]string{"p099"}, names(1, 98)...), func(int) float32 { return 5 })
	w.checks(observation.SourceArchive, "2025-03-01", "Code-Review", map[string]int8{"p001": 9, "p002": 3, "p003": -1})
	w.checks(observation.SourceArchive, "2025-02-22", "SAST", map[string]int8{"p002": 10}) // of an older result
	w.results(observation.SourceAPI, "2025-03-02", result{"github.com/O/b", 7})
	w.checks(observation.SourceAPI, "2025-03-02", "Code-Review", map[string]int8{"github.com/O/b": 10})
	w.must(w.DeriveAll(w.ctx))

	all, err := w.Threats(w.ctx, observation.CohortTop100)
	w.must(err)
	if all.SLSA != "slsa-1.2" || len(all.Counts) != 11 || !all.ListOn.Equal(date("2025-02-01")) ||
		!all.ScoresOn.Equal(date("2025-03-02")) || !all.FilesOn.Equal(date("2025-03-10")) {
		t.Fatalf("%+v", all)
	}
	for i, want := range map[int]observation.ThreatCount{
		1: {Threat: "B", Size: 100, Observed: 2, NotObserved: 1, Unknown: 97, Signals: []observation.SignalCount{
			{Name: "Code-Review", Observed: 2, NotObserved: 1, Unknown: 97}, {Name: "Branch-Protection", Unknown: 100}, {Name: "CI-Tests", Unknown: 100}, {Name: "SAST", Unknown: 100},
		}},
		5: {Threat: "F", Size: 100, Observed: 1, Unknown: 99, Signals: []observation.SignalCount{
			{Name: "Signed-Releases", Unknown: 100}, {Name: "Packaging", Unknown: 100}, {Name: "provenance on every file", Observed: 1, Unknown: 99},
		}},
	} {
		if diff := cmp.Diff(want, all.Counts[i]); diff != "" {
			t.Error(diff)
		}
	}
	if larger, err := w.Threats(w.ctx, observation.CohortTop1000); err != nil || len(larger.Counts) != 0 {
		t.Errorf("a cohort larger than the list: %+v, %v", larger, err)
	}
	found, err := w.ProjectThreats(w.ctx, "b")
	w.must(err)
	if len(found) != 11 || found[1].Threat != "B" || found[1].State != observation.EvidenceObserved ||
		!slices.Contains(found[1].Signals, observation.Signal{Name: "Code-Review", State: observation.EvidenceObserved}) ||
		!slices.Contains(found[1].Signals, observation.Signal{Name: "SAST", State: observation.EvidenceUnknown}) {
		t.Errorf("b: %+v", found)
	}
	if _, err := w.ProjectThreats(w.ctx, "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a project outside the list: %v", err)
	}
}

func TestExploitation(t *testing.T) {
	w := newWorld(t)
	w.record(observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Aliases: []string{"CVE-2024-1", "CVE-2024-2", "GHSA-x"}, Published: date("2024-02-20"), Modified: date("2024-02-20")}, false)
	w.record(observation.Advisory{ID: "PYSEC-2024-9", Database: "PYSEC", Aliases: []string{"CVE-2024-9"}, Published: date("2024-02-20"), Modified: date("2024-02-20")}, false)
	w.kev("CVE-2024-1", "2024-03-01", "Known", false)
	w.kev("CVE-2024-9", "2024-03-01", "Unknown", true) // no longer there
	w.kev("CVE-1999-1", "2024-03-01", "Known", false)
	w.epss("CVE-2024-1", "2024-05-01", "v2", 0.9)
	w.epss("CVE-2024-1", "2024-05-02", "v3", 0.25)
	w.epss("CVE-2024-2", "2024-05-02", "v3", 0.5)
	w.must(w.Derive(w.ctx, TouchedBy("osv", nil)))

	e, err := w.Exploitation(w.ctx, "PYSEC-2024-1")
	w.must(err)
	quarter, half, eighth := 0.25, 0.5, 0.125
	want := []observation.ExploitedCVE{
		{CVE: "CVE-2024-1", AddedOn: date("2024-03-01"), Ransomware: "Known", Score: &quarter, Percentile: &eighth, Model: "v3", ScoredOn: date("2024-05-02")},
		{CVE: "CVE-2024-2", Score: &half, Percentile: &quarter, Model: "v3", ScoredOn: date("2024-05-02")},
	}
	if diff := cmp.Diff(want, e.CVEs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !e.AddedOn.Equal(date("2024-03-01")) || e.Highest == nil || e.Highest.CVE != "CVE-2024-2" || !e.KEVOn.IsZero() {
		t.Errorf("%+v", e)
	}
	if e, err := w.Exploitation(w.ctx, "PYSEC-2024-9"); err != nil || len(e.CVEs) != 0 || e.Highest != nil {
		t.Errorf("a group that nobody knows: %+v, %v", e, err)
	}

	w.must(w.DeriveAll(w.ctx))
	before, err := w.readGenerations(w.ctx)
	w.must(err)
	w.at = w.at.Add(time.Minute)
	w.kev("CVE-2024-9", "2024-05-03", "Unknown", false)
	w.ran("kev", "2024-05-04", observation.RunOK)
	w.must(w.Derive(w.ctx, TouchedBy("kev", nil)))
	after, err := w.readGenerations(w.ctx)
	w.must(err)
	for dataset := range derivedTables {
		if changed := before[dataset] != after[dataset]; changed != (dataset == datasetExploitation || dataset == datasetRecent) {
			t.Errorf("KEV changed %s: %t", dataset, changed)
		}
	}
	if e, err := w.Exploitation(w.ctx, "PYSEC-2024-9"); err != nil || !e.AddedOn.Equal(date("2024-05-03")) || e.KEVOn.IsZero() {
		t.Errorf("after the run: %+v, %v", e, err)
	}
}

func TestCPython(t *testing.T) {
	w := newWorld(t)
	w.cycle("3.9", "2020-10-05", "2022-05-17", "2025-10-31", "3.9.19")
	w.cycle("3.10", "2021-10-04", "2023-04-05", "2026-10-31", "3.10.14")
	w.cycle("3.14", "2025-10-07", "2027-10-01", "2030-10-31", "")
	states := func(at string) (list []observation.CycleState) {
		cycles, err := w.PythonCycles(w.ctx, date(at))
		w.must(err)
		for _, c := range cycles {
			list = append(list, c.State)
		}
		return list
	}
	for at, want := range map[string][]observation.CycleState{
		"2022-05-16": {observation.CycleUnreleased, observation.CycleBugfix, observation.CycleBugfix},
		"2025-10-07": {observation.CycleBugfix, observation.CycleSecurity, observation.CycleSecurity},
		"2025-10-31": {observation.CycleBugfix, observation.CycleSecurity, observation.CycleEnded},
	} {
		if got := states(at); !slices.Equal(got, want) { // 3.14, 3.10, 3.9
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}

	record := func(id, published string, withdrawn *time.Time, aliases ...string) {
		t.Helper()
		at := date(published)
		w.put("cpython_advisories (osv_id, known_at, aliases, published, modified, withdrawn, summary, vectors, severity_word, references, repository, introduced, fixed, versions, content_hash, deleted, run_id)",
			[]any{id, w.at, aliases, &at, at, withdrawn, "s", []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, "", []string{}, "r", []string{"0"}, []string{"abc"}, []string{}, uint64(1), uint8(0), uuid.Nil})
	}
	gone := date("2024-02-01")
	record("PSF-2023-1", "2023-05-01", nil, "CVE-2016-7") // recorded long after
	record("PSF-2024-1", "2024-01-05", nil, "CVE-2023-9") // numbered at the end of the year before
	record("CVE-2023-9", "2024-01-06", nil)               // the same flaw by its new id
	record("PSF-2024-2", "2024-01-02", &gone, "CVE-2024-8")
	record("PSF-2022-1", "2022-03-01", nil)
	list, err := w.CPythonAdvisories(w.ctx)
	w.must(err)
	var ids []string
	for _, r := range list.Records {
		ids = append(ids, r.ID)
		if r.Severity != "critical" || r.Score == nil || *r.Score != 9.8 {
			t.Errorf("%s: %+v", r.ID, r)
		}
	}
	if want := []string{"CVE-2023-9", "PSF-2024-1", "PSF-2024-2", "PSF-2023-1", "PSF-2022-1"}; !slices.Equal(ids, want) {
		t.Errorf("records %v, want %v", ids, want)
	}
	if diff := cmp.Diff(map[int]int{2016: 1, 2022: 1, 2024: 1}, list.Years); diff != "" {
		t.Error(diff)
	}
	if !list.Through.Equal(date("2024-01-06")) || list.Undated != 0 {
		t.Errorf("%+v", list)
	}

	w.kev("CVE-2023-9", "2024-03-01", "Known", false)
	w.kev("CVE-2016-7", "2024-03-01", "Unknown", true)
	exploited, err := w.Exploited(w.ctx, []string{"CVE-2023-9", "CVE-2016-7", "CVE-1-1"})
	w.must(err)
	if len(exploited) != 1 || !exploited["CVE-2023-9"].AddedOn.Equal(date("2024-03-01")) {
		t.Errorf("exploited: %+v", exploited)
	}
	if none, err := w.Exploited(w.ctx, nil); err != nil || len(none) != 0 {
		t.Errorf("of no CVE: %v, %v", none, err)
	}
	if _, err := w.RepositoryResult(w.ctx, "github.com/python/cpython"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a repository without a result: %v", err)
	}
	w.results(observation.SourceAPI, "2024-01-05", result{"github.com/python/cpython", 6})
	w.results(observation.SourceAPI, "2024-01-12", result{"github.com/python/cpython", 7}, result{"github.com/python/other", absent})
	r, err := w.RepositoryResult(w.ctx, "github.com/python/cpython")
	w.must(err)
	if !r.ObservedOn.Equal(date("2024-01-12")) || r.Core == nil || *r.Core != 7 {
		t.Errorf("result: %+v", r)
	}
}

// TestAdoptionInSteps derives after every change what the change touches and
// compares all rows with those of a derivation of everything.
func TestAdoptionInSteps(t *testing.T) {
	w := newWorld(t)
	w.at = date("2025-03-10")
	step := func(collector string) {
		t.Helper()
		w.at = w.at.Add(time.Minute)
		w.must(w.Derive(w.ctx, TouchedBy(collector, nil)))
		inSteps := w.dump()
		w.at = w.at.Add(time.Minute)
		w.must(w.DeriveAll(w.ctx))
		if diff := cmp.Diff(w.dump(), inSteps); diff != "" {
			t.Fatalf("%s: derived in steps (+) and from the beginning (-) differ:\n%s", collector, diff)
		}
	}
	w.cohorts100("2024-09-01", 5, "a", "b")
	step("ranks")
	w.project("a", "1", true)
	w.project("b", "1", true)
	w.file("a", "1", "a-1.tar.gz", "2024-11-01", false, observation.ProvenancePresent)
	w.file("a", "2", "a-2.tar.gz", "2024-12-01", false, observation.ProvenancePresent)
	w.file("b", "1", "b-1.tar.gz", "2024-11-01", false, observation.ProvenanceAbsent)
	w.link("b", "github.com/o/b", observation.TrustDeclared)
	step("pypi")
	w.provenance("a", "a-1.tar.gz", observation.Publisher{Kind: "GitHub", Repository: "github.com/x/a"})
	w.provenance("a", "a-2.tar.gz", observation.Publisher{Kind: "GitHub", Repository: "github.com/o/a"})
	w.link("a", "github.com/o/a", observation.TrustAttested)
	step("provenance")
	w.moved("github.com/x/a", "github.com/o/a")
	step("repositories")
	w.link("b", "gitlab.com/o/b", observation.TrustDepsDev)
	step("depsdev")
	w.cycle("3.13", "2024-10-07", "2026-10-01", "2029-10-31", "3.13.2")
	step("pythoncycles")
	w.record(observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Aliases: []string{"CVE-2024-1"}, Published: date("2024-02-20"), Modified: date("2024-02-20")}, false)
	w.affects("PYSEC-2024-1", "a", `[[{"introduced":"0"}]]`)
	step("osv")
	w.epss("CVE-2024-1", "2025-03-01", "v3", 0.5)
	step("epss")
	w.kev("CVE-2024-1", "2025-03-01", "Known", false)
	step("kev")
	w.archive("2025-03-01", names(1, 90), func(int) float32 { return 5 })
	w.checks(observation.SourceArchive, "2025-03-01", "SAST", map[string]int8{"p001": 9})
	step("pypiscorecards")
	w.results(observation.SourceAPI, "2025-03-05", result{"gitlab.com/o/b", 7})
	w.checks(observation.SourceAPI, "2025-03-05", "SAST", map[string]int8{"gitlab.com/o/b": 2})
	step("scorecard")
	step("cpython")
}

// TestRepositoriesThatProvenanceNamesAreAsked holds that every name by which a
// publisher is compared is asked for at its forge.
func TestRepositoriesThatProvenanceNamesAreAsked(t *testing.T) {
	w := newWorld(t)
	w.cohorts100("2025-02-01", 1, "a", "b")
	github := func(repository string) observation.Publisher {
		return observation.Publisher{Kind: "GitHub", Repository: repository, Workflow: "release.yml"}
	}
	w.provenance("a", "a-1.tar.gz", github("github.com/old/a"))
	w.provenance("a", "a-2.tar.gz", github("github.com/o/A"))
	w.provenance("outside", "outside-1.tar.gz", github("github.com/o/outside"))
	w.link("a", "github.com/o/a", observation.TrustAttested)
	w.link("a", "github.com/declared/a", observation.TrustDeclared)
	w.link("b", "github.com/o/b", observation.TrustDeclared)
	w.link("b", "github.com/docs/b", observation.TrustDeclared)
	states, err := w.RepositoryStates(w.ctx, 100)
	w.must(err)
	var names []string
	for _, s := range states {
		names = append(names, s.Repository)
	}
	want := []string{"github.com/o/a", "github.com/docs/b", "github.com/declared/a", "github.com/old/a"}
	if !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}
