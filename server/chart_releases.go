package server

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// The slugs of the charts of releases.
const (
	slugReleases = "releases-by-month"
	slugYanks    = "yanks-by-month"
	slugDormancy = "dormancy"
	slugPython   = "python-support"
)

// releasesParams are the parameters of the charts of releases.
var releasesParams = accepts{params: []string{"cohort", "from", "to"}, by: onlyMonths}

var releasesChart = chartKind{
	slug: slugReleases, label: "Releases by month", anchor: "releases", home: "/releases", listed: true,
	collectors: []string{"pypi"},
	accepts:    releasesParams,
	touches:    func(query) []string { return []string{"accept no new files"} },
	read:       readReleases,
}

var yanksChart = chartKind{
	slug: slugYanks, label: "Yanked releases by month", anchor: "yanked", home: "/releases", listed: true,
	collectors: []string{"pypi"},
	accepts:    releasesParams,
	read:       readYanks,
}

// releasesInput is what the charts of the releases of a cohort are made of.
type releasesInput struct {
	months  []monthly
	ledger  []observation.Break
	through time.Time
}

// monthly is one month of a cohort's releases. Without a point it is a gap.
type monthly struct {
	start, end time.Time // first and last day
	point      *observation.ReleasesPoint
	reason     string // of the gap
}

func (m monthly) partial() bool { return m.point != nil && m.point.Through.Before(m.end) }

// releases asks for what the charts of the releases of a cohort are made of, cut
// to the range of q.
func (r *request) releases(ctx context.Context, q query) (releasesInput, error) {
	var in releasesInput
	var points []observation.ReleasesPoint
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { in.ledger, err = r.reader.Breaks(ctx); return err })
	g.Go(func() (err error) { points, err = r.reader.ReleaseMonths(ctx, q.Cohort); return err })
	if err := g.Wait(); err != nil {
		return in, err
	}
	if n := len(points); n > 0 {
		in.through = day(points[n-1].Through)
	}
	in.months = monthsOf(points, q)
	return in, nil
}

// monthsOf lays the points out as months without holes. A month in which no file
// of the cohort is known says nothing, and neither does one without a rank list
// that is long enough.
func monthsOf(points []observation.ReleasesPoint, q query) []monthly {
	var out []monthly
	for i := range points {
		p := &points[i]
		for n := len(out); n > 0; n = len(out) {
			missing := observation.ByMonth.Next(out[n-1].start)
			if !missing.Before(p.Month) {
				break
			}
			out = append(out, newMonthly(missing, nil, fmt.Sprintf("no rank list of this month holds %s projects", format.Count(q.Cohort.Size()))))
		}
		if p.Known == 0 {
			out = append(out, newMonthly(p.Month, nil, "no file of a project of the cohort is known that was there by then"))
			continue
		}
		out = append(out, newMonthly(p.Month, p, ""))
	}
	kept := out[:0]
	for _, m := range out {
		if (q.From.IsZero() || !m.end.Before(q.From)) && (q.To.IsZero() || !m.start.After(q.To)) {
			kept = append(kept, m)
		}
	}
	return kept
}

func newMonthly(start time.Time, p *observation.ReleasesPoint, reason string) monthly {
	return monthly{start: start, end: observation.ByMonth.Next(start).AddDate(0, 0, -1), point: p, reason: reason}
}

// counts makes a series of what happened in each month: n of all its releases.
func (in releasesInput) counts(name string, n func(observation.ReleasesPoint) int) Series {
	s := Series{Name: name, Points: make([]Point, len(in.months))}
	for i, m := range in.months {
		p := Point{T: Date{m.start}, on: m.end, Reason: m.reason}
		if m.point != nil {
			v := float64(n(*m.point))
			p.V, p.N, p.Of = &v, count(n(*m.point)), count(m.point.Releases)
		}
		s.Points[i] = p
	}
	return s
}

// shares makes a series of the share of the projects with known files that are
// something at the end of each month.
func (in releasesInput) shares(name string, n func(observation.ReleasesPoint) int) Series {
	s := Series{Name: name, Points: make([]Point, len(in.months))}
	for i, m := range in.months {
		p := Point{T: Date{m.start}, on: m.end, Reason: m.reason}
		if m.point != nil {
			p.on = day(m.point.Through)
			p.V, p.N, p.Of = value(100*float64(n(*m.point))/float64(m.point.Known)), count(n(*m.point)), count(m.point.Known)
		}
		s.Points[i] = p
	}
	return s
}

