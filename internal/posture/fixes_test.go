package posture

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// uses finds what a workflow refers to.
var uses = regexp.MustCompile(`uses: (\S+)@(.*)`)

func TestFixes(t *testing.T) {
	embedded, err := fs.ReadDir(files, "fixes")
	if err != nil {
		t.Fatal(err)
	}
	unused := make(map[string]string)
	for _, e := range embedded {
		b, err := fs.ReadFile(files, "fixes/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		unused[e.Name()] = string(b)
	}
	all := map[string]Fix{"a result": ResultFix()}
	for _, name := range Known() {
		all[name] = FixFor(name)
	}
	if len(fixes) != len(all)-1 {
		t.Errorf("%d fixes for %d checks", len(fixes), len(all)-1)
	}
	for name, f := range all {
		if len(f.Steps) == 0 && f.NotYours == "" {
			t.Errorf("%s: nothing is said", name)
		}
		for _, s := range append(slices.Clone(f.Steps), f.NotYours) {
			if s != "" && !strings.HasSuffix(s, ".") {
				t.Errorf("%s: not a sentence: %q", name, s)
			}
		}
		for _, l := range f.Links {
			if l.Text == "" || !strings.HasPrefix(l.URL, "https://") {
				t.Errorf("%s: link %+v", name, l)
			}
		}
		for _, file := range f.Files {
			if file.Path == "" || file.Body == "" || !strings.HasSuffix(file.Body, "\n") || strings.ContainsAny(file.Body, "\t\r") {
				t.Errorf("%s: file %q: %q", name, file.Path, file.Body)
			}
			for e, body := range unused {
				if strings.Contains(file.Body, body) {
					delete(unused, e)
				}
			}
			// A hash that nobody looked up must never be copied.
			for _, u := range uses.FindAllStringSubmatch(file.Body, -1) {
				if u[2] != "<full commit hash> # vX.Y.Z" {
					t.Errorf("%s: %s is pinned to %q", file.Path, u[1], u[2])
				}
				if !slices.ContainsFunc(f.Steps, func(s string) bool { return strings.Contains(s, hashes) }) {
					t.Errorf("%s: %s has a placeholder that no step explains", name, file.Path)
				}
			}
		}
	}
	for e := range unused {
		t.Errorf("fixes/%s is in no fix", e)
	}
	if f := FixFor("Brand-New"); f.Steps != nil || f.Files != nil || f.Links != nil || f.NotYours != "" {
		t.Errorf("an unknown check: %+v", f)
	}
	FixFor("SAST").Steps[0] = "changed by a caller"
	if FixFor("SAST").Steps[0] == "changed by a caller" {
		t.Error("a caller can change a fix")
	}
}
