package chart

import (
	"math"
	"strconv"
	"strings"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// drawable returns the dots that have two numbers.
func (s Dots) drawable() []DotPoint {
	var points []DotPoint
	for _, p := range s.Points {
		if finite(p.X) && finite(p.Y) {
			points = append(points, p)
		}
	}
	return points
}

func (s Dots) empty() bool { return len(s.drawable()) == 0 }

func (s Dots) height(wide bool) float64 { return pick(wide, 360, 340) }

func (s Dots) draw(c *canvas) {
	points := s.drawable()
	xlo, xhi, ylo, yhi := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range points {
		xlo, xhi = math.Min(xlo, p.X), math.Max(xhi, p.X)
		ylo, yhi = math.Min(ylo, p.Y), math.Max(yhi, p.Y)
	}
	f := c.numberPlot(s.X, s.Y, ylo, yhi, xlo, xhi, pick(c.wide, 14, 8), false)
	if len(points) > MaxPoints {
		c.fields(f, points)
		return
	}
	var path pen
	at := make([]string, len(points))
	for i, p := range points {
		x, y := f.x.at(p.X), f.y.at(p.Y)
		path.jump(x, y)
		path.dot()
		at[i] = num(x) + "," + num(y)
	}
	c.path("pts", path.String())
	if len(points) <= cursorPoints {
		c.attrs += ` data-at="` + strings.Join(at, " ") + `"`
	}
}

// fields counts the dots into squares and draws one path for each step of the
// ramp. The steps grow with the square, so that few are told from many, and the
// drawing says how many the darkest holds.
func (c *canvas) fields(f frame, points []DotPoint) {
	const side = 10
	type place struct{ x, y int }
	count := map[place]int{}
	most, darkest := place{}, 0
	for _, p := range points {
		at := place{int((f.x.at(p.X) - f.x0) / side), int((f.y0 - f.y.at(p.Y)) / side)}
		at.x, at.y = min(at.x, int((f.x1-f.x0)/side)), min(at.y, int((f.y0-f.y1)/side))
		count[at]++
		most.x, most.y, darkest = max(most.x, at.x), max(most.y, at.y), max(darkest, count[at])
	}
	var paths [6]pen
	for y := range most.y + 1 {
		for x := range most.x + 1 {
			n := count[place{x, y}]
			if n == 0 {
				continue
			}
			step := int(math.Ceil(5 * math.Sqrt(float64(n)/float64(darkest))))
			paths[step].box(f.x0+float64(x)*side, f.y0-float64(y)*side, side-1, side-1)
		}
	}
	for step := range paths {
		if d := paths[step].String(); d != "" {
			c.shape(Tone("h"+strconv.Itoa(step)), d)
		}
	}
	c.text("e q", f.x1, 11, "darkest field: "+format.Count(darkest)+" dots")
}

func (s Dots) cursor() *Cursor {
	points := s.drawable()
	if len(points) > cursorPoints { // the table and the files have them all
		return nil
	}
	labels, values := make([]string, len(points)), make([]string, len(points))
	for i, p := range points {
		labels[i] = p.Title
		values[i] = withUnitText(format.Number(p.X, s.X.Decimals), s.X.Unit) + ", " + withUnitText(format.Number(p.Y, s.Y.Decimals), s.Y.Unit)
	}
	cursor := wordCursor(labels, []string{""}, [][]string{values})
	cursor.By = "point"
	return cursor
}
