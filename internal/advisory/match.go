package advisory

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// Match tells whether a version is affected by any of affected, which are what
// the records of one group say of one project. It is the rule of the OSV schema,
// "Evaluation": a version is affected if it is listed or lies in a range.
//
// Events are put in PEP 440 order first, whatever order the record has. Of
// several ends after one beginning the first in that order ends it, by the
// schema's own algorithm; what follows it is affected only if it is listed. (23
// ranges of the 15,895 records of July 2026 are so, one with 77 last_affected.) A
// range with limit events covers nothing from the greatest of them on; a limit is
// no fix. Listed versions are compared by PEP 440, those that it does not know as
// text. The answer is not known when nothing names versions or ranges, and when
// it hangs on a bound, or on a version, that PEP 440 does not know.
func Match(affected []observation.Affected, version string) (is, known bool) {
	s := newScope(affected)
	return s.match(pypa.ParseVersion(version))
}

// scope is what the records of one group say of one project, ready to be asked.
type scope struct {
	span
	listed []pypa.Version
}

func newScope(affected []observation.Affected) scope {
	s := scope{span: newSpan(affected)}
	n := 0
	for _, a := range affected {
		n += len(a.Versions)
	}
	s.listed = make([]pypa.Version, 0, n)
	for _, a := range affected {
		for _, text := range a.Versions {
			s.listed = append(s.listed, pypa.ParseVersion(text))
		}
	}
	return s
}

// match is Match. Versions that PEP 440 does not know are equal when their
// texts are, which is what Equal says.
func (s scope) match(v pypa.Version) (is, known bool) {
	if s.covers(v) || slices.ContainsFunc(s.listed, v.Equal) {
		return true, true
	}
	if s.doubts(v) {
		return false, false
	}
	return false, s.ranged || len(s.listed) > 0
}

// bound is one end of an interval. Unbounded stands for the beginning or the
// end of all versions.
type bound struct {
	unbounded bool
	inclusive bool
	limit     bool // of a limit event: nobody said that the flaw ends here
	version   pypa.Version
}

// interval is a stretch of affected versions. Its lower bound is unbounded or
// inclusive; its upper bound is unbounded (no end recorded), exclusive (fixed, or
// the limit of the range) or inclusive (last affected).
type interval struct{ from, to bound }

// begins reports whether the interval begins at v or before it.
func (i interval) begins(v pypa.Version) bool {
	return i.from.unbounded || v.Compare(i.from.version) >= 0
}

// endsBefore reports whether v lies behind the end of the interval.
func (i interval) endsBefore(v pypa.Version) bool {
	if i.to.unbounded {
		return false
	}
	c := v.Compare(i.to.version)
	return c > 0 || c == 0 && !i.to.inclusive
}

// span is what the ECOSYSTEM ranges of several records cover together.
type span struct {
	intervals []interval // in order, apart from each other
	loose     []loose    // ranges with a bound that PEP 440 does not know
	ranged    bool       // at least one range says something
}

// loose is a range with a bound that cannot be placed among versions.
type loose struct {
	events    []observation.Event
	intervals []interval // as if the bounds that cannot be placed were not there
	opens     bool       // one of them is an introduced
	closes    bool       // one of them is a fixed, last_affected or limit
	limit     bound      // what is from here on is not covered; unbounded without
}

// newSpan reads all ranges of affected. A range without an introduced event is
// not one (the schema requires it) and says nothing.
func newSpan(affected []observation.Affected) span {
	var s span
	for _, a := range affected {
		for _, r := range a.Ranges {
			if !opens(r.Events) {
				continue
			}
			s.ranged = true
			points, l := place(r.Events)
			intervals := cut(walk(points), l.limit)
			if l.opens || l.closes {
				l.intervals = intervals
				s.loose = append(s.loose, l)
				continue
			}
			s.intervals = append(s.intervals, intervals...)
		}
	}
	s.intervals = merge(s.intervals)
	return s
}

// covers reports whether v is surely in one of the ranges. What cannot be placed
// among versions is only in what covers all of them.
func (s span) covers(v pypa.Version) bool {
	if !v.Valid() {
		return slices.ContainsFunc(s.intervals, func(i interval) bool { return i.from.unbounded && i.to.unbounded })
	}
	return anyHas(s.intervals, v) ||
		slices.ContainsFunc(s.loose, func(l loose) bool { return !l.closes && anyHas(l.intervals, v) })
}

// doubts reports whether v, which is not surely in a range, may be in one:
// without an end that it has, a range is at most too long here, and without a
// beginning at most too short.
func (s span) doubts(v pypa.Version) bool {
	if !v.Valid() {
		return s.ranged
	}
	return slices.ContainsFunc(s.loose, func(l loose) bool {
		if anyHas(l.intervals, v) {
			return l.closes
		}
		return l.opens
	})
}

// anyHas reports whether v is in one of the intervals, which are in order and
// apart from each other: only the last one that begins before v can have it.
func anyHas(list []interval, v pypa.Version) bool {
	n := sort.Search(len(list), func(i int) bool { return !list[i].begins(v) })
	return n > 0 && !list[n-1].endsBefore(v)
}

