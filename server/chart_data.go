package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// slugData is the slug of the chart of what the sources have by month.
const slugData = "data-coverage"

var dataChart = chartKind{
	slug: slugData, label: "What the sources have by month", anchor: "data-coverage", home: "/data", listed: true,
	collectors: allCollectors(),
	accepts:    accepts{params: []string{"from", "to"}, by: onlyMonths},
	read:       readData,
}

// datedSources are the sources that have something for each month, and what is
// counted of it. The others say how things are now and keep no history.
var datedSources = []struct{ collector, unit string }{
	{"ranks", "rank lists"},
	{"pypiscorecards", "snapshots"},
	{"scorecard", "days with results"},
	{"osv", "flaws by disclosure"},
	{"cpython", "records by publication"},
	{"kev", "entries by addition"},
	{"epss", "days of scores"},
	{"pypi", "releases"},
	{"provenance", "files with provenance"},
}

// suspectSuffix ends the name of a series of observations that are left out.
const suspectSuffix = ", left out"

// dataInput is what the chart of what the sources have is made of.
type dataInput struct {
	months  []observation.SourceMonth
	sources []observation.SourceStatus
	now     time.Time
}

func readData(ctx context.Context, r *request, q query) (Chart, error) {
	in := dataInput{now: r.now}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { in.months, err = r.reader.SourceMonths(ctx); return err })
	g.Go(func() (err error) { in.sources, err = r.reader.Sources(ctx); return err })
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	return buildData(q, in), nil
}

// through is how far the data of a source go: as its runs say, and else as its
// newest month has it.
func (in dataInput) through(collector string) time.Time {
	for _, s := range in.sources {
		if s.Collector == collector && !s.Through.IsZero() && !s.Through.After(in.now) {
			return day(s.Through)
		}
	}
	var last time.Time
	for _, m := range in.months {
		if m.Collector == collector && m.Month.After(last) && !m.Month.After(in.now) {
			last = m.Month
		}
	}
	return last
}

// buildData makes the chart of what every source has by month: from the first
// month of Scorecard results or ranks, unless an earlier one is asked for.
func buildData(q query, in dataInput) Chart {
	c := Chart{Unit: "observations or dated records"}
	first, last := in.span(q)
	for _, source := range datedSources {
		c.Sources = append(c.Sources, collectorLabel(source.collector))
		through := in.through(source.collector)
		if through.After(c.Through.Time) {
			c.Through = Date{through}
		}
		if first.IsZero() {
			continue
		}
		found := in.series(source.collector, source.collector, first, last, through, func(m observation.SourceMonth) int { return m.Count })
		c.Series = append(c.Series, found)
		suspect := in.series(source.collector+suspectSuffix, source.collector, first, last, through, func(m observation.SourceMonth) int { return m.Suspect })
		if slices.ContainsFunc(suspect.Points, func(p Point) bool { return p.V != nil && *p.V > 0 }) {
			c.Series = append(c.Series, suspect)
		}
	}
	c.Title = dataTitle(&c, q)
	c.face = face{
		sub:    []string{"What each source has for each month; every row is shaded by its own largest month"},
		note:   []string{"A slash: not begun, or after the newest data of the source. 0 is a month of which the source has nothing. A source that says how things are now, without a history, has no row: status lists it.", dataUnits()},
		desc:   "A row for each source, a cell for each month" + dataSpan(first, last) + ".",
		events: true, draw: drawData,
		column: dataLabel,
		cell:   func(p Point) string { return format.Count(*p.N) },
	}
	return c
}

// dataUnits says what is counted of each source.
func dataUnits() string {
	var words []string
	for _, s := range datedSources {
		words = append(words, collectorLabel(s.collector)+": "+s.unit)
	}
	return "Counted are, " + strings.Join(words, "; ") + ". Releases and files are those of the largest cohort that the rank list of the month holds."
}

func dataSpan(first, last time.Time) string {
	if first.IsZero() {
		return ""
	}
	return " from " + format.Month(first) + " to " + format.Month(last)
}

