// Package releases is the page of how projects release: how often, what they
// yank, who has had no release for long, and which Pythons they admit.
package releases

import (
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is the page of releases of one cohort.
type Page struct {
	layout.Frame
	Heading  string // "Projects of the top 1,000 release every 36 days in the median"
	Lede     string
	Filter   part.Filter
	Releases figure.Figure
	Yanks    figure.Figure
	Reasons  List // why releases were yanked
	Dormancy figure.Figure
	Dormant  Dormant
	Python   figure.Figure
	Support  List     // what releases admit now
	Limits   []string // what the page cannot tell
}

// PageName names the template.
func (Page) PageName() string { return "releases" }

// List is a table with its title and what must stand beside it.
type List struct {
	Title string
	Sub   string
	Table *part.Table // nil: State says why
	State *part.State
	Links []part.Link
}

// Dormant is the list of projects without a release for long.
type Dormant struct {
	Title string
	Sub   string
	Rows  []Row
	State *part.State // when there are no rows
	Pager part.Pager
	Links []part.Link
}

// Row is one of these projects.
type Row struct {
	Rank      string
	Project   part.Link
	Status    string // archived, deprecated, …; "" when active or unknown
	Downloads string
	Version   string
	Last      string // "12 Jun 2024"
	Days      string // "529"
	Affected  string // "latest release in the range of 2", "none known"
}
