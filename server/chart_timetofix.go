package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

const slugTimeToFix = "time-to-fix"

var timeToFixChart = chartKind{
	slug: slugTimeToFix, label: "Time from disclosure to fix", anchor: "time-to-fix", home: "/advisories", listed: true,
	collectors: []string{"osv", "pypi"},
	accepts:    accepts{params: []string{"cohort", "severity"}, cohorts: ranked | allOfPyPI},
	read:       readTimeToFix,
}

// anySeverity stands for all severities together.
const anySeverity = "any"

// fewPairs is the number of pairs below which a curve is said to be of few.
const fewPairs = 30

// readTimeToFix asks for what the chart of time to fix is made of.
func readTimeToFix(ctx context.Context, r *request, q query) (Chart, error) {
	var all, one observation.TimeToFix
	var o observation.Observations
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { o, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { all, err = r.reader.TimeToFix(ctx, q.Cohort, anySeverity); return err })
	if q.Severity != "" {
		g.Go(func() (err error) { one, err = r.reader.TimeToFix(ctx, q.Cohort, q.Severity); return err })
	}
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	fixes := []observation.TimeToFix{all}
	if q.Severity != "" {
		fixes = []observation.TimeToFix{one, all}
	}
	return buildTimeToFix(q, o, fixes), nil
}

// buildTimeToFix makes the survival curve of flaws: the share without a fixed
// release so many days after disclosure. The first of fixes is what was asked
// for, another one stands beside it. A point is a day on which something
// happened; its n are the pairs at risk when the day began.
func buildTimeToFix(q query, o observation.Observations, fixes []observation.TimeToFix) Chart {
	c := Chart{
		Unit: "% without a fixed release", Axis: "days since disclosure", Through: Date{day(o.Advisory)},
		Sources: []string{"OSV (PYSEC, GHSA)", "PyPI Index API"},
	}
	if q.Cohort != observation.CohortAll {
		c.Sources = append(c.Sources, "top-pypi-packages")
	}
	main := fixes[0]
	followed := main.Fixed + main.Unfixed
	c.Apart = map[string]int{"fixed before disclosure": main.Before, "no date": main.Undated, "releases unseen": main.Unseen}
	for _, f := range fixes {
		s := Series{Name: f.Severity}
		for _, d := range f.Days {
			at := Date{time.Unix(0, 0).UTC().AddDate(0, 0, d.Day)}
			s.Points = append(s.Points, Point{T: at, on: at.Time, days: count(d.Day), V: value(100 * d.Unfixed), N: count(d.AtRisk), Of: count(f.Fixed + f.Unfixed)})
		}
		if len(s.Points) > 0 {
			c.Series = append(c.Series, s)
		}
	}
	c.Title = timeToFixTitle(q, main)
	c.face = face{
		sub: []string{
			"Pairs of a flaw and a project " + cohortOfPairs(q.Cohort) + ", followed from a disclosure known to the day: share without a fixed release, by Kaplan and Meier",
			fmt.Sprintf("n = %s, of which %s fixed and %s unfixed when their releases were last seen (censored)", format.Plural(followed, "pair", "pairs"), format.Count(main.Fixed), format.Count(main.Unfixed)),
		},
		apart: timeToFixApart(main),
		note: []string{
			"Ticks: last seen unfixed. The band is one standard error either way.",
			"A project counts as seen until its files last changed, so that quiet projects leave early: beyond the first months the curve is of the busier ones, and shows faster fixes than there are.",
		},
		desc:  fmt.Sprintf("Steps from 100 %% down to %s.", lastShare(main)),
		draw:  func(_ *Chart, head chart.Head, _ chart.Time) chart.Spec { return curvesOf(head, fixes) },
		table: timeToFixTable,
	}
	if 0 < followed && followed < fewPairs {
		c.face.note = append(c.face.note, "These are few pairs: each step is one or two of them.")
	}
	if main.Unseen > 0 && followed == 0 {
		c.face.empty = &part.State{Lead: "No pair can be followed.", Text: timeToFixApart(main), Link: part.Link{Text: "Status of the sources", Href: "/status"}}
	}
	return c
}

// cohortOfPairs says which projects are followed.
func cohortOfPairs(c observation.Cohort) string {
	if c == observation.CohortAll {
		return "on PyPI"
	}
	return "of the " + cohortName(c) + " of its time"
}

