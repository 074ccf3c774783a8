package chart

import (
	"html/template"
	"math"
	"time"
)

// small makes a drawing that stands inside text. Without a label it is hidden
// from screen readers.
func small(w, h float64, label string, draw func(c *canvas)) template.HTML {
	c := &canvas{wide: true, w: w, h: h}
	draw(c)
	head := `<svg width="` + num(w) + `" height="` + num(h) + `" viewBox="0 0 ` + num(w) + ` ` + num(h) + `"`
	if label == "" {
		head += ` aria-hidden="true">`
	} else {
		head += ` role="img" aria-label="` + escape(label) + `">`
	}
	return template.HTML(head + c.b.String() + `</svg>`)
}

func spark(points []Point, flags []Flag) template.HTML {
	lo, hi, first, last := math.Inf(1), math.Inf(-1), time.Time{}, time.Time{}
	points = thin(points, MaxPoints)
	for _, p := range points {
		if p.drawn() {
			lo, hi = math.Min(lo, *p.V), math.Max(hi, *p.V)
			first, last = widen(first, last, p.T)
		}
	}
	if first.IsZero() {
		return ""
	}
	f := frame{x: scale{float64(first.Unix()), float64(last.Unix()), 2, 234}, y: scale{lo, hi, 38, 6}}
	if first.Equal(last) {
		f.x.p0 = 234 // one observation: at the end, where the newest stands
	}
	return small(240, 44, "", func(c *canvas) {
		stretches, joints := runs(points, cuts(flags))
		for _, j := range joints {
			a, b := points[j.from], points[j.to]
			c.line("ln thin cg gap", f.at(a.T), f.y.at(*a.V), f.at(b.T), f.y.at(*b.V))
		}
		for _, r := range stretches {
			c.path("ln c1 thin", trace(points[r.first:r.last+1], f, false))
		}
		end := points[stretches[len(stretches)-1].last]
		c.circle("end", f.at(end.T), f.y.at(*end.V), 3, "")
	})
}

// cellWidth is the width of one cell of a strip with its space.
const cellWidth = 12

func strip(label string, cells []Cell) template.HTML {
	if len(cells) == 0 {
		return ""
	}
	if over := len(cells) - 40; over > 0 {
		cells = cells[over:]
	}
	return small(cellWidth*float64(len(cells)), 16, label, func(c *canvas) {
		for i, cell := range cells {
			c.cell(float64(i)*cellWidth, cell)
		}
		for i, cell := range cells {
			if cell.Break && i > 0 {
				c.breakBar(float64(i)*cellWidth-0.5, -1, 17)
			}
		}
	})
}

func (c *canvas) cell(x float64, cell Cell) {
	c.write(`<g><title>`, escape(cell.Title), `</title>`)
	if cell.Score == nil || !finite(*cell.Score) {
		c.line("hatl", x+2.5, 12, x+8.5, 4)
	} else {
		c.rect(shade(*cell.Score), x, 0, cellWidth-1, 16, 0)
	}
	c.write(`</g>`)
}

// shade is the step of the blue ramp for a score: 0, up to 2, 4, 6, 8, and above.
func shade(score float64) string {
	switch {
	case score < 0.5:
		return "h0"
	case score <= 2:
		return "h1"
	case score <= 4:
		return "h2"
	case score <= 6:
		return "h3"
	case score <= 8:
		return "h4"
	}
	return "h5"
}

func scoreBar(score float64) template.HTML {
	if !finite(score) {
		return ""
	}
	w := math.Max(0, math.Min(score, 10)) * 12
	return small(120, 12, "", func(c *canvas) {
		c.rect("trk", 0, 0, 120, 12, 2)
		if w < 2 {
			c.rect("bar", 0, 0, 2, 12, 0) // a zero that was measured is not an empty field
		} else {
			c.rect("bar", 0, 0, w, 12, 2)
		}
	})
}

func moveBar(rose, fell, most int) template.HTML {
	arm := func(n int) float64 {
		if most <= 0 || n <= 0 {
			return 0
		}
		return math.Max(1, math.Min(float64(n)/float64(most), 1)*68)
	}
	return small(150, 14, "", func(c *canvas) {
		c.rect("trk", 0, 2, 150, 10, 0)
		if w := arm(fell); w > 0 {
			c.rect("h3", 75-w, 2, w, 10, 0)
		}
		if w := arm(rose); w > 0 {
			c.rect("bar", 75, 2, w, 10, 0)
		}
		c.line("ax", 75, 0, 75, 14)
	})
}
