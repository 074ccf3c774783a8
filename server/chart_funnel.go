package server

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// funnelSteps are the steps of the coverage funnel below the list itself, from
// the widest to the narrowest.
var funnelSteps = []struct {
	name  string // of the series
	label string // on the drawing
	what  string // what a project has that reaches it
	step  func(observation.FunnelPoint) observation.FunnelStep
	// mapped is true for steps that are unknown before the store knew repositories.
	mapped bool
}{
	{"asked", "Asked", "a source was asked about it", func(p observation.FunnelPoint) observation.FunnelStep { return p.Asked }, false},
	{"has repository", "Repository", "its repository is known", func(p observation.FunnelPoint) observation.FunnelStep { return p.Repository }, true},
	{"verified repository", "Verified", "the repository is verified", func(p observation.FunnelPoint) observation.FunnelStep { return p.Verified }, true},
	{"has result", "Result", "a result at most 60 days old", func(p observation.FunnelPoint) observation.FunnelStep { return p.Result }, false},
	{"result of 30 days", "30 days", "a result at most 30 days old", func(p observation.FunnelPoint) observation.FunnelStep { return p.Recent }, false},
	{seriesScored, "Scored", "at least one check is conclusive", func(p observation.FunnelPoint) observation.FunnelStep { return p.Scored }, false},
}

// seriesScored is the last step, and the line that matters.
const seriesScored = "scored"

const slugFunnel = "coverage-funnel"

var funnelChart = chartKind{
	slug: slugFunnel, label: "Coverage funnel: who can be judged at all", anchor: "coverage", home: "/checks", listed: true,
	accepts: accepts{params: []string{"cohort", "weighting", "from", "to", "by"}, by: everyPeriod, cohorts: ranked | frozen},
	read:    readFunnel,
}

// readFunnel asks for what the chart of the coverage funnel is made of.
func readFunnel(ctx context.Context, r *request, q query) (Chart, error) {
	var in funnelInput
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { in.observations, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { in.ledger, err = r.reader.Breaks(ctx); return err })
	g.Go(func() (err error) {
		in.cohort, err = r.reader.CohortPoints(ctx, q.Cohort, q.Weighting)
		if errors.Is(err, ErrNotFound) && q.Cohort.Size() == 0 {
			err = unknownCohort(q.Cohort, err)
		}
		return err
	})
	g.Go(func() (err error) {
		in.points, err = r.reader.Funnel(ctx, q.Cohort, q.Weighting, observation.ByObservation)
		if errors.Is(err, ErrNotFound) {
			err = nil // the cohort itself says so
		}
		return err
	})
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	return buildFunnel(q, in), nil
}

// funnelInput is what the chart is made of.
type funnelInput struct {
	observations observation.Observations
	ledger       []observation.Break
	cohort       []observation.CohortPoint
	points       []observation.FunnelPoint
}

// buildFunnel makes the chart of how many projects of a cohort reach each step
// on the way to a score: coverage before averages.
func buildFunnel(q query, in funnelInput) Chart {
	c := Chart{Unit: "% of the projects of the cohort", Through: Date{in.observations.Newest}, Sources: scoreSources(in.cohort)}
	votes := votesWord(q.Weighting)
	if votes != "" {
		c.Unit = "% of the " + votes + " of the cohort"
	}
	for _, step := range funnelSteps {
		points := make([]Point, 0, len(in.points))
		for _, o := range in.points {
			points = append(points, funnelPoint(o, step.step(o), step.mapped))
		}
		c.Series = append(c.Series, Series{Name: step.name, Points: levels(points, q)})
	}
	c.Breaks = append(marks(in.ledger, onCoverage, c.Series), sourceMarks(in.cohort, c.Series)...)
	sortMarks(c.Breaks)
	c.Title = funnelTitle(&c, q)
	c.face = face{
		sub: []string{"Share of the cohort that reaches each step on the way to a score, " + cohortKind(q.Cohort) + weightWords(q.Weighting)},
		note: []string{
			"A project is asked about when it is in the list of a source; a result counts for 60 days.",
			"Which checks are conclusive is told with each check.",
		},
		flags: true, draw: drawFunnel,
		column: capitalise,
		cell:   func(p Point) string { return format.Percent(*p.V/100, 1) + " (" + format.Count(*p.N) + ")" },
		last:   "In the list",
		lastOf: func(p Point) string { return format.Count(*p.Of) },
	}
	if p := c.series(seriesScored).last(); p != nil {
		c.face.sub = append(c.face.sub, "n = "+format.Of(*p.N, *p.Of)+" scored")
		c.face.desc = "A line for each step," + drawnSpan(&c) + "; scored ends at " + format.Percent(*p.V/100, 1) + "."
	}
	if p := unmappedPoint(in.points); p != nil {
		c.face.note = append(c.face.note, "Repository and verified begin late: "+p.Unknown+".")
	}
	return c
}

// unmappedPoint is the newest point whose repositories are unknown.
func unmappedPoint(points []observation.FunnelPoint) *observation.FunnelPoint {
	for i := len(points) - 1; i >= 0; i-- {
		if points[i].Unknown != "" {
			return &points[i]
		}
	}
	return nil
}

func funnelPoint(o observation.FunnelPoint, step observation.FunnelStep, mapped bool) Point {
	on := o.Date
	if on.IsZero() {
		on = o.Start
	}
	p := Point{T: Date{on}, on: on, Of: count(o.Size)}
	switch {
	case o.Gap != "":
		p.Reason = o.Gap
	case step.Share != nil && step.Projects != nil:
		p.V, p.N = value(100**step.Share), count(*step.Projects)
	case mapped && o.Unknown != "":
		p.Reason = o.Unknown
	default:
		p.Reason = "not known"
	}
	return p
}

// funnelTitle tells the two steps that say the most, of the same observation.
func funnelTitle(c *Chart, q query) string {
	scored, result := c.series(seriesScored).last(), c.series("has result").last()
	if scored == nil || result == nil {
		return "No coverage of the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	have, when := "have", ""
	if q.past(scored.on, c) {
		have, when = "had", " on "+format.Date(scored.on)
	}
	if votes := votesWord(q.Weighting); votes != "" {
		return fmt.Sprintf("Projects with %s of the %s of the %s %s a result, and those with %s a conclusive one%s",
			format.Percent(*result.V/100, 1), votes, cohortName(q.Cohort), have, format.Percent(*scored.V/100, 1), when)
	}
	return fmt.Sprintf("Of the %s, %s %s a result and %s a conclusive check%s", cohortProjects(q.Cohort, *scored.Of), format.Count(*result.N), have, format.Count(*scored.N), when)
}

func drawFunnel(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	lines := chart.Lines{Head: head, Time: axis, Y: chart.Axis{Unit: "%", Decimals: 1}, SuspectText: suspectText}
	for i, s := range c.Series {
		main := s.Name == seriesScored
		line := chart.Series{Name: funnelSteps[i].label, Main: main, Points: drawn(s, main)}
		if p := s.last(); p != nil {
			line.Label = format.Percent(*p.V/100, 1)
		}
		lines.Series = append(lines.Series, line)
	}
	return lines
}
