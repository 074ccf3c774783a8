// Package checks is the page of all Scorecard checks: who can be judged at all,
// the rate of every check over time, and a table.
package checks

import (
	"html/template"

	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is all checks in one cohort.
type Page struct {
	layout.Frame
	Heading string // a sentence with its number
	Lede    string
	Filter  part.Filter
	Funnel  figure.Figure // coverage before averages
	Rates   figure.Figure
	Table   string // title of the table: "The 15 checks on 15 Jun 2026"
	Sub     string
	Columns []Column
	Rows    []Row
	State   *part.State // when there is no row
	Note    string
	Links   []part.Link
	Source  string
}

// PageName names the template.
func (Page) PageName() string { return "checks" }

// Column is the head of a column. Href sorts by it, "" when one cannot.
type Column struct {
	Name   string
	Num    bool
	Href   string
	Sorted string // "ascending" or "descending" for the current order, else ""
}

// Link is the name, leading to the table in its order.
func (c Column) Link() part.Link { return part.Link{Text: c.Name, Href: c.Href} }

// Row is one check.
type Row struct {
	Name         part.Link
	Risk         string // "High, 7.5"
	Core         string // "core", "" else
	Share        string // "25.0 %"; "" without, then Why is shown
	Bar          template.HTML
	Of           string // "679 of 1,000"
	Why          string
	Stamp        string // date of a row that is older than the others
	Inconclusive string
	NotRun       string
	Mean         string
	Change       string // over matched projects, "" when none is stated
}
