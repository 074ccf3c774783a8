package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// everyPage are addresses that answer with HTML in every state of the store.
var everyPage = []string{"/", "/adoption", "/threats", "/chart/attestations", "/chart/attestation-changes", "/chart/threats", "/projects", "/p/urllib3", "/p/requests", "/p/lonely", "/p/unfetched", "/search", "/search?q=urllib", "/status", "/methods", "/data",
	"/chart/coverage", "/chart/score-distribution", "/chart/advisories-by-month", "/chart/project-score?project=urllib3"}

// files are addresses that answer with data.
var files = []string{"/chart/attestations.csv", "/chart/attestations.json", "/chart/attestations.svg?of=files", "/chart/attestation-changes.svg",
	"/chart/threats.csv", "/chart/threats.json", "/chart/threats.svg", "/chart/coverage.svg", "/chart/coverage.csv", "/chart/coverage.json", "/chart/score-distribution.svg", "/chart/score-distribution.csv",
	"/chart/score-distribution.json", "/chart/advisories-by-month.svg", "/chart/advisories-by-month.csv", "/chart/advisories-by-month.json",
	"/chart/project-score.svg?project=urllib3", "/chart/project-score.csv?project=urllib3", "/chart/project-score.json?project=urllib3",
	"/data/ranks.csv", "/api/v1/projects/urllib3", "/api/v1/search?q=urllib"}

func TestRoutesAnswer(t *testing.T) {
	s := newSite(t)
	for _, path := range slices.Concat(everyPage, files, []string{"/healthz", "/readyz", "/metrics", "/robots.txt", "/sitemap.xml", "/favicon.ico"}) {
		w := s.get(t, path)
		if w.Code != http.StatusOK {
			t.Errorf("GET %s: status %d, want 200: %.200s", path, w.Code, w.Body)
		}
		if w.Body.Len() == 0 {
			t.Errorf("GET %s: empty", path)
		}
		head := s.do(t, http.MethodHead, path)
		if head.Code != http.StatusOK || head.Header().Get("Content-Type") != w.Header().Get("Content-Type") {
			t.Errorf("HEAD %s: status %d, type %q; GET has %q", path, head.Code, head.Header().Get("Content-Type"), w.Header().Get("Content-Type"))
		}
	}
}

func TestContentTypes(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/":                        "text/html; charset=UTF-8",
		"/chart/coverage.svg":      "image/svg+xml",
		"/chart/coverage.csv":      "text/csv; charset=utf-8; header=present",
		"/chart/coverage.json":     "application/json",
		"/data/ranks.csv":          "text/csv; charset=utf-8; header=present",
		"/api/v1/projects/urllib3": "application/json",
		"/api/v1/projects/nobody":  "application/problem+json",
		"/chart/nothing.csv":       "application/problem+json",
		"/nothing":                 "text/html; charset=UTF-8",
	} {
		if got := s.get(t, path).Header().Get("Content-Type"); got != want {
			t.Errorf("%s: type %q, want %q", path, got, want)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := newSite(t)
	for _, path := range slices.Concat(everyPage, files, []string{"/nothing", "/?cohort=bad", "/healthz"}) {
		h := s.get(t, path).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s = %q, want %q", path, name, h.Get(name), want)
			}
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "script-src 'unsafe") {
			t.Errorf("%s: Content-Security-Policy = %q", path, policy)
		}
	}
}

