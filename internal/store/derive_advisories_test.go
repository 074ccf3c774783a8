package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const criticalVector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" // 9.8

// advisoryWorld holds a few records of each kind. On 1 January 2024 p001 to
// p100 are ranked, on 1 March p002 to p101.
func advisoryWorld(t *testing.T) *world {
	w := newWorld(t)
	w.list("2024-01-01", 1, names(1, 100)...)
	w.list("2024-03-01", 1, names(2, 101)...)

	record := func(id, database, published string, more func(*observation.Advisory)) {
		a := observation.Advisory{ID: id, Database: database, Modified: date("2024-05-20"), Summary: "About " + id}
		if published != "" {
			a.Published = date(published)
		}
		if more != nil {
			more(&a)
		}
		w.record(a, false)
	}
	// One flaw in two databases. The older version of the record calls it low.
	record("PYSEC-2024-1", "PYSEC", "2024-02-10", func(a *observation.Advisory) { a.SeverityWord = "LOW" })
	w.at = w.at.Add(time.Hour)
	record("PYSEC-2024-1", "PYSEC", "2024-02-10", func(a *observation.Advisory) {
		a.Aliases, a.Vectors = []string{"CVE-2024-1", "GHSA-aaaa"}, []string{criticalVector}
	})
	record("GHSA-aaaa", "GHSA", "2024-02-01", func(a *observation.Advisory) { a.Aliases = []string{"CVE-2024-1"} })
	w.affects("PYSEC-2024-1", "p001", `[[{"introduced":"0"},{"fixed":"2.0"}]]`)
	w.affects("GHSA-aaaa", "p001", `[[{"introduced":"0"},{"fixed":"2.0"}]]`)
	// Two projects, one with an unfixed latest release, one outside PyPI's files.
	record("PYSEC-2024-8", "PYSEC", "2024-02-20", func(a *observation.Advisory) { a.SeverityWord = "HIGH" })
	w.affects("PYSEC-2024-8", "p002", `[[{"introduced":"1.0"}]]`)
	w.affects("PYSEC-2024-8", "p001", `[]`, "0.9", "1.0")
	// Found in 2022, recorded in 2024: only the year is known.
	record("PYSEC-2024-7", "PYSEC", "2024-05-05", func(a *observation.Advisory) { a.Aliases = []string{"CVE-2022-1"} })
	w.affects("PYSEC-2024-7", "p050", `[[{"introduced":"0"},{"last_affected":"3"}]]`)
	record("PYSEC-2024-20", "PYSEC", "", nil)
	w.affects("PYSEC-2024-20", "outsider", `[]`)
	record("MAL-2024-5", "MAL", "2024-03-03", nil)
	w.affects("MAL-2024-5", "evil", `[[{"introduced":"0"}]]`)
	record("PYSEC-2024-9", "PYSEC", "2024-01-10", func(a *observation.Advisory) { a.Withdrawn = date("2024-01-11") })
	w.affects("PYSEC-2024-9", "p003", `[[{"introduced":"0"}]]`)
	record("PYSEC-2024-66", "PYSEC", "2024-02-02", nil)
	w.affects("PYSEC-2024-66", "p004", `[[{"introduced":"0"}]]`)
	w.at = w.at.Add(time.Hour)
	w.record(observation.Advisory{ID: "PYSEC-2024-66", Database: "PYSEC", Modified: date("2024-05-21")}, true) // vanished from the source

	w.file("p001", "1.0", "p001-1.0.tar.gz", "2023-01-01", false, observation.ProvenanceAbsent)
	w.file("p001", "2.0", "p001-2.0.tar.gz", "2024-02-11", false, observation.ProvenancePresent)
	w.file("p002", "1.5", "p002-1.5.tar.gz", "2023-06-01", false, observation.ProvenanceUnknown)
	w.file("p002", "1.6", "p002-1.6.tar.gz", "2023-07-01", true, observation.ProvenanceUnknown) // yanked: not the latest
	w.at = w.at.Add(time.Hour)
	w.must(w.DeriveAll(w.ctx))
	return w
}

