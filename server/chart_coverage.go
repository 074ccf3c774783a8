package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// compared lists the cohorts that the coverage chart shows: the one asked for
// first, then the others of the three that people know, smallest first.
func compared(asked observation.Cohort) []observation.Cohort {
	out := []observation.Cohort{asked}
	for _, c := range []observation.Cohort{observation.CohortTop100, observation.CohortTop1000, observation.CohortTop5000} {
		if c != asked {
			out = append(out, c)
		}
	}
	return out
}

const slugCoverage = "coverage"

var coverageChart = chartKind{
	slug: slugCoverage, label: "Coverage of the cohorts by Scorecard", anchor: "coverage", listed: true,
	accepts: accepts{params: []string{"cohort", "weighting", "from", "to", "by"}, by: everyPeriod, cohorts: ranked | frozen},
	read:    readCoverage,
}

// readCoverage asks for what the coverage chart is made of.
func readCoverage(ctx context.Context, r *request, q query) (Chart, error) {
	in, err := r.scores(ctx, q.Weighting, compared(q.Cohort)...)
	if err != nil {
		return Chart{}, err
	}
	return buildCoverage(q, in), nil
}

// buildCoverage makes the chart of the share of a cohort that has a Scorecard
// result: one series for each cohort, the one asked for first.
func buildCoverage(q query, in scoreInput) Chart {
	c := Chart{Unit: "% of the projects of the cohort", Through: Date{in.observations.Newest}}
	if votes := votesWord(q.Weighting); votes != "" {
		c.Unit = "% of the " + votes + " of the cohort"
	}
	all := in.series(compared(q.Cohort)...)
	dates := axis(all)
	for _, s := range all {
		c.Series = append(c.Series, Series{Name: string(s.cohort), Points: levels(s.on(dates, coverageOf), q)})
	}
	c.Sources = scoreSources(all[0].points)
	c.Breaks = append(marks(in.ledger, onCoverage, c.Series), sourceMarks(all[0].points, c.Series)...)
	sortMarks(c.Breaks)
	c.Title = coverageTitle(&c, q)
	c.face = coverageFace(&c, q, all[0].points)
	return c
}

func coverageFace(c *Chart, q query, points []observation.CohortPoint) face {
	what := "Share of the cohort with at least one conclusive check"
	switch q.Weighting {
	case observation.WeightDownload:
		what = "Share of the cohort's downloads that go to projects with at least one conclusive check"
	case observation.WeightRepository:
		what = "Share of the cohort's repositories with at least one conclusive check; projects of one repository share its vote"
	}
	f := face{
		sub:    []string{what + ", " + cohortKind(q.Cohort)},
		note:   []string{"The axis shows the range of the values and may start above zero."},
		draw:   drawCoverage,
		flags:  true,
		column: func(name string) string { return cohortLabel(observation.Cohort(name)) },
		cell:   func(p Point) string { return format.Percent(*p.V/100, 1) + " (" + format.Of(*p.N, *p.Of) + ")" },
	}
	p := c.Series[0].last()
	if p == nil {
		return f
	}
	f.sub = append(f.sub, "n = "+format.Of(*p.N, *p.Of))
	f.desc = "A line" + drawnSpan(c) + "; ends at " + format.Percent(*p.V/100, 1) + "."
	if q.Weighting != observation.WeightPackage {
		return f
	}
	if start, cut := segment(c, &c.Series[0]); start != nil && cut != nil && !p.on.Equal(start.on) {
		f.tail = fmt.Sprintf("Since the break of %s: %s on %s, %s on %s", format.Date(cut.T.Time),
			format.Of(*start.N, *start.Of), format.Date(start.on), format.Of(*p.N, *p.Of), format.Date(p.on))
		if same, ok := sameProjects(q, points, start.on); ok {
			f.note = append(f.note, "The list changes every month, so a part of a change may be that other projects are in it; “"+same.Text+"” follows those of one list.")
			f.links = append(f.links, same)
		}
	}
	return f
}

