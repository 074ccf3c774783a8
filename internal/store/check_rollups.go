package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// maxReasons is how many reasons of one check are kept for a cohort.
const maxReasons = 10

// checkRollup is one row of rollup_checks.
type checkRollup struct {
	checkTally
	cohort       observation.Cohort
	weighting    observation.Weighting
	check        string
	on, list     day
	state        string
	size, scored uint32
	histogram    histogram
}

// checkTally counts the members of a cohort by what one check says of them.
type checkTally struct {
	n, inconclusive uint32
	archive, api    uint32 // of n, by source
}

// histogram is the votes at each score from 0 to 10.
type histogram [posture.MaxScore + 1]float64

// share is the share of the votes at 8 or above, and the mean; nil without
// votes.
func (h histogram) share() (share, mean *float64) {
	var all, good, sum float64
	for score, votes := range h {
		all += votes
		sum += float64(score) * votes
		if score >= goodScore {
			good += votes
		}
	}
	if all == 0 {
		return nil, nil
	}
	a, b := good/all, sum/all
	return &a, &b
}

// observe rolls every check up at date i of the plan for all cohorts: a cohort
// is the beginning of the list. left are the checks that are left out.
func (f *checkFold) observe(i int, left checkSet) {
	d := f.plan.dates[i]
	list, ok := listOn(f.lists, d.on)
	if !ok {
		return
	}
	if slices.Contains(f.plan.changeFrom, i) {
		f.from = append(f.from, f.end(d.on, list, left))
	}
	if i == f.plan.changeTo {
		f.to = f.end(d.on, list, left)
	}
	if i < f.plan.first {
		return
	}
	members, scores := f.members(list, d.on)
	for _, c := range observation.RankCohorts() {
		if n := c.Size(); n <= len(members) { // else the list is shorter than the cohort: a gap
			f.rollUp(members[:n], scores[:n], d, left, checkRollup{cohort: c, on: d.on, list: list.on})
		}
	}
}

// members returns the projects of a list, as far as the largest cohort, as they
// are at a date that the fold has reached, and by check the scores of those that
// are scored.
func (f *checkFold) members(list rankList, on day) ([]member, [][]int8) {
	n := min(len(list.projects), observation.CohortTop15000.Size())
	members, scores := make([]member, n), make([][]int8, n)
	all := make([]int8, n*len(f.checks))
	for place := range members {
		id := list.projects[place]
		m := f.member(id, on)
		members[place] = member{value: m.value, downloads: list.downloads[place]}
		if linked := f.linked[id]; linked != 0 && linked <= on {
			members[place].repository = f.linkOf[id] + 1
		}
		if !m.scored {
			continue
		}
		scores[place], all = all[:len(f.checks)], all[len(f.checks):]
		for c := range f.checks {
			scores[place][c] = f.scoreOf(m, c, on)
		}
	}
	return members, scores
}

// rollUp adds the rollups of one cohort by every weighting that exists at the
// date d; like says all but the figures.
func (f *checkFold) rollUp(members []member, scores [][]int8, d snapshot, left checkSet, like checkRollup) {
	tallies := make([]checkTally, len(f.checks))
	like.size = uint32(len(members))
	for place, row := range scores {
		if row == nil {
			continue
		}
		like.scored++
		for c, score := range row {
			tallies[c].add(score, members[place].api)
		}
	}
	for _, w := range observation.Weightings() {
		if w == observation.WeightRepository && !f.mapped(d.on) {
			continue
		}
		histograms := f.histograms(scores, votes(members, w))
		for c, check := range f.checks {
			if tallies[c].n+tallies[c].inconclusive == 0 {
				continue // nobody ran it: a gap
			}
			r := like
			r.checkTally, r.weighting, r.check, r.state, r.histogram = tallies[c], w, check, d.shown(), histograms[c]
			if left.has(c) {
				r.state = snapshotSuspect
			}
			f.rollups = append(f.rollups, r)
		}
	}
}

