package store

import (
	"context"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// maxChecks is how many checks are followed: a set of them is one word.
// Scorecard has some twenty.
const maxChecks = 64

// What stands for a score from 0 to 10 that is not there.
const (
	inconclusive int8 = -1 // the source lists the check and gives no score
	notRun       int8 = -2 // the source does not list it
	unscored     int8 = -3 // the whole result is none
)

// checkSet is a set of checks, one bit each.
type checkSet uint64

func (s checkSet) has(check int) bool { return s>>check&1 == 1 }
func (s *checkSet) add(check int)     { *s |= 1 << check }

// checkNames numbers the checks that are followed.
type checkNames struct {
	checks []string
	code   map[string]int
	core   checkSet
}

func newCheckNames(names []string) checkNames {
	n := checkNames{checks: names, code: make(map[string]int, len(names))}
	for i, name := range names {
		n.code[name] = i
		if posture.IsCore(name) {
			n.core.add(i)
		}
	}
	return n
}

// set reads check_set of scorecard_results.
func (n checkNames) set(text string) checkSet {
	var s checkSet
	for name := range strings.SplitSeq(text, ",") {
		if i, ok := n.code[name]; ok {
			s.add(i)
		}
	}
	return s
}

// outcome is one result with its checks, of a project of the archive or of a
// repository.
type outcome struct {
	on        day
	scored    bool
	core, all float32 // aggregates over the core checks and over all, NaN without
	set       checkSet
	scores    []int8 // by check, nil unless scored
	scoring          // of the API
}

// scoring is what a result of the API was made of and by.
type scoring struct{ commit, tool string }

// archiveDay is one snapshot of the archive in the size in which all of them
// fit in memory: some 25 bytes for each project scored.
type archiveDay struct {
	set       checkSet
	ids       []int32 // projects listed, ascending
	at        []int32 // by place in ids: which of the scored ones it is, -1 without a result
	core, all []float32
	scores    []int8 // of the scored ones, one after the other
}

// outcome returns the result of the project in a place of ids.
func (a *archiveDay) outcome(on day, place, checks int) outcome {
	i := int(a.at[place])
	if i < 0 {
		return outcome{on: on, core: nan32, all: nan32, set: a.set}
	}
	return outcome{on: on, scored: true, core: a.core[i], all: a.all[i], set: a.set, scores: a.scores[i*checks : (i+1)*checks]}
}

// repository is what the API said of one repository, oldest first, and the
// projects whose strongest repository it is.
type repository struct {
	name     string
	projects []int32
	results  []outcome
	refused  []day // days on which it could not be asked
}

// checkHistory is every stored result that a derivation needs, with its checks.
type checkHistory struct {
	checkNames
	ids          map[string]int32 // of projects
	names        []string
	archive      map[day]*archiveDay
	repositories []repository
	repositoryOf map[string]int32 // by name in lower case
	links        repositoryMap
	lists        []rankList
}

var nan32 = float32(math.NaN())

// id returns the number of a project.
func (h *checkHistory) id(project string) int32 {
	id, ok := h.ids[project]
	if !ok {
		id = int32(len(h.names))
		h.ids[project] = id
		h.names = append(h.names, project)
	}
	return id
}

// loadCheckHistory reads the archive from a date on, and all that the API said.
func (s *Store) loadCheckHistory(ctx context.Context, p checkPlan, links repositoryMap) (*checkHistory, error) {
	names, err := s.followedChecks(ctx)
	if err != nil {
		return nil, err
	}
	h := &checkHistory{
		checkNames: newCheckNames(names), ids: make(map[string]int32),
		archive: make(map[day]*archiveDay), repositoryOf: make(map[string]int32), links: links,
	}
	if err := s.loadArchiveChecks(ctx, h, p.load); err != nil {
		return nil, err
	}
	for _, project := range slices.Sorted(maps.Keys(links.projects)) { // in order, so that sums over repositories are the same each time
		key := links.projects[project].key()
		i, ok := h.repositoryOf[key]
		if !ok {
			i = int32(len(h.repositories))
			h.repositoryOf[key] = i
			h.repositories = append(h.repositories, repository{name: links.projects[project].Repository})
		}
		h.repositories[i].projects = append(h.repositories[i].projects, h.id(project))
	}
	if err := s.loadAPIChecks(ctx, h); err != nil {
		return nil, err
	}
	return h, s.loadCheckLists(ctx, h, p)
}

func (s *Store) followedChecks(ctx context.Context) ([]string, error) {
	var names []string
	err := s.queryEach(ctx, "checks.names", func(rows driver.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
		return nil
	}, param("most", uint16(maxChecks)))
	slices.Sort(names)
	return names, err
}

// loadArchiveChecks reads the snapshots of the archive. Both tables are in the
// order of projects; the dates are put together here.
func (s *Store) loadArchiveChecks(ctx context.Context, h *checkHistory, from day) error {
	at := func(on day) *archiveDay {
		a, ok := h.archive[on]
		if !ok {
			a = new(archiveDay)
			h.archive[on] = a
		}
		return a
	}
	since := dateParam("from", from.time())
	err := s.queryEach(ctx, "checks.sets", func(rows driver.Rows) error {
		var on uint16
		var set string
		if err := rows.Scan(&on, &set); err != nil {
			return err
		}
		at(day(on)).set |= h.set(set)
		return nil
	}, since)
	if err != nil {
		return err
	}
	var subject, check string
	var days []uint16
	var scored []uint8
	var core, all []float32
	err = s.queryEach(ctx, "checks.archive", func(rows driver.Rows) error {
		if err := rows.Scan(&subject, &days, &scored, &core, &all); err != nil {
			return err
		}
		id := h.id(subject) // subjects come in order, so ids of a day ascend
		for i, on := range days {
			a, place := at(day(on)), int32(-1)
			if scored[i] == 1 {
				place = int32(len(a.core))
				a.core, a.all = append(a.core, core[i]), append(a.all, all[i])
			}
			a.ids, a.at = append(a.ids, id), append(a.at, place)
		}
		return nil
	}, since)
	if err != nil {
		return err
	}
	n := len(h.checks)
	for _, a := range h.archive {
		a.scores = make([]int8, len(a.core)*n)
		for i := range a.scores {
			a.scores[i] = notRun
			if a.set.has(i % n) {
				a.scores[i] = inconclusive
			}
		}
	}
	places := newPlaces(h)
	var cells string
	return s.queryEach(ctx, "checks.archive_scores", func(rows driver.Rows) error {
		if err := rows.Scan(&subject, &check, &cells); err != nil {
			return err
		}
		c, ok := h.code[check]
		id, known := h.ids[subject]
		if !ok || !known {
			return nil
		}
		places.of(id)
		for on, score := range scoresOf(cells) {
			if a, row := places.at(on); row >= 0 {
				a.scores[int(row)*n+c] = score
				a.set.add(c)
			}
		}
		return nil
	}, since)
}

// scoresOf reads the scores of one subject and check by day, three bytes each:
// a driver takes an array element by element, and there are 20 million.
func scoresOf(cells string) iter.Seq2[day, int8] {
	return func(yield func(day, int8) bool) {
		for i := 0; i+3 <= len(cells); i += 3 {
			if !yield(day(cells[i])|day(cells[i+1])<<8, int8(cells[i+2])-3) {
				return
			}
		}
	}
}

// places finds the rows of one project in all days at once.
type places struct {
	days  []*archiveDay // by day since first, nil without a snapshot
	rows  []int32       // of the project, by day since first; -1 without a result
	first day
	id    int32
}

func newPlaces(h *checkHistory) *places {
	p := &places{id: -1}
	if len(h.archive) == 0 {
		return p
	}
	var last day
	for on := range h.archive {
		if p.first == 0 || on < p.first {
			p.first = on
		}
		last = max(last, on)
	}
	p.days = make([]*archiveDay, last-p.first+1)
	p.rows = make([]int32, len(p.days))
	for on, a := range h.archive {
		p.days[on-p.first] = a
	}
	return p
}

// of turns to a project.
func (p *places) of(id int32) {
	if p.id == id {
		return
	}
	p.id = id
	for i, a := range p.days {
		p.rows[i] = -1
		if a == nil {
			continue
		}
		if place, ok := slices.BinarySearch(a.ids, id); ok {
			p.rows[i] = a.at[place]
		}
	}
}

func (p *places) at(on day) (*archiveDay, int32) {
	i := int(on - p.first)
	if i < 0 || i >= len(p.days) || p.days[i] == nil {
		return nil, -1
	}
	return p.days[i], p.rows[i]
}

// loadAPIChecks reads all results of the API about repositories of projects.
func (s *Store) loadAPIChecks(ctx context.Context, h *checkHistory) error {
	n := len(h.checks)
	err := s.queryEach(ctx, "checks.api", func(rows driver.Rows) error {
		var subject, state, set string
		var on uint16
		r := outcome{}
		if err := rows.Scan(&subject, &on, &state, &r.core, &r.all, &set, &r.commit, &r.tool); err != nil {
			return err
		}
		i, ok := h.repositoryOf[strings.ToLower(subject)]
		if !ok {
			return nil
		}
		repo := &h.repositories[i]
		r.on = day(on)
		switch state {
		case string(observation.StateUnavailable):
			repo.refused = append(repo.refused, r.on)
			return nil
		case string(observation.StateScored):
			r.scored, r.set = true, h.set(set)
			r.scores = make([]int8, n)
			for c := range r.scores {
				r.scores[c] = notRun
				if r.set.has(c) {
					r.scores[c] = inconclusive
				}
			}
		}
		repo.results = append(repo.results, r)
		return nil
	})
	if err != nil {
		return err
	}
	for i := range h.repositories {
		// The forge's spelling may have changed over time: two subjects, one repository.
		slices.SortStableFunc(h.repositories[i].results, func(a, b outcome) int { return int(a.on - b.on) })
	}
	var subject, check, cells string
	return s.queryEach(ctx, "checks.api_scores", func(rows driver.Rows) error {
		if err := rows.Scan(&subject, &check, &cells); err != nil {
			return err
		}
		c, ok := h.code[check]
		i, known := h.repositoryOf[strings.ToLower(subject)]
		if !ok || !known {
			return nil
		}
		results := h.repositories[i].results
		for on, score := range scoresOf(cells) {
			k, found := slices.BinarySearchFunc(results, on, func(r outcome, on day) int { return int(r.on - on) })
			if found && results[k].scored {
				results[k].scores[c] = score
				results[k].set.add(c)
			}
		}
		return nil
	})
}

// loadCheckLists reads the rank lists that the plan's dates need.
func (s *Store) loadCheckLists(ctx context.Context, h *checkHistory, p checkPlan) error {
	if len(p.dates) == 0 {
		return nil
	}
	return s.queryEach(ctx, "scores.ranks", func(rows driver.Rows) error {
		var on uint16
		var project string
		var downloads uint64
		if err := rows.Scan(&on, &project, &downloads); err != nil {
			return err
		}
		if n := len(h.lists); n == 0 || h.lists[n-1].on != day(on) {
			h.lists = append(h.lists, rankList{on: day(on)})
		}
		l := &h.lists[len(h.lists)-1]
		l.projects = append(l.projects, h.id(project))
		l.downloads = append(l.downloads, downloads)
		return nil
	}, dateParam("from", p.dates[min(p.replay, len(p.dates)-1)].on.time()))
}

// carried keeps the newest accepted outcome of every unit of one source: of
// projects in the archive, of repositories in the API.
type carried struct {
	checks    int
	on        []day // of the newest outcome, 0 without any
	scored    []bool
	core, all []float32
	set       []checkSet
	score     []int8 // by unit and check
	from      []day  // of that score: older than on when the check was left out since
}

func newCarried(units, checks int) carried {
	return carried{
		checks: checks, on: make([]day, units), scored: make([]bool, units), core: make([]float32, units), all: make([]float32, units),
		set: make([]checkSet, units), score: make([]int8, units*checks), from: make([]day, units*checks),
	}
}

// put takes outcomes, except for the scores of the checks left out of them.
func (c *carried) put(b batch, left checkSet) {
	for i, unit := range b.units {
		r := b.outcomes[i]
		c.on[unit], c.scored[unit], c.core[unit], c.all[unit], c.set[unit] = r.on, r.scored, r.core, r.all, r.set
		base := int(unit) * c.checks
		for k := range c.checks {
			if left.has(k) {
				continue
			}
			score := unscored
			if r.scored {
				score = r.scores[k]
			}
			c.score[base+k], c.from[base+k] = score, r.on
		}
	}
}

// value is the unit's outcome as it counts at a date.
func (c *carried) value(unit int32, api bool, at day) value {
	return value{on: c.on[unit], scored: c.scored[unit], api: api, core: c.core[unit]}.at(at)
}

// clone copies everything, to go back to it.
func (c *carried) clone() carried {
	return carried{
		checks: c.checks, on: slices.Clone(c.on), scored: slices.Clone(c.scored), core: slices.Clone(c.core), all: slices.Clone(c.all),
		set: slices.Clone(c.set), score: slices.Clone(c.score), from: slices.Clone(c.from),
	}
}