func TestAdvisoriesByHand(t *testing.T) {
	w := advisoryWorld(t)

	want := map[observation.Cohort]observation.AdvisoryCounts{
		observation.CohortAll: {
			Months: []observation.AdvisoryMonth{{Month: date("2024-02-01"), Groups: map[string]int{"critical": 1, "high": 1}}},
			Day:    2, Year: 1, Unknown: 1, Malware: 1, Withdrawn: 1,
		},
		// On 1 January 2022, the date of the third flaw, there was no list.
		observation.CohortTop100: {
			Months: []observation.AdvisoryMonth{{Month: date("2024-02-01"), Groups: map[string]int{"critical": 1, "high": 1}}},
			Day:    2, Withdrawn: 1,
		},
		observation.CohortTop1000: {}, // the lists are too short
	}
	for cohort, counts := range want {
		got, err := w.Advisories(w.ctx, cohort)
		w.must(err)
		if diff := cmp.Diff(counts, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", cohort, diff)
		}
	}

	found, err := w.NewAdvisories(w.ctx, observation.CohortTop100, date("2024-02-01"), date("2024-02-29"), 10)
	w.must(err)
	if len(found) != 2 || found[0].Group.ID != "PYSEC-2024-8" || !slices.Equal(found[0].Projects, []string{"p001", "p002"}) {
		t.Fatalf("new advisories: %+v", found)
	}
	g := found[1].Group
	if g.ID != "PYSEC-2024-1" || g.Name != "CVE-2024-1" || g.Severity != "critical" || g.Score == nil || *g.Score != 9.8 ||
		!g.Disclosed.Equal(date("2024-02-01")) || g.Precision != "day" || !slices.Equal(g.Members, []string{"GHSA-aaaa", "PYSEC-2024-1"}) {
		t.Errorf("merged group: %+v", g)
	}
	found, err = w.NewAdvisories(w.ctx, observation.CohortAll, date("2024-02-02"), date("2024-02-29"), 10)
	w.must(err)
	if len(found) != 1 {
		t.Errorf("from 2 February on: %+v", found)
	}
	if found, err = w.NewAdvisories(w.ctx, observation.CohortAll, date("2024-02-01"), date("2024-02-29"), 1); err != nil || len(found) != 1 {
		t.Errorf("one of two: %+v, %v", found, err)
	}

	ids := w.rows("SELECT concat(id, ' ', group_id, ' ', role) FROM group_members WHERE group_id IN ('PYSEC-2024-1', 'PYSEC-2024-9') ORDER BY id")
	if want := []string{"CVE-2024-1 PYSEC-2024-1 alias", "GHSA-aaaa PYSEC-2024-1 record", "PYSEC-2024-1 PYSEC-2024-1 record", "PYSEC-2024-9 PYSEC-2024-9 withdrawn"}; !slices.Equal(ids, want) {
		t.Errorf("ids %q", ids)
	}
	// The group is known since the first version of its record.
	if got := w.rows("SELECT toString(arrived_here) FROM advisory_groups WHERE group_id = 'PYSEC-2024-1'"); !slices.Equal(got, []string{"2024-06-01 12:00:00.000"}) {
		t.Errorf("arrival %q", got)
	}
}

func TestExposuresByHand(t *testing.T) {
	w := advisoryWorld(t)
	p, err := w.Project(w.ctx, "p001")
	w.must(err)
	if len(p.Exposures) != 2 {
		t.Fatalf("exposures of p001: %+v", p.Exposures)
	}
	newest, older := p.Exposures[0], p.Exposures[1]
	if newest.Group.ID != "PYSEC-2024-8" || newest.Affected != "0.9, 1.0" || newest.LatestAffected == nil || *newest.LatestAffected || !newest.FixedAt.IsZero() {
		t.Errorf("listed versions: %+v", newest)
	}
	if older.Affected != "before 2.0" || !slices.Equal(older.FixedIn, []string{"2.0"}) || !older.FixedAt.Equal(date("2024-02-11")) ||
		older.FixDays == nil || *older.FixDays != 10 || older.LatestAffected == nil || *older.LatestAffected {
		t.Errorf("fixed ten days after disclosure: %+v", older)
	}
	if p.Groups != 2 || p.LatestAffect != 0 || p.LatestUnknown != 0 || p.Malware != 0 {
		t.Errorf("counts of p001: %+v", p.ProjectRow)
	}

	if p, err = w.Project(w.ctx, "p002"); err != nil || p.LatestAffect != 1 || p.Exposures[0].LatestAffected == nil || !*p.Exposures[0].LatestAffected {
		t.Errorf("p002, whose latest release 1.5 is affected: %+v, %v", p.ProjectRow, err)
	}
	if p, err = w.Project(w.ctx, "p050"); err != nil || p.LatestUnknown != 1 || p.Exposures[0].LatestAffected != nil || p.Exposures[0].Affected != "up to 3" {
		t.Errorf("p050, whose files are not known: %+v, %v", p.ProjectRow, err)
	}
	if p, err = w.Project(w.ctx, "evil"); err != nil || p.Malware != 1 || p.Groups != 0 || len(p.MalwareGroups) != 1 || len(p.Exposures) != 0 {
		t.Errorf("a malware report: %+v, %v", p.ProjectRow, err)
	}
	if p, err = w.Project(w.ctx, "p003"); err != nil || p.Groups != 0 || len(p.Exposures) != 0 {
		t.Errorf("p003 has a withdrawn record alone: %+v, %v", p.ProjectRow, err)
	}
	if p, err = w.Project(w.ctx, "p004"); err != nil || p.Groups != 0 {
		t.Errorf("the record of p004 has vanished: %+v, %v", p.ProjectRow, err)
	}
}