func TestOnlyReads(t *testing.T) {
	s := newSite(t)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
		for _, path := range []string{"/", "/api/v1/projects/urllib3", "/nothing"} {
			w := s.do(t, method, path)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: status %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
}

func TestRedirects(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]struct {
		status int
		to     string
	}{
		"/p/URLLIB3":                                        {301, "/p/urllib3"},
		"/p/Url.Lib__3?by=month":                            {301, "/p/url-lib-3?by=month"},
		"/p/urllib3/":                                       {301, "/p/urllib3"},
		"/projects/?q=x":                                    {301, "/projects?q=x"},
		"//example.org/":                                    {301, "/example.org"},
		"/api/v1/projects/UrlLib3":                          {301, "/api/v1/projects/urllib3"},
		"/search?q=UrlLib3":                                 {302, "/p/urllib3"},
		"/search?q=urllib3%2FURLLIB3":                       {302, "/p/urllib3"},
		"/search?q=ghsa-aaaa-bbbb-cccc":                     {302, "/advisories/PYSEC-2026-1"},
		"/chart/project-score?project=URLLib3":              {301, "/chart/project-score?project=urllib3"},
		"/chart/project-score.csv?project=URLLib3&by=month": {301, "/chart/project-score.csv?by=month&project=urllib3"},
	} {
		w := s.get(t, path)
		if w.Code != want.status || w.Header().Get("Location") != want.to {
			t.Errorf("%s: %d to %q, want %d to %q", path, w.Code, w.Header().Get("Location"), want.status, want.to)
		}
	}
}

// TestBadParameters also checks that the sentence names what is allowed.
func TestBadParameters(t *testing.T) {
	s := newSite(t)
	const cohorts = "Use top100, top1000, top5000 or top15000."
	for path, want := range map[string]string{
		"/?cohort=top10":                                     cohorts,
		"/?cohort=all":                                       "exists for advisories and projects only",
		"/chart/score-distribution?cohort=all":               cohorts,
		"/chart/coverage.csv?cohort=all":                     cohorts,
		"/chart/advisories-by-month?cohort=x":                "top15000 or all",
		"/?weighting=x":                                      "Use package, download or repository.",
		"/?cohort=panel%3D2024-07":                           "Use it with /chart/coverage or /chart/score-distribution.",
		"/chart/advisories-by-month?cohort=org%3Dpallets":    "is not answered here",
		"/chart/coverage?cohort=panel=2024":                  "Write panel=YYYY-MM, panel=YYYY-MM:top1000 or org=NAME.",
		"/chart/coverage.json?cohort=panel%3D2024-07:top99":  "Write panel=YYYY-MM, panel=YYYY-MM:top1000 or org=NAME.",
		"/chart/coverage.svg?cohort=org%3D":                  "Write panel=YYYY-MM, panel=YYYY-MM:top1000 or org=NAME.",
		"/?from=2023-13":                                     "Use YYYY, YYYY-MM or YYYY-MM-DD.",
		"/?to=yesterday":                                     "Use YYYY, YYYY-MM or YYYY-MM-DD.",
		"/?from=1066":                                        "between 2000 and 2100",
		"/?from=2024&to=2023":                                "ends before it begins",
		"/?by=day":                                           "Use observation, week, month or year.",
		"/chart/advisories-by-month?by=week":                 "Use month or year.",
		"/chart/advisories-by-month.json?weighting=download": "cohort, from, to and by",
		"/?cohorts=top100":                                   "cohort, weighting, from, to, by and theme",
		"/?cohort=top100&cohort=top1000":                     "Give it once.",
		"/?q=x":                                              "There is no parameter",
		"/projects?sort=worst":                               "Use rank, name, aggregate, advisories or release.",
		"/projects?page=0":                                   "Use a number from 1 to 2,000.",
		"/projects?page=99":                                  "beyond the last page",
		"/projects?q=" + strings.Repeat("a", 101):            "longer than 100 bytes",
		"/status?x=1":                                        "There is no parameter",
		"/data/ranks.csv?limit=5":                            "This address takes no parameters.",
		"/api/v1/projects/urllib3?fields=x":                  "This address takes no parameters.",
		"/chart/coverage.csv?theme=dark":                     "There is no parameter",
		"/chart/coverage.svg?theme=pink":                     "Use auto, light or dark.",
		"/chart/project-score":                               "This chart needs a project",
		"/chart/project-score.json?project=a/b":              "is not a project name",
		"/?from=%zz":                                         "cannot be read",
		"/?a;b":                                              "cannot be read",
		"/?cohort=" + url.QueryEscape("<b>\"x\"\n"):          cohorts,
		"/?cohort=" + strings.Repeat("x", 300):               "…",
	} {
		w := s.get(t, path)
		text := html.UnescapeString(w.Body.String())
		if w.Code != http.StatusBadRequest || !strings.Contains(text, want) {
			t.Errorf("%s: status %d, want 400 with %q:\n%.400s", path, w.Code, want, text)
		}
		if strings.Contains(w.Body.String(), "<b>\"") {
			t.Errorf("%s: the value is not escaped", path)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: an error may not be kept: Cache-Control %q", path, w.Header().Get("Cache-Control"))
		}
	}
}

