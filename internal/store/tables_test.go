package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// stream returns a whole table, header first.
func stream(t testing.TB, s *Store, table string) [][]string {
	t.Helper()
	var rows [][]string
	err := s.StreamTable(t.Context(), table, func(row []string) error {
		rows = append(rows, slices.Clone(row))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// odd is every kind of text that a separated format can trip over.
const odd = "tab\t nl\n cr\r nul\x00 bs\b ff\f \\ \\n \\t \\N 'q' \"d\" , ; =1+1 \u2028 é \U0001F40D"

func TestStreamTable(t *testing.T) {
	s := migrated(t)
	at := date("2026-01-02").Add(3*time.Hour + 45*time.Millisecond)
	s.now = func() time.Time { return at }
	run := newRun("test")
	w := s.NewWriter(run)
	for _, o := range []observation.Observation{
		&observation.ScorecardResult{Subject: odd, ObservedOn: date("2026-01-01"), Source: observation.SourceAPI, State: observation.StateScored,
			Aggregate: ptr(4.55), CheckSet: "A", Checks: []observation.Check{
				{Name: "B", Score: ptr(int8(10)), Reason: odd, Details: []string{odd, "/", ""}}, {Name: "A", Reason: `\N`}}},
		&observation.ScorecardResult{Subject: "b", ObservedOn: date("2022-01-01"), Source: observation.SourceArchive, Checks: []observation.Check{{Name: "A", Score: ptr(int8(0))}}},
		&observation.ScorecardResult{Subject: "b", ObservedOn: date("2026-01-01"), Source: observation.SourceArchive, Checks: []observation.Check{{Name: "A", Score: ptr(int8(1))}}},
		&observation.Project{Name: "p", ObservedAt: at, Files: []observation.File{{Filename: "f", UploadTime: date("2020-02-03").Add(123456 * time.Microsecond)}, {Filename: "g"}}},
	} {
		if err := w.Emit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	details, err := json.Marshal([]string{odd, "/", ""})
	if err != nil {
		t.Fatal(err)
	}
	const known = "2026-01-02T03:00:00.045Z"
	want := [][]string{
		{"subject", "check", "observed_on", "source", "score", "reason", "details", "known_at", "run_id"},
		{"b", "A", "2022-01-01", "archive", "0", "", "[]", known, run.ID},
		{"b", "A", "2026-01-01", "archive", "1", "", "[]", known, run.ID},
		{odd, "A", "2026-01-01", "api", "", `\N`, "[]", known, run.ID},
		{odd, "B", "2026-01-01", "api", "10", odd, string(details), known, run.ID},
	}
	got := stream(t, s, "scorecard_checks")
	for i := range got[1:] { // two encoders may escape in different ways
		var list []string
		if err := json.Unmarshal([]byte(got[i+1][6]), &list); err != nil {
			t.Errorf("details %q: %v", got[i+1][6], err)
		}
		if len(list) > 0 && list[0] == odd {
			got[i+1][6] = string(details)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scorecard_checks (-want +got):\n%s", diff)
	}
	files := stream(t, s, "files")
	if files[1][5] != "2020-02-03T00:00:00.123456Z" || files[2][5] != "" {
		t.Errorf("upload times %q and %q; want RFC 3339 and unknown", files[1][5], files[2][5])
	}
	results := stream(t, s, "scorecard_results")
	if got := results[3][6]; got != "4.55" {
		t.Errorf("aggregate %q; want 4.55", got)
	}
}

func TestStreamTableLeavesOutRepeatedRows(t *testing.T) {
	s := migrated(t)
	for i := range 3 {
		for day := range 3 {
			write(t, s, &observation.ScorecardResult{Subject: "a", ObservedOn: date("2021-01-01").AddDate(day, 0, 0), Source: observation.SourceAPI, State: observation.StateScored,
				Checks: []observation.Check{{Name: "A", Score: ptr(int8(i))}}})
		}
	}
	got := stream(t, s, "scorecard_checks")
	if len(got) != 4 {
		t.Fatalf("%d lines; want a header and three rows: %v", len(got), got)
	}
	for _, row := range got[1:] {
		if row[4] != "2" {
			t.Errorf("score %s; want that of the last writing", row[4])
		}
	}
}

func TestStreamTableAllowsOnlyItsTables(t *testing.T) {
	s := migrated(t)
	for _, name := range []string{"responses", "migrations", "nothing", "system.users", "ranks; DROP TABLE ranks", ""} {
		called := false
		err := s.StreamTable(t.Context(), name, func([]string) error { called = true; return nil })
		if !errors.Is(err, ErrNotFound) || called {
			t.Errorf("StreamTable(%q) = %v, called %t; want ErrNotFound and no row", name, err, called)
		}
	}
	infos, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range infos {
		rows := stream(t, s, info.Name)
		if len(rows) == 0 || len(rows[0]) != len(info.Columns) {
			t.Errorf("%s: %d lines, header %v", info.Name, len(rows), rows[0])
		}
	}
}

func TestStreamTableStopsEarly(t *testing.T) {
	s := migrated(t)
	if err := s.conn.Exec(t.Context(), "INSERT INTO ranks (list, project) SELECT 'l', toString(number) FROM numbers(500000)"); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	n := 0
	err := s.StreamTable(t.Context(), "ranks", func([]string) error {
		if n++; n > 10 {
			return enough
		}
		return nil
	})
	if err != enough || n != 11 {
		t.Errorf("after %d rows: %v; want %v after 11", n, err, enough)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n = 0
	err = s.StreamTable(ctx, "ranks", func([]string) error {
		if n++; n == 10 {
			cancel()
		}
		return nil
	})
	if err == nil {
		t.Error("a cancelled stream ended without an error")
	}
}

func TestTables(t *testing.T) {
	s := migrated(t)
	infos, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]observation.TableInfo)
	for _, info := range infos {
		if info.Comment == "" || len(info.Columns) == 0 {
			t.Errorf("%s: comment %q, %d columns", info.Name, info.Comment, len(info.Columns))
		}
		byName[info.Name] = info
	}
	breaks := byName["breaks"]
	if breaks.Rows == 0 || breaks.Bytes == 0 || breaks.Columns[0].Name != "starts_on" || breaks.Columns[0].Type != "Date" {
		t.Errorf("breaks: %d rows, %d bytes, first column %+v", breaks.Rows, breaks.Bytes, breaks.Columns[0])
	}
	if got := len(stream(t, s, "breaks")) - 1; uint64(got) != breaks.Rows {
		t.Errorf("breaks: %d rows streamed, %d described", got, breaks.Rows)
	}
	// An unpublished generation is not seen.
	if err := s.conn.Exec(t.Context(), "INSERT INTO breaks (generation, starts_on, what) VALUES (99999999999999, '2020-01-01', 'not yet')"); err != nil {
		t.Fatal(err)
	}
	if got := len(stream(t, s, "breaks")) - 1; uint64(got) != breaks.Rows {
		t.Errorf("breaks: %d rows streamed with an unpublished generation beside; want %d", got, breaks.Rows)
	}
}

// StreamTable reads the partitions of a table apart, which is right only when
// equal keys never lie in two of them.
func TestPartitionsAreMadeOfKeyColumns(t *testing.T) {
	s := migrated(t)
	got := lines(t, s, "SELECT name, partition_key FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%Replacing%' AND partition_key != ''")
	if diff := cmp.Diff([]string{"('epss','toYear(observed_on)')", "('scorecard_checks','toYear(observed_on)')"}, got); diff != "" {
		t.Errorf("is the new partition made of columns of the key? Then it belongs into this test (-want +got):\n%s", diff)
	}
}

func TestSplitLine(t *testing.T) {
	for _, test := range []struct {
		line string
		want []string
	}{
		{"a\tb", []string{"a", "b"}},
		{"\t", []string{"", ""}},
		{`a\\n\tb` + "\t" + `\0\b\f\r\n\'`, []string{`a\n` + "\tb", "\x00\b\f\r\n'"}},
		{`\\` + "\t" + `\`, []string{`\`, `\`}},
	} {
		got := make([]string, 2)
		if err := splitLine(test.line, got); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("splitLine(%q) = %q, %v; want %q", test.line, got, err, test.want)
		}
	}
	if err := splitLine("one", make([]string, 2)); err == nil {
		t.Error("a short row is taken")
	}
}

func FuzzUnescape(f *testing.F) {
	f.Add(odd)
	f.Add(`\`)
	escape := strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\b", `\b`, "\f", `\f`, "'", `\'`)
	f.Fuzz(func(t *testing.T, s string) {
		if got := unescape(escape.Replace(s)); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
		_ = unescape(s) // whatever it is, it must not panic
	})
}

func BenchmarkStreamTable(b *testing.B) {
	s := migrated(b)
	const n = 500_000
	err := s.conn.Exec(b.Context(), fmt.Sprintf("INSERT INTO scorecard_checks (subject, check, observed_on, source, score) SELECT toString(intDiv(number, 20)), toString(number %% 20), '2024-01-01', 'archive', number %% 11 FROM numbers(%d)", n))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		bytes := 0
		err := s.StreamTable(b.Context(), "scorecard_checks", func(row []string) error {
			for _, cell := range row {
				bytes += len(cell) + 1
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(bytes))
	}
}

// Every table of the sources is exported whole, with a header and its rows.
func TestStreamTableOfEverySource(t *testing.T) {
	s := migrated(t)
	write(t, s, everything()...)
	for table, from := range origins {
		if from.kind == logs {
			continue
		}
		rows := stream(t, s, table)
		if got := lines(t, s, "SELECT count() FROM "+table+" FINAL"); len(rows) < 2 || got[0] != fmt.Sprintf("(%d)", len(rows)-1) {
			t.Errorf("%s: %d lines with the header; the table has %s rows", table, len(rows), got)
		}
	}
	for table, want := range map[string]string{
		"epss":          "CVE-2024-1|2025-12-31|v4|0.5|0.75|",
		"python_cycles": "3.12|",
		"repositories":  "github.com/Owner/alpha|",
	} {
		if row := strings.Join(stream(t, s, table)[1], "|"); !strings.HasPrefix(row, want) {
			t.Errorf("%s: row %s; want %s…", table, row, want)
		}
	}
}
