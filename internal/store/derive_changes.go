package store

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const (
	// minChangeDays is the least distance of the two observations between which
	// a change is stated: "since last week", also when a source is read daily.
	minChangeDays = 6
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

// changes states what changed between the newest accepted observation and the
// newest one at least minChangeDays before it. frames are those of the fold.
// Nothing is stated across a cut of the aggregate, a source or a list, and
// nothing of a check across a cut of that check.
func (s *Store) changes(ctx context.Context, frames []frame, links map[string]strongest, breaks []observation.Break) ([]change, error) {
	if len(frames) < 2 {
		return nil, nil
	}
	from, to := frames[0], frames[len(frames)-1]
	if to.on-from.on < minChangeDays || cutBetween(breaks, from.on, to.on, "aggregate", "source", "list") {
		return nil, nil
	}
	ends := [2]*end{newEnd(from, links), newEnd(to, links)}
	if err := s.loadChecks(ctx, ends); err != nil {
		return nil, err
	}
	var list []change
	for _, c := range observation.RankCohorts() {
		if c.Size() > len(from.members) || c.Size() > len(to.members) {
			continue
		}
		for _, n := range changesOf(c.Size(), *ends[0], *ends[1], breaks) {
			n.From, n.To = from.on.time(), to.on.time()
			list = append(list, change{cohort: c, Change: n})
		}
	}
	return list, nil
}

// cutBetween reports whether the ledger cuts a line of one of scopes after
// from and not after to.
func cutBetween(breaks []observation.Break, from, to day, scopes ...string) bool {
	return slices.ContainsFunc(breaks, func(b observation.Break) bool {
		return slices.Contains(scopes, b.Scope) && cuts(b, from, to)
	})
}

func cuts(b observation.Break, from, to day) bool {
	return b.Kind == observation.BreakCut && endOf(b).After(from.time()) && !b.Start.After(to.time())
}

// end is one of the two observations that are compared, with the checks behind
// the values.
type end struct {
	frame
	position map[string]int    // of a project among the members
	byRepo   map[string][]int  // positions of the members whose value is that of a repository, its name in lower case
	checks   map[string][]int8 // by check and position: 0 to 10, or noScore
}

func newEnd(f frame, links map[string]strongest) *end {
	e := &end{frame: f, position: make(map[string]int, len(f.names)), byRepo: make(map[string][]int), checks: make(map[string][]int8)}
	for i, name := range f.names {
		e.position[name] = i
		if link, ok := links[name]; ok && f.members[i].api {
			repository := strings.ToLower(link.Repository)
			e.byRepo[repository] = append(e.byRepo[repository], i)
		}
	}
	return e
}

// days lists the dates of the values of one source.
func (e *end) days(api bool) []day {
	var days []day
	for _, m := range e.members {
		if m.scored && m.api == api {
			days = append(days, m.on)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// take notes the score of a check if it stands behind a value.
func (e *end) take(subject, check string, on day, api bool, score int8) {
	set := func(i int) {
		if m := e.members[i]; m.on != on || m.api != api {
			return
		}
		scores := e.checks[check]
		if scores == nil {
			scores = slices.Repeat([]int8{noScore}, len(e.members))
			e.checks[check] = scores
		}
		scores[i] = score
	}
	if api {
		for _, i := range e.byRepo[strings.ToLower(subject)] {
			set(i)
		}
	} else if i, ok := e.position[subject]; ok {
		set(i)
	}
}

// loadChecks reads the conclusive checks behind the values of both ends.
func (s *Store) loadChecks(ctx context.Context, ends [2]*end) error {
	days := func(api bool) []string {
		all := slices.Concat(ends[0].days(api), ends[1].days(api))
		slices.Sort(all)
		var text []string
		for _, d := range slices.Compact(all) {
			text = append(text, d.time().Format(time.DateOnly))
		}
		return text
	}
	var subject, check, source string
	var on uint16
	var score int8
	return s.queryEach(ctx, "scores.checks", func(rows driver.Rows) error {
		if err := rows.Scan(&subject, &check, &on, &source, &score); err != nil {
			return err
		}
		for _, e := range ends {
			e.take(subject, check, day(on), source == string(observation.SourceAPI), score)
		}
		return nil
	}, param("archive_days", days(false)), param("api_days", days(true)))
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
		if a.hasCore() && b.hasCore() {
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
