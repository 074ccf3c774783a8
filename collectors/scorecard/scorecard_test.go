package scorecard

import (
	"context"
	"fmt"
	"net/http"
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

func ptr[T any](v T) *T { return &v }

func TestParse(t *testing.T) {
	p, err := parse("url", "github.com/example/TOOL", []byte(read(t, "weekly.json")), collecttest.Now)
	if err != nil || len(p.rejects) > 0 || p.renamed != "" {
		t.Fatalf("%+v, error %v", p, err)
	}
	want := &observation.ScorecardResult{
		Subject:     "github.com/Example/tool",
		ObservedOn:  time.Date(2026, 9, 28, 0, 0, 0, 0, time.UTC),
		Source:      observation.SourceAPI,
		State:       observation.StateScored,
		Stated:      ptr(7.0),
		Aggregate:   ptr(160 / 22.5), // (7.5·10 + 2.5·10 + 7.5·4 + 5·6) / 22.5
		Core:        ptr(130 / 17.5),
		CheckSet:    "Branch-Protection,License,Maintained,Quantum-Readiness,Token-Permissions",
		ToolVersion: "v5.5.1-0.20260908181711-abcdefabcdef",
		Commit:      "0123456789abcdef0123456789abcdef01234567",
		Checks: []observation.Check{
			{Name: "Maintained", Score: ptr(int8(10)), Reason: "30 commit(s) found in the last 90 days"},
			{Name: "License", Score: ptr(int8(10)), Reason: "license file detected", Details: []string{"Info: license file: LICENSE:0", "Info: FSF or OSI recognized license"}},
			{Name: "Branch-Protection", Reason: "internal error: no token"},
			{Name: "Token-Permissions", Score: ptr(int8(4)), Reason: "some <b>detected</b>", Details: []string{"Warn: no topLevel permission: .github/workflows/ci.yml:1"}},
			{Name: "Quantum-Readiness", Score: ptr(int8(6)), Reason: "a check of tomorrow"},
		},
	}
	if diff := cmp.Diff(want, p.result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestParseOddities(t *testing.T) {
	p, err := parse("url", "github.com/oldowner/name", []byte(read(t, "odd.json")), collecttest.Now)
	if err != nil {
		t.Fatal(err)
	}
	if p.renamed != "github.com/newowner/renamed" || p.result.Subject != "github.com/oldowner/name" {
		t.Errorf("subject %s, renamed %s", p.result.Subject, p.renamed)
	}
	var kept, reasons []string
	for _, c := range p.result.Checks {
		kept = append(kept, fmt.Sprintf("%s=%d", c.Name, *c.Score))
	}
	for _, r := range p.rejects {
		reasons = append(reasons, strings.SplitN(r.Reason, ":", 2)[0])
	}
	if diff := cmp.Diff([]string{"Packaging=7", "Vulnerabilities=3", "Maintained=1", "Webhooks=2", "CI-Tests=3", "Contributors=4"}, kept); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"SAST", "Fuzzing", "check 4", "License", "check 6", "Vulnerabilities", "check 8"}, reasons); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	if want := "CI-Tests,Contributors,Fuzzing,License,Maintained,Packaging,SAST,Vulnerabilities,Webhooks"; p.result.CheckSet != want {
		t.Errorf("check set %s, want %s: a check whose score is refused was run", p.result.CheckSet, want)
	}

	p, err = parse("url", "github.com/example/empty", []byte(read(t, "inconclusive.json")), collecttest.Now)
	if err != nil || p.result.State != observation.StateNoResult || p.result.Stated != nil || p.result.Aggregate != nil || p.result.Reason == "" {
		t.Errorf("inconclusive: %+v, error %v", p.result, err)
	}
}

func TestParseRefuses(t *testing.T) {
	whole := read(t, "weekly.json")
	tests := map[string]string{
		"truncated":     whole[:len(whole)/2],
		"html":          "<html></html>",
		"another thing": `{"message":"ok"}`,
		"no repository": `{"date":"2026-01-01","repo":{},"checks":[]}`,
		"no checks":     `{"date":"2026-01-01","repo":{"name":"github.com/a/b"}}`,
		"odd date":      strings.Replace(whole, "2026-09-28", "28.9.2026", 1),
		"future":        strings.Replace(whole, "2026-09-28", "2027-09-28", 1),
		"long ago":      strings.Replace(whole, "2026-09-28", "1969-09-28", 1),
		"year 1":        strings.Replace(whole, "2026-09-28", "0001-01-01", 1),
		"every check":   `{"date":"2026-01-01","repo":{"name":"github.com/a/b"},"checks":[{"name":"SAST","score":1e400}]}`,
		"most checks":   `{"date":"2026-01-01","repo":{"name":"github.com/a/b"},"checks":[{"name":"SAST","score":1},{"name":"License","score":99},7]}`,
		"many checks":   `{"date":"2026-01-01","repo":{"name":"github.com/a/b"},"checks":[` + strings.Repeat("1,", maxChecks) + "1]}",
	}
	for name, body := range tests {
		if p, err := parse("url", "github.com/a/b", []byte(body), collecttest.Now); err == nil {
			t.Errorf("%s: %+v", name, p.result)
		}
	}
}

func TestParseCutsDetails(t *testing.T) {
	lines := make([]string, maxDetails+7)
	for i := range lines {
		lines[i] = fmt.Sprintf(`"%0*d"`, maxDetail+5, i)
	}
	details, err := parseDetails([]byte("[" + strings.Join(lines, ",") + "]"))
	if err != nil || len(details) != maxDetails+1 || len(details[0]) != maxDetail || details[maxDetails] != "… and 7 more" {
		t.Errorf("%d lines, the last %q, error %v", len(details), details[len(details)-1], err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"weekly.json", "odd.json", "inconclusive.json"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, body string) {
		p, err := parse("url", "github.com/a/b", []byte(body), collecttest.Now)
		if err != nil {
			return
		}
		for _, c := range p.result.Checks {
			if c.Score != nil && (*c.Score < 0 || *c.Score > 10) || strings.Contains(c.Name, ",") {
				t.Fatalf("%+v", c)
			}
		}
		if s := p.result.Stated; s != nil && !(0 <= *s && *s <= 10) {
			t.Fatalf("stated %v", *s)
		}
	})
}

func TestCursor(t *testing.T) {
	now := collecttest.Now
	through := time.Date(2026, 9, 28, 0, 0, 0, 0, time.UTC)
	answered := map[string]string{hashOf("a"): "2026-11-23", hashOf("b"): "2026-11-18", hashOf("c"): "2026-11-17", hashOf("d"): "2026-11-23"}
	c := writeCursor(answered, through)
	got, at, err := readCursor(c, now)
	delete(answered, hashOf("c")) // six days old: due again
	if diff := cmp.Diff(answered, got); diff != "" || err != nil || !at.Equal(through) {
		t.Errorf("cursor %s, through %s, error %v (-want +got):\n%s", c, at, err, diff)
	}
	if writeCursor(got, at) != writeCursor(answered, through) {
		t.Error("the cursor is not the same for the same content")
	}
	for _, broken := range []collectors.Cursor{"x", `{"answered":{"2026-11-23":"abc"}}`} {
		if got, _, err := readCursor(broken, now); len(got) != 0 || err == nil && broken == "x" {
			t.Errorf("cursor %s: %v, %v", broken, got, err)
		}
	}
}

func TestCovered(t *testing.T) {
	for repository, want := range map[string]bool{
		"github.com/a/b":       true,
		"gitlab.com/a/b":       true,
		"gitlab.com/a/b/c":     false,
		"codeberg.org/a/b":     false,
		"github.com/a":         false,
		"github.com/../b":      false,
		"github.com//b":        false,
		"github.com.evil/a/b":  false,
		"":                     false,
		"github.com/a/b/tree/": false,
	} {
		if covered(repository) != want {
			t.Errorf("covered(%q) is %v", repository, !want)
		}
	}
	if got := urlOf("github.com/a/b c?d"); got != apiURL+"github.com/a/b%20c%3Fd" {
		t.Errorf("url %s", got)
	}
}

// states lists the emitted results: subject, state and reason.
func states(m *collecttest.Memory) []string {
	var all []string
	for _, r := range collecttest.Of[*observation.ScorecardResult](m) {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Subject, r.ObservedOn.Format(time.DateOnly), r.State, r.Reason)))
	}
	slices.Sort(all)
	return all
}

