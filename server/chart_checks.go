package server

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// minConclusive is how many conclusive projects a rate needs: among fewer, one
// project moves it by more than ten points.
const minConclusive = 10

// periodsOfRates are the periods of the rates of all checks: by quarter the
// number fits into its cell.
var periodsOfRates = []observation.Granularity{observation.ByQuarter, observation.ByMonth, observation.ByYear}

// checkInput is what the charts of checks are made of.
type checkInput struct {
	observations observation.Observations
	ledger       []observation.Break
	cohort       []observation.CohortPoint           // the dates of all points
	losses       map[string]string                   // why a check is left out of a date, by lossKey
	points       map[string][]observation.CheckPoint // by check, oldest first
}

// lossKey is the key of a loss of one check.
func lossKey(check string, on time.Time) string { return check + " " + isoDay(on) }

// checkInput asks for all checks of a cohort, all at the same time.
func (r *request) checkInput(ctx context.Context, q query) (checkInput, error) {
	in := checkInput{losses: map[string]string{}, points: map[string][]observation.CheckPoint{}}
	var points []observation.CheckPoint
	var found observation.Findings
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { in.observations, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { in.ledger, err = r.reader.Breaks(ctx); return err })
	g.Go(func() (err error) { found, err = r.reader.Findings(ctx); return err })
	g.Go(func() (err error) { in.cohort, err = r.reader.CohortPoints(ctx, q.Cohort, q.Weighting); return err })
	g.Go(func() (err error) {
		points, err = r.reader.CheckRates(ctx, q.Cohort, q.Weighting, observation.ByObservation)
		return err
	})
	if err := g.Wait(); err != nil {
		return in, err
	}
	for _, p := range points {
		in.points[p.Check] = append(in.points[p.Check], p)
	}
	for _, l := range found.Suspects {
		if l.State.LeftOut() {
			in.losses[lossKey(l.Check, l.Date)] = l.Reason
		}
	}
	return in, nil
}

// names lists the checks that have points, by risk and name.
func (in checkInput) names() []string {
	var names []string
	for name := range in.points {
		names = append(names, name)
	}
	sortByRisk(names)
	return names
}

// sortByRisk orders checks by risk, the highest first, and by name.
func sortByRisk(names []string) {
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(riskOrder, posture.Risk(a)), slices.Index(riskOrder, posture.Risk(b))), strings.Compare(a, b))
	})
}

// on lays a check's observations over the dates of its cohort. shown fills in
// what is drawn of an observation, or the reason why nothing is.
func (in checkInput) on(check string, shown func(observation.CheckPoint) Point) []Point {
	known := in.points[check]
	points := make([]Point, 0, len(in.cohort))
	i := 0
	for _, o := range in.cohort {
		for i < len(known) && known[i].Date.Before(o.Date) {
			i++
		}
		var p Point
		switch {
		case o.Unknown != "":
			p.Of, p.Reason = count(o.Size), o.Unknown
		case unasked(o) != "":
			p.Of, p.Reason = count(o.Size), unasked(o)
		case i == len(known) || !known[i].Date.Equal(o.Date):
			p.Of, p.Reason = count(o.Size), "no result of this date lists the check"
		default:
			p = shown(known[i])
			if known[i].Suspect {
				p.suspect, p.V, p.N, p.Of = p.V, nil, nil, nil
				p.Reason = "suspect observation, left out"
				if why := cmp.Or(in.losses[lossKey(check, o.Date)], o.Reason); why != "" {
					p.Reason += ": " + why
				}
			}
		}
		p.T, p.on = Date{o.Date}, o.Date
		points = append(points, p)
	}
	return points
}

// rateOf is what a rate shows of an observation, in percent: n is the
// conclusive projects, N the cohort.
func rateOf(o observation.CheckPoint) Point {
	switch {
	case o.N == 0 || o.Share == nil:
		return Point{Of: count(o.Size), Reason: "no conclusive score: " + withoutScore(o)}
	case o.N < minConclusive:
		return Point{Of: count(o.Size), Reason: fmt.Sprintf("%s conclusive, fewer than %d", format.Plural(o.N, "project is", "projects are"), minConclusive)}
	}
	return Point{V: value(100 * *o.Share), N: count(o.N), Of: count(o.Size)}
}

// withoutScore says why scored projects have no score of a check.
func withoutScore(o observation.CheckPoint) string {
	return fmt.Sprintf("%s inconclusive, %s not run", format.Count(o.Inconclusive), format.Count(o.NotRun))
}

