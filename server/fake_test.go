package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// now is the time of every test.
var now = time.Date(2026, time.July, 23, 12, 0, 0, 0, time.UTC)

func date(s string) time.Time {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return t
}

func ptr[T any](v T) *T { return &v }

// world is a Reader with plain values. Every method may be made to fail.
type world struct {
	adoptionWorld
	checks checksWorld
	projectWorld
	advisoriesWorld
	changesWorld
	releasesWorld
	observations observation.Observations
	cohorts      map[observation.Cohort][]observation.CohortPoint
	advisories   map[observation.Cohort]observation.AdvisoryCounts
	fresh        []observation.NewAdvisory
	changes      []observation.Change
	ledger       []observation.Break
	findings     observation.Findings
	imports      []observation.ImportDay
	projects     map[string]observation.ProjectDetail
	scores       map[string][]observation.ScorePoint
	sources      []observation.SourceStatus
	tables       []observation.TableInfo
	rows         map[string][][]string
	fail         map[string]error                                          // by method
	stream       func(ctx context.Context, row func([]string) error) error // in place of rows
	mu           sync.Mutex
	calls        map[string]int // guarded by mu
}

func (w *world) call(method string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls != nil {
		w.calls[method]++
	}
	return w.fail[method]
}

func (w *world) Observations(context.Context) (observation.Observations, error) {
	return w.observations, w.call("Observations")
}

func (w *world) CohortPoints(_ context.Context, c observation.Cohort, _ observation.Weighting) ([]observation.CohortPoint, error) {
	return w.cohorts[c], errors.Join(w.fail["CohortPoints"], w.fail["CohortPoints "+string(c)])
}

func (w *world) Advisories(_ context.Context, c observation.Cohort) (observation.AdvisoryCounts, error) {
	return w.advisories[c], w.fail["Advisories"]
}

func (w *world) NewAdvisories(_ context.Context, _ observation.Cohort, _, _ time.Time, limit int) ([]observation.NewAdvisory, error) {
	return w.fresh[:min(limit, len(w.fresh))], w.fail["NewAdvisories"]
}

func (w *world) Changes(context.Context, observation.Cohort) ([]observation.Span, error) {
	if len(w.changes) == 0 {
		return nil, w.fail["Changes"]
	}
	return []observation.Span{{From: w.changes[0].From, To: w.changes[0].To, Changes: w.changes}}, w.fail["Changes"]
}

func (w *world) Breaks(context.Context) ([]observation.Break, error) {
	return w.ledger, w.fail["Breaks"]
}

func (w *world) Findings(context.Context) (observation.Findings, error) {
	return w.findings, w.fail["Findings"]
}

func (w *world) ImportDays(context.Context) ([]observation.ImportDay, error) {
	return w.imports, w.fail["ImportDays"]
}

func (w *world) Projects(_ context.Context, q observation.ProjectsQuery) ([]observation.ProjectRow, int, error) {
	w.mu.Lock()
	w.queries = append(w.queries, q)
	w.mu.Unlock()
	var rows []observation.ProjectRow
	for _, name := range []string{"urllib3", "requests", "lonely", "unfetched"} {
		if d, ok := w.projects[name]; ok && strings.Contains(name, q.Text) && (q.State == "" || d.ScoreState == q.State) {
			rows = append(rows, d.ProjectRow)
		}
	}
	total := len(rows)
	rows = rows[min(q.Offset, total):]
	return rows[:min(q.Limit, len(rows))], total, w.fail["Projects"]
}

func (w *world) Project(_ context.Context, name string) (observation.ProjectDetail, error) {
	if err := w.fail["Project"]; err != nil {
		return observation.ProjectDetail{}, err
	}
	d, ok := w.projects[name]
	if !ok {
		return d, fmt.Errorf("project %s: %w", name, ErrNotFound)
	}
	return d, nil
}

func (w *world) ProjectScores(_ context.Context, name string) ([]observation.ScorePoint, error) {
	if _, ok := w.projects[name]; !ok {
		return nil, ErrNotFound
	}
	return w.scores[name], w.fail["ProjectScores"]
}

func (w *world) Nearest(context.Context, string, int) ([]string, error) {
	return []string{"urllib3"}, w.fail["Nearest"]
}

func (w *world) Sources(context.Context) ([]observation.SourceStatus, error) {
	return w.sources, w.fail["Sources"]
}

func (w *world) Tables(context.Context) ([]observation.TableInfo, error) {
	return w.tables, w.fail["Tables"]
}

func (w *world) StreamTable(ctx context.Context, table string, row func([]string) error) error {
	if err := w.fail["StreamTable"]; err != nil {
		return err
	}
	if w.stream != nil {
		return w.stream(ctx, row)
	}
	for _, r := range w.rows[table] {
		if err := row(r); err != nil {
			return err
		}
	}
	return nil
}

