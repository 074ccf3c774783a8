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
