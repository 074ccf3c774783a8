package osv

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// mirror returns a client of the recorded sources, nil when they are not there.
func mirror(t testing.TB) *upstream.Client {
	t.Helper()
	dir := os.Getenv("PYROMETER_MIRROR")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "mirror")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Logf("mirror not present at %s: %v", dir, err)
		return nil
	}
	c, err := upstream.New(upstream.Options{Spec: "mirror:" + dir})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMirror reads the recorded archive, then the list of changes over it.
func TestMirror(t *testing.T) {
	client := mirror(t)
	if client == nil {
		return
	}
	now := time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC)
	stored := map[string]time.Time{}
	databases := map[string]int{}
	withdrawn := 0
	emit := func(_ context.Context, o observation.Observation) error {
		switch o := o.(type) {
		case *observation.Advisory:
			stored[o.ID] = o.Modified
			databases[o.Database]++
			if !o.Withdrawn.IsZero() {
				withdrawn++
			}
		case *observation.Reject:
			t.Errorf("rejected %s: %s", o.Object, o.Reason)
		}
		return nil
	}
	in := collectors.Input{Now: now, Catalog: collecttest.Catalog{Modified: stored}, Progress: func(int, int, string) {}}
	first, err := New(client).Collect(context.Background(), in, emit)
	if err != nil {
		t.Fatal(err)
	}
	if databases["PYSEC"] != 6680 || databases["MAL"] != 9208 || databases["GHSA"] != 7 || len(stored) != 15895 || withdrawn != 253 {
		t.Errorf("records %v, %d in all, %d withdrawn; the mirror's README says PYSEC 6680, MAL 9208, GHSA 7, 15895 in all, 253 withdrawn", databases, len(stored), withdrawn)
	}
	if first.Partial || first.Note != "" || first.Skipped != 0 {
		t.Errorf("first run: %+v", first)
	}
	if first.Through.After(now) || first.Through.Before(time.Date(2026, time.July, 23, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("first run: through %v: one record is modified in 2027 and must not count", first.Through)
	}

	// One record is unknown, one known with another modified; both can be had.
	delete(stored, "PYSEC-2025-19")
	stored["PYSEC-2026-1873"] = stored["PYSEC-2026-1873"].Add(time.Hour)
	in.Cursor = first.Cursor
	second, err := New(client).Collect(context.Background(), in, emit)
	if err != nil {
		t.Fatal(err)
	}
	if len(stored) != 15895 || second.Unchanged != 15893 || second.Partial {
		t.Errorf("second run: %d stored, %+v", len(stored), second)
	}
	if !second.Through.Equal(first.Through) {
		t.Errorf("second run: through %v, the first %v", second.Through, first.Through)
	}
}

func BenchmarkArchive(b *testing.B) {
	client := mirror(b)
	if client == nil {
		return
	}
	in := collectors.Input{Now: time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC), Catalog: collecttest.Catalog{}, Progress: func(int, int, string) {}}
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		records = 0
		_, err := New(client).Collect(context.Background(), in, func(_ context.Context, o observation.Observation) error {
			if _, ok := o.(*observation.Advisory); ok {
				records++
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(records), "records")
}
