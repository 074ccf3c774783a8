package chart

import (
	"math"
	"strconv"
	"strings"

	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// scale maps a stretch of values onto a stretch of coordinates.
type scale struct{ v0, v1, p0, p1 float64 }

func (s scale) at(v float64) float64 {
	if s.v1 == s.v0 {
		return (s.p0 + s.p1) / 2
	}
	return s.p0 + (v-s.v0)/(s.v1-s.v0)*(s.p1-s.p0)
}

// finite reports whether v can be drawn.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) && math.Abs(v) < 1e300 }

// steps are the round distances between ticks, in units of a power of ten.
var steps = []float64{1, 2, 2.5, 5, 10}

// ticks returns two to six round values that reach from lo or below to hi or
// above, with the smallest round step that allows it. whole keeps steps whole.
func ticks(lo, hi float64, whole bool) []float64 {
	if !finite(lo) || !finite(hi) {
		return []float64{0, 1}
	}
	if hi < lo {
		lo, hi = hi, lo
	}
	if size := math.Max(math.Abs(lo), math.Abs(hi)); hi-lo < 1e-9*math.Max(size, 1e-3) { // one value
		pad := math.Max(size*0.1, 1)
		lo, hi = lo-pad, hi+pad
		if lo < 0 && lo+pad >= 0 {
			lo, hi = 0, math.Max(hi-pad, 0.5)*2
		}
	}
	for power := math.Pow(10, math.Floor(math.Log10(hi-lo))-1); ; power *= 10 {
		for _, s := range steps {
			step := s * power
			if whole && (step < 1 || step != math.Trunc(step)) {
				continue
			}
			first, last := math.Floor(lo/step+1e-9), math.Ceil(hi/step-1e-9)
			if last-first > 5 {
				continue
			}
			n := max(int(last-first), 1) + 1
			values := make([]float64, n)
			for i := range values {
				values[i] = (first + float64(i)) * step
			}
			return values
		}
	}
}

// tickText prints the ticks alike: with as many decimals as the step needs, and
// in thousands, millions and so on where the numbers are long.
func tickText(values []float64) []string {
	step, top := 1.0, 0.0
	if len(values) > 1 {
		step = values[1] - values[0]
	}
	for _, v := range values {
		top = math.Max(top, math.Abs(v))
	}
	unit, suffix := 1.0, ""
	for _, u := range []struct {
		size float64
		name string
	}{{1e12, " tn"}, {1e9, " bn"}, {1e6, " m"}, {1e4, " k"}} {
		if top >= u.size {
			unit, suffix = u.size, u.name
			if u.size == 1e4 {
				unit = 1e3
			}
			break
		}
	}
	decimals := 0
	for s := step / unit; decimals < 6 && math.Abs(s-math.Round(s)) > 1e-6; decimals++ {
		s *= 10
	}
	texts := make([]string, len(values))
	for i, v := range values {
		switch {
		case top >= 1e18:
			texts[i] = strconv.FormatFloat(v, 'g', 3, 64)
		case v == 0:
			texts[i] = "0"
		default:
			texts[i] = format.Number(v/unit, decimals) + suffix
		}
	}
	return texts
}

// withUnit puts the unit behind the top tick.
func withUnit(texts []string, unit string) []string {
	if n := len(texts); n > 0 && unit != "" {
		texts[n-1] += "\u00a0" + strings.TrimSpace(unit)
	}
	return texts
}

// spread moves positions apart so that block i, of the given size around its
// position, overlaps none of its neighbours. The order is kept, clusters stay
// centred on what they wanted, and all stay within lo and hi where they fit.
// want must be in rising order.
func spread(want, size []float64, lo, hi float64) []float64 {
	type cluster struct {
		first, n  int
		sum, size float64 // sum of the wanted starts, as if the cluster began at 0
	}
	total := 0.0
	for _, s := range size {
		total += s
	}
	shrink := 1.0
	if total > hi-lo && total > 0 {
		shrink = (hi - lo) / total
	}
	start := func(c cluster) float64 {
		at := c.sum / float64(c.n)
		return math.Max(lo, math.Min(at, hi-c.size))
	}
	var clusters []cluster
	for i := range want {
		s := size[i] * shrink
		c := cluster{first: i, n: 1, sum: want[i] - s/2, size: s}
		for len(clusters) > 0 {
			last := clusters[len(clusters)-1]
			if start(last)+last.size <= start(c)+1e-9 {
				break
			}
			c = cluster{
				first: last.first,
				n:     last.n + c.n,
				sum:   last.sum + c.sum - float64(c.n)*last.size,
				size:  last.size + c.size,
			}
			clusters = clusters[:len(clusters)-1]
		}
		clusters = append(clusters, c)
	}
	got := make([]float64, len(want))
	for _, c := range clusters {
		at := start(c)
		for i := c.first; i < c.first+c.n; i++ {
			s := size[i] * shrink
			got[i] = at + s/2
			at += s
		}
	}
	return got
}
