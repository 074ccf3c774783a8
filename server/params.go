package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// pages says which parameters each page and file answers to, and what they may
// be: the whole list, in one place; those of a chart are in chartKinds. Pages and
// .svg also take theme. Any other parameter is a 400, so that a misspelt one is
// never silently ignored.
var pages = map[string]accepts{
	"/":               {params: []string{"cohort", "weighting", "from", "to", "by"}, by: everyPeriod},
	"/adoption":       {params: []string{"cohort", "of", "from", "to", "page"}},
	"/advisories":     {params: advisoryFilters, cohorts: ranked | allOfPyPI, cohort: observation.CohortAll, sorts: advisorySorts},
	"/advisories.csv": {params: advisoryFilters, cohorts: ranked | allOfPyPI, cohort: observation.CohortAll, sorts: advisorySorts},
	"/advisories/:id": {},
	"/changes":        {params: changeFilters},
	"/changes.csv":    {params: changeFilters},
	"/checks":         {params: []string{"cohort", "weighting", "from", "to", "by", "sort"}, by: periodsOfRates, sorts: checkSorts},
	"/checks/:name":   {params: []string{"cohort", "weighting", "from", "to", "by", "below", "kind", "page"}, by: everyPeriod},
	"/compare":        {params: []string{"p", "from", "to", "by"}, by: everyPeriod},
	"/cpython":        {params: []string{"page"}},
	"/data":           {},
	"/data/:file":     {},
	"/malware":        {params: []string{"q", "from", "to", "page"}},
	"/malware.csv":    {params: []string{"q", "from", "to"}},
	"/methods":        {},
	"/p/:name":        {params: []string{"from", "to", "by"}, by: everyPeriod},
	"/projects":       {params: projectFilters, sorts: projectSorts, cohorts: ranked | allOfPyPI, cohort: observation.CohortAll},
	"/projects.csv":   {params: projectFilters, sorts: projectSorts, cohorts: ranked | allOfPyPI, cohort: observation.CohortAll},
	"/readyz":         {},
	"/releases":       {params: []string{"cohort", "from", "to", "page"}},
	"/search":         {params: []string{"q"}},
	"/sitemap.xml":    {},
	"/status":         {},
	"/threats":        {params: []string{"cohort"}},

	"/api/v1/projects/:name": {},
	"/api/v1/search":         {params: []string{"q"}},
	"/api/v1/status":         {},
}

// The filters and orders of the lists; the page is not one of a file's.
var (
	changeFilters   = []string{"cohort", "since", "kind", "cause", "project", "page"}
	projectFilters  = []string{"q", "cohort", "state", "min", "max", "check", "below", "affected", "kev", "attested", "status", "sort", "page"}
	projectSorts    = []string{"rank", "name", "aggregate", "advisories", "release"}
	advisoryFilters = []string{"q", "severity", "fixed", "kev", "epss", "withdrawn", "affected", "project", "cohort", "from", "to", "sort", "page"}
	advisorySorts   = []string{"disclosed", "modified", "severity", "epss", "rank"}
)

// periodsOfMonths are the periods of what is told by month.
var periodsOfMonths = []observation.Granularity{observation.ByMonth, observation.ByYear}

// chartPrefix begins the route of every chart.
const chartPrefix = "/chart/"

// acceptsOf returns what a route answers to.
func acceptsOf(route string) accepts {
	if slug, ok := strings.CutPrefix(route, chartPrefix); ok {
		if k := kindOf(slug); k != nil {
			return k.accepts
		}
	}
	return pages[route]
}

// Defaults of the parameters that have one. A default is never written into a link.
const (
	defaultCohort    = observation.CohortTop1000
	defaultWeighting = observation.WeightPackage
	defaultOf        = "projects"
	defaultBelow     = 8 // "8 or above" is where a check is told apart
)

// Bounds of what may be asked.
const (
	maxQueryText = 100  // bytes of q and project
	maxPage      = 2000 // of a list
	maxCompared  = 6    // projects side by side
	firstYear    = 2000 // PyPI is younger
	lastYear     = 2100
)

// query is what the parameters of a request say, with the defaults filled in.
type query struct {
	Cohort    observation.Cohort
	Weighting observation.Weighting
	From, To  time.Time // days, both included; zero is open
	By        observation.Granularity
	Project   string   // as written
	P         []string // projects to compare, as written
	Q         string   // as written, without space at its ends
	Sort      string
	Page      int       // 1 is the first
	Of        string    // what is counted on /adoption
	Since     time.Time // day, zero for the page's own
	Kind      string    // one kind of a list, "" for all; the page knows which there are
	Cause     string    // of changes, "" for the page's own
	Severity  string    // "" for all
	Fixed     string    // yes, no or ""
	KEV       bool      // known exploited only
	EPSS      *float64  // this probability or above, 0 to 1
	Withdrawn bool      // withdrawn ones too
	Affected  bool      // latest release in affected range only
	Check     string    // in Scorecard's spelling
	Below     int       // below this score of the check
	Min, Max  *float64  // of the aggregate, both included
	State     string    // of the Scorecard value
	Attested  string    // class of attestation
	Status    string    // of PyPI
	Theme     string    // "" not asked for; auto, light or dark

	given map[string]bool // parameters that are present and not empty
	now   time.Time       // of the request; what is too old by then is told as past
}

