package pypi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const (
	maxLinks    = 100  // project_urls read of one project
	maxLabel    = 100  // bytes
	maxEvidence = 2000 // bytes
)

// repositories lists the repositories that the links of a project name, the
// best first: links labelled as the source before those labelled as the forge,
// the home page and anything else. A repository that several links name is
// there once, with its best link. Links to documentation and for donations lead
// elsewhere as often as not, and say nothing.
func repositories(projectURLs map[string]text, homePage string) []observation.RepositoryLink {
	type candidate struct {
		observation.RepositoryLink
		class int
	}
	var all []candidate
	add := func(label, link string) {
		if repository, ok := collectors.RepositoryOf(link); ok && !isAside(label) {
			all = append(all, candidate{class: labelClass(label), RepositoryLink: observation.RepositoryLink{
				Repository: repository,
				Evidence:   collectors.CutText(link, maxEvidence),
				Label:      collectors.CutText(label, maxLabel),
			}})
		}
	}
	labels := make([]string, 0, len(projectURLs))
	for label := range projectURLs {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	for _, label := range labels[:min(len(labels), maxLinks)] {
		add(label, string(projectURLs[label]))
	}
	add("home_page", homePage)
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.class, b.class) })

	links := make([]observation.RepositoryLink, 0, len(all))
	seen := map[string]bool{}
	for _, c := range all {
		key := strings.ToLower(c.Repository) // forges do not tell names apart by case
		if !seen[key] {
			seen[key] = true
			links = append(links, c.RepositoryLink)
		}
	}
	return links
}

// labelClass says how strongly a label says that its link is the source, 0 the
// strongest. Labels are free text; they are compared as PyPI compares them,
// without case, spaces and punctuation.
func labelClass(label string) int {
	switch plain(label) {
	case "source", "sources", "sourcecode", "code", "repository", "repo", "coderepository", "sourcerepository", "gitrepository", "vcs", "scm":
		return 0
	case "github", "gitlab", "codeberg", "bitbucket", "git", "githubrepository", "githubrepo":
		return 1
	case "homepage", "home", "website":
		return 2
	case "issues", "issue", "issuetracker", "bugs", "bugtracker", "bugreports", "tracker", "changelog", "changes", "history", "releasenotes", "releases", "whatsnew", "ci":
		return 3
	}
	return 4
}

// isAside reports whether a label says that its link is not about the source.
func isAside(label string) bool {
	switch plain(label) {
	case "documentation", "docs", "doc", "readthedocs", "funding", "fund", "donate", "donation", "donations", "sponsor", "sponsors", "sponsorship":
		return true
	}
	return false
}

func plain(label string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, label)
}
