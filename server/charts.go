package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// The slugs of the charts.
const (
	slugCoverage     = "coverage"
	slugDistribution = "score-distribution"
	slugAdvisories   = "advisories-by-month"
	slugProjectScore = "project-score"
)

// slugs lists the charts in the order of the pages.
var slugs = []string{slugCoverage, slugDistribution, slugAdvisories, slugProjectScore}

// chartInput is what the charts are made of. What a chart does not need may be
// missing.
type chartInput struct {
	observations observation.Observations
	ledger       []observation.Break
	cohorts      map[observation.Cohort][]observation.CohortPoint
	advisories   observation.AdvisoryCounts
	project      string // normalised
	scores       []observation.ScorePoint
	simulated    bool
}

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

// build makes the chart of a slug.
func build(slug string, q query, in chartInput) Chart {
	switch slug {
	case slugCoverage:
		return buildCoverage(q, in)
	case slugDistribution:
		return buildDistribution(q, in)
	case slugAdvisories:
		return buildAdvisories(q, in)
	default:
		return buildProjectScore(q, in)
	}
}

func newChart(slug, unit string, q query, in chartInput) Chart {
	return Chart{Slug: slug, Unit: unit, Params: q.params(slug), Breaks: []Mark{}, Simulated: in.simulated}
}

// buildCoverage makes the chart of the share of a cohort that has a Scorecard
// result: one series for each cohort, the one asked for first.
func buildCoverage(q query, in chartInput) Chart {
	c := newChart(slugCoverage, "% of the projects of the cohort", q, in)
	if votes := votesWord(q.Weighting); votes != "" {
		c.Unit = "% of the " + votes + " of the cohort"
	}
	c.Through = Date{in.observations.Newest}
	all := in.series(compared(q.Cohort)...)
	dates := axis(all)
	for _, s := range all {
		c.Series = append(c.Series, Series{Name: string(s.cohort), Points: levels(s.on(dates, coverageOf), q)})
	}
	c.Sources = scoreSources(all[0].points)
	c.Breaks = append(marks(in.ledger, onCoverage, c.Series), sourceMarks(all[0].points, c.Series)...)
	sortMarks(c.Breaks)
	c.Title = coverageTitle(&c, q)
	return c
}

