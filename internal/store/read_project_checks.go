package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// How far the checks of a project are followed: more is a read of its whole
// history.
const (
	checkQuarters = 12 // the last observation of each
	recentChecks  = 13 // observations
)

// ProjectChecks returns what the checks of a project were at the last accepted
// observation with a result in each of the last twelve quarters, and at each of
// its last thirteen, oldest first. They are of the source of the project's value;
// a quarter in which that source has none takes the other's.
func (s *Store) ProjectChecks(ctx context.Context, name string) ([]observation.CheckDay, error) {
	days, err := cachedObject(ctx, s, "check days "+name, func(ctx context.Context, _ generations) ([]observation.CheckDay, error) {
		summary, err := s.projectSummary(ctx, name)
		if errors.Is(err, ErrNotFound) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		points, err := s.ProjectScores(ctx, name)
		if err != nil {
			return nil, err
		}
		keys := checkDays(points, summary.ScoreSource)
		if len(keys) == 0 {
			return nil, nil
		}
		for i := range keys {
			keys[i].subject = name
			if keys[i].source == observation.SourceAPI {
				keys[i].subject = summary.Repository
			}
		}
		return s.loadCheckDays(ctx, keys)
	})
	return slices.Clone(days), err
}

// checkDays chooses the observations of points, which are oldest first, that
// ProjectChecks returns.
func checkDays(points []observation.ScorePoint, preferred observation.ScorecardSource) []resultKey {
	points = slices.DeleteFunc(slices.Clone(points), func(p observation.ScorePoint) bool {
		return p.Suspect || p.State != observation.StateScored
	})
	if len(points) == 0 {
		return nil
	}
	if preferred == "" {
		preferred = points[len(points)-1].Source
	}
	chosen := make(map[resultKey]bool)
	quarters := make(map[time.Time]observation.ScorecardSource)
	recent := 0
	first := points[len(points)-1].Date
	first = observation.ByQuarter.Start(first).AddDate(0, -3*(checkQuarters-1), 0)
	for _, wanted := range []bool{true, false} { // first the preferred source
		for _, p := range slices.Backward(points) {
			if (p.Source == preferred) != wanted {
				continue
			}
			quarter := observation.ByQuarter.Start(p.Date)
			_, taken := quarters[quarter]
			if !taken && !quarter.Before(first) {
				quarters[quarter] = p.Source
				chosen[resultKey{source: p.Source, on: dayOf(p.Date)}] = true
			}
			if wanted && recent < recentChecks {
				recent++
				chosen[resultKey{source: p.Source, on: dayOf(p.Date)}] = true
			}
		}
	}
	keys := make([]resultKey, 0, len(chosen))
	for k := range chosen {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b resultKey) int { return cmp.Or(cmp.Compare(a.on, b.on), cmp.Compare(a.source, b.source)) })
	return keys
}

