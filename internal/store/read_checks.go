package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// CheckRates returns every observation of every check in one cohort, by check
// and oldest first: its rate, its mean and its distribution. By a longer period
// it is the last accepted observation of each; a period without one has the
// last that is left out, which says so.
//
// By repository, a date before the store knew the repository of any project has
// a point that says so.
func (s *Store) CheckRates(ctx context.Context, c observation.Cohort, w observation.Weighting, by observation.Granularity) ([]observation.CheckPoint, error) {
	if !slices.Contains(observation.Weightings(), w) {
		return nil, fmt.Errorf("there is no weighting %q", w)
	}
	points, err := s.checkPoints(ctx, c, w)
	if err != nil {
		return nil, err
	}
	return byPeriod(points, by), nil
}

// checkPoints reads the rollups of the checks of one cohort. They are shared by
// all readers.
func (s *Store) checkPoints(ctx context.Context, c observation.Cohort, w observation.Weighting) ([]observation.CheckPoint, error) {
	return cached(ctx, s, fmt.Sprintf("checks %s %s", c, w), func(ctx context.Context, published generations) ([]observation.CheckPoint, error) {
		var points []observation.CheckPoint
		err := s.queryEach(ctx, "checks.rates", func(rows driver.Rows) error {
			var p observation.CheckPoint
			var size, scored, n, inconclusive, notRun uint32
			var histogram []float64
			if err := rows.Scan(&p.Check, &p.Date, &p.ListOn, &p.Source, &p.Suspect, &size, &scored, &n, &inconclusive, &notRun,
				&p.Share, &p.Mean, &histogram); err != nil {
				return err
			}
			p.Size, p.Scored, p.N, p.Inconclusive, p.NotRun = int(size), int(scored), int(n), int(inconclusive), int(notRun)
			copy(p.Histogram[:], histogram)
			points = append(points, p)
			return nil
		}, param("generation", published[datasetChecks]), param("cohort", string(c)), param("weighting", string(w)))
		if err != nil || w != observation.WeightRepository {
			return points, err
		}
		var known uint16
		if err := s.queryRow(ctx, "repositories.known", []any{&known}); err != nil {
			return nil, err
		}
		byPackage, err := s.checkPoints(ctx, c, observation.WeightPackage)
		return withUnmappedChecks(points, byPackage, unmappedBefore(day(known))), err
	})
}

// withUnmappedChecks is withUnmapped for the points of checks.
func withUnmappedChecks(points, byPackage []observation.CheckPoint, why string) []observation.CheckPoint {
	var first time.Time // at which there are points by repository
	for _, p := range points {
		if first.IsZero() || p.Date.Before(first) {
			first = p.Date
		}
	}
	all := slices.Clone(points)
	for _, p := range byPackage {
		if first.IsZero() || p.Date.Before(first) {
			all = append(all, observation.CheckPoint{Check: p.Check, Date: p.Date, ListOn: p.ListOn, Source: p.Source, Size: p.Size, Unknown: why})
		}
	}
	slices.SortFunc(all, func(a, b observation.CheckPoint) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), a.Date.Compare(b.Date))
	})
	return all
}

// byPeriod keeps one point of each check and period, of points that are in
// order: the last that is in lines, else the last. The points themselves are not changed.
func byPeriod(points []observation.CheckPoint, by observation.Granularity) []observation.CheckPoint {
	out := make([]observation.CheckPoint, 0, len(points))
	for _, p := range points {
		p.Period = periodOf(p.Date, by)
		if n := len(out); n > 0 && out[n-1].Check == p.Check && out[n-1].Period.Equal(p.Period) {
			if inLine(p) || !inLine(out[n-1]) {
				out[n-1] = p
			}
			continue
		}
		out = append(out, p)
	}
	return out
}

// inLine reports whether a point is drawn.
func inLine(p observation.CheckPoint) bool { return !p.Suspect && p.Unknown == "" }

