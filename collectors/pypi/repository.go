package pypi

import (
	"cmp"
	"net/url"
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
// there once, with its best link.
func repositories(projectURLs map[string]text, homePage string) []observation.RepositoryLink {
	type candidate struct {
		observation.RepositoryLink
		class int
	}
	var all []candidate
	add := func(label, link string) {
		if repository, ok := repositoryOf(link); ok {
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

// notOwners are first path segments, in lower case, that no owner can have
// because the forge uses them itself.
var notOwners = map[string][]string{
	"github.com": {"about", "apps", "codespaces", "collections", "contact", "customer-stories", "dashboard", "enterprise", "events", "explore",
		"features", "gist", "gists", "issues", "join", "login", "marketplace", "new", "notifications", "organizations", "orgs", "pricing", "pulls",
		"readme", "search", "security", "settings", "site", "sponsors", "stars", "team", "topics", "trending", "users"},
	"gitlab.com":    {"-", "api", "dashboard", "explore", "groups", "help", "projects", "search", "snippets", "users"},
	"codeberg.org":  {"-", "api", "assets", "explore", "issues", "notifications", "org", "pulls", "user"},
	"bitbucket.org": {"account", "api", "blog", "dashboard", "product", "repo", "site", "snippets", "support", "workspace"},
}

// gitlabViews are the path segments that end a project's path on GitLab, whose
// projects may lie in groups of groups.
var gitlabViews = []string{"-", "activity", "blob", "boards", "commit", "commits", "compare", "issues", "merge_requests", "network", "pipelines",
	"raw", "releases", "snippets", "tags", "tree", "wikis"}

// repositoryOf cuts a link to the repository it points at or into:
// "https://www.GitHub.com/Owner/name.git" and "…/owner/name/issues?q=1" give
// "github.com/Owner/name". The host is written in lower case, the rest as it
// is. Links to anything but a repository on a known forge are not ok.
func repositoryOf(link string) (repository string, ok bool) {
	host, path, ok := splitLink(link)
	if !ok {
		return "", false
	}
	reserved, known := notOwners[host]
	if !known {
		return "", false
	}
	segments := slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
	if len(segments) < 2 || slices.Contains(reserved, strings.ToLower(segments[0])) {
		return "", false
	}
	n := 2
	if host == "gitlab.com" {
		for n < len(segments) && !slices.Contains(gitlabViews, segments[n]) {
			n++
		}
	}
	segments = segments[:n]
	for strings.HasSuffix(segments[n-1], ".git") {
		segments[n-1] = strings.TrimSuffix(segments[n-1], ".git")
	}
	for _, s := range segments {
		if !isSegment(s) {
			return "", false
		}
	}
	return host + "/" + strings.Join(segments, "/"), true
}

// splitLink returns host, without "www.", and path of a link in any of the
// forms that people write: with or without a scheme, git+https, git@host:path.
func splitLink(link string) (host, path string, ok bool) {
	link = strings.TrimSpace(link)
	link = strings.TrimPrefix(link, "scm:")
	link = strings.TrimPrefix(link, "git+")
	if rest, scp := strings.CutPrefix(link, "git@"); scp && !strings.Contains(link, "://") {
		link = "ssh://" + strings.Replace(rest, ":", "/", 1)
	}
	if !strings.Contains(link, "://") {
		link = "https://" + link
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "https", "http", "git", "ssh", "git+ssh":
	default:
		return "", "", false
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), u.Path, true
}

// isSegment reports whether s can be an owner or a name on a forge.
func isSegment(s string) bool {
	if s == "" || len(s) > 100 || s == "." || s == ".." {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