// TestArrivalLag has 40 flaws, the i-th of which came to PYSEC i days after its
// disclosure elsewhere: nine of ten arrive within 36 days.
func TestArrivalLag(t *testing.T) {
	w := newWorld(t)
	for i := range 40 {
		on := date("2024-01-01").AddDate(0, 0, 2*i)
		ghsa, pysec := fmt.Sprintf("GHSA-%04d", i), fmt.Sprintf("PYSEC-2024-%d", i)
		w.record(observation.Advisory{ID: ghsa, Database: "GHSA", Published: on, Modified: on}, false)
		w.affects(ghsa, "p001", `[]`)
		w.record(observation.Advisory{ID: pysec, Database: "PYSEC", Aliases: []string{ghsa}, Published: on.AddDate(0, 0, i), Modified: on}, false)
		w.affects(pysec, "p001", `[]`)
	}
	w.must(w.DeriveAll(w.ctx))
	got, err := w.Advisories(w.ctx, observation.CohortAll)
	w.must(err)
	if got.Day != 40 || got.Lag90 != 36 {
		t.Errorf("%d groups, lag %d, want 40 and 36", got.Day, got.Lag90)
	}
}

// TestExposuresInSteps changes records, releases, lists and decisions at random,
// derives after each change, and compares with a derivation from the beginning:
// the rows must be the same.
func TestExposuresInSteps(t *testing.T) {
	w := newWorld(t)
	w.ledger()
	random := rand.New(rand.NewPCG(7, 11))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	record := func() string {
		return pick("PYSEC-2024-1", "PYSEC-2024-2", "PYSEC-2024-3", "GHSA-a", "GHSA-b", "GHSA-c", "MAL-2024-1", "PYSEC-2024-4", "GHSA-d")
	}
	project := func() string { return pick("p001", "p002", "p003", "p004", "p005") }
	version := func() string { return fmt.Sprintf("%d.%d", random.IntN(3), random.IntN(4)) }
	advisory := func() *observation.Advisory {
		id := record()
		database, _, _ := strings.Cut(id, "-")
		on := date("2024-02-01").AddDate(0, 0, random.IntN(60))
		a := &observation.Advisory{ID: id, Database: database, Published: on, Modified: w.at, SeverityWord: pick("LOW", "HIGH", "")}
		for range random.IntN(3) {
			a.Aliases = append(a.Aliases, pick("CVE-2024-1", "CVE-2024-2", "CVE-2022-3", record()))
		}
		if random.IntN(6) == 0 {
			a.Withdrawn = on
		}
		for _, p := range []string{project(), project()} {
			if len(a.Affected) == 1 && a.Affected[0].Project == p {
				continue
			}
			events := []observation.Event{{Introduced: version()}}
			switch random.IntN(3) {
			case 0:
				events = append(events, observation.Event{Fixed: version()})
			case 1:
				events = append(events, observation.Event{LastAffected: version()})
			}
			a.Affected = append(a.Affected, observation.Affected{Project: p, Versions: []string{version()}, Ranges: []observation.Range{{Events: events}}})
		}
		return a
	}
	files := func() *observation.Project {
		p := &observation.Project{Name: project(), FromIndex: true, Files: []observation.File{}}
		for range random.IntN(6) {
			v := version()
			p.Files = append(p.Files, observation.File{Filename: p.Name + "-" + v + ".tar.gz", Version: v, PackageType: "sdist",
				UploadTime: date("2024-01-01").AddDate(0, 0, random.IntN(150)), Yanked: random.IntN(4) == 0})
		}
		return p
	}
	w.list("2024-01-01", 1, names(1, 100)...)
	for range 12 {
		write(t, w.Store, advisory(), files())
	}
	for step := range 24 {
		w.at = w.at.Add(time.Minute)
		switch what := random.IntN(10); {
		case what < 4:
			write(t, w.Store, advisory())
		case what < 6:
			write(t, w.Store, &observation.AdvisoryGone{ID: record()})
		case what < 8:
			write(t, w.Store, files())
		case what == 8:
			on := date("2024-02-01").AddDate(0, 0, random.IntN(60))
			w.ledger(observation.Break{Start: on, End: on.AddDate(0, 0, 20), Scope: "source", Item: "PYSEC", Kind: observation.BreakImport, What: "w", Evidence: "e"})
		case what == 9:
			w.list(date("2024-02-01").AddDate(0, 0, step).Format(time.DateOnly), 1, names(1+random.IntN(4), 104)...)
		}
		w.must(w.Derive(w.ctx, TouchedBy("osv", nil)))
		if step%3 > 0 {
			continue
		}
		inSteps := w.dump()
		w.must(w.DeriveAll(w.ctx))
		if diff := cmp.Diff(w.dump(), inSteps); diff != "" {
			t.Fatalf("step %d: derived in steps (+) and from the beginning (-) differ:\n%s", step, diff)
		}
	}
}

