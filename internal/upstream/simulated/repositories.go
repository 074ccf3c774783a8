package simulated

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Repositories are numbered: below the pool, repository i is that of project i;
// the others hold several projects, the first of them dozens.

// linked is the share of the projects of about the rank of i that have a
// repository: 82 % of all.
func linked(i int) float64 { return 1 - min(0.08+0.032*math.Log10(float64(i+1)), 0.2) }

// repository is the repository of project i; ok is false when it has none.
func (w *world) repository(i int) (repo int, ok bool) {
	none := 1 - linked(i)
	switch u := w.unit(drawRepository, i, 0, 0); {
	case u < none:
		return 0, false
	case u < none+shareShared:
		v := w.unit(drawRepository, i, 1, 0)
		return w.pool + int(v*v*float64(w.families())), true
	}
	return i, true
}

// families is how many repositories hold several projects.
func (w *world) families() int { return w.pool/25 + 2 }

// pathOn is where a repository is on a day, in the forge's own case:
// "github.com/owner/name".
func (w *world) pathOn(repo int, d day) string {
	if repo >= w.pool {
		return "github.com/fictional-works-" + strconv.Itoa(repo-w.pool+1) + "/monorepo"
	}
	if moved, ok := w.renamed(repo); ok && d < moved {
		return w.oldPath(repo)
	}
	return w.newPath(repo)
}

func (w *world) newPath(repo int) string {
	animal := animalOf(repo)
	switch u := w.unit(drawRepository, repo, 2, 0); {
	case u < shareGitLab:
		return "gitlab.com/fictional-" + animal + "s/" + nameOf(repo)
	case u < shareGitLab+shareLab:
		return "github.com/Fictional-" + strings.ToUpper(animal[:1]) + animal[1:] + "-Lab/" + nameOf(repo)
	}
	return "github.com/fictional-" + animal + "s/" + nameOf(repo)
}

// oldPath is where a renamed repository was before.
func (w *world) oldPath(repo int) string {
	host, _, _ := strings.Cut(w.newPath(repo), "/")
	return host + "/fictional-" + animalOf(repo) + "-garden/" + nameOf(repo)
}

// renamed is the day on which a repository moves to another owner.
func (w *world) renamed(repo int) (day, bool) {
	if repo >= w.pool || !w.chance(shareRenamed, drawRename, repo, 0, 0) {
		return 0, false
	}
	return date(2021, time.January, 1) + day(w.below(3000, drawRename, repo, 1, 0)), true
}

// dead tells whether a repository is gone on a day.
func (w *world) dead(repo int, d day) bool {
	return repo < w.pool && w.chance(shareDead, drawDead, repo, 0, 0) &&
		d >= date(2021, time.January, 1)+day(w.below(3000, drawDead, repo, 1, 0))
}

// repositoryAt returns the repository that has or had a path, in whatever case.
func (w *world) repositoryAt(path string) (repo int, ok bool) {
	path = strings.ToLower(path)
	if number, ok := strings.CutPrefix(path, "github.com/fictional-works-"); ok {
		number, ok := strings.CutSuffix(number, "/monorepo")
		k, err := strconv.Atoi(number)
		repo = w.pool + k - 1
		return repo, ok && err == nil && k >= 1 && k <= w.families() && w.pathOn(repo, 0) == path
	}
	repo, ok = w.project(path[strings.LastIndexByte(path, '/')+1:])
	if !ok {
		return 0, false
	}
	_, moves := w.renamed(repo)
	return repo, strings.EqualFold(path, w.newPath(repo)) || moves && strings.EqualFold(path, w.oldPath(repo))
}

// forge answers as GitHub and GitLab do for a repository's page: 200, 301 to
// where it moved, and 404 for one that is gone, private, or never was. GitLab
// asks to sign in for what is private.
func (w *world) forge(q query) (reply, bool) {
	path := q.host + strings.TrimSuffix(q.path, "/")
	repo, ok := w.repositoryAt(path)
	switch {
	case !ok || w.dead(repo, w.today) && q.host == "github.com":
		return reply{}, false
	case w.dead(repo, w.today):
		return reply{status: http.StatusFound, location: "https://" + q.host + "/users/sign_in"}, true
	}
	now := w.pathOn(repo, w.today)
	switch {
	case strings.EqualFold(path, now):
		body := fmt.Sprintf("<!DOCTYPE html>\n<html lang=\"en\"><title>%s</title><p>A fictional repository.</p></html>\n", now)
		return reply{kind: "text/html; charset=utf-8", body: []byte(body)}, true
	case strings.EqualFold(now, w.newPath(repo)):
		return reply{status: http.StatusMovedPermanently, location: "https://" + now}, true
	}
	return reply{}, false // it is not there yet
}
