package ui_test

import (
	"math"
	"reflect"
	"time"

	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/adoption"
	"github.com/pyrometer-dev/pyrometer/ui/advisories"
	"github.com/pyrometer-dev/pyrometer/ui/advisory"
	"github.com/pyrometer-dev/pyrometer/ui/changes"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/chartpage"
	"github.com/pyrometer-dev/pyrometer/ui/check"
	"github.com/pyrometer-dev/pyrometer/ui/checks"
	"github.com/pyrometer-dev/pyrometer/ui/compare"
	"github.com/pyrometer-dev/pyrometer/ui/cpython"
	"github.com/pyrometer-dev/pyrometer/ui/data"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/malware"
	"github.com/pyrometer-dev/pyrometer/ui/methods"
	"github.com/pyrometer-dev/pyrometer/ui/notfound"
	"github.com/pyrometer-dev/pyrometer/ui/overview"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/problem"
	"github.com/pyrometer-dev/pyrometer/ui/project"
	"github.com/pyrometer-dev/pyrometer/ui/projects"
	"github.com/pyrometer-dev/pyrometer/ui/releases"
	"github.com/pyrometer-dev/pyrometer/ui/search"
	"github.com/pyrometer-dev/pyrometer/ui/starting"
	"github.com/pyrometer-dev/pyrometer/ui/status"
	"github.com/pyrometer-dev/pyrometer/ui/threats"
)

// zeros returns every page with nothing in it.
func zeros() []ui.Page {
	return []ui.Page{
		overview.Page{},
		adoption.Page{},
		advisories.Page{},
		advisory.Page{},
		check.Page{},
		checks.Page{},
		cpython.Page{},
		releases.Page{},
		malware.Page{},
		threats.Page{},
		projects.Page{},
		project.Page{},
		status.Page{},
		methods.Page{}, changes.Page{},
		data.Page{},
		chartpage.Page{}, compare.Page{}, notfound.Page{}, problem.Page{}, search.Page{}, starting.Page{},
	}
}

// filled returns every page with text in each string, one element in each
// slice, and each pointer set. Drawings come from ui/chart with the same text.
func filled(text string) []ui.Page {
	var pages []ui.Page
	for _, zero := range zeros() {
		v := reflect.New(reflect.TypeOf(zero)).Elem()
		fill(v, text)
		pages = append(pages, v.Interface().(ui.Page))
	}
	return pages
}

