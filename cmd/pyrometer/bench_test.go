package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
	"github.com/pyrometer-dev/pyrometer/sql"
)

const archiveInMirror = "codeload.github.com/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main"

// BenchmarkBackfill reads the recorded archive into an empty store, as the
// program does, and then has ClickHouse read the same files with INSERT …
// SELECT FROM file() into the same table. The ratio is of these two times, the
// memory that of the program without the engine.
func BenchmarkBackfill(b *testing.B) {
	mirror := collecttest.MirrorDir(b)
	if mirror == "" {
		return
	}
	files := unpackArchive(b, filepath.Join(mirror, archiveInMirror))
	for b.Loop() {
		data := b.TempDir()
		i := start(b, "backfill", "scorecards", "--data="+data, "--upstream=mirror:"+mirror, "--now="+testNow)
		peak := watchMemory(i)
		if err := <-i.ended; err == nil || i.cmd.ProcessState.ExitCode() != 1 {
			b.Fatalf("the archive's refused cells make a partial run; this one ended with %v:\n%s", err, i.stderr.String())
		}
		ours := runTime(b, data, "pypiscorecards")
		theirs, rows := insertFromFiles(b, files)
		b.ReportMetric(ours.Seconds(), "s")
		b.ReportMetric(theirs.Seconds(), "clickhouse-s")
		b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
		b.ReportMetric(peak(), "peak-MB")
		b.ReportMetric(float64(rows), "rows")
	}
	b.Log(testenv.Machine())
}

// runTime is how long the one run of a source took by its own record.
func runTime(b *testing.B, data, source string) time.Duration {
	b.Helper()
	for _, run := range exported(b, data, "runs") {
		if run["collector"] == source {
			return timeIn(b, run["finished_at"]).Sub(timeIn(b, run["started_at"]))
		}
	}
	b.Fatalf("%s never ran", source)
	return 0
}

// exported reads a whole table, by its columns.
func exported(b *testing.B, data, table string) []map[string]string {
	b.Helper()
	code, stdout, stderr := pyrometer(b, "export", table, "--data="+data)
	if code != 0 {
		b.Fatalf("export %s: exit %d\n%s", table, code, stderr)
	}
	lines, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func timeIn(b *testing.B, text string) time.Time {
	b.Helper()
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// watchMemory returns what to call once a program has ended: it tells the most
// memory that it had, in MB. What the kernel says of an ended process would
// count the memory of this one, from before the other began.
func watchMemory(i *instance) func() float64 {
	peak := make(chan float64)
	go func() {
		var most float64
		for now := testenv.PeakOf(i.cmd.Process.Pid); now > 0; now = testenv.PeakOf(i.cmd.Process.Pid) {
			most = max(most, now)
			time.Sleep(50 * time.Millisecond)
		}
		peak <- most
	}()
	return func() float64 { return <-peak }
}

// unpackArchive writes the tables of the archive into a directory.
func unpackArchive(b *testing.B, archive string) (pattern string) {
	b.Helper()
	dir := b.TempDir()
	f, err := os.Open(archive)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	g, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	for t := tar.NewReader(g); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(dir, "*.csv")
		}
		if err != nil {
			b.Fatal(err)
		}
		if path.Ext(h.Name) != ".csv" {
			continue
		}
		text, err := io.ReadAll(t)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, path.Base(h.Name)), text, 0o600)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// insertFromFiles has ClickHouse read the tables of the archive into a table of
// the same making as ours, and returns how long that took and the rows.
func insertFromFiles(b *testing.B, pattern string) (took time.Duration, rows uint64) {
	b.Helper()
	db := testenv.ClickHouse(b)
	do := func(statement string) {
		if err := db.Conn.Exec(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	steps, err := sql.Migrations()
	if err != nil {
		b.Fatal(err)
	}
	do(steps[slices.IndexFunc(steps, func(m sql.Migration) bool { return m.Name == "scorecard_checks" })].Statement)
	columns := []string{"Package String"}
	var pairs []string
	for _, check := range []string{"Binary-Artifacts", "Branch-Protection", "CII-Best-Practices", "Code-Review", "Dangerous-Workflow", "Dependency-Update-Tool",
		"Fuzzing", "License", "Maintained", "Packaging", "Pinned-Dependencies", "SAST", "Security-Policy", "Signed-Releases", "Token-Permissions", "Vulnerabilities"} {
		columns = append(columns, "`"+check+"` String")
		pairs = append(pairs, fmt.Sprintf("('%s', `%s`)", check, check))
	}
	began := time.Now()
	do(fmt.Sprintf(`INSERT INTO scorecard_checks (subject, check, observed_on, source, score, known_at)
		SELECT Package, cell.1, toDate(substring(_file, 1, 10)), 'archive', toInt8(cell.2), now64(3)
		FROM file('%s', CSVWithNames, '%s')
		ARRAY JOIN [%s] AS cell
		WHERE cell.2 != '' AND toInt8(cell.2) BETWEEN -1 AND 10
		SETTINGS input_format_with_names_use_header = 1, input_format_skip_unknown_fields = 1`,
		pattern, strings.ReplaceAll(strings.Join(columns, ", "), "'", "''"), strings.Join(pairs, ", ")))
	took = time.Since(began)
	if err := db.Conn.QueryRow(b.Context(), "SELECT count() FROM scorecard_checks").Scan(&rows); err != nil {
		b.Fatal(err)
	}
	return took, rows
}
