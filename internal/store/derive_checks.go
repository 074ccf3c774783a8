package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// The scopes of a move.
const (
	scopeAggregate = "aggregate"
	scopeCheck     = "check"
)

// move is one row of observed_moves.
type move struct {
	posture.Move
	mean         float64
	on, previous day // previous 0: each unit is compared with its own newest result
	scope, item  string
	api          bool
	state        string
}

// deriveChecks writes how far aggregates and checks moved between consecutive
// observations, the breaks and the losses of single checks found in that, the
// rollups of every check, the moves of single scores, and what changed lately. The dates and their
// decisions are those of the scores, which are published before. What cannot
// have changed since from is copied from the previous generation.
//
// The work is a fold over the dates that keeps the newest accepted score of
// every check of every project.
func (s *Store) deriveChecks(ctx context.Context, g generation, from time.Time) error {
	published, err := s.readGenerations(ctx)
	if err != nil {
		return err
	}
	dates, err := s.snapshots(ctx, published[datasetScores])
	if err != nil {
		return err
	}
	ledger, err := s.breaks(ctx, published[datasetLedger])
	if err != nil {
		return err
	}
	before, err := s.loadFindings(ctx, g.Previous)
	if err != nil {
		return err
	}
	var told uint8
	if err := s.queryRow(ctx, "checks.told", []any{&told}); err != nil {
		return err
	}
	if told == 0 {
		before = findings{} // of a version of this program that did not keep the moves
	}
	plan := planChecks(dates, before, ledger, from)
	links, err := s.repositories(ctx)
	if err != nil {
		return err
	}
	history, err := s.loadCheckHistory(ctx, plan, links)
	if err != nil {
		return err
	}
	f := newCheckFold(history, plan, before, ledger)
	for i := range plan.dates {
		f.step(i)
	}
	if err := s.copyChecks(ctx, g, plan); err != nil {
		return err
	}
	if err := s.writeCheckRollups(ctx, g, f.rollups); err != nil {
		return err
	}
	if err := s.writeFindings(ctx, g, f.findings); err != nil {
		return err
	}
	if err := s.writeScoreMoves(ctx, g, f); err != nil {
		return err
	}
	if err := s.writeReasons(ctx, g, f); err != nil {
		return err
	}
	return s.writeChanges(ctx, g, f.changes())
}

// findings are the small tables of a generation, by date.
type findings struct {
	moves    []move
	breaks   []observation.ObservedBreak
	suspects []observation.CheckSuspect
}

// dates lists the dates of which something was measured, oldest first. Of each
// there is a move of its own source; results of the API move beside those of
// the archive on a date of the archive, and not the other way round.
func (n findings) dates() []snapshot {
	var list []snapshot
	for _, m := range n.moves {
		if k := len(list); k > 0 && list[k-1].on == m.on {
			list[k-1].api = list[k-1].api && m.api
			continue
		}
		list = append(list, snapshot{on: m.on, api: m.api, state: m.state})
	}
	return list
}

// checkPlan says which dates are copied, read again and written.
type checkPlan struct {
	dates  []snapshot // every date with its decision, oldest first
	first  int        // index of the first date that is written anew
	replay int        // index of the first date at which values must be whole
	load   day        // first day of the archive that is read

	changeFrom []int // indices of the dates from which changes are stated, the newest first
	changeTo   int   // and of the date up to which, -1 for none
}

// planChecks decides from where on the fold must go. From the first date on of
// which the previous generation has another idea, all is written anew, whatever
// the caller said. The losses of a check are decided by what follows within
// posture.OutageDays, so the dates before from that are nearer than that are
// written anew too, and all from the first undecided loss on.
func planChecks(dates []snapshot, before findings, ledger []observation.Break, from time.Time) checkPlan {
	since := from.AddDate(0, 0, -posture.OutageDays)
	for _, c := range before.suspects {
		if c.State == observation.LossSuspect && c.Date.Before(since) {
			since = c.Date
		}
	}
	p := checkPlan{dates: dates}
	known := before.dates()
	for p.first = 0; p.first < min(len(dates), len(known)); p.first++ {
		d, k := dates[p.first], known[p.first]
		if k.on != d.on || k.api != d.api || k.accepted() != d.accepted() || !d.on.time().Before(since) {
			break
		}
	}
	p.replay = p.first
	p.changeFrom, p.changeTo = changeDates(dates, ledger)
	for _, i := range p.changeFrom {
		p.replay = min(p.replay, i)
	}
	if p.first == 0 || len(dates) == 0 {
		p.replay, p.load = 0, 1
		return p
	}
	p.load = dates[min(p.replay, len(dates)-1)].on - valueDays
	if p.first < len(dates) && !dates[p.first].api {
		p.load = min(p.load, oldestBase(dates[:p.first], before.suspects))
	}
	return p
}