// newWorld is an ecosystem with four years of weekly observations, two breaks
// of each kind, one outage and four projects, one of each state.
func newWorld() *world {
	w := &world{
		advisoriesWorld: newAdvisoriesWorld(),
		changesWorld:    newChangesWorld(),
		observations: observation.Observations{
			First: date("2022-07-29"), Newest: date("2026-06-15"), Accepted: 200, Suspect: 1,
			RankOn: date("2026-04-01"), Advisory: time.Date(2026, 7, 22, 9, 30, 0, 0, time.UTC), Malware: date("2025-06-04"), KnownFrom: date("2026-07-22"),
		},
		cohorts:    map[observation.Cohort][]observation.CohortPoint{},
		advisories: map[observation.Cohort]observation.AdvisoryCounts{},
		ledger: []observation.Break{
			{Start: date("2022-10-01"), Scope: "source", Item: "pypiscorecards", Kind: observation.BreakSuspect, What: "Outage of the archive.", Evidence: "364 of 3,654 lost all."},
			{Start: date("2023-05-08"), Scope: "aggregate", Kind: observation.BreakCut, What: "Two checks changed meaning."},
			{Start: date("2023-05-08"), Scope: "check", Item: "Token-Permissions", Kind: observation.BreakCut, What: "Token-Permissions changed meaning."},
			{Start: date("2024-12-01"), Scope: "list", Item: "top-pypi-packages", Kind: observation.BreakCut, What: "The list counts all installers."},
			{Start: date("2025-07-29"), End: date("2025-10-08"), Scope: "source", Item: "pypiscorecards", Kind: observation.BreakFrozen, What: "The archive repeats itself."},
		},
		checks:        newChecksWorld(),
		projects:      map[string]observation.ProjectDetail{},
		scores:        map[string][]observation.ScorePoint{},
		projectWorld:  newProjectWorld(),
		fail:          map[string]error{},
		releasesWorld: newReleasesWorld(),
		calls:         map[string]int{},
	}
	for _, c := range observation.RankCohorts() {
		for i, d := 0, date("2022-07-29"); !d.After(date("2026-06-15")); i, d = i+1, d.AddDate(0, 0, 7) {
			if d.Month() == time.June && d.Year() == 2026 && d.Day() > 12 {
				break
			}
			if c == observation.CohortTop15000 && d.Before(date("2025-02-08")) {
				continue
			}
			w.cohorts[c] = append(w.cohorts[c], cohortPoint(c, d, i))
		}
		w.cohorts[c] = append(w.cohorts[c], cohortPoint(c, date("2026-06-15"), 500))
	}
	for _, c := range append(observation.RankCohorts(), observation.CohortAll) {
		w.advisories[c] = advisoryCounts()
	}
	for i, what := range []string{"aggregate", "check", "check", "result", "cohort"} {
		change := observation.Change{What: what, From: date("2026-06-05"), To: date("2026-06-15"), Matched: 730 + i, Rose: 5 - i, Fell: i,
			RoseProjects: []string{"urllib3"}, FellProjects: []string{"requests"}}
		switch i {
		case 0:
			change.Mean = ptr(0.0132)
		case 1, 2:
			change.Item = []string{"Maintained", "Token-Permissions"}[i-1]
		}
		w.changes = append(w.changes, change)
	}
	w.fresh = []observation.NewAdvisory{{Group: group("CVE-2026-0001", "day"), Projects: []string{"urllib3"}}}
	w.addProjects()
	w.addAdoption()
	w.sources = []observation.SourceStatus{
		{Collector: "osv", LastTry: now.Add(-time.Hour), LastSuccess: now.Add(-time.Hour), State: observation.RunOK, Through: now.Add(-26 * time.Hour), Rows: 15900},
		{Collector: "pypi", LastTry: now.Add(-time.Hour), State: observation.RunFailed, ErrorClass: observation.ClassMalformed, Error: "<b>not JSON</b>"},
	}
	w.tables = []observation.TableInfo{
		{Name: "ranks", Comment: "Download ranks", Rows: 3, Bytes: 2048, Columns: []observation.Column{
			{Name: "project", Type: "String"}, {Name: "rank", Type: "UInt32"}, {Name: "delta", Type: "Nullable(Int32)"}, {Name: "known_at", Type: "DateTime64(3, 'UTC')"},
		}},
	}
	w.rows = map[string][][]string{"ranks": {
		{"project", "rank", "delta", "known_at"},
		{"urllib3", "4", "-3", "2026-04-01T00:00:00Z"},
		{"=cmd|' /C calc'!A0", "5", "", "2026-04-01T00:00:00Z"},
		{"-3", "6", "+1", "2026-04-01T00:00:00Z"},
		{"a \"quoted\", name\nof two lines", "7", "", "2026-04-01T00:00:00Z"},
	}}
	return w
}