// TestFrozenCohorts draws a panel and an organization in every form, in words
// that are true of them.
func TestFrozenCohorts(t *testing.T) {
	s := newSite(t)
	points := s.world.cohorts[observation.CohortTop100]
	for _, c := range []observation.Cohort{"panel=2024-07", "panel=2024-07:top100", "org=<Pallets>"} {
		s.world.cohorts[c] = points
	}
	for cohort, want := range map[string]string{
		"panel=2024-07":        "100 projects that were most downloaded in Jul 2024",
		"panel=2024-07:top100": "frozen top 100 of Jul 2024",
		"org=<Pallets>":        "100 known projects of the organization &lt;Pallets&gt;",
	} {
		for _, file := range []string{"coverage", "coverage.svg", "coverage.csv", "coverage.json", "score-distribution", "score-distribution.json"} {
			w := s.get(t, "/chart/"+file+"?cohort="+url.QueryEscape(cohort))
			if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<Pallets>") && !strings.Contains(file, ".csv") {
				t.Errorf("%s of %s: status %d:\n%.400s", file, cohort, w.Code, w.Body)
			}
			if file == "coverage" && !says(w.Body.String(), want) {
				t.Errorf("%s of %s does not say %q", file, cohort, want)
			}
		}
		if body := s.get(t, "/chart/coverage?cohort="+url.QueryEscape(cohort)).Body.String(); !strings.Contains(body, `value="`+html.EscapeString(cohort)+`" selected`) {
			t.Errorf("the form loses %s", cohort)
		}
	}
	s.world.fail = map[string]error{"CohortPoints org=nobody": fmt.Errorf("panel: %w", ErrNotFound)}
	if w := s.get(t, "/chart/coverage.json?cohort=org%3Dnobody"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "No project that we know") {
		t.Errorf("an organization without projects: %d %s", w.Code, w.Body)
	}
}

