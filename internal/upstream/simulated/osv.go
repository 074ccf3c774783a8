package simulated

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// The OSV records: flaws from two databases that name each other, and reports
// of malware. The numbers in their ids begin with 9 and are far beyond real ones.

type osvRecord struct {
	ID               string         `json:"id"`
	Summary          string         `json:"summary,omitempty"`
	Details          string         `json:"details,omitempty"`
	Aliases          []string       `json:"aliases,omitempty"`
	Related          []string       `json:"related,omitempty"`
	Modified         string         `json:"modified"`
	Published        string         `json:"published"`
	Withdrawn        string         `json:"withdrawn,omitempty"`
	DatabaseSpecific map[string]any `json:"database_specific,omitempty"`
	References       []osvReference `json:"references,omitempty"`
	Affected         []osvAffected  `json:"affected"`
	SchemaVersion    string         `json:"schema_version"`
	Severity         []osvSeverity  `json:"severity,omitempty"`
}

type osvReference struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type osvSeverity struct {
	Type  string `json:"type"`
	Score string `json:"score"`
}

type osvAffected struct {
	Package  map[string]string `json:"package"`
	Ranges   []osvRange        `json:"ranges,omitempty"`
	Versions []string          `json:"versions,omitempty"`
}

type osvRange struct {
	Type   string              `json:"type"`
	Repo   string              `json:"repo,omitempty"`
	Events []map[string]string `json:"events"`
}

// recordKey names one record: the database, and what the record is about.
type recordKey struct {
	database string
	a, b     int  // project and its flaw, or month and number of a malware report
	again    bool // the second record of the same flaw in the same database
}

// listedRecord is one line of modified_id.csv.
type listedRecord struct {
	key      recordKey
	id       string
	modified time.Time
}

// advisoryIndex is what is known of all records: enough to list and find them.
type advisoryIndex struct {
	newest []listedRecord // newest modified first
	byID   map[string]int // index into newest
	csv    []byte
}

const osvTime = "2006-01-02T15:04:05.999999Z"

func (w *world) indexAdvisories() *advisoryIndex {
	x := &advisoryIndex{byID: map[string]int{}}
	add := func(k recordKey) {
		r, modified := w.record(k)
		x.newest = append(x.newest, listedRecord{k, r.ID, modified})
	}
	w.eachFlaw(func(f flaw) {
		if f.ghsa {
			add(recordKey{"GHSA", f.project, f.nth, false})
		}
		if f.pysec && w.pysecAt(f).Before(w.now) {
			add(recordKey{"PYSEC", f.project, f.nth, false})
			if f.twice {
				add(recordKey{"PYSEC", f.project, f.nth, true})
			}
		}
	})
	w.eachMalware(func(month, nth int) { add(recordKey{"MAL", month, nth, false}) })
	slices.SortFunc(x.newest, func(a, b listedRecord) int {
		return cmp.Or(b.modified.Compare(a.modified), strings.Compare(a.id, b.id))
	})
	for i, l := range x.newest {
		x.byID[l.id] = i
		x.csv = fmt.Appendf(x.csv, "%s,%s\n", l.modified.Format(osvTime), l.id)
	}
	return x
}

func (w *world) osv(path string) (reply, bool) {
	name, ok := strings.CutPrefix(path, "/PyPI/")
	if !ok {
		return reply{}, false
	}
	x := w.advisories()
	switch name {
	case "modified_id.csv":
		return reply{kind: "text/csv; charset=utf-8", body: x.csv}, true
	case "all.zip":
		return reply{kind: "application/zip", stream: func() *stream { return w.allRecords(x) }, etag: etagOf(append([]byte("zip"), x.csv...))}, true
	}
	id, ok := strings.CutSuffix(name, ".json")
	if !ok {
		return reply{}, false
	}
	i, ok := x.byID[id]
	if !ok {
		return reply{}, false
	}
	r, _ := w.record(x.newest[i].key)
	return reply{kind: "application/json", body: encode(r)}, true
}