func TestCollect(t *testing.T) {
	ctx := context.Background()
	site := collecttest.NewSite(map[string]collecttest.Answer{
		apiURL + "github.com/Example/tool":  {Body: read(t, "weekly.json")},
		apiURL + "github.com/example/html":  {Type: "text/html", Body: "<html></html>"},
		apiURL + "github.com/example/cut":   {Body: read(t, "weekly.json")[:200]},
		apiURL + "github.com/example/down":  {Status: 503},
		apiURL + "github.com/example/limit": {Status: 429, Header: http.Header{"Retry-After": {"10"}}},
		apiURL + "github.com/example/later": {Status: 202, Header: http.Header{"Retry-After": {"3600"}}},
	})
	catalog := collecttest.Catalog{Repositories: []string{
		"github.com/Example/tool", "github.com/example/html", "github.com/example/none", "codeberg.org/a/b",
		"github.com/example/cut", "github.com/Example/tool", "github.com/example/down", "github.com/example/limit", "github.com/example/later",
	}}
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, site, m))
	first, err := c.Collect(ctx, collecttest.Input("", catalog), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"github.com/Example/tool 2026-09-28 scored",
		"github.com/example/cut 2026-11-23 unavailable " + reasonUnavailable + "malformed",
		"github.com/example/down 2026-11-23 unavailable " + reasonUnavailable + "unavailable",
		"github.com/example/html 2026-11-23 unavailable " + reasonUnavailable + "malformed",
		"github.com/example/later 2026-11-23 unavailable " + reasonPending,
		"github.com/example/limit 2026-11-23 unavailable " + reasonUnavailable + "rate_limited",
		"github.com/example/none 2026-11-23 no_result " + reasonNone,
	}
	if diff := cmp.Diff(want, states(m)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if rejects := collecttest.Of[*observation.Reject](m); len(rejects) != 2 {
		t.Errorf("%d rejects, want the page and the truncated answer", len(rejects))
	}
	for _, part := range []string{"still making, asked for again by the next run: 1.", "again by the next run: 4.", "weighed as Medium: Quantum-Readiness."} {
		if !strings.Contains(first.Note, part) {
			t.Errorf("note %q lacks %q", first.Note, part)
		}
	}
	if !first.Partial || first.Skipped != 1 || !first.Through.Equal(time.Date(2026, 9, 28, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("report %+v", first)
	}

	// The next run asks for what failed and for what is new.
	m.Forget()
	site.Asked()
	site.Set(apiURL+"github.com/example/down", collecttest.Answer{Body: strings.Replace(read(t, "weekly.json"), "Example/tool", "example/down", 1)})
	catalog.Repositories = []string{"github.com/Example/tool", "github.com/example/none", "github.com/example/down", "github.com/example/new"}
	in := collecttest.Input(first.Cursor, catalog)
	in.Now = in.Now.AddDate(0, 0, 1)
	second, err := c.Collect(ctx, in, m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{apiURL + "github.com/example/down", apiURL + "github.com/example/new"}, site.Asked()); diff != "" {
		t.Errorf("a second run asked (-want +got):\n%s", diff)
	}
	if second.Unchanged != 2 || second.Partial {
		t.Errorf("report %+v", second)
	}

	// A week later all are asked; what has not changed is not emitted again.
	m.Forget()
	in = collecttest.Input(second.Cursor, catalog)
	in.Now = in.Now.AddDate(0, 0, 8)
	third, err := c.Collect(ctx, in, m.Emit)
	if err != nil || third.Unchanged != 2 || len(site.Asked()) != 4 {
		t.Errorf("report %+v, error %v", third, err)
	}
	if diff := cmp.Diff([]string{"github.com/example/new 2026-12-01 no_result " + reasonNone, "github.com/example/none 2026-12-01 no_result " + reasonNone}, states(m)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}

	// One project is asked for whenever that is wanted, and an answer of these
	// days is not covered up by a failure.
	m.Forget()
	site.Set(apiURL+"github.com/Example/tool", collecttest.Answer{Status: 500})
	in.Cursor, in.Project, catalog.Repositories = third.Cursor, "tool", []string{"github.com/Example/tool"}
	in.Catalog = catalog
	if _, err := c.Collect(ctx, in, m.Emit); observation.ClassOf(err) != observation.ClassUnavailable || len(states(m)) != 0 {
		t.Errorf("results %q, error %v", states(m), err)
	}
}

// TestCollectWithoutETag takes an equal body for an unchanged answer.
func TestCollectWithoutETag(t *testing.T) {
	site := collecttest.NewSite(map[string]collecttest.Answer{apiURL + "github.com/Example/tool": {Body: read(t, "weekly.json"), Silent: true}})
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, site, m))
	for i, unchanged := range []uint64{0, 1} {
		m.Forget()
		report, err := c.Collect(context.Background(), collecttest.Input("", collecttest.Catalog{Repositories: []string{"github.com/Example/tool"}}), m.Emit)
		if err != nil || report.Unchanged != unchanged || len(m.Emitted) != int(1-unchanged) {
			t.Errorf("run %d: report %+v, %d emitted, error %v", i, report, len(m.Emitted), err)
		}
	}
}

