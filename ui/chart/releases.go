package chart

import (
	"math"
	"time"
)

func (s Releases) empty() bool {
	for _, l := range s.Lanes {
		if len(l.Dots) > 0 {
			return false
		}
	}
	return true
}

const laneHeight = 36

func (s Releases) height(bool) float64 { return 46 + laneHeight*float64(max(len(s.Lanes), 1)) }

func (s Releases) draw(c *canvas) {
	var first, last time.Time
	left := pick(c.wide, 40, 34)
	for _, l := range s.Lanes {
		left = math.Max(left, math.Min(textWidth(l.Name)+10, 90))
		for _, d := range l.Dots {
			first, last = widen(first, last, d.T)
		}
	}
	f := frame{x0: left, x1: c.w - pick(c.wide, 20, 10), y0: c.h - 26, y1: 10}
	f.from, f.to = s.window(c.wide, first, last)
	f.x = scale{float64(f.from.Unix()), float64(f.to.Unix()), f.x0, f.x1}
	c.line("ax", f.x0, f.y0, f.x1, f.y0)
	c.xAxis(f)
	for i, l := range s.Lanes {
		y := laneY(i)
		c.line("g", f.x0, y, f.x1, y)
		c.text("", 0, y+4, fit(l.Name, left-8))
	}
	c.mark(f, s.Mark)
	c.initiatives(f, s.Initiatives)
	for i, l := range s.Lanes {
		c.lane(f, l, laneY(i))
	}
}

func laneY(i int) float64 { return 38 + laneHeight*float64(i) }

func (c *canvas) mark(f frame, m *Mark) {
	if m == nil || !f.shows(m.At) {
		return
	}
	x := f.at(m.At)
	c.line("brm", x, f.y1, x, f.y0)
	if x-5-textWidth(m.Text) >= f.x0 {
		c.text("e q", x-5, 14, m.Text)
	} else {
		c.text("q", x+5, 14, fit(m.Text, c.w-x-5))
	}
}

// lane draws the dots of one line of releases, the newest on top, and as many
// labels as have room, the newest first.
func (c *canvas) lane(f frame, l Lane, y float64) {
	var dots []Dot
	for _, d := range l.Dots {
		if f.shows(d.T) {
			dots = append(dots, d)
		}
	}
	if over := len(dots) - MaxPoints; over > 0 {
		dots = dots[over:]
	}
	for _, d := range dots {
		class := "hol"
		if d.Full {
			class = "ful"
		}
		c.circle(class, f.at(d.T), y, 4.5, d.Title)
	}
	left := math.Inf(1)
	for i := len(dots) - 1; i >= 0; i-- {
		half := textWidth(dots[i].Label) / 2
		x := math.Min(f.at(dots[i].T), c.w-half)
		if dots[i].Label == "" || x+half > left || x-half < f.x0-20 {
			continue
		}
		left = x - half - 6
		c.text("b m", x, y-10, dots[i].Label)
	}
}

func (s Releases) cursor() *Cursor { return nil }
