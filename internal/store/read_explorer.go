package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// explorer holds all groups of one kind as lists show them. There are some
// thousands, so that every filter and order is a walk over memory; it is read
// once a generation.
type explorer struct {
	entries []observation.AdvisoryEntry
	texts   []string                // of each entry, in lower case: where words are looked for
	at      map[string]int          // index by group id
	orders  map[string]func() []int // the indices in each order, sorted when first asked for
	listOn  time.Time
	list    int // projects of the newest rank list
}

// sorted prepares the orders of the entries, which must be complete.
func (e *explorer) sorted() *explorer {
	e.orders = make(map[string]func() []int)
	for _, order := range observation.AdvisorySorts() {
		e.orders[order] = sync.OnceValue(func() []int {
			indices := make([]int, len(e.entries))
			for i := range indices {
				indices[i] = i
			}
			slices.SortFunc(indices, func(a, b int) int { return compareEntries(&e.entries[a], &e.entries[b], order) })
			return indices
		})
	}
	return e
}

// explorer returns all groups of one kind.
func (s *Store) explorer(ctx context.Context, kind string) (*explorer, error) {
	return cached(ctx, s, "explorer "+kind, func(ctx context.Context, published generations) (*explorer, error) {
		return s.loadExplorer(ctx, kind, published)
	})
}

// exposureKey names what a group means for a project.
type exposureKey struct{ group, project string }

func (s *Store) loadExplorer(ctx context.Context, kind string, published generations) (*explorer, error) {
	var (
		e         = &explorer{at: make(map[string]int)}
		exposures = make(map[exposureKey]observation.AffectedProject)
		projects  = make(map[string]observation.AffectedProject)
		exploited map[string]observation.Exploitation
		imported  map[string]bool
		lists     []listSize
	)
	where := []any{param("generation", published[datasetAdvisories]), param("kind", kind)}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error {
		return s.queryEach(ctx, "advisories.explorer", func(rows driver.Rows) error {
			var pysec *time.Time
			var entry observation.AdvisoryEntry
			var err error
			entry.Group, err = scanGroup(rows, &pysec, &entry.ArrivedHere)
			entry.ArrivedPYSEC = timeOf(pysec)
			e.entries = append(e.entries, entry)
			return err
		}, where...)
	})
	all.Go(func() error {
		return s.queryEach(ctx, "advisories.explorer_exposures", func(rows driver.Rows) error {
			key, p, err := scanExposed(rows)
			exposures[key] = p
			return err
		}, where...)
	})
	all.Go(func() error {
		return s.queryEach(ctx, "advisories.explorer_projects", func(rows driver.Rows) error {
			var p observation.AffectedProject
			var rank uint32
			var upload *time.Time
			var asked uint8
			if err := rows.Scan(&p.Project, &rank, &p.Status, &p.LatestVersion, &upload, &asked); err != nil {
				return err
			}
			p.Rank, p.LatestUpload, p.Asked = int(rank), timeOf(upload), asked != 0
			projects[p.Project] = p
			return nil
		}, param("generation", published[datasetSummaries]), param("advisories", published[datasetAdvisories]), param("kind", kind))
	})
	all.Go(func() (err error) {
		exploited, err = s.allExploited(ctx, published[datasetExploitation])
		return err
	})
	all.Go(func() (err error) {
		imported, err = s.imported(ctx)
		return err
	})
	all.Go(func() (err error) {
		lists, err = s.keptLists(ctx)
		return err
	})
	if err := all.Wait(); err != nil {
		return nil, err
	}
	if n := len(lists); n > 0 {
		e.listOn, e.list = lists[n-1].on.time(), int(lists[n-1].size)
	}
	e.texts = make([]string, len(e.entries))
	for i := range e.entries {
		entry := &e.entries[i]
		g := &entry.Group
		for _, name := range g.Projects {
			p := exposures[exposureKey{g.ID, name}]
			known := projects[name]
			p.Project, p.Rank, p.Status, p.Asked = name, known.Rank, known.Status, known.Asked
			p.LatestVersion, p.LatestUpload = known.LatestVersion, known.LatestUpload
			entry.Projects = append(entry.Projects, p)
		}
		slices.SortStableFunc(entry.Projects, func(a, b observation.AffectedProject) int {
			return cmp.Compare(uint32(a.Rank)-1, uint32(b.Rank)-1) // 0, outside the list, last
		})
		x := exploited[g.ID]
		entry.KEVOn, entry.EPSS = x.AddedOn, x.Highest
		for _, c := range x.CVEs {
			if c.Ransomware != "" && entry.Ransomware != "Known" {
				entry.Ransomware = c.Ransomware
			}
		}
		if kind == advisory.KindMalware && g.Precision != advisory.PrecisionDay && !entry.ArrivedPYSEC.IsZero() {
			// A report is dated by its publication, on a day of import too.
			g.Disclosed, g.Precision = advisory.Day(entry.ArrivedPYSEC), advisory.PrecisionDay
		}
		entry.Import = g.Precision != advisory.PrecisionDay && slices.ContainsFunc(g.Members, func(id string) bool { return imported[id] })
		e.texts[i] = strings.ToLower(strings.Join(slices.Concat([]string{g.Name, g.Summary}, g.Members, g.Aliases, g.Projects), "\n"))
		e.at[g.ID] = i
	}
	return e.sorted(), nil
}

