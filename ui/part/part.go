// Package part holds the small pieces that every page is built of: links,
// stamps, severities, filters, tables and pagers. All strings are ready to
// print; the templates escape them and hold no logic.
package part

import (
	"net/url"
	"strings"
)

// Link is a word that leads somewhere. Href is a local path ("/p/urllib3",
// "#table", "?page=2") or an absolute http or https URL; anything else,
// such as javascript:, is printed as plain text without a link.
type Link struct {
	Text string
	Href string
	// Label is what a screen reader says when Text alone does not tell, "" else.
	Label string
	// Current marks the link that leads to what is shown now.
	Current bool
}

// URL returns Href when it may be linked, "" when it may not.
func (l Link) URL() string {
	if l.Local() || l.External() {
		return l.Href
	}
	return ""
}

// Local reports whether the link stays on this site.
func (l Link) Local() bool {
	if strings.ContainsAny(l.Href, "\\\t\r\n") || strings.HasPrefix(l.Href, "//") {
		return false
	}
	return strings.HasPrefix(l.Href, "/") || strings.HasPrefix(l.Href, "#") || strings.HasPrefix(l.Href, "?")
}

// External reports whether the link leads to another site over http or https.
// Such links are given rel="noopener noreferrer nofollow".
func (l Link) External() bool {
	u, err := url.Parse(l.Href)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// Stat is a figure of freshness: "Scorecard through", "15 Jun 2026", "38 days old".
type Stat struct {
	Label string
	Value string
	Stamp string // amber, "" when the value is fresh
}

// Severity is a severity word with its number.
type Severity struct {
	Word  string // critical, high, medium, low; anything else is unknown
	Score string // "8.9", "" without a vector
}

// Class is the step of the violet ramp, v4 for critical to v0 for unknown.
func (s Severity) Class() string {
	switch strings.ToLower(s.Word) {
	case "critical":
		return "v4"
	case "high":
		return "v3"
	case "medium":
		return "v2"
	case "low":
		return "v1"
	}
	return "v0"
}

// Text is the word with a capital and the number, "High 8.9".
func (s Severity) Text() string {
	word := "Unknown"
	switch w := strings.ToLower(s.Word); w {
	case "critical", "high", "medium", "low", "none":
		word = strings.ToUpper(w[:1]) + w[1:]
	}
	if s.Score == "" {
		return word
	}
	return word + " " + s.Score
}

// State says why something is absent and what would bring it: exactly one of
// not asked, no repository, no result, not fetched yet, unavailable, still
// loading, or nothing known as of a date.
type State struct {
	Lead string // bold: "No Scorecard result."
	Text string // "Why: the project names no repository on a supported host, checked 15 Jun 2026."
	How  string // "How to get one: …", "" when nothing can be done
	Link Link
}

// Filter is a form of the GET kind over the state in the query string.
type Filter struct {
	Action string // local path
	Label  string // accessible name of the form: "Choose cohort and dates"
	Fields []Field
	Hidden []Option // parameters to keep: Value under the name Label
	Note   string
	Button string // what sends it, "Apply" when empty
}

// Path is Action when it is a path of this site, "" (the page itself) otherwise.
func (f Filter) Path() string {
	if link := (Link{Href: f.Action}); link.Local() {
		return link.Href
	}
	return ""
}

// Many reports whether the fields need more than a row on a wide screen: they
// then stand in columns.
func (f Filter) Many() bool { return len(f.Fields) > 6 }

// Field is one control of a Filter. Its Type says which: "select"; "month", a
// choice of months whose first option is the open end; "search", the default;
// "date"; "number"; and "checkbox", which sends Value when it is ticked.
type Field struct {
	Name    string
	Label   string
	Type    string
	Value   string   // of date, search, number and checkbox
	Min     string   // of date and number, "2022-07-20"
	Max     string   // of date and number
	Step    string   // of number, "0.01"
	Checked bool     // of checkbox
	Options []Option // of select and month
}

// IsSelect reports whether the field is a choice among its options.
func (f Field) IsSelect() bool { return f.Type == "select" || f.Type == "month" }

// Option is one choice of a select.
type Option struct {
	Value    string
	Label    string
	Selected bool
}

// Table is a plain data table. The first cell of each row is its header.
type Table struct {
	Caption string // read by screen readers and printed
	Columns []Column
	Rows    [][]string // as many cells as Columns
	More    string     // what was left out, "The newest 200 of 278; CSV has all."
}

// Column is the head of a table's column.
type Column struct {
	Name string
	Num  bool // numbers stand at the right
}

// Cell joins a cell's text with its column for the templates.
type Cell struct {
	Text string
	Column
}

// Short reports whether a cell fits into a line of its own.
func (c Cell) Short() bool { return len(c.Text) <= 40 }

// Cells returns the rows with their columns. Missing cells are empty, cells
// beyond the last column are left out.
func (t Table) Cells() [][]Cell {
	rows := make([][]Cell, len(t.Rows))
	for i, row := range t.Rows {
		cells := make([]Cell, len(t.Columns))
		for j, c := range t.Columns {
			cells[j].Column = c
			if j < len(row) {
				cells[j].Text = row[j]
			}
		}
		rows[i] = cells
	}
	return rows
}

// Pager leads through the pages of a list.
type Pager struct {
	Text     string // "1 to 50 of 15,000"
	Previous Link   // no Href on the first page
	Next     Link
}
