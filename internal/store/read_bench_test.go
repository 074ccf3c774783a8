package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// BenchmarkRead measures the read methods at the size of the recorded archive
// with all its checks, the recorded advisories, and 300 files for each of the
// first 3,000 projects. Cold is without the answers kept in memory.
func BenchmarkRead(b *testing.B) {
	dir := mirrorDir(b)
	if dir == "" {
		return
	}
	w := newWorld(b)
	w.at = date("2026-11-23")
	w.loadMirrorRanks(dir)
	w.loadMirrorArchive(dir, "")
	w.loadMirrorAdvisories(dir)
	w.must(w.conn.Exec(w.ctx, `INSERT INTO files (project, filename, known_at, version, packagetype, upload_time, size, sha256, provenance)
		SELECT project, concat(project, '-', toString(n), '.tar.gz'), now64(3), concat('1.', toString(intDiv(n, 3))), 'sdist', now64(6) - n * 86400, 1000, hex(n), 'absent'
		FROM (SELECT project FROM ranks WHERE observed_on = '2026-04-01' AND rank <= 3000) AS p, (SELECT number AS n FROM numbers(300)) AS n`))
	w.must(w.conn.Exec(w.ctx, `INSERT INTO projects (project, known_at, observed_at, display_name, summary, owners, from_index, from_json)
		SELECT project, now64(3), now64(3), project, 'A project.', ['one', 'two'], 1, 1 FROM ranks WHERE observed_on = '2026-04-01' AND rank <= 3000`))
	w.must(w.conn.Exec(w.ctx, `INSERT INTO project_repositories (project, repository, known_at, trust, label)
		SELECT project, concat('github.com/owner/', project), now64(3), 'declared', 'Source' FROM ranks WHERE observed_on = '2026-04-01' AND rank <= 3000`))
	start := time.Now()
	w.must(w.DeriveAll(w.ctx))
	b.Logf("derived everything in %v", time.Since(start))
	start = time.Now()
	w.must(w.Derive(w.ctx, TouchedBy("pypiscorecards", []time.Time{date("2026-06-15")})))
	b.Logf("derived the newest week in %v", time.Since(start))

	rows, _, err := w.Projects(w.ctx, observation.ProjectsQuery{Limit: 1000})
	w.must(err)
	next := 0
	project := func() string { // one of 50
		next++
		return rows[next%50*19].Project
	}
	for _, read := range []struct {
		name string
		call func() error
	}{
		{"Project", func() error { _, err := w.Project(w.ctx, project()); return err }},
		{"ProjectScores", func() error { _, err := w.ProjectScores(w.ctx, project()); return err }},
		{"ProjectChecks", func() error { _, err := w.ProjectChecks(w.ctx, project()); return err }},
		{"Publishing", func() error { _, err := w.Publishing(w.ctx, project()); return err }},
		{"Peers", func() error { _, err := w.Peers(w.ctx, 100); return err }},
		{"Projects below 8", func() error {
			_, _, err := w.Projects(w.ctx, observation.ProjectsQuery{Check: "Code-Review", Below: 8, Limit: 50})
			return err
		}},
		{"CohortPoints", func() error {
			_, err := w.CohortPoints(w.ctx, observation.CohortTop1000, observation.WeightPackage)
			return err
		}},
		{"Advisories", func() error { _, err := w.Advisories(w.ctx, observation.CohortTop1000); return err }},
		{"NewAdvisories", func() error {
			_, err := w.NewAdvisories(w.ctx, observation.CohortTop1000, date("2026-05-01"), date("2026-06-15"), 10)
			return err
		}},
		{"AdvisoryGroups", func() error {
			_, err := w.AdvisoryGroups(w.ctx, observation.AdvisoriesQuery{Kind: "vulnerability", Cohort: observation.CohortTop1000, Text: "path", Affected: true, Limit: 50})
			return err
		}},
		{"Advisory", func() error { _, err := w.Advisory(w.ctx, "CVE-2023-4863"); return err }},
		{"Changes", func() error { _, err := w.Changes(w.ctx, observation.CohortTop1000); return err }},
		{"Observations", func() error { _, err := w.Observations(w.ctx); return err }},
		{"Projects", func() error {
			_, _, err := w.Projects(w.ctx, observation.ProjectsQuery{Text: "django", Limit: 50})
			return err
		}},
		{"Nearest", func() error { _, err := w.Nearest(w.ctx, project()+"x", 5); return err }},
	} {
		for _, cold := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/cold=%v", read.name, cold), func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					if cold {
						w.forgetAnswers(read.name == "Observations")
					}
					start := time.Now()
					w.must(read.call())
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(took[0].Seconds()*1e3, "ms/min")
				b.ReportMetric(took[len(took)/2].Seconds()*1e3, "ms/p50")
				b.ReportMetric(took[len(took)*99/100].Seconds()*1e3, "ms/p99")
			})
		}
	}
}

// forgetAnswers empties the cache, but for what all pages share unless asked to.
func (w *world) forgetAnswers(shared bool) {
	w.cache.mu.Lock()
	defer w.cache.mu.Unlock()
	for key := range w.cache.answers {
		if shared || !slices.Contains([]string{"observations", "lists", "suspect"}, key) {
			delete(w.cache.answers, key)
		}
	}
}
