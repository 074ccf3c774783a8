// Package threats is the page of the supply-chain picture: what is publicly seen
// against each threat of SLSA in a cohort, and what that rests on.
package threats

import (
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is the picture and one section for each threat.
type Page struct {
	layout.Frame
	Filter   part.Filter
	Figure   figure.Figure
	Spec     part.Link // SLSA's own page of the threats
	Caveat   string    // whose mapping it is, and what is not claimed
	Sections []Section // in SLSA's order
}

// PageName names the template.
func (Page) PageName() string { return "threats" }

// Section is one threat.
type Section struct {
	ID      string // anchor: "threat-a"
	Title   string // "A Producer"
	What    string // what the threat is
	Spec    part.Link
	Counts  string // how many projects are in which state, "" when that is not known
	Summary string // opens what follows: "5 signals, and what is not collected"
	Signals []Signal
	Tells   string // how much the signals can tell
	Missing string // what is not collected
}

// Signal is one thing that is looked at, with how many projects show it.
type Signal struct {
	Link        part.Link // leads to where it is told, as far as there is such a page
	Text        string    // what is looked at, "" where the name says it
	Observed    string    // "430 (43.0 %)"; why it never is, for what can only be counted against a project
	NotObserved string
	Unknown     string
}
