package chart

import (
	"math"
	"strings"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// threatNames are the threats of SLSA v1.2, in the order of the chain.
var threatNames = []struct{ id, name string }{
	{"A", "Producer"}, {"B", "Modifying the source"}, {"C", "Source code management"}, {"D", "External build parameters"},
	{"E", "Build process"}, {"F", "Artifact publication"}, {"G", "Distribution channel"}, {"H", "Package selection"}, {"I", "Usage"},
	{"Dependency", "Dependency"}, {"Availability", "Availability"},
}

// stage is one box of the chain. The threats A, C, E, G and I stand on the boxes
// in this order, B, D, F and H on the arrows between them.
type stage struct{ name, what string }

var stages = []stage{
	{"Producer", "writes the code"}, {"Source", "the repository"}, {"Build", "the workflow"}, {"Distribution", "the package index"}, {"Consumer", "installs the package"},
}

var (
	dependencies = stage{"Dependencies", "what the build takes in"}
	everything   = stage{"Every part", "of the chain"}
)

func (s Picture) empty() bool { return len(s.Nodes) == 0 }

func (s Picture) height(wide bool) float64 { return pick(wide, 384, 806) }

func (s Picture) cursor() *Cursor { return nil }

// nodes returns all threats in the order of the chain, those that are missing as
// unknown.
func (s Picture) nodes() []Threat {
	nodes := make([]Threat, len(threatNames))
	for i, want := range threatNames {
		nodes[i] = Threat{ID: want.id}
		for _, n := range s.Nodes {
			if n.ID == want.id {
				nodes[i] = n
			}
		}
		if nodes[i].Name == "" {
			nodes[i].Name = want.name
		}
	}
	return nodes
}

// words says what is seen of a threat.
func (t Threat) words() string {
	switch {
	case t.State != "":
		return t.State
	case t.Size <= 0:
		return "unknown"
	}
	return "evidence observed for " + format.Of(t.Observed, t.Size) + ", no public evidence observed for " +
		format.Count(t.NotObserved) + ", unknown for " + format.Count(t.Unknown)
}

func (s Picture) draw(c *canvas) {
	nodes := s.nodes()
	if c.wide {
		c.chainAcross(nodes)
	} else {
		c.chainDown(nodes)
	}
}

// Sizes of the wide picture.
const (
	stageWidth  = 144.0
	stageStep   = 204.0
	stageTop    = 124.0
	stageBottom = 188.0
	discRadius  = 13.0
)

// chainAcross is the wide picture: the chain from left to right, the threats of
// the boxes above it, those of the arrows below.
func (c *canvas) chainAcross(nodes []Threat) {
	c.bracket("Source threats", 0, 350)
	c.bracket("Build threats", 360, 758)
	c.bracket("Usage threats", 768, c.w)
	middle := (stageTop + stageBottom) / 2
	for i, st := range stages {
		x := float64(i) * stageStep
		c.stage(st, "stg", x, stageTop, stageWidth, stageBottom-stageTop)
		if i > 0 {
			c.arrow(x-stageStep+stageWidth, middle, x, middle)
		}
	}
	const depTop, depHeight, entry = 316.0, 48.0, 538.0
	c.stage(dependencies, "stg", 2*stageStep, depTop, stageWidth, depHeight)
	c.arrow(entry, depTop, entry, stageBottom)
	c.stage(everything, "std", 0, depTop, stageWidth, depHeight)
	for i, node := range nodes {
		switch {
		case i >= 9: // beside their boxes below
			x := stageWidth
			if node.ID == "Dependency" {
				x += 2 * stageStep
			}
			c.node(node, x, depTop+depHeight/2, x+24, depTop-3, stageWidth)
		case i%2 == 0: // on a box, told above it
			x := float64(i/2) * stageStep
			c.line("ax", x+discRadius+6, 94, x+discRadius+6, stageTop-discRadius)
			c.node(node, x+discRadius+6, stageTop, x, 34, stageWidth)
		default: // on an arrow, told below it
			x := float64(i/2)*stageStep + (stageWidth+stageStep)/2
			c.line("ax", x, middle+discRadius, x, 212)
			c.node(node, x, middle, x-discRadius, 216, stageWidth)
		}
	}
	c.evidenceKey(c.w-186, depTop+6)
}

// chainDown is the narrow picture: the chain from top to bottom, each threat
// beside its place.
func (c *canvas) chainDown(nodes []Threat) {
	const step, width, high, left = 66.0, 108.0, 44.0, 14.0
	at := func(row int) float64 { return 28 + step*float64(row) }
	for i, st := range stages {
		y := at(2 * i)
		c.stage(st, "stg", left, y-high/2, width, high)
		if i > 0 {
			c.arrow(left+width/2, at(2*i-2)+high/2, left+width/2, y-high/2)
		}
	}
	c.stage(dependencies, "stg", left, at(9)-high/2, width, high)
	c.path("arr", "M"+num(left)+" "+num(at(9))+"H3V"+num(at(4))+"H"+num(left-1))
	c.head(left, at(4), 1, 0)
	c.stage(everything, "std", left, at(10)-high/2, width, high)
	for i, node := range nodes {
		x := left + width
		if i < 9 && i%2 == 1 {
			x = left + width/2
		}
		text := left + width + discRadius + 15
		if i < 9 && i%2 == 1 {
			c.line("ax", x+discRadius, at(i), text-4, at(i))
		}
		c.node(node, x, at(i), text, at(i)-29, c.w-text)
	}
	c.evidenceKey(left, at(10)+step/2+12)
}

// bracket names a group of threats above the chain.
func (c *canvas) bracket(name string, x0, x1 float64) {
	c.path("ax", "M"+num(x0+.5)+" 23v-5H"+num(x1-.5)+"v5")
	c.text("q", x0, 12, name)
}

// stage draws one box. On the narrow picture a disc stands on its right side
// and there is room for the name alone.
func (c *canvas) stage(s stage, class string, x, y, w, h float64) {
	c.rect(class, x, y, w, h, 4)
	if !c.wide {
		c.text("b", x+10, y+h/2+4.5, s.name)
		return
	}
	c.text("b m", x+w/2, y+h/2-2, s.name)
	c.text("q m", x+w/2, y+h/2+14, s.what)
}

func (c *canvas) arrow(x0, y0, x1, y1 float64) {
	length := math.Hypot(x1-x0, y1-y0)
	dx, dy := (x1-x0)/length, (y1-y0)/length
	c.path("arr", "M"+num(x0)+" "+num(y0)+"L"+num(x1-dx*2)+" "+num(y1-dy*2))
	c.head(x1, y1, dx, dy)
}

// head draws the point of an arrow that comes in the direction dx, dy.
func (c *canvas) head(x, y, dx, dy float64) {
	const long, wide = 8, 4
	bx, by := x-dx*long, y-dy*long
	c.path("ahd", "M"+num(x)+" "+num(y)+"L"+num(bx-dy*wide)+" "+num(by+dx*wide)+"L"+num(bx+dy*wide)+" "+num(by-dx*wide)+"z")
}

// node draws a threat: its disc at x, y on the chain, and at left, top its name,
// the bar of its shares and the shares as numbers, width wide. All of it is one link.
func (c *canvas) node(t Threat, x, y, left, top, width float64) {
	c.link(t.Href, strings.TrimSpace(t.letter()+" "+t.Name)+": "+t.words(), func() {
		if c.theme == "" {
			c.rect("hit", left-4, top-2, width+8, 58, 0)
		}
		c.disc(t, x, y)
		name := "b"
		if c.inLink {
			name = "b lk"
		}
		c.text(name, left, top+12, fit(t.Name, math.Max(width+48, 0)))
		c.shares(t, left, top+20, width)
	})
}

// letter is the letter of a threat, "" for the two that have none.
func (t Threat) letter() string {
	if len(t.ID) == 1 {
		return t.ID
	}
	return ""
}

// disc is the place of a threat on the chain, darker the more evidence is observed.
func (c *canvas) disc(t Threat, x, y float64) {
	r := discRadius
	if t.letter() == "" {
		r = 7
	}
	if t.Size <= 0 {
		c.circle("dsu", x, y, r, "")
		c.text("b m", x, y+4.5, t.letter())
		return
	}
	tone := shareTone(float64(t.Observed) / float64(t.Size))
	c.circle(string(tone)+" f dsc", x, y, r, "")
	c.text("b "+onTone(tone), x, y+4.5, t.letter())
}

// shares draws the bar of a threat and its three numbers below, always in the
// order observed, not observed, unknown.
func (c *canvas) shares(t Threat, x, y, w float64) {
	const h = 13
	box := func(tone Tone, from, to float64) {
		if to-from > 0 {
			c.shape(tone, "M"+num(from)+" "+num(y)+"H"+num(to)+"v"+num(h)+"H"+num(from)+"z")
		}
	}
	if t.Size <= 0 {
		box(ToneHatch, x, x+w)
		c.text("", x, y+h+16, "unknown")
		return
	}
	counts := []int{t.Observed, t.NotObserved, t.Unknown}
	tones := []Tone{"bar", ToneNone, ToneHatch}
	var want, size []float64
	var texts []string
	from := x
	for i, n := range counts {
		to := math.Min(from+w*math.Max(float64(n), 0)/float64(t.Size), x+w)
		box(tones[i], from, to)
		text := percentOf(n, t.Size)
		texts = append(texts, text)
		want, size = append(want, (from+to)/2), append(size, textWidth(text)+7)
		from = to
	}
	// A number stands in the middle of its part, or as near as the others let it.
	for i, middle := range spread(want, size, x-3, x+w+3) {
		class := "m"
		if i == 0 {
			class = "b m"
		}
		c.text(class, middle, y+h+16, texts[i])
	}
}

// percentOf prints a share in whole percent; some of many is not none.
func percentOf(n, size int) string {
	switch share := float64(n) / float64(size); {
	case n > 0 && share < 0.005:
		return "<1\u00a0%"
	case n < size && share >= 0.995:
		return ">99\u00a0%"
	default:
		return format.Percent(share, 0)
	}
}

// evidenceKey explains the parts of the bars, in their order.
func (c *canvas) evidenceKey(x, y float64) {
	for i, entry := range []Class{{Name: "evidence observed", Tone: "bar"}, {Name: "no public evidence observed", Tone: ToneNone}, {Name: "unknown", Tone: ToneHatch}} {
		at := y + 19*float64(i)
		c.shape(entry.Tone, "M"+num(x)+" "+num(at-10)+"h16v12h-16z")
		c.text("", x+23, at, entry.Name)
	}
}
