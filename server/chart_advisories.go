package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"golang.org/x/sync/errgroup"
)

// severities are the series of the advisories chart. None and any word that is
// not one of ours appear only when there is such a group.
var severities = []string{"critical", "high", "medium", "low", "none", "unknown"}

const slugAdvisories = "advisories-by-month"

var advisoriesChart = chartKind{
	slug: slugAdvisories, label: "Advisories by month and severity", anchor: "disclosure", listed: true,
	collectors: []string{"osv"},
	accepts:    accepts{params: []string{"cohort", "from", "to", "by"}, by: periodsOfMonths, cohorts: ranked | allOfPyPI},
	read:       readAdvisories,
}

// advisoryInput is what the chart of advisories is made of.
type advisoryInput struct {
	observations observation.Observations
	ledger       []observation.Break
	counts       observation.AdvisoryCounts
	listFrom     time.Time // from when on the cohort by rank is known; zero for all of PyPI
}

// readAdvisories asks for what the chart of advisories is made of.
func readAdvisories(ctx context.Context, r *request, q query) (Chart, error) {
	var in advisoryInput
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { in.observations, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { in.ledger, err = r.reader.Breaks(ctx); return err })
	g.Go(func() (err error) { in.counts, err = r.reader.Advisories(ctx, q.Cohort); return err })
	g.Go(func() (err error) { in.listFrom, err = r.listFrom(ctx, q.Cohort); return err })
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	return buildAdvisories(q, in), nil
}

// buildAdvisories makes the chart of advisory groups by month of disclosure:
// one series for each severity. A month without any is a true zero, because
// events are counted; a month before the cohort has a rank list is a gap.
func buildAdvisories(q query, in advisoryInput) Chart {
	c := groupsChart(q, in)
	c.Apart = map[string]int{
		"year only": in.counts.Year, "no date": in.counts.Unknown,
		"malware": in.counts.Malware, "withdrawn": in.counts.Withdrawn,
	}
	names := shownSeverities(in.counts.Months)
	months := countMonths(q, in, names)
	if q.By == observation.ByYear {
		months = sumYears(months)
	}
	for i, name := range names {
		s := Series{Name: name, Points: make([]Point, len(months))}
		for j, m := range months {
			s.Points[j] = m.point(i)
		}
		c.Series = append(c.Series, s)
	}
	c.Breaks = append(marks(in.ledger, onAdvisories(q.Cohort), c.Series), fillingMarks(months, q.By, in)...)
	sortMarks(c.Breaks)
	c.Title = advisoriesTitle(&c, q, months)
	if in.counts.Lag90 > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("90 %% of the groups of the last two years were recorded within %s of their disclosure; younger months are still filling.", format.Plural(in.counts.Lag90, "day", "days")))
	}
	c.face = advisoriesFace(&c, q, in)
	return c
}

func advisoriesFace(c *Chart, q query, in advisoryInput) face {
	where := "projects in the " + cohortName(q.Cohort)
	if q.Cohort == observation.CohortAll {
		where = "all PyPI projects"
	}
	f := face{
		sub: []string{
			"Advisory groups by " + periodNoun(q.By) + " of disclosure, " + where + ", aliases merged",
			fmt.Sprintf("n = %s, those dated to the day%s", format.OfPlural(in.counts.Day, in.counts.Day+in.counts.Year+in.counts.Unknown, "group", "groups"), allDates(q)),
		},
		apart:  advisoriesApart(c, q),
		desc:   "Bars stacked by severity, one a " + periodNoun(q.By) + "," + drawnSpan(c) + ".",
		draw:   func(c *Chart, head chart.Head, _ chart.Time) chart.Spec { return barsOf(c, head, q) },
		tones:  severityTones(c),
		events: true,
		cell:   func(p Point) string { return format.Count(*p.N) },
		last:   "All",
		lastOf: func(p Point) string { return format.Count(*p.Of) },
	}
	if slices.ContainsFunc(c.Breaks, func(m Mark) bool { return m.Kind == markPartial }) {
		f.through = ", so the last " + periodNoun(q.By) + " is not whole"
	}
	if slices.ContainsFunc(c.Breaks, func(m Mark) bool { return m.Kind == markFilling || m.Kind == markPartial }) {
		f.note = append(f.note, "Hatched: later data still changes these counts.")
	}
	f.note = append(f.note, c.Notes...)
	if s := c.Series; len(s) > 0 && len(s[0].Points) > narrowAfter {
		f.note = append(f.note, "Narrow screens show "+format.Month(s[0].Points[len(s[0].Points)-narrowBars].T.Time)+" on.")
	}
	f.note = append(f.note, "Unknown means that no vector or word was published. The records do not tell more flaws from fuller recording.")
	for _, m := range c.Breaks {
		if m.Kind == string(observation.BreakFlag) {
			f.note = append(f.note, format.Date(m.T.Time)+": "+m.What)
		}
	}
	return f
}

