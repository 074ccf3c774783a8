package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/check"
)

func TestRateOf(t *testing.T) {
	for _, test := range []struct {
		point  observation.CheckPoint
		v      float64 // -1 is none
		reason string
	}{
		{observation.CheckPoint{Size: 100, Scored: 50, N: 40, Inconclusive: 8, NotRun: 2, Share: ptr(0.25)}, 25, ""},
		{observation.CheckPoint{Size: 100, Scored: 50, N: 10, Share: ptr(0.0)}, 0, ""},
		{observation.CheckPoint{Size: 100, Scored: 50, N: 9, Share: ptr(1.0)}, -1, "9 projects are conclusive, fewer than 10"},
		{observation.CheckPoint{Size: 100, Scored: 50, N: 1, Share: ptr(1.0)}, -1, "1 project is conclusive, fewer than 10"},
		{observation.CheckPoint{Size: 100, Scored: 50, Inconclusive: 45, NotRun: 5}, -1, "no conclusive score: 45 inconclusive, 5 not run"},
	} {
		p := rateOf(test.point)
		if p.Reason != test.reason || (p.V == nil) != (test.v < 0) || p.V != nil && *p.V != test.v {
			t.Errorf("%+v: %+v", test.point, p)
		}
		if p.V != nil && (p.N == nil || *p.N != test.point.N) {
			t.Errorf("%+v: a rate without its conclusive n", test.point)
		}
	}
}