func fill(v reflect.Value, text string) {
	switch v.Type() {
	case reflect.TypeFor[chart.Drawing]():
		v.Set(reflect.ValueOf(chart.Draw(line("fill", text))))
		return
	case reflect.TypeFor[time.Time]():
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.String:
		if v.Type().PkgPath() != "html/template" { // drawings are never text from outside
			v.SetString(text)
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(2)
	}
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func line(id, name string) chart.Lines {
	points := make([]chart.Point, 40)
	for i := range points {
		v := 70 + 5*math.Sin(float64(i)/5)
		points[i] = chart.Point{T: day("2025-07-06").AddDate(0, 0, 7*i), V: &v}
	}
	points[9].V = nil
	return chart.Lines{
		Head:   chart.Head{ID: id, Title: name, Desc: "A line over forty weeks."},
		Time:   chart.Time{Flags: flags},
		Y:      chart.Axis{Unit: "%", Decimals: 1},
		Series: []chart.Series{{Name: name, Label: "73.8 %", Main: true, Points: points}},
	}
}

var flags = chart.Letters([]chart.Flag{
	{At: day("2025-10-15"), Cut: true, Text: "15 Oct 2025: catching up after a frozen input"},
	{At: day("2026-03-01"), Text: "1 Mar 2026: Vulnerabilities left the source"},
})

func frame(title string, nav layout.Nav) layout.Frame {
	return layout.Frame{
		Title: title, Nav: nav, Description: "Security health of the Python package ecosystem from public evidence.",
		Canonical: "https://pyrometer.example/", Card: "https://pyrometer.example/card/overview.png", Path: "/", Version: "1.0.0",
		Fresh: []part.Stat{{Label: "As of", Value: "23 Jul 2026"}, {Label: "Scorecard through", Value: "15 Jun 2026", Stamp: "38 days old"}},
		Themes: []part.Link{
			{Text: "Auto", Href: "/?theme=auto", Current: true}, {Text: "Light", Href: "/?theme=light"}, {Text: "Dark", Href: "/?theme=dark"},
		},
	}
}

func files(slug string) []part.Link {
	return []part.Link{
		{Text: "CSV", Href: "/chart/" + slug + ".csv"}, {Text: "JSON", Href: "/chart/" + slug + ".json"},
		{Text: "SVG", Href: "/chart/" + slug + ".svg"},
	}
}

func coverage() figure.Figure {
	return figure.Figure{
		ID: "coverage", Title: "Scorecard has a result for 738 of the 1,000 most downloaded projects",
		Sub: "Share of the cohort with at least one conclusive check · n = 738 of 1,000 · data through 15 Jun 2026", Stamp: "38 days old",
		Plot: chart.Draw(line("coverage", "Top 1,000")), Flags: flags,
		Note: "The line is cut at A: no change is stated across it.",
		Table: &part.Table{
			Caption: "Coverage by quarter", Columns: []part.Column{{Name: "Quarter"}, {Name: "Top 1,000", Num: true}},
			Rows: [][]string{{"2026-Q1", "749 of 1,000"}, {"2026-Q2", "738 of 1,000"}}, More: "The newest 2 of 16; CSV has all.",
		},
		Links: files("coverage"), Source: "pypi-scorecards archive, hugovk ranks", Cite: figure.Citation{
			Text: "Pyrometer: Scorecard coverage of the top 1,000. Data through 15 Jun 2026.", BibTeX: "@misc{pyrometer-coverage,\n  title = {Scorecard coverage}\n}", URL: "https://pyrometer.example/chart/coverage",
		},
		Embed:       figure.Embed{HTML: `<a href="https://pyrometer.example/chart/coverage"><img src="https://pyrometer.example/chart/coverage.svg" alt="Coverage"></a>`, Markdown: "[![Coverage](https://pyrometer.example/chart/coverage.svg)](https://pyrometer.example/chart/coverage)"},
		Initiatives: []figure.Initiative{{Number: "1", Link: part.Link{Text: "1 Dec 2025: two factors for everybody", Href: "https://blog.example/two-factors"}}},
		Definition:  part.Link{Text: "Definition", Href: "/methods#coverage"}, Report: part.Link{Text: "Report", Href: "https://tracker.example/new"},
		Whole: part.Link{Text: "Whole range", Href: "/"},
	}
}

func cohortFilter() part.Filter {
	return part.Filter{
		Action: "/", Label: "Cohort and dates", Note: "Moving cohort, newest list on or before each date",
		Hidden: []part.Option{{Label: "weighting", Value: "download"}},
		Fields: []part.Field{
			{Name: "cohort", Label: "Cohort", Type: "select", Options: []part.Option{{Value: "", Label: "Top 1,000", Selected: true}, {Value: "top100", Label: "Top 100"}}},
			{Name: "from", Label: "From", Type: "month", Options: []part.Option{{Label: "First"}, {Value: "2025-07-06", Label: "6 Jul 2025", Selected: true}, {Value: "2022-07", Label: "Jul 2022"}}},
			{Name: "since", Label: "Since", Type: "date", Value: "2025-07-06", Min: "2022-07-20", Max: "2026-06-15"},
			{Name: "epss", Label: "EPSS at least", Type: "number", Value: "0.1", Min: "0", Max: "1", Step: "0.01"},
			{Name: "kev", Label: "Known exploited", Type: "checkbox", Value: "yes", Checked: true},
		},
	}
}

// samples returns pages as they look in use, by the name of their golden file.
func samples() map[string]ui.Page {
	bars := chart.Bars{Head: chart.Head{ID: "advisories-by-month", Title: "Advisory groups by month", Desc: "Stacked bars."}, Classes: chart.SeverityClasses(), FillingText: "still filling"}
	for i := range 4 {
		bars.Months = append(bars.Months, chart.Month{T: day("2026-04-01").AddDate(0, i, 0), Values: []int{1, i, 3, 0, 2}, Filling: i > 1})
	}
	overviewPage := overview.Page{
		Frame:   frame("Overview", layout.NavOverview),
		Heading: "738 of the 1,000 most downloaded Python projects have a Scorecard result.",
		Filter:  cohortFilter(),
		Keys: []overview.Key{
			{Label: "Scored, of the top 1,000", Value: "738", Small: "of 1,000", Change: "749 eleven weeks before", Spark: chart.Spark(line("k", "k").Series[0].Points, nil), Href: "#coverage"},
			{Label: "Median core aggregate", Value: "?", Change: "still loading"},
		},
		Figures: []figure.Figure{
			coverage(),
			{
				ID: "advisories-by-month", Title: "8 flaws were disclosed in June 2026", Sub: "Advisory groups by month of disclosure", Plot: chart.Draw(bars),
				Key: []figure.Key{{Class: "v4", Text: "Critical"}, {Class: "v0", Text: "Unknown"}}, Apart: "2,915 groups known only to the year.", Links: files("advisories-by-month"), Source: "OSV (PYSEC, GHSA)",
			},
			{ID: "score-distribution", Title: "Distribution of scores", State: &part.State{Lead: "Still loading.", Text: "The archive is read after the rank lists: 120 of 278 weeks.", Link: part.Link{Text: "Status", Href: "/status"}}},
		},
		Changes: overview.Changes{
			Title: "What changed in a week", Sub: "8 Jun 2026 to 15 Jun 2026, within one segment · 718 matched projects",
			Lines:      []overview.Line{{Lead: "+0.02", Text: "mean core aggregate"}, {Lead: "2 gained, 1 lost", Text: "a Scorecard result", Named: []overview.Named{{Word: "Gained:", Links: []part.Link{{Text: "urllib3", Href: "/p/urllib3"}, {Text: "six", Href: "/p/six"}}}, {Word: "Lost:", Links: []part.Link{{Text: "idna", Href: "/p/idna"}}}}}},
			MovesTitle: "Projects that crossed 8, by check", MovesNote: "No matched project crossed 8 on License.",
			Moves:           []overview.Move{{Check: part.Link{Text: "Maintained", Href: "/methods#check-Maintained"}, Rose: "67", Fell: "49", Matched: "718", Bar: chart.MoveBar(67, 49, 67)}},
			AdvisoriesTitle: "Newest dated advisories in the top 1,000",
			Advisories:      []overview.Advisory{{ID: part.Link{Text: "CVE-2026-0001", Href: "https://osv.dev/vulnerability/CVE-2026-0001"}, Disclosed: "14 Jul 2026", Projects: []part.Link{{Text: "example", Href: "/p/example"}}, Severity: part.Severity{Word: "high", Score: "8.2"}}},
		},
	}
	demo := overview.Page{
		Frame: layout.Frame{
			Title: "Overview", Nav: layout.NavOverview, Theme: "dark",
			Banner:  &layout.Banner{Lead: "Simulated data.", Text: "No source answered, so this page shows a fictional ecosystem of 1,000 projects. Nothing here is real.", Link: part.Link{Text: "Status of the sources", Href: "/status"}},
			Loading: &layout.Loading{Text: "Still loading: advisories (12,000 of 15,900), releases (not begun).", Link: part.Link{Text: "Status", Href: "/status"}},
		},
		Heading: "Nothing is known of this cohort yet.",
		Figures: []figure.Figure{{ID: "coverage", Title: "Coverage"}},
		Changes: overview.Changes{Title: "What changed", State: &part.State{Lead: "Nothing to compare.", Text: "There is one observation so far."}},
	}

	columns := projects.Columns()
	columns[0].Sorted = "ascending"
	for i := range columns {
		if columns[i].Sort != "" {
			columns[i].Href = "/projects?sort=" + columns[i].Sort
		}
	}
	list := projects.Page{
		Frame: frame("Projects", layout.NavProjects), Heading: "15,000 projects by downloads", Lede: "Ranks of 1 Apr 2026.",
		Filter:  part.Filter{Action: "/projects", Label: "Search and order", Fields: []part.Field{{Name: "q", Label: "Name", Type: "search"}}},
		Columns: columns,
		Rows: []projects.Row{
			{Rank: "4", Project: part.Link{Text: "urllib3", Href: "/p/urllib3"}, Score: "8.5", ScoreOn: "15 Jun 2026", Stamp: "38 days old", Advisories: "19", Latest: "2.7.0", Released: "7 May 2026", Repository: part.Link{Text: "github.com/urllib3/urllib3", Href: "https://github.com/urllib3/urllib3"}, Trust: "attested"},
			{Rank: "5", Project: part.Link{Text: "example", Href: "/p/example"}, Why: "no repository", Advisories: "1", Affects: "latest release in the range of 1", Malware: "1 malware report", Latest: "unknown", Status: "archived", Trust: "none named"},
		},
		Links: []part.Link{{Text: "CSV", Href: "/data/project_summaries.csv"}}, Source: "hugovk ranks, PyPI",
		Pager: part.Pager{Text: "1 to 2 of 15,000", Next: part.Link{Text: "Next", Href: "/projects?page=2"}},
	}
	nothing := projects.Page{
		Frame: frame("Projects", layout.NavProjects), Heading: "No project matches urlib3",
		State:   &part.State{Lead: "No project urlib3.", Text: "It is not in our set of 15,000. Whether it is on PyPI was not asked."},
		Nearest: []part.Link{{Text: "urllib3", Href: "/p/urllib3"}},
	}

	score := 8.0
	one := project.Page{
		Frame: frame("urllib3", layout.NavProjects), Name: "urllib3", Summary: "HTTP library.", StepsTitle: "2 checks have room to grow; Signed-Releases would add the most, +0.88",
		Actions: []part.Link{{Text: "Compare", Href: "/compare?p=urllib3", Label: "Compare urllib3 with other projects"}},
		Identity: []project.Fact{
			{Link: part.Link{Text: "PyPI", Href: "https://pypi.org/project/urllib3/"}}, {Label: "rank", Link: part.Link{Text: "4"}, Note: "of 15,000, Apr 2026"},
			{Label: "repository", Unknown: true, Note: "not fetched yet"},
		},
		Notices: []part.State{{Lead: "1 malware report names this project.", Text: "MAL-2026-1, 3 Jun 2026."}},
		Score:   project.Score{Title: "Scorecard aggregate", Value: "8.5", On: "15 Jun 2026", Stamp: "38 days old", Lines: []string{"Recomputed from 14 of 14 conclusive checks."}, Links: []part.Link{{Text: "JSON", Href: "/api/v1/projects/urllib3"}}},
		Steps: []project.Step{
			{
				Gain: "+0.88", Check: part.Link{Text: "Signed-Releases", Href: "/checks/Signed-Releases"}, Now: "0 now", Text: "Attach signatures or provenance to the releases.",
				Note: "Scorecard does not see PyPI attestations.", Remediation: []string{"Publish the release.", "Attach the signature file."}, Reason: "0 out of 5 artifacts are signed",
				Evidence: []project.Line{{Before: "release artifact 2.7.0 not signed"}, {Before: "not pinned: ", Link: part.Link{Text: "a.yml:12", Href: "https://github.com/o/n/blob/c/a.yml#L12"}, After: ": pin it"}}, EvidenceMore: "and 2 more lines", From: "api.scorecard.dev, 12 Jun 2026",
				Files: []project.File{{Path: ".github/workflows/release.yml", Body: "on:\n  push:\n    tags: [\"*\"]\n"}},
				Links: []part.Link{{Text: "Scorecard's documentation", Label: "Scorecard's documentation of Signed-Releases", Href: "https://github.com/ossf/scorecard/blob/main/docs/checks.md#signed-releases"}},
			},
			{Gain: "+0.18", Check: part.Link{Text: "Code-Review"}, Now: "8 now", Text: "A second person approves changes."},
		},
		StepsNote: "Gain: the aggregate with that check at 10, minus the aggregate now.",
		History:   figure.Figure{ID: "project-score", Title: "The core aggregate is 8.4", Plot: chart.Draw(line("project-score", "urllib3")), Links: files("project-score")},
		Checks: project.Checks{
			Title: "9 of 14 checks stand at 10", Sub: "Scorecard checks, 0 to 10, by risk", StripTitle: "By quarter, 2026 Q1 to Q2", PeerTitle: "Median of peers, 8 or above", PeerNote: "Peers: ranks 1 to 1,500.",
			Rows: []project.Check{
				{Name: part.Link{Text: "Code-Review", Href: "/methods#check-Code-Review"}, Risk: "High", Score: "8", Bar: chart.ScoreBar(8), Reason: "Found 24/30 approved changesets", Evidence: []project.Line{{Before: "Info: 24 of 30"}}, EvidenceMore: "and 6 more lines", From: "api.scorecard.dev, 12 Jun 2026", Strip: chart.Strip("Code-Review by quarter", []chart.Cell{{Title: "2026-Q1: not run"}, {Score: &score, Break: true, Title: "2026-Q2: 8"}}), Peer: "4", PeerShare: "243 of 736 · 33 %"},
				{Name: part.Link{Text: "Packaging"}, Risk: "Medium", Why: "inconclusive"},
			},
			Links: []part.Link{{Text: "Definition", Href: "/methods#checks"}}, Source: "pypi-scorecards archive",
		},
		Advisories: project.Advisories{
			Title: "None of 2 known advisories has the latest release in its affected range", Sub: "Advisory groups, newest first",
			Rows: []project.Advisory{
				{ID: part.Link{Text: "CVE-2026-0002", Href: "https://osv.dev/vulnerability/CVE-2026-0002"}, Others: "GHSA-0000-0000-0000", Summary: "A flaw.", Severity: part.Severity{Word: "critical", Score: "9.8"}, Affected: "1.23 to before 2.7.0", FixedIn: "2.7.0", Fix: "6 days before disclosure", Latest: "outside", Disclosed: "13 May 2026"},
				{ID: part.Link{Text: "PYSEC-2018-1"}, Affected: "before 1.23", FixedIn: "1.23", Fix: "not computed", Latest: "unknown", Disclosed: "2018", Precision: "year only"},
			},
			Note: "Withdrawn records are left out.", Source: "OSV (PYSEC, GHSA)",
		},
		Releases: project.Releases{Figure: figure.Figure{ID: "project-releases", Title: "2 releases since 2025", Plot: chart.Draw(chart.Releases{
			Head:  chart.Head{ID: "project-releases", Title: "Releases", Desc: "One mark a release."},
			Lanes: []chart.Lane{{Name: "2.x", Dots: []chart.Dot{{T: day("2025-01-01"), Label: "2.3.0", Title: "2.3.0"}, {T: day("2026-05-07"), Full: true, Label: "2.7.0", Title: "2.7.0"}}}},
		})}},
		Changes: project.Changes{
			Title: "1 check score moved in the 13 observations to 15 Jun 2026", Sub: "Checks of this project",
			Rows: []project.Change{{On: "15 Jun 2026", Since: "before: 8 Jun 2026", Check: part.Link{Text: "Code-Review", Href: "/checks/Code-Review"}, Move: "rose from 7 to 8", Cause: "Its meaning changed on 12 Jun 2026.", Link: part.Link{Text: "commit ab12cd", Href: "https://github.com/o/n/commit/ab12cd"}}},
			Note: "A check that became conclusive is a move.", Source: "pypi-scorecards archive",
		},
		Publishing: project.Facts{ID: "publishing", Title: "Every file of 2.7.0 carries an attestation", Items: []project.Item{
			{Name: "Trusted Publisher", Value: "GitHub, release.yml", Links: []part.Link{{Text: "github.com/urllib3/urllib3", Href: "https://github.com/urllib3/urllib3"}}, Note: "since 2 Jan 2025"},
			{Name: "Attested repository", Value: "unknown", Note: "not fetched yet", Unknown: true},
		}, Note: "Not verified here.", Links: []part.Link{{Text: "Definition", Href: "/methods#attested"}}},
		Owners:  project.Facts{ID: "owners", Title: "Who can publish is not known", State: &part.State{Lead: "Not fetched yet.", Text: "Owners are named by PyPI's JSON API alone."}},
		Threats: part.Threats{Lede: "Public evidence is observed against 1 of 1 threats.", Rows: []part.Threat{{Link: part.Link{Text: "A Producer", Href: "/threats#threat-a"}, State: "Evidence observed", Class: "h4", Signals: []part.Signals{{State: "Observed", Names: []part.Link{{Text: "Security-Policy", Href: "/checks/Security-Policy"}}}}}}},
		Wrong:   []part.Link{{Text: "Report a wrong figure or link", Href: "https://github.com/pyrometer-dev/pyrometer/issues/new"}},
		Raw:     []part.Link{{Text: "JSON", Href: "/api/v1/projects/urllib3"}},
	}
	without := project.Page{
		Frame: frame("example", layout.NavProjects), Name: "example",
		Score:      project.Score{Title: "Scorecard aggregate", State: &part.State{Lead: "No Scorecard result.", Text: "Why: the project page names no repository on a supported host, checked 15 Jun 2026.", How: "How to get one: add a repository link to the project metadata.", Link: part.Link{Text: "Steps", Href: "https://github.com/ossf/scorecard-action"}}},
		StepsTitle: "Next step: get a result", StepsState: &part.State{Lead: "No steps.", Text: "Without a result there is nothing to improve upon."},
		Start:      &project.Step{Remediation: []string{"Run the action."}, Files: []project.File{{Path: ".github/workflows/scorecard.yml", Body: "on: push"}}},
		History:    figure.Figure{ID: "project-score", Title: "Score over time", State: &part.State{Lead: "No repository.", Text: "No observation holds a result."}},
		Checks:     project.Checks{Title: "Checks", State: &part.State{Lead: "No result."}},
		Advisories: project.Advisories{Title: "Advisories", State: &part.State{Lead: "No known advisories for example as of 23 Jul 2026.", Text: "This says that no record names the project. It does not say that the project has no flaw."}},
		Releases:   project.Releases{Figure: figure.Figure{ID: "project-releases", Title: "Releases", State: &part.State{Lead: "Not fetched yet."}}},
	}

	chartPage := chartpage.Page{Frame: frame("Coverage", layout.NavOverview), Filter: cohortFilter(), Figure: coverage(), Back: part.Link{Text: "Overview", Href: "/"}}
	chartPage.Figure.Heading, chartPage.Figure.Open = 1, true

	return map[string]ui.Page{
		"adoption": adoptionPage(), "threats": threatsPage(),
		"checks": checksSample(), "check": checkSample(), "check-none": checkNone(),
		"cpython": cpythonSample(), "releases": releasesSample(),
		"changes": changesPage(), "advisories": advisoriesSample(), "advisory": advisorySample(), "malware": malwareSample(),
		"overview": overviewPage, "overview-demo": demo, "projects": list, "projects-none": nothing,
		"project": one, "project-without": without, "chartpage": chartPage, "compare": compareSample(),
		"status": status.Page{
			Frame: frame("Status", layout.NavStatus), Heading: "Four of five sources are up to date", Lede: "Each source keeps its last good data.",
			Sources: []status.Source{
				{Name: "Scorecard archive", Collector: "pypiscorecards", URL: part.Link{Text: "sethmlarson/pypi-scorecards", Href: "https://github.com/sethmlarson/pypi-scorecards"}, Every: "weekly", State: "ok", Age: "38 days old", DataAge: "38 days old", Dated: true, LastTry: "23 Jul 2026 04:10 UTC", LastSuccess: "23 Jul 2026 04:10 UTC", Through: "15 Jun 2026", Next: "30 Jul 2026 04:00 UTC", Rows: "2,442,000", Unchanged: "0", Skipped: "0", Rejects: "20"},
				{Name: "PyPI", Collector: "pypi", State: "failed", LastTry: "23 Jul 2026 04:12 UTC", LastSuccess: "never", Through: "unknown", Rows: "0", Unchanged: "0", Skipped: "0", Rejects: "0", Error: "unavailable: pypi.org: connection refused", Note: "Nothing was stored."},
			},
			Suspects:    []status.Suspect{{Date: "1 Oct 2022", Source: "archive", State: "confirmed", Reason: "7.3 % of the projects scored before lost all results"}},
			SuspectNote: "Left out of lines as gaps.",
			Losses:      []status.Loss{{Date: "15 Apr 2023", Check: "Vulnerabilities", State: "outage", Why: "430 of 3,557 projects with a value before have none here"}}, LossNote: "Of single checks.",
			Breaks: []status.Break{{Date: "8 Sep 2024", What: "the matched mean of SAST moved by -0.75", Over: "5,345 projects since 1 Sep 2024"}}, BreakNote: "Found by rule.",
			Imports: []status.Import{{Day: "13 Jul 2026", Database: "PYSEC", Records: "591", State: "import"}}, ImportNote: "Published at once.",
			Rows:  []status.Row{{Text: "Confirm the break", Line: `2024-09-08,,check,SAST,cut,"what happened","how it is known"`}},
			Links: []part.Link{{Text: "CSV of runs", Href: "/data/runs.csv"}},
		},
		"methods": methods.Page{
			Frame:       frame("Methods", layout.NavMethods),
			Checks:      []methods.Check{{Name: "Binary-Artifacts", Page: part.Link{Text: "Binary-Artifacts", Href: "/checks/Binary-Artifacts"}, Risk: "High", Weight: "7.5", Core: true, Short: "Executables in the repository.", Doc: part.Link{Text: "Documentation", Label: "Documentation of Binary-Artifacts", Href: "https://github.com/ossf/scorecard/blob/main/docs/checks.md#binary-artifacts"}}},
			Breaks:      []methods.Break{{Date: "15 Oct 2023", Scope: "check", Item: "Pinned-Dependencies", Kind: "cut", What: "the meaning changed", Evidence: part.Link{Text: "99 % of the same projects changed"}}},
			Changes:     []methods.Change{{ID: "change-check", Name: "Score of a check", Means: "A score that crossed 8.", Causes: "projects, Scorecard or the sources"}},
			Initiatives: []methods.Initiative{{Date: "14 Nov 2024", What: "PyPI announces attestations", Evidence: part.Link{Text: "Announcement", Href: "https://blog.pypi.org/"}}},
			Suspects:    "Of 278 observations 6 are left out now.", Imports: "12 days are known.",
		},
		"data": data.Page{
			Frame: frame("Data", layout.NavData), Heading: "Everything can be downloaded", Lede: "Tables, charts and an API.",
			Tables:  []data.Table{{Name: "ranks", Comment: "One project on one list.", Rows: "693,000", Bytes: "3.1 MiB", Source: "Download ranks", Licence: "none stated", Through: "1 Apr 2026", CSV: part.Link{Text: "ranks.csv", Href: "/data/ranks.csv"}, Columns: []data.Column{{Name: "project", Type: "LowCardinality(String)", Comment: "normalised name"}}}},
			Charts:  []data.Chart{{Page: part.Link{Text: "Coverage", Href: "/chart/coverage"}, Files: files("coverage")}},
			Sources: []data.Licence{{Source: part.Link{Text: "OSV", Href: "https://osv.dev"}, What: "advisories", Licence: "CC-BY-4.0", Through: "23 Jul 2026"}},
			API:     []data.Call{{Call: part.Link{Text: "/api/v1/projects/{name}", Href: "/api/v1/projects/urllib3"}, What: "everything on a project"}},
			Cite:    data.Cite{Text: "Name the source.", Line: "Pyrometer, chart coverage, read on 23 Jul 2026"}, Coverage: figure.Figure{ID: "data-coverage", Title: "2 of 9 sources have data", Links: files("data-coverage"), State: &part.State{Lead: "Not here yet."}},
		},
		"notfound":      notfound.Page{Frame: layout.Frame{Title: "Not found", NoIndex: true, Query: "urlib3"}, Heading: "No project urlib3", Text: "It is not in our set of 15,000. Whether it is on PyPI was not asked.", Nearest: []part.Link{{Text: "urllib3", Href: "/p/urllib3"}}, Links: []part.Link{{Text: "All projects", Href: "/projects"}, {Text: "Overview", Href: "/"}}},
		"notfound-page": notfound.Page{Frame: layout.Frame{Title: "Not found", NoIndex: true}, Heading: "There is no such page", Links: []part.Link{{Text: "Search for numpy", Href: "/search?q=numpy"}}, Pages: []part.Link{{Text: "Overview", Href: "/"}, {Text: "Projects", Href: "/projects"}}},
		"problem":       problem.Page{Frame: layout.Frame{Title: "Refused", NoIndex: true}, Status: 400, Heading: "cohort=top10 is not a cohort", Text: "Use top100, top1000, top5000 or top15000.", Request: "0af7", Links: []part.Link{{Text: "Overview", Href: "/"}}},
		"search": search.Page{
			Frame: frame("Search: requests", layout.NavSearch), Heading: "3 hits for requests", Lede: "Exact names come first.",
			Filter: part.Filter{Action: "/search", Label: "Search everything", Button: "Search", Fields: []part.Field{{Name: "q", Label: "Name or id", Type: "search", Value: "requests"}}},
			Groups: []search.Group{
				{Title: "Projects", Hits: []search.Hit{{Link: part.Link{Text: "requests-oauthlib", Href: "/p/requests-oauthlib"}, Note: "project, rank 90"}}},
				{Title: "Repositories", Hits: []search.Hit{{Link: part.Link{Text: "github.com/requests/toolbelt", Href: "/p/requests-toolbelt"}, Note: "repository of requests-toolbelt"}}},
				{Title: "Advisories", Hits: []search.Hit{{Link: part.Link{Text: "CVE-2024-35195", Href: "/advisories/CVE-2024-35195"}, Note: "advisory, Medium 5.6, 1 project"}}},
			},
			Links: []part.Link{{Text: "All projects with it in their name", Href: "/projects?q=requests"}},
		},
		"search-none": search.Page{
			Frame: layout.Frame{Title: "Search: reqests", Nav: layout.NavSearch, NoIndex: true, Query: "reqests"}, Heading: "0 hits for reqests",
			State:   &part.State{Lead: "Nothing here has that in its name.", How: "Whether PyPI has a project of that name was not asked.", Link: part.Link{Text: "reqests on PyPI, if it is there", Href: "https://pypi.org/project/reqests/"}},
			Nearest: []part.Link{{Text: "requests", Href: "/p/requests"}},
		},
		"starting": starting.Page{Frame: layout.Frame{Title: "Starting", NoIndex: true, Refresh: 5}, Heading: "The first collection has begun", Text: "Pages fill as sources arrive.", Steps: []starting.Step{{Name: "Ranks", State: "done", Detail: "40 lists"}, {Name: "Scorecard archive", State: "running", Detail: "120 of 278 weeks"}}, Links: []part.Link{{Text: "Ask again", Href: "/"}}},
	}
}
