package simulated

import (
	"context"
	"io"
	"net/http"
	"testing"
)

// get reads a body to its end and returns its length.
func get(b testing.TB, w *world, host, path string) (n int64) {
	b.Helper()
	a := w.ask(query{method: http.MethodGet, host: host, path: path, header: http.Header{}, ctx: context.Background()})
	if a.status != http.StatusOK {
		b.Fatalf("%s%s: %d", host, path, a.status)
	}
	n, err := io.Copy(io.Discard, a.body)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkProject reads a project's page and its JSON.
func BenchmarkProject(b *testing.B) {
	w := New(15_000, 1, nil).on(testDay)
	var live []string
	for i := range w.pool {
		if standing, _ := w.standing(i); standing == active && w.exists(i) {
			live = append(live, nameOf(i))
		}
	}
	i := 0
	for b.Loop() {
		name := live[i%len(live)]
		b.SetBytes(get(b, w, "pypi.org", "/simple/"+name+"/") + get(b, w, "pypi.org", "/pypi/"+name+"/json"))
		i++
	}
}

func benchmarkBody(b *testing.B, n int, host, path string) {
	for b.Loop() {
		w := New(n, 1, nil).on(testDay)
		b.SetBytes(get(b, w, host, path))
	}
}

func BenchmarkRootIndex(b *testing.B) { benchmarkBody(b, MaxProjects, "pypi.org", "/simple/") }
func BenchmarkRankList(b *testing.B) {
	benchmarkBody(b, MaxProjects, "hugovk.dev", "/top-pypi-packages/top-pypi-packages.min.json")
}
func BenchmarkArchive(b *testing.B) {
	benchmarkBody(b, MaxProjects, "codeload.github.com", "/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main")
}
func BenchmarkAdvisories(b *testing.B) {
	benchmarkBody(b, MaxProjects, "osv-vulnerabilities.storage.googleapis.com", "/PyPI/all.zip")
}
func BenchmarkChanges(b *testing.B) {
	benchmarkBody(b, MaxProjects, "osv-vulnerabilities.storage.googleapis.com", "/PyPI/modified_id.csv")
}
func BenchmarkEPSS(b *testing.B) {
	benchmarkBody(b, MaxProjects, "epss.empiricalsecurity.com", "/epss_scores-2026-11-22.csv.gz")
}