// TestCollectStops gives up on an API that is down, soon, and says so.
func TestCollectStops(t *testing.T) {
	answers := map[string]collecttest.Answer{}
	var repositories []string
	for i := range 500 {
		repository := fmt.Sprintf("github.com/example/r%d", i)
		repositories = append(repositories, repository)
		answers[apiURL+repository] = collecttest.Answer{Status: 500}
	}
	site := collecttest.NewSite(answers)
	m := &collecttest.Memory{}
	_, err := New(collecttest.Client(t, site, m)).Collect(context.Background(), collecttest.Input("", collecttest.Catalog{Repositories: repositories}), m.Emit)
	if observation.ClassOf(err) != observation.ClassUnavailable {
		t.Errorf("error %v", err)
	}
	if asked, kept := len(site.Asked()), len(states(m)); asked > 4*(breakerLimit+4) || kept < breakerLimit-4 {
		t.Errorf("%d requests and %d results", asked, kept)
	}
}

// A run that learned nothing is a failure, however few repositories there are. A
// few that fail for ever among many that were answered these days are not.
func TestCollectLearnsNothing(t *testing.T) {
	var repositories []string
	for i := range 40 {
		repositories = append(repositories, fmt.Sprintf("github.com/example/r%d", i))
	}
	down := func(status, n int) *collecttest.Site {
		answers := map[string]collecttest.Answer{}
		for _, r := range repositories[:n] {
			answers[apiURL+r] = collecttest.Answer{Status: status, Type: "text/html", Body: "<html></html>"}
		}
		return collecttest.NewSite(answers)
	}
	run := func(site *collecttest.Site, cursor collectors.Cursor, n int) (collectors.Report, error) {
		m := &collecttest.Memory{}
		return New(collecttest.Client(t, site, m)).Collect(context.Background(), collecttest.Input(cursor, collecttest.Catalog{Repositories: repositories[:n]}), m.Emit)
	}
	for name, c := range map[string]struct {
		status, bad, all int
		class            observation.Class
	}{
		"all of three are down":    {500, 3, 3, observation.ClassUnavailable},
		"all of three are refused": {403, 3, 3, observation.ClassRefused},
		"all of three are pages":   {200, 3, 3, observation.ClassMalformed},
		"one":                      {500, 1, 1, observation.ClassUnavailable},
		"two of three":             {500, 2, 3, ""},
		"all are being made":       {202, 40, 40, ""},
	} {
		if report, err := run(down(c.status, c.bad), "", c.all); observation.ClassOf(err) != c.class || err == nil && !report.Partial {
			t.Errorf("%s: report %+v, error %v", name, report, err)
		}
	}
	first, err := run(down(500, 3), "", 40)
	if err != nil || !first.Partial {
		t.Fatalf("report %+v, error %v", first, err)
	}
	if again, err := run(down(500, 3), first.Cursor, 40); err != nil || !again.Partial || again.Unchanged != 37 {
		t.Errorf("three of forty again: report %+v, error %v", again, err)
	}
}

