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
	State                             string    // "ok", "partial", "failed", "running", "never run"
	Age                               string    // "38 days old"; "" when fresh
	Stale                             bool      // Age is printed as a stamp
	LastTry                           string    // "23 Jul 2026 04:10 UTC"; "never"
	LastSuccess                       string
	Through                           string
	Next                              string // "" unknown
	Rows, Unchanged, Skipped, Rejects string
	Error                             string // class and text of the last error
	Note                              string
}

// Suspect is one observation that is left out of lines, or was cleared.
type Suspect struct {
	Date   string
	Source string
	State  string // "suspect", "confirmed", "cleared"
	Reason string
}
