package advisory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// on reads a date, or a date and a time.
func on(s string) time.Time {
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	panic("test: not a date: " + s)
}

// rec makes a live record, published, modified and known on a day of 2024.
func rec(id string, aliases ...string) Record {
	return Record{
		Advisory: observation.Advisory{
			ID:        id,
			Database:  Prefix(id),
			Aliases:   aliases,
			Published: on("2024-05-01"),
			Modified:  on("2024-05-02"),
			Affected:  []observation.Affected{{Project: "example"}},
		},
		KnownAt: on("2024-06-01"),
	}
}

func withdrawn(r Record) Record {
	r.Withdrawn = on("2024-05-20")
	return r
}

func gone(r Record) Record {
	r.Gone = true
	return r
}

func former(r Record, ids ...string) Record {
	r.Former = ids
	return r
}

func known(r Record, day string) Record {
	r.KnownAt = on(day)
	return r
}

// summaryOf writes a group on one line: "ID kind live|withdrawn: members;
// aliases; withdrawn; flags".
func summaryOf(g Group) string {
	state := "live"
	if !g.Live {
		state = "withdrawn"
	}
	var gone []string
	for _, r := range g.Withdrawn {
		gone = append(gone, r.ID)
	}
	return strings.TrimRight(fmt.Sprintf("%s %s %s: %s; %s; %s; %s", g.ID, g.Kind, state,
		strings.Join(g.Members, " "), strings.Join(g.Aliases, " "), strings.Join(gone, " "), strings.Join(g.Flags, " ")), "; ")
}

func summaries(groups []Group) []string {
	var out []string
	for _, g := range groups {
		out = append(out, summaryOf(g))
	}
	return out
}

