package depsdev

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

func release(project, version string) observation.LatestRelease {
	return observation.LatestRelease{Project: project, Version: version}
}

func TestMapping(t *testing.T) {
	var v version
	if err := json.Unmarshal([]byte(testdata(t, "version.json")), &v); err != nil {
		t.Fatal(err)
	}
	m := v.mapping(release("otter-kit", "3.0"))
	const page = "https://deps.dev/pypi/otter-kit/3.0"
	if diff := cmp.Diff([]observation.RepositoryLink{
		// The attestation spells the name as its forge does.
		{Repository: "github.com/Otters/Kit", Evidence: page, Label: "SLSA_ATTESTATION"},
		{Repository: "gitlab.com/otters/group/builder", Evidence: page, Label: "SLSA_ATTESTATION"},
	}, m.attested); diff != "" {
		t.Errorf("attested (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]observation.RepositoryLink{
		{Repository: "bitbucket.org/otters/den", Evidence: page, Label: "UNVERIFIED_METADATA"},
		{Repository: "github.com/Otters/Kit", Evidence: page, Label: "UNVERIFIED_METADATA"},
	}, m.inferred); diff != "" {
		t.Errorf("inferred (-want +got):\n%s", diff)
	}
}

// The order of an answer means nothing.
func TestMappingOrder(t *testing.T) {
	var v version
	if err := json.Unmarshal([]byte(testdata(t, "version.json")), &v); err != nil {
		t.Fatal(err)
	}
	want := v.mapping(release("otter-kit", "3.0"))
	slices.Reverse(v.RelatedProjects)
	slices.Reverse(v.Attestations)
	if diff := cmp.Diff(want, v.mapping(release("otter-kit", "3.0")), cmp.AllowUnexported(mapping{})); diff != "" {
		t.Errorf("reversed (-want +got):\n%s", diff)
	}
}

func TestRepositoryOf(t *testing.T) {
	for s, want := range map[string]string{
		"github.com/psf/requests":                 "github.com/psf/requests",
		"GitHub.com/PSF/Requests":                 "github.com/PSF/Requests",
		"https://github.com/psf/requests":         "github.com/psf/requests",
		"git+https://github.com/psf/requests.git": "github.com/psf/requests",
		"https://github.com/psf/requests/":        "github.com/psf/requests",
		"gitlab.com/a/b/c":                        "gitlab.com/a/b/c",
		"bitbucket.org/a/b":                       "bitbucket.org/a/b",
		"github.com/a/b/c":                        "",
		"github.com/a":                            "",
		"github.com":                              "",
		"github.com//b":                           "",
		"github.com/../b":                         "",
		"github.com/a/b?x":                        "",
		"github.com.evil.org/a/b":                 "",
		"codeberg.org/a/b":                        "",
		"ftp://github.com/a/b":                    "",
		"":                                        "",
	} {
		if got, ok := repositoryOf(s); got != want || ok != (want != "") {
			t.Errorf("repositoryOf(%q) = %q, %v", s, got, ok)
		}
	}
}

func TestFind(t *testing.T) {
	asked := map[string]observation.LatestRelease{"django": release("django", "3.0"), "odd-kit": release("odd-kit", "2004d")}
	for answer, want := range map[string]string{
		`{"request":{"versionKey":{"system":"PYPI","name":"django","version":"3.0"}},"version":{"versionKey":{"name":"django","version":"3.0.0"}}}`: "django",
		`{"request":{"versionKey":{"name":"Django","version":"3.0"}}}`:                                                                              "django",
		`{"version":{"versionKey":{"name":"DJANGO","version":"3.0.0"}}}`:                                                                            "django",
		`{"request":{"versionKey":{"name":"odd.kit","version":"2004d"}},"version":{"versionKey":{"name":"odd-kit","version":"2004d"}}}`:             "odd-kit",
		`{"request":{"versionKey":{"name":"django","version":"3.1"}},"version":{"versionKey":{"name":"django","version":"3.1"}}}`:                   "error",
		`{"request":{"versionKey":{"name":"flask","version":"3.0"}},"version":{"versionKey":{"name":"flask","version":"3.0"}}}`:                     "error",
		`{"request":{"versionKey":{"name":"django","version":"3.0"}},"version":{"versionKey":{"name":"evil","version":"3.0"}}}`:                     "error",
		`{"request":{"versionKey":{"name":"django","version":"3.0"}},"version":{"versionKey":{"name":"django","version":"2.0"}}}`:                   "error",
		`{"request":{"versionKey":{"name":"../django","version":"3.0"}}}`:                                                                           "error",
		`{}`: "error",
	} {
		var r response
		if err := json.Unmarshal([]byte(answer), &r); err != nil {
			t.Fatal(err)
		}
		got, err := find(asked, r)
		if (err != nil) != (want == "error") || err == nil && got.Project != want {
			t.Errorf("%s: %+v, error %v", answer, got, err)
		}
	}
}

