// Package check is the page of one Scorecard check: what it means, how many
// projects score 8 or above, how the scores are spread, and what to do about it.
package check

import (
	"html/template"

	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is one check in one cohort.
type Page struct {
	layout.Frame
	Name     string
	Short    string // one sentence of Scorecard's
	Facts    []Fact
	Filter   part.Filter
	Keys     []Key
	Figures  []figure.Figure // rate, scores now, scores over time
	Meaning  []Block         // Scorecard's own description
	Doc      part.Link       // its documentation
	Reasons  Reasons
	Fix      Fix
	Projects Projects
	Others   []part.Link // the other checks
}

// PageName names the template.
func (Page) PageName() string { return "check" }

// Fact is one word on the check, "Risk" "High, weight 7.5".
type Fact struct{ Label, Value string }

// Key is one number of the newest observation.
type Key struct {
	Label string
	Value string // "?" is unknown
	Small string // beside the value
	Note  string
}

// Block is a paragraph or a list of a text.
type Block struct {
	Text  string
	Items []string
}

// Reasons are the commonest reasons that Scorecard gives.
type Reasons struct {
	Title string
	Sub   string
	Rows  []Reason
	State *part.State // when there is none
}

// Reason is one of them.
type Reason struct {
	Text     string
	Projects string
	Mean     string // "inconclusive" without
}

// Fix is what a maintainer can do.
type Fix struct {
	NotYours    string // why it may not be theirs to fix
	Steps       []string
	Files       []File
	Remediation []string // Scorecard's words
	Links       []part.Link
}

// File is a file to copy.
type File struct{ Path, Body string }

// Projects lists those below a score, in the order of their downloads.
type Projects struct {
	Title  string
	Sub    string
	Stamp  string // age of the oldest result shown
	Filter part.Filter
	Rows   []Project
	// HasReasons: at least one row has a reason.
	HasReasons bool
	State      *part.State // when there is none
	Counts     string      // the others of the cohort
	Apart      part.Link   // to those that are inconclusive, or back
	Pager      part.Pager
	Source     string
}

// Project is one of them.
type Project struct {
	Rank   string
	Name   part.Link     // to the checks on its page
	Score  string        // "" is inconclusive
	Bar    template.HTML // of the score
	On     string
	Source string // of the result
	Reason string
}