// allRecords packs every record, sorted by id, as it is read.
func (w *world) allRecords(x *advisoryIndex) *stream {
	order := make([]int, len(x.newest))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(x.newest[a].id, x.newest[b].id) })
	var out *bytes.Buffer
	pack := zip.NewWriter(writerFunc(func(p []byte) (int, error) { return out.Write(p) }))
	next := 0
	return &stream{more: func(b *bytes.Buffer) error {
		out = b
		if next == len(order) {
			if err := pack.Close(); err != nil {
				return err
			}
			return io.EOF
		}
		l := x.newest[order[next]]
		next++
		entry, err := pack.CreateHeader(&zip.FileHeader{Name: l.id + ".json", Method: zip.Deflate, Modified: l.modified.Truncate(2 * time.Second)})
		if err != nil {
			return err
		}
		r, _ := w.record(l.key)
		_, err = entry.Write(encode(r))
		return err
	}}
}

// record renders one record and tells when it was last modified.
func (w *world) record(k recordKey) (osvRecord, time.Time) {
	if k.database == "MAL" {
		return w.malware(k.a, k.b)
	}
	f, _ := w.flaw(k.a, k.b)
	return w.flawRecord(f, k)
}

// flaw is one vulnerability of a project.
type flaw struct {
	project, nth int
	number       int // in ids
	disclosed    time.Time
	cve          string // "" for one in eight
	pysec, ghsa  bool
	twice        bool // PYSEC has it a second time, withdrawn
	withdrawn    bool // both databases took it back
	imported     bool // PYSEC has it only from an import, long after
}

// flaws is how many vulnerabilities project i has in all of time: popular ones
// are looked at more.
func (w *world) flaws(i int) int {
	mean := 1 + 8*math.Exp(-8*float64(i)/float64(w.pool))
	u := w.unit(drawFlaws, i, 0, 0)
	n, p := 0, math.Exp(-mean) // Poisson, by inversion
	for sum := p; u > sum && n < 14; sum += p {
		n++
		p *= mean / float64(n)
	}
	return n
}

func (w *world) eachFlaw(do func(flaw)) {
	for i := range w.pool {
		for nth := range w.flaws(i) {
			if f, ok := w.flaw(i, nth); ok {
				do(f)
			}
		}
	}
}

// importDay is when PYSEC took over a part of the older records of the other
// database at once: one day in four years.
func (w *world) importDay() time.Time {
	year := w.now.Year()
	for ; ; year-- {
		t := time.Date(year, time.July, 13, 11, 0, 0, 0, time.UTC)
		if year%4 == 2 && t.Before(w.now) {
			return t
		}
	}
}

// minImport is the smallest ecosystem with an import: in a smaller one it would
// be too few records to be told from an ordinary day.
const minImport = 500

// flaw describes vulnerability nth of project i; ok is false while it is not
// yet disclosed, or came before the project.
func (w *world) flaw(i, nth int) (flaw, bool) {
	from := date(2017, time.January, 1)
	d := from + day(float64(end-from)*math.Sqrt(w.unit(drawFlawDay, i, nth, 0)))
	f := flaw{
		project:   i,
		nth:       nth,
		number:    9_000_000 + i*16 + nth,
		disclosed: d.time().Add(time.Duration(w.below(86400, drawFlawDay, i, nth, 1)) * time.Second),
	}
	if !f.disclosed.Before(w.now) || d < w.born(i)+100 {
		return f, false
	}
	u := w.unit(drawFlaw, i, nth, 0)
	f.pysec, f.ghsa = u < 0.92, u > 0.10
	f.twice = f.pysec && w.chance(0.03, drawFlaw, i, nth, 1)
	f.withdrawn = w.chance(0.02, drawFlaw, i, nth, 2)
	if !w.chance(0.12, drawAliases, i, nth, 0) {
		f.cve = fmt.Sprintf("CVE-%d-%d", f.disclosed.Year(), f.number)
	}
	old := f.disclosed.Before(w.importDay().AddDate(0, -2, 0)) && f.disclosed.After(w.importDay().AddDate(-7, 0, 0))
	f.imported = w.n >= minImport && old && f.pysec && f.cve != "" && w.chance(0.35, drawFlaw, i, nth, 3)
	if f.imported {
		f.ghsa = w.chance(0.5, drawFlaw, i, nth, 4)
	}
	return f, true
}

