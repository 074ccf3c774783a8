package cpython

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
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
)

func testdata(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// one writes a record of CPython by hand.
func one(id, modified string) string {
	return fmt.Sprintf(`{"id":%q,"modified":%q,"published":"2020-01-01T00:00:00Z","summary":"flaw %s","details":"x",
"affected":[{"ranges":[{"type":"GIT","repo":"https://github.com/python/cpython","events":[{"introduced":"0"},{"fixed":"0123456789abcdef0123456789abcdef01234567"}]}]}]}`, id, modified, id)
}

func TestDecode(t *testing.T) {
	a, ignored, problems, err := decode([]byte(testdata(t, "odd.json")))
	if err != nil {
		t.Fatal(err)
	}
	want := &observation.CPythonAdvisory{
		ID:           "CVE-2026-4242",
		Aliases:      []string{"PSF-2026-7", "BIT-python-2026-4242"},
		Published:    at("2026-10-31T22:00:00.123456789Z"),
		Modified:     at("2027-03-01T02:44:36.613Z"),
		Summary:      "A flaw of the otter codec.",
		Vectors:      []string{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"},
		SeverityWord: "HIGH",
		References:   []string{"https://example.org/a"},
		Repository:   "https://github.com/python/cpython",
		Introduced:   []string{"0"},
		Fixed:        []string{strings.Repeat("b", 40), strings.Repeat("c", 40)},
		Versions:     []string{"v3.13.0", "v3.14.0a1"},
	}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if ignored != 3 || len(problems) != 1 || !strings.HasPrefix(problems[0], "1 events") {
		t.Errorf("%d ranges ignored, problems %q", ignored, problems)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := one("PSF-2026-1", "2026-01-01T00:00:00Z")
	for name, c := range map[string]struct {
		record string
		err    error
	}{
		"truncated":         {good[:100], nil},
		"another thing":     {`{"message":"ok"}`, nil},
		"a list":            {`[]`, nil},
		"null":              {`null`, nil},
		"id of a package":   {strings.Replace(good, `"id":"PSF-2026-1"`, `"id":"PYSEC-2026-1"`, 1), nil},
		"no id":             {strings.Replace(good, `"id":"PSF-2026-1"`, `"id":""`, 1), nil},
		"id of a path":      {strings.Replace(good, `"id":"PSF-2026-1"`, `"id":"PSF-2026-1/../2"`, 1), nil},
		"without a number":  {strings.Replace(good, `"id":"PSF-2026-1"`, `"id":"PSF-0000-0123456789abcdef"`, 1), errUnnumbered},
		"no modified":       {strings.Replace(good, `"modified":"2026-01-01T00:00:00Z"`, `"modified":""`, 1), nil},
		"odd withdrawn":     {strings.Replace(good, `"summary"`, `"withdrawn":"yes","summary"`, 1), nil},
		"schema 2":          {strings.Replace(good, `"summary"`, `"schema_version":"2.0.0","summary"`, 1), nil},
		"another repo":      {strings.ReplaceAll(good, "python/cpython", "pypa/pip"), errOther},
		"a package of PyPI": {`{"id":"CVE-2026-1001","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"pip"},"versions":["1"]}]}`, errOther},
	} {
		a, _, _, err := decode([]byte(c.record))
		if err == nil || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, %+v", name, err, a)
		}
	}
	never := strings.Replace(good, "2026-01-01T00:00:00Z", neverModified, 1)
	if a, _, _, err := decode([]byte(never)); err != nil || !a.Modified.Equal(at("2020-01-01T00:00:00Z")) {
		t.Errorf("never modified: %+v, error %v", a, err)
	}
	if a, _, _, err := decode([]byte(strings.Replace(never, "2020-01-01T00:00:00Z", neverModified, 1))); err == nil {
		t.Errorf("neither modified nor published: %+v", a)
	}
	for name, record := range map[string]string{
		"odd published":   strings.Replace(good, "2020-01-01", "long ago", 1),
		"no ranges":       `{"id":"PSF-2026-2","modified":"2026-01-01T00:00:00Z"}`,
		"nothing but now": `{"id":"PSF-2026-2","modified":"2026-01-01T00:00:00Z","affected":null,"references":null,"severity":null,"aliases":null}`,
	} {
		if a, _, _, err := decode([]byte(record)); err != nil || !a.Published.IsZero() {
			t.Errorf("%s: %+v, error %v", name, a, err)
		}
	}
}

// entry is one entry of an archive.
type entry struct {
	tar.Header
	data string
}

func file(name, data string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, data}
}

const folder = "advisory-database-main/advisories/python/"

// pack writes an archive as the host does: a pax header with the commit, one top
// folder, then these entries.
func pack(t testing.TB, entries ...entry) string {
	t.Helper()
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	w := tar.NewWriter(zip)
	all := append([]entry{
		{tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": strings.Repeat("a", 40)}}, ""},
		{tar.Header{Typeflag: tar.TypeDir, Name: "advisory-database-main/", Mode: 0o755}, ""},
		{tar.Header{Typeflag: tar.TypeDir, Name: folder, Mode: 0o755}, ""},
	}, entries...)
	for _, e := range all {
		e.Size = int64(len(e.data))
		err := w.WriteHeader(&e.Header)
		if err == nil {
			_, err = w.Write([]byte(e.data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// records returns n good records.
func records(n int) []entry {
	var all []entry
	for i := range n {
		id := fmt.Sprintf("PSF-2020-%d", i+1)
		all = append(all, file(folder+id+".json", one(id, "2020-06-01T00:00:00Z")))
	}
	return all
}

func TestUnpack(t *testing.T) {
	body := pack(t, append(records(2),
		file("advisory-database-main/LICENSE", "CC-BY"),
		file("advisory-database-main/advisories/.id-allocator", "x"),
		file("advisory-database-main/advisories/python/nested/PSF-1.json", "x"),
		file("advisory-database-main/advisories/pip/PSF-2020-1.json", "x"),
		file(folder+"README.md", "x"),
		file("elsewhere/advisories/python/PSF-2020-3.json", "x"),
		file("../advisories/python/PSF-2020-3.json", "x"),
		file("advisory-database-main/../../advisories/python/PSF-2020-3.json", "x"),
		file("/advisories/python/PSF-2020-3.json", "x"),
		entry{tar.Header{Typeflag: tar.TypeSymlink, Name: folder + "PSF-2020-4.json", Linkname: "/etc/passwd"}, ""},
		entry{tar.Header{Typeflag: tar.TypeLink, Name: folder + "PSF-2020-5.json", Linkname: "PSF-2020-1.json"}, ""},
		file(folder+"PSF-2020-6.json", strings.Repeat(" ", maxRecord+1)),
	)...)
	got, err := unpack(context.Background(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range got {
		names = append(names, fmt.Sprintf("%s %t", r.name, r.data != nil))
	}
	want := []string{"advisories/python/PSF-2020-1.json true", "advisories/python/PSF-2020-2.json true", "advisories/python/PSF-2020-6.json false"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, err := w.Write([]byte(text))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestUnpackRefuses(t *testing.T) {
	whole := pack(t, records(50)...)
	bomb := func() string {
		var buf bytes.Buffer
		zip := gzip.NewWriter(&buf)
		w := tar.NewWriter(zip)
		w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: folder + "PSF-2020-1.json", Size: maxUnpacked + 1})
		part := make([]byte, 1<<20)
		for n := 0; n <= maxUnpacked/len(part); n++ {
			w.Write(part)
		}
		zip.Close()
		return buf.String()
	}
	for name, body := range map[string]string{
		"empty":           "",
		"html":            "<html></html>",
		"truncated":       whole[:len(whole)/2],
		"without its end": whole[:len(whole)-4],
		"broken":          whole[:200] + "xxxxxxxxxx" + whole[210:],
		"no tar":          zipped(t, strings.Repeat("no tar ", 200)),
		"bomb":            bomb(),
	} {
		if got, err := unpack(context.Background(), []byte(body)); observation.ClassOf(err) != observation.ClassMalformed {
			t.Errorf("%s: %d records, error %v", name, len(got), err)
		}
	}
}

// collect runs the collector over an archive; stored are the ids that are known.
func collect(t *testing.T, body string, cursor collectors.Cursor, stored ...string) (collectors.Report, *collecttest.Memory, error) {
	t.Helper()
	m := &collecttest.Memory{}
	site := collecttest.NewSite(map[string]collecttest.Answer{archiveURL: {Type: "application/x-gzip", Body: body}})
	report, err := New(collecttest.Client(t, site, m)).Collect(context.Background(), collecttest.Input(cursor, collecttest.Catalog{CPython: stored}), m.Emit)
	return report, m, err
}

func TestCollect(t *testing.T) {
	report, m, err := collect(t, pack(t, append(records(20),
		file(folder+"a.json", one("PSF-2021-1", "2026-10-01T00:00:00Z")),
		file(folder+"b.json", strings.Replace(one("PSF-2021-1", "2026-11-01T00:00:00.5Z"), "flaw", "later", 1)),
		file(folder+"c.json", one("PSF-2021-1", "2026-09-01T00:00:00Z")),
		file(folder+"d.json", one("CVE-2026-4242", "2027-10-01T00:00:00Z")),
		file(folder+"e.json", strings.ReplaceAll(one("CVE-2026-4243", "2026-11-22T00:00:00Z"), "python/cpython", "pypa/pip")),
		file(folder+"f.json", one("PSF-0000-0123456789abcdef", "2026-11-22T00:00:00Z")),
		file(folder+"g.json", "{"),
		file(folder+"h.json", strings.Repeat(" ", maxRecord+1)),
	)...), "")
	if err != nil {
		t.Fatal(err)
	}
	if !report.Partial || report.Skipped != 4 || !report.Through.Equal(at("2026-11-01T00:00:00.5Z")) {
		t.Errorf("report %+v", report)
	}
	for _, part := range []string{"not all of them: 2.", "do not concern CPython: 1.", "without a number yet: 1.", "same id replaces: 2.", "ignored: 1."} {
		if !strings.Contains(strings.ToLower(report.Note), strings.ToLower(part)) {
			t.Errorf("note %q lacks %q", report.Note, part)
		}
	}
	all := collecttest.Of[*observation.CPythonAdvisory](m)
	i := slices.IndexFunc(all, func(a *observation.CPythonAdvisory) bool { return a.ID == "PSF-2021-1" })
	if len(all) != 22 || i < 0 || all[i].Summary != "later PSF-2021-1" {
		t.Errorf("%d records", len(all))
	}
	var rejected []string
	for _, r := range collecttest.Of[*observation.Reject](m) {
		rejected = append(rejected, r.Object)
	}
	if diff := cmp.Diff([]string{"advisories/python/g.json", "advisories/python/h.json"}, rejected); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	if len(m.Emitted) != 24 {
		t.Errorf("%d emitted: nothing but records and rejects comes of this source", len(m.Emitted))
	}

	// 22 records were accepted: 20 are a tenth fewer, 19 are sharply fewer.
	var stored []string
	for _, a := range all {
		stored = append(stored, a.ID)
	}
	again, m, err := collect(t, pack(t, records(20)...), report.Cursor, stored...)
	if err != nil || len(m.Emitted) != 22 || again.Note != "No longer in the database as records about CPython, and gone: CVE-2026-4242, PSF-2021-1." {
		t.Errorf("report %+v, %d emitted, error %v", again, len(m.Emitted), err)
	}
	for name, c := range map[string]struct {
		body  string
		class observation.Class
	}{
		"sharply smaller": {pack(t, records(19)...), observation.ClassEmpty},
		"no record":       {pack(t), observation.ClassEmpty},
		"html":            {"<html></html>", observation.ClassMalformed},
		"truncated":       {pack(t, records(30)...)[:500], observation.ClassMalformed},
		"a tenth bad":     {pack(t, append(records(17), file(folder+"y.json", "1"), file(folder+"z.json", "2"))...), observation.ClassMalformed},
	} {
		if _, m, err := collect(t, c.body, report.Cursor); observation.ClassOf(err) != c.class || len(m.Emitted) != 0 {
			t.Errorf("%s: error %v, %d emitted", name, err, len(m.Emitted))
		}
	}
}

// TestVanished: what the whole archive no longer holds as a record about CPython
// is gone, unless it is there and cannot be read, or too much would be.
func TestVanished(t *testing.T) {
	var stored []string
	for i := range 20 {
		stored = append(stored, fmt.Sprintf("PSF-2020-%d", i+1))
	}
	of := func(change map[string]string) string {
		entries := records(20)
		for i, e := range entries {
			if data, ok := change[strings.TrimSuffix(filepath.Base(e.Name), ".json")]; ok {
				entries[i] = file(e.Name, data)
			}
		}
		return pack(t, slices.DeleteFunc(entries, func(e entry) bool { return e.data == "" })...)
	}
	other := func(id string) string {
		return strings.ReplaceAll(one(id, "2020-06-01T00:00:00Z"), "python/cpython", "pypa/pip")
	}
	for name, test := range map[string]struct {
		body string
		want []string
		fail bool
	}{
		"nothing":              {of(nil), nil, false},
		"two are not there":    {of(map[string]string{"PSF-2020-3": "", "PSF-2020-7": ""}), []string{"PSF-2020-3", "PSF-2020-7"}, false},
		"one concerns another": {of(map[string]string{"PSF-2020-3": other("PSF-2020-3")}), []string{"PSF-2020-3"}, false},
		"one cannot be read":   {of(map[string]string{"PSF-2020-3": "{", "PSF-2020-7": ""}), []string{"PSF-2020-7"}, false},
		"more than a tenth":    {of(map[string]string{"PSF-2020-1": other("PSF-2020-1"), "PSF-2020-2": other("PSF-2020-2"), "PSF-2020-3": ""}), nil, true},
	} {
		report, m, err := collect(t, test.body, "", stored...)
		var gone []string
		for _, g := range collecttest.Of[*observation.CPythonGone](m) {
			gone = append(gone, g.ID)
		}
		slices.Sort(gone)
		slices.Sort(test.want)
		if !slices.Equal(gone, test.want) {
			t.Errorf("%s: %q are gone, want %q; %s", name, gone, test.want, report.Note)
		}
		if test.fail != (observation.ClassOf(err) == observation.ClassEmpty) || test.fail && len(m.Emitted) > 0 {
			t.Errorf("%s: error %v, %d emitted", name, err, len(m.Emitted))
		}
	}
}

func TestCollectAgain(t *testing.T) {
	m := &collecttest.Memory{}
	site := collecttest.NewSite(map[string]collecttest.Answer{archiveURL: {Type: "application/x-gzip", Body: pack(t, records(3)...)}})
	c := New(collecttest.Client(t, site, m))
	first, err := c.Collect(context.Background(), collecttest.Input("", collecttest.Catalog{}), m.Emit)
	if err != nil || first.Partial || first.Note != "" {
		t.Fatalf("report %+v, error %v", first, err)
	}
	m.Forget()
	second, err := c.Collect(context.Background(), collecttest.Input(first.Cursor, collecttest.Catalog{}), m.Emit)
	if err != nil || second.Unchanged != 3 || second.Cursor != first.Cursor || !second.Through.Equal(first.Through) || len(m.Emitted) != 0 {
		t.Errorf("report %+v, error %v", second, err)
	}
	for status, class := range map[int]observation.Class{404: observation.ClassNotFound, 429: observation.ClassRateLimited, 500: observation.ClassUnavailable} {
		site.Set(archiveURL, collecttest.Answer{Status: status})
		if _, err := c.Collect(context.Background(), collecttest.Input(first.Cursor, collecttest.Catalog{}), m.Emit); observation.ClassOf(err) != class || len(m.Emitted) != 0 {
			t.Errorf("%d: error %v", status, err)
		}
	}
	if _, err := c.Collect(context.Background(), collecttest.Input("x", collecttest.Catalog{}), m.Emit); err == nil {
		t.Error("a cursor that is none was taken")
	}
}

func TestContract(t *testing.T) {
	site := collecttest.NewSite(map[string]collecttest.Answer{archiveURL: {Body: pack(t, records(3)...)}})
	collecttest.Contract(t, func(ctx context.Context, emit collectors.Emit) error {
		_, err := New(collecttest.Client(t, site, &collecttest.Memory{})).Collect(ctx, collecttest.Input("", collecttest.Catalog{}), emit)
		return err
	})
}

func TestMirror(t *testing.T) {
	m := &collecttest.Memory{}
	client := collecttest.Mirror(t, m)
	if client == nil {
		return
	}
	report, err := New(client).Collect(context.Background(), collecttest.Input("", collecttest.Catalog{}), m.Emit)
	if err != nil || report.Partial || report.Note != "" || !report.Through.Equal(at("2024-09-07T02:44:36.613Z")) {
		t.Fatalf("report %+v, error %v", report, err)
	}
	all := collecttest.Of[*observation.CPythonAdvisory](m)
	introduced, fixed, aliased := 0, 0, 0
	for _, a := range all {
		introduced += len(a.Introduced)
		fixed += len(a.Fixed)
		if len(a.Aliases) > 0 {
			aliased++
		}
		if a.Repository != repository || a.Summary == "" || a.Published.IsZero() || len(a.Vectors) > 0 {
			t.Errorf("%+v", a)
		}
	}
	if len(all) != 132 || len(m.Emitted) != 132 || introduced != 132 || fixed != 525 || aliased != 117 {
		t.Errorf("%d records, %d introduced, %d fixed, %d with aliases", len(all), introduced, fixed, aliased)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(testdata(f, "odd.json"))
	f.Add(one("PSF-2020-1", "2020-06-01T00:00:00Z"))
	f.Fuzz(func(t *testing.T, body string) {
		a, _, _, err := decode([]byte(body))
		if err != nil {
			return
		}
		if !idForm.MatchString(a.ID) || a.Modified.IsZero() || a.Repository != "" && a.Repository != repository || len(a.Summary) > maxSummary {
			t.Fatalf("%+v", a)
		}
		for _, c := range append(a.Introduced, a.Fixed...) {
			if !commitForm.MatchString(c) {
				t.Fatalf("commit %q", c)
			}
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte(pack(f, records(2)...)))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := unpack(context.Background(), body)
		for _, r := range all {
			if err != nil || !strings.HasPrefix(r.name, "advisories/python/") || strings.Contains(r.name, "..") {
				t.Fatalf("%q, error %v", r.name, err)
			}
		}
	})
}
