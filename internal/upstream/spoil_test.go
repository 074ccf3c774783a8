package upstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// spoiled returns what a URL answers with body once kind has befallen it.
func spoiled(t *testing.T, kind, url string, body []byte) ([]byte, error) {
	t.Helper()
	c := newClient(t, Options{Faults: kind + "=1", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		resp := answer(r, http.StatusOK, http.Header{})
		if strings.HasSuffix(r.URL.Path, "/json") {
			resp.Header.Set("Content-Type", "application/json")
		}
		give(resp, body)
		return resp, nil
	})})
	got, _, err := c.ReadAll(t.Context(), Request{URL: url})
	return got, err
}

func TestSpoiledText(t *testing.T) {
	document := []byte(`{"name":"otter","n":12345678901234567890,"rows":[{"a":"x"},{"a":"y"}],"words":["p","q"]}`)
	table := []byte("#model:v1\ncve,score\nCVE-2024-1,0.5\nCVE-2024-2,0.6\n")
	for _, test := range []struct {
		kind, path string
		body       []byte
		want       string
	}{
		{"utf8", "/json", document, "{\"name\":\"otter\",\"n\":12345678901234567890,\"rows\":[{\"a\":\"\xff\xfex\"},{\"a\":\"y\"}],\"words\":[\"p\",\"q\"]}"},
		{"nul", "/json", document, `{"name":"otter","n":12345678901234567890,"rows":[{"a":"\u0000x"},{"a":"y"}],"words":["p","q"]}`},
		{"duplicate", "/json", document, `{"n":12345678901234567890,"name":"otter","rows":[{"a":"y"},{"a":"x"},{"a":"x"},{"a":"y"}],"words":["p","q"]}`},
		{"shrink", "/json", document, `{"n":12345678901234567890,"name":"otter","rows":[{"a":"x"}],"words":["p","q"]}`},
		{"none", "/json", document, `{"n":12345678901234567890,"name":"otter","rows":[],"words":["p","q"]}`},
		{"nul", "/x.csv", table, "#model:v1\ncve,score\n\x00CVE-2024-1,0.5\nCVE-2024-2,0.6\n"},
		{"duplicate", "/x.csv", table, "#model:v1\ncve,score\nCVE-2024-2,0.6\nCVE-2024-1,0.5\nCVE-2024-1,0.5\nCVE-2024-2,0.6\n"},
		{"shrink", "/x.csv", table, "#model:v1\ncve,score\nCVE-2024-1,0.5\n"},
		{"none", "/x.csv", table, "#model:v1\ncve,score\n"},
		{"none", "/a.html", document, string(document)},
		{"skew", "/json", document, string(document)},
		{"empty", "/json", document, ""},
	} {
		got, err := spoiled(t, test.kind, "https://pypi.org"+test.path, test.body)
		if err != nil || string(got) != test.want {
			t.Errorf("%s of %s: %v\n got %s\nwant %s", test.kind, test.path, err, got, test.want)
		}
	}
}

func TestSpoiledArchives(t *testing.T) {
	list := []member{{"top/a.json", []byte(`{"id":"A","of":"B"}`)}, {"top/b.csv", []byte("x\n1\n2\n")}}
	for _, archive := range []struct {
		path   string
		pack   func([]member) ([]byte, error)
		unpack func([]byte) ([]member, error)
	}{
		{"/PyPI/all.zip", zipped, unzip},
		{"/o/n/tar.gz/refs/heads/main", tarred, untar},
	} {
		for kind, want := range map[string]string{
			"duplicate": `top/b.csv "x\n1\n2\n" top/a.json "{\"id\":\"A\",\"of\":\"B\"}" top/a.json "{\"id\":\"A\",\"of\":\"B\"}" top/b.csv "x\n1\n2\n" `,
			"shrink":    `top/a.json "{\"id\":\"A\",\"of\":\"B\"}" `,
			"none":      ``,
			"nul":       `top/a.json "{\"id\":\"A\",\"of\":\"\\u0000B\"}" top/b.csv "x\n\x001\n2\n" `,
			"slip": `top/a.json "{\"id\":\"A\",\"of\":\"B\"}" top/b.csv "x\n1\n2\n" ../../b.csv "x\n1\n2\n" /etc/b.csv "x\n1\n2\n" ` +
				`..\..\b.csv "x\n1\n2\n" a/../../../b.csv "x\n1\n2\n" `,
		} {
			body, err := archive.pack(list)
			if err != nil {
				t.Fatal(err)
			}
			body, err = spoiled(t, kind, "https://codeload.github.com"+archive.path, body)
			if err != nil {
				t.Errorf("%s of %s: %v", kind, archive.path, err)
				continue
			}
			members, err := archive.unpack(body)
			if err != nil {
				t.Errorf("%s of %s: %v", kind, archive.path, err)
			}
			var got strings.Builder
			for _, m := range members {
				fmt.Fprintf(&got, "%s %q ", m.name, m.body)
			}
			if got.String() != want {
				t.Errorf("%s of %s:\n got %s\nwant %s", kind, archive.path, got.String(), want)
			}
		}
	}
}

// What is far too long is a fault of the answer, and never held in memory.
func TestSpoiledSizes(t *testing.T) {
	document := []byte(`{"name":"otter"}`)
	for kind, want := range map[string]observation.Class{
		"string": observation.ClassMalformed, "bomb": observation.ClassMalformed, "length": observation.ClassMalformed,
		"truncate": observation.ClassMalformed, "loop": observation.ClassRefused, "private": observation.ClassRefused,
		"busy": observation.ClassRateLimited, "reset": observation.ClassUnavailable,
	} {
		_, err := spoiled(t, kind, "https://pypi.org/json", document)
		t.Log(kind, err)
		wantClass(t, err, want)
	}
	var v any
	got, err := spoiled(t, "nesting", "https://pypi.org/json", document)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(bytes.NewReader(got)).Decode(&v); err == nil {
		t.Error("lists 100,000 deep were read")
	}
	for _, path := range []string{"/x.csv.gz", "/PyPI/all.zip", "/o/n/tar.gz/refs/heads/main"} {
		packed, err := spoiled(t, "bomb", "https://pypi.org"+path, document)
		if err != nil || len(packed) == 0 || len(packed) > DefaultMaxBytes {
			t.Errorf("the bomb at %s has %d bytes: %v", path, len(packed), err)
		}
	}
}
