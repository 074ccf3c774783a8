package collectors

import (
	"net/url"
	"slices"
	"strings"
)

// notOwners are first path segments, in lower case, that no owner can have
// because the forge uses them itself.
var notOwners = map[string][]string{
	"github.com": {"about", "account", "advisories", "apps", "codesearch", "codespaces", "collections", "contact", "copilot", "customer-stories",
		"dashboard", "enterprise", "events", "explore", "features", "gist", "gists", "issues", "join", "login", "logout", "marketplace", "mobile", "new",
		"notifications", "open-source", "organizations", "orgs", "partners", "premium-support", "pricing", "pulls", "readme", "search", "security",
		"sessions", "settings", "signup", "site", "solutions", "sponsors", "stars", "team", "topics", "trending", "user-attachments", "users"},
	"gitlab.com":    {"-", "api", "dashboard", "explore", "groups", "help", "projects", "search", "snippets", "users"},
	"codeberg.org":  {"-", "api", "assets", "explore", "issues", "notifications", "org", "pulls", "user"},
	"bitbucket.org": {"account", "api", "blog", "dashboard", "product", "repo", "site", "snippets", "support", "workspace"},
}

// maxSegments is the deepest that a project lies on GitLab: twenty groups.
const maxSegments = 21

// gitlabViews are the path segments that end a project's path on GitLab, whose
// projects may lie in groups of groups.
var gitlabViews = []string{"-", "activity", "blob", "boards", "commit", "commits", "compare", "issues", "merge_requests", "network", "pipelines",
	"raw", "releases", "snippets", "tags", "tree", "wikis"}

// RepositoryOf cuts a link to the repository it points at or into:
// "https://www.GitHub.com/Owner/name.git" and "…/owner/name/issues?q=1" give
// "github.com/Owner/name". The host is written in lower case, the rest as it
// is. Only GitHub, GitLab, Codeberg and Bitbucket are known; links to anything
// but a repository there are not ok.
func RepositoryOf(link string) (repository string, ok bool) {
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
	if n > maxSegments {
		return "", false
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
