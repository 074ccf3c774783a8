package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const (
	// minLags is the least number of groups from which the arrival lag is told.
	minLags = 30
	// maxNewGroups bounds the groups that NewAdvisories looks through.
	maxNewGroups = 2000
)

// Advisories returns the groups of one cohort by month of disclosure, and what
// is counted apart. A group belongs to a cohort when one of its projects is in
// it by the newest rank list on or before the disclosure: there is none before
// the first list, and no cohort larger than the list of its time.
//
// Lag90 is over all groups, whatever the cohort: days from disclosure to
// arrival in PYSEC of the groups disclosed in the two years before the newest
// disclosure. A group that PYSEC does not have arrived when this store first
// knew it, unless that was the day on which it first knew any (a first bulk
// load says nothing of arrival). With fewer than minLags groups it is 0.
func (s *Store) Advisories(ctx context.Context, c observation.Cohort) (observation.AdvisoryCounts, error) {
	counts, err := cached(ctx, s, "advisories "+string(c), func(ctx context.Context, published generations) (observation.AdvisoryCounts, error) {
		var counts observation.AdvisoryCounts
		generation := param("generation", published[datasetAdvisories])
		err := s.queryEach(ctx, "advisories.by_month", func(rows driver.Rows) error {
			var kind, severity string
			var month time.Time
			var groups uint32
			if err := rows.Scan(&kind, &month, &severity, &groups); err != nil {
				return err
			}
			n := int(groups)
			switch kind {
			case advisory.PrecisionDay:
				counts.Day += n
				if k := len(counts.Months); k == 0 || !counts.Months[k-1].Month.Equal(month) {
					counts.Months = append(counts.Months, observation.AdvisoryMonth{Month: month, Groups: make(map[string]int)})
				}
				counts.Months[len(counts.Months)-1].Groups[severity] += n
			case advisory.PrecisionYear:
				counts.Year += n
			case advisory.PrecisionUnknown:
				counts.Unknown += n
			case countMalware:
				counts.Malware += n
			case countWithdrawn:
				counts.Withdrawn += n
			}
			return nil
		}, generation, param("cohort", string(c)))
		if err != nil {
			return counts, err
		}
		var lags uint64
		var lag90 float64
		if err := s.queryRow(ctx, "advisories.lag", []any{&lags, &lag90}, generation); err != nil {
			return counts, err
		}
		if lags >= minLags {
			counts.Lag90 = int(lag90)
		}
		return counts, nil
	})
	counts.Months = slices.Clone(counts.Months)
	return counts, err
}

// ImportDays returns the days on which a database of advisories published so much
// that it was an import, and those that the ledger decides, oldest first.
func (s *Store) ImportDays(ctx context.Context) ([]observation.ImportDay, error) {
	days, err := cached(ctx, s, "import days", func(ctx context.Context, published generations) ([]observation.ImportDay, error) {
		var days []observation.ImportDay
		err := s.queryEach(ctx, "advisories.import_days", func(rows driver.Rows) error {
			var d observation.ImportDay
			var records uint32
			var ledger uint8
			if err := rows.Scan(&d.Database, &d.Day, &records, &d.Import, &ledger); err != nil {
				return err
			}
			d.Records, d.Ledger = int(records), ledger != 0
			days = append(days, d)
			return nil
		}, param("generation", published[datasetAdvisories]))
		return days, err
	})
	return slices.Clone(days), err
}

// Arrivals returns the live vulnerability groups of one cohort by month of
// disclosure or of an arrival, oldest first. A group belongs to a cohort when one
// of its projects is in it by the newest rank list on or before the date that is
// counted by. Groups without that date are left out.
func (s *Store) Arrivals(ctx context.Context, c observation.Cohort, basis observation.ArrivalBasis) ([]observation.AdvisoryMonth, error) {
	months, err := cached(ctx, s, fmt.Sprintf("arrivals %s %s", c, basis), func(ctx context.Context, published generations) ([]observation.AdvisoryMonth, error) {
		var months []observation.AdvisoryMonth
		err := s.queryEach(ctx, "advisories.arrivals", func(rows driver.Rows) error {
			var month time.Time
			var severity string
			var groups uint32
			if err := rows.Scan(&month, &severity, &groups); err != nil {
				return err
			}
			if n := len(months); n == 0 || !months[n-1].Month.Equal(month) {
				months = append(months, observation.AdvisoryMonth{Month: month, Groups: make(map[string]int)})
			}
			months[len(months)-1].Groups[severity] += int(groups)
			return nil
		}, param("generation", published[datasetAdvisories]), param("cohort", string(c)), param("basis", string(basis)))
		return months, err
	})
	return slices.Clone(months), err
}

// TimeToFix returns how long the flaws of one cohort and severity ("any" for all)
// stayed unfixed. One pair is a project and a live vulnerability group that is
// disclosed to the day, so imports are left out; the project is in the cohort by
// the newest rank list on or before the disclosure.
func (s *Store) TimeToFix(ctx context.Context, c observation.Cohort, severity string) (observation.TimeToFix, error) {
	found, err := cached(ctx, s, fmt.Sprintf("time to fix %s %s", c, severity), func(ctx context.Context, published generations) (observation.TimeToFix, error) {
		t := observation.TimeToFix{Cohort: c, Severity: severity}
		err := s.queryEach(ctx, "advisories.fixes", func(rows driver.Rows) error {
			var outcome string
			var days int32
			var pairs uint32
			if err := rows.Scan(&outcome, &days, &pairs); err != nil {
				return err
			}
			n := int(pairs)
			switch observation.FixOutcome(outcome) {
			case observation.FixFixed:
				t.Fixed += n
				t.Days = append(t.Days, observation.FixDay{Day: int(days), Fixed: n})
			case observation.FixUnfixed:
				t.Unfixed += n
				t.Days = append(t.Days, observation.FixDay{Day: int(days), Censored: n})
			case observation.FixBefore:
				t.Before += n
			case observation.FixUndated:
				t.Undated += n
			case observation.FixUnseen:
				t.Unseen += n
			}
			return nil
		}, param("generation", published[datasetAdvisories]), param("cohort", string(c)), param("severity", severity))
		t.Days = advisory.KaplanMeier(t.Days)
		t.Median = advisory.MedianDays(t.Days)
		return t, err
	})
	found.Days = slices.Clone(found.Days)
	return found, err
}

