package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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

	now     time.Time
	emitted []observation.Observation
	cursor  collectors.Cursor
	fresh   bool
}

func newSite(t *testing.T) *site {
	s := &site{t: t, dir: t.TempDir(), now: now, stored: map[string]time.Time{}, seen: map[string]observation.Response{}}
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

func (s *site) get(name string) []byte {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "osv-vulnerabilities.storage.googleapis.com", "PyPI", name))
	if err != nil {
		s.t.Fatal(err)
	}
	return data
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
	in := collectors.Input{Cursor: s.cursor, Fresh: s.fresh, Now: s.now, Catalog: collecttest.Catalog{Modified: maps.Clone(s.stored)}, Progress: func(int, int, string) {}}
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
		case *observation.AdvisoryGone:
			delete(s.stored, o.ID)
		case *observation.Response:
			s.seen[o.URL] = *o
		}
	}
	return report, nil
}

// said lists what was emitted: the id of an advisory, "- id" of one that is
// gone, "! object: reason" of a reject, "= url" of a response.
func (s *site) said() []string {
	var out []string
	for _, o := range s.emitted {
		switch o := o.(type) {
		case *observation.Advisory:
			out = append(out, o.ID)
		case *observation.AdvisoryGone:
			out = append(out, "- "+o.ID)
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
		"= all.zip",
	}
	if d := cmp.Diff(want, s.said()); d != "" {
		t.Errorf("emitted (-want +got):\n%s", d)
	}
	if report.Skipped != 2 || !report.Partial {
		t.Errorf("report %+v", report)
	}
	for _, part := range []string{"1 of RUSTSEC", "1 records affect no PyPI package", "1 records were there more than once", "9 records or parts"} {
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
	var list []byte
	for id, modified := range s.stored {
		list = fmt.Appendf(list, "%s,%s\n", modified.Format(time.RFC3339Nano), id)
	}
	s.put("modified_id.csv", list)
	s.cursor = ""
	report, err = s.run()
	if err != nil {
		t.Fatal(err)
	}
	if report.Unchanged != 5 || slices.ContainsFunc(s.said(), func(x string) bool { return x[0] != '!' && x[0] != '=' }) {
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
		"! " + modifiedURL + ": not a time, a comma and an id",
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
	if report, err = s.run(); err != nil || !strings.Contains(report.Note, "1 stored records are no longer listed; they are kept") {
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

// weekly is a site with 200 stored records and the archive of that run.
type weekly struct {
	*site
	records map[string]string // id -> modified, as the archive and the list have them
}

func newWeekly(t *testing.T) *weekly {
	w := &weekly{site: newSite(t), records: map[string]string{}}
	for i := range 200 {
		w.records[fmt.Sprintf("PYSEC-2024-%03d", i)] = "2024-05-01T00:00:00Z"
	}
	w.publish()
	w.mustRun()
	if len(w.stored) != 200 {
		t.Fatalf("%d stored", len(w.stored))
	}
	return w
}

// publish writes archive and list of all records.
func (w *weekly) publish() {
	w.publishArchive(w.records)
	var list bytes.Buffer
	for _, id := range slices.Sorted(maps.Keys(w.records)) {
		fmt.Fprintf(&list, "%s,%s\n", w.records[id], id)
	}
	w.put("modified_id.csv", list.Bytes())
}

func (w *weekly) publishArchive(records map[string]string) {
	var entries []entry
	for _, id := range slices.Sorted(maps.Keys(records)) {
		entries = append(entries, entry{id + ".json", record(id, records[id])})
	}
	w.put("all.zip", archive(w.t, entries...))
}

func (w *weekly) mustRun() collectors.Report {
	w.t.Helper()
	report, err := w.run()
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// expect compares what the last run emitted.
func (w *weekly) expect(when string, want ...string) {
	w.t.Helper()
	if d := cmp.Diff(want, w.said()); d != "" {
		w.t.Errorf("%s (-want +got):\n%s", when, d)
	}
}

// TestArchiveOnceAWeek: records that vanished are gone once the archive says so,
// and never before.
func TestArchiveOnceAWeek(t *testing.T) {
	w := newWeekly(t)
	delete(w.records, "PYSEC-2024-007")
	w.publish()
	w.now = now.Add(archiveEvery - time.Hour)
	if report := w.mustRun(); !strings.Contains(report.Note, "1 stored records are no longer listed; they are kept") {
		t.Errorf("note %q", report.Note)
	}
	w.expect("within the week", "= modified_id.csv")

	w.now = now.Add(archiveEvery)
	if report := w.mustRun(); report.Note != "1 stored records are gone from the archive of all records: PYSEC-2024-007." || report.Partial || report.Unchanged != 199 {
		t.Errorf("%+v", report)
	}
	w.expect("after a week", "- PYSEC-2024-007", "= all.zip", "= modified_id.csv")
	w.mustRun()
	w.expect("an hour later", "= modified_id.csv")

	w.now = w.now.Add(archiveEvery)
	w.mustRun()
	w.expect("the archive has not changed", "= all.zip", "= modified_id.csv")

	// It comes back, first in the list, then in the archive.
	w.records["PYSEC-2024-007"] = "2024-05-01T00:00:00Z"
	w.publish()
	w.put("PYSEC-2024-007.json", record("PYSEC-2024-007", "2024-05-01T00:00:00Z"))
	w.mustRun()
	w.expect("it is back", "PYSEC-2024-007", "= modified_id.csv")
}

// TestShrunkForGood: a source that has lost half of its records is believed when
// it is asked afresh, and only then.
func TestShrunkForGood(t *testing.T) {
	w := newWeekly(t)
	for i := range 100 {
		delete(w.records, fmt.Sprintf("PYSEC-2024-%03d", i))
	}
	w.publish()
	w.now = now.Add(archiveEvery)
	for _, cursor := range []collectors.Cursor{w.cursor, ""} {
		w.cursor = cursor
		if _, err := w.run(); !errors.Is(err, collectors.ErrShrunk) || observation.ClassOf(err) != observation.ClassEmpty {
			t.Errorf("with the cursor %.20q: %v", cursor, err)
		}
	}
	w.fresh, w.seen = true, map[string]observation.Response{}
	if w.mustRun(); len(w.stored) != 100 {
		t.Errorf("%d are stored after a fresh run, want 100", len(w.stored))
	}
}

// TestClockAhead: a run whose clock was years ahead does not put off the archive
// until then, nor is its time taken for that of the data.
func TestClockAhead(t *testing.T) {
	w := newWeekly(t)
	w.now = now.AddDate(3, 0, 0)
	w.records["PYSEC-2024-008"] = w.now.Add(-time.Hour).Format(time.RFC3339)
	w.publish()
	if report := w.mustRun(); !report.Through.Equal(w.now.Add(-time.Hour)) {
		t.Errorf("ahead: data through %v", report.Through)
	}
	delete(w.records, "PYSEC-2024-007")
	w.publish()
	w.now = now.Add(time.Hour)
	if report := w.mustRun(); report.Through.After(w.now) {
		t.Errorf("data through %v", report.Through)
	}
	w.expect("with the clock right again", "- PYSEC-2024-007", "= all.zip", "= modified_id.csv")
}

// TestArchiveAndList: what the list says of the records that the archive lacks.
func TestArchiveAndList(t *testing.T) {
	w := newWeekly(t)
	w.now = now.Add(archiveEvery)
	w.records["PYSEC-2024-001"] = "2024-06-01T00:00:00Z" // rewritten since the archive was made
	w.records["PYSEC-2024-900"] = "2024-06-01T00:00:00Z" // new since then
	w.publish()
	older := maps.Clone(w.records)
	delete(older, "PYSEC-2024-001")
	delete(older, "PYSEC-2024-900")
	delete(older, "PYSEC-2024-002") // deleted, though the list still names it
	delete(older, "PYSEC-2024-004") // missing, though the list names it and it is there
	w.put("PYSEC-2024-004.json", record("PYSEC-2024-004", w.records["PYSEC-2024-004"]))
	older["PYSEC-2024-003"] = "2024-07-01T00:00:00Z" // newer than the list says
	w.publishArchive(older)
	w.put("PYSEC-2024-001.json", record("PYSEC-2024-001", "2024-06-01T00:00:00Z"))
	w.put("PYSEC-2024-900.json", record("PYSEC-2024-900", "2024-06-01T00:00:00Z"))
	report := w.mustRun()
	got := w.said()
	slices.Sort(got)
	want := []string{"- PYSEC-2024-002", "= all.zip", "= modified_id.csv", "PYSEC-2024-001", "PYSEC-2024-003", "PYSEC-2024-900"}
	if report.Partial || report.Note != "1 stored records are gone from the archive of all records: PYSEC-2024-002." {
		t.Errorf("%+v", report)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}

	w.put("PYSEC-2024-003.json", record("PYSEC-2024-003", "2024-07-01T00:00:00Z"))
	// What the list says of a record that is gone is not asked for, until it
	// changes.
	w.put("modified_id.csv", append(w.get("modified_id.csv"), "2024-01-01T00:00:00Z,RUSTSEC-1\n"...))
	if report := w.mustRun(); report.Partial || report.Unchanged != 201 {
		t.Errorf("%+v", report)
	}
	w.expect("an hour later", "= modified_id.csv")
	w.records["PYSEC-2024-002"] = "2024-08-01T00:00:00Z"
	w.records["PYSEC-2024-003"] = "2024-07-01T00:00:00Z"
	w.publish()
	w.put("PYSEC-2024-002.json", record("PYSEC-2024-002", "2024-08-01T00:00:00Z"))
	w.mustRun()
	w.expect("it is back", "PYSEC-2024-002", "= modified_id.csv")
}

// TestArchiveRefused: an archive that lost more than 1 % of what is stored drops
// nothing, holds up no changes, and is read again by the next run.
func TestArchiveRefused(t *testing.T) {
	w := newWeekly(t)
	w.now = now.Add(archiveEvery)
	all := maps.Clone(w.records)
	for _, id := range []string{"PYSEC-2024-001", "PYSEC-2024-002", "PYSEC-2024-003"} {
		delete(w.records, id)
	}
	w.records["PYSEC-2024-004"] = "2024-06-01T00:00:00Z"
	w.publish()
	w.put("PYSEC-2024-004.json", record("PYSEC-2024-004", "2024-06-01T00:00:00Z"))
	before := w.cursor
	for range 2 {
		_, err := w.run()
		if observation.ClassOf(err) != observation.ClassEmpty || !strings.Contains(err.Error(), "3 of the 200 stored records (PYSEC-2024-001, PYSEC-2024-002, PYSEC-2024-003)") || w.cursor != before {
			t.Fatalf("%v", err)
		}
		w.expect("refused", "PYSEC-2024-004")
	}
	// Two of two hundred are 1 %, and not more.
	w.records["PYSEC-2024-003"] = all["PYSEC-2024-003"]
	w.publish()
	w.mustRun()
	w.expect("taken", "PYSEC-2024-004", "- PYSEC-2024-001", "- PYSEC-2024-002", "= all.zip", "= modified_id.csv")
}

// elsewhere makes a good record that affects no PyPI package.
func elsewhere(id, modified string) []byte {
	return bytes.Replace(record(id, modified), []byte("PyPI"), []byte("npm"), 1)
}

// TestRecordLeavesPyPI: a stored record that is still there, but no longer as a
// record of PyPI, is gone, whether the archive or the list leads to it.
func TestRecordLeavesPyPI(t *testing.T) {
	w := newWeekly(t)
	w.records["PYSEC-2024-005"] = "2024-06-01T00:00:00Z"
	w.publish()
	w.put("PYSEC-2024-005.json", elsewhere("PYSEC-2024-005", "2024-06-01T00:00:00Z"))
	if report := w.mustRun(); report.Partial || report.Note != "1 records affect no PyPI package; 1 stored records affect no PyPI package any more and are gone: PYSEC-2024-005." {
		t.Errorf("%+v", report)
	}
	w.expect("by the list", "- PYSEC-2024-005", "= modified_id.csv")
	w.put("modified_id.csv", append(w.get("modified_id.csv"), "2024-01-01T00:00:00Z,RUSTSEC-1\n"...))
	w.mustRun()
	w.expect("an hour later it is not asked for again", "= modified_id.csv")

	// The archive of the week holds another one, whose modified is as it was.
	w.now = now.Add(archiveEvery)
	entries := []entry{
		{"PYSEC-2024-005.json", elsewhere("PYSEC-2024-005", "2024-06-01T00:00:00Z")},
		{"PYSEC-2024-006.json", elsewhere("PYSEC-2024-006", "2024-05-01T00:00:00Z")},
		{"PYSEC-2024-007.json", elsewhere("PYSEC-2024-007", "2024-04-01T00:00:00Z")}, // older than the stored one
	}
	for _, id := range slices.Sorted(maps.Keys(w.stored)) {
		if id != "PYSEC-2024-006" && id != "PYSEC-2024-007" {
			entries = append(entries, entry{id + ".json", record(id, w.records[id])})
		}
	}
	w.put("all.zip", archive(t, entries...))
	w.mustRun()
	w.expect("by the archive", "- PYSEC-2024-006", "= all.zip", "= modified_id.csv")

	// It comes back to PyPI.
	w.records["PYSEC-2024-006"] = "2024-07-01T00:00:00Z"
	w.publish()
	w.put("PYSEC-2024-006.json", record("PYSEC-2024-006", "2024-07-01T00:00:00Z"))
	w.mustRun()
	w.expect("it is back", "PYSEC-2024-006", "= modified_id.csv")
}

// TestManyLeavePyPI: when more than 1 % of the stored records are no longer of
// PyPI at once, the source has lost the word for it, and none is dropped.
func TestManyLeavePyPI(t *testing.T) {
	w := newWeekly(t)
	many := []string{"PYSEC-2024-001", "PYSEC-2024-002", "PYSEC-2024-003"}
	for _, id := range many {
		w.records[id] = "2024-06-01T00:00:00Z"
		w.put(id+".json", elsewhere(id, "2024-06-01T00:00:00Z"))
	}
	w.publish()
	before := w.cursor
	refused := func(how string) {
		t.Helper()
		_, err := w.run()
		if observation.ClassOf(err) != observation.ClassEmpty || !strings.Contains(err.Error(), "3 of the 200 stored records") || w.cursor != before {
			t.Errorf("%s: %v", how, err)
		}
		w.expect(how)
	}
	refused("by the list")
	w.now = now.Add(archiveEvery)
	var entries []entry
	for _, id := range slices.Sorted(maps.Keys(w.records)) {
		body := record(id, w.records[id])
		if slices.Contains(many, id) {
			body = elsewhere(id, w.records[id])
		}
		entries = append(entries, entry{id + ".json", body})
	}
	w.put("all.zip", archive(t, entries...))
	refused("by the archive")
}

// TestArchiveOutOfOrder: a weekly archive that cannot be had holds up no changes.
func TestArchiveOutOfOrder(t *testing.T) {
	for name, body := range map[string][]byte{"HTML": []byte("<html>"), "nothing in it": archive(t), "not there": nil} {
		w := newWeekly(t)
		w.now = now.Add(archiveEvery)
		w.records["PYSEC-2024-004"] = "2024-06-01T00:00:00Z"
		w.publish()
		w.put("PYSEC-2024-004.json", record("PYSEC-2024-004", "2024-06-01T00:00:00Z"))
		if body == nil {
			if err := os.Remove(filepath.Join(w.dir, "osv-vulnerabilities.storage.googleapis.com", "PyPI", "all.zip")); err != nil {
				t.Fatal(err)
			}
		} else {
			w.put("all.zip", body)
		}
		if _, err := w.run(); err == nil {
			t.Errorf("%s: no error", name)
		}
		w.expect(name, "PYSEC-2024-004")
	}
}

// TestTwoRecordsOfOneID: the later modified counts, wherever it stands.
func TestTwoRecordsOfOneID(t *testing.T) {
	for name, entries := range map[string][]entry{
		"the second is later":       {{"PYSEC-1.json", record("PYSEC-1", "2024-01-01T00:00:00Z")}, {"PYSEC-1.json", record("PYSEC-1", "2024-02-01T00:00:00Z")}},
		"the first is later":        {{"PYSEC-1.json", record("PYSEC-1", "2024-02-01T00:00:00Z")}, {"PYSEC-1.json", record("PYSEC-1", "2024-01-01T00:00:00Z")}},
		"the third is, one is junk": {{"PYSEC-1.json", []byte("junk")}, {"PYSEC-1.json", record("PYSEC-1", "2024-01-01T00:00:00Z")}, {"PYSEC-1.json", record("PYSEC-1", "2024-02-01T00:00:00Z")}},
	} {
		s := newSite(t)
		s.put("all.zip", archive(t, entries...))
		if _, err := s.run(); err != nil {
			t.Fatal(err)
		}
		if want := time.Date(2024, time.February, 1, 0, 0, 0, 0, time.UTC); len(s.emitted) != 2 || !s.stored["PYSEC-1"].Equal(want) {
			t.Errorf("%s: %q, modified %v", name, s.said(), s.stored["PYSEC-1"])
		}
	}
}

// TestList: lines in whatever order, an id named twice counts with its later time.
func TestList(t *testing.T) {
	listed, bad, err := parseList([]byte("2024-01-02T00:00:00Z,PYSEC-2\n2024-01-01T00:00:00.5Z,PYSEC-1\r\n\n2027-01-01T00:00:00.123456789Z,PYSEC-3\n" +
		"2024-01-03T00:00:00+01:00,PYSEC-2\n2024-01-01T00:00:00Z,PYSEC-1\n2024-01-01T00:00:00.500Z,PYSEC-1\n" + strings.Repeat("2023-01-01T00:00:00Z,MAL-1\n", 5) + "\xff\xfe\n"))
	at := func(s string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	want := []change{{"PYSEC-2", at("2024-01-02T23:00:00Z")}, {"PYSEC-1", at("2024-01-01T00:00:00.5Z")}, {"PYSEC-3", at("2027-01-01T00:00:00.123456789Z")}, {"MAL-1", at("2023-01-01T00:00:00Z")}}
	if d := cmp.Diff(want, listed, cmp.AllowUnexported(change{})); d != "" || len(bad) != 1 || err != nil {
		t.Errorf("%q %v (-want +got):\n%s", bad, err, d)
	}
}

func FuzzList(f *testing.F) {
	f.Add([]byte("2024-01-02T00:00:00Z,PYSEC-2\n2024-01-01T00:00:00.5Z,PYSEC-1\r\n"))
	f.Add([]byte("<html>"))
	f.Add([]byte("2027-07-09T15:54:00Z,PYSEC-2025-19\n,\n\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		listed, _, err := parseList(body)
		seen := map[string]bool{}
		for _, c := range listed {
			if err != nil || seen[c.id] || !isID(c.id) || c.modified.IsZero() {
				t.Errorf("%+v, %v", c, err)
			}
			seen[c.id] = true
		}
	})
}
