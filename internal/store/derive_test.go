package store

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/sql"
)

// An upgrade finds a store that an older program has filled: without a table, or
// with one that it filled by other rules. All of it is derived anew, once.
func TestUpgradeDerivesAnew(t *testing.T) {
	w := advisoryWorld(t)
	outdated := func(when string, want ...string) {
		t.Helper()
		got, err := w.Outdated(w.ctx)
		w.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("outdated %s (-want +got):\n%s", when, diff)
		}
	}
	w.must(w.DeriveAll(w.ctx))
	outdated("after deriving everything")
	want := w.dump() + w.dumpOf(datasetRecent)

	// As the program before this one left it: it did not know the changes, and other
	// rules made the adoption and the advisories.
	for _, statement := range []string{
		"TRUNCATE TABLE changes", "TRUNCATE TABLE range_changes", "TRUNCATE TABLE rollup_adoption",
		"DELETE FROM publications WHERE dataset = 'changes'",
		"ALTER TABLE publications UPDATE form = 0 WHERE dataset IN ('advisories', 'adoption') SETTINGS mutations_sync = 2",
	} {
		w.must(w.conn.Exec(w.ctx, statement))
	}
	outdated("after an upgrade", datasetAdoption, datasetAdvisories, datasetRecent)

	w.at = w.at.Add(time.Minute)
	before, err := w.readGenerations(w.ctx)
	w.must(err)
	w.must(w.Derive(w.ctx, Touched{}))
	outdated("after deriving what was")
	if diff := cmp.Diff(want, w.dump()+w.dumpOf(datasetRecent)); diff != "" {
		t.Errorf("derived anew (+) and by this program from the beginning (-) differ:\n%s", diff)
	}
	after, err := w.readGenerations(w.ctx)
	w.must(err)
	for _, dataset := range []string{datasetScores, datasetChecks, datasetLedger} {
		if after[dataset] != before[dataset] {
			t.Errorf("%s was derived anew for nothing", dataset)
		}
	}

	w.at = w.at.Add(time.Minute)
	w.must(w.Derive(w.ctx, Touched{}))
	again, err := w.readGenerations(w.ctx)
	w.must(err)
	if !maps.Equal(after, again) {
		t.Errorf("nothing was touched, and generations went from %v to %v", after, again)
	}
}

// A store that is being filled for the first time has nothing to make anew.
func TestNothingIsOutdatedAtFirst(t *testing.T) {
	w := newWorld(t)
	w.must(w.Derive(w.ctx, Touched{Exploitation: true}))
	if outdated, err := w.Outdated(w.ctx); err != nil || outdated != nil {
		t.Errorf("outdated %v, %v; want none", outdated, err)
	}
}

// tablesOfForm are the tables of each dataset in its current form, hashed without
// their comments.
var tablesOfForm = map[string]string{
	datasetAdoption:     "e863beb3ed69",
	datasetAdvisories:   "49e37d936dc4",
	datasetChecks:       "90ab2547084c",
	datasetExploitation: "7c8e30e6ee33",
	datasetRecent:       "1a0cca2c4adc",
	datasetScores:       "2903e8b65cfa",
	datasetSummaries:    "b287057f4fc9",
	datasetThreats:      "78e7b2446e23",
}

// Whoever changes a derived table has to raise the form of its dataset, or stores
// that are filled already keep the old one until everything is collected again.
func TestFormsFollowTables(t *testing.T) {
	definition := regexp.MustCompile(`(?s)CREATE TABLE (\w+)\n(.*?)\n\n`)
	comment := regexp.MustCompile(`COMMENT '(?:[^'\\]|\\.)*'`)
	tables := make(map[string]string)
	for _, match := range definition.FindAllStringSubmatch(comment.ReplaceAllString(sql.Schema+"\n\n", ""), -1) {
		tables[match[1]] = match[2]
	}
	for _, dataset := range slices.Sorted(maps.Keys(derivedForms)) {
		hash := sha256.New()
		for _, table := range derivedTables[dataset] {
			if tables[table] == "" {
				t.Fatalf("the schema has no table %s", table)
			}
			hash.Write([]byte(tables[table]))
		}
		if sum := hex.EncodeToString(hash.Sum(nil))[:12]; sum != tablesOfForm[dataset] {
			t.Errorf("the tables of %s have changed: raise derivedForms[%q], and set tablesOfForm to %q", dataset, dataset, sum)
		}
		if derivedForms[dataset] == 0 {
			t.Errorf("%s has no form", dataset)
		}
	}
}
