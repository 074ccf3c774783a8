// Package figure is the one component for charts: title, subline, legend,
// chart or the reason why there is none, note, links and table, in that order.
package figure

import (
	"github.com/pyrometer-dev/pyrometer/ui/chart"
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
	Links       []part.Link // CSV, JSON, SVG, Definition
	Source      string      // "pypi-scorecards archive, recomputed"
	Heading     int         // level of the title, 2 when 0; 1 on a page of its own
	Open        bool        // the table is open from the start
	Cite        string      // address printed on paper, "" for none
}

// Initiative is one numbered diamond on the axis.
type Initiative struct {
	Number string
	Link   part.Link // "14 Nov 2024: PyPI announces …", to its announcement
}

// Key is one entry of a legend.
type Key struct {
	Class string // swatch colour: v0 to v4, h0 to h5
	Text  string
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
