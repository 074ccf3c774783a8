package chart

import (
	"math"
	"strconv"
	"testing"
)

// contrast is that of two tokens as WCAG 2.2 defines it.
func contrast(t Theme, a, b string) float64 {
	luminance := func(token string) float64 {
		hex, sum := colour(t, token), 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// TestNeighbours holds that any two classes of a stack can be told apart without
// their colours. In an area by contrast, or by the line between them, which
// stands out from one of the two. In a bar because each part is told from the
// page, by contrast or by its outline, and the page shows between the parts.
func TestNeighbours(t *testing.T) {
	shares := []Tone{ToneShare0, ToneShare1, ToneShare2, ToneShare3, ToneShare4, ToneShare5}
	line := map[string]string{"seam": "paper", "edge": "ink-3"}
	for _, theme := range []Theme{Light, Dark} {
		if got := contrast(theme, "line", "paper"); got < 3 {
			t.Errorf("%s: an outline has %.2f on the page", theme, got)
		}
		for _, a := range append([]Tone{ToneUnknown, ToneLow, ToneMedium, ToneHigh, ToneCritical}, shares...) {
			if got := contrast(theme, string(a), "paper"); strong(a) && got < 3 {
				t.Errorf("%s: %s is taken to stand out from the page and has %.2f", theme, a, got)
			}
		}
		for _, a := range shares {
			for _, b := range shares {
				if a == b {
					continue
				}
				between := line[seam(a, b)]
				told := math.Max(contrast(theme, string(a), string(b)), math.Max(contrast(theme, between, string(a)), contrast(theme, between, string(b))))
				if told < 3 {
					t.Errorf("%s: %s beside %s can be told by %.2f at most", theme, a, b, told)
				}
			}
			// Unknown and none have the page for their ground.
			if got := math.Max(contrast(theme, line[seam(a, ToneHatch)], string(a)), contrast(theme, line[seam(a, ToneHatch)], "paper")); got < 3 {
				t.Errorf("%s: %s beside unknown can be told by %.2f", theme, a, got)
			}
		}
		if got := contrast(theme, "ember", "paper"); got < 3 {
			t.Errorf("%s: an ember bar has %.2f on its ground", theme, got)
		}
	}
}

// TestStrokes holds that no two lines of a chart of six look alike.
func TestStrokes(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range strokes([]bool{false, true, false, false, false, false}) {
		if seen[s] {
			t.Errorf("two lines have the stroke %q", s)
		}
		seen[s] = true
	}
}

func TestWrapLabel(t *testing.T) {
	for _, test := range []struct {
		text string
		room float64
		want int
	}{{"Attested\u00a0 1.1\u00a0%", 200, 1}, {"Host unsupported or unknown, none observed\u00a0 0.1\u00a0%", 200, 2}, {"", 100, 1}} {
		lines := wrapLabel(test.text, test.room)
		if len(lines) != test.want {
			t.Errorf("%q: %d lines %q, want %d", test.text, len(lines), lines, test.want)
		}
		for _, line := range lines {
			if textWidth(line) > test.room {
				t.Errorf("%q does not fit %v", line, test.room)
			}
		}
	}
}

// TestNumbersFit holds that a heatmap has all of its numbers or none.
func TestNumbersFit(t *testing.T) {
	v := 0.5
	short, long := HeatCell{V: &v, Text: "5"}, HeatCell{V: &v, Text: "1,234"}
	for _, test := range []struct {
		cells []HeatCell
		want  bool
	}{{[]HeatCell{short, short}, true}, {[]HeatCell{short, long}, false}, {[]HeatCell{{}, short}, true}} {
		if got := (Heatmap{Rows: []HeatRow{{Cells: test.cells}}}).numbersFit(0, 2, 20); got != test.want {
			t.Errorf("%v: %v", test.cells, got)
		}
	}
}
