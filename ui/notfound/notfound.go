// Package notfound is the page for a name or address that we do not know.
package notfound

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page says what was not found, which kind of absence it is, and what is near.
type Page struct {
	layout.Frame
	Heading string      // "No project urlib3", "No such page"
	Text    string      // "It is not in our set of 15,000. Whether it is on PyPI was not asked."
	Nearest []part.Link // names close by spelling
	Links   []part.Link // where else to look
	Pages   []part.Link // all pages, when it is the page that does not exist
}

// PageName names the template.
func (Page) PageName() string { return "notfound" }
