package advisory

import (
	"time"
)

// importThreshold is the number of records of one database on one UTC day above
// which the day is an import.
const importThreshold = 50

// ImportDay is a UTC day on which one database published so much that it was
// an import and not disclosure.
type ImportDay struct {
	Database string    // PYSEC, GHSA, …
	Day      time.Time // 00:00 UTC
}

// Batch is what one database published on one UTC day.
type Batch struct {
	Records int  // live or withdrawn, malware reports apart; each id counts once
	Import  bool // it was an import and not disclosure
	Ledger  bool // that is a decision of people; else of the rule
}

// ImportDays holds the days that the rule takes for imports and those that the
// ledger decides.
type ImportDays map[ImportDay]Batch

// Has reports whether a database's publishing at t was part of an import.
func (d ImportDays) Has(database string, t time.Time) bool {
	return d[ImportDay{database, Day(t)}].Import
}

// Ledger is what people have decided about import days.
type Ledger struct {
	Add   []ImportDay // are imports, however few records they have
	Clear []ImportDay // are not, however many
}

// FindImportDays returns the days on which one database published more than 50
// records that are live or withdrawn (malware reports and deleted records
// apart), as the ledger corrects them. Of several records with one id one is
// counted.
func FindImportDays(records []Record, ledger Ledger) ImportDays {
	count := make(map[ImportDay]int)
	seen := make(map[string]bool, len(records))
	for i := range records {
		r := &records[i]
		if seen[r.ID] || r.Gone || r.Published.IsZero() || database(r) == malwareDatabase {
			continue
		}
		seen[r.ID] = true
		count[ImportDay{database(r), Day(r.Published)}]++
	}
	days := make(ImportDays)
	for d, n := range count {
		if n > importThreshold {
			days[d] = Batch{Records: n, Import: true}
		}
	}
	decide := func(list []ImportDay, isImport bool) {
		for _, d := range list {
			d.Day = Day(d.Day)
			days[d] = Batch{Records: count[d], Import: isImport, Ledger: true}
		}
	}
	decide(ledger.Add, true)
	decide(ledger.Clear, false)
	return days
}

// Disclosure says when the flaw that records describe became public. Let d be
// the earliest published that lies neither on an import day nor after now (zero
// for no limit). Without d, or when the CVE is of an earlier year than d (unless
// it is of the year before and d is in January or February, for CVE numbers are
// reserved ahead), the year of the CVE is all that is known. Precision is
// PrecisionDay with a UTC day, PrecisionYear with 1 January, or
// PrecisionUnknown with the zero time. cve is the group's smallest CVE, "" without.
func Disclosure(records []Record, cve string, imports ImportDays, now time.Time) (disclosed time.Time, precision string) {
	var d time.Time
	for i := range records {
		p := records[i].Published
		if p.IsZero() || imports.Has(database(&records[i]), p) || !now.IsZero() && p.After(now) {
			continue
		}
		if d.IsZero() || p.Before(d) {
			d = p
		}
	}
	year, _, isCVE := parseCVE(cve)
	switch {
	case d.IsZero() && !isCVE:
		return time.Time{}, PrecisionUnknown
	case d.IsZero(), isCVE && precedes(year, Day(d)):
		return time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC), PrecisionYear
	}
	return Day(d), PrecisionDay
}

// precedes reports whether a CVE of that year was numbered so long before d
// that d cannot be its disclosure.
func precedes(year int, d time.Time) bool {
	if year == d.Year()-1 && d.Month() <= time.February {
		return false
	}
	return year < d.Year()
}

// Day returns the UTC day of t at 00:00.
func Day(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
