package store

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const dictionaryFile = "../../docs/data-dictionary.md"

func TestDictionary(t *testing.T) {
	s := migrated(t)
	text, err := s.Dictionary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(dictionaryFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	stored, err := os.ReadFile(dictionaryFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(stored), text); diff != "" {
		t.Errorf("docs/data-dictionary.md is stale; regenerate it by: make generate\n%s", diff)
	}
	if missing := lines(t, s, "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = ''"); missing != nil {
		t.Errorf("columns without a comment: %v", missing)
	}
	for table := range origins {
		if !strings.Contains(text, "\n### "+table+"\n") {
			t.Errorf("origins has %s, which is no table", table)
		}
	}
}

func TestDictionaryRefusesWhatIsNotDescribed(t *testing.T) {
	for statement, want := range map[string]string{
		"CREATE TABLE stray (a UInt8 COMMENT 'x') ENGINE = MergeTree ORDER BY a COMMENT 'y'":                  "stray has no origin",
		"ALTER TABLE ranks ADD COLUMN bare UInt8":                                                             "column bare of ranks has no comment",
		"ALTER TABLE ranks MODIFY COMMENT ''":                                                                 "table ranks has no comment",
		"ALTER TABLE rollup_scores ADD COLUMN other Map(String, UInt8)":                                       "column other of rollup_scores has no comment",
		"ALTER TABLE rollup_scores ADD COLUMN other Array(Nullable(UInt8)) COMMENT 'a | b'":                   "",
		"ALTER TABLE rollup_scores ADD COLUMN other Map(LowCardinality(String), Nullable(UInt8)) COMMENT 'm'": "",
	} {
		s := migrated(t)
		if err := s.conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		text, err := s.Dictionary(t.Context())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v; want %q", statement, err, want)
		}
		if strings.Contains(statement, "a | b") && !strings.Contains(text, "| `other` | list of: whole number, 0 to 255, or unknown | a \\| b |") {
			t.Errorf("the row of an odd column is not in\n%s", text)
		}
	}
}