// loadCheckDays reads results with the scores of their checks, by key, in the
// order of the keys.
func (s *Store) loadCheckDays(ctx context.Context, keys []resultKey) ([]observation.CheckDay, error) {
	type dayKey struct {
		source observation.ScorecardSource
		on     day
	}
	found := make(map[dayKey]*observation.CheckDay)
	scores := make(map[dayKey]map[string]int8)
	leftOut := make(map[dayKey]map[string]bool)
	where := keyParams(keys)
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error {
		return s.queryEach(ctx, "project.check_days", func(rows driver.Rows) error {
			var d observation.CheckDay
			var subject, set string
			var aggregate, core *float32
			if err := rows.Scan(&subject, &d.On, (*string)(&d.Source), &aggregate, &core, &set, &d.ToolVersion, &d.Commit); err != nil {
				return err
			}
			d.Aggregate, d.Core = shortFloat(aggregate), shortFloat(core)
			if set != "" {
				d.Listed = strings.Split(set, ",")
			}
			found[dayKey{d.Source, dayOf(d.On)}] = &d
			return nil
		}, where...)
	})
	all.Go(func() error {
		return s.queryEach(ctx, "project.check_scores", func(rows driver.Rows) error {
			var on time.Time
			var k dayKey
			var check string
			var score int8
			if err := rows.Scan(&on, (*string)(&k.source), &check, &score); err != nil {
				return err
			}
			k.on = dayOf(on)
			if scores[k] == nil {
				scores[k] = make(map[string]int8)
			}
			scores[k][check] = score
			return nil
		}, where...)
	})
	all.Go(func() error {
		findings, err := s.Findings(ctx)
		for _, l := range findings.Suspects {
			if !l.State.LeftOut() {
				continue
			}
			k := dayKey{l.Source, dayOf(l.Date)}
			if leftOut[k] == nil {
				leftOut[k] = make(map[string]bool)
			}
			leftOut[k][l.Check] = true
		}
		return err
	})
	if err := all.Wait(); err != nil {
		return nil, err
	}
	var days []observation.CheckDay
	for _, key := range keys {
		k := dayKey{key.source, key.on}
		if d := found[k]; d != nil {
			d.Scores, d.LeftOut = scores[k], leftOut[k]
			days = append(days, *d)
		}
	}
	return days, nil
}

// keyParams binds the subjects and the days of some results.
func keyParams(keys []resultKey) []any {
	var subjects, days []string
	for _, k := range keys {
		subjects, days = append(subjects, k.subject), append(days, k.on.time().Format(time.DateOnly))
	}
	return []any{param("subjects", subjects), param("days", days)}
}

// deciles is in how many parts a rank list is cut for Peers.
const deciles = 10

// Peers returns the projects of the same tenth of the newest rank list as a
// rank, ErrNotFound for a rank outside the list.
func (s *Store) Peers(ctx context.Context, rank int) (observation.Peers, error) {
	lists, err := s.keptLists(ctx)
	if err != nil {
		return observation.Peers{}, err
	}
	if len(lists) == 0 || rank < 1 || rank > int(lists[len(lists)-1].size) {
		return observation.Peers{}, fmt.Errorf("rank %d: %w", rank, ErrNotFound)
	}
	list := lists[len(lists)-1]
	p := observation.Peers{ListOn: list.on.time(), Decile: decileOf(rank, int(list.size))}
	p.First, p.Last = (p.Decile-1)*int(list.size)/deciles+1, p.Decile*int(list.size)/deciles
	p.Size = p.Last - p.First + 1
	return cached(ctx, s, fmt.Sprintf("peers %d of %d", p.Decile, list.on), func(ctx context.Context, published generations) (observation.Peers, error) {
		return s.loadPeers(ctx, p, published[datasetSummaries])
	})
}

// decileOf returns the tenth of a list of some size that a rank lies in.
func decileOf(rank, size int) int {
	d := 1
	for d < deciles && rank > d*size/deciles {
		d++
	}
	return d
}

// loadPeers fills in what the values of the peers are.
func (s *Store) loadPeers(ctx context.Context, p observation.Peers, generation uint64) (observation.Peers, error) {
	where := []any{param("generation", generation), param("first", p.First), param("last", p.Last)}
	p.Checks = make(map[string]observation.PeerCheck)
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		return s.queryEach(ctx, "peers.checks", func(rows driver.Rows) error {
			var name string
			var n, high uint64
			var c observation.PeerCheck
			if err := rows.Scan(&name, &n, &high, &c.Median); err != nil {
				return err
			}
			c.N, c.High = int(n), int(high)
			p.Checks[name] = c
			return nil
		}, where...)
	})
	both.Go(func() error {
		var n uint64
		var quartiles []float64
		err := s.queryRow(ctx, "peers.core", []any{&n, &quartiles}, where...)
		if p.N = int(n); err == nil && n > 0 && len(quartiles) == 3 {
			p.P25, p.P50, p.P75 = &quartiles[0], &quartiles[1], &quartiles[2]
		}
		return err
	})
	err := both.Wait()
	return p, err
}
