package osv

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

const (
	ecosystem = "PyPI"

	maxID      = 100     // bytes of an id or alias
	maxVersion = 250     // bytes of a version
	maxVector  = 500     // bytes of a CVSS vector
	maxVectors = 100     // vectors kept of a record
	maxURL     = 2 << 10 // bytes of a reference
	maxSummary = 2 << 10 // bytes kept of a summary

	maxIDs      = 1000   // ids in one list of a record
	maxAffected = 10_000 // entries of affected; the most seen is a handful
	maxVersions = 50_000 // versions of one project; the most seen is 1,583
	maxEvents   = 10_000 // events of one range; the most seen is about 80
	maxRanges   = 1000   // ranges of one entry
)

// What Decode may return, beside other errors.
var errNotJSON = errors.New("not a record in JSON") // perhaps not the source's own words

// otherEcosystem says that a good record affects no PyPI package.
type otherEcosystem struct{ modified time.Time }

func (otherEcosystem) Error() string { return "affects no PyPI package" }

// wire is the part of an OSV record (schema 1.x) that is read. Everything else
// is ignored, and null stands for absent.
type wire struct {
	SchemaVersion string          `json:"schema_version"`
	ID            string          `json:"id"`
	Modified      string          `json:"modified"`
	Published     string          `json:"published"`
	Withdrawn     string          `json:"withdrawn"`
	Aliases       []string        `json:"aliases"`
	Related       []string        `json:"related"`
	Upstream      []string        `json:"upstream"`
	Summary       string          `json:"summary"`
	Severity      []wireSeverity  `json:"severity"`
	References    []wireReference `json:"references"`
	Affected      []wireAffected  `json:"affected"`
	// DatabaseSpecific is each database's own; of GHSA's the severity is read.
	DatabaseSpecific json.RawMessage `json:"database_specific"`
}

type wireSeverity struct {
	Type  string `json:"type"`
	Score string `json:"score"`
}

type wireReference struct {
	URL string `json:"url"`
}

type wireAffected struct {
	Package struct {
		Ecosystem string `json:"ecosystem"`
		Name      string `json:"name"`
	} `json:"package"`
	Severity []wireSeverity `json:"severity"`
	Ranges   []wireRange    `json:"ranges"`
	Versions []string       `json:"versions"`
}

type wireRange struct {
	Type   string              `json:"type"`
	Events []observation.Event `json:"events"`
}

// Decode reads one OSV record. id is what the record was asked for or filed
// under. problems are the parts of a good record that had to be left out, in
// words. A record that cannot be read is an error; so is one that affects no
// PyPI package.
func Decode(id string, data []byte) (record *observation.Advisory, problems []string, err error) {
	var w wire
	if err := json.Unmarshal(data, &w); err != nil {
		if json.Valid(data) {
			return nil, nil, fmt.Errorf("not an OSV record: %w", err)
		}
		return nil, nil, fmt.Errorf("%w: %w", errNotJSON, err)
	}
	if w.ID != id {
		return nil, nil, fmt.Errorf("holds the id %.*q in place of %s", maxID, w.ID, id)
	}
	if v := w.SchemaVersion; v != "" && !strings.HasPrefix(v, "1.") {
		return nil, nil, fmt.Errorf("schema_version %.20q is not 1.x", v)
	}
	if err := w.bounded(); err != nil {
		return nil, nil, err
	}
	a := &observation.Advisory{
		ID:           w.ID,
		Database:     prefix(w.ID),
		Summary:      collectors.CutText(strings.TrimSpace(w.Summary), maxSummary),
		SeverityWord: severityWord(w.DatabaseSpecific),
	}
	if a.Modified, err = parseTime(w.Modified); err != nil {
		return nil, nil, fmt.Errorf("modified: %w", err)
	}
	if w.Withdrawn != "" {
		if a.Withdrawn, err = parseTime(w.Withdrawn); err != nil {
			return nil, nil, fmt.Errorf("withdrawn: %w", err)
		}
	}
	if w.Published != "" {
		if a.Published, err = parseTime(w.Published); err != nil {
			problems = append(problems, "published: "+err.Error()+"; it is unknown")
		}
	}
	a.Aliases = ids(w.Aliases, w.ID)
	a.Related = ids(w.Related, w.ID)
	a.Upstream = ids(w.Upstream, w.ID)
	a.Vectors = appendVectors(nil, w.Severity)
	a.References = references(w.References)
	for _, wa := range w.Affected {
		if !isPyPI(wa.Package.Ecosystem) {
			continue
		}
		project, err := pypa.ParseName(wa.Package.Name)
		if err != nil {
			problems = append(problems, "affected: "+err.Error())
			continue
		}
		a.Vectors = appendVectors(a.Vectors, wa.Severity)
		if err := merge(a, project, wa); err != nil {
			return nil, nil, fmt.Errorf("affected %s: %w", project, err)
		}
	}
	switch {
	case len(a.Affected) > 0:
		return a, problems, nil
	case len(problems) > 0:
		return nil, nil, errors.New(strings.Join(problems, "; "))
	}
	return nil, nil, otherEcosystem{a.Modified}
}

