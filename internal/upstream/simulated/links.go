package simulated

import "strings"

// link is one entry of a project's project_urls.
type link struct{ label, url string }

// emptyHome stands for a home_page that is "", where "" stands for null.
const emptyHome = "empty"

// links are what project i says of itself on a day: free text, of all the kinds
// that people write. The repository stands as it was called then, or as it
// was called first: a rename makes that a redirect.
func (w *world) links(i int, d day) (urls []link, home string) {
	site := "https://" + nameOf(i) + ".fictional.invalid/"
	repo, ok := w.repository(i)
	switch {
	case !ok:
		return w.linksElsewhere(i, site)
	case w.chance(shareWrongLink, drawLinks, i, 0, 0):
		return []link{{"Source", "https://github.com/fictional-nobody/" + nameOf(i)}}, ""
	}
	path := w.pathOn(repo, d)
	if _, moves := w.renamed(repo); moves && w.chance(0.6, drawLinks, i, 4, 0) {
		path = w.oldPath(repo) // nobody thought of it
	}
	at := "https://" + path
	switch w.below(14, drawLinks, i, 1, 0) {
	case 0:
		return nil, at
	case 1:
		return []link{{"Homepage", at + "/"}, {"Issues", at + "/issues"}}, ""
	case 2:
		return []link{{"Source code", at + ".git"}, {"homepage", site}}, emptyHome
	case 3:
		return []link{{"CI", at + "/actions?query=workflow%3ATest"}, {"Changelpog", at + "/releases"}}, ""
	case 4:
		return []link{{"Funding", "https://github.com/sponsors/fictional"}, {"git", "git+" + at}}, ""
	case 5:
		return []link{{"Repository", strings.Replace(at, "https://", "http://", 1)}}, site
	case 6:
		return []link{{"Documentation", site + "docs"}, {"Source", strings.Replace(at, "https://", "https://www.", 1)}}, ""
	case 7:
		return []link{{"Code", at + "/tree/main/src"}, {"Download", at + "/archive/main.zip"}}, "UNKNOWN"
	}
	return []link{{"Changelog", at + "/releases"}, {"Homepage", site}, {"Issues", at + "/issues"}, {"Repository", at}}, ""
}

// linksElsewhere are those of a project that names no repository.
func (w *world) linksElsewhere(i int, site string) (urls []link, home string) {
	switch w.below(6, drawLinks, i, 2, 0) {
	case 0:
		return nil, "UNKNOWN"
	case 1:
		return []link{{"Documentation", site + "docs"}}, site
	case 2:
		return []link{{"Funding", "https://github.com/sponsors/fictional"}}, ""
	case 3:
		return []link{{"Homepage", "https://github.com/fictional-" + animalOf(i) + "s"}}, "" // an owner, not a repository
	case 4:
		return nil, "http://forge.fictional.invalid/" + nameOf(i)
	}
	return nil, ""
}
