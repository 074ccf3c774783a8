package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// The methods of this file are those of collectors.Catalog.

// Tracked returns the first n projects of the newest rank list, by rank.
func (s *Store) Tracked(ctx context.Context, n int) ([]string, error) {
	var projects []string
	err := s.queryEach(ctx, "catalog.tracked", func(rows driver.Rows) error {
		var project string
		if err := rows.Scan(&project); err != nil {
			return err
		}
		projects = append(projects, project)
		return nil
	}, param("n", max(n, 0)))
	return projects, err
}

// TrackedRepositories returns the repositories of the first n projects of the
// newest rank list, or of one project when project is not empty: for each
// project the one by which results reach it, of the strongest trust first, then
// by rank. Spellings that differ only in case are one repository.
func (s *Store) TrackedRepositories(ctx context.Context, n int, project string) ([]string, error) {
	projects := []string{project}
	if project == "" {
		var err error
		if projects, err = s.Tracked(ctx, n); err != nil {
			return nil, err
		}
	}
	type link struct {
		repository string
		trust      int // 0 is the strongest
	}
	strongest := make(map[string]link)
	order := []observation.Trust{observation.TrustAttested, observation.TrustDepsDev, observation.TrustDeclared}
	err := s.queryEach(ctx, "repositories.strongest", func(rows driver.Rows) error {
		var name, repository, trust string
		if err := rows.Scan(&name, &repository, &trust); err != nil {
			return err
		}
		strongest[name] = link{repository, slices.Index(order, observation.Trust(trust))}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var links []link
	for _, p := range projects {
		if l, ok := strongest[p]; ok {
			links = append(links, l)
		}
	}
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Compare(a.trust, b.trust) })
	repositories := make([]string, 0, len(links))
	seen := make(map[string]bool, len(links))
	for _, l := range links {
		if key := strings.ToLower(l.repository); !seen[key] {
			seen[key] = true
			repositories = append(repositories, l.repository)
		}
	}
	return repositories, nil
}

// Serials returns the last known serial of every project that has one.
func (s *Store) Serials(ctx context.Context) (map[string]uint64, error) {
	serials := make(map[string]uint64)
	err := s.queryEach(ctx, "catalog.serials", func(rows driver.Rows) error {
		var project string
		var serial uint64
		if err := rows.Scan(&project, &serial); err != nil {
			return err
		}
		serials[project] = serial
		return nil
	})
	return serials, err
}

// AdvisoryModified returns the last known time of modification of every OSV
// record.
func (s *Store) AdvisoryModified(ctx context.Context) (map[string]time.Time, error) {
	modified := make(map[string]time.Time)
	err := s.queryEach(ctx, "catalog.advisories", func(rows driver.Rows) error {
		var id string
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			return err
		}
		modified[id] = at
		return nil
	})
	return modified, err
}
