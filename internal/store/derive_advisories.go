package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// The kinds of rollup_advisories beside the precisions of a disclosure.
const (
	countMalware   = "malware"
	countWithdrawn = "withdrawn"
)

// noMonth stands for the month of a group without a date.
var noMonth = time.Unix(0, 0).UTC()

// deriveAdvisories groups all stored records, states what each group means for
// each project, and counts the groups by month, cohort and severity. Grouping
// is nearly linear in the records, so nothing is saved by doing it in parts.
func (s *Store) deriveAdvisories(ctx context.Context, g generation) error {
	records, err := s.loadRecords(ctx)
	if err != nil {
		return err
	}
	groups := advisory.Groups(records, advisory.Options{
		Now:        s.now(),
		ImportDays: advisory.FindImportDays(records, advisory.Ledger{}),
	})
	releases, err := s.loadReleases(ctx)
	if err != nil {
		return err
	}
	members, err := s.cohortsOf(ctx, groups)
	if err != nil {
		return err
	}
	if err := s.writeGroups(ctx, g, groups); err != nil {
		return err
	}
	if err := s.writeMembers(ctx, g, groups); err != nil {
		return err
	}
	if err := s.writeExposures(ctx, g, groups, releases); err != nil {
		return err
	}
	return s.writeAdvisoryCounts(ctx, g, countGroups(groups, members))
}

