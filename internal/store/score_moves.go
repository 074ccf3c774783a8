package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

const (
	// minCheckMove is the least move of one score that is told, unless it crosses
	// goodScore. A single point is within what Scorecard's own counting does.
	minCheckMove = 2
	// minCoreMove is the least move of one project's core aggregate that is told.
	minCoreMove = 1
	// maxContributions is how many checks an aggregate's move is explained by.
	maxContributions = 3
)

// scoreMove is one row of score_moves.
type scoreMove struct {
	on            day // the observation
	before, after day // of the two results
	project       int32
	rank          uint32
	api           bool
	scope, item   string
	from, to      float32
	cause         observation.Cause
	why           string
	checks        string // that moved an aggregate
	repository    string
	commits       [2]string
}

// scoreMoves lists the moves of single scores that a source tells at an accepted
// date, for the projects of the rank list of that date. left are the checks that
// are left out there. A project is told of by one source: while the API has
// results of its repository, the archive, which repeats them, says nothing.
func (f *checkFold) scoreMoves(d snapshot, api bool, b batch, left checkSet) []scoreMove {
	ranks := f.ranksOn(d.on)
	breaks := withFound(f.ledger, f.breaks)
	var list []scoreMove
	for k, u := range b.units {
		now := b.outcomes[k]
		if !now.scored {
			continue
		}
		moves := f.unitMoves(d, api, u, now, left, breaks)
		if len(moves) == 0 {
			continue
		}
		for _, id := range f.projectsOf(api, u) {
			if ranks[id] == 0 || !api && f.fromAPI(id, d.on) {
				continue
			}
			for _, m := range moves {
				m.project, m.rank = id, ranks[id]
				list = append(list, m)
			}
		}
	}
	return list
}

// unitMoves lists the moves of one unit's scores.
func (f *checkFold) unitMoves(d snapshot, api bool, u int32, now outcome, left checkSet, breaks []observation.Break) []scoreMove {
	c, base := f.carriedBy(api), int(u)*len(f.checks)
	var list []scoreMove
	for check, score := range now.scores {
		was, then := c.score[base+check], c.from[base+check]
		if was < 0 || score < 0 || left.has(check) || !f.follows(api, now.on, then, check) || !told(was, score) {
			continue
		}
		if name := f.checks[check]; !cutsUnit(breaks, then, now.on, api, scopeCheck, name) {
			m := scoreMove{on: d.on, before: then, after: now.on, api: api, scope: scopeCheck, item: name, from: float32(was), to: float32(score)}
			list = append(list, f.explain(m, u, now, name))
		}
	}
	if m, ok := f.coreMove(d, api, u, now, left, breaks); ok {
		list = append(list, m)
	}
	return list
}

// told reports whether the move of a check is large enough to be told.
func told(was, is int8) bool {
	return (was < goodScore) != (is < goodScore) || was-is >= minCheckMove || is-was >= minCheckMove
}

// coreMove is the move of one unit's core aggregate. Nothing is told of one that
// checks moved which are cut in between, or are left out at either end.
func (f *checkFold) coreMove(d snapshot, api bool, u int32, now outcome, left checkSet, breaks []observation.Break) (scoreMove, bool) {
	c := f.carriedBy(api)
	then := c.on[u]
	if !c.scored[u] || !f.follows(api, now.on, then, -1) || api && (c.set[u]^now.set)&f.core != 0 {
		return scoreMove{}, false
	}
	m := scoreMove{on: d.on, before: then, after: now.on, api: api, scope: scopeAggregate, item: observation.AggregateCore, from: c.core[u], to: now.core}
	// Aggregates are stored in 32 bits: 5.1 - 4.1 must not be less than 1.
	if move := math.Round(float64(m.to-m.from)*1e4) / 1e4; math.IsNaN(move) || math.Abs(move) < minCoreMove {
		return scoreMove{}, false
	}
	if cutsUnit(breaks, then, now.on, api, scopeAggregate, observation.AggregateCore) {
		return scoreMove{}, false
	}
	base := int(u) * len(f.checks)
	var before, after []observation.Check
	for check, name := range f.checks {
		if !f.core.has(check) {
			continue
		}
		was, is := c.score[base+check], now.scores[check]
		differ := max(was, inconclusive) != max(is, inconclusive)
		if c.from[base+check] != then || differ && (left.has(check) || cutsUnit(breaks, then, now.on, api, scopeCheck, name)) {
			return scoreMove{}, false
		}
		before, after = appendConclusive(before, name, was), appendConclusive(after, name, is)
	}
	parts := posture.Contributions(before, after)
	if len(parts) == 0 {
		return scoreMove{}, false // another spelling of the same scores: nothing to tell
	}
	m.checks = contributionWords(parts)
	return f.explain(m, u, now, parts[0].Check), true
}

func appendConclusive(checks []observation.Check, name string, score int8) []observation.Check {
	if score < 0 {
		return checks
	}
	return append(checks, observation.Check{Name: name, Score: &score})
}