// advisoriesApart counts what has no place on the time axis.
func advisoriesApart(c *Chart, q query) string {
	if c.Through.IsZero() {
		return ""
	}
	in := ""
	if q.Cohort != observation.CohortAll {
		in = " (counted when their project was in the cohort on the first day of that year)"
	}
	return fmt.Sprintf("%s known only to the year of their CVE%s, %s without any date, %s, %s withdrawn.",
		format.Plural(c.Apart["year only"], "group", "groups"), in, format.Count(c.Apart["no date"]),
		format.Plural(c.Apart["malware"], "malware report", "malware reports"), format.Count(c.Apart["withdrawn"])+allDates(q))
}

// allDates says of counts that know no range that they do not follow the one that
// is chosen.
func allDates(q query) string {
	if q.From.IsZero() && q.To.IsZero() {
		return ""
	}
	return ", in the range and outside of it"
}

func barsOf(c *Chart, head chart.Head, q query) chart.Bars {
	bars := chart.Bars{Head: head, Classes: c.face.tones, By: string(q.By), FillingText: "still filling", NarrowFilling: "filling"}
	filling := func(t time.Time) bool {
		return slices.ContainsFunc(c.Breaks, func(m Mark) bool {
			return (m.Kind == markFilling || m.Kind == markPartial) && !t.Before(m.T.Time) && !t.After(m.Until.Time)
		})
	}
	for i, p := range c.Series[0].Points {
		if p.V == nil { // a month of which nothing is known: no bar and no zero, but its place once there are bars
			if len(bars.Months) > 0 {
				bars.Months = append(bars.Months, chart.Month{T: p.T.Time})
			}
			continue
		}
		month := chart.Month{T: p.T.Time, Filling: filling(p.T.Time)}
		for _, s := range c.Series {
			month.Values = append(month.Values, *s.Points[i].N)
		}
		bars.Months = append(bars.Months, month)
	}
	if n := len(bars.Months); n > narrowAfter {
		bars.NarrowFrom = bars.Months[n-narrowBars].T
	}
	return bars
}

// severityTones names series of severities with their tones.
func severityTones(c *Chart) []chart.Class {
	tones := map[string]chart.Tone{
		"critical": chart.ToneCritical, "high": chart.ToneHigh, "medium": chart.ToneMedium, "low": chart.ToneLow,
		"none": chart.ToneUnknown, "unknown": chart.ToneUnknown,
	}
	var out []chart.Class
	for _, s := range c.Series {
		out = append(out, chart.Class{Name: capitalise(s.Name), Tone: tones[s.Name]})
	}
	return out
}

// tally is the groups of one month or year by severity; counts is nil for a gap.
type tally struct {
	start   time.Time
	end     time.Time // last day
	counts  []int
	reason  string
	partial string // why it does not cover the whole period, "" when it does
}

func (t tally) total() int {
	n := 0
	for _, c := range t.counts {
		n += c
	}
	return n
}

func (t tally) point(i int) Point {
	p := Point{T: Date{t.start}, on: t.end, Reason: t.reason}
	if t.counts != nil {
		v := float64(t.counts[i])
		p.V, p.N, p.Of = &v, count(t.counts[i]), count(t.total())
	}
	return p
}

func shownSeverities(months []observation.AdvisoryMonth) []string {
	return slices.DeleteFunc(slices.Clone(severities), func(name string) bool {
		return name == "none" && !slices.ContainsFunc(months, func(m observation.AdvisoryMonth) bool { return m.Groups[name] > 0 })
	})
}

// countMonths returns every month of the range, oldest first: from the first
// that can be known (or was asked for) to the month the data runs through.
func countMonths(q query, in advisoryInput, names []string) []tally {
	known := in.counts.Months
	through := in.observations.Advisory
	if through.IsZero() {
		return nil
	}
	byMonth := make(map[time.Time]map[string]int, len(known))
	for _, m := range known {
		byMonth[observation.ByMonth.Start(m.Month)] = m.Groups
	}
	first := in.listFrom
	if first.IsZero() && len(known) > 0 {
		first = known[0].Month
	}
	if !q.From.IsZero() {
		first = q.From
	}
	last := observation.ByMonth.Start(through)
	if !q.To.IsZero() && q.To.Before(last) {
		last = observation.ByMonth.Start(q.To)
	}
	if first.IsZero() {
		return nil
	}
	var out []tally
	for m := observation.ByMonth.Start(first); !m.After(last); m = observation.ByMonth.Next(m) {
		t := tally{start: m, end: observation.ByMonth.Next(m).AddDate(0, 0, -1)}
		if !in.listFrom.IsZero() && t.end.Before(in.listFrom) {
			t.reason = "before the first rank list that holds " + format.Count(q.Cohort.Size()) + " projects"
		} else {
			t.counts = sortSeverities(byMonth[m], names)
			if day(through).Before(t.end) {
				t.partial = "data through " + format.Date(through)
			}
		}
		out = append(out, t)
	}
	return out
}

// sortSeverities orders counts as names; words that are not ours count as unknown.
func sortSeverities(groups map[string]int, names []string) []int {
	counts := make([]int, len(names))
	for word, n := range groups {
		i := slices.Index(names, word)
		if i < 0 {
			i = len(names) - 1
		}
		counts[i] += n
	}
	return counts
}

