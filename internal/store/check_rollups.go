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

// histogram is the weight at each score from 0 to 10.
type histogram [posture.MaxScore + 1]uint64

// share is the weight's share at 8 or above, and the mean; nil without weight.
func (h histogram) share() (share, mean *float64) {
	var all, good, sum uint64
	for score, weight := range h {
		all += weight
		sum += uint64(score) * weight
		if score >= goodScore {
			good += weight
		}
	}
	if all == 0 {
		return nil, nil
	}
	a, b := float64(good)/float64(all), float64(sum)/float64(all)
	return &a, &b
}

// weightings are those that checks are rolled up for, and what a project of a
// rank list weighs in each.
var weightings = []struct {
	name   observation.Weighting
	weight func(l rankList, place int) uint64
}{
	{observation.WeightPackage, func(rankList, int) uint64 { return 1 }},
	{observation.WeightDownload, func(l rankList, place int) uint64 { return l.downloads[place] }},
}

// observe rolls every check up at date i of the plan for all cohorts at once: a
// cohort is the beginning of the list. left are the checks that are left out.
func (f *checkFold) observe(i int, left checkSet) {
	d := f.plan.dates[i]
	list, ok := listOn(f.lists, d.on)
	if !ok {
		return
	}
	if i == f.plan.changeFrom {
		f.from = f.end(d.on, list, left)
	}
	if i == f.plan.changeTo {
		f.to = f.end(d.on, list, left)
	}
	if i < f.plan.first {
		return
	}
	tallies := make([]checkTally, len(f.checks))
	histograms := make([][]histogram, len(weightings))
	for w := range histograms {
		histograms[w] = make([]histogram, len(f.checks))
	}
	var scored uint32
	cohorts := observation.RankCohorts()
	for place := range list.projects {
		if m := f.member(list.projects[place], d.on); m.scored {
			scored++
			for c := range f.checks {
				score := f.scoreOf(m, c, d.on)
				switch {
				case score == inconclusive:
					tallies[c].inconclusive++
				case score >= 0:
					tallies[c].n++
					if m.api {
						tallies[c].api++
					} else {
						tallies[c].archive++
					}
					for w := range weightings {
						histograms[w][c][score] += weightings[w].weight(list, place)
					}
				}
			}
		}
		if place+1 != cohorts[0].Size() {
			continue
		}
		for w, weighting := range weightings {
			for c, check := range f.checks {
				if tallies[c].n+tallies[c].inconclusive == 0 {
					continue // nobody ran it: a gap
				}
				state := snapshotAccepted
				if !d.accepted() || left.has(c) {
					state = snapshotSuspect
				}
				f.rollups = append(f.rollups, checkRollup{
					checkTally: tallies[c], cohort: cohorts[0], weighting: weighting.name, check: check, on: d.on, list: list.on,
					state: state, size: uint32(place + 1), scored: scored, histogram: histograms[w][c],
				})
			}
		}
		if cohorts = cohorts[1:]; len(cohorts) == 0 {
			break
		}
	}
}

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
	if c.from[at] <= on-valueDays || c.score[at] == unscored {
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

// copyChecks copies the rollups of the dates that cannot have changed.
func (s *Store) copyChecks(ctx context.Context, g generation, p checkPlan) error {
	if p.first == 0 {
		return nil
	}
	return s.exec(ctx, "checks.copy", param("generation", g.Number), param("previous", g.Previous), param("days", p.copied()))
}

func (s *Store) writeCheckRollups(ctx context.Context, g generation, list []checkRollup) error {
	n := len(list)
	var (
		cohort, weighting, check, source, state = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		on, listOn                              = make([]time.Time, n), make([]time.Time, n)
		size, scored, with, without, out        = make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n)
		share, mean                             = make([]*float64, n), make([]*float64, n)
		histograms                              = make([][]uint64, n)
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
	type key struct {
		cohort        observation.Cohort
		check, reason string
	}
	tallies := make(map[key]*reasonTally)
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
				k := key{c, check, posture.Reason(reason)}
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
	keys := make([]key, 0, len(tallies))
	for k := range tallies {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
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
		rows = append(rows, []any{string(k.cohort), k.check, uint16(place), k.reason, uint32(t.projects), mean, f.to.on.time()})
	}
	return s.writeRows(ctx, g, "rollup_check_reasons", []string{"cohort", "check", "place", "reason", "projects", "mean", "observed_on"},
		len(rows), func(i int) []any { return rows[i] })
}
