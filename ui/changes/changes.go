// Package changes is the page of what changed: of projects, and apart from them
// of Scorecard and of the sources.
package changes

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is one page of a list of changes.
type Page struct {
	layout.Frame
	Heading string // the number of changes, of projects and the period
	Ledes   []string
	Filter  part.Filter
	Kinds   Kinds
	List    List
	Apart   List // changes of no single project; nothing on other pages than the first
}

// PageName names the template.
func (Page) PageName() string { return "changes" }

// Kinds is the table of counts by kind.
type Kinds struct {
	Title string // "" leaves the section out
	Sub   string
	Rows  []Kind
	Note  string // the kinds without any
}

// Kind is one kind with its counts by cause, each leading to its changes.
type Kind struct {
	Name     part.Link // leads to the definition
	What     string    // parts of the kind, "" for none
	Project  part.Link // count of changes of projects; without Href a zero
	Projects string    // of how many projects
	Tool     part.Link
	Source   part.Link
}

// List is a table of changes.
type List struct {
	ID     string
	Title  string // "" leaves the section out
	Sub    string
	Rows   []Row
	State  *part.State // when Rows is empty
	Pager  part.Pager
	Links  []part.Link
	Source string
}

// Row is one change.
type Row struct {
	Date     string
	Since    string    // "compared with 8 Jun 2026", "" for none
	Project  part.Link // no Text when no single project is concerned
	Rank     string    // "rank 965"
	What     string    // "Score of"
	Item     part.Link
	Severity *part.Severity
	From, To string // both "" when there is nothing to compare
	Behind   string // the checks behind it
	Cause    string
	Why      string // of the cause
	Evidence part.Link
}

// unbroken is the length of From and To up to which they stand on one line.
const unbroken = 16

// Arrow is what stands between From and To.
func (r Row) Arrow() string {
	if r.From == "" || r.To == "" {
		return ""
	}
	if len(r.From)+len(r.To) <= unbroken {
		return "\u00a0→\u00a0"
	}
	return "\u00a0→ "
}
