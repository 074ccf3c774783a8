package chart

import (
	"math"
	"strconv"
	"strings"

	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// canvas collects the elements of one drawing. With a zero theme it names the
// classes of the stylesheet; with a theme it writes literal colours, because
// renderers outside a browser do not know custom properties.
type canvas struct {
	b     strings.Builder
	theme Theme
	wide  bool
	id    string // prefix of every id in the drawing, unique on the page
	w, h  float64
	// attrs are data attributes for the script, written on the root by svg.
	attrs   string
	linked  bool // there is a link inside
	inLink  bool // what is drawn now stands in a link
	hatched bool // the pattern of ToneHatch is defined
}

// num prints a coordinate with one decimal at most and never "-0".
func num(v float64) string {
	v = math.Round(v*10) / 10
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// pen writes a path in steps from place to place. Points a week apart then
// differ in little else than their height, which makes a page a third lighter.
// Steps lead between rounded places, so that errors do not add up.
type pen struct {
	b    strings.Builder
	x, y float64
}

func tenth(v float64) float64 { return math.Round(v*10) / 10 }

// move begins a stretch.
func (p *pen) move(x, y float64) {
	p.x, p.y = tenth(x), tenth(y)
	p.b.WriteString("M" + num(p.x) + " " + num(p.y))
}

// jump begins another stretch, or the first.
func (p *pen) jump(x, y float64) {
	if p.b.Len() == 0 {
		p.move(x, y)
		return
	}
	dx, dy := num(tenth(x)-p.x), num(tenth(y)-p.y)
	p.x, p.y = tenth(x), tenth(y)
	p.b.WriteString("m" + dx + " " + dy)
}

// box draws a rectangle from a jump to its lower left corner; the pen stays there.
func (p *pen) box(x, y, w, h float64) {
	p.jump(x, y)
	p.b.WriteString("h" + num(w) + "v" + num(-h) + "h" + num(-w) + "z")
}

// line goes straight to a place; to where the pen stands it does nothing.
func (p *pen) line(x, y float64) {
	dx, dy := num(tenth(x)-p.x), num(tenth(y)-p.y)
	p.x, p.y = tenth(x), tenth(y)
	switch {
	case dx == "0" && dy == "0":
	case dy == "0":
		p.b.WriteString("h" + dx)
	case dx == "0":
		p.b.WriteString("v" + dy)
	case dy[0] == '-':
		p.b.WriteString("l" + dx + dy)
	default:
		p.b.WriteString("l" + dx + " " + dy)
	}
}

// dot makes a place where the pen stands alone visible, by the round cap.
func (p *pen) dot() { p.b.WriteString("h0") }

func (p *pen) close() { p.b.WriteString("z") }

func (p *pen) String() string { return p.b.String() }

// escape makes text safe inside SVG text and double-quoted attributes. What may
// not be printed, such as the control characters that XML forbids, becomes a space.
func escape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&#34;")
		case r == '\'':
			b.WriteString("&#39;")
		case !format.Printable(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cleanID keeps what may stand in an id and in url(#…).
func cleanID(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, s)
	if clean == "" {
		return "chart"
	}
	return clean
}

// style writes a class, or the literal attributes that it stands for.
func (c *canvas) style(class string) string {
	if c.theme == "" {
		return ` class="` + class + `"`
	}
	return literal(c.theme, class)
}

func (c *canvas) write(parts ...string) {
	for _, p := range parts {
		c.b.WriteString(p)
	}
}

func (c *canvas) path(class, d string) {
	c.write(`<path`, c.style(class), ` d="`, d, `"`)
	if class == string(ToneHatch) {
		c.write(` fill="url(#`, c.id, `u)"`)
	}
	c.write(`/>`)
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	c.path(class, "M"+num(x1)+" "+num(y1)+"L"+num(x2)+" "+num(y2))
}

func (c *canvas) rect(class string, x, y, w, h, rx float64) {
	c.write(`<rect x="`, num(x), `" y="`, num(y), `" width="`, num(w), `" height="`, num(h), `"`)
	if rx > 0 {
		c.write(` rx="`, num(rx), `"`)
	}
	c.write(c.style(class), `/>`)
}

// text writes one line.
func (c *canvas) text(class string, x, y float64, s string) {
	if s == "" {
		return
	}
	c.write(`<text x="`, num(x), `" y="`, num(y), `"`)
	if c.theme != "" {
		c.write(literal(c.theme, strings.TrimSpace("text "+class)))
	} else if class != "" {
		c.write(` class="`, class, `"`)
	}
	c.write(`>`, escape(s), `</text>`)
}

// series1 draws what belongs to series i of several, so that the script can
// show it or not; with a negative i it just draws.
func (c *canvas) series1(i int, draw func()) {
	if i < 0 || c.theme != "" {
		draw()
		return
	}
	c.write(`<g data-s="`, strconv.Itoa(i), `">`)
	draw()
	c.write(`</g>`)
}

// link draws inside a link to a page of this site, named by label when the words
// inside do not tell. An export has no links, and other addresses are not linked.
func (c *canvas) link(href, label string, draw func()) {
	if c.theme != "" || !(part.Link{Href: href}).Local() {
		draw()
		return
	}
	c.linked = true
	c.write(`<a href="`, escape(href), `"`)
	if label != "" {
		c.write(` aria-label="`, escape(label), `"`)
	}
	c.write(`>`)
	c.inLink = true
	draw()
	c.inLink = false
	c.write(`</a>`)
}

// tone is the class, or list of attributes, that fills with a tone; the pattern
// of ToneHatch is defined where it is first used.
func (c *canvas) tone(t Tone) string {
	if t == ToneHatch && !c.hatched {
		c.hatched = true
		c.write(`<defs><pattern id="`, c.id, `u" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`)
		c.path("hatl", "M0 0V5")
		c.write(`</pattern></defs>`)
	}
	if t == ToneHatch || t == ToneNone {
		return string(t)
	}
	return string(t) + " f"
}

// shape fills a path with a tone.
func (c *canvas) shape(t Tone, d string) { c.path(c.tone(t), d) }

// block fills an area on the page itself, with an outline where its tone does
// not stand out from the page.
func (c *canvas) block(t Tone, d string) {
	class := c.tone(t)
	if ramp := t != ToneHatch && t != ToneNone; ramp && !strong(t) {
		class += " out"
	}
	c.path(class, d)
}

// circle draws a dot; title is what a pointer reads, "" for none.
func (c *canvas) circle(class string, x, y, r float64, title string) {
	c.write(`<circle cx="`, num(x), `" cy="`, num(y), `" r="`, num(r), `"`, c.style(class))
	if title == "" {
		c.write(`/>`)
		return
	}
	c.write(`><title>`, escape(title), `</title></circle>`)
}

// textWidth estimates the width of a line of 12-unit text, on the generous side.
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("iljtf.,:;'|!()[] ", r):
			w += 4
		case r >= '0' && r <= '9':
			w += 7.4
		case r >= 'A' && r <= 'Z' || r == '%' || r == 'm' || r == 'w':
			w += 9
		case r > 0x2e80:
			w += 12.5
		default:
			w += 7
		}
	}
	return w
}

// fit cuts a text with an ellipsis so that it is not wider than width.
func fit(s string, width float64) string {
	if textWidth(s) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 1 && textWidth(string(runes))+7 > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}
