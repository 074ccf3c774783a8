// Package chart draws Pyrometer's charts as SVG on the server: lines, quantile
// bands, stacked bars and areas, heatmaps, survival curves, histograms, scatters,
// release dots, the supply-chain picture, check strips and sparklines. A chart is
// a plain value (a Spec); Draw makes the two drawings of a page, Export one
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

// Spec is a chart: Lines, Band, Bars, Area, Heatmap, Curves, Columns, Dots,
// Releases or Picture.
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

// Axis is the vertical axis, or a horizontal one of numbers.
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
	// Initiatives stand on the axis as small hollow diamonds, numbered 1, 2, …
	// in the order given. That they stand there is no evidence of cause.
	Initiatives []Initiative
}

// Initiative is something that was begun in the ecosystem on a date. Its number
// is its place in Time.Initiatives, from 1.
type Initiative struct {
	At   time.Time
	Text string // "14 Nov 2024: PyPI supports attestations"
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
	Initiatives   []Initiative // as in Time
}

// Area is a chart of shares over time, stacked to the whole. It is cut where
// lines are cut; a gap is bridged by dotted lines.
type Area struct {
	Head
	Time
	Y       Axis    // Unit "%", Max 100 when 0
	Classes []Class // the first stands at the bottom
	Points  []Stack // oldest first
}

// Stack is one observation of an Area.
type Stack struct {
	T      time.Time
	Values []*float64 // in percent, one for each class; one nil or missing makes all of them a gap
}

// Heatmap is a table of shares, a row for each name and a column for each
// period. The wide drawing has the number in each cell, or in none where not all
// have room; the narrow one has name, value and n above a strip of cells.
type Heatmap struct {
	Head
	Columns []HeatColumn // oldest first
	Rows    []HeatRow    // in the order of drawing
	NHead   string       // stands above the n at the right, "Conclusive n"
}

// HeatColumn is one period.
type HeatColumn struct {
	T time.Time
	// Label stands above the column where there is room and begins the read-out,
	// "2026-Q2"; "" for the month of T in the read-out, and its year above January.
	Label string
}

// HeatRow is one row of cells.
type HeatRow struct {
	Group string // stands before the first of the rows of one group, "Critical"; "" for none
	Name  string // "Branch-Protection"
	Href  string // a local path, "" for none
	N     string // "679 of 1,000"
	Cells []HeatCell
}

// HeatCell is one value. The zero cell is unknown, a thin slash.
type HeatCell struct {
	V     *float64 // 0 to 1
	Text  string   // what is printed in the cell, "53"
	Title string   // "2026-Q2: 53 % of 679"
	Break bool     // the meaning or the input changed at its beginning: an ember bar
}

// Curves is a chart of survival: what share is left after so many days. Steps
// are never smoothed.
type Curves struct {
	Head
	X      Axis // in days; Min and Max as for the vertical axis
	Y      Axis
	Series []Curve // the Main one is drawn last, on top, and alone has a band
}

// Curve is one survival curve.
type Curve struct {
	Name  string // "Critical"
	Label string // "median 12 days"
	Main  bool
	Steps []Step // in order of X
}

// Step is the value from day X until the next step.
type Step struct {
	X         int
	V         float64
	Low, High *float64 // V less and plus its standard error; nil is unknown
	Censored  int      // how many left the observation here: a tick on the line
}

// Columns is a histogram over categories that have an order: scores 0 to 10,
// with -1 apart. It starts at zero.
type Columns struct {
	Head
	Y    Axis
	Bars []ColumnBar
}

// ColumnBar is one category.
type ColumnBar struct {
	Name  string // "10"
	Value float64
	Text  string // stands above the bar, "312"; "" for none
	Title string // "312 of 738 projects score 10"
	Tone  Tone   // "" for the blue of the one series
	Apart bool   // outside the order, -1: hatched, behind a space
}

// Dots is a scatter. More than MaxPoints of them are counted into fields of a
// grid that is darker where there are more.
type Dots struct {
	Head
	X, Y   Axis
	Points []DotPoint
}

// DotPoint is one dot.
type DotPoint struct {
	X, Y  float64
	Title string // what the read-out says of it
}

// Binned reports whether the drawing shows fields of a grid in place of dots,
// which the note then has to say.
func (s Dots) Binned() bool { return len(s.Points) > MaxPoints }

// Picture is the supply chain of SLSA v1.2 as one drawing: who produces, where
// the source lies, how it is built and distributed, who uses it, and at the place
// of each threat what share of a cohort shows evidence against it.
type Picture struct {
	Head
	Nodes []Threat // A to I, Dependency and Availability, in any order; a missing one is drawn as unknown
}

// Threat is one node of the picture: of Size projects, how many show evidence
// against the threat.
type Threat struct {
	ID    string // "A" to "I", "Dependency" or "Availability"
	Name  string // "Producer"
	Href  string // a local path to what the node rests on, "" for none
	State string // in words, "evidence observed for 43 %"; read out, "" to have it made of the counts

	Observed, NotObserved, Unknown, Size int
}

// Class is one class of a stack.
type Class struct {
	Name string
	One  string // what one of them is called in a sentence, where Name is a plural
	Tone Tone
}

// Tone is a step of a ramp, the name of its class in the stylesheet.
type Tone string

// The tones that say that there is no value: diagonal lines for unknown, an
// outline for none.
const (
	ToneHatch Tone = "hx"
	ToneNone  Tone = "ho"
)

// The blue ramp of shares and scores, from the lowest to the highest.
const (
	ToneShare0 Tone = "h0"
	ToneShare1 Tone = "h1"
	ToneShare2 Tone = "h2"
	ToneShare3 Tone = "h3"
	ToneShare4 Tone = "h4"
	ToneShare5 Tone = "h5"
)

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
		{Name: "Critical", Tone: ToneCritical}, {Name: "High", Tone: ToneHigh}, {Name: "Medium", Tone: ToneMedium}, {Name: "Low", Tone: ToneLow}, {Name: "Unknown", Tone: ToneUnknown},
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
	// Labels are what stands at the right of the wide drawing and has no room on
	// the narrow one: its legend. Empty where both drawings have their labels.
	Labels []Entry
}

// Cursor carries a chart's values in data attributes, so that the script needs
// no request and no inline script.
type Cursor struct {
	// T are the points: days since 1970-01-01, or since the beginning with By
	// "days"; the first, then differences, space-separated. With By "name" and
	// "point" they are words, joined by |.
	T    string
	V    string // values of each series, space-separated, "-" a gap, "~5.2" suspect; series joined by |
	N    string // names of the series, joined by |
	Unit string // " %", "" without
	// By says how to print the points: "day", "week", "month" or "year" a date,
	// "days" a number of days, "name" the word, "point" the word alone.
	By string
	// Legend names the series whose labels stand on the chart, so that they can
	// be hidden; empty for a single one, and where the figure has a key.
	Legend []Entry
	// Hide allows a reader to hide series: where hiding one leaves the others true.
	Hide bool
	// One makes the read-out name the series that the keys chose and no other,
	// where there are too many to read.
	One bool
}

// Entry is one entry of a legend: a name, and the class of its swatch.
type Entry struct{ Name, Class string }

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
