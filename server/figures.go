package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Bounds of what one page shows.
const (
	shortTable  = 60  // rows of a table beside other figures; a longer one goes by quarter
	longTable   = 400 // rows of a table on a page of its own
	narrowBars  = 18  // months on a narrow drawing
	narrowAfter = 24  // months from which on the narrow drawing is cut
)

// figureOf makes the figure of a chart. whole shows every row of its table, as
// on a page of its own.
func (s *Server) figureOf(c *Chart, q query, in chartInput, now time.Time, whole bool) figure.Figure {
	f := figure.Figure{
		ID: c.Slug, Title: c.Title, Sub: subline(c, q, in),
		Stamp:  s.stamp(c.Through.Time, now, collectorsOf(c)...),
		Flags:  flagsOf(c),
		Apart:  apart(c),
		Note:   note(c, q),
		Links:  chartLinks(c.Slug, q),
		Source: strings.Join(c.Sources, ", "),
		Cite:   figure.Citation{URL: q.link("/chart/"+c.Slug, "/chart/"+c.Slug)},
		Open:   whole,
	}
	loading := loadingText(s.Activity(), collectorsOf(c)...)
	if !c.hasValue() {
		f.State = s.emptyState(c, q, loading)
		return f
	}
	if loading != "" {
		f.Note = strings.TrimSpace(loading + " " + f.Note)
	}
	f.Plot = chart.Draw(spec(c, q))
	f.Key = legend(c)
	f.Table = table(c, q, whole)
	return f
}

// collectorsOf names the collectors whose data a chart shows.
func collectorsOf(c *Chart) []string {
	if c.Slug == slugAdvisories {
		return []string{"osv"}
	}
	return scoreCollectors
}

// emptyState says why there is nothing to draw.
func (s *Server) emptyState(c *Chart, q query, loading string) *part.State {
	switch {
	case loading != "":
		return &part.State{Lead: "Not here yet.", Text: loading}
	case c.Slug == slugProjectScore && len(c.Series) == 0:
		return &part.State{Lead: "No score was ever observed.", Text: "Neither the archive nor the API has a Scorecard result of this project among what is stored."}
	case c.Through.IsZero():
		return &part.State{
			Lead: "Nothing is collected yet.", Text: "No run of the sources behind this figure has stored anything.",
			Link: part.Link{Text: "Status of the sources", Href: "/status"},
		}
	case !q.From.IsZero() || !q.To.IsZero():
		return &part.State{
			Lead: "Nothing is known " + rangeWords(q) + ".", Text: "The data runs through " + format.Date(c.Through.Time) + ".",
			Link: part.Link{Text: "The whole range", Href: q.without("from", "to").link("/chart/"+c.Slug, "/chart/"+c.Slug)},
		}
	}
	text := "No observation of the " + cohortName(q.Cohort) + " has a value."
	for _, s := range c.Series {
		if n := len(s.Points); n > 0 && s.Points[n-1].Reason != "" {
			text = "Why: " + s.Points[n-1].Reason + "."
			break
		}
	}
	return &part.State{Lead: "No value.", Text: text}
}

// without returns q with parameters set back to their defaults.
func (q query) without(names ...string) query {
	for _, name := range names {
		switch name {
		case "from":
			q.From = time.Time{}
		case "to":
			q.To = time.Time{}
		case "cohort":
			q.Cohort = defaultCohort
		case "page":
			q.Page = 1
		}
	}
	return q
}

// chartLinks are the links below a figure. The table opens in place.
func chartLinks(slug string, q query) []part.Link {
	route := "/chart/" + slug
	link := func(text, ext string) part.Link {
		return part.Link{Text: text, Href: q.link(route+ext, route), Label: text + " of the chart " + slug}
	}
	return []part.Link{link("CSV", ".csv"), link("JSON", ".json"), link("SVG", ".svg"), link("Chart", ""),
		{Text: "Definition", Href: "/methods#" + anchor(slug), Label: "Definition of the chart " + slug}}
}

// anchor is the place on /methods that defines what a chart shows.
func anchor(slug string) string {
	switch slug {
	case slugCoverage:
		return "coverage"
	case slugDistribution:
		return "score-distribution"
	case slugAdvisories:
		return "disclosure"
	}
	return "aggregate"
}

