package chart

import (
	"math"
	"time"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// stacked is one observation with the tops of its classes, the first at the bottom.
type stacked struct {
	t    time.Time
	tops []float64 // nil is a gap
}

// tops adds up the classes of each observation. One value that is missing, or
// that cannot be drawn, makes the whole observation a gap.
func (s Area) tops() []stacked {
	out := make([]stacked, len(s.Points))
	for i, p := range s.Points {
		out[i].t = p.T
		if len(p.Values) < len(s.Classes) {
			continue
		}
		sum, tops := 0.0, make([]float64, len(s.Classes))
		for j := range s.Classes {
			v := p.Values[j]
			if v == nil || !finite(*v) || *v < 0 {
				tops = nil
				break
			}
			sum += *v
			tops[j] = math.Min(sum, s.max())
		}
		out[i].tops = tops
	}
	return out
}

func (s Area) max() float64 {
	if s.Y.Max > 0 {
		return s.Y.Max
	}
	return 100
}

// edge is the line above class i, -1 for the ground, as points that the runs of
// lines are made of.
func edge(stack []stacked, i int) []Point {
	points := make([]Point, len(stack))
	for j, p := range stack {
		points[j].T = p.t
		switch {
		case p.tops == nil:
		case i < 0:
			points[j].V = new(float64)
		default:
			points[j].V = &p.tops[i]
		}
	}
	return points
}

func (s Area) empty() bool {
	_, ok := lastStack(s.tops())
	return !ok
}

func lastStack(stack []stacked) (stacked, bool) {
	for i := len(stack) - 1; i >= 0; i-- {
		if len(stack[i].tops) > 0 {
			return stack[i], true
		}
	}
	return stacked{}, false
}

func (s Area) height(wide bool) float64 { return pick(wide, 320, 300) }

// inWindow keeps the observations of a drawing, and of very many every nth: all
// classes have to keep the same ones.
func inWindow(stack []stacked, from, to time.Time) []stacked {
	var kept []stacked
	for _, p := range stack {
		if !p.t.Before(from) && !p.t.After(to) {
			kept = append(kept, p)
		}
	}
	every := (len(kept) + MaxPoints - 1) / MaxPoints
	if every <= 1 {
		return kept
	}
	var few []stacked
	for i := (len(kept) - 1) % every; i < len(kept); i += every { // the newest is always among them
		few = append(few, kept[i])
	}
	return few
}

func (s Area) draw(c *canvas) {
	all := s.tops()
	var first, last time.Time
	for _, p := range all {
		first, last = widen(first, last, p.t)
	}
	from, to := s.window(c.wide, first, last)
	stack := inWindow(all, from, to)
	values := s.values(stack)
	names := make([]string, len(s.Classes))
	for i, class := range s.Classes {
		names[i] = class.Name
	}
	y := s.Y
	y.Zero, y.Max = true, s.max()
	gutter := 4.0 // the figure has a legend beside the narrow drawing, which has no room for names
	if c.wide {
		gutter = c.gutter(names, values) + swatch
	}
	f := c.plot(s.Time, y, 0, y.Max, first, last, gutter, false)
	at := cuts(s.Flags)
	edges := make([][]Point, len(s.Classes))
	below := edge(stack, -1)
	for i, class := range s.Classes {
		edges[i] = edge(stack, i)
		if class.Tone != ToneNone { // the ground itself, between its seams
			c.series1(i, func() { c.area(c.tone(class.Tone), f, edges[i], below, at) })
		}
		below = edges[i]
	}
	c.seams(f, s.Classes, edges, at)
	c.flags(f, s.Flags)
	c.initiatives(f, s.Initiatives)
	if c.wide {
		c.stackLabels(f, s, stack, names, values)
	}
}

// strong reports whether a tone stands out from the page by itself, with a
// contrast of 3 or more in both themes. The others need an outline.
func strong(t Tone) bool {
	switch t {
	case ToneShare4, ToneShare5, ToneHigh, ToneCritical, "bar":
		return true
	}
	return false
}

// seam is the class of the line between two classes of a stack: the colour of
// the page where that shows beside one of them, else a darker one.
func seam(below, above Tone) string {
	if strong(below) || strong(above) {
		return "seam"
	}
	return "edge"
}

// outlined is the class of a part of a bar.
func outlined(t Tone) string {
	if strong(t) {
		return string(t)
	}
	return string(t) + " out"
}

// seams draws the hairlines above the classes, so that neighbours are told apart
// without colour, and the bridges over gaps.
func (c *canvas) seams(f frame, classes []Class, edges [][]Point, at []time.Time) {
	for i, points := range edges {
		var above Tone // none above the last
		if i+1 < len(classes) {
			above = classes[i+1].Tone
		}
		class := seam(classes[i].Tone, above)
		stretches, joints := runs(points, at)
		for _, r := range stretches {
			if r.last > r.first {
				c.path(class, trace(points[r.first:r.last+1], f, false))
			}
		}
		if i == len(edges)-1 {
			break // the whole needs no bridge
		}
		for _, j := range joints {
			a, b := points[j.from], points[j.to]
			c.line("ln thin cg gap", f.at(a.T), f.y.at(*a.V), f.at(b.T), f.y.at(*b.V))
		}
	}
}

// stackLabels writes name and newest value of each class beside its middle.
func (c *canvas) stackLabels(f frame, s Area, stack []stacked, names, values []string) {
	end, ok := lastStack(stack)
	if !ok {
		return
	}
	// From the top down: classes of no height keep the order of the stack.
	var labels []endLabel
	for i := len(end.tops) - 1; i >= 0; i-- {
		middle := end.tops[i] / 2
		if i > 0 {
			middle = (end.tops[i-1] + end.tops[i]) / 2
		}
		labels = append(labels, endLabel{
			y: f.y.at(middle), tone: s.Classes[i].Tone, series: i + 1,
			lines: wrapLabel(names[i]+"\u00a0 "+values[i], c.w-f.x1-8-swatch),
		})
	}
	c.labels(f, f.x1+8, labels)
}

// legend is what the labels of the wide drawing say, from the top down.
func (s Area) legend() []Entry {
	values := s.values(inWindow(s.tops(), time.Time{}, time.Unix(1<<40, 0)))
	var entries []Entry
	for i := len(s.Classes) - 1; i >= 0; i-- {
		entries = append(entries, Entry{Name: s.Classes[i].Name + "\u00a0 " + values[i], Class: string(s.Classes[i].Tone)})
	}
	return entries
}

// values prints the newest value of each class.
func (s Area) values(stack []stacked) []string {
	values := make([]string, len(s.Classes))
	end, ok := lastStack(stack)
	if !ok {
		return values
	}
	below := 0.0
	for i, top := range end.tops {
		values[i] = withUnitText(format.Number(top-below, s.Y.Decimals), s.Y.Unit)
		below = top
	}
	return values
}

func withUnitText(number, unit string) string { return number + unitText(unit) }

func (s Area) cursor() *Cursor {
	var names []string
	columns := make([][]Point, len(s.Classes))
	stack := inWindow(s.tops(), time.Time{}, time.Unix(1<<40, 0))
	for i, class := range s.Classes {
		names = append(names, class.Name)
		for _, p := range stack {
			point := Point{T: p.t}
			if p.tops != nil {
				v := p.tops[i]
				if i > 0 {
					v -= p.tops[i-1]
				}
				point.V = &v
			}
			columns[i] = append(columns[i], point)
		}
	}
	return newCursor(names, columns, s.Y, "day")
}
