package chart

import (
	"math"
	"time"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// quantile names one of the five lines of a band.
type quantile struct {
	name string
	of   func(Quantiles) *float64
}

var quantiles = []quantile{
	{"p90", func(q Quantiles) *float64 { return q.P90 }},
	{"p75", func(q Quantiles) *float64 { return q.P75 }},
	{"Median", func(q Quantiles) *float64 { return q.P50 }},
	{"p25", func(q Quantiles) *float64 { return q.P25 }},
	{"p10", func(q Quantiles) *float64 { return q.P10 }},
}

// column returns one quantile as a series. A suspect observation is a gap.
func (s Band) column(q quantile) []Point {
	points := make([]Point, len(s.Points))
	for i, p := range s.Points {
		points[i] = Point{T: p.T}
		if !p.Suspect {
			points[i].V = q.of(p)
		}
	}
	return points
}

func (s Band) empty() bool {
	for _, p := range s.column(quantiles[2]) {
		if p.drawn() {
			return false
		}
	}
	return true
}

func (s Band) height(wide bool) float64 { return pick(wide, 330, 310) }

func (s Band) draw(c *canvas) {
	lo, hi, first, last := math.Inf(1), math.Inf(-1), time.Time{}, time.Time{}
	for _, p := range s.Points {
		first, last = widen(first, last, p.T)
	}
	from, to := s.window(c.wide, first, last)
	names, values := make([]string, len(quantiles)), make([]string, len(quantiles))
	columns := make([][]Point, len(quantiles))
	for i, q := range quantiles {
		columns[i] = within(s.column(q), from, to)
		names[i] = q.name
		for _, p := range columns[i] {
			if p.drawn() {
				lo, hi = math.Min(lo, *p.V), math.Max(hi, *p.V)
				values[i] = format.Number(*p.V, s.Y.Decimals)
			}
		}
	}
	if !finite(lo) { // nothing in this window, only in the wider one
		lo, hi = 0, 1
	}
	f := c.plot(s.Time, s.Y, lo, hi, first, last, c.gutter(names, values), false)
	c.valueScale(f)
	at := cuts(s.Flags)
	c.area("b1", f, columns[0], columns[4], at)
	c.area("b2", f, columns[1], columns[3], at)
	c.flags(f, s.Flags)
	var labels []endLabel
	for i := range quantiles {
		series := Series{Name: names[i], Label: values[i], Main: i == 2, Points: columns[i]}
		if i == 2 {
			labels = append(labels, c.series(f, series, Lines{Time: s.Time}, "c1", 0)...)
		} else if end, ok := lastDrawn(columns[i]); ok {
			labels = append(labels, endLabel{y: f.y.at(*end.V), class: "tg", lines: labelLines(names[i], values[i], c.w-f.x1-8)})
		}
	}
	c.initiatives(f, s.Initiatives)
	c.labels(f, f.x1+8, labels)
}

func lastDrawn(points []Point) (Point, bool) {
	for i := len(points) - 1; i >= 0; i-- {
		if points[i].drawn() {
			return points[i], true
		}
	}
	return Point{}, false
}

// area fills between two quantiles in stretches that no gap and no cut
// interrupts. upper and lower hold the same dates.
func (c *canvas) area(class string, f frame, upper, lower []Point, at []time.Time) {
	if len(upper) != len(lower) {
		return
	}
	both := make([]Point, len(upper))
	for i := range upper {
		both[i] = Point{T: upper[i].T}
		if upper[i].T.Equal(lower[i].T) && upper[i].drawn() && lower[i].drawn() {
			both[i].V = upper[i].V
		}
	}
	stretches, _ := runs(both, at)
	for _, r := range stretches {
		var path pen
		edge := func(p Point, dx float64) { path.line(f.at(p.T)+dx, f.y.at(*p.V)) }
		wide := 0.0
		if r.first == r.last { // one observation alone: a sliver that can be seen
			wide = 0.5
		}
		path.move(f.at(upper[r.first].T)-wide, f.y.at(*upper[r.first].V))
		for i := r.first + 1; i <= r.last; i++ {
			if !level(upper, i, r) {
				edge(upper[i], -wide)
			}
		}
		if wide > 0 {
			edge(upper[r.last], wide)
		}
		for i := r.last; i >= r.first; i-- {
			if !level(lower, i, r) {
				edge(lower[i], wide)
			}
		}
		if wide > 0 {
			edge(lower[r.first], -wide)
		}
		path.close()
		c.path(class, path.String())
	}
}

// level reports whether point i lies on a level line inside its run, so that it
// can be left out.
func level(points []Point, i int, r run) bool {
	return i > r.first && i < r.last && *points[i].V == *points[i-1].V && *points[i].V == *points[i+1].V
}

func (s Band) cursor() *Cursor {
	var names []string
	var columns [][]Point
	for _, q := range quantiles {
		names, columns = append(names, q.name), append(columns, s.column(q))
	}
	return newCursor(names, columns, s.Y, "day")
}