// TestWeightingByRepository shows a gap with its reason where nothing is known
// of repositories, on every page that takes the weighting.
func TestWeightingByRepository(t *testing.T) {
	s := newSite(t)
	const why = "the repositories of projects are known from 2026-06-15 on"
	for c, points := range s.world.cohorts {
		points = slices.Clone(points)
		for i, p := range points[:max(len(points)-1, 0)] {
			points[i] = observation.CohortPoint{Date: p.Date, ListOn: p.ListOn, Source: p.Source, Size: p.Size, Unknown: why}
		}
		s.world.cohorts[c] = points
	}
	for _, path := range []string{"/", "/chart/coverage", "/chart/score-distribution", "/chart/coverage.svg"} {
		if w := s.get(t, path+"?weighting=repository"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "repositories") {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	w := s.get(t, "/chart/coverage.csv?weighting=repository")
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	if len(lines) < 3 || !strings.Contains(lines[1], "gap: "+why) || !strings.HasPrefix(lines[1], "top1000,") {
		t.Errorf("the first line is %q", lines[1])
	}
	before := s.world.cohorts
	s = newSite(t)
	for c, points := range before { // and nothing at all
		s.world.cohorts[c] = points[:max(len(points)-1, 0)]
	}
	for _, path := range []string{"/", "/chart/coverage", "/chart/score-distribution", "/chart/coverage.svg"} {
		w := s.get(t, path+"?weighting=repository")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "known from 2026-06-15 on") {
			t.Errorf("%s: status %d, or no reason:\n%.3000s", path, w.Code, w.Body)
		}
	}
}

// An untouched form sends empty fields; they are absent parameters.
func TestEmptyParametersAreAbsent(t *testing.T) {
	s := newSite(t)
	if w := s.get(t, "/?cohort=top1000&weighting=package&from=&to=&by=observation"); w.Code != http.StatusOK {
		t.Errorf("status %d, want 200", w.Code)
	}
}

func TestUnknownAddresses(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/nothing":                                "There is no such page",
		"/p/urlib3":                               "It is not in our set of 4. Whether it is on PyPI was not asked.",
		"/p/-x":                                   "is not a project name",
		"/p/" + strings.Repeat("a", 300):          "is not a project name",
		"/p/%3Cscript%3Ealert(1)%3C%2Fscript%3E":  "is not a project name",
		"/p/..%2f..%2fetc":                        "is not a project name",
		"/p/a%00b":                                "is not a project name",
		"/p/%F0%9F%92%A9":                         "is not a project name",
		"/chart/scores":                           "Use coverage, score-distribution, ",
		"/chart/coverage.pdf":                     "There is no chart",
		"/chart/coverage.":                        "There is no chart",
		"/chart/coverage.csv.csv":                 "There is no chart",
		"/data/secrets.csv":                       "Use ranks.",
		"/data/ranks":                             "/data/{table}.csv",
		"/data/ranks.csv%2f":                      "/data/{table}.csv",
		"/api/v1/projects/urlib3":                 "Whether it is on PyPI was not asked.",
		"/chart/project-score?project=nobody":     "Whether it is on PyPI was not asked.",
		"/chart/project-score.csv?project=nobody": "Whether it is on PyPI was not asked.",
		"/static/nothing.css":                     "There is no such page",
	} {
		w := s.get(t, path)
		text := html.UnescapeString(w.Body.String())
		if w.Code != http.StatusNotFound || !strings.Contains(text, want) {
			t.Errorf("%s: status %d, want 404 with %q:\n%.300s", path, w.Code, want, text)
		}
		if strings.Contains(w.Body.String(), "<script>alert") {
			t.Errorf("%s: the name is not escaped", path)
		}
	}
	if body := s.get(t, "/p/urlib3").Body.String(); !strings.Contains(body, `href="/p/urllib3"`) {
		t.Error("the nearest name is not linked")
	}
}

