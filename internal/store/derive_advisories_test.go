package store

import (
	"fmt"
	"slices"
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
