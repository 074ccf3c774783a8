package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestRuns(t *testing.T) {
	s := migrated(t)
	if cursor, err := s.LastCursor(t.Context(), "osv"); cursor != "" || err != nil {
		t.Errorf("cursor before the first run %q, %v", cursor, err)
	}
	began := date("2026-01-01")
	do := func(state observation.RunState, cursor string) observation.Run {
		t.Helper()
		began = began.Add(time.Hour)
		run := newRun("osv")
		run.StartedAt, run.Cursor = began, cursor
		if err := s.OpenRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		if state == observation.RunRunning {
			run.State = state
			return run
		}
		run.State, run.FinishedAt, run.Rows, run.Note, run.Through = state, began.Add(time.Minute), 5, "note", date("2025-12-31")
		for range 2 { // closing may be repeated
			if err := s.CloseRun(t.Context(), run); err != nil {
				t.Fatal(err)
			}
		}
		return run
	}
	for _, step := range []struct {
		state  observation.RunState
		cursor string
		want   string
	}{
		{observation.RunFailed, "", ""},
		{observation.RunOK, "one", "one"},
		{observation.RunPartial, "two", "two"},
		{observation.RunFailed, "two", "two"},
		{observation.RunRunning, "lost", "two"},
	} {
		do(step.state, step.cursor)
		if got, err := s.LastCursor(t.Context(), "osv"); got != step.want || err != nil {
			t.Errorf("after a run %s with cursor %q: cursor %q, %v; want %q", step.state, step.cursor, got, err, step.want)
		}
	}
	if n, err := s.CloseAbandoned(t.Context()); n != 1 || err != nil {
		t.Errorf("closed %d abandoned runs, %v; want 1", n, err)
	}
	if n, err := s.CloseAbandoned(t.Context()); n != 0 || err != nil {
		t.Errorf("closed %d abandoned runs the second time, %v; want 0", n, err)
	}
	last, err := s.LastRuns(t.Context())
	if err != nil || len(last) != 1 {
		t.Fatalf("%d last runs, %v; want 1", len(last), err)
	}
	if r := last[0]; r.State != observation.RunFailed || r.ErrorClass != observation.ClassInternal || r.Error != "ended without closing" || r.FinishedAt.IsZero() || r.Cursor != "lost" {
		t.Errorf("the abandoned run is %+v", r)
	}
	want := do(observation.RunOK, "three")
	if last, err = s.LastRuns(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]observation.Run{want}, last); diff != "" {
		t.Errorf("last run (-want +got):\n%s", diff)
	}
	// A run for one project is none of the source, unless it did not end well:
	// then what it has stored is still to be derived from.
	one := newRun("osv")
	one.Project, one.StartedAt, one.Cursor, one.State, one.FinishedAt = "otter", began.Add(time.Hour), "astray", observation.RunOK, began.Add(2*time.Hour)
	if err := s.CloseRun(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if last, err = s.LastRuns(t.Context()); err != nil || len(last) != 1 || last[0].ID != want.ID {
		t.Errorf("after a run for one project the last is %+v, %v", last, err)
	}
	if got, err := s.LastCursor(t.Context(), "osv"); got != "three" || err != nil {
		t.Errorf("after a run for one project the cursor is %q, %v", got, err)
	}
	if all, err := s.Sources(t.Context()); err != nil || len(all) != 1 || !all[0].LastTry.Equal(want.StartedAt) || !all[0].LastSuccess.Equal(want.FinishedAt) {
		t.Errorf("after a run for one project the sources are %+v, %v", all, err)
	}
	one.ID, one.StartedAt, one.State = uuid.NewString(), began.Add(3*time.Hour), observation.RunFailed
	if err := s.CloseRun(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if last, err = s.LastRuns(t.Context()); err != nil || len(last) != 1 || cmp.Diff(one, last[0]) != "" {
		t.Errorf("after one that failed the last is %+v, %v", last, err)
	}
	if err := s.CloseRun(t.Context(), newRun("osv")); err == nil {
		t.Error("a run without a state is closed")
	}
	if err := s.OpenRun(t.Context(), observation.Run{ID: "x"}); err == nil {
		t.Error("a run without a UUID is opened")
	}
	w := s.NewWriter(observation.Run{ID: "x"})
	if err := w.Flush(t.Context()); err == nil {
		t.Error("a writer of a run without a UUID writes")
	}
}
