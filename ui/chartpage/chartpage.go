// Package chartpage is one chart on a page of its own.
package chartpage

import (
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is one figure at full width with its table open.
type Page struct {
	layout.Frame
	Filter part.Filter   // no Fields: no form
	Figure figure.Figure // with Heading 1 and Open
	Back   part.Link     // to the page that the chart belongs to
}

// PageName names the template.
func (Page) PageName() string { return "chartpage" }
