package server

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with testdata/name, and rewrites it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%s", name, diff)
	}
}

// TestChartGolden holds the form of the chart files: design section 7 is a contract.
func TestChartGolden(t *testing.T) {
	s := newSite(t)
	for name, path := range map[string]string{
		"coverage.json":            "/chart/coverage.json?from=2026-05&cohort=top5000",
		"coverage.csv":             "/chart/coverage.csv?from=2024-11&to=2024-12",
		"coverage-gap.csv":         "/chart/coverage.csv?from=2025-01-25&to=2025-02-20&cohort=top15000",
		"distribution.json":        "/chart/score-distribution.json?from=2026-06&weighting=download",
		"distribution-month.csv":   "/chart/score-distribution.csv?from=2022-08&to=2023-06&by=month",
		"advisories.json":          "/chart/advisories-by-month.json?from=2026-05&cohort=all",
		"advisories-from-list.csv": "/chart/advisories-by-month.csv?from=2022-05&to=2022-08",
		"advisories-year.csv":      "/chart/advisories-by-month.csv?by=year",
		"project.json":             "/chart/project-score.json?project=urllib3&from=2026-02-20&to=2026-03-20",
	} {
		w := s.get(t, path)
		if w.Code != 200 {
			t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
		}
		body := w.Body.Bytes()
		if strings.HasSuffix(name, ".json") {
			var b bytes.Buffer
			if err := json.Indent(&b, body, "", " "); err != nil {
				t.Fatal(err)
			}
			body = b.Bytes()
		}
		golden(t, name, body)
	}
}

// TestFilesAgree reads the same chart as JSON and as CSV: the numbers are the same.
func TestFilesAgree(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"coverage", "score-distribution", "advisories-by-month", "project-score"} {
		query := ""
		if path == "project-score" {
			query = "?project=urllib3"
		}
		var c Chart
		if err := json.Unmarshal(s.get(t, "/chart/"+path+".json"+query).Body.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(s.get(t, "/chart/"+path+".csv"+query).Body.String()), "\n")[1:]
		i := 0
		for _, series := range c.Series {
			for _, p := range series.Points {
				want := strings.Join([]string{series.Name, p.T.String(), number(p.V), integer(p.N), integer(p.Of)}, ",") + ","
				if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
					t.Fatalf("%s row %d: CSV %q, JSON %q", path, i, lines[i], want)
				}
				i++
			}
		}
		if i != len(lines) {
			t.Errorf("%s: %d rows of CSV, %d points of JSON", path, len(lines), i)
		}
	}
}

// UnmarshalJSON exists for tests alone: nothing else reads charts.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil || s == nil {
		return err
	}
	t, err := time.Parse("2006-01-02", *s)
	d.Time = t
	return err
}

func pointsOn(values map[string]any, order ...string) []Point {
	var out []Point
	for _, d := range order {
		p := Point{T: Date{date(d)}, on: date(d)}
		switch v := values[d].(type) {
		case float64:
			p.V = &v
		case string:
			p.Reason = v
		}
		out = append(out, p)
	}
	return out
}

