package server

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// takes says which parameters each route answers to: the whole list, in one
// place. The parameters of a chart are those of its slug; pages and .svg also
// take theme. Any other parameter is a 400, so that a misspelt one is never
// silently ignored.
var takes = map[string][]string{
	"/":           {"cohort", "weighting", "from", "to", "by"},
	"/projects":   {"q", "sort", "page"},
	"/p/:name":    {"from", "to", "by"},
	"/search":     {"q"},
	"/readyz":     {},
	"/status":     {},
	"/methods":    {},
	"/data":       {},
	"/data/:file": {},

	"/chart/score-distribution":  {"cohort", "weighting", "from", "to", "by"},
	"/chart/coverage":            {"cohort", "weighting", "from", "to", "by"},
	"/chart/advisories-by-month": {"cohort", "from", "to", "by"},
	"/chart/project-score":       {"project", "from", "to", "by"},

	"/api/v1/projects/:name": {},
	"/api/v1/search":         {"q"},
}

// Defaults of the parameters that have one. A default is never written into a link.
const (
	defaultCohort    = observation.CohortTop1000
	defaultWeighting = observation.WeightPackage
	defaultSort      = "rank"
)

// Bounds of what may be asked.
const (
	maxQueryText = 100  // bytes of q and project
	maxPage      = 2000 // of /projects
	firstYear    = 2000 // PyPI is younger
	lastYear     = 2100
)

// query is what the parameters of a request say, with the defaults filled in.
type query struct {
	Cohort    observation.Cohort
	Weighting observation.Weighting
	From, To  time.Time // days, both included; zero is open
	By        observation.Granularity
	Project   string // as written
	Q         string // as written, without space at its ends
	Sort      string
	Page      int    // 1 is the first
	Theme     string // "" not asked for; auto, light or dark

	fallback observation.Granularity // the default of By on this route
	given    map[string]bool         // parameters that are present and not empty
}

// defaults returns the query of a request without parameters. Charts of event
// counts are by month, all others by observation.
func defaults(route string) query {
	q := query{
		Cohort: defaultCohort, Weighting: defaultWeighting, Sort: defaultSort, Page: 1,
		By: observation.ByObservation, fallback: observation.ByObservation, given: map[string]bool{},
	}
	if route == "/chart/"+slugAdvisories {
		q.By, q.fallback = observation.ByMonth, observation.ByMonth
	}
	return q
}

// parseQuery reads the raw query string of a request to a route of takes. An
// empty value is an absent one, because that is what an untouched form field
// sends. The error is one sentence for the person who wrote the URL.
func parseQuery(route, raw string, extra ...string) (query, error) {
	allowed := append(slices.Clone(takes[route]), extra...)
	q := defaults(route)
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, badRequest("A percent sign must be followed by two hexadecimal digits, and pairs are separated by &.", "The query string cannot be read.")
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names) // so that the same URL always gets the same sentence
	for _, name := range names {
		if !slices.Contains(allowed, name) {
			return q, badRequest(allowedSentence(allowed), "There is no parameter %s here.", quote(name))
		}
		if len(values[name]) > 1 {
			return q, badRequest("Give it once.", "The parameter %s is given %d times.", name, len(values[name]))
		}
		value := strings.TrimSpace(values[name][0])
		if value == "" {
			continue
		}
		if err := q.set(route, name, value); err != nil {
			return q, err
		}
		q.given[name] = true
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.From.After(q.To) {
		return q, badRequest("Use a from that is not after to.", "The range ends before it begins: from=%s is later than to=%s.", isoDay(q.From), isoDay(q.To))
	}
	return q, nil
}

func allowedSentence(allowed []string) string {
	if len(allowed) == 0 {
		return "This address takes no parameters."
	}
	return "This address takes " + join(allowed, "and") + "."
}

