package card

import (
	"bytes"
	"image/png"
	"os"
	"strings"
	"testing"

	"golang.org/x/image/font/opentype"
)

func TestPNG(t *testing.T) {
	for name, c := range map[string]Card{
		"empty": {},
		"plain": {Title: "738 of the 1,000 most downloaded Python projects had a Scorecard result on 15 Jun 2026", Text: "Security health of the Python package ecosystem from public evidence.", Facts: []string{"Scorecard through 15 Jun 2026", "OSV through 23 Jul 2026"}, Stamp: "Simulated data"},
		"long":  {Title: strings.Repeat("word ", 200), Text: strings.Repeat("x", 2000), Facts: []string{strings.Repeat("far ", 20), strings.Repeat("further ", 200)}, Stamp: "Simulated data"},
		"odd":   {Title: "ÅÄÖ \u202e 漢字 \x00 \xff", Text: "\n\t"},
	} {
		body, err := PNG(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if dir := os.Getenv("CARDS"); dir != "" {
			if err := os.WriteFile(dir+"/card-"+name+".png", body, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		picture, err := png.Decode(bytes.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b := picture.Bounds(); b.Dx() != Width || b.Dy() != Height || len(body) > 150_000 {
			t.Errorf("%s: %v, %d bytes", name, b, len(body))
		}
		again, err := PNG(c)
		if err != nil || !bytes.Equal(body, again) {
			t.Errorf("%s: drawn twice, it differs", name)
		}
	}
}

func TestWrap(t *testing.T) {
	f, err := fonts()
	if err != nil {
		t.Fatal(err)
	}
	p := &painter{}
	wrap := func(font *opentype.Font, text string, n int) string {
		return strings.Join(p.wrap(font, 60, text, n), "|")
	}
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"", 2, ""},
		{"one line", 2, "one line"},
		{"one  line\nof words", 2, "one line of words"},
		{strings.Repeat("projects ", 8), 2, "projects projects projects projects|projects projects projects projects"},
		{strings.Repeat("projects ", 9), 2, "projects projects projects projects|projects projects projects projects…"},
		{"words", 0, ""},
	} {
		if got := wrap(f.bold, c.text, c.n); got != c.want {
			t.Errorf("%q in %d lines: %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	for b.Loop() {
		if _, err := PNG(Card{Title: "738 of the 1,000 most downloaded Python projects", Text: "Of 1,000.", Facts: []string{"Through 15 Jun 2026"}}); err != nil {
			b.Fatal(err)
		}
	}
}
