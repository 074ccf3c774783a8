// Package adoption is the page of attestations: how many projects, files and
// downloads have them, who publishes, and what changed.
package adoption

import (
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is the adoption of attestations in one cohort.
type Page struct {
	layout.Frame
	Filter      part.Filter
	Figures     []figure.Figure
	Now         Now
	Publishers  Publishers
	Regressions Changes
	Gains       Changes
	How         []part.Link // PyPI's own words on how to do it, one a step
}

// PageName names the template.
func (Page) PageName() string { return "adoption" }

// Now is how the cohort stands by the newest rank list.
type Now struct {
	Title   string
	Sub     string
	State   *part.State // when nothing is known
	Classes []Class
	Reasons string // why classes are unknown, with counts; "" when none is
}

// Class is one class of attestation.
type Class struct {
	Swatch    string // as in the chart
	Name      string
	Projects  string // "11 (1.1 %)"
	Downloads string // "7.4 %"
}

// Publishers are the Trusted Publishers of the attested releases.
type Publishers struct {
	Title string
	Sub   string
	Rows  []Publisher // empty when no release is attested: the section is left out
}

// Publisher is one kind of Trusted Publisher.
type Publisher struct {
	Kind     string
	Projects string
}

// Changes is a list of changes of provenance, newest first.
type Changes struct {
	Title string
	Sub   string
	State *part.State // when there are none: why
	Rows  []Change
	Pager part.Pager
}

// Change is one change.
type Change struct {
	Project part.Link
	What    string
	Version string
	At      string // date
	Before  string // release that it is compared with and its date, "" for none
	From    string
	To      string
	Older   string // "a release of an older line", "" else
}
