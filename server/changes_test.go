package server

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func init() {
	everyPage = append(everyPage, "/changes", "/changes?kind=check&page=2", "/changes?cause=tool", "/changes?kind=stale", "/changes?project=requests", "/changes?since=2027")
	files = append(files, "/changes.csv", "/changes.csv?cause=source")
}

func TestChangesPage(t *testing.T) {
	s := newSite(t)
	s.world.sources = append(s.world.sources,
		observation.SourceStatus{Collector: "pypiscorecards", LastSuccess: now, Through: date("2026-06-15"), State: observation.RunOK},
		observation.SourceStatus{Collector: "ranks", LastSuccess: now, Through: date("2026-04-01"), State: observation.RunOK})
	for path, want := range map[string][]string{
		"/changes": {"72 changes of 3 projects of the top 1,000 are known since 23 Mar 2026", "12 weeks before the newest accepted observation of Scorecard, 15 Jun 2026", "told apart, and is not in this number",
			"By kind: 72 of projects, 3 of Scorecard, 10 of the sources", "Score of a check 60 1 1 0", "1 in the range at the disclosure, 1 left", "1 to 50 of 72",
			"Added to KEV: CVE-2026-1 High", "disclosed 1 Jul 2026", "Latest release left the affected range of CVE-2026-1", "release 2.0 → release 2.1", "15 Jun 2026 archive, compared with 8 Jun 2026", "API, compared with 8 Jun 2026 requests rank 5 Core aggregate 7.4 → 6.2 Maintained 10 to 0 (−1.20) Project Commits",
			"Not known for all the period:", "owners on PyPI and EPSS passed 0.1 (the source has brought nothing yet)", "advisory that arrived late and source back (seen only since the first run of this store on 22 Jul 2026)",
			"Apart: 7 changes of Scorecard and of the sources concern no single project", "PYSEC published 591 records at once", "Flagged: check Fuzzing", "Fuzzing <b>moved</b>.", "Went stale: Scorecard archive", "Its newest data are of 15 Jun 2026."},
		"/changes?page=2": {"51 to 72 of 72", "Release 2.40: gained provenance", "Status on PyPI active → archived", "Organization on PyPI none → psf", "Owners on PyPI ann, bob → ann, <i>carl</i>",
			"Entered the top 1,000 rank 101 → rank 5", "Malware report MAL-2026-1"},
		"/changes?cause=tool":                     {"3 changes in the top 1,000 since 23 Mar 2026 come from Scorecard", "The same commit was scored, and Token-Permissions reads nothing else.", "First result of Scorecard v5.2", "Commit"},
		"/changes?kind=rank&cause=source":         {"1 change in the top 1,000 since 23 Mar 2026 comes from the sources: cohort by download rank", "Left the top 1,000 rank 80 → outside the list", "The list has a new source."},
		"/changes?kind=epss":                      {"1 change in the top 1,000 since 23 Mar 2026 comes from the sources: EPSS passed 0.1", "0.05 → 0.2", "Model v4."},
		"/changes?kind=stale":                     {"2 changes in the top 1,000 since 23 Mar 2026 come from the sources: source stale"},
		"/changes?project=urllib3":                {"5 changes of urllib3 are known since 23 Mar 2026", "By kind: 5 of the project, 1 of Scorecard, 3 of the sources"},
		"/changes?project=urllib3&kind=exploited": {"1 change of urllib3 is known since 23 Mar 2026: newly known exploited"},
		"/changes?project=lonely&kind=owners":     {"No change of lonely is known since 23 Mar 2026: owners on PyPI", "None is known."},
		"/changes?kind=rank&since=2026-07":        {"No change of a project of the top 1,000 is known since 1 Jul 2026: cohort by download rank", "It is not known for all the period: the data end on 1 Apr 2026."},
		"/changes?since=2027":                     {"No change of a project of the top 1,000 is known since 1 Jan 2027", "None is known.", "Apart: no change of Scorecard or of a source as a whole is known since 1 Jan 2027"},
		"/changes?since=2020":                     {"73 changes of 3 projects of the top 1,000 are known since 9 Jun 2025", "Changes are kept from 9 Jun 2025 on, so the period begins there and not on 1 Jan 2020."},
		"/changes?cohort=top15000":                {"What changed in the top 15,000 is not known: the newest rank list holds 5,000 projects", "No cohort."},
	} {
		text := bodyText(t, s.get(t, path).Body.String())
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%.3000s", path, w, text)
			}
		}
	}
	for _, path := range []string{"/changes?kind=nonsense", "/changes?cause=me", "/changes?project=a/b", "/changes?page=9", "/changes?cohort=all", "/changes.csv?kind=nonsense"} {
		if w := s.get(t, path); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	if text := bodyText(t, s.get(t, "/changes?project=urllib3").Body.String()); strings.Contains(text, "source stale") || strings.Contains(text, "break,") {
		t.Error("a project is said to have none of what concerns no single one")
	}
	page := s.get(t, "/changes?page=2").Body.String()
	if strings.Contains(page, "<i>carl") {
		t.Error("text from outside is not escaped")
	}
	page = s.get(t, "/changes").Body.String()
	for _, link := range []string{"https://github.com/psf/requests/compare/aaaaaaaaaa...bbbbbbbbbb", `href="/changes?kind=check"`, `href="/changes?cause=tool&amp;kind=check"`, `href="/changes.csv"`} {
		if !strings.Contains(page, link) {
			t.Errorf("no %s", link)
		}
	}
}