// add counts one member that is scored.
func (t *checkTally) add(score int8, api bool) {
	switch {
	case score == inconclusive:
		t.inconclusive++
	case score >= 0 && api:
		t.n++
		t.api++
	case score >= 0:
		t.n++
		t.archive++
	}
}

// histograms counts, by check, the votes of the members at each score.
func (f *checkFold) histograms(scores [][]int8, votes []float64) []histogram {
	all := make([]histogram, len(f.checks))
	for place, row := range scores {
		for c, score := range row {
			if score >= 0 {
				all[c][score] += votes[place]
			}
		}
	}
	return all
}

// mapped reports whether the repositories of projects were known at a date.
func (f *checkFold) mapped(on day) bool { return f.known != 0 && f.known <= on }

// checkMember is one project's value at a date, and where its checks are.
type checkMember struct {
	value
	unit int32 // of the source of the value
}

// member returns a project's value at a date that the fold has reached.
func (f *checkFold) member(id int32, on day) checkMember {
	a := checkMember{f.archive.value(id, false, on), id}
	link := f.linkOf[id]
	if link < 0 {
		return a
	}
	b := checkMember{f.api.value(link, true, on), link}
	if better(a.value, b.value).api {
		return b
	}
	return a
}

// scoreOf returns a check of a member's value: 0 to 10, inconclusive or notRun.
// What the archive no longer runs is not run, also for a project that was last
// listed before.
func (f *checkFold) scoreOf(m checkMember, check int, on day) int8 {
	c := f.carriedBy(m.api)
	at := int(m.unit)*c.checks + check
	if c.from[at] < on-valueDays || c.score[at] == unscored {
		return notRun
	}
	if !m.api && !f.runs.has(check) {
		return notRun
	}
	return c.score[at]
}

// listOn returns the newest rank list on or before a date.
func listOn(lists []rankList, on day) (rankList, bool) {
	for _, l := range slices.Backward(lists) {
		if l.on <= on {
			return l, true
		}
	}
	return rankList{}, false
}

// end takes what is compared of an accepted date.
func (f *checkFold) end(on day, list rankList, left checkSet) *end {
	e := &end{on: on, position: make(map[string]int), checks: make(map[string][]int8)}
	for place, id := range list.projects {
		m := f.member(id, on)
		e.position[f.names[id]] = place
		e.names = append(e.names, f.names[id])
		e.members = append(e.members, member{value: m.value, downloads: list.downloads[place]})
		e.units = append(e.units, m.unit)
		core := f.core
		if m.api {
			core &= f.api.set[m.unit]
		}
		e.core = append(e.core, core)
		if !m.scored {
			continue
		}
		for c, check := range f.checks {
			score := f.scoreOf(m, c, on)
			if score < 0 || left.has(c) {
				continue
			}
			scores := e.checks[check]
			if scores == nil {
				scores = slices.Repeat([]int8{noScore}, len(list.projects))
				e.checks[check] = scores
			}
			scores[place] = score
		}
	}
	return e
}

// copyChecks copies the rollups and the moves of the dates that cannot have
// changed.
func (s *Store) copyChecks(ctx context.Context, g generation, p checkPlan) error {
	if p.first == 0 {
		return nil
	}
	for _, name := range []string{"checks.copy", "checks.copy_moves"} {
		err := s.exec(ctx, name, param("generation", g.Number), param("previous", g.Previous), param("days", p.copied()))
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) writeCheckRollups(ctx context.Context, g generation, list []checkRollup) error {
	n := len(list)
	var (
		cohort, weighting, check, source, state = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		on, listOn                              = make([]time.Time, n), make([]time.Time, n)
		size, scored, with, without, out        = make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n)
		share, mean                             = make([]*float64, n), make([]*float64, n)
		histograms                              = make([][]float64, n)
	)
	for i := range list {
		r := &list[i]
		cohort[i], weighting[i], check[i], state[i] = string(r.cohort), string(r.weighting), r.check, r.state
		source[i] = sourceOf(int(r.archive), int(r.api))
		on[i], listOn[i] = r.on.time(), r.list.time()
		size[i], scored[i], with[i], without[i], out[i] = r.size, r.scored, r.n, r.inconclusive, r.scored-r.n-r.inconclusive
		share[i], mean[i] = r.histogram.share()
		histograms[i] = r.histogram[:]
	}
	return s.writeColumns(ctx, g, "rollup_checks", n,
		column{"cohort", cohort}, column{"weighting", weighting}, column{"check", check},
		column{"observed_on", on}, column{"list_on", listOn}, column{"source", source}, column{"state", state},
		column{"size", size}, column{"scored", scored}, column{"n", with}, column{"inconclusive", without}, column{"not_run", out},
		column{"share", share}, column{"mean", mean}, column{"histogram", histograms})
}

