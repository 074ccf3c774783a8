package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

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
// archive, or a day after the last of them on which the API's were collected.
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

// deriveScores writes the snapshots, the rollups of the cohorts and what
// changed lately. The dates are those of the archive, and after its last one
// the days on which API results were collected. Dates before from are copied
// from the previous generation as long as it knows them.
//
// The work is a fold over the dates that keeps the newest accepted result of
// every project.
func (s *Store) deriveScores(ctx context.Context, g generation, from time.Time) error {
	dates, err := s.observationDates(ctx)
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
	if err := s.loadAPIResults(ctx, f, links); err != nil {
		return err
	}
	if err := s.loadArchive(ctx, f); err != nil {
		return err
	}
	f.finish()
	if err := s.copyScores(ctx, g, plan); err != nil {
		return err
	}
	if err := s.writeSnapshots(ctx, g, f.written); err != nil {
		return err
	}
	if err := s.writeRollups(ctx, g, f.rollups); err != nil {
		return err
	}
	changes, err := s.changes(ctx, f.frames, links.projects, breaks)
	if err != nil {
		return err
	}
	return s.writeChanges(ctx, g, changes)
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
	// What follows is compared with the newest accepted date before it, and
	// changes are stated from one at least minChangeDays before that.
	p.replay = p.first
	newest := day(0)
	for i := p.first - 1; i >= 0; i-- {
		d := p.dates[i]
		if !d.accepted() {
			continue
		}
		if newest == 0 {
			newest = d.on
		}
		p.replay = i
		if d.on <= newest-minChangeDays {
			break
		}
	}
	return p
}

// loadFrom is the first date whose results the fold needs.
func (p scorePlan) loadFrom() day {
	if len(p.dates) == 0 || p.replay == 0 {
		return 1
	}
	return p.dates[min(p.replay, len(p.dates)-1)].on - valueDays + 1
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

// frame is the value of every member of the largest cohort at an accepted date.
type frame struct {
	on      day
	names   []string // of the members, by rank
	members []member
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

	written []snapshot
	rollups []rollup
	frames  []frame // the newest accepted date and those that a change may be stated from
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

// weigh prepares downloads for a date: those of the newest list on or before it.
func (f *fold) weigh(on day) {
	list, _ := f.listAt(on)
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

// observe rolls the cohorts up at date i of the plan, whose decision is d.
func (f *fold) observe(i int, d snapshot) {
	if i >= f.plan.first {
		f.written = append(f.written, d)
	}
	list, ok := f.listAt(d.on)
	if !ok || i < f.plan.replay {
		return
	}
	members := f.members(list, d.on)
	if d.accepted() {
		f.keep(frame{on: d.on, names: f.namesOf(list.projects[:len(members)]), members: members})
	}
	if i < f.plan.first {
		return
	}
	state := snapshotAccepted
	if !d.accepted() {
		state = snapshotSuspect
	}
	order := byCore(members)
	for _, c := range observation.RankCohorts() {
		if c.Size() > len(members) {
			continue // the list of that date is shorter than the cohort: a gap
		}
		for _, w := range f.weightings(d.on) {
			f.rollups = append(f.rollups, rollup{
				scoreRow: rollUp(members[:c.Size()], order, w),
				cohort:   c, weighting: w, on: d.on, list: list.on, mapped: f.mapped(d.on), state: state,
			})
		}
	}
}

// mapped reports whether the repositories of projects were known at a date.
func (f *fold) mapped(on day) bool { return f.known != 0 && f.known <= on }

// weightings lists those that exist at a date.
func (f *fold) weightings(on day) []observation.Weighting {
	if f.mapped(on) {
		return observation.Weightings()
	}
	return []observation.Weighting{observation.WeightPackage, observation.WeightDownload}
}

// members returns the projects of a list, as far as the largest cohort, as they
// are at a date that the fold has reached.
func (f *fold) members(list rankList, on day) []member {
	members := make([]member, min(len(list.projects), observation.CohortTop15000.Size()))
	for j := range members {
		id := list.projects[j]
		v := f.value(id, on)
		m := member{value: v, asked: v.on != 0 || f.asked[id], recent: v.on > on-recentDays, downloads: list.downloads[j]}
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

func (f *fold) namesOf(ids []int32) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = f.names[id]
	}
	return names
}

// keep adds the frame of a new accepted date and lets go of those that no
// change will be stated from any more.
func (f *fold) keep(n frame) {
	f.frames = append(f.frames, n)
	for len(f.frames) > 1 && f.frames[1].on <= n.on-minChangeDays {
		f.frames = f.frames[1:]
	}
}

// observationDates returns every date, oldest first, undecided.
func (s *Store) observationDates(ctx context.Context) ([]snapshot, error) {
	var dates []snapshot
	err := s.queryEach(ctx, "scores.dates", func(rows driver.Rows) error {
		var on time.Time
		var source string
		if err := rows.Scan(&on, &source); err != nil {
			return err
		}
		dates = append(dates, snapshot{on: dayOf(on), api: source == string(observation.SourceAPI)})
		return nil
	})
	return dates, err
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

// loadAPIResults reads the results of the API. Repository names are compared
// without case, as the forges do: a link is written as its author liked.
func (s *Store) loadAPIResults(ctx context.Context, f *fold, links repositoryMap) error {
	projects := make(map[string][]int32)
	for project, link := range links.projects {
		projects[link.key()] = append(projects[link.key()], f.id(project))
	}
	return s.queryEach(ctx, "scores.api", func(rows driver.Rows) error {
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
	})
}

// loadArchive reads the archive and gives it to the fold date by date. The
// table is in the order of projects, so the dates are put together here, in
// twelve bytes a row, which costs less than sorting them in the database.
func (s *Store) loadArchive(ctx context.Context, f *fold) error {
	byDate := make(map[day][]archiveRow)
	var row archiveRow
	var subject, last string
	var on uint16
	err := s.queryEach(ctx, "scores.archive", func(rows driver.Rows) error {
		if err := rows.Scan(&subject, &on, &row.scored, &row.core); err != nil {
			return err
		}
		if subject != last {
			row.id, last = f.id(subject), subject
		}
		byDate[day(on)] = append(byDate[day(on)], row)
		return nil
	}, dateParam("from", f.plan.loadFrom().time()))
	if err != nil {
		return err
	}
	for _, d := range f.plan.dates {
		if rows, ok := byDate[d.on]; ok && !d.api {
			f.snapshot(d.on, rows)
			delete(byDate, d.on)
		}
	}
	return nil
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