// newest returns the newest month with a point, nil without one.
func (in releasesInput) newest() *observation.ReleasesPoint {
	for i := len(in.months) - 1; i >= 0; i-- {
		if p := in.months[i].point; p != nil {
			return p
		}
	}
	return nil
}

// whole returns the newest whole months without a gap between them, at most n.
func (in releasesInput) whole(n int) []monthly {
	end := len(in.months)
	for end > 0 && (in.months[end-1].point == nil || in.months[end-1].partial()) {
		end--
	}
	start := end
	for start > 0 && end-start < n && in.months[start-1].point != nil {
		start--
	}
	return in.months[start:end]
}

// partialMarks marks the month that is not over.
func (in releasesInput) partialMarks() []Mark {
	var out []Mark
	for _, m := range in.months {
		if m.partial() {
			out = append(out, Mark{T: Date{m.start}, Until: &Date{m.end}, Kind: markPartial, What: "not a whole month: data through " + format.Date(m.point.Through)})
		}
	}
	return out
}

// filesKnown says of how many projects of the cohort the files are known.
func filesKnown(p *observation.ReleasesPoint) string {
	return "n = " + format.OfPlural(p.Known, p.Size, "project", "projects") + ", those whose files are known"
}

// onLists says what a line of the ledger does to lines about the members of a
// cohort: a rank list decides who they are, so its changes cut.
func onLists(b observation.Break) observation.BreakKind {
	if b.Scope == "list" && (b.Kind == observation.BreakCut || b.Kind == observation.BreakFlag) {
		return b.Kind
	}
	return ""
}

// nearLists is onLists for counts of events, which have no line to cut.
func nearLists(b observation.Break) observation.BreakKind { return softened(onLists(b)) }

// releasesSources are the sources of all charts of releases.
var releasesSources = []string{"PyPI", "top-pypi-packages"}

// deletedNote says what no chart of releases can tell.
const deletedNote = "Told from the files that PyPI still has: what was deleted is gone, and with it the releases that had no other file."

// readReleases makes the chart of the releases of a cohort by month.
func readReleases(ctx context.Context, r *request, q query) (Chart, error) {
	in, err := r.releases(ctx, q)
	if err != nil {
		return Chart{}, err
	}
	return buildReleases(q, in), nil
}

func buildReleases(q query, in releasesInput) Chart {
	c := Chart{Unit: "releases", Through: Date{in.through}, Sources: releasesSources, Notes: []string{deletedNote}}
	c.Series = []Series{
		in.counts("final", func(p observation.ReleasesPoint) int { return p.Releases - p.Prereleases }),
		in.counts("pre-release", func(p observation.ReleasesPoint) int { return p.Prereleases }),
		in.counts("yanked", func(p observation.ReleasesPoint) int { return p.YankedReleases }),
	}
	c.Breaks = append(marks(in.ledger, nearLists, c.Series), in.partialMarks()...)
	c.Title = releasesTitle(q, in)
	c.face = eventsFace(&c, in, "Releases by the month of their first file, projects of the "+cohortKind(q.Cohort),
		[]chart.Class{{Name: "Final", Tone: chart.ToneShare4}, {Name: "Pre-release", Tone: chart.ToneShare2}})
	c.face.note = append(c.face.note, "What PEP 440 does not call a pre-release is final here. The table counts those that are wholly yanked by now among them.")
	c.face.column = func(name string) string {
		if name == "yanked" {
			return "Of these yanked by now"
		}
		return capitalise(name)
	}
	c.face.last, c.face.lastOf = "All", func(p Point) string { return format.Count(*p.Of) }
	return c
}

