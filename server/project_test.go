package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestProjectAPI(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"urllib3", "lonely", "requests"} {
		var b bytes.Buffer
		if err := json.Indent(&b, s.get(t, "/api/v1/projects/"+name).Body.Bytes(), "", " "); err != nil {
			t.Fatal(err)
		}
		golden(t, "api-"+name+".json", b.Bytes())
	}
}

// TestProjectAPIBeforeOSV: no advisory read is not the same as no advisory known.
func TestProjectAPIBeforeOSV(t *testing.T) {
	s := newSite(t)
	s.world.observations.Advisory = time.Time{}
	if body := s.get(t, "/api/v1/projects/lonely").Body.String(); !strings.Contains(body, `"advisories":null`) {
		t.Errorf("advisories are not null: %s", body)
	}
	if body := s.get(t, "/p/lonely").Body.String(); !strings.Contains(body, "Advisories are not fetched yet") || strings.Contains(body, "No known advisories") {
		t.Error("the page says that none is known")
	}
}

// TestProjectPage looks for what the page must say of each project.
func TestProjectPage(t *testing.T) {
	s := newSite(t)
	for path, wants := range map[string][]string{
		"/p/urllib3": {
			"8.5", "rank 4 of 15,000, Apr 2026", "every file of 2.7.0 attested", "github.com/urllib3/urllib3", "attested",
			"Recomputed from the 4 conclusive of 6 checks in the result of the pypi-scorecards archive. Core aggregate (twelve checks): 8.4.",
			"The newest result of api.scorecard.dev is 8.6, 12 Jun 2026.",
			"Median of the top 1,000, core: 5.7, n = 738, 15 Jun 2026.",
			"Signed-Releases, 0 now", "Branch-Protection, 8 now", "The other 2 checks stand at 10.",
			"2 of 4 conclusive checks stand at 10", "inconclusive", "not run or inconclusive: the source leaves it blank",
			"branch protection is <i>not</i> maximal", "api.scorecard.dev, 12 Jun 2026", "and 1 more line",
			"The latest release, 2.7.0, is in the affected range of 1 of 2 known advisories", "6 days before disclosure", "year only", "no fix known",
			"1 of 1 release since 29 Oct 2024 carries an attestation for every file", "yanked: broken", "pre-release",
			"2 checks have room to grow; Signed-Releases would add the most", "On PyPI, every file of 2.7.0 is attested.",
			"Core of its peers: median 5.2, middle half 4.1 to 6.3, n = 401 of the 500 projects of the same tenth by downloads, ranks 1 to 500 of Apr 2026.",
			"By quarter, 2023 Q3 to 2026 Q2", "390 of 400 · 98 %", "1 of 3 · 33 %", "last seen on 5 Jun 2026",
			"5 check scores moved in the 3 observations from 30 Dec 2023 to 15 Jun 2026", "rose from 9 to 10", "fell from 10 to 9", "became inconclusive, before 4", "became conclusive at 8, before inconclusive",
			"Every file of 2.7.0 carries an attestation", "2 of 2 of 2.7.0", "GitHub, publish.yml github.com/urllib3/urllib3", "since 2 Jan 2025, last 7 May 2026; in 16 files of 8 releases that were read",
			"is one that the project names", "22 Dec 2024: 2.3.0 attests every file; 2.2.3 did not",
			"1 release in the 365 days to 22 Jul 2026", "median 30.5 days", "1 of 3 releases wholly, 1 of 5 files", "Reasons given: broken", "admits supported versions only",
			"2 accounts are owners on PyPI", "ann, cleo", "20 Jul 2026: added cleo; removed bo",
			"The source is attested to be github.com/urllib3/urllib3", "moved to github.com/new/urllib3, said its forge on 20 Jul 2026",
			"Report a wrong figure or link",
		},
		"/p/requests":  {"1 malware report.", "MAL-2025-1", "Archived.", "No known advisories as of 22 Jul 2026", "This does not say that the project has no flaw.", "declared, not verified"},
		"/p/lonely":    {"No repository: PyPI was asked, and its answer names none.", "add a link to the source repository", "not in the newest list", "No score was ever observed.", "Nothing to compare.", "Who can publish is not known", "Which repository is the source is not known"},
		"/p/unfetched": {"Not fetched yet: its turn has not come.", "Releases are not fetched yet", "not fetched yet"},
	} {
		text := textOf(parse(t, s.get(t, path).Body.String()))
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: lacks %q", path, want)
			}
		}
	}
}

