package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/collectors/osv"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

// BenchmarkOSV is the first run over the recorded archive of OSV: from the zip
// to records that are stored, grouped, matched and counted, into an empty
// database each time. It reports the parts too, and the most memory that this
// process has held so far; the engine is another process.
func BenchmarkOSV(b *testing.B) {
	client := collecttest.Mirror(b, nil)
	if client == nil {
		return
	}
	var records uint64
	var collecting, deriving time.Duration
	for b.Loop() {
		b.StopTimer()
		s := emptyStore(b)
		w := s.NewWriter(observation.Run{ID: uuid.NewString(), Collector: osv.Name, StartedAt: time.Now()})
		in := collectors.Input{Now: collecttest.Now, Catalog: collecttest.Catalog{}, Progress: func(int, int, string) {}}
		b.StartTimer()

		start := time.Now()
		if _, err := osv.New(client).Collect(b.Context(), in, w.Emit); err != nil {
			b.Fatal(err)
		}
		if err := w.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
		stored := time.Now()
		if err := s.Derive(b.Context(), store.TouchedBy(osv.Name, nil)); err != nil {
			b.Fatal(err)
		}
		collecting += stored.Sub(start)
		deriving += time.Since(stored)

		b.StopTimer()
		modified, err := s.AdvisoryModified(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		records += uint64(len(modified))
		b.StartTimer()
	}
	n := float64(b.N)
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(records)/n, "records")
	b.ReportMetric(collecting.Seconds()*1000/n, "ms/stored")
	b.ReportMetric(deriving.Seconds()*1000/n, "ms/matched")
	b.ReportMetric(testenv.PeakMB(), "peak-MB")
	b.Log(testenv.Machine())
}

// emptyStore returns a migrated store in a database of its own.
func emptyStore(b *testing.B) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), store.Options{DSN: testenv.ClickHouse(b).DSN})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	return s
}
