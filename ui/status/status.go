// Package status is the page of the sources: what came, when, and how it failed.
package status

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is the state of every source.
type Page struct {
	layout.Frame
	Heading     string // "Four of five sources are up to date"
	Lede        string
	Sources     []Source
	Suspects    []Suspect // suspect observations, newest first
	SuspectNote string
	Losses      []Loss // observations at which single checks lost values, newest first
	LossNote    string
	Breaks      []Break // breaks found that the ledger does not know, newest first
	BreakNote   string
	Imports     []Import // days on which advisories were imported, newest first
	ImportNote  string
	Rows        []Row // how the ledger decides; none where nobody can edit it
	Links       []part.Link
}

// PageName names the template.
func (Page) PageName() string { return "status" }

// Source is one source.
type Source struct {
	Name                              string    // "Scorecard archive"
	Collector                         string    // "pypiscorecards"
	URL                               part.Link // where it is read
	Every                             string    // "weekly"
	State                             string    // "ok", "partial", "failed", "running", "interrupted", "never run"
	Age                               string    // "38 days old"; "" when fresh
	DataAge                           string    // that of the newest data, whether or not the source is judged by it
	Dated                             bool      // Age is that of the data; else that of the last success
	LastTry                           string    // "23 Jul 2026 04:10 UTC"; "never"
	LastSuccess                       string
	Through                           string
	Next                              string // "" unknown
	Rows, Unchanged, Skipped, Rejects string
	Error                             string // class and text of the last error
	Note                              string
}

// Loss is one run of observations at which a check had lost values.
type Loss struct {
	Date  string // "23 Aug 2022 to 16 Oct 2022"
	Check string
	State string // "suspect", "outage", "confirmed", "cleared"
	Why   string
}

// Break is one break that was found by rule.
type Break struct {
	Date string
	What string // "the matched mean of SAST moved by -0.75"
	Over string // "5,345 projects since 1 Sep 2024"
}

// Import is one day of one database of advisories.
type Import struct {
	Day      string // "13 Jul 2026"
	Database string // "PYSEC"
	Records  string // that it published on that day
	State    string // "import" by the rule; by the ledger "added" or "cleared"
}

// Row is one line that can be added to the ledger.
type Row struct {
	Text string // what it does
	Line string // the line itself
}

// Suspect is one observation that is left out of lines, or was cleared.
type Suspect struct {
	Date   string
	Source string
	State  string // "suspect", "confirmed", "cleared"
	Reason string
}