// subline says what a chart shows: the unit, n of N, and through when.
func subline(c *Chart, q query, in chartInput) string {
	var parts []string
	through := "data through " + format.Date(c.Through.Time)
	switch c.Slug {
	case slugCoverage:
		what := "Share of the cohort with at least one conclusive check"
		switch q.Weighting {
		case observation.WeightDownload:
			what = "Share of the cohort's downloads that go to projects with at least one conclusive check"
		case observation.WeightRepository:
			what = "Share of the cohort's repositories with at least one conclusive check; projects of one repository share its vote"
		}
		parts = append(parts, what+", "+cohortKind(q.Cohort))
		if p := c.Series[0].last(); p != nil {
			parts = append(parts, "n = "+format.Of(*p.N, *p.Of))
		}
	case slugDistribution:
		what := "Core aggregate: the twelve checks present in every snapshot, weighted by risk, 0 to 10"
		switch q.Weighting {
		case observation.WeightDownload:
			what += "; each project counts by its downloads"
		case observation.WeightRepository:
			what += "; projects of one repository share its vote"
		}
		parts = append(parts, what)
		if p := c.series("p50").last(); p != nil {
			parts = append(parts, "n = "+format.Of(*p.N, *p.Of))
		}
	case slugAdvisories:
		where := "projects in the " + cohortName(q.Cohort)
		if q.Cohort == observation.CohortAll {
			where = "all PyPI projects"
		}
		known := in.advisories.Day + in.advisories.Year + in.advisories.Unknown
		parts = append(parts,
			"Advisory groups by "+periodNoun(q.By)+" of disclosure, "+where+", aliases merged",
			fmt.Sprintf("n = %s groups, those dated to the day", format.Of(in.advisories.Day, known)))
		if slices.ContainsFunc(c.Breaks, func(m Mark) bool { return m.Kind == markPartial }) {
			through += ", so the last " + periodNoun(q.By) + " is not whole"
		}
	case slugProjectScore:
		parts = append(parts, "Core aggregate: twelve checks, 0 to 10")
		with, all := 0, 0
		for _, s := range c.Series {
			if strings.HasPrefix(s.Name, "core (") {
				for _, p := range s.Points {
					all++
					if p.V != nil {
						with++
					}
				}
			}
		}
		if all > 0 {
			parts = append(parts, "n = "+format.Of(with, all)+" "+periodNoun(q.By)+"s with a result")
		}
		if c.series("median core of top1000") != nil {
			parts = append(parts, "grey: median of the top 1,000")
		}
	}
	if c.Through.IsZero() {
		through = "no data yet"
	}
	text := strings.Join(append(parts, through), " · ")
	if c.Slug == slugCoverage && q.Weighting == observation.WeightPackage {
		if start, cut := segment(c, &c.Series[0]); start != nil && cut != nil {
			if end := c.Series[0].last(); !end.on.Equal(start.on) {
				text += fmt.Sprintf(". Since the break of %s: %s on %s, %s on %s", format.Date(cut.T.Time),
					format.Of(*start.N, *start.Of), format.Date(start.on), format.Of(*end.N, *end.Of), format.Date(end.on))
			}
		}
	}
	return text + "."
}

// apart counts what has no place on the time axis.
func apart(c *Chart) string {
	if c.Slug != slugAdvisories || c.Through.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s known only to the year of their CVE, %s without any date, %s, %s withdrawn.",
		format.Plural(c.Apart["year only"], "group", "groups"), format.Count(c.Apart["no date"]),
		format.Plural(c.Apart["malware"], "malware report", "malware reports"), format.Count(c.Apart["withdrawn"]))
}

