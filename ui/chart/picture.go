package chart

import (
	"strconv"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

func (s Picture) empty() bool { return len(s.Nodes) == 0 }

func (s Picture) height(wide bool) float64 { return 20 + 30*float64(len(s.Nodes)) }

func (s Picture) draw(c *canvas) {
	for i, n := range s.Nodes {
		y := 20 + 30*float64(i)
		c.link(n.Href, n.ID+" "+n.Name+": "+n.words(), func() {
			c.text("b", 0, y, n.ID)
			c.text("nm", 90, y, n.Name)
			c.text("q", pick(c.wide, 400, 200), y, n.words())
		})
	}
}

// words says what is seen of a threat.
func (t Threat) words() string {
	if t.State != "" {
		return t.State
	}
	if t.Size <= 0 {
		return "unknown"
	}
	return "evidence observed for " + format.Of(t.Observed, t.Size) + ", no public evidence observed for " +
		strconv.Itoa(t.NotObserved) + ", unknown for " + strconv.Itoa(t.Unknown)
}

func (s Picture) cursor() *Cursor { return nil }
