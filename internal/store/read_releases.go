package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Bounds of what is read of the releases of a cohort.
const (
	maxYankReasons = 12
	maxDormant     = 500
)

// ReleasesNow returns how the releases of one cohort stand now, by the newest
// rank list.
func (s *Store) ReleasesNow(ctx context.Context, c observation.Cohort) (observation.ReleasesNow, error) {
	return cached(ctx, s, "releases now "+string(c), func(ctx context.Context, published generations) (observation.ReleasesNow, error) {
		var now observation.ReleasesNow
		generations := []any{param("size", c.Size()), param("summaries", published[datasetSummaries]), param("adoption", published[datasetAdoption])}
		var size, known, yankedIn, d365, d730, a365, a730, timed, stated, newest, unexplained uint64
		var releases, yanked *uint64
		var through *time.Time
		var intervals []float64
		var python []uint64
		err := s.queryRow(ctx, "releases.now", []any{&size, &through, &known, &releases, &yanked, &yankedIn, &d365, &d730, &a365, &a730,
			&timed, &intervals, &python, &stated, &newest, &unexplained}, generations...)
		if err != nil || c.Size() == 0 || int(size) < c.Size() {
			return now, err // the list is too short: a gap
		}
		now = observation.ReleasesNow{
			Through: timeOf(through), Size: int(size), Known: int(known), YankedIn: int(yankedIn), Dormant365: int(d365), Dormant730: int(d730),
			Affected365: int(a365), Affected730: int(a730), Timed: int(timed), Python: make(map[observation.PythonSupport]int),
			Stated: int(stated), Newest: int(newest), Unexplained: int(unexplained),
		}
		if releases != nil && yanked != nil {
			now.Releases, now.Yanked = int(*releases), int(*yanked)
		}
		if timed > 0 && len(intervals) == 3 {
			now.P25, now.P50, now.P75 = &intervals[0], &intervals[1], &intervals[2]
		}
		for i, support := range pythonSupports {
			now.Python[support] = int(python[i])
		}
		err = s.queryEach(ctx, "releases.reasons", func(rows driver.Rows) error {
			var r observation.YankReason
			var projects uint64
			if err := rows.Scan(&r.Reason, &projects); err != nil {
				return err
			}
			r.Projects = int(projects)
			now.Reasons = append(now.Reasons, r)
			return nil
		}, append(generations, param("limit", maxYankReasons))...)
		return now, err
	})
}

// Dormant returns one page of the projects of a cohort that have had no release
// for some days, by rank. How many there are ReleasesNow tells.
func (s *Store) Dormant(ctx context.Context, q observation.DormantQuery) ([]observation.DormantProject, error) {
	q.Limit, q.Offset = min(max(q.Limit, 0), maxDormant), max(q.Offset, 0)
	list, err := cachedObject(ctx, s, fmt.Sprintf("dormant %+v", q), func(ctx context.Context, published generations) ([]observation.DormantProject, error) {
		var list []observation.DormantProject
		err := s.queryEach(ctx, "releases.dormant", func(rows driver.Rows) error {
			var p observation.DormantProject
			var rank, affected, unknown uint32
			var last *time.Time
			if err := rows.Scan(&p.Project, &p.DisplayName, &rank, &p.Downloads, &p.LastVersion, &last, &p.Through, &p.Status, &affected, &unknown); err != nil {
				return err
			}
			p.Rank, p.LastAt, p.LatestAffect, p.LatestUnknown = int(rank), timeOf(last), int(affected), int(unknown)
			p.Days = int(p.Through.Sub(p.LastAt.Truncate(24*time.Hour)) / (24 * time.Hour))
			list = append(list, p)
			return nil
		}, param("size", q.Cohort.Size()), param("days", max(q.Days, 0)), param("limit", q.Limit), param("offset", q.Offset),
			param("summaries", published[datasetSummaries]), param("adoption", published[datasetAdoption]))
		return list, err
	})
	return slices.Clone(list), err
}
