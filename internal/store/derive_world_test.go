package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

// world is a store that a test fills by hand, row by row, without the writer.
type world struct {
	testing.TB
	*Store
	ctx context.Context
	dsn clickhouse.DSN
	at  time.Time // the clock
}

// newWorld returns an empty, migrated store whose clock stands still until the
// test moves it.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, ctx: t.Context(), at: time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)}
	db := testenv.ClickHouse(t)
	s, err := Open(w.ctx, Options{DSN: db.DSN, Now: func() time.Time { return w.at }, Track: 60})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.Store, w.dsn = s, db.DSN
	return w
}

func date(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // of the test's own text
	}
	return t
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// put writes rows; into names the table and its columns.
func (w *world) put(into string, rows ...[]any) {
	w.Helper()
	if len(rows) == 0 {
		return
	}
	batch, err := w.conn.PrepareBatch(w.ctx, "INSERT INTO "+into)
	w.must(err)
	defer batch.Close()
	for _, row := range rows {
		w.must(batch.Append(row...))
	}
	w.must(batch.Send())
}

// name is the name of the i-th project, from 1.
func name(i int) string { return fmt.Sprintf("p%03d", i) }

// names lists the projects from first to last.
func names(first, last int) []string {
	var list []string
	for i := first; i <= last; i++ {
		list = append(list, name(i))
	}
	return list
}

// list writes a rank list: the first project has so many downloads, each other
// one 1.
func (w *world) list(on string, first uint64, projects ...string) {
	w.Helper()
	var rows [][]any
	for i, p := range projects {
		downloads := uint64(1)
		if i == 0 {
			downloads = first
		}
		rows = append(rows, []any{"top-pypi-packages", date(on), p, uint32(i + 1), downloads, "", w.at, uuid.Nil})
	}
	w.put("ranks (list, observed_on, project, rank, downloads, source, known_at, run_id)", rows...)
}

// result is a row of scorecard_results: a core aggregate, or noCore for a
// result outside the core checks, or absent, refused.
type result struct {
	subject string
	core    float32
}

const (
	noCore  = -1
	absent  = -2 // no_result
	refused = -3 // unavailable
)

func (w *world) results(source observation.ScorecardSource, on string, results ...result) {
	w.Helper()
	var rows [][]any
	for _, r := range results {
		state, reason := observation.StateScored, ""
		var aggregate, core *float32
		switch r.core {
		case noCore:
			v := float32(3)
			aggregate = &v
		case absent:
			state, reason = observation.StateNoResult, "none there"
		case refused:
			state, reason = observation.StateUnavailable, "no answer"
		default:
			aggregate, core = &r.core, &r.core
		}
		rows = append(rows, []any{r.subject, date(on), string(source), string(state), reason, aggregate, aggregate, core, "", uint8(0), "", "", w.at, uuid.Nil})
	}
	w.put("scorecard_results (subject, observed_on, source, state, reason, stated, aggregate, core, check_set, conclusive, tool_version, commit, known_at, run_id)", rows...)
}

// archive writes a snapshot of the archive: the projects named, each with
// what core says of its number.
func (w *world) archive(on string, projects []string, core func(i int) float32) {
	w.Helper()
	var list []result
	for _, p := range projects {
		var i int
		if _, err := fmt.Sscanf(p, "p%d", &i); err != nil {
			w.Fatal(err)
		}
		list = append(list, result{p, core(i)})
	}
	w.results(observation.SourceArchive, on, list...)
}

// checks writes scores of one check; a negative one is inconclusive.
func (w *world) checks(source observation.ScorecardSource, on, check string, scores map[string]int8) {
	w.Helper()
	var rows [][]any
	for subject, score := range scores {
		var s *int8
		if score >= 0 {
			s = &score
		}
		rows = append(rows, []any{subject, check, date(on), string(source), s, "because", []string{"Warn: x"}, w.at, uuid.Nil})
	}
	w.put("scorecard_checks (subject, check, observed_on, source, score, reason, details, known_at, run_id)", rows...)
}

// link links a project with a repository.
func (w *world) link(project, repository string, trust observation.Trust) {
	w.Helper()
	w.put("project_repositories (project, repository, known_at, trust, evidence, label, content_hash, deleted, run_id)",
		[]any{project, repository, w.at, string(trust), "https://" + repository, "Source", uint64(1), uint8(0), uuid.Nil})
}

// ran writes a finished run.
func (w *world) ran(collector, started string, state observation.RunState) {
	w.Helper()
	at := date(started).Add(3 * time.Hour)
	finished := at.Add(time.Minute)
	w.put("runs (collector, started_at, run_id, finished_at, state, rows, unchanged, skipped, rejects, error_class, error, note, cursor, through, upstream, version, revision)",
		[]any{collector, at, uuid.New(), &finished, string(state), uint64(1), uint64(2), uint64(3), uint64(4), "", "", "", "c", &at, "mirror", "test", uint8(1)})
}

