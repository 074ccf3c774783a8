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

// suspectText stands beside observations that are left out of a line.
const suspectText = "outages, left out"

// figure makes the figure of a chart for a query of a page. A chart that could
// not be read becomes a figure that says so, and the rest of the page stands.
func (s *Server) figure(r *request, slug string, q query) figure.Figure {
	c, err := r.chart(r.ctx, slug, q)
	if err != nil {
		return s.unreadable(r, slug, q, err)
	}
	return s.figureOf(r, &c, false)
}

// unreadable is the figure of a chart that could not be read.
func (s *Server) unreadable(r *request, slug string, q query, err error) figure.Figure {
	s.unread(r, "chart", err, "chart", slug)
	return figure.Figure{
		ID: slug, Title: "This figure could not be read", Links: chartLinks(kindOf(slug), q), Definition: definition(kindOf(slug)),
		State: notRead(),
	}
}

// figureOf makes the figure of a chart. whole shows every row of its table, as
// on a page of its own.
func (s *Server) figureOf(r *request, c *Chart, whole bool) figure.Figure {
	f := figure.Figure{
		ID: c.Slug, Title: c.Title, Sub: subline(c),
		Stamp:      s.stamp(c.Through.Time, r.now, c.kind.sources()...),
		Flags:      flagsOf(c),
		Apart:      c.face.apart,
		Note:       note(c),
		Links:      append(chartLinks(c.kind, c.query), c.face.links...),
		Source:     strings.Join(c.Sources, ", "),
		Definition: definition(c.kind),
		Embed:      s.embed(c),
		Cite:       s.cite(c, r.now),
		Report:     s.report(c),
		Whole:      r.whole(),
		File:       strings.TrimSuffix(fileName(c.Slug, "png", r), ".png"),
		Open:       whole,
	}
	loading := loadingText(s.Activity(), c.kind.sources()...)
	if !c.hasValue() {
		f.State = s.emptyState(c, loading)
		return f
	}
	if loading != "" {
		f.Note = strings.TrimSpace(loading + " " + f.Note)
	}
	f.Plot = chart.Draw(spec(c))
	f.Key = legend(c)
	if c.face.table != nil {
		f.Table = c.face.table(c)
	} else {
		f.Table = table(c, whole)
	}
	for i, one := range c.face.initiatives {
		f.Initiatives = append(f.Initiatives, figure.Initiative{Number: strconv.Itoa(i + 1), Link: part.Link{Text: initiativeText(one), Href: one.Evidence}})
	}
	return f
}

