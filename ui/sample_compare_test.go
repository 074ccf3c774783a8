package ui_test

import (
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/compare"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// compareSample compares two projects, and lacks a third.
func compareSample() compare.Page {
	comparedFigure := figure.Figure{ID: "compare", Title: "Core aggregate: urllib3 8.4 on 15 Jun 2026", Plot: chart.Draw(line("compare", "urllib3")), Links: files("compare")}
	return compare.Page{
		Frame: frame("Compare projects", layout.NavProjects), Heading: "urllib3 and six side by side", Lede: "No column is the best.",
		Filter:   part.Filter{Action: "/compare", Label: "Choose the projects", Fields: []part.Field{{Name: "p", Label: "Project 1", Type: "search", Value: "urllib3"}}},
		Unknown:  []compare.Unknown{{Text: "No project sixx in our set.", Nearest: []part.Link{{Text: "six", Href: "/compare?p=urllib3&p=six"}}}},
		Projects: []compare.Project{{Link: part.Link{Text: "urllib3", Href: "/p/urllib3"}, Remove: part.Link{Text: "Remove", Href: "/compare?p=six", Label: "Remove urllib3"}}, {Link: part.Link{Text: "six", Href: "/p/six"}}},
		Facts:    []compare.Row{{Name: part.Link{Text: "Scorecard aggregate", Href: "/methods#aggregate"}, Cells: []compare.Cell{{Column: "urllib3", Text: "8.5", Note: "15 Jun 2026", Stamp: "38 days old"}, {Column: "six", Unknown: true, Note: "no result"}}}},
		Checks:   []compare.Row{{Name: part.Link{Text: "License", Href: "/checks/License"}, Cells: []compare.Cell{{Column: "urllib3", Text: "10"}, {Column: "six", Text: "9"}}, Apart: "1"}},
		Note:     "Apart: the largest less the smallest.", Figure: &comparedFigure, Source: "pypi-scorecards archive",
		Near: []part.Link{{Text: "idna", Href: "/compare?p=urllib3&p=idna"}},
	}
}