func TestGroups(t *testing.T) {
	related := rec("PYSEC-2024-1", "CVE-2024-1")
	related.Related = []string{"CVE-2024-2"}
	related.Upstream = []string{"CVE-2024-2"}
	future := rec("PYSEC-2024-9", "CVE-2024-9")
	future.Withdrawn = on("2024-12-01")
	newer := rec("GHSA-aaaa-bbbb-cccc", "CVE-2024-7")
	newer.Modified = on("2024-07-01")
	older := rec("GHSA-aaaa-bbbb-cccc", "CVE-2024-8")
	badVector := rec("PYSEC-2024-1")
	badVector.Vectors = []string{"CVSS:4.0/AV:N", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}

	tests := []struct {
		name    string
		records []Record
		want    []string
	}{
		{"none", nil, nil},
		{"one", []Record{rec("PYSEC-2024-1")}, []string{"PYSEC-2024-1 vulnerability live: PYSEC-2024-1"}},
		{
			"by a shared alias", []Record{rec("PYSEC-2024-1", "CVE-2024-1"), rec("GHSA-aaaa-bbbb-cccc", "CVE-2024-1")},
			[]string{"GHSA-aaaa-bbbb-cccc vulnerability live: GHSA-aaaa-bbbb-cccc PYSEC-2024-1; CVE-2024-1"},
		},
		{
			"by naming the other, and transitively", []Record{rec("PYSEC-2024-1", "GHSA-aaaa-bbbb-cccc"), rec("GHSA-aaaa-bbbb-cccc"), rec("PYSEC-2024-2", "SNYK-1"), rec("PYSEC-2024-3", "SNYK-1", "PYSEC-2024-1")},
			[]string{"GHSA-aaaa-bbbb-cccc vulnerability live: GHSA-aaaa-bbbb-cccc PYSEC-2024-1 PYSEC-2024-2 PYSEC-2024-3; SNYK-1"},
		},
		{
			"never by related or upstream", []Record{related, rec("PYSEC-2024-2", "CVE-2024-2")},
			[]string{"PYSEC-2024-1 vulnerability live: PYSEC-2024-1; CVE-2024-1", "PYSEC-2024-2 vulnerability live: PYSEC-2024-2; CVE-2024-2"},
		},
		{
			"a record with six aliases merges nothing by them",
			[]Record{rec("PYSEC-2024-1", "A-1", "A-2", "A-3", "A-4", "A-5", "A-6"), rec("PYSEC-2024-2", "A-1"), rec("PYSEC-2024-3", "A-2")},
			[]string{
				"PYSEC-2024-1 vulnerability live: PYSEC-2024-1; A-1 A-2 A-3 A-4 A-5 A-6; ; unglued",
				"PYSEC-2024-2 vulnerability live: PYSEC-2024-2; A-1",
				"PYSEC-2024-3 vulnerability live: PYSEC-2024-3; A-2",
			},
		},
		{
			"but is named by another, and five are not six",
			[]Record{rec("PYSEC-2024-1", "A-1", "A-2", "A-3", "A-4", "A-5", "A-6"), rec("PYSEC-2024-2", "PYSEC-2024-1"), rec("PYSEC-2024-4", "B-1", "B-2", "B-3", "B-4", "B-5"), rec("PYSEC-2024-5", "B-5")},
			[]string{
				"PYSEC-2024-1 vulnerability live: PYSEC-2024-1 PYSEC-2024-2; A-1 A-2 A-3 A-4 A-5 A-6; ; unglued",
				"PYSEC-2024-4 vulnerability live: PYSEC-2024-4 PYSEC-2024-5; B-1 B-2 B-3 B-4 B-5",
			},
		},
		{
			"the same alias twice, and its own id, are no further aliases",
			[]Record{rec("PYSEC-2024-1", "A-1", "A-1", "PYSEC-2024-1", "A-2", "A-3", "A-4", "A-5"), rec("PYSEC-2024-2", "A-5")},
			[]string{"PYSEC-2024-1 vulnerability live: PYSEC-2024-1 PYSEC-2024-2; A-1 A-2 A-3 A-4 A-5"},
		},
		{
			"malware by id, and by alias of a record whose report is not there",
			[]Record{rec("MAL-2024-1"), rec("PYSEC-2024-1", "MAL-2024-2"), rec("PYSEC-2024-2", "MAL-2024-1")},
			[]string{"MAL-2024-1 malware live: MAL-2024-1 PYSEC-2024-2", "PYSEC-2024-1 malware live: PYSEC-2024-1; MAL-2024-2"},
		},
		{
			"withdrawn records are kept and never glue",
			[]Record{rec("PYSEC-2024-1", "CVE-2024-1"), rec("PYSEC-2024-2", "CVE-2024-2"), withdrawn(rec("PYSEC-2024-3", "CVE-2024-1", "CVE-2024-2", "CVE-2024-3"))},
			[]string{
				"PYSEC-2024-1 vulnerability live: PYSEC-2024-1; CVE-2024-1 CVE-2024-3 PYSEC-2024-3; PYSEC-2024-3",
				"PYSEC-2024-2 vulnerability live: PYSEC-2024-2; CVE-2024-2",
			},
		},
		{
			"a withdrawn record goes where its own id is named first",
			[]Record{rec("PYSEC-2024-1", "CVE-2024-1"), rec("PYSEC-2024-2", "PYSEC-2024-3"), withdrawn(rec("PYSEC-2024-3", "CVE-2024-1"))},
			[]string{
				"PYSEC-2024-1 vulnerability live: PYSEC-2024-1; CVE-2024-1",
				"PYSEC-2024-2 vulnerability live: PYSEC-2024-2; PYSEC-2024-3; PYSEC-2024-3",
			},
		},
		{
			"withdrawn records alone stay apart",
			[]Record{withdrawn(rec("PYSEC-2024-1", "CVE-2024-1")), withdrawn(rec("PYSEC-2024-2", "CVE-2024-1")), withdrawn(rec("MAL-2024-1"))},
			[]string{
				"MAL-2024-1 malware withdrawn: ; MAL-2024-1",
				"PYSEC-2024-1 vulnerability withdrawn: ; CVE-2024-1 PYSEC-2024-1",
				"PYSEC-2024-2 vulnerability withdrawn: ; CVE-2024-1 PYSEC-2024-2",
			},
		},
		{
			"a MAL alias of a withdrawn record makes nothing malware",
			[]Record{rec("PYSEC-2024-1", "CVE-2024-1"), withdrawn(rec("PYSEC-2024-2", "CVE-2024-1", "MAL-2024-5"))},
			[]string{"PYSEC-2024-1 vulnerability live: PYSEC-2024-1; CVE-2024-1 MAL-2024-5 PYSEC-2024-2; PYSEC-2024-2"},
		},
		{"a vector that cannot be read is flagged", []Record{badVector}, []string{"PYSEC-2024-1 vulnerability live: PYSEC-2024-1; ; ; bad-vector"}},
		{"not withdrawn yet", []Record{future}, []string{"PYSEC-2024-9 vulnerability live: PYSEC-2024-9; CVE-2024-9"}},
		{
			"the id is that of the record known first, withdrawn ones included",
			[]Record{known(rec("GHSA-aaaa-bbbb-cccc", "CVE-2024-1"), "2024-06-03"), known(rec("PYSEC-2024-1", "CVE-2024-1"), "2024-06-02"), known(withdrawn(rec("PYSEC-2024-2", "CVE-2024-1")), "2024-06-01")},
			[]string{"PYSEC-2024-2 vulnerability live: GHSA-aaaa-bbbb-cccc PYSEC-2024-1; CVE-2024-1 PYSEC-2024-2; PYSEC-2024-2"},
		},
		{
			"of two records with one id the later modified counts",
			[]Record{known(newer, "2024-06-09"), known(older, "2024-06-03")},
			[]string{"GHSA-aaaa-bbbb-cccc vulnerability live: GHSA-aaaa-bbbb-cccc; CVE-2024-7"},
		},
		{
			"a deleted record is kept, never glues, and keeps id and arrival",
			[]Record{known(gone(rec("PYSEC-2024-1", "CVE-2024-1", "CVE-2024-2")), "2024-05-05"), rec("GHSA-aaaa-bbbb-cccc", "CVE-2024-1"), rec("GHSA-dddd-eeee-ffff", "CVE-2024-2")},
			[]string{
				"GHSA-dddd-eeee-ffff vulnerability live: GHSA-dddd-eeee-ffff; CVE-2024-2",
				"PYSEC-2024-1 vulnerability live: GHSA-aaaa-bbbb-cccc; CVE-2024-1 PYSEC-2024-1; PYSEC-2024-1",
			},
		},
		{
			"a deleted record alone", []Record{gone(rec("PYSEC-2024-1", "CVE-2024-1"))},
			[]string{"PYSEC-2024-1 vulnerability withdrawn: ; CVE-2024-1 PYSEC-2024-1; ; gone"},
		},
		{
			"two groups that merge: the older id stays", []Record{known(rec("PYSEC-2024-1", "CVE-2024-1"), "2024-06-02"), known(rec("PYSEC-2024-2", "CVE-2024-2", "CVE-2024-1"), "2024-06-01")},
			[]string{"PYSEC-2024-2 vulnerability live: PYSEC-2024-1 PYSEC-2024-2; CVE-2024-1 CVE-2024-2; ; several-cves"},
		},
		{
			"and part again: each has its own back", []Record{known(rec("PYSEC-2024-1", "CVE-2024-1"), "2024-06-02"), former(known(rec("PYSEC-2024-2", "CVE-2024-2"), "2024-06-01"), "CVE-2024-1", "CVE-2024-9")},
			[]string{"PYSEC-2024-1 vulnerability live: PYSEC-2024-1; CVE-2024-1", "PYSEC-2024-2 vulnerability live: PYSEC-2024-2; CVE-2024-2"},
		},
		{
			"a withdrawn record that names another flaw keeps neither id nor arrival of this one",
			[]Record{
				known(withdrawn(rec("PYSEC-2024-1", "CVE-2024-1", "CVE-2024-2")), "2024-01-01"),
				known(rec("PYSEC-2024-2", "CVE-2024-2"), "2024-03-01"),
			},
			[]string{"PYSEC-2024-2 vulnerability live: PYSEC-2024-2; CVE-2024-1 CVE-2024-2 PYSEC-2024-1; PYSEC-2024-1"},
		},
		{
			"several CVEs are flagged", []Record{rec("PYSEC-2024-1", "CVE-2024-10", "CVE-2024-9")},
			[]string{"PYSEC-2024-1 vulnerability live: PYSEC-2024-1; CVE-2024-10 CVE-2024-9; ; several-cves"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := summaries(Groups(tt.records, Options{Now: on("2024-08-01")}))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestGroupsSplitsWhatIsTooLarge(t *testing.T) {
	chain := func(n int) []Record {
		var list []Record
		for i := range n {
			list = append(list, rec(fmt.Sprintf("PYSEC-2024-%d", 100+i), "CVE-2024-1"))
		}
		return list
	}
	most := MaxMembers - 1 // the CVE is an id of the group too
	if g := Groups(chain(most), Options{}); len(g) != 1 || len(g[0].Members) != most || g[0].Flags != nil {
		t.Errorf("%d records: %d groups, %q", most, len(g), g[0].Flags)
	}
	groups := Groups(chain(most+1), Options{})
	if len(groups) != most+1 {
		t.Fatalf("%d records: %d groups", most+1, len(groups))
	}
	for _, g := range groups {
		if len(g.Members) != 1 || g.ID != g.Members[0] || !slices.Equal(g.Flags, []string{FlagSplit}) || g.Name != "CVE-2024-1" {
			t.Errorf("%s", summaryOf(g))
		}
	}
}

func TestGroupFields(t *testing.T) {
	score := func(r Record, vectors ...string) Record { r.Vectors = vectors; return r }
	ghsa := score(rec("GHSA-aaaa-bbbb-cccc", "CVE-2024-30", "CVE-2024-4"), "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	ghsa.Summary = "second"
	ghsa.Published = on("2024-05-03")
	ghsa.Affected = []observation.Affected{{Project: "zlib"}, {Project: "example"}}
	ghsa.SeverityWord = "LOW"
	pysec := score(rec("PYSEC-2024-1", "GHSA-aaaa-bbbb-cccc"), "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N")
	pysec.Modified = on("2024-06-30")
	gone := known(withdrawn(rec("PYSEC-2024-2", "CVE-2024-4")), "2024-05-05")
	gone.Published = on("2024-04-01")

	groups := Groups([]Record{ghsa, pysec, gone}, Options{Now: on("2024-08-01")})
	if len(groups) != 1 {
		t.Fatalf("%q", summaries(groups))
	}
	g := groups[0]
	if g.Name != "CVE-2024-4" {
		t.Errorf("name %s: the smallest CVE is by number, not by text", g.Name)
	}
	if g.Summary != "second" || !slices.Equal(g.Projects, []string{"example", "zlib"}) || !g.Modified.Equal(on("2024-06-30")) {
		t.Errorf("summary %q, projects %q, modified %v", g.Summary, g.Projects, g.Modified)
	}
	if g.Score == nil || *g.Score != 6.9 || g.Severity != SeverityMedium || g.Vector != pysec.Vectors[0] {
		t.Errorf("severity %v %s %s: CVSS 4.0 is before 3.1, whatever the score", g.Score, g.Severity, g.Vector)
	}
	if !g.Disclosed.Equal(on("2024-05-01")) || g.Precision != PrecisionDay {
		t.Errorf("disclosed %v %s: withdrawn records disclose nothing", g.Disclosed, g.Precision)
	}
	if !g.ArrivedPYSEC.Equal(on("2024-04-01")) || !g.ArrivedHere.Equal(on("2024-05-05")) || g.ID != "PYSEC-2024-2" {
		t.Errorf("arrived in PYSEC %v, here %v, id %s: these count withdrawn records too, or they would move", g.ArrivedPYSEC, g.ArrivedHere, g.ID)
	}
	want := map[string]Role{
		"GHSA-aaaa-bbbb-cccc": RoleRecord, "PYSEC-2024-1": RoleRecord, "PYSEC-2024-2": RoleWithdrawn,
		"CVE-2024-30": RoleAlias, "CVE-2024-4": RoleAlias,
	}
	if d := cmp.Diff(want, g.Roles); d != "" {
		t.Errorf("roles (-want +got):\n%s", d)
	}
	if got := g.Affected("zlib"); len(got) != 1 || got[0].Project != "zlib" {
		t.Errorf("Affected: %v", got)
	}
}

// TestArrivalNeverMoves: what a group was first known by and published with
// stays, whatever becomes of the record.
func TestArrivalNeverMoves(t *testing.T) {
	pysec := known(rec("PYSEC-2024-1", "CVE-2024-1"), "2024-05-05")
	pysec.Published = on("2024-04-20")
	ghsa := known(rec("GHSA-aaaa-bbbb-cccc", "CVE-2024-1"), "2024-06-06")
	corrected := pysec // its database has moved published
	corrected.Published, corrected.FirstPublished = on("2024-04-25"), on("2024-04-20")
	for name, records := range map[string][]Record{
		"live":                {pysec, ghsa},
		"withdrawn":           {withdrawn(pysec), ghsa},
		"deleted":             {gone(pysec), ghsa},
		"published corrected": {corrected, ghsa},
		"two of one id":       {known(corrected, "2024-05-06"), pysec, ghsa},
	} {
		groups := Groups(records, Options{})
		if len(groups) != 1 {
			t.Fatalf("%s: %q", name, summaries(groups))
		}
		if g := groups[0]; g.ID != "PYSEC-2024-1" || !g.ArrivedHere.Equal(on("2024-05-05")) || !g.ArrivedPYSEC.Equal(on("2024-04-20")) {
			t.Errorf("%s: %s arrived here %v, in PYSEC %v", name, g.ID, g.ArrivedHere, g.ArrivedPYSEC)
		}
	}
	groups := Groups([]Record{former(pysec, "CVE-2024-9", "GHSA-aaaa-bbbb-cccc"), rec("GHSA-aaaa-bbbb-cccc")}, Options{})
	want := map[string]Role{"PYSEC-2024-1": RoleRecord, "CVE-2024-1": RoleAlias, "CVE-2024-9": RoleFormer}
	if d := cmp.Diff(want, groups[1].Roles); d != "" {
		t.Errorf("a former alias leads to its group, unless it is a record of its own (-want +got):\n%s", d)
	}
}

// TestPeers holds chains of aliases that other tools were found to get wrong.
func TestPeers(t *testing.T) {
	tests := []struct {
		name    string
		records []Record
		want    []string
	}{
		{
			"a chain in the order in which one pass misses its end",
			[]Record{rec("PYSEC-1", "CVE-1"), rec("GHSA-3", "CVE-2"), rec("GHSA-2", "CVE-1", "CVE-2")},
			[]string{"GHSA-2 vulnerability live: GHSA-2 GHSA-3 PYSEC-1; CVE-1 CVE-2"},
		},
		{
			"two groups that a later record joins",
			[]Record{rec("A-1", "A-2"), rec("A-3", "A-4"), rec("A-4", "A-5"), rec("A-2", "A-5")},
			[]string{"A-1 vulnerability live: A-1 A-2 A-3 A-4; A-5"},
		},
		{
			"only one side names the other",
			[]Record{rec("PYSEC-1"), rec("GHSA-1", "PYSEC-1"), rec("GHSA-2")},
			[]string{"GHSA-1 vulnerability live: GHSA-1 PYSEC-1", "GHSA-2 vulnerability live: GHSA-2"},
		},
		{
			"a ring", []Record{rec("A-1", "A-2"), rec("A-2", "A-3"), rec("A-3", "A-1")},
			[]string{"A-1 vulnerability live: A-1 A-2 A-3"},
		},
		{
			"a withdrawn link breaks the chain",
			[]Record{rec("A-1", "A-2"), withdrawn(rec("A-2", "A-3")), rec("A-3")},
			[]string{"A-1 vulnerability live: A-1; A-2; A-2", "A-3 vulnerability live: A-3"},
		},
		{
			"an alias that is no record joins all the same, a related id does not",
			[]Record{rec("PYSEC-1", "CVE-1"), rec("PYSEC-2", "CVE-1"), rec("PYSEC-3", "CVE-1"), related(rec("PYSEC-4"), "CVE-1", "PYSEC-1")},
			[]string{"PYSEC-1 vulnerability live: PYSEC-1 PYSEC-2 PYSEC-3; CVE-1", "PYSEC-4 vulnerability live: PYSEC-4"},
		},
		{
			"one id with two lists of aliases: of the later modified",
			[]Record{modified(rec("A-1", "A-2"), "2024-07-01"), modified(rec("A-1", "A-3"), "2024-06-01"), rec("A-2"), rec("A-3")},
			[]string{"A-1 vulnerability live: A-1 A-2", "A-3 vulnerability live: A-3"},
		},
		{
			"ids are compared as they are written",
			[]Record{rec("GHSA-ABCD", "CVE-1"), rec("ghsa-abcd"), rec("PYSEC-1", "cve-1")},
			[]string{"GHSA-ABCD vulnerability live: GHSA-ABCD; CVE-1", "PYSEC-1 vulnerability live: PYSEC-1; cve-1", "ghsa-abcd vulnerability live: ghsa-abcd"},
		},
	}
	for _, tt := range tests {
		for shift := range tt.records { // the order makes no difference
			rotated := slices.Concat(tt.records[shift:], tt.records[:shift])
			if d := cmp.Diff(tt.want, summaries(Groups(rotated, Options{}))); d != "" {
				t.Errorf("%s, from record %d on (-want +got):\n%s", tt.name, shift, d)
			}
		}
	}
}

func related(r Record, ids ...string) Record {
	r.Related, r.Upstream = ids, ids
	return r
}

func modified(r Record, day string) Record {
	r.Modified = on(day)
	return r
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		ids  []string
		want string
	}{
		{[]string{"CVE-2023-9", "CVE-2022-100", "CVE-2022-99", "PYSEC-2024-1"}, "CVE-2022-99"},
		{[]string{"GHSA-a", "PYSEC-2024-1", "SNYK-1"}, "PYSEC-2024-1"},
		{[]string{"GHSA-a", "SNYK-1"}, "GHSA-a"},
		{[]string{"MAL-2024-1", "SNYK-1"}, "MAL-2024-1"},
		{[]string{"CVE-x-1", "CVE-2024-", "CVE-20244-1", "PSF-2024-1"}, "CVE-x-1"},
	} {
		cve, _ := smallestCVE(tt.ids)
		if got := nameOf(tt.ids, cve); got != tt.want {
			t.Errorf("%q: named %s, want %s", tt.ids, got, tt.want)
		}
	}
}

// FuzzGroups makes records out of bytes and holds what must be true of any
// groups, and that the order of records makes no difference.
func FuzzGroups(f *testing.F) {
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08"), uint64(1))
	f.Add([]byte(strings.Repeat("\x11\x21\x32\x83\x54", 20)), uint64(2))
	f.Add([]byte(strings.Repeat("\x10\x01", 60)), uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		records := recordsOf(data)
		opt := Options{Now: on("2024-08-01"), ImportDays: FindImportDays(records, Ledger{})}
		groups := Groups(records, opt)
		checkGroups(t, records, groups)

		shuffled := slices.Clone(records)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if d := cmp.Diff(groups, Groups(shuffled, opt)); d != "" {
			t.Errorf("the order of records makes a difference:\n%s", d)
		}
	})
}

// recordsOf makes one record of every four bytes; few ids, so that they meet.
func recordsOf(data []byte) []Record {
	var list []Record
	for i := 0; i+4 <= len(data) && len(list) < 200; i += 4 {
		b := data[i : i+4]
		id := func(c byte) string {
			return []string{"PYSEC-2024-", "GHSA-", "CVE-2024-", "MAL-2024-"}[c&3] + fmt.Sprint(c>>2&15)
		}
		r := rec(id(b[0]))
		for n := range int(b[1] & 7) {
			r.Aliases = append(r.Aliases, id(b[2]+byte(n)*37))
		}
		if b[1]&0x80 != 0 {
			r = withdrawn(r)
		}
		if b[1]&0x40 != 0 {
			r = gone(r)
		}
		if b[1]&0x20 != 0 {
			r = former(r, id(b[2]+100), id(b[2]+101))
		}
		r.KnownAt = r.KnownAt.AddDate(0, 0, int(b[3]&3))
		r.Published = r.Published.AddDate(0, int(b[3]>>2&3), int(b[3]>>4&1))
		r.Modified = r.Modified.Add(time.Duration(i) * time.Minute) // no two alike
		list = append(list, r)
	}
	return list
}

func checkGroups(t *testing.T, records []Record, groups []Group) {
	t.Helper()
	ids, isRecord := map[string]bool{}, map[string]int{}
	for _, g := range groups {
		if ids[g.ID] {
			t.Errorf("two groups have the id %s", g.ID)
		}
		ids[g.ID] = true
		if !g.Live && (len(g.Members) > 0 || len(g.Records) != 1) || g.Live && len(g.Members) != len(g.Records) {
			t.Errorf("%s", summaryOf(g))
		}
		if len(g.Members) > MaxMembers {
			t.Errorf("%s has %d members", g.ID, len(g.Members))
		}
		if _, ok := g.Roles[g.ID]; !ok {
			t.Errorf("%s is not an id of its own group", g.ID)
		}
		for id, role := range g.Roles {
			if role == RoleRecord {
				isRecord[id]++
			}
		}
		formers := 0
		for _, role := range g.Roles {
			if role == RoleFormer {
				formers++
			}
		}
		if len(g.Members)+len(g.Aliases)+formers != len(g.Roles) {
			t.Errorf("%s: %d members and %d aliases, %d roles", g.ID, len(g.Members), len(g.Aliases), len(g.Roles))
		}
	}
	everywhere := map[string]bool{}
	for _, g := range groups {
		for id := range g.Roles {
			everywhere[id] = true
		}
	}
	for _, r := range records {
		if !everywhere[r.ID] {
			t.Errorf("%s leads nowhere", r.ID)
		}
	}
	for id, n := range isRecord {
		if n != 1 {
			t.Errorf("%s is a record of %d groups", id, n)
		}
	}
}
