package collectors

import (
	"strings"
	"testing"
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
		"https://gitlab.com/users/sign_in":    "",
		"https://gitlab.com/g/" + strings.Repeat("s/", 21): "",
		"https://github.com/Marketplace/actions/x":         "",
		"https://github.com/settings/profile":              "",
		"https://github.com/user-attachments/assets/0":     "",
		"https://docs.github.com/en/actions":               "",
		"https://api.github.com/repos/psf/requests":        "",
		"https://codeload.github.com/psf/requests/tar.gz":  "",
		"https://github.com./psf/requests":                 "",
		"https://github.com/psf/re\x00quests":              "",
		"https://github.com/psf/re\xffquests":              "",
	}
	for link, want := range tests {
		if got, ok := RepositoryOf(link); got != want || ok != (want != "") {
			t.Errorf("RepositoryOf(%q) is %q, %v, want %q", link, got, ok, want)
		}
	}
}

func FuzzRepositoryOf(f *testing.F) {
	for _, s := range []string{"https://github.com/psf/requests.git", "git@gitlab.com:a/b/c", "https://codeberg.org/a/b/src", "scm:git+ssh://git@bitbucket.org/a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, link string) {
		repository, ok := RepositoryOf(link)
		if !ok {
			return
		}
		// What was cut points at itself.
		if again, ok := RepositoryOf("https://" + repository); !ok || again != repository {
			t.Fatalf("%q gives %q, and that gives %q", link, repository, again)
		}
	})
}
