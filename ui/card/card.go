// Package card draws the picture that other sites show beside a link to a page:
// the mark, the page's own sentence, what it is about, and how far its data run.
package card

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// The size of every card, which is what the sites that show them ask for.
const (
	Width  = 1200
	Height = 630
)

// Card is what a card says. What does not fit is cut or left out.
type Card struct {
	Title string   // the sentence of the page
	Text  string   // its description; left out when there is no room for all of it
	Facts []string // "Scorecard through 15 Jun 2026"; as many as stand in one line
	Stamp string   // "Simulated data", "" on real data
}

// The colours are those of the light theme.
var (
	paper  = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink    = color.RGBA{0x1b, 0x1d, 0x21, 0xff}
	ink2   = color.RGBA{0x4d, 0x51, 0x59, 0xff}
	ink3   = color.RGBA{0x68, 0x6d, 0x76, 0xff}
	rule   = color.RGBA{0xdc, 0xda, 0xd5, 0xff}
	ember  = color.RGBA{0xb4, 0x49, 0x0f, 0xff}
	warn   = color.RGBA{0x7a, 0x4a, 0x00, 0xff}
	warnBg = color.RGBA{0xfd, 0xf1, 0xd3, 0xff}
)

const margin = 72

// fonts are parsed once; faces of them are made for every card, because they
// may not be shared.
var fonts = sync.OnceValues(func() (f struct{ regular, bold *opentype.Font }, err error) {
	if f.regular, err = opentype.Parse(goregular.TTF); err != nil {
		return f, err
	}
	f.bold, err = opentype.Parse(gobold.TTF)
	return f, err
})

// PNG draws a card.
func PNG(c Card) ([]byte, error) {
	f, err := fonts()
	if err != nil {
		return nil, fmt.Errorf("fonts of the card: %w", err)
	}
	p := &painter{image: image.NewRGBA(image.Rect(0, 0, Width, Height))}
	draw.Draw(p.image, p.image.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)

	p.mark(margin, 56, 2.4)
	p.text(f.bold, 34, ink, margin+70, 95, "Pyrometer")
	if c.Stamp != "" {
		w := p.measure(f.bold, 26, c.Stamp)
		p.box(Width-margin-w-32, 60, Width-margin, 108, warnBg)
		p.text(f.bold, 26, warn, Width-margin-w-16, 93, c.Stamp)
	}

	size, lines := p.fit(f.bold, c.Title)
	y := 150
	for _, line := range lines {
		y += size * 5 / 4
		p.text(f.bold, size, ink, margin, y, line)
	}
	y += 18
	if lines := p.wrap(f.regular, 28, c.Text, 9); len(lines) <= (Height-130-y)/38 {
		for _, line := range lines {
			y += 38
			p.text(f.regular, 28, ink2, margin, y, line)
		}
	}

	p.box(margin, Height-96, Width-margin, Height-94, rule)
	foot := ""
	for i, fact := range c.Facts {
		if i > 0 {
			fact = foot + " · " + fact
		}
		if p.measure(f.regular, 24, fact) > Width-2*margin {
			break
		}
		foot = fact
	}
	p.text(f.regular, 24, ink3, margin, Height-50, foot)
	var b bytes.Buffer
	if err := png.Encode(&b, p.image); err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	return b.Bytes(), p.err
}

// painter draws on one picture and keeps the first error.
type painter struct {
	image *image.RGBA
	err   error
}

// face returns a font at a size in pixels.
func (p *painter) face(f *opentype.Font, size int) font.Face {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingNone})
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("font of the card: %w", err)
	}
	return face
}

func (p *painter) measure(f *opentype.Font, size int, text string) int {
	return font.MeasureString(p.face(f, size), text).Ceil()
}

// text draws one line, its baseline at y.
func (p *painter) text(f *opentype.Font, size int, c color.Color, x, y int, text string) {
	d := font.Drawer{Dst: p.image, Src: image.NewUniform(c), Face: p.face(f, size), Dot: fixed.P(x, y)}
	d.DrawString(text)
}

