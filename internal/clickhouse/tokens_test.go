//go:build linux && amd64 && !noengine

package clickhouse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestForgetLostBatches(t *testing.T) {
	tests := []struct {
		name      string
		parts     []string          // directories of the table
		logs      map[string]string // before
		want      map[string]string // after, where it differs
		forgotten int
	}{
		{
			name:  "nothing lost",
			parts: []string{"all_1_1_0", "all_2_2_0"},
			logs:  map[string]string{"1": "1\tall_1_1_0\tall_a\n1\tall_2_2_0\tall_b\n"},
		},
		{
			name:      "the last part is not there",
			parts:     []string{"all_1_1_0"},
			logs:      map[string]string{"1": "1\tall_1_1_0\tall_a\n1\tall_2_2_0\tall_b\n"},
			want:      map[string]string{"1": "1\tall_1_1_0\tall_a\n"},
			forgotten: 1,
		},
		{
			name:  "merged and mutated since",
			parts: []string{"202601_1_7_2_9", "202602_3_4_1"},
			logs:  map[string]string{"1": "1\t202601_1_1_0\ta\n1\t202601_5_5_0\tb\n1\t202602_3_3_0\tc\n"},
		},
		{
			name:      "another partition's part does not stand in",
			parts:     []string{"202601_1_7_2", "202602_1_1_0"},
			logs:      map[string]string{"1": "1\t202603_2_2_0\ta\n"},
			want:      map[string]string{"1": ""},
			forgotten: 1,
		},
		{
			name:      "unfinished and leaving parts do not count",
			parts:     []string{"tmp_insert_all_1_1_0", "delete_tmp_all_1_1_0", "tmp_merge_all_1_2_1", "detached", "deduplication_logs_1"},
			logs:      map[string]string{"1": "1\tall_1_1_0\ta\n"},
			want:      map[string]string{"1": ""},
			forgotten: 1,
		},
		{
			name: "a revoked token stays as it is",
			logs: map[string]string{"1": "1\tall_1_1_0\ta\n2\tall_1_1_0\ta\n1\tall_2_2_0\tb\n3\tall_2_2_0\tb\n"},
		},
		{
			name: "revoked in a later log; 10 comes after 9",
			logs: map[string]string{"9": "1\tall_1_1_0\ta\n", "10": "2\tall_1_1_0\ta\n"},
		},
		{
			name:      "several logs",
			parts:     []string{"all_1_1_0"},
			logs:      map[string]string{"9": "1\tall_1_1_0\ta\n1\tall_2_2_0\tb\n", "10": "1\tall_3_3_0\tc\n"},
			want:      map[string]string{"9": "1\tall_1_1_0\ta\n", "10": ""},
			forgotten: 2,
		},
		{
			name:  "a token may hold anything but a line feed",
			parts: []string{"all_1_1_0"},
			logs:  map[string]string{"1": "1\tall_1_1_0\ttoken\twith\ttabs \\ and 'quotes'\n"},
		},
		{
			name: "what is not understood stays",
			logs: map[string]string{"1": "\n1\n1\tall_1_1_0\nnonsense\n1\tnot-a-part\ttoken\n7\tall_1_1_0\tx\n", "x": "1\tall_1_1_0\ta\n"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			table := filepath.Join(dataDir(dir), "store", "abc", "abc-uuid")
			logs := filepath.Join(table, "deduplication_logs")
			for _, sub := range append(test.parts, "deduplication_logs") {
				if err := os.MkdirAll(filepath.Join(table, sub), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			logFile := func(number string) string { return filepath.Join(logs, "deduplication_log_"+number+".txt") }
			for number, text := range test.logs {
				writeFile(t, logFile(number), text, 0o640)
			}
			forgotten, err := forgetLostBatches(dir)
			if err != nil {
				t.Fatal(err)
			}
			if forgotten != test.forgotten {
				t.Errorf("%d batches forgotten, want %d", forgotten, test.forgotten)
			}
			for number, want := range test.logs {
				if changed, ok := test.want[number]; ok {
					want = changed
				}
				got, err := os.ReadFile(logFile(number))
				if err != nil {
					t.Fatal(err)
				}
				if string(got) != want {
					t.Errorf("log %s is %q, want %q", number, got, want)
				}
			}
			// Any other file in there would make the engine refuse the table.
			entries, err := os.ReadDir(logs)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) != len(test.logs) {
				t.Errorf("files are left beside the logs: %v", entries)
			}
		})
	}
	t.Run("no data yet", func(t *testing.T) {
		if n, err := forgetLostBatches(t.TempDir()); n != 0 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
	})
}

func FuzzTokenRecordKeepsLine(f *testing.F) {
	f.Add("1\tall_1_1_0\ttoken\n")
	f.Add("\t\t\n")
	f.Add("1\tall_1_99999999999999999999_0\tx")
	f.Fuzz(func(t *testing.T, line string) {
		r := parseTokenRecord(line)
		if r.line != line {
			t.Errorf("line %q became %q", line, r.line)
		}
		if r.added && !strings.HasPrefix(line, "1\t") {
			t.Errorf("%q taken for an addition", line)
		}
		covered(r.part, nil)
	})
}
