// Package starting is the page shown before there is anything to read: the
// engine starts, or the first source has not ended yet.
package starting

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page says what is done, what runs and what waits. Set Frame.Refresh, so that
// the script asks again, and a link for those without.
type Page struct {
	layout.Frame
	Heading string // "The first collection has begun"
	Text    string
	Steps   []Step
	Links   []part.Link
}

// PageName names the template.
func (Page) PageName() string { return "starting" }

// Step is one source or stage.
type Step struct {
	Name   string // "Scorecard archive"
	State  string // "done", "running", "waiting", "failed"
	Detail string // "120 of 278 weeks"
}