func releasesTitle(q query, in releasesInput) string {
	months := in.whole(12)
	if len(months) == 0 {
		return "No month of releases of the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	n := 0
	for _, m := range months {
		n += m.point.Releases
	}
	return fmt.Sprintf("Projects of the %s published %s in %s, as far as their files are known",
		cohortName(q.Cohort), format.Plural(n, "release", "releases"), monthsWords(months))
}

// monthsWords names a stretch of months in a title.
func monthsWords(months []monthly) string {
	last := format.Month(months[len(months)-1].start)
	if len(months) == 1 {
		return last
	}
	return fmt.Sprintf("the %d months to %s", len(months), last)
}

// readYanks makes the chart of the yanked releases of a cohort by month.
func readYanks(ctx context.Context, r *request, q query) (Chart, error) {
	in, err := r.releases(ctx, q)
	if err != nil {
		return Chart{}, err
	}
	return buildYanks(q, in), nil
}

func buildYanks(q query, in releasesInput) Chart {
	c := Chart{Unit: "releases", Through: Date{in.through}, Sources: releasesSources, Notes: []string{deletedNote}}
	c.Series = []Series{in.counts("yanked", func(p observation.ReleasesPoint) int { return p.YankedReleases })}
	c.Breaks = append(marks(in.ledger, nearLists, c.Series), in.partialMarks()...)
	c.Title = yanksTitle(q, in)
	c.face = eventsFace(&c, in, "Releases of which every file is yanked by now, by the month in which they were published, projects of the "+cohortKind(q.Cohort),
		[]chart.Class{{Name: "Yanked by now", Tone: chart.ToneShare4}})
	c.face.note = append(c.face.note, "PyPI does not say when a file was yanked, so a young month has had less time to be yanked.")
	c.face.key, c.face.last, c.face.lastOf = nil, "All releases", func(p Point) string { return format.Count(*p.Of) }
	return c
}

func yanksTitle(q query, in releasesInput) string {
	months := in.whole(12)
	if len(months) == 0 {
		return "No yanked release of the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	yanked, all := 0, 0
	for _, m := range months {
		yanked, all = yanked+m.point.YankedReleases, all+m.point.Releases
	}
	verb := "are"
	if yanked == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%s of %s in the %s %s yanked by now", format.OfPlural(yanked, all, "known release", "known releases"), monthsWords(months), cohortName(q.Cohort), verb)
}

// eventsFace is the face of a chart of counts by month, as bars stacked by the
// classes, which are the first series.
func eventsFace(c *Chart, in releasesInput, what string, classes []chart.Class) face {
	f := face{
		sub: []string{what}, tones: classes, events: true,
		desc: "Bars, one a month," + drawnSpan(c) + ".",
		cell: func(p Point) string { return format.Count(*p.N) },
		draw: func(c *Chart, head chart.Head, _ chart.Time) chart.Spec { return monthBars(c, head) },
	}
	if p := in.newest(); p != nil {
		f.sub = append(f.sub, filesKnown(p))
	}
	if len(in.partialMarks()) > 0 {
		f.through = ", so the last month is not whole"
		f.note = append(f.note, "Hatched: the month is not over.")
	}
	if n := len(in.months); n > narrowAfter {
		f.note = append(f.note, "Narrow screens show "+format.Month(in.months[n-narrowBars].start)+" on.")
	}
	f.note = append(f.note, deletedNote)
	for _, m := range c.Breaks {
		if m.Kind == string(observation.BreakFlag) {
			f.note = append(f.note, format.Date(m.T.Time)+": "+m.What)
		}
	}
	return f
}

// monthBars draws the first series of a chart, as many as it has tones, as bars.
func monthBars(c *Chart, head chart.Head) chart.Spec {
	bars := chart.Bars{Head: head, Classes: c.face.tones, By: "month", FillingText: "to date", NarrowFilling: "to date"}
	for i, p := range c.Series[0].Points {
		if p.V == nil {
			continue
		}
		month := chart.Month{T: p.T.Time}
		for _, m := range c.Breaks {
			month.Filling = month.Filling || m.Kind == markPartial && m.T.Equal(p.T.Time)
		}
		for _, s := range c.Series[:len(c.face.tones)] {
			month.Values = append(month.Values, *s.Points[i].N)
		}
		bars.Months = append(bars.Months, month)
	}
	if n := len(bars.Months); n > narrowAfter {
		bars.NarrowFrom = bars.Months[n-narrowBars].T
	}
	return bars
}