func severityName(severity string) string {
	if severity == anySeverity {
		return "All severities"
	}
	return capitalise(severity)
}

func timeToFixTitle(q query, f observation.TimeToFix) string {
	flaws := "flaws"
	if f.Severity != anySeverity {
		flaws = f.Severity + " flaws"
		if f.Severity == "unknown" || f.Severity == "none" {
			flaws = "flaws of severity " + f.Severity
		}
	}
	where := "the " + cohortName(q.Cohort)
	if q.Cohort == observation.CohortAll {
		where = "all of PyPI"
	}
	n := f.Fixed + f.Unfixed
	// The median is that of the curve, which estimates what censoring hides; and
	// few flaws have a date of disclosure and known releases, so the pairs lead.
	pairs := "Of " + format.Plural(n, "pair", "pairs") + " of " + flaws + " and their projects in " + where
	switch {
	case n == 0:
		return fmt.Sprintf("The time to fix of %s in %s cannot be followed yet", flaws, where)
	case f.Median == nil:
		return pairs + ", more than an estimated half stayed without a fixed release as long as they were followed"
	case *f.Median == 0:
		return pairs + ", an estimated half or more had a fixed release on the day of disclosure"
	}
	return fmt.Sprintf("%s, an estimated half had a fixed release within %s of disclosure", pairs, format.Plural(*f.Median, "day", "days"))
}

// timeToFixApart says in words which pairs lie outside the curve.
func timeToFixApart(f observation.TimeToFix) string {
	dated := f.Before + f.Fixed + f.Unfixed
	share := ""
	if dated > 0 {
		share = fmt.Sprintf(", %s of the %s whose outcome has a date", format.Percent(float64(f.Before)/float64(dated), 0), format.Count(dated))
	}
	return fmt.Sprintf("%s fixed before disclosure%s; %s without a date of a fix, the latest release not known to be affected; %s of projects whose releases have not been read since the disclosure.",
		capitalise(format.Plural(f.Before, "pair", "pairs")), share, format.Count(f.Undated), format.Count(f.Unseen))
}

func lastShare(f observation.TimeToFix) string {
	if n := len(f.Days); n > 0 {
		return format.Percent(f.Days[n-1].Unfixed, 0)
	}
	return format.Unknown
}

// curvesOf draws the curves. Each begins with everything unfixed.
func curvesOf(head chart.Head, fixes []observation.TimeToFix) chart.Spec {
	out := chart.Curves{Head: head, X: chart.Axis{Unit: "days"}, Y: chart.Axis{Unit: "%", Zero: true, Max: 100}}
	for i, f := range fixes {
		curve := chart.Curve{Name: severityName(f.Severity), Label: "median not reached", Main: i == 0, Steps: []chart.Step{{X: 0, V: 100}}}
		if f.Median != nil {
			curve.Label = "median " + format.Plural(*f.Median, "day", "days")
		}
		for _, d := range f.Days {
			step := chart.Step{X: d.Day, V: 100 * d.Unfixed, Censored: d.Censored}
			if d.StdErr != nil {
				low, high := 100*max(0, d.Unfixed-*d.StdErr), 100*min(1, d.Unfixed+*d.StdErr)
				step.Low, step.High = &low, &high
			}
			curve.Steps = append(curve.Steps, step)
		}
		if len(f.Days) > 0 {
			out.Series = append(out.Series, curve)
		}
	}
	return out
}

// timeToFixTable prints the days of the first curve.
func timeToFixTable(c *Chart) *part.Table {
	if len(c.Series) == 0 {
		return nil
	}
	t := &part.Table{Caption: c.Title, Columns: []part.Column{{Name: "Days since disclosure"}, {Name: "Without a fixed release", Num: true}, {Name: "Pairs at risk", Num: true}}}
	for _, p := range c.Series[0].Points {
		t.Rows = append(t.Rows, []string{p.t(), format.Percent(*p.V/100, 1), format.Of(*p.N, *p.Of)})
	}
	if n := len(t.Rows); n > longTable {
		t.Rows = t.Rows[:longTable]
		t.More = fmt.Sprintf("The first %s of %s rows; the CSV has all.", format.Count(longTable), format.Count(n))
	}
	if len(c.Series) > 1 {
		t.More = strings.TrimSpace(t.More + " All severities together are in the CSV.")
	}
	return t
}
