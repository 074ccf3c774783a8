package chart

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

func (s Curves) empty() bool {
	for _, curve := range s.Series {
		if len(curve.drawable()) > 0 {
			return false
		}
	}
	return true
}

// drawable returns the steps that have a value, in order, at most MaxPoints of them.
func (s Curve) drawable() []Step {
	var steps []Step
	for _, step := range s.Steps {
		if finite(step.V) && step.X >= 0 {
			steps = append(steps, step)
		}
	}
	sort.SliceStable(steps, func(i, j int) bool { return steps[i].X < steps[j].X })
	every := (len(steps) + MaxPoints - 1) / MaxPoints
	if every <= 1 {
		return steps
	}
	var few []Step
	for i := 0; i < len(steps); i += every {
		step := steps[i]
		for _, left := range steps[i+1 : min(i+every, len(steps))] {
			step.Censored += left.Censored
		}
		few = append(few, step)
	}
	return append(few, steps[len(steps)-1])
}

func (s Curves) height(wide bool) float64 { return pick(wide, 320, 300) }

func (s Curves) draw(c *canvas) {
	lo, hi, end := math.Inf(1), math.Inf(-1), 0
	names, labels := make([]string, len(s.Series)), make([]string, len(s.Series))
	steps := make([][]Step, len(s.Series))
	for i, curve := range s.Series {
		names[i], labels[i], steps[i] = curve.Name, curve.Label, curve.drawable()
		for _, step := range steps[i] {
			lo, hi, end = math.Min(lo, step.V), math.Max(hi, step.V), max(end, step.X)
		}
	}
	f := c.numberPlot(s.X, s.Y, lo, hi, 0, float64(end), c.gutter(names, labels)+c.sampleRoom(len(s.Series)), true)
	for i, curve := range s.Series {
		if curve.Main {
			c.curveBand(f, steps[i])
		}
	}
	var ends []endLabel
	strokes := strokes(s.mains())
	for _, main := range []bool{false, true} {
		for i, curve := range s.Series {
			if curve.Main != main || len(steps[i]) == 0 {
				continue
			}
			number := i + 1
			if len(s.Series) == 1 {
				number = 0
			}
			c.series1(number-1, func() { c.curve(f, curve, steps[i], strokes[i]) })
			text := "tg"
			if main {
				text = "b t1"
			}
			last := steps[i][len(steps[i])-1]
			label := endLabel{y: f.y.at(last.V), class: text, series: number, stroke: c.sampled(len(s.Series), strokes[i])}
			label.lines = labelLines(names[i], labels[i], c.w-f.x1-8-label.room())
			ends = append(ends, label)
		}
	}
	c.labels(f, f.x1+8, ends)
}

// mains says of each curve whether it is a main one.
func (s Curves) mains() []bool {
	mains := make([]bool, len(s.Series))
	for i, curve := range s.Series {
		mains[i] = curve.Main
	}
	return mains
}

// curve draws the steps, and a tick where somebody left.
func (c *canvas) curve(f frame, s Curve, steps []Step, stroke string) {
	var line pen
	var ticks strings.Builder
	for i, step := range steps {
		x, y := f.x.at(float64(step.X)), f.y.at(step.V)
		switch {
		case i == 0:
			line.move(x, y)
		case step.V != steps[i-1].V || i == len(steps)-1:
			line.line(x, f.y.at(steps[i-1].V))
			line.line(x, y)
		}
		if step.Censored > 0 {
			ticks.WriteString("M" + num(x) + " " + num(y-4) + "v4")
		}
	}
	if len(steps) == 1 {
		line.dot()
	}
	c.path("ln "+stroke, line.String())
	if ticks.Len() > 0 {
		c.path(strings.Replace("ln "+stroke, "c1", "c1 thin", 1), ticks.String())
	}
}

// curveBand fills one standard error on either side, in the stretches where it
// is known.
func (c *canvas) curveBand(f frame, steps []Step) {
	for i := 0; i < len(steps); {
		j := i
		for j < len(steps) && steps[j].Low != nil && steps[j].High != nil && finite(*steps[j].Low) && finite(*steps[j].High) {
			j++
		}
		if j == i {
			i++
			continue
		}
		limit := j // the band holds until the step that ends it
		if j == len(steps) {
			limit = j - 1
		}
		at := func(k int) float64 { return f.x.at(float64(steps[k].X)) }
		var path pen
		path.move(at(i), f.clamp(*steps[i].High))
		for k := i + 1; k <= limit; k++ {
			path.line(at(k), f.clamp(*steps[k-1].High))
			if k < j {
				path.line(at(k), f.clamp(*steps[k].High))
			}
		}
		for k := limit; k > i; k-- {
			if k < j {
				path.line(at(k), f.clamp(*steps[k].Low))
			}
			path.line(at(k), f.clamp(*steps[k-1].Low))
			path.line(at(k-1), f.clamp(*steps[k-1].Low))
		}
		path.line(at(i), f.clamp(*steps[i].Low))
		path.close()
		c.path("b1", path.String())
		i = j
	}
}

// clamp is where a value stands, no farther out than the plot.
func (f frame) clamp(v float64) float64 {
	return math.Max(f.y1, math.Min(f.y0, f.y.at(v)))
}

func (s Curves) cursor() *Cursor {
	at := map[int]bool{}
	for _, curve := range s.Series {
		for _, step := range curve.drawable() {
			at[step.X] = true
		}
	}
	xs := make([]int, 0, len(at))
	for x := range at {
		xs = append(xs, x)
	}
	sort.Ints(xs)
	xs = thinInts(xs, cursorPoints)
	var t strings.Builder
	last := 0
	for i, x := range xs {
		if i > 0 {
			t.WriteByte(' ')
		}
		t.WriteString(strconv.Itoa(x - last))
		last = x
	}
	var names, values []string
	for _, curve := range s.Series {
		names = append(names, word(curve.Name))
		values = append(values, strings.Join(curve.held(xs, s.Y.Decimals), " "))
	}
	cursor := &Cursor{T: t.String(), V: strings.Join(values, "|"), N: strings.Join(names, "|"), Unit: unitText(s.Y.Unit), By: "days"}
	cursor.hideable(names, s.mains())
	return cursor
}

// held returns the value of a curve on each of the days, "-" outside it.
func (s Curve) held(xs []int, decimals int) []string {
	steps := s.drawable()
	got := make([]string, len(xs))
	next := 0
	for i, x := range xs {
		for next < len(steps) && steps[next].X <= x {
			next++
		}
		got[i] = "-"
		if next > 0 && (next < len(steps) || x <= steps[len(steps)-1].X) {
			got[i] = strings.ReplaceAll(format.Number(steps[next-1].V, decimals), " ", "")
		}
	}
	return got
}

// cursorPoints is the most points that the read-out of a chart without dates has.
const cursorPoints = 400

func thinInts(xs []int, most int) []int {
	every := (len(xs) + most - 1) / most
	if every <= 1 {
		return xs
	}
	var few []int
	for i := 0; i < len(xs); i += every {
		few = append(few, xs[i])
	}
	return few
}
