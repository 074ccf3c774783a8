package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

var now = time.Date(2026, time.July, 24, 12, 0, 0, 0, time.UTC)

// site is a source in a directory, laid out as a mirror.
type site struct {
	t      *testing.T
	dir    string
	stored map[string]time.Time
	seen   map[string]observation.Response // what the store remembers of URLs

	emitted []observation.Observation
	cursor  collectors.Cursor
}

func newSite(t *testing.T) *site {
	s := &site{t: t, dir: t.TempDir(), stored: map[string]time.Time{}, seen: map[string]observation.Response{}}
	if err := os.MkdirAll(filepath.Join(s.dir, "osv-vulnerabilities.storage.googleapis.com", "PyPI"), 0o755); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) put(name string, data []byte) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, "osv-vulnerabilities.storage.googleapis.com", "PyPI", name), data, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// Response implements upstream.Validators.
func (s *site) Response(_ context.Context, url string) (observation.Response, bool, error) {
	r, ok := s.seen[url]
	return r, ok, nil
}

// run collects once and, when that succeeds, stores what was emitted.
func (s *site) run() (collectors.Report, error) {
	s.t.Helper()
	client, err := upstream.New(upstream.Options{Spec: "mirror:" + s.dir, Validators: s})
	if err != nil {
		s.t.Fatal(err)
	}
	s.emitted = nil
	in := collectors.Input{Cursor: s.cursor, Now: now, Catalog: collecttest.Catalog{Modified: s.stored}, Progress: func(int, int, string) {}}
	report, err := New(client).Collect(context.Background(), in, func(_ context.Context, o observation.Observation) error {
		s.emitted = append(s.emitted, o)
		return nil
	})
	if err != nil {
		return report, err
	}
	s.cursor = report.Cursor
	for _, o := range s.emitted {
		switch o := o.(type) {
		case *observation.Advisory:
			s.stored[o.ID] = o.Modified.Truncate(time.Microsecond)
		case *observation.Response:
			s.seen[o.URL] = *o
		}
	}
	return report, nil
}

// said lists what was emitted: the id of an advisory, "! object: reason" of a
// reject, "= url" of a response.
func (s *site) said() []string {
	var out []string
	for _, o := range s.emitted {
		switch o := o.(type) {
		case *observation.Advisory:
			out = append(out, o.ID)
		case *observation.Reject:
			out = append(out, "! "+o.Object+": "+o.Reason)
		case *observation.Response:
			out = append(out, "= "+strings.TrimPrefix(o.URL, baseURL))
		}
	}
	return out
}

