package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// The charts of one check stand on its page.
const (
	slugCheckRate   = "check-rate"
	slugCheckScores = "check-scores"
	slugCheckBands  = "check-bands"
)

var checkRateChart = chartKind{
	slug: slugCheckRate, label: "Share of 8 or above of one check", anchor: "check-rate",
	accepts: accepts{params: []string{"check", "cohort", "weighting", "from", "to", "by"}, by: everyPeriod},
	touches: onPublishing,
	read:    oneCheck(buildCheckRate),
}

var checkScoresChart = chartKind{
	slug: slugCheckScores, label: "Scores of one check", anchor: "check-rate",
	accepts: accepts{params: []string{"check", "cohort", "weighting", "from", "to"}},
	read:    oneCheck(buildCheckScores),
}

var checkBandsChart = chartKind{
	slug: slugCheckBands, label: "Scores of one check over time", anchor: "check-rate",
	accepts: accepts{params: []string{"check", "cohort", "weighting", "from", "to", "by"}, by: everyPeriod},
	touches: onPublishing,
	read:    oneCheck(buildCheckBands),
}

// onPublishing are the words of the initiatives that touch a check: Packaging
// looks for the workflow that publishes. What PyPI does else, no check sees.
func onPublishing(q query) []string {
	if q.Check == "Packaging" {
		return []string{"Trusted Publishing"}
	}
	return nil
}

// oneCheck asks for what a chart of one check is made of.
func oneCheck(build func(query, checkInput) Chart) func(context.Context, *request, query) (Chart, error) {
	return func(ctx context.Context, r *request, q query) (Chart, error) {
		if q.Check == "" {
			return Chart{}, badRequest("Add check=, for example check=Token-Permissions.", "This chart needs a check.")
		}
		in, err := r.checkInput(ctx, q)
		if err != nil {
			return Chart{}, err
		}
		c := build(q, in)
		c.Sources = scoreSources(in.cohort)
		if len(in.points[q.Check]) == 0 {
			c.face.empty = noCheckState(q, in)
		}
		return c, nil
	}
}

// noCheckState says why a check has no history in a cohort.
func noCheckState(q query, in checkInput) *part.State {
	if len(in.cohort) == 0 {
		return nil // the usual reasons
	}
	return &part.State{Lead: "No result lists " + q.Check + ".", Text: "Neither the archive nor the API has run this check for a project of the " + cohortName(q.Cohort) + " among what is stored. Scorecard's weekly scans leave some checks out."}
}

// buildCheckRate makes the chart of the share of 8 or above of one check.
func buildCheckRate(q query, in checkInput) Chart {
	s := Series{Name: q.Check, Points: levels(in.on(q.Check, rateOf), q)}
	c := Chart{Unit: "% " + ofConclusive(q.Weighting) + ", 8 or above", Through: Date{in.observations.Newest}, Series: []Series{s}}
	c.Breaks = append(marks(in.ledger, onChecks, c.Series), in.checkBreaks(q.Check, c.Series)...)
	sortMarks(c.Breaks)
	c.Title = checkRateTitle(&c, q)
	c.face = face{
		sub:   []string{"Share of the conclusive projects with 8 or above, " + cohortKind(q.Cohort) + weightWords(q.Weighting)},
		note:  []string{"The axis shows the range of the values and may start above zero. Inconclusive projects are in no share."},
		flags: true,
		draw: func(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
			s := c.Series[0]
			line := chart.Series{Name: "8 or above", Main: true, Points: drawn(s, true)}
			if p := s.last(); p != nil {
				line.Label = format.Percent(*p.V/100, 1)
			}
			return chart.Lines{Head: head, Time: axis, Y: chart.Axis{Unit: "%", Decimals: 1}, Series: []chart.Series{line}, SuspectText: suspectText}
		},
		column: func(string) string { return "8 or above" },
		cell:   func(p Point) string { return format.Percent(*p.V/100, 1) },
		last:   "Conclusive",
		lastOf: countOf,
	}
	if p := s.last(); p != nil {
		c.face.sub = append(c.face.sub, "n = "+format.Of(*p.N, *p.Of)+" conclusive")
		c.face.desc = "A line" + drawnSpan(&c) + "; ends at " + format.Percent(*p.V/100, 1) + "."
	}
	return c
}

