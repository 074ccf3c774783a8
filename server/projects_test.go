package server

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// TestProjectsFilters: each parameter reaches the store and the heading.
func TestProjectsFilters(t *testing.T) {
	s := newSite(t)
	for path, test := range map[string]struct {
		want    observation.ProjectsQuery
		heading string
	}{
		"/projects": {observation.ProjectsQuery{}, "4 projects by downloads"},
		"/projects?cohort=top1000&sort=aggregate":           {observation.ProjectsQuery{Cohort: observation.CohortTop1000, Sort: "aggregate"}, "4 projects in the top 1,000 by Scorecard aggregate"},
		"/projects?q=lib&state=none":                        {observation.ProjectsQuery{Text: "lib", State: observation.ScoreAbsent}, "0 of 4 projects with lib in the name and without a current Scorecard result, by downloads"},
		"/projects?min=5&max=7.5":                           {observation.ProjectsQuery{Min: ptr(5.0), Max: ptr(7.5)}, "4 of 4 projects with an aggregate of 5 or above and with an aggregate of 7.5 or below, by downloads"},
		"/projects?check=code-review":                       {observation.ProjectsQuery{Check: "Code-Review", Below: 8}, "4 of 4 projects with Code-Review below 8, by downloads"},
		"/projects?check=SAST&below=3&attested=attested":    {observation.ProjectsQuery{Check: "SAST", Below: 3, Class: observation.AttestationFull}, "4 of 4 projects with SAST below 3 and of attestation class “attested”, by downloads"},
		"/projects?kev=yes&affected=yes&cohort=top1000":     {observation.ProjectsQuery{KEV: true, Affected: true, Cohort: observation.CohortTop1000}, "4 of 4 projects in the top 1,000 known to have the latest release in the affected range of a known exploited flaw, by downloads"},
		"/projects?affected=yes&status=archived":            {observation.ProjectsQuery{Affected: true, Status: "archived"}, "4 of 4 projects known to have the latest release in an affected range and of status archived, by downloads"},
		"/projects?state=no_repository":                     {observation.ProjectsQuery{State: observation.ScoreNoRepository}, "1 of 4 projects without a current Scorecard result because no repository is known, by downloads"},
		"/projects?q=&min=&max=&check=&below=&state=&sort=": {observation.ProjectsQuery{}, "4 projects by downloads"},
	} {
		s.world.queries = nil
		page := s.get(t, path)
		if text := textOf(parse(t, page.Body.String())); page.Code != http.StatusOK || !strings.Contains(text, test.heading) {
			t.Errorf("%s: status %d, lacks %q", path, page.Code, test.heading)
		}
		if test.want.Sort == "" {
			test.want.Sort = "rank"
		}
		test.want.Limit = perPage
		if !slices.ContainsFunc(s.world.queries, func(q observation.ProjectsQuery) bool { return sameQuery(q, test.want) }) {
			t.Errorf("%s: asked %+v, want %+v", path, s.world.queries, test.want)
		}
		file := s.get(t, strings.Replace(path, "/projects", "/projects.csv", 1))
		rows, err := csv.NewReader(file.Body).ReadAll()
		if want := strings.Count(page.Body.String(), `<th scope="row">`); err != nil || len(rows) != want+1 {
			t.Errorf("%s: %d rows in the file, %d on the page: %v", path, len(rows)-1, want, err)
		}
	}
	for path, lead := range map[string]string{
		"/projects?min=7&max=5":                                  "No aggregate is at least 7 and at most 5",
		"/projects?below=5":                                      "below needs the check",
		"/projects.csv?below=5":                                  "below needs the check",
		"/projects?min=11":                                       "min=11 is not a number between 0 and 10",
		"/projects?check=Nonsense":                               "is not a check of Scorecard",
		"/projects?state=bad":                                    "is not a state",
		"/projects?cohort=org=x":                                 "cohort",
		"/projects?attested=maybe":                               "is not a class of attestation",
		"/projects?q=u&page=2":                                   "page=2 is beyond the last page",
		"/projects?status=%3Cscript%3E":                          "is not a status",
		"/projects?below=5&check=SAST&below=6":                   "is given 2 times",
		"/projects.csv?q=" + strings.Repeat("a", maxQueryText+1): "is longer than",
	} {
		if w := s.get(t, path); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), lead) {
			t.Errorf("%s: status %d, lacks %q: %.300s", path, w.Code, lead, w.Body)
		}
	}
}

// sameQuery compares two queries by what they ask.
func sameQuery(a, b observation.ProjectsQuery) bool {
	same := func(x, y *float64) bool { return (x == nil) == (y == nil) && (x == nil || *x == *y) }
	if !same(a.Min, b.Min) || !same(a.Max, b.Max) {
		return false
	}
	a.Min, a.Max, b.Min, b.Max = nil, nil, nil, nil
	return a == b
}

// TestProjectsKeepFilters: another order and another page ask for the same.
func TestProjectsKeepFilters(t *testing.T) {
	s := newSite(t)
	body := s.get(t, "/projects?check=SAST&below=3&cohort=top1000&kev=yes&min=2").Body.String()
	for _, want := range []string{
		`href="/projects?below=3&amp;check=SAST&amp;cohort=top1000&amp;kev=yes&amp;min=2&amp;sort=aggregate"`,
		`href="/projects.csv?below=3&amp;check=SAST&amp;cohort=top1000&amp;kev=yes&amp;min=2"`,
		`<option value="SAST" selected>`, `<option value="top1000" selected>`, `name="kev" value="yes" checked`, `name="below" value="3"`,
	} {
		if !says(body, want) {
			t.Errorf("lacks %s", want)
		}
	}
}

func TestProjectsAsCSV(t *testing.T) {
	s := newSite(t)
	rows, err := csv.NewReader(s.get(t, "/projects.csv").Body).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if got := strings.Join(rows[1], "|"); got != "urllib3|urllib3|4|1200000000|scored|archive|2026-06-15|8.5123456|8.4|2|1|0|0|2.7.0|2026-05-07T00:00:00Z|active|github.com/urllib3/urllib3|attested" {
		t.Errorf("first row %s", got)
	}
	if got := strings.Join(rows[3], "|"); got != "lonely||||no_repository|||||0|0|0|0|0.1||||" {
		t.Errorf("what is unknown is not empty: %s", got)
	}
	s.world.fail["Projects"] = errStore
	if w := s.get(t, "/projects.csv?q=x"); w.Code != http.StatusInternalServerError {
		t.Errorf("a store that does not answer: status %d, %q", w.Code, w.Body)
	}
}

// TestNoProjectInRangeLeadsToTheUnknown holds that an empty list of projects in
// range does not read as none: it leads to where the unknown ones are counted.
func TestNoProjectInRangeLeadsToTheUnknown(t *testing.T) {
	s := newSite(t)
	body := s.get(t, "/projects?kev=yes&cohort=top1000&state=none").Body.String()
	if want := `href="/advisories?affected=yes&amp;cohort=top1000&amp;kev=yes"`; !strings.Contains(body, want) {
		t.Errorf("no %s in\n%.3000s", want, bodyText(t, body))
	}
	if body := bodyText(t, s.get(t, "/projects?min=9").Body.String()); !strings.Contains(body, "is unknown, and not listed here either way") {
		t.Error("a list by score does not say what it leaves out")
	}
}
