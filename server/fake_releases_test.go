package server

import (
	"context"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// releasesWorld is what a world answers about releases, CPython and the sources.
type releasesWorld struct {
	months       []observation.ReleasesPoint
	now          observation.ReleasesNow
	dormant      []observation.DormantProject
	cycles       []observation.PythonCycleState
	cpython      observation.CPythonAdvisories
	kevCVEs      map[string]observation.ExploitedCVE
	repository   *observation.ScorecardResult
	sourceMonths []observation.SourceMonth
}

func (w *world) ReleaseMonths(context.Context, observation.Cohort) ([]observation.ReleasesPoint, error) {
	return w.months, w.fail["ReleaseMonths"]
}

func (w *world) ReleasesNow(context.Context, observation.Cohort) (observation.ReleasesNow, error) {
	return w.now, w.fail["ReleasesNow"]
}

func (w *world) Dormant(_ context.Context, q observation.DormantQuery) ([]observation.DormantProject, error) {
	list := w.dormant[min(q.Offset, len(w.dormant)):]
	return list[:min(q.Limit, len(list))], w.fail["Dormant"]
}

func (w *world) PythonCycles(context.Context, time.Time) ([]observation.PythonCycleState, error) {
	return w.cycles, w.fail["PythonCycles"]
}

func (w *world) CPythonAdvisories(context.Context) (observation.CPythonAdvisories, error) {
	return w.cpython, w.fail["CPythonAdvisories"]
}

func (w *world) Exploited(context.Context, []string) (map[string]observation.ExploitedCVE, error) {
	return w.kevCVEs, w.fail["Exploited"]
}

func (w *world) RepositoryResult(context.Context, string) (observation.ScorecardResult, error) {
	if w.repository == nil {
		return observation.ScorecardResult{}, ErrNotFound
	}
	return *w.repository, w.fail["RepositoryResult"]
}

func (w *world) SourceMonths(context.Context) ([]observation.SourceMonth, error) {
	return w.sourceMonths, w.fail["SourceMonths"]
}

// newReleasesWorld has 13 months of releases of a cohort of which 40 projects
// are known, two of them dormant, and a CPython of four cycles and four records.
func newReleasesWorld() releasesWorld {
	w := releasesWorld{
		now: observation.ReleasesNow{
			Through: date("2026-07-22"), Size: 1000, Known: 40, Releases: 900, Yanked: 9, YankedIn: 3, Dormant365: 2, Dormant730: 1, Affected365: 1,
			Timed: 38, P25: ptr(12.4), P50: ptr(36.2), P75: ptr(101.0), Stated: 35, Newest: 30, Unexplained: 1,
			Python:  map[observation.PythonSupport]int{observation.PythonCurrent: 20, observation.PythonAdmits: 12, observation.PythonOnlyEOL: 3, observation.PythonUnknown: 5},
			Reasons: []observation.YankReason{{Reason: "<b>broken</b> wheel", Projects: 2}},
		},
		dormant: []observation.DormantProject{
			{Project: "lonely", DisplayName: "Lonely", Rank: 7, Downloads: 9000, LastVersion: "0.1", LastAt: date("2020-01-02"), Days: 2393, LatestAffect: 1, Through: date("2026-07-22")},
			{Project: "requests", Rank: 9, Downloads: 8000, LastVersion: "1.0", LastAt: date("2025-07-01"), Days: 386, Status: "archived", Through: date("2026-07-22")},
		},
		cycles: []observation.PythonCycleState{
			{PythonCycle: observation.PythonCycle{Name: "3.14", ReleasedOn: date("2025-10-07"), ActiveTo: date("2027-10-01"), EndsOn: date("2030-10-31"), Latest: "3.14.4", LatestOn: date("2026-07-01")}, State: observation.CycleBugfix},
			{PythonCycle: observation.PythonCycle{Name: "3.11", ReleasedOn: date("2022-10-24"), ActiveTo: date("2024-04-01"), EndsOn: date("2027-10-31"), Latest: "3.11.12"}, State: observation.CycleSecurity},
			{PythonCycle: observation.PythonCycle{Name: "3.9", ReleasedOn: date("2020-10-05"), EndsOn: date("2025-10-31"), Ended: true, Latest: "3.9.25"}, State: observation.CycleEnded},
			{PythonCycle: observation.PythonCycle{Name: "2.7", Ended: true}, State: observation.CycleEnded},
		},
		cpython: observation.CPythonAdvisories{
			Years: map[int]int{2023: 2, 2026: 1}, Undated: 1, Through: date("2026-07-20"),
			Records: []observation.CPythonRecord{
				{CPythonAdvisory: observation.CPythonAdvisory{ID: "PSF-2026-1", Aliases: []string{"CVE-2026-1"}, Published: date("2026-05-01"), Summary: "<script>x</script>", Repository: "https://github.com/python/cpython",
					Introduced: []string{"0"}, Fixed: []string{"0123456789abcdef", "not a commit"}, Versions: []string{"v3.13.0"}}, Score: ptr(9.8), Severity: "critical"},
				{CPythonAdvisory: observation.CPythonAdvisory{ID: "PSF-2023-2", Aliases: []string{"CVE-2023-2"}, Published: date("2023-05-01"), Repository: "javascript:alert(1)", Introduced: []string{"abcdef0123"}, Fixed: []string{"abcdef0124"}}, Severity: "unknown"},
				{CPythonAdvisory: observation.CPythonAdvisory{ID: "PSF-2023-1", Published: date("2023-04-01")}, Severity: "unknown"},
				{CPythonAdvisory: observation.CPythonAdvisory{ID: "PSF-2022-1", Published: date("2022-04-01"), Withdrawn: date("2022-05-01")}, Severity: "low"},
			},
		},
		kevCVEs: map[string]observation.ExploitedCVE{"CVE-2026-1": {CVE: "CVE-2026-1", AddedOn: date("2026-06-01")}},
	}
	for i := range 13 {
		month := date("2025-07-01").AddDate(0, i, 0)
		through := month.AddDate(0, 1, -1)
		if i == 12 {
			through = date("2026-07-22")
		}
		w.months = append(w.months, observation.ReleasesPoint{
			Month: month, Through: through, ListOn: date("2025-07-01"), Size: 1000, Known: 40, Releases: 10 + i, Prereleases: i % 3, YankedReleases: i % 2, Released: 8,
			Dormant365: 2, Dormant730: 1, PythonNewest: 30,
			Python: map[observation.PythonSupport]int{observation.PythonCurrent: 20, observation.PythonAdmits: 12, observation.PythonOnlyEOL: 3, observation.PythonUnknown: 5},
		})
	}
	w.months[3].Known = 0
	w.months = append(w.months[:5], w.months[6:]...) // no list long enough in December
	for i := range 40 {
		m := date("2023-04-01").AddDate(0, i, 0)
		w.sourceMonths = append(w.sourceMonths, observation.SourceMonth{Collector: "ranks", Month: m, Count: 1})
		if i%5 > 0 {
			w.sourceMonths = append(w.sourceMonths, observation.SourceMonth{Collector: "pypiscorecards", Month: m, Count: 4, Suspect: i % 7 / 6})
		}
	}
	return w
}
