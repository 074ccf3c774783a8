package ui_test

import (
	"github.com/pyrometer-dev/pyrometer/ui/changes"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

func changesPage() changes.Page {
	return changes.Page{
		Frame: frame("What changed", layout.NavChanges), Filter: cohortFilter(),
		Heading: "3 changes of 2 projects of the top 1,000 are known since 23 Mar 2026", Ledes: []string{"A change is dated by its source.", "The period begins 12 weeks before the newest observation."},
		Kinds: changes.Kinds{
			Title: "By kind: 3 of projects, 1 of Scorecard, 2 of the sources", Sub: "One row of the list each.", Note: "None since 23 Mar 2026: malware report.",
			Rows: []changes.Kind{
				{Name: part.Link{Text: "Latest release and affected range", Href: "/methods#change"}, What: "1 entered", Project: part.Link{Text: "1", Href: "/changes?kind=range"}, Projects: "1"},
				{Name: part.Link{Text: "Score of a check", Href: "/methods#change"}, Project: part.Link{Text: "2", Href: "/changes?kind=check", Label: "Score of a check: 2 changes of projects"}, Projects: "2",
					Tool: part.Link{Text: "1", Href: "/changes?cause=tool&kind=check"}, Source: part.Link{Text: "0"}},
			},
		},
		List: changes.List{
			ID: "list", Title: "Changes of projects", Sub: "Newest first.", Source: "Scorecard, OSV",
			Rows: []changes.Row{
				{Date: "2 Jul 2026", Since: "disclosed 1 Jul 2026", Project: part.Link{Text: "urllib3", Href: "/p/urllib3"}, Rank: "rank 4", What: "Latest release left the affected range of", Item: part.Link{Text: "CVE-2026-1", Href: "/advisories/PYSEC-2026-1"},
					Severity: &part.Severity{Word: "high"}, From: "release 2.0", To: "release 2.1", Cause: "Project", Evidence: part.Link{Text: "Records", Href: "/advisories/PYSEC-2026-1"}},
				{Date: "15 Jun 2026", Since: "compared with 8 Jun 2026", Project: part.Link{Text: "requests", Href: "/p/requests"}, Rank: "rank 5", What: "Core aggregate", From: "7.4", To: "6.2", Behind: "Maintained 10 to 0 (-1.20)",
					Cause: "Project", Evidence: part.Link{Text: "Commits", Href: "https://github.com/psf/requests/compare/aaaaaaa...bbbbbbb", Label: "Commits of requests between the two results"}},
				{Date: "2 Jun 2026", Project: part.Link{Text: "requests", Href: "/p/requests"}, Rank: "rank 5", What: "Owners on PyPI", From: "ann", To: "ann, <i>bob</i>", Cause: "Project"},
			},
			Links: []part.Link{{Text: "CSV", Href: "/changes.csv"}, {Text: "Definition", Href: "/methods#change"}},
			Pager: part.Pager{Text: "1 to 3 of 53", Next: part.Link{Text: "Next", Href: "/changes?page=2"}},
		},
		Apart: changes.List{ID: "apart", Title: "Apart: no change of Scorecard or of a source as a whole is known since 23 Mar 2026", State: &part.State{Lead: "None.", Text: "No break."}},
	}
}
