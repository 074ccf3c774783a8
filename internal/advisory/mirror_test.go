package advisory_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/collectors/osv"
	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

func mirrorDir() string {
	if dir := os.Getenv("PYROMETER_MIRROR"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "..", "shared", "mirror")
}

// recorded reads every record of the recorded archive, nil when it is not there.
func recorded(t testing.TB) []advisory.Record {
	t.Helper()
	dir := mirrorDir()
	archive, err := zip.OpenReader(filepath.Join(dir, "osv-vulnerabilities.storage.googleapis.com", "PyPI", "all.zip"))
	if err != nil {
		t.Logf("mirror not present at %s: %v", dir, err)
		return nil
	}
	defer archive.Close()
	var records []advisory.Record
	for _, f := range archive.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(rc)
		rc.Close()
		if err != nil {
			t.Fatal(err)
		}
		a, problems, err := osv.Decode(strings.TrimSuffix(f.Name, ".json"), data)
		if err != nil || len(problems) > 0 {
			t.Fatalf("%s: %v %v", f.Name, err, problems)
		}
		records = append(records, advisory.Record{Advisory: *a, KnownAt: recordedAt})
	}
	return records
}

var recordedAt = time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC)

func group(records []advisory.Record) []advisory.Group {
	return advisory.Groups(records, advisory.Options{
		Now:        recordedAt,
		ImportDays: advisory.FindImportDays(records, advisory.Ledger{}),
	})
}

// TestMirrorCounts holds the numbers of the recorded archive. They were counted
// apart from this code, by a short script over the same records.
func TestMirrorCounts(t *testing.T) {
	records := recorded(t)
	if records == nil {
		return
	}
	got := map[string]int{}
	months := map[string][6]int{}
	severities := []string{
		advisory.SeverityCritical, advisory.SeverityHigh, advisory.SeverityMedium,
		advisory.SeverityLow, advisory.SeverityNone, advisory.SeverityUnknown,
	}
	for _, g := range group(records) {
		if !g.Live {
			got["withdrawn"]++
			continue
		}
		got[g.Kind]++
		for _, f := range g.Flags {
			got[f]++
		}
		if g.Kind == advisory.KindMalware {
			continue
		}
		got[g.Precision]++
		if g.Precision == advisory.PrecisionYear && g.Disclosed.Year() == 2026 {
			got["year 2026"]++
		}
		if g.Precision == advisory.PrecisionDay && g.Disclosed.Year() >= 2025 {
			m := g.Disclosed.Format("2006-01")
			n := months[m]
			n[slices.Index(severities, g.Severity)]++
			months[m] = n
		}
		for _, p := range g.Projects {
			if p == "urllib3" {
				got["urllib3"]++
				got["urllib3 "+g.Precision]++
			}
		}
	}
	want := map[string]int{
		"vulnerability": 5372, "malware": 9243, "withdrawn": 225,
		"day": 2457, "year": 2915, "year 2026": 871,
		"urllib3": 19, "urllib3 day": 13, "urllib3 year": 6,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("groups (-want +got):\n%s", d)
	}
	// Critical, high, medium, low, none, unknown by month of disclosure.
	wantMonths := map[string][6]int{
		"2025-01": {0, 4, 5, 0, 0, 6}, "2025-02": {0, 1, 0, 0, 0, 9}, "2025-03": {6, 14, 14, 1, 0, 3},
		"2025-04": {4, 4, 7, 1, 0, 2}, "2025-05": {1, 5, 8, 0, 0, 9}, "2025-06": {9, 5, 2, 1, 0, 3},
		"2025-07": {1, 8, 5, 0, 0, 4}, "2025-08": {1, 2, 0, 0, 0, 0}, "2025-09": {1, 13, 9, 0, 0, 0},
		"2025-10": {2, 6, 4, 1, 0, 0}, "2025-11": {3, 4, 4, 3, 0, 0}, "2025-12": {2, 14, 10, 0, 0, 0},
		"2026-01": {2, 6, 2, 0, 0, 1}, "2026-02": {9, 14, 27, 0, 0, 0}, "2026-03": {15, 41, 27, 0, 0, 2},
		"2026-04": {7, 33, 49, 6, 0, 0}, "2026-05": {4, 38, 40, 2, 0, 1}, "2026-06": {12, 40, 31, 5, 0, 0},
		"2026-07": {1, 21, 11, 1, 0, 0},
	}
	if d := cmp.Diff(wantMonths, months); d != "" {
		t.Errorf("months (-want +got):\n%s", d)
	}
}