// defaults returns the query of a request without parameters.
func defaults(route string) query {
	a := acceptsOf(route)
	return query{
		Cohort: a.defaultCohort(), Weighting: defaultWeighting, By: a.defaultBy(), Sort: a.defaultSort(),
		Page: 1, Of: defaultOf, Below: defaultBelow, given: map[string]bool{},
	}
}

// parseQuery reads the raw query string of a request to a route. An empty value
// is an absent one, because that is what an untouched form field sends. The error
// is one sentence for the person who wrote the URL.
func parseQuery(route, raw string, extra ...string) (query, error) {
	a := acceptsOf(route)
	allowed := append(slices.Clone(a.params), extra...)
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
			return q, correct(badRequest(allowedSentence(allowed), "There is no parameter %s here.", quote(name)), a, allowed, values, name)
		}
		if n := len(values[name]); n > 1 && name != "p" {
			return q, correct(badRequest("Give it once.", "The parameter %s is given %d times.", name, n), a, allowed, values, name)
		}
		for _, value := range values[name] {
			value = strings.TrimSpace(value)
			if value == "" {
				continue
			}
			if err := q.set(a, name, value); err != nil {
				return q, correct(err, a, allowed, values, name)
			}
			q.given[name] = true
		}
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.From.After(q.To) {
		values["from"], values["to"] = values["to"], values["from"]
		return q, &failure{
			Status: http.StatusBadRequest, How: "Use a from that is not after to.", Links: []part.Link{{Text: "The other way round", Href: "?" + values.Encode()}},
			Lead: fmt.Sprintf("The range ends before it begins: from=%s is later than to=%s.", isoDay(q.From), isoDay(q.To)),
		}
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
func (q *query) set(a accepts, name, value string) error {
	bad := func(what, how string) error {
		return badRequest(how, "%s=%s is not %s.", name, quote(value), what)
	}
	oneOf := func(to *string, what string, words []string) error {
		if !slices.Contains(words, value) {
			return bad(what, "Use "+join(words, "or")+".")
		}
		*to = value
		return nil
	}
	yes := func(to *bool) error {
		if value != "yes" {
			return bad("possible", "Use yes, or leave it out.")
		}
		*to = true
		return nil
	}
	number := func(to **float64, most float64) error {
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || !(v >= 0 && v <= most) {
			return bad(fmt.Sprintf("a number between 0 and %v", most), fmt.Sprintf("Use a number from 0 to %v.", most))
		}
		*to = &v
		return nil
	}
	whole := func(to *int, what string, most int) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > most {
			return bad(what, "Use a number from 1 to "+format.Count(most)+".")
		}
		*to = n
		return nil
	}
	switch name {
	case "cohort":
		return q.setCohort(a, value)
	case "weighting":
		q.Weighting = observation.Weighting(value)
		if !slices.Contains(observation.Weightings(), q.Weighting) {
			return bad("a weighting", "Use package, download or repository.")
		}
	case "from", "to", "since":
		first, last, ok := parseDate(value)
		switch {
		case !ok:
			return bad(fmt.Sprintf("a date between %d and %d", firstYear, lastYear), "Use YYYY, YYYY-MM or YYYY-MM-DD.")
		case name == "from":
			q.From = first
		case name == "to":
			q.To = last
		default:
			q.Since = first
		}
	case "by":
		q.By = observation.Granularity(value)
		if !slices.Contains(a.by, q.By) {
			return bad("a period of what is shown here", "Use "+join(a.by, "or")+".")
		}
	case "q", "project", "p":
		if len(value) > maxQueryText {
			return badRequest("No name is that long.", "%s is longer than %d bytes.", name, maxQueryText)
		}
		switch name {
		case "q":
			q.Q = value
		case "project":
			q.Project = value
		default:
			if len(q.P) == maxCompared {
				return badRequest("Leave some out.", "At most %d projects are compared.", maxCompared)
			}
			q.P = append(q.P, value)
		}
	case "sort":
		return oneOf(&q.Sort, "an order", a.sorts)
	case "page":
		return whole(&q.Page, "a page", maxPage)
	case "below":
		return whole(&q.Below, "a score", 10)
	case "of":
		return oneOf(&q.Of, "what is counted", countables)
	case "cause":
		return oneOf(&q.Cause, "a cause", words(observation.Causes()))
	case "severity":
		return oneOf(&q.Severity, "a severity", severities)
	case "fixed":
		return oneOf(&q.Fixed, "possible", []string{"yes", "no"})
	case "kev":
		return yes(&q.KEV)
	case "withdrawn":
		return yes(&q.Withdrawn)
	case "affected":
		return yes(&q.Affected)
	case "epss":
		return number(&q.EPSS, 1)
	case "min":
		return number(&q.Min, 10)
	case "max":
		return number(&q.Max, 10)
	case "check":
		i := slices.IndexFunc(posture.Known(), func(name string) bool { return strings.EqualFold(name, value) })
		if i < 0 {
			return bad("a check of Scorecard", "The checks are listed on /checks.")
		}
		q.Check = posture.Known()[i]
	case "state":
		return oneOf(&q.State, "a state", scoreStates)
	case "attested":
		return oneOf(&q.Attested, "a class of attestation", words(observation.AttestationClasses()))
	case "status":
		return oneOf(&q.Status, "a status", projectStatuses)
	case "kind":
		if len(value) > maxQueryText {
			return badRequest("The page lists the kinds.", "kind is longer than %d bytes.", maxQueryText)
		}
		q.Kind = value
	case "theme":
		return oneOf(&q.Theme, "a theme", []string{themeAuto, themeLight, themeDark})
	}
	return nil
}