func (p *painter) box(x0, y0, x1, y1 int, c color.Color) {
	draw.Draw(p.image, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
}

// fit finds the largest size at which a title has few enough lines.
func (p *painter) fit(f *opentype.Font, title string) (size int, lines []string) {
	for _, try := range []struct{ size, lines int }{{60, 3}, {50, 4}, {42, 5}} {
		size, lines = try.size, p.wrap(f, try.size, title, try.lines)
		if len(strings.Join(lines, " ")) >= len(strings.Join(strings.Fields(title), " ")) {
			break
		}
	}
	return size, lines
}

// wrap breaks a text into at most n lines that fit between the margins. What is
// left over is cut off with an ellipsis.
func (p *painter) wrap(f *opentype.Font, size int, text string, n int) []string {
	face := p.face(f, size)
	fits := func(s string) bool { return font.MeasureString(face, s).Ceil() <= Width-2*margin }
	var lines []string
	words := strings.Fields(text)
	for len(words) > 0 && len(lines) < n {
		line := cut(words[0], fits)
		words = words[1:]
		for len(words) > 0 && fits(line+" "+words[0]) {
			line, words = line+" "+words[0], words[1:]
		}
		lines = append(lines, line)
	}
	if len(words) > 0 && n > 0 {
		lines[n-1] = cut(lines[n-1]+" "+words[0], fits)
		if !strings.HasSuffix(lines[n-1], "…") {
			lines[n-1] = cut(lines[n-1]+"…", fits)
		}
	}
	return lines
}

// cut shortens a text until it fits.
func cut(text string, fits func(string) bool) string {
	if fits(text) {
		return text
	}
	runes := []rune(text)
	for len(runes) > 1 && !fits(string(runes)+"…") {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// mark draws the logo, whose drawing is 22 units wide, as the head of the pages
// has it.
func (p *painter) mark(x, y, scale float64) {
	const stroke = 1.75
	z := vector.NewRasterizer(Width, Height)
	dot := func(cx, cy float64) {
		r := stroke / 2 * scale
		cx, cy = x+cx*scale, y+cy*scale
		for i := range 13 {
			a := 2 * math.Pi * float64(i) / 12
			px, py := float32(cx+r*math.Cos(a)), float32(cy+r*math.Sin(a))
			if i == 0 {
				z.MoveTo(px, py)
			} else {
				z.LineTo(px, py)
			}
		}
		z.ClosePath()
	}
	const steps = 240
	for i := range steps {
		a := 2 * math.Pi * float64(i) / steps
		dot(11+9.5*math.Cos(a), 11+9.5*math.Sin(a))
	}
	pulse := [][2]float64{{2, 14}, {5.5, 14}, {7.1, 14}, {7.1, 7}, {8.8, 7}, {10.5, 7}, {10.5, 16}, {12.2, 16}, {13.9, 16}, {13.8, 11}, {15.4, 11}, {20, 11}}
	segments := [][4][2]float64{
		{pulse[0], pulse[0], pulse[1], pulse[1]}, {pulse[1], pulse[2], pulse[3], pulse[4]}, {pulse[4], pulse[5], pulse[6], pulse[7]},
		{pulse[7], pulse[8], pulse[9], pulse[10]}, {pulse[10], pulse[10], pulse[11], pulse[11]},
	}
	for _, s := range segments {
		for i := range steps / 4 {
			t := float64(i) / (steps/4 - 1)
			u := 1 - t
			at := func(k int) float64 {
				return u*u*u*s[0][k] + 3*u*u*t*s[1][k] + 3*u*t*t*s[2][k] + t*t*t*s[3][k]
			}
			dot(at(0), at(1))
		}
	}
	z.Draw(p.image, p.image.Bounds(), image.NewUniform(ember), image.Point{})
}
