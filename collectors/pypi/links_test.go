package pypi

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRepositories(t *testing.T) {
	tests := []struct {
		name string
		urls map[string]text
		home string
		want []string // repository and label
	}{
		{"none", nil, "", []string{}},
		{"home page only", nil, "https://github.com/a/b", []string{"github.com/a/b home_page"}},
		{
			"the better label wins",
			map[string]text{"Changelog": "https://github.com/a/b/releases", "Homepage": "https://github.com/a/b", "Bug Tracker": "https://github.com/a/b/issues"},
			"https://github.com/A/B",
			[]string{"github.com/a/b Homepage"},
		},
		{
			"several, the best first",
			map[string]text{
				"Documentation":   "https://github.com/a/docs",
				"Issues":          "https://github.com/a/issues-here/issues",
				"homepage":        "https://github.com/a/site",
				"GitHub":          "https://github.com/a/hub",
				"Source-Code":     "https://gitlab.com/a/source",
				"Sponsor":         "https://github.com/sponsors/a",
				"Funding":         "https://github.com/a/funds",
				"Discussions":     "https://github.com/a/other/discussions",
				"Release  notes!": "https://github.com/a/hub/releases",
			},
			"https://example.org",
			[]string{"gitlab.com/a/source Source-Code", "github.com/a/hub GitHub", "github.com/a/site homepage", "github.com/a/issues-here Issues", "github.com/a/other Discussions"},
		},
	}
	for _, tt := range tests {
		got := []string{}
		for _, l := range repositories(tt.urls, tt.home) {
			got = append(got, l.Repository+" "+l.Label)
			if l.Evidence == "" {
				t.Errorf("%s: no evidence for %s", tt.name, l.Repository)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// The labels that the recorded projects use, and some that others do.
func TestLabels(t *testing.T) {
	for label, want := range map[string]int{
		"Source": 0, "Source code": 0, "Source Code": 0, "source": 0, "Repository": 0, "repo": 0, "Code": 0, "VCS": 0,
		"GitHub": 1, "git": 1, "GitLab": 1,
		"Homepage": 2, "homepage": 2, "Home Page": 2, "Home-page": 2, "home": 2,
		"Issues": 3, "Bug Tracker": 3, "Changelog": 3, "CI": 3, "Release notes": 3,
		"Changelpog": 4, "Discussions": 4, "Download": 4, "Gitter": 4, "Live demo": 4, "": 4, "源码": 4,
	} {
		if got := labelClass(label); got != want {
			t.Errorf("%q is of class %d, want %d", label, got, want)
		}
		if isAside(label) {
			t.Errorf("%q is aside", label)
		}
	}
	for _, label := range []string{"Documentation", "docs", "Docs", "Read the Docs", "Funding", "Donate", "Sponsor", "Sponsors"} {
		if !isAside(label) {
			t.Errorf("%q is not aside", label)
		}
	}
	// What one field says in another's place.
	for name, urls := range map[string]map[string]text{
		"no repository":  {"Homepage": "http://launchpad.net/pylockfile", "Download": "UNKNOWN", "Funding": "https://github.com/sponsors/a", "CI": "https://travis-ci.com/a/b"},
		"pages":          {"Homepage": "https://a.github.io/b/", "Documentation": "https://b.readthedocs.io"},
		"raw and docs":   {"Changelog": "https://raw.githubusercontent.com/a/b/main/CHANGES", "Issues": "https://docs.github.com/en/issues", "Gist": "https://gist.github.com/a/0"},
		"owner alone":    {"Homepage": "https://github.com/a", "Source": "https://github.com/"},
		"documents only": {"Documentation": "https://github.com/a/b/wiki"},
	} {
		if links := repositories(urls, "UNKNOWN"); len(links) > 0 {
			t.Errorf("%s: %+v", name, links)
		}
	}
	links := repositories(map[string]text{"CI": "https://github.com/a/b/actions?query=workflow%3ATest", "Changelpog": "https://github.com/a/b/blob/main/CHANGES.md"}, "http://github.com/A/b.git")
	if len(links) != 1 || links[0].Repository != "github.com/A/b" || links[0].Label != "home_page" {
		t.Errorf("links %+v", links)
	}
}
