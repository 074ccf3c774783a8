package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

func ptr[T any](v T) *T { return &v }

func newRun(collector string) observation.Run {
	return observation.Run{ID: uuid.NewString(), Collector: collector, StartedAt: time.Now().UTC(), Upstream: "simulated", Version: "test"}
}

// write emits all of it in a run of its own and flushes.
func write(t testing.TB, s *Store, all ...observation.Observation) observation.Counts {
	t.Helper()
	w := s.NewWriter(newRun("test"))
	for _, o := range all {
		if err := w.Emit(t.Context(), o); err != nil {
			t.Fatalf("emit %T: %v", o, err)
		}
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w.Counts()
}

// lines runs a query and returns every row, its cells separated by "|".
func lines(t testing.TB, s *Store, query string) []string {
	t.Helper()
	rows, err := s.conn.Query(t.Context(), "SELECT toString(tuple(*)) FROM ("+query+")")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// everything emits something into each table.
func everything() []observation.Observation {
	const hostile = "a,\"b\"\t\\\n'é' \U0001F40D"
	all := []observation.Observation{
		&observation.RankList{List: "top-pypi-packages", ObservedOn: date("2026-01-01"), Source: "ClickHouse", Ranks: []observation.Rank{
			{Project: "zeta", Rank: 1, Downloads: 3_000_000_000}, {Project: "alpha", Rank: 2, Downloads: 7}}},
		&observation.ProjectRepositories{Project: "alpha", Origin: observation.TrustDeclared, Links: []observation.RepositoryLink{
			{Repository: "github.com/Owner/alpha", Evidence: "https://github.com/Owner/alpha", Label: "Source"}}},
		&observation.Project{Name: "alpha", DisplayName: "Alpha", LatestVersion: "1.1", LatestUpload: date("2025-05-05").Add(1234567 * time.Microsecond),
			RequiresPython: ">=3.9", LicenseExpression: "MIT", Summary: hostile, Status: "active", Organization: "org", Owners: []string{"a", "b"},
			Serial: 12, FromIndex: true, FromJSON: true, ObservedAt: date("2026-01-02"), Files: []observation.File{
				{Filename: "alpha-1.0.tar.gz", Version: "1.0", PackageType: "sdist", UploadTime: date("2024-04-04"), Size: 10, SHA256: "aa", Provenance: observation.ProvenanceAbsent},
				{Filename: "alpha-1.1.tar.gz", Version: "1.1", PackageType: "sdist", Yanked: true, YankedReason: hostile, Provenance: observation.ProvenancePresent}}},
		&observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Aliases: []string{"CVE-2024-1"}, Published: date("2024-02-02"), Modified: date("2024-03-03"),
			Summary: hostile, Vectors: []string{"CVSS:3.1/AV:N"}, References: []string{"https://example.org/"}, Affected: []observation.Affected{
				{Project: "alpha", Versions: []string{"1.0"}, Ranges: []observation.Range{{Events: []observation.Event{{Introduced: "0"}, {Fixed: "1.1"}}}}},
				{Project: "zeta", Versions: []string{"2"}}}},
		&observation.Presence{Project: "alpha", Listed: true, ObservedAt: date("2026-01-02")},
		&observation.FileProvenance{Project: "alpha", Version: "1.1", Filename: "alpha-1.1.tar.gz", ObservedAt: date("2026-01-02"), Bundles: []observation.AttestationBundle{
			{Kind: "GitHub", Repository: "github.com/Owner/alpha", Workflow: "ci.yml", Predicates: []string{hostile}}, {Kind: "Google"}}},
		&observation.Repository{Name: "github.com/Owner/alpha", State: observation.RepositoryFound, Target: "github.com/Owner/alpha", ObservedAt: date("2026-01-02")},
		&observation.ExploitedCatalog{Version: "1", Entries: []observation.ExploitedEntry{{CVE: "CVE-2024-1", Name: hostile, AddedOn: date("2024-02-02"), CWEs: []string{"CWE-79"}}}},
		&observation.EPSSScores{ObservedOn: date("2025-12-31"), Model: "v4", Scores: []observation.EPSSScore{{CVE: "CVE-2024-1", Score: 0.5, Percentile: 0.75}}},
		&observation.CPythonAdvisory{ID: "PSF-2024-1", Summary: hostile, Modified: date("2024-03-03"), Fixed: []string{"abc"}},
		&observation.PythonCycles{Cycles: []observation.PythonCycle{{Name: "3.12", ReleasedOn: date("2023-10-02"), Latest: "3.12.1"}}},
		&observation.Reject{Object: "file.csv", Reason: "bad", Text: hostile},
		&observation.Response{URL: "https://example.org/", ETag: `"x"`, Status: 200, Bytes: 12, FetchedAt: date("2026-01-02")},
	}
	for i := range 300 {
		r := &observation.ScorecardResult{Subject: fmt.Sprintf("p%03d", 300-i), ObservedOn: date("2026-01-01").AddDate(0, 0, i%3), Source: observation.SourceArchive,
			State: observation.StateScored, Aggregate: ptr(4.5), CheckSet: "License,SAST", Checks: []observation.Check{
				{Name: "SAST", Score: nil, Reason: hostile, Details: []string{"one", hostile}}, {Name: "License", Score: ptr(int8(i % 11))}}}
		if i%7 == 0 {
			r.State, r.Reason, r.Aggregate, r.Checks = observation.StateNoResult, "none", nil, nil
		}
		all = append(all, r)
	}
	return all
}

// contents returns number and hash of the rows of every table that the writer
// fills, one row for each key, without what a run adds.
func contents(t testing.TB, s *Store, except string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for _, table := range []string{"ranks", "scorecard_results", "scorecard_checks", "projects", "files", "project_repositories", "advisories", "affected",
		"project_presence", "provenance", "repositories", "exploited", "epss", "cpython_advisories", "python_cycles", "rejects"} {
		query := fmt.Sprintf("SELECT count(), sum(cityHash64(* EXCEPT (%s))) FROM %s FINAL", except, table)
		found[table] = strings.Join(lines(t, s, query), "\n")
	}
	return found
}

func TestWhatIsEmittedTwiceIsStoredOnce(t *testing.T) {
	s := migrated(t)
	counts := write(t, s, everything()...)
	before := contents(t, s, "run_id, known_at")
	if want := uint64(2 + 300 + 2*(300-43) + 1 + 2 + 1 + 1 + 2 + 1 + 2 + 1 + 1 + 1 + 1 + 1); counts.Rows != want || counts.Rejects != 1 || counts.Unchanged != 0 {
		t.Errorf("counts %+v; want %d rows, 1 reject", counts, want)
	}
	if diff := cmp.Diff([]time.Time{date("2026-01-01"), date("2026-01-02"), date("2026-01-03")}, counts.Days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	counts = write(t, s, everything()...)
	if diff := cmp.Diff(before, contents(t, s, "run_id, known_at")); diff != "" {
		t.Errorf("after the second time (-before +after):\n%s", diff)
	}
	if counts.Unchanged != 9 {
		t.Errorf("unchanged %d; want 9: a project, its links, its presence, a file's provenance, an advisory, a repository, the catalogue, a record of CPython, its cycles", counts.Unchanged)
	}
}

func TestObservationsAreStoredAsEmitted(t *testing.T) {
	s := migrated(t)
	write(t, s,
		&observation.RankList{List: "l", ObservedOn: date("2026-04-01"), Source: "ClickHouse", Ranks: []observation.Rank{{Project: "b", Rank: 1, Downloads: 5_000_000_000}, {Project: "a", Rank: 2}}},
		&observation.ScorecardResult{Subject: "github.com/o/R", ObservedOn: date("2026-04-02"), Source: observation.SourceAPI, State: observation.StateScored,
			Stated: ptr(7.0), Aggregate: ptr(6.9), Core: ptr(6.5), CheckSet: "Fuzzing,License", ToolVersion: "v5", Commit: "abc",
			Checks: []observation.Check{{Name: "License", Score: ptr(int8(10)), Reason: "found", Details: []string{"x"}}, {Name: "Fuzzing"}}},
		&observation.ScorecardResult{Subject: "a", ObservedOn: date("2026-04-02"), Source: observation.SourceArchive, State: observation.StateNoResult, Reason: "none"},
	)
	for query, want := range map[string][]string{
		"SELECT list, observed_on, project, rank, downloads, source FROM ranks ORDER BY project": {
			"('l','2026-04-01','a',2,0,'ClickHouse')", "('l','2026-04-01','b',1,5000000000,'ClickHouse')"},
		"SELECT * EXCEPT (known_at, run_id) FROM scorecard_results ORDER BY subject": {
			"('a','2026-04-02','archive','no_result','none',NULL,NULL,NULL,'',0,'','')",
			"('github.com/o/R','2026-04-02','api','scored','',7,6.9,6.5,'Fuzzing,License',1,'v5','abc')"},
		"SELECT * EXCEPT (known_at, run_id) FROM scorecard_checks ORDER BY check": {
			"('github.com/o/R','Fuzzing','2026-04-02','api',NULL,'',[])",
			"('github.com/o/R','License','2026-04-02','api',10,'found',['x'])"},
	} {
		if diff := cmp.Diff(want, lines(t, s, query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestABAIsThreeVersions(t *testing.T) {
	s := migrated(t)
	at := date("2026-01-01")
	s.now = func() time.Time { return at } // stands still, and later goes back
	versions := func(letter string) []observation.Observation {
		return []observation.Observation{
			&observation.ProjectRepositories{Project: "p", Origin: observation.TrustDeclared, Links: []observation.RepositoryLink{{Repository: "github.com/o/p", Evidence: letter}}},
			&observation.Project{Name: "p", Summary: letter, FromIndex: true, FromJSON: true, Files: []observation.File{{Filename: "f", YankedReason: letter, Yanked: true}}},
			&observation.Advisory{ID: "X-1", Summary: letter, Modified: at, Affected: []observation.Affected{{Project: "p", Versions: []string{letter}}}},
		}
	}
	for i, letter := range []string{"A", "B", "B", "A"} {
		if i == 3 {
			at = at.Add(-time.Hour)
		}
		write(t, s, versions(letter)...)
	}
	for table, column := range map[string]string{
		"projects": "summary", "files": "yanked_reason", "project_repositories": "evidence", "advisories": "summary", "affected": "versions[1]",
	} {
		query := fmt.Sprintf("SELECT %s, toUnixTimestamp64Milli(known_at) - %d FROM %s ORDER BY known_at", column, date("2026-01-01").UnixMilli(), table)
		if diff := cmp.Diff([]string{"('A',0)", "('B',1)", "('A',2)"}, lines(t, s, query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", table, diff)
		}
	}
}

// TestObservationsThatReturn holds that the last word of a source is what is
// stored, even where it is the first word again and byte for byte the same.
func TestObservationsThatReturn(t *testing.T) {
	s := migrated(t)
	at := date("2026-01-05")
	s.now = func() time.Time { at = at.Add(time.Hour); return at }
	says := func(n int) []observation.Observation {
		return []observation.Observation{
			&observation.RankList{List: "l", ObservedOn: date("2026-01-01"), Ranks: []observation.Rank{{Project: "p", Rank: 1, Downloads: uint64(n)}}},
			&observation.ScorecardResult{Subject: "p", ObservedOn: date("2026-01-02"), Source: observation.SourceArchive, State: observation.StateScored,
				Aggregate: ptr(float64(n)), CheckSet: "License", Checks: []observation.Check{{Name: "License", Score: ptr(int8(n))}}},
		}
	}
	for i, n := range []int{5, 6, 5, 6} {
		write(t, s, says(n)...)
		for _, query := range []string{
			"SELECT toInt32(downloads) FROM ranks FINAL", "SELECT toInt32(aggregate) FROM scorecard_results FINAL", "SELECT toInt32(score) FROM scorecard_checks FINAL",
		} {
			if diff := cmp.Diff([]string{fmt.Sprintf("(%d)", n)}, lines(t, s, query)); diff != "" {
				t.Errorf("%s after write %d (-want +got):\n%s", query, i+1, diff)
			}
		}
	}
}

// A source that revises a list or a snapshot takes back the parts it leaves out,
// of what it names again and of nothing else.
func TestRevisedObservationsLoseTheirParts(t *testing.T) {
	s := migrated(t)
	list := func(projects ...string) *observation.RankList {
		l := &observation.RankList{List: "l", ObservedOn: date("2026-01-01")}
		for i, p := range projects {
			l.Ranks = append(l.Ranks, observation.Rank{Project: p, Rank: uint32(i + 1)})
		}
		return l
	}
	result := func(subject, day string, checks ...string) *observation.ScorecardResult {
		r := &observation.ScorecardResult{Subject: subject, ObservedOn: date(day), Source: observation.SourceArchive, State: observation.StateScored}
		for _, c := range checks {
			r.Checks = append(r.Checks, observation.Check{Name: c, Score: ptr(int8(5))})
		}
		return r
	}
	write(t, s, list("a", "b"), result("a", "2026-01-02", "License", "SAST"), result("b", "2026-01-02", "License", "SAST"), result("a", "2026-01-09", "SAST"))
	write(t, s, list("a", "c"), result("a", "2026-01-02", "License"), result("c", "2026-01-02"))
	for query, want := range map[string][]string{
		"SELECT project, toInt32(rank) FROM ranks FINAL ORDER BY rank": {"('a',1)", "('c',2)"},
		"SELECT subject, toString(observed_on), check FROM scorecard_checks FINAL ORDER BY ALL": {
			"('a','2026-01-02','License')", "('a','2026-01-09','SAST')", "('b','2026-01-02','License')", "('b','2026-01-02','SAST')",
		},
		"SELECT subject, toString(observed_on) FROM scorecard_results FINAL ORDER BY ALL": {"('a','2026-01-02')", "('a','2026-01-09')", "('b','2026-01-02')", "('c','2026-01-02')"},
	} {
		if diff := cmp.Diff(want, lines(t, s, query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// The engine may have merged the replaced rows away before the vanished ones are
// looked for: what tells that a day was replaced must not depend on it.
func TestVanishedPartsAfterAMerge(t *testing.T) {
	for _, source := range []observation.ScorecardSource{observation.SourceArchive, observation.SourceAPI} {
		s := migrated(t)
		says := func(checks ...string) []observation.Observation {
			r := &observation.ScorecardResult{Subject: "a", ObservedOn: date("2026-01-02"), Source: source, State: observation.StateScored}
			for _, c := range checks {
				r.Checks = append(r.Checks, observation.Check{Name: c, Score: ptr(int8(5))})
			}
			if source == observation.SourceArchive {
				return []observation.Observation{r, &observation.Snapshot{Source: source, ObservedOn: r.ObservedOn}}
			}
			return []observation.Observation{r}
		}
		write(t, s, says("License", "SAST")...)
		w := s.NewWriter(newRun("test"))
		for _, o := range says("License") {
			if err := w.Emit(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"scorecard_results", "scorecard_checks"} {
			if err := s.conn.Exec(t.Context(), "OPTIMIZE TABLE "+table+" FINAL"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"('License')"}, lines(t, s, "SELECT check FROM scorecard_checks FINAL")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

// A snapshot that is emitted whole takes the place of the old one whole, and of
// nothing else.
func TestRevisedSnapshots(t *testing.T) {
	s := migrated(t)
	result := func(subject, day string, source observation.ScorecardSource, score int) *observation.ScorecardResult {
		r := &observation.ScorecardResult{Subject: subject, ObservedOn: date(day), Source: source, State: observation.StateNoResult}
		if score > 0 {
			r.State, r.Checks = observation.StateScored, []observation.Check{{Name: "License", Score: ptr(int8(score))}}
		}
		return r
	}
	archive, api := observation.SourceArchive, observation.SourceAPI
	whole := func(day string) *observation.Snapshot {
		return &observation.Snapshot{Source: archive, ObservedOn: date(day)}
	}
	check := func(when string, results, checks []string) {
		t.Helper()
		if diff := cmp.Diff(results, lines(t, s, "SELECT subject, toString(observed_on), source, state FROM scorecard_results FINAL ORDER BY ALL")); diff != "" {
			t.Errorf("%s: results (-want +got):\n%s", when, diff)
		}
		if diff := cmp.Diff(checks, lines(t, s, "SELECT subject, toString(observed_on), source, toInt32(score) FROM scorecard_checks FINAL ORDER BY ALL")); diff != "" {
			t.Errorf("%s: checks (-want +got):\n%s", when, diff)
		}
	}
	write(t, s,
		result("a", "2026-01-02", archive, 1), result("b", "2026-01-02", archive, 1), result("c", "2026-01-02", archive, 1), whole("2026-01-02"),
		result("b", "2026-01-09", archive, 1), whole("2026-01-09"),
		result("b", "2026-01-02", api, 1))
	// Half of a revision, such as a run that was killed has left: nothing goes.
	write(t, s, result("a", "2026-01-02", archive, 2))
	rest := []string{"('b','2026-01-02','api',1)", "('b','2026-01-02','archive',1)", "('b','2026-01-09','archive',1)", "('c','2026-01-02','archive',1)"}
	check("half of it", []string{"('a','2026-01-02','archive','scored')", "('b','2026-01-02','api','scored')", "('b','2026-01-02','archive','scored')",
		"('b','2026-01-09','archive','scored')", "('c','2026-01-02','archive','scored')"}, append([]string{"('a','2026-01-02','archive',2)"}, rest...))
	write(t, s, result("a", "2026-01-02", archive, 3), result("c", "2026-01-02", archive, 0), whole("2026-01-02"), whole("2026-01-09")) // nothing of the latter is emitted
	check("all of it", []string{"('a','2026-01-02','archive','scored')", "('b','2026-01-02','api','scored')",
		"('b','2026-01-09','archive','scored')", "('c','2026-01-02','archive','no_result')"},
		[]string{"('a','2026-01-02','archive',3)", "('b','2026-01-02','api',1)", "('b','2026-01-09','archive',1)"})
}

// What a source gave on a day is not taken back by its silence later on that day.
func TestWeakerAnswersReplaceNothing(t *testing.T) {
	const scored, none, unavailable = observation.StateScored, observation.StateNoResult, observation.StateUnavailable
	result := func(subject string, day string, state observation.ResultState) *observation.ScorecardResult {
		r := &observation.ScorecardResult{Subject: subject, ObservedOn: date(day), Source: observation.SourceAPI, State: state}
		if state == scored {
			r.Aggregate, r.Checks = ptr(5.0), []observation.Check{{Name: "License", Score: ptr(int8(5))}}
		}
		return r
	}
	for _, test := range []struct {
		states []observation.ResultState // of the same subject and day, in this order
		want   observation.ResultState
	}{
		{[]observation.ResultState{scored, unavailable}, scored},
		{[]observation.ResultState{scored, none}, scored},
		{[]observation.ResultState{none, unavailable}, none},
		{[]observation.ResultState{unavailable, none}, none},
		{[]observation.ResultState{unavailable, scored, none, unavailable}, scored},
		{[]observation.ResultState{none, scored}, scored},
		{[]observation.ResultState{unavailable, unavailable}, unavailable},
	} {
		for _, oneRun := range []bool{true, false} {
			s := migrated(t)
			at := date("2026-01-05")
			s.now = func() time.Time { at = at.Add(time.Second); return at }
			all := []observation.Observation{result("r", "2026-01-01", scored), result("other", "2026-01-02", unavailable)}
			if !oneRun {
				write(t, s, all...)
				all = nil
			}
			var counts observation.Counts
			for _, state := range test.states {
				all = append(all, result("r", "2026-01-02", state))
				if !oneRun {
					counts = write(t, s, all...)
					all = nil
				}
			}
			if oneRun {
				counts = write(t, s, all...)
			}
			want := []string{"('other','2026-01-02','unavailable')", "('r','2026-01-01','scored')", fmt.Sprintf("('r','2026-01-02','%s')", test.want), fmt.Sprintf("(%d)", 1+bit(test.want == scored))}
			got := append(lines(t, s, "SELECT subject, toString(observed_on), state FROM scorecard_results FINAL ORDER BY ALL"),
				lines(t, s, "SELECT count() FROM scorecard_checks FINAL")...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%v, in one run: %t: (-want +got):\n%s", test.states, oneRun, diff)
			}
			if last := test.states[len(test.states)-1]; !oneRun && last != test.want && (counts.Rows != 0 || counts.Unchanged != 1) {
				t.Errorf("%v: the last run counts %+v; want one unchanged", test.states, counts)
			}
		}
	}
}

func TestVanishedPartsGetATombstone(t *testing.T) {
	s := migrated(t)
	link := func(names ...string) []observation.RepositoryLink {
		var links []observation.RepositoryLink
		for _, n := range names {
			links = append(links, observation.RepositoryLink{Repository: n})
		}
		return links
	}
	project := func(files ...string) *observation.Project {
		p := &observation.Project{Name: "p", FromIndex: true, Files: []observation.File{}}
		for _, f := range files {
			p.Files = append(p.Files, observation.File{Filename: f})
		}
		return p
	}
	advisory := func(projects ...string) *observation.Advisory {
		a := &observation.Advisory{ID: "X-1", Modified: date("2026-01-01")}
		for _, p := range projects {
			a.Affected = append(a.Affected, observation.Affected{Project: p})
		}
		return a
	}
	repositories := func(origin observation.Trust, names ...string) *observation.ProjectRepositories {
		return &observation.ProjectRepositories{Project: "p", Origin: origin, Links: link(names...)}
	}
	write(t, s, repositories(observation.TrustDeclared, "a", "b"), repositories(observation.TrustAttested, "b"), project("1", "2"), advisory("p", "q"))
	write(t, s, repositories(observation.TrustDeclared, "a"), advisory("q"))
	write(t, s, &observation.Project{Name: "p", FromIndex: true}) // its files were not read
	check := func(when string, want map[string][]string) {
		t.Helper()
		for query, want := range want {
			if diff := cmp.Diff(want, lines(t, s, query)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", when, query, diff)
			}
		}
	}
	const (
		links    = "SELECT trust, repository, deleted FROM project_repositories ORDER BY trust, repository, known_at DESC LIMIT 1 BY trust, repository"
		files    = "SELECT filename, deleted FROM files ORDER BY filename, known_at DESC LIMIT 1 BY filename"
		affected = "SELECT project, deleted FROM affected ORDER BY project, known_at DESC LIMIT 1 BY project"
	)
	some := project("2")
	some.Files[0].Size, some.FilesPartial = 1, true
	write(t, s, some)
	check("some could not be read", map[string][]string{files: {"('1',0)", "('2',0)"}, "SELECT max(size) FROM files": {"(1)"}})
	write(t, s, project("2"))
	check("gone", map[string][]string{
		links:    {"('attested','b',0)", "('declared','a',0)", "('declared','b',1)"},
		files:    {"('1',1)", "('2',0)"},
		affected: {"('p',1)", "('q',0)"},
	})
	write(t, s, repositories(observation.TrustDeclared, "a"), project("2"), advisory("q"))
	check("gone, the second time", map[string][]string{
		"SELECT count() FROM files WHERE deleted = 1":                {"(1)"},
		"SELECT count() FROM affected WHERE deleted = 1":             {"(1)"},
		"SELECT count() FROM project_repositories WHERE deleted = 1": {"(1)"},
	})
	write(t, s, repositories(observation.TrustDeclared, "a", "b"), project("1", "2"), advisory("p", "q"))
	check("back", map[string][]string{
		links:    {"('attested','b',0)", "('declared','a',0)", "('declared','b',0)"},
		files:    {"('1',0)", "('2',0)"},
		affected: {"('p',0)", "('q',0)"},
	})
}

// TestAdvisoryGone: a record that its source has deleted gets a tombstone, and so
// does all it said of projects; once, and not when it was never known. When it
// comes back it is live again.
func TestAdvisoryGone(t *testing.T) {
	s := migrated(t)
	record := func(id string) *observation.Advisory {
		return &observation.Advisory{ID: id, Modified: date("2026-01-01"), Affected: []observation.Affected{{Project: "p"}, {Project: "q"}}}
	}
	check := func(when string, counts, want observation.Counts, state ...string) {
		t.Helper()
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Errorf("%s: counts (-want +got):\n%s", when, diff)
		}
		query := `SELECT osv_id, deleted, (SELECT groupArray((project, deleted)) FROM
			(SELECT project, deleted FROM affected WHERE osv_id = 'X-1' ORDER BY project, known_at DESC LIMIT 1 BY project))
			FROM advisories WHERE osv_id = 'X-1' ORDER BY known_at DESC LIMIT 1`
		if diff := cmp.Diff(state, lines(t, s, query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	gone := &observation.AdvisoryGone{ID: "X-1"}
	const tombstone = "('X-1',1,[('p',1),('q',1)])"
	days := []time.Time{}
	write(t, s, record("X-1"), record("X-2"))
	check("gone", write(t, s, gone), observation.Counts{Rows: 3, Days: days}, tombstone)
	check("gone, the second time", write(t, s, gone), observation.Counts{Unchanged: 1, Days: days}, tombstone)
	check("back and gone in one run", write(t, s, record("X-1"), gone), observation.Counts{Unchanged: 1, Days: days}, tombstone)
	check("gone and back in one run", write(t, s, gone, record("X-1")), observation.Counts{Rows: 3, Days: days}, "('X-1',0,[('p',0),('q',0)])")

	// A run that was killed between the parts and the whole of a deletion.
	w := s.NewWriter(newRun("test"))
	affected := w.newsOf(affectedTable)
	for _, project := range []string{"p", "q"} {
		affected.bury(stored{knownAt: s.knownAt()}, "X-1", project)
	}
	if err := affected.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	modified, err := s.AdvisoryModified(t.Context())
	want := map[string]time.Time{"X-1": time.Unix(0, 0).UTC(), "X-2": date("2026-01-01")}
	if diff := cmp.Diff(want, modified); err != nil || diff != "" {
		t.Errorf("half deleted: %v (-want +got):\n%s", err, diff)
	}

	write(t, s, &observation.AdvisoryGone{ID: "X-3"})
	if got := lines(t, s, "SELECT DISTINCT osv_id FROM advisories ORDER BY osv_id"); !cmp.Equal(got, []string{"('X-1')", "('X-2')"}) {
		t.Errorf("records %q", got)
	}
}

func TestCarryOver(t *testing.T) {
	known := observation.Project{Name: "p", DisplayName: "P", LatestVersion: "1", LatestUpload: date("2025-01-01"), RequiresPython: ">=3", Status: "archived", StatusReason: "r",
		LicenseExpression: "MIT", Summary: "s", Organization: "o", Owners: []string{"a"}, Serial: 7, FromIndex: true, FromJSON: true}
	for _, test := range []struct {
		name string
		old  observation.Project
		p    observation.Project
		want observation.Project
	}{
		{"the first time all is taken", observation.Project{},
			observation.Project{Name: "p", DisplayName: "p", LatestVersion: "1", FromJSON: true},
			observation.Project{Name: "p", DisplayName: "p", LatestVersion: "1", FromJSON: true}},
		{"the JSON API is down", known,
			observation.Project{Name: "p", DisplayName: "p", LatestVersion: "2", Status: "active", Serial: 8, FromIndex: true, Files: []observation.File{{}}},
			observation.Project{Name: "p", DisplayName: "P", LatestVersion: "2", Status: "active", Serial: 8, FromIndex: true, FromJSON: true,
				LicenseExpression: "MIT", Summary: "s", Organization: "o", Owners: []string{"a"}}},
		{"the Index API is down", known,
			observation.Project{Name: "p", DisplayName: "PP", Summary: "t", Serial: 8, FromJSON: true},
			observation.Project{Name: "p", DisplayName: "PP", Summary: "t", LatestVersion: "1", LatestUpload: date("2025-01-01"), RequiresPython: ">=3",
				Status: "archived", StatusReason: "r", Serial: 7, FromIndex: true, FromJSON: true}},
		{"the page is gone and the JSON has the files", known,
			observation.Project{Name: "p", DisplayName: "P", LatestVersion: "2", Serial: 8, FromJSON: true, Files: []observation.File{{}}},
			observation.Project{Name: "p", DisplayName: "P", LatestVersion: "2", Status: "archived", StatusReason: "r", Serial: 8, FromIndex: true, FromJSON: true}},
		{"both were asked and have no such project", known, observation.Project{Name: "p", ObservedAt: date("2025-02-02")}, known},
		{"the same of a project that was never known", observation.Project{},
			observation.Project{Name: "p"}, observation.Project{Name: "p"}},
		{"an unknown serial erases nothing", known,
			observation.Project{Name: "p", LatestVersion: "2", FromIndex: true, FromJSON: true, Files: []observation.File{{}}},
			observation.Project{Name: "p", LatestVersion: "2", Serial: 7, FromIndex: true, FromJSON: true}},
		{"a project in quarantine shows no files", known,
			observation.Project{Name: "p", Status: "quarantined", Serial: 8, FromIndex: true},
			observation.Project{Name: "p", DisplayName: "P", LatestVersion: "1", LatestUpload: date("2025-01-01"), RequiresPython: ">=3", Status: "quarantined",
				LicenseExpression: "MIT", Summary: "s", Organization: "o", Owners: []string{"a"}, Serial: 8, FromIndex: true, FromJSON: true}},
	} {
		if diff := cmp.Diff(test.want, carryOver(test.old, &test.p)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// Two emissions of one project within a chunk, each by one API, are one version.
func TestHalvesOfAProjectMakeOne(t *testing.T) {
	s := migrated(t)
	write(t, s,
		&observation.Project{Name: "p", Status: "active", LatestVersion: "1", Serial: 3, FromIndex: true, Files: []observation.File{{Filename: "f"}}},
		&observation.Project{Name: "p", Summary: "s", FromJSON: true},
	)
	write(t, s, &observation.Project{Name: "p", Summary: "t", FromJSON: true})
	want := []string{"('s','active','1',3,1,1)", "('t','active','1',3,1,1)"}
	if diff := cmp.Diff(want, lines(t, s, "SELECT summary, status, latest_version, serial, from_index, from_json FROM projects ORDER BY known_at")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := lines(t, s, "SELECT count(), sum(deleted) FROM files"); got[0] != "(1,0)" {
		t.Errorf("files %s; want one, alive", got)
	}
}

func TestRejectsAreKeptOnceAndCut(t *testing.T) {
	s := migrated(t)
	long := strings.Repeat("é", observation.MaxRejectText)
	for range 2 {
		write(t, s, &observation.Reject{Object: "o", Reason: "r", Text: "x"}, &observation.Reject{Object: "o", Reason: strings.Repeat("r", 5000), Text: long})
		write(t, s, &observation.Reject{Object: "o", Reason: "r", Text: "x"})
	}
	want := []string{"('test',1,1,1)", fmt.Sprintf("('test',%d,%d,1)", maxRejectField, observation.MaxRejectText)}
	if diff := cmp.Diff(want, lines(t, s, "SELECT collector, length(reason), length(text), isValidUTF8(text) FROM rejects FINAL ORDER BY length(text)")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestImpossibleObservationsAreRejected(t *testing.T) {
	s := migrated(t)
	counts := write(t, s,
		&observation.ScorecardResult{Subject: "a", ObservedOn: date("9999-01-01"), Source: observation.SourceAPI},
		&observation.ScorecardResult{Subject: "b", ObservedOn: date("2024-01-01"), Source: observation.SourceAPI, Checks: []observation.Check{{Name: "SAST", Score: ptr(int8(40))}}},
		&observation.ScorecardResult{Subject: "", ObservedOn: date("2024-01-01")},
		&observation.RankList{List: "l", Ranks: []observation.Rank{{Project: "a", Rank: 1}}},
		&observation.RankList{List: "l", ObservedOn: date("2024-01-01")},
		&observation.Advisory{ID: "X-1", Published: date("9999-01-01"), Modified: date("2024-01-01"), Withdrawn: date("0002-01-01")},
	)
	if counts.Rows != 1 || counts.Rejects != 4 {
		t.Errorf("counts %+v; want the advisory and 4 rejects", counts)
	}
	if got := lines(t, s, "SELECT published, withdrawn FROM advisories"); got[0] != "(NULL,NULL)" {
		t.Errorf("times %s; want unknown", got)
	}
}

func TestResponsesWaitForWhatWasEmittedBefore(t *testing.T) {
	s := migrated(t)
	if err := s.learnAfter(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.conn.Exec(t.Context(), "RENAME TABLE scorecard_checks TO away"); err != nil {
		t.Fatal(err)
	}
	w := s.NewWriter(newRun("test"))
	result := &observation.ScorecardResult{Subject: "a", ObservedOn: date("2024-01-01"), Source: observation.SourceAPI, State: observation.StateScored, Checks: []observation.Check{{Name: "SAST"}}}
	for _, o := range []observation.Observation{result, &observation.Response{URL: "u", Status: 200, FetchedAt: date("2024-01-01")}} {
		if err := w.Emit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(t.Context()); err == nil {
		t.Fatal("flush without the table succeeded")
	}
	if err := w.Emit(t.Context(), result); err == nil {
		t.Error("emit after a failure succeeded")
	}
	if _, found, err := s.Response(t.Context(), "u"); found || err != nil {
		t.Errorf("the response is stored although the result before it is not (%v)", err)
	}
	if err := s.conn.Exec(t.Context(), "RENAME TABLE away TO scorecard_checks"); err != nil {
		t.Fatal(err)
	}
	all := []observation.Observation{result}
	for i := range responsesHeld + 1 {
		all = append(all, &observation.Response{URL: fmt.Sprint("u", i), ETag: "e", LastModified: "l", SHA256: "s", Status: 304, Bytes: 5, FetchedAt: date("2024-01-01")})
	}
	write(t, s, all...)
	got, found, err := s.Response(t.Context(), "u0")
	want := observation.Response{URL: "u0", ETag: "e", LastModified: "l", SHA256: "s", Status: 304, Bytes: 5, FetchedAt: date("2024-01-01")}
	if diff := cmp.Diff(want, got); diff != "" || !found || err != nil {
		t.Errorf("found %t, %v (-want +got):\n%s", found, err, diff)
	}
}

// Many goroutines emit more than a block and a chunk hold.
func TestConcurrentEmission(t *testing.T) {
	s := migrated(t)
	w := s.NewWriter(newRun("test"))
	const workers, each, files = 8, 300, 30
	var group sync.WaitGroup
	errs := make([]error, workers)
	for n := range workers {
		group.Go(func() {
			for i := range each {
				name := fmt.Sprintf("p%d-%d", n, i)
				p := &observation.Project{Name: name, FromIndex: true}
				for f := range files {
					p.Files = append(p.Files, observation.File{Filename: fmt.Sprint(f)})
				}
				r := &observation.ScorecardResult{Subject: name, ObservedOn: date("2024-01-01").AddDate(0, i, 0), Source: observation.SourceAPI}
				for c := range 10 {
					r.Checks = append(r.Checks, observation.Check{Name: fmt.Sprint("C", c), Score: ptr(int8(c))})
				}
				errs[n] = errors.Join(errs[n], w.Emit(t.Context(), p), w.Emit(t.Context(), r))
			}
		})
	}
	group.Wait()
	if err := errors.Join(append(errs, w.Flush(t.Context()))...); err != nil {
		t.Fatal(err)
	}
	const n = workers * each
	for query, want := range map[string]int{
		"SELECT count() FROM projects":                     n,
		"SELECT count() FROM files":                        n * files,
		"SELECT count() FROM scorecard_results":            n,
		"SELECT count(), sum(score) FROM scorecard_checks": n * 10,
	} {
		if got := lines(t, s, query)[0]; !strings.HasPrefix(got, fmt.Sprintf("(%d", want)) {
			t.Errorf("%s = %s; want %d", query, got, want)
		}
	}
	if got, want := w.Counts().Rows, uint64(n*(1+files+1+10)); got != want {
		t.Errorf("counted %d rows; want %d", got, want)
	}
}

// gate is a way to the server that can be shut.
type gate struct {
	listener net.Listener
	server   string
	mu       sync.Mutex
	shut     bool
	conns    map[net.Conn]struct{}
}

// openGate returns a gate and the address of the store behind it.
func openGate(t *testing.T) (*gate, clickhouse.DSN) {
	t.Helper()
	db := testenv.ClickHouse(t)
	address, err := url.Parse(string(db.DSN))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: listener, server: address.Host, conns: make(map[net.Conn]struct{})}
	go g.serve()
	t.Cleanup(func() { _ = listener.Close() })
	address.Host = listener.Addr().String()
	return g, clickhouse.DSN(address.String())
}

func (g *gate) serve() {
	for {
		in, err := g.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", g.server)
		g.mu.Lock()
		if err != nil || g.shut {
			_ = in.Close()
			if out != nil {
				_ = out.Close()
			}
			g.mu.Unlock()
			continue
		}
		g.conns[in], g.conns[out] = struct{}{}, struct{}{}
		g.mu.Unlock()
		go g.copy(in, out)
		go g.copy(out, in)
	}
}

func (g *gate) copy(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_ = from.Close()
	_ = to.Close()
}

// set shuts the gate, which breaks every connection, or opens it.
func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	if shut {
		for c := range g.conns {
			_ = c.Close()
		}
		clear(g.conns)
	}
}

func TestWritesOutliveAServerThatGoesAway(t *testing.T) {
	g, dsn := openGate(t)
	s, err := Open(t.Context(), Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := s.NewWriter(newRun("test"))
	var flicker sync.WaitGroup
	flicker.Go(func() {
		for open := 20 * time.Millisecond; open < 500*time.Millisecond; open += 40 * time.Millisecond {
			g.set(true)
			<-time.After(30 * time.Millisecond)
			g.set(false)
			<-time.After(open)
		}
	})
	const results, checks = 20_000, 10
	for i := range results {
		r := &observation.ScorecardResult{Subject: fmt.Sprint("p", i%5000), ObservedOn: date("2024-01-01").AddDate(0, 0, i/5000), Source: observation.SourceArchive}
		for c := range checks {
			r.Checks = append(r.Checks, observation.Check{Name: fmt.Sprint("C", c), Score: ptr(int8(c))})
		}
		if err := w.Emit(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		if err := w.Emit(t.Context(), &observation.Advisory{ID: fmt.Sprint("X-", i), Modified: date("2024-01-01"), Affected: []observation.Affected{{Project: "p"}}}); err != nil {
			t.Fatal(err)
		}
	}
	err = w.Flush(t.Context())
	flicker.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		"SELECT count() FROM scorecard_results": results,
		"SELECT count() FROM scorecard_checks":  results * checks,
		"SELECT count() FROM advisories":        200,
		"SELECT count() FROM affected":          200,
	} {
		if got := lines(t, s, query)[0]; got != fmt.Sprintf("(%d)", want) {
			t.Errorf("%s = %s; want %d, each once", query, got, want)
		}
	}
}

func TestAnEndedContextStopsTheRetries(t *testing.T) {
	g, dsn := openGate(t)
	s, err := Open(t.Context(), Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.learnAfter(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.set(true)
	w := s.NewWriter(newRun("test"))
	if err := w.Emit(t.Context(), &observation.RankList{List: "l", ObservedOn: date("2024-01-01"), Ranks: []observation.Rank{{Project: "p", Rank: 1}}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := w.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("flush: %v; want the deadline", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("flush took %s after its context had ended", took)
	}
	s.retryFor = 100 * time.Millisecond
	if err := s.OpenRun(t.Context(), newRun("test")); err == nil {
		t.Error("a write to a server that is gone succeeded")
	}
}
