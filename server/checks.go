package server

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/checks"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// checksReader is what the pages of the checks ask of the store.
type checksReader interface {
	// CheckRates returns every observation of every check in one cohort, by check and oldest first.
	CheckRates(ctx context.Context, c observation.Cohort, w observation.Weighting, by observation.Granularity) ([]observation.CheckPoint, error)
	// CheckReasons returns the commonest reasons that the API gives for each check in one cohort.
	CheckReasons(ctx context.Context, c observation.Cohort) ([]observation.CheckReason, error)
	// CheckProjects returns one page of the projects of a cohort by their score of one check.
	CheckProjects(ctx context.Context, q observation.CheckProjectsQuery) (observation.CheckProjects, error)
	// Funnel returns the coverage funnel of one cohort, oldest first.
	Funnel(ctx context.Context, c observation.Cohort, w observation.Weighting, by observation.Granularity) ([]observation.FunnelPoint, error)
}

// checkPath is the address of a check's page.
func checkPath(name string) string { return "/checks/" + url.PathEscape(name) }

// The orders of the table of checks. By rate, the highest comes first.
const (
	checksByName = "name"
	checksByRate = "rate"
)

var checkSorts = []string{"risk", checksByName, checksByRate}

// checks is the page of all checks. What cannot be read is told where it would
// stand; the rest of the page stands.
func (s *Server) checks(r *request) (ui.Page, error) {
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return nil, err
	}
	p := checks.Page{
		Frame: s.pageFrame(r, layout.NavChecks, "Checks",
			"Scorecard's checks in the most downloaded Python projects: how many score 8 or above, over time, and of how many that is known."),
		Heading: "Scorecard's checks in the " + cohortName(r.Cohort),
		Lede:    "Coverage before averages: first who can be judged at all, then the share of the conclusive projects with 8 or above, never without its n.",
		Filter:  filterFor(r, "/checks", o),
		Links: []part.Link{
			{Text: "CSV", Href: "/data/rollup_checks.csv", Label: "CSV of all checks, cohorts and dates"},
			{Text: "Definition", Href: "/methods#check-rate", Label: "Definition of the rate of a check"},
		},
	}
	p.Fresh = s.fresh(r.now, o)
	p.Funnel = s.funnel(r, &p)
	in, err := r.checkInput(r.ctx, r.query)
	if err != nil {
		p.Rates = s.unreadable(r, slugCheckRates, r.query, err)
		p.Table, p.State = "The checks", notRead()
		return p, nil
	}
	p.Rates = s.figure(r, slugCheckRates, r.query)
	p.Source = strings.Join(scoreSources(in.cohort), ", ")
	s.checksTable(r, &p, in)
	return p, nil
}

// funnel is the figure of the coverage funnel, and puts its last number into
// the heading.
func (s *Server) funnel(r *request, p *checks.Page) figure.Figure {
	q := r.query
	q.By = observation.ByObservation
	c, err := r.chart(r.ctx, slugFunnel, q)
	if err != nil {
		return s.unreadable(r, slugFunnel, q, err)
	}
	if last := c.series(seriesScored).last(); last != nil {
		can, when := "can", ""
		if q.past(last.on, &c) {
			can, when = "could", " on "+format.Date(last.on)
		}
		p.Heading = fmt.Sprintf("Scorecard's checks %s judge %s of the %s%s", can, format.Count(*last.N), cohortProjects(r.Cohort, *last.Of), when)
	}
	return s.figureOf(r, &c, false)
}

// checkNow is the newest accepted observation of one check in the range.
type checkNow struct {
	name string
	observation.CheckPoint
	known bool
}