func coverageTitle(c *Chart, q query) string {
	p := c.Series[0].last()
	if p == nil {
		return "No coverage of the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	has, carry, when := "has", "carry", ""
	if p.on.Before(c.Through.Time) {
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

// buildDistribution makes the chart of the core aggregate's quantiles over the
// scored projects of a cohort.
func buildDistribution(q query, in chartInput) Chart {
	c := newChart(slugDistribution, "core aggregate, 0 to 10", q, in)
	c.Through = Date{in.observations.Newest}
	// The smallest cohort has a row for every date that has a rank list at all.
	all := in.series(q.Cohort, observation.CohortTop100)
	dates := axis(all)
	for _, qu := range quantiles {
		c.Series = append(c.Series, Series{Name: qu.name, Points: levels(all[0].on(dates, quantileOf(qu.of)), q)})
	}
	c.Sources = scoreSources(all[0].points)
	c.Breaks = append(marks(in.ledger, onScores, c.Series), sourceMarks(all[0].points, c.Series)...)
	sortMarks(c.Breaks)
	c.Title = distributionTitle(&c, q)
	return c
}

func distributionTitle(c *Chart, q query) string {
	low, mid, high := c.series("p25").last(), c.series("p50").last(), c.series("p75").last()
	if low == nil || mid == nil || high == nil {
		return "No score of the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	lie, is, when := "lie", "is", ""
	if mid.on.Before(c.Through.Time) {
		lie, is, when = "lay", "was", " on "+format.Date(mid.on)
	}
	lead := "Half of the scored " + cohortName(q.Cohort) + " " + lie
	if votes := votesWord(q.Weighting); votes != "" {
		lead = "By " + votes + ", half of the scored " + cohortName(q.Cohort) + " " + strings.Replace(lie, "lie", "lies", 1)
	}
	return fmt.Sprintf("%s between %s and %s of 10%s; the median %s %s", lead, format.Score(low.V), format.Score(high.V), when, is, format.Score(mid.V))
}

// series picks cohorts out of the input.
func (in chartInput) series(cohorts ...observation.Cohort) []cohortSeries {
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

// rangeWords says which range was asked for, at the end of a sentence.
func rangeWords(q query) string {
	switch {
	case q.From.IsZero() && q.To.IsZero():
		return "yet"
	case q.To.IsZero():
		return "from " + format.Date(q.From) + " on"
	case q.From.IsZero():
		return "up to " + format.Date(q.To)
	}
	return "from " + format.Date(q.From) + " to " + format.Date(q.To)
}

// severities are the series of the advisories chart. None and any word that is
// not one of ours appear only when there is such a group.
var severities = []string{"critical", "high", "medium", "low", "none", "unknown"}

// buildAdvisories makes the chart of advisory groups by month of disclosure:
// one series for each severity. A month without any is a true zero, because
// events are counted; a month before the cohort has a rank list is a gap.
func buildAdvisories(q query, in chartInput) Chart {
	c := newChart(slugAdvisories, "advisory groups", q, in)
	c.Through = Date{day(in.observations.Advisory)}
	c.Sources = []string{"OSV (PYSEC, GHSA)"}
	if q.Cohort != observation.CohortAll {
		c.Sources = append(c.Sources, "top-pypi-packages")
	}
	c.Apart = map[string]int{
		"year only": in.advisories.Year, "no date": in.advisories.Unknown,
		"malware": in.advisories.Malware, "withdrawn": in.advisories.Withdrawn,
	}
	names := shownSeverities(in.advisories.Months)
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
	if in.advisories.Lag90 > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("90 %% of the groups of the last two years were recorded within %s of their disclosure; younger months are still filling.", format.Plural(in.advisories.Lag90, "day", "days")))
	}
	return c
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
func countMonths(q query, in chartInput, names []string) []tally {
	known := in.advisories.Months
	through := in.observations.Advisory
	if through.IsZero() {
		return nil
	}
	byMonth := make(map[time.Time]map[string]int, len(known))
	for _, m := range known {
		byMonth[observation.ByMonth.Start(m.Month)] = m.Groups
	}
	listFrom := firstList(in.cohorts[q.Cohort]) // zero for all of PyPI
	first := listFrom
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
		if !listFrom.IsZero() && t.end.Before(listFrom) {
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

// firstList returns the date from which on a cohort by rank is known.
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
func fillingMarks(months []tally, by observation.Granularity, in chartInput) []Mark {
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
func (in chartInput) stillFilling(end time.Time) bool {
	return in.advisories.Lag90 > 0 && end.AddDate(0, 0, in.advisories.Lag90).After(in.observations.Advisory)
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

// buildProjectScore makes the chart of one project's history. Each source has
// series of its own, so that no line changes its source: core aggregate first,
// then the aggregate over all checks, and last the median of the top 1,000.
func buildProjectScore(q query, in chartInput) Chart {
	c := newChart(slugProjectScore, "score, 0 to 10", q, in)
	c.Params["project"] = in.project
	c.Through = Date{in.observations.Newest}
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
	if len(c.Series) > 0 {
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
	return c
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
	if end.on.Before(c.Through.Time) {
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

// segment returns the first point with a value of the newest stretch of s that
// no cut runs through, and the cut it begins at, nil when there is none.
func segment(c *Chart, s *Series) (*Point, *Mark) {
	var cut *Mark
	for i, m := range c.Breaks {
		if m.Kind == string(observation.BreakCut) && (m.Series == "" || m.Series == s.Name) && (cut == nil || m.T.After(cut.T.Time)) {
			if end := s.last(); end != nil && !m.T.After(end.on) {
				cut = &c.Breaks[i]
			}
		}
	}
	for i := range s.Points {
		p := &s.Points[i]
		if p.V != nil && (cut == nil || !p.on.Before(cut.T.Time)) {
			return p, cut
		}
	}
	return nil, cut
}
