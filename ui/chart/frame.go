package chart

import (
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
)

// frame is the plot area of a chart over time, with its two scales.
type frame struct {
	x0, x1, y0, y1 float64 // left, right, bottom, top
	x, y           scale
	from, to       time.Time
}

// gutters for the line-end labels.
const (
	wideGutter    = 124.0
	maxWideGutter = 240.0
	narrowGutter  = 60.0
	narrowLine    = 92.0 // a label that needs more stands in two lines
	maxNarrow     = 116.0
)

func (f frame) at(t time.Time) float64 { return f.x.at(float64(t.Unix())) }

func (f frame) shows(t time.Time) bool { return !t.Before(f.from) && !t.After(f.to) }

// plot lays out and draws what stands below the data: the frozen spans, the
// grid, both axes. gutter is the room at the right for labels.
func (c *canvas) plot(a Time, y Axis, lo, hi float64, first, last time.Time, gutter float64, whole bool) frame {
	values := y.ticks(lo, hi, whole)
	texts := withUnit(tickText(values), y.Unit)
	left := 0.0
	for _, t := range texts {
		left = math.Max(left, textWidth(t)+10)
	}
	left = math.Min(left, c.w*0.3)
	if c.wide {
		left = math.Max(left, 40)
	}
	f := frame{x0: left, x1: c.w - gutter, y0: c.h - 28, y1: 36}
	f.from, f.to = a.window(c.wide, first, last)
	f.x = scale{float64(f.from.Unix()), float64(f.to.Unix()), f.x0, f.x1}
	f.y = scale{values[0], values[len(values)-1], f.y0, f.y1}
	for _, s := range a.Frozen {
		c.frozen(f, s)
	}
	c.yAxis(f.x0, f.x1, f.y, values, texts)
	c.xAxis(f)
	c.attrs += ` data-plot="` + num(f.x0) + " " + num(f.x1) + " " + num(f.y0) + " " + num(f.y1) +
		`" data-span="` + strconv.Itoa(days(f.from)) + " " + strconv.Itoa(days(f.to)) + `"`
	return f
}

// numberPlot lays out and draws what stands below the data of a chart whose
// horizontal axis is a number too. inDays chooses ticks that people count days by.
func (c *canvas) numberPlot(ax, y Axis, lo, hi, xlo, xhi, gutter float64, inDays bool) frame {
	values := y.ticks(lo, hi, false)
	texts := withUnit(tickText(values), y.Unit)
	left := pick(c.wide, 40, 0)
	for _, t := range texts {
		left = math.Max(left, textWidth(t)+10)
	}
	f := frame{x0: math.Min(left, c.w*0.3), x1: c.w - gutter, y0: c.h - 28, y1: 20}
	if ax.Min != 0 || ax.Max != 0 {
		xlo, xhi = math.Min(xlo, ax.Min), math.Max(xhi, ax.Max)
	}
	if ax.Zero {
		xlo, xhi = math.Min(xlo, 0), math.Max(xhi, 0)
	}
	var along []float64
	if inDays {
		xhi = math.Max(xhi, 1)
		along = dayCounts(xhi, max(int((f.x1-f.x0)/56), 2))
		f.x = scale{0, xhi, f.x0, f.x1}
	} else {
		along = ticks(xlo, xhi, false)
		f.x = scale{along[0], along[len(along)-1], f.x0, f.x1}
	}
	f.y = scale{values[0], values[len(values)-1], f.y0, f.y1}
	c.yAxis(f.x0, f.x1, f.y, values, texts)
	left = math.Inf(1) // of the word to the right: the last bears the unit and is written first
	words := withUnit(tickText(along), ax.Unit)
	for i := len(along) - 1; i >= 0; i-- {
		x := f.x.at(along[i])
		c.line("ax", x, f.y0, x, f.y0+5)
		half := textWidth(words[i]) / 2
		middle := math.Max(half, math.Min(x, math.Min(f.x1+12, c.w)-half))
		if middle+half <= left {
			c.text("m q", middle, f.y0+18, words[i])
			left = middle - half - 6
		}
	}
	c.attrs += ` data-plot="` + num(f.x0) + " " + num(f.x1) + " " + num(f.y0) + " " + num(f.y1) + `"`
	if inDays {
		c.attrs += ` data-span="0 ` + strconv.Itoa(int(xhi)) + `"`
	}
	c.valueScale(f)
	return f
}