// NewAdvisories returns up to limit live vulnerability groups of the cohort
// disclosed, to the day, in [from, to], newest first, each with its projects
// in the cohort by rank (for CohortAll all of them, unranked ones last by name).
func (s *Store) NewAdvisories(ctx context.Context, c observation.Cohort, from, to time.Time, limit int) ([]observation.NewAdvisory, error) {
	key := fmt.Sprintf("new advisories %s %s %s %d", c, from.Format(time.DateOnly), to.Format(time.DateOnly), limit)
	found, err := cachedObject(ctx, s, key, func(ctx context.Context, published generations) ([]observation.NewAdvisory, error) {
		return s.loadNewAdvisories(ctx, published[datasetAdvisories], c, from, to, limit)
	})
	return slices.Clone(found), err
}

func (s *Store) loadNewAdvisories(ctx context.Context, generation uint64, c observation.Cohort, from, to time.Time, limit int) ([]observation.NewAdvisory, error) {
	lists, err := s.keptLists(ctx)
	if err != nil {
		return nil, err
	}
	var groups []observation.Group
	err = s.queryEach(ctx, "advisories.new", func(rows driver.Rows) error {
		g, err := scanGroup(rows)
		groups = append(groups, g)
		return err
	}, param("generation", generation), dateParam("from", from), dateParam("to", to), param("limit", maxNewGroups))
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	ranks, err := s.ranksOf(ctx, groups, lists)
	if err != nil {
		return nil, err
	}
	var found []observation.NewAdvisory
	for _, g := range groups {
		if len(found) >= limit {
			break
		}
		list := listAt(lists, dayOf(g.Disclosed))
		n := observation.NewAdvisory{Group: g}
		for _, project := range g.Projects {
			r := listedRank{ranks[rankKey{list.on, project}], list.size}
			if c == observation.CohortAll || r.in(c) {
				n.Projects = append(n.Projects, project)
			}
		}
		if len(n.Projects) == 0 && c != observation.CohortAll {
			continue
		}
		// Ranks begin at 1; one less makes 0, unranked, the last.
		slices.SortStableFunc(n.Projects, func(a, b string) int {
			return cmp.Compare(ranks[rankKey{list.on, a}]-1, ranks[rankKey{list.on, b}]-1)
		})
		found = append(found, n)
	}
	return found, nil
}

// keptLists returns listSizes as of the newest publication.
func (s *Store) keptLists(ctx context.Context) ([]listSize, error) {
	return cached(ctx, s, "lists", func(ctx context.Context, _ generations) ([]listSize, error) { return s.listSizes(ctx) })
}

// rankKey is one project in one rank list.
type rankKey struct {
	list    day
	project string
}

// ranksOf reads the ranks of the groups' projects in the lists of their
// disclosures.
func (s *Store) ranksOf(ctx context.Context, groups []observation.Group, lists []listSize) (map[rankKey]uint32, error) {
	var projects, days []string
	for _, g := range groups {
		projects = append(projects, g.Projects...)
		if list := listAt(lists, dayOf(g.Disclosed)); list.on != 0 {
			days = append(days, list.on.time().Format(time.DateOnly))
		}
	}
	slices.Sort(projects)
	slices.Sort(days)
	ranks := make(map[rankKey]uint32)
	err := s.queryEach(ctx, "ranks.of_projects", func(rows driver.Rows) error {
		var on uint16
		var project string
		var rank uint32
		if err := rows.Scan(&on, &project, &rank); err != nil {
			return err
		}
		ranks[rankKey{day(on), project}] = rank
		return nil
	}, param("projects", slices.Compact(projects)), param("days", slices.Compact(days)))
	return ranks, err
}

// scanGroup scans the columns of a group as queries list them, and then more.
func scanGroup(rows driver.Rows, more ...any) (observation.Group, error) {
	var g observation.Group
	var disclosed *time.Time
	var score *float32
	columns := []any{&g.ID, &g.Name, &g.Kind, &g.Live, &g.Members, &g.Aliases, &g.Projects, &disclosed, &g.Precision,
		&score, &g.Severity, &g.Vector, &g.Summary, &g.Modified, &g.Flags}
	if err := rows.Scan(append(columns, more...)...); err != nil {
		return g, err
	}
	g.Disclosed = timeOf(disclosed)
	g.Score = shortFloat(score)
	return g, nil
}

// shortFloat widens a 32-bit number to the 64-bit one that is written with the
// same digits: 9.8 and not 9.800000190734863.
func shortFloat(f *float32) *float64 {
	if f == nil {
		return nil
	}
	v, err := strconv.ParseFloat(strconv.FormatFloat(float64(*f), 'g', -1, 32), 64)
	if err != nil { // not a number
		v = float64(*f)
	}
	return &v
}
