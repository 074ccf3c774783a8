package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// projectsWorld ranks zeta, django, django-rest and pytest-django, and knows
// django-old from the archive and a malware name.
func projectsWorld(t *testing.T) *world {
	w := newWorld(t)
	w.list("2024-01-01", 100, "zeta", "django", "django-rest", "pytest-django")
	w.results(observation.SourceArchive, "2024-01-05", result{"zeta", 3}, result{"django", 7.5}, result{"django-rest", absent}, result{"django-old", 7})
	w.project("django", "5.0", true)
	w.at = w.at.Add(-48 * time.Hour)
	w.project("zeta", "1.0", true)
	w.at = w.at.Add(48 * time.Hour)
	w.record(observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Published: date("2024-02-20"), Modified: date("2024-02-20")}, false)
	w.affects("PYSEC-2024-1", "django-rest", `[]`)
	w.record(observation.Advisory{ID: "MAL-2024-1", Database: "MAL", Published: date("2024-02-20"), Modified: date("2024-02-20")}, false)
	w.affects("MAL-2024-1", "djang0", `[]`)
	w.must(w.DeriveAll(w.ctx))
	return w
}

func TestProjects(t *testing.T) {
	w := projectsWorld(t)
	for _, test := range []struct {
		q     observation.ProjectsQuery
		want  []string
		total int
	}{
		{observation.ProjectsQuery{}, []string{"zeta", "django", "django-rest", "pytest-django", "djang0", "django-old"}, 6},
		{observation.ProjectsQuery{Limit: 2, Offset: 1}, []string{"django", "django-rest"}, 6},
		{observation.ProjectsQuery{Offset: 100}, nil, 6},
		{observation.ProjectsQuery{Text: "django"}, []string{"django", "django-rest", "django-old", "pytest-django"}, 4},
		{observation.ProjectsQuery{Text: " Django_Rest "}, []string{"django-rest"}, 1},
		{observation.ProjectsQuery{Text: "go-r"}, []string{"django-rest"}, 1},
		{observation.ProjectsQuery{Text: "%'; --"}, nil, 0},
		{observation.ProjectsQuery{Sort: "name", Limit: 3}, []string{"djang0", "django", "django-old"}, 6},
		{observation.ProjectsQuery{Sort: "aggregate", Limit: 4}, []string{"django", "django-old", "zeta", "django-rest"}, 6},
		{observation.ProjectsQuery{Sort: "advisories", Limit: 2}, []string{"django-rest", "zeta"}, 6},
		{observation.ProjectsQuery{Sort: "release", Limit: 3}, []string{"django", "zeta", "django-rest"}, 6},
		{observation.ProjectsQuery{Text: "django", Sort: "name"}, []string{"django", "django-old", "django-rest", "pytest-django"}, 4},
	} {
		rows, total, err := w.Projects(w.ctx, test.q)
		w.must(err)
		var got []string
		for _, r := range rows {
			got = append(got, r.Project)
		}
		if !slices.Equal(got, test.want) || total != test.total {
			t.Errorf("%+v: %q of %d, want %q of %d", test.q, got, total, test.want, test.total)
		}
	}
	if _, _, err := w.Projects(w.ctx, observation.ProjectsQuery{Sort: "core; DROP"}); err == nil {
		t.Error("an unknown order is accepted")
	}
}

func TestNearest(t *testing.T) {
	w := projectsWorld(t)
	for name, want := range map[string][]string{
		"djano":         {"django"},
		"DJANGO_rset":   {"django-rest"},
		"django-ol":     {"django-old"},
		"djang":         {"django"}, // and not djang0, known from a malware report
		"pytestdjango":  {"pytest-django"},
		"nothing-close": nil,
		"":              nil,
	} {
		got, err := w.Nearest(w.ctx, name, 1)
		w.must(err)
		if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Errorf("nearest to %q: %q, want %q", name, got, want)
		}
	}
}

