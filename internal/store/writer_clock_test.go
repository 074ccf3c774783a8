package store

import (
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

// The clock is put back between two processes that store the same snapshot: the
// rows of the second take the place of those of the first, and stay.
func TestTheClockMayGoBack(t *testing.T) {
	db := testenv.ClickHouse(t)
	at := time.Date(2026, 11, 10, 6, 0, 10, 0, time.UTC)
	day, five, aggregate := date("2026-11-09"), int8(5), 5.0
	for _, now := range []time.Time{at, at.Add(-time.Second)} {
		s, err := Open(t.Context(), Options{DSN: db.DSN, Database: db.Name, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		w := s.NewWriter(newRun("pypiscorecards"))
		for _, project := range []string{"a", "b", "c"} {
			result := &observation.ScorecardResult{Subject: project, ObservedOn: day, Source: observation.SourceArchive, State: observation.StateScored,
				Aggregate: &aggregate, Checks: []observation.Check{{Name: "SAST", Score: &five}}}
			if err := w.Emit(t.Context(), result); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Emit(t.Context(), &observation.Snapshot{Source: observation.SourceArchive, ObservedOn: day}); err != nil {
			t.Fatal(err)
		}
		if err := w.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"scorecard_results", "scorecard_checks"} {
			if err := s.conn.Exec(t.Context(), "OPTIMIZE TABLE "+table+" FINAL"); err != nil { // as the server may do at any moment
				t.Fatal(err)
			}
		}
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"scorecard_results", "scorecard_checks"} {
			if got := lines(t, s, "SELECT count() FROM "+table+" FINAL"); got[0] != "(3)" {
				t.Errorf("%s has %s rows at %v, want 3", table, got[0], now)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
