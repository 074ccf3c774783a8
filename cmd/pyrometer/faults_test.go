package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/schedule"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// rig is a store in this process, and the collectors over a small simulated
// ecosystem with or without faults.
type rig struct {
	testing.TB
	store *store.Store
	now   time.Time
}

func newRig(t testing.TB) *rig {
	t.Helper()
	db := testenv.ClickHouse(t)
	return rigOn(t, store.Options{DSN: db.DSN, Database: db.Name})
}

// rigOn is a rig on a database that may have been written before.
func rigOn(t testing.TB, o store.Options) *rig {
	t.Helper()
	r := &rig{TB: t}
	o.Track, o.Now = 60, func() time.Time { return r.now }
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.store = s
	return r
}

// collect asks every source once, as it stands on a day, and returns how the
// runs ended.
func (r *rig) collect(on time.Time, faults string) map[string]observation.Run {
	r.Helper()
	if !on.After(r.now) {
		on = r.now.Add(time.Second)
	}
	r.now = on
	client, err := upstream.New(upstream.Options{
		Spec: "simulated:50", Version: version, Validators: r.store, Faults: faults,
		Now:   func() time.Time { return r.now },
		Sleep: func(ctx context.Context, d time.Duration) error { r.now = r.now.Add(d); return ctx.Err() },
	})
	if err != nil {
		r.Fatal(err)
	}
	runner := schedule.NewRunner(schedule.Options{
		Store:     r.store,
		NewWriter: func(run observation.Run) schedule.Writer { return r.store.NewWriter(run) },
		Catalog:   r.store,
		Derive: func(ctx context.Context, f schedule.Finished) error {
			touched := store.TouchedBy(f.Run.Collector, f.Days)
			touched.Run = f.Run
			return r.store.Derive(ctx, touched)
		},
		Upstream: client.Kind(), Version: version, Track: 60, Now: func() time.Time { return r.now },
	})
	runs := map[string]observation.Run{}
	for _, c := range append([]collectors.Collector{backfills(client)[0].collector}, registry(client)...) {
		run, _ := runner.Run(r.Context(), c, schedule.Request{}) // the record has the failure
		runs[c.Name()] = run
	}
	return runs
}

// contents is every table that holds facts, each row as a text without the
// stamps, sorted.
func (r *rig) contents() map[string][]string {
	r.Helper()
	tables, err := r.store.Tables(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		if slices.Contains([]string{"runs", "rejects", "publications"}, table.Name) {
			continue
		}
		var keep []int
		lines := []string{}
		err := r.store.StreamTable(r.Context(), table.Name, func(row []string) error {
			if keep == nil {
				for i, column := range row {
					if !slices.Contains(stamps, column) {
						keep = append(keep, i)
					}
				}
				return nil
			}
			var line strings.Builder
			for _, i := range keep {
				line.WriteString(row[i] + "\x1f")
			}
			lines = append(lines, line.String())
			return nil
		})
		if err != nil {
			r.Fatal(err)
		}
		slices.Sort(lines)
		all[table.Name] = lines
	}
	return all
}

// holds reports where a store differs from what it ought to hold: in tables, all
// of them when none is named.
func (r *rig) holds(when string, want map[string][]string, tables ...string) {
	r.Helper()
	same(r, when, want, r.contents(), tables...)
}

// same reports where what is stored differs from what ought to be: in tables,
// all of them when none is named.
func same(t testing.TB, when string, want, got map[string][]string, tables ...string) {
	t.Helper()
	if tables == nil {
		tables = slices.Sorted(maps.Keys(want))
	}
	for _, table := range tables {
		if slices.Equal(want[table], got[table]) {
			continue
		}
		lost, added := minus(want[table], got[table]), minus(got[table], want[table])
		// That a repository could not be asked on a day stays true.
		added = slices.DeleteFunc(added, func(line string) bool { return strings.Contains(line, unavailable) })
		if len(lost)+len(added) == 0 {
			continue
		}
		t.Errorf("%s: %s has %d rows that it should not have and lacks %d:\n  + %.300q\n  - %.300q", when, table, len(added), len(lost), first(added), first(lost))
	}
}

// minus returns the lines of a, sorted, that b, sorted, does not have.
func minus(a, b []string) []string {
	var rest []string
	for _, line := range a {
		if _, found := slices.BinarySearch(b, line); !found {
			rest = append(rest, line)
		}
	}
	return rest
}

