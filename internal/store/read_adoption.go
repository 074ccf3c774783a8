package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Adoption returns the attestation classes of one cohort by month since 2024-10,
// oldest first. A month in which the rank list was shorter than the cohort has
// none.
func (s *Store) Adoption(ctx context.Context, c observation.Cohort, w observation.Weighting) ([]observation.AdoptionPoint, error) {
	points, err := cached(ctx, s, "adoption "+string(c)+" "+string(w), func(ctx context.Context, published generations) ([]observation.AdoptionPoint, error) {
		var points []observation.AdoptionPoint
		err := s.queryEach(ctx, "adoption.months", func(rows driver.Rows) error {
			var p observation.AdoptionPoint
			var size uint32
			var projects []uint32
			var shares []float64
			var files, attested, unknown uint64
			if err := rows.Scan(&p.Month, &p.Through, &p.ListOn, &size, &projects, &shares, &files, &attested, &unknown); err != nil {
				return err
			}
			p.Size, p.Files, p.FilesAttested, p.FilesUnknown = int(size), int(files), int(attested), int(unknown)
			p.Classes = make(map[observation.AttestationClass]observation.ClassCount, len(projects))
			for i, class := range observation.AttestationClasses() {
				p.Classes[class] = observation.ClassCount{Projects: int(projects[i]), Share: shares[i]}
			}
			points = append(points, p)
			return nil
		}, param("generation", published[datasetAdoption]), param("cohort", string(c)), param("weighting", string(w)))
		return points, err
	})
	return slices.Clone(points), err
}

// AdoptionNow returns how the projects of one cohort stand now.
func (s *Store) AdoptionNow(ctx context.Context, c observation.Cohort) (observation.AdoptionNow, error) {
	return cached(ctx, s, "adoption now "+string(c), func(ctx context.Context, published generations) (observation.AdoptionNow, error) {
		var now observation.AdoptionNow
		counts := make(map[observation.AttestationClass]weights)
		var all weights
		err := s.queryEach(ctx, "adoption.now", func(rows driver.Rows) error {
			var class string
			var projects, downloads uint64
			var through *time.Time
			if err := rows.Scan(&now.ListOn, &class, &projects, &downloads, &through); err != nil {
				return err
			}
			if t := timeOf(through); t.After(now.Through) {
				now.Through = t
			}
			v := weights{int(projects), downloads}
			counts[observation.AttestationClass(class)] = v
			all.projects += v.projects
			all.downloads += v.downloads
			return nil
		}, param("size", c.Size()), param("generation", published[datasetAdoption]))
		if err != nil || all.projects < c.Size() {
			return now, err // the list is too short: a gap
		}
		now.Size = all.projects
		now.Classes = make(map[observation.AttestationClass]observation.ClassCount)
		now.Weighted = make(map[observation.AttestationClass]observation.ClassCount)
		for _, class := range observation.AttestationClasses() {
			v := counts[class]
			now.Classes[class] = observation.ClassCount{Projects: v.projects, Share: v.share(all, observation.WeightPackage)}
			now.Weighted[class] = observation.ClassCount{Projects: v.projects, Share: v.share(all, observation.WeightDownload)}
		}
		return now, nil
	})
}

// Attestation returns how one project stands, or ErrNotFound when PyPI was never
// asked about it.
func (s *Store) Attestation(ctx context.Context, project string) (observation.Attestation, error) {
	return cached(ctx, s, "attestation "+project, func(ctx context.Context, published generations) (observation.Attestation, error) {
		a, found := observation.Attestation{Project: project}, false
		err := s.queryEach(ctx, "adoption.project", func(rows driver.Rows) error {
			var files, attested, unknown uint32
			var first, last *time.Time
			found = true
			err := rows.Scan(&a.Through, &a.Version, (*string)(&a.Class), &a.Reason, &files, &attested, &unknown, &first, &last,
				&a.Kind, &a.Repository, &a.Workflow, &a.Declared)
			a.Files, a.FilesAttested, a.FilesUnknown = int(files), int(attested), int(unknown)
			a.FirstAt, a.LastAt = timeOf(first), timeOf(last)
			return err
		}, param("generation", published[datasetAdoption]), param("project", project))
		if err == nil && !found {
			err = fmt.Errorf("attestations of %q: %w", project, ErrNotFound)
		}
		return a, err
	})
}

