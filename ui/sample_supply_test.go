package ui_test

import (
	"github.com/pyrometer-dev/pyrometer/ui/adoption"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/threats"
)

func adoptionPage() adoption.Page {
	return adoption.Page{
		Frame: frame("Adoption of attestations", layout.NavAdoption), Filter: cohortFilter(),
		Figures: []figure.Figure{{
			ID: "attestations", Title: "11 of the 1,000 most downloaded projects attest every file of their latest stable release; for 965 it is unknown",
			Plot: chart.Draw(line("attestations", "Attested")), Links: files("attestations"),
			Initiatives: []figure.Initiative{{Number: "1", Link: part.Link{Text: "14 Nov 2024: PyPI announces <attestations>", Href: "https://blog.pypi.org/"}}},
		}},
		Now: adoption.Now{
			Title: "PyPI was asked about 37 of the 1,000 most downloaded projects; for 34 the class is known", Sub: "n = 34 of 1,000.",
			Classes: []adoption.Class{{Swatch: "h5", Name: "Attested", Projects: "11 (1.1 %)", Downloads: "6.9 %"}, {Swatch: "hx", Name: "Unknown", Projects: "966 (96.6 %)", Downloads: "86.0 %"}},
			Reasons: "Why unknown: not fetched (963).",
		},
		Publishers: adoption.Publishers{Title: "The publisher is known of 10 of 11 projects", Sub: "Kinds.", Rows: []adoption.Publisher{{Kind: "GitHub", Projects: "10 (90.9 %)"}}},
		Regressions: adoption.Changes{
			Title: "1 change to less or other provenance is known in the top 1,000", Sub: "Newest first.",
			Rows: []adoption.Change{{
				Project: part.Link{Text: "example", Href: "/p/example"}, What: "Other publisher: workflow", Version: "1.9", At: "2 Mar 2026", Before: "2.0, 2 Feb 2026",
				From: "GitHub <b>", To: "GitLab", Older: "a release of an older line",
			}},
			Pager: part.Pager{Text: "1 to 1 of 21", Next: part.Link{Text: "Next", Href: "/adoption?page=2"}},
		},
		Gains: adoption.Changes{Title: "No release is known to have gained provenance", State: &part.State{Lead: "None.", Text: "Among 34 of 1,000 projects."}},
		How:   []part.Link{{Text: "Add a Trusted Publisher", Href: "https://docs.pypi.org/trusted-publishers/adding-a-publisher/"}},
	}
}

func threatsPage() threats.Page {
	return threats.Page{
		Frame: frame("Threats", layout.NavThreats), Filter: cohortFilter(),
		Figure: figure.Figure{
			ID: "threats", Title: "By threat, 37 to 736 of the 1,000 most downloaded projects show public evidence against it",
			Plot:  chart.Draw(chart.Picture{Head: chart.Head{ID: "threats", Title: "Threats"}, Nodes: []chart.Threat{{ID: "A", Name: "Producer", Href: "/threats#threat-a", Observed: 430, NotObserved: 308, Unknown: 262, Size: 1000}}}),
			Links: files("threats"),
		},
		Spec: part.Link{Text: "SLSA 1.2", Href: "https://slsa.dev/spec/v1.2/threats"}, Caveat: "The mapping is ours.",
		Sections: []threats.Section{{
			ID: "threat-a", Title: "A Producer", What: "Whoever makes the software means harm.", Spec: part.Link{Text: "In SLSA 1.2", Href: "https://slsa.dev/spec/v1.2/threats#a-producer"},
			Counts: "Evidence observed for 430 (43.0 %) of 1,000 projects.", Tells: "The signals are weak.", Missing: "Changes of ownership.",
			Signals: []threats.Signal{
				{Link: part.Link{Text: "Maintained", Href: "/checks/Maintained"}, Observed: "430 (43.0 %)", NotObserved: "308 (30.8 %)", Unknown: "262 (26.2 %)"},
				{Link: part.Link{Text: "malware report", Href: "/malware"}, Text: "OSV holds a report", Observed: "never counted", NotObserved: "0 (0.0 %)", Unknown: "1,000 (100.0 %)"},
			},
		}},
	}
}
