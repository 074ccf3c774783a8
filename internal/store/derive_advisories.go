package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// The kinds of rollup_advisories beside the precisions of a disclosure.
const (
	countMalware   = "malware"
	countWithdrawn = "withdrawn"
	countGone      = "gone" // deleted by the database
)

// noMonth stands for the month of a group without a date.
var noMonth = time.Unix(0, 0).UTC()

// deriveAdvisories groups all stored records, states what each group means for
// each project, and counts the groups. Grouping needs no more of the records
// than their ids, dates and severities, and is nearly linear in them, so nothing
// is saved by doing it in parts. Exposures need the versions and the releases:
// they are made for the groups and projects that have changed, and the others
// are copied, unless anew is set.
func (s *Store) deriveAdvisories(ctx context.Context, g generation, anew bool) error {
	records, err := s.loadRecords(ctx)
	if err != nil {
		return err
	}
	stamps, err := s.loadAffected(ctx, records)
	if err != nil {
		return err
	}
	ledger, err := s.importLedger(ctx)
	if err != nil {
		return err
	}
	days := advisory.FindImportDays(records, ledger)
	groups := advisory.Groups(records, advisory.Options{Now: s.now(), ImportDays: days})
	files, err := s.loadFileStamps(ctx)
	if err != nil {
		return err
	}
	now := exposed{generation: g.Number, groups: groupStamps(groups, stamps), files: files}
	before := s.exposed
	if anew || before.generation != g.Previous {
		before = exposed{}
	}
	writes, inner := errgroup.WithContext(ctx)
	writes.Go(func() error { return s.writeExposures(inner, g, groups, before.changes(now)) })
	writes.Go(func() error { // meanwhile, what does not need the versions
		if err := s.writeGroups(inner, g, groups); err != nil {
			return err
		}
		if err := s.writeMembers(inner, g, groups); err != nil {
			return err
		}
		return s.writeImportDays(inner, g, days)
	})
	if err := writes.Wait(); err != nil {
		return err
	}
	if err := s.writeAdvisoryRollups(ctx, g, groups, files); err != nil {
		return err
	}
	s.exposed = now // of use only once g is published
	return nil
}

// stamp tells one version of something from every other.
type stamp uint64

// exposed is what the exposures of one generation were made of. It is kept in
// memory alone: the first derivation of a process makes all of them, for the
// stored ones may be the work of another version of this program.
type exposed struct {
	generation uint64
	groups     map[string]stamp     // by group id, of the live ones
	files      map[string]fileStamp // by project
}

// fileStamp tells the state of a project's files: their versions are never
// deleted, and a new one is learned later than those before it.
type fileStamp struct {
	versions uint64
	knownAt  time.Time // of the newest
}

// changes are the groups and projects whose exposures must be made.
type changes struct {
	all      bool
	groups   map[string]bool // changed, new, or gone
	projects map[string]bool // whose files have changed
}

// changes compares what exposures were made of with what they would be made of
// now. When much is different all are made: copying saves nothing then.
func (e exposed) changes(now exposed) changes {
	c := changes{groups: make(map[string]bool), projects: make(map[string]bool)}
	for id, stamp := range now.groups {
		if old, ok := e.groups[id]; !ok || old != stamp {
			c.groups[id] = true
		}
	}
	for id := range e.groups {
		if _, ok := now.groups[id]; !ok {
			c.groups[id] = true
		}
	}
	for project, stamp := range now.files {
		if old, ok := e.files[project]; !ok || old != stamp {
			c.projects[project] = true
		}
	}
	c.all = len(c.groups)*4 > len(now.groups)
	return c
}

// touches reports whether the exposure of a project to a group must be made.
func (c changes) touches(group, project string) bool {
	return c.all || c.groups[group] || c.projects[project]
}

// groupStamps returns the stamps of the live groups: of all that exposures follow
// from, but for the files.
func groupStamps(groups []advisory.Group, stamps map[string]stamp) map[string]stamp {
	h := new(hasher)
	out := make(map[string]stamp, len(groups))
	for i := range groups {
		g := &groups[i]
		if !g.Live {
			continue
		}
		h.string(g.Precision)
		h.time(g.Disclosed)
		for _, id := range g.Members {
			h.string(id)
			h.uint(uint64(stamps[id]))
		}
		out[g.ID] = stamp(h.sum())
	}
	return out
}

