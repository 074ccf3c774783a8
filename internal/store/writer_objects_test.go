package store

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Each step writes all of it in a run of its own; then the table holds want.
type step struct {
	name      string
	emit      []observation.Observation
	rows      uint64
	unchanged uint64
	rejects   uint64
	want      []string
}

func walk(t *testing.T, query string, steps ...step) {
	t.Helper()
	s := migrated(t)
	at := date("2026-01-01")
	s.now = func() time.Time { return at } // stands still: known_at must rise all the same
	for _, step := range steps {
		counts := write(t, s, step.emit...)
		if counts.Rows != step.rows || counts.Unchanged != step.unchanged || counts.Rejects != step.rejects || len(counts.Days) > 0 {
			t.Errorf("%s: counts %+v; want %d rows, %d unchanged, %d rejects, no days", step.name, counts, step.rows, step.unchanged, step.rejects)
		}
		if diff := cmp.Diff(step.want, lines(t, s, query)); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", step.name, query, diff)
		}
	}
}

func TestPresence(t *testing.T) {
	says := func(hour int, listed bool) []observation.Observation {
		return []observation.Observation{&observation.Presence{Project: "p", Listed: listed, ObservedAt: date("2026-01-01").Add(time.Duration(hour) * time.Hour)}}
	}
	walk(t, "SELECT project, listed, toHour(observed_at), toUnixTimestamp64Milli(known_at) - 1767225600000 FROM project_presence ORDER BY known_at",
		step{"once", says(0, true), 1, 0, 0, []string{"('p',1,0,0)"}},
		step{"twice, later", says(1, true), 0, 1, 0, []string{"('p',1,0,0)"}},
		step{"gone", says(2, false), 1, 0, 0, []string{"('p',1,0,0)", "('p',0,2,1)"}},
		step{"back", says(3, true), 1, 0, 0, []string{"('p',1,0,0)", "('p',0,2,1)", "('p',1,3,2)"}},
		step{"both in one run: the last word", append(says(4, false), says(5, true)...), 0, 1, 0, []string{"('p',1,0,0)", "('p',0,2,1)", "('p',1,3,2)"}},
	)
}

func TestRepositoryVersions(t *testing.T) {
	says := func(hour int, state observation.RepositoryState, target string) []observation.Observation {
		return []observation.Observation{&observation.Repository{Name: "github.com/o/r", State: state, Target: target, ObservedAt: date("2026-01-01").Add(time.Duration(hour) * time.Hour)}}
	}
	walk(t, "SELECT repository, state, target, toHour(observed_at) FROM repositories ORDER BY known_at DESC LIMIT 1",
		step{"once", says(0, observation.RepositoryFound, "github.com/o/r"), 1, 0, 0, []string{"('github.com/o/r','found','github.com/o/r',0)"}},
		step{"the same answer again", says(0, observation.RepositoryFound, "github.com/o/r"), 0, 1, 0, []string{"('github.com/o/r','found','github.com/o/r',0)"}},
		step{"asked later", says(1, observation.RepositoryFound, "github.com/o/r"), 1, 0, 0, []string{"('github.com/o/r','found','github.com/o/r',1)"}},
		step{"moved", says(2, observation.RepositoryMoved, "github.com/N/r"), 1, 0, 0, []string{"('github.com/o/r','moved','github.com/N/r',2)"}},
		step{"gone", says(3, observation.RepositoryGone, ""), 1, 0, 0, []string{"('github.com/o/r','gone','',3)"}},
		step{"back", says(4, observation.RepositoryFound, "github.com/o/r"), 1, 0, 0, []string{"('github.com/o/r','found','github.com/o/r',4)"}},
	)
}

