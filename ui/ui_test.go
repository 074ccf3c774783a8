package ui_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

var update = flag.Bool("update", false, "write the golden files")

// hostile is what a project may call itself.
const hostile = `</title><script>alert(1)</script><img src=x onerror=alert(1)> "' & javascript:alert(1) ` + "\x00\x07\u202eevil\u2066\u200f \xff"

func render(t *testing.T, p ui.Page) string {
	t.Helper()
	u, err := ui.New()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := u.Render(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var hashes = regexp.MustCompile(`(/static/[a-z]+)-[0-9a-f]{8}`)

func TestGolden(t *testing.T) {
	for name, page := range samples() {
		t.Run(name, func(t *testing.T) {
			got := render(t, page)
			inspect(t, got)
			if levels := headings(t, got); levels[0] != 1 || slices.Contains(levels[1:], 1) {
				t.Errorf("headings of the levels %v, want one of level 1, first", levels)
			}
			plain := hashes.ReplaceAllString(got, "$1")
			path := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(path, []byte(plain), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v (write it with go test ./ui -update)", err)
			}
			if plain != string(want) {
				t.Errorf("%s differs; see it with git diff after go test ./ui -update", path)
			}
		})
	}
}

// TestEmpty renders every page with nothing in it.
func TestEmpty(t *testing.T) {
	for _, page := range zeros() {
		inspect(t, render(t, page))
	}
}

// TestHostile renders every page with hostile text in every string.
func TestHostile(t *testing.T) {
	for _, text := range []string{hostile, "javascript:alert(1)", "https://example.org/\"><script>alert(1)</script>", "data:text/html,<script>alert(1)</script>"} {
		for _, page := range filled(text) {
			got := render(t, page)
			inspect(t, got)
			for _, no := range []string{"<script>", "\x00", "\x07", "\u202e", "\u2066", "\u200f", "\xff", "ZgotmplZ"} {
				if strings.Contains(got, no) {
					t.Errorf("%s with %q holds %q", page.PageName(), text, no)
				}
			}
		}
	}
}

// TestFilled renders every page with a plain word in every string, so that every
// branch of every template is executed.
func TestFilled(t *testing.T) {
	for _, page := range filled("word") {
		got := render(t, page)
		inspect(t, got)
		if n := strings.Count(got, "word"); n < 5 {
			t.Errorf("%s shows %d of its strings", page.PageName(), n)
		}
	}
}

// TestFrame holds that no page hides a part of its frame behind a field of the
// same name.
func TestFrame(t *testing.T) {
	frame := reflect.TypeFor[layout.Frame]()
	for _, page := range zeros() {
		of := reflect.TypeOf(page)
		for i := range of.NumField() {
			f := of.Field(i)
			_, field := frame.FieldByName(f.Name)
			_, method := frame.MethodByName(f.Name)
			if f.Type != frame && (field || method) {
				t.Errorf("%s has a field %s, as the frame has", page.PageName(), f.Name)
			}
		}
	}
}

// inspect holds what must be true of every page.
func inspect(t *testing.T, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		count[n.Data]++
		attrs := map[string]string{}
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s> has the attribute %s, which the content security policy forbids", n.Data, a.Key)
			case a.Key == "href" || a.Key == "src" || a.Key == "action":
				link := part.Link{Href: a.Val}
				switch {
				case link.Local():
				case !link.External():
					t.Errorf("<%s> leads to %q", n.Data, a.Val)
				case n.Data == "a" && !hasAttr(n, "rel", "noopener noreferrer nofollow"):
					t.Errorf("<a href=%q> without rel", a.Val)
				case n.Data != "a" && !hasAttr(n, "rel", "canonical"):
					t.Errorf("<%s> leads to another site: %q", n.Data, a.Val)
				}
			}
		}
		switch n.Data {
		case "style", "iframe", "object", "embed", "base":
			t.Errorf("<%s> on a page", n.Data)
		case "script":
			if !strings.HasPrefix(attrs["src"], "/static/") || n.FirstChild != nil {
				t.Error("an inline script, or one from elsewhere")
			}
		case "th":
			if attrs["scope"] == "" {
				t.Error("<th> without scope")
			}
		case "svg":
			if attrs["aria-hidden"] != "true" && (attrs["role"] != "img" && attrs["role"] != "group" || attrs["aria-labelledby"] == "" && attrs["aria-label"] == "") {
				t.Errorf("<svg> that is neither hidden nor named: %v", attrs)
			}
		case "input":
			if attrs["type"] != "hidden" && attrs["aria-label"] == "" && (n.Parent == nil || n.Parent.Data != "label") {
				t.Errorf("<input name=%q> without a label", attrs["name"])
			}
		}
	}
	for _, element := range []string{"main", "script"} {
		if count[element] != 1 {
			t.Errorf("%d of <%s>, want 1", count[element], element)
		}
	}
	headings(t, page)
}