// loadRecords reads the newest version of every record, and what earlier ones
// said that is kept. What they affect is read by loadAffected and loadVersions.
func (s *Store) loadRecords(ctx context.Context) ([]advisory.Record, error) {
	var records []advisory.Record
	err := s.queryEach(ctx, "advisories.current", func(rows driver.Rows) error {
		var r advisory.Record
		var first, published, withdrawn *time.Time
		if err := rows.Scan(&r.ID, &r.KnownAt, &r.Gone, &first, &r.Database, &r.Aliases, &r.Related, &r.Upstream, &published, &r.Modified, &withdrawn,
			&r.Summary, &r.Vectors, &r.SeverityWord, &r.Former); err != nil {
			return err
		}
		r.FirstPublished, r.Published, r.Withdrawn = timeOf(first), timeOf(published), timeOf(withdrawn)
		records = append(records, r)
		return nil
	})
	return records, err
}

// loadAffected fills in which projects the records name, and returns a stamp of
// what each record says of them.
func (s *Store) loadAffected(ctx context.Context, records []advisory.Record) (map[string]stamp, error) {
	index := make(map[string]int, len(records))
	for i := range records {
		index[records[i].ID] = i
	}
	stamps := make(map[string]stamp, len(records))
	h := new(hasher)
	var project, id string
	var known time.Time
	var hash uint64
	err := s.queryEach(ctx, "advisories.affected", func(rows driver.Rows) error {
		if err := rows.Scan(&project, &id, &known, &hash); err != nil {
			return err
		}
		i, ok := index[id]
		if !ok {
			return nil // its record is not stored yet
		}
		records[i].Affected = append(records[i].Affected, observation.Affected{Project: project})
		h.uint(uint64(stamps[id]))
		h.string(project)
		h.time(known)
		h.uint(hash)
		stamps[id] = stamp(h.sum())
		return nil
	})
	return stamps, err
}

// loadVersions fills in the versions and ranges that records state: those named
// by ids, or all with all.
func (s *Store) loadVersions(ctx context.Context, groups []advisory.Group, all bool, ids []string) error {
	type key struct{ id, project string }
	affected := make(map[key]*observation.Affected)
	for i := range groups {
		for j := range groups[i].Records {
			r := &groups[i].Records[j]
			for k := range r.Affected {
				affected[key{r.ID, r.Affected[k].Project}] = &r.Affected[k]
			}
		}
	}
	read := func(ids []string) error {
		var project, id, ranges string
		var count uint64
		return s.queryEach(ctx, "advisories.versions", func(rows driver.Rows) error {
			var listed string // a new one for each row, which its versions are parts of
			if err := rows.Scan(&project, &id, &listed, &count, &ranges); err != nil {
				return err
			}
			a := affected[key{id, project}]
			if a == nil {
				return nil // stored since the groups were made
			}
			if count > 0 { // one empty version and none are the same text
				a.Versions = strings.Split(listed, "\x00")
			}
			var err error
			if a.Ranges, err = parseRanges(ranges); err != nil {
				return fmt.Errorf("ranges of %s for %s: %w", id, project, err)
			}
			return nil
		}, param("all", bit(all)), param("ids", ids))
	}
	if all {
		return read([]string{})
	}
	for ids := range slices.Chunk(ids, keysPerRead) {
		if err := read(ids); err != nil {
			return err
		}
	}
	return nil
}