// TestProjectParts: a part that cannot be read does not take the page with it.
func TestProjectParts(t *testing.T) {
	s := newSite(t)
	for _, method := range []string{"ProjectChecks", "Peers", "Publishing"} {
		s.world.fail[method] = errStore
	}
	w := s.get(t, "/p/urllib3")
	text := textOf(parse(t, w.Body.String()))
	if w.Code != http.StatusOK || !strings.Contains(text, "8.5") || !strings.Contains(text, "The store did not answer this question;") {
		t.Errorf("status %d: %.300s", w.Code, text)
	}
}

// TestProjectOfFiction: a fictional name leads to nobody's repository.
func TestProjectOfFiction(t *testing.T) {
	s := newSite(t)
	real := s.get(t, "/p/urllib3").Body.String()
	if n := strings.Count(real, `href="https://github.com/urllib3/urllib3`); n < 3 {
		t.Errorf("%d links to the repository of a real project", n)
	}
	s = newSite(t)
	s.mode = Mode{Upstream: "simulated", Simulated: true, Projects: 4}
	if strings.Contains(s.get(t, "/p/urllib3").Body.String(), `href="https://github.com/urllib3`) {
		t.Error("a fictional project leads to a repository")
	}
}

func TestEvidenceLine(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	hub := &observation.ScorecardResult{Source: observation.SourceAPI, Subject: "github.com/o/n", Commit: commit}
	lab := &observation.ScorecardResult{Source: observation.SourceAPI, Subject: "gitlab.com/o/n", Commit: commit}
	at := "https://github.com/o/n/blob/" + commit + "/"
	for _, test := range []struct {
		res        *observation.ScorecardResult
		text       string
		link, href string
	}{
		{hub, "no topLevel permission defined: .github/workflows/a b.yml:1: visit it", "", ""},
		{hub, "no topLevel permission defined: .github/workflows/ci.yml:1: visit it", ".github/workflows/ci.yml:1", at + ".github/workflows/ci.yml#L1"},
		{hub, "project has a license file: LICENSE:0", "LICENSE:0", at + "LICENSE"},
		{hub, "set to 'read': .github/workflows/x.yml:31-40", ".github/workflows/x.yml:31-40", at + ".github/workflows/x.yml#L31"},
		{hub, "binary: a%b@c/d.so:1", "", ""},
		{hub, "binary: a+b@c/d.so:1", "a+b@c/d.so:1", at + "a+b@c/d.so#L1"},
		{lab, "file: src/a.c:2", "src/a.c:2", "https://gitlab.com/o/n/-/blob/" + commit + "/src/a.c#L2"},
		{hub, "file: ../../etc/passwd:1", "", ""},
		{hub, "file: /etc/passwd:1", "", ""},
		{hub, "see https://example.org:443: it", "", ""},
		{&observation.ScorecardResult{Source: observation.SourceArchive, Subject: "n", Commit: commit}, "file: a:1", "", ""},
		{&observation.ScorecardResult{Source: observation.SourceAPI, Subject: "evil.example/o/n", Commit: commit}, "file: a:1", "", ""},
		{&observation.ScorecardResult{Source: observation.SourceAPI, Subject: "github.com/o/n", Commit: "main"}, "file: a:1", "", ""},
		{nil, "file: a:1", "", ""},
	} {
		got := evidenceLine(test.text, test.res)
		if got.Link.Text != test.link || got.Link.Href != test.href || got.Before+got.Link.Text+got.After != test.text {
			t.Errorf("%q: %+v", test.text, got)
		}
	}
}

