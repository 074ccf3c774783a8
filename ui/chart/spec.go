// Package chart draws Pyrometer's charts as SVG on the server: lines, quantile
// bands, stacked bars, release dots, check strips and sparklines. A chart is a
// plain value (a Spec); Draw makes the two drawings of a page, Export one
// drawing that stands alone with literal colours.
//
// What must hold: unknown is never zero (a nil value is a gap), no line or band
// crosses a cut, all text is escaped, coordinates have one decimal, and at most
// MaxPoints points are drawn of one series.
package chart

import (
	"html/template"
	"time"
)

// MaxPoints is the most points that are drawn of one series. Of a longer one
// the extremes of each of evenly sized stretches are kept.
const MaxPoints = 2000

// Spec is a chart: Lines, Band, Bars or Releases.
type Spec interface {
	head() Head
	// empty reports that there is nothing at all to draw.
	empty() bool
	// height of the whole drawing in units.
	height(wide bool) float64
	draw(c *canvas)
	cursor() *Cursor
}

// Head names a chart for the page and for screen readers.
type Head struct {
	ID    string // unique on the page, letters, digits and hyphens: the figure's ID
	Title string // becomes <title>
	Desc  string // becomes <desc>: what the drawing shows, in one or two sentences
}

func (h Head) head() Head { return h }

// Point is one observation.
type Point struct {
	T time.Time
	V *float64 // nil is a gap
	// Suspect draws V as a hollow dot outside the line, which has a gap there.
	Suspect bool
}

// Series is one line.
type Series struct {
	Name   string  // "Top 1,000"
	Label  string  // its value at the end, "73.8 %"; stands beside Name
	Main   bool    // blue and labelled in bold; the others are grey
	Points []Point // oldest first
}

// Axis is the vertical axis.
type Axis struct {
	Unit string // stands on the top tick with a space, "%"
	// Min and Max are what must be inside; they are widened to round ticks.
	// Both 0: taken from the data.
	Min, Max float64
	// Zero makes the axis start at 0 whatever the data.
	Zero bool
	// Decimals of the values in the read-out.
	Decimals int
}

// Flag is a break on the time axis. Cut flags are filled and cut lines and
// bands; the others are hollow and do not.
type Flag struct {
	Letter string // from Letters
	At     time.Time
	Cut    bool
	Text   string // "1 Dec 2024: rank list counts all installers"
}

// Letters returns the flags in order of date, lettered A, B, … Z, AA, AB, ….
func Letters(flags []Flag) []Flag { return letters(flags) }

// Span is a stretch of time with frozen input, drawn as a wash. Both days are
// part of it.
type Span struct {
	From, To time.Time
}

// Time is the time axis. The zero value is taken from the data.
type Time struct {
	From, To time.Time
	// NarrowFrom is where the narrow drawing starts, zero for From.
	NarrowFrom time.Time
	Flags      []Flag
	Frozen     []Span
}

// Lines is a chart of one or a few lines over time: coverage, a score.
type Lines struct {
	Head
	Time
	Y      Axis
	Series []Series // of the same chart; the Main one is drawn last, on top
	// Step holds each value until the next observation instead of joining them.
	Step bool
	// SuspectText stands beside the hollow dots, "outages, left out"; "" for none.
	SuspectText string
}

// Quantiles is one observation of a distribution; nil is a gap.
type Quantiles struct {
	T                       time.Time
	P10, P25, P50, P75, P90 *float64
	Suspect                 bool // left out
}

// Band is a chart of a distribution over time: p10 to p90 pale, p25 to p75
// stronger, the median as a line.
type Band struct {
	Head
	Time
	Y      Axis
	Points []Quantiles // oldest first
}

// Bars is a chart of counts by month (or week, or year), stacked by class. Bars start at zero.
type Bars struct {
	Head
	Y       Axis
	Classes []Class // the first stands at the bottom
	Months  []Month // oldest first, without holes
	// By is the length of a bar's period: "month", "week" or "year"; "" is month.
	By string
	// NarrowFrom is the first month of the narrow drawing, zero for the first of all.
	NarrowFrom time.Time
	// FillingText stands above the hatched months, "still filling".
	FillingText string
	// NarrowFilling is the same where there is less room, "" for FillingText.
	NarrowFilling string
}

