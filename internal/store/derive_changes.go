package store

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const (
	// minChangeDays is the least distance of the two observations between which
	// a change is stated: "since last week", also when a source is read daily.
	minChangeDays = 6
	// maxChangeDays is the length of the season over which changes are stated too:
	// twelve weeks.
	maxChangeDays = 84
	// minMove is the least movement of a core aggregate that counts as a rise or
	// a fall: half of the last digit that is shown.
	minMove = 0.05
	// goodScore is the score from which on a check counts as "8 or above".
	goodScore = 8
	// maxNamed is how many projects a change names.
	maxNamed = 10
	// noScore stands for a check without a conclusive score.
	noScore = -1
)

// The kinds of change.
const (
	changeAggregate = "aggregate"
	changeCheck     = "check"
	changeResult    = "result"
	changeCohort    = "cohort"
)

// change is one row of rollup_changes.
type change struct {
	cohort observation.Cohort
	observation.Change
}

// scopesOfChange are the scopes of cuts across which nothing at all is stated.
var scopesOfChange = []string{scopeAggregate, "source", "list"}

// changes states what changed between the newest accepted observation and those
// that it is compared with. Nothing is stated across a cut of the aggregate, a
// source or a list, and nothing of a check across a cut of that check, whether
// the ledger cuts there or a break was found that it does not know.
func (f *checkFold) changes() []change {
	if f.to == nil {
		return nil
	}
	cuts := withFound(f.ledger, f.breaks)
	var list []change
	for _, from := range f.from {
		if cutBetween(cuts, from.on, f.to.on, scopesOfChange...) {
			continue
		}
		for _, c := range observation.RankCohorts() {
			if c.Size() > len(from.members) || c.Size() > len(f.to.members) {
				continue
			}
			for _, n := range changesOf(c.Size(), *from, *f.to, cuts) {
				n.From, n.To = from.on.time(), f.to.on.time()
				list = append(list, change{cohort: c, Change: n})
			}
		}
	}
	return list
}

// withFound adds the breaks that were found and are not in the ledger to it, as
// cuts; one that several measures found is one cut.
func withFound(ledger []observation.Break, found []observation.ObservedBreak) []observation.Break {
	all := slices.Clone(ledger)
	for i, b := range found {
		again := i > 0 && found[i-1].Date.Equal(b.Date) && found[i-1].Scope == b.Scope && found[i-1].Item == b.Item
		if b.State == observation.BreakFound && !again {
			all = append(all, b.Cut())
		}
	}
	slices.SortStableFunc(all, func(a, b observation.Break) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Kind, b.Kind))
	})
	return all
}

// cutBetween reports whether a line of one of scopes is cut after from and not
// after to. A cut of the aggregate over all checks does not touch the core
// aggregate, which changes are stated of.
func cutBetween(breaks []observation.Break, from, to day, scopes ...string) bool {
	return slices.ContainsFunc(breaks, func(b observation.Break) bool {
		return slices.Contains(scopes, b.Scope) && b.Item != observation.AggregateAll && cuts(b, from, to)
	})
}

func cuts(b observation.Break, from, to day) bool {
	return b.Kind == observation.BreakCut && endOf(b).After(from.time()) && !b.Start.After(to.time())
}

// end is one of the two observations that are compared: the largest cohort by
// rank, and the checks behind its values.
type end struct {
	on       day
	names    []string
	members  []member
	units    []int32           // by place: the project in the archive, or the repository, that the value is of
	core     []checkSet        // by place: the core checks that the value's source ran
	position map[string]int    // of a project among the members
	checks   map[string][]int8 // by check and place: 0 to 10, or noScore
}