// ledger publishes breaks.
func (w *world) ledger(breaks ...observation.Break) {
	w.Helper()
	published, err := w.readGenerations(w.ctx)
	w.must(err)
	g, err := w.newGeneration(w.ctx, datasetLedger, published[datasetLedger])
	w.must(err)
	var rows [][]any
	for _, b := range breaks {
		rows = append(rows, []any{g.Number, b.Start, nullTime(b.End), b.Scope, b.Item, string(b.Kind), b.What, b.Evidence})
	}
	w.put("breaks (generation, starts_on, ends_on, scope, item, kind, what, evidence)", rows...)
	w.must(w.publish(w.ctx, g))
}

// project writes metadata.
func (w *world) project(name, latest string, fromJSON bool) {
	w.Helper()
	upload := w.at.Add(-time.Hour)
	w.put("projects (project, known_at, observed_at, display_name, latest_version, latest_upload, requires_python, license_expression, summary, status, status_reason, organization, owners, serial, from_index, from_json, content_hash, deleted, run_id)",
		[]any{name, w.at, w.at, strings.ToUpper(name), latest, &upload, ">=3.9", "MIT", "A project.", "active", "", "org", []string{"o"}, uint64(7), uint8(1), bit(fromJSON), uint64(1), uint8(0), uuid.Nil})
}

// file writes one file of a project.
func (w *world) file(project, version, filename, uploaded string, yanked bool, provenance observation.Provenance) {
	w.Helper()
	var at *time.Time
	if uploaded != "" {
		t := date(uploaded)
		at = &t
	}
	reason := ""
	if yanked {
		reason = "broken"
	}
	w.put("files (project, filename, known_at, version, packagetype, upload_time, size, sha256, requires_python, yanked, yanked_reason, provenance, content_hash, deleted, run_id)",
		[]any{project, filename, w.at, version, "sdist", at, uint64(10), "ab", "", bit(yanked), reason, string(provenance), uint64(1), uint8(0), uuid.Nil})
}

// record writes an OSV record.
func (w *world) record(a observation.Advisory, deleted bool) {
	w.Helper()
	w.put("advisories (osv_id, known_at, database, aliases, related, upstream, published, modified, withdrawn, summary, vectors, severity_word, references, content_hash, deleted, run_id)",
		[]any{a.ID, w.at, a.Database, a.Aliases, a.Related, a.Upstream, nullTime(a.Published), a.Modified, nullTime(a.Withdrawn), a.Summary, a.Vectors, a.SeverityWord, []string{}, uint64(1), bit(deleted), uuid.Nil})
}

// affects writes what a record says of a project; ranges is JSON.
func (w *world) affects(id, project, ranges string, versions ...string) {
	w.Helper()
	w.put("affected (project, osv_id, known_at, versions, ranges, content_hash, deleted, run_id)",
		[]any{project, id, w.at, versions, ranges, uint64(1), uint8(0), uuid.Nil})
}

// dump returns every row of the published generations of the derived tables, in
// key order and without the generation.
func (w *world) dump() string {
	w.Helper()
	return w.dumpOf(datasetAdvisories, datasetExploitation, datasetScores, datasetChecks, datasetAdoption, datasetSummaries, datasetThreats, datasetRecent)
}

// dumpOf is dump of some datasets.
func (w *world) dumpOf(datasets ...string) string {
	w.Helper()
	published, err := w.readGenerations(w.ctx)
	w.must(err)
	var b strings.Builder
	for _, dataset := range datasets {
		for _, table := range derivedTables[dataset] {
			fmt.Fprintf(&b, "== %s\n", table)
			rows, err := w.conn.Query(w.ctx, fmt.Sprintf("SELECT toString(tuple(* EXCEPT generation)) AS line FROM %s WHERE generation = %d ORDER BY line", table, published[dataset]))
			w.must(err)
			for rows.Next() {
				var line string
				w.must(rows.Scan(&line))
				b.WriteString(line + "\n")
			}
			w.must(rows.Close())
		}
	}
	return b.String()
}

// points returns the points of top100 by date.
func (w *world) points(weighting observation.Weighting) map[string]observation.CohortPoint {
	w.Helper()
	list, err := w.CohortPoints(w.ctx, observation.CohortTop100, weighting)
	w.must(err)
	byDate := make(map[string]observation.CohortPoint)
	for _, p := range list {
		byDate[p.Date.Format(time.DateOnly)] = p
	}
	return byDate
}
