package releases

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	pep440 "github.com/aquasecurity/go-pep440-version"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// maxPatch is the highest patch release that a cycle is tried with when its
// latest release is not known.
const maxPatch = 30

// Cycles are the release cycles of CPython, prepared for many questions about
// them. It is not safe for concurrent use.
type Cycles struct {
	list    []observation.PythonCycle // by version, newest first
	patches [][]pep440.Version        // of each, newest first
	admits  map[string][]bool         // by requires-python; nil when it cannot be read
}

// NewCycles prepares cycles.
func NewCycles(cycles []observation.PythonCycle) *Cycles {
	c := &Cycles{list: slices.Clone(cycles), admits: make(map[string][]bool)}
	slices.SortFunc(c.list, func(a, b observation.PythonCycle) int { return pypa.Compare(b.Name, a.Name) })
	for _, cycle := range c.list {
		c.patches = append(c.patches, patches(cycle))
	}
	return c
}

// Support tells what a release admits of the cycles that had begun at a date,
// by the requires-python of its files: a cycle is admitted when one file admits
// some release of it. newest says whether the newest of them is. Files that do not
// state it say nothing; what is not stated at all, not readable, or admits no
// cycle that we know, is unknown.
func (c *Cycles) Support(requires []string, at time.Time) (support observation.PythonSupport, newest *bool) {
	stated := false
	admitted := make([]bool, len(c.list))
	for _, text := range requires {
		if strings.TrimSpace(text) == "" {
			continue
		}
		admits := c.read(text)
		if admits == nil {
			return observation.PythonUnknown, nil
		}
		stated = true
		for i, is := range admits {
			admitted[i] = admitted[i] || is
		}
	}
	if !stated {
		return observation.PythonUnknown, nil
	}
	var ended, supported bool
	for i, cycle := range c.list {
		switch {
		case cycle.ReleasedOn.IsZero() || at.Before(cycle.ReleasedOn):
			continue
		case newest == nil:
			newest = &admitted[i]
		}
		if admitted[i] {
			if Ended(cycle, at) {
				ended = true
			} else {
				supported = true
			}
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

// Ended reports whether the life of a cycle is over at a date: from its end of
// life on, or without one when the source says so.
func Ended(c observation.PythonCycle, at time.Time) bool {
	if c.EndsOn.IsZero() {
		return c.Ended
	}
	return !at.Before(c.EndsOn)
}

// read returns which cycles a requires-python admits, nil when it cannot be read.
func (c *Cycles) read(text string) []bool {
	if admits, ok := c.admits[text]; ok {
		return admits
	}
	var admits []bool
	if set, err := pep440.NewSpecifiers(text); err == nil {
		admits = make([]bool, len(c.list))
		for i := range admits {
			admits[i] = slices.ContainsFunc(c.patches[i], set.Check)
		}
	}
	c.admits[text] = admits
	return admits
}

// patches returns the releases of a cycle, newest first.
func patches(c observation.PythonCycle) []pep440.Version {
	last := maxPatch
	if text, ok := strings.CutPrefix(c.Latest, c.Name+"."); ok {
		if n, err := strconv.Atoi(text); err == nil && 0 <= n && n <= 2*maxPatch {
			last = n
		}
	}
	var list []pep440.Version
	for n := last; n >= 0; n-- {
		if v, err := pep440.Parse(fmt.Sprintf("%s.%d", c.Name, n)); err == nil {
			list = append(list, v)
		}
	}
	return list
}