// reasonKey is one reason of a check in a cohort.
type reasonKey struct {
	cohort        observation.Cohort
	check, reason string
}

// reasonTally counts the projects of one cohort with one reason.
type reasonTally struct {
	projects, conclusive, sum int
}

// writeReasons writes the commonest reasons that the API gives for each check,
// at the newest accepted date.
func (s *Store) writeReasons(ctx context.Context, g generation, f *checkFold) error {
	if f.to == nil {
		return nil
	}
	membersOf := make(map[int32][]int) // places of the members whose value is of a repository
	var days []string
	for place, m := range f.to.members {
		if m.scored && m.api {
			unit := f.to.units[place]
			membersOf[unit] = append(membersOf[unit], place)
			days = append(days, m.on.time().Format(time.DateOnly))
		}
	}
	if len(membersOf) == 0 {
		return nil
	}
	slices.Sort(days)
	tallies := make(map[reasonKey]*reasonTally)
	err := s.queryEach(ctx, "checks.reasons", func(rows driver.Rows) error {
		var subject, check, reason string
		var on uint16
		var score int8
		if err := rows.Scan(&subject, &check, &on, &score, &reason); err != nil {
			return err
		}
		unit, ok := f.repositoryOf[strings.ToLower(subject)]
		if !ok {
			return nil
		}
		for _, place := range membersOf[unit] {
			if f.to.members[place].on != day(on) {
				continue
			}
			for _, c := range observation.RankCohorts() {
				if place >= c.Size() || c.Size() > len(f.to.members) {
					continue
				}
				k := reasonKey{c, check, posture.Reason(reason)}
				t, ok := tallies[k]
				if !ok {
					t = new(reasonTally)
					tallies[k] = t
				}
				t.projects++
				if score >= 0 {
					t.conclusive++
					t.sum += int(score)
				}
			}
		}
		return nil
	}, param("days", slices.Compact(days)))
	if err != nil {
		return err
	}
	rows := commonestReasons(tallies, f.to.on)
	return s.writeRows(ctx, g, "rollup_check_reasons", []string{"cohort", "check", "place", "reason", "projects", "mean", "observed_on"},
		len(rows), func(i int) []any { return rows[i] })
}

// commonestReasons are the rows of the reasons seen most, of each check and cohort
// at most maxReasons.
func commonestReasons(tallies map[reasonKey]*reasonTally, on day) [][]any {
	keys := make([]reasonKey, 0, len(tallies))
	for k := range tallies {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b reasonKey) int {
		return cmp.Or(cmp.Compare(a.cohort, b.cohort), cmp.Compare(a.check, b.check), cmp.Compare(tallies[b].projects, tallies[a].projects), cmp.Compare(a.reason, b.reason))
	})
	place := 0
	var rows [][]any
	for i, k := range keys {
		if i == 0 || keys[i-1].cohort != k.cohort || keys[i-1].check != k.check {
			place = 0
		}
		if place++; place > maxReasons {
			continue
		}
		t := tallies[k]
		var mean *float64
		if t.conclusive > 0 {
			v := float64(t.sum) / float64(t.conclusive)
			mean = &v
		}
		rows = append(rows, []any{string(k.cohort), k.check, uint16(place), k.reason, uint32(t.projects), mean, on.time()})
	}
	return rows
}