// bounded refuses a record that is far beyond what any database writes, before
// work is done on it that grows faster than its size.
func (w *wire) bounded() error {
	tooMany := func(what string, n, most int) error {
		return fmt.Errorf("has %d %s, more than the %d allowed", n, what, most)
	}
	for _, list := range [...][]string{w.Aliases, w.Related, w.Upstream} {
		if len(list) > maxIDs {
			return tooMany("aliases, related or upstream ids", len(list), maxIDs)
		}
	}
	if n := len(w.Affected); n > maxAffected {
		return tooMany("affected entries", n, maxAffected)
	}
	for _, a := range w.Affected {
		if n := len(a.Versions); n > maxVersions {
			return tooMany("versions", n, maxVersions)
		}
		if n := len(a.Ranges); n > maxRanges {
			return tooMany("ranges", n, maxRanges)
		}
		for _, r := range a.Ranges {
			if n := len(r.Events); n > maxEvents {
				return tooMany("events", n, maxEvents)
			}
		}
	}
	return nil
}

// isPyPI accepts the ecosystem with and without a suffix, which the schema
// allows after a colon.
func isPyPI(name string) bool {
	name, _, _ = strings.Cut(name, ":")
	return name == ecosystem
}

// merge adds what one entry of affected says of a project to what earlier ones
// of the same record said of it.
func merge(a *observation.Advisory, project string, wa wireAffected) error {
	i := slices.IndexFunc(a.Affected, func(f observation.Affected) bool { return f.Project == project })
	if i < 0 {
		i = len(a.Affected)
		a.Affected = append(a.Affected, observation.Affected{Project: project})
	}
	f := &a.Affected[i]
	for _, v := range wa.Versions {
		if len(v) > maxVersion {
			return fmt.Errorf("a version has %d bytes, more than %d", len(v), maxVersion)
		}
	}
	f.Versions = append(f.Versions, wa.Versions...)
	for _, r := range wa.Ranges {
		if r.Type != "ECOSYSTEM" {
			continue
		}
		events, err := split(r.Events)
		if err != nil {
			return err
		}
		f.Ranges = append(f.Ranges, observation.Range{Events: events})
	}
	return nil
}

// split makes one event of every field that is set: the schema allows only one,
// but says nothing else with several. An event with none that we know is left out.
func split(events []observation.Event) ([]observation.Event, error) {
	out := make([]observation.Event, 0, len(events))
	for _, e := range events {
		for _, one := range [...]observation.Event{
			{Introduced: e.Introduced}, {Fixed: e.Fixed}, {LastAffected: e.LastAffected}, {Limit: e.Limit},
		} {
			if one == (observation.Event{}) {
				continue
			}
			if n := len(one.Introduced + one.Fixed + one.LastAffected + one.Limit); n > maxVersion {
				return nil, fmt.Errorf("a version in a range has %d bytes, more than %d", n, maxVersion)
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// parseTime reads an RFC 3339 time with any fraction of a second, as UTC.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%.40q is not an RFC 3339 time", s)
	}
	if t = t.UTC(); t.Year() < 1990 || t.Year() > 2200 {
		return time.Time{}, fmt.Errorf("%.40q is out of all reason", s)
	}
	return t, nil
}

// ids returns the ids of a list, each once, in the list's order, without self
// and without what is not an id.
func ids(list []string, self string) []string {
	var out []string
	for _, id := range list {
		id = strings.TrimSpace(id)
		if id != self && isID(id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// isID reports whether s has the form of an id: a database's prefix, "-", and
// more of letters, digits, ".", "_", ":" and "-". Nothing else may end in a URL
// or a file name of ours.
func isID(s string) bool {
	if len(s) > maxID || prefix(s) == "" || len(prefix(s)) == len(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		alnum := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alnum && (i == 0 || !strings.ContainsRune("-._:", rune(c))) {
			return false
		}
	}
	return true
}

// prefix returns the database that an id belongs to.
func prefix(id string) string {
	p, _, _ := strings.Cut(id, "-")
	return p
}

// appendVectors adds the CVSS vectors of a list, each once, up to maxVectors.
func appendVectors(vectors []string, list []wireSeverity) []string {
	for _, s := range list {
		if len(vectors) == maxVectors {
			break
		}
		v := strings.TrimSpace(s.Score)
		if strings.HasPrefix(s.Type, "CVSS_") && v != "" && len(v) <= maxVector && !slices.Contains(vectors, v) {
			vectors = append(vectors, v)
		}
	}
	return vectors
}

// severityWord reads GHSA's database_specific.severity. Other databases may
// have anything there.
func severityWord(raw json.RawMessage) string {
	var d struct {
		Severity any `json:"severity"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &d) != nil {
		return ""
	}
	switch word, _ := d.Severity.(string); strings.ToUpper(word) {
	case "LOW", "MODERATE", "MEDIUM", "HIGH", "CRITICAL":
		return strings.ToUpper(word)
	}
	return ""
}

// references keeps what may become a link: absolute http and https URLs.
func references(list []wireReference) []string {
	var out []string
	for _, r := range list {
		if len(r.URL) > maxURL {
			continue
		}
		u, err := url.Parse(r.URL)
		if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			out = append(out, r.URL)
		}
	}
	return out
}
