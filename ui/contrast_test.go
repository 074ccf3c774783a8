package ui

import (
	"io/fs"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// schemes are the two values of every token; paper uses the first.
var schemes = []string{"light and print", "dark"}

// tokens reads the colours of the stylesheet, each with a value for both schemes.
func tokens(t *testing.T) map[string][2]string {
	t.Helper()
	css, err := os.ReadFile("layout/layout.css")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)`).FindAllStringSubmatch(string(css), -1) {
		all[m[1]] = [2]string{m[2], m[3]}
	}
	if len(all) < 20 {
		t.Fatalf("only %d colours in the stylesheet", len(all))
	}
	return all
}

// ratio is the contrast of two colours as WCAG 2.2 defines it, 1 to 21.
func ratio(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(hex string) float64 {
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = strings.Repeat(hex[:1], 2) + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:], 2)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			return math.NaN()
		}
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

// TestContrast holds the contrast of what is read and of what carries meaning,
// in both schemes. Hairlines that only divide (rule, grid) and the wash of a
// form carry none.
func TestContrast(t *testing.T) {
	all := tokens(t)
	for _, test := range []struct {
		least   float64
		what    string
		on      []string
		against []string
	}{
		{4.5, "text", []string{"ink", "ink-2", "ink-3", "link", "s1"}, []string{"paper", "wash"}},
		{4.5, "stamp", []string{"warn"}, []string{"warn-bg"}},
		{4.5, "letter of a flag", []string{"paper"}, []string{"ink-2"}},
		{4.5, "number in a pale cell", []string{"ink"}, []string{"h0", "h1", "h2", "h3"}},
		{4.5, "number in a strong cell", []string{"paper"}, []string{"h4", "h5"}},
		{3, "line, border and mark", []string{"line", "s1", "s3", "ember", "ink-3"}, []string{"paper", "wash"}},
		{3, "focus", []string{"link"}, []string{"paper", "wash", "warn-bg"}},
		{3, "median on its band", []string{"s1"}, []string{"band-1", "band-2"}},
		{3, "bar beside its track", []string{"s1"}, []string{"h0"}},
	} {
		for _, on := range test.on {
			for _, against := range test.against {
				for i, scheme := range schemes {
					if got := ratio(all[on][i], all[against][i]); !(got >= test.least) {
						t.Errorf("%s: %s on %s has %.2f in %s, want %.1f", test.what, on, against, got, scheme, test.least)
					}
				}
			}
		}
	}
}

// TestTextColours holds that no rule of a stylesheet sets text in a colour that
// cannot be read on its ground: that of the rule itself, else page and wash.
func TestTextColours(t *testing.T) {
	all := tokens(t)
	sheets, err := fs.Glob(os.DirFS("."), "*/*.css")
	if err != nil || len(sheets) == 0 {
		t.Fatal(err, sheets)
	}
	rule := regexp.MustCompile(`\{([^{}]*)\}`)
	colour := regexp.MustCompile(`(?:^|[;{\s])color: var\(--([a-z0-9-]+)\)`)
	ground := regexp.MustCompile(`background: var\(--([a-z0-9-]+)\)`)
	bundle, err := os.ReadFile("assets/pyrometer.css")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, sheet := range sheets {
		if own := sheet == "assets/pyrometer.css"; !own && !strings.Contains(string(bundle), `"../`+sheet+`"`) {
			t.Errorf("%s is not in the bundle", sheet)
		}
		css, err := os.ReadFile(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range rule.FindAllStringSubmatch(string(css), -1) {
			text := colour.FindStringSubmatch(m[1])
			if text == nil {
				continue
			}
			seen++
			grounds := []string{"paper", "wash"}
			if own := ground.FindStringSubmatch(m[1]); own != nil {
				grounds = own[1:]
			}
			for _, g := range grounds {
				for i, scheme := range schemes {
					if got := ratio(all[text[1]][i], all[g][i]); !(got >= 4.5) {
						t.Errorf("%s: %s on %s has %.2f in %s: %s", sheet, text[1], g, got, scheme, strings.TrimSpace(m[1]))
					}
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d rules with a colour of text were found", seen)
	}
}

// TestSheetsRespectTheReader holds what the whole stylesheet owes to its
// readers: paper is light, nothing moves by itself, focus can be seen, and where
// readers chose their colours the drawings keep theirs.
func TestSheetsRespectTheReader(t *testing.T) {
	var sheet string
	for _, a := range Assets() {
		if a.Name == "pyrometer.css" {
			sheet = string(a.Body)
		}
	}
	for _, want := range []string{"@media print", "color-scheme:light", ":focus-visible", "forced-colors", ".skip:focus"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the stylesheet has no %s", want)
		}
	}
	// Nothing moves, so prefers-reduced-motion has nothing to take away.
	for _, no := range []string{"animation", "transition", "@keyframes", "scroll-behavior", "outline:none"} {
		if strings.Contains(sheet, no) {
			t.Errorf("the stylesheet has %s", no)
		}
	}
}
