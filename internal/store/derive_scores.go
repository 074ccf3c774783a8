package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// The states of a snapshot. A confirmed one counts as suspect, a cleared one
// as accepted.
const (
	snapshotAccepted  = "accepted"
	snapshotSuspect   = "suspect"
	snapshotConfirmed = "confirmed"
	snapshotCleared   = "cleared"
)

// snapshot is one date on which results were observed: a snapshot of the
// archive, or a day after the last of them on which a run began that collected
// those of the API. A run over midnight is of the day on which it began.
type snapshot struct {
	on            day
	api           bool
	listed        uint32 // in the archive's list, or asked about
	scored        uint32 // of these
	matched, lost uint32 // of the projects scored at the last accepted date: listed here, and without a result here
	state         string
	reason        string
}

func (s snapshot) accepted() bool {
	return s.state == snapshotAccepted || s.state == snapshotCleared
}

// shown is the state of the points of a date.
func (s snapshot) shown() string {
	if s.accepted() {
		return snapshotAccepted
	}
	return snapshotSuspect
}

// deriveScores writes the snapshots and the rollups of the cohorts. The dates
// are those of the archive, and after its last one
// the days on which API results were collected. Dates before from are copied
// from the previous generation as long as it knows them.
//
// The work is a fold over the dates that keeps the newest accepted result of
// every project.
func (s *Store) deriveScores(ctx context.Context, g generation, from time.Time, run observation.Run) error {
	dates, err := s.observationDates(ctx, run)
	if err != nil {
		return err
	}
	known, err := s.snapshots(ctx, g.Previous)
	if err != nil {
		return err
	}
	published, err := s.readGenerations(ctx)
	if err != nil {
		return err
	}
	breaks, err := s.breaks(ctx, published[datasetLedger])
	if err != nil {
		return err
	}
	plan := planScores(dates, known, from)
	f := newFold(plan, breaks)
	if err := s.loadRankLists(ctx, f); err != nil {
		return err
	}
	links, err := s.repositories(ctx)
	if err != nil {
		return err
	}
	f.link(links)
	if err := s.loadAPIResults(ctx, f, links, "scores.api"); err != nil {
		return err
	}
	archive := make(archiveRows)
	if err := s.loadArchive(ctx, f, archive, "scores.archive", dateParam("from", plan.loadFrom().time())); err != nil {
		return err
	}
	f.run(archive)
	if err := s.copyScores(ctx, g, plan); err != nil {
		return err
	}
	if err := s.writeSnapshots(ctx, g, f.written); err != nil {
		return err
	}
	return s.writeRollups(ctx, g, f.rollups)
}

// scorePlan says which dates are copied, read again and written.
type scorePlan struct {
	dates  []snapshot // every date, oldest first; those before first with the decision of the previous generation
	first  int        // index of the first date that is written anew
	replay int        // index of the first date that the fold must go through, for what later ones are compared with
}

// planScores decides from where on the fold must go. From the first date on of
// which the previous generation has another idea, all is written anew, whatever
// the caller said.
func planScores(dates, known []snapshot, from time.Time) scorePlan {
	p := scorePlan{dates: slices.Clone(dates)}
	for p.first = 0; p.first < min(len(dates), len(known)); p.first++ {
		d, k := dates[p.first], known[p.first]
		if k.on != d.on || k.api != d.api || !d.on.time().Before(from) {
			break
		}
		p.dates[p.first] = k
	}
	// What follows is compared with the newest accepted date before it.
	p.replay = p.first
	for i := p.first - 1; i >= 0 && p.replay == p.first; i-- {
		if p.dates[i].accepted() {
			p.replay = i
		}
	}
	return p
}

// loadFrom is the first date whose results the fold needs.
func (p scorePlan) loadFrom() day {
	if len(p.dates) == 0 || p.replay == 0 {
		return 1
	}
	return p.dates[min(p.replay, len(p.dates)-1)].on - valueDays
}

// copied lists the dates that are copied from the previous generation.
func (p scorePlan) copied() []string {
	days := make([]string, p.first)
	for i := range days {
		days[i] = p.dates[i].on.time().Format(time.DateOnly)
	}
	return days
}

// rankList is one download-rank list: projects and their downloads, rank 1
// first.
type rankList struct {
	on        day
	projects  []int32 // ids of the fold
	downloads []uint64
}

// archiveRow is one project in one snapshot of the archive.
type archiveRow struct {
	id     int32
	scored bool
	core   float32
}

