package pypi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRepositoryOf(t *testing.T) {
	tests := map[string]string{
		"https://github.com/psf/requests":                       "github.com/psf/requests",
		"https://github.com/psf/requests/":                      "github.com/psf/requests",
		"HTTPS://GitHub.COM/PSF/Requests":                       "github.com/PSF/Requests",
		"http://www.github.com/psf/requests.git":                "github.com/psf/requests",
		" https://github.com/psf/requests/issues?q=is%3Aopen ":  "github.com/psf/requests",
		"https://github.com/psf/requests/tree/main/docs#readme": "github.com/psf/requests",
		"https://github.com/psf//requests":                      "github.com/psf/requests",
		"git+https://github.com/psf/requests.git@main":          "", // a reference, not a name
		"git+https://github.com/psf/requests.git":               "github.com/psf/requests",
		"git@github.com:psf/requests.git":                       "github.com/psf/requests",
		"ssh://git@github.com/psf/requests.git":                 "github.com/psf/requests",
		"git://github.com/psf/requests":                         "github.com/psf/requests",
		"scm:git@github.com:psf/requests.git":                   "github.com/psf/requests",
		"github.com/psf/requests":                               "github.com/psf/requests",
		"https://user:secret@github.com:443/psf/requests":       "github.com/psf/requests",
		"https://gitlab.com/group/project/-/issues":             "gitlab.com/group/project",
		"https://gitlab.com/group/sub/project":                  "gitlab.com/group/sub/project",
		"https://gitlab.com/group/project/tree/master":          "gitlab.com/group/project",
		"https://codeberg.org/owner/name/src/branch/main":       "codeberg.org/owner/name",
		"https://bitbucket.org/owner/name/src/default/":         "bitbucket.org/owner/name",
		"https://github.com/psf":                                "",
		"https://github.com/":                                   "",
		"https://github.com/sponsors/psf":                       "",
		"https://github.com/orgs/psf/repositories":              "",
		"https://github.com/Topics/python":                      "",
		"https://github.com/users/psf/projects/1":               "",
		"https://gist.github.com/owner/0123456789":              "",
		"https://owner.github.io/name":                          "",
		"https://raw.githubusercontent.com/psf/requests/main":   "",
		"https://requests.readthedocs.io/en/latest":             "",
		"https://evil.example/github.com/psf/requests":          "",
		"https://github.com.evil.example/psf/requests":          "",
		"https://evilgithub.com/psf/requests":                   "",
		"javascript://github.com/psf/requests%0aalert(1)":       "",
		"javascript:alert(1)":                                   "",
		"https://github.com/psf/%3Cscript%3E":                   "",
		"https://github.com/../psf":                             "",
		"https://github.com/psf/.git":                           "",
		"https://github.com/psf/" + strings.Repeat("x", 101):    "",
		"UNKNOWN":                             "",
		"":                                    "",
		"https://":                            "",
		"https://[::1":                        "",
		"https://gitlab.com/explore/projects": "",
	}
	for link, want := range tests {
		if got, ok := repositoryOf(link); got != want || ok != (want != "") {
			t.Errorf("repositoryOf(%q) is %q, %v, want %q", link, got, ok, want)
		}
	}
}

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
				"Release  notes!": "https://github.com/a/hub/releases",
			},
			"https://example.org",
			[]string{"gitlab.com/a/source Source-Code", "github.com/a/hub GitHub", "github.com/a/site homepage", "github.com/a/issues-here Issues", "github.com/a/docs Documentation"},
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

func FuzzRepositoryOf(f *testing.F) {
	for _, s := range []string{"https://github.com/psf/requests.git", "git@gitlab.com:a/b/c", "https://codeberg.org/a/b/src", "scm:git+ssh://git@bitbucket.org/a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, link string) {
		repository, ok := repositoryOf(link)
		if !ok {
			return
		}
		// What was cut points at itself.
		if again, ok := repositoryOf("https://" + repository); !ok || again != repository {
			t.Fatalf("%q gives %q, and that gives %q", link, repository, again)
		}
	})
}
