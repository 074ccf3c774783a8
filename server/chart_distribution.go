package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

const slugDistribution = "score-distribution"

var distributionChart = chartKind{
	slug: slugDistribution, label: "Distribution of the core aggregate", anchor: "score-distribution", listed: true,
	accepts: accepts{params: []string{"cohort", "weighting", "from", "to", "by"}, by: everyPeriod, cohorts: ranked | frozen},
	read:    readDistribution,
}

// readDistribution asks for what the chart of scores is made of.
func readDistribution(ctx context.Context, r *request, q query) (Chart, error) {
	in, err := r.scores(ctx, q.Weighting, q.Cohort, observation.CohortTop100)
	if err != nil {
		return Chart{}, err
	}
	return buildDistribution(q, in), nil
}

// buildDistribution makes the chart of the core aggregate's quantiles over the
// scored projects of a cohort.
func buildDistribution(q query, in scoreInput) Chart {
	c := Chart{Unit: "core aggregate, 0 to 10", Through: Date{in.observations.Newest}}
	// The smallest cohort has a row for every date that has a rank list at all.
	all := in.series(q.Cohort, observation.CohortTop100)
	dates := axis(all)
	for _, qu := range quantiles {
		c.Series = append(c.Series, Series{Name: qu.name, Points: levels(all[0].on(dates, quantileOf(qu.of)), q)})
	}
	c.Sources = scoreSources(all[0].points)
	c.Breaks = append(marks(in.ledger, onScores, c.Series), sourceMarks(all[0].points, c.Series)...)
	sortMarks(c.Breaks)
	c.Title = distributionTitle(&c, q)
	c.face = distributionFace(&c, q)
	return c
}

func distributionFace(c *Chart, q query) face {
	what := "Core aggregate: the twelve checks present in every snapshot, weighted by risk, 0 to 10"
	switch q.Weighting {
	case observation.WeightDownload:
		what += "; each project counts by its downloads"
	case observation.WeightRepository:
		what += "; projects of one repository share its vote"
	}
	f := face{
		sub:   []string{what},
		note:  []string{"The band is the middle half; the pale band is p10 to p90. The axis may start above zero."},
		desc:  "A band of the middle half and a pale one from the tenth to the ninetieth percentile, with the median," + drawnSpan(c) + ".",
		draw:  drawDistribution,
		flags: true,
		column: func(name string) string {
			if name == "p50" {
				return "Median"
			}
			return strings.Replace(capitalise(name), "P", "p", 1)
		},
		last:   "n",
		lastOf: countOf,
	}
	if p := c.series("p50").last(); p != nil {
		f.sub = append(f.sub, "n = "+format.Of(*p.N, *p.Of))
	}
	return f
}

// countOf prints the n of N of a point, "" without.
func countOf(p Point) string {
	if p.N == nil || p.Of == nil {
		return ""
	}
	return format.Of(*p.N, *p.Of)
}

func drawDistribution(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	band := chart.Band{Head: head, Time: axis, Y: chart.Axis{Decimals: 1}}
	at := func(name string, i int) *float64 { return c.series(name).Points[i].V }
	for i, p := range c.series("p50").Points {
		band.Points = append(band.Points, chart.Quantiles{
			T: p.T.Time, Suspect: p.suspect != nil,
			P10: at("p10", i), P25: at("p25", i), P50: p.V, P75: at("p75", i), P90: at("p90", i),
		})
	}
	return band
}

func distributionTitle(c *Chart, q query) string {
	low, mid, high := c.series("p25").last(), c.series("p50").last(), c.series("p75").last()
	if low == nil || mid == nil || high == nil {
		return "No score of the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	lie, is, when := "lie", "is", ""
	if q.past(mid.on, c) {
		lie, is, when = "lay", "was", " on "+format.Date(mid.on)
	}
	lead := "Half of the scored " + cohortName(q.Cohort) + " " + lie
	if votes := votesWord(q.Weighting); votes != "" {
		lead = "By " + votes + ", half of the scored " + cohortName(q.Cohort) + " " + strings.Replace(lie, "lie", "lies", 1)
	}
	return fmt.Sprintf("%s between %s and %s of 10%s; the median %s %s", lead, format.Score(low.V), format.Score(high.V), when, is, format.Score(mid.V))
}
