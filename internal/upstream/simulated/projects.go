package simulated

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

var animals = strings.Fields(`otter badger heron lynx marten newt osprey puffin quokka raven stoat tapir urchin vole walrus
	yak zebra alpaca bison civet dingo egret ferret gecko hare ibex jackal koala lemur moose narwhal ocelot panda quail rook
	seal toad vicuna weasel xerus adder beaver crane dormouse eland finch gannet hoopoe iguana jay kestrel llama`)

var things = strings.Fields(`kit parser client cache router queue loader writer codec schema render sync store lock graph
	table batch proxy token probe trace metric config logger mapper shell crypto image audio vector tensor frame chart
	forms mail clock units paths units-extra flags`)

// nameOf is the normalised name of project i. No two projects have the same one
// below len(animals)*len(things), because len(things)+1 and len(animals) have
// no common factor.
func nameOf(i int) string {
	animal := animals[(i/len(things)+i)%len(animals)]
	return "fictional-" + animal + "-" + things[i%len(things)]
}

// displayName is the name as it was registered: a few are not normalised.
func (w *world) displayName(i int) string {
	name := nameOf(i)
	switch w.below(12, drawCase, i, 0, 0) {
	case 0:
		return strings.ReplaceAll(name, "-", "_")
	case 1:
		return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "-", ".")
	}
	return name
}

// Repositories are numbered: below the pool, repository i is that of project i;
// the others hold several projects.

// repository is the repository of project i; a few have none.
func (w *world) repository(i int) (int, bool) {
	switch u := w.unit(drawRepository, i, 0, 0); {
	case u < 0.03:
		return 0, false
	case u < 0.11:
		return w.pool + w.below(w.pool/40+2, drawRepository, i, 1, 0), true
	}
	return i, true
}

// repositoryPath is "github.com/owner/name" in the forge's own case.
func (w *world) repositoryPath(repo int) string {
	if repo >= w.pool {
		return fmt.Sprintf("github.com/fictional-works-%d/monorepo", repo-w.pool+1)
	}
	name := nameOf(repo)
	animal := strings.Split(name, "-")[1]
	switch u := w.unit(drawRepository, repo, 2, 0); {
	case u < 0.02:
		return "gitlab.com/fictional-" + animal + "s/" + name
	case u < 0.10:
		return "github.com/Fictional-" + strings.ToUpper(animal[:1]) + animal[1:] + "-Lab/" + name
	}
	return "github.com/fictional-" + animal + "s/" + name
}

// born is the day of project i's first release. One in sixteen comes while the
// history runs, so that the lists have entries and exits.
func (w *world) born(i int) day {
	if i%16 == 7 {
		return date(2022, time.August, 1) + day(w.below(1900, drawBirth, i, 0, 0))
	}
	return beginning + day(w.below(3500, drawBirth, i, 0, 0))
}

// downloads is how often project i is downloaded in the month before m (months
// since 1970): few projects have most of them, all grow, each by its own trend.
func (w *world) downloads(i, m int) uint64 {
	const from = 640 // May 2023
	top := math.Log(1.1e9) + 0.017*float64(m-from)
	trend := (w.unit(drawTrend, i, 0, 0) - 0.45) * 0.02 * float64(m-from)
	noise := (w.unit(drawMonthNoise, i, m, 0) - 0.5) * 0.12
	return uint64(math.Exp(top - 1.08*math.Log(float64(i+1)) + trend + noise))
}

// place is one row of a rank list.
type place struct {
	project   int
	downloads uint64
}

// ranked is the rank list of the month that begins at t, most downloaded first.
func (w *world) ranked(t time.Time) []place {
	m := t.Year()*12 + int(t.Month()) - 1 - 1970*12
	all := make([]place, 0, w.pool)
	for i := range w.pool {
		if w.born(i)+60 <= dayOf(t) {
			all = append(all, place{i, w.downloads(i, m)})
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		if c := cmp.Compare(b.downloads, a.downloads); c != 0 {
			return c
		}
		return cmp.Compare(a.project, b.project)
	})
	return all[:min(w.n, len(all))]
}

// release is one release of a project.
type release struct {
	version string
	day     day
	nth     int // in the order of time, from 0
	odd     bool
	pre     bool
}

// releases are those of project i up to today, oldest first. There is always
// one, and never more than maxReleases.
func (w *world) releases(i int) []release {
	const maxReleases = 40
	born := w.born(i)
	every := []int{25, 45, 90, 180, 400}[w.below(5, drawCadence, i, 0, 0)]
	every = max(every, int(end-born)/maxReleases)
	last := end
	if w.chance(0.25, drawAbandoned, i, 0, 0) {
		last = max(born+1, date(2019, time.January, 1)+day(w.below(2900, drawAbandoned, i, 1, 0)))
	}
	var list []release
	for k := 0; ; k++ {
		d := born + day(k*every)
		if k > 0 {
			d += day(w.below(max(every/2, 1), drawReleaseDay, i, k, 0))
		}
		if k > 0 && (d > last || d >= w.today) {
			return list
		}
		v := w.version(i, k, d)
		list = append(list, release{version: v, day: d, nth: k, odd: w.oddVersion(i, k), pre: strings.Contains(v, "rc")})
	}
}

// oddVersion tells whether release k has a version outside PEP 440, as very old
// projects do.
func (w *world) oddVersion(i, k int) bool {
	return k == 2 && w.chance(0.03, drawOddVersion, i, 0, 0)
}

// version is the version of release k: semantic, by date, or never reaching 1.
func (w *world) version(i, k int, d day) string {
	if w.oddVersion(i, k) {
		return "0.1-first-light"
	}
	major, minor, patch := 1+k/12, k%12/3, k%3
	switch w.below(8, drawScheme, i, 0, 0) {
	case 0, 1:
		t := d.time()
		return fmt.Sprintf("%d.%d.%d", t.Year(), t.Month(), k)
	case 2, 3:
		return fmt.Sprintf("0.%d.%d", k/3, patch)
	}
	if k%12 == 0 && k > 0 && w.chance(0.4, drawScheme, i, k, 0) {
		return fmt.Sprintf("%d.0.0rc1", major)
	}
	return fmt.Sprintf("%d.%d.%d", major, minor, patch)
}