func hasAttr(n *html.Node, key, value string) bool {
	for _, a := range n.Attr {
		if a.Key == key && a.Val == value {
			return true
		}
	}
	return false
}

// headings returns the levels of the headings in order and fails on a gap.
func headings(t *testing.T, page string) []int {
	t.Helper()
	var levels []int
	for _, m := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(page, -1) {
		level := int(m[1][0] - '0')
		if n := len(levels); n > 0 && level > levels[n-1]+1 {
			t.Errorf("a heading of level %d follows one of level %d", level, levels[n-1])
		}
		levels = append(levels, level)
	}
	return levels
}

// TestIDs holds that no id stands twice on a page as it is used.
func TestIDs(t *testing.T) {
	for name, page := range samples() {
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(render(t, page), -1) {
			if seen[m[1]] {
				t.Errorf("%s: id %q twice", name, m[1])
			}
			seen[m[1]] = true
		}
	}
}

// TestDefinitions holds that every definition that the contents of the methods
// page names is there.
func TestDefinitions(t *testing.T) {
	page := render(t, samples()["methods"])
	for _, m := range regexp.MustCompile(`<li><a href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("no definition %q", m[1])
		}
	}
}

func TestAssets(t *testing.T) {
	page := render(t, samples()["problem"])
	want := map[string]string{"pyrometer.css": "text/css; charset=utf-8", "pyrometer.js": "text/javascript; charset=utf-8", "favicon.svg": "image/svg+xml"}
	for _, a := range ui.Assets() {
		if want[a.Name] != a.Type || len(a.Body) == 0 {
			t.Errorf("asset %s is %q, %d bytes", a.Name, a.Type, len(a.Body))
		}
		delete(want, a.Name)
		if !strings.Contains(page, `"`+a.Path+`"`) {
			t.Errorf("no page asks for %s", a.Path)
		}
	}
	if len(want) > 0 {
		t.Errorf("missing %v", want)
	}
}

type stranger struct{}

func (stranger) PageName() string { return "../etc" }

func TestUnknownPage(t *testing.T) {
	u, err := ui.New()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := u.Render(&b, stranger{}); err == nil || b.Len() > 0 {
		t.Errorf("rendered an unknown page: %v, %d bytes", err, b.Len())
	}
	if err := u.Render(broken{}, samples()["problem"]); !errors.Is(err, errBroken) {
		t.Errorf("error %v, want that of the writer", err)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// TestWeight holds the budget of 40 KB of gzipped HTML.
func TestWeight(t *testing.T) {
	for name, page := range samples() {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write([]byte(render(t, page)))
		w.Close()
		if b.Len() > 40_000 {
			t.Errorf("%s: %d bytes gzipped, at most 40,000", name, b.Len())
		}
	}
}

func BenchmarkRender(b *testing.B) {
	u, err := ui.New()
	if err != nil {
		b.Fatal(err)
	}
	page := samples()["overview"]
	for b.Loop() {
		var out bytes.Buffer
		if err := u.Render(&out, page); err != nil {
			b.Fatal(err)
		}
	}
}