// TestFictionalChanges holds that a fictional project leads to no real one.
func TestFictionalChanges(t *testing.T) {
	s := newSite(t)
	s.mode = Mode{Upstream: "simulated", Simulated: true, Projects: 5000}
	for _, path := range []string{"/changes", "/changes?page=2", "/changes?cause=tool"} {
		page := s.get(t, path).Body.String()
		_, list, _ := strings.Cut(page, `id="list"`)
		list, _, _ = strings.Cut(list, "</section>")
		if !strings.Contains(list, "<tr>") || strings.Contains(list, "https://") {
			t.Errorf("%s leads out: %s", path, list)
		}
	}
}

// TestChangesWithoutAnything has states in which nothing is known.
func TestChangesWithoutAnything(t *testing.T) {
	s := newSite(t)
	s.world.dated = nil
	text := bodyText(t, s.get(t, "/changes").Body.String())
	if !strings.Contains(text, "No change of a project of the top 1,000 is known since 23 Mar 2026") || !strings.Contains(text, "The newest accepted observation of Scorecard is of 15 Jun 2026.") {
		t.Errorf("%s", text)
	}
	s.world.unknown = true
	if text := bodyText(t, s.get(t, "/changes?kind=check").Body.String()); !strings.Contains(text, "What changed is not known yet") {
		t.Errorf("%s", text)
	}
	s.world.fail = map[string]error{"ChangeCounts": fmt.Errorf("gone")}
	if w := s.get(t, "/changes?project=requests"); w.Code != http.StatusInternalServerError && w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
}

// TestChangesFileHasTheRowsOfThePages counts the rows of every page of the table
// beside those of the file, and compares them with the count in the title.
func TestChangesFileHasTheRowsOfThePages(t *testing.T) {
	s := newSite(t)
	s.world.sources = append(s.world.sources,
		observation.SourceStatus{Collector: "pypiscorecards", LastSuccess: now, Through: date("2026-06-15"), State: observation.RunOK},
		observation.SourceStatus{Collector: "ranks", LastSuccess: now, Through: date("2026-04-01"), State: observation.RunOK})
	for query, title := range map[string]int{"": 72, "cause=tool": 3, "cause=source": 10, "kind=check": 60, "kind=stale": 2, "project=urllib3": 5, "since=2027": 0} {
		rows := 0
		for page := 1; ; page++ {
			w := s.get(t, fmt.Sprintf("/changes?%s&page=%d", query, page))
			_, list, _ := strings.Cut(w.Body.String(), `id="list"`)
			list, _, _ = strings.Cut(list, "</section>")
			n := strings.Count(list, `<th scope="row"`)
			rows += n
			if n < perPage {
				break
			}
		}
		records, err := csv.NewReader(s.get(t, "/changes.csv?"+query).Body).ReadAll()
		if err != nil || len(records)-1 != rows || rows != title {
			t.Errorf("%q: %d rows in the table, %d in the file, %d in the title: %v", query, rows, len(records)-1, title, err)
		}
	}
}

