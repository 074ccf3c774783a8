package server

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

const slugArrivals = "advisory-arrivals"

var arrivalsChart = chartKind{
	slug: slugArrivals, label: "Arrivals of advisories by month", anchor: "disclosure", home: "/advisories", listed: true,
	collectors: []string{"osv"},
	accepts:    accepts{params: []string{"cohort", "from", "to", "by"}, by: periodsOfMonths, cohorts: ranked | allOfPyPI},
	read:       readArrivals,
}

// arrivalBases are the series of the chart of arrivals.
var arrivalBases = []struct {
	basis observation.ArrivalBasis
	label string
}{
	{observation.ArrivalDisclosed, "Disclosed"},
	{observation.ArrivalPYSEC, "In PYSEC"},
	{observation.ArrivalHere, "Here"},
}

// arrivalInput is what the chart of arrivals is made of.
type arrivalInput struct {
	advisoryInput
	months  [][]observation.AdvisoryMonth // as arrivalBases
	imports []observation.ImportDay
}

// readArrivals asks for what the chart of arrivals is made of.
func readArrivals(ctx context.Context, r *request, q query) (Chart, error) {
	in := arrivalInput{months: make([][]observation.AdvisoryMonth, len(arrivalBases))}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { in.observations, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { in.imports, err = r.reader.ImportDays(ctx); return err })
	for i, b := range arrivalBases {
		g.Go(func() (err error) { in.months[i], err = r.reader.Arrivals(ctx, q.Cohort, b.basis); return err })
	}
	g.Go(func() (err error) { in.listFrom, err = r.listFrom(ctx, q.Cohort); return err })
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	return buildArrivals(q, in), nil
}

// buildArrivals makes the chart of when flaws became public, when PYSEC had them
// and when this store had them. The month of this store's first load is a gap.
func buildArrivals(q query, in arrivalInput) Chart {
	c := groupsChart(q, in.advisoryInput)
	groups := 0
	var pysec []tally
	var open [][]Point // of each series, what is known of a month that is not over
	for i, b := range arrivalBases {
		known := in.advisoryInput
		known.counts.Months = in.months[i]
		tallies := countMonths(q.startingAt(in.first()), known, severities)
		if b.basis == observation.ArrivalHere {
			tallies = withoutFirstLoad(tallies, in.observations.KnownFrom)
		}
		if q.By == observation.ByYear {
			tallies = sumYears(tallies)
		}
		s := Series{Name: string(b.basis)}
		var unfinished []Point
		for _, t := range tallies {
			s.Points = append(s.Points, arrivalPoint(t))
			if t.counts != nil && t.partial != "" {
				v := float64(t.total())
				unfinished = append(unfinished, Point{T: Date{t.start}, V: &v})
			}
		}
		if len(s.Points) > 0 {
			c.Series, open = append(c.Series, s), append(open, unfinished)
		}
		if b.basis == observation.ArrivalPYSEC {
			pysec = tallies
			for _, t := range tallies {
				groups += t.total()
			}
		}
	}
	c.Title = arrivalsTitle(q, pysec)
	c.face = arrivalsFace(&c, q, groups, open)
	if n := importsWithin(&c, in.imports); n > 0 {
		c.face.note = append(c.face.note, fmt.Sprintf("%s in this range: a database published more than 50 records at once. Peaks of “In PYSEC” are imports and not flaws found then.", format.Plural(n, "day of import is", "days of import are")))
	}
	return c
}

// first is the first month of any basis, so that all series begin together.
func (in arrivalInput) first() time.Time {
	var first time.Time
	for _, months := range in.months {
		if len(months) > 0 && (first.IsZero() || months[0].Month.Before(first)) {
			first = months[0].Month
		}
	}
	return first
}

// startingAt returns q with its beginning set, unless it has one.
func (q query) startingAt(first time.Time) query {
	if q.From.IsZero() && q.Cohort == observation.CohortAll {
		q.From = first
	}
	return q
}

