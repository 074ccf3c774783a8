// Package advisories is the explorer of advisory groups: filter, sort, page.
package advisories

import (
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is one page of advisory groups.
type Page struct {
	layout.Frame
	Heading string   // "9 of 5,372 known flaws in PyPI projects, known to be exploited"
	Ledes   []string // what is counted, what is unknown of how many
	Filter  part.Filter
	// InRange names the projects whose latest release is in the range of a flaw listed.
	InRange *InRange
	Columns []Column
	Rows    []Row
	State   *part.State // when Rows is empty
	Pager   part.Pager
	Links   []part.Link // CSV of what matches, Definition
	Source  string
	Note    string // what an empty cell means
	Figures []figure.Figure
}

// PageName names the template.
func (Page) PageName() string { return "advisories" }

// InRange lists projects by download rank.
type InRange struct {
	Title    string
	Projects []Ranked
	More     string // "and 40 more, in the CSV"
}

// Ranked is a project with its place in the rank list.
type Ranked struct {
	part.Link
	Note string // "rank 71, latest 9.5.0"
}

// Column is the head of a column. Href sorts by it, "" when one cannot.
type Column struct {
	part.Link
	Sorted string // "ascending" or "descending" when the list is in this order
}

// Row is one advisory group.
type Row struct {
	Name      part.Link
	Withdrawn string // "withdrawn", "deleted by its database"; "" when live
	Summary   string
	Severity  part.Severity
	Disclosed string
	Precision string // "year only", "no date"; "" for a day
	Projects  []part.Link
	More      string // "+3 more"
	FixedIn   string // "no fix recorded"
	Latest    string // "in affected range", "outside", "unknown"
	KEV       string // "KEV 13 Sep 2023", "" when it is not there
	EPSS      string // "EPSS 0.53, above 97 % of CVEs"
	EPSSOn    string // "model v2025.03.14, 22 Jul 2026"
}
