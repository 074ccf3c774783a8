package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// CohortPoints returns every observation of one cohort, oldest first, those
// that are left out of lines included. A date at which the rank list was
// shorter than the cohort has none. Besides the cohorts by rank it answers for
// panels and organizations; ErrNotFound is one that has no project.
//
// By repository, a date before the store knew the repository of any project has
// a point that says so.
func (s *Store) CohortPoints(ctx context.Context, c observation.Cohort, w observation.Weighting) ([]observation.CohortPoint, error) {
	rows, err := s.cohortRows(ctx, c, w)
	return pointsOf(rows), err
}

// Funnel returns the coverage funnel of one cohort by period, oldest first: the
// last accepted observation of each. A period with suspect observations only,
// or without any between others that have one, is a gap with its reason. It
// answers for the same cohorts as CohortPoints.
func (s *Store) Funnel(ctx context.Context, c observation.Cohort, w observation.Weighting, by observation.Granularity) ([]observation.FunnelPoint, error) {
	rows, err := s.cohortRows(ctx, c, w)
	return funnelOf(rows, by), err
}

// ListPoints is CohortPoints for a list of at most observation.MaxListed
// projects by normalised name. A project that nobody knows counts as one that
// was not asked about.
func (s *Store) ListPoints(ctx context.Context, projects []string, w observation.Weighting) ([]observation.CohortPoint, error) {
	rows, err := s.listRows(ctx, projects, w)
	return pointsOf(rows), err
}

// ListFunnel is Funnel for a list of projects, as ListPoints is CohortPoints.
func (s *Store) ListFunnel(ctx context.Context, projects []string, w observation.Weighting, by observation.Granularity) ([]observation.FunnelPoint, error) {
	rows, err := s.listRows(ctx, projects, w)
	return funnelOf(rows, by), err
}

// cohortRow is one observation of one cohort by one weighting, with what it is
// made of: a row of rollup_scores, or the same figures of another set.
type cohortRow struct {
	observation.CohortPoint
	mapped                               bool // repository and verified are known
	repository, verified, result, recent int
	shares                               funnelShares
	unmapped                             string // why they are not
}

func pointsOf(rows []cohortRow) []observation.CohortPoint {
	points := make([]observation.CohortPoint, len(rows))
	for i, r := range rows {
		points[i] = r.CohortPoint
	}
	return points
}

// funnelOf brings observations to periods.
func funnelOf(rows []cohortRow, by observation.Granularity) []observation.FunnelPoint {
	known := func(r cohortRow) bool { return !r.Suspect && r.Unknown == "" }
	periods := observation.Levels(rows, by, func(r cohortRow) time.Time { return r.Date }, known)
	points := make([]observation.FunnelPoint, len(periods))
	for i, p := range periods {
		if p.Point < 0 {
			points[i] = observation.FunnelPoint{Gap: "no observation in this " + string(by)}
		} else {
			points[i] = rows[p.Point].funnel()
		}
		points[i].Start = p.Start
	}
	return points
}

// funnel makes the funnel of one observation.
func (r cohortRow) funnel() observation.FunnelPoint {
	p := observation.FunnelPoint{Date: r.Date, ListOn: r.ListOn, Source: r.Source, Size: r.Size, Gap: r.Unknown}
	if r.Suspect {
		p.Gap = "suspect observation, left out"
		if r.Reason != "" {
			p.Gap += ": " + r.Reason
		}
	}
	if p.Gap != "" {
		return p
	}
	step := func(n int, share float64) observation.FunnelStep {
		return observation.FunnelStep{Projects: &n, Share: &share}
	}
	p.Asked = step(r.Asked, r.shares.asked)
	p.Result = step(r.result, r.shares.result)
	p.Recent = step(r.recent, r.shares.recent)
	p.Scored = step(r.Scored, r.Coverage)
	if !r.mapped {
		p.Unknown = r.unmapped
		return p
	}
	p.Repository = step(r.repository, r.shares.repository)
	p.Verified = step(r.verified, r.shares.verified)
	return p
}

// cohortRows returns the observations of a cohort. They are shared by all
// readers.
func (s *Store) cohortRows(ctx context.Context, c observation.Cohort, w observation.Weighting) ([]cohortRow, error) {
	if !slices.Contains(observation.Weightings(), w) {
		return nil, fmt.Errorf("there is no weighting %q", w)
	}
	if c.Size() > 0 {
		return s.rankRows(ctx, c, w)
	}
	set, err := s.members(ctx, c)
	if err != nil {
		return nil, err
	}
	rows, err := s.setRows(ctx, set)
	return rows[w], err
}

