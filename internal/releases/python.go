package releases

import (
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// Cycles are the release cycles of CPython, prepared for many questions about
// them. It is not safe for concurrent use.
type Cycles struct {
	list   []pypa.PythonCycle // by version, newest first
	admits map[string][]bool  // by requires-python, in the order of list; nil when it says nothing
}

// NewCycles prepares cycles.
func NewCycles(cycles []observation.PythonCycle) *Cycles {
	c := &Cycles{admits: make(map[string][]bool)}
	for _, n := range cycles {
		c.list = append(c.list, pypa.PythonCycle{Name: n.Name, ReleasedOn: n.ReleasedOn, EndsOn: n.EndsOn, Ended: n.Ended})
	}
	slices.SortFunc(c.list, func(a, b pypa.PythonCycle) int { return pypa.Compare(b.Name, a.Name) })
	return c
}

// Support tells what a release admits of the cycles that were out on a day, by
// the requires-python of its files: a cycle is admitted when one file admits it.
// newest says whether the newest of them is. Files that do not state it say
// nothing; what is not stated at all, not readable in one of them, or admits no
// cycle that was out, is unknown.
func (c *Cycles) Support(requires []string, day time.Time) (support observation.PythonSupport, newest *bool) {
	admitted := c.admitted(requires)
	if admitted == nil {
		return observation.PythonUnknown, nil
	}
	var ended, supported bool
	for i, cycle := range c.list {
		if cycle.ReleasedOn.After(day) {
			continue
		}
		if newest == nil {
			newest = &admitted[i]
		}
		if admitted[i] {
			over := cycle.HasEnded(day)
			ended, supported = ended || over, supported || !over
		}
	}
	switch {
	case supported && ended:
		return observation.PythonAdmits, newest
	case supported:
		return observation.PythonCurrent, newest
	case ended:
		return observation.PythonOnlyEOL, newest
	}
	return observation.PythonUnknown, newest
}

// admitted returns which cycles one of the texts admits, in the order of the
// list; nil when none is stated, or one cannot be read.
func (c *Cycles) admitted(requires []string) []bool {
	var all []bool
	for _, text := range requires {
		if text == "" {
			continue
		}
		admits := c.read(text)
		if admits == nil {
			return nil
		}
		if all == nil {
			all = slices.Clone(admits)
			continue
		}
		for i, is := range admits {
			all[i] = all[i] || is
		}
	}
	return all
}

// always is a day on which every cycle is out.
var always = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// read returns which cycles a requires-python admits whenever they are out, nil
// when it cannot be read.
func (c *Cycles) read(text string) []bool {
	if admits, ok := c.admits[text]; ok {
		return admits
	}
	var admits []bool
	if support := pypa.RequiresPython(text, c.list, always); support.Known {
		admits = make([]bool, len(c.list))
		for i, cycle := range c.list {
			admits[i] = slices.Contains(support.Cycles, cycle.Name)
		}
	}
	c.admits[text] = admits
	return admits
}
