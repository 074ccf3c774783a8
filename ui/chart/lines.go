package chart

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// run is an unbroken stretch of a line, [first, last] of its points.
type run struct{ first, last int }

// joint is a gap between two runs that is bridged by dots.
type joint struct{ from, to int }

// drawn reports whether the point belongs to its line.
func (p Point) drawn() bool { return p.V != nil && finite(*p.V) && !p.Suspect }

// runs splits points into unbroken stretches: at points that have no value, at
// suspect ones, and at every cut. Gaps are bridged unless a cut lies in them.
func runs(points []Point, at []time.Time) (stretches []run, joints []joint) {
	previous := -1
	for i, p := range points {
		if !p.drawn() {
			continue
		}
		n := len(stretches)
		switch {
		case previous >= 0 && cutBetween(at, points[previous].T, p.T), previous < 0:
			stretches = append(stretches, run{i, i})
		case previous == i-1:
			stretches[n-1].last = i
		default:
			joints = append(joints, joint{previous, i})
			stretches = append(stretches, run{i, i})
		}
		previous = i
	}
	return stretches, joints
}

// thin keeps at most max points: of each of evenly sized stretches the first
// gap, the first suspect one, the lowest and the highest.
func thin(points []Point, max int) []Point {
	if len(points) <= max {
		return points
	}
	buckets := max / 4
	var kept []Point
	for b := range buckets {
		lo, hi := b*len(points)/buckets, (b+1)*len(points)/buckets
		gap, suspect, least, most := -1, -1, -1, -1
		for i := lo; i < hi; i++ {
			p := points[i]
			switch {
			case p.Suspect:
				if suspect < 0 {
					suspect = i
				}
			case !p.drawn():
				if gap < 0 {
					gap = i
				}
			default:
				if least < 0 || *p.V < *points[least].V {
					least = i
				}
				if most < 0 || *p.V > *points[most].V {
					most = i
				}
			}
		}
		indices := []int{gap, suspect, least, most}
		sort.Ints(indices)
		for i, index := range indices {
			if index >= 0 && (i == 0 || index != indices[i-1]) {
				kept = append(kept, points[index])
			}
		}
	}
	return kept
}

// within keeps the points of a window, and thins them.
func within(points []Point, from, to time.Time) []Point {
	var kept []Point
	for _, p := range points {
		if !p.T.Before(from) && !p.T.After(to) {
			kept = append(kept, p)
		}
	}
	return thin(kept, MaxPoints)
}

// trace writes the path of one stretch. Points that lie on a level line are
// left out, which changes nothing to the eye. With step each value is held
// until the next observation.
func trace(points []Point, f frame, step bool) string {
	var path pen
	for i, p := range points {
		x, y := f.at(p.T), f.y.at(*p.V)
		switch {
		case i == 0:
			path.move(x, y)
			continue
		case i < len(points)-1 && *p.V == *points[i-1].V && *p.V == *points[i+1].V:
			continue
		case step && *p.V != *points[i-1].V:
			path.line(x, f.y.at(*points[i-1].V))
		}
		path.line(x, y)
	}
	if len(points) == 1 {
		path.dot()
	}
	return path.String()
}

func (s Lines) empty() bool {
	for _, series := range s.Series {
		for _, p := range series.Points {
			if p.drawn() || p.Suspect && p.V != nil && finite(*p.V) {
				return false
			}
		}
	}
	return true
}

func (s Lines) height(wide bool) float64 {
	if s.Step {
		return pick(wide, 280, 260)
	}
	return pick(wide, 300, 290)
}

func pick(wide bool, w, n float64) float64 {
	if wide {
		return w
	}
	return n
}