func TestProblemJSON(t *testing.T) {
	s := newSite(t)
	w := s.get(t, "/api/v1/projects/urlib3")
	var p struct {
		Type, Title, Detail, Instance string
		Status                        int
		Nearest                       []string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Type != "about:blank" || p.Title != "Not Found" || p.Status != 404 || p.Instance != "/api/v1/projects/urlib3" || len(p.Nearest) != 1 || p.Nearest[0] != "urllib3" {
		t.Errorf("problem = %+v", p)
	}
}

// TestFigureFailure: a figure that cannot be read says so, and the rest of its page stands.
func TestFigureFailure(t *testing.T) {
	s := newSite(t)
	s.world.fail = map[string]error{"ProjectScores": errStore}
	w := s.get(t, "/p/urllib3")
	if body := w.Body.String(); w.Code != 200 || !strings.Contains(body, "This figure could not be read") || !strings.Contains(body, "<h1") || strings.Contains(body, errStore.Error()) {
		t.Errorf("status %d, or the page does not say what is missing", w.Code)
	}
}

func TestStoreFailure(t *testing.T) {
	s := newSite(t)
	for method, paths := range map[string][]string{
		"Observations":  {"/", "/projects", "/status", "/data", "/chart/coverage", "/chart/coverage.csv", "/readyz"},
		"Project":       {"/p/urllib3", "/api/v1/projects/urllib3"},
		"Search":        {"/search?q=urllib3", "/api/v1/search?q=urllib3"},
		"ProjectScores": {"/chart/project-score.json?project=urllib3"},
		"Tables":        {"/data", "/data/ranks.csv"},
		"StreamTable":   {"/data/ranks.csv"},
		"Sources":       {"/status"},
	} {
		s.world.fail = map[string]error{method: errStore}
		for _, path := range paths {
			w := s.get(t, path)
			if w.Code != http.StatusInternalServerError && w.Code != http.StatusServiceUnavailable {
				t.Errorf("%s with %s failing: status %d, want 500 or 503", path, method, w.Code)
			}
			if strings.Contains(w.Body.String(), errStore.Error()) {
				t.Errorf("%s: the cause is told to the outside", path)
			}
			if w.Header().Get("Content-Disposition") != "" {
				t.Errorf("%s: an error is offered as a download", path)
			}
		}
	}
}

// A panel that cannot be read does not take the page with it.
func TestPanelFailure(t *testing.T) {
	for _, method := range []string{"CohortPoints", "Advisories", "Changes", "NewAdvisories"} {
		s := newSite(t)
		s.world.fail = map[string]error{method: errStore}
		w := s.get(t, "/")
		if w.Code != http.StatusOK {
			t.Errorf("%s failing: status %d, want 200", method, w.Code)
		}
		if method != "NewAdvisories" && !strings.Contains(w.Body.String(), "Unavailable.") {
			t.Errorf("%s failing: the page does not say so", method)
		}
	}
}

func TestStarting(t *testing.T) {
	s := newSite(t)
	s.ready = false
	s.activity = []Activity{{Source: "database"}, {Source: "pypiscorecards", Done: 120, Total: 278, What: "weeks"}, {Source: "osv", State: "waiting"}}
	for _, path := range everyPage {
		w := s.get(t, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d, want 200", path, w.Code)
		}
		for _, want := range []string{"Pyrometer is starting", "120 of 278 weeks", "waiting"} {
			if !says(w.Body.String(), want) {
				t.Errorf("%s: lacks %q", path, want)
			}
		}
	}
	for _, path := range append(files, "/readyz") {
		w := s.get(t, path)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
			t.Errorf("%s: status %d, Retry-After %q, type %q", path, w.Code, w.Header().Get("Retry-After"), w.Header().Get("Content-Type"))
		}
	}
	if w := s.get(t, "/healthz"); w.Code != http.StatusOK {
		t.Errorf("/healthz: status %d: the process answers while the database starts", w.Code)
	}
	s.ready = true
	if w := s.get(t, "/"); strings.Contains(w.Body.String(), "Pyrometer is starting") {
		t.Error("the starting page was kept")
	}
}

// TestNothingStored asks every page of an empty store: no page is empty without a word.
func TestNothingStored(t *testing.T) {
	s := newSite(t)
	s.world = &world{advisoriesWorld: advisoriesWorld{details: s.world.details}, projects: s.world.projects}
	s.activity = []Activity{{Source: "pypiscorecards", Done: 120, Total: 278, What: "weeks"}, {Source: "osv", State: "waiting"}}
	for _, path := range slices.Concat(everyPage, files[:slices.Index(files, "/data/ranks.csv")]) {
		w := s.get(t, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d: %.300s", path, w.Code, w.Body)
		}
		if slices.Contains(everyPage, path) && !strings.Contains(w.Body.String(), "Still loading: Scorecard archive (120 of 278 weeks)") {
			t.Errorf("%s: does not say what is still loading", path)
		}
	}
	s.activity, s.cache, s.world = nil, newPageCache(), &world{}
	for _, path := range []string{"/", "/chart/coverage", "/chart/advisories-by-month", "/projects", "/data"} {
		body := s.get(t, path).Body.String()
		if !strings.Contains(body, "Nothing is collected yet.") && !strings.Contains(body, "No projects yet.") && !strings.Contains(body, "No table is there yet.") {
			t.Errorf("%s: does not say that nothing is collected", path)
		}
	}
}