// TestMirrorUrllib3 holds what the recorded archive and index page say of
// urllib3.
func TestMirrorUrllib3(t *testing.T) {
	records := recorded(t)
	if records == nil {
		return
	}
	releases := urllib3Releases(t)
	type exposure struct {
		Severity, Affected, Fixed, Days, Disclosed string
	}
	got := map[string]exposure{}
	for _, g := range group(records) {
		if !g.Live || !slices.Contains(g.Projects, "urllib3") {
			continue
		}
		e := advisory.Expose(&g, "urllib3", releases)
		x := exposure{g.Severity, e.Affected, strings.Join(e.FixedIn, ", "), "", g.Disclosed.Format("2006")}
		if g.Precision == advisory.PrecisionDay {
			x.Disclosed = g.Disclosed.Format(time.DateOnly)
		}
		if g.Score != nil {
			x.Severity += fmt.Sprintf(" %.1f", *g.Score)
		}
		if e.FixDays != nil {
			x.Days = strconv.Itoa(*e.FixDays)
		}
		if e.LatestAffected == nil || *e.LatestAffected {
			t.Errorf("%s: 2.7.0 affected: %v", g.Name, e.LatestAffected)
		}
		got[g.Name] = x
	}
	want := map[string]exposure{
		"CVE-2026-21441": {"high 8.9", "1.22 to before 2.6.3", "2.6.3", "", "2026"},
		"CVE-2026-44431": {"medium 5.3", "1.23 to before 2.7.0", "2.7.0", "-6", "2026-05-13"},
		"CVE-2026-44432": {"high 7.5", "2.6.0 to before 2.7.0", "2.7.0", "-6", "2026-05-13"},
		"CVE-2025-66471": {"high 8.9", "1.0 to before 2.6.0", "2.6.0", "", "2025"},
		"CVE-2025-50182": {"medium 5.3", "2.2.0 to before 2.5.0", "2.5.0", "", "2025"},
		"CVE-2025-66418": {"high 8.9", "1.24 to before 2.6.0", "2.6.0", "", "2025"},
		"CVE-2025-50181": {"medium 5.3", "before 2.5.0", "2.5.0", "", "2025"},
		"CVE-2024-37891": {"medium 4.4", "before 1.26.19, 2.0.0 to before 2.2.2", "1.26.19, 2.2.2", "0", "2024-06-17"},
		"CVE-2023-45803": {"medium 4.2", "before 1.26.18, 2.0.0 to before 2.0.7", "1.26.18, 2.0.7", "0", "2023-10-17"},
		"CVE-2023-43804": {"high 8.1", "before 1.26.17, 2.0.0 to before 2.0.6", "1.26.17, 2.0.6", "-2", "2023-10-04"},
		"CVE-2021-33503": {"unknown", "1.25.4 to before 1.26.5", "1.26.5", "-34", "2021-06-29"},
		"CVE-2021-28363": {"unknown", "1.26.0 to before 1.26.4", "1.26.4", "0", "2021-03-15"},
		"CVE-2020-26137": {"unknown", "before 1.25.9", "1.25.9", "-167", "2020-09-30"},
		"CVE-2020-7212":  {"unknown", "1.25.2 to before 1.25.8", "1.25.8", "-45", "2020-03-06"},
		"CVE-2019-11324": {"unknown", "before 1.24.2", "1.24.2", "-1", "2019-04-18"},
		"CVE-2019-11236": {"unknown", "before 1.24.3", "1.24.3", "17", "2019-04-15"},
		"CVE-2018-25091": {"medium 6.1", "before 1.24.2", "1.24.2", "", "2018"},
		"CVE-2018-20060": {"unknown", "before 1.23", "1.23", "-189", "2018-12-11"},
		"CVE-2016-9015":  {"unknown", "1.17 to before 1.18.1", "1.18.1", "-76", "2017-01-11"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("urllib3 (-want +got):\n%s", d)
	}
}

// urllib3Releases reads the recorded index page.
func urllib3Releases(t *testing.T) *advisory.Releases {
	data, err := os.ReadFile(filepath.Join(mirrorDir(), "pypi.org", "simple", "urllib3", "_index"))
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Files []struct {
			Filename   string    `json:"filename"`
			UploadTime time.Time `json:"upload-time"`
		} `json:"files"`
	}
	if err := json.Unmarshal(data, &page); err != nil {
		t.Fatal(err)
	}
	first := map[string]time.Time{}
	for _, f := range page.Files {
		version, _, ok := pypa.VersionOfFilename(f.Filename, "urllib3")
		if !ok {
			t.Fatalf("no version in %s", f.Filename)
		}
		if at, ok := first[version]; !ok || f.UploadTime.Before(at) {
			first[version] = f.UploadTime
		}
	}
	var uploads []advisory.Upload
	for v, at := range first {
		uploads = append(uploads, advisory.Upload{Version: v, FirstAt: at})
	}
	latest := pypa.LatestStable(slices.Collect(maps.Keys(first)))
	if latest != "2.7.0" {
		t.Fatalf("the latest release is %s", latest)
	}
	return advisory.NewReleases(latest, uploads)
}

func BenchmarkGroups(b *testing.B) {
	records := recorded(b)
	if records == nil {
		return
	}
	b.ReportAllocs()
	for b.Loop() {
		group(records)
	}
}

func BenchmarkExpose(b *testing.B) {
	records := recorded(b)
	if records == nil {
		return
	}
	groups := group(records)
	releases := advisory.NewReleases("2.0", []advisory.Upload{{Version: "1.0"}, {Version: "2.0"}})
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for i := range groups {
			for _, p := range groups[i].Projects {
				advisory.Expose(&groups[i], p, releases)
				n++
			}
		}
		b.ReportMetric(float64(n), "exposures")
	}
}
