package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// explorerWorld has a hundred ranked projects and flaws of some of them: fixed,
// unfixed, exploited, scored, imported, withdrawn and without a severity.
func explorerWorld(t *testing.T) *world {
	w := newWorld(t)
	w.list("2024-01-01", 100, names(1, 100)...)
	fixed := `[[{"introduced":"0"},{"fixed":"2.0"}]]`
	open := `[[{"introduced":"0"}]]`
	for _, r := range []struct {
		a       observation.Advisory
		project string
		ranges  string
	}{
		{observation.Advisory{ID: "PYSEC-2024-1", Aliases: []string{"CVE-2024-0001", "GHSA-aaaa-bbbb-cccc"}, Published: date("2024-02-20"), Modified: date("2024-02-21"), Summary: "Path traversal in Tool",
			Vectors: []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}, "p001", fixed},
		{observation.Advisory{ID: "GHSA-aaaa-bbbb-cccc", Aliases: []string{"CVE-2024-0001"}, Published: date("2024-02-19"), Modified: date("2024-03-21"), SeverityWord: "LOW",
			References: []string{"https://example.org/a"}}, "p001", `[[{"introduced":"1.0"},{"fixed":"1.9"}]]`},
		{observation.Advisory{ID: "PYSEC-2024-2", Aliases: []string{"CVE-2023-0002"}, Published: date("2024-05-20"), Modified: date("2024-05-20")}, "p002", open},
		{observation.Advisory{ID: "PYSEC-2024-3", Published: date("2024-03-20"), Modified: date("2024-03-20"), SeverityWord: "HIGH"}, "outside", fixed},
		{observation.Advisory{ID: "PYSEC-2024-4", Published: date("2024-04-20"), Modified: date("2024-04-20"), Withdrawn: date("2024-04-21")}, "p001", fixed},
		{observation.Advisory{ID: "PYSEC-2024-5", Aliases: []string{"MAL-2024-2"}, Published: date("2024-03-20"), Modified: date("2024-03-20")}, "p0o2", open},
		{observation.Advisory{ID: "MAL-2024-1", Published: date("2024-02-20"), Modified: date("2024-02-20"), Summary: "Malicious code"}, "p0o1", open},
	} {
		r.a.Database, _, _ = strings.Cut(r.a.ID, "-")
		w.record(r.a, false)
		w.affects(r.a.ID, r.project, r.ranges)
	}
	w.project("p001", "1.5", true)
	w.file("p001", "1.5", "p001-1.5.tar.gz", "2020-01-01", false, observation.ProvenanceAbsent)
	added := date("2024-03-01")
	w.put("exploited (cve, known_at, vendor, product, name, added_on, due_on, ransomware, cwes, notes, content_hash, deleted, run_id)",
		[]any{"CVE-2023-0002", w.at, "v", "p", "n", added, nil, "Known", []string{}, "", uint64(1), uint8(0), uuid.Nil})
	w.put("epss (cve, observed_on, model, score, percentile, known_at, run_id)", []any{"CVE-2024-0001", date("2024-05-30"), "v1", float32(0.5), float32(0.97), w.at, uuid.Nil})
	w.ledger(observation.Break{Start: date("2024-03-20"), Scope: "source", Item: "PYSEC", Kind: observation.BreakImport, What: "an import"})
	w.must(w.DeriveAll(w.ctx))
	return w
}