// apiRow is one result of the API, or that it could not be asked.
type apiRow struct {
	projects    []int32 // whose strongest repository it is
	on          day
	unavailable bool
	scored      bool
	empty       bool
	core        float32
}

// fold goes through the dates in order. All slices by id grow together.
type fold struct {
	plan   scorePlan
	breaks []observation.Break
	ids    map[string]int32
	names  []string

	archive []value // by id: newest row of an accepted snapshot
	api     []value // by id: newest row of the strongest repository
	asked   []bool  // by id: the API was asked
	before  []bool  // by id: scored at the last accepted date
	links   []link  // by id: its repository
	rated   day     // the last accepted date, 0 before it

	downloads []uint64 // by id: in the list of the date weighed, 0 outside it
	weighed   day      // the list that downloads are of

	known day // from when on the repositories of projects are known, 0 never

	lists   []rankList // oldest first
	apiRows []apiRow   // oldest first; those up to the date are taken off
	next    int        // index of the next date

	each    func(i int, d snapshot) // called at every date from plan.replay on
	written []snapshot
	rollups []rollup
}

// link is the repository of a project. The number is the same for all projects
// of one repository, and 0 for a project without.
type link struct {
	strongest
	number int32
}

// rollup is one row of rollup_scores.
type rollup struct {
	scoreRow
	cohort    observation.Cohort
	weighting observation.Weighting
	on, list  day
	mapped    bool // the repositories of projects were known
	state     string
}

func newFold(p scorePlan, breaks []observation.Break) *fold {
	f := &fold{plan: p, breaks: breaks, ids: make(map[string]int32)}
	f.each = f.rollUpCohorts
	for i, d := range p.dates {
		if d.on >= p.loadFrom() {
			f.next = i
			break
		}
	}
	return f
}

// id returns the number of a project.
func (f *fold) id(project string) int32 {
	id, ok := f.ids[project]
	if !ok {
		id = int32(len(f.names))
		f.ids[project] = id
		f.names = append(f.names, project)
		f.archive = append(f.archive, value{})
		f.api = append(f.api, value{})
		f.asked = append(f.asked, false)
		f.before = append(f.before, false)
		f.links = append(f.links, link{})
		f.downloads = append(f.downloads, 0)
	}
	return id
}

// snapshot takes the rows of one date of the plan that is the archive's.
func (f *fold) snapshot(on day, rows []archiveRow) {
	for f.plan.dates[f.next].on < on {
		f.next++
	}
	i := f.next
	f.next++
	f.advanceAPI(on)
	d := f.plan.dates[i]
	if i >= f.plan.first {
		f.weigh(on)
		var loss loss
		for _, r := range rows {
			loss.add(f.before[r.id], r.scored, f.downloads[r.id])
		}
		d = f.judge(d, loss)
	}
	if d.accepted() {
		clear(f.before)
		f.rated = on
		for _, r := range rows {
			f.archive[r.id] = value{on: on, scored: r.scored, core: r.core}
			f.before[r.id] = r.scored
		}
		f.observe(i, d)
		return
	}
	// A suspect snapshot is shown for what it says on its own date, and carried
	// nowhere.
	kept := make([]value, len(rows))
	for j, r := range rows {
		kept[j] = f.archive[r.id]
		f.archive[r.id] = value{on: on, scored: r.scored, core: r.core}
	}
	f.observe(i, d)
	for j, r := range rows {
		f.archive[r.id] = kept[j]
	}
}

// finish goes through the dates after the last snapshot of the archive.
func (f *fold) finish() {
	for f.next < len(f.plan.dates) {
		i := f.next
		f.next++
		if f.plan.dates[i].api {
			f.collected(i)
		}
	}
}

// collected takes a day on which results of the API were collected.
func (f *fold) collected(i int) {
	d := f.plan.dates[i]
	f.advanceAPI(d.on)
	scored := make([]bool, len(f.names))
	for id := range scored {
		scored[id] = f.value(int32(id), d.on).scored
	}
	if i >= f.plan.first {
		f.weigh(d.on)
		var loss loss
		for id, asked := range f.asked {
			if asked {
				loss.add(f.before[id], scored[id], f.downloads[id])
			}
		}
		d = f.judge(d, loss)
	}
	if d.accepted() {
		f.before, f.rated = scored, d.on
	}
	f.observe(i, d)
}

// advanceAPI takes the results of the API up to a date.
func (f *fold) advanceAPI(to day) {
	for len(f.apiRows) > 0 && f.apiRows[0].on <= to {
		r := f.apiRows[0]
		f.apiRows = f.apiRows[1:]
		for _, id := range r.projects {
			f.asked[id] = true
			if !r.unavailable {
				f.api[id] = value{on: r.on, scored: r.scored, empty: r.empty, api: true, core: r.core}
			}
		}
	}
}