// api answers as deps.dev does: batches in pages, and single versions.
type api struct {
	versions map[string]string // by name@version as asked: the version in JSON
	perPage  int
	status   int // of a batch that is refused, 0: it is not
	single   int // likewise of a single version
	answer   func(body []byte) string
	reversed bool

	mu    sync.Mutex
	asked []string
}

func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.Method+" "+r.URL.String())
	status, body := 404, "not found"
	switch path, ok := strings.CutPrefix(r.URL.String(), apiURL); {
	case r.URL.String() == batchURL && r.Method == http.MethodPost:
		question, _ := io.ReadAll(r.Body)
		if status = a.status; status == 0 {
			status, body = 200, a.batch(question)
		}
	case ok && a.single != 0:
		status = a.single
	case ok:
		if v := a.versions[strings.Replace(path, "/versions/", "@", 1)]; v != "" {
			status, body = 200, v
		}
	}
	header := http.Header{"Content-Type": {"application/json"}, "Date": {"Sun, 22 Nov 2026 10:00:00 GMT"}}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: header, ContentLength: int64(len(body)),
		Body: io.NopCloser(bytes.NewBufferString(body)), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
}

func (a *api) batch(body []byte) string {
	if a.answer != nil {
		return a.answer(body)
	}
	var q question
	if err := json.Unmarshal(body, &q); err != nil {
		return "{"
	}
	from := 0
	fmt.Sscanf(q.PageToken, "from-%d", &from)
	page := q.Requests[from:min(from+a.perPage, len(q.Requests))]
	var all []string
	for _, one := range page {
		key, _ := json.Marshal(one)
		v := a.versions[one.Key.Name+"@"+one.Key.Version]
		if v == "" {
			all = append(all, fmt.Sprintf(`{"request":%s}`, key))
			continue
		}
		all = append(all, fmt.Sprintf(`{"request":%s,"version":%s}`, key, v))
	}
	if a.reversed {
		slices.Reverse(all)
	}
	next := ""
	if end := from + len(page); end < len(q.Requests) {
		next = fmt.Sprintf(`,"nextPageToken":"from-%d"`, end)
	}
	return fmt.Sprintf(`{"responses":[%s]%s}`, strings.Join(all, ","), next)
}

func (a *api) requests() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := a.asked
	a.asked = nil
	return asked
}

// known writes the answer for a version with one repository.
func known(name, version, provenance string) string {
	related := ""
	if provenance != "" {
		related = fmt.Sprintf(`{"projectKey":{"id":"github.com/example/%s"},"relationProvenance":%q,"relationType":"SOURCE_REPO"}`, name, provenance)
	}
	return fmt.Sprintf(`{"versionKey":{"system":"PYPI","name":%q,"version":%q},"relatedProjects":[%s]}`, name, version, related)
}

func collect(t *testing.T, a *api, cursor collectors.Cursor, releases []observation.LatestRelease) (collectors.Report, *collecttest.Memory, error) {
	t.Helper()
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, a, m))
	report, err := c.Collect(context.Background(), collecttest.Input(cursor, collecttest.Catalog{Latest: releases}), m.Emit)
	return report, m, err
}

// links writes what was emitted, one line each.
func links(m *collecttest.Memory) []string {
	var all []string
	for _, p := range collecttest.Of[*observation.ProjectRepositories](m) {
		line := p.Project + " " + string(p.Origin)
		for _, l := range p.Links {
			line += " " + l.Repository + "=" + l.Label
		}
		all = append(all, line)
	}
	return all
}