// scoreStates are the states of a Scorecard value, as a parameter has them.
var scoreStates = words(append(observation.ScoreStates(), observation.ScoreAbsent))

// projectStatuses are those of PEP 792, and our own of a project that is gone.
var projectStatuses = []string{"active", "archived", "deprecated", "quarantined", observation.StatusRemoved}

// countables are what adoption may be counted by, the default first.
var countables = []string{defaultOf, "files", "downloads"}

// words writes a closed set as text.
func words[T ~string](set []T) []string {
	out := make([]string, len(set))
	for i, v := range set {
		out[i] = string(v)
	}
	return out
}

// setCohort parses a cohort.
func (q *query) setCohort(a accepts, value string) error {
	c := observation.Cohort(value)
	_, isPanel := c.Panel()
	_, isOrganization := c.Organization()
	use := "Use " + join(a.cohortOptions(), "or") + "."
	switch {
	case a.takesCohort(c):
		q.Cohort = c
		return nil
	case isPanel || isOrganization:
		return badRequest("Use it with /chart/"+slugCoverage+" or /chart/"+slugDistribution+".", "cohort=%s is not answered here.", quote(value))
	case c == observation.CohortAll:
		return badRequest(use, "cohort=all exists for advisories and projects only: Scorecard is not asked about every project.")
	case a.cohorts&frozen != 0 && strings.Contains(value, "="):
		use = "Write panel=YYYY-MM, panel=YYYY-MM:top1000 or org=NAME."
	}
	return badRequest(use, "cohort=%s is not a cohort.", quote(value))
}

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

// link writes the address of a path with those parameters of q, as its route
// takes them, that differ from its defaults. The path is already escaped.
func (q query) link(path, route string) string {
	q = q.as(route)
	a := acceptsOf(route)
	values := url.Values{}
	for _, name := range a.params {
		if name == "p" {
			values["p"] = q.P
		} else if v := q.value(name, a); v != "" {
			values.Set(name, v)
		}
	}
	if encoded := values.Encode(); encoded != "" {
		return path + "?" + encoded
	}
	return path
}

// value returns a parameter as it is written in a link, "" for its default on a
// route.
func (q query) value(name string, a accepts) string {
	switch name {
	case "cohort":
		return unless(string(q.Cohort), string(a.defaultCohort()))
	case "weighting":
		return unless(string(q.Weighting), string(defaultWeighting))
	case "from":
		return isoDay(q.From)
	case "to":
		return isoDay(q.To)
	case "since":
		return isoDay(q.Since)
	case "by":
		return unless(string(q.By), string(a.defaultBy()))
	case "project":
		return q.Project
	case "q":
		return q.Q
	case "sort":
		return unless(q.Sort, a.defaultSort())
	case "page":
		return unless(strconv.Itoa(q.Page), "1")
	case "below":
		return unless(strconv.Itoa(q.Below), strconv.Itoa(defaultBelow))
	case "of":
		return unless(q.Of, defaultOf)
	case "kind":
		return q.Kind
	case "cause":
		return q.Cause
	case "severity":
		return q.Severity
	case "fixed":
		return q.Fixed
	case "check":
		return q.Check
	case "state":
		return q.State
	case "attested":
		return q.Attested
	case "status":
		return q.Status
	case "kev":
		return yesWord(q.KEV)
	case "withdrawn":
		return yesWord(q.Withdrawn)
	case "affected":
		return yesWord(q.Affected)
	case "epss":
		return numberWord(q.EPSS)
	case "min":
		return numberWord(q.Min)
	case "max":
		return numberWord(q.Max)
	}
	return ""
}

func yesWord(v bool) string {
	if v {
		return "yes"
	}
	return ""
}

func numberWord(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func unless(v, def string) string {
	if v == def {
		return ""
	}
	return v
}

// as returns q as another route takes it: a cohort or a period that the route
// does not know is its default there.
func (q query) as(route string) query {
	a := acceptsOf(route)
	if !a.takesCohort(q.Cohort) {
		q.Cohort = a.defaultCohort()
	}
	if !slices.Contains(a.by, q.By) {
		q.By = a.defaultBy()
	}
	if !slices.Contains(a.sorts, q.Sort) {
		q.Sort = a.defaultSort()
	}
	if !a.takes("weighting") {
		q.Weighting = defaultWeighting
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