// changeDates returns the newest accepted date, and the dates with which it is
// compared: the newest accepted one at least minChangeDays before it, and the
// oldest one at most maxChangeDays before it that no cut of the ledger separates
// from it. from is empty when there is none, to is -1 without any date.
func changeDates(dates []snapshot, ledger []observation.Break) (from []int, to int) {
	to = -1
	for i, d := range slices.Backward(dates) {
		switch {
		case !d.accepted():
		case to < 0:
			to = i
		case d.on > dates[to].on-minChangeDays:
		case len(from) == 0:
			from = append(from, i)
		case d.on >= dates[to].on-maxChangeDays && !cutBetween(ledger, d.on, dates[to].on, scopesOfChange...):
			from = append(from[:1], i)
		}
	}
	return from, to
}

// oldestBase returns the oldest date with which the first date after dates will
// be compared: that at which each check was last accepted.
func oldestBase(dates []snapshot, suspects []observation.CheckSuspect) day {
	out := leftOut(suspects)
	var open []string // checks that were left out on all dates gone through
	newest := true
	for _, d := range slices.Backward(dates) {
		if d.api || !d.accepted() {
			continue
		}
		here := out[sourceDay{d.on, false}]
		if newest {
			open, newest = here, false
		}
		open = slices.DeleteFunc(open, func(check string) bool { return !slices.Contains(here, check) })
		if len(open) == 0 {
			return d.on
		}
	}
	return 1
}

// sourceDay is one date of one source.
type sourceDay struct {
	on  day
	api bool
}

// leftOut lists the checks that are left out of lines.
func leftOut(suspects []observation.CheckSuspect) map[sourceDay][]string {
	out := make(map[sourceDay][]string)
	for _, c := range suspects {
		if c.State.LeftOut() {
			k := sourceDay{dayOf(c.Date), c.Source == observation.SourceAPI}
			out[k] = append(out[k], c.Check)
		}
	}
	return out
}

// copied lists the dates that are copied from the previous generation.
func (p checkPlan) copied() []string {
	days := make([]string, p.first)
	for i := range days {
		days[i] = p.dates[i].on.time().Format(time.DateOnly)
	}
	return days
}

// batch is what one source said by one date: the units in order, and of each
// its outcome.
type batch struct {
	units    []int32
	outcomes []outcome
}

// moves are how far every item moved at one date.
type moves struct {
	core, all posture.Move
	checks    []posture.Move
}

// checkFold goes through the dates in order.
type checkFold struct {
	*checkHistory
	plan   checkPlan
	ledger []observation.Break
	copied map[sourceDay][]string // what was left out on the dates that are copied
	known  day                    // from when on the repositories of projects are known, 0 never

	archive, api carried
	lastArchive  day      // last accepted snapshot of the archive
	base         []day    // by check: that at which it was last accepted
	arrived      []int    // by repository: how many of its results have come
	linkOf       []int32  // by project: its strongest repository, -1 without one
	linked       []day    // by project: since when any repository of it is known
	runs         checkSet // what the archive runs

	findings
	rollups []checkRollup
	moved   []scoreMove
	from    []*end // of the dates from which changes are stated
	to      *end   // of the date up to which

	ranked   []uint32 // by project: its rank in the list of rankedOn, 0 outside
	rankedOn day
}

func newCheckFold(h *checkHistory, p checkPlan, before findings, ledger []observation.Break) *checkFold {
	n := len(h.checks)
	f := &checkFold{
		checkHistory: h, plan: p, ledger: ledger, copied: leftOut(before.suspects), known: h.links.known,
		archive: newCarried(len(h.names), n), api: newCarried(len(h.repositories), n),
		base: make([]day, n), arrived: make([]int, len(h.repositories)), linkOf: slices.Repeat([]int32{-1}, len(h.names)),
		linked: make([]day, len(h.names)),
	}
	for i, r := range h.repositories {
		for _, id := range r.projects {
			f.linkOf[id] = int32(i)
			f.linked[id] = h.links.projects[h.names[id]].Linked
		}
	}
	f.findings = before.of(p.dates[:p.first])
	return f
}

