package chart

import "strings"

// margin around an exported drawing, so that it is 1008 wide.
const margin = 24

// export wraps a drawing in its words: title and subline above, notes and
// source below.
func export(s Spec, t Theme, w Words) []byte {
	if t != Dark {
		t = Light
	}
	head := s.head()
	inner := &canvas{wide: true, theme: t, w: wideWidth, h: 80, id: cleanID(head.ID) + "-x"}
	if s.empty() {
		text := w.State
		if text == "" {
			text = "Nothing to draw."
		}
		y := 20.0
		for _, line := range wrap(text, 130) {
			inner.text("sub", 0, y, line)
			y += 20
		}
		inner.h = y
	} else {
		inner.h = s.height(true)
		s.draw(inner)
	}

	out := &canvas{theme: t, id: inner.id + "k"}
	y := 20.0
	block := func(class, text string, width int, leading float64) {
		for _, line := range wrap(text, width) {
			y += leading
			out.text(class, margin, y, line)
		}
	}
	block("title", w.Title, 88, 26)
	block("sub", w.Sub, 130, 20)
	if _, labelled := s.(Area); len(w.Key) > 0 && !labelled {
		y += 24
		out.key(w.Key, y)
	}
	y += 16
	out.write(`<g transform="translate(`, num(margin), ` `, num(y), `)">`, inner.b.String(), `</g>`)
	y += inner.h
	block("small", w.Note, 140, 18)
	y += 6
	block("src", w.Source, 140, 18)
	y += margin

	width := num(wideWidth + 2*margin)
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="` + width + `" height="` + num(y) + `" viewBox="0 0 ` + width + ` ` + num(y) + `" role="img" aria-labelledby="` + inner.id + `t ` + inner.id + `d" font-family="Inter, system-ui, 'Segoe UI', sans-serif">`)
	b.WriteString(`<title id="` + inner.id + `t">` + escape(head.Title) + `</title><desc id="` + inner.id + `d">` + escape(head.Desc) + `</desc>`)
	b.WriteString(`<rect width="` + width + `" height="` + num(y) + `" fill="` + colour(t, "paper") + `"/>`)
	b.WriteString(out.b.String())
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

func (c *canvas) key(classes []Class, y float64) {
	x := float64(margin)
	for _, class := range classes {
		c.block(class.Tone, "M"+num(x)+" "+num(y-10)+"h12v12h-12z")
		c.text("small", x+18, y, class.Name)
		x += 18 + textWidth(class.Name)*1.1 + 18
	}
}

// wrap breaks text into lines of at most width characters, at spaces. A line
// without a space is cut.
func wrap(text string, width int) []string {
	var lines []string
	line := []rune{}
	for _, word := range strings.Fields(text) {
		w := []rune(word)
		if len(line) > 0 && len(line)+1+len(w) > width {
			lines = append(lines, string(line))
			line = line[:0]
		}
		for len(w) > width {
			lines = append(lines, string(w[:width]))
			w = w[width:]
		}
		if len(line) > 0 {
			line = append(line, ' ')
		}
		line = append(line, w...)
	}
	if len(line) > 0 {
		lines = append(lines, string(line))
	}
	return lines
}