// changesOf compares the first size members of two observations. Projects are
// compared when they are in the cohort at both ends with a value from the same
// source; a change of source is a break and not a change.
func changesOf(size int, from, to end, breaks []observation.Break) []observation.Change {
	type pair struct{ from, to int } // positions; ordered by rank at the later end
	var pairs []pair
	cohort := observation.Change{What: changeCohort}
	for i, name := range to.names[:size] {
		j, ok := from.position[name]
		if !ok || j >= size {
			cohort.Rose++
			cohort.RoseProjects = named(cohort.RoseProjects, name)
			continue
		}
		cohort.Matched++
		pairs = append(pairs, pair{from: j, to: i})
	}
	for _, name := range from.names[:size] {
		if i, ok := to.position[name]; !ok || i >= size {
			cohort.Fell++
			cohort.FellProjects = named(cohort.FellProjects, name)
		}
	}
	pairs = slices.DeleteFunc(pairs, func(p pair) bool {
		a, b := from.members[p.from], to.members[p.to]
		return a.on == 0 || b.on == 0 || a.api != b.api
	})

	aggregate := tally{Change: observation.Change{What: changeAggregate}}
	result := observation.Change{What: changeResult, Matched: len(pairs)}
	for _, p := range pairs {
		a, b, name := from.members[p.from], to.members[p.to], to.names[p.to]
		switch {
		case !a.scored && b.scored:
			result.Rose++
			result.RoseProjects = named(result.RoseProjects, name)
		case a.scored && !b.scored:
			result.Fell++
			result.FellProjects = named(result.FellProjects, name)
		}
		// Where the source ran other core checks, the aggregates do not compare.
		if a.hasCore() && b.hasCore() && from.core[p.from] == to.core[p.to] {
			// Aggregates are stored in 32 bits; without rounding, 5.05 - 5 would
			// be now more and now less than minMove.
			move := math.Round((float64(b.core)-float64(a.core))*1e4) / 1e4
			aggregate.add(name, move, move >= minMove, move <= -minMove)
		}
	}
	list := []observation.Change{aggregate.change()}
	for _, check := range slices.Sorted(maps.Keys(to.checks)) {
		before, after := from.checks[check], to.checks[check]
		if before == nil || slices.ContainsFunc(breaks, func(b observation.Break) bool {
			return b.Scope == "check" && b.Item == check && cuts(b, from.on, to.on)
		}) {
			continue
		}
		t := tally{Change: observation.Change{What: changeCheck, Item: check}}
		for _, p := range pairs {
			a, b := before[p.from], after[p.to]
			if a == noScore || b == noScore {
				continue
			}
			t.add(to.names[p.to], float64(b-a), a < goodScore && b >= goodScore, a >= goodScore && b < goodScore)
		}
		if t.Matched > 0 {
			list = append(list, t.change())
		}
	}
	return append(list, result, cohort)
}

// tally adds up the movements of matched projects.
type tally struct {
	observation.Change
	sum float64
}

func (t *tally) add(name string, move float64, rose, fell bool) {
	t.Matched++
	t.sum += move
	if rose {
		t.Rose++
		t.RoseProjects = named(t.RoseProjects, name)
	}
	if fell {
		t.Fell++
		t.FellProjects = named(t.FellProjects, name)
	}
}

// change is the tally with its mean, nil when nothing was matched.
func (t *tally) change() observation.Change {
	if t.Matched > 0 {
		mean := t.sum / float64(t.Matched)
		t.Mean = &mean
	}
	return t.Change
}

// named appends a name unless there are enough.
func named(names []string, name string) []string {
	if len(names) >= maxNamed {
		return names
	}
	return append(names, name)
}

func (s *Store) writeChanges(ctx context.Context, g generation, list []change) error {
	return s.writeRows(ctx, g, "rollup_changes",
		[]string{"cohort", "what", "item", "from_on", "to_on", "matched", "rose", "fell", "mean_change", "rose_projects", "fell_projects"},
		len(list), func(i int) []any {
			c := list[i]
			return []any{string(c.cohort), c.What, c.Item, c.From, c.To, uint32(c.Matched), uint32(c.Rose), uint32(c.Fell),
				c.Mean, c.RoseProjects, c.FellProjects}
		})
}
