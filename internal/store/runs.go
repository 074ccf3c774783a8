package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"

	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

var runColumns = []string{"collector", "started_at", "run_id", "finished_at", "state", "rows", "unchanged", "skipped", "rejects",
	"error_class", "error", "note", "cursor", "through", "upstream", "version", "project", "revision"}

// OpenRun notes that a run has begun. Its state is stored as running, its
// cursor is the one that it starts from.
func (s *Store) OpenRun(ctx context.Context, run observation.Run) error {
	run.State, run.FinishedAt = observation.RunRunning, time.Time{}
	return s.putRun(ctx, run)
}

// CloseRun notes how a run went. Call it last: from then on its cursor is where
// the next run begins, unless it failed.
func (s *Store) CloseRun(ctx context.Context, run observation.Run) error {
	if run.State == observation.RunRunning || run.FinishedAt.IsZero() {
		return fmt.Errorf("close run of %s: it has the state %q and the end %s; a closed run is ok, partial or failed and has an end", run.Collector, run.State, run.FinishedAt)
	}
	return s.putRun(ctx, run)
}

func (s *Store) putRun(ctx context.Context, r observation.Run) error {
	id, err := uuid.Parse(r.ID)
	if err != nil {
		return fmt.Errorf("run of %s: its id %q is not a UUID", r.Collector, r.ID)
	}
	revision := bit(r.State != observation.RunRunning)
	token := fmt.Sprintf("runs/%s/%s", id, r.State)
	return s.insert(ctx, rowBlock("runs", token, runColumns, []any{r.Collector, r.StartedAt, id, instant(r.FinishedAt), string(r.State),
		r.Rows, r.Unchanged, r.Skipped, r.Rejects, string(r.ErrorClass), r.Error, r.Note, r.Cursor, instant(r.Through), r.Upstream, r.Version, r.Project, revision}))
}

// LastCursor returns the cursor after the last run of a collector that was ok
// or partial, "" when there is none. A run for one project moves no cursor.
func (s *Store) LastCursor(ctx context.Context, collector string) (string, error) {
	var cursor string
	err := s.queryRow(ctx, "runs.cursor", []any{&cursor}, param("collector", collector))
	if errors.Is(err, stdsql.ErrNoRows) {
		return "", nil
	}
	return cursor, err
}

// LastRuns returns the newest run of every collector, by its name. One for a
// single project counts only when it did not end well: it says nothing of the
// source, but may have stored rows that nothing was derived from.
func (s *Store) LastRuns(ctx context.Context) ([]observation.Run, error) {
	return s.readRuns(ctx, "runs.last")
}

// CloseAbandoned closes the runs that a process left open when it died, as
// failed, and returns how many there were. Call it before the first run: it
// takes every open run for abandoned.
func (s *Store) CloseAbandoned(ctx context.Context) (int, error) {
	open, err := s.readRuns(ctx, "runs.unfinished")
	if err != nil {
		return 0, err
	}
	for i, run := range open {
		run.State = observation.RunFailed
		run.FinishedAt = s.now().UTC().Truncate(time.Millisecond)
		run.ErrorClass = observation.ClassInternal
		run.Error = "ended without closing"
		if err := s.CloseRun(ctx, run); err != nil {
			return i, err
		}
	}
	return len(open), nil
}

func (s *Store) readRuns(ctx context.Context, query string) ([]observation.Run, error) {
	var runs []observation.Run
	err := s.queryEach(ctx, query, func(rows driver.Rows) error {
		var r observation.Run
		var state, class string
		var finished, through *time.Time
		err := rows.Scan(&r.Collector, &r.StartedAt, &r.ID, &finished, &state, &r.Rows, &r.Unchanged, &r.Skipped, &r.Rejects,
			&class, &r.Error, &r.Note, &r.Cursor, &through, &r.Upstream, &r.Version, &r.Project)
		if err != nil {
			return err
		}
		r.State, r.ErrorClass = observation.RunState(state), observation.Class(class)
		if finished != nil {
			r.FinishedAt = *finished
		}
		if through != nil {
			r.Through = *through
		}
		runs = append(runs, r)
		return nil
	})
	return runs, err
}
