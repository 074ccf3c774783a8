package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"golang.org/x/sync/errgroup"
)

const slugProjectScore = "project-score"

var projectScoreChart = chartKind{
	slug: slugProjectScore, label: "Score of a project", anchor: "aggregate",
	accepts: accepts{params: []string{"project", "from", "to", "by"}, by: everyPeriod},
	read:    readProjectScore,
}

// projectInput is what the chart of a project's score is made of.
type projectInput struct {
	scoreInput
	project string // normalised
	scores  []observation.ScorePoint
}

// readProjectScore asks for what the chart of a project's score is made of. A
// project that is not known is a 404 with the nearest names.
func readProjectScore(ctx context.Context, r *request, q query) (Chart, error) {
	in := projectInput{project: q.Project}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		in.scoreInput, err = r.scores(ctx, observation.WeightPackage, observation.CohortTop1000)
		return err
	})
	g.Go(func() (err error) { in.scores, err = r.projectScores(ctx, q.Project); return err })
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	return buildProjectScore(q, in), nil
}

// projectScores reads a project's history; a project without one is one that is
// known, or ErrNotFound.
func (r *request) projectScores(ctx context.Context, name string) ([]observation.ScorePoint, error) {
	scores, err := r.reader.ProjectScores(ctx, name)
	if err == nil && len(scores) == 0 {
		_, err = r.reader.Project(ctx, name)
	}
	return scores, err
}

// buildProjectScore makes the chart of one project's history. Each source has
// series of its own, so that no line changes its source: core aggregate first,
// then the aggregate over all checks, and last the median of the top 1,000.
func buildProjectScore(q query, in projectInput) Chart {
	c := Chart{Unit: "score, 0 to 10", Through: Date{in.observations.Newest}}
	for _, source := range []observation.ScorecardSource{observation.SourceArchive, observation.SourceAPI} {
		points := slices.DeleteFunc(slices.Clone(in.scores), func(p observation.ScorePoint) bool { return p.Source != source })
		if len(points) == 0 {
			continue
		}
		core := Series{Name: "core (" + string(source) + ")", Points: levels(projectPoints(points, true), q)}
		all := Series{Name: "aggregate (" + string(source) + ")", Points: levels(projectPoints(points, false), q)}
		c.Sources = append(c.Sources, sourceLabel(source))
		c.Series = append(c.Series, core, all)
		c.Breaks = append(c.Breaks, checkMarks(all, in.ledger)...)
	}
	if newestCore(&c) != nil { // a median beside nothing would pass for the project
		first, last := extent(c.Series)
		bounded := q
		bounded.From, bounded.To = first, last
		if q.By != observation.ByObservation {
			bounded.From, bounded.To = q.By.Start(first), q.By.Next(q.By.Start(last)).AddDate(0, 0, -1)
		}
		peer := cohortSeries{cohort: observation.CohortTop1000, points: in.cohorts[observation.CohortTop1000]}
		median := quantileOf(func(o observation.CohortPoint) *float64 { return o.P50 })
		if points := levels(peer.on(axis([]cohortSeries{peer}), median), bounded); len(points) > 0 {
			c.Series = append(c.Series, Series{Name: "median core of top1000", Points: points})
		}
		c.Breaks = append(c.Breaks, sourceBegins(c.Series)...)
	}
	c.Breaks = append(c.Breaks, marks(in.ledger, onOneProject, c.Series)...)
	sortMarks(c.Breaks)
	c.Title = projectScoreTitle(&c, q, in.project)
	c.face = projectScoreFace(&c, q)
	return c
}

func projectScoreFace(c *Chart, q query) face {
	f := face{
		sub:    []string{"Core aggregate: twelve checks, 0 to 10"},
		desc:   "A line" + drawnSpan(c) + ".",
		draw:   drawProjectScore,
		flags:  true,
		column: scoreLabel,
		last:   "n",
		lastOf: countOf,
	}
	if newestCore(c) == nil {
		f.empty = &part.State{Lead: "No score was ever observed.", Text: "Neither the archive nor the API has a Scorecard result of this project among what is stored of this range."}
	}
	with, all := 0, 0
	for _, s := range c.Series {
		if !strings.HasPrefix(s.Name, "core (") {
			continue
		}
		for _, p := range s.Points {
			all++
			if p.V != nil {
				with++
			}
		}
	}
	if all > 0 {
		f.sub = append(f.sub, "n = "+format.Of(with, all)+" "+periodNoun(q.By)+"s with a result")
	}
	if c.series("median core of top1000") != nil {
		f.sub = append(f.sub, "grey: median of the top 1,000")
	}
	return f
}