func TestCollect(t *testing.T) {
	a := &api{perPage: 2, reversed: true, versions: map[string]string{
		"otter-kit@3.0": testdata(t, "version.json"),
		"plain@1.0":     known("plain", "1.0", byMetadata),
		"signed@2.0":    known("signed", "2.0", byPublish),
		"bare@1!1.0":    known("bare", "1!1.0", ""),
		"lies@1.0":      known("truth", "1.0", byPublish),
		"empty@1.0":     `{}`,
	}}
	releases := []observation.LatestRelease{release("otter-kit", "3.0"), release("unknown", "1"), release("plain", "1.0"), release("no-version", ""),
		release("bare", "1!1.0"), release("lies", "1.0"), release("empty", "1.0"), release("signed", "2.0")}
	report, m, err := collect(t, a, "", releases)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"otter-kit depsdev github.com/Otters/Kit=SLSA_ATTESTATION gitlab.com/otters/group/builder=SLSA_ATTESTATION",
		"otter-kit inferred bitbucket.org/otters/den=UNVERIFIED_METADATA github.com/Otters/Kit=UNVERIFIED_METADATA",
		"plain depsdev", "plain inferred github.com/example/plain=UNVERIFIED_METADATA",
		"bare depsdev", "bare inferred",
		"signed depsdev github.com/example/signed=PYPI_PUBLISH_ATTESTATION", "signed inferred",
	}
	if diff := cmp.Diff(want, links(m)); diff != "" {
		t.Errorf("emitted (-want +got):\n%s", diff)
	}
	if rejects := collecttest.Of[*observation.Reject](m); len(rejects) != 1 || !strings.Contains(rejects[0].Reason, `holds "truth"`) {
		t.Errorf("rejects %+v", rejects)
	}
	if !report.Partial || report.Skipped != 3 || !report.Through.Equal(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("report %+v", report)
	}
	if asked := a.requests(); len(asked) != 4 || slices.ContainsFunc(asked, func(s string) bool { return s != "POST "+batchURL }) {
		t.Errorf("asked %v", asked)
	}
}

func TestCollectFails(t *testing.T) {
	releases := []observation.LatestRelease{release("plain", "1.0"), release("other", "1.0")}
	answer := func(s string) func([]byte) string { return func([]byte) string { return s } }
	for name, c := range map[string]struct {
		*api
		class observation.Class
	}{
		"nothing known":    {&api{perPage: 9}, observation.ClassEmpty},
		"no responses":     {&api{answer: answer(`{}`)}, observation.ClassEmpty},
		"null":             {&api{answer: answer(`null`)}, observation.ClassEmpty},
		"something else":   {&api{answer: answer(`{"responses":[{"request":{"versionKey":{"name":"flask","version":"1"}},"version":{"versionKey":{"name":"flask","version":"1"}}}]}`)}, observation.ClassEmpty},
		"only rejects":     {&api{answer: answer(`{"responses":[1,"x",null]}`)}, observation.ClassEmpty},
		"truncated":        {&api{answer: answer(`{"responses":[`)}, observation.ClassMalformed},
		"another shape":    {&api{answer: answer(`{"responses":{"a":1}}`)}, observation.ClassMalformed},
		"endless pages":    {&api{answer: answer(`{"responses":[],"nextPageToken":"again"}`)}, observation.ClassMalformed},
		"down":             {&api{status: 503}, observation.ClassUnavailable},
		"limited":          {&api{status: 429}, observation.ClassRateLimited},
		"forbidden":        {&api{status: 403}, observation.ClassRefused},
		"neither way":      {&api{status: 404}, observation.ClassEmpty},
		"no batch, down":   {&api{status: 501, single: 500}, observation.ClassUnavailable},
		"no batch, closed": {&api{status: 400, single: 403}, observation.ClassRefused},
	} {
		if _, m, err := collect(t, c.api, "", releases); observation.ClassOf(err) != c.class || len(m.Emitted) != 0 {
			t.Errorf("%s: error %v, %d emitted", name, err, len(m.Emitted))
		}
	}
	growing := 0
	a := &api{answer: func([]byte) string {
		growing++
		return fmt.Sprintf(`{"responses":[],"nextPageToken":"page-%d"}`, growing)
	}}
	if _, _, err := collect(t, a, "", releases); observation.ClassOf(err) != observation.ClassMalformed || len(a.requests()) != maxPages {
		t.Errorf("pages without end: error %v", err)
	}
	if _, _, err := collect(t, a, "x", releases); err == nil {
		t.Error("a cursor that is none was taken")
	}
}

