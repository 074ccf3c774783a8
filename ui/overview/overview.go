// Package overview is the first page: coverage, scores and advisories of one
// cohort, and what changed.
package overview

import (
	"html/template"

	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is the overview. Every string is ready to print.
type Page struct {
	layout.Frame
	Heading string // one or two sentences with the numbers of the page
	Lede    string // "" for none
	Filter  part.Filter
	Keys    []Key           // four numbers
	Figures []figure.Figure // coverage first
	Changes Changes
}

// PageName names the template.
func (Page) PageName() string { return "overview" }

// Key is one of the numbers on top.
type Key struct {
	Label  string        // "Scored, of the top 1,000"
	Value  string        // "738"; "?" is drawn as the mark for unknown
	Small  string        // "of 1,000"
	Change string        // "749 eleven weeks before"; why there is none when unknown
	Spark  template.HTML // from chart.Spark
	Href   string        // the figure below that it belongs to, "#coverage"; "" for none
}

// Link is the label, leading to the figure.
func (k Key) Link() part.Link { return part.Link{Text: k.Label, Href: k.Href} }

// Changes says what changed between two observations, over matched projects.
type Changes struct {
	Title string // "What changed in a week: …"
	Sub   string // the two dates, the segment, matched n
	// Lines are the changes in words, about five.
	Lines []Line
	// Moves is the table by check; may be empty.
	Moves      []Move
	MovesTitle string // "Projects that crossed 8, by check"
	MovesNote  string
	// Advisories lists the newest; may be empty.
	Advisories      []Advisory
	AdvisoriesTitle string
	AdvisoriesNote  string
	State           *part.State // when there is nothing to say: why
}

// Line is one change in words.
type Line struct {
	Lead  string // bold: "+0.13"
	Text  string
	Links []part.Link
	Named []Named // the projects behind it
}

// Named is a list of projects after the word that says what they did.
type Named struct {
	Word  string // "Entered:"
	Links []part.Link
}

// Move is how one check moved.
type Move struct {
	Check   part.Link
	Rose    string
	Fell    string
	Matched string
	Bar     template.HTML // from chart.MoveBar
}

// Advisory is a group that is new in the cohort.
type Advisory struct {
	ID        part.Link
	Disclosed string
	Projects  []part.Link
	Severity  part.Severity
}