// scanExposed scans what a group means for a project.
func scanExposed(rows driver.Rows) (exposureKey, observation.AffectedProject, error) {
	var key exposureKey
	var fixedAt *time.Time
	var days *int32
	var releases *uint32
	p := observation.AffectedProject{Exposed: true}
	if err := rows.Scan(&key.project, &key.group, &p.Affected, &releases, &p.FixedIn, &fixedAt, &days, &p.Latest); err != nil {
		return key, p, err
	}
	p.FixedAt = timeOf(fixedAt)
	if releases != nil {
		n := int(*releases)
		p.Releases = &n
	}
	if days != nil {
		d := int(*days)
		p.FixDays = &d
	}
	return key, p, nil
}

// imported returns the ids of the records that were published on a day of import.
func (s *Store) imported(ctx context.Context) (map[string]bool, error) {
	return cached(ctx, s, "imported", func(ctx context.Context, published generations) (map[string]bool, error) {
		ids := make(map[string]bool)
		err := s.queryEach(ctx, "advisories.imported", func(rows driver.Rows) error {
			var id string
			err := rows.Scan(&id)
			ids[id] = true
			return err
		}, param("generation", published[datasetAdvisories]))
		return ids, err
	})
}

// found is a walk over the groups that remembers which match.
type found struct {
	observation.AdvisoriesFound
	matches  []int
	affected map[string]observation.AffectedProject
}

// AdvisoryGroups returns one page of advisory groups of one kind, and counts of
// all that match. Cohorts are those of the newest rank list.
func (s *Store) AdvisoryGroups(ctx context.Context, q observation.AdvisoriesQuery) (observation.AdvisoriesFound, error) {
	q.Sort = cmp.Or(q.Sort, observation.AdvisorySorts()[0])
	if !slices.Contains(observation.AdvisorySorts(), q.Sort) {
		return observation.AdvisoriesFound{}, fmt.Errorf("advisories cannot be sorted by %q, only by %s", q.Sort, strings.Join(observation.AdvisorySorts(), ", "))
	}
	e, err := s.explorer(ctx, q.Kind)
	if err != nil {
		return observation.AdvisoriesFound{}, err
	}
	return e.find(q), nil
}

func (e *explorer) find(q observation.AdvisoriesQuery) observation.AdvisoriesFound {
	f := found{affected: make(map[string]observation.AffectedProject)}
	f.ListOn, f.List = e.listOn, e.list
	words := searchWords(q.Text)
	for _, i := range e.orders[q.Sort]() {
		e.consider(i, q, words, &f)
	}
	f.Total = len(f.matches)
	page := f.matches[min(max(q.Offset, 0), f.Total):]
	if q.Limit > 0 {
		page = page[:min(q.Limit, len(page))]
	}
	f.Entries = make([]observation.AdvisoryEntry, 0, len(page))
	for _, i := range page {
		f.Entries = append(f.Entries, e.entries[i])
	}
	for _, p := range f.affected {
		f.Projects = append(f.Projects, p)
	}
	slices.SortFunc(f.Projects, func(a, b observation.AffectedProject) int {
		return cmp.Or(cmp.Compare(uint32(a.Rank)-1, uint32(b.Rank)-1), strings.Compare(a.Project, b.Project))
	})
	return f.AdvisoriesFound
}

// consider counts a group, and adds it to the matches when it is one.
func (e *explorer) consider(i int, q observation.AdvisoriesQuery, words []string, f *found) {
	entry := &e.entries[i]
	g := &entry.Group
	if !g.Live && !q.Withdrawn {
		return
	}
	concerned, inCohort := 0, false
	inRange, unknown, unfixed := false, false, !g.Live
	for _, p := range entry.Projects {
		if !p.In(q.Cohort, e.list) {
			continue
		}
		inCohort = true
		if q.Project != "" && p.Project != q.Project {
			continue
		}
		concerned++
		inRange = inRange || p.Latest != nil && *p.Latest
		unknown = unknown || p.Latest == nil && p.Exposed
		unfixed = unfixed || len(p.FixedIn) == 0
	}
	if !inCohort && q.Cohort != observation.CohortAll {
		return
	}
	f.Of++
	plain, unsure := plainMatch(entry, q)
	if q.Project != "" && concerned == 0 || !plain || !hasWords(e.texts[i], words) ||
		q.Fixed == observation.FixedYes && unfixed || q.Fixed == observation.FixedNo && (!unfixed || !g.Live) {
		return
	}
	if q.Affected && !inRange {
		if !unknown {
			return
		}
		unsure = true
	}
	in, maybe := inDates(g, q.From, q.To)
	switch {
	case unsure:
		if in {
			f.Unknown++
		}
		return
	case !in:
		if maybe {
			f.MaybeInRange++
		}
		return
	}
	f.matches = append(f.matches, i)
	if g.Severity == advisory.SeverityUnknown {
		f.NoSeverity++
	}
	switch g.Precision {
	case advisory.PrecisionYear:
		f.YearOnly++
	case advisory.PrecisionUnknown:
		f.NoDate++
	}
	if entry.Import {
		f.Imports++
	}
	for _, p := range entry.Projects {
		if p.Latest != nil && *p.Latest && p.In(q.Cohort, e.list) && (q.Project == "" || p.Project == q.Project) {
			f.affected[p.Project] = p
		}
	}
}