// Class is one class of a stack.
type Class struct {
	Name string
	Tone Tone
}

// Tone is a step of a ramp, the name of its class in the stylesheet.
type Tone string

// The severity ramp. It orders by contrast and is never red.
const (
	ToneUnknown  Tone = "v0"
	ToneLow      Tone = "v1"
	ToneMedium   Tone = "v2"
	ToneHigh     Tone = "v3"
	ToneCritical Tone = "v4"
)

// SeverityClasses is the severity stack, critical at the bottom.
func SeverityClasses() []Class {
	return []Class{
		{"Critical", ToneCritical}, {"High", ToneHigh}, {"Medium", ToneMedium}, {"Low", ToneLow}, {"Unknown", ToneUnknown},
	}
}

// Month is one bar; of another period when Bars.By says so.
type Month struct {
	T       time.Time // the first day of the period
	Values  []int     // one for each class
	Filling bool      // later arrivals still change it: hatched
}

// Releases is a strip of dots, one lane for each release line ("2.x").
type Releases struct {
	Head
	Time
	Lanes []Lane // the first stands on top
	// Mark is a dashed line with words, "attestations possible" from 29 Oct 2024.
	Mark *Mark
}

// Mark is a date with words.
type Mark struct {
	At   time.Time
	Text string
}

// Lane is one row of dots.
type Lane struct {
	Name string // "2.x"
	Dots []Dot  // oldest first
}

// Dot is one release.
type Dot struct {
	T     time.Time
	Full  bool   // every file carries provenance
	Label string // printed above where there is room, "2.7.0"; "" for none
	Title string // "2.7.0, 7 May 2026: 2 of 2 files attested"
}

// Drawing is what a page holds of a chart. The zero Drawing means that there
// is nothing to draw; the figure then shows its state.
type Drawing struct {
	Wide, Narrow template.HTML
	Cursor       *Cursor // the values for the read-out by keyboard and pointer; nil without
}

// Cursor carries a chart's values in data attributes, so that the script needs
// no request and no inline script.
type Cursor struct {
	T    string // days since 1970-01-01: the first, then differences, space-separated
	V    string // values of each series, space-separated, "-" a gap, "~5.2" suspect; series joined by |
	N    string // names of the series, joined by |
	Unit string // " %", "" without
	By   string // "day", "week", "month" or "year": how to print the dates
}

// Draw makes the wide and the narrow drawing of a page.
func Draw(s Spec) Drawing { return draw(s) }

// Theme names the literal colours of an exported drawing.
type Theme string

// The themes.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Words is the text inside an exported drawing.
type Words struct {
	Title  string // the figure's title
	Sub    string // the figure's subline
	Note   string // flags and what was left out, "A 1 Dec 2024: …"
	Source string // "Pyrometer · pypi-scorecards archive · data through 15 Jun 2026 · http://…"
	State  string // printed in place of the plot when there is nothing to draw
	Key    []Class
}

// Export makes a drawing that stands alone: the wide drawing with a margin,
// 1008 wide, in literal colours on a ground, its words inside. It is a whole SVG
// document.
func Export(s Spec, t Theme, w Words) []byte { return export(s, t, w) }

// Spark draws a sparkline, 240 by 44, cut at the flags that cut. It is hidden
// from screen readers: the number beside it is the content. "" without a value.
func Spark(points []Point, flags []Flag) template.HTML { return spark(points, flags) }

// Cell is one period of a strip.
type Cell struct {
	Score *float64 // 0 to 10; nil is not run or inconclusive, drawn as a thin slash
	Break bool     // the meaning or the input changed at its beginning: an ember bar
	Title string   // "2026-Q2: 10"
}

// Strip draws one check's history as a strip of cells, each 12 by 16; of more
// than 40 the newest. The label says in words what it shows. "" without cells.
func Strip(label string, cells []Cell) template.HTML { return strip(label, cells) }

// ScoreBar draws a score of 0 to 10 as a bar of 120 by 12, hidden from screen
// readers: the number stands beside it.
func ScoreBar(score float64) template.HTML { return scoreBar(score) }

// MoveBar draws how many of n fell (to the left) and rose (to the right) around
// the middle, 150 by 14, hidden from screen readers. most is the largest number
// of its table and fills an arm.
func MoveBar(rose, fell, most int) template.HTML { return moveBar(rose, fell, most) }