// of returns the findings of some dates.
func (n findings) of(dates []snapshot) findings {
	kept := make(map[day]bool, len(dates))
	for _, d := range dates {
		kept[d.on] = true
	}
	return findings{
		moves:    slices.DeleteFunc(n.moves, func(m move) bool { return !kept[m.on] }),
		breaks:   slices.DeleteFunc(n.breaks, func(b observation.ObservedBreak) bool { return !kept[dayOf(b.Date)] }),
		suspects: slices.DeleteFunc(n.suspects, func(c observation.CheckSuspect) bool { return !kept[dayOf(c.Date)] }),
	}
}

// step takes date i of the plan. What is left out, a whole snapshot or a check
// of it, is shown for what it says on its own date, and carried nowhere.
func (f *checkFold) step(i int) {
	d := f.plan.dates[i]
	var snapshot batch
	if !d.api {
		snapshot = f.snapshot(d.on)
	}
	results := f.arrivals(d.on)
	leftArchive, leftAPI := f.judge(i, false, snapshot), f.judge(i, true, results)
	carries, runs := d.api || d.accepted(), f.runs
	if a, ok := f.checkHistory.archive[d.on]; ok && !d.api {
		f.runs = a.set
	}
	if !carries || leftArchive|leftAPI != 0 {
		archive, api := f.archive.clone(), f.api.clone()
		f.archive.put(snapshot, 0)
		f.api.put(results, 0)
		f.observe(i, leftArchive|leftAPI)
		f.archive, f.api = archive, api
	}
	if carries {
		f.archive.put(snapshot, leftArchive)
	} else {
		f.runs = runs
	}
	f.api.put(results, leftAPI)
	if carries && leftArchive|leftAPI == 0 {
		f.observe(i, 0)
	}
	if !d.api && d.accepted() {
		f.lastArchive = d.on
		for c := range f.base {
			if !leftArchive.has(c) {
				f.base[c] = d.on
			}
		}
	}
}

// snapshot is what the archive says on a date, nothing before the first date
// that is read.
func (f *checkFold) snapshot(on day) batch {
	a, ok := f.checkHistory.archive[on]
	if !ok {
		return batch{}
	}
	b := batch{units: a.ids, outcomes: make([]outcome, len(a.ids))}
	for place := range a.ids {
		b.outcomes[place] = a.outcome(on, place, len(f.checks))
	}
	return b
}

// arrivals takes what the API said since the date before: of each repository
// its newest result.
func (f *checkFold) arrivals(on day) batch {
	var b batch
	for r := range f.repositories {
		results, k := f.repositories[r].results, f.arrived[r]
		for k < len(results) && results[k].on <= on {
			k++
		}
		if k > f.arrived[r] {
			f.arrived[r] = k
			b.units, b.outcomes = append(b.units, int32(r)), append(b.outcomes, results[k-1])
		}
	}
	return b
}

// judge compares what a source says at date i with what it said before, notes
// the moves and the breaks, and returns the checks that are left out.
func (f *checkFold) judge(i int, api bool, b batch) checkSet {
	var left checkSet
	d := f.plan.dates[i]
	if i < f.plan.first {
		for _, check := range f.copied[sourceDay{d.on, api}] {
			if c, ok := f.code[check]; ok {
				left.add(c)
			}
		}
		return left
	}
	m := f.compare(api, b)
	if api == d.api || m.core.Matched > 0 {
		f.note(d, api, m)
	}
	if !d.accepted() {
		return 0
	}
	lost := f.losses(d, api, m, b)
	for _, l := range lost {
		if l.State.LeftOut() {
			left.add(f.code[l.Check])
		}
	}
	f.suspects = append(f.suspects, lost...)
	f.breaks = append(f.breaks, f.breaksOf(d, api, m, lost)...)
	f.moved = append(f.moved, f.scoreMoves(d, api, b, left)...)
	return left
}

// previous returns the date with which a source is compared in the aggregate
// and for each check: the last accepted one of the archive; none of the API,
// whose results are each compared with the one before.
func (f *checkFold) previous(api bool, check int) day {
	switch {
	case api:
		return 0
	case check < 0:
		return f.lastArchive
	}
	return f.base[check]
}

// follows reports whether what was said on the day then is what is compared
// with now: in the archive the last accepted snapshot, of the API anything that
// still counts.
func (f *checkFold) follows(api bool, now, then day, check int) bool {
	if api {
		return then != 0 && then >= now-valueDays
	}
	return then != 0 && then == f.previous(api, check)
}

func (f *checkFold) carriedBy(api bool) *carried {
	if api {
		return &f.api
	}
	return &f.archive
}