func cohortPoint(c observation.Cohort, d time.Time, i int) observation.CohortPoint {
	size := c.Size()
	scored := size*3/4 - i%7
	median := 5.5 + 0.3*math.Sin(float64(i)/9)
	p := observation.CohortPoint{
		Date: d, ListOn: time.Date(d.Year(), d.Month(), 1, 0, 0, 0, 0, time.UTC), Source: "archive",
		Size: size, Asked: size, NoResult: size - scored, Scored: scored, Coverage: float64(scored) / float64(size), N: scored,
		Mean: ptr(median + 0.1), P10: ptr(median - 1.8), P25: ptr(median - 1), P50: ptr(median), P75: ptr(median + 1.2), P90: ptr(median + 2),
	}
	if d.Equal(date("2022-09-30")) {
		p.Suspect, p.Reason = true, "364 of 3,654 projects lost all results"
	}
	if d.Equal(date("2026-06-15")) && c == observation.CohortTop1000 {
		p.Scored, p.N, p.Coverage, p.NoResult, p.P50 = 738, 738, 0.738, 262, ptr(5.7123)
	}
	return p
}

// advisoryCounts has no group in February 2023, and one without a severity.
func advisoryCounts() observation.AdvisoryCounts {
	a := observation.AdvisoryCounts{Year: 29, Unknown: 2, Malware: 9207, Withdrawn: 11, Lag90: 40}
	for m := date("2022-07-01"); !m.After(date("2026-07-01")); m = m.AddDate(0, 1, 0) {
		if m.Equal(date("2023-02-01")) {
			continue
		}
		groups := map[string]int{"critical": 1, "high": int(m.Month()), "medium": 3, "unknown": 2}
		for _, n := range groups {
			a.Day += n
		}
		a.Months = append(a.Months, observation.AdvisoryMonth{Month: m, Groups: groups})
	}
	return a
}

func group(id, precision string) observation.Group {
	return observation.Group{
		ID: "PYSEC-2026-1", Name: id, Kind: "vulnerability", Live: true, Members: []string{"PYSEC-2026-1"}, Aliases: []string{id, "GHSA-aaaa-bbbb-cccc"},
		Disclosed: date("2026-05-13"), Precision: precision, Score: ptr(7.5), Severity: "high", Summary: "A <script>alert(1)</script> flaw",
	}
}

