// Package projects is the list of projects: search, sort, page.
package projects

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is one page of the list, by download rank unless another order was asked for.
type Page struct {
	layout.Frame
	Heading string      // "15,000 projects by downloads"
	Lede    string      // what the list is, its date, what n means
	Filter  part.Filter // search text and order
	Columns []Column    // from Columns, with Href and Sorted filled in
	Rows    []Row
	State   *part.State // when Rows is empty: why, and what was searched for
	Nearest []part.Link // names near to a search that found nothing
	Pager   part.Pager
	Links   []part.Link // CSV of the whole table, Definition
	Source  string
}

// PageName names the template.
func (Page) PageName() string { return "projects" }

// Column is the head of a column. Href sorts by it, "" when one cannot.
type Column struct {
	Sort   string // the value of sort that orders by it, "" for none
	Name   string
	Num    bool
	Href   string
	Sorted string // "ascending" or "descending" for the current order, else ""
}

// Link is the name, leading to the list in its order.
func (c Column) Link() part.Link { return part.Link{Text: c.Name, Href: c.Href} }

// Columns returns the heads of the columns, in the order of Row.
func Columns() []Column {
	return []Column{
		{Sort: "rank", Name: "Rank", Num: true},
		{Sort: "name", Name: "Project"},
		{Sort: "aggregate", Name: "Score", Num: true},
		{Name: "As of"},
		{Sort: "advisories", Name: "Advisories"},
		{Sort: "release", Name: "Latest release"},
		{Name: "Repository"},
	}
}

// Row is one project.
type Row struct {
	Rank       string // "4"; "not in the list" without
	Project    part.Link
	Score      string // "8.5"; "" without, then Why is shown
	ScoreOn    string // "15 Jun 2026"
	Why        string // "no result", "not asked", "not fetched yet", …
	Stamp      string // "38 days old"
	Advisories string // "19"; "none known"
	Affects    string // "latest release in the range of 2", "" for none
	Malware    string // "1 malware report", "" for none
	Latest     string // version
	Released   string // date
	Status     string // archived, quarantined, …; "" when active or unknown
	Repository part.Link
	Trust      string // "attested", "declared, not verified"; why there is none
}