func TestNearestOrder(t *testing.T) {
	known := []knownName{{name: "requestx"}, {name: "requests", rank: 5}, {name: "request", rank: 900}, {name: "requestz", rank: 40}, {name: "other", rank: 1}}
	for i := range known {
		known[i].letters = letters(known[i].name)
	}
	if got := nearest(known, "requestx", 10); !slices.Equal(got, []string{"requests", "requestz", "request", "requestx"}) {
		t.Errorf("nearest first, then by rank: %q", got)
	}
	if got := nearest(known, "requestx", 2); len(got) != 2 {
		t.Errorf("two asked for: %q", got)
	}
}

func BenchmarkNearest(b *testing.B) {
	known := make([]knownName, 100_000)
	for i := range known {
		name := fmt.Sprintf("project-%x-of-many", i*2654435761%1_000_003)
		known[i] = knownName{name: name, rank: uint32(i), letters: letters(name)}
	}
	for b.Loop() {
		nearest(known, "projetc-3f2a-of-many", 5)
	}
}

func TestReleases(t *testing.T) {
	w := newWorld(t)
	w.project("tool", "2.0", true)
	w.file("tool", "1.0", "tool-1.0.tar.gz", "2020-01-02", false, observation.ProvenanceAbsent)
	w.file("tool", "1.0", "tool-1.0.whl", "2020-01-01", true, observation.ProvenancePresent)
	w.file("tool", "10.0", "tool-10.0.tar.gz", "", false, observation.ProvenanceUnknown)
	w.file("tool", "2.0", "tool-2.0.tar.gz", "2021-01-01", false, observation.ProvenanceUnknown)
	w.file("tool", "2.0rc1", "tool-2.0rc1.tar.gz", "2020-12-01", false, observation.ProvenanceAbsent)
	w.file("tool", "2004d", "tool-2004d.tar.gz", "2004-01-01", false, observation.ProvenanceUnknown)
	w.at = w.at.Add(time.Hour)
	w.file("tool", "2.0", "tool-2.0.tar.gz", "2021-01-01", true, observation.ProvenanceUnknown) // yanked since
	w.must(w.DeriveAll(w.ctx))
	p, err := w.Project(w.ctx, "tool")
	w.must(err)
	want := []observation.Release{
		{Version: "10.0", Files: 1, Unknown: 1, PEP440: true},
		{Version: "2.0", FirstAt: date("2021-01-01"), Files: 1, Yanked: 1, YankReason: "broken", Unknown: 1, PEP440: true},
		{Version: "2.0rc1", FirstAt: date("2020-12-01"), Files: 1, Prerelease: true, PEP440: true},
		{Version: "1.0", FirstAt: date("2020-01-01"), Files: 2, Yanked: 1, YankReason: "broken", Attested: 1, PEP440: true},
		{Version: "2004d", FirstAt: date("2004-01-01"), Files: 1, Unknown: 1},
	}
	if !slices.Equal(p.Releases, want) {
		t.Errorf("releases %+v\nwant %+v", p.Releases, want)
	}
}

func TestSources(t *testing.T) {
	w := newWorld(t)
	w.ran("osv", "2024-05-01", observation.RunOK)
	w.ran("osv", "2024-05-03", observation.RunFailed)
	w.ran("ranks", "2024-05-02", observation.RunFailed)
	got, err := w.Sources(w.ctx)
	w.must(err)
	if len(got) != 2 || got[0].Collector != "osv" || got[1].Collector != "ranks" {
		t.Fatalf("sources %+v", got)
	}
	osv := got[0]
	if osv.State != observation.RunFailed || !osv.LastTry.Equal(date("2024-05-03").Add(3*time.Hour)) ||
		!osv.LastSuccess.Equal(date("2024-05-01").Add(3*time.Hour+time.Minute)) || !osv.Through.Equal(date("2024-05-01").Add(3*time.Hour)) ||
		osv.Rows != 1 || osv.Unchanged != 2 || osv.Skipped != 3 || osv.Rejects != 4 || osv.Upstream != "mirror" {
		t.Errorf("osv: %+v", osv)
	}
	// A clock that was once ahead does not hide what came after it.
	for _, r := range []struct{ on, through string }{{"2024-05-01", "2031-05-01"}, {"2024-05-02", "2024-05-02"}} {
		run := newRun("kev")
		run.StartedAt, run.FinishedAt, run.State, run.Through = date(r.on), date(r.on).Add(time.Hour), observation.RunOK, date(r.through)
		w.must(w.CloseRun(w.ctx, run))
	}
	again, err := w.Sources(w.ctx)
	w.must(err)
	if len(again) != 3 || again[0].Collector != "kev" || !again[0].Through.Equal(date("2024-05-02")) {
		t.Errorf("after a clock that was ahead: %+v", again)
	}
	if ranks := got[1]; !ranks.LastSuccess.IsZero() || !ranks.Through.IsZero() {
		t.Errorf("ranks never succeeded: %+v", ranks)
	}
}

