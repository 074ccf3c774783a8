package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// slugCPython is the slug of the chart of the advisories about CPython.
const slugCPython = "cpython-advisories"

var cpythonChart = chartKind{
	slug: slugCPython, label: "Flaws of CPython by year", anchor: "cpython", home: "/cpython", listed: true,
	collectors: []string{"cpython"},
	accepts:    accepts{by: []observation.Granularity{observation.ByYear}},
	read:       readCPython,
}

// readCPython makes the chart of the flaws of CPython by year of disclosure.
func readCPython(ctx context.Context, r *request, _ query) (Chart, error) {
	list, err := r.reader.CPythonAdvisories(ctx)
	if err != nil {
		return Chart{}, err
	}
	return buildCPython(list), nil
}

// buildCPython makes that chart. A year between the first and the last without
// any is a true zero, because flaws are counted.
func buildCPython(list observation.CPythonAdvisories) Chart {
	c := Chart{Unit: "flaws", Through: Date{day(list.Through)}, Sources: []string{"PSF advisory database"}}
	withdrawn := 0
	for _, r := range list.Records {
		if !r.Withdrawn.IsZero() {
			withdrawn++
		}
	}
	c.Apart = map[string]int{"no year": list.Undated, "withdrawn": withdrawn}
	flaws := Series{Name: "flaws", Points: []Point{}}
	all := 0
	for _, n := range list.Years {
		all += n
	}
	if len(list.Years) > 0 {
		last := list.Through.Year()
		for year := range list.Years {
			last = max(last, year)
		}
		for year := earliest(list.Years); year <= last; year++ {
			start := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			n := list.Years[year]
			v := float64(n)
			flaws.Points = append(flaws.Points, Point{T: Date{start}, on: start.AddDate(1, 0, -1), V: &v, N: count(n), Of: count(all)})
			if end := start.AddDate(1, 0, -1); c.Through.Before(end) {
				c.Breaks = append(c.Breaks, Mark{T: Date{start}, Until: &Date{end}, Kind: markPartial, What: "not a whole year: data through " + format.Date(c.Through.Time)})
			}
		}
	}
	c.Series = []Series{flaws}
	c.Title = cpythonTitle(&c, list)
	c.face = face{
		sub:    []string{"Flaws of CPython by year of disclosure, ids of one flaw merged; they concern the interpreter and no project on PyPI", "n = " + format.Plural(all, "flaw", "flaws")},
		apart:  fmt.Sprintf("%s without any year, %s withdrawn.", format.Plural(list.Undated, "flaw", "flaws"), format.Plural(withdrawn, "record", "records")),
		note:   []string{"The year is that of the CVE when the record was published long after it. The PSF has given CVE ids of its own since August 2023: more records are fuller recording as well as more flaws."},
		desc:   "Bars, one a year.",
		events: true, tones: []chart.Class{{Name: "Flaws", One: "flaw", Tone: chart.ToneShare4}},
		cell: func(p Point) string { return format.Count(*p.N) },
		draw: func(c *Chart, head chart.Head, _ chart.Time) chart.Spec {
			bars := chart.Bars{Head: head, Classes: c.face.tones, By: "year", FillingText: "to date", NarrowFilling: "to date"}
			for _, p := range c.Series[0].Points {
				filling := slices.ContainsFunc(c.Breaks, func(m Mark) bool { return m.Kind == markPartial && m.T.Equal(p.T.Time) })
				bars.Months = append(bars.Months, chart.Month{T: p.T.Time, Values: []int{*p.N}, Filling: filling})
			}
			return bars
		},
	}
	if len(c.Breaks) > 0 {
		c.face.through = ", so the last year is not whole"
		c.face.note = append(c.face.note, "Hatched: the year is not over, or not in the data to its end.")
	}
	return c
}

func earliest(years map[int]int) int {
	first := 0
	for year := range years {
		if first == 0 || year < first {
			first = year
		}
	}
	return first
}

func cpythonTitle(c *Chart, list observation.CPythonAdvisories) string {
	points := c.Series[0].Points
	if len(points) == 0 {
		return "No advisory about CPython is stored yet"
	}
	on := func(year int) string {
		return format.Plural(list.Years[year], "flaw", "flaws")
	}
	last := points[len(points)-1].T.Year()
	if len(c.Breaks) == 0 {
		return on(last) + " of CPython on record " + wereWas(list.Years[last]) + " disclosed in " + strconv.Itoa(last)
	}
	so := fmt.Sprintf("%s in %d up to %s", on(last), last, format.Date(c.Through.Time))
	if len(points) == 1 {
		return so + ", of CPython, on record"
	}
	return fmt.Sprintf("%s of CPython on record %s disclosed in %d, and %s", on(last-1), wereWas(list.Years[last-1]), last-1, so)
}

func wereWas(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
