package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// slugCompare is the chart of a few projects side by side.
const slugCompare = "compare"

var compareChart = chartKind{
	slug: slugCompare, label: "Scores of a few projects", anchor: "aggregate", home: "/compare",
	accepts: accepts{params: []string{"p", "from", "to", "by"}, by: everyPeriod},
	read:    readCompare,
}

// comparedInput is what the chart is made of. A project that is not known has no
// series.
type comparedInput struct {
	scoreInput
	names  []string // as asked for, known ones
	scores [][]observation.ScorePoint
}

// readCompare asks for the histories of the projects that are compared.
func readCompare(ctx context.Context, r *request, q query) (Chart, error) {
	names, err := comparedNames(q.P)
	if err != nil {
		return Chart{}, err
	}
	var in comparedInput
	found := make([][]observation.ScorePoint, len(names))
	known := make([]bool, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		in.scoreInput, err = r.scores(ctx, observation.WeightPackage)
		return err
	})
	for i, name := range names {
		g.Go(func() error {
			scores, err := r.projectScores(ctx, name)
			if errors.Is(err, ErrNotFound) {
				return nil
			}
			found[i], known[i] = scores, true
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	for i, name := range names {
		if known[i] {
			in.names, in.scores = append(in.names, name), append(in.scores, found[i])
		}
	}
	return buildCompare(q, in), nil
}

// comparedNames normalises the names that are compared, each once.
func comparedNames(written []string) ([]string, error) {
	var names []string
	for _, w := range written {
		name, err := pypa.ParseName(w)
		if err != nil {
			return nil, badRequest("A name holds letters, digits, '.', '_' and '-'.", "p=%s is not a project name.", quote(w))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// buildCompare makes one line of the core aggregate for each project, of the
// source of its newest result alone, so that no line changes its source.
func buildCompare(q query, in comparedInput) Chart {
	c := Chart{Unit: "core aggregate, 0 to 10", Through: Date{in.observations.Newest}}
	for i, name := range in.names {
		source := newestSource(in.scores[i])
		points := slices.DeleteFunc(slices.Clone(in.scores[i]), func(p observation.ScorePoint) bool { return p.Source != source })
		c.Series = append(c.Series, Series{Name: name, Points: levels(projectPoints(points, true), q)})
		if label := sourceLabel(source); label != "" && !slices.Contains(c.Sources, label) {
			c.Sources = append(c.Sources, label)
		}
	}
	c.Breaks = marks(in.ledger, onOneProject, c.Series)
	c.Title = compareTitle(&c, q)
	c.face = face{
		sub:   []string{"Core aggregate: twelve checks, 0 to 10, each project from the source of its newest result"},
		desc:  "One line for each project" + drawnSpan(&c) + ".",
		draw:  drawCompare,
		flags: true,
		// A name stands as PyPI writes it.
		column: func(name string) string { return name },
	}
	if len(in.names) == 0 {
		c.face.empty = &part.State{Lead: "Nothing to compare.", Text: "None of the projects asked for is known.", Link: part.Link{Text: "Choose projects", Href: "/compare"}}
	}
	return c
}

// newestSource is the source of the newest result, "" without one.
func newestSource(scores []observation.ScorePoint) observation.ScorecardSource {
	for _, p := range slices.Backward(scores) {
		if p.State == observation.StateScored && !p.Suspect {
			return p.Source
		}
	}
	return ""
}

// compareTitle tells the newest value of each line with its date, and no order.
func compareTitle(c *Chart, q query) string {
	var words, missing []string
	same := true
	var on string
	for i := range c.Series {
		s := &c.Series[i]
		p := s.last()
		if p == nil {
			missing = append(missing, s.Name)
			continue
		}
		at := format.Date(p.on)
		same = same && (on == "" || on == at)
		on = at
		words = append(words, s.Name+" "+format.Score(p.V)+" on "+at)
	}
	if len(words) == 0 {
		return "No core aggregate of these projects is known " + rangeWords(q)
	}
	if same {
		for i := range words {
			words[i] = strings.TrimSuffix(words[i], " on "+on)
		}
		words[len(words)-1] += " on " + on
	}
	title := "Core aggregate: " + join(words, "and")
	if len(missing) > 0 {
		title += fmt.Sprintf("; none of %s is known %s", join(missing, "and"), rangeWords(q))
	}
	return title
}

func drawCompare(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	lines := chart.Lines{Head: head, Time: axis, Y: chart.Axis{Decimals: 1}, Step: true, SuspectText: suspectText}
	for i := range c.Series {
		s := &c.Series[i]
		line := chart.Series{Name: s.Name, Main: i == 0, Points: drawn(*s, i == 0)}
		if p := s.last(); p != nil {
			line.Label = c.ends(p, format.Score(p.V))
		}
		lines.Series = append(lines.Series, line)
	}
	return lines
}
