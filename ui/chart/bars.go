package chart

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

func (s Bars) empty() bool { return len(s.Months) == 0 || len(s.Classes) == 0 }

func (s Bars) height(wide bool) float64 { return pick(wide, 290, 280) }

func (m Month) total() int {
	n := 0
	for _, v := range m.Values {
		n += max(v, 0)
	}
	return n
}

// shown returns the months of a drawing and the index of the first of them.
func (s Bars) shown(wide bool) ([]Month, int) {
	first := 0
	if !wide && !s.NarrowFrom.IsZero() {
		for first < len(s.Months)-1 && s.Months[first].T.Before(s.NarrowFrom) {
			first++
		}
	}
	if over := len(s.Months) - first - MaxPoints; over > 0 {
		first += over
	}
	return s.Months[first:], first
}

func (s Bars) draw(c *canvas) {
	months, first := s.shown(c.wide)
	top := 0
	for _, m := range months {
		top = max(top, m.total())
	}
	y := s.Y
	y.Zero = true
	values := y.ticks(0, float64(top), true)
	texts := withUnit(tickText(values), y.Unit)
	left := pick(c.wide, 40, 20)
	for _, t := range texts {
		left = math.Max(left, textWidth(t)+10)
	}
	x0, x1, y0, y1 := left, c.w-2, c.h-28, 26.0
	if !c.wide {
		x1 = c.w - 4
	}
	axis := scale{values[0], values[len(values)-1], y0, y1}
	c.yAxis(x0, x1, axis, values, texts)
	slot := (x1 - x0) / float64(len(months))
	gap := math.Min(2, slot*0.2)
	filling := -1
	for i, m := range months {
		if m.Filling && filling < 0 {
			filling = i
			c.pattern()
		}
		c.bar(s, m, x0+float64(i)*slot+gap/2, slot-gap, axis)
	}
	c.periodAxis(s.By, months, x0, slot, y0)
	c.diamonds(s.Initiatives, x0, x1, y0, func(t time.Time) (float64, bool) {
		at, ok := s.place(months, t)
		return x0 + at*slot, ok
	})
	if filling >= 0 {
		text := s.FillingText
		if !c.wide && s.NarrowFilling != "" {
			text = s.NarrowFilling
		}
		c.line("ax", x0+float64(filling)*slot, 24, x1, 24)
		c.text("e", x1, 17, text)
	}
	c.attrs += ` data-plot="` + num(x0) + " " + num(x1) + " " + num(y0) + " " + num(y1) +
		`" data-slots="` + strconv.Itoa(first) + " " + strconv.Itoa(len(months)) + `"`
}

// place says how many bars lie before a date, with the part of its own.
func (s Bars) place(months []Month, t time.Time) (float64, bool) {
	for i, m := range months {
		end := s.next(m.T)
		if !t.Before(m.T) && t.Before(end) {
			return float64(i) + t.Sub(m.T).Hours()/end.Sub(m.T).Hours(), true
		}
	}
	return 0, false
}

// next is the first day after the period that begins at t.
func (s Bars) next(t time.Time) time.Time {
	switch s.By {
	case "year":
		return t.AddDate(1, 0, 0)
	case "week":
		return t.AddDate(0, 0, 7)
	}
	return t.AddDate(0, 1, 0)
}

func (c *canvas) pattern() {
	c.write(`<defs><pattern id="`, c.id, `h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`)
	c.path("hat", "M0 0V6")
	c.write(`</pattern></defs>`)
}

// bar draws one month from the bottom up, 0.8 units between its parts.
func (c *canvas) bar(s Bars, m Month, x, w float64, axis scale) {
	if m.total() == 0 {
		return
	}
	c.write(`<g><title>`, escape(s.words(m)), `</title>`)
	below := 0
	for i, class := range s.Classes {
		if i >= len(m.Values) || m.Values[i] <= 0 {
			continue
		}
		bottom, top := axis.at(float64(below)), axis.at(float64(below+m.Values[i]))
		below += m.Values[i]
		h := bottom - top
		space := math.Min(0.8, h/3)
		number := i
		if len(s.Classes) == 1 {
			number = -1
		}
		c.series1(number, func() { c.rect(outlined(class.Tone), x, top, w, h-space, 0) })
	}
	if m.Filling {
		top := axis.at(float64(below))
		c.write(`<path d="M`, num(x), ` `, num(top), `h`, num(w), `V`, num(axis.p0), `h`, num(-w), `z" fill="url(#`, c.id, `h)"/>`)
	}
	c.write(`</g>`)
}

// words says what a bar shows, "Jan 2023: 4 medium, 9 unknown".
func (s Bars) words(m Month) string {
	var parts []string
	for i, class := range s.Classes {
		if i < len(m.Values) && m.Values[i] > 0 {
			many := strings.ToLower(class.Name)
			parts = append(parts, format.Plural(m.Values[i], cmp.Or(class.One, many), many))
		}
	}
	text := format.Month(m.T)
	switch s.By {
	case "year":
		text = m.T.Format("2006")
	case "week":
		text = "week of " + format.Date(m.T)
	}
	text += ": " + strings.Join(parts, ", ")
	if m.Filling {
		text += ", still filling"
	}
	return text
}

// periodAxis marks the first bar of each year, or every bar on a short axis.
// Where the words would stand too close, some are left out.
func (c *canvas) periodAxis(by string, periods []Month, x0, slot, y float64) {
	right := math.Inf(-1)
	for i, m := range periods {
		first := i == 0 || periods[i-1].T.Year() != m.T.Year()
		var text string
		switch {
		case by == "year", len(periods) > 18 && first && (i > 0 || m.T.YearDay() <= 7):
			text = m.T.Format("2006")
		case len(periods) > 18:
			continue
		case by == "week" && i == 0:
			text = m.T.Format("2 Jan 2006")
		case by == "week":
			text = m.T.Format("2 Jan")
		case first:
			text = m.T.Format("Jan 2006")
		default:
			text = m.T.Format("Jan")
		}
		x := x0 + float64(i)*slot
		if x+2 < right || x+2+textWidth(text) > c.w {
			continue
		}
		c.line("ax", x, y, x, y+5)
		c.text("q", x+2, y+18, text)
		right = x + 2 + textWidth(text) + 6
	}
}

func (s Bars) cursor() *Cursor {
	var names []string
	columns := make([][]Point, len(s.Classes))
	for i, class := range s.Classes {
		names = append(names, class.Name)
		for _, m := range s.Months {
			p := Point{T: m.T}
			if i < len(m.Values) {
				v := float64(m.Values[i])
				p.V = &v
			}
			columns[i] = append(columns[i], p)
		}
	}
	by := s.By
	if by == "" {
		by = "month"
	}
	cursor := newCursor(names, columns, s.Y, by)
	if cursor != nil {
		cursor.Hide = len(names) > 1
	}
	return cursor
}