// contributionWords says which checks moved an aggregate, "Maintained 10 to 0
// (-0.91)"; none is a check without a conclusive score.
func contributionWords(parts []posture.Contribution) string {
	score := func(s *int8) string {
		if s == nil {
			return "none"
		}
		return fmt.Sprint(*s)
	}
	var words []string
	for _, p := range parts[:min(len(parts), maxContributions)] {
		words = append(words, fmt.Sprintf("%s %s to %s (%+.2f)", p.Check, score(p.Before), score(p.After), p.Move))
	}
	if n := len(parts) - maxContributions; n > 0 {
		words = append(words, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(words, ", ")
}

// explain decides what a move is a change of. check is the one that moved, or
// that moved the aggregate most.
func (f *checkFold) explain(m scoreMove, u int32, now outcome, check string) scoreMove {
	m.cause = observation.CauseProject
	var versions [2]string
	if m.api {
		repo := &f.repositories[u]
		m.repository = repo.name
		for i, by := range []scoring{repo.scoringOn(m.before), now.scoring} {
			m.commits[i], versions[i] = by.commit, by.tool
		}
	}
	if b, ok := flagged(f.ledger, m.before, m.after, "source", collectorOf(m.api)); ok {
		m.cause, m.why = observation.CauseSource, b.What
		return m
	}
	if b, ok := flagged(f.ledger, m.before, m.after, scopeCheck, check); ok {
		m.cause, m.why = observation.CauseTool, b.What
		return m
	}
	same := m.commits[0] != "" && m.commits[0] == m.commits[1]
	switch {
	case same && posture.ReadsCodeOnly(check):
		m.cause, m.why = observation.CauseTool, "The same commit was scored, and "+check+" reads nothing else."
	case versions[0] != versions[1] && versions[0] != "" && versions[1] != "":
		m.cause, m.why = observation.CauseTool, fmt.Sprintf("Scorecard %s scored before, %s after.", versions[0], versions[1])
	case same:
		m.why = "The same commit was scored: a signal outside the code changed."
	}
	return m
}

// flagged returns the flag or frozen span of the ledger that touches the time
// after one day and not after another.
func flagged(ledger []observation.Break, from, to day, scope, item string) (observation.Break, bool) {
	i := slices.IndexFunc(ledger, func(b observation.Break) bool {
		return b.Scope == scope && (b.Item == item || b.Item == "") && (b.Kind == observation.BreakFlag || b.Kind == observation.BreakFrozen) &&
			endOf(b).After(from.time()) && !b.Start.After(to.time())
	})
	if i < 0 {
		return observation.Break{}, false
	}
	return ledger[i], true
}

// cutsUnit reports whether a check, or the core aggregate, is cut between two
// results of a source, or the source is.
func cutsUnit(breaks []observation.Break, from, to day, api bool, scope, item string) bool {
	return slices.ContainsFunc(breaks, func(b observation.Break) bool {
		of := b.Scope == scope && (b.Item == item || b.Item == "") ||
			b.Scope == "source" && (b.Item == collectorOf(api) || b.Item == "")
		return of && cuts(b, from, to)
	})
}

// ranksOn returns the rank of every project by its number at a date, 0 outside
// the list.
func (f *checkFold) ranksOn(on day) []uint32 {
	list, ok := listOn(f.lists, on)
	if !ok {
		return make([]uint32, len(f.names))
	}
	if f.ranked == nil || f.rankedOn != list.on {
		f.ranked, f.rankedOn = make([]uint32, len(f.names)), list.on
		for place, id := range list.projects[:min(len(list.projects), observation.CohortTop15000.Size())] {
			f.ranked[id] = uint32(place + 1)
		}
	}
	return f.ranked
}

// projectsOf lists the projects of a unit.
func (f *checkFold) projectsOf(api bool, u int32) []int32 {
	if api {
		return f.repositories[u].projects
	}
	return []int32{u}
}

// fromAPI reports whether the API has a result of a project's repository that
// still counts.
func (f *checkFold) fromAPI(id int32, on day) bool {
	link := f.linkOf[id]
	return link >= 0 && f.api.scored[link] && f.api.on[link] > on-valueDays
}

// scoringOn is what the newest result of a day was made of.
func (r *repository) scoringOn(on day) scoring {
	for _, o := range slices.Backward(r.results) {
		if o.on == on {
			return o.scoring
		}
	}
	return scoring{}
}

func (s *Store) writeScoreMoves(ctx context.Context, g generation, f *checkFold) error {
	n := len(f.moved)
	var (
		on, beforeOn, scoredOn         = make([]time.Time, n), make([]time.Time, n), make([]time.Time, n)
		project, source, scope, item   = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		rank                           = make([]uint32, n)
		before, after                  = make([]float32, n), make([]float32, n)
		cause, why, checks, repository = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		commitBefore, commitAfter      = make([]string, n), make([]string, n)
	)
	for i := range f.moved {
		m := &f.moved[i]
		on[i], beforeOn[i], scoredOn[i] = m.on.time(), m.before.time(), m.after.time()
		project[i], source[i], scope[i], item[i], rank[i] = f.names[m.project], sourceName(m.api), m.scope, m.item, m.rank
		before[i], after[i] = m.from, m.to
		cause[i], why[i], checks[i], repository[i] = string(m.cause), m.why, m.checks, m.repository
		commitBefore[i], commitAfter[i] = m.commits[0], m.commits[1]
	}
	return s.writeColumns(ctx, g, "score_moves", n,
		column{"observed_on", on},
		column{"project", project},
		column{"rank", rank},
		column{"source", source},
		column{"scope", scope},
		column{"item", item},
		column{"before_on", beforeOn},
		column{"scored_on", scoredOn},
		column{"before", before},
		column{"after", after},
		column{"cause", cause},
		column{"why", why},
		column{"checks", checks},
		column{"repository", repository},
		column{"commit_before", commitBefore},
		column{"commit_after", commitAfter})
}