func fixture(t testing.TB, id string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", id+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// record makes a small good record.
func record(id, modified string) []byte {
	return fmt.Appendf(nil, `{"schema_version":"1.7.3","id":%q,"modified":%q,"affected":[{"package":{"ecosystem":"PyPI","name":"example"},"versions":["1"]}]}`, id, modified)
}

type entry struct {
	name string
	data []byte
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, e := range entries {
		w, err := z.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestArchive(t *testing.T) {
	s := newSite(t)
	var entries []entry
	for _, id := range []string{"PYSEC-2024-1001", "GHSA-aaaa-bbbb-cccc", "MAL-2024-1002", "PYSEC-2025-1003", "PYSEC-2024-1004", "PYSEC-2024-1005", "PYSEC-2024-1006", "PYSEC-2024-1007", "RUSTSEC-2024-1"} {
		entries = append(entries, entry{id + ".json", fixture(t, id)})
	}
	entries = append(entries,
		entry{"MAL-2024-1002.json", fixture(t, "MAL-2024-1002")},
		entry{"../../etc/PYSEC-1.json", []byte("{}")},
		entry{"README", []byte("hello")},
		entry{"PYSEC-2024-2.json", []byte(`{"id": "PYSEC-2024-2", "modi`)},
		entry{"PYSEC-2024-3.json", record("PYSEC-2024-4", "2024-01-01T00:00:00Z")},
		entry{"PYSEC-2024-5.json", nil},
	)
	s.put("all.zip", archive(t, entries...))
	report, err := s.run()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"! MAL-2024-1002: the archive has this record twice; the first is taken",
		"! ../../etc/PYSEC-1.json: the name of an archive's entry is not that of a record",
		"! README: the name of an archive's entry is not that of a record",
		"PYSEC-2024-1001",
		"GHSA-aaaa-bbbb-cccc",
		"MAL-2024-1002",
		"PYSEC-2025-1003",
		`! PYSEC-2024-1004: published: "soon" is not an RFC 3339 time; it is unknown`,
		`! PYSEC-2024-1004: affected: project name "not a name!": a name holds ASCII letters, digits, '.', '_' and '-', and begins and ends with a letter or digit (PEP 508)`,
		"PYSEC-2024-1004",
		`! PYSEC-2024-1006: modified: "yesterday" is not an RFC 3339 time`,
		`! PYSEC-2024-1007: schema_version "2.0.0" is not 1.x`,
		"! PYSEC-2024-2: not a record in JSON: unexpected end of JSON input",
		`! PYSEC-2024-3: holds the id "PYSEC-2024-4" in place of PYSEC-2024-3`,
		"! PYSEC-2024-5: not a record in JSON: unexpected end of JSON input",
	}
	if d := cmp.Diff(want, s.said()); d != "" {
		t.Errorf("emitted (-want +got):\n%s", d)
	}
	if report.Skipped != 2 || !report.Partial {
		t.Errorf("report %+v", report)
	}
	for _, part := range []string{"RUSTSEC 1", "1 records affect no PyPI package", "10 records or parts"} {
		if !strings.Contains(report.Note, part) {
			t.Errorf("the note does not say %q: %s", part, report.Note)
		}
	}
	if want := time.Date(2024, time.June, 25, 0, 0, 0, 0, time.UTC); !report.Through.Equal(want) {
		t.Errorf("through %v, want %v: the record of 2027 must not count", report.Through, want)
	}
	for _, o := range s.emitted {
		if r, ok := o.(*observation.Reject); ok && r.Object == "PYSEC-2024-1006" && !strings.Contains(r.Text, "yesterday") {
			t.Errorf("the reject does not keep the text: %q", r.Text)
		}
	}

	// The same archive again, after a run whose cursor was lost, brings nothing new.
	s.cursor = ""
	report, err = s.run()
	if err != nil {
		t.Fatal(err)
	}
	if report.Unchanged != 5 || slices.ContainsFunc(s.said(), func(x string) bool { return x[0] != '!' }) {
		t.Errorf("again: %+v, %q", report, s.said())
	}
}

func TestDecode(t *testing.T) {
	utc := func(s string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return parsed.UTC()
	}
	tests := map[string]observation.Advisory{
		"PYSEC-2024-1001": {
			ID: "PYSEC-2024-1001", Database: "PYSEC",
			Aliases: []string{"CVE-2024-90001", "GHSA-aaaa-bbbb-cccc", "SNYK-PYTHON-EXAMPLE-1537646"},
			Related: []string{"CVE-2023-90000"}, Upstream: []string{"CVE-2022-90000"},
			Published: utc("2024-05-01T00:00:00Z"), Modified: utc("2024-05-02T14:32:41.15613Z"),
			Summary: "Invented flaw in Example.Project",
			Vectors: []string{
				"CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
				"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N",
			},
			References: []string{"https://example.org/a", "http://example.org/b"},
			Affected: []observation.Affected{{
				Project: "example-project", Versions: []string{"1.7", "1.8", "2.0.0-final"},
				Ranges: []observation.Range{{Events: []observation.Event{{Introduced: "1.8"}, {Fixed: "1.8.4"}, {Introduced: "1.7"}, {Fixed: "1.7.10"}}}},
			}},
		},
		"GHSA-aaaa-bbbb-cccc": {
			ID: "GHSA-aaaa-bbbb-cccc", Database: "GHSA",
			Published: utc("2024-05-03T03:00:00Z"), Modified: utc("2024-05-03T10:00:00.123456789Z"),
			Vectors: []string{"AV:N/AC:L/Au:N/C:P/I:P/A:P"}, SeverityWord: "MODERATE",
			Affected: []observation.Affected{
				{
					Project: "urllib-three", Versions: []string{"2.0.0"},
					Ranges: []observation.Range{
						{Events: []observation.Event{{Introduced: "0"}, {Fixed: "1.26.19"}}},
						{Events: []observation.Event{{Introduced: "2.0.0"}, {Fixed: "2.2.2"}, {Limit: "*"}}},
					},
				},
				{Project: "pillow", Versions: []string{"8.0"}},
			},
		},
		"MAL-2024-1002": {
			ID: "MAL-2024-1002", Database: "MAL",
			Published: utc("2024-06-25T00:00:00Z"), Modified: utc("2024-06-25T00:00:00Z"),
			Summary:  "Malicious code in inventedpkg (PyPI)",
			Affected: []observation.Affected{{Project: "inventedpkg", Ranges: []observation.Range{{Events: []observation.Event{{Introduced: "0"}}}}}},
		},
		"PYSEC-2025-1003": {
			ID: "PYSEC-2025-1003", Database: "PYSEC",
			Published: utc("2025-03-01T08:00:00.5Z"), Modified: utc("2027-07-09T15:54:00Z"), Withdrawn: utc("2025-04-01T00:00:00Z"),
			Affected: []observation.Affected{{Project: "jw-util"}},
		},
	}
	for id, want := range tests {
		got, problems, err := Decode(id, fixture(t, id))
		if err != nil || problems != nil {
			t.Errorf("%s: %v %v", id, err, problems)
			continue
		}
		if d := cmp.Diff(want, *got); d != "" {
			t.Errorf("%s (-want +got):\n%s", id, d)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	long := strings.Repeat("9", maxVersion+1)
	many := strings.TrimSuffix(strings.Repeat(`"A-1",`, maxIDs+1), ",")
	for name, body := range map[string]string{
		"not an object":           `[]`,
		"a list for a text":       `{"id":"PYSEC-1","modified":["2024-01-01T00:00:00Z"]}`,
		"no modified":             `{"id":"PYSEC-1"}`,
		"a year out of reason":    `{"id":"PYSEC-1","modified":"9999-01-01T00:00:00Z"}`,
		"a broken withdrawn":      `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","withdrawn":"x","affected":[{"package":{"ecosystem":"PyPI","name":"a"}}]}`,
		"no affected":             `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z"}`,
		"affected null":           `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","affected":null}`,
		"a package of null":       `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":null}]}`,
		"only bad names":          `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"../x"}}]}`,
		"a version too long":      `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"a"},"versions":["` + long + `"]}]}`,
		"a bound too long":        `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"fixed":"` + long + `"}]}]}]}`,
		"too many aliases":        `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","aliases":[` + many + `]}`,
		"something behind it":     `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z"} {}`,
		"HTML in place of JSON":   `<!doctype html><title>Sign in</title>`,
		"another ecosystem alone": `{"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPIX","name":"a"}}]}`,
	} {
		if a, _, err := Decode("PYSEC-1", []byte(body)); err == nil {
			t.Errorf("%s: %+v, want an error", name, a)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var w struct{ ID string }
		_ = json.Unmarshal(data, &w)
		a, _, err := Decode(w.ID, data)
		if err != nil {
			return
		}
		if len(a.Affected) == 0 || a.Modified.IsZero() || a.Modified.Location() != time.UTC {
			t.Errorf("%+v", a)
		}
		for i, x := range a.Affected {
			for _, y := range a.Affected[:i] {
				if x.Project == y.Project {
					t.Errorf("%s twice", x.Project)
				}
			}
			for _, r := range x.Ranges {
				for _, e := range r.Events {
					set := 0
					for _, s := range []string{e.Introduced, e.Fixed, e.LastAffected, e.Limit} {
						if s != "" {
							set++
						}
					}
					if set != 1 {
						t.Errorf("an event with %d fields: %+v", set, e)
					}
				}
			}
		}
	})
}

func TestIsID(t *testing.T) {
	for id, want := range map[string]bool{
		"PYSEC-2024-1": true, "GHSA-aaaa-bbbb-cccc": true, "SNYK-PYTHON-BIKESHED-1537646": true, "X41-2016-001": true, "RHSA-2024:1": true,
		"": false, "PYSEC": false, "-1": false, "PYSEC-2024/1": false, "PYSEC-2024-1 ": false, "PYSEC-é": false, "../PYSEC-1": false,
		"PYSEC-" + strings.Repeat("1", 100): false, "PYSEC-1\n": false, "?x-1": false,
	} {
		if isID(id) != want {
			t.Errorf("isID(%q) = %t", id, !want)
		}
	}
}

// collected makes a site with ten records, all of them stored, and the cursor
// of that run.
func collected(t *testing.T) (*site, []string) {
	s := newSite(t)
	var entries []entry
	var lines []string
	for i := range 10 {
		id := fmt.Sprintf("PYSEC-2024-%d", i)
		modified := fmt.Sprintf("2024-05-0%dT00:00:00.12345Z", i%9+1)
		entries = append(entries, entry{id + ".json", record(id, modified)})
		lines = append(lines, strings.Replace(modified, "12345Z", "123450Z", 1)+","+id)
		s.put(id+".json", record(id, modified))
	}
	s.put("all.zip", archive(t, entries...))
	s.put("modified_id.csv", []byte(strings.Join(lines, "\n")+"\n"))
	report, err := s.run()
	if err != nil || len(s.stored) != 10 || report.Partial || report.Note != "" {
		t.Fatalf("%+v %v", report, err)
	}
	return s, lines
}

func TestChanges(t *testing.T) {
	s, lines := collected(t)

	// Nothing changed: times are compared, not their text.
	report, err := s.run()
	if err != nil || report.Unchanged != 10 || !slices.Equal(s.said(), []string{"= modified_id.csv"}) {
		t.Fatalf("nothing changed: %+v %v %q", report, err, s.said())
	}
	through := report.Through

	// The list has not changed either: 304.
	report, err = s.run()
	if err != nil || report.Unchanged != 10 || !slices.Equal(s.said(), []string{"= modified_id.csv"}) || !report.Through.Equal(through) {
		t.Fatalf("not modified: %+v %v %q", report, err, s.said())
	}

	// One is newer, one was corrected to an earlier time, one is new, one is of
	// no database of ours, one is of no use, one is missing, one cannot be read.
	s.put("PYSEC-2024-0.json", record("PYSEC-2024-0", "2024-07-01T00:00:00Z"))
	lines[0] = "2024-07-01T00:00:00Z,PYSEC-2024-0"
	s.put("PYSEC-2024-1.json", record("PYSEC-2024-1", "2020-01-01T00:00:00Z"))
	lines[1] = "2020-01-01T00:00:00Z,PYSEC-2024-1"
	s.put("GHSA-aaaa-bbbb-cccc.json", fixture(t, "GHSA-aaaa-bbbb-cccc"))
	s.put("PYSEC-2024-1005.json", fixture(t, "PYSEC-2024-1005"))
	s.put("PYSEC-2024-60.json", []byte(`{"id":"PYSEC-2024-60","modi`))
	lines = append(lines,
		"2024-05-03T10:00:00.123456789Z,GHSA-aaaa-bbbb-cccc",
		"2024-05-01T00:00:00Z,RUSTSEC-2024-1",
		"2024-05-01T00:00:00Z,PYSEC-2024-1005",
		"2024-05-01T00:00:00Z,PYSEC-2024-50",
		"2024-05-01T00:00:00Z,PYSEC-2024-60",
		"not a line",
	)
	s.put("modified_id.csv", []byte(strings.Join(lines, "\r\n")))
	report, err = s.run()
	if err != nil {
		t.Fatal(err)
	}
	got := s.said()
	slices.Sort(got)
	want := []string{
		"! PYSEC-2024-60: not a record in JSON: unexpected end of JSON input",
		"! " + modifiedURL + ": not a time, a comma and an id that was not named before",
		"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-0", "PYSEC-2024-1",
	}
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("emitted (-want +got):\n%s", d)
	}
	if !report.Partial || report.Unchanged != 8 || report.Skipped != 4 ||
		!strings.Contains(report.Note, "2 listed records could not be had and will be asked for again: PYSEC-2024-50, PYSEC-2024-60") {
		t.Errorf("%+v", report)
	}

	// The list's validators were not kept, so the missing one is asked for
	// again; the one of no use is not.
	s.put("PYSEC-2024-50.json", record("PYSEC-2024-50", "2024-05-01T00:00:00Z"))
	s.put("PYSEC-2024-60.json", record("PYSEC-2024-60", "2024-05-01T00:00:00Z"))
	s.put("PYSEC-2024-1005.json", []byte("would be rejected"))
	lines = lines[:len(lines)-1]
	s.put("modified_id.csv", []byte(strings.Join(lines, "\n")))
	report, err = s.run()
	got = s.said()
	slices.Sort(got)
	if err != nil || report.Partial || !slices.Equal(got, []string{"= modified_id.csv", "PYSEC-2024-50", "PYSEC-2024-60"}) {
		t.Errorf("again: %+v %v %q", report, err, got)
	}

	// A record that the list no longer names is kept, and said.
	s.put("modified_id.csv", []byte(strings.Join(lines[1:], "\n")))
	if report, err = s.run(); err != nil || !strings.Contains(report.Note, "1 stored records are no longer listed") {
		t.Errorf("vanished: %+v %v", report, err)
	}
}

func TestManyChangesComeByArchive(t *testing.T) {
	s, lines := collected(t)
	var entries []entry
	for i := range maxSingles + 1 {
		id := fmt.Sprintf("GHSA-many-%d", i)
		entries = append(entries, entry{id + ".json", record(id, "2024-06-01T00:00:00Z")})
		lines = append(lines, "2024-06-01T00:00:00Z,"+id)
	}
	for i := range 10 {
		id := fmt.Sprintf("PYSEC-2024-%d", i)
		entries = append(entries, entry{id + ".json", record(id, fmt.Sprintf("2024-05-0%dT00:00:00.12345Z", i%9+1))})
	}
	s.put("all.zip", archive(t, entries...))
	s.put("modified_id.csv", []byte(strings.Join(lines, "\n")))
	report, err := s.run()
	if err != nil || report.Unchanged != 10 || len(s.stored) != maxSingles+11 || report.Partial {
		t.Errorf("%+v %v, %d stored", report, err, len(s.stored))
	}
}

func TestFailures(t *testing.T) {
	good := archive(t, entry{"PYSEC-2024-1.json", record("PYSEC-2024-1", "2024-01-01T00:00:00Z")})
	damaged := slices.Clone(good)
	damaged[bytes.Index(damaged, []byte("PYSEC-2024-1.json"))+len("PYSEC-2024-1.json")+5] ^= 0xff
	html := []byte("<!doctype html><html><body>Sign in</body></html>")
	tests := []struct {
		name    string
		archive []byte
		list    []byte // nil: the first run
		class   observation.Class
	}{
		{"no archive", nil, nil, observation.ClassNotFound},
		{"an empty file", []byte{}, nil, observation.ClassMalformed},
		{"an archive of nothing", archive(t), nil, observation.ClassEmpty},
		{"a truncated archive", good[:len(good)-30], nil, observation.ClassMalformed},
		{"a damaged record", damaged, nil, observation.ClassMalformed},
		{"HTML for the archive", html, nil, observation.ClassMalformed},
		{"HTML for the list", nil, html, observation.ClassMalformed},
		{"an empty list", nil, []byte(" \n"), observation.ClassEmpty},
		{"a list of other things", nil, []byte("id,modified\nPYSEC-2024-1,2024-01-01T00:00:00Z\n"), observation.ClassMalformed},
		{"a list a tenth shorter", nil, []byte(strings.Repeat("2024-05-01T00:00:00Z,PYSEC-2024-0\n", 1)), observation.ClassEmpty},
	}
	for _, tt := range tests {
		s := newSite(t)
		if tt.list != nil {
			s, _ = collected(t)
			s.put("modified_id.csv", tt.list)
		} else if tt.archive != nil {
			s.put("all.zip", tt.archive)
		}
		before := s.cursor
		_, err := s.run()
		if observation.ClassOf(err) != tt.class {
			t.Errorf("%s: class %q (%v), want %q", tt.name, observation.ClassOf(err), err, tt.class)
		}
		if len(s.emitted) > 0 && tt.name != "a damaged record" || s.cursor != before {
			t.Errorf("%s: emitted %q", tt.name, s.said())
		}
	}

	// An archive that lost its records, after a run whose cursor was lost.
	s, _ := collected(t)
	s.cursor = ""
	s.put("all.zip", good)
	if _, err := s.run(); observation.ClassOf(err) != observation.ClassEmpty || len(s.emitted) > 0 {
		t.Errorf("a tenth of the archive: %v, %q", err, s.said())
	}

	s.cursor = "{"
	if _, err := s.run(); err == nil {
		t.Error("a broken cursor is taken")
	}
}

// TestContract: an error of emit ends the run at once, and so does the end of ctx.
func TestContract(t *testing.T) {
	s, lines := collected(t)
	for i := range 50 {
		id := fmt.Sprintf("GHSA-new-%d", i)
		s.put(id+".json", record(id, "2024-06-01T00:00:00Z"))
		lines = append(lines, "2024-06-01T00:00:00Z,"+id)
	}
	s.put("modified_id.csv", []byte(strings.Join(lines, "\n")))
	client, err := upstream.New(upstream.Options{Spec: "mirror:" + s.dir})
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("the store is full")
	for _, cursor := range []collectors.Cursor{"", s.cursor} {
		in := collectors.Input{Cursor: cursor, Now: now, Catalog: collecttest.Catalog{}, Progress: func(int, int, string) {}}
		calls := 0
		_, err := New(client).Collect(context.Background(), in, func(context.Context, observation.Observation) error {
			calls++
			return full
		})
		if !errors.Is(err, full) || calls > 8 {
			t.Errorf("cursor %q: %v after %d calls", cursor, err, calls)
		}
		ctx, cancel := context.WithCancel(context.Background())
		_, err = New(client).Collect(ctx, in, func(context.Context, observation.Observation) error {
			cancel()
			return nil
		})
		if err == nil {
			t.Errorf("cursor %q: a cancelled run is a success", cursor)
		}
	}
}

// TestModifiedInTheFuture: a record that says it was modified next year is
// stored, does not move "data through", and its correction is noticed.
func TestModifiedInTheFuture(t *testing.T) {
	s, lines := collected(t)
	s.put("PYSEC-2024-0.json", record("PYSEC-2024-0", "2027-07-09T15:54:00Z"))
	lines[0] = "2027-07-09T15:54:00Z,PYSEC-2024-0"
	s.put("modified_id.csv", []byte(strings.Join(lines, "\n")))
	report, err := s.run()
	if err != nil || !slices.Contains(s.said(), "PYSEC-2024-0") || report.Through.After(now) {
		t.Fatalf("%+v %v %q", report, err, s.said())
	}
	s.put("PYSEC-2024-0.json", record("PYSEC-2024-0", "2026-07-09T15:54:00Z"))
	lines[0] = "2026-07-09T15:54:00Z,PYSEC-2024-0"
	s.put("modified_id.csv", []byte(strings.Join(lines, "\n")))
	report, err = s.run()
	if err != nil || !slices.Contains(s.said(), "PYSEC-2024-0") || !report.Through.Equal(time.Date(2026, time.July, 9, 15, 54, 0, 0, time.UTC)) {
		t.Fatalf("corrected: %+v %v %q", report, err, s.said())
	}
}