// rankRows reads the rollups of a cohort by rank.
func (s *Store) rankRows(ctx context.Context, c observation.Cohort, w observation.Weighting) ([]cohortRow, error) {
	return cached(ctx, s, "cohort "+string(c)+" "+string(w), func(ctx context.Context, published generations) ([]cohortRow, error) {
		var knownDay uint16
		if err := s.queryRow(ctx, "repositories.known", []any{&knownDay}); err != nil {
			return nil, err
		}
		unmapped := unmappedBefore(day(knownDay))
		var rows []cohortRow
		err := s.queryEach(ctx, "overview.cohort", func(found driver.Rows) error {
			r := cohortRow{unmapped: unmapped}
			var size, asked, noResult, scored, n, repository, verified, result, recent uint32
			if err := found.Scan(&r.Date, &r.ListOn, &r.Source, &r.Suspect, &r.Reason, &size, &asked, &noResult, &scored, &r.Coverage, &n,
				&r.Mean, &r.P10, &r.P25, &r.P50, &r.P75, &r.P90, &r.mapped, &repository, &verified, &result, &recent,
				&r.shares.asked, &r.shares.repository, &r.shares.verified, &r.shares.result, &r.shares.recent); err != nil {
				return err
			}
			r.Size, r.Asked, r.NoResult, r.Scored, r.N = int(size), int(asked), int(noResult), int(scored), int(n)
			r.repository, r.verified, r.result, r.recent = int(repository), int(verified), int(result), int(recent)
			rows = append(rows, r)
			return nil
		}, param("generation", published[datasetScores]), param("cohort", string(c)), param("weighting", string(w)))
		if err != nil || w != observation.WeightRepository {
			return rows, err
		}
		byPackage, err := s.rankRows(ctx, c, observation.WeightPackage)
		return withUnmapped(rows, byPackage), err
	})
}

// unmappedBefore says why nothing is known of repositories at a date.
func unmappedBefore(known day) string {
	if known == 0 {
		return "the repository of no project is known yet"
	}
	return "the repositories of projects are known from " + known.time().Format(time.DateOnly) + " on"
}

// withUnmapped puts the dates that there are by package, but not by repository,
// before those that there are.
func withUnmapped(rows, byPackage []cohortRow) []cohortRow {
	var gaps []cohortRow
	for _, p := range byPackage {
		if len(rows) > 0 && !p.Date.Before(rows[0].Date) {
			break
		}
		gaps = append(gaps, cohortRow{CohortPoint: observation.CohortPoint{
			Date: p.Date, ListOn: p.ListOn, Source: p.Source, Size: p.Size, Unknown: p.unmapped,
		}})
	}
	return append(gaps, rows...)
}

// membersPerRead bounds the keys of one read about a set: a large one in parts
// of a thousand costs the engine three times as much.
const membersPerRead = 5_000

// projectSet is a set of projects that does not change with the date.
type projectSet struct {
	key      string // names the set in the cache
	projects []string
	listOn   day // of the list that they are taken from, 0 without
}

// setRows are the observations of a set by weighting.
type setRows map[observation.Weighting][]cohortRow

// members returns the projects of a panel or an organization.
func (s *Store) members(ctx context.Context, c observation.Cohort) (projectSet, error) {
	if panel, ok := c.Panel(); ok {
		return s.panel(ctx, panel)
	}
	if name, ok := c.Organization(); ok {
		return s.organization(ctx, name)
	}
	return projectSet{}, fmt.Errorf("%q is not a cohort of Scorecard results; use a cohort by rank, panel=YYYY-MM or org=NAME", c)
}

