package advisory

import (
	"cmp"
	"strconv"
	"strings"
)

// The id prefixes that mean something here.
const (
	pysecDatabase   = "PYSEC"
	ghsaDatabase    = "GHSA"
	malwareDatabase = "MAL" // OpenSSF's reports of malicious packages
)

// Prefix returns the database that an id belongs to: what precedes its first "-".
func Prefix(id string) string {
	p, _, _ := strings.Cut(id, "-")
	return p
}

func database(r *Record) string {
	if r.Database != "" {
		return r.Database
	}
	return Prefix(r.ID)
}

// parseCVE reads CVE-YYYY-NNNN.
func parseCVE(id string) (year, number int, ok bool) {
	rest, ok := strings.CutPrefix(id, "CVE-")
	if !ok {
		return 0, 0, false
	}
	y, n, ok := strings.Cut(rest, "-")
	if !ok || len(y) != 4 {
		return 0, 0, false
	}
	year, err1 := strconv.Atoi(y)
	number, err2 := strconv.Atoi(n)
	if err1 != nil || err2 != nil || year < 1980 || number < 0 {
		return 0, 0, false
	}
	return year, number, true
}

// smallestCVE returns the CVE with the smallest year, then number, and how many
// different ones there are; "" without.
func smallestCVE(ids []string) (cve string, count int) {
	var year, number int
	seen := make(map[string]bool)
	for _, id := range ids {
		y, n, ok := parseCVE(id)
		if !ok || seen[id] {
			continue
		}
		seen[id] = true
		if cve == "" || cmp.Or(cmp.Compare(y, year), cmp.Compare(n, number), strings.Compare(id, cve)) < 0 {
			cve, year, number = id, y, n
		}
	}
	return cve, len(seen)
}

// nameOf names a group by its ids, which are sorted: the smallest CVE, else the
// first PYSEC, else the first GHSA, else the first id.
func nameOf(ids []string, cve string) string {
	if cve != "" {
		return cve
	}
	for _, db := range [...]string{pysecDatabase, ghsaDatabase} {
		for _, id := range ids {
			if Prefix(id) == db {
				return id
			}
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}