// plainMatch reports whether a group meets the conditions that concern it alone.
// It is unsure of one that may meet them: without a severity or an EPSS score
// nothing is known of how grave or how likely exploited a flaw is.
func plainMatch(entry *observation.AdvisoryEntry, q observation.AdvisoriesQuery) (match, unsure bool) {
	rated := entry.Group.Severity
	switch {
	case q.KEV && entry.KEVOn.IsZero(),
		q.Severity != "" && q.Severity != rated && rated != advisory.SeverityUnknown,
		q.EPSS > 0 && entry.EPSS != nil && *entry.EPSS.Score < q.EPSS:
		return false, false
	}
	return true, q.Severity != "" && q.Severity != rated || q.EPSS > 0 && entry.EPSS == nil
}

// searchWords are the words of a text, in lower case.
func searchWords(text string) []string { return strings.Fields(strings.ToLower(text)) }

// hasWords reports whether text holds each word, as written or as the name of a
// project is normalised.
func hasWords(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) && !strings.Contains(text, pypa.Normalize(word)) {
			return false
		}
	}
	return true
}

// inDates reports whether a group was disclosed from one day to another, zero
// being open; maybe says that it is known to a year that is partly so.
func inDates(g *observation.Group, from, to time.Time) (in, maybe bool) {
	if from.IsZero() && to.IsZero() {
		return true, false
	}
	first, last := g.Disclosed, g.Disclosed
	switch g.Precision {
	case advisory.PrecisionUnknown:
		return false, false
	case advisory.PrecisionYear:
		last = first.AddDate(1, 0, -1)
	}
	in = (from.IsZero() || !first.Before(from)) && (to.IsZero() || !last.After(to))
	touches := (from.IsZero() || !last.Before(from)) && (to.IsZero() || !first.After(to))
	return in, touches && !in
}

// compareEntries orders groups; what has no value comes last, and of equals the
// newest disclosure first.
func compareEntries(a, b *observation.AdvisoryEntry, sort string) int {
	order := 0
	switch sort {
	case "modified":
		order = b.Group.Modified.Compare(a.Group.Modified)
	case "severity":
		order = cmp.Or(cmp.Compare(severityPlace(b.Group.Severity), severityPlace(a.Group.Severity)), cmp.Compare(scoreOf(b.Group.Score), scoreOf(a.Group.Score)))
	case "epss":
		order = cmp.Compare(epssOf(b), epssOf(a))
	case "rank":
		order = cmp.Compare(bestRank(a)-1, bestRank(b)-1) // 0, outside the list, last
	}
	return cmp.Or(order, b.Group.Disclosed.Compare(a.Group.Disclosed), strings.Compare(b.Group.Name, a.Group.Name), strings.Compare(a.Group.ID, b.Group.ID))
}

// severityPlace orders the words of severity, unknown lowest.
func severityPlace(severity string) int {
	return slices.Index([]string{advisory.SeverityNone, advisory.SeverityLow, advisory.SeverityMedium, advisory.SeverityHigh, advisory.SeverityCritical}, severity)
}

func scoreOf(score *float64) float64 {
	if score == nil {
		return -1
	}
	return *score
}

func epssOf(e *observation.AdvisoryEntry) float64 {
	if e.EPSS == nil {
		return -1
	}
	return scoreOf(e.EPSS.Score)
}

// bestRank is the rank of the most downloaded project of a group, 0 without.
func bestRank(e *observation.AdvisoryEntry) uint32 {
	if len(e.Projects) == 0 {
		return 0
	}
	return uint32(e.Projects[0].Rank)
}

// MalwareMonths returns the number of live malware reports by month of their
// first publication, oldest first.
func (s *Store) MalwareMonths(ctx context.Context) ([]observation.MonthCount, error) {
	months, err := cached(ctx, s, "malware months", func(ctx context.Context, published generations) ([]observation.MonthCount, error) {
		var months []observation.MonthCount
		err := s.queryEach(ctx, "advisories.malware_months", func(rows driver.Rows) error {
			var m observation.MonthCount
			var n uint64
			if err := rows.Scan(&m.Month, &n); err != nil {
				return err
			}
			m.N = int(n)
			months = append(months, m)
			return nil
		}, param("generation", published[datasetAdvisories]))
		return months, err
	})
	return slices.Clone(months), err
}