func TestLevels(t *testing.T) {
	days := []string{"2024-12-28", "2024-12-30", "2025-01-03", "2025-01-20", "2025-02-27"}
	points := pointsOn(map[string]any{
		"2024-12-28": 1.0, "2024-12-30": 2.0, "2025-01-03": "suspect", "2025-01-20": 4.0, "2025-02-27": "no result",
	}, days...)
	const none = "no observation in this "
	for _, test := range []struct {
		by   observation.Granularity
		q    query
		want string
	}{
		{by: observation.ByObservation, want: "2024-12-28=1 2024-12-30=2 2025-01-03:suspect 2025-01-20=4 2025-02-27:no result"},
		// 30 December 2024 is the Monday of the week that the 3rd of January lies in.
		{by: observation.ByWeek, q: query{To: date("2025-01-24")}, want: "2024-12-23=1 2024-12-30=2 2025-01-06:" + none + "week 2025-01-13:" + none + "week 2025-01-20=4"},
		{by: observation.ByMonth, want: "2024-12-01=2 2025-01-01=4 2025-02-01:no result"},
		{by: observation.ByYear, want: "2024-01-01=2 2025-01-01=4"},
		{by: observation.ByQuarter, want: "2024-10-01=2 2025-01-01=4"},
		{by: observation.ByMonth, q: query{From: date("2025-01-01"), To: date("2025-01-03")}, want: "2025-01-01:suspect"},
		{by: observation.ByObservation, q: query{From: date("2030-01-01")}, want: ""},
	} {
		test.q.By = test.by
		if got := written(levels(points, test.q)); got != test.want {
			t.Errorf("by %s:\n got %s\nwant %s", test.by, got, test.want)
		}
	}
}

func written(points []Point) string {
	var words []string
	for _, p := range points {
		if p.V != nil {
			words = append(words, p.T.String()+"="+number(p.V))
		} else {
			words = append(words, p.T.String()+":"+p.Reason)
		}
	}
	return strings.Join(words, " ")
}

