package pypa

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// PythonCycle is one feature release of CPython, for RequiresPython.
type PythonCycle struct {
	Name       string    // "3.12"
	ReleasedOn time.Time // zero unknown
	EndsOn     time.Time // end of life, zero unknown
	Ended      bool      // the source says that its life has ended; counts only without EndsOn
}

// HasEnded reports whether the life of a cycle has ended on day; on the very day
// of its end it has.
func (c PythonCycle) HasEnded(day time.Time) bool {
	if c.EndsOn.IsZero() {
		return c.Ended
	}
	return !day.Before(c.EndsOn)
}

// PythonSupport is what requires-python of a release means on one day.
type PythonSupport struct {
	// Known is false when requires-python is absent or cannot be read, or no
	// cycle is known: then nothing else is said.
	Known  bool
	Cycles []string // the cycles that it admits and that were out by then, in the order of the list
	Ended  []string // those of them whose life had ended by then
}

// OnlyEnded reports whether the release admits nothing but cycles whose life
// has ended.
func (s PythonSupport) OnlyEnded() bool { return len(s.Cycles) > 0 && len(s.Ended) == len(s.Cycles) }

// AdmitsEnded reports whether the release still admits a cycle whose life has
// ended.
func (s PythonSupport) AdmitsEnded() bool { return len(s.Ended) > 0 }

// RequiresPython holds requires-python of a release against the cycles of
// CPython as they stood on day. A cycle is admitted when at least one of its
// final releases is: "<=3.11" admits 3.11 by 3.11.0, ">3.8" admits 3.8 by 3.8.1.
// A requirement that admits none of the cycles is known and has no Cycles.
func RequiresPython(requires string, cycles []PythonCycle, day time.Time) PythonSupport {
	specifiers, err := ParseSpecifiers(requires)
	if err != nil || len(cycles) == 0 {
		return PythonSupport{}
	}
	support := PythonSupport{Known: true}
	patches := specifiers.patches()
	for _, c := range cycles {
		if c.ReleasedOn.After(day) || !specifiers.admitsCycle(c.Name, patches) {
			continue
		}
		support.Cycles = append(support.Cycles, c.Name)
		if c.HasEnded(day) {
			support.Ended = append(support.Ended, c.Name)
		}
	}
	return support
}

// lastPatch stands for the patch releases after every one that specifiers name.
// No cycle of CPython has had more than twenty.
const lastPatch = 99

// patches returns the patch releases that have to be tried to tell whether
// specifiers admit any of a cycle: whether one is admitted can change only at a
// patch release that they name, so one on each side of every such will do.
func (s Specifiers) patches() []int {
	all := []int{0, 1, lastPatch}
	add := func(release string) {
		numbers := strings.SplitN(release, ".", 4)
		if len(numbers) < 3 {
			return
		}
		if n, err := strconv.Atoi(numbers[2]); err == nil && n < lastPatch {
			all = append(all, max(n-1, 0), n, n+1)
		}
	}
	for _, c := range s.clauses {
		add(c.of.release)
		add(c.text)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s Specifiers) admitsCycle(name string, patches []int) bool {
	return slices.ContainsFunc(patches, func(patch int) bool {
		return s.admits(name + "." + strconv.Itoa(patch))
	})
}