// onCheck says what a line of the ledger does to the lines of one check.
func onCheck(check string) func(observation.Break) observation.BreakKind {
	return func(b observation.Break) observation.BreakKind {
		if b.Scope == "check" && b.Item == check && (b.Kind == observation.BreakCut || b.Kind == observation.BreakFlag) {
			return b.Kind
		}
		return ""
	}
}

// onChecks says what it does to the lines of every check: who is in the cohort
// and the source touch them.
func onChecks(b observation.Break) observation.BreakKind {
	if b.Scope == "list" || b.Scope == "source" && !aboutAdvisories(b) {
		return softened(b.Kind)
	}
	return ""
}

// checkBreaks returns the breaks of one check: those of its meaning, and where
// the source of its values changes.
func (in checkInput) checkBreaks(check string, series []Series) []Mark {
	sources := make([]observation.CohortPoint, 0, len(in.points[check]))
	for _, p := range in.points[check] {
		sources = append(sources, observation.CohortPoint{Date: p.Date, Source: p.Source, Suspect: p.Suspect})
	}
	return append(marks(in.ledger, onCheck(check), series), sourceMarks(sources, series)...)
}

const slugCheckRates = "check-rates"

var checkRatesChart = chartKind{
	slug: slugCheckRates, label: "Share of 8 or above of every check", anchor: "check-rate", home: "/checks", listed: true,
	accepts: accepts{params: []string{"cohort", "weighting", "from", "to", "by"}, by: periodsOfRates},
	read:    readCheckRates,
}

// readCheckRates asks for what the chart of all checks is made of.
func readCheckRates(ctx context.Context, r *request, q query) (Chart, error) {
	in, err := r.checkInput(ctx, q)
	if err != nil {
		return Chart{}, err
	}
	return buildCheckRates(q, in), nil
}

// buildCheckRates makes the chart of the share of 8 or above of every check, by
// risk and name.
func buildCheckRates(q query, in checkInput) Chart {
	c := Chart{Unit: "% " + ofConclusive(q.Weighting) + ", 8 or above", Through: Date{in.observations.Newest}, Sources: scoreSources(in.cohort)}
	for _, check := range in.names() {
		c.Series = append(c.Series, Series{Name: check, Points: levels(in.on(check, rateOf), q)})
	}
	c.Breaks = marks(in.ledger, onChecks, c.Series)
	for _, s := range c.Series {
		for _, m := range in.checkBreaks(s.Name, []Series{s}) {
			m.Series = s.Name
			c.Breaks = append(c.Breaks, m)
		}
	}
	c.Title = checkRatesTitle(&c, q)
	c.face = checkRatesFace(&c, q)
	return c
}

// ofConclusive names what a rate is a share of.
func ofConclusive(w observation.Weighting) string {
	if votes := votesWord(w); votes != "" {
		return "of the " + votes + " of the conclusive projects"
	}
	return "of the conclusive projects"
}

