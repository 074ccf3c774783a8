package simulated

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// born is the day of project i's first release. One in sixteen comes while the
// history runs, so that the lists have entries and exits.
func (w *world) born(i int) day {
	if i%16 == 7 {
		return history + 31 + day(w.below(1900, drawBirth, i, 0, 0))
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

// ranked is the rank list of the month that begins on d, most downloaded first.
func (w *world) ranked(d day) []place {
	m, rows := d.month(), min(w.n, at(listRows, d))
	all := make([]place, 0, w.pool)
	for i := range w.pool {
		if w.born(i)+60 <= d {
			all = append(all, place{i, w.downloads(i, m)})
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		if a.downloads != b.downloads {
			return cmp.Compare(b.downloads, a.downloads)
		}
		return a.project - b.project
	})
	return all[:min(rows, len(all))]
}

// release is one release of a project.
type release struct {
	version string
	day     day
	nth     int // in the order of time, from 0
	odd     bool
	pre     bool
}

// maxReleases is the most that a project has in the whole of time.
const maxReleases = 40

// rhythm is how a project releases: every so many days, up to a last day.
type rhythm struct {
	born, last day
	every      int
}

func (w *world) rhythm(i int) rhythm {
	r := rhythm{born: w.born(i), last: end}
	r.every = []int{25, 45, 90, 180, 400}[w.below(5, drawCadence, i, 0, 0)]
	r.every = max(r.every, int(end-r.born)/maxReleases)
	if w.chance(shareAbandoned, drawAbandoned, i, 0, 0) {
		r.last = max(r.born+1, w.abandonedAt(i))
	}
	return r
}

// firstAbandoned is the day from which projects fall silent.
var firstAbandoned = date(2019, time.January, 1)

func (w *world) abandonedAt(i int) day {
	return firstAbandoned + day(w.below(2900, drawAbandoned, i, 1, 0))
}

// releaseDay is the day of release k of project i.
func (w *world) releaseDay(i, k int, r rhythm) day {
	d := r.born + day(k*r.every)
	if k > 0 {
		d += day(w.below(max(r.every/2, 1), drawReleaseDay, i, k, 0))
	}
	return d
}

// released is how many releases project i has before today: at least the first.
func (w *world) released(i int, r rhythm) int { return w.releasedBy(i, r, w.today-1) }

// releasedBy is how many it has up to a day.
func (w *world) releasedBy(i int, r rhythm, d day) int {
	last := min(r.last, d)
	k := max(int(last-r.born)/r.every, 0) // the first day on which release k can be
	if k > 0 && w.releaseDay(i, k, r) > last {
		k--
	}
	return k + 1
}

// releases are those of project i before today, oldest first.
func (w *world) releases(i int) []release {
	r := w.rhythm(i)
	list := make([]release, w.released(i, r))
	for k := range list {
		list[k] = w.release(i, k, r)
	}
	return list
}

func (w *world) release(i, k int, r rhythm) release {
	d := w.releaseDay(i, k, r)
	v := w.version(i, k, d)
	return release{version: v, day: d, nth: k, odd: w.oddVersion(i, k), pre: strings.Contains(v, "rc")}
}

// uploaded is the time of a release.
func (w *world) uploaded(i int, r release) time.Time { return w.uploadedAt(i, r.nth, r.day) }

func (w *world) uploadedAt(i, k int, d day) time.Time {
	return w.second(d, drawReleaseDay, i, k, 1)
}

// oddVersion tells whether release k has a version outside PEP 440, as very old
// projects do.
func (w *world) oddVersion(i, k int) bool {
	return k == 2 && w.chance(0.03, drawOddVersion, i, 0, 0)
}

// oddText is the version of such a release.
const oddText = "0.1-first-light"

// version is the version of release k: semantic, by date, or never reaching 1.
func (w *world) version(i, k int, d day) string {
	if w.oddVersion(i, k) {
		return oddText
	}
	major, minor, patch := 1+k/12, k%12/3, k%3
	switch w.below(8, drawScheme, i, 0, 0) {
	case 0, 1:
		t := d.time()
		return dotted(t.Year(), int(t.Month()), k)
	case 2, 3:
		return dotted(0, k/3, patch)
	}
	if k%12 == 0 && k > 0 && w.chance(0.4, drawScheme, i, k, 0) {
		return fmt.Sprintf("%d.0.0rc1", major)
	}
	return dotted(major, minor, patch)
}

// The standings of a project on PyPI.
const (
	active      = "active"
	archived    = "archived"
	deprecated  = "deprecated"
	quarantined = "quarantined"
	removed     = "" // PyPI has no such project any more
)

// standing is that of project i today, and when it came to it (zero for active
// ones that were never anything else).
func (w *world) standing(i int) (now string, since time.Time) {
	u := w.unit(drawStatus, i, 0, 0)
	if u > 0.1 {
		return active, time.Time{}
	}
	d := date(2022, time.October, 1) + day(w.below(2500, drawStatus, i, 1, 0))
	since = w.second(d, drawStatus, i, 2, 0)
	if d >= w.today {
		return active, time.Time{}
	}
	for _, s := range []struct {
		share float64
		name  string
	}{{shareRemoved, removed}, {shareQuarantine, quarantined}, {shareLifted, quarantined}, {shareArchived, archived}, {shareDeprecated, deprecated}} {
		if u -= s.share; u >= 0 {
			continue
		}
		if lifted := d + 3 + day(w.below(40, drawStatus, i, 3, 0)); s.share == shareLifted && lifted < w.today {
			return active, w.second(lifted, drawStatus, i, 4, 0)
		}
		return s.name, since
	}
	return active, time.Time{}
}

// exists tells whether PyPI has project i today, be it without its files.
func (w *world) exists(i int) bool {
	now, _ := w.standing(i)
	return now != removed && w.born(i) < w.today
}

// yank is when release k was taken back; ok is false when it was not, or not yet.
func (w *world) yank(i, k int, d day) (at time.Time, ok bool) {
	if !w.chance(shareYanked, drawYank, i, k, 0) {
		return time.Time{}, false
	}
	on := d + 1 + day(w.below(120, drawYank, i, k, 1))
	return w.second(on, drawYank, i, k, 2), on < w.today
}

// handover is when project i gets other owners or another organisation; ok is
// false when it never did.
func (w *world) handover(i int) (at time.Time, ok bool) {
	if !w.chance(shareOwnerMove, drawOwner, i, 0, 0) {
		return time.Time{}, false
	}
	on := date(2023, time.January, 1) + day(w.below(2500, drawOwner, i, 1, 0))
	return w.second(on, drawOwner, i, 2, 0), on < w.today
}

// serial of project i grows with everything that changes about it: releases,
// yanks, its standing, its owners.
func (w *world) serial(i int) uint64 {
	r := w.rhythm(i)
	n := w.released(i, r)
	newest := w.uploadedAt(i, n-1, w.releaseDay(i, n-1, r))
	for k := range n {
		if at, ok := w.yank(i, k, w.releaseDay(i, k, r)); ok {
			newest = later(newest, at)
		}
	}
	if _, since := w.standing(i); !since.IsZero() {
		newest = later(newest, since)
	}
	if at, ok := w.handover(i); ok {
		newest = later(newest, at)
	}
	return serialAt(newest)
}

// serialAt is the serial of a change: serials grow by one a minute.
func serialAt(t time.Time) uint64 { return uint64(t.Unix()/60) - 10_000_000 }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func dotted(major, minor, patch int) string {
	b := strconv.AppendInt(make([]byte, 0, 16), int64(major), 10)
	b = strconv.AppendInt(append(b, '.'), int64(minor), 10)
	return string(strconv.AppendInt(append(b, '.'), int64(patch), 10))
}