func TestAdvisoryGroups(t *testing.T) {
	w := explorerWorld(t)
	for _, test := range []struct {
		about string
		q     observation.AdvisoriesQuery
		want  []string // ids of the groups
		total int
	}{
		{"all, newest disclosure first", observation.AdvisoriesQuery{}, []string{"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-2", "PYSEC-2024-3"}, 3},
		{"with withdrawn ones", observation.AdvisoriesQuery{Withdrawn: true}, []string{"PYSEC-2024-4", "GHSA-aaaa-bbbb-cccc", "PYSEC-2024-2", "PYSEC-2024-3"}, 4},
		{"a page", observation.AdvisoriesQuery{Limit: 1, Offset: 1}, []string{"PYSEC-2024-2"}, 3},
		{"beyond the last page", observation.AdvisoriesQuery{Limit: 1, Offset: 9}, nil, 3},
		{"a cohort", observation.AdvisoriesQuery{Cohort: observation.CohortTop100}, []string{"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-2"}, 2},
		{"a cohort larger than the list", observation.AdvisoriesQuery{Cohort: observation.CohortTop1000}, nil, 0},
		{"words of the summary", observation.AdvisoriesQuery{Text: "tool TRAVERSAL"}, []string{"GHSA-aaaa-bbbb-cccc"}, 1},
		{"an alias", observation.AdvisoriesQuery{Text: "cve-2024-0001"}, []string{"GHSA-aaaa-bbbb-cccc"}, 1},
		{"a project in another spelling", observation.AdvisoriesQuery{Text: "P001"}, []string{"GHSA-aaaa-bbbb-cccc"}, 1},
		{"text that is SQL", observation.AdvisoriesQuery{Text: "%' OR 1=1 --"}, nil, 0},
		{"a project", observation.AdvisoriesQuery{Project: "p002"}, []string{"PYSEC-2024-2"}, 1},
		{"a severity", observation.AdvisoriesQuery{Severity: "critical"}, []string{"GHSA-aaaa-bbbb-cccc"}, 1},
		{"fixed", observation.AdvisoriesQuery{Fixed: observation.FixedYes, Withdrawn: true}, []string{"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-3"}, 2},
		{"not fixed", observation.AdvisoriesQuery{Fixed: observation.FixedNo, Withdrawn: true}, []string{"PYSEC-2024-2"}, 1},
		{"exploited", observation.AdvisoriesQuery{KEV: true}, []string{"PYSEC-2024-2"}, 1},
		{"likely exploited", observation.AdvisoriesQuery{EPSS: 0.5}, []string{"GHSA-aaaa-bbbb-cccc"}, 1},
		{"less likely", observation.AdvisoriesQuery{EPSS: 0.51}, nil, 0},
		{"latest release in range", observation.AdvisoriesQuery{Affected: true}, []string{"GHSA-aaaa-bbbb-cccc"}, 1},
		{"dates", observation.AdvisoriesQuery{From: date("2024-02-19"), To: date("2024-02-19")}, []string{"GHSA-aaaa-bbbb-cccc"}, 1},
		{"the whole year of one that is known to the year", observation.AdvisoriesQuery{From: date("2023-01-01"), To: date("2023-12-31")}, []string{"PYSEC-2024-2"}, 1},
		{"by modified", observation.AdvisoriesQuery{Sort: "modified"}, []string{"PYSEC-2024-2", "GHSA-aaaa-bbbb-cccc", "PYSEC-2024-3"}, 3},
		{"by severity", observation.AdvisoriesQuery{Sort: "severity"}, []string{"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-3", "PYSEC-2024-2"}, 3},
		{"by epss", observation.AdvisoriesQuery{Sort: "epss"}, []string{"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-2", "PYSEC-2024-3"}, 3},
		{"by rank", observation.AdvisoriesQuery{Sort: "rank"}, []string{"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-2", "PYSEC-2024-3"}, 3},
		{"malware, never among flaws", observation.AdvisoriesQuery{Kind: "malware"}, []string{"PYSEC-2024-5", "MAL-2024-1"}, 2},
	} {
		if test.q.Kind == "" {
			test.q.Kind = "vulnerability"
		}
		if test.q.Cohort == "" {
			test.q.Cohort = observation.CohortAll
		}
		f, err := w.AdvisoryGroups(w.ctx, test.q)
		w.must(err)
		var got []string
		for _, e := range f.Entries {
			got = append(got, e.Group.ID)
		}
		if !slices.Equal(got, test.want) || f.Total != test.total {
			t.Errorf("%s: %q of %d, want %q of %d", test.about, got, f.Total, test.want, test.total)
		}
	}
	if _, err := w.AdvisoryGroups(w.ctx, observation.AdvisoriesQuery{Kind: "vulnerability", Sort: "name; DROP"}); err == nil {
		t.Error("an unknown order is accepted")
	}
	months, err := w.MalwareMonths(w.ctx)
	w.must(err)
	if len(months) != 2 || !months[0].Month.Equal(date("2024-02-01")) || months[0].N != 1 {
		t.Errorf("malware by month: %+v", months)
	}
}