// checkRatesTitle counts the checks on which half or more score 8 or above, at
// the newest date that any has a value of. One whose last value is older, because
// it left the results or was left out, is not counted with the others.
func checkRatesTitle(c *Chart, q query) string {
	var on time.Time
	for i := range c.Series {
		if p := c.Series[i].last(); p != nil && p.on.After(on) {
			on = p.on
		}
	}
	if on.IsZero() {
		return "No rate of a check in the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	half, all := 0, 0
	for i := range c.Series {
		if p := c.Series[i].last(); p != nil && p.on.Equal(on) {
			all++
			if *p.V >= 50 {
				half++
			}
		}
	}
	verb, when := "score", ""
	if q.past(on, c) {
		verb, when = "scored", " on "+format.Date(on)
	}
	who := "the conclusive projects of the " + cohortName(q.Cohort)
	if votes := votesWord(q.Weighting); votes != "" {
		who += ", by " + votes + ","
	}
	return fmt.Sprintf("On %s, half or more of %s %s 8 or above%s", format.OfPlural(half, all, "check", "checks"), who, verb, when)
}

// lastOf returns the date of the newest point with a value, zero without one.
func lastOf(series []Series) time.Time {
	var newest time.Time
	for i := range series {
		if p := series[i].last(); p != nil && p.T.After(newest) {
			newest = p.T.Time
		}
	}
	return newest
}

func checkRatesFace(c *Chart, q query) face {
	return face{
		sub: []string{
			"Share of the conclusive projects with 8 or above, the last observation of each " + periodNoun(q.By) + ", " + cohortKind(q.Cohort) + weightWords(q.Weighting),
			"n = conclusive, at the right, of the cohort",
		},
		note: []string{
			"An ember bar: the meaning of the check or the source of its values changed there, and no change is stated across it.",
			fmt.Sprintf("A slash: not run, left out as an outage, or fewer than %d conclusive projects; the table gives the reason.", minConclusive),
			"Inconclusive projects are in no share.",
		},
		desc:  "A table of shares, a row for each check by risk and a column for each " + periodNoun(q.By) + ".",
		draw:  drawCheckRates,
		table: checkRatesTable,
	}
}

// weightWords say what counts in place of projects, at the end of a clause.
func weightWords(w observation.Weighting) string {
	switch w {
	case observation.WeightDownload:
		return "; each project counts by its downloads"
	case observation.WeightRepository:
		return "; projects of one repository share its vote"
	}
	return ""
}

// ratesTable is how many rows the table of all checks may have.
const ratesTable = 200

// checkRatesTable prints a row for every check and period, as the files do: a
// column for each would be wider than any screen.
func checkRatesTable(c *Chart) *part.Table {
	dates := tableDates(c)
	if len(dates) == 0 {
		return nil
	}
	t := &part.Table{Caption: c.Title, Columns: []part.Column{
		{Name: "Check"}, {Name: capitalise(periodNoun(c.query.By)), Num: true}, {Name: "Observed on", Num: true}, {Name: "8 or above", Num: true}, {Name: "Conclusive", Num: true}, {Name: "Breaks and gaps"},
	}}
	if most := ratesTable / len(c.Series); len(dates) > most {
		t.More = fmt.Sprintf("The newest %s of %s periods; the CSV has all.", format.Count(most), format.Count(len(dates)))
		dates = dates[len(dates)-most:]
	}
	for i := range c.Series {
		s := &c.Series[i]
		for j, p := range s.Points {
			if p.T.Before(dates[0]) {
				continue
			}
			row := []string{s.Name, periodText(p.T.Time, c.query.By), "–", "–", "–", rateNotes(c, s, j)}
			if p.V != nil {
				row[2], row[3], row[4] = isoDay(p.on), format.Percent(*p.V/100, 1), countOf(p)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func drawCheckRates(c *Chart, head chart.Head, _ chart.Time) chart.Spec {
	newest := lastOf(c.Series)
	// What came after the newest value is told by "data through".
	dates := slices.DeleteFunc(tableDates(c), func(d time.Time) bool { return d.After(newest) })
	h := chart.Heatmap{Head: head, NHead: "Conclusive n"}
	for _, d := range dates {
		h.Columns = append(h.Columns, chart.HeatColumn{T: d, Label: periodText(d, c.query.By)})
	}
	for i := range c.Series {
		s := &c.Series[i]
		row := chart.HeatRow{Group: posture.Risk(s.Name), Name: s.Name, Href: checkPath(s.Name), N: "none now"}
		if p := s.last(); p != nil && p.T.Equal(newest) {
			row.N = countOf(*p)
		}
		cells := make(map[time.Time]chart.HeatCell, len(s.Points))
		for j, p := range s.Points {
			cells[p.T.Time] = rateHeat(c, s, j, p)
		}
		for _, d := range dates {
			row.Cells = append(row.Cells, cells[d])
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}

// rateNotes says why a period has no value, and what cut the line of the check
// before it. The flags of the cohort are the same for all checks, and not told
// in each row.
func rateNotes(c *Chart, s *Series, i int) string {
	if p := s.Points[i]; p.V == nil {
		return "no value: " + p.Reason
	}
	var notes []string
	for _, m := range cutsBefore(c, s, i) {
		notes = append(notes, format.Date(m.T.Time)+": "+m.What)
	}
	return strings.Join(notes, " ")
}

// rateHeat is one cell of the heatmap.
func rateHeat(c *Chart, s *Series, i int, p Point) chart.HeatCell {
	period := periodText(p.T.Time, c.query.By)
	if p.V == nil {
		return chart.HeatCell{Title: period + ": " + p.Reason}
	}
	v := *p.V / 100
	return chart.HeatCell{
		V: &v, Text: fmt.Sprint(math.Round(*p.V)), Break: len(cutsBefore(c, s, i)) > 0,
		Title: fmt.Sprintf("%s: %s of %s conclusive, %s", period, format.Percent(v, 1), format.Count(*p.N), format.Date(p.on)),
	}
}

// cutsBefore returns the cuts between a value and the one before it.
func cutsBefore(c *Chart, s *Series, i int) []Mark {
	for j := i - 1; j >= 0; j-- {
		if s.Points[j].V == nil {
			continue
		}
		from, to := s.Points[j].on, s.Points[i].on
		return slices.DeleteFunc(slices.Clone(c.Breaks), func(m Mark) bool {
			return m.Kind != string(observation.BreakCut) || m.Series != "" && m.Series != s.Name || !m.T.After(from) || m.T.After(to)
		})
	}
	return nil
}