func first(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// sourceTables hold what sources said; all others are derived from them.
var sourceTables = []string{"ranks", "scorecard_results", "scorecard_checks", "projects", "files", "project_repositories", "project_presence", "provenance",
	"repositories", "advisories", "affected", "exploited", "epss", "cpython_advisories", "python_cycles"}

// unavailable marks the row of a repository that could not be asked.
const unavailable = "\x1funavailable\x1f"

// The days of these tests: on the first the store is filled, and a week later
// much is new.
var (
	firstDay = time.Date(2026, 11, 10, 6, 0, 0, 0, time.UTC)
	laterDay = firstDay.AddDate(0, 0, 8)
)

// clean is what a store holds that no fault befell.
var clean struct {
	sync.Once
	contents map[string][]string
}

func withoutFaults(t *testing.T) map[string][]string {
	t.Helper()
	clean.Do(func() {
		r := newRig(t)
		r.collect(firstDay, "")
		r.collect(laterDay, "")
		clean.contents = r.contents()
	})
	return clean.contents
}

// TestFaultsThatAreNoAnswer: what is no answer, or cannot be believed, ends a run
// as failed. Nothing is lost, nothing is added but whole snapshots that were read
// before the fault and the note that a repository could not be asked, and once
// the fault is over the store is that of a clean collection.
func TestFaultsThatAreNoAnswer(t *testing.T) {
	want := withoutFaults(t)

	r := newRig(t)
	r.collect(firstDay, "")
	before := r.contents()
	type fault struct {
		spec    string
		sources []string // those that must fail when it befalls one host
	}
	var faults []fault
	for _, kind := range []string{"429", "busy", "500", "503", "reset", "truncate", "length", "html", "empty", "bomb", "loop", "private", "none"} {
		faults = append(faults, fault{spec: kind + "=1"})
	}
	faults = append(faults,
		fault{"shrink=1;host=hugovk.dev", []string{"ranks"}},
		fault{"shrink=1;host=codeload.github.com", []string{"pypiscorecards", "cpython"}},
		fault{"shrink=1;host=osv-vulnerabilities.storage.googleapis.com", []string{"osv"}},
		fault{"shrink=1;host=www.cisa.gov", []string{"kev"}},
		fault{"shrink=1;host=epss.empiricalsecurity.com", []string{"epss"}},
		fault{"shrink=1;host=endoflife.date", []string{"pythoncycles"}},
		fault{"shrink=1;host=pypi.org", []string{"pypi"}})
	for _, fault := range faults {
		for name, run := range r.collect(laterDay, fault.spec) {
			befallen := fault.sources == nil || slices.Contains(fault.sources, name)
			// A source that had nothing new is not told from one that was asked; of the
			// repositories some are answered for by a 404, which no fault befalls.
			if befallen && run.State != observation.RunFailed && run.Rows > 0 && name != "scorecard" {
				t.Errorf("%s: %s is %s: %d rows, %d rejects, %s", fault.spec, name, run.State, run.Rows, run.Rejects, run.Note)
			}
		}
		got := r.contents()
		for _, table := range sourceTables {
			for _, line := range minus(before[table], got[table]) {
				if !strings.Contains(line, unavailable) {
					t.Errorf("after %s %s lacks %.300q", fault.spec, table, line)
					break
				}
			}
			for _, line := range minus(got[table], before[table]) {
				if _, known := slices.BinarySearch(want[table], line); !known && !strings.Contains(line, unavailable) {
					t.Errorf("after %s %s has a row that is not true: %.300q", fault.spec, table, line)
					break
				}
			}
		}
		before = got
	}
	r.collect(laterDay, "")
	r.holds("once the faults are over", want)
}

// TestFaultsThatDoNotMatter: the same store as without them.
func TestFaultsThatDoNotMatter(t *testing.T) {
	want := withoutFaults(t)
	for _, fault := range []string{"skew=0.5,slow=0.5", "duplicate=1", "slip=1"} {
		t.Run(fault, func(t *testing.T) {
			r := newRig(t)
			r.collect(firstDay, "")
			for name, run := range r.collect(laterDay, fault) {
				if run.State == observation.RunFailed && (fault != "duplicate=1" || name != "kev") {
					t.Errorf("%s failed: %s", name, run.Error)
				}
			}
			if fault == "duplicate=1" {
				r.collect(laterDay, "") // the catalogue that says how long it is was refused
			}
			r.holds("after "+fault, want)
		})
	}
}

// TestFaultsInTheText: what is no text, or far too much of it, is refused with its
// record, and none of it is stored; what is derived from the next good answer is as if it had never been.
func TestFaultsInTheText(t *testing.T) {
	want := withoutFaults(t)
	for _, fault := range []string{"utf8=0.5,nul=0.5", "string=0.5,nesting=0.5"} {
		t.Run(fault, func(t *testing.T) {
			r := newRig(t)
			r.collect(firstDay, "")
			for name, run := range r.collect(laterDay, fault) {
				t.Logf("%s is %s: rows %d, rejects %d, %s %s", name, run.State, run.Rows, run.Rejects, run.Note, run.Error)
			}
			for table, lines := range r.contents() {
				for _, line := range lines {
					if !utf8.ValidString(line) || strings.ContainsAny(line, "\x00\ufffd") {
						t.Errorf("%s holds %q", table, line)
						break
					}
				}
			}
			r.collect(laterDay, "")
			r.holds("once it is over", want, "advisory_groups", "exposures", "rollup_scores", "rollup_advisories", "project_summaries")
		})
	}
}