func TestSimulated(t *testing.T) {
	s := newSite(t)
	s.mode = Mode{Upstream: "simulated", Simulated: true, Projects: 1000}
	for _, path := range append(everyPage, "/nothing", "/?cohort=bad", "/p/nobody") {
		body := s.get(t, path).Body.String()
		if !strings.Contains(body, "Simulated data.") || !strings.Contains(body, "1,000 projects") {
			t.Errorf("%s: no banner", path)
		}
		if strings.Contains(body, "https://pypi.org/project/") || strings.Contains(body, "osv.dev/vulnerability") {
			t.Errorf("%s: a fictional name leads to a real site", path)
		}
	}
	for _, path := range files {
		w := s.get(t, path)
		body := w.Body.String()
		if w.Header().Get("X-Pyrometer-Simulated") != "true" {
			t.Errorf("%s: lacks X-Pyrometer-Simulated", path)
		}
		name, _, _ := strings.Cut(path, "?")
		switch {
		case strings.HasSuffix(name, ".csv"):
			lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
			if !strings.HasSuffix(lines[0], ",simulated") || !strings.HasSuffix(lines[1], ",true") {
				t.Errorf("%s: rows are not marked: %q, %q", path, lines[0], lines[1])
			}
			if !strings.Contains(w.Header().Get("Content-Disposition"), "SIMULATED-pyrometer-") {
				t.Errorf("%s: file name %q", path, w.Header().Get("Content-Disposition"))
			}
		case strings.HasSuffix(name, ".svg"):
			if !strings.Contains(body, "SIMULATED DATA") {
				t.Errorf("%s: the drawing does not say so", path)
			}
		default:
			if !strings.Contains(body, `"simulated":true`) {
				t.Errorf("%s: lacks \"simulated\":true", path)
			}
		}
	}
}

func TestRealDataIsNotMarked(t *testing.T) {
	s := newSite(t)
	for _, path := range append(files, everyPage...) {
		w := s.get(t, path)
		if w.Header().Get("X-Pyrometer-Simulated") != "" || strings.Contains(strings.ToLower(w.Body.String()), "simulated") {
			t.Errorf("%s: real data is called simulated", path)
		}
	}
}

func TestTheme(t *testing.T) {
	s := newSite(t)
	w := s.get(t, "/?theme=dark")
	if !strings.Contains(w.Body.String(), `data-theme="dark"`) || !strings.HasPrefix(w.Header().Get("Set-Cookie"), "theme=dark;") {
		t.Errorf("cookie %q", w.Header().Get("Set-Cookie"))
	}
	if w := s.get(t, "/", "Cookie", "theme=dark"); !strings.Contains(w.Body.String(), `data-theme="dark"`) {
		t.Error("the cookie is not followed")
	}
	if w := s.get(t, "/"); strings.Contains(w.Body.String(), "data-theme=") {
		t.Error("a theme was kept for everybody")
	}
	if w := s.get(t, "/", "Cookie", `theme="><script>`); strings.Contains(w.Body.String(), "data-theme=") {
		t.Error("nonsense was taken for a theme")
	}
	if w := s.get(t, "/?theme=auto"); !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("auto does not forget the choice: %q", w.Header().Get("Set-Cookie"))
	}
}

// TestHostIsNotTrusted: no link may come from the Host header.
func TestHostIsNotTrusted(t *testing.T) {
	s := newSite(t)
	r := s.get(t, "/", "Host", "evil.example", "X-Forwarded-Host", "evil.example")
	if strings.Contains(r.Body.String(), "evil.example") {
		t.Error("the page repeats the host of the request")
	}
	if !strings.Contains(r.Body.String(), `<link rel="canonical" href="https://pyrometer.example/">`) {
		t.Error("the canonical address is missing")
	}
}