// many returns n releases with a repository each, every third by an attestation.
func many(n int) ([]observation.LatestRelease, map[string]string) {
	versions := map[string]string{}
	var releases []observation.LatestRelease
	for i := range n {
		name, provenance := fmt.Sprintf("project-%d", i), byMetadata
		if i%3 == 0 {
			provenance = byPublish
		}
		releases = append(releases, release(name, "1.0"))
		versions[name+"@1.0"] = known(name, "1.0", provenance)
	}
	return releases, versions
}

// A tenth fewer projects with a repository than last time takes nothing away.
func TestCollectRefusesALoss(t *testing.T) {
	releases, versions := many(2500)
	a := &api{perPage: 400, versions: versions}
	first, m, err := collect(t, a, "", releases)
	if err != nil || first.Partial || len(m.Emitted) != 5000 || len(a.requests()) != 3+3+2 {
		t.Fatalf("report %+v, %d emitted, error %v", first, len(m.Emitted), err)
	}
	lose := func(n int, provenance string) map[string]string {
		_, versions := many(2500)
		for i := range n {
			versions[fmt.Sprintf("project-%d@1.0", 3*i)] = known(fmt.Sprintf("project-%d", 3*i), "1.0", provenance)
		}
		return versions
	}
	for name, c := range map[string]struct {
		versions map[string]string
		releases []observation.LatestRelease
		class    observation.Class
	}{
		"the same":                      {versions, releases, ""},
		"a few attestations less":       {lose(80, byMetadata), releases, ""},
		"sharply fewer attestations":    {lose(90, byMetadata), releases, observation.ClassEmpty},
		"sharply fewer repositories":    {lose(260, ""), releases, observation.ClassEmpty},
		"a smaller list of projects":    {versions, releases[:1000], ""},
		"half of the releases are new":  {func() map[string]string { _, v := many(1250); return v }(), releases, ""},
		"hardly any project is tracked": {lose(90, ""), releases[:9], ""},
	} {
		_, m, err := collect(t, &api{perPage: 5000, versions: c.versions}, first.Cursor, c.releases)
		if observation.ClassOf(err) != c.class || (err == nil) != (len(m.Emitted) > 0) {
			t.Errorf("%s: error %v, %d emitted", name, err, len(m.Emitted))
		}
	}
}

// When the batches are not offered any more, releases are asked one by one, some
// of them in every run.
func TestCollectWithoutBatches(t *testing.T) {
	for _, status := range []int{400, 404, 405, 410, 501} {
		releases, versions := many(maxSingle + 200)
		delete(versions, "project-7@1.0")
		versions["project-8@1.0"] = known("another", "1.0", byPublish)
		a := &api{status: status, versions: versions}
		first, m, err := collect(t, a, "", releases)
		if err != nil || !first.Partial || first.Skipped != 201 || len(collecttest.Of[*observation.ProjectRepositories](m)) != 2*(maxSingle-2) {
			t.Fatalf("%d: report %+v, error %v", status, first, err)
		}
		for _, part := range []string{"one by one: 500.", "said nothing of: 1.", "next runs: 200.", "asked or read: 1.", "refused: 1."} {
			if !strings.Contains(first.Note, part) {
				t.Errorf("note %q lacks %q", first.Note, part)
			}
		}
		second, m, err := collect(t, a, first.Cursor, releases)
		got := links(m)
		if err != nil || !second.Partial || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "project-699 ") }) ||
			!slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "project-0 ") }) || slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "project-499 ") }) {
			t.Errorf("%d: the second run did not go on where the first one ended: %v", status, err)
		}
		few, _, err := collect(t, a, second.Cursor, releases[:5])
		if err != nil || few.Partial || few.Skipped != 0 {
			t.Errorf("%d: report %+v, error %v", status, few, err)
		}
	}
}

