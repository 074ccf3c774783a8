// Package figure is the one component for charts: title, subline, legend,
// chart or the reason why there is none, note, links and table, in that order.
package figure

import (
	"slices"

	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Figure is one chart with everything that must stand beside it.
type Figure struct {
	ID    string        // anchor, and the chart's slug: "coverage"; unique on the page
	Title string        // a sentence with its number
	Sub   string        // what, unit, n of N, data through DATE
	Stamp string        // "38 days old" when the source is stale, else ""
	Key   []Key         // legend, only where no label fits on the chart
	Plot  chart.Drawing // from chart.Draw; the zero Drawing needs State
	State *part.State   // shown in place of the plot when there is nothing to draw
	Flags []chart.Flag  // explained below the plot, as drawn
	// Initiatives are explained below the plot, by the number at which they are
	// drawn on the axis.
	Initiatives []Initiative
	Apart       string // what cannot be placed, printed after "Counted apart:"
	Note        string
	Table       *part.Table // opens below the links; nil without data
	Links       []part.Link // CSV, JSON, SVG, Chart; the script adds PNG behind the link to the .svg
	File        string      // name of the picture that the script makes, without ".png"; "" for the ID
	Embed       Embed       // how to show it elsewhere; opens in place, the zero value is left out
	Cite        Citation    // opens in place; left out without Text
	// Definition leads to what the chart counts, Report to where to say that it
	// is wrong. They stand last; one without Text is left out.
	Definition part.Link
	Report     part.Link
	// Whole leads to the same page without from and to; without Text there is no
	// range to leave.
	Whole   part.Link
	Source  string // "pypi-scorecards archive, recomputed"
	Heading int    // level of the title, 2 when 0; 1 on a page of its own
	Open    bool   // the table is open from the start
}

// Citation is how to quote a figure.
type Citation struct {
	Text   string // "Pyrometer: Scorecard coverage of the top 1,000. Data through 15 Jun 2026. https://…"
	BibTeX string // "@misc{…}"
	URL    string // the address pinned to these data; also printed on paper, where it stands without Text too
}

// Initiative is one numbered diamond on the axis.
type Initiative struct {
	Number string
	Link   part.Link // "14 Nov 2024: PyPI announces …", to its announcement
}

// Embed is what to copy to show a figure elsewhere: a picture that is a link.
type Embed struct {
	HTML     string
	Markdown string
}

// Key is one entry of a legend.
type Key struct {
	Class string // swatch: v0 to v4, h0 to h5, hx for the hatch of unknown, ho for an outline
	Text  string // the name of its series, where it has one: the script then makes a switch of it
}

// shownNear is how many flags that do not cut are explained without a click.
const shownNear = 2

// Cuts are the flags at which lines are cut.
func (f Figure) Cuts() []chart.Flag {
	return slices.DeleteFunc(slices.Clone(f.Flags), func(f chart.Flag) bool { return !f.Cut })
}

// Near are the flags that only touch what is drawn.
func (f Figure) Near() []chart.Flag {
	return slices.DeleteFunc(slices.Clone(f.Flags), func(f chart.Flag) bool { return f.Cut })
}

// FoldNear reports whether the flags that do not cut open in place.
func (f Figure) FoldNear() bool { return len(f.Near()) > shownNear }

// NearWords says which flags open in place.
func (f Figure) NearWords() string {
	var letters []string
	for _, flag := range f.Near() {
		letters = append(letters, flag.Letter)
	}
	return format.List(letters) + ": what else happened, without a cut"
}

// Level is the level of the title, 1 to 3.
func (f Figure) Level() int {
	if f.Heading < 1 || f.Heading > 3 {
		return 2
	}
	return f.Heading
}

// Reason is the state to show when nothing was drawn. A figure without a plot
// and without a state still says that it has neither.
func (f Figure) Reason() part.State {
	if f.State != nil {
		return *f.State
	}
	return part.State{Lead: "Nothing to draw.", Text: "No observation falls into what was asked for."}
}
