package ui_test

import (
	"github.com/pyrometer-dev/pyrometer/ui/advisories"
	"github.com/pyrometer-dev/pyrometer/ui/advisory"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/malware"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// advisoriesSample is the explorer with one group of everything.
func advisoriesSample() advisories.Page {
	return advisories.Page{
		Frame:   frame("Advisories", layout.NavAdvisories),
		Heading: "1 of 1,142 known flaws in the top 1,000: known to be exploited and with the latest release of a project in the affected range",
		Ledes:   []string{"Each is one advisory group: records of OSV with a common alias, merged."},
		Filter:  cohortFilter(),
		InRange: &advisories.InRange{Title: "The latest release of 1 project is in the affected range", Projects: []advisories.Ranked{{Link: part.Link{Text: "example", Href: "/p/example"}, Note: "rank 71, latest 9.5.0"}}},
		Columns: []advisories.Column{{Link: part.Link{Text: "Advisory"}}, {Link: part.Link{Text: "Severity", Href: "/advisories?sort=severity"}, Sorted: "descending"}},
		Rows: []advisories.Row{{
			Name: part.Link{Text: "CVE-2026-0001", Href: "/advisories/PYSEC-2026-1"}, Withdrawn: "withdrawn", Summary: "A flaw.", Severity: part.Severity{Word: "high", Score: "7.5"}, Disclosed: "2026", Precision: "year only",
			Projects: []part.Link{{Text: "example", Href: "/p/example"}}, More: "+3 more", FixedIn: "2.7.0", Latest: "in affected range", KEV: "KEV 1 Jun 2026", EPSS: "EPSS 0.53, percentile 97.1", EPSSOn: "v2026.03.14, 22 Jul 2026",
		}},
		Pager: part.Pager{Text: "1 to 1 of 1"}, Links: []part.Link{{Text: "CSV", Href: "/advisories.csv"}}, Source: "OSV", Figures: []figure.Figure{{ID: "advisories-by-month", Title: "Advisories"}},
	}
}

// advisorySample is the page of one group with everything.
func advisorySample() advisory.Page {
	return advisory.Page{
		Frame: frame("CVE-2026-0001", layout.NavAdvisories), Name: "CVE-2026-0001", Summary: "A flaw.", Sentence: "A known flaw in example. The records name a fix: 2.7.0.",
		Notices: []part.State{{Lead: "Withdrawn.", Text: "It counts nowhere."}},
		Facts: []advisory.Fact{
			{Label: "Severity", Severity: &part.Severity{Word: "high", Score: "7.5"}, Note: "CVSS 3.1"},
			{Label: "Disclosed", Value: "2026", Note: "Year only.", Links: []part.Link{{Text: "Import days", Href: "/status"}}},
		},
		Steps:    advisory.Steps{Lines: []string{"example: upgrade to 2.7.0 or later."}, Correct: "A wrong record is corrected at its database.", Links: []part.Link{{Text: "Change PYSEC-2026-1", Href: "https://github.com/pypa/advisory-database"}}},
		Projects: advisory.Projects{Title: "1 affected project on PyPI", Sub: "By download rank", Note: "Days count from disclosure.", Rows: []advisory.Project{{Name: part.Link{Text: "example", Href: "/p/example"}, Rank: "71", Affected: "before 2.7.0", Releases: "83", FixedIn: "2.7.0", FixedAt: "7 May 2026", Fix: "same day", Latest: "unknown", Why: "its releases are not known"}}},
		Records: advisory.Records{
			Title: "1 record behind it", Sub: "As the databases have them now", Differ: []string{"The records differ on severity."}, Note: "Their texts are at OSV.",
			Rows: []advisory.Record{{ID: part.Link{Text: "PYSEC-2026-1", Href: "https://osv.dev/vulnerability/PYSEC-2026-1"}, State: "withdrawn 3 Mar 2026", Published: "1 Mar 2026", Import: "a day of import", Modified: "2 Mar 2026", KnownAt: "4 Mar 2026", Severity: part.Severity{Word: "high"}, Vector: "its word: HIGH", Says: []string{"example: before 2.7.0"}}},
			Ids:  []part.Link{{Text: "CVE-2026-0001 at NVD", Href: "https://nvd.nist.gov/vuln/detail/CVE-2026-0001"}},
		},
		References: []part.Link{{Text: "https://example.org/", Href: "https://example.org/"}}, MoreReferences: "and 3 more at OSV.",
		Links: []part.Link{{Text: "CSV", Href: "/advisories.csv?q=PYSEC-2026-1"}}, Source: "OSV through 22 Jul 2026",
	}
}

// malwareSample is the list of malware reports.
func malwareSample() malware.Page {
	return malware.Page{
		Frame: frame("Malware reports", layout.NavAdvisories), Heading: "9,243 malware reports on PyPI packages", Ledes: []string{"Reports are counted apart from flaws."}, Filter: cohortFilter(),
		Rows:  []malware.Row{{Name: part.Link{Text: "MAL-2025-1", Href: "/advisories/MAL-2025-1"}, Summary: "Malicious code.", Projects: []part.Link{{Text: "exampel", Href: "/p/exampel"}}, Published: "4 Jun 2025", Status: "removed", Rank: "not in the list"}},
		Pager: part.Pager{Text: "1 to 1 of 1"}, Links: []part.Link{{Text: "CSV", Href: "/malware.csv"}}, Source: "OSV", Figures: []figure.Figure{{ID: "malware-by-month", Title: "Reports"}},
	}
}