// One project is asked about by itself, and leaves the measure of the others as
// it is.
func TestCollectOneProject(t *testing.T) {
	releases, versions := many(1)
	a := &api{perPage: 9, versions: versions}
	m := &collecttest.Memory{}
	in := collecttest.Input(`{"asked":2500,"answered":2400,"linked":2300,"attested":800,"next":7,"through":"2026-11-01T00:00:00Z"}`, collecttest.Catalog{Latest: releases})
	in.Project = "project-0"
	report, err := New(collecttest.Client(t, a, m)).Collect(context.Background(), in, m.Emit)
	if want := collectors.Cursor(`{"asked":2500,"answered":2400,"linked":2300,"attested":800,"next":7,"through":"2026-11-22T10:00:00Z"}`); err != nil || report.Cursor != want || len(m.Emitted) != 2 {
		t.Errorf("report %+v, error %v", report, err)
	}
	a.versions = nil
	m.Forget()
	if report, err = New(collecttest.Client(t, a, m)).Collect(context.Background(), in, m.Emit); err != nil || len(m.Emitted) != 0 || !strings.Contains(report.Note, "said nothing of: 1.") {
		t.Errorf("report %+v, %d emitted, error %v", report, len(m.Emitted), err)
	}
	in.Catalog = collecttest.Catalog{}
	if report, err = New(collecttest.Client(t, a, m)).Collect(context.Background(), in, m.Emit); err != nil || report.Partial {
		t.Errorf("a project without a release: report %+v, error %v", report, err)
	}
}

func TestNothingToAsk(t *testing.T) {
	a := &api{}
	report, m, err := collect(t, a, "", nil)
	if err != nil || !report.Partial || !strings.Contains(report.Note, "pypi comes first") || len(m.Emitted)+len(a.requests()) != 0 {
		t.Errorf("report %+v, error %v", report, err)
	}
}

func TestContract(t *testing.T) {
	releases, versions := many(3)
	for _, status := range []int{0, 404} {
		collecttest.Contract(t, func(ctx context.Context, emit collectors.Emit) error {
			a := &api{perPage: 2, status: status, versions: versions}
			_, err := New(collecttest.Client(t, a, &collecttest.Memory{})).Collect(ctx, collecttest.Input("", collecttest.Catalog{Latest: releases}), emit)
			return err
		})
	}
}

// The recorded sources hold two versions, and no batch.
func TestMirror(t *testing.T) {
	m := &collecttest.Memory{}
	client := collecttest.Mirror(t, m)
	if client == nil {
		return
	}
	catalog := collecttest.Catalog{Latest: []observation.LatestRelease{release("aiohttp", "3.12.15"), release("django", "3.0"), release("requests", "2.32.0")}}
	report, err := New(client).Collect(context.Background(), collecttest.Input("", catalog), m.Emit)
	if err != nil || report.Partial || report.Skipped != 1 {
		t.Fatalf("report %+v, error %v", report, err)
	}
	if diff := cmp.Diff([]string{
		"aiohttp depsdev github.com/aio-libs/aiohttp=PYPI_PUBLISH_ATTESTATION", "aiohttp inferred",
		"django depsdev", "django inferred github.com/django/django=UNVERIFIED_METADATA",
	}, links(m)); diff != "" {
		t.Errorf("emitted (-want +got):\n%s", diff)
	}
}

func FuzzResponse(f *testing.F) {
	f.Add(fmt.Sprintf(`{"request":{"versionKey":{"name":"otter-kit","version":"3.0"}},"version":%s}`, testdata(f, "version.json")))
	f.Add(`{"version":{"versionKey":{"name":"otter-kit","version":"3"}}}`)
	asked := map[string]observation.LatestRelease{"otter-kit": release("otter-kit", "3.0")}
	f.Fuzz(func(t *testing.T, body string) {
		r := run{answers: map[string]mapping{}}
		r.take(asked, json.RawMessage(body))
		for project, m := range r.answers {
			if project != "otter-kit" || len(m.attested) > maxLinks || len(m.inferred) > maxLinks {
				t.Fatalf("%s: %+v", project, m)
			}
			for _, l := range slices.Concat(m.attested, m.inferred) {
				if again, ok := repositoryOf(l.Repository); !ok || again != l.Repository {
					t.Fatalf("%+v", l)
				}
			}
		}
	})
}