// periodOf is the first day of the period that a day lies in.
func periodOf(t time.Time, by observation.Granularity) time.Time {
	y, m, d := t.Date()
	switch by {
	case observation.ByWeek:
		d -= (int(t.Weekday()) + 6) % 7 // days since Monday
	case observation.ByMonth:
		d = 1
	case observation.ByYear:
		m, d = time.January, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// CheckReasons returns the commonest reasons that the API gives for each check
// in one cohort, at the newest accepted observation: by check, the commonest
// first.
func (s *Store) CheckReasons(ctx context.Context, c observation.Cohort) ([]observation.CheckReason, error) {
	reasons, err := cached(ctx, s, "reasons "+string(c), func(ctx context.Context, published generations) ([]observation.CheckReason, error) {
		var reasons []observation.CheckReason
		err := s.queryEach(ctx, "checks.common_reasons", func(rows driver.Rows) error {
			var r observation.CheckReason
			var projects uint32
			if err := rows.Scan(&r.Check, &r.Reason, &projects, &r.Mean, &r.Date); err != nil {
				return err
			}
			r.Projects = int(projects)
			reasons = append(reasons, r)
			return nil
		}, param("generation", published[datasetChecks]), param("cohort", string(c)))
		return reasons, err
	})
	return slices.Clone(reasons), err
}

// Findings returns the breaks and the losses of single checks that the rules
// found, with the ledger's word on each.
func (s *Store) Findings(ctx context.Context) (observation.Findings, error) {
	return cached(ctx, s, "findings", func(ctx context.Context, published generations) (observation.Findings, error) {
		var f observation.Findings
		var err error
		if f.Breaks, err = s.observedBreaks(ctx, published[datasetChecks]); err != nil {
			return f, err
		}
		f.Suspects, err = s.checkSuspects(ctx, published[datasetChecks])
		return f, err
	})
}

func (s *Store) observedBreaks(ctx context.Context, generation uint64) ([]observation.ObservedBreak, error) {
	var list []observation.ObservedBreak
	err := s.queryEach(ctx, "checks.breaks", func(rows driver.Rows) error {
		var b observation.ObservedBreak
		var on, previous uint16
		var matched uint32
		if err := rows.Scan(&on, &previous, &b.Scope, &b.Item, (*string)(&b.Source), &b.Measure, &b.Value, &matched, (*string)(&b.State)); err != nil {
			return err
		}
		b.Date, b.Previous, b.Matched = day(on).time(), timeOfDay(day(previous)), int(matched)
		list = append(list, b)
		return nil
	}, param("generation", generation))
	return list, err
}

func (s *Store) checkSuspects(ctx context.Context, generation uint64) ([]observation.CheckSuspect, error) {
	var list []observation.CheckSuspect
	err := s.queryEach(ctx, "checks.suspects", func(rows driver.Rows) error {
		var c observation.CheckSuspect
		var on, previous, back uint16
		var had, lost uint32
		if err := rows.Scan(&on, &c.Check, (*string)(&c.Source), &previous, &had, &lost, (*string)(&c.State), &back, &c.Reason); err != nil {
			return err
		}
		c.Date, c.Previous, c.Back, c.Had, c.Lost = day(on).time(), timeOfDay(day(previous)), timeOfDay(day(back)), int(had), int(lost)
		list = append(list, c)
		return nil
	}, param("generation", generation))
	return list, err
}

// loadFindings reads the small tables of one generation, of which a derivation
// copies what cannot have changed.
func (s *Store) loadFindings(ctx context.Context, generation uint64) (findings, error) {
	var f findings
	err := s.queryEach(ctx, "checks.moves", func(rows driver.Rows) error {
		var m move
		var on, previous uint16
		var source string
		var mean float64
		var matched, compared, changed, lost, gained uint32
		if err := rows.Scan(&on, &m.scope, &m.item, &source, &m.state, &previous, &matched, &compared, &mean, &changed, &lost, &gained); err != nil {
			return err
		}
		m.on, m.previous, m.api = day(on), day(previous), source == string(observation.SourceAPI)
		m.Matched, m.Compared, m.Changed, m.Lost, m.Gained = int(matched), int(compared), int(changed), int(lost), int(gained)
		m.mean = mean
		f.moves = append(f.moves, m)
		return nil
	}, param("generation", generation))
	if err != nil {
		return f, err
	}
	if f.breaks, err = s.observedBreaks(ctx, generation); err != nil {
		return f, err
	}
	f.suspects, err = s.checkSuspects(ctx, generation)
	return f, err
}

func (s *Store) writeFindings(ctx context.Context, g generation, f findings) error {
	err := s.writeRows(ctx, g, "observed_moves",
		[]string{"observed_on", "scope", "item", "source", "state", "previous_on", "matched", "compared", "mean", "changed", "lost", "gained"},
		len(f.moves), func(i int) []any {
			m := f.moves[i]
			var mean *float64
			if m.Compared > 0 {
				mean = &m.mean
			}
			return []any{m.on.time(), m.scope, m.item, sourceName(m.api), m.state, nullTime(timeOfDay(m.previous)), uint32(m.Matched), uint32(m.Compared),
				mean, uint32(m.Changed), uint32(m.Lost), uint32(m.Gained)}
		})
	if err != nil {
		return err
	}
	err = s.writeRows(ctx, g, "observed_breaks",
		[]string{"observed_on", "previous_on", "scope", "item", "source", "measure", "value", "matched", "state"},
		len(f.breaks), func(i int) []any {
			b := f.breaks[i]
			return []any{b.Date, nullTime(b.Previous), b.Scope, b.Item, string(b.Source), b.Measure, b.Value, uint32(b.Matched), string(b.State)}
		})
	if err != nil {
		return err
	}
	return s.writeRows(ctx, g, "check_suspects",
		[]string{"observed_on", "check", "source", "previous_on", "had", "lost", "state", "back_on", "reason"},
		len(f.suspects), func(i int) []any {
			c := f.suspects[i]
			return []any{c.Date, c.Check, string(c.Source), nullTime(c.Previous), uint32(c.Had), uint32(c.Lost), string(c.State), nullTime(c.Back), c.Reason}
		})
}
