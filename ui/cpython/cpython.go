// Package cpython is the page of the interpreter: its release cycles and the
// advisories about it.
package cpython

import (
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is the page of CPython.
type Page struct {
	layout.Frame
	Heading    string // "5 release cycles of CPython are supported"
	Lede       string
	Cycles     figure.Figure // the cycles as spans, with their table
	Advisories figure.Figure // flaws by year
	Records    Records
	Withdrawn  Records
	Score      Score
	Limits     []string // what the page cannot tell
}

// PageName names the template.
func (Page) PageName() string { return "cpython" }

// Records are advisories about CPython, newest first.
type Records struct {
	Title string
	Sub   string
	Rows  []Record
	Pager part.Pager
	State *part.State // when there are none
	Note  string
	Links []part.Link
}

// Record is one advisory.
type Record struct {
	ID        part.Link // PSF-2024-1
	CVEs      []part.Link
	Summary   string
	Severity  part.Severity
	Published string
	Exploited string // "in KEV since 1 Mar 2024", "" when it is not
	Affected  string // "from the start; 12 tags listed"
	Fixed     []part.Link
	FixedMore string // "and 3 more", "no commit recorded"
	Withdrawn string // date, "" when live
}

// Score is Scorecard's result of the repository of CPython.
type Score struct {
	Title string
	Text  string
	State *part.State // when there is no result
	Table *part.Table
	Links []part.Link
}