// checksNow returns the newest observation of every check, in the order asked for.
func checksNow(q query, in checkInput) []checkNow {
	names := in.names()
	for _, name := range posture.Known() {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	sortByRisk(names)
	var out []checkNow
	for _, name := range names {
		o, known := newestScores(q, in, name)
		out = append(out, checkNow{name, o, known})
	}
	switch q.Sort {
	case checksByName:
		slices.SortFunc(out, func(a, b checkNow) int { return strings.Compare(a.name, b.name) })
	case checksByRate:
		share := func(c checkNow) float64 {
			if v := rateOf(c.CheckPoint).V; c.known && v != nil {
				return *v
			}
			return -1
		}
		slices.SortStableFunc(out, func(a, b checkNow) int { return cmp.Compare(share(b), share(a)) })
	}
	return out
}

// checksTable fills in the table: what is known of each check now.
func (s *Server) checksTable(r *request, p *checks.Page, in checkInput) {
	rows := checksNow(r.query, in)
	var on time.Time
	for _, c := range rows {
		if c.known && c.Date.After(on) {
			on = c.Date
		}
	}
	if on.IsZero() {
		p.Table = "The checks"
		p.State = &part.State{Lead: "Nothing is known " + rangeWords(r.query) + ".", Text: "No observation of the " + cohortName(r.Cohort) + " lists a check."}
		if loading := loadingText(s.Activity(), scoreCollectors...); loading != "" {
			p.State = &part.State{Lead: "Not here yet.", Text: loading}
		}
		return
	}
	changes, err := r.season(r.ctx, r.Cohort)
	if err != nil {
		s.unread(r, "changes of checks", err)
		changes = nil
	}
	p.Table = "Check by check on " + format.Date(on)
	p.Sub = capitalise(cohortKind(r.Cohort)) + weightWords(r.Weighting) + ". n is the conclusive projects of the cohort; the inconclusive and those for which the check was not run are counted apart, in projects."
	p.Columns = checkColumns(r)
	for _, c := range rows {
		p.Rows = append(p.Rows, checkRow(c, on, r.query, changes))
	}
	p.Note = changesNote(changes, r.query, on)
}

func checkColumns(r *request) []checks.Column {
	columns := []checks.Column{{Name: "Check"}, {Name: "Risk, weight"}, {Name: "8 or above", Num: true}, {Name: "0 to 100 %"}, {Name: "n", Num: true},
		{Name: "Inconclusive", Num: true}, {Name: "Not run", Num: true}, {Name: "Mean", Num: true}, {Name: "Crossed 8, matched projects"}}
	for i, sort := range map[int]string{0: checksByName, 1: checkSorts[0], 2: checksByRate} {
		q := r.query
		q.Sort = sort
		columns[i].Href = q.link("/checks", "/checks") + "#table"
		if sort == r.Sort {
			columns[i].Sorted = "ascending"
			if sort != checksByName {
				columns[i].Sorted = "descending"
			}
		}
	}
	return columns
}

func checkRow(c checkNow, on time.Time, q query, changes []observation.Change) checks.Row {
	row := checks.Row{Name: part.Link{Text: c.name, Href: q.link(checkPath(c.name), "/checks/:name")}, Risk: riskWords(c.name)}
	if posture.IsCore(c.name) {
		row.Core = "core"
	}
	if !c.known {
		row.Why, row.Inconclusive, row.NotRun, row.Mean = "in no result here", "–", "–", "–"
		return row
	}
	row.Inconclusive, row.NotRun, row.Mean = format.Count(c.Inconclusive), format.Count(c.NotRun), "–"
	if !c.Date.Equal(on) {
		row.Stamp = "last on " + format.Date(c.Date)
	}
	p := rateOf(c.CheckPoint)
	if p.V == nil {
		row.Why = p.Reason
		return row
	}
	row.Share, row.Of, row.Mean = format.Percent(*p.V/100, 1), format.Of(c.N, c.Size), format.Score(c.Mean)
	row.Bar = chart.ScoreBar(*p.V / 10)
	if change := changeOf(c.name, changes, q, on); change != nil {
		row.Change = fmt.Sprintf("%s\u00a0rose, %s\u00a0fell of\u00a0%s", format.Count(change.Rose), format.Count(change.Fell), format.Count(change.Matched))
	}
	return row
}

// riskWords are the risk and the weight of a check: "High, 7.5".
func riskWords(name string) string {
	weight, _ := posture.Weight(name)
	return posture.Risk(name) + ", " + strings.TrimSuffix(format.Number(weight, 1), ".0")
}

// changeOf returns the change of a check over matched projects, nil where none
// is stated: it is of projects, and between the last two observations.
func changeOf(name string, changes []observation.Change, q query, on time.Time) *observation.Change {
	for i, c := range changes {
		if c.What == "check" && c.Item == name && c.Matched > 0 && c.To.Equal(on) && q.Weighting == observation.WeightPackage {
			return &changes[i]
		}
	}
	return nil
}

// changesNote says between which dates the changes are.
func changesNote(changes []observation.Change, q query, on time.Time) string {
	for _, c := range changes {
		if changeOf(c.Item, changes, q, on) != nil {
			return fmt.Sprintf("Crossed 8: from %s to %s, within one segment, over the projects in the cohort and conclusive at both. Where nothing stands, no change can be stated or nothing crossed.",
				format.Date(c.From), format.Date(c.To))
		}
	}
	return ""
}

// checkNames lists the checks that have a page: those that are known, and those
// that results have listed.
func (r *request) checkNames() ([]string, error) {
	names := posture.Known()
	points, err := r.reader.CheckRates(r.ctx, r.Cohort, r.Weighting, observation.ByObservation)
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		if !slices.Contains(names, p.Check) {
			names = append(names, p.Check)
		}
	}
	slices.Sort(names)
	return names, nil
}

// scoreText prints a score of a check.
func scoreText(score *int) string {
	if score == nil {
		return ""
	}
	return strconv.Itoa(*score)
}