func opens(events []observation.Event) bool {
	return slices.ContainsFunc(events, func(e observation.Event) bool { return e.Introduced != "" })
}

// point is one version at which something happens in a range.
type point struct {
	version    pypa.Version
	introduced bool
	fixed      bool
	last       bool
}

// zero is the version of "introduced: 0", which is before every other.
var zero = pypa.Version{}

// place puts events in the order of their versions, those of one version in one
// point, and sets apart what cannot be placed.
func place(events []observation.Event) ([]point, loose) {
	l := loose{events: events}
	l.limit, l.closes = limitOf(events)
	var points []point
	for _, e := range events {
		p := point{introduced: e.Introduced != "", fixed: e.Fixed != "", last: e.LastAffected != ""}
		if !p.introduced && !p.fixed && !p.last {
			continue
		}
		if e.Introduced != "0" {
			p.version = pypa.ParseVersion(e.Introduced + e.Fixed + e.LastAffected)
			if !p.version.Valid() {
				l.opens = l.opens || p.introduced
				l.closes = l.closes || !p.introduced
				continue
			}
		}
		points = append(points, p)
	}
	slices.SortStableFunc(points, func(a, b point) int { return a.version.Compare(b.version) })
	merged := points[:0]
	for _, p := range points {
		if n := len(merged); n > 0 && merged[n-1].version.Equal(p.version) {
			m := &merged[n-1]
			m.introduced, m.fixed, m.last = m.introduced || p.introduced, m.fixed || p.fixed, m.last || p.last
			continue
		}
		merged = append(merged, p)
	}
	return merged, l
}

// limitOf returns the greatest limit of a range, unbounded without one; closes
// when one of them cannot be placed. "*" is behind every version.
func limitOf(events []observation.Event) (limit bound, closes bool) {
	limit.unbounded = true
	for _, e := range events {
		if e.Limit == "" {
			continue
		}
		v := pypa.ParseVersion(e.Limit)
		switch {
		case e.Limit == "*":
			return bound{unbounded: true}, false
		case !v.Valid():
			closes = true
		case limit.unbounded || v.Compare(limit.version) > 0:
			limit = bound{limit: true, version: v}
		}
	}
	if closes {
		limit = bound{unbounded: true}
	}
	return limit, closes
}

// cut ends intervals at a limit.
func cut(list []interval, limit bound) []interval {
	if limit.unbounded {
		return list
	}
	var out []interval
	for _, i := range list {
		if !i.from.unbounded && i.from.version.Compare(limit.version) >= 0 {
			continue
		}
		if limit.before(i.to) {
			i.to = limit
		}
		out = append(out, i)
	}
	return out
}

// walk turns the points of one range into intervals. Where a version both ends
// and begins, what is open ends first and the next begins; when nothing is open,
// what begins ends at once (introduced and fixed: nothing is affected;
// introduced and last affected: this one version is).
func walk(points []point) []interval {
	var out []interval
	var from bound
	open := false
	begin := func(p point) {
		from = bound{version: p.version, inclusive: true, unbounded: p.version.Equal(zero)}
		open = true
	}
	end := func(p point) {
		if p.fixed && from.version.Equal(p.version) {
			open = false
			return
		}
		out = append(out, interval{from, bound{version: p.version, inclusive: !p.fixed}})
		open = false
	}
	for _, p := range points {
		ends := p.fixed || p.last
		if !open && p.introduced {
			begin(p)
			if ends {
				end(p)
			}
			continue
		}
		if open && ends {
			end(p)
			if p.introduced {
				begin(p)
			}
		}
	}
	if open {
		out = append(out, interval{from, bound{unbounded: true}})
	}
	return out
}

// merge sorts intervals and makes one of those that overlap or touch.
func merge(list []interval) []interval {
	slices.SortStableFunc(list, func(a, b interval) int {
		return cmp.Or(a.from.version.Compare(b.from.version),
			strings.Compare(a.from.version.String(), b.from.version.String()),
			strings.Compare(a.to.version.String(), b.to.version.String()))
	})
	var out []interval
	for _, i := range list {
		n := len(out)
		if n == 0 || !out[n-1].reaches(i.from) {
			out = append(out, i)
			continue
		}
		if last := &out[n-1]; last.to.before(i.to) {
			last.to = i.to
		}
	}
	return out
}

// reaches reports whether nothing lies between the interval's end and from.
func (i interval) reaches(from bound) bool {
	return i.to.unbounded || from.unbounded || i.to.version.Compare(from.version) >= 0
}

// before reports whether the upper bound b ends before c does. At one version a
// limit gives way to a fix: what one record does not cover another one fixes.
func (b bound) before(c bound) bool {
	if b.unbounded || c.unbounded {
		return !b.unbounded
	}
	return cmp.Or(b.version.Compare(c.version), cmp.Compare(b.rank(), c.rank())) < 0
}

// rank orders upper bounds at one version.
func (b bound) rank() int {
	switch {
	case b.inclusive:
		return 2
	case b.limit:
		return 0
	}
	return 1
}
