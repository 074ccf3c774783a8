package ui_test

import (
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/cpython"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/releases"
)

func releasesSample() releases.Page {
	bars := chart.Bars{Head: chart.Head{ID: "releases-by-month", Title: "Releases by month", Desc: "Bars."}, Classes: []chart.Class{{Name: "Final", Tone: chart.ToneShare4}, {Name: "Pre-release", Tone: chart.ToneShare2}}, FillingText: "to date"}
	for i := range 4 {
		bars.Months = append(bars.Months, chart.Month{T: day("2026-04-01").AddDate(0, i, 0), Values: []int{10 + i, i}, Filling: i == 3})
	}
	line := line("dormancy", "365 days")
	return releases.Page{
		Frame: frame("Releases", layout.NavReleases), Heading: "Half of the 38 projects of the top 1,000 with two known releases or more had 36 days or less between releases",
		Lede: "Files are known of 40 of 1,000 projects.", Filter: cohortFilter(),
		Releases: figure.Figure{ID: "releases-by-month", Title: "Projects of the top 1,000 published 180 releases in the 12 months to Jun 2026", Plot: chart.Draw(bars), Links: files("releases-by-month"), Key: []figure.Key{{Class: "h4", Text: "Final"}, {Class: "h2", Text: "Pre-release"}}},
		Yanks:    figure.Figure{ID: "yanks-by-month", Title: "6 of 180 releases are yanked by now", State: &part.State{Lead: "Not here yet."}},
		Reasons: releases.List{Title: "3 of 40 projects have a yanked release", Sub: "Commonest first", Table: &part.Table{
			Caption: "Reasons", Columns: []part.Column{{Name: "Reason"}, {Name: "Projects", Num: true}}, Rows: [][]string{{"broken wheel", "2"}},
		}, Links: []part.Link{{Text: "CSV", Href: "/data/release_health.csv"}}},
		Dormancy: figure.Figure{ID: "dormancy", Title: "2 of 40 projects had no release for 365 days", Plot: chart.Draw(line), Links: files("dormancy")},
		Dormant: releases.Dormant{
			Title: "Of 2 projects without a release for 365 days, the latest release of 1 is in the affected range of an advisory", Sub: "By downloads.",
			Rows: []releases.Row{
				{Rank: "7", Project: part.Link{Text: "lonely", Href: "/p/lonely"}, Downloads: "9,000", Version: "0.1", Last: "2 Jan 2020", Days: "2,393", Affected: "latest release in the range of 1"},
				{Rank: "9", Project: part.Link{Text: "still", Href: "/p/still"}, Status: "archived", Downloads: "8,000", Last: "1 Jul 2025", Days: "386", Affected: "latest release in no known range"},
			},
			Pager: part.Pager{Text: "1 to 2 of 60", Next: part.Link{Text: "Next", Href: "/releases?page=2#list"}}, Links: []part.Link{{Text: "CSV", Href: "/data/release_health.csv"}},
		},
		Python:  figure.Figure{ID: "python-support", Title: "What the top 1,000 admit of Python is not known yet", State: &part.State{Lead: "The release cycles of CPython are not known."}},
		Support: releases.List{Title: "What the latest releases admit", State: &part.State{Lead: "The release cycles of CPython are not known.", Link: part.Link{Text: "CPython", Href: "/cpython"}}},
		Limits:  []string{"Deleted files are gone."},
	}
}

func cpythonSample() cpython.Page {
	return cpython.Page{
		Frame: frame("CPython", layout.NavCPython), Heading: "2 of 3 release cycles of CPython are supported", Lede: "The interpreter itself.",
		Cycles: figure.Figure{
			ID: "cycles", Title: "Python 3.14 is the newest release cycle", Open: true, Key: []figure.Key{{Class: "h4", Text: "Bug fixes"}, {Class: "h2", Text: "Security fixes only"}},
			Plot: chart.Draw(chart.Timeline{
				Head: chart.Head{ID: "cycles", Title: "Cycles", Desc: "A bar for each."}, Today: chart.Mark{At: day("2026-07-23"), Text: "today"},
				Rows: []chart.TimelineRow{
					{Name: "3.14", Text: "to Oct 2030", Spans: []chart.TimelineSpan{{From: day("2025-10-07"), To: day("2027-10-01"), Tone: chart.ToneShare4, Title: "3.14: bug fixes"}, {From: day("2027-10-01"), To: day("2030-10-31"), Tone: chart.ToneShare2, Title: "3.14: security fixes"}}},
					{Name: "3.9", Text: "to Oct 2025", Spans: []chart.TimelineSpan{{From: day("2020-10-05"), To: day("2025-10-31"), Tone: chart.ToneShare4}}},
				},
			}),
			Table: &part.Table{Caption: "Cycles", Columns: []part.Column{{Name: "Cycle"}, {Name: "State"}}, Rows: [][]string{{"3.14", "bug fixes and security fixes"}, {"3.9", "ended"}}},
			Links: []part.Link{{Text: "CSV", Href: "/data/python_cycles.csv"}}, Source: "endoflife.date",
		},
		Advisories: figure.Figure{ID: "cpython-advisories", Title: "No advisory about CPython is stored yet", State: &part.State{Lead: "Not here yet."}},
		Records: cpython.Records{
			Title: "1 live record about CPython, newest first", Sub: "As published.", Note: "1 of them is in KEV.", Links: []part.Link{{Text: "CSV", Href: "/data/cpython_advisories.csv"}},
			Rows: []cpython.Record{{ID: part.Link{Text: "PSF-2026-1", Href: "https://osv.dev/vulnerability/PSF-2026-1"}, CVEs: []part.Link{{Text: "CVE-2026-1", Href: "https://www.cve.org/CVERecord?id=CVE-2026-1"}},
				Summary: "A flaw.", Severity: part.Severity{Word: "critical", Score: "9.8"}, Exploited: "in KEV since 1 Jun 2026", Affected: "from the first commit", Fixed: []part.Link{{Text: "0123456", Href: "https://github.com/python/cpython/commit/0123456"}}, FixedMore: "and 3 more", Published: "1 May 2026"}},
		},
		Withdrawn: cpython.Records{Title: "1 record was withdrawn", Rows: []cpython.Record{{ID: part.Link{Text: "PSF-2022-1"}, Affected: "range not recorded", FixedMore: "no commit recorded", Published: "1 Apr 2022", Withdrawn: "withdrawn 1 May 2022"}}},
		Score:     cpython.Score{Title: "Scorecard has no stored result of python/cpython", State: &part.State{Lead: "No Scorecard result.", Text: "Why: it is not asked for."}},
		Limits:    []string{"Records name commits."},
	}
}
