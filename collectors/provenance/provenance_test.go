package provenance

import (
	"context"
	"fmt"
	"net/url"
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

const (
	publish = "https://docs.pypi.org/attestations/publish/v1"
	slsa    = "https://slsa.dev/provenance/v1"
)

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParse(t *testing.T) {
	tests := map[string][]observation.AttestationBundle{
		"github.json": {{Kind: "GitHub", Repository: "github.com/Example/sample-tool", Workflow: "release.yml", Predicates: []string{publish, slsa}}},
		"publishers.json": {
			{Kind: "GitLab", Repository: "gitlab.com/group/sub/tool", Workflow: ".gitlab-ci.yml", Environment: "pypi", Predicates: []string{publish}},
			{Kind: "Google", Predicates: []string{publish}},
			{Kind: "Quantum CI", Repository: "codeberg.org/Example/tool", Predicates: []string{"https://example.org/predicate/v9"}},
			{Kind: "ActiveState", Predicates: []string{publish}},
		},
	}
	for name, want := range tests {
		got, problems, err := parse([]byte(read(t, name)))
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v, %q", name, err, problems)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestParseOddities(t *testing.T) {
	got, problems, err := parse([]byte(read(t, "odd.json")))
	if err != nil {
		t.Fatal(err)
	}
	want := []observation.AttestationBundle{
		{Kind: "GitHub", Workflow: "a.yml", Predicates: []string{publish}},
		{Kind: "GitHub"},
		{Kind: "Elsewhere", Predicates: []string{publish}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bundles (-want +got):\n%s", diff)
	}
	for i, want := range []string{
		`1: the publisher's repository "../../etc" is none`,
		"1: attestation 1: its statement is not base64",
		"1: attestation 2: its statement cannot be read",
		"1: attestation 3: json: cannot unmarshal number",
		"1: attestation 4: its statement names no predicate type",
		`2: the publisher's repository "o/n/issues" is none`,
		"2: attestation 1: its statement cannot be read",
		`3: the publisher's repository "o/n" is none`,
	} {
		if i >= len(problems) || !strings.HasPrefix(problems[i], "attestation bundle "+want) {
			t.Fatalf("problems %q, want %d to begin with %q", problems, i, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	whole := read(t, "github.json")
	one := `{"publisher":{"kind":"GitHub","repository":"a/b"},"attestations":[{}]}`
	for name, body := range map[string]string{
		"nothing":             "",
		"truncated":           whole[:len(whole)/2],
		"html":                "<html></html>",
		"a list":              "[]",
		"another thing":       `{"message":"ok"}`,
		"version 2":           strings.Replace(whole, `"version": 1`, `"version": 2`, 1),
		"a version in words":  strings.Replace(whole, `"version": 1`, `"version": "1"`, 1),
		"not UTF-8":           strings.Replace(whole, "release.yml", "release\xff.yml", 1),
		"no bundles":          `{"version":1,"attestation_bundles":[]}`,
		"null bundles":        `{"version":1,"attestation_bundles":null}`,
		"bundles in words":    `{"version":1,"attestation_bundles":"none"}`,
		"a bundle in words":   `{"version":1,"attestation_bundles":["none"]}`,
		"no publisher":        `{"version":1,"attestation_bundles":[{"attestations":[{}]}]}`,
		"no kind":             `{"version":1,"attestation_bundles":[{"publisher":{},"attestations":[{}]}]}`,
		"an empty kind":       `{"version":1,"attestation_bundles":[{"publisher":{"kind":"\u0000"},"attestations":[{}]}]}`,
		"a kind of kinds":     `{"version":1,"attestation_bundles":[{"publisher":{"kind":["GitHub"]},"attestations":[{}]}]}`,
		"a repository object": `{"version":1,"attestation_bundles":[{"publisher":{"kind":"GitHub","repository":{}},"attestations":[{}]}]}`,
		"no attestation":      `{"version":1,"attestation_bundles":[{"publisher":{"kind":"GitHub","repository":"a/b"},"attestations":[]}]}`,
		"many attestations":   `{"version":1,"attestation_bundles":[{"publisher":{"kind":"GitHub","repository":"a/b"},"attestations":[` + strings.Repeat("{},", maxAttestations) + `{}]}]}`,
		"many bundles":        `{"version":1,"attestation_bundles":[` + strings.Repeat(one+",", maxBundles) + one + `]}`,
		"nested deep":         `{"version":1,"attestation_bundles":[` + one + `],"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
	} {
		if bundles, _, err := parse([]byte(body)); err == nil {
			t.Errorf("%s: %+v", name, bundles)
		}
	}
	huge := `{"version":1,"attestation_bundles":[{"publisher":{"kind":"` + strings.Repeat("k", 1<<20) + `"},"attestations":[{"envelope":{"statement":"` + strings.Repeat("AAAA", maxStatement) + `"}}]}]}`
	bundles, problems, err := parse([]byte(huge))
	if err != nil || len(problems) != 1 || len(bundles[0].Kind) != maxName || bundles[0].Predicates != nil {
		t.Errorf("huge texts: error %v, %d problems", err, len(problems))
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"github.json", "publishers.json", "odd.json"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, body string) {
		bundles, _, err := parse([]byte(body))
		if err != nil {
			return
		}
		if len(bundles) == 0 || len(bundles) > maxBundles {
			t.Fatalf("%d bundles", len(bundles))
		}
		for _, b := range bundles {
			if b.Kind == "" || !slices.IsSorted(b.Predicates) {
				t.Fatalf("%+v", b)
			}
			if cut, ok := collectors.RepositoryOf(b.Repository); b.Repository != "" && (!ok || cut != b.Repository) {
				t.Fatalf("repository %q", b.Repository)
			}
		}
	})
}

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// file is the nth file of a release that was uploaded on a day of January.
func file(project, version string, n, uploaded, newest int) observation.ProvenanceFile {
	f := observation.ProvenanceFile{Project: project, Version: version, Filename: fmt.Sprintf("%s-%s-%d.whl", project, version, n), UploadTime: day(uploaded)}
	if newest > 0 {
		f.Newest = day(newest)
	}
	return f
}

func address(f observation.ProvenanceFile) string {
	return objectURL(f.Project, f.Version, f.Filename)
}

// attested is a provenance object of one GitHub repository.
func attested(t testing.TB, repository string) collecttest.Answer {
	return collecttest.Answer{Type: objectType, Body: strings.Replace(read(t, "github.json"), "Example/sample-tool", repository, 1)}
}

func TestPlan(t *testing.T) {
	pending := []observation.ProvenanceFile{
		file("a", "3", 1, 9, 0), file("a", "3", 2, 9, 0), file("a", "2", 1, 5, 0), file("a", "3", 3, 4, 0), file("a", "1", 1, 1, 0),
		file("b", "2", 1, 7, 8), file("b", "1", 1, 6, 8), // the newest of b is stored
		file("c", "9", 1, 9, 8), file("c", "8", 1, 2, 8),
	}
	var got []string
	for _, r := range plan(pending) {
		got = append(got, fmt.Sprintf("%s %s %d", r.files[0].Project, r.files[0].Version, len(r.files)))
	}
	want := []string{"a 3 3", "c 9 1", "a 2 1", "b 2 1", "c 8 1", "a 1 1", "b 1 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

// told writes what was emitted, in order.
func told(m *collecttest.Memory) []string {
	var all []string
	for _, o := range m.Emitted {
		switch o := o.(type) {
		case *observation.FileProvenance:
			var by []string
			for _, b := range o.Bundles {
				by = append(by, b.Kind+" "+b.Repository)
			}
			all = append(all, o.Filename+": "+strings.Join(by, ", "))
		case *observation.ProjectRepositories:
			names := []string{}
			for _, l := range o.Links {
				names = append(names, l.Repository)
			}
			all = append(all, fmt.Sprintf("%s %s %v", o.Project, o.Origin, names))
		case *observation.Reject:
			all = append(all, "reject "+o.Object)
		default:
			all = append(all, fmt.Sprintf("%T", o))
		}
	}
	return all
}

func collect(t *testing.T, s *collecttest.Site, pending ...observation.ProvenanceFile) (*collecttest.Memory, collectors.Report, error) {
	t.Helper()
	m := &collecttest.Memory{}
	in := collecttest.Input("", collecttest.Catalog{Pending: pending})
	report, err := New(collecttest.Client(t, s, m)).Collect(t.Context(), in, m.Emit)
	return m, report, err
}

func TestCollect(t *testing.T) {
	a2, a2b, a1 := file("a", "2", 1, 9, 0), file("a", "2", 2, 9, 0), file("a", "1", 1, 3, 0)
	b2, b1 := file("b", "2", 1, 8, 0), file("b", "1", 1, 2, 0)
	c1 := file("c", "1", 1, 4, 5) // older than what is stored
	d2, d1 := file("d", "2", 1, 7, 5), file("d", "1", 1, 6, 5)
	epoch := observation.ProvenanceFile{Project: "e", Version: "1!2.0+x y", Filename: "e-1!2.0+x y.zip", UploadTime: day(1)}
	nameless := file("f", "", 1, 1, 0)
	s := collecttest.NewSite(map[string]collecttest.Answer{
		address(a2):    attested(t, "Newer/a"),
		address(a2b):   attested(t, "Other/a"),
		address(a1):    attested(t, "Old/a"),
		address(b1):    attested(t, "Old/b"),
		address(c1):    attested(t, "Old/c"),
		address(d2):    {Status: 500},
		address(d1):    attested(t, "Old/d"),
		address(epoch): {Type: objectType, Body: read(t, "publishers.json")},
	})
	m, report, err := collect(t, s, a2, a2b, a1, b2, b1, c1, d2, d1, epoch, nameless)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a-2-1.whl: GitHub github.com/Newer/a",
		"a-2-2.whl: GitHub github.com/Other/a",
		"a attested [github.com/Newer/a github.com/Other/a]",
		"b-2-1.whl: ", // 404 is an answer
		"e-1!2.0+x y.zip: GitLab gitlab.com/group/sub/tool, Google , Quantum CI codeberg.org/Example/tool, ActiveState ",
		"e attested [gitlab.com/group/sub/tool codeberg.org/Example/tool]",
		"a-1-1.whl: GitHub github.com/Old/a",
		"b-1-1.whl: GitHub github.com/Old/b",
		"b attested [github.com/Old/b]", // the newest release that carries provenance
		"c-1-1.whl: GitHub github.com/Old/c",
		"d-1-1.whl: GitHub github.com/Old/d",
		"d attested [github.com/Old/d]",
	}
	if diff := cmp.Diff(want, told(m)); diff != "" {
		t.Errorf("emitted (-want +got):\n%s", diff)
	}
	if !report.Partial || report.Skipped != 2 || !report.Through.Equal(day(9)) || report.Cursor != `{"through":"2026-01-09T00:00:00Z"}` {
		t.Errorf("report %+v", report)
	}
	first := collecttest.Of[*observation.ProjectRepositories](m)[0]
	if diff := cmp.Diff(observation.RepositoryLink{Repository: "github.com/Newer/a", Evidence: address(a2), Label: "GitHub"}, first.Links[0]); diff != "" {
		t.Errorf("link (-want +got):\n%s", diff)
	}
	one := collecttest.Of[*observation.FileProvenance](m)[0]
	one.Bundles = nil
	if diff := cmp.Diff(&observation.FileProvenance{Project: "a", Version: "2", Filename: "a-2-1.whl", UploadTime: day(9), ObservedAt: collecttest.Now}, one); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	if asked := s.Asked(); !slices.Contains(asked, "https://pypi.org/integrity/e/1%212.0+x%20y/e-1%212.0+x%20y.zip/provenance") {
		t.Errorf("asked %q", asked)
	}
}

// A publisher without a repository takes the place of one with.
func TestPublisherWithoutRepository(t *testing.T) {
	f := file("a", "2", 1, 9, 5)
	body := strings.Replace(strings.Replace(read(t, "github.json"), `"GitHub"`, `"Google"`, 1), `"Example/sample-tool"`, "null", 1)
	m, _, err := collect(t, collecttest.NewSite(map[string]collecttest.Answer{address(f): {Type: objectType, Body: body}}), f)
	if diff := cmp.Diff([]string{"a-2-1.whl: Google ", "a attested []"}, told(m)); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestCollectFailures(t *testing.T) {
	whole := read(t, "github.json")
	for name, tt := range map[string]struct {
		answer  collecttest.Answer
		rejects int
	}{
		"down":         {collecttest.Answer{Status: 503}, 0},
		"too fast":     {collecttest.Answer{Status: 429}, 0},
		"cut":          {collecttest.Answer{Type: objectType, Body: whole[:90], Cut: true}, 0},
		"forbidden":    {collecttest.Answer{Status: 403}, 1},
		"html":         {collecttest.Answer{Type: "text/html", Body: "<html>"}, 1},
		"false html":   {collecttest.Answer{Type: objectType, Body: "<html>"}, 1},
		"another type": {collecttest.Answer{Type: "application/vnd.pypi.integrity.v2+json", Body: whole}, 1},
		"truncated":    {collecttest.Answer{Type: objectType, Body: whole[:90]}, 1},
		"empty":        {collecttest.Answer{Type: objectType}, 1},
		"huge":         {collecttest.Answer{Type: objectType, Body: `{"version":1,"x":"` + strings.Repeat("a", maxBytes)}, 1},
		"a part odd":   {collecttest.Answer{Type: objectType, Body: strings.Replace(whole, "Example/sample-tool", "sample-tool", 1)}, 1},
	} {
		bad, good := file("a", "2", 1, 9, 0), file("b", "1", 1, 3, 0)
		s := collecttest.NewSite(map[string]collecttest.Answer{address(bad): tt.answer, address(good): attested(t, "b/b")})
		m, report, err := collect(t, s, bad, good)
		rejects, objects := len(collecttest.Of[*observation.Reject](m)), len(collecttest.Of[*observation.FileProvenance](m))
		wantObjects := 1
		if name == "a part odd" {
			wantObjects = 2
		}
		if err != nil || !report.Partial || rejects != tt.rejects || objects != wantObjects {
			t.Errorf("%s: error %v, report %+v, %d rejects, %d objects", name, err, report, rejects, objects)
		}
	}
}

func TestCollectStops(t *testing.T) {
	answers := map[string]collecttest.Answer{}
	var pending []observation.ProvenanceFile
	for i := range 100 {
		f := file(fmt.Sprintf("p%d", i), "1", 1, 5, 0)
		pending = append(pending, f)
		answers[address(f)] = collecttest.Answer{Status: 503}
	}
	s := collecttest.NewSite(answers)
	m, _, err := collect(t, s, pending...)
	if observation.ClassOf(err) != observation.ClassUnavailable || len(m.Emitted) != 0 || len(s.Asked()) != 4*breakerLimit {
		t.Errorf("error %v, %q", err, told(m))
	}
}

// What was read of a release before its source broke off is not stored without
// its repositories.
func TestCollectStopsWithinARelease(t *testing.T) {
	answers := map[string]collecttest.Answer{}
	var pending []observation.ProvenanceFile
	for i := range 50 {
		f := file("a", "1", i, 5, 0)
		pending = append(pending, f)
		answers[address(f)] = attested(t, "a/b")
		if i >= 2 {
			answers[address(f)] = collecttest.Answer{Status: 503}
		}
	}
	m, _, err := collect(t, collecttest.NewSite(answers), pending...)
	want := []string{"a-1-0.whl: GitHub github.com/a/b", "a-1-1.whl: GitHub github.com/a/b", "a attested [github.com/a/b]"}
	if diff := cmp.Diff(want, told(m)); diff != "" || observation.ClassOf(err) != observation.ClassUnavailable {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	// A run that is stopped stores nothing of the release that it was reading.
	ctx, cancel := context.WithCancel(t.Context())
	m = &collecttest.Memory{}
	in := collecttest.Input("", collecttest.Catalog{Pending: pending})
	in.Progress = func(done, _ int, _ string) {
		if done == 2 {
			cancel()
		}
	}
	if _, err := New(collecttest.Client(t, collecttest.NewSite(answers), m)).Collect(ctx, in, m.Emit); err == nil || len(m.Emitted) != 0 {
		t.Errorf("error %v, %q", err, told(m))
	}
}

// Something that has nothing is not the Integrity API.
func TestNothingThere(t *testing.T) {
	var pending []observation.ProvenanceFile
	for i := range 100 {
		pending = append(pending, file(fmt.Sprintf("p%02d", i), "1", 1, 5, 0))
	}
	s := collecttest.NewSite(nil)
	m, _, err := collect(t, s, pending...)
	if observation.ClassOf(err) != observation.ClassUnavailable || len(m.Emitted) != 0 || len(s.Asked()) != doubtFiles {
		t.Errorf("error %v, %q", err, told(m))
	}
	// One object is enough to believe it the rest.
	s.Set(address(pending[doubtFiles-1]), attested(t, "a/b"))
	m, report, err := collect(t, s, pending...)
	if files := collecttest.Of[*observation.FileProvenance](m); err != nil || len(files) != 100 || files[0].Filename != pending[0].Filename || report.Partial {
		t.Errorf("error %v, %d files, report %+v", err, len(files), report)
	}
	// A single project without objects does not stop the others.
	var wheels []observation.ProvenanceFile
	for i := range 50 {
		wheels = append(wheels, file("wheels", "1", i, 5, 0))
	}
	m, report, err = collect(t, s, wheels...)
	if err != nil || len(m.Emitted) != 50 || !strings.Contains(report.Note, "does not have: 50 files") {
		t.Errorf("error %v, %d emitted, report %+v", err, len(m.Emitted), report)
	}
}

func TestBound(t *testing.T) {
	answers := map[string]collecttest.Answer{}
	var pending []observation.ProvenanceFile
	for p := range 2 {
		for v := range 2 {
			for n := range maxFiles / 4 * 3 / 2 {
				f := file(fmt.Sprintf("p%d", p), fmt.Sprint(2-v), n, 9-v, 0)
				pending = append(pending, f)
				answers[address(f)] = attested(t, "a/b")
			}
		}
	}
	m, report, err := collect(t, collecttest.NewSite(answers), pending...)
	files := collecttest.Of[*observation.FileProvenance](m)
	if err != nil || len(files) != maxFiles || report.Skipped != uint64(len(pending)-maxFiles) || report.Partial {
		t.Fatalf("error %v, %d files, report %+v", err, len(files), report)
	}
	for i, f := range files {
		if old := f.Version == "1"; old != (i >= len(pending)/2) {
			t.Fatalf("file %d is %s", i, f.Filename)
		}
	}
}

func TestNothingToDo(t *testing.T) {
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, collecttest.NewSite(nil), m))
	cursor := collectors.Cursor(`{"through":"2026-01-09T00:00:00Z"}`)
	report, err := c.Collect(t.Context(), collecttest.Input(cursor, collecttest.Catalog{}), m.Emit)
	if err != nil || !report.Partial || !strings.Contains(report.Note, "pypi comes first") || report.Cursor != cursor {
		t.Errorf("nothing known: %+v, %v", report, err)
	}
	report, err = c.Collect(t.Context(), collecttest.Input(cursor, collecttest.Catalog{Listed: map[string]bool{"a": true}}), m.Emit)
	if err != nil || report.Partial || report.Cursor != cursor || !report.Through.Equal(day(9)) || len(m.Emitted) != 0 {
		t.Errorf("nothing pending: %+v, %v", report, err)
	}
	in := collecttest.Input("", collecttest.Catalog{})
	in.Project = "../etc"
	if _, err := c.Collect(t.Context(), in, m.Emit); err == nil {
		t.Error("no error for what is no name")
	}
	if _, err := c.Collect(t.Context(), collecttest.Input("{", collecttest.Catalog{}), m.Emit); err == nil {
		t.Error("no error for a cursor that cannot be read")
	}
}

func TestContract(t *testing.T) {
	f := file("a", "2", 1, 9, 0)
	collecttest.Contract(t, func(ctx context.Context, emit collectors.Emit) error {
		client := collecttest.Client(t, collecttest.NewSite(map[string]collecttest.Answer{address(f): attested(t, "a/b")}), &collecttest.Memory{})
		_, err := New(client).Collect(ctx, collecttest.Input("", collecttest.Catalog{Pending: []observation.ProvenanceFile{f, file("a", "1", 1, 2, 0)}}), emit)
		return err
	})
}

// TestMirror reads the one object that the recorded sources hold.
func TestMirror(t *testing.T) {
	m := &collecttest.Memory{}
	client := collecttest.Mirror(t, m)
	if client == nil {
		return
	}
	root := filepath.Join(collecttest.MirrorDir(t), "pypi.org", "integrity")
	var pending []observation.ProvenanceFile
	found, err := filepath.Glob(filepath.Join(root, "*", "*", "*", "provenance"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		rest, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(filepath.ToSlash(rest), "/")
		for i, p := range parts {
			if parts[i], err = url.PathUnescape(p); err != nil {
				t.Fatal(err)
			}
		}
		pending = append(pending, observation.ProvenanceFile{Project: parts[0], Version: parts[1], Filename: parts[2], UploadTime: day(1)})
	}
	report, err := New(client).Collect(t.Context(), collecttest.Input("", collecttest.Catalog{Pending: pending}), m.Emit)
	if err != nil || report.Partial || len(pending) != 1 {
		t.Fatalf("%d objects, report %+v, error %v", len(pending), report, err)
	}
	want := []observation.AttestationBundle{{Kind: "GitHub", Repository: "github.com/trailofbits/pypi-attestations", Workflow: "release.yml", Predicates: []string{publish}}}
	if diff := cmp.Diff(want, collecttest.Of[*observation.FileProvenance](m)[0].Bundles); diff != "" {
		t.Errorf("bundles (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("pypi-attestations attested [github.com/trailofbits/pypi-attestations]", told(m)[1]); diff != "" {
		t.Errorf("repositories (-want +got):\n%s", diff)
	}
}
