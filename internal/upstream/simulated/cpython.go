package simulated

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"time"
)

// The PSF's advisories about CPython, and CPython's release cycles.

// cpythonRecord is one advisory of the PSF.
type cpythonRecord struct {
	id, cve   string
	k         int
	published time.Time
}

// eachCPython names the advisories that are there today: one every 45 days.
func (w *world) eachCPython(do func(cpythonRecord)) {
	for k := 0; ; k++ {
		d := date(2010, time.March, 1) + day(45*k+w.below(40, drawCPython, k, 0, 0))
		if d >= w.today {
			return
		}
		r := cpythonRecord{k: k, published: w.second(d, drawCPython, k, 1, 0)}
		r.cve = fmt.Sprintf("CVE-%d-%d", r.published.Year(), 40_000_000+k)
		r.id = fmt.Sprintf("PSF-%d-9%03d", r.published.Year(), k)
		if d >= cveRecords {
			r.id = r.cve
		}
		do(r)
	}
}

type cpythonAdvisory struct {
	Modified         string            `json:"modified"`
	Published        string            `json:"published"`
	Withdrawn        string            `json:"withdrawn,omitempty"`
	SchemaVersion    string            `json:"schema_version"`
	ID               string            `json:"id"`
	Aliases          []string          `json:"aliases,omitempty"`
	Summary          string            `json:"summary,omitempty"`
	Details          string            `json:"details"`
	Severity         []osvSeverity     `json:"severity,omitempty"`
	Affected         []cpythonAffected `json:"affected"`
	References       []osvReference    `json:"references"`
	DatabaseSpecific map[string]any    `json:"database_specific"`
}

// cpythonAffected names no package: commits of the interpreter and nothing else.
type cpythonAffected struct {
	Ranges   []osvRange `json:"ranges"`
	Versions []string   `json:"versions,omitempty"`
}

const cpythonRepository = "https://github.com/python/cpython"

// advisory renders a record: the fixes of the maintained branches come up to two
// months after it.
func (w *world) advisory(r cpythonRecord) cpythonAdvisory {
	a := cpythonAdvisory{
		SchemaVersion:    "1.5.0",
		ID:               r.id,
		Details:          "A fictional flaw in the fictional module `" + things[r.k%nThings] + "` of CPython.\n\nIt does not exist.\n",
		References:       []osvReference{{"REPORT", cpythonRepository + "/issues/" + fmt.Sprint(90_000_000+r.k)}},
		DatabaseSpecific: map[string]any{"cwe_ids": []string{}},
	}
	if r.id != r.cve {
		a.Aliases = []string{r.cve}
	}
	if r.k%3 == 0 {
		a.Summary = "Fictional " + flawKinds[r.k%len(flawKinds)] + " in " + things[r.k%nThings]
	}
	if v := vectors[r.k%len(vectors)]; r.k%4 == 0 {
		a.Severity = []osvSeverity{{v.kind, v.vector}}
	}
	modified := r.published
	events := []osvEvent{{Introduced: "0"}}
	for branch := range 1 + w.below(6, drawCPython, r.k, 2, 0) {
		fixed := r.published.Add(time.Duration(w.below(60*86400, drawCPython, r.k, 3, branch)) * time.Second)
		if fixed.After(w.now) {
			continue
		}
		modified = later(modified, fixed)
		commit := w.hex(40, -2-r.k, branch)
		events = append(events, osvEvent{Fixed: commit})
		a.References = append(a.References, osvReference{"FIX", cpythonRepository + "/commit/" + commit})
	}
	if withdrawn := r.published.AddDate(0, 3, 0); r.k%37 == 11 && withdrawn.Before(w.now) {
		a.Withdrawn, modified = withdrawn.Format(time.RFC3339), later(modified, withdrawn)
	}
	a.Affected = []cpythonAffected{{Ranges: []osvRange{{Type: "GIT", Repo: cpythonRepository, Events: events}}}}
	if r.k%5 == 0 {
		a.Affected[0].Versions = []string{"v3.8.0", "v3.9.0", "v3.9.1"}
	}
	a.Published = r.published.Format("2006-01-02T15:04:05.000Z")
	a.Modified = modified.Format("2006-01-02T15:04:05.000Z")
	return a
}

const (
	advisoriesTop    = "advisory-database-main/"
	advisoriesCommit = "f1c710a1d1f1c710a1d1f1c710a1d1f1c710a1d1"
)

