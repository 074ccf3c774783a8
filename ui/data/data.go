// Package data is the page of everything that can be downloaded.
package data

import (
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page lists tables, charts and the API.
type Page struct {
	layout.Frame
	Heading  string
	Lede     string
	Coverage figure.Figure // what exists by month
	Tables   []Table
	State    *part.State // when there are no tables yet
	Charts   []Chart
	Sources  []Licence
	API      []Call
	Cite     Cite
}

// PageName names the template.
func (Page) PageName() string { return "data" }

// Table is one table of the store.
type Table struct {
	Name    string
	Comment string
	Rows    string // "19,848,004"
	Bytes   string // "13.5 MiB"
	Source  string // "Advisories"
	Licence string
	Through string // "23 Jul 2026", "nothing yet"
	CSV     part.Link
	Columns []Column
}

// Column is one column of a table.
type Column struct {
	Name, Type, Comment string
}

// Chart is one chart with its files.
type Chart struct {
	Page  part.Link   // title, /chart/{slug}
	Files []part.Link // CSV, JSON, SVG
}

// Licence is where a part of the data comes from.
type Licence struct {
	Source  part.Link
	What    string
	Licence string
	Through string
}

// Call is one address of the API.
type Call struct {
	Call part.Link
	What string
}

// Cite says how to quote a figure.
type Cite struct {
	Text string
	Line string // an example
}