func TestCPythonAdvisories(t *testing.T) {
	says := func(summary string) []observation.Observation {
		return []observation.Observation{&observation.CPythonAdvisory{ID: "PSF-2026-1", Aliases: []string{"CVE-2026-1"}, Published: date("2026-01-01"), Modified: date("2026-01-02"),
			Summary: summary, Vectors: []string{"CVSS:3.1/AV:N"}, SeverityWord: "LOW", References: []string{"https://example.org/"},
			Repository: "https://github.com/python/cpython", Introduced: []string{"0"}, Fixed: []string{"abc"}, Versions: []string{"v3.12.0"}}}
	}
	const query = "SELECT * EXCEPT (known_at, content_hash, run_id) FROM cpython_advisories ORDER BY known_at"
	row := func(summary string) string {
		return fmt.Sprintf("('PSF-2026-1',['CVE-2026-1'],'2026-01-01 00:00:00.000000','2026-01-02 00:00:00.000000',NULL,'%s',['CVSS:3.1/AV:N'],'LOW',['https://example.org/'],'https://github.com/python/cpython',['0'],['abc'],['v3.12.0'],0)", summary)
	}
	walk(t, query,
		step{"once", says("A"), 1, 0, 0, []string{row("A")}},
		step{"twice", says("A"), 0, 1, 0, []string{row("A")}},
		step{"changed", says("B"), 1, 0, 0, []string{row("A"), row("B")}},
		step{"as before", says("A"), 1, 0, 0, []string{row("A"), row("B"), row("A")}},
	)
	gone := func(id string) []observation.Observation {
		return []observation.Observation{&observation.CPythonGone{ID: id}}
	}
	walk(t, "SELECT osv_id, summary, deleted FROM cpython_advisories ORDER BY known_at",
		step{"one that was never there", gone("PSF-2026-1"), 0, 0, 0, nil},
		step{"once", says("A"), 1, 0, 0, []string{"('PSF-2026-1','A',0)"}},
		step{"gone", gone("PSF-2026-1"), 1, 0, 0, []string{"('PSF-2026-1','A',0)", "('PSF-2026-1','',1)"}},
		step{"gone, the second time", gone("PSF-2026-1"), 0, 0, 0, []string{"('PSF-2026-1','A',0)", "('PSF-2026-1','',1)"}},
		step{"back", says("A"), 1, 0, 0, []string{"('PSF-2026-1','A',0)", "('PSF-2026-1','',1)", "('PSF-2026-1','A',0)"}},
		step{"changed and gone in one run", append(says("B"), gone("PSF-2026-1")...), 1, 0, 0,
			[]string{"('PSF-2026-1','A',0)", "('PSF-2026-1','',1)", "('PSF-2026-1','A',0)", "('PSF-2026-1','',1)"}},
	)
}

func TestExploited(t *testing.T) {
	entry := func(cve, name string) observation.ExploitedEntry {
		return observation.ExploitedEntry{CVE: cve, Vendor: "V", Product: "P", Name: name, AddedOn: date("2024-02-03"), DueOn: date("2024-03-03"), Ransomware: "Known", CWEs: []string{"CWE-79"}, Notes: "n"}
	}
	says := func(entries ...observation.ExploitedEntry) []observation.Observation {
		return []observation.Observation{&observation.ExploitedCatalog{Version: "2026.01.01", Entries: entries}}
	}
	bad, undated := entry("CVE-1", "x"), entry("CVE-3", "A")
	bad.AddedOn, undated.DueOn = time.Time{}, time.Time{}
	walk(t, "SELECT cve, name, toString(added_on), toString(due_on), deleted FROM exploited ORDER BY cve, known_at",
		step{"once", says(entry("CVE-1", "A"), entry("CVE-2", "A"), entry("CVE-2", "its second is left out")), 2, 0, 0,
			[]string{"('CVE-1','A','2024-02-03','2024-03-03',0)", "('CVE-2','A','2024-02-03','2024-03-03',0)"}},
		step{"twice, in another order", says(entry("CVE-2", "A"), entry("CVE-1", "A")), 0, 1, 0,
			[]string{"('CVE-1','A','2024-02-03','2024-03-03',0)", "('CVE-2','A','2024-02-03','2024-03-03',0)"}},
		step{"one changed, one gone, one new", says(entry("CVE-1", "B"), undated), 3, 0, 0,
			[]string{"('CVE-1','A','2024-02-03','2024-03-03',0)", "('CVE-1','B','2024-02-03','2024-03-03',0)",
				"('CVE-2','A','2024-02-03','2024-03-03',0)", "('CVE-2','','1970-01-01',NULL,1)", "('CVE-3','A','2024-02-03',NULL,0)"}},
		step{"gone, the second time", says(entry("CVE-1", "B"), undated), 0, 1, 0,
			[]string{"('CVE-1','A','2024-02-03','2024-03-03',0)", "('CVE-1','B','2024-02-03','2024-03-03',0)",
				"('CVE-2','A','2024-02-03','2024-03-03',0)", "('CVE-2','','1970-01-01',NULL,1)", "('CVE-3','A','2024-02-03',NULL,0)"}},
		step{"as before, and back", says(entry("CVE-1", "A"), entry("CVE-2", "A"), undated), 2, 0, 0,
			[]string{"('CVE-1','A','2024-02-03','2024-03-03',0)", "('CVE-1','B','2024-02-03','2024-03-03',0)", "('CVE-1','A','2024-02-03','2024-03-03',0)",
				"('CVE-2','A','2024-02-03','2024-03-03',0)", "('CVE-2','','1970-01-01',NULL,1)", "('CVE-2','A','2024-02-03','2024-03-03',0)", "('CVE-3','A','2024-02-03',NULL,0)"}},
		step{"one cannot be read and stays as it is", says(bad, entry("CVE-2", "A"), undated), 0, 1, 1,
			[]string{"('CVE-1','A','2024-02-03','2024-03-03',0)", "('CVE-1','B','2024-02-03','2024-03-03',0)", "('CVE-1','A','2024-02-03','2024-03-03',0)",
				"('CVE-2','A','2024-02-03','2024-03-03',0)", "('CVE-2','','1970-01-01',NULL,1)", "('CVE-2','A','2024-02-03','2024-03-03',0)", "('CVE-3','A','2024-02-03',NULL,0)"}},
		step{"an empty catalogue is none", says(), 0, 0, 1,
			[]string{"('CVE-1','A','2024-02-03','2024-03-03',0)", "('CVE-1','B','2024-02-03','2024-03-03',0)", "('CVE-1','A','2024-02-03','2024-03-03',0)",
				"('CVE-2','A','2024-02-03','2024-03-03',0)", "('CVE-2','','1970-01-01',NULL,1)", "('CVE-2','A','2024-02-03','2024-03-03',0)", "('CVE-3','A','2024-02-03',NULL,0)"}},
	)
}