// The API's keys are case-sensitive: a repository is asked for as its forge
// spells it, and another spelling is another answer. Headers of the successor of
// the API change nothing.
func TestCaseAndHeaders(t *testing.T) {
	headers := http.Header{"X-Scorecard-Source": {"live"}, "X-Scorecard-Complete": {"false"}, "X-Scorecard-Version": {"v5.5.0"}, "X-Scorecard-Generated-At": {"2026-11-22T00:00:00Z"}}
	site := collecttest.NewSite(map[string]collecttest.Answer{apiURL + "github.com/Example/tool": {Body: read(t, "weekly.json"), Header: headers}})
	m := &collecttest.Memory{}
	_, err := New(collecttest.Client(t, site, m)).Collect(context.Background(), collecttest.Input("", collecttest.Catalog{Repositories: []string{"github.com/Example/tool", "github.com/example/other"}}), m.Emit)
	if diff := cmp.Diff([]string{"github.com/Example/tool 2026-09-28 scored", "github.com/example/other 2026-11-23 no_result " + reasonNone}, states(m)); diff != "" || err != nil {
		t.Errorf("error %v, results (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{apiURL + "github.com/Example/tool", apiURL + "github.com/example/other"}, site.Asked()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// metadata is a string, a list or null, and so is whatever else is not read.
func TestParseMetadata(t *testing.T) {
	for _, metadata := range []string{`"a"`, `""`, `["a"]`, `[]`, `null`, `{"a":1}`, `7`} {
		body := `{"date":"2026-01-01","repo":{"name":"github.com/a/b"},"score":7,"metadata":` + metadata + `,"checks":[{"name":"SAST","score":7,"details":null},{"name":"License","score":-1,"reason":"no license","annotations":["x"]}]}`
		p, err := parse("url", "github.com/a/b", []byte(body), collecttest.Now)
		if err != nil || len(p.rejects) != 0 || *p.result.Stated != 7 || p.result.Checks[1].Score != nil || p.result.Checks[1].Reason != "no license" {
			t.Errorf("%s: %+v, error %v", metadata, p, err)
		}
	}
}

func TestContract(t *testing.T) {
	site := collecttest.NewSite(map[string]collecttest.Answer{
		apiURL + "github.com/Example/tool": {Body: read(t, "weekly.json")},
	})
	catalog := collecttest.Catalog{Repositories: []string{"github.com/Example/tool", "github.com/a/b", "github.com/c/d"}}
	collecttest.Contract(t, func(ctx context.Context, emit collectors.Emit) error {
		_, err := New(collecttest.Client(t, site, &collecttest.Memory{})).Collect(ctx, collecttest.Input("", catalog), emit)
		return err
	})
}

func TestMirror(t *testing.T) {
	m := &collecttest.Memory{}
	client := collecttest.Mirror(t, m)
	if client == nil {
		return
	}
	root := filepath.Join(collecttest.MirrorDir(t), "api.scorecard.dev", "projects")
	var repositories []string
	files, err := filepath.Glob(filepath.Join(root, "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name, err := filepath.Rel(root, f); err == nil && !strings.HasSuffix(f, ".headers") {
			repositories = append(repositories, filepath.ToSlash(name))
		}
	}
	report, err := New(client).Collect(context.Background(), collecttest.Input("", collecttest.Catalog{Repositories: append(repositories, "github.com/nobody/nothing")}), m.Emit)
	if err != nil || report.Partial || len(collecttest.Of[*observation.Reject](m)) > 0 {
		t.Fatalf("report %+v, error %v", report, err)
	}
	scored := 0
	for _, r := range collecttest.Of[*observation.ScorecardResult](m) {
		if r.State == observation.StateScored {
			scored++
		}
		if r.Subject == "github.com/pallets/flask" {
			if !r.ObservedOn.Equal(time.Date(2024, 6, 17, 0, 0, 0, 0, time.UTC)) || *r.Stated != 6.7 || fmt.Sprintf("%.1f", *r.Aggregate) != "6.7" {
				t.Errorf("flask: %s, stated %v, recomputed %v", r.ObservedOn, *r.Stated, *r.Aggregate)
			}
		}
	}
	if scored != len(repositories) || scored != 8 {
		t.Errorf("%d scored of %d", scored, len(repositories))
	}
	t.Log(report.Note)
}

// Before any repository is known there is nothing to ask, and the run says so.
func TestNothingToAsk(t *testing.T) {
	m := &collecttest.Memory{}
	c := New(collecttest.Client(t, &collecttest.Site{}, m))
	report, err := c.Collect(t.Context(), collecttest.Input("", collecttest.Catalog{}), m.Emit)
	if err != nil || !report.Partial || !strings.Contains(report.Note, "pypi comes first") || len(m.Emitted) != 0 {
		t.Errorf("report %+v, emitted %d, error %v", report, len(m.Emitted), err)
	}
}