// importLedger reads what the ledger says of import days.
func (s *Store) importLedger(ctx context.Context) (advisory.Ledger, error) {
	var ledger advisory.Ledger
	published, err := s.readGenerations(ctx)
	if err != nil {
		return ledger, err
	}
	breaks, err := s.breaks(ctx, published[datasetLedger])
	for _, b := range breaks {
		for day := b.Start; !day.After(endOf(b)); day = day.AddDate(0, 0, 1) {
			switch b.Kind {
			case observation.BreakImport:
				ledger.Add = append(ledger.Add, advisory.ImportDay{Database: b.Item, Day: day})
			case observation.BreakNotImport:
				ledger.Clear = append(ledger.Clear, advisory.ImportDay{Database: b.Item, Day: day})
			}
		}
	}
	return ledger, err
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

// loadFileStamps returns the state of the files of every project that some
// advisory names and whose files are known.
func (s *Store) loadFileStamps(ctx context.Context) (map[string]fileStamp, error) {
	stamps := make(map[string]fileStamp)
	err := s.queryEach(ctx, "advisories.files", func(rows driver.Rows) error {
		var project string
		var f fileStamp
		if err := rows.Scan(&project, &f.versions, &f.knownAt); err != nil {
			return err
		}
		stamps[project] = f
		return nil
	})
	return stamps, err
}

// loadReleases reads the releases of projects; one whose files are not known is
// left out.
func (s *Store) loadReleases(ctx context.Context, projects []string) (map[string]*advisory.Releases, error) {
	files := make(map[string][]advisory.Upload)
	for projects := range slices.Chunk(projects, keysPerRead) {
		err := s.queryEach(ctx, "advisories.releases", func(rows driver.Rows) error {
			var project string
			var r advisory.Upload
			var first *time.Time
			var offered bool // some file is not yanked
			if err := rows.Scan(&project, &r.Version, &first, &offered); err != nil {
				return err
			}
			r.FirstAt, r.Yanked = timeOf(first), !offered
			files[project] = append(files[project], r)
			return nil
		}, param("projects", projects))
		if err != nil {
			return nil, err
		}
	}
	releases := make(map[string]*advisory.Releases, len(files))
	for project, uploads := range files {
		var offered []string
		for _, r := range uploads {
			if !r.Yanked {
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
	case !g.Live && g.Records[0].Gone:
		return countGone, firstPublished(g.Records)
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

// rankings are the ranks that projects named by an advisory ever had.
type rankings struct {
	lists []listSize
	ranks map[rankKey]uint32
}

func (s *Store) loadRankings(ctx context.Context) (rankings, error) {
	lists, err := s.listSizes(ctx)
	if err != nil {
		return rankings{}, err
	}
	r := rankings{lists, make(map[rankKey]uint32)}
	var on uint16
	var project string
	var rank uint32
	err = s.queryEach(ctx, "ranks.of_affected", func(rows driver.Rows) error {
		if err := rows.Scan(&on, &project, &rank); err != nil {
			return err
		}
		r.ranks[rankKey{day(on), project}] = rank
		return nil
	})
	return r, err
}

// best returns the best rank that one of projects has in the newest list on or
// before a date; the zero value when there is no such list or none is in it.
func (r rankings) best(projects []string, date time.Time) listedRank {
	if date.IsZero() {
		return listedRank{}
	}
	list := listAt(r.lists, dayOf(date))
	var best listedRank
	for _, project := range projects {
		if rank := r.ranks[rankKey{list.on, project}]; rank > 0 && (best.rank == 0 || rank < best.rank) {
			best = listedRank{rank, list.size}
		}
	}
	return best
}

// cohorts returns the cohorts of something that concerns projects at a date;
// CohortAll is always one.
func (r rankings) cohorts(projects []string, date time.Time) []observation.Cohort {
	in := []observation.Cohort{observation.CohortAll}
	best := r.best(projects, date)
	for _, c := range observation.RankCohorts() {
		if best.in(c) {
			in = append(in, c)
		}
	}
	return in
}

// writeAdvisoryRollups counts the groups, by disclosure and by arrival, and what
// became of them in each project.
func (s *Store) writeAdvisoryRollups(ctx context.Context, g generation, groups []advisory.Group, files map[string]fileStamp) error {
	ranks, err := s.loadRankings(ctx)
	if err != nil {
		return err
	}
	if err := s.writeAdvisoryCounts(ctx, g, countGroups(groups, ranks)); err != nil {
		return err
	}
	if err := s.writeArrivals(ctx, g, countArrivals(groups, ranks)); err != nil {
		return err
	}
	fixes, err := s.countFixes(ctx, g, groups, ranks, files)
	if err != nil {
		return err
	}
	return s.writeFixes(ctx, g, fixes)
}

// monthOf returns the first of the month of a date.
func monthOf(date time.Time) time.Time {
	return time.Date(date.Year(), date.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// advisoryCount is one row of rollup_advisories; of rollup_arrivals, kind is the
// basis.
type advisoryCount struct {
	cohort   observation.Cohort
	kind     string
	month    time.Time
	severity string
}

// countGroups counts groups by cohort, kind, month and severity. Groups of
// every project count for CohortAll; a group without a date counts for it alone.
func countGroups(groups []advisory.Group, ranks rankings) map[advisoryCount]uint32 {
	counts := make(map[advisoryCount]uint32)
	for i := range groups {
		kind, date := groupDate(&groups[i])
		month := noMonth
		if !date.IsZero() {
			month = monthOf(date)
		}
		for _, c := range ranks.cohorts(groups[i].Projects, date) {
			counts[advisoryCount{c, kind, month, groups[i].Severity}]++
		}
	}
	return counts
}

// countArrivals counts live vulnerability groups by month of disclosure, when it
// is known to the day, and of their arrivals.
func countArrivals(groups []advisory.Group, ranks rankings) map[advisoryCount]uint32 {
	counts := make(map[advisoryCount]uint32)
	for i := range groups {
		g := &groups[i]
		if !g.Live || g.Kind != advisory.KindVulnerability {
			continue
		}
		count := func(basis observation.ArrivalBasis, date time.Time) {
			if date.IsZero() {
				return
			}
			for _, c := range ranks.cohorts(g.Projects, date) {
				counts[advisoryCount{c, string(basis), monthOf(date), g.Severity}]++
			}
		}
		if g.Precision == advisory.PrecisionDay {
			count(observation.ArrivalDisclosed, g.Disclosed)
		}
		count(observation.ArrivalPYSEC, g.ArrivedPYSEC.UTC())
		count(observation.ArrivalHere, g.ArrivedHere.UTC())
	}
	return counts
}

// sortedCounts returns the keys of counts in the order of their table.
func sortedCounts(counts map[advisoryCount]uint32) []advisoryCount {
	return slices.SortedFunc(maps.Keys(counts), func(a, b advisoryCount) int {
		return cmp.Or(cmp.Compare(a.cohort, b.cohort), cmp.Compare(a.kind, b.kind), a.month.Compare(b.month), cmp.Compare(a.severity, b.severity))
	})
}

func (s *Store) writeAdvisoryCounts(ctx context.Context, g generation, counts map[advisoryCount]uint32) error {
	keys := sortedCounts(counts)
	return s.writeRows(ctx, g, "rollup_advisories",
		[]string{"cohort", "kind", "month", "severity", "groups"},
		len(keys), func(i int) []any {
			k := keys[i]
			return []any{string(k.cohort), k.kind, k.month, k.severity, counts[k]}
		})
}

func (s *Store) writeArrivals(ctx context.Context, g generation, counts map[advisoryCount]uint32) error {
	keys := sortedCounts(counts)
	return s.writeRows(ctx, g, "rollup_arrivals",
		[]string{"cohort", "basis", "month", "severity", "groups"},
		len(keys), func(i int) []any {
			k := keys[i]
			return []any{string(k.cohort), k.kind, k.month, k.severity, counts[k]}
		})
}

// anySeverity stands for all severities together.
const anySeverity = "any"

// fixCount is one row of rollup_fixes.
type fixCount struct {
	cohort   observation.Cohort
	severity string
	outcome  observation.FixOutcome
	days     int32
}

// countFixes counts what became of the live vulnerability groups that are
// disclosed to the day, in each project, as the exposures of g have it.
func (s *Store) countFixes(ctx context.Context, g generation, groups []advisory.Group, ranks rankings, files map[string]fileStamp) (map[fixCount]uint32, error) {
	dated := make(map[string]*advisory.Group)
	for i := range groups {
		if v := &groups[i]; v.Live && v.Kind == advisory.KindVulnerability && v.Precision == advisory.PrecisionDay {
			dated[v.ID] = v
		}
	}
	counts := make(map[fixCount]uint32)
	var project, id string
	err := s.queryEach(ctx, "advisories.exposed", func(rows driver.Rows) error {
		var days *int32
		var latest *uint8
		if err := rows.Scan(&project, &id, &days, &latest); err != nil {
			return err
		}
		v := dated[id]
		if v == nil {
			return nil
		}
		outcome, after := fixOutcome(v.Disclosed, days, latest, files[project].knownAt)
		for _, c := range ranks.cohorts([]string{project}, v.Disclosed) {
			counts[fixCount{c, v.Severity, outcome, after}]++
			counts[fixCount{c, anySeverity, outcome, after}]++
		}
		return nil
	}, param("generation", g.Number))
	return counts, err
}

// fixOutcome says what became of a flaw in a project, and after how many days.
// days is how long the fix took, nil without a fix that has a date; latest is
// whether the latest stable release is affected; seen is when the project's files
// were last learned of, zero when they are not known.
func fixOutcome(disclosed time.Time, days *int32, latest *uint8, seen time.Time) (observation.FixOutcome, int32) {
	switch {
	case days != nil && *days < 0:
		return observation.FixBefore, *days
	case days != nil:
		return observation.FixFixed, *days
	case seen.IsZero() || seen.Before(disclosed):
		return observation.FixUnseen, 0
	case latest == nil || *latest == 0:
		return observation.FixUndated, 0
	}
	return observation.FixUnfixed, int32(advisory.Day(seen).Sub(disclosed) / (24 * time.Hour))
}

func (s *Store) writeFixes(ctx context.Context, g generation, counts map[fixCount]uint32) error {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b fixCount) int {
		return cmp.Or(cmp.Compare(a.cohort, b.cohort), cmp.Compare(a.severity, b.severity), cmp.Compare(a.days, b.days), cmp.Compare(a.outcome, b.outcome))
	})
	return s.writeRows(ctx, g, "rollup_fixes",
		[]string{"cohort", "severity", "outcome", "days", "pairs"},
		len(keys), func(i int) []any {
			k := keys[i]
			return []any{string(k.cohort), k.severity, string(k.outcome), k.days, counts[k]}
		})
}

func (s *Store) writeImportDays(ctx context.Context, g generation, days advisory.ImportDays) error {
	keys := slices.SortedFunc(maps.Keys(days), func(a, b advisory.ImportDay) int {
		return cmp.Or(a.Day.Compare(b.Day), strings.Compare(a.Database, b.Database))
	})
	return s.writeRows(ctx, g, "import_days",
		[]string{"database", "day", "records", "import", "decision"},
		len(keys), func(i int) []any {
			batch := days[keys[i]]
			decision := "rule"
			if batch.Ledger {
				decision = decidedByLedger
			}
			return []any{keys[i].Database, keys[i].Day, uint32(batch.Records), bit(batch.Import), decision}
		})
}

// decidedByLedger is the decision of an import day that people made.
const decidedByLedger = "ledger"

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

// writeExposures writes what every live group means for each of its projects,
// and when its latest release entered and left the range: makes what has
// changed, and copies the rest of the previous generation.
func (s *Store) writeExposures(ctx context.Context, g generation, groups []advisory.Group, c changes) error {
	type pair struct {
		group   *advisory.Group
		project string
	}
	var pairs []pair
	var ids, projects []string
	for i := range groups {
		v := &groups[i]
		if !v.Live {
			continue
		}
		before := len(pairs)
		for _, project := range v.Projects {
			if c.touches(v.ID, project) {
				pairs = append(pairs, pair{v, project})
				projects = append(projects, project)
			}
		}
		if len(pairs) > before {
			ids = append(ids, v.Members...)
		}
	}
	if err := s.loadVersions(ctx, groups, c.all, ids); err != nil {
		return err
	}
	releases, err := s.loadReleases(ctx, distinct(projects))
	if err != nil {
		return err
	}
	n := len(pairs)
	var (
		project, group, affected = make([]string, n), make([]string, n), make([]string, n)
		fixedIn                  = make([][]string, n)
		fixedAt                  = make([]*time.Time, n)
		fixDays                  = make([]*int32, n)
		latest                   = make([]*uint8, n)
		count                    = make([]*uint32, n)
		crossings                [][]any
	)
	for i, p := range pairs {
		for _, x := range advisory.Crossings(p.group, p.project, releases[p.project]) {
			crossings = append(crossings, []any{p.project, p.group.ID, x.On, x.Change, x.Version, x.Before})
		}
		e := advisory.Expose(p.group, p.project, releases[p.project])
		project[i], group[i], affected[i] = p.project, p.group.ID, e.Affected
		fixedIn[i], fixedAt[i] = e.FixedIn, nullTime(e.FixedAt)
		if e.FixDays != nil {
			days := int32(*e.FixDays)
			fixDays[i] = &days
		}
		if e.AffectedReleases != nil {
			releases := uint32(*e.AffectedReleases)
			count[i] = &releases
		}
		if e.LatestAffected != nil {
			is := bit(*e.LatestAffected)
			latest[i] = &is
		}
	}
	err = s.writeColumns(ctx, g, "exposures", n,
		column{"project", project},
		column{"group_id", group},
		column{"affected", affected},
		column{"affected_releases", count},
		column{"fixed_in", fixedIn},
		column{"fixed_at", fixedAt},
		column{"fix_days", fixDays},
		column{"latest_affected", latest})
	if err != nil {
		return err
	}
	err = s.writeRows(ctx, g, "range_changes", []string{"project", "group_id", "changed_on", "change", "version", "before"},
		len(crossings), func(i int) []any { return crossings[i] })
	if err != nil || c.all {
		return err
	}
	for _, name := range []string{"advisories.copy_exposures", "advisories.copy_range_changes"} {
		err := s.exec(ctx, name, param("generation", g.Number), param("previous", g.Previous),
			param("groups", slices.Sorted(maps.Keys(c.groups))), param("projects", slices.Sorted(maps.Keys(c.projects))))
		if err != nil {
			return err
		}
	}
	return nil
}
