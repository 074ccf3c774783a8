package store

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Observations tells which Scorecard observations, ranks and advisories are
// stored. What is not stored has a zero date.
func (s *Store) Observations(ctx context.Context) (observation.Observations, error) {
	return cached(ctx, s, "observations", func(ctx context.Context, published generations) (observation.Observations, error) {
		var o observation.Observations
		decided, err := s.snapshots(ctx, published[datasetScores])
		if err != nil {
			return o, err
		}
		for _, d := range decided {
			on := d.on.time()
			if o.First.IsZero() {
				o.First = on
			}
			if d.accepted() {
				o.Accepted++
				o.Newest = on
			} else {
				o.Suspect++
			}
		}
		var rankOn, advisories, malware, knownFrom *time.Time
		err = s.queryRow(ctx, "overview.observations", []any{&rankOn, &advisories, &malware, &knownFrom},
			param("generation", published[datasetAdvisories]), timeParam("now", s.now()))
		if err != nil {
			return o, err
		}
		o.RankOn, o.Advisory, o.Malware, o.KnownFrom = timeOf(rankOn), timeOf(advisories), timeOf(malware), timeOf(knownFrom)
		return o, nil
	})
}

// Changes returns what changed in a cohort up to the newest accepted observation,
// by span: since the one a week before it, and since the oldest of its segment in
// the twelve weeks before it. A span across a cut is absent; where both are the
// same, there is one.
func (s *Store) Changes(ctx context.Context, c observation.Cohort) ([]observation.Span, error) {
	spans, err := cached(ctx, s, "changes "+string(c), func(ctx context.Context, published generations) ([]observation.Span, error) {
		var spans []observation.Span
		err := s.queryEach(ctx, "overview.changes", func(rows driver.Rows) error {
			var n observation.Change
			var matched, rose, fell uint32
			if err := rows.Scan(&n.What, &n.Item, &n.From, &n.To, &matched, &rose, &fell, &n.Mean, &n.RoseProjects, &n.FellProjects); err != nil {
				return err
			}
			n.Matched, n.Rose, n.Fell = int(matched), int(rose), int(fell)
			if last := len(spans) - 1; last < 0 || !spans[last].From.Equal(n.From) {
				spans = append(spans, observation.Span{From: n.From, To: n.To})
			}
			last := &spans[len(spans)-1]
			last.Changes = append(last.Changes, n)
			return nil
		}, param("generation", published[datasetChecks]), param("cohort", string(c)))
		return spans, err
	})
	return slices.Clone(spans), err
}

// Initiatives returns the ledger of policy events, oldest first.
func (s *Store) Initiatives(ctx context.Context) ([]observation.Initiative, error) {
	initiatives, err := cached(ctx, s, "initiatives", func(ctx context.Context, published generations) ([]observation.Initiative, error) {
		return s.initiatives(ctx, published[datasetLedger])
	})
	return slices.Clone(initiatives), err
}

// initiatives reads one generation of the ledger.
func (s *Store) initiatives(ctx context.Context, generation uint64) ([]observation.Initiative, error) {
	var initiatives []observation.Initiative
	err := s.queryEach(ctx, "ledger.initiatives", func(rows driver.Rows) error {
		var i observation.Initiative
		if err := rows.Scan(&i.On, &i.What, &i.Evidence); err != nil {
			return err
		}
		initiatives = append(initiatives, i)
		return nil
	}, param("generation", generation))
	return initiatives, err
}

// Breaks returns the ledger and the breaks that were found and are not in it,
// oldest first.
func (s *Store) Breaks(ctx context.Context) ([]observation.Break, error) {
	breaks, err := cached(ctx, s, "breaks", func(ctx context.Context, published generations) ([]observation.Break, error) {
		ledger, err := s.breaks(ctx, published[datasetLedger])
		if err != nil {
			return nil, err
		}
		found, err := s.observedBreaks(ctx, published[datasetChecks])
		return withFound(ledger, found), err
	})
	return slices.Clone(breaks), err
}

// breaks reads one generation of the ledger.
func (s *Store) breaks(ctx context.Context, generation uint64) ([]observation.Break, error) {
	var breaks []observation.Break
	err := s.queryEach(ctx, "ledger.breaks", func(rows driver.Rows) error {
		var b observation.Break
		var end *time.Time
		if err := rows.Scan(&b.Start, &end, &b.Scope, &b.Item, (*string)(&b.Kind), &b.What, &b.Evidence); err != nil {
			return err
		}
		b.End = timeOf(end)
		breaks = append(breaks, b)
		return nil
	}, param("generation", generation))
	return breaks, err
}

// Sources returns the state of every source that has ever run, by name: the
// counts and the failure of its last try, and how far its successful runs
// reach.
func (s *Store) Sources(ctx context.Context) ([]observation.SourceStatus, error) {
	var list []observation.SourceStatus
	err := s.queryEach(ctx, "status.sources", func(rows driver.Rows) error {
		var n observation.SourceStatus
		var success, through *time.Time
		if err := rows.Scan(&n.Collector, &n.LastTry, (*string)(&n.State), &n.Rows, &n.Unchanged, &n.Skipped, &n.Rejects,
			(*string)(&n.ErrorClass), &n.Error, &n.Note, &n.Upstream, &success, &through); err != nil {
			return err
		}
		n.LastSuccess, n.Through = timeOf(success), timeOf(through)
		list = append(list, n)
		return nil
	})
	return list, err
}

// timeParam binds a time to {name:DateTime64(3)}.
func timeParam(name string, t time.Time) driver.NamedValue {
	return param(name, t.UTC().Format("2006-01-02 15:04:05.000"))
}
