package advisory

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func published(id, day string) Record {
	r := rec(id)
	r.Published = time.Time{}
	if day != "" {
		r.Published = on(day)
	}
	return r
}

func TestDisclosure(t *testing.T) {
	imports := ImportDays{
		{"PYSEC", on("2026-07-13")}: {Records: 591, Import: true},
		{"PYSEC", on("2024-05-03")}: {Records: 60, Ledger: true}, // cleared
	}
	tests := []struct {
		name      string
		records   []Record
		cve       string
		want      string // a date, or ""
		precision string
	}{
		{"the earliest of the group", []Record{published("PYSEC-1", "2024-05-03 10:00"), published("GHSA-1", "2024-05-01 23:59")}, "CVE-2024-1", "2024-05-01", PrecisionDay},
		{"without a CVE the date stands", []Record{published("PYSEC-1", "2024-05-03")}, "", "2024-05-03", PrecisionDay},
		{"an import day does not count", []Record{published("PYSEC-1", "2026-07-13 09:00"), published("GHSA-1", "2026-07-20")}, "CVE-2026-1", "2026-07-20", PrecisionDay},
		{"the import of one database is not that of another", []Record{published("GHSA-1", "2026-07-13")}, "CVE-2026-1", "2026-07-13", PrecisionDay},
		{"nothing but an import: the year of the CVE", []Record{published("PYSEC-1", "2026-07-13")}, "CVE-2026-1", "2026-01-01", PrecisionYear},
		{"nothing but an import, no CVE", []Record{published("PYSEC-1", "2026-07-13")}, "", "", PrecisionUnknown},
		{"no date at all", []Record{published("PYSEC-1", "")}, "", "", PrecisionUnknown},
		{"no date, a CVE", []Record{published("PYSEC-1", "")}, "CVE-2019-5", "2019-01-01", PrecisionYear},
		{"the CVE is of an earlier year", []Record{published("PYSEC-1", "2025-06-01")}, "CVE-2023-1", "2023-01-01", PrecisionYear},
		{"of the year before, in January", []Record{published("PYSEC-1", "2025-01-31")}, "CVE-2024-1", "2025-01-31", PrecisionDay},
		{"of the year before, at the end of February", []Record{published("PYSEC-1", "2025-02-28 23:59")}, "CVE-2024-1", "2025-02-28", PrecisionDay},
		{"of the year before, in March", []Record{published("PYSEC-1", "2025-03-01")}, "CVE-2024-1", "2024-01-01", PrecisionYear},
		{"two years before, in January", []Record{published("PYSEC-1", "2025-01-01")}, "CVE-2023-1", "2023-01-01", PrecisionYear},
		{"of a later year: reserved after the disclosure", []Record{published("PYSEC-1", "2023-12-30")}, "CVE-2024-1", "2023-12-30", PrecisionDay},
		{"a date that has not come", []Record{published("PYSEC-1", "2027-07-09"), published("GHSA-1", "2026-06-01")}, "CVE-2026-1", "2026-06-01", PrecisionDay},
	}
	for _, tt := range tests {
		got, precision := Disclosure(tt.records, tt.cve, imports, on("2026-11-23"))
		var want time.Time
		if tt.want != "" {
			want = on(tt.want)
		}
		if !got.Equal(want) || precision != tt.precision {
			t.Errorf("%s: %v %s, want %v %s", tt.name, got, precision, want, tt.precision)
		}
	}

	// The day is the UTC day, wherever the time was written.
	tokyo := time.FixedZone("", 9*3600)
	r := rec("PYSEC-1")
	r.Published = time.Date(2024, time.May, 2, 1, 0, 0, 0, tokyo)
	if got, _ := Disclosure([]Record{r}, "", nil, time.Time{}); !got.Equal(on("2024-05-01")) {
		t.Errorf("disclosed %v", got)
	}
}

func TestFindImportDays(t *testing.T) {
	var records []Record
	add := func(database, day string, n int) {
		for range n {
			records = append(records, published(fmt.Sprintf("%s-%d", database, len(records)), day))
		}
	}
	add("PYSEC", "2024-01-01 00:00", 25)
	add("PYSEC", "2024-01-01 23:59", 26)
	add("PYSEC", "2024-01-02", 50)
	add("GHSA", "2024-01-02", 50)
	add("MAL", "2024-01-03", 500)
	add("GHSA", "2024-01-04", 60)
	for i := range 30 { // withdrawn ones were published all the same
		records[i] = withdrawn(records[i])
	}
	records = append(records, records[60], records[61]) // an id counts once
	gone := published("GHSA-gone", "2024-01-02")
	gone.Gone = true
	records = append(records, gone) // deleted records count no more
	want := ImportDays{{"PYSEC", on("2024-01-01")}: {51, true, false}, {"GHSA", on("2024-01-04")}: {60, true, false}}
	if d := cmp.Diff(want, FindImportDays(records, Ledger{})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	ledger := Ledger{
		Add:   []ImportDay{{"GHSA", on("2024-01-02 15:00")}, {"NEW", on("2024-02-02")}},
		Clear: []ImportDay{{"PYSEC", on("2024-01-01")}},
	}
	want = ImportDays{{"GHSA", on("2024-01-02")}: {50, true, true}, {"GHSA", on("2024-01-04")}: {60, true, false}, {"PYSEC", on("2024-01-01")}: {51, false, true}, {"NEW", on("2024-02-02")}: {0, true, true}}
	if d := cmp.Diff(want, FindImportDays(records, ledger)); d != "" {
		t.Errorf("with a ledger (-want +got):\n%s", d)
	}
}