// valueScale says which values the ends of the plot stand for, so that the
// cursor can mark one. Where values are stacked they do not stand at their value.
func (c *canvas) valueScale(f frame) {
	c.attrs += ` data-y="` + plainNumber(f.y.v0) + " " + plainNumber(f.y.v1) + `"`
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// dayCounts returns ticks from 0 to at most end, in steps of days, weeks, months
// or years, at most max of them.
func dayCounts(end float64, max int) []float64 {
	step := 365.0
	for _, s := range []float64{1, 2, 7, 14, 30, 60, 90, 180} {
		if end/s < float64(max) && end < 3*365 { // over years, only whole years
			step = s
			break
		}
	}
	for end/step >= float64(max) {
		step *= 2
	}
	var values []float64
	for v := 0.0; v <= end; v += step {
		values = append(values, v)
	}
	return values
}

// ticks widens the axis to what it must show.
func (y Axis) ticks(lo, hi float64, whole bool) []float64 {
	if y.Min != 0 || y.Max != 0 {
		lo, hi = math.Min(lo, y.Min), math.Max(hi, y.Max)
	}
	if y.Zero {
		lo, hi = math.Min(lo, 0), math.Max(hi, 0)
	}
	if y.Unit == "%" && lo == hi && lo >= 0 && hi <= 100 { // a level share does not reach past the whole
		lo, hi = math.Max(lo-2, 0), math.Min(hi+2, 100)
	}
	return ticks(lo, hi, whole)
}

func (c *canvas) yAxis(x0, x1 float64, y scale, values []float64, texts []string) {
	for i, v := range values {
		at, class := y.at(v), "g"
		if i == 0 {
			class = "ax"
		}
		c.line(class, x0, at, x1, at)
		c.text("e q", x0-8, at+4, texts[i])
	}
}

func (c *canvas) xAxis(f frame) {
	most := int((f.x1 - f.x0) / 48)
	right := math.Inf(-1)
	for _, t := range dateTicks(f.from, f.to, most) {
		x := f.at(t.t)
		c.line("ax", x, f.y0, x, f.y0+5)
		half := textWidth(t.text) / 2
		middle := math.Max(half, math.Min(x, c.w-half))
		if middle-half < right {
			continue
		}
		right = middle + half + 4
		c.text("m q", middle, f.y0+18, t.text)
	}
}

func (c *canvas) frozen(f frame, s Span) {
	from, to := s.From, s.To
	if to.IsZero() || to.Before(from) || to.Before(f.from) || from.After(f.to) {
		return
	}
	x := math.Max(f.at(from), f.x0)
	w := math.Min(f.at(to), f.x1) - x
	c.rect("frz", x, f.y1, math.Max(w, 1), f.y0-f.y1, 0)
}

// flags draws each break: a dashed line and a letter above the plot, filled
// where lines are cut. Boxes that would overlap are pushed apart and joined to
// their line.
func (c *canvas) flags(f frame, all []Flag) {
	var flags []Flag
	var want, size []float64
	for _, flag := range all {
		if f.shows(flag.At) {
			flags = append(flags, flag)
			want = append(want, f.at(flag.At))
			size = append(size, boxWidth(flag.Letter)+2)
		}
	}
	got := spread(want, size, f.x0-9, f.x1+9)
	for i, flag := range flags {
		line, box, text := "brm", "flm", "flmt"
		if flag.Cut {
			line, box, text = "br", "fl", "ft"
		}
		d := "M" + num(got[i]) + " 30"
		if math.Abs(got[i]-want[i]) > 0.5 {
			d += "L" + num(want[i]) + " " + num(f.y1)
		} else {
			got[i] = want[i]
			d = "M" + num(want[i]) + " 30"
		}
		c.path(line, d+"L"+num(want[i])+" "+num(f.y0))
		w := boxWidth(flag.Letter)
		c.rect(box, got[i]-w/2, 14, w, 16, 3)
		c.text(text, got[i], 26, flag.Letter)
	}
}

// initiatives draws the numbered diamonds on the axis. Numbers that would stand
// in each other are pushed apart.
func (c *canvas) initiatives(f frame, all []Initiative) {
	c.diamonds(all, f.x0, f.x1, f.y0, func(t time.Time) (float64, bool) { return f.at(t), f.shows(t) })
}

// diamonds does so on any axis; place says where a date stands.
func (c *canvas) diamonds(all []Initiative, x0, x1, y0 float64, place func(time.Time) (float64, bool)) {
	var texts []string
	var want, size []float64
	for i, one := range all {
		if x, ok := place(one.At); ok {
			texts = append(texts, strconv.Itoa(i+1))
			want = append(want, x)
			size = append(size, textWidth(texts[len(texts)-1])+3)
		}
	}
	// Pushing apart needs them in the order of their places.
	order := make([]int, len(want))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return want[order[i]] < want[order[j]] })
	places, sizes := make([]float64, len(want)), make([]float64, len(want))
	for i, j := range order {
		places[i], sizes[i] = want[j], size[j]
	}
	got := spread(places, sizes, x0, x1)
	for i, j := range order {
		c.path("dia", "M"+num(places[i])+" "+num(y0-5)+"l5 5l-5 5l-5-5z")
		c.text("num", got[i], y0-9, texts[j])
	}
}