func (w *world) addProjects() {
	checks := []observation.Check{
		{Name: "Binary-Artifacts", Score: ptr(int8(10))}, {Name: "Branch-Protection", Score: ptr(int8(8))}, {Name: "License", Score: ptr(int8(10))},
		{Name: "Signed-Releases", Score: ptr(int8(0))}, {Name: "Packaging"},
	}
	urllib3 := observation.ProjectDetail{
		ProjectRow: observation.ProjectRow{
			Project: "urllib3", DisplayName: "urllib3", Rank: 4, Downloads: 1_200_000_000, LatestVersion: "2.7.0", LatestUpload: date("2026-05-07"), Status: "active",
			Repository: "github.com/urllib3/urllib3", Trust: observation.TrustAttested, ScoreState: observation.ScoreScored, ScoreSource: observation.SourceArchive,
			ScoreOn: date("2026-06-15"), Aggregate: ptr(8.5123456), Core: ptr(8.4), Groups: 2, LatestAffect: 1,
		},
		RankOn: date("2026-04-01"), RankSize: 15000, InIndex: true, InJSON: true, AskedAt: now, Summary: "HTTP <b>library</b>", RequiresPython: ">=3.10", License: "MIT", Owners: []string{"ann", "cleo"},
		Repositories: []observation.RepositoryView{{Repository: "github.com/urllib3/urllib3", Trust: observation.TrustAttested, Since: date("2026-07-10")}},
		Result: &observation.ScorecardResult{Subject: "urllib3", ObservedOn: date("2026-06-15"), Source: observation.SourceArchive, State: observation.StateScored,
			Aggregate: ptr(8.5123456), Core: ptr(8.4), CheckSet: "Binary-Artifacts,Branch-Protection,License,Packaging,SAST,Signed-Releases", Checks: checks},
		Other: &observation.ScorecardResult{Subject: "github.com/urllib3/urllib3", Commit: "0123456789abcdef0123456789abcdef01234567", ObservedOn: date("2026-06-12"), Source: observation.SourceAPI, State: observation.StateScored, Aggregate: ptr(8.6),
			Checks: []observation.Check{{Name: "Branch-Protection", Score: ptr(int8(8)), Reason: "branch protection is <i>not</i> maximal", Details: []string{"Warn: no review: .github/workflows/ci.yml:12: see it", "Warn: b", "Info: c", "Info: d", "Info: e", "Info: f"}}}},
		Exposures: []observation.Exposure{
			{Group: group("CVE-2026-44431", "day"), Affected: "1.23 to before 2.7.0", FixedIn: []string{"2.7.0"}, FixedAt: date("2026-05-07"), FixDays: ptr(-6), LatestAffected: ptr(false)},
			{Group: group("CVE-2026-21441", "year"), Affected: "all versions", LatestAffected: ptr(true)},
		},
		Releases: []observation.Release{
			{Version: "2.7.0", FirstAt: date("2026-05-07"), Files: 2, Attested: 2, PEP440: true},
			{Version: "2.2.3", FirstAt: date("2024-09-12"), Files: 2, PEP440: true},
			{Version: "1.0.dev1", FirstAt: date("2014-09-12"), Files: 1, Yanked: 1, YankReason: "broken", Prerelease: true, PEP440: true, Unknown: 1},
		},
	}
	w.projects["urllib3"] = urllib3
	requests := urllib3
	requests.ProjectRow.Project, requests.ProjectRow.DisplayName, requests.Rank = "requests", "Requests", 5
	requests.MalwareGroups = []observation.Group{{ID: "MAL-2025-1", Name: "MAL-2025-1", Kind: "malware", Live: true, Members: []string{"MAL-2025-1"}, Severity: "unknown", Precision: "day", Disclosed: date("2025-06-04")}}
	requests.Exposures, requests.Status = nil, "archived"
	requests.Repository, requests.Trust = "javascript:alert(1)//", observation.TrustDeclared
	w.projects["requests"] = requests
	w.projects["lonely"] = observation.ProjectDetail{
		ProjectRow: observation.ProjectRow{Project: "lonely", ScoreState: observation.ScoreNoRepository, LatestVersion: "0.1"}, InIndex: true,
		Missing: "No repository: PyPI was asked, and its answer names none.",
	}
	w.projects["unfetched"] = observation.ProjectDetail{ProjectRow: observation.ProjectRow{Project: "unfetched", Rank: 900, ScoreState: observation.ScoreNotFetched}, Missing: "Not fetched yet: its turn has not come."}
	for _, p := range w.cohorts[observation.CohortTop1000] {
		s := observation.ScorePoint{Date: p.Date, Source: observation.SourceArchive, State: observation.StateScored, Aggregate: ptr(8.5), Core: ptr(8.4), Checks: 15}
		switch {
		case p.Suspect:
			s.State, s.Aggregate, s.Core, s.Checks, s.Suspect = observation.StateNoResult, nil, nil, 0, true
		case p.Date.Before(date("2023-05-08")):
			s.Core = ptr(9.3)
		case p.Date.After(date("2026-03-07")):
			s.Checks, s.Aggregate = 14, ptr(8.1)
		}
		w.scores["urllib3"] = append(w.scores["urllib3"], s)
	}
}

// site is a server over a world.
type site struct {
	*Server
	world    *world
	ready    bool
	activity []Activity
	mode     Mode
	now      time.Time
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{world: newWorld(), ready: true, mode: Mode{Upstream: "mirror"}, now: now}
	var err error
	s.Server, err = New(Config{
		Backend:  func() (Reader, bool) { return s.world, s.ready },
		Activity: func() []Activity { return s.activity },
		Mode:     func() Mode { return s.mode },
		Cadence: map[string]Cadence{
			"ranks": {Period: 31 * 24 * time.Hour, Dated: true}, "pypiscorecards": {Period: 7 * 24 * time.Hour, Dated: true}, "scorecard": {Period: 7 * 24 * time.Hour, Dated: true, Deadline: 4 * time.Hour}, "osv": {Period: time.Hour}, "pypi": {Period: 24 * time.Hour},
		},
		BaseURL: "https://pyrometer.example",
		Version: "test",
		Now:     func() time.Time { return s.now },
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
		Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return s
}

// get asks for a path through the whole router.
func (s *site) get(t testing.TB, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return s.do(t, http.MethodGet, path, headers...)
}

func (s *site) do(t testing.TB, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

var errStore = errors.New("the store is away")

func tablesNamed(names ...string) []observation.TableInfo {
	var out []observation.TableInfo
	for _, n := range names {
		out = append(out, observation.TableInfo{Name: n, Columns: []observation.Column{{Name: "a", Type: "String"}}})
	}
	return out
}

// says reports whether a page holds a text, in lines that are kept together or not.
func says(body, text string) bool {
	return strings.Contains(body, text) || strings.Contains(body, format.Keep(text))
}