func TestHostileText(t *testing.T) {
	s := newSite(t)
	for _, path := range everyPage {
		body := s.get(t, path).Body.String()
		for _, bad := range []string{"<script>alert", "<b>library", "<i>not</i>", "<b>not JSON", `href="javascript:`, "ZgotmplZ", "%!"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s: holds %q", path, bad)
			}
		}
	}
}

func TestMetrics(t *testing.T) {
	s := newSite(t)
	s.get(t, "/p/urllib3")
	s.get(t, "/p/lonely")
	s.get(t, "/p/nobody")
	s.do(t, "BREW", "/")
	body := s.get(t, "/metrics").Body.String()
	for _, want := range []string{
		`pyrometer_http_requests_total{method="GET",route="/p/:name",status="200"} 2`,
		`pyrometer_http_requests_total{method="GET",route="/p/:name",status="404"} 1`,
		`pyrometer_http_requests_total{method="other",route="/",status="405"} 1`,
		`pyrometer_http_request_duration_seconds_count{route="/p/:name"} 3`,
	} {
		if !says(body, want) {
			t.Errorf("lacks %s in\n%s", want, body)
		}
	}
}

func TestAssets(t *testing.T) {
	s := newSite(t)
	doc := parse(t, s.get(t, "/").Body.String())
	found := 0
	for _, n := range attributes(doc) {
		if strings.HasPrefix(n.value, "/static/") {
			found++
			w := s.get(t, n.value)
			if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
				t.Errorf("%s: status %d, Cache-Control %q", n.value, w.Code, w.Header().Get("Cache-Control"))
			}
		}
	}
	if found < 3 {
		t.Errorf("%d assets are used, want stylesheet, script and icon", found)
	}
}

type attribute struct{ element, name, value string }

func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attributes(n *html.Node) []attribute {
	var out []attribute
	for c := range n.Descendants() {
		for _, a := range c.Attr {
			out = append(out, attribute{c.Data, a.Key, a.Val})
		}
	}
	return out
}

// TestCrawl follows every local link of the site: each one answers, and each
// anchor exists on its page.
func TestCrawl(t *testing.T) {
	s := newSite(t)
	s.world.tables = append(s.world.tables, tablesNamed("files", "runs", "rejects", "project_summaries", "rollup_checks", "release_health", "python_cycles", "cpython_advisories")...)
	seen := map[string]bool{}
	ids := map[string]map[string]bool{}
	var anchors []string
	queue := []string{"/"}
	for len(queue) > 0 && len(seen) < 500 {
		at := queue[0]
		queue = queue[1:]
		target, _, _ := strings.Cut(at, "#")
		if seen[target] {
			continue
		}
		seen[target] = true
		w := s.get(t, target)
		if w.Code >= 400 {
			t.Errorf("%s: status %d: %.200s", target, w.Code, w.Body)
			continue
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		ids[target] = map[string]bool{}
		for _, a := range attributes(parse(t, w.Body.String())) {
			switch {
			case a.name == "id":
				if ids[target][a.value] {
					t.Errorf("%s: id %q is used twice", target, a.value)
				}
				ids[target][a.value] = true
			case a.element == "a" && a.name == "href":
				next := a.value
				if strings.HasPrefix(next, "#") {
					next = target + next
				}
				if strings.Contains(next, "#") && strings.HasPrefix(next, "/") {
					anchors = append(anchors, next)
				}
				if strings.HasPrefix(next, "/") && strings.Count(next, "p=") < 3 { // there is no end of comparisons
					queue = append(queue, next)
				}
			case (a.name == "src" || a.name == "href") && strings.Contains(a.value, "://") && a.element != "a" && !strings.HasPrefix(a.value, s.BaseURL):
				t.Errorf("%s: <%s> asks another host: %s", target, a.element, a.value)
			}
		}
	}
	for _, a := range anchors {
		page, id, _ := strings.Cut(a, "#")
		if ids[page] != nil && id != "" && !ids[page][id] {
			t.Errorf("%s: no such place on the page", a)
		}
	}
	t.Logf("%d addresses", len(seen))
}
