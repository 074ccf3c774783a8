package advisory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// Upload is one release of a project.
type Upload struct {
	Version string
	FirstAt time.Time // first upload of a file of it; zero unknown
	Yanked  bool      // every file of it
}

// Releases are the releases of one project, prepared once for all its groups.
type Releases struct {
	latest   *pypa.Version
	releases []release // by version
	tenures  []tenure  // which stable one was the latest, oldest first
}

type release struct {
	version pypa.Version
	firstAt time.Time
}

// NewReleases prepares releases. latest is the project's latest stable release,
// "" when it has none.
func NewReleases(latest string, uploads []Upload) *Releases {
	r := &Releases{releases: make([]release, 0, len(uploads)), tenures: tenuresOf(uploads)}
	if latest != "" {
		v := pypa.ParseVersion(latest)
		r.latest = &v
	}
	for _, u := range uploads {
		r.releases = append(r.releases, release{pypa.ParseVersion(u.Version), u.FirstAt})
	}
	slices.SortStableFunc(r.releases, func(a, b release) int { return a.version.Compare(b.version) })
	return r
}

// Expose says what a group means for a project, by what the group's Records say
// of it. r is nil when the project's files are not known: then AffectedReleases,
// FixedAt, FixDays and LatestAffected are not either.
//
// AffectedReleases counts the releases that Match says are affected; those of
// which it does not know are not counted. It is nil when no record names ranges
// or versions, and when there are such releases and none that is surely affected.
//
// FixedIn holds the fixed versions as the records state them. FixedAt is the
// earliest first upload of the releases of exactly these versions. What the
// index does not hold has an unknown upload, and the next release it holds does
// not stand in for it: PyPI has no Django before 1.1.3, and a fix made in 1.1 in
// 2009 was not made with 1.1.3 in 2010. An end by last_affected is no fix: nobody
// said that the version after it is one.
func Expose(g *Group, project string, r *Releases) observation.Exposure {
	e := observation.Exposure{Group: g.Group}
	s := newScope(g.Affected(project))
	e.Affected = s.words()
	fixes := s.fixes()
	for _, f := range fixes {
		e.FixedIn = append(e.FixedIn, f.String())
	}
	if r == nil {
		return e
	}
	if r.latest != nil {
		if is, known := s.match(*r.latest); known {
			e.LatestAffected = &is
		}
	}
	if s.ranged || len(s.listed) > 0 {
		if n := r.affected(s); n > 0 || !r.doubtful(s) {
			e.AffectedReleases = &n
		}
	}
	for _, f := range fixes {
		if at := r.fixedAt(f); !at.IsZero() && (e.FixedAt.IsZero() || at.Before(e.FixedAt)) {
			e.FixedAt = at
		}
	}
	if g.Precision == PrecisionDay && !e.FixedAt.IsZero() {
		days := int(Day(e.FixedAt).Sub(g.Disclosed) / (24 * time.Hour))
		e.FixDays = &days
	}
	return e
}

// affected counts the releases that are in the ranges or listed.
func (r *Releases) affected(s scope) int {
	listed := slices.Clone(s.listed)
	slices.SortFunc(listed, pypa.Version.Compare)
	n := 0
	for _, rel := range r.releases {
		_, found := slices.BinarySearchFunc(listed, rel.version, pypa.Version.Compare)
		if found || s.covers(rel.version) {
			n++
		}
	}
	return n
}

// doubtful reports whether there is a release of which nobody can say whether it
// is affected: the bounds of a range are no versions of PEP 440.
func (r *Releases) doubtful(s scope) bool {
	return len(s.loose) > 0 && slices.ContainsFunc(r.releases, func(rel release) bool {
		_, known := s.match(rel.version)
		return !known
	})
}