func TestPythonCycles(t *testing.T) {
	cycle := func(name, latest string) observation.PythonCycle {
		return observation.PythonCycle{Name: name, ReleasedOn: date("2023-10-02"), EndsOn: date("2028-10-31"), Latest: latest, LatestOn: date("2026-01-01")}
	}
	says := func(cycles ...observation.PythonCycle) []observation.Observation {
		return []observation.Observation{&observation.PythonCycles{Cycles: cycles}}
	}
	const query = "SELECT cycle, toString(released_on), active_to, toString(ends_on), ended, latest, toString(latest_on), deleted FROM python_cycles ORDER BY cycle, known_at"
	a, b := "('3.12','2023-10-02',NULL,'2028-10-31',0,'3.12.1','2026-01-01',0)", "('3.12','2023-10-02',NULL,'2028-10-31',0,'3.12.2','2026-01-01',0)"
	other, gone := "('3.13','2023-10-02',NULL,'2028-10-31',0,'3.13.0','2026-01-01',0)", "('3.13',NULL,NULL,NULL,0,'',NULL,1)"
	walk(t, query,
		step{"once", says(cycle("3.12", "3.12.1"), cycle("3.13", "3.13.0")), 2, 0, 0, []string{a, other}},
		step{"twice", says(cycle("3.12", "3.12.1"), cycle("3.13", "3.13.0")), 0, 1, 0, []string{a, other}},
		step{"changed and gone", says(cycle("3.12", "3.12.2")), 2, 0, 0, []string{a, b, other, gone}},
		step{"as before and back", says(cycle("3.12", "3.12.1"), cycle("3.13", "3.13.0")), 2, 0, 0, []string{a, b, a, other, gone, other}},
		step{"an empty list is none", says(), 0, 0, 1, []string{a, b, a, other, gone, other}},
	)
}

func TestProvenance(t *testing.T) {
	bundle := func(repository string) observation.AttestationBundle {
		return observation.AttestationBundle{Kind: "GitHub", Repository: repository, Workflow: "ci.yml", Environment: "pypi", Predicates: []string{"a", "b"}}
	}
	says := func(bundles ...observation.AttestationBundle) []observation.Observation {
		return []observation.Observation{
			&observation.FileProvenance{Project: "p", Version: "1", Filename: "f", UploadTime: date("2025-01-01").Add(time.Microsecond), Bundles: bundles, ObservedAt: date("2026-01-01")},
			&observation.FileProvenance{Project: "p", Version: "1", Filename: "other", Bundles: []observation.AttestationBundle{bundle("o")}, ObservedAt: date("2026-01-01")},
		}
	}
	const query = "SELECT filename, bundle, kind, repository, toString(upload_time), predicates FROM provenance FINAL ORDER BY ALL"
	row := func(number int, repository string) string {
		return fmt.Sprintf("('f',%d,'GitHub','%s','2025-01-01 00:00:00.000001',['a','b'])", number, repository)
	}
	const other, none = "('other',1,'GitHub','o',NULL,['a','b'])", "('f',0,'','','2025-01-01 00:00:00.000001',[])"
	walk(t, query,
		step{"once", says(bundle("x"), bundle("y")), 3, 0, 0, []string{row(1, "x"), row(2, "y"), other}},
		step{"twice", says(bundle("x"), bundle("y")), 0, 2, 0, []string{row(1, "x"), row(2, "y"), other}},
		step{"another and fewer", says(bundle("z")), 1, 1, 0, []string{row(1, "z"), other}},
		step{"none", says(), 1, 1, 0, []string{none, other}},
		step{"none, the second time", says(), 0, 2, 0, []string{none, other}},
		step{"back", says(bundle("x"), bundle("y")), 2, 1, 0, []string{row(1, "x"), row(2, "y"), other}},
		step{"more than can be numbered", []observation.Observation{&observation.FileProvenance{Project: "p", Filename: "f", Bundles: make([]observation.AttestationBundle, 256)}},
			0, 0, 1, []string{row(1, "x"), row(2, "y"), other}},
	)
}