func drawProjectScore(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	lines := chart.Lines{Head: head, Time: axis, Y: chart.Axis{Decimals: 1}, Step: true, SuspectText: suspectText}
	main := newestCore(c)
	for i := range c.Series {
		s := &c.Series[i]
		if strings.HasPrefix(s.Name, "aggregate (") { // in the table and the files
			continue
		}
		line := chart.Series{Name: scoreLabel(s.Name), Main: s == main, Points: drawn(*s, s == main)}
		if p := s.last(); p != nil {
			line.Label = c.ends(p, format.Score(p.V))
		}
		lines.Series = append(lines.Series, line)
	}
	return lines
}

func scoreLabel(name string) string {
	switch name {
	case "core (archive)":
		return "Core, archive"
	case "core (api)":
		return "Core, API"
	case "aggregate (archive)":
		return "All checks, archive"
	case "aggregate (api)":
		return "All checks, API"
	}
	return "Top 1,000"
}

// projectPoints turns observations of a project into points.
func projectPoints(scores []observation.ScorePoint, core bool) []Point {
	points := make([]Point, 0, len(scores))
	for _, s := range scores {
		p := Point{T: Date{day(s.Date)}, on: day(s.Date)}
		v := s.Aggregate
		if core {
			v = s.Core
		}
		switch {
		case s.State == observation.StateUnavailable:
			p.Reason = "the source could not be asked"
		case s.State == observation.StateNoResult:
			p.Reason = "no result"
		case v == nil && core:
			p.Reason = "no core check is conclusive"
		case v == nil:
			p.Reason = "no check is conclusive"
		default:
			p.V = value(*v)
			if !core {
				p.N = count(s.Checks)
			}
		}
		if s.Suspect {
			p.suspect, p.V, p.N = p.V, nil, nil
			p.Reason = "suspect observation, left out"
		}
		points = append(points, p)
	}
	return points
}

// checkMarks cuts an aggregate over all checks wherever the checks that it
// averages may have changed: their number does, or the ledger says that the
// meaning of one did. An average over other checks is another measure.
func checkMarks(s Series, ledger []observation.Break) []Mark {
	out := marks(ledger, func(b observation.Break) observation.BreakKind {
		if (b.Scope == "check" || b.Scope == "aggregate" && b.Item == observation.AggregateAll) && b.Kind == observation.BreakCut {
			return observation.BreakCut
		}
		return ""
	}, []Series{s})
	before := 0
	for _, p := range s.Points {
		if p.N == nil {
			continue
		}
		if before > 0 && *p.N != before {
			out = append(out, Mark{T: Date{p.on}, Kind: string(observation.BreakCut), What: fmt.Sprintf("%d conclusive checks, before %d", *p.N, before)})
		}
		before = *p.N
	}
	for i := range out {
		out[i].Series = s.Name
	}
	return out
}

// sourceBegins flags the date on which a second source joins.
func sourceBegins(series []Series) []Mark {
	var out []Mark
	for i, s := range series {
		if !strings.HasPrefix(s.Name, "core (") || i == 0 || len(s.Points) == 0 {
			continue
		}
		out = append(out, Mark{T: Date{s.Points[0].on}, Kind: string(observation.BreakFlag), What: "results of " + sourceLabel(observation.SourceAPI) + " begin, in series of their own"})
	}
	return out
}

// projectScoreTitle tells the first and the last score of the newest segment:
// nothing is said across a break.
func projectScoreTitle(c *Chart, q query, name string) string {
	s := newestCore(c)
	if s == nil {
		return "No Scorecard result of " + name + " is known " + rangeWords(q)
	}
	end := s.last()
	start, cut := segment(c, s)
	if start == nil || start.on.Equal(end.on) {
		return fmt.Sprintf("The core aggregate of %s was %s on %s", name, format.Score(end.V), format.Date(end.on))
	}
	verb := "is"
	if q.past(end.on, c) {
		verb = "was"
	}
	after := ""
	if cut != nil {
		after = ", after the break of " + format.Date(cut.T.Time) + ","
	}
	return fmt.Sprintf("The core aggregate of %s was %s on %s%s and %s %s on %s", name, format.Score(start.V), format.Date(start.on), after, verb, format.Score(end.V), format.Date(end.on))
}

// newestCore returns the core series with the newest value, nil without one.
func newestCore(c *Chart) *Series {
	var best *Series
	for i := range c.Series {
		s := &c.Series[i]
		if !strings.HasPrefix(s.Name, "core (") || s.last() == nil {
			continue
		}
		if best == nil || !s.last().on.Before(best.last().on) {
			best = s
		}
	}
	return best
}
