package chart

import (
	"html/template"
	"strings"
)

// Widths of the two drawings of a page.
const (
	wideWidth   = 960
	narrowWidth = 360
)

func draw(s Spec) Drawing {
	if s.empty() {
		return Drawing{}
	}
	d := Drawing{Wide: page(s, true), Narrow: page(s, false), Cursor: s.cursor()}
	if area, ok := s.(Area); ok {
		d.Labels = area.legend()
	}
	return d
}

// role says what a drawing is to a screen reader: one image, or a group when
// there are links to reach in it.
func (c *canvas) role() string {
	if c.linked {
		return "group"
	}
	return "img"
}

// page makes one of the two drawings. They stand on the same page, so their ids
// differ.
func page(s Spec, wide bool) template.HTML {
	head := s.head()
	c := &canvas{wide: wide, w: wideWidth, h: s.height(wide), id: cleanID(head.ID) + "-w"}
	class := "wid"
	if !wide {
		c.w, c.id, class = narrowWidth, cleanID(head.ID)+"-n", "nar"
	}
	s.draw(c)
	var b strings.Builder
	b.WriteString(`<svg class="` + class + `" viewBox="0 0 ` + num(c.w) + ` ` + num(c.h) + `" role="` + c.role() + `" aria-labelledby="` + c.id + `t ` + c.id + `d"` + c.attrs + `>`)
	b.WriteString(`<title id="` + c.id + `t">` + escape(head.Title) + `</title><desc id="` + c.id + `d">` + escape(head.Desc) + `</desc>`)
	b.WriteString(c.b.String())
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}
