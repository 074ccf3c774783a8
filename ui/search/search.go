// Package search is the page of what a search found.
package search

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page lists what a text names, the exact names first, by kind.
type Page struct {
	layout.Frame
	Heading string // "13 hits for requests"
	Lede    string // what is searched and in which order
	Filter  part.Filter
	Groups  []Group
	State   *part.State // when nothing was found: why
	Nearest []part.Link // names near to a search that found nothing
	Links   []part.Link // longer lists: all projects with the text in their name
}

// PageName names the template.
func (Page) PageName() string { return "search" }

// Group is what was found of one kind.
type Group struct {
	Title string // "Projects"
	Hits  []Hit
}

// Hit is one thing that was found.
type Hit struct {
	part.Link
	Note string // what it is: "project, rank 12"
}