// compare pairs what a source says of each unit with what it said before.
func (f *checkFold) compare(api bool, b batch) moves {
	m := moves{checks: make([]posture.Move, len(f.checks))}
	c := f.carriedBy(api)
	for k, u := range b.units {
		now := b.outcomes[k]
		if !now.scored {
			continue
		}
		// An Action runs other checks than the weekly scan: over unequal sets
		// aggregates do not compare. A snapshot of the archive has one set for all,
		// and when that changes, so does what the aggregate means.
		if c.scored[u] && f.follows(api, now.on, c.on[u], -1) {
			if !api || c.set[u] == now.set {
				m.all.Add(float64(c.all[u]), float64(now.all))
			}
			if !api || (c.set[u]^now.set)&f.core == 0 {
				m.core.Add(float64(c.core[u]), float64(now.core))
			}
		}
		base := int(u) * c.checks
		for check, score := range now.scores {
			then := c.score[base+check]
			if then != unscored && f.follows(api, now.on, c.from[base+check], check) {
				addScores(&m.checks[check], then, score)
			}
		}
	}
	return m
}

// addScores counts one matched unit whose score went from a to b; a negative
// one is none.
func addScores(m *posture.Move, a, b int8) {
	m.Matched++
	switch {
	case a >= 0 && b >= 0:
		m.Compared++
		m.Sum += float64(b - a)
		if a != b {
			m.Changed++
		}
	case a >= 0:
		m.Lost++
	case b >= 0:
		m.Gained++
	}
}

// note keeps the moves of one date: of both aggregates, and of the checks that
// some unit had before or has now.
func (f *checkFold) note(d snapshot, api bool, m moves) {
	state := snapshotAccepted
	if !d.accepted() {
		state = snapshotSuspect
	}
	add := func(scope, item string, previous day, m posture.Move) {
		f.moves = append(f.moves, move{Move: m, mean: m.Mean(), on: d.on, previous: previous, scope: scope, item: item, api: api, state: state})
	}
	add(scopeAggregate, observation.AggregateAll, f.previous(api, -1), m.all)
	add(scopeAggregate, observation.AggregateCore, f.previous(api, -1), m.core)
	for c, name := range f.checks {
		if m := m.checks[c]; m.Compared+m.Lost+m.Gained > 0 {
			add(scopeCheck, name, f.previous(api, c), m)
		}
	}
}

// losses lists the checks that have lost so many values that the source may
// have failed, and those of which the ledger says so, with what became of them.
func (f *checkFold) losses(d snapshot, api bool, m moves, b batch) []observation.CheckSuspect {
	var found []observation.CheckSuspect
	for c, name := range f.checks {
		word, said := f.ledgerOn(d, name)
		confirmed := said && word.Kind == observation.BreakSuspect && m.checks[c].Matched > 0
		if !posture.SuspectCheck(m.checks[c]) && !confirmed {
			continue
		}
		l := observation.CheckSuspect{
			Date: d.on.time(), Check: name, Source: observation.ScorecardSource(sourceName(api)), Previous: timeOfDay(f.previous(api, c)),
			Had: m.checks[c].Before(), Lost: m.checks[c].Lost,
		}
		back, decided := f.returned(d.on, api, c, b)
		l.Back = timeOfDay(back)
		l.Reason = fmt.Sprintf("%d of %d %s with a value before have none here", l.Lost, l.Had, unitsOf(api))
		switch until := (d.on + posture.OutageDays).time().Format(time.DateOnly); {
		case confirmed:
			l.State, l.Reason = observation.LossConfirmed, word.What
		case said:
			l.State, l.Reason = observation.LossCleared, word.What
		case back != 0:
			l.State, l.Reason = observation.LossOutage, l.Reason+"; most are back by "+back.time().Format(time.DateOnly)
		case decided:
			l.State, l.Reason = observation.LossBreak, l.Reason+"; most were not back by "+until
		default:
			l.State, l.Reason = observation.LossSuspect, l.Reason+"; an outage if most come back by "+until+", else a break"
		}
		found = append(found, l)
	}
	return found
}

// ledgerOn returns what the ledger decides of one check at a date.
func (f *checkFold) ledgerOn(d snapshot, check string) (observation.Break, bool) {
	for _, b := range f.ledger {
		if b.Scope == scopeCheck && b.Item == check && (b.Kind == observation.BreakSuspect || b.Kind == observation.BreakCleared) &&
			!d.on.time().Before(b.Start) && !d.on.time().After(endOf(b)) {
			return b, true
		}
	}
	return observation.Break{}, false
}