func (s Lines) draw(c *canvas) {
	lo, hi, first, last := math.Inf(1), math.Inf(-1), time.Time{}, time.Time{}
	var names, values []string
	for _, series := range s.Series {
		names, values = append(names, series.Name), append(values, series.Label)
		for _, p := range series.Points {
			first, last = widen(first, last, p.T)
		}
	}
	from, to := s.window(c.wide, first, last)
	for _, series := range s.Series {
		for _, p := range series.Points {
			if p.V != nil && finite(*p.V) && !p.T.Before(from) && !p.T.After(to) {
				lo, hi = math.Min(lo, *p.V), math.Max(hi, *p.V)
			}
		}
	}
	f := c.plot(s.Time, s.Y, lo, hi, first, last, c.gutter(names, values)+c.sampleRoom(len(s.Series)), false)
	c.valueScale(f)
	c.flags(f, s.Flags)
	var labels []endLabel
	strokes := strokes(s.mains())
	for _, main := range []bool{false, true} {
		for i, series := range s.Series {
			if series.Main != main {
				continue
			}
			stroke := strokes[i]
			if len(s.Series) == 1 {
				i = -1
			}
			c.series1(i, func() { labels = append(labels, c.series(f, series, s, stroke, i+1)...) })
		}
	}
	c.initiatives(f, s.Initiatives)
	c.suspects(f, s)
	c.labels(f, f.x1+8, labels)
}

// mains says of each series whether it is a main one.
func (s Lines) mains() []bool {
	mains := make([]bool, len(s.Series))
	for i, series := range s.Series {
		mains[i] = series.Main
	}
	return mains
}

// dashes are the patterns by which grey lines of one chart are told apart
// without colour. None of them looks like the dots that bridge a gap.
var dashes = []string{"", "d1", "d2", "d3", "d4"}

// strokes returns the classes of the lines of a chart: the main one is blue and
// solid, the others are grey, each with a pattern of its own.
func strokes(mains []bool) []string {
	all, grey := make([]string, len(mains)), 0
	for i, main := range mains {
		if main {
			all[i] = "c1"
			continue
		}
		all[i] = strings.TrimSpace("cg thin " + dashes[grey%len(dashes)])
		grey++
	}
	return all
}

// widen stretches a window over a date; an unknown date changes nothing.
func widen(first, last, t time.Time) (time.Time, time.Time) {
	if t.IsZero() {
		return first, last
	}
	if first.IsZero() || t.Before(first) {
		first = t
	}
	if last.IsZero() || t.After(last) {
		last = t
	}
	return first, last
}

// series draws one line with its bridges and returns its label. number is that
// of the series among several, 0 for one alone.
func (c *canvas) series(f frame, series Series, s Lines, stroke string, number int) []endLabel {
	class, text := "ln "+stroke, "tg"
	if series.Main {
		text = "b t1"
	}
	points := within(series.Points, f.from, f.to)
	stretches, joints := runs(points, cuts(s.Flags))
	for _, j := range joints {
		a, b := points[j.from], points[j.to]
		c.line("ln thin cg gap", f.at(a.T), f.y.at(*a.V), f.at(b.T), f.y.at(*b.V))
	}
	for _, r := range stretches {
		c.path(class, trace(points[r.first:r.last+1], f, s.Step))
	}
	if len(stretches) == 0 {
		return nil
	}
	end := points[stretches[len(stretches)-1].last]
	if len(stretches) == 1 && stretches[0].first == stretches[0].last && series.Main {
		c.circle("end", f.at(end.T), f.y.at(*end.V), 3, "")
	}
	label := endLabel{y: f.y.at(*end.V), class: text, series: number, stroke: c.sampled(len(s.Series), stroke)}
	label.lines = labelLines(series.Name, series.Label, c.w-f.x1-8-label.room())
	if label.lines == nil {
		return nil
	}
	return []endLabel{label}
}

// suspects draws the hollow dots of the main line, or of all lines when none is
// main, and their words above the axis, behind a dot of their own: beside the
// dots they would stand in the line.
func (c *canvas) suspects(f frame, s Lines) {
	var low Point
	for _, series := range s.Series {
		if !series.Main && len(s.Series) > 1 {
			continue
		}
		for _, p := range within(series.Points, f.from, f.to) {
			if !p.Suspect || p.V == nil || !finite(*p.V) {
				continue
			}
			c.circle("dot", f.at(p.T), f.y.at(*p.V), 2.5, format.Date(p.T)+": suspect observation, left out")
			if low.V == nil || *p.V <= *low.V {
				low = p
			}
		}
	}
	if low.V == nil || s.SuspectText == "" {
		return
	}
	x := math.Min(f.at(low.T), f.x1-12-textWidth(s.SuspectText))
	y := f.y0 - 10 // above the axis
	if len(s.Initiatives) > 0 {
		y -= 22 // and the numbers of the diamonds
	}
	if s.crosses(f, x-4, x+12+textWidth(s.SuspectText), y) {
		y = f.y1 + 12 // below the flags
	}
	if math.Abs(f.y.at(*low.V)-y) > 8 { // else the lowest dot stands there itself
		c.circle("dot", x, y, 2.5, "")
	}
	c.text("q hlo", x+12, y+4, s.SuspectText)
}

