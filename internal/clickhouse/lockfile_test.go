package clickhouse

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The lock file that npm installs from, the manifest beside it and the constants
// in this package name the same engine, and the lock file ties it to a hash and
// to no address.
func TestLockFilePinsEngine(t *testing.T) {
	read := func(name string, into any) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join("..", "..", "engine", name))
		if err != nil {
			t.Fatal(err)
		}
		if into != nil {
			if err := json.Unmarshal(text, into); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		return string(text)
	}
	var manifest struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	read("package.json", &manifest)
	if len(manifest.Dependencies) != 1 || manifest.Dependencies[LibraryPackage] != LibraryVersion {
		t.Errorf("package.json depends on %v, want %s %s alone", manifest.Dependencies, LibraryPackage, LibraryVersion)
	}

	var lock struct {
		Packages map[string]struct {
			Version   string `json:"version"`
			Integrity string `json:"integrity"`
			Resolved  string `json:"resolved"`
			Link      bool   `json:"link"`
		} `json:"packages"`
	}
	read("package-lock.json", &lock)
	for path, p := range lock.Packages {
		if path == "" {
			continue // the manifest itself
		}
		if !strings.HasPrefix(p.Integrity, "sha512-") || p.Resolved != "" || p.Link {
			t.Errorf("%s is not pinned by a hash alone: %+v", path, p)
		}
	}
	if got := lock.Packages["node_modules/"+LibraryPackage].Version; got != LibraryVersion {
		t.Errorf("package-lock.json has the version %q, want %s", got, LibraryVersion)
	}
	if !strings.Contains(read(".npmrc", nil), "ignore-scripts=true") {
		t.Error(".npmrc lets packages run scripts")
	}
}
