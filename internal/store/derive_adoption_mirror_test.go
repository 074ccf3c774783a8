package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// mirrorPage is as much of a page of the Index API as the derivation reads.
type mirrorPage struct {
	Files []struct {
		Filename       string          `json:"filename"`
		UploadTime     time.Time       `json:"upload-time"`
		RequiresPython string          `json:"requires-python"`
		Yanked         json.RawMessage `json:"yanked"`
		Provenance     *string         `json:"provenance"`
	} `json:"files"`
}

// mirrorDocument is as much of a project's JSON.
type mirrorDocument struct {
	Info struct {
		HomePage    string            `json:"home_page"`
		ProjectURLs map[string]string `json:"project_urls"`
	} `json:"info"`
	Releases map[string][]struct {
		Filename       string `json:"filename"`
		UploadTime     string `json:"upload_time"`
		RequiresPython string `json:"requires_python"`
		Yanked         bool   `json:"yanked"`
	} `json:"releases"`
}

// loadMirrorProjects stores the files of the recorded projects, from their page
// where there is one, and returns the projects' names. Declared repositories are
// the links that begin like one.
func (w *world) loadMirrorProjects(dir string) []string {
	w.Helper()
	read := func(path string, into any) bool {
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return false
		}
		w.must(err)
		w.must(json.Unmarshal(text, into))
		return true
	}
	seen := make(map[string]bool)
	var names []string
	for _, pattern := range []string{"pypi.org/simple/*/_index", "pypi.org/pypi/*/json"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		w.must(err)
		for _, path := range paths {
			if name := filepath.Base(filepath.Dir(path)); !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	var files, links, projects [][]any
	for _, name := range names {
		var page mirrorPage
		var doc mirrorDocument
		hasPage := read(filepath.Join(dir, "pypi.org/simple", name, "_index"), &page)
		hasDoc := read(filepath.Join(dir, "pypi.org/pypi", name, "json"), &doc)
		file := func(filename, version string, at time.Time, requires string, yanked bool, provenance observation.Provenance) {
			files = append(files, []any{name, filename, w.at, version, nullTime(at), requires, bit(yanked), string(provenance)})
		}
		for _, f := range page.Files {
			version, _, _ := pypa.VersionOfFilename(f.Filename, name)
			provenance := observation.ProvenanceAbsent
			if f.Provenance != nil {
				provenance = observation.ProvenancePresent
			}
			file(f.Filename, version, f.UploadTime, f.RequiresPython, string(f.Yanked) != "false" && len(f.Yanked) > 0, provenance)
		}
		for version, list := range doc.Releases {
			for _, f := range list {
				if hasPage {
					break
				}
				at, err := time.Parse("2006-01-02T15:04:05", f.UploadTime)
				w.must(err)
				file(f.Filename, version, at, f.RequiresPython, f.Yanked, observation.ProvenanceUnknown)
			}
		}
		for _, url := range append([]string{doc.Info.HomePage}, values(doc.Info.ProjectURLs)...) {
			if parts := strings.Split(strings.TrimPrefix(url, "https://"), "/"); len(parts) >= 3 && (parts[0] == "github.com" || parts[0] == "gitlab.com") {
				links = append(links, []any{name, strings.Join(parts[:3], "/"), w.at, string(observation.TrustDeclared)})
			}
		}
		projects = append(projects, []any{name, w.at, w.at, bit(hasPage), bit(hasDoc)})
	}
	w.put("files (project, filename, known_at, version, upload_time, requires_python, yanked, provenance)", files...)
	w.put("project_repositories (project, repository, known_at, trust)", links...)
	w.put("projects (project, known_at, observed_at, from_index, from_json)", projects...)
	return names
}

func values(m map[string]string) []string {
	var list []string
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

// TestMirrorAdoption derives the recorded projects. The classes were worked out
// elsewhere from the same pages.
func TestMirrorAdoption(t *testing.T) {
	dir := mirrorDir(t)
	if dir == "" {
		return
	}
	w := newWorld(t)
	w.at = date("2026-11-23")
	w.loadMirrorRanks(dir)
	names := w.loadMirrorProjects(dir)
	start := time.Now()
	w.must(w.Derive(w.ctx, Touched{Adoption: true}))
	t.Logf("derived %d projects in %v", len(names), time.Since(start))

	classes := make(map[observation.AttestationClass]int)
	latest := make(map[string]string)
	for _, name := range names {
		a, err := w.Attestation(w.ctx, name)
		w.must(err)
		classes[a.Class]++
		latest[name] = fmt.Sprintf("%s %s %d/%d", a.Version, a.Class, a.FilesAttested, a.Files)
	}
	if diff := cmp.Diff(map[observation.AttestationClass]int{
		observation.AttestationFull: 11, observation.AttestationPredates: 195, observation.AttestationUnsupported: 1, observation.AttestationUnknown: 81,
	}, classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{
		"chardet": "7.5.1 attested 36/36", "requests": "2.34.2 attested 2/2", "markupsafe": "3.0.3 attested 89/89", "django": "6.1 unsupported 0/2",
	} {
		if latest[name] != want {
			t.Errorf("%s: %s, want %s", name, latest[name], want)
		}
	}
	// The first release with provenance of eleven projects, and no other change.
	changes, err := w.AttestationChanges(w.ctx, observation.CohortAll, time.Time{}, 100)
	w.must(err)
	for _, c := range changes {
		if c.Kind != observation.ChangeGained {
			t.Errorf("%+v", c)
		}
	}
	if len(changes) != 11 {
		t.Errorf("%d changes, want 11", len(changes))
	}
	points, err := w.Adoption(w.ctx, observation.CohortTop100, observation.WeightPackage)
	w.must(err)
	if n := len(points); n != 26 || !points[n-1].Through.Equal(date("2026-11-23")) {
		t.Errorf("%d months", n)
	}
}