// note says what a reader needs to read the drawing right.
func note(c *Chart, q query) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	var cuts []string
	for _, f := range flagsOf(c) {
		if f.Cut {
			cuts = append(cuts, f.Letter)
		}
	}
	switch {
	case c.Slug == slugAdvisories:
	case len(cuts) > 0:
		add("Lines are cut at %s: no change is stated across them.", format.List(cuts))
	}
	suspect, gaps := 0, 0
	if len(c.Series) > 0 {
		for _, p := range c.Series[0].Points {
			switch {
			case p.suspect != nil:
				suspect++
			case p.V == nil:
				gaps++
			}
		}
	}
	if suspect > 0 {
		add("%s left out: collection outages, not changes of the projects (hollow dots).", capitalise(format.Plural(suspect, "observation is", "observations are")))
	}
	if gaps > 0 && c.Slug != slugAdvisories {
		add("Dotted: nothing is known there; the table gives the reason.")
	}
	for _, m := range c.Breaks {
		if m.Kind == string(observation.BreakFrozen) && m.Until != nil {
			add("Grey span: the input stood still, %s to %s.", format.Date(m.T.Time), format.Date(m.Until.Time))
		}
	}
	switch c.Slug {
	case slugCoverage:
		add("The axis shows the range of the values and may start above zero.")
	case slugDistribution:
		add("The band is the middle half; the pale band is p10 to p90. The axis may start above zero.")
	case slugAdvisories:
		if slices.ContainsFunc(c.Breaks, func(m Mark) bool { return m.Kind == markFilling || m.Kind == markPartial }) {
			add("Hatched: later data still changes these counts.")
		}
		out = append(out, c.Notes...)
		if s := c.Series; len(s) > 0 && len(s[0].Points) > narrowAfter {
			add("Narrow screens show %s on.", format.Month(s[0].Points[len(s[0].Points)-narrowBars].T.Time))
		}
		add("Unknown means that no vector or word was published. The records do not tell more flaws from fuller recording.")
		for _, m := range c.Breaks {
			if m.Kind == string(observation.BreakFlag) {
				add("%s: %s", format.Date(m.T.Time), m.What)
			}
		}
	}
	return strings.Join(out, " ")
}

// flagsOf returns the lettered flags of a chart. Those that concern one series
// that is not drawn stay in the data.
func flagsOf(c *Chart) []chart.Flag {
	if c.Slug == slugAdvisories { // bars have no flags; their note tells
		return nil
	}
	var flags []chart.Flag
	for _, m := range c.Breaks {
		cut := m.Kind == string(observation.BreakCut)
		if m.Series != "" || !cut && m.Kind != string(observation.BreakFlag) {
			continue
		}
		at, ok := c.drawnAt(m)
		if !ok {
			continue
		}
		when := format.Date(m.T.Time)
		if m.Until != nil {
			when += " to " + format.Date(m.Until.Time)
		}
		flags = append(flags, chart.Flag{At: at, Cut: cut, Text: when + ": " + m.What})
	}
	return chart.Letters(flags)
}

// drawnAt returns where a break stands on the drawing: at the first point that
// was observed on or after it, so that it lies between the right two points
// also when these are dated by their month.
func (c *Chart) drawnAt(m Mark) (time.Time, bool) {
	var at time.Time
	for _, s := range c.Series {
		for _, p := range s.Points {
			if p.on.Before(m.T.Time) {
				continue
			}
			if p.T.Equal(p.on) { // by observation: the break's own date
				return m.T.Time, true
			}
			if at.IsZero() || p.T.Before(at) {
				at = p.T.Time
			}
			break
		}
	}
	return at, !at.IsZero()
}

