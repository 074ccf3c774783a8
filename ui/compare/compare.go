// Package compare is the page of a few projects side by side.
package compare

import (
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is the comparison of up to six projects. It names no best and no worst.
type Page struct {
	layout.Frame
	Heading  string // "urllib3, requests and numpy side by side"
	Lede     string
	Filter   part.Filter
	Unknown  []Unknown
	State    *part.State // when there is nothing to compare
	Near     []part.Link // projects to add: those next to the first by downloads
	Projects []Project   // the columns
	Facts    []Row
	Checks   []Row
	Note     string
	Figure   *figure.Figure // compare
	Source   string
}

// PageName names the template.
func (Page) PageName() string { return "compare" }

// Unknown is a name that is not in our set.
type Unknown struct {
	Text    string      // "No project urlib3 in our set."
	Nearest []part.Link // the same comparison with a near name
}

// Project is the head of a column.
type Project struct {
	Link   part.Link
	Remove part.Link // the same comparison without it
}

// Row is one fact or check over all projects.
type Row struct {
	Name  part.Link
	Cells []Cell // as many as projects
	Apart string // how far the values lie apart, "2 apart"; "" when they do not, or cannot be told
}

// Cell is the value of one project.
type Cell struct {
	Column  string // name of the project, for narrow screens
	Text    string
	Note    string // paler
	Stamp   string
	Unknown bool
}
