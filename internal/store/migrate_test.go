package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
	"github.com/pyrometer-dev/pyrometer/internal/upstream/simulated"
	"github.com/pyrometer-dev/pyrometer/sql"
)

// openStore opens a store on a new, empty database.
func openStore(t testing.TB) *Store {
	t.Helper()
	db := testenv.ClickHouse(t)
	s, err := Open(t.Context(), Options{DSN: db.DSN})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// migrated opens a store on a new database with the newest schema.
func migrated(t testing.TB) *Store {
	t.Helper()
	s := openStore(t)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func steps(t testing.TB) []sql.Migration {
	t.Helper()
	steps, err := sql.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

func TestMigrateFromEmptyAndTwice(t *testing.T) {
	s := openStore(t)
	want := len(steps(t))
	if applied, err := s.Migrate(t.Context()); err != nil || applied != want {
		t.Fatalf("from empty: applied %d, %v; want %d", applied, err, want)
	}
	generations, err := s.readGenerations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if applied, err := s.Migrate(t.Context()); err != nil || applied != 0 {
		t.Fatalf("the second time: applied %d, %v; want 0", applied, err)
	}
	again, err := s.readGenerations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if generations[datasetLedger] == 0 || again[datasetLedger] != generations[datasetLedger] {
		t.Errorf("the ledger's generation went from %d to %d; want one that stays", generations[datasetLedger], again[datasetLedger])
	}
}

func TestMigrateMakesItsDatabase(t *testing.T) {
	db := testenv.ClickHouse(t)
	name := db.Name + "_own"
	s, err := Open(t.Context(), Options{DSN: db.DSN, Database: name})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	defer func() {
		if err := db.Conn.Exec(t.Context(), "DROP DATABASE "+name+" SYNC"); err != nil {
			t.Error(err)
		}
	}()
	var engine string
	if err := s.conn.QueryRow(t.Context(), "SELECT engine FROM system.databases WHERE name = currentDatabase()").Scan(&engine); err != nil {
		t.Fatal(err)
	}
	if engine != "Atomic" || s.Database() != name {
		t.Errorf("the database %s has the engine %s; want %s, Atomic", s.Database(), engine, name)
	}
}

func TestOpenRefusesTheServersDatabases(t *testing.T) {
	for _, name := range []string{"default", "system", "INFORMATION_SCHEMA"} {
		if _, err := Open(t.Context(), Options{DSN: "clickhouse://localhost:1/" + "x", Database: name}); err == nil || !strings.Contains(err.Error(), "belongs to the server") {
			t.Errorf("Open with database %s: %v; want a refusal", name, err)
		}
	}
}

// A process killed between a statement and its note, or anywhere else, leaves
// some of the migrations applied and the last of them perhaps not noted.
func TestMigrateGoesOnHalfWay(t *testing.T) {
	all := steps(t)
	for _, done := range []int{1, len(all) / 2, len(all) - 1} {
		s := openStore(t)
		if _, err := s.applyMigrations(t.Context(), all[:done]); err != nil {
			t.Fatal(err)
		}
		if err := s.conn.Exec(t.Context(), all[done].Statement); err != nil { // applied, not noted
			t.Fatal(err)
		}
		if applied, err := s.Migrate(t.Context()); err != nil || applied != len(all)-done {
			t.Errorf("after %d: applied %d, %v; want %d", done, applied, err, len(all)-done)
		}
	}
}

func TestMigrateRefuses(t *testing.T) {
	all := steps(t)
	edited := append([]sql.Migration(nil), all...)
	edited[2].Statement += "\n-- edited"
	newer := append(append([]sql.Migration(nil), all...), sql.Migration{Number: len(all) + 1, Name: "later", Statement: "SELECT 1"})
	for _, test := range []struct {
		name    string
		applied []sql.Migration
		want    string
	}{
		{"a changed text", edited, "0003_scorecard_checks was applied at"},
		{"a newer database", newer, "newer than this program"},
	} {
		s := openStore(t)
		if _, err := s.applyMigrations(t.Context(), test.applied); err != nil {
			t.Fatal(err)
		}
		if applied, err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) || applied != 0 {
			t.Errorf("%s: applied %d, %v; want an error with %q", test.name, applied, err, test.want)
		}
	}
	gap := []seenMigration{{number: 2, name: all[1].Name, sha256: checksum(all[1])}}
	if err := checkMigrations(gap, all); err == nil || !strings.Contains(err.Error(), "not 0001_ranks before it") {
		t.Errorf("a gap: %v", err)
	}
}

func TestEveryTableAndColumnHasAComment(t *testing.T) {
	s := migrated(t)
	rows, err := s.conn.Query(t.Context(), `
		SELECT name, '' AS column, comment FROM system.tables WHERE database = currentDatabase()
		UNION ALL
		SELECT table, name, comment FROM system.columns WHERE database = currentDatabase()`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var table, column, comment string
		if err := rows.Scan(&table, &column, &comment); err != nil {
			t.Fatal(err)
		}
		n++
		if comment == "" {
			t.Errorf("%s.%s has no comment", table, column)
		}
	}
	if err := rows.Err(); err != nil || n == 0 {
		t.Fatalf("%d tables and columns, %v", n, err)
	}
}

func TestLedgerIsPublishedAnewWhenItChanges(t *testing.T) {
	s := migrated(t)
	before, err := s.readGenerations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.loadLedger(t.Context(), sql.Breaks, []byte("happened_on,what,evidence\n2024-01-01,one,https://example.org/\n")); err != nil {
		t.Fatal(err)
	}
	after, err := s.readGenerations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after[datasetLedger] <= before[datasetLedger] {
		t.Errorf("generation %d after %d; want a newer one", after[datasetLedger], before[datasetLedger])
	}
	want := observation.Initiative{On: date("2024-01-01"), What: "one", Evidence: "https://example.org/"}
	if got, err := s.Initiatives(t.Context()); err != nil || !slices.Equal(got, []observation.Initiative{want}) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// TestLedgerOfTheSimulation: its planted events are lines like those of the real
// ledger, none of them ahead of its time, and a store takes them in its place.
func TestLedgerOfTheSimulation(t *testing.T) {
	for on, want := range map[string]int{"2022-01-01": 0, "2023-02-01": 3, "2026-11-23": 18, "2031-01-01": 19} {
		breaks, initiatives := simulated.Ledger(date(on))
		list, err := parseBreaks(breaks)
		if err != nil || len(list) != want || len(list) > 0 && list[len(list)-1].Start.After(date(on)) {
			t.Errorf("%s: %d lines, %v; want %d", on, len(list), err, want)
		}
		if list, err := parseInitiatives(initiatives); err != nil || len(list) != 0 {
			t.Errorf("%s: %d initiatives, %v", on, len(list), err)
		}
	}
	w := newWorld(t)
	w.breaksCSV, w.initiativesCSV = simulated.Ledger(date("2023-02-01"))
	_, err := w.Migrate(w.ctx)
	w.must(err)
	if breaks, err := w.Breaks(w.ctx); err != nil || len(breaks) != 3 || breaks[0].Item != "SAST" {
		t.Errorf("%+v, %v", breaks, err)
	}
}

func TestLedgersAreWellFormed(t *testing.T) {
	breaks, err := parseBreaks(sql.Breaks)
	if err != nil {
		t.Error(err)
	}
	if initiatives, err := parseInitiatives(sql.Initiatives); err != nil || len(initiatives) == 0 {
		t.Errorf("%d initiatives, %v", len(initiatives), err)
	}
	suspects := 0
	for _, b := range breaks {
		if b.Kind == "suspect" && b.Scope == "source" {
			suspects++
		}
	}
	if suspects != 6 {
		t.Errorf("%d outages of the archive in the ledger, want the six of autumn 2022", suspects)
	}
	const header = "starts_on,ends_on,scope,item,kind,what,evidence\n"
	for _, bad := range []string{
		"",
		"a,b\n",
		header + "2024-13-01,,check,SAST,cut,w,e\n",
		header + "2024-01-01,2023-01-01,check,SAST,cut,w,e\n",
		header + "2024-01-01,,project,SAST,cut,w,e\n",
		header + "2024-01-01,,check,,cut,w,e\n",
		header + "2024-01-01,,check,SAST,broken,w,e\n",
		header + "2024-01-01,,check,SAST,import,w,e\n",
		header + "2024-01-01,,source,pysec,not-import,w,e\n",
		header + "2024-01-01,,check,SATS,cut,w,e\n",
		header + "2024-01-01,,aggregate,SAST,cut,w,e\n",
		header + "2024-01-01,,check,SAST,cut,w,e\n2024-01-01,,check,SAST,cut,w2,e\n",
		header + "2024-01-01,,check,SAST,cut,w,\n",
		header + "2024-01-02,,check,SAST,cut,w,e\n2024-01-01,,check,SAST,cut,w,e\n",
	} {
		if _, err := parseBreaks([]byte(bad)); err == nil {
			t.Errorf("parseBreaks(%q) is taken", bad)
		}
	}
	if breaks, err := parseBreaks([]byte(header + "2024-01-01,,source,PYSEC,not-import,w,e\n2024-02-01,2024-02-03,source,GHSA,import,w,e\n")); err != nil || len(breaks) != 2 {
		t.Errorf("import days: %v, %v", breaks, err)
	}
}
