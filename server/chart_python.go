package server

import (
	"context"
	"fmt"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

var pythonChart = chartKind{
	slug: slugPython, label: "What releases admit of Python", anchor: "python-support", home: "/releases", listed: true,
	collectors: []string{"pypi", "pythoncycles"},
	accepts:    releasesParams,
	read:       readPython,
}

// pythonSupports are what releases admit of CPython, in the words of the pages.
var pythonSupports = []struct {
	support observation.PythonSupport
	words   string
	tone    chart.Tone
}{
	{observation.PythonCurrent, "Supported only", chart.ToneShare4},
	{observation.PythonAdmits, "Ended too", chart.ToneShare2},
	{observation.PythonOnlyEOL, "Ended only", chart.ToneShare1},
	{observation.PythonUnknown, "Unknown", chart.ToneHatch},
}

// admitsNewest is the series of the projects that admit the newest cycle.
const admitsNewest = "admits_newest"

// readPython makes the chart of what the latest releases of a cohort admit of
// the release cycles of CPython.
func readPython(ctx context.Context, r *request, q query) (Chart, error) {
	in, err := r.releases(ctx, q)
	if err != nil {
		return Chart{}, err
	}
	cycles, err := r.reader.PythonCycles(ctx, r.now)
	if err != nil {
		return Chart{}, err
	}
	return buildPython(q, in, len(cycles) > 0), nil
}

// buildPython makes that chart. Without the cycles nothing of it is known.
func buildPython(q query, in releasesInput, cycles bool) Chart {
	c := Chart{Unit: "% of the projects whose files are known", Through: Date{in.through}, Sources: append([]string{"endoflife.date"}, releasesSources...), Notes: []string{deletedNote}}
	if !cycles {
		for i := range in.months {
			in.months[i].point, in.months[i].reason = nil, "the release cycles of CPython are not known"
		}
	}
	for _, s := range pythonSupports {
		c.Series = append(c.Series, in.shares(string(s.support), func(p observation.ReleasesPoint) int { return p.Python[s.support] }))
	}
	c.Series = append(c.Series, in.shares(admitsNewest, func(p observation.ReleasesPoint) int { return p.PythonNewest }))
	c.Breaks = marks(in.ledger, onLists, c.Series)
	c.Title = pythonTitle(&c, q)
	c.face = face{
		sub:   []string{"What requires-python of the latest stable release admits, by the cycles that had ended at the end of each month, projects of the " + cohortKind(q.Cohort)},
		note:  []string{"Unknown: not stated, not readable, or no stable release. To admit an ended Python says that it can be installed there, not that anybody does.", deletedNote},
		flags: true, draw: drawPython,
		desc:   "Shares stacked to the whole," + drawnSpan(&c) + ".",
		column: pythonColumn,
		cell:   shareCell,
	}
	for _, s := range pythonSupports {
		c.face.tones = append(c.face.tones, chart.Class{Name: s.words, Tone: s.tone})
	}
	if p := in.newest(); p != nil {
		c.face.sub = append(c.face.sub, filesKnown(p))
	}
	if !cycles {
		c.face.empty = &part.State{
			Lead: "The release cycles of CPython are not known.",
			Text: "Which Pythons are supported is read from endoflife.date, which has not answered. What the releases admit is stored and will be judged when it does.",
			Link: part.Link{Text: "Status of the sources", Href: "/status"},
		}
	}
	return c
}

func pythonColumn(name string) string {
	for _, s := range pythonSupports {
		if name == string(s.support) {
			return s.words
		}
	}
	return "Admits the newest"
}

func pythonTitle(c *Chart, q query) string {
	ended, newest := c.series(string(observation.PythonAdmits)).last(), c.series(admitsNewest).last()
	if ended == nil || newest == nil {
		return "What the " + cohortName(q.Cohort) + " admit of Python is not known " + rangeWords(q)
	}
	only := c.series(string(observation.PythonOnlyEOL)).last()
	admit, when := "admit", ""
	if ended.on.Before(c.Through.Time) {
		admit, when = "admitted", " on "+format.Date(ended.on)
	}
	return fmt.Sprintf("%s projects of the %s whose files are known %s a Python that has ended%s, and %s the newest",
		format.Of(*ended.N+*only.N, *ended.Of), cohortName(q.Cohort), admit, when, format.Count(*newest.N))
}

func drawPython(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	area := chart.Area{Head: head, Time: axis, Y: chart.Axis{Unit: "%", Decimals: 1}, Classes: c.face.tones}
	for i, p := range c.Series[0].Points {
		stack := chart.Stack{T: p.T.Time}
		for _, s := range c.Series[:len(area.Classes)] {
			stack.Values = append(stack.Values, s.Points[i].V)
		}
		area.Points = append(area.Points, stack)
	}
	return area
}