// value is the value of a project at a date that the fold has reached.
func (f *fold) value(id int32, on day) value {
	return better(f.archive[id].at(on), f.api[id].at(on))
}

// loss counts what became of the projects scored at the last accepted date.
type loss struct {
	listed, scored, matched, lost   uint32
	matchedDownloads, lostDownloads uint64
}

// add counts one project that the source lists, or was asked about.
func (l *loss) add(before, scored bool, downloads uint64) {
	l.listed++
	if scored {
		l.scored++
	}
	if !before {
		return
	}
	l.matched++
	l.matchedDownloads += downloads
	if !scored {
		l.lost++
		l.lostDownloads += downloads
	}
}

// suspect is the rule for an outage of the source: at least 5 % of the matched
// projects have lost all results, and they have at least 5 % of the matched
// downloads. An outage hits projects whatever their size. A source that gives
// up what hardly anybody uses loses projects without downloads, for good: on
// 2023-01-16 the archive lost 6.3 % of its projects with 1.1 % of the downloads,
// and never had them again; compared with the snapshot before, every later one
// would be an outage. Without download figures the projects decide.
func (l loss) suspect() bool {
	return posture.Suspect(int(l.matched), int(l.lost)) &&
		(l.matchedDownloads == 0 || posture.Suspect(int(l.matchedDownloads), int(l.lostDownloads)))
}

// weigh prepares downloads for a date: those of the newest list on or before it,
// or of the first one there is.
func (f *fold) weigh(on day) {
	list, ok := f.listAt(on)
	if !ok && len(f.lists) > 0 {
		list = f.lists[0]
	}
	if list.on == f.weighed {
		return
	}
	clear(f.downloads)
	for i, id := range list.projects {
		f.downloads[id] = list.downloads[i]
	}
	f.weighed = list.on
}

// judge decides whether a date is accepted: by the rule, unless the ledger has
// a word on it.
func (f *fold) judge(d snapshot, l loss) snapshot {
	d.listed, d.scored, d.matched, d.lost = l.listed, l.scored, l.matched, l.lost
	d.state, d.reason = snapshotAccepted, ""
	if l.suspect() {
		d.state = snapshotSuspect
		d.reason = fmt.Sprintf("%d of %d projects that had a result on %s have none here", d.lost, d.matched, f.rated.time().Format(time.DateOnly))
	}
	on := d.on.time()
	for _, b := range f.breaks {
		if b.Scope != "source" || b.Item != "" && b.Item != collectorOf(d.api) || on.Before(b.Start) || on.After(endOf(b)) {
			continue
		}
		switch b.Kind {
		case observation.BreakSuspect:
			d.state, d.reason = snapshotConfirmed, b.What
		case observation.BreakCleared:
			d.state, d.reason = snapshotCleared, b.What
		}
	}
	return d
}

// endOf is the last day of a break.
func endOf(b observation.Break) time.Time {
	if b.End.IsZero() {
		return b.Start
	}
	return b.End
}

// observe takes date i of the plan, whose decision is d.
func (f *fold) observe(i int, d snapshot) {
	if i >= f.plan.first {
		f.written = append(f.written, d)
	}
	if i >= f.plan.replay {
		f.each(i, d)
	}
}

// rollUpCohorts rolls the cohorts by rank up at a date that the fold has
// reached, unless they are copied.
func (f *fold) rollUpCohorts(i int, d snapshot) {
	list, ok := f.listAt(d.on)
	if !ok || i < f.plan.first {
		return
	}
	members := f.members(list, d.on)
	order := byCore(members)
	for _, c := range observation.RankCohorts() {
		if c.Size() > len(members) {
			continue // the list of that date is shorter than the cohort: a gap
		}
		f.rollUp(members[:c.Size()], order, rollup{cohort: c, on: d.on, list: list.on, state: d.shown()})
	}
}

// rollUp adds the rollups of one cohort by every weighting that exists at their
// date; like says all but the figures.
func (f *fold) rollUp(members []member, order []int32, like rollup) {
	like.mapped = f.mapped(like.on)
	for _, w := range observation.Weightings() {
		if w == observation.WeightRepository && !like.mapped {
			continue
		}
		like.weighting, like.scoreRow = w, rollUp(members, order, w)
		f.rollups = append(f.rollups, like)
	}
}