// groupsChart begins a chart of advisory groups.
func groupsChart(q query, in advisoryInput) Chart {
	c := Chart{Unit: "advisory groups", Through: Date{day(in.observations.Advisory)}, Sources: []string{"OSV (PYSEC, GHSA)"}}
	if q.Cohort != observation.CohortAll {
		c.Sources = append(c.Sources, "top-pypi-packages")
	}
	return c
}

// listFrom returns the date from which on a cohort by rank is known, zero for all
// of PyPI.
func (r *request) listFrom(ctx context.Context, c observation.Cohort) (time.Time, error) {
	if c == observation.CohortAll {
		return time.Time{}, nil
	}
	points, err := r.reader.CohortPoints(ctx, c, observation.WeightPackage)
	return firstList(points), err
}

// firstList returns the date from which on a cohort by rank is known, zero when
// nothing is known of it.
func firstList(points []observation.CohortPoint) time.Time {
	if len(points) == 0 {
		return time.Time{}
	}
	if !points[0].ListOn.IsZero() {
		return points[0].ListOn
	}
	return points[0].Date
}

// sumYears adds months up to years. A year of which a month is missing is
// partial; one of which all are missing is a gap.
func sumYears(months []tally) []tally {
	var out []tally
	for _, m := range months {
		start := observation.ByYear.Start(m.start)
		if len(out) == 0 || !out[len(out)-1].start.Equal(start) {
			out = append(out, tally{start: start, end: observation.ByYear.Next(start).AddDate(0, 0, -1), reason: m.reason})
			if m.start.Month() != time.January {
				out[len(out)-1].partial = "from " + format.Month(m.start)
			}
		}
		y := &out[len(out)-1]
		if m.counts == nil {
			continue
		}
		if y.counts == nil {
			y.counts = make([]int, len(m.counts))
			if y.reason != "" {
				y.partial, y.reason = "from "+format.Month(m.start), ""
			}
		}
		for i, n := range m.counts {
			y.counts[i] += n
		}
		if m.partial != "" {
			y.partial = strings.TrimPrefix(y.partial+", "+m.partial, ", ")
		}
	}
	if n := len(out); n > 0 && out[n-1].counts != nil && out[n-1].partial == "" {
		if last := months[len(months)-1]; last.start.Month() != time.December {
			out[n-1].partial = "through " + format.Month(last.start)
		}
	}
	return out
}

// fillingMarks marks the periods that later data changes: those that are not
// over yet, and those younger than the time in which 90 % of records arrive.
func fillingMarks(months []tally, by observation.Granularity, in advisoryInput) []Mark {
	var out []Mark
	var filling *Mark
	for _, m := range months {
		if m.counts == nil {
			continue
		}
		if m.partial != "" {
			out = append(out, Mark{T: Date{m.start}, Until: &Date{m.end}, Kind: markPartial, What: "not a whole " + periodNoun(by) + ": " + m.partial})
		}
		if in.stillFilling(m.end) {
			if filling == nil {
				filling = &Mark{T: Date{m.start}, Kind: markFilling, What: "still filling: later arrivals change these counts"}
			}
			filling.Until = &Date{m.end}
		}
	}
	if filling != nil {
		out = append(out, *filling)
	}
	return out
}

// stillFilling reports whether records of a period that ended on day may still
// be under way.
func (in advisoryInput) stillFilling(end time.Time) bool {
	return in.counts.Lag90 > 0 && end.AddDate(0, 0, in.counts.Lag90).After(in.observations.Advisory)
}

func advisoriesTitle(c *Chart, q query, tallies []tally) string {
	const most = 12 // months named in the title
	where := "in the " + cohortName(q.Cohort)
	if q.Cohort == observation.CohortAll {
		where = "in all of PyPI"
	}
	name := format.Month
	if q.By == observation.ByYear {
		name = func(t time.Time) string { return strconv.Itoa(t.Year()) }
	}
	var whole []tally
	var part *tally
	for i, t := range tallies {
		switch {
		case t.counts == nil:
		case t.partial == "":
			whole = append(whole, t)
		default:
			part = &tallies[i]
		}
	}
	said := func(n int) string { return format.Plural(n, "advisory", "advisories") + " dated to the day" }
	switch {
	case len(whole) == 0 && part == nil:
		return "No month of advisories " + where + " is known " + rangeWords(q)
	case len(whole) == 0:
		return fmt.Sprintf("%s so far in %s, %s", capitalise(said(part.total())), name(part.start), where)
	}
	if q.By == observation.ByYear {
		whole = whole[len(whole)-1:]
	}
	whole = whole[max(0, len(whole)-most):]
	n := 0
	for _, t := range whole {
		n += t.total()
	}
	first, last := whole[0].start, whole[len(whole)-1].start
	if len(whole) == 1 {
		return fmt.Sprintf("%s %s, disclosed in %s", said(n), where, name(last))
	}
	return fmt.Sprintf("%s %s, disclosed in the %d months to %s", said(n), where, monthsBetween(first, last)+1, name(last))
}

func monthsBetween(a, b time.Time) int {
	return (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
}