func TestStripOf(t *testing.T) {
	ledger := []observation.Break{{Start: date("2026-02-01"), Scope: "check", Item: "SAST", Kind: observation.BreakCut}}
	days := []observation.CheckDay{
		{On: date("2025-06-29"), Source: observation.SourceArchive, Scores: map[string]int8{"SAST": 10}},
		{On: date("2025-12-29"), Source: observation.SourceArchive, Listed: []string{"SAST"}},
		{On: date("2026-03-29"), Source: observation.SourceArchive, Scores: map[string]int8{"SAST": 0}},
		{On: date("2026-05-01"), Source: observation.SourceAPI, Scores: map[string]int8{"SAST": 7}, LeftOut: map[string]bool{"SAST": true}},
	}
	got := string(stripOf("SAST", quarters(days), ledger))
	for _, want := range []string{
		"SAST by quarter, oldest first: 10, no observation, inconclusive, 0, left out", "2026 Q1: 0. Its meaning changed on 1 Feb 2026",
		"2026 Q2: left out, many projects lost this check on that day. Another source: api.scorecard.dev",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q: %s", want, got)
		}
	}
	if quarters(nil) != nil {
		t.Error("quarters of nothing")
	}
}

// textOf is the text of a page with single spaces.
func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestAttestation(t *testing.T) {
	before, after := date("2024-10-28"), date("2024-10-29")
	for want, r := range map[string]*observation.Release{
		"attested":                   {FirstAt: after, Files: 2, Attested: 2},
		"partly":                     {FirstAt: after, Files: 2, Attested: 1, Unknown: 1},
		"released before 2024-10-29": {FirstAt: before, Files: 2},
		"no attestation observed":    {FirstAt: after, Files: 2},
		"unknown":                    {FirstAt: after, Files: 2, Unknown: 1},
	} {
		if got := attestation(r); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
	if got := attestation(nil); got != "unknown" {
		t.Errorf("no release: %q", got)
	}
}

func TestAdvisoriesSentence(t *testing.T) {
	for _, test := range []struct {
		n, in, unknown int
		want           string
	}{
		{19, 0, 0, "None of 19 known advisories has the latest release, 2.7.0, in its affected range"},
		{19, 2, 0, "The latest release, 2.7.0, is in the affected range of 2 of 19 known advisories"},
		{19, 2, 3, "The latest release, 2.7.0, is in the affected range of 2 of 19 known advisories; unknown for 3"},
		{19, 0, 3, "The latest release, 2.7.0, is in the affected range of 0 of 19 known advisories; unknown for 3"},
		{1, 0, 1, "1 known advisory; whether the latest release, 2.7.0, is in range is unknown"},
	} {
		if got := advisoriesSentence(test.n, test.in, test.unknown, "2.7.0"); got != test.want {
			t.Errorf("%d, %d, %d: %q, want %q", test.n, test.in, test.unknown, got, test.want)
		}
	}
}

func TestSmallWords(t *testing.T) {
	for got, want := range map[string]string{
		releaseLine("2.7.0"): "2.x", releaseLine("2024.1"): "2024.x", releaseLine("1!3.0"): "3.x", releaseLine("v0.1"): "0.x", releaseLine("10"): "10.x",
		everyWords(time.Hour): "hourly", everyWords(31 * 24 * time.Hour): "monthly", everyWords(6 * time.Hour): "every 6 hours", everyWords(14 * 24 * time.Hour): "every 14 days",
		plain("Use **`a`** or [b](https://c)."): "Use a or b.",
		quote("top10"):                          "top10", quote("a b"): `"a b"`, quote(""): `""`, quote("\x00"): `"\x00"`,
		short("abc", 3): "abc", short("abcd", 3): "abc…", short("aéb", 2): "a…",
		join([]string{"a"}, "or"): "a", join([]string{"a", "b", "c"}, "or"): "a, b or c", join[string](nil, "or"): "",
		loadingText([]Activity{{Source: "osv", Done: 5, What: "records"}, {Source: "pypi", State: "failed"}}): "Still loading: advisories (5 records), releases on PyPI (failed).",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