// mapped reports whether the repositories of projects were known at a date.
func (f *fold) mapped(on day) bool { return f.known != 0 && f.known <= on }

// members returns the projects of a list, as far as the largest cohort, as they
// are at a date that the fold has reached.
func (f *fold) members(list rankList, on day) []member {
	members := make([]member, min(len(list.projects), observation.CohortTop15000.Size()))
	for j := range members {
		id := list.projects[j]
		v := f.value(id, on)
		m := member{value: v, asked: v.on != 0 || f.asked[id], recent: v.on >= on-recentDays, downloads: list.downloads[j]}
		if l := &f.links[id]; l.linked(on) {
			m.repository, m.verified = l.number, l.verified(on)
		}
		members[j] = m
	}
	return members
}

// link gives the projects their repositories.
func (f *fold) link(m repositoryMap) {
	f.known = m.known
	numbers := make(map[string]int32)
	for project, strongest := range m.projects {
		number, ok := numbers[strongest.key()]
		if !ok {
			number = int32(len(numbers) + 1)
			numbers[strongest.key()] = number
		}
		f.links[f.id(project)] = link{strongest, number}
	}
}

// listAt returns the newest rank list on or before a date.
func (f *fold) listAt(on day) (rankList, bool) {
	for _, l := range slices.Backward(f.lists) {
		if l.on <= on {
			return l, true
		}
	}
	return rankList{}, false
}

// observationDates returns every date, oldest first, undecided. run counts as
// finished although its record is not closed, unless it is for one project.
func (s *Store) observationDates(ctx context.Context, run observation.Run) ([]snapshot, error) {
	var dates []snapshot
	open := uuid.Nil
	if run.Collector == "scorecard" && run.Project == "" {
		open = uuid.MustParse(run.ID)
	}
	var whole wholeDay
	err := s.queryEach(ctx, "scores.dates", func(rows driver.Rows) error {
		var on time.Time
		var source string
		var reach uint64
		if err := rows.Scan(&on, &source, &reach); err != nil {
			return err
		}
		d := snapshot{on: dayOf(on), api: source == string(observation.SourceAPI)}
		if !d.api || whole.take(d.on, reach) {
			dates = append(dates, d)
		}
		return nil
	}, param("run", open), param("started", run.StartedAt.UTC().Format(time.DateTime)), param("unchanged", run.Unchanged))
	return dates, err
}

// wholeDays is for how long a day of the API is what the next ones are measured
// by: two of its weekly runs. When fewer projects are tracked from some day on,
// that many days later the new number is the measure.
const wholeDays = 14

// wholeDay is the newest day on which the API was asked about all that is
// tracked, and how many repositories that were.
type wholeDay struct {
	on    day
	reach uint64
}

// take reports whether a day on which so many repositories were looked at is an
// observation of its own. Less than half of the last whole day's repositories
// are not all of them: those results arrive with the next observation, and
// nothing is said of all the others.
func (w *wholeDay) take(on day, reach uint64) bool {
	if reach == 0 || w.on != 0 && on <= w.on+wholeDays && 2*reach < w.reach {
		return false
	}
	w.on, w.reach = on, reach
	return true
}

// snapshots returns the decisions of a generation, oldest first.
func (s *Store) snapshots(ctx context.Context, generation uint64) ([]snapshot, error) {
	var list []snapshot
	err := s.queryEach(ctx, "scores.snapshots", func(rows driver.Rows) error {
		var on time.Time
		var source string
		var n snapshot
		if err := rows.Scan(&on, &source, &n.listed, &n.scored, &n.matched, &n.lost, &n.state, &n.reason); err != nil {
			return err
		}
		n.on, n.api = dayOf(on), source == string(observation.SourceAPI)
		list = append(list, n)
		return nil
	}, param("generation", generation))
	return list, err
}

// loadRankLists reads the lists that the fold's dates need.
func (s *Store) loadRankLists(ctx context.Context, f *fold) error {
	if len(f.plan.dates) == 0 {
		return nil
	}
	first := f.plan.dates[min(f.plan.replay, len(f.plan.dates)-1)].on
	return s.queryEach(ctx, "scores.ranks", func(rows driver.Rows) error {
		var on uint16
		var project string
		var downloads uint64
		if err := rows.Scan(&on, &project, &downloads); err != nil {
			return err
		}
		if n := len(f.lists); n == 0 || f.lists[n-1].on != day(on) {
			f.lists = append(f.lists, rankList{on: day(on)})
		}
		l := &f.lists[len(f.lists)-1]
		l.projects = append(l.projects, f.id(project))
		l.downloads = append(l.downloads, downloads)
		return nil
	}, dateParam("from", first.time()))
}