// TestEmptyStore asks everything of a store without a row.
func TestEmptyStore(t *testing.T) {
	w := newWorld(t)
	for range 2 { // before and after the first derivation
		if o, err := w.Observations(w.ctx); err != nil || !o.Newest.IsZero() || !o.RankOn.IsZero() || !o.Advisory.IsZero() || !o.Malware.IsZero() || !o.KnownFrom.IsZero() || o.Accepted != 0 {
			t.Errorf("observations: %+v, %v", o, err)
		}
		if p, err := w.CohortPoints(w.ctx, observation.CohortTop100, observation.WeightPackage); err != nil || len(p) != 0 {
			t.Errorf("points: %+v, %v", p, err)
		}
		if a, err := w.Advisories(w.ctx, observation.CohortAll); err != nil || len(a.Months) != 0 || a.Lag90 != 0 {
			t.Errorf("advisories: %+v, %v", a, err)
		}
		if a, err := w.NewAdvisories(w.ctx, observation.CohortAll, date("2024-01-01"), date("2024-02-01"), 5); err != nil || len(a) != 0 {
			t.Errorf("new advisories: %+v, %v", a, err)
		}
		if c, err := w.Changes(w.ctx, observation.CohortTop100); err != nil || len(c) != 0 {
			t.Errorf("changes: %+v, %v", c, err)
		}
		if rows, total, err := w.Projects(w.ctx, observation.ProjectsQuery{}); err != nil || len(rows) != 0 || total != 0 {
			t.Errorf("projects: %+v, %v", rows, err)
		}
		if n, err := w.Nearest(w.ctx, "django", 3); err != nil || len(n) != 0 {
			t.Errorf("nearest: %q, %v", n, err)
		}
		if s, err := w.ProjectScores(w.ctx, "django"); err != nil || len(s) != 0 {
			t.Errorf("scores: %+v, %v", s, err)
		}
		if s, err := w.Sources(w.ctx); err != nil || len(s) != 0 {
			t.Errorf("sources: %+v, %v", s, err)
		}
		w.must(w.DeriveAll(w.ctx))
	}
}

// TestReadersSeeAPublication reads, derives, and reads again.
func TestReadersSeeAPublication(t *testing.T) {
	w := newWorld(t)
	w.list("2024-01-01", 1, names(1, 100)...)
	w.archive("2024-01-05", names(1, 100), func(int) float32 { return 5 })
	w.must(w.DeriveAll(w.ctx))
	if n := len(w.points(observation.WeightPackage)); n != 1 {
		t.Fatalf("%d points", n)
	}
	w.archive("2024-01-12", names(1, 100), func(int) float32 { return 5 })
	if n := len(w.points(observation.WeightPackage)); n != 1 {
		t.Fatalf("%d points before the derivation", n)
	}
	w.must(w.Derive(w.ctx, TouchedBy("pypiscorecards", []time.Time{date("2024-01-12")})))
	if n := len(w.points(observation.WeightPackage)); n != 2 {
		t.Errorf("%d points right after the publication", n)
	}

	// Another process publishes: this one sees it when its clock has moved on.
	other, err := Open(w.ctx, Options{DSN: w.dsn, Now: func() time.Time { return w.at }})
	w.must(err)
	defer other.Close()
	w.archive("2024-01-19", names(1, 100), func(int) float32 { return 5 })
	w.must(other.Derive(w.ctx, TouchedBy("pypiscorecards", []time.Time{date("2024-01-19")})))
	w.at = w.at.Add(cacheCheck)
	if n := len(w.points(observation.WeightPackage)); n != 3 {
		t.Errorf("%d points a second after another process published", n)
	}
}
