package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// RecentChanges returns the changes that match, newest first, and the number of
// all of them.
func (s *Store) RecentChanges(ctx context.Context, q observation.ChangesQuery) ([]observation.DatedChange, int, error) {
	published, err := s.generations(ctx)
	if err != nil {
		return nil, 0, err
	}
	limit := uint64(q.Limit)
	if q.Limit <= 0 {
		limit = math.MaxUint32
	}
	var list []observation.DatedChange
	var total uint64
	err = s.queryEach(ctx, "changes.list", func(rows driver.Rows) error {
		var n observation.DatedChange
		var before *time.Time
		var rank, rankBefore uint32
		if err := rows.Scan((*string)(&n.Kind), (*string)(&n.Cause), &n.On, &before, &n.Project, &rank, &rankBefore, &n.Item, &n.Name, &n.Severity,
			&n.What, &n.Version, &n.From, &n.To, &n.Checks, &n.Why, &n.Repository, &n.Commits[0], &n.Commits[1], &total); err != nil {
			return err
		}
		n.BeforeOn, n.Rank, n.RankBefore = timeOf(before), int(rank), int(rankBefore)
		list = append(list, n)
		return nil
	}, append(changesParams(published, q), param("kind", string(q.Kind)), param("cause", string(q.Cause)), param("apart", bit(q.Apart)),
		param("limit", limit), param("offset", uint64(max(q.Offset, 0))))...)
	return list, int(total), err
}

// ChangeCounts counts the changes of a cohort and project since a day, by kind
// and cause; Kind, Cause, Apart, Limit and Offset of q do not matter.
func (s *Store) ChangeCounts(ctx context.Context, q observation.ChangesQuery) (observation.ChangeCounts, error) {
	key := fmt.Sprintf("change counts %s %s %q", q.Cohort, q.Since.Format(time.DateOnly), q.Project)
	return cachedObject(ctx, s, key, func(ctx context.Context, published generations) (observation.ChangeCounts, error) {
		found := observation.ChangeCounts{Known: published[datasetRecent] > 0, Causes: make(map[observation.Cause]observation.ChangeCount)}
		err := s.queryEach(ctx, "changes.counts", func(rows driver.Rows) error {
			var n observation.ChangeCount
			var changes, projects uint64
			var parts map[string]uint64
			if err := rows.Scan((*string)(&n.Kind), (*string)(&n.Cause), &changes, &projects, &parts); err != nil {
				return err
			}
			n.Changes, n.Projects = int(changes), int(projects)
			if n.Kind == "" {
				found.Causes[n.Cause] = n
				return nil
			}
			n.What = make(map[string]int)
			for what, count := range parts {
				if what != "" {
					n.What[what] = int(count)
				}
			}
			found.Kinds = append(found.Kinds, n)
			return nil
		}, changesParams(published, q)...)
		if err != nil {
			return found, err
		}
		dates, err := s.snapshots(ctx, published[datasetScores])
		if err != nil {
			return found, err
		}
		if from := recentFrom(dates); from.Unix() > 0 {
			found.KeptFrom = from
		}
		var size uint64
		var listOn time.Time
		if err := s.queryRow(ctx, "changes.list_size", []any{&listOn, &size}); err != nil {
			return found, err
		}
		if found.List = int(size); size > 0 {
			found.ListOn = listOn
		}
		return found, nil
	})
}

func changesParams(published generations, q observation.ChangesQuery) []any {
	return []any{
		param("generation", published[datasetRecent]), dateParam("since", q.Since),
		param("size", q.Cohort.Size()), param("project", q.Project),
	}
}

// LateRuns returns the good runs of each collector, oldest first, that ended when
// what it had before was older than staleAfter says. dated lists the collectors
// that are judged by the date of their data.
func (s *Store) LateRuns(ctx context.Context, staleAfter map[string]time.Duration, dated []string) ([]observation.LateRun, error) {
	var collectors []string
	for name := range staleAfter {
		collectors = append(collectors, name)
	}
	slices.Sort(collectors)
	seconds := make([]uint32, len(collectors))
	for i, name := range collectors {
		seconds[i] = uint32(staleAfter[name] / time.Second)
	}
	var list []observation.LateRun
	err := s.queryEach(ctx, "changes.late_runs", func(rows driver.Rows) error {
		var n observation.LateRun
		if err := rows.Scan(&n.Collector, &n.Before, &n.AsOf, &n.At); err != nil {
			return err
		}
		list = append(list, n)
		return nil
	}, param("collectors", collectors), param("seconds", seconds), param("dated", slices.Concat([]string{}, dated)))
	return list, err
}
