package simulated

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The OSV records: flaws from two databases that name each other, and reports
// of malware (malware.go).

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
	Package  osvPackage `json:"package"`
	Ranges   []osvRange `json:"ranges,omitempty"`
	Versions []string   `json:"versions,omitempty"`
}

type osvPackage struct {
	Name      string `json:"name"`
	Ecosystem string `json:"ecosystem"`
	Purl      string `json:"purl,omitempty"`
}

type osvRange struct {
	Type   string     `json:"type"`
	Repo   string     `json:"repo,omitempty"`
	Events []osvEvent `json:"events"`
}

type osvEvent struct {
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"last_affected,omitempty"`
}

// recordKey names one record: a kind with a project and its flaw, or malware
// with a month and the number of a report in it.
type recordKey struct {
	kind int8
	a, b int32
}

const malwareRecord = -1

// listedRecord is one line of modified_id.csv.
type listedRecord struct {
	key      recordKey
	modified int64 // microseconds since 1970
}

// records is the list of all records of a day, newest modified first. They are
// about as many as in reality, whatever the size of the ecosystem.
type records struct {
	on     day
	newest []listedRecord
	etag   string
}

const osvTime = "2006-01-02T15:04:05.999999Z"

// records returns the list of today, which is made when it is first asked for.
func (w *world) records() *records {
	e := w.whole
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.records == nil || e.records.on != w.today {
		e.records = w.listRecords()
	}
	return e.records
}

func (w *world) listRecords() *records {
	x := &records{on: w.today}
	add := func(k recordKey, modified time.Time) {
		x.newest = append(x.newest, listedRecord{k, modified.UnixMicro()})
	}
	w.eachFlaw(func(f flaw) {
		for kind := range recordKinds {
			if w.has(f, kind) && w.publishedAt(f, kind).Before(w.now) {
				_, modified := w.flawRecord(f, kind)
				add(recordKey{int8(kind), int32(f.project), int32(f.nth)}, modified)
			}
		}
	})
	w.eachMalware(func(month, nth int) {
		add(recordKey{malwareRecord, int32(month), int32(nth)}, w.malwareAt(month, nth))
	})
	slices.SortFunc(x.newest, func(a, b listedRecord) int {
		return cmp.Or(cmp.Compare(b.modified, a.modified), cmp.Compare(a.key.kind, b.key.kind), cmp.Compare(a.key.a, b.key.a), cmp.Compare(a.key.b, b.key.b))
	})
	sum := sha256.New()
	for _, l := range x.newest {
		fmt.Fprintln(sum, l)
	}
	x.etag = etagOf(sum.Sum(nil))
	return x
}

func (w *world) osv(q query) (reply, bool) {
	name, ok := strings.CutPrefix(q.path, "/PyPI/")
	if !ok {
		return reply{}, false
	}
	switch name {
	case "modified_id.csv":
		x := w.records()
		return reply{kind: "text/csv; charset=utf-8", stream: func() *stream { return w.changes(x) }, etag: x.etag}, true
	case "all.zip":
		x := w.records()
		return reply{kind: "application/zip", stream: func() *stream { return w.allRecords(x) }, etag: etagOf([]byte("zip" + x.etag))}, true
	}
	id, ok := strings.CutSuffix(name, ".json")
	if !ok {
		return reply{}, false
	}
	key, ok := w.recordOf(id)
	if !ok {
		return reply{}, false
	}
	r, _ := w.record(key)
	return reply{kind: "application/json", body: encode(r)}, true
}

// changes writes modified_id.csv.
func (w *world) changes(x *records) *stream {
	rest := x.newest
	return &stream{more: func(b *bytes.Buffer) error {
		n := min(len(rest), 500)
		for _, l := range rest[:n] {
			fmt.Fprintf(b, "%s,%s\n", time.UnixMicro(l.modified).UTC().Format(osvTime), w.idOf(l.key))
		}
		if rest = rest[n:]; len(rest) == 0 {
			return io.EOF
		}
		return nil
	}}
}

func (w *world) idOf(k recordKey) string {
	if k.kind == malwareRecord {
		return malwareID(w.malwareAt(int(k.a), int(k.b)), int(k.a), int(k.b))
	}
	f, _ := w.flaw(int(k.a), int(k.b))
	return w.recordID(f, int(k.kind))
}

// allRecords packs every record, sorted by id, as it is read.
func (w *world) allRecords(x *records) *stream {
	type entry struct {
		id string
		at int
	}
	order := make([]entry, len(x.newest))
	for i, l := range x.newest {
		order[i] = entry{w.idOf(l.key), i}
	}
	slices.SortFunc(order, func(a, b entry) int { return strings.Compare(a.id, b.id) })
	var out *bytes.Buffer
	pack := zip.NewWriter(writerFunc(func(p []byte) (int, error) { return out.Write(p) }))
	return &stream{more: func(b *bytes.Buffer) error {
		out = b
		if len(order) == 0 {
			return cmp.Or(pack.Close(), io.EOF)
		}
		e, l := order[0], x.newest[order[0].at]
		order = order[1:]
		modified := time.UnixMicro(l.modified).UTC().Truncate(2 * time.Second)
		body, err := pack.CreateHeader(&zip.FileHeader{Name: e.id + ".json", Method: zip.Deflate, Modified: modified})
		if err != nil {
			return err
		}
		r, _ := w.record(l.key)
		_, err = body.Write(encode(r))
		return err
	}}
}

// record renders one record and tells when it was last modified.
func (w *world) record(k recordKey) (osvRecord, time.Time) {
	if k.kind == malwareRecord {
		return w.malware(int(k.a), int(k.b))
	}
	f, _ := w.flaw(int(k.a), int(k.b))
	return w.flawRecord(f, int(k.kind))
}

var flawKinds = []string{"path traversal", "unsafe deserialisation", "cross-site scripting", "denial of service by regular expression",
	"exposure of credentials in logs", "missing check of a certificate", "SQL injection", "uncontrolled recursion"}

// flawRecord renders what one database says of a flaw today.
func (w *world) flawRecord(f flaw, kind int) (osvRecord, time.Time) {
	i, nth := f.project, f.nth
	published := w.publishedAt(f, kind)
	r := osvRecord{
		ID:            w.recordID(f, kind),
		Summary:       "Fictional: " + flawKinds[w.below(len(flawKinds), drawFlaw, i, nth, 5)] + " in " + nameOf(i),
		Details:       "Neither the project nor the flaw exists.",
		Aliases:       w.aliases(f, kind),
		SchemaVersion: "1.7.3",
		References: []osvReference{
			{"ADVISORY", "https://advisories.fictional.invalid/" + ghsaID(f.number(recordGHSA))},
			{"WEB", "https://" + nameOf(i) + ".fictional.invalid/security"},
		},
	}
	if kind != recordGHSA && w.chance(0.25, drawFlaw, i, nth, 6) {
		r.Summary = "" // as most records of this database
	}
	if w.chance(0.03, drawAliases, i, nth, 1) {
		r.Related = []string{fmt.Sprintf("CVE-2023-%d", firstNumber-1-i%7)}
	}
	r.Severity, r.DatabaseSpecific = w.severity(f, kind == recordGHSA)
	changed := w.affect(&r, f, kind, published)
	modified := later(published, changed)
	if w.named(f, kind) {
		modified = later(modified, w.publishedAt(f, recordPYSEC)) // its alias came
	}
	taken := kind == recordAgain || w.chance(shareTaken, drawFlaw, i, nth, 2)
	if withdrawn := published.AddDate(0, 1, 0); taken && withdrawn.Before(w.now) {
		r.Withdrawn = withdrawn.Format(time.RFC3339)
		modified = later(modified, withdrawn)
	}
	modified = modified.Add(w.fraction(i, nth))
	if kind == recordPYSEC && w.chance(shareFuture, drawLag, i, nth, 6) {
		modified = modified.AddDate(0, 0, 700).Truncate(time.Minute)
	}
	r.Published, r.Modified = published.Format(time.RFC3339), modified.Format(osvTime)
	if w.chance(0.2, drawLag, i, nth, 2) {
		r.Modified = modified.Format(microseconds) // the list trims zeros, the record does not
	}
	return r, modified
}

// named tells whether a GHSA record names a PYSEC record that is there by now.
func (w *world) named(f flaw, kind int) bool {
	return kind == recordGHSA && f.pysec && w.publishedAt(f, recordPYSEC).Before(w.now)
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

// vectors are CVSS vectors of all severities and versions, with the word GitHub
// would use.
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
	{"CVSS_V2", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "HIGH"},
}

// severity is how bad a flaw is, as one database says it: both vectors, one, a
// word, or nothing.
func (w *world) severity(f flaw, ghsa bool) ([]osvSeverity, map[string]any) {
	i, nth := f.project, f.nth
	v := vectors[w.below(len(vectors), drawSeverity, i, nth, 0)]
	list := []osvSeverity{{v.kind, v.vector}}
	if v.kind == "CVSS_V4" && w.chance(0.5, drawSeverity, i, nth, 1) {
		list = []osvSeverity{{"CVSS_V3", vectors[1].vector}, list[0]}
	}
	if ghsa {
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

// affect says which versions have the flaw, and returns when that was last
// changed: a fix that comes after the record changes it. The versions listed are
// those that were out when it was.
func (w *world) affect(r *osvRecord, f flaw, kind int, published time.Time) (changed time.Time) {
	i, nth := f.project, f.nth
	if kind == recordSibling {
		r.Affected = []osvAffected{{
			Package: w.packageOf((i+1)%w.pool, nth), Versions: []string{"0.0.1"},
			Ranges: []osvRange{{Type: "ECOSYSTEM", Events: []osvEvent{{Introduced: "0"}}}},
		}}
		return published
	}
	all := w.releases(i)
	begin := 0
	if w.chance(0.4, drawRange, i, nth, 3) {
		begin = w.below(f.before, drawRange, i, nth, 4)
	}
	if all[begin].odd {
		begin--
	}
	last := f.before
	if f.fix < 0 { // it goes on: up to when the record was written
		for last < len(all) && w.uploaded(i, all[last]).Before(published) {
			last++
		}
	}
	since, fixed := w.fixKnown(f, all)
	if fixed {
		changed = since
	}
	form := w.unit(drawRange, i, nth, 1)
	a := osvAffected{Package: w.packageOf(i, nth)}
	events := []osvEvent{{Introduced: "0"}}
	if begin > 0 {
		events[0].Introduced = all[begin].version
	}
	switch {
	case !fixed:
	case form < 0.08:
		events = append(events, osvEvent{LastAffected: lastPlain(all[:last])})
	default:
		events = append(events, osvEvent{Fixed: all[f.fix].version})
	}
	if form > 0.08 && form < 0.16 && begin > 3 && fixed && !all[begin-1].odd {
		// An older branch, fixed by a release of its own; the newer one stands first.
		events = append(events, osvEvent{Introduced: all[0].version}, osvEvent{Fixed: all[begin-1].version})
	}
	if form > 0.005 { // else it says neither ranges nor versions
		a.Ranges = append(a.Ranges, osvRange{Type: "ECOSYSTEM", Events: events})
	}
	if repo, ok := w.repository(i); ok && form > 0.7 {
		git := []osvEvent{{Introduced: "0"}, {Fixed: w.hex(40, i, nth)}}
		a.Ranges = append([]osvRange{{Type: "GIT", Repo: "https://" + w.pathOn(repo, dayOf(f.disclosed)), Events: git}}, a.Ranges...)
	}
	if form > 0.15 {
		for _, rel := range all[begin:last] {
			if !rel.odd {
				a.Versions = append(a.Versions, rel.version)
			}
		}
		if form > 0.98 {
			a.Versions = append(a.Versions, "0.0.0.dev3") // out of the range, and yet said to be affected
		}
		slices.Sort(a.Versions) // as text: 1.10 before 1.9
		if begin == 0 && last > 2 && all[2].odd {
			a.Versions = append(a.Versions, oddText)
		}
	}
	r.Affected = append(r.Affected, a)
	if w.chance(0.04, drawRange, i, nth, 5) {
		r.Affected = append(r.Affected, osvAffected{
			Package: w.packageOf((i+2)%w.pool, nth),
			Ranges:  []osvRange{{Type: "ECOSYSTEM", Events: []osvEvent{{Introduced: "0"}}}},
		})
	}
	if w.chance(0.01, drawRange, i, nth, 6) {
		r.Affected = append(r.Affected, osvAffected{Package: osvPackage{Name: "fictional-" + animalOf(i), Ecosystem: "npm"}})
	}
	return changed
}

// lastPlain is the last version of a list that PEP 440 knows.
func lastPlain(list []release) string {
	for _, r := range slices.Backward(list) {
		if !r.odd {
			return r.version
		}
	}
	return oddText
}

// packageOf names a project, now and then as it was registered.
func (w *world) packageOf(i, nth int) osvPackage {
	p := osvPackage{Name: nameOf(i), Ecosystem: "PyPI", Purl: "pkg:pypi/" + nameOf(i)}
	if w.chance(0.05, drawRange, i, nth, 0) {
		p.Name = w.displayName(i)
	}
	return p
}