// sameProjects leads from a cohort by rank to the chart of the projects that were
// in it on a day, whose changes are of projects alone.
func sameProjects(q query, points []observation.CohortPoint, on time.Time) (part.Link, bool) {
	i := slices.IndexFunc(points, func(p observation.CohortPoint) bool { return p.Date.Equal(on) })
	if i < 0 || q.Cohort.Size() == 0 || points[i].ListOn.IsZero() {
		return part.Link{}, false
	}
	panel := observation.Panel{Month: points[i].ListOn, Size: q.Cohort.Size()}
	q.Cohort = panel.Cohort()
	month := format.Month(panel.Month)
	return part.Link{Text: "The projects of " + month, Href: q.link(chartPrefix+slugCoverage, chartPrefix+slugCoverage), Label: "Coverage of the projects that were in the list of " + month}, true
}

func drawCoverage(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	lines := chart.Lines{Head: head, Time: axis, Y: chart.Axis{Unit: "%", Decimals: 1}, SuspectText: suspectText}
	for i, s := range c.Series {
		line := chart.Series{Name: cohortLabel(observation.Cohort(s.Name)), Main: i == 0, Points: drawn(s, i == 0)}
		if p := s.last(); p != nil {
			line.Label = format.Percent(*p.V/100, 1)
		}
		lines.Series = append(lines.Series, line)
	}
	return lines
}

func coverageTitle(c *Chart, q query) string {
	p := c.Series[0].last()
	if p == nil {
		return "No coverage of the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	has, carry, when := "has", "carry", ""
	if q.past(p.on, c) {
		has, carry, when = "had", "carried", " on "+format.Date(p.on)
	}
	if votes := votesWord(q.Weighting); votes != "" {
		return fmt.Sprintf("Projects with a Scorecard result %s %s of the %s of the %s%s", carry, format.Percent(*p.V/100, 1), votes, cohortName(q.Cohort), when)
	}
	return fmt.Sprintf("Scorecard %s a result for %s of the %s%s", has, format.Count(*p.N), cohortProjects(q.Cohort, *p.Of), when)
}

// votesWord names what counts in place of projects, "" when projects do.
func votesWord(w observation.Weighting) string {
	switch w {
	case observation.WeightDownload:
		return "downloads"
	case observation.WeightRepository:
		return "repositories"
	}
	return ""
}

// series picks cohorts out of the input.
func (in scoreInput) series(cohorts ...observation.Cohort) []cohortSeries {
	out := make([]cohortSeries, 0, len(cohorts))
	for _, c := range cohorts {
		out = append(out, cohortSeries{cohort: c, points: in.cohorts[c]})
	}
	return out
}

// scoreSources names the sources behind a cohort's points.
func scoreSources(points []observation.CohortPoint) []string {
	var archive, api bool
	for _, p := range points {
		archive = archive || p.Source != string(observation.SourceAPI)
		api = api || p.Source == string(observation.SourceAPI) || p.Source == "both"
	}
	var out []string
	if archive {
		out = append(out, sourceLabel(observation.SourceArchive))
	}
	if api {
		out = append(out, sourceLabel(observation.SourceAPI))
	}
	return append(out, "top-pypi-packages")
}

// scoreInput is what charts of a cohort's scores are made of.
type scoreInput struct {
	observations observation.Observations
	ledger       []observation.Break
	cohorts      map[observation.Cohort][]observation.CohortPoint
}

// scores asks for the observations of cohorts, all at the same time.
func (r *request) scores(ctx context.Context, w observation.Weighting, cohorts ...observation.Cohort) (scoreInput, error) {
	in := scoreInput{cohorts: map[observation.Cohort][]observation.CohortPoint{}}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { in.observations, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { in.ledger, err = r.reader.Breaks(ctx); return err })
	var mu sync.Mutex
	for _, c := range slices.Compact(slices.Sorted(slices.Values(cohorts))) {
		g.Go(func() error {
			points, err := r.reader.CohortPoints(ctx, c, w)
			if errors.Is(err, ErrNotFound) && c.Size() == 0 {
				err = unknownCohort(c, err)
			}
			mu.Lock()
			defer mu.Unlock()
			in.cohorts[c] = points
			return err
		})
	}
	return in, g.Wait()
}

// unknownCohort is the answer for a panel or an organization without projects.
func unknownCohort(c observation.Cohort, err error) error {
	f := &failure{Status: http.StatusNotFound, Lead: "Nobody is in cohort=" + quote(string(c)) + ".", err: err,
		How: "A panel is of a month with a rank list, no larger than that list."}
	if _, ok := c.Organization(); ok {
		f.How = "No project that we know belongs to an organization of that name on PyPI."
	}
	return f
}