// set parses one parameter.
func (q *query) set(route, name, value string) error {
	bad := func(what, how string) error {
		return badRequest(how, "%s=%s is not %s.", name, quote(value), what)
	}
	switch name {
	case "cohort":
		c := observation.Cohort(value)
		_, isPanel := c.Panel()
		_, isOrganization := c.Organization()
		switch {
		case (isPanel || isOrganization) && frozen(route):
		case isPanel || isOrganization:
			return badRequest("Use it with /chart/"+slugCoverage+" or /chart/"+slugDistribution+".", "cohort=%s is not answered here.", quote(value))
		case frozen(route) && strings.Contains(value, "="):
			return bad("a cohort", "Write panel=YYYY-MM, panel=YYYY-MM:top1000 or org=NAME.")
		case c == observation.CohortAll && route == "/chart/"+slugAdvisories:
		case c == observation.CohortAll:
			return badRequest("Use top100, top1000, top5000 or top15000.", "cohort=all exists for advisories only: Scorecard is not asked about every project.")
		case c.Size() == 0 && route == "/chart/"+slugAdvisories:
			return bad("a cohort", "Use top100, top1000, top5000, top15000 or all.")
		case c.Size() == 0:
			return bad("a cohort", "Use top100, top1000, top5000 or top15000.")
		}
		q.Cohort = c
	case "weighting":
		q.Weighting = observation.Weighting(value)
		if !slices.Contains(observation.Weightings(), q.Weighting) {
			return bad("a weighting", "Use package, download or repository.")
		}
	case "from", "to":
		first, last, ok := parseDate(value)
		if !ok {
			return bad(fmt.Sprintf("a date between %d and %d", firstYear, lastYear), "Use YYYY, YYYY-MM or YYYY-MM-DD.")
		}
		if name == "from" {
			q.From = first
		} else {
			q.To = last
		}
	case "by":
		q.By = observation.Granularity(value)
		switch q.By {
		case observation.ByMonth, observation.ByYear:
		case observation.ByObservation, observation.ByWeek:
			if route == "/chart/"+slugAdvisories {
				return bad("possible here: advisories are counted by month", "Use month or year.")
			}
		default:
			if route == "/chart/"+slugAdvisories {
				return bad("a period", "Use month or year.")
			}
			return bad("a period", "Use observation, week, month or year.")
		}
	case "q", "project":
		if len(value) > maxQueryText {
			return badRequest("No project name is that long.", "%s is longer than %d bytes.", name, maxQueryText)
		}
		if name == "q" {
			q.Q = value
		} else {
			q.Project = value
		}
	case "sort":
		if !slices.Contains(sorts, value) {
			return bad("an order", "Use "+join(sorts, "or")+".")
		}
		q.Sort = value
	case "page":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxPage {
			return bad("a page", "Use a number from 1 to "+format.Count(maxPage)+".")
		}
		q.Page = n
	case "theme":
		if value != themeAuto && value != themeLight && value != themeDark {
			return bad("a theme", "Use auto, light or dark.")
		}
		q.Theme = value
	}
	return nil
}

// frozen reports whether a route answers for panels and organizations too, whose
// projects are the same at all dates.
func frozen(route string) bool {
	return route == "/chart/"+slugCoverage || route == "/chart/"+slugDistribution
}

// sorts lists the orders of /projects; the first is the default.
var sorts = []string{"rank", "name", "aggregate", "advisories", "release"}

// parseDate reads YYYY, YYYY-MM or YYYY-MM-DD and returns the first and the
// last day that it covers.
func parseDate(s string) (first, last time.Time, ok bool) {
	for _, f := range []struct {
		layout              string
		years, months, days int
	}{
		{"2006-01-02", 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0},
	} {
		first, err := time.Parse(f.layout, s)
		if err == nil && first.Year() >= firstYear && first.Year() <= lastYear {
			return first, first.AddDate(f.years, f.months, f.days).AddDate(0, 0, -1), true
		}
	}
	return time.Time{}, time.Time{}, false
}

// link writes the address of a path with those parameters of q that the route
// takes and that differ from their default. The path is already escaped.
func (q query) link(path, route string) string {
	values := url.Values{}
	for _, name := range takes[route] {
		if v := q.value(name); v != "" {
			values.Set(name, v)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// value returns a parameter as it is written in a link, "" for its default.
func (q query) value(name string) string {
	switch name {
	case "cohort":
		return unless(string(q.Cohort), string(defaultCohort))
	case "weighting":
		return unless(string(q.Weighting), string(defaultWeighting))
	case "from":
		return isoDay(q.From)
	case "to":
		return isoDay(q.To)
	case "by":
		return unless(string(q.By), string(q.fallback))
	case "project":
		return q.Project
	case "q":
		return q.Q
	case "sort":
		return unless(q.Sort, defaultSort)
	case "page":
		return unless(strconv.Itoa(q.Page), "1")
	}
	return ""
}

func unless(v, def string) string {
	if v == def {
		return ""
	}
	return v
}

// forChart returns q as the chart of a slug takes it: a cohort, range and
// period chosen for a page, without what that chart does not know. Charts by
// month take the nearest period that they have.
func (q query) forChart(slug string) query {
	d := defaults("/chart/" + slug)
	q.fallback = d.fallback
	if slug == slugAdvisories && (q.By == observation.ByObservation || q.By == observation.ByWeek) {
		q.By = observation.ByMonth
	}
	return q
}

// has reports whether day lies in the range of q.
func (q query) has(day time.Time) bool {
	return (q.From.IsZero() || !day.Before(q.From)) && (q.To.IsZero() || !day.After(q.To))
}

// quote shows a piece of somebody's URL in a sentence: short, on one line, and
// in quotation marks unless it is a plain word.
func quote(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	plain := strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}) < 0
	if plain && s != "" {
		return s
	}
	return strconv.Quote(s)
}
