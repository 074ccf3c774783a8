// Package problem is the page of a request that could not be answered: a
// refused parameter (400), an error of ours (500), a store that does not
// answer (503).
package problem

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page says what is wrong and what to do.
type Page struct {
	layout.Frame
	Status  int    // 400, 405, 500, 503
	Heading string // "cohort=top10 is not a cohort"
	Text    string // "Use top100, top1000, top5000 or top15000."
	Request string // id to name in a report, "" for none
	Links   []part.Link
}

// PageName names the template.
func (Page) PageName() string { return "problem" }
