package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// PythonCycles returns the release cycles of CPython, newest first, each with
// its state at a date by the dates that the source gives now.
func (s *Store) PythonCycles(ctx context.Context, at time.Time) ([]observation.PythonCycleState, error) {
	cycles, err := s.pythonCycles(ctx)
	list := make([]observation.PythonCycleState, len(cycles))
	for i, c := range cycles {
		list[i] = observation.PythonCycleState{PythonCycle: c, State: cycleState(c, at)}
	}
	slices.SortFunc(list, func(a, b observation.PythonCycleState) int { return pypa.Compare(b.Name, a.Name) })
	return list, err
}

func cycleState(c observation.PythonCycle, at time.Time) observation.CycleState {
	life := pypa.PythonCycle{EndsOn: c.EndsOn, Ended: c.Ended}
	switch {
	case life.HasEnded(at):
		return observation.CycleEnded
	case !c.ReleasedOn.IsZero() && at.Before(c.ReleasedOn):
		return observation.CycleUnreleased
	case c.ActiveTo.IsZero():
		return observation.CycleUnknown
	case at.Before(c.ActiveTo):
		return observation.CycleBugfix
	}
	return observation.CycleSecurity
}

// pythonCycles reads the release cycles of CPython as the source has them now.
func (s *Store) pythonCycles(ctx context.Context) ([]observation.PythonCycle, error) {
	var cycles []observation.PythonCycle
	err := s.queryEach(ctx, "cpython.cycles", func(rows driver.Rows) error {
		var c observation.PythonCycle
		var released, active, ends, latest *time.Time
		if err := rows.Scan(&c.Name, &released, &active, &ends, &c.Ended, &c.Latest, &latest); err != nil {
			return err
		}
		c.ReleasedOn, c.ActiveTo, c.EndsOn, c.LatestOn = timeOf(released), timeOf(active), timeOf(ends), timeOf(latest)
		cycles = append(cycles, c)
		return nil
	})
	return cycles, err
}

// CPythonAdvisories returns the PSF's advisories about CPython. There are some
// hundred; they are read as they are stored, and derived from nothing.
func (s *Store) CPythonAdvisories(ctx context.Context) (observation.CPythonAdvisories, error) {
	list := observation.CPythonAdvisories{Years: make(map[int]int)}
	now := s.now()
	var records []advisory.Record
	err := s.queryEach(ctx, "cpython.advisories", func(rows driver.Rows) error {
		var a observation.CPythonRecord
		var known time.Time
		var published, withdrawn *time.Time
		if err := rows.Scan(&a.ID, &known, &a.Aliases, &published, &a.Modified, &withdrawn, &a.Summary, &a.Vectors, &a.SeverityWord,
			&a.References, &a.Repository, &a.Introduced, &a.Fixed, &a.Versions); err != nil {
			return err
		}
		a.Published, a.Withdrawn = timeOf(published), timeOf(withdrawn)
		a.Score, a.Severity, a.Vector = advisory.Severity(a.Vectors, a.SeverityWord)
		if a.Modified.After(list.Through) && !a.Modified.After(now) {
			list.Through = a.Modified
		}
		list.Records = append(list.Records, a)
		database, _, _ := strings.Cut(a.ID, "-")
		records = append(records, advisory.Record{KnownAt: known, Advisory: observation.Advisory{ID: a.ID, Database: database,
			Aliases: a.Aliases, Published: a.Published, Modified: a.Modified, Withdrawn: a.Withdrawn}})
		return nil
	})
	if err != nil {
		return list, err
	}
	for _, g := range advisory.Groups(records, advisory.Options{Now: now, ImportDays: advisory.FindImportDays(records, advisory.Ledger{})}) {
		switch {
		case !g.Live:
		case g.Disclosed.IsZero():
			list.Undated++
		default:
			list.Years[g.Disclosed.Year()]++
		}
	}
	return list, nil
}

// Exploited returns what KEV says of some CVEs, by CVE; those that it does not
// hold are left out.
func (s *Store) Exploited(ctx context.Context, cves []string) (map[string]observation.ExploitedCVE, error) {
	found := make(map[string]observation.ExploitedCVE)
	if len(cves) == 0 {
		return found, nil
	}
	err := s.queryEach(ctx, "cpython.exploited", func(rows driver.Rows) error {
		var c observation.ExploitedCVE
		if err := rows.Scan(&c.CVE, &c.AddedOn, &c.Ransomware); err != nil {
			return err
		}
		found[c.CVE] = c
		return nil
	}, param("cves", cves))
	return found, err
}

// RepositoryResult returns the newest score that the Scorecard API gave for a
// repository, or ErrNotFound.
func (s *Store) RepositoryResult(ctx context.Context, repository string) (observation.ScorecardResult, error) {
	var newest *time.Time
	if err := s.queryRow(ctx, "cpython.result", []any{&newest}, param("subject", repository)); err != nil {
		return observation.ScorecardResult{}, err
	}
	if newest == nil {
		return observation.ScorecardResult{}, fmt.Errorf("result of %q: %w", repository, ErrNotFound)
	}
	key := resultKey{repository, observation.SourceAPI, dayOf(*newest)}
	results, err := s.results(ctx, []resultKey{key})
	if err != nil {
		return observation.ScorecardResult{}, err
	}
	if results[key] == nil {
		return observation.ScorecardResult{}, fmt.Errorf("result of %q: %w", repository, ErrNotFound)
	}
	return *results[key], nil
}