// crosses reports whether a line runs through the place of a word at a height.
func (s Lines) crosses(f frame, x0, x1, y float64) bool {
	for _, series := range s.Series {
		for _, p := range series.Points {
			if x := f.at(p.T); p.drawn() && x >= x0 && x <= x1 && math.Abs(f.y.at(*p.V)-y) < 8 {
				return true
			}
		}
	}
	return false
}

func (s Lines) cursor() *Cursor {
	var names []string
	var columns [][]Point
	for _, series := range s.Series {
		names, columns = append(names, series.Name), append(columns, series.Points)
	}
	cursor := newCursor(names, columns, s.Y, "day")
	if cursor != nil {
		cursor.hideable(names, s.mains())
	}
	return cursor
}

// hideable gives several lines a legend from which they can be hidden.
func (c *Cursor) hideable(names []string, mains []bool) {
	if len(names) < 2 {
		return
	}
	c.Hide = true
	strokes := strokes(mains)
	for i, name := range names {
		entry := Entry{Name: word(name), Class: "k1"}
		if !mains[i] {
			entry.Class = strings.Replace(strokes[i], "cg thin", "kg", 1)
		}
		c.Legend = append(c.Legend, entry)
	}
}

// newCursor joins the series on their dates.
func newCursor(names []string, columns [][]Point, y Axis, by string) *Cursor {
	at := map[int][]string{}
	for i, points := range columns {
		for _, p := range thin(points, MaxPoints) {
			d := days(p.T)
			if at[d] == nil {
				at[d] = make([]string, len(columns))
			}
			switch {
			case p.V == nil || !finite(*p.V):
				at[d][i] = "-"
			case p.Suspect:
				at[d][i] = "~" + plain(*p.V, y.Decimals)
			default:
				at[d][i] = plain(*p.V, y.Decimals)
			}
		}
	}
	dates := make([]int, 0, len(at))
	for d := range at {
		dates = append(dates, d)
	}
	if len(dates) == 0 {
		return nil
	}
	sort.Ints(dates)
	var t, v strings.Builder
	for i := range names {
		if i > 0 {
			v.WriteByte('|')
		}
		for j, d := range dates {
			if j > 0 {
				v.WriteByte(' ')
			}
			if at[d][i] == "" {
				at[d][i] = "-"
			}
			v.WriteString(at[d][i])
		}
	}
	for i, d := range dates {
		if i == 0 {
			fmt.Fprintf(&t, "%d", d)
		} else {
			fmt.Fprintf(&t, " %d", d-dates[i-1])
		}
	}
	clean := make([]string, len(names))
	for i, n := range names {
		clean[i] = word(n)
	}
	return &Cursor{T: t.String(), V: v.String(), N: strings.Join(clean, "|"), Unit: unitText(y.Unit), By: by}
}

// wordCursor is the cursor of points that have names. values[i][j] is what
// series i has at point j, "" for nothing.
func wordCursor(points, names []string, values [][]string) *Cursor {
	words := func(all []string) string {
		clean := make([]string, len(all))
		for i, s := range all {
			clean[i] = word(s)
		}
		return strings.Join(clean, "|")
	}
	columns := make([]string, len(values))
	for i, column := range values {
		clean := make([]string, len(column))
		for j, v := range column {
			if clean[j] = strings.ReplaceAll(word(v), " ", "\u00a0"); v == "" {
				clean[j] = "-"
			}
		}
		columns[i] = strings.Join(clean, " ")
	}
	return &Cursor{T: words(points), V: strings.Join(columns, "|"), N: words(names), By: "name"}
}

// word takes the sign that separates words in a cursor out of one.
func word(s string) string { return strings.ReplaceAll(s, "|", "/") }

// unitText is a unit as it stands behind a number.
func unitText(unit string) string {
	if unit = strings.TrimSpace(unit); unit != "" {
		return "\u00a0" + unit
	}
	return ""
}

// plain prints a value of the cursor; it may hold commas but no spaces.
func plain(v float64, decimals int) string {
	return strings.ReplaceAll(format.Number(v, decimals), " ", "")
}