// TestExposuresAreCopied: what has not changed is not made again.
func TestExposuresAreCopied(t *testing.T) {
	w := advisoryWorld(t)
	published, err := w.readGenerations(w.ctx)
	w.must(err)
	// Words that nothing would make: they last as long as the row is copied.
	mark := func() {
		published, err := w.readGenerations(w.ctx)
		w.must(err)
		w.must(w.conn.Exec(w.ctx, fmt.Sprintf("ALTER TABLE exposures UPDATE affected = concat('copied ', affected) WHERE generation = %d SETTINGS mutations_sync = 2", published[datasetAdvisories])))
	}
	want := func(when string, rows ...string) {
		t.Helper()
		w.at = w.at.Add(time.Minute)
		w.must(w.Derive(w.ctx, TouchedBy("osv", nil)))
		published, err = w.readGenerations(w.ctx)
		w.must(err)
		got := w.rows(fmt.Sprintf("SELECT concat(project, ' ', group_id, ': ', affected) FROM exposures WHERE generation = %d ORDER BY project, group_id", published[datasetAdvisories]))
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	mark()
	w.affects("MAL-2024-5", "evil", `[[{"introduced":"1"}]]`)
	want("a record has changed",
		"evil MAL-2024-5: 1 and later, no fix recorded", "outsider PYSEC-2024-20: copied not stated", "p001 PYSEC-2024-1: copied before 2.0",
		"p001 PYSEC-2024-8: copied 0.9, 1.0", "p002 PYSEC-2024-8: copied 1.0 and later, no fix recorded", "p050 PYSEC-2024-7: copied up to 3")
	w.file("p001", "3.0", "p001-3.0.tar.gz", "2024-03-11", false, observation.ProvenanceAbsent)
	want("a project has a new file",
		"evil MAL-2024-5: 1 and later, no fix recorded", "outsider PYSEC-2024-20: copied not stated", "p001 PYSEC-2024-1: before 2.0",
		"p001 PYSEC-2024-8: 0.9, 1.0", "p002 PYSEC-2024-8: copied 1.0 and later, no fix recorded", "p050 PYSEC-2024-7: copied up to 3")
	want("nothing has changed",
		"evil MAL-2024-5: 1 and later, no fix recorded", "outsider PYSEC-2024-20: copied not stated", "p001 PYSEC-2024-1: before 2.0",
		"p001 PYSEC-2024-8: 0.9, 1.0", "p002 PYSEC-2024-8: copied 1.0 and later, no fix recorded", "p050 PYSEC-2024-7: copied up to 3")
	w.exposed = exposed{} // another process
	want("the first derivation of a process",
		"evil MAL-2024-5: 1 and later, no fix recorded", "outsider PYSEC-2024-20: not stated", "p001 PYSEC-2024-1: before 2.0",
		"p001 PYSEC-2024-8: 0.9, 1.0", "p002 PYSEC-2024-8: 1.0 and later, no fix recorded", "p050 PYSEC-2024-7: up to 3")
}

// TestImportDays: the rule finds a day, and the ledger clears it and adds another.
func TestImportDays(t *testing.T) {
	w := newWorld(t)
	w.ledger()
	for i := range 51 {
		w.record(observation.Advisory{ID: fmt.Sprintf("PYSEC-2024-%d", i), Database: "PYSEC", Aliases: []string{fmt.Sprintf("CVE-2024-%d", i)}, Published: date("2024-04-04"), Modified: date("2024-04-04")}, false)
	}
	w.record(observation.Advisory{ID: "GHSA-a", Database: "GHSA", Published: date("2024-05-05"), Modified: date("2024-05-05")}, false)
	check := func(when string, day, year, unknown int, want ...observation.ImportDay) {
		t.Helper()
		w.at = w.at.Add(time.Minute)
		w.must(w.Derive(w.ctx, Touched{Summaries: true})) // the ledger alone makes it anew
		days, err := w.ImportDays(w.ctx)
		w.must(err)
		if diff := cmp.Diff(want, days); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		counts, err := w.Advisories(w.ctx, observation.CohortAll)
		w.must(err)
		if counts.Day != day || counts.Year != year || counts.Unknown != unknown {
			t.Errorf("%s: %+v, want %d by day, %d by year, %d unknown", when, counts, day, year, unknown)
		}
	}
	w.must(w.Derive(w.ctx, TouchedBy("osv", nil)))
	check("the rule", 1, 51, 0, observation.ImportDay{Database: "PYSEC", Day: date("2024-04-04"), Records: 51, Import: true})
	w.at = w.at.Add(time.Minute)
	w.ledger(
		observation.Break{Start: date("2024-04-04"), Scope: "source", Item: "PYSEC", Kind: observation.BreakNotImport, What: "w", Evidence: "e"},
		observation.Break{Start: date("2024-05-05"), Scope: "source", Item: "GHSA", Kind: observation.BreakImport, What: "w", Evidence: "e"},
	)
	check("the ledger", 51, 0, 1,
		observation.ImportDay{Database: "PYSEC", Day: date("2024-04-04"), Records: 51, Ledger: true},
		observation.ImportDay{Database: "GHSA", Day: date("2024-05-05"), Records: 1, Import: true, Ledger: true})
}

// TestArrivals: a backfill is one month of arrivals and many of disclosure.
func TestArrivals(t *testing.T) {
	w := newWorld(t)
	w.list("2024-01-01", 1, names(1, 100)...)
	for i, on := range []string{"2024-01-10", "2024-02-10", "2024-03-10"} {
		ghsa, pysec := fmt.Sprintf("GHSA-%d", i), fmt.Sprintf("PYSEC-2024-%d", i)
		w.record(observation.Advisory{ID: ghsa, Database: "GHSA", Published: date(on), Modified: date(on), SeverityWord: "HIGH"}, false)
		w.affects(ghsa, name(1+99*(i%2)), `[]`) // p001, p100, p001
		w.record(observation.Advisory{ID: pysec, Database: "PYSEC", Aliases: []string{ghsa}, Published: date("2024-05-05"), Modified: date(on)}, false)
		w.affects(pysec, "outsider", `[]`)
	}
	w.list("2024-05-01", 1, names(1, 120)...)
	w.record(observation.Advisory{ID: "MAL-2024-1", Database: "MAL", Published: date("2024-05-05"), Modified: date("2024-05-05")}, false)
	w.must(w.DeriveAll(w.ctx))
	months := func(list ...string) (out []observation.AdvisoryMonth) {
		for _, m := range list {
			month, n, _ := strings.Cut(m, " ")
			groups, err := strconv.Atoi(n)
			w.must(err)
			out = append(out, observation.AdvisoryMonth{Month: date(month + "-01"), Groups: map[string]int{"high": groups}})
		}
		return out
	}
	for _, tt := range []struct {
		cohort observation.Cohort
		basis  observation.ArrivalBasis
		want   []observation.AdvisoryMonth
	}{
		{observation.CohortAll, observation.ArrivalDisclosed, months("2024-01 1", "2024-02 1", "2024-03 1")},
		{observation.CohortAll, observation.ArrivalPYSEC, months("2024-05 3")},
		{observation.CohortAll, observation.ArrivalHere, months("2024-06 3")},
		{observation.CohortTop100, observation.ArrivalDisclosed, months("2024-01 1", "2024-02 1", "2024-03 1")},
		{observation.CohortTop100, observation.ArrivalPYSEC, months("2024-05 3")},
		{observation.CohortTop1000, observation.ArrivalPYSEC, nil}, // the list is too short
	} {
		got, err := w.Arrivals(w.ctx, tt.cohort, tt.basis)
		w.must(err)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s by %s (-want +got):\n%s", tt.cohort, tt.basis, diff)
		}
	}
}