func TestSpells(t *testing.T) {
	const dayLong = 24 * time.Hour
	cadence := map[string]Cadence{"osv": {Period: time.Hour}, "ranks": {Period: 31 * dayLong, Dated: true}, "kev": {Period: dayLong}, "new": {}}
	late := []observation.LateRun{
		{Collector: "osv", Before: date("2026-01-01"), AsOf: date("2026-01-10"), At: date("2026-01-10")},
		{Collector: "ranks", Before: date("2025-10-01"), AsOf: date("2025-10-01"), At: date("2026-01-05")}, // brought nothing new
		{Collector: "ranks", Before: date("2025-10-01"), AsOf: date("2026-01-01"), At: date("2026-01-08")},
	}
	states := []observation.SourceStatus{
		{Collector: "osv", LastSuccess: date("2026-01-30")},
		{Collector: "ranks", LastSuccess: date("2026-01-30"), Through: date("2026-01-01")},
		{Collector: "kev", LastSuccess: date("2026-01-20")},
		{Collector: "new", LastSuccess: date("2020-01-01")},
	}
	list := spells(late, states, cadence, date("2026-01-31"))
	want := []spell{
		{"osv", date("2026-01-01"), date("2026-01-03"), date("2026-01-10")},
		{"ranks", date("2025-10-01"), date("2025-12-02"), date("2026-01-08")},
		{"kev", date("2026-01-20"), date("2026-01-22"), time.Time{}},
	}
	if diff := cmp.Diff(want, list, cmp.AllowUnexported(spell{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var got []string
	for _, c := range changesOf(list, date("2026-01-03")) {
		got = append(got, fmt.Sprintf("%s %s %s", isoDay(c.On), c.Kind, c.Item))
	}
	if diff := cmp.Diff([]string{"2026-01-22 stale kev", "2026-01-10 back osv", "2026-01-08 back ranks", "2026-01-03 stale osv"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMergeChanges reads every page of every size of two lists in one.
func TestMergeChanges(t *testing.T) {
	at := func(item string, days ...string) (list []observation.DatedChange) {
		for _, d := range days {
			list = append(list, observation.DatedChange{On: date("2026-01-" + d), Item: item})
		}
		return list
	}
	rows := at("row", "20", "19", "19", "15", "15", "15", "10", "09", "02")
	for _, more := range [][]observation.DatedChange{nil, at("more", "31", "30"), at("more", "19", "15", "01"), at("more", "03"), at("more", "20", "20", "20", "20")} {
		all := mergeChanges(rows, 0, more, 0, 0)
		for limit := 1; limit < 15; limit++ {
			var pages []observation.DatedChange
			for offset := 0; offset < len(all); offset += limit {
				first := max(0, offset-len(more))
				fetched := rows[min(first, len(rows)):min(first+limit+len(more), len(rows))]
				pages = append(pages, mergeChanges(fetched, first, more, offset, limit)...)
			}
			if diff := cmp.Diff(all, pages); diff != "" {
				t.Fatalf("%d a page of %v (-all +pages):\n%s", limit, more, diff)
			}
		}
	}
}

// TestOverviewCountsTheChangesOfTheirPage follows the link of the overview: both
// pages have the same numbers.
func TestOverviewCountsTheChangesOfTheirPage(t *testing.T) {
	s := newSite(t)
	for _, query := range []string{"", "?cohort=top100"} {
		overview, page := s.get(t, "/"+query).Body.String(), bodyText(t, s.get(t, "/changes"+query).Body.String())
		text := bodyText(t, overview)
		_, heading, _ := strings.Cut(text, "One by one: ")
		heading, _, _ = strings.Cut(heading, " (")
		if heading == "" || !strings.Contains(page, heading) {
			t.Errorf("%q: the overview says %q, the page\n%.1500s", query, heading, page)
		}
		for _, want := range []string{"score of a check 60", "apart from them 3 from Scorecard and 8 from the sources"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q: the overview has no %q", query, want)
			}
		}
		if !strings.Contains(page, "By kind: 72 of projects, 3 of Scorecard, 8 of the sources") || !strings.Contains(overview, `href="/changes`+query+`"`) {
			t.Errorf("%q: other numbers, or no link", query)
		}
	}
	s = newSite(t)
	s.world.unknown = true
	if text := bodyText(t, s.get(t, "/").Body.String()); strings.Contains(text, "One by one") {
		t.Error("the overview counts what is not known")
	}
}

// TestOverviewNamesEachWayApart holds that nobody has to guess which project rose
// and which fell, and that a list that is not whole says so.
func TestOverviewNamesEachWayApart(t *testing.T) {
	s := newSite(t)
	for i := range s.world.changes {
		if c := &s.world.changes[i]; c.What == "cohort" {
			c.Rose, c.Fell, c.RoseProjects, c.FellProjects = 3, 1, []string{"zarr", "arxiv"}, []string{"pymilvus"}
		}
	}
	text := bodyText(t, s.get(t, "/").Body.String())
	if !strings.Contains(text, "Entered, the 2 most downloaded: zarr , arxiv Left: pymilvus") {
		t.Errorf("the two ways are not told apart in\n%.3000s", text)
	}
}

// TestOverviewListsOlderAdvisoriesThanItsWeek holds that a quiet week still shows
// where to look, and counts none of what is older as new.
func TestOverviewListsOlderAdvisoriesThanItsWeek(t *testing.T) {
	s := newSite(t)
	s.world.fresh[0].Group.Disclosed = date("2026-01-01")
	text := bodyText(t, s.get(t, "/").Body.String())
	for _, want := range []string{"No new advisory", "Newest dated advisories", "Disclosed in the last 28 days of the data"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}