func TestEPSS(t *testing.T) {
	says := func(on, model string, score float32) []observation.Observation {
		return []observation.Observation{
			&observation.EPSSScores{ObservedOn: date(on), Model: model, Scores: []observation.EPSSScore{{CVE: "CVE-2", Score: score, Percentile: 1}, {CVE: "CVE-1", Score: score, Percentile: 0.5}}},
			&observation.EPSSScores{ObservedOn: date(on), Model: model, Scores: []observation.EPSSScore{{CVE: "CVE-3", Score: score}}},
		}
	}
	one := []string{"('CVE-1','2026-01-01','v4',0.25,0.5)", "('CVE-2','2026-01-01','v4',0.25,1)", "('CVE-3','2026-01-01','v4',0.25,0)"}
	two := []string{"('CVE-1','2026-01-01','v4',0.5,0.5)", "('CVE-2','2026-01-01','v4',0.5,1)", "('CVE-3','2026-01-01','v4',0.5,0)"}
	walk(t, "SELECT * EXCEPT (known_at, run_id) FROM epss FINAL WHERE observed_on = '2026-01-01' AND model = 'v4' ORDER BY cve",
		step{"once", says("2026-01-01", "v4", 0.25), 3, 0, 0, one},
		step{"twice", says("2026-01-01", "v4", 0.25), 3, 0, 0, one},
		step{"another day", says("2025-12-31", "v4", 0.75), 3, 0, 0, one},
		step{"another model", says("2026-01-01", "v5", 0.75), 3, 0, 0, one},
		step{"what is no share", []observation.Observation{
			&observation.EPSSScores{ObservedOn: date("2026-01-01"), Model: "v4", Scores: []observation.EPSSScore{
				{CVE: "CVE-1", Score: 1.5}, {CVE: "CVE-2", Score: -0.1}, {CVE: "CVE-3", Score: float32(math.NaN())}, {CVE: "CVE-4", Percentile: 2}}},
			&observation.EPSSScores{Model: "v4", Scores: []observation.EPSSScore{{CVE: "CVE-1"}}},
		}, 0, 0, 5, one},
	)
	s := migrated(t)
	at := date("2026-01-05")
	s.now = func() time.Time { at = at.Add(time.Hour); return at }
	for i, step := range []struct {
		score float32
		want  []string
	}{{0.25, one}, {0.5, two}, {0.25, one}} {
		write(t, s, says("2026-01-01", "v4", step.score)...)
		if diff := cmp.Diff(step.want, lines(t, s, "SELECT * EXCEPT (known_at, run_id) FROM epss FINAL ORDER BY cve")); diff != "" {
			t.Errorf("after write %d (-want +got):\n%s", i+1, diff)
		}
	}
}

// TestContentHashesStay holds the hashes that databases have stored: with others
// every object would be written once more.
func TestContentHashesStay(t *testing.T) {
	s := migrated(t)
	write(t, s, everything()...)
	for table, want := range map[string][]string{
		"projects":             {"(17294148609693670169)"},
		"files":                {"(13125384276865537254)", "(14128166486850926338)"},
		"project_repositories": {"(371475210661044712)"},
		"advisories":           {"(14749091255084873635)"},
		"affected":             {"(3242594888642890387)", "(9671587197194306321)"},
	} {
		if diff := cmp.Diff(want, lines(t, s, "SELECT content_hash FROM "+table+" ORDER BY content_hash")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", table, diff)
		}
	}
}
