package advisory

import (
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// The ways in which the latest stable release of a project comes to be in the
// affected range of a group, and out of it.
const (
	CrossDisclosed = "disclosed" // it was in the range when the group was disclosed
	CrossEntered   = "entered"   // a later release is in the range, the one before was not
	CrossLeft      = "left"      // a later release is not, the one before was
)

// Crossing is one day on which that changed.
type Crossing struct {
	On      time.Time // UTC day of the disclosure, or of the first upload of Version
	Change  string    // CrossDisclosed, CrossEntered or CrossLeft
	Version string    // latest stable release at the end of the day
	Before  string    // latest stable release before; "" of CrossDisclosed
}

// Crossings returns when the latest stable release of a project entered and left
// the affected range of a group, by what the records say now and the releases
// that are still on offer now: what was yanked or deleted since is not told of.
// It begins with the disclosure; of a group of which only the year is known,
// with the first day after that year, by which it was surely disclosed; of one
// without any date there is nothing to tell. Days are told by how they end, so
// that a fix on the day of the disclosure is neither. A release of which nobody
// can say whether it is affected tells nothing, nor does what follows it until
// that can be said again.
func Crossings(g *Group, project string, r *Releases) []Crossing {
	if r == nil || g.Disclosed.IsZero() {
		return nil
	}
	from := g.Disclosed
	if g.Precision != PrecisionDay {
		from = from.AddDate(1, 0, 0)
	}
	s := newScope(g.Affected(project))
	slices.SortFunc(s.listed, pypa.Version.Compare)
	var list []Crossing
	was, known := false, false
	before := ""
	for i, l := range r.tenures {
		if next := i + 1; next < len(r.tenures) && !r.tenures[next].on.After(from) {
			continue // no longer the latest on the first day
		}
		is, sure := s.matchSorted(l.version)
		switch first := !l.on.After(from); {
		case !sure:
		case first && is && g.Precision == PrecisionDay:
			list = append(list, Crossing{On: from, Change: CrossDisclosed, Version: l.version.String()})
		case first, !known, is == was:
		case is:
			list = append(list, Crossing{On: l.on, Change: CrossEntered, Version: l.version.String(), Before: before})
		default:
			list = append(list, Crossing{On: l.on, Change: CrossLeft, Version: l.version.String(), Before: before})
		}
		was, known, before = is, sure, l.version.String()
	}
	return list
}

// tenure is the latest stable release from the end of a day on.
type tenure struct {
	on      time.Time
	version pypa.Version
}

// tenuresOf tells which stable release was the latest, by the highest version of
// those uploaded by the end of each day, oldest first.
func tenuresOf(uploads []Upload) []tenure {
	var stable []tenure
	for _, u := range uploads {
		if v := pypa.ParseVersion(u.Version); v.Stable() && !u.Yanked && !u.FirstAt.IsZero() {
			stable = append(stable, tenure{Day(u.FirstAt), v})
		}
	}
	slices.SortStableFunc(stable, func(a, b tenure) int { return a.on.Compare(b.on) })
	var list []tenure
	for _, l := range stable {
		n := len(list)
		switch {
		case n > 0 && l.version.Compare(list[n-1].version) <= 0: // of an older line
		case n > 0 && l.on.Equal(list[n-1].on):
			list[n-1] = l
		default:
			list = append(list, l)
		}
	}
	return list
}

// matchSorted is match of a scope whose listed versions are in order.
func (s scope) matchSorted(v pypa.Version) (is, known bool) {
	if _, found := slices.BinarySearchFunc(s.listed, v, pypa.Version.Compare); found || s.covers(v) {
		return true, true
	}
	if s.doubts(v) {
		return false, false
	}
	return false, s.ranged || len(s.listed) > 0
}