// emptyState says why there is nothing to draw.
func (s *Server) emptyState(c *Chart, loading string) *part.State {
	q, route := c.query, c.kind.route()
	switch {
	case loading != "":
		return &part.State{Lead: "Not here yet.", Text: loading}
	case c.face.empty != nil:
		return c.face.empty
	case c.Through.IsZero():
		return &part.State{
			Lead: "Nothing is collected yet.", Text: "No run of the sources behind this figure has stored anything.",
			Link: part.Link{Text: "Status of the sources", Href: "/status"},
		}
	case !q.From.IsZero() || !q.To.IsZero():
		return &part.State{
			Lead: "Nothing is known " + rangeWords(q) + ".", Text: "The data runs through " + format.Date(c.Through.Time) + ".",
			Link: part.Link{Text: "The whole range", Href: q.without("from", "to").link(route, route)},
		}
	}
	text := "No observation has a value."
	if c.kind.accepts.takes("cohort") {
		text = "No observation of the " + cohortName(q.Cohort) + " has a value."
		if q.Cohort.Size() > 0 {
			text += " A cohort exists only where a rank list names that many projects."
		}
	}
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
func chartLinks(k *chartKind, q query) []part.Link {
	link := func(text, ext string) part.Link {
		return part.Link{Text: text, Href: q.link(k.route()+ext, k.route()), Label: text + " of the chart " + k.slug}
	}
	return []part.Link{link("CSV", ".csv"), link("JSON", ".json"), link("SVG", ".svg"), link("Chart", "")}
}

// definition leads to what a chart counts.
func definition(k *chartKind) part.Link {
	return part.Link{Text: "Definition", Href: "/methods#" + k.anchor, Label: "Definition of the chart " + k.slug}
}

// subline says what a chart shows: the unit, n of N, and through when.
func subline(c *Chart) string {
	through := "data through " + format.Date(c.Through.Time) + c.face.through
	if c.Through.IsZero() {
		through = "no data yet"
	}
	text := strings.Join(append(slices.Clone(c.face.sub), through), " · ")
	if c.face.tail != "" {
		text += ". " + c.face.tail
	}
	return text + "."
}

// note says what a reader needs to read the drawing right.
func note(c *Chart) string {
	if !c.face.flags { // nothing is cut, bridged or washed there
		return strings.Join(c.face.note, " ")
	}
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	var cuts []string
	for _, f := range flagsOf(c) {
		if f.Cut {
			cuts = append(cuts, f.Letter)
		}
	}
	if len(cuts) > 0 {
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
	if gaps > 0 && !c.face.events {
		add("Dotted: nothing is known there; the table gives the reason.")
	}
	for _, m := range c.Breaks {
		if m.Kind == string(observation.BreakFrozen) && m.Until != nil {
			add("Grey span: the input stood still, %s to %s.", format.Date(m.T.Time), format.Date(m.Until.Time))
		}
	}
	return strings.Join(append(out, c.face.note...), " ")
}

// flagsOf returns the lettered flags of a chart. Those that concern one series
// that is not drawn stay in the data.
func flagsOf(c *Chart) []chart.Flag {
	if !c.face.flags {
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
func spec(c *Chart) chart.Spec {
	head := chart.Head{ID: c.Slug, Title: c.Title, Desc: description(c)}
	axis := chart.Time{Flags: flagsOf(c)}
	for _, m := range c.Breaks {
		if m.Kind == string(observation.BreakFrozen) && m.Until != nil {
			axis.Frozen = append(axis.Frozen, chart.Span{From: m.T.Time, To: m.Until.Time})
		}
	}
	for _, one := range c.face.initiatives {
		axis.Initiatives = append(axis.Initiatives, chart.Initiative{At: one.On, Text: initiativeText(one)})
	}
	drawing := c.face.draw(c, head, axis)
	if bars, ok := drawing.(chart.Bars); ok { // they have an axis of their own
		bars.Initiatives = axis.Initiatives
		return bars
	}
	return drawing
}

// initiatives returns those that name one of the words and fall between the
// first and the last point of a chart. They are drawn because a reader asks what
// happened then, and are never evidence of cause.
func (r *request) initiatives(ctx context.Context, words []string, series []Series) ([]observation.Initiative, error) {
	if len(words) == 0 {
		return nil, nil
	}
	all, err := r.reader.Initiatives(ctx)
	if err != nil {
		return nil, err
	}
	first, last := extent(series)
	return slices.DeleteFunc(slices.Clone(all), func(one observation.Initiative) bool {
		named := func(word string) bool { return strings.Contains(one.What, word) }
		return one.On.Before(first) || one.On.After(last) || !slices.ContainsFunc(words, named)
	}), nil
}

func initiativeText(one observation.Initiative) string {
	return format.Date(one.On) + ": " + one.What
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

// legend is the key of a drawing.
func legend(c *Chart) []figure.Key {
	keys := c.face.key
	if len(keys) == 0 && len(c.face.tones) == 1 { // one class is what the title speaks of
		return nil
	}
	for _, class := range c.face.tones {
		keys = append(keys, figure.Key{Class: string(class.Tone), Text: class.Name})
	}
	return keys
}

// description says in words what the drawing shows.
func description(c *Chart) string {
	if first, _ := extent(c.Series); first.IsZero() {
		return "Nothing is drawn."
	}
	if c.face.desc == "" {
		return "A line" + drawnSpan(c) + "."
	}
	return c.face.desc
}

// drawnSpan says over which time a chart is drawn, and how often its lines are
// cut: " from 20 Jul 2022 to 15 Jun 2026, cut at 4 breaks".
func drawnSpan(c *Chart) string {
	first, last := extent(c.Series)
	text := " from " + format.Date(first) + " to " + format.Date(last)
	cuts := 0
	for _, m := range c.Breaks {
		if _, ok := c.drawnAt(m); ok && m.Series == "" && m.Kind == string(observation.BreakCut) {
			cuts++
		}
	}
	if cuts > 0 {
		text += ", cut at " + format.Plural(cuts, "break", "breaks")
	}
	return text
}

// table prints a chart's data. A long one that stands beside other figures is
// brought to quarters; the chart's own page and the files have every row.
func table(c *Chart, whole bool) *part.Table {
	by := c.query.By
	shown := *c
	if rows := len(tableDates(c)); !whole && rows > shortTable && !c.face.events {
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
	if by != c.query.By {
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
		if !c.face.events {
			columns = append(columns, part.Column{Name: "Observed on", Num: true})
		}
	}
	for _, s := range c.Series {
		name := capitalise(s.Name)
		if c.face.column != nil {
			name = c.face.column(s.Name)
		}
		columns = append(columns, part.Column{Name: name, Num: true})
	}
	if c.face.last != "" {
		columns = append(columns, part.Column{Name: c.face.last, Num: true})
	}
	return append(columns, part.Column{Name: "Breaks and gaps"})
}

// tableRow prints the values of one date, and which breaks lie between the row
// before and this one.
func tableRow(c *Chart, by observation.Granularity, date time.Time, index []map[time.Time]int, flags []chart.Flag, before time.Time) ([]string, time.Time) {
	row := []string{periodText(date, by)}
	var on time.Time
	var notes []string
	last, reason, known := "", "", false
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
			if reason == "" && p.Reason != "" {
				reason = "no value: " + p.Reason
			}
			if i == 0 && reason != "" {
				notes = append(notes, reason)
			}
			continue
		}
		known = true
		if c.face.cell != nil {
			cells = append(cells, c.face.cell(p))
		} else {
			cells = append(cells, format.Score(p.V))
		}
		if c.face.lastOf != nil && last == "" {
			last = c.face.lastOf(p)
		}
	}
	if by != observation.ByObservation && !c.face.events {
		row = append(row, isoDay(on))
	}
	row = append(row, cells...)
	if c.face.last != "" {
		row = append(row, last)
	}
	if !known && len(notes) == 0 && reason != "" {
		notes = append(notes, reason)
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
