package chart

import (
	"math"
	"time"
)

// Timeline is a table of spans of time, a row for each name: the release cycles
// of CPython. What lies before and after Today is told apart by a line.
type Timeline struct {
	Head
	Rows  []TimelineRow // the first stands on top
	Today Mark
}

// TimelineRow is one row of spans that follow each other.
type TimelineRow struct {
	Name  string // "3.14"
	Text  string // stands behind the last span, "to Oct 2030"
	Spans []TimelineSpan
}

// TimelineSpan is one span; both days are known.
type TimelineSpan struct {
	From, To time.Time
	Tone     Tone
	Title    string // what a pointer reads, "bug fixes to 1 Oct 2026"
}

// Sizes of a timeline.
const (
	timelineRow = 24.0
	timelineBar = 14.0
)

func (s Timeline) empty() bool {
	for _, row := range s.Rows {
		if len(row.Spans) > 0 {
			return false
		}
	}
	return true
}

func (s Timeline) height(bool) float64 { return 52 + timelineRow*float64(max(len(s.Rows), 1)) }

func (s Timeline) draw(c *canvas) {
	var first, last time.Time
	left, right := 0.0, 0.0
	for _, row := range s.Rows {
		left = math.Max(left, textWidth(row.Name)+10)
		right = math.Max(right, textWidth(row.Text)+10)
		for _, span := range row.Spans {
			first, last = widen(first, last, span.From)
			first, last = widen(first, last, span.To)
		}
	}
	if !s.Today.At.IsZero() {
		first, last = widen(first, last, s.Today.At)
	}
	f := frame{x0: math.Min(left, 90), x1: c.w - math.Min(right, c.w*0.3), y0: c.h - 26, y1: 20, from: first, to: last}
	f.x = scale{float64(f.from.Unix()), float64(f.to.Unix()), f.x0, f.x1}
	c.line("ax", f.x0, f.y0, f.x1, f.y0)
	c.xAxis(f)
	for i, row := range s.Rows {
		y := f.y1 + 4 + timelineRow*float64(i)
		c.text("nm", 0, y+12, fit(row.Name, f.x0-6))
		end := f.x0
		for _, span := range row.Spans {
			x, to := f.at(span.From), f.at(span.To)
			w := math.Max(to-x, 1)
			c.titled(span.Title, func() { c.block(span.Tone, "M"+num(x)+" "+num(y)+"h"+num(w)+"v"+num(timelineBar)+"h"+num(-w)+"z") })
			end = math.Max(end, to)
		}
		c.text("q", end+6, y+12, fit(row.Text, c.w-end-6))
	}
	c.mark(f, &s.Today)
}

// titled draws something that a pointer reads.
func (c *canvas) titled(title string, draw func()) {
	if title == "" {
		draw()
		return
	}
	c.write(`<g><title>`, escape(title), `</title>`)
	draw()
	c.write(`</g>`)
}

func (s Timeline) cursor() *Cursor { return nil }
