package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// snapshotKey names the results of one date of a source.
type snapshotKey struct {
	source observation.ScorecardSource
	day    time.Time
}

// takeSnapshot notes that the results of a date are whole.
func (w *Writer) takeSnapshot(s *observation.Snapshot) {
	key := snapshotKey{s.Source, s.ObservedOn}
	if _, emitted := w.snapshots[key]; emitted {
		w.snapshots[key] = true
	}
}

// dropReplaced removes what an earlier run stored of the same rank lists and
// results and this run, which has stored them whole, no longer names: a source
// has revised a list, a snapshot or a result, and the table's key alone would
// leave the vanished parts beside the new ones. A first backfill finds nothing
// and pays for a few questions.
func (w *Writer) dropReplaced(ctx context.Context) error {
	if len(w.days) == 0 {
		return nil
	}
	run := param("run", w.id.String())
	if err := w.dropCounted(ctx, "writer.replaced_ranks", "writer.drop_replaced_ranks", run); err != nil {
		return err
	}
	whole, single := make(map[observation.ScorecardSource][]string), make(map[observation.ScorecardSource][]string) // days
	for key, all := range w.snapshots {
		to := single
		if all {
			to = whole
		}
		to[key.source] = append(to[key.source], key.day.Format(time.DateOnly))
	}
	for source, days := range whole {
		// What this run has repeated goes too: to look for what it has not would
		// cost many times as much.
		of := []any{run, param("source", string(source)), param("days", days)}
		if err := w.dropCounted(ctx, "writer.replaced_checks", "writer.drop_replaced_checks", of...); err != nil {
			return err
		}
		if err := w.dropCounted(ctx, "writer.replaced_results", "writer.drop_replaced_results", of...); err != nil {
			return err
		}
	}
	for source, days := range single {
		of := []any{run, param("source", string(source)), param("days", days)}
		if err := w.dropCounted(ctx, "writer.vanished_checks", "writer.drop_vanished_checks", of...); err != nil {
			return err
		}
	}
	return nil
}

// dropCounted deletes only where there is something to delete: a deletion that
// finds nothing still costs the engine a mutation. Both may be repeated when the
// server goes away.
func (w *Writer) dropCounted(ctx context.Context, count, drop string, params ...any) error {
	return w.store.retry(ctx, func() error {
		var n uint64
		if err := w.store.queryRow(ctx, count, []any{&n}, params...); err != nil || n == 0 {
			return err
		}
		return w.store.exec(ctx, drop, params...)
	})
}

// strength orders what a source that is asked for one subject at a time may say
// of it on one day. A weaker answer takes nothing away: that the API could not
// be asked, or had nothing, after it gave a result of that day.
func strength(state observation.ResultState) int {
	switch state {
	case observation.StateScored:
		return 2
	case observation.StateNoResult:
		return 1
	}
	return 0
}

// dropWeaker leaves out the results of the API that are weaker than a stored one
// of the same subject and day, or than one before them. A snapshot of the archive
// is the source's word on all of its day, and its last word counts.
func (s *Store) dropWeaker(ctx context.Context, results []*observation.ScorecardResult) ([]*observation.ScorecardResult, error) {
	var subjects []string
	for _, r := range results {
		if r.Source == observation.SourceAPI && strength(r.State) < strength(observation.StateScored) {
			subjects = append(subjects, r.Subject)
		}
	}
	if len(subjects) == 0 {
		return results, nil
	}
	type answer struct {
		subject string
		day     day
	}
	strongest := make(map[answer]int)
	err := s.readVersions(ctx, "writer.answers", distinct(subjects), func(rows driver.Rows) error {
		var subject, state string
		var on time.Time
		if err := rows.Scan(&subject, &on, &state); err != nil {
			return err
		}
		strongest[answer{subject, dayOf(on)}] = strength(observation.ResultState(state))
		return nil
	})
	if err != nil {
		return nil, err
	}
	kept := results[:0]
	for _, r := range results {
		if r.Source == observation.SourceAPI {
			key := answer{r.Subject, dayOf(r.ObservedOn)}
			if strength(r.State) < strongest[key] {
				continue
			}
			strongest[key] = strength(r.State)
		}
		kept = append(kept, r)
	}
	return kept, nil
}
