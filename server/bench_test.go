package server

import (
	"fmt"
	"testing"
)

// BenchmarkPages renders pages without the cache and without a store: what is
// measured is the server's own work.
func BenchmarkPages(b *testing.B) {
	for _, path := range []string{"/", "/p/urllib3", "/projects", "/chart/coverage", "/chart/coverage.csv", "/api/v1/projects/urllib3"} {
		b.Run(path, func(b *testing.B) {
			s := newSite(b)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s.now = now.Add(cacheFor * 2) // past every kept answer
				s.cache = newPageCache()
				if w := s.get(b, path); w.Code != 200 {
					b.Fatalf("%s: status %d", path, w.Code)
				}
			}
		})
	}
}

// BenchmarkCached answers the overview out of the cache.
func BenchmarkCached(b *testing.B) {
	s := newSite(b)
	for b.Loop() {
		if w := s.get(b, "/", "Accept-Encoding", "gzip"); w.Code != 200 {
			b.Fatalf("status %d", w.Code)
		}
	}
}

// BenchmarkTable encodes a table of three columns, in bytes of CSV.
func BenchmarkTable(b *testing.B) {
	rows := make([][]string, 10_000)
	for i := range rows {
		rows[i] = []string{fmt.Sprintf("project-%d", i), fmt.Sprint(i), "2026-04-01T00:00:00Z"}
	}
	n := 0
	count := writerFunc(func(p []byte) (int, error) { n += len(p); return len(p), nil })
	for b.Loop() {
		n = 0
		w := newCSVWriter(count, false)
		for _, r := range rows {
			if err := w.row(r); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.flush(); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(n))
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