// returned tells by which date most of the units that have lost a check have it
// again, and whether that can be told yet.
func (f *checkFold) returned(on day, api bool, check int, b batch) (back day, decided bool) {
	c := f.carriedBy(api)
	var lost []int32
	for k, u := range b.units {
		now, at := b.outcomes[k], int(u)*c.checks+check
		if now.scored && now.scores[check] < 0 && c.score[at] >= 0 && f.follows(api, now.on, c.from[at], check) {
			lost = append(lost, u)
		}
	}
	for _, d := range f.plan.dates {
		if d.on <= on || !d.accepted() {
			continue
		}
		if d.on > on+posture.OutageDays {
			return 0, true
		}
		seen, again := 0, 0
		for _, u := range lost {
			if r, ok := f.outcomeOf(u, api, on, d); ok && r.scored {
				seen++
				if r.scores[check] >= 0 {
					again++
				}
			}
		}
		if posture.Returned(seen, again) {
			return d.on, true
		}
		if d.on == on+posture.OutageDays {
			return 0, true
		}
	}
	return 0, false
}

// outcomeOf is what a source says of a unit at a later date.
func (f *checkFold) outcomeOf(unit int32, api bool, after day, d snapshot) (outcome, bool) {
	if !api {
		a, ok := f.checkHistory.archive[d.on]
		if !ok {
			return outcome{}, false
		}
		place, ok := slices.BinarySearch(a.ids, unit)
		if !ok {
			return outcome{}, false
		}
		return a.outcome(d.on, place, len(f.checks)), true
	}
	for _, r := range slices.Backward(f.repositories[unit].results) {
		if r.on <= d.on {
			return r, r.on > after
		}
	}
	return outcome{}, false
}

// breaksOf lists the breaks at one date, each with the ledger's word on it.
func (f *checkFold) breaksOf(d snapshot, api bool, m moves, lost []observation.CheckSuspect) []observation.ObservedBreak {
	var found []observation.ObservedBreak
	add := func(scope, item string, previous day, n posture.Finding) {
		found = append(found, observation.ObservedBreak{
			Date: d.on.time(), Previous: timeOfDay(previous), Scope: scope, Item: item, Source: observation.ScorecardSource(sourceName(api)),
			Measure: n.Measure, Value: n.Value, Matched: n.N, State: ledgerState(f.ledger, d, api, previous, scope, item),
		})
	}
	if n, ok := posture.AggregateBreak(m.all); ok {
		add(scopeAggregate, observation.AggregateAll, f.previous(api, -1), n)
	}
	if n, ok := posture.AggregateBreak(m.core); ok {
		add(scopeAggregate, observation.AggregateCore, f.previous(api, -1), n)
	}
	for c, name := range f.checks {
		i := slices.IndexFunc(lost, func(l observation.CheckSuspect) bool { return l.Check == name })
		if i >= 0 && lost[i].State.LeftOut() {
			continue
		}
		for _, n := range posture.CheckBreaks(m.checks[c]) {
			add(scopeCheck, name, f.previous(api, c), n)
		}
		if i >= 0 && lost[i].State == observation.LossBreak {
			add(scopeCheck, name, f.previous(api, c), posture.Finding{Measure: posture.MeasureLost, Value: m.checks[c].LostShare(), N: m.checks[c].Before()})
		}
	}
	return found
}

// ledgerState is the ledger's word on what moved after previous and not after
// the date d: what it says of the item itself, of the source, or, for the
// aggregate over all checks, of any check. That it is none comes before that it
// is one, and a cut before a flag.
func ledgerState(ledger []observation.Break, d snapshot, api bool, previous day, scope, item string) observation.BreakState {
	after := previous
	if after == 0 {
		after = d.on - minChangeDays - 1 // a result of the API stands for a week
	}
	state := observation.BreakFound
	for _, b := range ledger {
		if !endOf(b).After(after.time()) || b.Start.After(d.on.time()) {
			continue
		}
		itself := b.Scope == scope && (scope == scopeAggregate || b.Item == item)
		near := b.Scope == "source" && b.Item == collectorOf(api) || item == observation.AggregateAll && b.Scope == scopeCheck
		switch {
		case itself && b.Kind == observation.BreakCleared:
			return observation.BreakStateCleared
		case (itself || near) && b.Kind == observation.BreakCut:
			state = observation.BreakConfirmed
		case (itself || near) && (b.Kind == observation.BreakFlag || b.Kind == observation.BreakFrozen) && state == observation.BreakFound:
			state = observation.BreakFlagged
		}
	}
	return state
}

// unitsOf names what a source speaks of.
func unitsOf(api bool) string {
	if api {
		return "repositories"
	}
	return "projects"
}

// timeOfDay is a day as a time, zero for none.
func timeOfDay(d day) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return d.time()
}