func TestAdvisoryGroupsCounts(t *testing.T) {
	w := explorerWorld(t)
	find := func(q observation.AdvisoriesQuery) observation.AdvisoriesFound {
		t.Helper()
		q.Kind = "vulnerability"
		f, err := w.AdvisoryGroups(w.ctx, q)
		w.must(err)
		return f
	}
	f := find(observation.AdvisoriesQuery{Cohort: observation.CohortTop100, KEV: true})
	if f.Of != 2 || f.Total != 1 || f.YearOnly != 1 || f.NoSeverity != 1 || f.Imports != 0 || f.List != 100 || !f.ListOn.Equal(date("2024-01-01")) {
		t.Errorf("counts: %+v", f)
	}
	e := f.Entries[0]
	if e.Ransomware != "Known" || !e.KEVOn.Equal(date("2024-03-01")) || e.Projects[0].Rank != 2 || e.Projects[0].Asked || e.Projects[0].Latest != nil {
		t.Errorf("exploited: %+v", e)
	}
	if f = find(observation.AdvisoriesQuery{Cohort: observation.CohortAll}); f.NoDate != 1 || f.Imports != 1 || !f.Entries[2].Import || f.NoSeverity != 1 {
		t.Errorf("an import: %+v", f)
	}
	// Whether the latest release is affected is known of one and unknown of the other.
	f = find(observation.AdvisoriesQuery{Cohort: observation.CohortTop100, Affected: true})
	if f.Unknown != 1 || len(f.Projects) != 1 || f.Projects[0].Project != "p001" || f.Projects[0].LatestVersion != "1.5" || *f.Entries[0].EPSS.Score != 0.5 {
		t.Errorf("latest release in range: %+v", f)
	}
	// What has no severity or no EPSS score is neither a match nor none.
	for _, test := range []struct {
		q              observation.AdvisoriesQuery
		total, unknown int
	}{
		{observation.AdvisoriesQuery{Severity: "critical"}, 1, 1},
		{observation.AdvisoriesQuery{Severity: "unknown"}, 1, 0},
		{observation.AdvisoriesQuery{EPSS: 0.5}, 1, 2},
		{observation.AdvisoriesQuery{EPSS: 0.51}, 0, 2},
		{observation.AdvisoriesQuery{EPSS: 0.5, Severity: "critical"}, 1, 1},
		{observation.AdvisoriesQuery{EPSS: 0.5, KEV: true}, 0, 1},
		{observation.AdvisoriesQuery{EPSS: 0.5, Fixed: observation.FixedNo}, 0, 1},
	} {
		test.q.Cohort = observation.CohortAll
		if f = find(test.q); f.Total != test.total || f.Unknown != test.unknown {
			t.Errorf("%+v: %d match and %d may, want %d and %d", test.q, f.Total, f.Unknown, test.total, test.unknown)
		}
	}
	if f = find(observation.AdvisoriesQuery{Cohort: observation.CohortAll, From: date("2023-06-01")}); f.Total != 1 || f.MaybeInRange != 1 {
		t.Errorf("a range that cuts a year: %+v", f)
	}
}

func TestAdvisory(t *testing.T) {
	w := explorerWorld(t)
	for _, id := range []string{"CVE-2024-0001", "pysec-2024-1", "GHSA-AAAA-BBBB-CCCC", "ghsa-aaaa-bbbb-cccc"} {
		d, err := w.Advisory(w.ctx, id)
		w.must(err)
		if d.Group.ID != "GHSA-aaaa-bbbb-cccc" || d.Group.Name != "CVE-2024-0001" {
			t.Errorf("%s leads to %s, %s", id, d.Group.ID, d.Group.Name)
		}
	}
	d, err := w.Advisory(w.ctx, "CVE-2024-0001")
	w.must(err)
	if len(d.Records) != 2 {
		t.Fatalf("records %+v", d.Records)
	}
	ghsa, pysec := d.Records[0], d.Records[1]
	if ghsa.Severity != "low" || ghsa.Word != "LOW" || ghsa.Role != "record" || len(ghsa.Says) != 1 || ghsa.Says[0].Affected != "1.0 to before 1.9" || !slices.Equal(ghsa.Says[0].FixedIn, []string{"1.9"}) {
		t.Errorf("GHSA: %+v", ghsa)
	}
	if pysec.Severity != "critical" || *pysec.Score != 9.8 || pysec.Says[0].Affected != "before 2.0" || !slices.Equal(pysec.Says[0].FixedIn, []string{"2.0"}) {
		t.Errorf("PYSEC: %+v", pysec)
	}
	if p := d.Projects[0]; p.Latest == nil || !*p.Latest || p.Rank != 1 || *p.Releases != 1 {
		t.Errorf("project: %+v", p)
	}
	if d, err = w.Advisory(w.ctx, "PYSEC-2024-4"); err != nil || d.Group.Live || len(d.Records) != 1 || d.Records[0].Role != "withdrawn" || d.Projects[0].Exposed {
		t.Errorf("withdrawn: %+v, %v", d, err)
	}
	if d, err = w.Advisory(w.ctx, "MAL-2024-1"); err != nil || d.Group.Kind != "malware" {
		t.Errorf("malware: %+v, %v", d, err)
	}
	for _, id := range []string{"", "CVE-1", "x' OR 1=1"} {
		if _, err := w.Advisory(w.ctx, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v, want ErrNotFound", id, err)
		}
	}
}