func checkRateTitle(c *Chart, q query) string {
	p := c.Series[0].last()
	if p == nil {
		return "No rate of " + q.Check + " in the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	verb, when := "score", ""
	if q.past(p.on, c) {
		verb, when = "scored", " on "+format.Date(p.on)
	}
	who := fmt.Sprintf("the %s conclusive of the %s", format.Count(*p.N), cohortName(q.Cohort))
	share := format.Percent(*p.V/100, 1)
	if votes := votesWord(q.Weighting); votes != "" {
		return fmt.Sprintf("Projects with %s of the %s of %s %s 8 or above on %s%s", share, votes, who, verb, q.Check, when)
	}
	return fmt.Sprintf("%s of %s %s 8 or above on %s%s", share, who, verb, q.Check, when)
}

// The series of the distribution beside the scores 0 to 10.
const (
	seriesInconclusive = "inconclusive"
	seriesNotRun       = "not run"
)

// apartSigns stand below their bars, which are too narrow for words.
var apartSigns = map[string]string{seriesInconclusive: "?", seriesNotRun: "×"}

// buildCheckScores makes the chart of how a check's scores are spread at the
// newest accepted observation of the range.
func buildCheckScores(q query, in checkInput) Chart {
	c := Chart{Unit: "projects", Through: Date{in.observations.Newest}}
	votes := votesWord(q.Weighting)
	if votes != "" {
		c.Unit = "% " + ofConclusive(q.Weighting)
	}
	o, known := newestScores(q, in, q.Check)
	for score := range posture.MaxScore + 1 {
		c.Series = append(c.Series, Series{Name: strconv.Itoa(score)})
	}
	c.Series = append(c.Series, Series{Name: seriesInconclusive}, Series{Name: seriesNotRun})
	if !known {
		c.Title = "No scores of " + q.Check + " in the " + cohortName(q.Cohort) + " are known " + rangeWords(q)
		c.face = face{events: true, draw: drawCheckScores, desc: "Nothing is drawn."}
		return c
	}
	total := sumOf(o.Histogram[:])
	for i := range c.Series {
		p := Point{T: Date{o.Date}, on: o.Date, Of: count(o.Scored)}
		switch {
		case c.Series[i].Name == seriesInconclusive:
			p.apart(o.Inconclusive, votes)
		case c.Series[i].Name == seriesNotRun:
			p.apart(o.NotRun, votes)
		case total == 0:
			p.Reason = "no conclusive score: " + withoutScore(o)
		case votes == "":
			p.V, p.N = value(o.Histogram[i]), count(int(o.Histogram[i]))
		default:
			p.V, p.N = value(100*o.Histogram[i]/total), count(o.N)
		}
		c.Series[i].Points = []Point{p}
	}
	c.Title = checkScoresTitle(&c, q, o)
	c.face = face{
		sub: []string{"Scores of " + q.Check + " on " + format.Date(o.Date) + ", " + cohortKind(q.Cohort) + weightWords(q.Weighting),
			"n = " + format.Of(o.N, o.Scored) + " scored projects conclusive"},
		apart:  fmt.Sprintf("%s; %s projects of the cohort have no result.", withoutScore(o), format.Count(o.Size-o.Scored)),
		note:   []string{"Apart stand ? the inconclusive and × those for which the check was not run: no scores, and in no share and no mean."},
		events: true, draw: drawCheckScores,
		desc:   "A bar for each score from 0 to 10, and apart from them the inconclusive and those for which the check was not run.",
		column: func(name string) string { return capitalise(name) },
		cell: func(p Point) string {
			if votes == "" {
				return format.Count(*p.N)
			}
			return format.Percent(*p.V/100, 1)
		},
	}
	return c
}

// apart fills in a count of projects that have no vote among the scores.
func (p *Point) apart(n int, votes string) {
	p.N = count(n)
	if votes == "" {
		p.V = value(float64(n))
		return
	}
	p.Reason = "counted by projects: they are in no share"
}

// newestScores is the newest accepted observation of a check in the range.
func newestScores(q query, in checkInput, check string) (observation.CheckPoint, bool) {
	for _, o := range slices.Backward(in.points[check]) {
		if q.has(o.Date) && !o.Suspect && o.Unknown == "" && o.Scored > 0 {
			return o, true
		}
	}
	return observation.CheckPoint{}, false
}

func sumOf(votes []float64) float64 {
	total := 0.0
	for _, v := range votes {
		total += v
	}
	return total
}

// checkScoresTitle tells how many stand at either end.
func checkScoresTitle(c *Chart, q query, o observation.CheckPoint) string {
	score, when := "score", ""
	if q.past(o.Date, c) {
		score, when = "scored", " on "+format.Date(o.Date)
	}
	if o.N == 0 {
		return fmt.Sprintf("No project of the %s has a conclusive score of %s%s", cohortName(q.Cohort), q.Check, when)
	}
	low, high := c.Series[0].Points[0], c.Series[posture.MaxScore].Points[0]
	who := fmt.Sprintf("the %s conclusive of the %s", format.Count(o.N), cohortName(q.Cohort))
	if votes := votesWord(q.Weighting); votes != "" {
		return fmt.Sprintf("Of the %s of %s, %s %s 0 and %s %s 10 on %s%s", votes, who, format.Percent(*low.V/100, 1), score, format.Percent(*high.V/100, 1), score, q.Check, when)
	}
	return fmt.Sprintf("Of %s, %s %s 0 and %s %s 10 on %s%s", who, format.Count(*low.N), score, format.Count(*high.N), score, q.Check, when)
}

func drawCheckScores(c *Chart, head chart.Head, _ chart.Time) chart.Spec {
	bars := chart.Columns{Head: head}
	votes := votesWord(c.query.Weighting)
	if votes != "" {
		bars.Y.Unit = "%"
	}
	for _, s := range c.Series {
		apart := s.Name == seriesInconclusive || s.Name == seriesNotRun
		if len(s.Points) == 0 || apart && votes != "" {
			continue
		}
		p := s.Points[0]
		if p.V == nil {
			continue
		}
		bar := chart.ColumnBar{Name: cmp.Or(apartSigns[s.Name], s.Name), Value: *p.V, Text: c.face.cell(p), Apart: apart}
		switch {
		case apart:
			bar.Title = format.Of(*p.N, *p.Of) + " scored projects: " + s.Name
		case votes != "":
			bar.Title = bar.Text + " of the " + votes + ": score " + s.Name
		default:
			bar.Title = format.Plural(*p.N, "project", "projects") + " of the conclusive: score " + s.Name
		}
		bars.Bars = append(bars.Bars, bar)
	}
	return bars
}

// bands are the parts that the scores of a check are told in, the highest first.
var bands = []struct {
	name     string
	from, to int
	tone     chart.Tone
}{
	{"10", 10, 10, chart.ToneShare5},
	{"8 to 9", 8, 9, chart.ToneShare4},
	{"6 to 7", 6, 7, chart.ToneShare3},
	{"3 to 5", 3, 5, chart.ToneShare2},
	{"0 to 2", 0, 2, chart.ToneShare1},
}

// buildCheckBands makes the chart of how a check's scores are spread over time:
// shares of the conclusive, from 10 at the bottom to 0 to 2 at the top, so that
// the edge above the second is the rate.
func buildCheckBands(q query, in checkInput) Chart {
	c := Chart{Unit: "% " + ofConclusive(q.Weighting), Through: Date{in.observations.Newest}}
	for _, b := range bands {
		c.Series = append(c.Series, Series{Name: b.name, Points: levels(in.on(q.Check, func(o observation.CheckPoint) Point {
			p := rateOf(o) // the same gaps as the rate
			if total := sumOf(o.Histogram[:]); p.V != nil && total > 0 {
				p.V, p.Of = value(100*sumOf(o.Histogram[b.from:b.to+1])/total), count(o.Scored)
			}
			return p
		}), q)})
	}
	c.Breaks = append(marks(in.ledger, onChecks, c.Series), in.checkBreaks(q.Check, c.Series)...)
	sortMarks(c.Breaks)
	c.Title = checkBandsTitle(&c, q)
	c.face = face{
		sub:   []string{"Scores of the conclusive projects, " + cohortKind(q.Cohort) + weightWords(q.Weighting)},
		note:  []string{"The inconclusive and those for which the check was not run are in no share; the last column of the table has the conclusive of the scored."},
		flags: true, draw: drawCheckBands,
		desc:   "Shares of the scores stacked to the whole, from 10 at the bottom to 0 to 2 at the top," + drawnSpan(&c) + ".",
		cell:   func(p Point) string { return format.Percent(*p.V/100, 1) },
		last:   "Conclusive of the scored",
		lastOf: countOf,
	}
	for _, b := range bands {
		c.face.tones = append(c.face.tones, chart.Class{Name: b.name, Tone: b.tone})
	}
	if p := c.Series[0].last(); p != nil {
		c.face.sub = append(c.face.sub, "n = "+format.Of(*p.N, *p.Of)+" scored projects conclusive")
	}
	return c
}

func checkBandsTitle(c *Chart, q query) string {
	top, bottom := c.Series[0].last(), c.Series[len(c.Series)-1].last()
	if top == nil || bottom == nil {
		return "No distribution of " + q.Check + " in the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	score, when := "score", ""
	if q.past(top.on, c) {
		score, when = "scored", " on "+format.Date(top.on)
	}
	who := fmt.Sprintf("the %s conclusive of the %s", format.Count(*top.N), cohortName(q.Cohort))
	if votes := votesWord(q.Weighting); votes != "" {
		who = "the " + votes + " of " + who
	}
	return fmt.Sprintf("%s of %s %s 10 and %s %s 0 to 2 on %s%s", format.Percent(*top.V/100, 1), who, score, format.Percent(*bottom.V/100, 1), score, q.Check, when)
}

func drawCheckBands(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	area := chart.Area{Head: head, Time: axis, Y: chart.Axis{Unit: "%"}, Classes: c.face.tones}
	for i, p := range c.Series[0].Points {
		stack := chart.Stack{T: p.T.Time, Values: make([]*float64, len(c.Series))}
		for j := range c.Series {
			stack.Values[j] = c.Series[j].Points[i].V
		}
		area.Points = append(area.Points, stack)
	}
	return area
}
