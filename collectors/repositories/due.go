package repositories

import (
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const (
	maxAsked = 1000 // repositories of one run: 17 minutes at the rate of one forge

	// An answer holds for askAgain. One that is gone may only have been private for
	// a while, and is asked about sooner.
	askAgain     = 90 * 24 * time.Hour
	askAgainGone = 14 * 24 * time.Hour
)

// choice is what a run asks about.
type choice struct {
	due       []string
	witnesses map[string][]string // by host: repositories that answered last time, and are not due
	elsewhere int                 // on hosts that are not asked
	fresh     int                 // answered lately
	waiting   int                 // due, but not in this run
}

// choose picks what is due, in the order of the catalogue. For one project it
// is what that names, in any case.
func choose(known []observation.KnownRepository, one []string, now time.Time) choice {
	c := choice{witnesses: map[string][]string{}}
	seen := map[string]bool{}
	add := func(name string) {
		switch {
		case seen[strings.ToLower(name)]:
		case hostOf(name) == "":
			c.elsewhere++
		case len(c.due) == maxAsked:
			c.waiting++
		default:
			c.due = append(c.due, name)
		}
		seen[strings.ToLower(name)] = true
	}
	for _, name := range one {
		add(name)
	}
	for _, k := range known {
		if one == nil && isDue(k, now) {
			add(k.Repository)
			continue
		}
		if one == nil {
			c.fresh++
		}
		if k.State == observation.RepositoryFound || k.State == observation.RepositoryMoved {
			host := hostOf(k.Repository)
			c.witnesses[host] = append(c.witnesses[host], k.Repository)
		}
	}
	return c
}

func isDue(k observation.KnownRepository, now time.Time) bool {
	holds := askAgain
	if k.State == observation.RepositoryGone {
		holds = askAgainGone
	}
	return k.AskedAt.IsZero() || now.Sub(k.AskedAt) > holds
}

// hostOf returns the host of host/owner/name, "" when that is not a repository on
// one of the forges.
func hostOf(repository string) string {
	if cut, ok := collectors.RepositoryOf("https://" + repository); !ok || cut != repository {
		return ""
	}
	host, _, _ := strings.Cut(repository, "/")
	return host
}