// fixedAt returns the first upload of the release that brought fix; zero when
// the index holds no such release or its upload is unknown.
func (r *Releases) fixedAt(fix pypa.Version) time.Time {
	i, found := slices.BinarySearchFunc(r.releases, fix, func(rel release, v pypa.Version) int { return rel.version.Compare(v) })
	if !found {
		return time.Time{}
	}
	return r.releases[i].firstAt
}

// fixes returns the fixed versions that end the affected stretches, in order;
// those that are no versions of PEP 440 last.
func (s scope) fixes() []pypa.Version {
	var out []pypa.Version
	for _, i := range s.intervals {
		if !i.to.unbounded && !i.to.inclusive && !i.to.limit {
			out = append(out, i.to.version)
		}
	}
	for _, l := range s.loose {
		for _, e := range l.events {
			if e.Fixed != "" {
				out = append(out, pypa.ParseVersion(e.Fixed))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b pypa.Version) int {
		if a.Valid() != b.Valid() {
			if a.Valid() {
				return -1
			}
			return 1
		}
		return a.Compare(b)
	})
	return slices.CompactFunc(out, pypa.Version.Equal)
}

// maxListed is the most listed versions that are named one by one.
const maxListed = 5

// words says which versions are affected: "1.22 to before 2.6.3", "before
// 1.26.19, 2.0.0 to before 2.2.2", "up to 1.4", "all versions", "2.0 and later,
// no fix recorded", "8.0", "not stated".
func (s scope) words() string {
	intervals := slices.Clone(s.intervals)
	for _, l := range s.loose {
		intervals = append(intervals, l.asWritten()...)
	}
	var parts []string
	for _, i := range intervals {
		parts = append(parts, i.words())
	}
	parts = append(parts, listedWords(s.beside())...)
	if len(parts) == 0 {
		return "not stated"
	}
	return strings.Join(slices.Compact(parts), ", ")
}

func (i interval) words() string {
	from, to := i.from.version.String(), i.to.version.String()
	switch {
	case i.from.unbounded && i.to.unbounded:
		return "all versions"
	case i.to.unbounded:
		return from + " and later, no fix recorded"
	case i.from.unbounded && i.to.inclusive:
		return "up to " + to
	case i.from.unbounded:
		return "before " + to
	case !i.to.inclusive:
		return from + " to before " + to
	case i.from.version.Equal(i.to.version):
		return from
	}
	return from + " to " + to
}

// asWritten pairs the events of a range that cannot be put in order as the
// record has them; of several ends after one beginning it takes the first.
func (l loose) asWritten() []interval {
	var out []interval
	open := false
	for _, e := range l.events {
		to := bound{version: pypa.ParseVersion(e.Fixed + e.LastAffected), inclusive: e.LastAffected != ""}
		switch {
		case e.Introduced != "":
			from := bound{version: pypa.ParseVersion(e.Introduced), unbounded: e.Introduced == "0", inclusive: true}
			out = append(out, interval{from, bound{unbounded: true}})
			open = true
		case open && (e.Fixed != "" || e.LastAffected != ""):
			out[len(out)-1].to = to
			open = false
		}
	}
	return out
}

// beside returns the listed versions that the words for the ranges do not tell
// of, in order, each once.
func (s scope) beside() []pypa.Version {
	var out []pypa.Version
	for _, v := range s.listed {
		if !s.told(v) {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, pypa.Version.Compare)
	return slices.CompactFunc(out, pypa.Version.Equal)
}

// told reports whether a reader would take v to be in the ranges. What PEP 440
// does not know is before every version.
func (s scope) told(v pypa.Version) bool {
	return anyHas(s.intervals, v) || slices.ContainsFunc(s.loose, func(l loose) bool { return anyHas(l.intervals, v) })
}

func listedWords(list []pypa.Version) []string {
	if len(list) > maxListed {
		return []string{fmt.Sprintf("%d listed versions from %s to %s", len(list), list[0], list[len(list)-1])}
	}
	var parts []string
	for _, v := range list {
		parts = append(parts, v.String())
	}
	return parts
}
