package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFresh fails when a style or a script was changed without bundling again.
func TestFresh(t *testing.T) {
	want, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if want[e.Name()] == nil {
			t.Errorf("ui/assets/dist/%s is stale: run go generate ./ui", e.Name())
		}
	}
	for name, body := range want {
		got, err := os.ReadFile(filepath.Join("../dist", name))
		if err != nil {
			t.Errorf("ui/assets/dist/%s is missing: run go generate ./ui", name)
			continue
		}
		if !bytes.Equal(got, body) {
			t.Errorf("ui/assets/dist/%s differs from its sources: run go generate ./ui", name)
		}
	}
}

// TestWeight holds the budget of a page: 10 KB of style and 8 KB of script, gzipped.
func TestWeight(t *testing.T) {
	files, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	limit := map[string]int{".css": 10_000, ".js": 8_000, ".svg": 1_000}
	for name, body := range files {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		w.Write(body)
		w.Close()
		if b.Len() > limit[filepath.Ext(name)] {
			t.Errorf("%s: %d bytes gzipped, at most %d", name, b.Len(), limit[filepath.Ext(name)])
		}
		t.Logf("%s: %d bytes, %d gzipped", name, len(body), b.Len())
	}
}

func TestHeader(t *testing.T) {
	files, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		if !strings.HasSuffix(name, ".svg") && !bytes.HasPrefix(body, []byte(header)) {
			t.Errorf("%s does not begin with %q", name, header)
		}
	}
}
