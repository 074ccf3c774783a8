package chart

import (
	"math"
	"strings"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

func (s Columns) empty() bool { return len(s.Bars) == 0 }

func (s Columns) height(wide bool) float64 { return pick(wide, 260, 250) }

// shown returns at most MaxPoints bars.
func (s Columns) shown() []ColumnBar { return s.Bars[:min(len(s.Bars), MaxPoints)] }

func (s Columns) draw(c *canvas) {
	bars := s.shown()
	top := 0.0
	for _, b := range bars {
		if b.known() {
			top = math.Max(top, b.Value)
		}
	}
	y := s.Y
	y.Zero = true
	values := y.ticks(0, top, s.whole())
	texts := withUnit(tickText(values), y.Unit)
	left := pick(c.wide, 40, 20)
	for _, t := range texts {
		left = math.Max(left, textWidth(t)+10)
	}
	x0, x1, y0, y1 := math.Min(left, c.w*0.3), c.w-2, c.h-26, 26.0
	axis := scale{values[0], values[len(values)-1], y0, y1}
	c.yAxis(x0, x1, axis, values, texts)
	edges, slot := columnEdges(bars, x0, x1)
	gap := math.Min(pick(c.wide, 10, 4), slot*0.25)
	for _, b := range bars {
		if b.Apart {
			c.pattern()
			break
		}
	}
	at := make([]string, len(bars))
	for i, b := range bars {
		x := edges[i]
		at[i] = num(x + slot/2)
		c.column(b, x+gap/2, slot-gap, axis)
		if textWidth(b.Name) <= slot+2 || slot > 24 {
			c.text("m q", x+slot/2, y0+17, fit(b.Name, math.Max(slot-2, 12)))
		}
	}
	c.attrs += ` data-plot="` + num(x0) + " " + num(x1) + " " + num(y0) + " " + num(y1) + `" data-at="` + strings.Join(at, " ") + `"`
}

// columnEdges returns where each bar begins: side by side, with half a slot of
// space where the ordinary ones and those apart meet.
func columnEdges(bars []ColumnBar, x0, x1 float64) (edges []float64, slot float64) {
	slots := float64(len(bars))
	for i := 1; i < len(bars); i++ {
		if bars[i].Apart != bars[i-1].Apart {
			slots += 0.5
		}
	}
	slot = (x1 - x0) / slots
	x := x0
	for i := range bars {
		if i > 0 && bars[i].Apart != bars[i-1].Apart {
			x += slot / 2
		}
		edges = append(edges, x)
		x += slot
	}
	return edges, slot
}

// known reports whether a bar has a value that can be drawn.
func (b ColumnBar) known() bool { return finite(b.Value) && b.Value >= 0 }

// whole reports whether the values are counts.
func (s Columns) whole() bool {
	for _, b := range s.Bars {
		if b.known() && b.Value != math.Trunc(b.Value) {
			return false
		}
	}
	return s.Y.Unit == ""
}

func (c *canvas) column(b ColumnBar, x, w float64, axis scale) {
	titled := b.Title != "" && c.theme == ""
	if titled {
		c.write(`<g><title>`, escape(b.Title), `</title>`)
	}
	top := axis.p0
	if b.known() {
		tone := b.Tone
		if tone == "" {
			tone = "bar"
		}
		if b.Apart && b.Tone == "" {
			tone = ToneUnknown
		}
		top = axis.at(b.Value)
		h := axis.p0 - top
		if b.Value > 0 {
			h = math.Max(h, 1) // one of many thousands is not none
			top = axis.p0 - h
			c.block(tone, "M"+num(x)+" "+num(top)+"h"+num(w)+"v"+num(h)+"h"+num(-w)+"z")
			if b.Apart {
				c.write(`<path d="M`, num(x), ` `, num(top), `h`, num(w), `v`, num(h), `h`, num(-w), `z" fill="url(#`, c.id, `h)"/>`)
			}
		}
	}
	if textWidth(b.Text) <= w+8 {
		c.text("m", x+w/2, top-6, b.Text)
	}
	if titled {
		c.write(`</g>`)
	}
}

func (s Columns) cursor() *Cursor {
	bars := s.shown()
	if len(bars) > cursorPoints {
		return nil
	}
	labels, values := make([]string, len(bars)), make([]string, len(bars))
	for i, b := range bars {
		labels[i] = b.Name
		switch {
		case b.Title != "":
			values[i] = b.Title
		case b.Text != "":
			values[i] = b.Text
		case b.known():
			values[i] = withUnitText(format.Number(b.Value, s.Y.Decimals), s.Y.Unit)
		}
	}
	return wordCursor(labels, []string{""}, [][]string{values})
}