// AttestationChanges returns up to limit changes of provenance in releases since
// a time, newest first, of the projects of a cohort by the newest rank list;
// of CohortAll those of every project, Rank 0 outside the list.
func (s *Store) AttestationChanges(ctx context.Context, c observation.Cohort, since time.Time, limit int) ([]observation.AttestationChange, error) {
	key := fmt.Sprintf("attestation changes %s %s %d", c, since.Format(time.RFC3339Nano), limit)
	changes, err := cached(ctx, s, key, func(ctx context.Context, published generations) ([]observation.AttestationChange, error) {
		var changes []observation.AttestationChange
		err := s.queryEach(ctx, "adoption.changes", func(rows driver.Rows) error {
			var n observation.AttestationChange
			var before *time.Time
			var rank uint32
			if err := rows.Scan(&n.Project, (*string)(&n.Kind), &n.Version, &n.At, &n.Before, &before, &n.Older, &n.Fields, &n.From, &n.To, &rank); err != nil {
				return err
			}
			n.BeforeAt, n.Rank = timeOf(before), int(rank)
			changes = append(changes, n)
			return nil
		}, param("generation", published[datasetAdoption]), param("size", c.Size()), timeParam("since", since), param("limit", max(limit, 0)))
		return changes, err
	})
	return slices.Clone(changes), err
}

// ReleaseHealth returns what the files of one project say of its releases, or
// ErrNotFound when PyPI was never asked about it.
func (s *Store) ReleaseHealth(ctx context.Context, project string) (observation.ReleaseHealth, error) {
	return cached(ctx, s, "health "+project, func(ctx context.Context, published generations) (observation.ReleaseHealth, error) {
		h, found := observation.ReleaseHealth{Project: project}, false
		err := s.queryEach(ctx, "adoption.health", func(rows driver.Rows) error {
			var n [7]uint32
			var first, last, stable *time.Time
			found = true
			err := rows.Scan(&h.Through, &n[0], &n[1], &n[2], &first, &last, &stable, &h.MedianInterval, &n[3], &n[4], &n[5], &n[6],
				&h.YankReasons, &h.Version, &h.RequiresPython, (*string)(&h.Python), &h.PythonNewest)
			h.Releases, h.Stable, h.Prereleases, h.LastYear = int(n[0]), int(n[1]), int(n[2]), int(n[3])
			h.Files, h.YankedFiles, h.YankedReleases = int(n[4]), int(n[5]), int(n[6])
			h.FirstAt, h.LastAt, h.LastStableAt = timeOf(first), timeOf(last), timeOf(stable)
			return err
		}, param("generation", published[datasetAdoption]), param("project", project))
		if err == nil && !found {
			err = fmt.Errorf("releases of %q: %w", project, ErrNotFound)
		}
		return h, err
	})
}

// ReleaseMonths returns the releases of one cohort by month since the first rank
// list, oldest first. A month in which the list was shorter than the cohort has
// none.
func (s *Store) ReleaseMonths(ctx context.Context, c observation.Cohort) ([]observation.ReleasesPoint, error) {
	points, err := cached(ctx, s, "releases "+string(c), func(ctx context.Context, published generations) ([]observation.ReleasesPoint, error) {
		var points []observation.ReleasesPoint
		err := s.queryEach(ctx, "adoption.releases", func(rows driver.Rows) error {
			var p observation.ReleasesPoint
			var n [9]uint32
			var python []uint32
			if err := rows.Scan(&p.Month, &p.Through, &p.ListOn, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &python, &n[8]); err != nil {
				return err
			}
			p.Size, p.Known, p.Releases, p.Prereleases, p.YankedReleases = int(n[0]), int(n[1]), int(n[2]), int(n[3]), int(n[4])
			p.Released, p.Dormant365, p.Dormant730, p.PythonNewest = int(n[5]), int(n[6]), int(n[7]), int(n[8])
			p.Python = make(map[observation.PythonSupport]int, len(python))
			for i, support := range pythonSupports {
				p.Python[support] = int(python[i])
			}
			points = append(points, p)
			return nil
		}, param("generation", published[datasetAdoption]), param("cohort", string(c)))
		return points, err
	})
	return slices.Clone(points), err
}
