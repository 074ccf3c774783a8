package chart

import (
	"math"
	"strconv"
	"strings"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

func (s Heatmap) empty() bool {
	for _, row := range s.Rows {
		for _, cell := range row.Cells {
			if cell.known() {
				return false
			}
		}
	}
	return true
}

// Sizes of a heatmap.
const (
	heatHead   = 26.0 // above the first row of the wide drawing
	heatRow    = 24.0
	heatCell   = 21.0
	heatGroup  = 8.0 // extra space between groups
	stripRow   = 46.0
	stripCell  = 16.0
	stripAbove = 20.0 // words above a strip
)

func (s Heatmap) height(wide bool) float64 {
	y := 0.0
	for i := range s.Rows {
		y = s.top(i, wide) + pick(wide, heatRow, stripRow)
	}
	return y + pick(wide, 4, 22)
}

// top is where row i begins.
func (s Heatmap) top(i int, wide bool) float64 {
	y := pick(wide, heatHead, 0)
	for j := range i + 1 {
		if s.begins(j) && j > 0 {
			y += pick(wide, heatGroup, 0)
		}
		if s.begins(j) && !wide {
			y += 22
		}
		if j < i {
			y += pick(wide, heatRow, stripRow)
		}
	}
	return y
}

// begins reports whether row i is the first of its group.
func (s Heatmap) begins(i int) bool {
	return s.Rows[i].Group != "" && (i == 0 || s.Rows[i-1].Group != s.Rows[i].Group)
}

// newest returns the columns that fit, the newest ones, and the index of the first.
func (s Heatmap) newest(wide bool) (int, int) {
	n := len(s.Columns)
	for _, row := range s.Rows {
		n = max(n, len(row.Cells))
	}
	most := int(pick(wide, 104, 60))
	return max(n-most, 0), min(n, most)
}

func (s Heatmap) draw(c *canvas) {
	first, n := s.newest(c.wide)
	if c.wide {
		s.drawWide(c, first, n)
	} else {
		s.drawNarrow(c, first, n)
	}
}

func (s Heatmap) drawWide(c *canvas, first, n int) {
	group, name, right := 0.0, 0.0, textWidth(s.NHead)
	for _, row := range s.Rows {
		if row.Group != "" {
			group = math.Max(group, textWidth(row.Group)+16)
		}
		name = math.Max(name, textWidth(row.Name)+14)
		right = math.Max(right, textWidth(row.N))
	}
	group, name, right = math.Min(group, 110), math.Min(name, 220), math.Min(right+14, 150)
	x0, x1 := group+name, c.w-right
	slot := (x1 - x0) / float64(n)
	s.columnLabels(c, first, n, x0, slot, 14)
	c.text("e q", c.w, 14, fit(s.NHead, right-6))
	numbers := s.numbersFit(first, n, slot)
	for i, row := range s.Rows {
		y := s.top(i, true)
		c.series1(i, func() {
			if s.begins(i) {
				c.text("q", 0, y+15, fit(row.Group, group-8))
			}
			c.link(row.Href, "", func() { c.text(c.nameClass(), group, y+15, fit(row.Name, name-10)) })
			c.heatCells(row, first, n, x0, y, slot, numbers)
			c.heatBreaks(row, first, n, x0, y, slot, heatCell)
			c.text("e q", c.w, y+15, fit(row.N, right-6))
		})
	}
	s.cursorPlace(c, first, n, x0, x1, heatCell)
}

func (s Heatmap) drawNarrow(c *canvas, first, n int) {
	slot, current := c.w/float64(n), s.current()
	for i, row := range s.Rows {
		y := s.top(i, false)
		c.series1(i, func() {
			if s.begins(i) {
				c.text("q", 0, y-8, fit(row.Group, c.w))
			}
			size, last := fit(row.N, c.w*0.35), fit(row.at(current), c.w*0.2)
			value := c.w - textWidth(size) - 10
			room := value - textWidth(last) - 10
			c.link(row.Href, "", func() { c.text(c.nameClass(), 0, y+13, fit(row.Name, room)) })
			c.text("b e", value, y+13, last)
			c.text("e q", c.w, y+13, size)
			c.heatStrip(row, first, n, y+stripAbove, slot)
			c.heatBreaks(row, first, n, 0, y+stripAbove, slot, stripCell)
		})
	}
	s.columnLabels(c, first, n, 0, slot, c.h-6)
	s.cursorPlace(c, first, n, 0, c.w, stripCell)
}

// nameClass is that of a name, in a link or not.
func (c *canvas) nameClass() string {
	if c.inLink {
		return "lk"
	}
	return "nm"
}

// current is the newest column in which any row has a value, -1 for none: the
// periods after it are those in which nothing was observed at all.
func (s Heatmap) current() int {
	newest := -1
	for _, row := range s.Rows {
		for i := len(row.Cells) - 1; i > newest; i-- {
			if row.Cells[i].known() {
				newest = i
			}
		}
	}
	return newest
}

// at prints the value of a row in a column, "" for none.
func (r HeatRow) at(column int) string {
	if column < 0 || column >= len(r.Cells) || !r.Cells[column].known() {
		return ""
	}
	return r.Cells[column].Text
}

// labels are the words above the columns: their own or, where none has any, the
// year above its first month.
func (s Heatmap) labels() []string {
	labels, own := make([]string, len(s.Columns)), false
	for i, column := range s.Columns {
		labels[i] = column.Label
		own = own || column.Label != ""
	}
	for i, column := range s.Columns {
		if !own && (i == 0 || column.T.Year() != s.Columns[i-1].T.Year()) {
			labels[i] = strconv.Itoa(column.T.Year())
		}
	}
	return labels
}

func (s Heatmap) columnLabels(c *canvas, first, n int, x0, slot, y float64) {
	right := math.Inf(-1)
	labels := s.labels()
	for i := first; i < min(first+n, len(s.Columns)); i++ {
		text := labels[i]
		x := x0 + float64(i-first)*slot
		if text == "" || x < right || x+textWidth(text) > math.Max(x0+float64(n)*slot+2, c.w*0.5) && i > first {
			continue
		}
		c.text("q", x, y, text)
		right = x + textWidth(text) + 10
	}
}

// cellGap is the space between two cells.
func cellGap(slot float64) float64 { return math.Min(1, slot*0.15) }

// numbersFit reports whether every cell has room for its number. Some numbers
// and not others would give the small ones a weight of their own, so either all
// of them are written or none, and the read-out and the table have them.
func (s Heatmap) numbersFit(first, n int, slot float64) bool {
	for _, row := range s.Rows {
		for i := first; i < min(first+n, len(row.Cells)); i++ {
			if cell := row.Cells[i]; cell.known() && textWidth(cell.Text)+3 > slot {
				return false
			}
		}
	}
	return true
}

// heatCells draws the cells of a wide row, with numbers where all have room.
func (c *canvas) heatCells(row HeatRow, first, n int, x0, y, slot float64, numbers bool) {
	w := slot - cellGap(slot)
	for i := first; i < min(first+n, len(row.Cells)); i++ {
		cell, x := row.Cells[i], x0+float64(i-first)*slot
		if cell.known() {
			tone := shareTone(*cell.V)
			c.rect(string(tone), x, y, w, heatCell, 0)
			if numbers {
				c.text(onTone(tone), x+w/2, y+heatCell/2+4.5, cell.Text)
			}
		} else {
			c.line("hatl", x+w/2-3, y+heatCell/2+4, x+w/2+3, y+heatCell/2-4)
		}
	}
}

// heatStrip draws the cells of a narrow row, one path for each tone.
func (c *canvas) heatStrip(row HeatRow, first, n int, y, slot float64) {
	w := slot - cellGap(slot)
	var tones [6]pen
	for i := first; i < min(first+n, len(row.Cells)); i++ {
		cell, x := row.Cells[i], float64(i-first)*slot
		if cell.known() {
			tones[shareStep(*cell.V)].box(x, y+stripCell, w, stripCell)
		} else {
			c.line("hatl", x+w/2-3, y+stripCell/2+4, x+w/2+3, y+stripCell/2-4)
		}
	}
	for step := range tones {
		if d := tones[step].String(); d != "" {
			c.shape(Tone("h"+strconv.Itoa(step)), d)
		}
	}
}

// heatBreaks draws the ember bars of a row over its cells.
func (c *canvas) heatBreaks(row HeatRow, first, n int, x0, y, slot, h float64) {
	for i := first + 1; i < min(first+n, len(row.Cells)); i++ {
		if row.Cells[i].Break {
			x := x0 + float64(i-first)*slot - cellGap(slot)/2
			c.breakBar(x, y-1.5, y+h+1.5)
		}
	}
}

// breakBar draws an ember bar on a paler ground of its own: beside the darkest
// cells it could not be told from them.
func (c *canvas) breakBar(x, top, bottom float64) {
	c.line("bkh", x, top, x, bottom)
	c.line("bk", x, top, x, bottom)
}

// known reports whether a cell has a value that can be drawn.
func (c HeatCell) known() bool { return c.V != nil && finite(*c.V) }

// shareTone is the step of the blue ramp for a share.
func shareTone(v float64) Tone { return Tone("h" + strconv.Itoa(shareStep(v))) }

// shareStep is that step as a number: below 5, 20, 40, 60 and 80 %, and above.
func shareStep(v float64) int {
	steps := []float64{0.05, 0.2, 0.4, 0.6, 0.8}
	i := 0
	for i < len(steps) && v >= steps[i] {
		i++
	}
	return i
}

// onTone is the class of a number that stands on a step of the blue ramp.
func onTone(t Tone) string {
	if t == ToneShare4 || t == ToneShare5 {
		return "m op"
	}
	return "m oi"
}

// cursorPlace says where the cells stand, so that the cursor can frame one.
func (s Heatmap) cursorPlace(c *canvas, first, n int, x0, x1, h float64) {
	base, _ := s.newest(true) // the cursor has the columns of the wide drawing
	rows := make([]string, len(s.Rows))
	for i := range s.Rows {
		y := s.top(i, c.wide)
		if !c.wide {
			y += stripAbove
		}
		rows[i] = num(y) + " " + num(h)
	}
	c.attrs += ` data-plot="` + num(x0) + " " + num(x1) + " " + num(c.h) + ` 0" data-slots="` + strconv.Itoa(first-base) + " " + strconv.Itoa(n) +
		`" data-rows="` + strings.Join(rows, "|") + `"`
}

func (s Heatmap) cursor() *Cursor {
	first, n := s.newest(true)
	labels := make([]string, n)
	for i := range labels {
		labels[i] = strconv.Itoa(first + i + 1)
		if first+i < len(s.Columns) {
			column := s.Columns[first+i]
			if labels[i] = column.Label; labels[i] == "" {
				labels[i] = format.Month(column.T)
			}
		}
	}
	names, values := make([]string, len(s.Rows)), make([][]string, len(s.Rows))
	for i, row := range s.Rows {
		names[i], values[i] = row.Name, make([]string, n)
		for j := range values[i] {
			if at := first + j; at < len(row.Cells) && row.Cells[at].known() {
				values[i][j] = row.Cells[at].Text
			}
		}
	}
	cursor := wordCursor(labels, names, values)
	cursor.One = true
	return cursor
}
