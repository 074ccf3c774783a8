package store

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/sql"
)

var update = flag.Bool("update", false, "write sql/schema.sql and docs/data-dictionary.md from the migrations")

func TestSchema(t *testing.T) {
	schema, err := migrated(t).Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../../sql/schema.sql", []byte(schema), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(sql.Schema, schema); diff != "" {
		t.Errorf("sql/schema.sql is stale; regenerate it by: make generate\n%s", diff)
	}
}
