// Package methods is the page of definitions. Its prose stands in the template.
package methods

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page holds the parts of the definitions that are data.
type Page struct {
	layout.Frame
	Checks      []Check
	Changes     []Change     // kinds of change
	Breaks      []Break      // the ledger, newest first
	BreaksState *part.State  // when there are none
	Initiatives []Initiative // newest first
	Suspects    string       // how many observations are left out now, "" when that is not known
	Imports     string       // how many days of import are known
}

// PageName names the template.
func (Page) PageName() string { return "methods" }

// Check is a Scorecard check with its weight.
type Check struct {
	Name   string // also the anchor: #check-NAME
	Page   part.Link
	Risk   string
	Weight string // "7.5"
	Core   bool   // one of the twelve of the core aggregate
	Short  string // what it looks at
	Doc    part.Link
}

// Change is one kind of change.
type Change struct {
	ID     string // the anchor
	Name   string
	Means  string
	Causes string // what it may be a change of
}

// Break is one line of the ledger.
type Break struct {
	Date     string // "8 May 2023", or "29 Jul to 8 Oct 2025"
	Scope    string // "check", "source", "list", "aggregate"
	Item     string
	Kind     string // "cut", "flag", "frozen", "suspect", "cleared"
	What     string
	Evidence part.Link // plain text without Href, or an announcement
}

// Initiative is one dated event of policy.
type Initiative struct {
	Date     string
	What     string
	Evidence part.Link
}