// panel returns the projects of a panel: the first list of its month, so that
// it does not change when another one comes.
func (s *Store) panel(ctx context.Context, p observation.Panel) (projectSet, error) {
	lists, err := s.keptLists(ctx)
	if err != nil {
		return projectSet{}, err
	}
	i := slices.IndexFunc(lists, func(l listSize) bool { return !l.on.time().Before(p.Month) })
	if i < 0 || !lists[i].on.time().Before(p.Month.AddDate(0, 1, 0)) {
		return projectSet{}, fmt.Errorf("panel %s: there is no rank list of that month: %w", p.Month.Format("2006-01"), ErrNotFound)
	}
	list := lists[i]
	if p.Size > int(list.size) {
		return projectSet{}, fmt.Errorf("panel %s: the rank list of %s holds %d projects, which are fewer than %d: %w",
			p.Month.Format("2006-01"), list.on.time().Format(time.DateOnly), list.size, p.Size, ErrNotFound)
	}
	size := p.Size
	if size == 0 {
		size = observation.CohortTop15000.Size()
	}
	projects, err := cachedObject(ctx, s, fmt.Sprintf("panel %d %d", list.on, size), func(ctx context.Context, _ generations) ([]string, error) {
		return s.names(ctx, "members.panel", dateParam("on", list.on.time()), param("size", size))
	})
	return projectSet{key: string(p.Cohort()), projects: projects, listOn: list.on}, err
}

// organization returns the known projects that an organization of PyPI owns
// now; they are followed over all dates.
func (s *Store) organization(ctx context.Context, name string) (projectSet, error) {
	published, err := s.generations(ctx)
	if err != nil {
		return projectSet{}, err
	}
	projects, err := s.names(ctx, "members.organization", param("generation", published[datasetSummaries]),
		param("name", name), param("most", observation.CohortTop15000.Size()))
	if err == nil && len(projects) == 0 {
		err = fmt.Errorf("organization %q: no known project belongs to it: %w", name, ErrNotFound)
	}
	return listOf(projects), err
}

// listOf is the set of projects that are in order of their names.
func listOf(projects []string) projectSet {
	return projectSet{key: "list " + strings.Join(projects, ","), projects: projects}
}

// names reads a list of names.
func (s *Store) names(ctx context.Context, query string, params ...any) ([]string, error) {
	var list []string
	err := s.queryEach(ctx, query, func(rows driver.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		list = append(list, name)
		return nil
	}, params...)
	return list, err
}

// listRows returns the observations of a list of projects.
func (s *Store) listRows(ctx context.Context, projects []string, w observation.Weighting) ([]cohortRow, error) {
	if !slices.Contains(observation.Weightings(), w) {
		return nil, fmt.Errorf("there is no weighting %q", w)
	}
	names := slices.Compact(slices.Sorted(slices.Values(projects)))
	if len(names) == 0 || len(names) > observation.MaxListed {
		return nil, fmt.Errorf("a list holds 1 to %d projects, this one has %d", observation.MaxListed, len(names))
	}
	rows, err := s.setRows(ctx, listOf(names))
	return rows[w], err
}

// setRows returns the observations of a set: the figures of the rollups, by the
// same fold over the same dates, of the results of its members alone.
func (s *Store) setRows(ctx context.Context, set projectSet) (setRows, error) {
	return s.cachedSet(ctx, set.key, func(ctx context.Context, published generations) (setRows, error) {
		dates, err := s.snapshots(ctx, published[datasetScores])
		if err != nil {
			return nil, err
		}
		links, err := s.linksOf(ctx, set.projects)
		if err != nil {
			return nil, err
		}
		// The dates are decided already: all are replayed, none is judged.
		f := newFold(scorePlan{dates: dates, first: len(dates)}, nil)
		f.link(links)
		for _, project := range set.projects {
			f.id(project)
		}
		if err := s.loadSetLists(ctx, f, set.projects); err != nil {
			return nil, err
		}
		f.each = func(_ int, d snapshot) { f.rollUpSet(set, d) }
		archive := make(archiveRows)
		for some := range slices.Chunk(set.projects, membersPerRead) {
			if err := s.loadArchive(ctx, f, archive, "members.archive", param("subjects", some)); err != nil {
				return nil, err
			}
		}
		if err := s.loadSetAPI(ctx, f, links); err != nil {
			return nil, err
		}
		f.run(archive)
		return rowsOfSet(f, dates), nil
	})
}

// linksOf returns the repositories of some projects.
func (s *Store) linksOf(ctx context.Context, projects []string) (repositoryMap, error) {
	all, err := cached(ctx, s, "repositories", func(ctx context.Context, _ generations) (repositoryMap, error) { return s.repositories(ctx) })
	if err != nil {
		return all, err
	}
	some := repositoryMap{projects: make(map[string]strongest), known: all.known}
	for _, p := range projects {
		if link, ok := all.projects[p]; ok {
			some.projects[p] = link
		}
	}
	return some, nil
}

