package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// chartKind is all that the program knows of one chart beside its numbers. Page,
// drawing, files, form and figure of every chart are made from it by the same code.
type chartKind struct {
	accepts
	slug       string
	label      string   // in a list of charts: "Coverage of the cohorts by Scorecard"
	anchor     string   // the definition on /methods
	home       string   // the page that it stands on; "" for the overview
	collectors []string // whose data it shows; nil for Scorecard's
	// listed is false for a chart that means nothing without a parameter.
	listed bool
	// touches are words of the initiatives that touch what the chart shows, which
	// are drawn on its axis; nil for a chart that none touches.
	touches func(q query) []string
	// read asks the store and makes the chart: its numbers and its face.
	read func(ctx context.Context, r *request, q query) (Chart, error)
}

// chartKinds lists the charts in the order of /data. init fills it, because the
// words of a chart may lead to other charts.
var chartKinds []*chartKind

func init() {
	chartKinds = []*chartKind{
		&coverageChart,
		&distributionChart,
		&funnelChart,
		&checkRatesChart,
		&checkRateChart,
		&checkScoresChart,
		&checkBandsChart,
		&advisoriesChart,
		&timeToFixChart,
		&arrivalsChart,
		&attestationsChart,
		&attestationChangesChart,
		&threatsChart,
		&malwareChart,
		&releasesChart,
		&yanksChart,
		&dormancyChart,
		&pythonChart,
		&cpythonChart,
		&dataChart,
		&projectScoreChart,
		&compareChart,
	}
}

// kindOf returns the chart of a slug, nil when there is none.
func kindOf(slug string) *chartKind {
	for _, k := range chartKinds {
		if k.slug == slug {
			return k
		}
	}
	return nil
}

// slugs lists the charts.
func slugs() []string {
	out := make([]string, len(chartKinds))
	for i, k := range chartKinds {
		out[i] = k.slug
	}
	return out
}

// route is the key of the chart among the routes, and the address of its page.
func (k *chartKind) route() string { return chartPrefix + k.slug }

// sources names the collectors whose data a chart shows.
func (k *chartKind) sources() []string {
	if k.collectors == nil {
		return scoreCollectors
	}
	return k.collectors
}

// chart makes the chart of a slug for a query of any route: what the chart does
// not take is left out, and a value that it does not know is its default.
func (r *request) chart(ctx context.Context, slug string, q query) (Chart, error) {
	k := kindOf(slug)
	q = q.as(k.route())
	c, err := k.read(ctx, r, q)
	if err != nil {
		return c, fmt.Errorf("chart %s: %w", slug, err)
	}
	if k.touches != nil {
		if c.face.initiatives, err = r.initiatives(ctx, k.touches(q), c.Series); err != nil {
			return c, fmt.Errorf("chart %s: %w", slug, err)
		}
	}
	c.kind, c.query = k, q
	c.Slug, c.Params, c.Simulated = slug, q.params(k), r.mode.Simulated
	if c.Breaks == nil {
		c.Breaks = []Mark{}
	}
	if c.Series == nil {
		c.Series = []Series{}
	}
	sortMarks(c.Breaks)
	return c, nil
}

// params writes the parameters of a chart, defaults among them.
func (q query) params(k *chartKind) map[string]string {
	p := map[string]string{}
	for _, name := range k.accepts.params {
		switch name {
		case "cohort":
			p[name] = string(q.Cohort)
		case "weighting":
			p[name] = string(q.Weighting)
		case "by":
			p[name] = string(q.By)
		case "p":
			p[name] = strings.Join(q.P, " ")
		default:
			if v := q.value(name, accepts{}); v != "" {
				p[name] = v
			}
		}
	}
	return p
}

// face is how a chart is shown: its words and its drawing. Whoever makes the
// numbers makes it, so that both tell the same.
type face struct {
	// sub are the parts of the subline, what and n of N, without "data through".
	sub []string
	// through is added to "data through DATE": ", so the last month is not whole".
	through string
	// tail is a sentence after the subline, without its full stop.
	tail  string
	apart string       // what has no place on the drawing, after "Counted apart:"
	note  []string     // sentences below the drawing, after those on cuts and gaps
	key   []figure.Key // legend, where no label fits on the drawing
	tones []chart.Class
	desc  string // what the drawing shows, for those who do not see it; "" for a line over time
	// draw makes the drawing of a chart with at least one value.
	draw func(c *Chart, head chart.Head, axis chart.Time) chart.Spec
	// flags is false for drawings without room for flags: their breaks are told in the note.
	flags bool
	// initiatives are drawn on the axis and told below; those that touch the chart.
	initiatives []observation.Initiative
	// empty says why there is nothing to draw, when it is not the usual reason.
	empty *part.State
	links []part.Link // beside those that every chart has

	// How the table prints. table makes one that has no row for each date, such as
	// that of categories at a single date; the rest is for the others.
	table  func(c *Chart) *part.Table
	events bool                       // counts of a period, not levels: every row is shown, no day of observation
	column func(series string) string // head of a series' column; nil prints the name with a capital
	cell   func(p Point) string       // a value; nil prints a score
	last   string                     // head of a last column, "n" or "All"; "" for none
	lastOf func(p Point) string       // what it holds, from the first series with a value
}

// onlyMonths are the periods of what exists by month alone.
var onlyMonths = []observation.Granularity{observation.ByMonth}

// everyPeriod are the periods of charts of levels.
var everyPeriod = []observation.Granularity{observation.ByObservation, observation.ByWeek, observation.ByMonth, observation.ByYear}

// cohortSet is a set of kinds of cohort. The zero set is that of the cohorts by
// rank alone.
type cohortSet uint8

const (
	ranked    cohortSet = 1 << iota // top100 … top15000
	allOfPyPI                       // all
	frozen                          // panels and organizations, the same projects at all dates
)

// accepts says which parameters a route answers to, and what they may be.
type accepts struct {
	params  []string                  // in the order of the form
	by      []observation.Granularity // the first is the default; nil without by
	cohorts cohortSet
	cohort  observation.Cohort // the default; "" is top1000
	sorts   []string           // the first is the default; nil without sort
}

// defaultCohort is the cohort of a route when none is asked for.
func (a accepts) defaultCohort() observation.Cohort {
	if a.cohort == "" {
		return defaultCohort
	}
	return a.cohort
}

// defaultBy is the period of a route when none is asked for.
func (a accepts) defaultBy() observation.Granularity {
	if len(a.by) == 0 {
		return observation.ByObservation
	}
	return a.by[0]
}

// defaultSort is the order of a route when none is asked for.
func (a accepts) defaultSort() string {
	if len(a.sorts) == 0 {
		return ""
	}
	return a.sorts[0]
}

// takesCohort reports whether a cohort is answered for.
func (a accepts) takesCohort(c observation.Cohort) bool {
	_, panel := c.Panel()
	_, organization := c.Organization()
	switch {
	case panel || organization:
		return a.cohorts&frozen != 0
	case c == observation.CohortAll:
		return a.cohorts&allOfPyPI != 0
	}
	return c.Size() > 0
}

// cohortOptions lists the cohorts that a form offers.
func (a accepts) cohortOptions() []observation.Cohort {
	out := observation.RankCohorts()
	if a.cohorts&allOfPyPI != 0 {
		out = append(out, observation.CohortAll)
	}
	return out
}

// takes reports whether a parameter is among those of the route.
func (a accepts) takes(name string) bool { return slices.Contains(a.params, name) }
