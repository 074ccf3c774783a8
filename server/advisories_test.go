package server

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
)

func init() {
	everyPage = append(everyPage, "/advisories", "/advisories/PYSEC-2026-1", "/advisories/PYSEC-2020-9", "/malware", "/chart/malware-by-month", "/chart/time-to-fix", "/chart/time-to-fix?severity=high&cohort=all", "/chart/advisory-arrivals")
	files = append([]string{"/advisories.csv", "/malware.csv", "/chart/malware-by-month.svg", "/chart/malware-by-month.csv", "/chart/malware-by-month.json", "/chart/time-to-fix.svg", "/chart/time-to-fix.csv", "/chart/time-to-fix.json", "/chart/advisory-arrivals.svg", "/chart/advisory-arrivals.csv"}, files...)
}

// bodyText is the text of a page without its markup, spaces joined.
func bodyText(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestAdvisoriesPage(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string][]string{
		"/advisories": {"9 known flaws in PyPI projects", "Of 3 groups, 1 is known only to the year of their CVE", "The severity of 2 is unknown.", "CVE-2026-44431", "High 7.5", "13 May 2026", "year only", "no date in any record",
			"urllib3: 2.7.0; requests and lonely: no fix recorded", "urllib3: outside; requests: in affected range; lonely: unknown", "KEV 1 Jun 2026", "EPSS 0.53, percentile 97.1", "v2026.03.14, 22 Jul 2026", "Withdrawn records are left out."},
		"/advisories?cohort=top1000&kev=yes&affected=yes": {"3 of 9 known flaws in the top 1,000: known to be exploited and with the latest release of a project in the affected range",
			"The latest release of 1 project is in the affected range", "rank 5, latest 2.0", "rank list of 1 Apr 2026"},
		"/advisories?withdrawn=yes":                           {"withdrawn ones among them", "CVE-2026-0009"},
		"/advisories?q=nothing":                               {"None of 9 known flaws in PyPI projects: naming nothing", "No group matches."},
		"/advisories?severity=unknown&epss=0.1&from=2026":     {"of unknown severity, with an EPSS score of 0.1 or above and disclosed from 1 Jan 2026 on"},
		"/advisories?project=Requests&fixed=no&sort=severity": {"concerning requests and with no fix recorded for some affected project"},
		"/malware":               {"9 malware reports on PyPI packages", "MAL-2025-1", "lonely", "4 Jun 2025", "not asked", "not in the list", "apart from flaws"},
		"/malware?q=zzz&to=2025": {"None of 9 malware reports on PyPI packages: naming zzz and published up to 31 Dec 2025", "No report matches."},
	} {
		w := s.get(t, path)
		text := bodyText(t, w.Body.String())
		for _, sentence := range want {
			if w.Code != http.StatusOK || !strings.Contains(text, sentence) {
				t.Errorf("%s: status %d, no %q in\n%s", path, w.Code, sentence, text)
			}
		}
	}
	for path, want := range map[string]int{
		"/advisories?sort=name": 400, "/advisories?severity=bad": 400, "/advisories?epss=2": 400, "/advisories?kev=no": 400, "/advisories?page=2": 400,
		"/advisories?project=a/b": 400, "/advisories.csv?kev=1": 400, "/malware?severity=high": 400, "/advisories?cohort=org=x": 400,
	} {
		if w := s.get(t, path); w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}

// TestAdvisoriesUnknown: when of no flaw it is known that it affects a latest
// release, the page says of how many it is unknown.
func TestAdvisoriesUnknown(t *testing.T) {
	s := newSite(t)
	s.world.groups = observation.AdvisoriesFound{Of: 5, Unknown: 3, MaybeInRange: 2, List: 500, ListOn: date("2026-04-01")}
	text := bodyText(t, s.get(t, "/advisories?cohort=top1000&affected=yes&from=2026-02").Body.String())
	for _, want := range []string{"None of 5 known flaws in the top 1,000", "Of 3 groups it is unknown whether the latest release of a project is in the affected range.", "; of 3 it is unknown", "2 groups known to a year that lies only partly in the range", "does not hold 1,000 projects"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestAdvisoriesWithoutScore: that no EPSS score is stored is not that none is
// that high.
func TestAdvisoriesWithoutScore(t *testing.T) {
	s := newSite(t)
	s.world.groups = observation.AdvisoriesFound{Of: 5, Unknown: 4, List: 15000, ListOn: date("2026-04-01")}
	text := bodyText(t, s.get(t, "/advisories?epss=0.1&severity=high").Body.String())
	for _, want := range []string{"None of 5 known flaws", "; of 4 it is unknown", "Of 4 groups no severity is known or no EPSS score is stored."} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestListsAsCSV: a file has the rows of the table, all pages of it.
func TestListsAsCSV(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]int{"/advisories.csv": 3, "/advisories.csv?withdrawn=yes": 4, "/advisories.csv?q=nothing": 0, "/malware.csv": 1, "/malware.csv?q=zzz": 0} {
		w := s.get(t, path)
		rows, err := csv.NewReader(w.Body).ReadAll()
		if err != nil || w.Code != http.StatusOK || len(rows) != want+1 {
			t.Errorf("%s: status %d, %d rows, want %d: %v", path, w.Code, len(rows)-1, want, err)
		}
		page := s.get(t, strings.Replace(path, ".csv", "", 1)).Body.String()
		if n := strings.Count(page, "<th scope=\"row\"><span"); n != want {
			t.Errorf("%s: the table has %d rows, the file %d", path, n, want)
		}
	}
	rows, err := csv.NewReader(s.get(t, "/advisories.csv").Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cell := func(row int, column string) string {
		for i, name := range rows[0] {
			if name == column {
				return rows[row][i]
			}
		}
		t.Fatalf("no column %s", column)
		return ""
	}
	for column, want := range map[string]string{
		"group_id": "PYSEC-2026-1", "score": "7.5", "disclosed": "2026-05-13", "precision": "day", "projects": "urllib3 | requests | lonely", "ranks": "4 | 5 | ", "fixed_in": "2.7.0 |  | ",
		"latest_in_affected_range": "false | true | ", "kev_added_on": "2026-06-01", "epss": "0.53", "epss_model": "v2026.03.14", "state": "live", "arrived_here": "2026-07-22T00:00:00Z",
	} {
		if got := cell(1, column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if cell(3, "import") != "true" || cell(3, "disclosed") != "" || cell(3, "epss") != "" {
		t.Errorf("what is unknown is not empty: %q", rows[3])
	}
}

func TestAdvisoryPage(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string][]string{
		"/advisories/PYSEC-2026-1": {"A known flaw in urllib3, requests and lonely.", "The records name a fix for 1 of 3 projects.", "of 1 is in the affected range, of 1 outside, of 1 that is unknown",
			"CVSS 3.1, computed from CVSS:3.1/AV:N", "of PYSEC-2026-1", "To the day: the publication of PYSEC-2026-1, the earliest of its records outside days of import.", "PYSEC 14 May 2026, here 22 Jul 2026",
			"added 1 Jun 2026", "ransomware campaigns, as KEV writes it: known", "0.53, percentile 97.1", "not comparable", "its ids name more than one CVE",
			"fixed before disclosure, by 6 days", "PyPI has not been asked about the project", "urllib3: upgrade to 2.7.0 or later.", "requests: no record names a fixed release.",
			"The records differ on severity: PYSEC-2026-1 has high 7.5 by CVSS 3.1 and GHSA-aaaa-bbbb-cccc has low.", "The records differ on the affected versions of urllib3", "a day of import", "its word: LOW", "https://example.org/<script>"},
		"/advisories/PYSEC-2020-9":        {"a project that no record names", "Unknown: no record has a date", "That is not a low severity."},
		"/advisories/GHSA-gone-gone-gone": {"Withdrawn.", "it counts nowhere"},
		"/advisories/MAL-2025-1":          {"A report of malware in lonely.", "A report of malware, not of a flaw.", "has no fixed release"},
	} {
		w := s.get(t, path)
		text := bodyText(t, w.Body.String())
		for _, sentence := range want {
			if w.Code != http.StatusOK || !strings.Contains(text, sentence) {
				t.Errorf("%s: status %d, no %q in\n%s", path, w.Code, sentence, text)
			}
		}
		if strings.Contains(w.Body.String(), `href="javascript`) {
			t.Errorf("%s links a script", path)
		}
	}
	for _, id := range []string{"CVE-2026-44431", "cve-2026-44431", "GHSA-AAAA-BBBB-CCCC", "pysec-2026-1"} {
		if w := s.get(t, "/advisories/"+id); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "/advisories/PYSEC-2026-1" {
			t.Errorf("%s: %d to %q", id, w.Code, w.Header().Get("Location"))
		}
	}
	for _, id := range []string{"CVE-2000-1", "%3Cscript%3E", strings.Repeat("x", 300), "%ff"} {
		if w := s.get(t, "/advisories/"+id); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "<script>alert") {
			t.Errorf("%q: status %d", id, w.Code)
		}
	}
	s.world.fail["Exploitation"] = errStore
	if w := s.get(t, "/advisories/PYSEC-2021-1"); w.Code != http.StatusInternalServerError {
		t.Errorf("a store that is away: status %d", w.Code)
	}
}

func TestSimulatedAdvisoryLeadsNowhereElse(t *testing.T) {
	s := newSite(t)
	s.mode = Mode{Upstream: "simulated", Simulated: true, Projects: 10}
	body := s.get(t, "/advisories/PYSEC-2026-1").Body.String()
	for _, host := range []string{"osv.dev/vulnerability", "nvd.nist.gov", "cve.org", `href="https://example.org`, "github.com/advisories", "advisory-database/blob"} {
		if strings.Contains(body, host) {
			t.Errorf("a fictional advisory leads to %s", host)
		}
	}
}

func TestMalwareChart(t *testing.T) {
	s := newSite(t)
	text := bodyText(t, s.get(t, "/chart/malware-by-month").Body.String())
	for _, want := range []string{"6,172 malware reports were published from Mar 2025 to Jun 2025", "n = 6,172 of 6,175 reports", "3 reports without a date.", "Mar 2025, holds 6,170 of 6,172"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestMalwareAfterTheSource: months after the newest report of OpenSSF are not
// known to be without any.
func TestMalwareAfterTheSource(t *testing.T) {
	o := observation.Observations{Advisory: date("2026-07-22"), Malware: date("2025-06-04")}
	months := []observation.MonthCount{{Month: date("2025-04-01"), N: 5}, {Month: date("2025-06-01"), N: 2}, {Month: date("2026-06-01"), N: 20}}
	c := buildMalware(defaults("/chart/"+slugMalware), o, months)
	got := map[string]string{}
	for _, p := range c.Series[0].Points {
		got[p.T.String()] = number(p.V) + p.Reason
	}
	for month, want := range map[string]string{"2025-05-01": "0", "2025-06-01": "2", "2026-06-01": "20",
		"2025-07-01": "OpenSSF's newest report is of 4 Jun 2025, and no other database has one"} {
		if got[month] != want {
			t.Errorf("%s: %q, want %q", month, got[month], want)
		}
	}
	if bars := barsOf(&c, chart.Head{}, defaults("/chart/"+slugMalware)); len(bars.Months) != 15 || bars.Months[3].Values != nil {
		t.Errorf("%d bars: a month without a value keeps its place on the axis", len(bars.Months))
	}
	q := defaults("/chart/" + slugMalware)
	q.From, q.To = date("2026-02-01"), date("2026-03-31")
	if got, want := buildMalware(q, o, months).Title, "No malware report is known from 1 Feb 2026 to 31 Mar 2026; OpenSSF's newest is of 4 Jun 2025"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	q.By = observation.ByYear
	q.From, q.To = time.Time{}, time.Time{}
	if c := buildMalware(q, o, months); *c.Series[0].Points[0].V != 7 || *c.Series[0].Points[1].V != 20 || len(c.Breaks) != 2 {
		t.Errorf("by year: %+v, %+v", c.Series, c.Breaks)
	}
}

func TestTimeToFix(t *testing.T) {
	s := newSite(t)
	text := bodyText(t, s.get(t, "/chart/time-to-fix?severity=high").Body.String())
	for _, want := range []string{
		"Of 10 pairs of high flaws and their projects in the top 1,000, an estimated half had a fixed release within 34 days of disclosure", "n = 10 pairs, of which 6 fixed and 4 unfixed",
		"14 pairs fixed before disclosure, 58 % of the 24 whose outcome has a date; 3 without a date of a fix", "40 of projects whose releases have not been read since the disclosure", "These are few pairs", "median 34 days", "60.0 %",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if body := s.get(t, "/chart/time-to-fix.json").Body.String(); !strings.Contains(body, `"axis":"days since disclosure"`) || !strings.Contains(body, `{"t":34,"v":40,"n":6,"of":10}`) {
		t.Errorf("JSON: %s", body)
	}
	if body := s.get(t, "/chart/time-to-fix.csv").Body.String(); !strings.Contains(body, "\nany,34,40,6,10,\n") {
		t.Errorf("CSV: %s", body)
	}
	s.world.fixes = observation.TimeToFix{Unseen: 7}
	if text := bodyText(t, s.get(t, "/chart/time-to-fix?cohort=top100").Body.String()); !strings.Contains(text, "cannot be followed yet") || !strings.Contains(text, "No pair can be followed.") {
		t.Errorf("without a pair: %s", text)
	}
	for f, want := range map[*observation.TimeToFix]string{
		{Severity: "any", Fixed: 3, Unfixed: 1, Median: ptr(0)}:     "Of 4 pairs of flaws and their projects in all of PyPI, an estimated half or more had a fixed release on the day of disclosure",
		{Severity: "unknown", Fixed: 1, Unfixed: 3}:                 "Of 4 pairs of flaws of severity unknown and their projects in all of PyPI, more than an estimated half stayed without a fixed release as long as they were followed",
		{Severity: "critical", Fixed: 1, Median: ptr(1), Before: 5}: "Of 1 pair of critical flaws and their projects in all of PyPI, an estimated half had a fixed release within 1 day of disclosure",
	} {
		if got := timeToFixTitle(query{Cohort: observation.CohortAll}, *f); got != want {
			t.Errorf("title %q, want %q", got, want)
		}
	}
}

// TestArrivals: a month that is not over and the month of the first load are no
// values, and the title says of which month it speaks.
func TestArrivals(t *testing.T) {
	s := newSite(t)
	s.world.arrivals[observation.ArrivalPYSEC] = append(s.world.arrivals[observation.ArrivalPYSEC], observation.AdvisoryMonth{Month: date("2026-07-01"), Groups: map[string]int{"high": 2000}})
	s.world.imports = []observation.ImportDay{{Database: "PYSEC", Day: date("2026-06-30"), Records: 863, Import: true}}
	text := bodyText(t, s.get(t, "/chart/advisory-arrivals?cohort=all").Body.String())
	for _, want := range []string{"PYSEC received 2,000 of 2,867 advisories in all of PyPI in Jul 2026, which is not whole", "1 day of import is in this range", "not whole (data through 22 Jul 2026)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	csv := s.get(t, "/chart/advisory-arrivals.csv?cohort=all").Body.String()
	for _, want := range []string{"pysec,2026-06-01,864,864,,", "pysec,2026-07-01,,,,", "here,2026-07-01,,,,", "here,2026-06-01,,,,"} {
		if !strings.Contains(csv, want) {
			t.Errorf("no %q in\n%s", want, csv)
		}
	}
}
