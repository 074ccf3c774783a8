package cpython

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// What is kept of one record, at most.
const (
	maxSummary = 2 << 10 // bytes
	maxURL     = 2 << 10 // bytes of a reference
	maxVector  = 500     // bytes of a CVSS vector
	maxAlias   = 100     // bytes
	maxTag     = 250     // bytes of a version
	maxList    = 10_000  // elements of any list
)

// repository is the one whose ranges are read, as the records write it.
const repository = "https://github.com/python/cpython"

// idForm is that of an id. PSF-0000-… is a record that has no number yet: it is
// going to be published again under another id.
var (
	idForm     = regexp.MustCompile(`^(PSF|CVE)-[0-9]{4}-[0-9]{1,19}$`)
	unnumbered = regexp.MustCompile(`^PSF-0000-`)
	commitForm = regexp.MustCompile(`^(0|[0-9a-f]{7,64})$`)
)

// neverModified is what the oldest records say that were written by hand. They
// count as modified when they were published.
const neverModified = "0001-01-01T00:00:00Z"

var errUnnumbered = errors.New("has no number yet")

// errOther says that a record concerns something else than CPython.
var errOther = errors.New("has ranges, but none of python/cpython")

// wire is the part of an OSV record (schema 1.x) that is read.
type wire struct {
	ID               string          `json:"id"`
	SchemaVersion    string          `json:"schema_version"`
	Modified         string          `json:"modified"`
	Published        string          `json:"published"`
	Withdrawn        string          `json:"withdrawn"`
	Aliases          []string        `json:"aliases"`
	Summary          string          `json:"summary"`
	Details          string          `json:"details"`
	Severity         []wireSeverity  `json:"severity"`
	Affected         []wireAffected  `json:"affected"`
	References       []wireReference `json:"references"`
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
	Package  json.RawMessage `json:"package"`
	Severity []wireSeverity  `json:"severity"`
	Ranges   []wireRange     `json:"ranges"`
	Versions []string        `json:"versions"`
}

type wireRange struct {
	Type   string `json:"type"`
	Repo   string `json:"repo"`
	Events []struct {
		Introduced string `json:"introduced"`
		Fixed      string `json:"fixed"`
	} `json:"events"`
}

// decode reads one record. ignored is the number of its ranges that are not
// git ranges of python/cpython; problems are parts of a good record that were
// left out, in words.
func decode(data []byte) (a *observation.CPythonAdvisory, ignored int, problems []string, err error) {
	var w wire
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, 0, nil, fmt.Errorf("not an OSV record: %w", err)
	}
	if unnumbered.MatchString(w.ID) {
		return nil, 0, nil, errUnnumbered
	}
	if !idForm.MatchString(w.ID) {
		return nil, 0, nil, fmt.Errorf("its id %.60q is neither PSF-… nor a CVE id", w.ID)
	}
	if v := w.SchemaVersion; v != "" && !strings.HasPrefix(v, "1.") {
		return nil, 0, nil, fmt.Errorf("schema_version %.20q is not 1.x", v)
	}
	a = &observation.CPythonAdvisory{ID: w.ID, SeverityWord: severityWord(w.DatabaseSpecific)}
	if w.Withdrawn != "" {
		if a.Withdrawn, err = parseTime(w.Withdrawn); err != nil {
			return nil, 0, nil, fmt.Errorf("withdrawn: %w", err)
		}
	}
	if w.Published != "" {
		if a.Published, err = parseTime(w.Published); err != nil {
			problems = append(problems, "published: "+err.Error()+"; it is unknown")
		}
	}
	a.Modified, err = parseTime(w.Modified)
	if w.Modified == neverModified && !a.Published.IsZero() {
		a.Modified, err = a.Published, nil
	}
	if err != nil {
		return nil, 0, nil, fmt.Errorf("modified: %w", err)
	}
	a.Summary = summary(w.Summary, w.Details)
	a.Aliases = texts(w.Aliases, maxAlias, func(s string) bool { return s != w.ID })
	a.Vectors = vectors(nil, w.Severity)
	a.References = references(w.References)
	ignored, bad := ranges(a, w.Affected)
	if bad > 0 {
		problems = append(problems, fmt.Sprintf("%d events name no commit and were left out", bad))
	}
	if ignored > 0 && a.Repository == "" {
		return nil, ignored, nil, errOther
	}
	return a, ignored, problems, nil
}

// ranges adds what affected says of python/cpython: commits of its git ranges,
// and the versions listed beside them. An entry that names a package is of some
// ecosystem; its versions are not tags of CPython.
func ranges(a *observation.CPythonAdvisory, affected []wireAffected) (ignored, bad int) {
	for _, entry := range affected {
		named := len(entry.Package) > 0 && string(entry.Package) != "null"
		ours := len(entry.Ranges) == 0 && !named
		for _, r := range entry.Ranges {
			if r.Type != "GIT" || !isCPython(r.Repo) {
				ignored++
				continue
			}
			ours = true
			a.Repository = repository
			for _, e := range r.Events {
				bad += addCommit(&a.Introduced, e.Introduced) + addCommit(&a.Fixed, e.Fixed)
			}
		}
		if ours {
			a.Vectors = vectors(a.Vectors, entry.Severity)
		}
		if ours && !named {
			a.Versions = append(a.Versions, texts(entry.Versions, maxTag, func(v string) bool { return !slices.Contains(a.Versions, v) })...)
		}
		if named && len(entry.Ranges) == 0 {
			ignored++
		}
	}
	return ignored, bad
}

// addCommit adds a commit to a list, once. It returns 1 for what is none.
func addCommit(list *[]string, commit string) (bad int) {
	commit = strings.ToLower(commit)
	switch {
	case commit == "" || slices.Contains(*list, commit):
	case !commitForm.MatchString(commit) || len(*list) == maxList:
		return 1
	default:
		*list = append(*list, commit)
	}
	return 0
}

// isCPython reports whether a range's repo is python/cpython.
func isCPython(repo string) bool {
	repo = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(repo), "/"), ".git")
	return strings.EqualFold(repo, repository)
}

// summary returns the summary, else the first line of the details.
func summary(s, details string) string {
	if s = strings.TrimSpace(s); s == "" {
		s, _, _ = strings.Cut(strings.TrimSpace(details), "\n")
		s = strings.TrimSpace(s)
	}
	return collectors.CutText(s, maxSummary)
}

// texts returns the strings of a list that are not empty, not longer than limit
// and wanted, each once.
func texts(list []string, limit int, wanted func(string) bool) []string {
	var out []string
	for _, s := range list[:min(len(list), maxList)] {
		if s = strings.TrimSpace(s); s != "" && len(s) <= limit && wanted(s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func vectors(have []string, list []wireSeverity) []string {
	for _, s := range list[:min(len(list), maxList)] {
		v := strings.TrimSpace(s.Score)
		if strings.HasPrefix(s.Type, "CVSS_") && v != "" && len(v) <= maxVector && !slices.Contains(have, v) {
			have = append(have, v)
		}
	}
	return have
}

// severityWord reads database_specific.severity where it is one of the words.
func severityWord(raw json.RawMessage) string {
	var d struct {
		Severity any `json:"severity"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &d) != nil {
		return ""
	}
	word, _ := d.Severity.(string)
	switch word = strings.ToUpper(word); word {
	case "LOW", "MODERATE", "MEDIUM", "HIGH", "CRITICAL":
		return word
	}
	return ""
}

// references keeps what may become a link: absolute http and https URLs.
func references(list []wireReference) []string {
	var out []string
	for _, r := range list[:min(len(list), maxList)] {
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