// withoutFirstLoad takes out what this store could not see arrive: the months
// before its first run and the month in which everything was loaded at once.
func withoutFirstLoad(tallies []tally, knownFrom time.Time) []tally {
	out := slices.Clone(tallies)
	for i := range out {
		switch {
		case knownFrom.IsZero() || out[i].end.Before(knownFrom):
			out[i].counts, out[i].reason = nil, "before the first run of this store"
		case !out[i].start.After(knownFrom):
			out[i].counts, out[i].reason = nil, "the month of the first load, in which everything arrived at once"
		}
	}
	return out
}

// arrivalPoint is the point of a month; one that is not whole is a gap, because
// a line would show it as a drop.
func arrivalPoint(t tally) Point {
	p := Point{T: Date{t.start}, on: t.end, Reason: t.reason}
	switch {
	case t.counts == nil:
	case t.partial != "":
		p.Reason = "not whole (" + t.partial + "), " + format.Plural(t.total(), "group", "groups") + " so far"
	default:
		v := float64(t.total())
		p.V, p.N = &v, count(t.total())
	}
	return p
}

// importsWithin counts the days of import between the first and the last point.
func importsWithin(c *Chart, days []observation.ImportDay) int {
	first, last := extent(c.Series)
	n := 0
	for _, d := range days {
		if d.Import && !d.Day.Before(first.AddDate(0, -1, 0)) && !d.Day.After(last) {
			n++
		}
	}
	return n
}

// arrivalsTitle names the month in which most arrived in PYSEC.
func arrivalsTitle(q query, tallies []tally) string {
	where := "in the " + cohortName(q.Cohort)
	if q.Cohort == observation.CohortAll {
		where = "in all of PyPI"
	}
	total, most := 0, -1
	for i, t := range tallies {
		total += t.total()
		if t.total() > 0 && (most < 0 || t.total() > tallies[most].total()) {
			most = i
		}
	}
	if most < 0 {
		return "No arrival of an advisory " + where + " is known " + rangeWords(q)
	}
	when := periodLabel(tallies[most], q.By)
	if tallies[most].partial != "" {
		when += ", which is not whole"
	}
	return fmt.Sprintf("PYSEC received %s of %s %s in %s", format.Count(tallies[most].total()), format.Plural(total, "advisory", "advisories"), where, when)
}

func arrivalsFace(c *Chart, q query, groups int, open [][]Point) face {
	label := func(series string) string {
		for _, b := range arrivalBases {
			if string(b.basis) == series {
				return b.label
			}
		}
		return series
	}
	f := face{
		sub: []string{
			"Advisory groups by " + periodNoun(q.By) + " of disclosure (to the day), of first publication in PYSEC, and of arrival in this store",
			"n = " + format.Count(groups) + " groups in PYSEC",
		},
		note: []string{"Bars of disclosure count the same groups by severity, in the figure above. Hollow: a month that is not over, outside the line.",
			"The month of this store's first load is left out: everything arrived at once then, which says nothing of arrival."},
		desc:   "A line for each of three dates," + drawnSpan(c) + ".",
		column: label,
		cell:   func(p Point) string { return format.Count(*p.N) },
		events: true,
	}
	f.draw = func(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
		lines := chart.Lines{Head: head, Time: axis, Y: chart.Axis{Zero: true}, SuspectText: "not over"}
		for i, s := range c.Series {
			if s.last() == nil {
				continue
			}
			points := drawn(s, false)
			for j := range points {
				for _, p := range open[i] {
					if points[j].T.Equal(p.T.Time) {
						points[j] = chart.Point{T: p.T.Time, V: p.V, Suspect: true}
					}
				}
			}
			lines.Series = append(lines.Series, chart.Series{Name: label(s.Name), Label: format.Count(*s.last().N), Main: s.Name == string(observation.ArrivalPYSEC), Points: points})
		}
		return lines
	}
	return f
}