// span is the first and the last month of the chart.
func (in dataInput) span(q query) (first, last time.Time) {
	for _, m := range in.months {
		if m.Month.After(in.now) { // a clock that was ahead
			continue
		}
		if (m.Collector == "ranks" || m.Collector == "pypiscorecards") && (first.IsZero() || m.Month.Before(first)) {
			first = m.Month
		}
		if m.Month.After(last) {
			last = m.Month
		}
	}
	if first.IsZero() {
		for _, m := range in.months {
			if first.IsZero() || m.Month.Before(first) {
				first = m.Month
			}
		}
	}
	if !q.From.IsZero() && !first.IsZero() {
		first = observation.ByMonth.Start(q.From)
	}
	if !q.To.IsZero() && q.To.Before(last) {
		last = observation.ByMonth.Start(q.To)
	}
	if last.Before(first) {
		return time.Time{}, time.Time{}
	}
	return first, last
}

// series is one row. A month before the first of the source, or after its newest
// data, is a gap; one between them without anything is a true zero.
func (in dataInput) series(name, collector string, first, last, through time.Time, n func(observation.SourceMonth) int) Series {
	byMonth := map[time.Time]int{}
	var begun time.Time
	all := 0
	for _, m := range in.months {
		if m.Collector == collector {
			byMonth[m.Month] = n(m)
			all += n(m)
			if begun.IsZero() || m.Month.Before(begun) {
				begun = m.Month
			}
		}
	}
	s := Series{Name: name, Points: []Point{}}
	for m := first; !m.After(last); m = observation.ByMonth.Next(m) {
		p := Point{T: Date{m}, on: observation.ByMonth.Next(m).AddDate(0, 0, -1)}
		_, has := byMonth[m]
		switch {
		case begun.IsZero():
			p.Reason = "nothing of this source is stored"
		case m.Before(begun):
			p.Reason = "not begun"
		case m.After(through) && !has:
			p.Reason = "after the newest data of the source"
		default:
			v := float64(byMonth[m])
			p.V, p.N, p.Of = &v, count(byMonth[m]), count(all)
		}
		s.Points = append(s.Points, p)
	}
	return s
}

func dataTitle(c *Chart, q query) string {
	with := 0
	for _, s := range c.Series {
		has := func(p Point) bool { return p.N != nil && *p.N > 0 }
		if !strings.HasSuffix(s.Name, suspectSuffix) && slices.ContainsFunc(s.Points, has) {
			with++
		}
	}
	if with == 0 {
		return "No month of any source is stored " + rangeWords(q)
	}
	first, last := extent(c.Series)
	return fmt.Sprintf("%s with a history have data between %s and %s", format.OfPlural(with, len(datedSources), "source", "sources"), format.Month(first), format.Month(last))
}

// dataLabel names a row.
func dataLabel(series string) string {
	collector, suspect := strings.CutSuffix(series, suspectSuffix)
	if suspect {
		return collectorLabel(collector) + suspectSuffix
	}
	return collectorLabel(collector)
}

func drawData(c *Chart, head chart.Head, _ chart.Time) chart.Spec {
	heat := chart.Heatmap{Head: head, NHead: "All"}
	for _, p := range c.Series[0].Points {
		heat.Columns = append(heat.Columns, chart.HeatColumn{T: p.T.Time})
	}
	for _, s := range c.Series {
		row := chart.HeatRow{Name: dataLabel(s.Name)}
		most, all := 0.0, 0
		for _, p := range s.Points {
			if p.V != nil {
				most, all = max(most, *p.V), all+*p.N
			}
		}
		row.N = format.Count(all)
		for _, p := range s.Points {
			cell := chart.HeatCell{Title: format.Month(p.T.Time) + ": " + p.Reason}
			if p.V != nil {
				share := 0.0
				if most > 0 {
					share = *p.V / most
				}
				cell = chart.HeatCell{V: &share, Text: format.Count(*p.N), Title: format.Month(p.T.Time) + ": " + format.Count(*p.N)}
			}
			row.Cells = append(row.Cells, cell)
		}
		heat.Rows = append(heat.Rows, row)
	}
	return heat
}
