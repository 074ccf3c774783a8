package upstream

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkMirror reads small documents, as a collection over many projects does.
func BenchmarkMirror(b *testing.B) {
	files := map[string]string{}
	for i := range 100 {
		files[fmt.Sprintf("pypi.org/pypi/fictional-%d/json", i)] = `{"info":"` + strings.Repeat("x", 20_000) + `"}`
		files[fmt.Sprintf("pypi.org/pypi/fictional-%d/json.headers", i)] = "Content-Type: application/json\nX-PyPI-Last-Serial: 7\n"
	}
	c, err := New(Options{Spec: "mirror:" + tree(b, files)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, _, err := c.ReadAll(b.Context(), Request{URL: fmt.Sprintf("https://pypi.org/pypi/fictional-%d/json", i%100), ExpectJSON: true}); err != nil {
			b.Fatal(err)
		}
	}
}