// A value stands for 60 days; after that it is unknown, and no line may join it
// with the next.
func TestValueLapses(t *testing.T) {
	points := pointsOn(map[string]any{"2025-01-01": 1.0, "2025-03-02": 2.0, "2025-05-02": 3.0}, "2025-01-01", "2025-03-02", "2025-05-02")
	q := query{By: observation.ByObservation}
	want := "2025-01-01=1 2025-03-02=2 2025-05-02:no observation for more than 60 days 2025-05-02=3"
	if got := written(levels(points, q)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMarks(t *testing.T) {
	series := []Series{{Name: "a", Points: pointsOn(map[string]any{"2025-01-05": 1.0, "2025-01-12": "outage", "2025-01-19": 2.0, "2025-01-26": 3.0},
		"2025-01-05", "2025-01-12", "2025-01-19", "2025-01-26")}}
	at := func(start, end, scope string, kind observation.BreakKind, item string) observation.Break {
		b := observation.Break{Start: date(start), Scope: scope, Kind: kind, Item: item, What: scope + " " + item}
		if end != "" {
			b.End = date(end)
		}
		return b
	}
	ledger := []observation.Break{
		at("2024-12-01", "", "list", observation.BreakCut, "before the range"),
		at("2025-01-05", "", "list", observation.BreakCut, "on the first day"),
		at("2025-01-10", "", "list", observation.BreakCut, "x"),
		at("2025-01-10", "", "aggregate", observation.BreakCut, "x"),
		at("2025-01-12", "", "source", observation.BreakSuspect, "pypiscorecards"),
		at("2025-01-13", "", "check", observation.BreakCut, "License"),
		at("2025-01-14", "", "source", observation.BreakCut, "osv"),
		at("2025-01-20", "2025-01-22", "source", observation.BreakFrozen, "pypiscorecards"),
		at("2025-03-01", "", "list", observation.BreakCut, "after the range"),
	}
	for name, test := range map[string]struct {
		effect func(observation.Break) observation.BreakKind
		want   []string
	}{
		"coverage is cut by lists":           {onCoverage, []string{"cut list x", "frozen source pypiscorecards"}},
		"scores are cut by the aggregate":    {onScores, []string{"cut aggregate x", "flag list x", "frozen source pypiscorecards"}},
		"lists do not touch one project":     {onOneProject, []string{"cut aggregate x", "frozen source pypiscorecards"}},
		"advisories are flagged":             {onAdvisories(observation.CohortTop100), []string{"flag list x", "flag source osv"}},
		"lists do not touch the whole index": {onAdvisories(observation.CohortAll), []string{"flag source osv"}},
	} {
		var got []string
		for _, m := range marks(ledger, test.effect, series) {
			got = append(got, m.Kind+" "+m.What)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	// The row after a gap repeats the break, for readers who drop empty rows.
	c := Chart{Series: series, Breaks: marks(ledger, onCoverage, series)}
	for i, want := range []string{
		"", "gap: outage | cut 2025-01-10: list x", "cut 2025-01-10: list x", "frozen 2025-01-20 to 2025-01-22: source pypiscorecards",
	} {
		if got := c.breaksAt(&series[0], i); got != want {
			t.Errorf("row %d: break %q, want %q", i, got, want)
		}
	}
}

// TestBreakBetweenMonths: a break in the middle of a month is drawn before that
// month's last observation, and after the month before.
func TestBreakBetweenMonths(t *testing.T) {
	w := newWorld()
	q := defaults("/chart/coverage")
	q.By = observation.ByMonth
	c := buildDistribution(q, scoreInput{observations: w.observations, cohorts: w.cohorts, ledger: w.ledger})
	flags := flagsOf(&c)
	if len(flags) == 0 || !flags[0].Cut || !flags[0].At.Equal(date("2023-05-01")) || flags[0].Text != "8 May 2023: Two checks changed meaning." {
		t.Errorf("flags = %+v", flags)
	}
	s := c.series("p50")
	for i, p := range s.Points {
		if has := strings.Contains(c.breaksAt(s, i), "cut 2023-05-08"); has != p.T.Equal(date("2023-05-01")) {
			t.Errorf("%s: cut flagged: %v", p.T, has)
		}
	}
}

// TestSourceChange: a line does not change its source without a mark.
func TestSourceChange(t *testing.T) {
	w := newWorld()
	points := w.cohorts[observation.CohortTop1000]
	for i := range points {
		switch n := len(points) - i; {
		case n <= 2:
			points[i].Source = "api"
		case n <= 4:
			points[i].Source = "both"
		}
	}
	points[len(points)-6].Source = "api" // an outage in between changes nothing
	points[len(points)-6].Suspect = true
	c := buildCoverage(defaults("/chart/coverage"), scoreInput{observations: w.observations, cohorts: w.cohorts})
	var got []string
	for _, m := range c.Breaks {
		got = append(got, m.Kind+": "+m.What)
	}
	want := []string{"flag: values come from both sources, before from the pypi-scorecards archive", "flag: values come from api.scorecard.dev, before from both sources"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestEnds: the label of a line that ended long ago says when.
func TestEnds(t *testing.T) {
	c := Chart{Through: Date{date("2026-06-15")}}
	for on, want := range map[string]string{"2026-06-15": "8.3", "2026-05-01": "8.3", "2024-12-22": "8.3 in Dec 2024"} {
		if got := c.ends(&Point{on: date(on)}, "8.3"); got != want {
			t.Errorf("%s: %q, want %q", on, got, want)
		}
	}
}

// TestUnknownIsNotZero: nobody asked, nobody scored, and a list that is too short are gaps.
func TestUnknownIsNotZero(t *testing.T) {
	for name, test := range map[string]struct {
		point observation.CohortPoint
		want  string
	}{
		"asked and none scored": {observation.CohortPoint{Size: 100, Asked: 100, NoResult: 100}, "0"},
		"unknown weights":       {observation.CohortPoint{Size: 100, Unknown: "not known yet"}, "not known yet"},
		"nobody asked":          {observation.CohortPoint{Size: 100}, "a source was asked about 0 of 100 projects of the cohort"},
		"few asked":             {observation.CohortPoint{Size: 100, Asked: 49, Scored: 40, Coverage: 0.4}, "a source was asked about 49 of 100 projects of the cohort"},
		"suspect":               {observation.CohortPoint{Size: 100, Asked: 100, Coverage: 0.1, Suspect: true, Reason: "outage"}, "suspect observation, left out: outage"},
	} {
		test.point.Date = date("2025-01-01")
		p := cohortSeries{observation.CohortTop100, []observation.CohortPoint{test.point}}.on([]time.Time{date("2025-01-01")}, coverageOf)[0]
		if got := p.Reason + number(p.V); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	// A median of the few that were asked about is not that of the cohort either.
	few := observation.CohortPoint{Size: 100, Asked: 49, Scored: 40, N: 40, P50: ptr(5.0)}
	median := quantileOf(func(o observation.CohortPoint) *float64 { return o.P50 })
	if v, _, why := median(few); v != nil || why != "a source was asked about 49 of 100 projects of the cohort" {
		t.Errorf("median of few asked: %v, %q", v, why)
	}
	few.Asked = 50
	if v, n, why := median(few); v == nil || *v != 5 || n != 40 || why != "" {
		t.Errorf("median of enough asked: %v, %d, %q", v, n, why)
	}
	in := scoreInput{observations: newWorld().observations, cohorts: newWorld().cohorts}
	q := defaults("/chart/coverage")
	q.Cohort, q.To = observation.CohortTop15000, date("2023-01-31")
	c := buildCoverage(q, in)
	for _, p := range c.Series[0].Points {
		if p.V != nil || p.Reason != "no rank list of this date holds 15,000 projects" {
			t.Fatalf("%s: v %v, reason %q", p.T, p.V, p.Reason)
		}
	}
	if c.Title != "No coverage of the top 15,000 is known up to 31 Jan 2023" {
		t.Errorf("title %q", c.Title)
	}
}

// TestHeadingOfOldData: what is older than a value lasts is told as past.
func TestHeadingOfOldData(t *testing.T) {
	w := newWorld()
	q := defaults("/")
	in := scoreInput{observations: w.observations, ledger: w.ledger, cohorts: w.cohorts}
	b := &board{observations: w.observations, ledger: w.ledger, coverage: buildCoverage(q, in), scores: buildDistribution(q, in), failed: map[string]error{}}
	for at, want := range map[string]string{
		"2026-08-14": "738 of the 1,000 most downloaded Python projects have a Scorecard result. Their median core aggregate is 5.7 of 10.",
		"2026-08-15": "738 of the 1,000 most downloaded Python projects had a Scorecard result on 15 Jun 2026. Their median core aggregate was 5.7 of 10.",
	} {
		q.now = date(at)
		if got := heading(q, b); got != want {
			t.Errorf("on %s:\n got %s\nwant %s", at, got, want)
		}
	}
}

// TestTitlesOfOldData: the title of a figure agrees with the heading above it.
func TestTitlesOfOldData(t *testing.T) {
	w := newWorld()
	in := scoreInput{observations: w.observations, ledger: w.ledger, cohorts: w.cohorts}
	q := defaults("/chart/" + slugCoverage)
	for at, want := range map[string][2]string{
		"2026-08-14": {"Scorecard has a result for 738 of the 1,000 most downloaded projects", "Half of the scored top 1,000 lie between 4.2 and 6.4 of 10; the median is 5.7"},
		"2026-08-15": {"Scorecard had a result for 738 of the 1,000 most downloaded projects on 15 Jun 2026", "Half of the scored top 1,000 lay between 4.2 and 6.4 of 10 on 15 Jun 2026; the median was 5.7"},
	} {
		q.now = date(at)
		if got := [2]string{buildCoverage(q, in).Title, buildDistribution(q, in).Title}; got != want {
			t.Errorf("on %s:\n got %q\nwant %q", at, got, want)
		}
	}
}

// TestRatesOfOneDate: a check whose last value is older than that of the others
// is not counted at their date.
func TestRatesOfOneDate(t *testing.T) {
	point := func(on string, v float64) []Point {
		return []Point{{T: Date{date("2026-01-01")}, on: date(on), V: &v}}
	}
	c := Chart{Through: Date{date("2026-06-15")}, Series: []Series{
		{Name: "Maintained", Points: point("2026-03-29", 55)}, {Name: "SAST", Points: point("2026-03-29", 13)}, {Name: "Vulnerabilities", Points: point("2026-03-01", 84)},
	}}
	if got, want := checkRatesTitle(&c, defaults("/chart/"+slugCheckRates)), "On 1 of 2 checks, half or more of the conclusive projects of the top 1,000 scored 8 or above on 29 Mar 2026"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// TestMovedUpToItsDate: a change stands beside the value on whose date it ends,
// and beside none of another date; a weighted value says that it is not weighted.
func TestMovedUpToItsDate(t *testing.T) {
	w := newWorld()
	in := scoreInput{observations: w.observations, ledger: w.ledger, cohorts: w.cohorts}
	for name, test := range map[string]struct {
		to            string
		weighting     observation.Weighting
		heading, card string
	}{
		"newest":   {"", observation.WeightPackage, "; the 730 projects scored on both dates moved by +0.01 on average from 5 Jun 2026 to 15 Jun 2026.", "+0.01 matched mean since 5 Jun 2026"},
		"download": {"", observation.WeightDownload, "; the 730 projects scored on both dates moved by +0.01 on average from 5 Jun 2026 to 15 Jun 2026, one vote a project.", "+0.01 matched mean since 5 Jun 2026, one vote a project"},
		"past":     {"2023-09-30", observation.WeightPackage, " of 10.", "29 Sep 2023"},
	} {
		q := defaults("/")
		q.Weighting = test.weighting
		if test.to != "" {
			q.To = date(test.to)
		}
		b := &board{observations: w.observations, ledger: w.ledger, coverage: buildCoverage(q, in), scores: buildDistribution(q, in), changes: w.changes, failed: map[string]error{}}
		b.scores.query = q
		if got := heading(q, b); !strings.HasSuffix(got, test.heading) || strings.Contains(got, "moved by") != (test.to == "") {
			t.Errorf("%s: %s", name, got)
		}
		if got := medianKey(b).Change; got != test.card {
			t.Errorf("%s: %q, want %q", name, got, test.card)
		}
	}
}

// TestChangedOutsideTheRange: what changed is of the newest data, and a page of an
// older range says so.
func TestChangedOutsideTheRange(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]bool{"/": false, "/?to=2023-09": true, "/?from=2026-06-16": true, "/?from=2024-01": false} {
		if got := strings.Contains(bodyText(t, s.get(t, path).Body.String()), "of the newest data, not of the range that is chosen"); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// TestAdvisoryMonths: a month without any is zero, one before the list is a gap,
// and one after the end of the data is not there.
func TestAdvisoryMonths(t *testing.T) {
	w := newWorld()
	q := defaults("/chart/" + slugAdvisories)
	q.From = date("2022-05-01")
	c := buildAdvisories(q, advisoryInput{observations: w.observations, listFrom: firstList(w.cohorts[q.Cohort]), counts: w.advisories[q.Cohort]})
	got := map[string]string{}
	for _, p := range c.series("high").Points {
		got[p.T.String()] = number(p.V) + p.Reason
	}
	for month, want := range map[string]string{
		"2022-05-01": "before the first rank list that holds 1,000 projects", "2022-07-01": "7", "2023-02-01": "0", "2026-07-01": "7", "2026-08-01": "",
	} {
		if got[month] != want {
			t.Errorf("%s: %q, want %q", month, got[month], want)
		}
	}
	if c.series("none") != nil {
		t.Error("a severity that never occurs has a series")
	}
	if c.Apart["malware"] != 9207 || c.Apart["year only"] != 29 {
		t.Errorf("apart = %v", c.Apart)
	}
}

// TestTitles: every title is a sentence that is true of its data.
func TestTitles(t *testing.T) {
	w := newWorld()
	w.advisories[observation.CohortTop1000] = w.advisories[observation.CohortAll]
	r := &request{reader: w, query: query{now: now}}
	for _, test := range []struct{ slug, raw, want string }{
		{slugCoverage, "", "Scorecard has a result for 738 of the 1,000 most downloaded projects"},
		{slugCoverage, "weighting=download", "Projects with a Scorecard result carry 73.8\u00a0% of the downloads of the top 1,000"},
		{slugCoverage, "to=2024", "Scorecard had a result for 750 of the 1,000 most downloaded projects on 27 Dec 2024"},
		{slugCoverage, "from=2030", "No coverage of the top 1,000 is known from 1 Jan 2030 on"},
		{slugDistribution, "", "Half of the scored top 1,000 lie between 4.2 and 6.4 of 10; the median is 5.7"},
		{slugDistribution, "weighting=download&to=2023-01", "By downloads, half of the scored top 1,000 lay between 4.6 and 6.8 of 10 on 27 Jan 2023; the median was 5.6"},
		{slugAdvisories, "cohort=all", "150 advisories dated to the day in all of PyPI, disclosed in the 12 months to Jun 2026"},
		{slugAdvisories, "from=2026-07", "13 advisories dated to the day so far in Jul 2026, in the top 1,000"},
		{slugAdvisories, "from=2026-06", "12 advisories dated to the day in the top 1,000, disclosed in Jun 2026"},
		{slugAdvisories, "by=year", "150 advisories dated to the day in the top 1,000, disclosed in 2025"},
		{slugAdvisories, "to=2020", "No month of advisories in the top 1,000 is known up to 31 Dec 2020"},
		{slugProjectScore, "project=urllib3", "The core aggregate of urllib3 was 8.4 on 12 May 2023, after the break of 8 May 2023, and is 8.4 on 15 Jun 2026"},
		{slugProjectScore, "project=urllib3&to=2023-05-01", "The core aggregate of urllib3 was 9.3 on 29 Jul 2022 and was 9.3 on 28 Apr 2023"},
		{slugProjectScore, "project=urllib3&to=2022-07", "The core aggregate of urllib3 was 9.3 on 29 Jul 2022"},
		{slugProjectScore, "project=urllib3&to=2020", "No Scorecard result of urllib3 is known up to 31 Dec 2020"},
	} {
		q, err := parseQuery("/chart/"+test.slug, test.raw)
		if err != nil {
			t.Fatal(err)
		}
		c, err := r.chart(t.Context(), test.slug, q)
		if err != nil {
			t.Fatal(err)
		}
		if c.Title != test.want {
			t.Errorf("%s?%s:\n got %s\nwant %s", test.slug, test.raw, c.Title, test.want)
		}
	}
}

// TestAcrossABreak: no change is stated between observations with a cut between them.
func TestAcrossABreak(t *testing.T) {
	s := newSite(t)
	s.world.ledger = append(s.world.ledger,
		observation.Break{Start: date("2026-06-10"), Scope: "aggregate", Kind: observation.BreakCut, What: "Everything moved."},
		observation.Break{Start: date("2026-06-10"), Scope: "check", Item: "Maintained", Kind: observation.BreakCut, What: "Maintained moved."})
	body := s.get(t, "/").Body.String()
	if strings.Contains(body, "0.01") {
		t.Error("the mean change is stated across a break")
	}
	for _, want := range []string{"The core aggregate: a break lies between 5 Jun 2026 and 15 Jun 2026 (10 Jun 2026, Everything moved.)", "not compared: a break lies after 5 Jun 2026",
		"Not compared, because their meaning changed in between: Maintained.", "Token-Permissions (3 rose"} {
		if !says(body, want) {
			t.Errorf("lacks %q", want)
		}
	}
}

// TestSmallCohort: without a wish the overview shows the largest of two cohorts
// that has a value, and says so.
func TestSmallCohort(t *testing.T) {
	s := newSite(t)
	for _, c := range observation.RankCohorts()[1:] {
		s.world.cohorts[c] = nil
	}
	body := s.get(t, "/").Body.String()
	if !says(body, "Shown is the top 100, the largest of top 1,000 and top 100 that has a value.") || !strings.Contains(body, `/chart/coverage.csv?cohort=top100`) {
		t.Error("the fallback is not said or not linked")
	}
	if body := s.get(t, "/?cohort=top1000").Body.String(); says(body, "Shown is the top 100") {
		t.Error("a cohort that was asked for was replaced")
	}
}

func TestStamp(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct {
		through   time.Time
		collector string
		want      string
	}{
		{now.Add(-13 * 24 * time.Hour), "pypiscorecards", ""},
		{now.Add(-15 * 24 * time.Hour), "pypiscorecards", "15 days old"},
		{now.Add(-47 * time.Hour), "osv", ""},
		{now.Add(-50 * time.Hour), "osv", "2 days old"},
		{time.Time{}, "osv", ""},
		{now.AddDate(-1, 0, 0), "nobody", ""},
	} {
		if got := s.stamp(test.through, now, test.collector); got != test.want {
			t.Errorf("%s of %s: %q, want %q", test.through, test.collector, got, test.want)
		}
	}
}

func TestQueryLinks(t *testing.T) {
	for _, test := range []struct{ route, raw, want string }{
		{"/", "", "/"},
		{"/", "cohort=top1000&weighting=package&by=observation", "/"},
		{"/", "cohort=top100&from=2024&to=2025-02", "/?cohort=top100&from=2024-01-01&to=2025-02-28"},
		{"/chart/advisories-by-month", "by=month", "/"},
		{"/chart/advisories-by-month", "by=year&cohort=all", "/?by=year&cohort=all"},
		{"/projects", "q=a+b%26c&sort=name&page=3", "/?page=3&q=a+b%26c&sort=name"},
	} {
		q, err := parseQuery(test.route, test.raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.link("/", test.route); got != test.want {
			t.Errorf("%s?%s: link %q, want %q", test.route, test.raw, got, test.want)
		}
	}
}

// everyRoute lists all routes that take parameters.
func everyRoute() []string {
	routes := slices.Sorted(maps.Keys(pages))
	for _, k := range chartKinds {
		routes = append(routes, k.route())
	}
	return routes
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"", "cohort=top100&from=2024", "from=2024-02-29&to=2024-02", "by=week&by=month", "%zz", "a;b", "q=%00", "page=99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, route := range everyRoute() {
			q, err := parseQuery(route, raw)
			if err != nil {
				if f := asFailure(err); f.Status != 400 || f.Lead == "" || f.How == "" || len(f.Lead) > 400 {
					t.Fatalf("%s?%q: %+v", route, raw, f)
				}
				continue
			}
			again, err := parseQuery(route, strings.TrimPrefix(q.link("", route), "?"))
			if err != nil || again.link("", route) != q.link("", route) {
				t.Fatalf("%s?%q: the link %q of its query does not lead back: %v", route, raw, q.link("", route), err)
			}
		}
	})
}

// TestSameProjects holds that a cohort by rank leads to the projects of the list
// that it began with, and a frozen one nowhere.
func TestSameProjects(t *testing.T) {
	on := date("2025-07-08")
	points := []observation.CohortPoint{{Date: date("2025-07-01"), ListOn: date("2025-06-01")}, {Date: on, ListOn: date("2025-07-05")}}
	for _, test := range []struct{ raw, want string }{
		{"cohort=top100&from=2025", "/chart/coverage?cohort=panel%3D2025-07%3Atop100&from=2025-01-01"},
		{"cohort=panel=2024-07:top100", ""},
	} {
		q, err := parseQuery("/chart/coverage", test.raw)
		if err != nil {
			t.Fatal(err)
		}
		if link, ok := sameProjects(q, points, on); link.Href != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q", test.raw, link.Href)
		}
	}
	if link, ok := sameProjects(defaults("/chart/coverage"), points, on.AddDate(0, 0, 1)); ok {
		t.Errorf("a day without an observation leads to %q", link.Href)
	}
}