// TestTimeToFix has one pair of every outcome.
func TestTimeToFix(t *testing.T) {
	w := newWorld(t) // on 1 June 2024
	w.list("2024-01-01", 1, names(1, 100)...)
	for i, f := range []struct{ project, published, ranges, word string }{
		{"p001", "2024-02-01", `[[{"introduced":"0"},{"fixed":"2.0"}]]`, "HIGH"},             // fixed after 10 days
		{"p001", "2024-02-11", `[[{"introduced":"1.0"},{"fixed":"2.0"}]]`, "LOW"},            // after none
		{"p001", "2024-02-21", `[[{"introduced":"0"},{"fixed":"2.0"}]]`, "HIGH"},             // 10 days before
		{"p001", "2024-05-22", `[[{"introduced":"0"}]]`, "HIGH"},                             // unfixed for 10 days
		{"p001", "2024-05-30", `[[{"introduced":"0"},{"fixed":"9.0"}]]`, "HIGH"},             // the fix is not there yet: for 2 days
		{"p001", "2024-02-01", `[[{"introduced":"0"},{"fixed":"1.1.1"}]]`, "HIGH"},           // its fix is no longer there
		{"p001", "2024-02-01", `[[{"introduced":"0"},{"last_affected":"1.0"}]]`, "CRITICAL"}, // no fix said, latest not affected
		{"p001", "2024-02-01", `[]`, "HIGH"},                                                 // nothing said
		{"p002", "2024-02-01", `[[{"introduced":"0"}]]`, "HIGH"},                             // files not known
		{"outsider", "2024-02-01", `[[{"introduced":"0"}]]`, "HIGH"},                         // files not known, in no cohort by rank
		{"p001", "", `[[{"introduced":"0"},{"fixed":"2.0"}]]`, "HIGH"},                       // no disclosure: left out
	} {
		a := observation.Advisory{ID: fmt.Sprintf("PYSEC-2024-%d", i), Database: "PYSEC", Modified: date("2024-05-05"), SeverityWord: f.word}
		if f.published != "" {
			a.Published = date(f.published)
		}
		w.record(a, false)
		w.affects(a.ID, f.project, f.ranges)
	}
	w.file("p001", "1.0", "p001-1.0.tar.gz", "2023-01-01", false, observation.ProvenanceAbsent)
	w.file("p001", "2.0", "p001-2.0.tar.gz", "2024-02-11", false, observation.ProvenanceAbsent)
	w.must(w.DeriveAll(w.ctx))
	got, err := w.TimeToFix(w.ctx, observation.CohortTop100, "any")
	w.must(err)
	ten := 10
	first, second := 0.75, 0.375
	want := observation.TimeToFix{Cohort: observation.CohortTop100, Severity: "any", Fixed: 2, Unfixed: 2, Before: 1, Undated: 3, Unseen: 1, Median: &ten, Days: []observation.FixDay{
		{Day: 0, AtRisk: 4, Fixed: 1, Unfixed: first, StdErr: ptr(first * math.Sqrt(1.0/(4*3)))},
		{Day: 2, AtRisk: 3, Censored: 1, Unfixed: first, StdErr: ptr(first * math.Sqrt(1.0/(4*3)))},
		{Day: 10, AtRisk: 2, Fixed: 1, Censored: 1, Unfixed: second, StdErr: ptr(second * math.Sqrt(1.0/(4*3)+1.0/(2*1)))},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for severity, want := range map[string][5]int{"high": {1, 2, 1, 2, 1}, "low": {1, 0, 0, 0, 0}, "critical": {0, 0, 0, 1, 0}, "none": {}} {
		got, err := w.TimeToFix(w.ctx, observation.CohortTop100, severity)
		w.must(err)
		if counts := [5]int{got.Fixed, got.Unfixed, got.Before, got.Undated, got.Unseen}; counts != want {
			t.Errorf("%s: %v, want %v", severity, counts, want)
		}
	}
	if got, err = w.TimeToFix(w.ctx, observation.CohortAll, "any"); err != nil || got.Unseen != 2 || got.Fixed != 2 {
		t.Errorf("all: %+v, %v", got, err)
	}
}

// TestGoneAdvisories: what a database has deleted counts no more and leads on.
func TestGoneAdvisories(t *testing.T) {
	w := newWorld(t)
	record := func(id string, aliases ...string) *observation.Advisory {
		database, _, _ := strings.Cut(id, "-")
		return &observation.Advisory{ID: id, Database: database, Aliases: aliases, Published: date("2024-04-04"), Modified: date("2024-04-04"), Affected: []observation.Affected{{Project: "p"}}}
	}
	members := func(when string, want ...string) {
		t.Helper()
		w.at = w.at.Add(time.Hour)
		w.must(w.Derive(w.ctx, TouchedBy("osv", nil)))
		published, err := w.readGenerations(w.ctx)
		w.must(err)
		got := w.rows(fmt.Sprintf(`SELECT concat(id, ' ', group_id, ' ', role, ' ', toString(live), ' ', toString(arrived_here), ' ', toString(toDate(arrived_pysec)))
			FROM group_members AS m INNER JOIN advisory_groups AS g ON g.group_id = m.group_id AND g.generation = m.generation WHERE m.generation = %d ORDER BY id, group_id`, published[datasetAdvisories]))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	const first = "2024-06-01 12:00:00.000 2024-04-04"
	write(t, w.Store, record("PYSEC-2024-1", "CVE-2024-1", "CVE-2024-2"))
	members("alone", "CVE-2024-1 PYSEC-2024-1 alias 1 "+first, "CVE-2024-2 PYSEC-2024-1 alias 1 "+first, "PYSEC-2024-1 PYSEC-2024-1 record 1 "+first)
	write(t, w.Store, record("GHSA-a", "CVE-2024-1"))
	write(t, w.Store, record("PYSEC-2024-1", "CVE-2024-1"))
	members("an alias less, a record more", "CVE-2024-1 PYSEC-2024-1 alias 1 "+first, "CVE-2024-2 PYSEC-2024-1 former 1 "+first, "GHSA-a PYSEC-2024-1 record 1 "+first, "PYSEC-2024-1 PYSEC-2024-1 record 1 "+first)
	write(t, w.Store, &observation.AdvisoryGone{ID: "PYSEC-2024-1"})
	members("deleted", "CVE-2024-1 PYSEC-2024-1 alias 1 "+first, "CVE-2024-2 PYSEC-2024-1 former 1 "+first, "GHSA-a PYSEC-2024-1 record 1 "+first, "PYSEC-2024-1 PYSEC-2024-1 gone 1 "+first)
	write(t, w.Store, &observation.AdvisoryGone{ID: "GHSA-a"})
	if err := w.Derive(w.ctx, TouchedBy("osv", nil)); err != nil {
		t.Fatal(err)
	}
	if counts, err := w.Advisories(w.ctx, observation.CohortAll); err != nil || counts.Withdrawn != 0 || counts.Day != 0 {
		t.Errorf("both deleted: %+v, %v", counts, err)
	}
	write(t, w.Store, record("PYSEC-2024-1", "CVE-2024-1"), record("GHSA-a", "CVE-2024-1"))
	members("back", "CVE-2024-1 PYSEC-2024-1 alias 1 "+first, "CVE-2024-2 PYSEC-2024-1 former 1 "+first, "GHSA-a PYSEC-2024-1 record 1 "+first, "PYSEC-2024-1 PYSEC-2024-1 record 1 "+first)
}

// TestHostileVersions: a NUL in a version does not make two of it, and an empty
// version is one.
func TestHostileVersions(t *testing.T) {
	w := newWorld(t)
	w.record(observation.Advisory{ID: "PYSEC-2024-1", Database: "PYSEC", Published: date("2024-02-02"), Modified: date("2024-02-02")}, false)
	w.affects("PYSEC-2024-1", "p001", `[]`, "", "1.5\x001.6")
	w.file("p001", "1.5", "p001-1.5.tar.gz", "2023-06-01", false, observation.ProvenanceUnknown)
	w.must(w.DeriveAll(w.ctx))
	got := w.rows("SELECT concat(affected, '; ', toString(latest_affected)) FROM exposures")
	if want := []string{", 1.5?1.6; 0"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