// loadRecords reads the newest version of every record that is not deleted,
// and what it says of each project.
func (s *Store) loadRecords(ctx context.Context) ([]advisory.Record, error) {
	var records []advisory.Record
	index := make(map[string]int)
	err := s.queryEach(ctx, "advisories.current", func(rows driver.Rows) error {
		var r advisory.Record
		var published, withdrawn *time.Time
		if err := rows.Scan(&r.ID, &r.KnownAt, &r.Database, &r.Aliases, &r.Related, &r.Upstream, &published, &r.Modified, &withdrawn,
			&r.Summary, &r.Vectors, &r.SeverityWord); err != nil {
			return err
		}
		r.Published, r.Withdrawn = timeOf(published), timeOf(withdrawn)
		index[r.ID] = len(records)
		records = append(records, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var project, id, ranges string
	err = s.queryEach(ctx, "advisories.affected", func(rows driver.Rows) error {
		var a observation.Affected
		if err := rows.Scan(&project, &id, &a.Versions, &ranges); err != nil {
			return err
		}
		i, ok := index[id]
		if !ok {
			return nil // its record is deleted, or not stored yet
		}
		a.Project = project
		if a.Ranges, err = parseRanges(ranges); err != nil {
			return fmt.Errorf("ranges of %s for %s: %w", id, project, err)
		}
		records[i].Affected = append(records[i].Affected, a)
		return nil
	})
	return records, err
}

// parseRanges reads affected.ranges: a list of lists of events.
func parseRanges(text string) ([]observation.Range, error) {
	if text == "" || text == "[]" {
		return nil, nil
	}
	var lists [][]observation.Event
	if err := json.Unmarshal([]byte(text), &lists); err != nil {
		return nil, err
	}
	ranges := make([]observation.Range, len(lists))
	for i, events := range lists {
		ranges[i].Events = events
	}
	return ranges, nil
}

// loadReleases reads the releases of every project that some advisory names
// and whose files are known.
func (s *Store) loadReleases(ctx context.Context) (map[string]*advisory.Releases, error) {
	type release struct {
		advisory.Upload
		offered bool // some file is not yanked
	}
	files := make(map[string][]release)
	err := s.queryEach(ctx, "advisories.releases", func(rows driver.Rows) error {
		var project string
		var r release
		var first *time.Time
		if err := rows.Scan(&project, &r.Version, &first, &r.offered); err != nil {
			return err
		}
		r.FirstAt = timeOf(first)
		files[project] = append(files[project], r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	releases := make(map[string]*advisory.Releases, len(files))
	for project, list := range files {
		uploads := make([]advisory.Upload, len(list))
		var offered []string
		for i, r := range list {
			uploads[i] = r.Upload
			if r.offered {
				offered = append(offered, r.Version)
			}
		}
		releases[project] = advisory.NewReleases(pypa.LatestStable(offered), uploads)
	}
	return releases, nil
}

// timeOf returns the zero time, which is unknown, for nil.
func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// nullTime is the reverse of timeOf.
func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// listedRank is the place of a project in one rank list.
type listedRank struct {
	rank uint32 // 1 first
	size uint32 // length of the list, as far as the largest cohort
}

// in reports whether the project is in a cohort: the list must be long enough
// for the cohort to exist.
func (r listedRank) in(c observation.Cohort) bool {
	return 0 < r.rank && int(r.rank) <= c.Size() && c.Size() <= int(r.size)
}

// listSize is one rank list and its length, as far as the largest cohort.
type listSize struct {
	on   day
	size uint32
}

// listSizes returns every rank list, oldest first.
func (s *Store) listSizes(ctx context.Context) ([]listSize, error) {
	var lists []listSize
	err := s.queryEach(ctx, "ranks.lists", func(rows driver.Rows) error {
		var on uint16
		var size uint64
		if err := rows.Scan(&on, &size); err != nil {
			return err
		}
		lists = append(lists, listSize{day(on), uint32(size)})
		return nil
	})
	return lists, err
}

// listAt returns the newest list on or before a date, the zero value when
// there is none.
func listAt(lists []listSize, on day) listSize {
	for _, l := range slices.Backward(lists) {
		if l.on <= on {
			return l
		}
	}
	return listSize{}
}

// groupDate is the date by which a group's cohorts are decided and its month
// is counted: the disclosure; of malware and withdrawn records their
// publication. It is zero when there is none.
func groupDate(g *advisory.Group) (kind string, date time.Time) {
	switch {
	case !g.Live:
		return countWithdrawn, firstPublished(g.Records)
	case g.Kind == advisory.KindMalware:
		return countMalware, firstPublished(g.Records)
	}
	return g.Precision, g.Disclosed
}

func firstPublished(records []advisory.Record) time.Time {
	var first time.Time
	for _, r := range records {
		if !r.Published.IsZero() && (first.IsZero() || r.Published.Before(first)) {
			first = r.Published
		}
	}
	return first
}

// cohortsOf returns, for every group, the best rank that one of its projects
// has in the newest rank list on or before the group's date; the zero value
// when there is no such list or none of them is in it.
func (s *Store) cohortsOf(ctx context.Context, groups []advisory.Group) ([]listedRank, error) {
	byProject := make(map[string][]int)
	dates := make([]day, len(groups))
	for i := range groups {
		if _, date := groupDate(&groups[i]); !date.IsZero() {
			dates[i] = dayOf(date)
		}
		for _, project := range groups[i].Projects {
			byProject[project] = append(byProject[project], i)
		}
	}
	lists, err := s.listSizes(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]listSize, len(groups)) // by group
	for i, date := range dates {
		list[i] = listAt(lists, date)
	}
	best := make([]listedRank, len(groups))
	var on uint16
	var project string
	var rank uint32
	err = s.queryEach(ctx, "ranks.of_affected", func(rows driver.Rows) error {
		if err := rows.Scan(&on, &project, &rank); err != nil {
			return err
		}
		for _, i := range byProject[project] {
			if list[i].on == day(on) && (best[i].rank == 0 || rank < best[i].rank) {
				best[i] = listedRank{rank: rank, size: list[i].size}
			}
		}
		return nil
	})
	return best, err
}

// advisoryCount is one row of rollup_advisories.
type advisoryCount struct {
	cohort   observation.Cohort
	kind     string
	month    time.Time
	severity string
}

// countGroups counts groups by cohort, kind, month and severity. Groups of
// every project count for CohortAll; a group without a date counts for it alone.
func countGroups(groups []advisory.Group, ranks []listedRank) map[advisoryCount]uint32 {
	counts := make(map[advisoryCount]uint32)
	for i := range groups {
		kind, date := groupDate(&groups[i])
		c := advisoryCount{cohort: observation.CohortAll, kind: kind, month: noMonth, severity: groups[i].Severity}
		if !date.IsZero() {
			c.month = time.Date(date.Year(), date.Month(), 1, 0, 0, 0, 0, time.UTC)
		}
		counts[c]++
		for _, cohort := range observation.RankCohorts() {
			if ranks[i].in(cohort) {
				c.cohort = cohort
				counts[c]++
			}
		}
	}
	return counts
}

func (s *Store) writeAdvisoryCounts(ctx context.Context, g generation, counts map[advisoryCount]uint32) error {
	keys := make([]advisoryCount, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b advisoryCount) int {
		return cmp.Or(cmp.Compare(a.cohort, b.cohort), cmp.Compare(a.kind, b.kind), a.month.Compare(b.month), cmp.Compare(a.severity, b.severity))
	})
	return s.writeRows(ctx, g, "rollup_advisories",
		[]string{"cohort", "kind", "month", "severity", "groups"},
		len(keys), func(i int) []any {
			k := keys[i]
			return []any{string(k.cohort), k.kind, k.month, k.severity, counts[k]}
		})
}

func (s *Store) writeGroups(ctx context.Context, g generation, groups []advisory.Group) error {
	n := len(groups)
	var (
		id, name, kind, precision  = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		severity, vector, summary  = make([]string, n), make([]string, n), make([]string, n)
		members, aliases, projects = make([][]string, n), make([][]string, n), make([][]string, n)
		flags                      = make([][]string, n)
		live                       = make([]uint8, n)
		disclosed, pysec           = make([]*time.Time, n), make([]*time.Time, n)
		modified, here             = make([]time.Time, n), make([]time.Time, n)
		score                      = make([]*float32, n)
	)
	for i := range groups {
		v := &groups[i]
		id[i], name[i], kind[i], precision[i] = v.ID, v.Name, v.Kind, v.Precision
		severity[i], vector[i], summary[i] = v.Severity, v.Vector, v.Summary
		members[i], aliases[i], projects[i], flags[i] = v.Members, v.Aliases, v.Projects, v.Flags
		live[i] = bit(v.Live)
		disclosed[i], pysec[i] = nullTime(v.Disclosed), nullTime(v.ArrivedPYSEC)
		modified[i], here[i] = v.Modified, v.ArrivedHere
		if v.Score != nil {
			f := float32(*v.Score)
			score[i] = &f
		}
	}
	return s.writeColumns(ctx, g, "advisory_groups", n,
		column{"group_id", id},
		column{"name", name},
		column{"kind", kind},
		column{"live", live},
		column{"members", members},
		column{"aliases", aliases},
		column{"projects", projects},
		column{"disclosed", disclosed},
		column{"precision", precision},
		column{"score", score},
		column{"severity", severity},
		column{"vector", vector},
		column{"summary", summary},
		column{"modified", modified},
		column{"arrived_pysec", pysec},
		column{"arrived_here", here},
		column{"flags", flags})
}

// writeMembers writes every id that leads to a group. An id can lead to more
// than one: a record that names too many aliases does not merge, and its
// aliases lead to it as well as to their own groups.
func (s *Store) writeMembers(ctx context.Context, g generation, groups []advisory.Group) error {
	var id, group, role []string
	for i := range groups {
		for member, r := range groups[i].Roles {
			id, group, role = append(id, member), append(group, groups[i].ID), append(role, string(r))
		}
	}
	return s.writeColumns(ctx, g, "group_members", len(id),
		column{"id", id},
		column{"group_id", group},
		column{"role", role})
}

// writeExposures writes what every live group means for each of its projects.
func (s *Store) writeExposures(ctx context.Context, g generation, groups []advisory.Group, releases map[string]*advisory.Releases) error {
	var (
		project, group, affected []string
		fixedIn                  [][]string
		fixedAt                  []*time.Time
		fixDays                  []*int32
		latest                   []*uint8
	)
	for i := range groups {
		v := &groups[i]
		if !v.Live {
			continue
		}
		for _, name := range v.Projects {
			e := advisory.Expose(v, name, releases[name])
			project, group, affected = append(project, name), append(group, v.ID), append(affected, e.Affected)
			fixedIn, fixedAt = append(fixedIn, e.FixedIn), append(fixedAt, nullTime(e.FixedAt))
			var days *int32
			if e.FixDays != nil {
				d := int32(*e.FixDays)
				days = &d
			}
			var is *uint8
			if e.LatestAffected != nil {
				b := bit(*e.LatestAffected)
				is = &b
			}
			fixDays, latest = append(fixDays, days), append(latest, is)
		}
	}
	return s.writeColumns(ctx, g, "exposures", len(project),
		column{"project", project},
		column{"group_id", group},
		column{"affected", affected},
		column{"fixed_in", fixedIn},
		column{"fixed_at", fixedAt},
		column{"fix_days", fixDays},
		column{"latest_affected", latest})
}
