package pypi

import (
	"context"
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

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

// sample decodes the two sample answers; either may be left out.
func sample(t *testing.T, withPage, withDocument bool) (*page, *document) {
	t.Helper()
	var p *page
	var d *document
	var err error
	if withPage {
		if p, _, err = decodePage([]byte(read(t, "page.json")), "sample-tool"); err != nil {
			t.Fatal(err)
		}
	}
	if withDocument {
		if d, _, err = decodeDocument([]byte(read(t, "document.json")), "sample-tool"); err != nil {
			t.Fatal(err)
		}
	}
	return p, d
}

// tell writes a file in one line.
func tell(f observation.File) string {
	upload := "-"
	if !f.UploadTime.IsZero() {
		upload = f.UploadTime.Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%s|%s|%s|%s|%d|%.4s|%s|%v|%s|%s", f.Filename, f.Version, f.PackageType, upload, f.Size, f.SHA256, f.RequiresPython, f.Yanked, f.YankedReason, f.Provenance)
}

func files(p *observation.Project) []string {
	var all []string
	for _, f := range p.Files {
		all = append(all, tell(f))
	}
	return all
}

func reasons(rejects []*observation.Reject) []string {
	var all []string
	for _, r := range rejects {
		all = append(all, r.Reason)
	}
	return all
}

func TestAssembleBoth(t *testing.T) {
	pg, doc := sample(t, true, true)
	a := assemble("sample-tool", "Sample.Tool", pg, doc, collecttest.Now)
	want := []string{
		"sample_tool-0.9.tar.gz|0.9|sdist|2019-01-02T03:04:05.678901Z|1000|aaaa||false||absent",
		"Sample.Tool-1.0.0-py3-none-any.whl|1.0|bdist_wheel|2020-01-01T00:00:00Z|2000||>=3.8|true|claims to support <b>3.5</b>|absent",
		"sample-tool-1.0.tar.gz|1.0|sdist|2020-01-01T00:00:01Z|0|||true||unknown",
		"sample_tool-1.1.post1-py3-none-any.whl|1.1.post1|bdist_wheel|2021-06-01T00:00:00Z|0||>=3.9|false||present",
		"sample_tool-1.1.post1.tar.gz|1.1.post1|sdist|2021-05-31T00:00:00Z|0||>=3.9|false||absent",
		"sample_tool-2.0rc1.tar.gz|2.0rc1|sdist|2022-01-01T00:00:00Z|0|||false||unknown",
		"sample_tool-2.0_local.1-py3-none-any.whl|2.0+local.1|bdist_wheel|2018-01-01T00:00:00Z|0|||true||unknown",
		"sample-tool-0.9-win-amd64.dmgg|.9|bdist_dmg|-|0|||false||unknown",
	}
	if diff := cmp.Diff(want, files(a.project)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	wantRejects := []string{
		"file 9: sample-tool-1.0.tar.gz is there twice",
	}
	if diff := cmp.Diff(wantRejects, reasons(a.rejects)); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	p := *a.project
	p.Files = nil
	if diff := cmp.Diff(observation.Project{
		Name:              "sample-tool",
		DisplayName:       "Sample.Tool",
		LatestVersion:     "1.1.post1",
		LatestUpload:      at("2021-05-31T00:00:00Z"),
		RequiresPython:    ">=3.9",
		LicenseExpression: "MIT",
		Summary:           "Does a thing",
		Status:            "archived",
		StatusReason:      "moved on",
		Organization:      "example-org",
		Owners:            []string{"adam", "zoe"},
		Serial:            400, // the older of the two
		FromIndex:         true,
		FromJSON:          true,
		ObservedAt:        collecttest.Now,
	}, p); diff != "" {
		t.Errorf("project (-want +got):\n%s", diff)
	}
	wantLinks := &observation.ProjectRepositories{Project: "sample-tool", Origin: observation.TrustDeclared, Links: []observation.RepositoryLink{
		{Repository: "github.com/Example/sample-tool", Evidence: "https://GitHub.com/Example/sample-tool.git", Label: "Source code"},
		{Repository: "github.com/example/other", Evidence: "https://github.com/example/other/releases", Label: "Changelpog"},
	}}
	if diff := cmp.Diff(wantLinks, a.repositories); diff != "" {
		t.Errorf("repositories (-want +got):\n%s", diff)
	}
}

func TestAssembleDocumentOnly(t *testing.T) {
	_, doc := sample(t, false, true)
	a := assemble("sample-tool", "", nil, doc, collecttest.Now)
	want := []string{ // newest release first, those outside PEP 440 last
		"sample_tool-3.0.tar.gz|3.0|sdist|2023-01-01T00:00:00Z|0|||true|broken|unknown",
		"sample_tool-1.1.post1.tar.gz|1.1.post1|sdist|2021-05-31T00:00:00.5Z|0||>=3.9|false||unknown",
		"sample_tool-0.9.tar.gz|0.9|sdist|2019-01-02T03:04:05Z|1000|aaaa||false||unknown",
		"sample-tool-unknown.zip|unknown|sdist|-|0|||false||unknown",
		"sample-tool-0.9-win-amd64.dmgg|.9|bdist_dmg|2019-01-03T00:00:00Z|12|||false||unknown",
	}
	if diff := cmp.Diff(want, files(a.project)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if p := a.project; p.LatestVersion != "1.1.post1" || p.FromIndex || !p.FromJSON || p.Status != "" || p.Serial != 400 {
		t.Errorf("project %+v", p)
	}
}

func TestAssemblePageOnly(t *testing.T) {
	pg, _ := sample(t, true, false)
	a := assemble("sample-tool", "Sample.Tool", pg, nil, collecttest.Now)
	if p := a.project; p.LatestVersion != "1.1.post1" || p.DisplayName != "Sample.Tool" || p.Serial != 500 || p.FromJSON || len(p.Files) != 8 {
		t.Errorf("project %+v", p)
	}
	if a.repositories != nil {
		t.Errorf("repositories %+v from a page that names none", a.repositories)
	}
	if f := a.project.Files[7]; f.Version != "" || f.PackageType != "" {
		t.Errorf("a file of no known form is %q of %q", f.PackageType, f.Version)
	}
}

func TestLatest(t *testing.T) {
	file := func(name string, yanked string) string {
		return fmt.Sprintf(`{"filename":"tool-%s.tar.gz","yanked":%s,"upload-time":"2020-01-01T00:00:00Z","requires-python":">=3.%d"}`, name, yanked, len(name))
	}
	tests := []struct {
		name  string
		files []string
		want  string
	}{
		{"no files", nil, ""},
		{"stable over newer pre-release", []string{file("1.0", "false"), file("2.0b1", "false")}, "1.0"},
		{"yanked is passed over", []string{file("1.0", "false"), file("1.1", `"why"`)}, "1.0"},
		{"one file left", []string{file("1.0", "false"), file("1.1", "true"), strings.Replace(file("1.1", "false"), ".tar.gz", ".zip", 1)}, "1.1"},
		{"only pre-releases", []string{file("1.0a1", "false"), file("1.0b1", "false")}, "1.0b1"},
		{"a pre-release that is left", []string{file("1.0", "true"), file("1.1a1", "false")}, "1.1a1"},
		{"an empty reason is none", []string{file("1.0", "false"), file("1.1", `""`)}, "1.1"},
		{"all yanked", []string{file("1.0", "true"), file("1.1", "true")}, "1.1"},
		{"numbers, not text", []string{file("1.9", "false"), file("1.10", "false")}, "1.10"},
		{"not PEP 440", []string{file("2004d", "false")}, "2004d"},
	}
	for _, tt := range tests {
		pg, _, err := decodePage([]byte(`{"name":"tool","files":[`+strings.Join(tt.files, ",")+`]}`), "tool")
		if err != nil {
			t.Fatal(err)
		}
		a := assemble("tool", "", pg, nil, collecttest.Now)
		if got := a.project.LatestVersion; got != tt.want || len(a.rejects) > 0 {
			t.Errorf("%s: latest %q, want %q; rejects %q", tt.name, got, tt.want, reasons(a.rejects))
		}
	}
	doc, _, err := decodeDocument([]byte(`{"info":{"name":"Tool","version":"3.1","requires_python":">=3.8"}}`), "tool")
	if err != nil {
		t.Fatal(err)
	}
	p := assemble("tool", "", nil, doc, collecttest.Now).project
	if p.LatestVersion != "3.1" || p.RequiresPython != ">=3.8" || p.Files != nil || p.DisplayName != "Tool" {
		t.Errorf("a JSON without releases: %+v", p)
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		version, status string // of the page; "" is absent
		want, reason    string
		rejects         int
	}{
		{"1.4", `{"status":"archived","reason":"moved\u0000 on"}`, "archived", "moved on", 0},
		{"1.4", `{"status":"Deprecated","reason":7}`, "deprecated", "", 0},
		{"1.4", `{"status":"quarantined"}`, "quarantined", "", 0},
		{"1.3", `{"status":"active","future":[]}`, "active", "", 0},
		{"1.4", "", "active", "", 0}, // the default of PEP 792
		{"1.10", "null", "active", "", 0},
		{"1.4", `{}`, "active", "", 0},
		{"1.3", "", "", "", 0}, // a page that cannot say
		{"", "", "", "", 0},
		{"1.4", `{"status":"sleeping"}`, "", "", 1},
		{"1.4", `{"status":7}`, "", "", 1},
		{"1.4", `"archived"`, "", "", 1},
		{"1.4", `{"status":"archived","reason":"` + strings.Repeat("x", 2*maxLong) + `"}`, "archived", strings.Repeat("x", maxLong), 0},
	}
	for _, tt := range tests {
		body := `{"name":"tool","files":[{"filename":"tool-1.0.tar.gz"}]`
		if tt.version != "" {
			body += `,"meta":{"api-version":"` + tt.version + `"}`
		}
		if tt.status != "" {
			body += `,"project-status":` + tt.status
		}
		pg, oddity, err := decodePage([]byte(body+"}"), "tool")
		if err != nil || oddity != "" {
			t.Errorf("%s %s: %v %q", tt.version, tt.status, err, oddity)
			continue
		}
		a := assemble("tool", "", pg, nil, collecttest.Now)
		if p := a.project; p.Status != tt.want || p.StatusReason != tt.reason || len(a.rejects) != tt.rejects || len(p.Files) != 1 {
			t.Errorf("%s %s: status %q, reason %.20q, rejects %q", tt.version, tt.status, p.Status, p.StatusReason, reasons(a.rejects))
		}
	}
}

// A page without files does not take away what the JSON lists, nor what a
// quarantine or a fault only hides.
func TestPageWithoutFiles(t *testing.T) {
	_, doc := sample(t, false, true)
	decoded := func(releases string) *document {
		d, _, err := decodeDocument([]byte(`{"info":{"name":"sample-tool","version":"7"},"last_serial":3,"releases":`+releases+`}`), "sample-tool")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	none, hollow := decoded(`{}`), decoded(`{"7":[],"6":[]}`)
	for _, tt := range []struct {
		status, versions string // of the page; no status is no page
		doc              *document
		files            int // -1: not read
		latest           string
		hollow           bool
	}{
		{"active", `[]`, nil, 0, "", false},
		{"active", `[]`, none, 0, "", false},
		{"active", `[]`, hollow, 0, "", false},
		{"active", `[]`, doc, 5, "1.1.post1", false},
		{"active", `["7"]`, nil, -1, "", true},
		{"active", `["7"]`, hollow, -1, "7", true},
		{"", "", hollow, -1, "7", true},
		{"", "", none, 0, "", false},
		{"quarantined", `["7"]`, nil, -1, "", false},
		{"quarantined", `[]`, none, -1, "7", false},
		{"quarantined", `[]`, doc, 5, "1.1.post1", false},
	} {
		var pg *page
		if tt.status != "" {
			var err error
			body := strings.Replace(standing("sample-tool", tt.status).Body, `"versions":[]`, `"versions":`+tt.versions, 1)
			if pg, _, err = decodePage([]byte(body), "sample-tool"); err != nil {
				t.Fatal(err)
			}
		}
		a := assemble("sample-tool", "", pg, tt.doc, collecttest.Now)
		got := len(a.project.Files)
		if a.project.Files == nil {
			got = -1
		}
		if got != tt.files || a.project.LatestVersion != tt.latest || a.project.Status != tt.status || a.hollow != tt.hollow {
			t.Errorf("%s %s: %d files, latest %q, hollow %v", tt.status, tt.versions, got, a.project.LatestVersion, a.hollow)
		}
	}
}

// TestShrunkenPage halves and empties the files of a page that was read before,
// as whole JSON.
func TestShrunkenPage(t *testing.T) {
	list := func(n int) (page, document string) {
		for i := range n {
			comma := strings.Repeat(",", min(i, 1))
			page += fmt.Sprintf(`%s{"filename":"tool-1.%d.tar.gz"}`, comma, i)
			document += fmt.Sprintf(`%s"1.%d":[{"filename":"tool-1.%d.tar.gz"}]`, comma, i, i)
		}
		return page, document
	}
	var versions []string
	for i := range 20 {
		versions = append(versions, fmt.Sprintf(`"1.%d"`, i))
	}
	_, documents := list(20)
	for _, tt := range []struct {
		files           int
		known, document bool
		want            []string
		partial         bool
	}{
		{20, true, true, []string{"tool 7 index=true json=true files=20"}, false},
		{18, true, true, []string{"tool 7 index=true json=true files=18"}, false},
		{17, true, true, nil, true},
		{0, true, true, nil, true},
		{0, false, true, []string{"tool 0 index=false json=true files=20"}, true},
		{0, true, false, []string{"tool 0 index=true json=false files=0"}, false}, // not read: see TestPageWithoutFiles
	} {
		files, _ := list(tt.files)
		s := collecttest.NewSite(map[string]collecttest.Answer{
			rootURL:         index(0, "tool"),
			pageURL("tool"): {Type: indexType, Body: `{"meta":{"api-version":"1.4","_last-serial":7},"name":"tool","files":[` + files + `],"versions":[` + strings.Join(versions, ",") + `]}`},
		})
		if tt.document {
			s.Set(documentURL("tool"), collecttest.Answer{Body: `{"info":{"name":"tool","version":"1.19"},"last_serial":7,"releases":{` + documents + `}}`})
		}
		m := &collecttest.Memory{}
		catalog := collecttest.Catalog{Projects: []string{"tool"}}
		if tt.known {
			catalog.Known = map[string]uint64{"tool": 6}
		}
		report, err := New(collecttest.Client(t, s, m)).Collect(t.Context(), collecttest.Input("", catalog), m.Emit)
		if diff := cmp.Diff(tt.want, told(m)); diff != "" || err != nil || report.Partial != tt.partial {
			t.Errorf("%d files, known %v: error %v, report %+v (-want +got):\n%s", tt.files, tt.known, err, report, diff)
		}
	}
}

func TestDecodeTolerates(t *testing.T) {
	doc, oddity, err := decodeDocument([]byte(`{"info":{"name":"Tool","version":7,"project_urls":["x"],"license_expression":{},"home_page":null},"releases":{"1.0":null},"last_serial":"12","ownership":null}`), "tool")
	if err != nil || oddity == "" {
		t.Fatalf("error %v, oddity %q", err, oddity)
	}
	if doc.LastSerial != 12 || doc.Info.Version != "" || doc.Releases == nil {
		t.Errorf("document %+v", doc)
	}
	pg, oddity, err := decodePage([]byte(`{"name":"Tool","files":[],"meta":7,"versions":"2"}`), "tool")
	if err != nil || oddity == "" || pg.Files == nil {
		t.Fatalf("error %v, oddity %q", err, oddity)
	}
	a := assemble("tool", "", pg, doc, collecttest.Now)
	if a.repositories != nil {
		t.Errorf("repositories %+v from links that cannot be read: an empty list would take the known ones away", a.repositories)
	}
	if a.project.Files == nil || len(a.project.Files) != 0 || a.project.LatestVersion != "" {
		t.Errorf("project %+v", a.project)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"truncated":       `{"name":"tool","files":[{"filename":"to`,
		"html":            "<html></html>",
		"no files":        `{"name":"tool"}`,
		"null files":      `{"name":"tool","files":null}`,
		"another project": `{"name":"fool","files":[]}`,
		"a list":          `[]`,
		"version 2":       `{"meta":{"api-version":"2.0"},"name":"tool","files":[]}`,
		"version 10":      `{"meta":{"api-version":"10.0"},"name":"tool","files":[]}`,
		"no version":      `{"meta":{"api-version":null},"name":"tool","files":[]}`,
		"nested deep":     `{"name":"tool","files":[],"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
		"not UTF-8":       "{\"name\":\"tool\",\"files\":[],\"x\":\"\xff\"}",
		"a broken name":   "{\"name\":\"tool\xff\",\"files\":[]}",
	} {
		if p, _, err := decodePage([]byte(body), "tool"); err == nil {
			t.Errorf("page, %s: %+v", name, p)
		}
	}
	for name, body := range map[string]string{
		"truncated":       `{"info":{"name":"tool"`,
		"html":            "<html></html>",
		"no info":         `{"message":"Not Found"}`,
		"another project": `{"info":{"name":"fool"}}`,
	} {
		if d, _, err := decodeDocument([]byte(body), "tool"); err == nil {
			t.Errorf("document, %s: %+v", name, d)
		}
	}
}

func TestDecodeRoot(t *testing.T) {
	wanted := map[string]bool{"sample-tool": true, "serialless": true, "bare": true, "odd": true, "missing": true}
	r, err := decodeRoot(strings.NewReader(read(t, "root.json")), wanted)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]rootEntry{"sample-tool": {"Sample.Tool", 500}, "serialless": {"serialless", 0}, "bare": {"bare", 0}, "odd": {"odd", 0}}
	if diff := cmp.Diff(want, r.listed); diff != "" || r.total != 7 || r.odd != 0 {
		t.Errorf("%d projects (-want +got):\n%s", r.total, diff)
	}
	whole := read(t, "root.json")
	r, err = decodeRoot(strings.NewReader(strings.Replace(whole, `"projects":[`, `"projects":["junk",{"name":"bare\ud800"},{"name":"\u0000bare"},{"name":"../bare"},{"name":7},{"name":null},[{"name":"bare"}],`, 1)), wanted)
	if err != nil || r.total != 7 || r.odd != 7 {
		t.Errorf("odd entries: %+v, %v", r, err)
	}
	for _, version := range []string{`"1.0"`, `"1.99"`} {
		if _, err := decodeRoot(strings.NewReader(strings.Replace(whole, `"1.4"`, version, 1)), wanted); err != nil {
			t.Errorf("api-version %s: %v", version, err)
		}
	}
	for name, body := range map[string]string{
		"truncated":                      whole[:len(whole)/2],
		"html":                           "<html>",
		"a list":                         "[]",
		"more":                           "{}{}",
		"nothing":                        "",
		"projects":                       `{"projects":{}}`,
		"version 2":                      strings.Replace(whole, `"1.4"`, `"2.0"`, 1),
		"no version":                     strings.Replace(whole, `"1.4"`, `1.4`, 1),
		"a huge name":                    `{"projects":[{"name":"` + strings.Repeat("a", maxEntry) + `"}]}`,
		"a huge value of no interest":    `{"x":"` + strings.Repeat("a", maxEntry) + `","projects":[]}`,
		"a huge entry of no interest":    `{"projects":[{"name":"a","x":[` + strings.Repeat("1,", maxEntry) + `1]}]}`,
		"nested deep":                    `{"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
		"an entry nested deep":           `{"projects":[{"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}]}`,
		"ends in a value of no interest": `{"x":[1,`,
	} {
		if r, err := decodeRoot(strings.NewReader(body), wanted); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"page.json", "document.json", "root.json"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, body string) {
		_, _ = decodeRoot(strings.NewReader(body), map[string]bool{"sample-tool": true})
		pg, _, _ := decodePage([]byte(body), "sample-tool")
		doc, _, _ := decodeDocument([]byte(body), "sample-tool")
		if pg == nil && doc == nil {
			return
		}
		a := assemble("sample-tool", "", pg, doc, collecttest.Now)
		seen := map[string]bool{}
		for _, file := range a.project.Files {
			if file.Filename == "" || seen[file.Filename] {
				t.Fatalf("%+v is without name or there twice", file)
			}
			seen[file.Filename] = true
		}
	})
}

// site answers for the sample project and a few others.
func site(t *testing.T) *collecttest.Site {
	page := func(name string, serial int) collecttest.Answer {
		return collecttest.Answer{Type: indexType, Body: fmt.Sprintf(`{"meta":{"_last-serial":%d},"name":%q,"files":[{"filename":"%s-1.0.tar.gz","upload-time":"2026-01-01T00:00:00Z","yanked":false,"provenance":null}],"versions":["1.0"]}`, serial, name, name)}
	}
	document := func(name string, serial int) collecttest.Answer {
		return collecttest.Answer{Body: fmt.Sprintf(`{"info":{"name":%q,"version":"1.0"},"releases":{},"last_serial":%d}`, name, serial)}
	}
	return collecttest.NewSite(map[string]collecttest.Answer{
		rootURL:                    {Type: indexType, Body: read(t, "root.json")},
		pageURL("sample-tool"):     {Type: indexType, Body: read(t, "page.json")},
		documentURL("sample-tool"): {Body: read(t, "document.json")},
		pageURL("serialless"):      page("serialless", 0),
		documentURL("changed"):     document("changed", 800),
		pageURL("known"):           page("known", 700),
		documentURL("known"):       document("known", 700),
	})
}

// told lists the emitted projects: name, serial and which API answered.
func told(m *collecttest.Memory) []string {
	var all []string
	for _, p := range collecttest.Of[*observation.Project](m) {
		all = append(all, fmt.Sprintf("%s %d index=%v json=%v files=%d", p.Name, p.Serial, p.FromIndex, p.FromJSON, len(p.Files)))
	}
	slices.Sort(all)
	return all
}

func TestCollect(t *testing.T) {
	ctx := context.Background()
	s := site(t)
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, s, m))
	catalog := collecttest.Catalog{
		Projects: []string{"sample-tool", "serialless", "known", "changed", "missing"},
		Known:    map[string]uint64{"known": 700, "changed": 799},
	}
	first, err := c.Collect(ctx, collecttest.Input("", catalog), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"changed 800 index=false json=true files=0",
		"missing 0 index=false json=false files=0", // asked, and not there now
		"sample-tool 400 index=true json=true files=8",
		"serialless 0 index=true json=false files=1",
	}
	if diff := cmp.Diff(want, told(m)); diff != "" {
		t.Errorf("projects (-want +got):\n%s", diff)
	}
	if n := len(collecttest.Of[*observation.ProjectRepositories](m)); n != 2 {
		t.Errorf("%d lists of repositories, want those of the two with JSON", n)
	}
	if first.Unchanged != 1 || first.Skipped != 1 || !first.Partial || !strings.Contains(first.Note, "(missing)") || strings.Contains(first.Note, "removed") {
		t.Errorf("report %+v", first)
	}
	if !first.Through.Equal(at("2026-01-01T00:00:00Z")) {
		t.Errorf("through %s", first.Through)
	}

	// Nothing changed: conditional requests, and only for what has no serial.
	m.Forget()
	s.Asked()
	catalog.Known = map[string]uint64{"known": 700, "changed": 800, "sample-tool": 400}
	second, err := c.Collect(ctx, collecttest.Input(first.Cursor, catalog), m.Emit)
	if err != nil || len(m.Emitted) != 1 || second.Unchanged != 4 || second.Cursor != first.Cursor {
		t.Errorf("report %+v, emitted %d, error %v", second, len(m.Emitted), err)
	}
	if diff := cmp.Diff([]string{documentURL("missing"), documentURL("serialless"), rootURL, pageURL("missing"), pageURL("serialless")}, s.Asked()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}

	// The index moved on, but only one of a project's two parts has.
	m.Forget()
	s.Set(rootURL, collecttest.Answer{Type: indexType, Body: strings.Replace(read(t, "root.json"), `"_last-serial":500`, `"_last-serial":501`, 1)})
	s.Set(documentURL("sample-tool"), collecttest.Answer{Body: strings.Replace(read(t, "document.json"), `"last_serial":400`, `"last_serial":501`, 1)})
	catalog.Projects = []string{"sample-tool"}
	if _, err := c.Collect(ctx, collecttest.Input(first.Cursor, catalog), m.Emit); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sample-tool 500 index=true json=true files=8"}, told(m)); diff != "" {
		t.Errorf("a project is stored whole (-want +got):\n%s", diff)
	}
}

// TestCollectKeepsWhatIsKnown fails one part of projects, known and unknown.
func TestCollectKeepsWhatIsKnown(t *testing.T) {
	ctx := context.Background()
	failures := map[string]collecttest.Answer{
		"down":      {Status: 500},
		"html":      {Type: "text/html", Body: "<html></html>"},
		"plain":     {Type: "text/plain", Body: read(t, "page.json")},
		"limited":   {Status: 429},
		"forbidden": {Status: 403},
		"version":   {Type: indexType, Body: strings.Replace(read(t, "page.json"), `"1.4"`, `"2.0"`, 1)},
		"truncated": {Type: indexType, Body: read(t, "page.json")[:500]},
		"other":     {Type: indexType, Body: `{"name":"somebody-else","files":[]}`},
		"emptied":   {Type: indexType, Body: `{"name":"sample-tool"}`},
	}
	for name, answer := range failures {
		for _, known := range []bool{false, true} {
			s := site(t)
			s.Set(pageURL("sample-tool"), answer)
			m := &collecttest.Memory{}
			catalog := collecttest.Catalog{Projects: []string{"sample-tool"}}
			if known {
				catalog.Known = map[string]uint64{"sample-tool": 300}
			}
			c := New(collecttest.Client(t, s, m))
			report, err := c.Collect(ctx, collecttest.Input("", catalog), m.Emit)
			if err != nil || !report.Partial || report.Skipped != 1 {
				t.Errorf("%s, known %v: report %+v, error %v", name, known, report, err)
			}
			want := []string{"sample-tool 0 index=false json=true files=5"}
			if known {
				want = nil
			}
			if diff := cmp.Diff(want, told(m)); diff != "" {
				t.Errorf("%s, known %v (-want +got):\n%s", name, known, diff)
			}
			// The root index is read again, and the project with it.
			m.Forget()
			s.Set(pageURL("sample-tool"), collecttest.Answer{Type: indexType, Body: read(t, "page.json")})
			if _, err := c.Collect(ctx, collecttest.Input(report.Cursor, catalog), m.Emit); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"sample-tool 400 index=true json=true files=8"}, told(m)); diff != "" {
				t.Errorf("%s, known %v, the next run (-want +got):\n%s", name, known, diff)
			}
		}
	}
}

// One project with more to say than anybody reads does not stop the others.
func TestCollectHuge(t *testing.T) {
	s := site(t)
	s.Set(pageURL("sample-tool"), collecttest.Answer{Type: indexType, Body: `{"name":"` + strings.Repeat("a", maxDocument)})
	m := &collecttest.Memory{}
	catalog := collecttest.Catalog{Projects: []string{"sample-tool", "serialless"}, Known: map[string]uint64{"sample-tool": 300}}
	report, err := New(collecttest.Client(t, s, m)).Collect(t.Context(), collecttest.Input("", catalog), m.Emit)
	if err != nil || !report.Partial || report.Skipped != 1 {
		t.Errorf("report %+v, error %v", report, err)
	}
	if diff := cmp.Diff([]string{"serialless 0 index=true json=false files=1"}, told(m)); diff != "" {
		t.Errorf("projects (-want +got):\n%s", diff)
	}
}

// oddFiles are entries of a page that cannot be read, and why.
var oddFiles = map[string]string{
	`{"filename":"../../etc/passwd"}`:         `the filename "../../etc/passwd" is not one`,
	`{"filename":"x/tool-1.0.tar.gz"}`:        "is not one",
	`{"filename":"tool-1.0\u0000.tar.gz"}`:    "is not one",
	`{"hashes":{}}`:                           "it has no filename",
	`{"filename":7}`:                          "it has no filename",
	`"not a file"`:                            "cannot unmarshal string",
	`{"filename":"tool-9.tar.gz","hashes":7}`: "cannot unmarshal number",
	`{"filename":"tool-9.tar.gz","upload-time":"0000-01-01T00:00:00Z"}`:   "not of 1990 to 2200",
	`{"filename":"tool-9.tar.gz","upload-time":"1899-01-01T00:00:00Z"}`:   "not of 1990 to 2200",
	`{"filename":"tool-9.tar.gz","upload-time":"9999-01-01T00:00:00.9Z"}`: "not of 1990 to 2200",
	`{"filename":"tool-9.tar.gz","upload-time":"yesterday"}`:              `"yesterday" is not a time`,
	`{"filename":"tool-9.tar.gz","upload-time":1700000000}`:               "1700000000 is not a text",
}

// oddPage is a page of n good files and the others.
func oddPage(n int, others ...string) string {
	for i := range n {
		others = append(others, fmt.Sprintf(`{"filename":"tool-1.%d.tar.gz","upload-time":"2020-01-01T00:00:00Z"}`, i))
	}
	return `{"meta":{"api-version":"1.4","_last-serial":7},"name":"tool","versions":[],"files":[` + strings.Join(others, ",") + `]}`
}

// TestRefusedFiles: what cannot be read of a list of files is not gone.
func TestRefusedFiles(t *testing.T) {
	for odd, want := range oddFiles {
		for _, n := range []int{0, 1, 30} {
			pg, _, err := decodePage([]byte(oddPage(n, odd)), "tool")
			if err != nil {
				t.Fatal(err)
			}
			a := assemble("tool", "", pg, nil, collecttest.Now)
			if len(a.project.Files) != n || !a.project.FilesPartial || (a.unread != nil) != (n == 0) || len(a.rejects) != 1 || !strings.Contains(a.rejects[0].Reason, want) {
				t.Errorf("%s beside %d: %+v, unread %v, rejects %q", odd, n, a.project, a.unread, reasons(a.rejects))
			}
		}
	}
	var many []string
	for i := range maxRejects + 20 {
		many = append(many, fmt.Sprintf(`{"filename":"x/%d"}`, i))
	}
	for _, tt := range []struct {
		name    string
		body    string
		known   bool
		want    []string
		rejects int // and the last of them
		reason  string
		again   bool // the next run asks for the whole page again
	}{
		{"one of 31", oddPage(30, many[0]), true, []string{"tool 0 index=true json=true files=30"}, 1, "not one", false},
		{"one of two", oddPage(1, many[0]), true, []string{"tool 0 index=true json=true files=1"}, 1, "not one", false},
		{"all", oddPage(0, many[:5]...), true, nil, 6, "5 of 5 files cannot be read", true},
		{"a tenth", oddPage(18, many[:2]...), true, nil, 3, "2 of 20 files", true},
		{"less than a tenth", oddPage(19, many[:2]...), true, []string{"tool 0 index=true json=true files=19"}, 2, "not one", false},
		{"of one that is new", oddPage(18, many[:2]...), false, []string{"tool 0 index=false json=true files=1"}, 3, "2 of 20 files", true},
		{"very many", oddPage(2000, many...), true, []string{"tool 0 index=true json=true files=2000"}, maxRejects + 1, "20 more records", false},
		{"twice is nothing lost", oddPage(3, `{"filename":"tool-1.0.tar.gz","upload-time":"2020-01-01T00:00:00Z"}`), true, []string{"tool 7 index=true json=true files=3"}, 1, "twice", false},
	} {
		s := collecttest.NewSite(map[string]collecttest.Answer{
			rootURL:             index(0, "tool"),
			pageURL("tool"):     {Type: indexType, Body: tt.body},
			documentURL("tool"): {Body: `{"info":{"name":"tool","version":"1.0"},"last_serial":7,"releases":{"1.0":[{"filename":"tool-1.0.tar.gz"}]}}`},
		})
		m := &collecttest.Memory{}
		catalog := collecttest.Catalog{Projects: []string{"tool"}}
		if tt.known {
			catalog.Known = map[string]uint64{"tool": 6}
		}
		report, err := New(collecttest.Client(t, s, m)).Collect(t.Context(), collecttest.Input("", catalog), m.Emit)
		if diff := cmp.Diff(tt.want, told(m)); diff != "" || err != nil || !report.Partial {
			t.Errorf("%s: error %v, report %+v (-want +got):\n%s", tt.name, err, report, diff)
		}
		rejects := reasons(collecttest.Of[*observation.Reject](m))
		if len(rejects) != tt.rejects || !strings.Contains(rejects[len(rejects)-1], tt.reason) {
			t.Errorf("%s: rejects %q", tt.name, rejects)
		}
		m.Forget()
		again, err := New(collecttest.Client(t, s, m)).Collect(t.Context(), collecttest.Input(report.Cursor, catalog), m.Emit)
		if err != nil || again.Partial != tt.again {
			t.Errorf("%s, the next run: error %v, report %+v", tt.name, err, again)
		}
	}
}

// A JSON that stands alone loses no file either.
func TestRefusedFilesOfTheDocument(t *testing.T) {
	for odd, want := range map[string]string{
		`{"packagetype":"sdist"}`: "it has no filename",
		`{"filename":"tool-9.tar.gz","upload_time":"1899-01-01T00:00:00"}`:                                               "not of 1990",
		`{"filename":"tool-9.tar.gz","upload_time_iso_8601":"2020-01-01T00:00:00Z","upload_time":"2020-13-01T00:00:00"}`: "is not a time",
	} {
		doc, _, err := decodeDocument([]byte(`{"info":{"name":"tool"},"releases":{"1.0":[{"filename":"tool-1.0.tar.gz","upload_time":""},`+odd+`]}}`), "tool")
		if err != nil {
			t.Fatal(err)
		}
		a := assemble("tool", "", nil, doc, collecttest.Now)
		if len(a.project.Files) != 1 || !a.project.FilesPartial || a.unread != nil || len(a.rejects) != 1 || !strings.Contains(a.rejects[0].Reason, want) {
			t.Errorf("%s: %+v, rejects %q", odd, a.project, reasons(a.rejects))
		}
		pg, _, err := decodePage([]byte(oddPage(1)), "tool")
		if err != nil {
			t.Fatal(err)
		}
		if a := assemble("tool", "", pg, doc, collecttest.Now); a.project.FilesPartial || a.unread != nil || len(a.rejects) != 1 {
			t.Errorf("%s beside a page that lists all: %+v", odd, a.project)
		}
	}
	doc, _, err := decodeDocument([]byte(`{"info":{"name":"tool"},"releases":{"1.0":[1],"1.1":[2]}}`), "tool")
	if err != nil {
		t.Fatal(err)
	}
	nameless, _, err := decodeDocument([]byte(`{"info":{"name":"tool"},"releases":{"1.0":[{},{"filename":"tool-1.0.tar.gz"}],"0.9":[{},{}]}}`), "tool")
	if err != nil {
		t.Fatal(err)
	}
	if a := assemble("tool", "", nil, nameless, collecttest.Now); a.unread != nil || !a.project.FilesPartial || len(a.project.Files) != 1 {
		t.Errorf("old releases without names: unread %+v, project %+v", a.unread, a.project)
	}
	if a := assemble("tool", "", nil, doc, collecttest.Now); a.unread == nil || a.unread.Object != documentURL("tool") {
		t.Errorf("nothing of a JSON can be read: %+v", a.unread)
	}
}

func TestCount(t *testing.T) {
	for s, want := range map[string]count{`12`: 12, `"12"`: 12, `18446744073709551615`: 1<<64 - 1, `18446744073709551616`: 0, `-1`: 0, `1.5`: 0, `1e3`: 0, `"x"`: 0, `null`: 0, `[1]`: 0} {
		c := count(3)
		if err := c.UnmarshalJSON([]byte(s)); err != nil || c != want {
			t.Errorf("%s: %d, want %d, error %v", s, c, want, err)
		}
	}
}

// TestVersionsMany would take minutes if every file were compared with every
// version.
func TestVersionsMany(t *testing.T) {
	const n = 50_000
	published := []string{"1.0", "1.0.0"}
	for i := 1; i < n; i++ {
		published = append(published, fmt.Sprintf("1.%d.0", i))
	}
	v := newVersions(published)
	for i := range n {
		if got, want := v.published(fmt.Sprintf("1.%d.0.0", i)), fmt.Sprintf("1.%d.0", i); got != want && i > 0 || i == 0 && got != "1.0" {
			t.Fatalf("1.%d.0.0 is published as %s", i, got)
		}
	}
	if got := v.published("7_x"); got != "7_x" {
		t.Errorf("a version that is not published is %s", got)
	}
}

// What is kept of broken text is text.
func TestBrokenText(t *testing.T) {
	body := "{\"name\":\"tool\",\"files\":[" +
		`{"filename":"tool-1.0.tar.gz","yanked":"bro\u0000ken"},{"filename":"tool-1.1\ud800.tar.gz"},{"filename":"tool-1.2\u0000.tar.gz"},{"filename":"tool-1.3\n.tar.gz"}]}`
	pg, _, err := decodePage([]byte(body), "tool")
	if err != nil {
		t.Fatal(err)
	}
	doc, _, err := decodeDocument([]byte(`{"info":{"name":"tool","summary":"UNKNOWN","license_expression":"UNKNOWN","home_page":"UNKNOWN","requires_python":"UNKNOWN"},
		"ownership":{"organization":"a\u0000b","roles":[{"role":"Owner","user":"x\u0000"},{"role":7},{"role":"Maintainer","user":"y"}]}}`), "tool")
	if err != nil {
		t.Fatal(err)
	}
	a := assemble("tool", "", pg, doc, collecttest.Now)
	p := a.project
	if len(p.Files) != 1 || p.Files[0].YankedReason != "broken" || len(a.rejects) != 3 {
		t.Errorf("files %+q, rejects %q", files(p), reasons(a.rejects))
	}
	if p.Organization != "ab" || !slices.Equal(p.Owners, []string{"x"}) || p.Summary+p.LicenseExpression+p.RequiresPython != "" || len(a.repositories.Links) != 0 {
		t.Errorf("project %+v", p)
	}
}

func TestCollectRootFailures(t *testing.T) {
	tests := []struct {
		name   string
		answer collecttest.Answer
		class  observation.Class
	}{
		{"empty", collecttest.Answer{Body: `{"meta":{},"projects":[]}`}, observation.ClassEmpty},
		{"no list", collecttest.Answer{Body: `{"meta":{}}`}, observation.ClassEmpty},
		{"sharply smaller", collecttest.Answer{Body: read(t, "root.json")}, observation.ClassEmpty},
		{"truncated", collecttest.Answer{Body: read(t, "root.json")[:200]}, observation.ClassMalformed},
		{"html", collecttest.Answer{Type: "text/html", Body: "<html>"}, observation.ClassMalformed},
		{"html said to be JSON", collecttest.Answer{Type: indexType, Body: "<html>"}, observation.ClassMalformed},
		{"another type", collecttest.Answer{Type: "text/plain", Body: read(t, "root.json")}, observation.ClassMalformed},
		{"another version", collecttest.Answer{Type: "application/vnd.pypi.simple.v2+json", Body: read(t, "root.json")}, observation.ClassMalformed},
		{"too fast", collecttest.Answer{Status: 429}, observation.ClassRateLimited},
		{"down", collecttest.Answer{Status: 502}, observation.ClassUnavailable},
		{"broken off", collecttest.Answer{Body: read(t, "root.json")[:200], Cut: true}, observation.ClassUnavailable},
		{"gone", collecttest.Answer{Status: 404}, observation.ClassNotFound},
	}
	for _, tt := range tests {
		s := site(t)
		s.Set(rootURL, tt.answer)
		m := &collecttest.Memory{}
		catalog := collecttest.Catalog{Projects: []string{"sample-tool"}}
		_, err := New(collecttest.Client(t, s, m)).Collect(context.Background(), collecttest.Input(`{"projects":8}`, catalog), m.Emit)
		if got := observation.ClassOf(err); got != tt.class || len(m.Emitted) != 0 {
			t.Errorf("%s: class %q (%v), %d emitted", tt.name, got, err, len(m.Emitted))
		}
	}
}

func TestCollectOneProject(t *testing.T) {
	s := site(t)
	m := &collecttest.Memory{}
	in := collecttest.Input(`{"projects":7}`, collecttest.Catalog{Known: map[string]uint64{"sample-tool": 10_000}})
	in.Project = "Sample_Tool"
	report, err := New(collecttest.Client(t, s, m)).Collect(context.Background(), in, m.Emit)
	if err != nil || report.Cursor != in.Cursor || len(told(m)) != 1 {
		t.Errorf("report %+v, error %v, projects %q", report, err, told(m))
	}
	if slices.Contains(s.Asked(), rootURL) {
		t.Error("the root index was asked for")
	}
	for _, tt := range []struct {
		catalog collectors.Catalog
		known   bool
	}{
		{collecttest.Catalog{}, false},
		{collecttest.Catalog{Projects: []string{"misspelt"}}, true},
		{collecttest.Catalog{Listed: map[string]bool{"misspelt": false}}, true},
	} {
		s, m := site(t), &collecttest.Memory{}
		in := collecttest.Input("", tt.catalog)
		in.Project = "misspelt"
		_, err := New(collecttest.Client(t, s, m)).Collect(context.Background(), in, m.Emit)
		if tt.known && (err != nil || len(told(m)) != 1) {
			t.Errorf("a known project that is not there now: %v, projects %q", err, told(m))
		}
		if !tt.known && (observation.ClassOf(err) != observation.ClassNotFound || !strings.Contains(err.Error(), "PyPI has no project misspelt") || len(m.Emitted) > 0) {
			t.Errorf("a name that nobody knows: %v, %d emitted", err, len(m.Emitted))
		}
	}
	in.Project = "../../etc"
	if _, err := New(collecttest.Client(t, s, m)).Collect(context.Background(), in, m.Emit); err == nil || len(s.Asked()) > 0 {
		t.Errorf("error %v for what is no name", err)
	}
}

func TestCollectStops(t *testing.T) {
	s := site(t)
	var projects []string
	for i := range 500 {
		name := fmt.Sprintf("p%d", i)
		projects = append(projects, name)
		s.Set(pageURL(name), collecttest.Answer{Status: 503})
		s.Set(documentURL(name), collecttest.Answer{Status: 503})
	}
	m := &collecttest.Memory{}
	projects = append([]string{"sample-tool"}, projects...)
	_, err := New(collecttest.Client(t, s, m)).Collect(context.Background(), collecttest.Input("", collecttest.Catalog{Projects: projects}), m.Emit)
	// The one that answers may be on its way when the others have failed.
	if observation.ClassOf(err) != observation.ClassUnavailable || len(told(m)) > 1 {
		t.Errorf("error %v, projects %q", err, told(m))
	}
	if n := len(s.Asked()); n > 4*(breakerLimit+8) {
		t.Errorf("%d requests", n)
	}
}

func TestContract(t *testing.T) {
	collecttest.Contract(t, func(ctx context.Context, emit collectors.Emit) error {
		catalog := collecttest.Catalog{Projects: []string{"sample-tool", "serialless", "changed"}}
		_, err := New(collecttest.Client(t, site(t), &collecttest.Memory{})).Collect(ctx, collecttest.Input("", catalog), emit)
		return err
	})
}

// TestMirror reads every project that the recorded sources hold.
func TestMirror(t *testing.T) {
	m := &collecttest.Memory{}
	client := collecttest.Mirror(t, m)
	if client == nil {
		return
	}
	names := map[string]bool{}
	for _, pattern := range []string{"simple/*/_index", "pypi/*/json"} {
		found, err := filepath.Glob(filepath.Join(collecttest.MirrorDir(t), "pypi.org", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			names[filepath.Base(filepath.Dir(f))] = true
		}
	}
	catalog := collecttest.Catalog{}
	for name := range names {
		catalog.Projects = append(catalog.Projects, name)
	}
	report, err := New(client).Collect(context.Background(), collecttest.Input("", catalog), m.Emit)
	if err != nil || report.Skipped > 0 {
		t.Fatalf("report %+v, error %v", report, err)
	}
	var index, json, owners int
	attested := map[string]string{}
	known := map[string]uint64{}
	for _, p := range collecttest.Of[*observation.Project](m) {
		if p.FromIndex {
			index++
		}
		if p.FromJSON {
			json++
		}
		if p.Serial != 0 {
			known[p.Name] = p.Serial
		}
		if len(p.Owners) > 0 {
			owners++
		}
		present := 0
		for _, f := range p.Files {
			if p.FromIndex && f.Version == "" {
				t.Errorf("%s: no version in %s", p.Name, f.Filename)
			}
			if f.Provenance == observation.ProvenancePresent {
				present++
			}
		}
		if p.FromIndex && (present > 0 || p.Name == "django") {
			attested[p.Name] = fmt.Sprintf("%d of %d", present, len(p.Files))
		}
		if p.LatestVersion == "" {
			t.Logf("%s has no latest version, %d files", p.Name, len(p.Files))
		}
	}
	if index != 41 || json != 266 || owners != 219 {
		t.Errorf("%d pages, %d JSON, %d with owners", index, json, owners)
	}
	for name, want := range map[string]string{"chardet": "397 of 429", "markupsafe": "89 of 873", "certifi": "30 of 140", "requests": "12 of 244", "urllib3": "16 of 190", "django": "0 of 801"} {
		if attested[name] != want {
			t.Errorf("%s: %s files with provenance, want %s", name, attested[name], want)
		}
	}
	if report.Cursor != collectors.Cursor(`{"projects":290,"through":"`+report.Through.Format(time.RFC3339Nano)+`"}`) {
		t.Errorf("cursor %s", report.Cursor)
	}
	for _, r := range collecttest.Of[*observation.Reject](m) {
		if r.Object != documentURL("torch") {
			t.Errorf("rejected %s: %s", r.Object, r.Reason)
		}
	}
	linked := 0
	for _, l := range collecttest.Of[*observation.ProjectRepositories](m) {
		if len(l.Links) > 0 {
			linked++
		}
	}
	if linked != 250 {
		t.Errorf("%d projects with a repository; %s", linked, report.Note)
	}

	m.Forget()
	catalog.Known = known
	again, err := New(client).Collect(context.Background(), collecttest.Input(report.Cursor, catalog), m.Emit)
	if err != nil || len(m.Emitted) != 0 || int(again.Unchanged) != len(names) {
		t.Errorf("a second run emitted %d, report %+v, error %v", len(m.Emitted), again, err)
	}

	// The index lists all that were seen, and so nothing is removed but a name that
	// is not there.
	fresh := &collecttest.Memory{}
	catalog.Listed = map[string]bool{"not-on-pypi": true}
	for name := range names {
		catalog.Listed[name] = true
	}
	if _, err := New(collecttest.Mirror(t, fresh)).Collect(context.Background(), collecttest.Input(report.Cursor, catalog), fresh.Emit); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"not-on-pypi false"}, presences(fresh)); diff != "" {
		t.Errorf("presence (-want +got):\n%s", diff)
	}
}

func BenchmarkMirror(b *testing.B) {
	dir := collecttest.MirrorDir(b)
	if dir == "" {
		return
	}
	body, err := os.ReadFile(filepath.Join(dir, "pypi.org", "simple", "django", "_index"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		pg, _, err := decodePage(body, "django")
		if err != nil {
			b.Fatal(err)
		}
		assemble("django", "", pg, nil, collecttest.Now)
	}
}

// Without a rank list there is nothing to ask, and the run says so.
func TestNothingTracked(t *testing.T) {
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, &collecttest.Site{}, m))
	report, err := c.Collect(t.Context(), collecttest.Input("", collecttest.Catalog{}), m.Emit)
	if err != nil || !report.Partial || !strings.Contains(report.Note, "ranks comes first") || len(m.Emitted) != 0 {
		t.Errorf("report %+v, emitted %d, error %v", report, len(m.Emitted), err)
	}
}