// cpythonArchive packs the advisories as their repository has them.
func (w *world) cpythonArchive() reply {
	return reply{
		kind:   "application/x-gzip",
		header: map[string]string{"Content-Disposition": "attachment; filename=advisory-database-main.tar.gz"},
		etag:   w.etagFor("cpython", w.today),
		stream: func() *stream {
			pack := newTarball(w.now)
			return &stream{more: func(b *bytes.Buffer) error {
				pack.out = b
				err := pack.head(advisoriesTop, advisoriesCommit, "Fictional advisories.\n", "advisories/", "advisories/python/")
				w.eachCPython(func(r cpythonRecord) {
					err = cmp.Or(err, pack.file(advisoriesTop+"advisories/python/"+r.id+".json", encode(w.advisory(r))))
				})
				return cmp.Or(err, pack.close(), io.EOF)
			}}
		},
	}
}

// cycle is a release cycle of CPython. The dates are the real ones, as far as
// they were settled in 2026; the newest patch release is not.
type cycle struct {
	name                      string
	released, bugfixes, until day
}

var cyclesOfCPython = []cycle{
	{"3.15", date(2026, 10, 1), date(2028, 10, 1), date(2031, 10, 31)},
	{"3.14", date(2025, 10, 7), date(2027, 10, 1), date(2030, 10, 31)},
	{"3.13", date(2024, 10, 7), date(2026, 10, 1), date(2029, 10, 31)},
	{"3.12", date(2023, 10, 2), date(2025, 4, 2), date(2028, 10, 31)},
	{"3.11", date(2022, 10, 24), date(2024, 4, 1), date(2027, 10, 31)},
	{"3.10", date(2021, 10, 4), date(2023, 4, 5), date(2026, 10, 31)},
	{"3.9", date(2020, 10, 5), date(2022, 5, 17), date(2025, 10, 31)},
	{"3.8", date(2019, 10, 14), date(2021, 5, 3), date(2024, 10, 7)},
	{"3.7", date(2018, 6, 27), date(2020, 6, 27), date(2023, 6, 27)},
	{"3.6", date(2016, 12, 23), date(2018, 12, 24), date(2021, 12, 23)},
	{"2.7", date(2010, 7, 3), 0, date(2020, 1, 1)},
}

type cyclesDocument struct {
	SchemaVersion string `json:"schema_version"`
	GeneratedAt   string `json:"generated_at"`
	LastModified  string `json:"last_modified"`
	Result        struct {
		Name           string            `json:"name"`
		Aliases        []string          `json:"aliases"`
		Label          string            `json:"label"`
		Category       string            `json:"category"`
		VersionCommand string            `json:"versionCommand"`
		Links          map[string]string `json:"links"`
		Releases       []cycleRelease    `json:"releases"`
	} `json:"result"`
}

type cycleRelease struct {
	Name         string  `json:"name"`
	Codename     *string `json:"codename"`
	Label        string  `json:"label"`
	ReleaseDate  string  `json:"releaseDate"`
	IsLTS        bool    `json:"isLts"`
	LTSFrom      *string `json:"ltsFrom"`
	IsEOAS       bool    `json:"isEoas"`
	EOASFrom     *string `json:"eoasFrom"`
	IsEOL        bool    `json:"isEol"`
	EOLFrom      *string `json:"eolFrom"`
	IsMaintained bool    `json:"isMaintained"`
	Latest       struct {
		Name string  `json:"name"`
		Date string  `json:"date"`
		Link *string `json:"link"`
	} `json:"latest"`
	Custom *string `json:"custom"`
}

// cycles answers endoflife.date's question about Python.
func (w *world) cycles(q query) (reply, bool) {
	if q.path != "/api/v1/products/python" && q.path != "/api/v1/products/python/" {
		return reply{}, false
	}
	var doc cyclesDocument
	doc.SchemaVersion = "1.2.0"
	doc.GeneratedAt = w.now.Format("2006-01-02T15:04:05+00:00")
	doc.LastModified = doc.GeneratedAt
	r := &doc.Result
	r.Name, r.Aliases, r.Label, r.Category, r.VersionCommand = "python", []string{}, "Python", "lang", "python --version"
	r.Links = map[string]string{"html": "https://endoflife.date/python"}
	for _, c := range cyclesOfCPython {
		if c.released < w.today {
			r.Releases = append(r.Releases, c.on(w.today))
		}
	}
	return reply{kind: "application/json", body: encode(doc)}, true
}

// on is what is said of a cycle on a day.
func (c cycle) on(d day) cycleRelease {
	text := func(d day) *string {
		if d == 0 {
			return nil
		}
		s := d.String()
		return &s
	}
	r := cycleRelease{
		Name: c.name, Label: c.name, ReleaseDate: c.released.String(),
		IsEOAS: c.bugfixes <= d, EOASFrom: text(c.bugfixes),
		IsEOL: c.until <= d, EOLFrom: text(c.until), IsMaintained: c.until > d,
	}
	patch := (min(d-1, c.until) - c.released) / 60 // a release every two months
	r.Latest.Name = fmt.Sprintf("%s.%d", c.name, patch)
	r.Latest.Date = (c.released + 60*patch).String()
	return r
}