// spec is how a chart is drawn.
func spec(c *Chart, q query) chart.Spec {
	head := chart.Head{ID: c.Slug, Title: c.Title, Desc: description(c, q)}
	axis := chart.Time{Flags: flagsOf(c)}
	for _, m := range c.Breaks {
		if m.Kind == string(observation.BreakFrozen) && m.Until != nil {
			axis.Frozen = append(axis.Frozen, chart.Span{From: m.T.Time, To: m.Until.Time})
		}
	}
	switch c.Slug {
	case slugCoverage:
		lines := chart.Lines{Head: head, Time: axis, Y: chart.Axis{Unit: "%", Decimals: 1}, SuspectText: "outages, left out"}
		for i, s := range c.Series {
			line := chart.Series{Name: cohortLabel(observation.Cohort(s.Name)), Main: i == 0, Points: drawn(s, i == 0)}
			if p := s.last(); p != nil {
				line.Label = format.Percent(*p.V/100, 1)
			}
			lines.Series = append(lines.Series, line)
		}
		return lines
	case slugDistribution:
		band := chart.Band{Head: head, Time: axis, Y: chart.Axis{Decimals: 1}}
		at := func(name string, i int) *float64 { return c.series(name).Points[i].V }
		for i, p := range c.series("p50").Points {
			band.Points = append(band.Points, chart.Quantiles{
				T: p.T.Time, Suspect: p.suspect != nil,
				P10: at("p10", i), P25: at("p25", i), P50: p.V, P75: at("p75", i), P90: at("p90", i),
			})
		}
		return band
	case slugAdvisories:
		return barsOf(c, head, q)
	}
	lines := chart.Lines{Head: head, Time: axis, Y: chart.Axis{Decimals: 1}, Step: true, SuspectText: "outages, left out"}
	main := newestCore(c)
	for i := range c.Series {
		s := &c.Series[i]
		if strings.HasPrefix(s.Name, "aggregate (") { // in the table and the files
			continue
		}
		line := chart.Series{Name: scoreLabel(s.Name), Main: s == main, Points: drawn(*s, s == main)}
		if p := s.last(); p != nil {
			line.Label = format.Score(p.V)
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

// drawn turns a series into what is drawn: suspect values stand beside the line
// of the main series, and are gaps in the others.
func drawn(s Series, main bool) []chart.Point {
	points := make([]chart.Point, len(s.Points))
	for i, p := range s.Points {
		points[i] = chart.Point{T: p.T.Time, V: p.V}
		if main && p.suspect != nil {
			points[i] = chart.Point{T: p.T.Time, V: p.suspect, Suspect: true}
		}
	}
	return points
}

func barsOf(c *Chart, head chart.Head, q query) chart.Bars {
	bars := chart.Bars{Head: head, Classes: classes(c), By: string(q.By), FillingText: "still filling", NarrowFilling: "filling"}
	filling := func(t time.Time) bool {
		return slices.ContainsFunc(c.Breaks, func(m Mark) bool {
			return (m.Kind == markFilling || m.Kind == markPartial) && !t.Before(m.T.Time) && !t.After(m.Until.Time)
		})
	}
	for i, p := range c.Series[0].Points {
		if p.V == nil { // a month before the first rank list: no bar, and no zero
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

// classes names the series of the advisories chart with their tones.
func classes(c *Chart) []chart.Class {
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

func legend(c *Chart) []figure.Key {
	if c.Slug != slugAdvisories {
		return nil
	}
	var keys []figure.Key
	for _, class := range classes(c) {
		keys = append(keys, figure.Key{Class: string(class.Tone), Text: class.Name})
	}
	return keys
}

// description says in words what the drawing shows.
func description(c *Chart, q query) string {
	first, last := extent(c.Series)
	if first.IsZero() {
		return "Nothing is drawn."
	}
	span := "from " + format.Date(first) + " to " + format.Date(last)
	cuts := 0
	for _, f := range flagsOf(c) {
		if f.Cut {
			cuts++
		}
	}
	broken := ""
	if cuts > 0 {
		broken = ", cut at " + format.Plural(cuts, "break", "breaks")
	}
	switch c.Slug {
	case slugDistribution:
		return "A band of the middle half and a pale one from the tenth to the ninetieth percentile, with the median, " + span + broken + "."
	case slugAdvisories:
		return "Bars stacked by severity, one a " + periodNoun(q.By) + ", " + span + "."
	}
	text := "A line " + span + broken
	if p := c.Series[0].last(); p != nil && c.Slug == slugCoverage {
		text += "; ends at " + format.Percent(*p.V/100, 1)
	}
	return text + "."
}

// table prints a chart's data. A long one that stands beside other figures is
// brought to quarters; the chart's own page and the files have every row.
func table(c *Chart, q query, whole bool) *part.Table {
	by := q.By
	shown := *c
	if rows := len(tableDates(c)); !whole && rows > shortTable && c.Slug != slugAdvisories {
		by = observation.ByQuarter
		shown.Series = make([]Series, len(c.Series))
		for i, s := range c.Series {
			shown.Series[i] = Series{Name: s.Name, Points: reduce(s.Points, by)}
		}
	}
	dates := tableDates(&shown)
	if len(dates) == 0 {
		return nil
	}
	t := &part.Table{Caption: c.Title, Columns: tableColumns(&shown, by)}
	if by != q.By {
		t.More = "The last observation of each " + periodNoun(by) + "; the page of the chart and its files have every one."
	}
	from := 0
	most := longTable
	if !whole {
		most = shortTable
	}
	if len(dates) > most {
		from = len(dates) - most
		t.More = fmt.Sprintf("The newest %s of %s rows; the CSV has all.", format.Count(most), format.Count(len(dates)))
	}
	index := make([]map[time.Time]int, len(shown.Series))
	for i, s := range shown.Series {
		index[i] = make(map[time.Time]int, len(s.Points))
		for j, p := range s.Points {
			index[i][p.T.Time] = j
		}
	}
	letters := flagsOf(c)
	var before time.Time
	for i, date := range dates {
		row, on := tableRow(&shown, by, date, index, letters, before)
		if i >= from {
			t.Rows = append(t.Rows, row)
		}
		before = on
	}
	return t
}

// tableDates returns the dates of all points, oldest first.
func tableDates(c *Chart) []time.Time {
	var dates []time.Time
	for _, s := range c.Series {
		for _, p := range s.Points {
			dates = append(dates, p.T.Time)
		}
	}
	slices.SortFunc(dates, time.Time.Compare)
	return slices.CompactFunc(dates, time.Time.Equal)
}

func tableColumns(c *Chart, by observation.Granularity) []part.Column {
	columns := []part.Column{{Name: "Date"}}
	if by != observation.ByObservation {
		columns[0].Name = capitalise(periodNoun(by))
		if c.Slug != slugAdvisories {
			columns = append(columns, part.Column{Name: "Observed on", Num: true})
		}
	}
	for _, s := range c.Series {
		name := s.Name
		switch c.Slug {
		case slugCoverage:
			name = cohortLabel(observation.Cohort(s.Name))
		case slugDistribution:
			name = strings.Replace(capitalise(strings.Replace(name, "p50", "median", 1)), "P", "p", 1)
		case slugAdvisories:
			name = capitalise(name)
		case slugProjectScore:
			name = scoreLabel(name)
		}
		columns = append(columns, part.Column{Name: name, Num: true})
	}
	switch c.Slug {
	case slugDistribution:
		columns = append(columns, part.Column{Name: "n", Num: true})
	case slugAdvisories:
		columns = append(columns, part.Column{Name: "All", Num: true})
	}
	return append(columns, part.Column{Name: "Breaks and gaps"})
}

// tableRow prints the values of one date, and which breaks lie between the row
// before and this one.
func tableRow(c *Chart, by observation.Granularity, date time.Time, index []map[time.Time]int, flags []chart.Flag, before time.Time) ([]string, time.Time) {
	row := []string{periodText(date, by)}
	var on time.Time
	var notes []string
	n, total := "", ""
	cells := make([]string, 0, len(c.Series))
	for i, s := range c.Series {
		j, ok := index[i][date]
		if !ok {
			cells = append(cells, "–")
			continue
		}
		p := s.Points[j]
		if p.on.After(on) {
			on = p.on
		}
		if p.V == nil {
			cells = append(cells, "–")
			if p.Reason != "" && len(notes) == 0 && (i == 0 || c.Slug != slugCoverage) {
				notes = append(notes, "no value: "+p.Reason)
			}
			continue
		}
		switch c.Slug {
		case slugCoverage:
			cells = append(cells, format.Percent(*p.V/100, 1)+" ("+format.Of(*p.N, *p.Of)+")")
		case slugAdvisories:
			cells = append(cells, format.Count(*p.N))
			total = format.Count(*p.Of)
		default:
			cells = append(cells, format.Score(p.V))
			if p.N != nil && p.Of != nil && n == "" {
				n = format.Of(*p.N, *p.Of)
			}
		}
	}
	if by != observation.ByObservation && c.Slug != slugAdvisories {
		row = append(row, isoDay(on))
	}
	row = append(row, cells...)
	switch c.Slug {
	case slugDistribution:
		row = append(row, n)
	case slugAdvisories:
		row = append(row, total)
	}
	for _, f := range flags {
		if !before.IsZero() && f.At.After(before) && !f.At.After(on) {
			notes = append(notes, f.Letter)
		}
	}
	for _, m := range c.Breaks {
		if m.Until != nil && m.Kind != string(observation.BreakFlag) && m.Kind != string(observation.BreakCut) && !on.Before(m.T.Time) && !on.After(m.Until.Time) {
			notes = append(notes, spanWords(m))
		}
	}
	return append(row, strings.Join(notes, "; ")), on
}

// spanWords says in a table what a span does to its rows.
func spanWords(m Mark) string {
	switch m.Kind {
	case string(observation.BreakFrozen):
		return "input stood still"
	case markFilling:
		return "still filling"
	}
	return m.What
}

// periodText names the period that begins at t, as tables and files do.
func periodText(t time.Time, by observation.Granularity) string {
	switch by {
	case observation.ByWeek:
		return "week of " + isoDay(t)
	case observation.ByMonth:
		return t.Format("2006-01")
	case observation.ByQuarter:
		return t.Format("2006") + "-Q" + strconv.Itoa((int(t.Month())-1)/3+1)
	case observation.ByYear:
		return t.Format("2006")
	}
	return isoDay(t)
}