func (f flaw) pysecID(again bool) string {
	if again {
		return fmt.Sprintf("PYSEC-%d-%d", f.disclosed.Year(), f.number+500_000)
	}
	return fmt.Sprintf("PYSEC-%d-%d", f.disclosed.Year(), f.number)
}

// ghsaID has the form of GitHub's ids, but for letters that they never have.
func (f flaw) ghsaID() string {
	const letters = "23456789cfghjmpqrvwx"
	id := []byte("GHSA-fict-....-....")
	n := f.number
	for _, at := range []int{18, 17, 16, 15, 13, 12, 11, 10} {
		id[at] = letters[n%len(letters)]
		n /= len(letters)
	}
	return string(id)
}

var flawKinds = []string{"path traversal", "unsafe deserialisation", "cross-site scripting", "denial of service by regular expression",
	"exposure of credentials in logs", "missing check of a certificate", "SQL injection", "uncontrolled recursion"}

// vectors are CVSS vectors of all severities, with the word GitHub would use.
var vectors = []struct{ kind, vector, word string }{
	{"CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CRITICAL"},
	{"CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "HIGH"},
	{"CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "HIGH"},
	{"CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "MODERATE"},
	{"CVSS_V3", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:H/I:H/A:N", "MODERATE"},
	{"CVSS_V3", "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N", "LOW"},
	{"CVSS_V3", "CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N", "LOW"},
	{"CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CRITICAL"},
	{"CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N/E:X/CR:X/IR:X/AR:X", "MODERATE"},
}

// flawRecord renders what one database says of a flaw.
func (w *world) flawRecord(f flaw, k recordKey) (osvRecord, time.Time) {
	i, nth := f.project, f.nth
	r := osvRecord{
		Summary:       "Fictional: " + flawKinds[w.below(len(flawKinds), drawFlaw, i, nth, 5)] + " in " + nameOf(i),
		Details:       "Neither the project nor the flaw exists.",
		SchemaVersion: "1.7.3",
		References: []osvReference{
			{"ADVISORY", "https://advisories.fictional.invalid/" + f.ghsaID()},
			{"WEB", "https://" + nameOf(i) + ".fictional.invalid/security"},
		},
	}
	published := f.disclosed
	if k.database == "PYSEC" {
		r.ID = f.pysecID(k.again)
		if f.ghsa {
			r.Aliases = append(r.Aliases, f.ghsaID())
		}
		published = w.pysecAt(f)
		if w.chance(0.25, drawFlaw, i, nth, 6) {
			r.Summary = "" // as most records of this database
		}
	} else {
		r.ID = f.ghsaID()
		if f.pysec {
			r.Aliases = append(r.Aliases, f.pysecID(false))
		}
	}
	if f.cve != "" {
		r.Aliases = append(r.Aliases, f.cve)
	}
	if w.chance(0.03, drawAliases, i, nth, 1) {
		r.Related = []string{fmt.Sprintf("CVE-2023-%d", 9_900_000+i%7)}
	}
	r.Severity, r.DatabaseSpecific = w.severity(f, k.database)
	changed := w.affect(&r, f)

	modified := maxTime(published, changed)
	if withdrawn := published.AddDate(0, 1, 0); (f.withdrawn || k.again) && withdrawn.Before(w.now) {
		r.Withdrawn = withdrawn.Format(time.RFC3339)
		modified = maxTime(modified, withdrawn)
	}
	modified = modified.Add(w.fraction(i, nth))
	if i%50 == 0 && nth == 1 && k.database == "PYSEC" {
		modified = time.Date(w.now.Year()+1, time.July, 9, 15, 54, 0, 0, time.UTC) // a slip of somebody's pen
	}
	r.Published, r.Modified = published.Format(time.RFC3339), modified.Format(osvTime)
	if w.chance(0.2, drawLag, i, nth, 2) {
		r.Modified = modified.Format(microseconds) // the list trims zeros, the record does not
	}
	return r, modified
}

// pysecAt is when PYSEC publishes its record of a flaw: some days after it is
// disclosed, or with an import.
func (w *world) pysecAt(f flaw) time.Time {
	if f.imported {
		return w.importDay().Add(time.Duration(w.below(7200, drawLag, f.project, f.nth, 1)) * time.Second)
	}
	return f.disclosed.Add(time.Duration(w.below(20*86400, drawLag, f.project, f.nth, 0)) * time.Second)
}

// fraction is a fraction of a second with no, three or six digits.
func (w *world) fraction(i, nth int) time.Duration {
	switch micro := w.below(1_000_000, drawLag, i, nth, 3); w.below(3, drawLag, i, nth, 4) {
	case 0:
		return time.Duration(micro) * time.Microsecond
	case 1:
		return time.Duration(micro/1000) * time.Millisecond
	}
	return 0
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// severity is how bad a flaw is, as one database says it: both vectors, one, a
// word, or nothing.
func (w *world) severity(f flaw, database string) ([]osvSeverity, map[string]any) {
	i, nth := f.project, f.nth
	v := vectors[w.below(len(vectors), drawSeverity, i, nth, 0)]
	list := []osvSeverity{{v.kind, v.vector}}
	if v.kind == "CVSS_V4" && w.chance(0.5, drawSeverity, i, nth, 1) {
		list = []osvSeverity{{"CVSS_V3", vectors[1].vector}, list[0]}
	}
	if database == "GHSA" {
		if w.chance(0.1, drawSeverity, i, nth, 2) {
			list = nil
		}
		return list, map[string]any{"severity": v.word, "github_reviewed": true}
	}
	if w.chance(0.3, drawSeverity, i, nth, 3) {
		list = nil
	}
	return list, nil
}

// affect says which versions have the flaw, and returns when the newest fix came.
func (w *world) affect(r *osvRecord, f flaw) (fixed time.Time) {
	i, nth := f.project, f.nth
	name := nameOf(i)
	if w.chance(0.05, drawRange, i, nth, 0) {
		name = w.displayName(i)
	}
	a := osvAffected{Package: map[string]string{"name": name, "ecosystem": "PyPI", "purl": "pkg:pypi/" + nameOf(i)}}
	form := w.unit(drawRange, i, nth, 1)
	releases := slices.DeleteFunc(w.releases(i), func(r release) bool { return r.odd })
	at := dayOf(f.disclosed) + day(w.below(120, drawRange, i, nth, 2)) - 20
	first := slices.IndexFunc(releases, func(r release) bool { return r.day >= at }) // the fix
	last := len(releases)
	if first > 0 && form < 0.9 {
		last = first
		fixed = w.uploaded(i, releases[first])
	}
	begin := 0
	if w.chance(0.4, drawRange, i, nth, 3) {
		begin = w.below(last, drawRange, i, nth, 4)
	}
	events := []map[string]string{{"introduced": "0"}}
	if begin > 0 {
		events[0]["introduced"] = releases[begin].version
	}
	switch {
	case last == len(releases): // no fix yet
	case form < 0.08:
		events = append(events, map[string]string{"last_affected": releases[last-1].version})
	default:
		events = append(events, map[string]string{"fixed": releases[last].version})
	}
	if form > 0.08 && form < 0.16 && begin > 3 && last < len(releases) {
		// An older branch, fixed by a release of its own; the newer one stands first.
		events = append(events, map[string]string{"introduced": releases[0].version}, map[string]string{"fixed": releases[begin/2].version})
	}
	if form > 0.005 { // else it says neither ranges nor versions
		a.Ranges = append(a.Ranges, osvRange{Type: "ECOSYSTEM", Events: events})
	}
	if repo, ok := w.repository(i); ok && form > 0.7 {
		git := []map[string]string{{"introduced": "0"}, {"fixed": w.hex(40, i, nth)}}
		a.Ranges = append([]osvRange{{Type: "GIT", Repo: "https://" + w.repositoryPath(repo), Events: git}}, a.Ranges...)
	}
	if form > 0.15 {
		for _, rel := range releases[begin:last] {
			a.Versions = append(a.Versions, rel.version)
		}
		slices.SortFunc(a.Versions, strings.Compare) // as text: 1.10 before 1.9
		if w.oddVersion(i, 2) && begin == 0 {
			a.Versions = append(a.Versions, "0.1-first-light")
		}
	}
	r.Affected = append(r.Affected, a)
	if w.chance(0.04, drawRange, i, nth, 5) {
		other := (i + 1) % w.pool
		r.Affected = append(r.Affected, osvAffected{
			Package: map[string]string{"name": nameOf(other), "ecosystem": "PyPI", "purl": "pkg:pypi/" + nameOf(other)},
			Ranges:  []osvRange{{Type: "ECOSYSTEM", Events: []map[string]string{{"introduced": "0"}}}},
		})
	}
	return fixed
}

// Malware is reported month by month, in some months in a burst on one day.

func (w *world) malwareIn(month int) (n int, burst bool) {
	n = 1 + w.below(w.n/20+1, drawMalware, month, 0, 0)
	if w.chance(0.2, drawMalware, month, 1, 0) {
		return n + w.n/8, true
	}
	return n, false
}

// monthAt is the first day of a month counted from January 2022.
func monthAt(month int) time.Time {
	return time.Date(2022, time.January+time.Month(month), 1, 0, 0, 0, 0, time.UTC)
}

func (w *world) eachMalware(do func(month, nth int)) {
	for month := 0; monthAt(month).Before(w.now); month++ {
		n, _ := w.malwareIn(month)
		for nth := range n {
			if w.malwareAt(month, nth).Before(w.now) {
				do(month, nth)
			}
		}
	}
}

// malwareAt is when a report was published.
func (w *world) malwareAt(month, nth int) time.Time {
	d := w.below(28, drawMalware, month, nth, 1)
	if n, burst := w.malwareIn(month); burst && nth < n*3/4 {
		d = w.below(28, drawMalware, month, 2, 2)
	}
	return monthAt(month).AddDate(0, 0, d).Add(time.Duration(w.below(86400, drawMalware, month, nth, 3)) * time.Second)
}

func (w *world) malware(month, nth int) (osvRecord, time.Time) {
	at := w.malwareAt(month, nth)
	lure := nameOf(w.below(w.pool, drawMalware, month, nth, 4)) + "-" + []string{"free", "pro", "plus", "helper"}[nth%4] + fmt.Sprintf("-%d-%d", month, nth)
	if nth%17 == 0 {
		lure = strings.ToUpper(lure[:1]) + lure[1:]
	}
	r := osvRecord{
		ID:               fmt.Sprintf("MAL-%d-9%03d%03d", at.Year(), month, nth),
		Summary:          "Malicious code in " + lure + " (PyPI)",
		Details:          "A fictional report of a fictional package.",
		SchemaVersion:    "1.7.3",
		Published:        at.Format(time.RFC3339),
		Affected:         []osvAffected{{Package: map[string]string{"name": lure, "ecosystem": "PyPI"}}},
		DatabaseSpecific: map[string]any{"malicious-packages-origins": nil},
	}
	if nth%3 == 0 {
		r.Affected[0].Versions = []string{"1.0.0", "v_05"}[:1+nth%2]
	} else {
		r.Affected[0].Ranges = []osvRange{{Type: "ECOSYSTEM", Events: []map[string]string{{"introduced": "0"}}}}
	}
	r.Modified = at.Format(osvTime)
	return r, at
}
