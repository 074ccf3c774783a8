package testenv

import "testing"

func TestMain(m *testing.M) { Main(m) }

func TestClickHouse(t *testing.T) {
	one, two := ClickHouse(t), ClickHouse(t)
	if one.Name == two.Name {
		t.Fatalf("two calls share the database %s", one.Name)
	}
	if got := one.DSN.Database(); got != one.Name {
		t.Errorf("DSN names the database %q, want %q", got, one.Name)
	}
	for _, db := range []*DB{one, two} {
		// The same table in both: they do not see each other.
		if err := db.Conn.Exec(t.Context(), "CREATE TABLE t (n UInt8) ENGINE = MergeTree ORDER BY n"); err != nil {
			t.Fatal(err)
		}
		var name string
		if err := db.Conn.QueryRow(t.Context(), "SELECT currentDatabase()").Scan(&name); err != nil {
			t.Fatal(err)
		}
		if name != db.Name {
			t.Errorf("connected to the database %q, want %q", name, db.Name)
		}
	}
}

func TestDatabaseIsDropped(t *testing.T) {
	var name string
	t.Run("inner", func(t *testing.T) { name = ClickHouse(t).Name })
	var left uint64
	err := ClickHouse(t).Conn.QueryRow(t.Context(), "SELECT count() FROM system.databases WHERE name = $1", name).Scan(&left)
	if err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("database %s is left after its test", name)
	}
}
