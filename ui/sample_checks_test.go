package ui_test

import (
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/check"
	"github.com/pyrometer-dev/pyrometer/ui/checks"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

func checksSample() checks.Page {
	quarter := 0.25
	return checks.Page{
		Frame: frame("Checks", layout.NavChecks), Heading: "Scorecard's checks can judge 738 of the 1,000 most downloaded projects", Lede: "Coverage before averages.",
		Filter: cohortFilter(), Funnel: coverage(),
		Rates: figure.Figure{ID: "check-rates", Title: "On 6 of 14 checks, half or more score 8 or above", Links: files("check-rates"), Plot: chart.Draw(chart.Heatmap{
			Head: chart.Head{ID: "check-rates", Title: "Rates", Desc: "A table of shares."}, NHead: "Conclusive n",
			Columns: []chart.HeatColumn{{T: day("2026-01-01"), Label: "2026-Q1"}, {T: day("2026-04-01"), Label: "2026-Q2"}},
			Rows:    []chart.HeatRow{{Group: "High", Name: "Token-Permissions", Href: "/checks/Token-Permissions", N: "679 of 1,000", Cells: []chart.HeatCell{{Title: "2026-Q1: not run"}, {V: &quarter, Text: "25", Title: "2026-Q2: 25 % of 679", Break: true}}}},
		})},
		Table: "Check by check on 15 Jun 2026", Sub: "Moving top 1,000.",
		Columns: []checks.Column{{Name: "Check", Href: "/checks?sort=name#table"}, {Name: "Risk, weight", Sorted: "descending", Href: "/checks#table"}, {Name: "8 or above", Num: true}, {Name: "0 to 100 %"}, {Name: "n", Num: true}, {Name: "Inconclusive", Num: true}, {Name: "Not run", Num: true}, {Name: "Mean", Num: true}, {Name: "Crossed 8, matched projects"}},
		Rows: []checks.Row{
			{Name: part.Link{Text: "Token-Permissions", Href: "/checks/Token-Permissions"}, Risk: "High, 7.5", Core: "core", Share: "25.0 %", Bar: chart.ScoreBar(2.5), Of: "679 of 1,000", Inconclusive: "59", NotRun: "0", Mean: "2.5", Change: "2 rose, 0 fell of 679"},
			{Name: part.Link{Text: "Webhooks", Href: "/checks/Webhooks"}, Risk: "Critical, 10", Why: "in no result here", Stamp: "last on 1 Mar 2026", Inconclusive: "–", NotRun: "–", Mean: "–"},
		},
		Note: "Crossed 8: from 8 Jun 2026 to 15 Jun 2026.", Links: []part.Link{{Text: "CSV", Href: "/data/rollup_checks.csv"}}, Source: "pypi-scorecards archive",
	}
}

func checkSample() check.Page {
	return check.Page{
		Frame: frame("Signed-Releases", layout.NavChecks), Name: "Signed-Releases", Short: "Determines if releases are signed.",
		Facts:  []check.Fact{{Label: "Risk", Value: "High"}, {Label: "In the results since", Value: "29 Jul 2022"}},
		Filter: cohortFilter(),
		Keys:   []check.Key{{Label: "8 or above", Value: "23.7 %", Small: "of 169", Note: "of the conclusive, 15 Jun 2026"}, {Label: "Mean of the conclusive", Value: "?", Note: "fewer than 10"}},
		Figures: []figure.Figure{coverage(), {ID: "check-scores", Title: "Of the 169 conclusive, 127 score 0 and 12 score 10", Links: files("check-scores"), Plot: chart.Draw(chart.Columns{
			Head: chart.Head{ID: "check-scores", Title: "Scores", Desc: "A bar for each score."},
			Bars: []chart.ColumnBar{{Name: "0", Value: 127, Text: "127", Title: "127 projects: score 0"}, {Name: "10", Value: 12, Text: "12"}, {Name: "?", Value: 569, Text: "569", Apart: true, Title: "569 of 738 scored projects: inconclusive"}},
		})}},
		Fix: check.Fix{
			NotYours: "Scorecard does not see attestations on PyPI.", Steps: []string{"Publish with attestations.", "Fill in <full commit hash>."},
			Files:       []check.File{{Path: ".github/workflows/release.yml", Body: "name: release\njobs:\n  publish:\n    environment: pypi\n"}},
			Remediation: []string{"Publish the release."}, Links: []part.Link{{Text: "Trusted Publishers", Href: "https://docs.pypi.org/trusted-publishers/"}},
		},
		Reasons: check.Reasons{Title: "Why: the commonest reason is given for 31 projects", Sub: "As the API gives them", Rows: []check.Reason{{Text: "Project has not signed or included provenance with any releases.", Projects: "31", Mean: "0.0"}, {Text: "no releases found", Projects: "4", Mean: "inconclusive"}}},
		Projects: check.Projects{
			Title: "129 of the 169 conclusive projects of the top 1,000 are below 8", Sub: "In the order of downloads.", Stamp: "38 days old",
			Filter: part.Filter{Action: "/checks/Signed-Releases#projects", Label: "Which projects are listed", Fields: []part.Field{{Name: "below", Label: "Below", Type: "select", Options: []part.Option{{Value: "8", Label: "8", Selected: true}}}}},
			Rows: []check.Project{
				{Rank: "4", Name: part.Link{Text: "urllib3", Href: "/p/urllib3#project-checks", Label: "urllib3, its checks with evidence"}, Score: "0", Bar: chart.ScoreBar(0), On: "12 Jun 2026", Source: "api.scorecard.dev", Reason: "0 out of 5 artifacts are signed"},
				{Rank: "5", Name: part.Link{Text: "example", Href: "/p/example#project-checks"}, On: "15 Jun 2026", Source: "pypi-scorecards archive"},
			},
			HasReasons: true, Counts: "569 inconclusive, 0 not run, 262 without a current result.", Apart: part.Link{Text: "The inconclusive projects", Href: "/checks/Signed-Releases?kind=inconclusive#projects"},
			Pager: part.Pager{Text: "1 to 2 of 129", Next: part.Link{Text: "Next", Href: "/checks/Signed-Releases?page=2#projects"}}, Source: "pypi-scorecards archive",
		},
		Meaning: []check.Block{{Text: "Risk: High"}, {Items: []string{"*.minisig", "*.asc"}}}, Doc: part.Link{Text: "Scorecard's documentation", Href: "https://github.com/ossf/scorecard/blob/main/docs/checks.md#signed-releases"},
		Others: []part.Link{{Text: "License", Href: "/checks/License"}},
	}
}

func checkNone() check.Page {
	return check.Page{
		Frame: frame("Webhooks", layout.NavChecks), Name: "Webhooks",
		Figures:  []figure.Figure{{ID: "check-rate", Title: "No rate of Webhooks is known yet", State: &part.State{Lead: "No result lists Webhooks.", Text: "Neither source has run this check."}}},
		Reasons:  check.Reasons{Title: "The commonest reasons are not known", State: &part.State{Lead: "No reason is known."}},
		Projects: check.Projects{Title: "0 projects are below 8", State: &part.State{Lead: "Nobody can be listed.", Text: "No project has a conclusive score of this check."}},
	}
}
