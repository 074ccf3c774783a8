package server

import (
	"net/url"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// isoDay writes a day as in files and links, "" for the zero time.
func isoDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02")
}

// join lists words with commas and a last conjunction: "a, b or c".
func join[T ~string](list []T, last string) string {
	words := words(list)
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// cohortName names a cohort inside a sentence, after "the": "top 1,000".
func cohortName(c observation.Cohort) string {
	if name, ok := c.Organization(); ok {
		return "projects of the organization " + name
	}
	if p, ok := c.Panel(); ok {
		if p.Size == 0 {
			return "panel of " + format.Month(p.Month)
		}
		return "top " + format.Count(p.Size) + " of " + format.Month(p.Month)
	}
	switch c {
	case observation.CohortTop100:
		return "top 100"
	case observation.CohortTop1000:
		return "top 1,000"
	case observation.CohortTop5000:
		return "top 5,000"
	case observation.CohortTop15000:
		return "top 15,000"
	}
	return "all of PyPI"
}

// cohortLabel names a cohort on a chart and in a form: "Top 1,000".
func cohortLabel(c observation.Cohort) string {
	if c == observation.CohortAll {
		return "All of PyPI"
	}
	return capitalise(cohortName(c))
}

// cohortProjects names the projects of a cohort of some size, after "the".
func cohortProjects(c observation.Cohort, size int) string {
	n := format.Count(size)
	if name, ok := c.Organization(); ok {
		return n + " known projects of the organization " + name
	}
	if p, ok := c.Panel(); ok {
		return n + " projects that were most downloaded in " + format.Month(p.Month)
	}
	return n + " most downloaded projects"
}

// cohortKind says who is in a cohort over time.
func cohortKind(c observation.Cohort) string {
	if _, ok := c.Organization(); ok {
		return "the projects that it has now"
	}
	if _, ok := c.Panel(); ok {
		return "frozen " + cohortName(c)
	}
	return "moving " + cohortName(c)
}

// collectorLabel names a collector's source in the words of the pages.
func collectorLabel(name string) string {
	switch name {
	case "ranks":
		return "Download ranks"
	case "pypiscorecards":
		return "Scorecard archive"
	case "osv":
		return "Advisories"
	case "pypi":
		return "Releases on PyPI"
	case "scorecard":
		return "Scorecard API"
	case "cpython":
		return "Advisories on CPython"
	case "pythoncycles":
		return "Release cycles of Python"
	case "kev":
		return "Exploited vulnerabilities (KEV)"
	case "epss":
		return "Exploit forecasts (EPSS)"
	case "provenance":
		return "Provenance objects"
	case "depsdev":
		return "Repositories by deps.dev"
	case "repositories":
		return "Repositories at their forges"
	case "database":
		return "Database"
	}
	return name
}

// sourceLabel names the source of a Scorecard value.
func sourceLabel(s observation.ScorecardSource) string {
	switch s {
	case observation.SourceArchive:
		return "pypi-scorecards archive"
	case observation.SourceAPI:
		return "api.scorecard.dev"
	}
	return string(s)
}

// periodNoun names a granularity in a sentence.
func periodNoun(by observation.Granularity) string {
	switch by {
	case observation.ByWeek:
		return "week"
	case observation.ByMonth:
		return "month"
	case observation.ByQuarter:
		return "quarter"
	case observation.ByYear:
		return "year"
	}
	return "observation"
}

// projectPath is the address of a project's page.
func projectPath(name string) string { return "/p/" + url.PathEscape(name) }

// capitalise makes the first letter of an ASCII sentence a capital.
func capitalise(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