// chartOf makes a chart of the fake ecosystem.
func chartOf(t *testing.T, s *site, slug, query string) Chart {
	t.Helper()
	q, err := parseQuery(chartPrefix+slug, query)
	if err != nil {
		t.Fatal(err)
	}
	q.now = now
	r := &request{reader: s.world, query: q, ctx: t.Context()}
	c, err := r.chart(t.Context(), slug, q)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCheckTitles(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct{ slug, query, want string }{
		{slugCheckRates, "", "On 2 of 4 checks, half or more of the conclusive projects of the top 1,000 score 8 or above"},
		{slugCheckRates, "to=2024-12-31", "On 3 of 5 checks, half or more of the conclusive projects of the top 1,000 scored 8 or above on 27 Dec 2024"},
		{slugCheckRates, "weighting=download", "by downloads, score 8 or above"},
		{slugCheckRates, "to=2021", "No rate of a check in the top 1,000 is known up to 31 Dec 2021"},
		{slugCheckRate, "check=token-permissions", " conclusive of the top 1,000 score 8 or above on Token-Permissions"},
		{slugCheckRate, "check=Vulnerabilities", " conclusive of the top 1,000 scored 8 or above on Vulnerabilities on 20 Feb 2026"},
		{slugCheckRate, "check=License&weighting=download", "Projects with 98.0 % of the downloads of the "},
		{slugCheckRate, "check=Webhooks", "No rate of Webhooks in the top 1,000 is known yet"},
		{slugCheckScores, "check=License", " score 0 and "},
		{slugCheckScores, "check=License&to=2024", " scored 10 on License on 27 Dec 2024"},
		{slugCheckScores, "check=Webhooks", "No scores of Webhooks in the top 1,000 are known yet"},
		{slugCheckBands, "check=License", " score 10 and 2.0 % score 0 to 2 on License"},
		{slugCheckBands, "check=SBOM", "No distribution of SBOM in the top 1,000 is known yet"},
		{slugFunnel, "", "Of the 1,000 most downloaded projects, "},
		{slugFunnel, "weighting=download", "of the downloads of the top 1,000 have a result, and those with "},
		{slugFunnel, "to=2021", "No coverage of the top 1,000 is known up to 31 Dec 2021"},
	} {
		if c := chartOf(t, s, test.slug, test.query); !strings.Contains(strings.ReplaceAll(c.Title, "\u00a0", " "), test.want) {
			t.Errorf("%s?%s: %q, want %q", test.slug, test.query, c.Title, test.want)
		}
	}
}

func TestCheckRates(t *testing.T) {
	s := newSite(t)
	s.world.findings.Suspects = append(s.world.findings.Suspects, observation.CheckSuspect{
		Date: date("2024-03-08"), Check: "SAST", Source: observation.SourceArchive, State: observation.LossOutage, Reason: "9 of 90 were lost",
	})
	c := chartOf(t, s, slugCheckRates, "")
	var names []string
	for _, series := range c.Series {
		names = append(names, series.Name)
	}
	if want := []string{"Token-Permissions", "Vulnerabilities", "Packaging", "SAST", "License"}; !slices.Equal(names, want) {
		t.Errorf("%q, want by risk and name %q", names, want)
	}
	h, ok := drawCheckRates(&c, chart.Head{}, chart.Time{}).(chart.Heatmap)
	if !ok || len(h.Rows) != 5 || h.Columns[0].Label != "2022-Q3" || h.Columns[len(h.Columns)-1].Label != "2026-Q2" {
		t.Fatalf("%+v", h.Columns)
	}
	var breaks []string
	for i, cell := range h.Rows[0].Cells {
		if cell.Break {
			breaks = append(breaks, h.Columns[i].Label)
		}
	}
	if !slices.Equal(breaks, []string{"2023-Q2"}) { // the ledger's, and those of the lists are flags
		t.Errorf("Token-Permissions is cut at %q", breaks)
	}
	lost := h.Rows[1]
	if last := lost.Cells[len(lost.Cells)-1]; last.V != nil || lost.N != "none now" || !strings.Contains(last.Title, "no result of this date lists the check") {
		t.Errorf("a check that is not run any more: %+v, n %q", last, lost.N)
	}
	for _, row := range h.Rows {
		for i, cell := range row.Cells {
			if cell.Title == "" {
				t.Errorf("%s, %s: neither a value nor a reason", row.Name, h.Columns[i].Label)
			}
		}
	}
	outage := chartOf(t, s, slugCheckRate, "check=SAST")
	i := slices.IndexFunc(outage.Series[0].Points, func(p Point) bool { return p.T.Equal(date("2024-03-08")) })
	if p := outage.Series[0].Points[i]; p.V != nil || p.suspect == nil || p.Reason != "suspect observation, left out: 9 of 90 were lost" {
		t.Errorf("an outage of one check: %+v", p)
	}
}

func TestFunnelChart(t *testing.T) {
	c := chartOf(t, newSite(t), slugFunnel, "")
	for _, name := range []string{"has repository", "verified repository"} {
		s := c.series(name)
		if p := s.Points[0]; p.V != nil || p.Reason != "no repository was known before 22 Jul 2026" {
			t.Errorf("%s before it was known: %+v", name, p)
		}
		if s.last() == nil {
			t.Errorf("%s is never known", name)
		}
	}
	if p := c.series(seriesScored).last(); p == nil || *p.N == 0 || *p.Of != 1000 {
		t.Errorf("scored: %+v", p)
	}
	if !slices.Contains(c.face.note, "Repository and verified begin late: no repository was known before 22 Jul 2026.") {
		t.Errorf("%q", c.face.note)
	}
}

func TestCheckScoresApart(t *testing.T) {
	s := newSite(t)
	c := chartOf(t, s, slugCheckScores, "check=Packaging")
	sum := 0
	for _, series := range c.Series {
		sum += *series.Points[0].N
	}
	if of := *c.Series[0].Points[0].Of; sum != of {
		t.Errorf("scores, inconclusive and not run are %d of %d scored", sum, of)
	}
	weighted := chartOf(t, s, slugCheckScores, "check=Packaging&weighting=download")
	if p := weighted.series(seriesInconclusive).Points[0]; p.V != nil || p.Reason == "" || *p.N == 0 {
		t.Errorf("the inconclusive have no share: %+v", p)
	}
}

func TestBlocks(t *testing.T) {
	got := blocks("Risk: `High` (bad)\n\nOne\ntwo [link](https://x).\n\n- a\n  b\n- c\n\n1. d\n\n#### Tier\n\nNote 10. x")
	want := []check.Block{
		{Text: "Risk: High (bad)"}, {Text: "One two link."}, {Items: []string{"a b", "c", "d"}}, {Text: "Tier"}, {Text: "Note 10. x"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckPages(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/checks":           "Check by check on 15 Jun 2026",
		"/checks?sort=rate": `aria-sort="descending"`,
		"/checks?to=2021":   "Nothing is known up to 31 Dec 2021.",
		"/checks?cohort=top15000&weighting=download":                "each project counts by its downloads",
		"/checks/Token-Permissions":                                 "60 of the 679 conclusive projects of the top 1,000 are below 8",
		"/checks/Token-Permissions?below=5&page=2":                  "51 to 60 of 60",
		"/checks/Token-Permissions?kind=inconclusive":               "2 projects of the top 1,000 are inconclusive",
		"/checks/License":                                           "pyproject.toml",
		"/checks/Webhooks":                                          "No result lists Webhooks.",
		"/checks/Vulnerabilities":                                   "Last in them <b>20 Feb 2026",
		"/checks/Signed-Releases":                                   "does not see attestations on PyPI",
		"/chart/check-rate?check=SAST":                              `href="/checks/SAST#check-rate"`,
		"/chart/check-rates":                                        `href="/checks#check-rates"`,
		"/checks/Token-Permissions?cohort=top100&weighting=package": `href="/checks/Token-Permissions?cohort=top100&amp;page=2#projects"`,
	} {
		w := s.get(t, path)
		if w.Code != http.StatusOK || !says(w.Body.String(), want) {
			t.Errorf("%s: status %d, want %q", path, w.Code, want)
		}
	}
	if body := s.get(t, "/checks/Token-Permissions").Body.String(); strings.Contains(body, "<b>tokens</b>") || !strings.Contains(body, "detected &lt;b&gt;tokens&lt;/b&gt;") {
		t.Error("a reason is not escaped")
	}
	w := s.get(t, "/checks/token-permissions?cohort=top100")
	if at := w.Header().Get("Location"); w.Code != http.StatusMovedPermanently || at != "/checks/Token-Permissions?cohort=top100" {
		t.Errorf("another spelling: %d to %q", w.Code, at)
	}
	for path, want := range map[string]int{
		"/checks/Nope": http.StatusNotFound, "/checks/License?page=3": http.StatusBadRequest, "/checks/License?kind=x": http.StatusBadRequest,
		"/checks/License?below=11": http.StatusBadRequest, "/checks?by=week": http.StatusBadRequest, "/chart/check-rate": http.StatusBadRequest,
		"/chart/check-scores?check=Nope": http.StatusBadRequest, "/checks?cohort=all": http.StatusBadRequest,
	} {
		if w := s.get(t, path); w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}

func TestChecksWithoutStore(t *testing.T) {
	for _, method := range []string{"CheckRates", "Funnel", "Changes"} {
		s := newSite(t)
		s.world.fail[method] = errors.New("down")
		if w := s.get(t, "/checks"); w.Code != http.StatusOK {
			t.Errorf("%s fails: status %d", method, w.Code)
		}
	}
	s := newSite(t)
	s.world.fail["CheckReasons"] = errors.New("down")
	if w := s.get(t, "/checks/License"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Unavailable.") {
		t.Errorf("reasons fail: status %d", w.Code)
	}
}
