package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// rolesByWeight orders the ways in which an id leads to a group: of several
// groups that it leads to, the one where it comes first counts.
var rolesByWeight = []string{
	string(advisory.RoleRecord), string(advisory.RoleAlias), string(advisory.RoleWithdrawn), string(advisory.RoleGone), string(advisory.RoleFormer),
}

// leading is the group that an id leads to.
type leading struct {
	group  string
	weight int // 0 is the group's own id
}

// Advisory returns one advisory group by its id, the id of a record or an alias,
// in any case, or ErrNotFound.
func (s *Store) Advisory(ctx context.Context, id string) (observation.AdvisoryDetail, error) {
	var none observation.AdvisoryDetail
	ids, err := cached(ctx, s, "advisory ids", func(ctx context.Context, published generations) (map[string]leading, error) {
		return s.loadAdvisoryIDs(ctx, published[datasetAdvisories])
	})
	if err != nil {
		return none, err
	}
	to, ok := ids[strings.ToLower(id)]
	if !ok {
		return none, fmt.Errorf("advisory %q: %w", id, ErrNotFound)
	}
	return cachedObject(ctx, s, "advisory "+to.group, func(ctx context.Context, _ generations) (observation.AdvisoryDetail, error) {
		return s.loadAdvisory(ctx, to.group)
	})
}

// loadAdvisoryIDs reads which group each id in lower case leads to.
func (s *Store) loadAdvisoryIDs(ctx context.Context, generation uint64) (map[string]leading, error) {
	ids := make(map[string]leading)
	err := s.queryEach(ctx, "advisories.ids", func(rows driver.Rows) error {
		var id, role string
		var to leading
		if err := rows.Scan(&id, &to.group, &role); err != nil {
			return err
		}
		if id != to.group {
			to.weight = 1 + slices.Index(rolesByWeight, role)
		}
		key := strings.ToLower(id)
		known, ok := ids[key]
		if !ok || cmp.Or(cmp.Compare(to.weight, known.weight), strings.Compare(to.group, known.group)) < 0 {
			ids[key] = to
		}
		return nil
	}, param("generation", generation))
	return ids, err
}

// loadAdvisory reads one group with its records.
func (s *Store) loadAdvisory(ctx context.Context, group string) (observation.AdvisoryDetail, error) {
	var d observation.AdvisoryDetail
	found := false
	for _, kind := range []string{advisory.KindVulnerability, advisory.KindMalware} {
		e, err := s.explorer(ctx, kind)
		if err != nil {
			return d, err
		}
		if i, ok := e.at[group]; ok {
			d.AdvisoryEntry, d.ListOn, found = e.entries[i], e.listOn, true
			break
		}
	}
	if !found { // published between two reads; the next request sees it
		return d, fmt.Errorf("advisory %q: %w", group, ErrNotFound)
	}
	ids := slices.Concat([]string{group}, d.Group.Members, d.Group.Aliases)
	var imported map[string]bool
	says := make(map[string][]observation.RecordSays)
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) { d.Records, err = s.advisoryRecords(ctx, ids); return err })
	all.Go(func() (err error) { imported, err = s.imported(ctx); return err })
	all.Go(func() error {
		return s.queryEach(ctx, "advisories.records_affected", func(rows driver.Rows) error {
			var id, ranges string
			var a observation.Affected
			if err := rows.Scan(&a.Project, &id, &a.Versions, &ranges); err != nil {
				return err
			}
			var err error
			if a.Ranges, err = parseRanges(ranges); err != nil {
				return fmt.Errorf("ranges of %s for %s: %w", id, a.Project, err)
			}
			r := advisory.Record{Advisory: observation.Advisory{ID: id, Affected: []observation.Affected{a}}}
			x := advisory.Expose(&advisory.Group{Records: []advisory.Record{r}}, a.Project, nil)
			says[id] = append(says[id], observation.RecordSays{Project: a.Project, Affected: x.Affected, FixedIn: x.FixedIn})
			return nil
		}, param("projects", d.Group.Projects), param("ids", ids))
	})
	if err := all.Wait(); err != nil {
		return d, err
	}
	for i := range d.Records {
		r := &d.Records[i]
		r.Says, r.Import = says[r.ID], imported[r.ID]
		switch {
		case slices.Contains(d.Group.Members, r.ID):
			r.Role = string(advisory.RoleRecord)
		case r.Withdrawn.IsZero():
			r.Role = string(advisory.RoleGone)
		default:
			r.Role = string(advisory.RoleWithdrawn)
		}
	}
	slices.SortStableFunc(d.Records, func(a, b observation.AdvisoryRecord) int {
		return cmp.Compare(slices.Index(rolesByWeight, a.Role), slices.Index(rolesByWeight, b.Role))
	})
	return d, nil
}

// advisoryRecords reads those of ids that are stored, by id.
func (s *Store) advisoryRecords(ctx context.Context, ids []string) ([]observation.AdvisoryRecord, error) {
	var records []observation.AdvisoryRecord
	err := s.queryEach(ctx, "advisories.records", func(rows driver.Rows) error {
		var r observation.AdvisoryRecord
		var published, withdrawn *time.Time
		var vectors []string
		if err := rows.Scan(&r.ID, &r.KnownAt, &r.Database, &r.Aliases, &published, &r.Modified, &withdrawn, &r.Summary, &vectors, &r.Word, &r.References); err != nil {
			return err
		}
		r.Published, r.Withdrawn = timeOf(published), timeOf(withdrawn)
		r.Score, r.Severity, r.Vector = advisory.Severity(vectors, r.Word)
		records = append(records, r)
		return nil
	}, param("ids", ids))
	return records, err
}