// loadAPIResults reads the results of the API by one of the queries scores.api
// and members.api. Repository names are compared without case, as the forges
// do: a link is written as its author liked.
func (s *Store) loadAPIResults(ctx context.Context, f *fold, links repositoryMap, query string, params ...any) error {
	projects := make(map[string][]int32)
	for project, link := range links.projects {
		projects[link.key()] = append(projects[link.key()], f.id(project))
	}
	return s.queryEach(ctx, query, func(rows driver.Rows) error {
		var subject, state string
		var on uint16
		r := apiRow{}
		if err := rows.Scan(&on, &subject, &state, &r.empty, &r.core); err != nil {
			return err
		}
		r.on, r.projects = day(on), projects[strings.ToLower(subject)]
		r.scored = state == string(observation.StateScored)
		r.unavailable = state == string(observation.StateUnavailable)
		if len(r.projects) > 0 {
			f.apiRows = append(f.apiRows, r)
		}
		return nil
	}, params...)
}

// archiveRows are rows of the archive by their date. The table is in the order
// of projects, so the dates are put together here, in twelve bytes a row, which
// costs less than sorting them in the database.
type archiveRows map[day][]archiveRow

// loadArchive adds the rows of one of the queries scores.archive and
// members.archive.
func (s *Store) loadArchive(ctx context.Context, f *fold, to archiveRows, query string, params ...any) error {
	var row archiveRow
	var subject, last string
	var on uint16
	return s.queryEach(ctx, query, func(rows driver.Rows) error {
		if err := rows.Scan(&subject, &on, &row.scored, &row.core); err != nil {
			return err
		}
		if subject != last {
			row.id, last = f.id(subject), subject
		}
		to[day(on)] = append(to[day(on)], row)
		return nil
	}, params...)
}

// run goes through all dates.
func (f *fold) run(archive archiveRows) {
	from := f.plan.loadFrom()
	for _, d := range f.plan.dates {
		if !d.api && d.on >= from {
			f.snapshot(d.on, archive[d.on])
			delete(archive, d.on)
		}
	}
	f.finish()
}

// copyScores copies the dates that were not touched.
func (s *Store) copyScores(ctx context.Context, g generation, p scorePlan) error {
	if p.first == 0 {
		return nil
	}
	for _, name := range []string{"scores.copy_snapshots", "scores.copy_rollups"} {
		err := s.exec(ctx, name, param("generation", g.Number), param("previous", g.Previous), param("days", p.copied()))
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) writeSnapshots(ctx context.Context, g generation, list []snapshot) error {
	return s.writeRows(ctx, g, "snapshots",
		[]string{"observed_on", "source", "listed", "scored", "matched", "lost", "state", "reason"},
		len(list), func(i int) []any {
			n := list[i]
			return []any{n.on.time(), sourceName(n.api), n.listed, n.scored, n.matched, n.lost, n.state, n.reason}
		})
}

func (s *Store) writeRollups(ctx context.Context, g generation, list []rollup) error {
	return s.writeRows(ctx, g, "rollup_scores",
		[]string{"cohort", "weighting", "observed_on", "list_on", "source", "state", "size", "asked", "no_result", "scored", "coverage", "n", "mean", "p10", "p25", "p50", "p75", "p90",
			"repository", "verified", "result", "recent", "asked_share", "repository_share", "verified_share", "result_share", "recent_share"},
		len(list), func(i int) []any {
			r := list[i]
			q, share := r.quantiles, r.shares
			return []any{string(r.cohort), string(r.weighting), r.on.time(), r.list.time(), r.source, r.state,
				uint32(r.size), uint32(r.asked), uint32(r.noResult), uint32(r.scored), share.scored, uint32(r.n), r.mean, q[0], q[1], q[2], q[3], q[4],
				known(uint32(r.repository), r.mapped), known(uint32(r.verified), r.mapped), uint32(r.result), uint32(r.recent),
				share.asked, known(share.repository, r.mapped), known(share.verified, r.mapped), share.result, share.recent}
		})
}

// known is v, or nothing when it is not known.
func known[T any](v T, is bool) *T {
	if !is {
		return nil
	}
	return &v
}

// collectorOf is the name by which the ledger knows a source.
func collectorOf(api bool) string {
	if api {
		return "scorecard"
	}
	return "pypiscorecards"
}

func sourceName(api bool) string {
	if api {
		return string(observation.SourceAPI)
	}
	return string(observation.SourceArchive)
}