// loadSetLists makes a list of the members for every rank list, with their
// downloads in it, and one for the time before the first of them.
func (s *Store) loadSetLists(ctx context.Context, f *fold, projects []string) error {
	lists, err := s.keptLists(ctx)
	if err != nil {
		return err
	}
	ids := make([]int32, len(projects))
	position := make(map[string]int, len(projects))
	for i, p := range projects {
		ids[i], position[p] = f.id(p), i
	}
	at := make(map[day][]uint64, len(lists))
	for _, l := range append([]listSize{{}}, lists...) {
		at[l.on] = make([]uint64, len(projects))
		f.lists = append(f.lists, rankList{on: l.on, projects: ids, downloads: at[l.on]})
	}
	for some := range slices.Chunk(projects, membersPerRead) {
		err := s.queryEach(ctx, "members.downloads", func(rows driver.Rows) error {
			var on uint16
			var project string
			var downloads uint64
			if err := rows.Scan(&on, &project, &downloads); err != nil {
				return err
			}
			if list, ok := at[day(on)]; ok { // else it came a moment ago
				list[position[project]] = downloads
			}
			return nil
		}, param("projects", some))
		if err != nil {
			return err
		}
	}
	return nil
}

// loadSetAPI reads the results of the repositories of a set. The key of the
// table is the name as the forge writes it.
func (s *Store) loadSetAPI(ctx context.Context, f *fold, links repositoryMap) error {
	written, err := cached(ctx, s, "subjects", func(ctx context.Context, _ generations) (map[string][]string, error) {
		names, err := s.names(ctx, "members.subjects")
		spellings := make(map[string][]string, len(names))
		for _, name := range names {
			key := strings.ToLower(name)
			spellings[key] = append(spellings[key], name)
		}
		return spellings, err
	})
	if err != nil {
		return err
	}
	var subjects []string
	for _, link := range links.projects {
		subjects = append(subjects, written[link.key()]...)
	}
	slices.Sort(subjects)
	for some := range slices.Chunk(slices.Compact(subjects), membersPerRead) {
		if err := s.loadAPIResults(ctx, f, links, "members.api", param("subjects", some)); err != nil {
			return err
		}
	}
	// Each part is in order; the fold takes the whole by date.
	slices.SortStableFunc(f.apiRows, func(a, b apiRow) int { return int(a.on) - int(b.on) })
	return nil
}

// rollUpSet rolls a set up at a date that the fold has reached.
func (f *fold) rollUpSet(set projectSet, d snapshot) {
	list, ok := f.listAt(d.on)
	if !ok {
		return
	}
	members := f.members(list, d.on)
	f.rollUp(members, byCore(members), rollup{on: d.on, list: set.listOn, state: d.shown()})
}

// rowsOfSet makes the rows that readers get of the rollups of a set.
func rowsOfSet(f *fold, dates []snapshot) setRows {
	reasons := make(map[day]string)
	for _, d := range dates {
		if !d.accepted() {
			reasons[d.on] = d.reason
		}
	}
	rows := make(setRows)
	for _, r := range f.rollups {
		row := cohortRow{
			CohortPoint: observation.CohortPoint{
				Date: r.on.time(), Source: r.source, Suspect: r.state == snapshotSuspect, Reason: reasons[r.on],
				Size: r.size, Asked: r.asked, NoResult: r.noResult, Scored: r.scored, Coverage: r.shares.scored, N: r.n,
				Mean: r.mean, P10: r.quantiles[0], P25: r.quantiles[1], P50: r.quantiles[2], P75: r.quantiles[3], P90: r.quantiles[4],
			},
			mapped: r.mapped, unmapped: unmappedBefore(f.known),
			repository: r.repository, verified: r.verified, result: r.result, recent: r.recent, shares: r.shares,
		}
		if r.list != 0 {
			row.ListOn = r.list.time()
		}
		if r.votes == 0 {
			row = cohortRow{CohortPoint: observation.CohortPoint{Date: row.Date, ListOn: row.ListOn, Source: row.Source, Size: row.Size,
				Unknown: "no project of the cohort is in a rank list of this date, so that their downloads are not known"}}
		}
		rows[r.weighting] = append(rows[r.weighting], row)
	}
	rows[observation.WeightRepository] = withUnmapped(rows[observation.WeightRepository], rows[observation.WeightPackage])
	return rows
}