func boxWidth(letter string) float64 { return math.Max(16, float64(len(letter))*8+4) }

// cuts returns the dates at which lines are cut.
func cuts(flags []Flag) []time.Time {
	var at []time.Time
	for _, f := range flags {
		if f.Cut {
			at = append(at, f.At)
		}
	}
	return at
}

// cutBetween reports whether a cut lies after a and not after b.
func cutBetween(at []time.Time, a, b time.Time) bool {
	for _, t := range at {
		if t.After(a) && !t.After(b) {
			return true
		}
	}
	return false
}

// endLabel is a label at the right end of a line.
type endLabel struct {
	y      float64 // where the line ends
	class  string
	lines  []string // one, or name and value below each other
	tone   Tone     // of the square before it, "" for none
	stroke string   // classes of the piece of line before it, "" for none
	series int      // number of its series from 1, 0 when there is only one
}

// Room of what stands before a label: the square of a class, the piece of a line.
const (
	swatch = 16.0
	sample = 32.0
)

// room is what stands before the words of a label.
func (l endLabel) room() float64 {
	switch {
	case l.tone != "":
		return swatch
	case l.stroke != "":
		return sample
	}
	return 0
}

// sampleRoom is the room for pieces of line before the labels of n series: one
// shows which line a label that was pushed away belongs to. The narrow drawing
// has none, nor has one with a single grey line.
func (c *canvas) sampleRoom(n int) float64 {
	if !c.wide || n < 3 {
		return 0
	}
	return sample
}

// sampled is the stroke of the piece of line before the label of one of n series.
func (c *canvas) sampled(n int, stroke string) string {
	if c.sampleRoom(n) == 0 {
		return ""
	}
	return stroke
}

// labels writes the labels at x, 15 units apart or more, in the order of their lines.
func (c *canvas) labels(f frame, x float64, labels []endLabel) {
	sortLabels(labels)
	want, size := make([]float64, len(labels)), make([]float64, len(labels))
	for i, l := range labels {
		want[i], size[i] = l.y, 15*float64(len(l.lines))
	}
	got := spread(want, size, f.y1-8, f.y0+8)
	for i, l := range labels {
		c.series1(l.series-1, func() {
			x, y := x, got[i]-size[i]/2+11.5
			if l.tone != "" {
				c.block(l.tone, "M"+num(x)+" "+num(y-9.5)+"h10v10h-10z")
			}
			if l.stroke != "" {
				c.line("ln "+l.stroke, x, y-4, x+sample-8, y-4)
			}
			x += l.room()
			for _, line := range l.lines {
				c.text(l.class, x, y, line)
				y += 15
			}
		})
	}
}

func sortLabels(labels []endLabel) {
	for i := 1; i < len(labels); i++ {
		for j := i; j > 0 && labels[j].y < labels[j-1].y; j-- {
			labels[j], labels[j-1] = labels[j-1], labels[j]
		}
	}
}

// labelLines breaks a label so that it fits: name and value in one line where
// there is room, else below each other, else cut.
func labelLines(name, value string, room float64) []string {
	switch {
	case name == "" && value == "":
		return nil
	case name == "" || value == "":
		return []string{fit(name+value, room)}
	}
	if one := name + "\u00a0 " + value; textWidth(one) <= room {
		return []string{one}
	}
	return []string{fit(name, room), fit(value, room)}
}

// wrapLabel breaks a label at its spaces into lines that fit.
func wrapLabel(text string, room float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(text, " ") {
		longer := strings.TrimPrefix(line+" "+word, " ")
		if line != "" && textWidth(longer) > room {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	return append(lines, fit(line, room))
}

// gutter returns the room that the labels need at the right.
func (c *canvas) gutter(names, values []string) float64 {
	least, most, widest := wideGutter, maxWideGutter, 0.0
	if !c.wide {
		least, most = narrowGutter, maxNarrow
	}
	for i, name := range names {
		one := textWidth(name) + textWidth(values[i]) + 8
		if !c.wide && one+14 > narrowLine { // below each other
			one = math.Max(textWidth(name), textWidth(values[i]))
		}
		widest = math.Max(widest, one)
	}
	return math.Min(math.Max(widest+14, least), most)
}
