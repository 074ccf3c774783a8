package store

import (
	"cmp"
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
		now := observation.AdoptionNow{Reasons: make(map[string]int)}
		counts := make(map[observation.AttestationClass]weights)
		publishers := make(map[string]int)
		var all weights
		err := s.queryEach(ctx, "adoption.now", func(rows driver.Rows) error {
			var class observation.AttestationClass
			var reason, kind string
			var projects, downloads uint64
			var through *time.Time
			if err := rows.Scan(&now.ListOn, (*string)(&class), &reason, &kind, &projects, &downloads, &through); err != nil {
				return err
			}
			if t := timeOf(through); t.After(now.Through) {
				now.Through = t
			}
			v := weights{int(projects), downloads}
			counts[class] = counts[class].plus(v)
			all = all.plus(v)
			switch class {
			case observation.AttestationUnknown:
				now.Reasons[reason] += v.projects
			case observation.AttestationFull, observation.AttestationPartly:
				publishers[kind] += v.projects
			}
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
		for kind, projects := range publishers {
			now.Publishers = append(now.Publishers, observation.PublisherCount{Kind: kind, Projects: projects})
		}
		slices.SortFunc(now.Publishers, func(a, b observation.PublisherCount) int {
			return cmp.Or(cmp.Compare(b.Projects, a.Projects), cmp.Compare(a.Kind, b.Kind))
		})
		return now, nil
	})
}

// Attestation returns how one project stands, or ErrNotFound when PyPI was never
// asked about it.
func (s *Store) Attestation(ctx context.Context, project string) (observation.Attestation, error) {
	return cachedObject(ctx, s, "attestation "+project, func(ctx context.Context, published generations) (observation.Attestation, error) {
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
	changes, err := cachedObject(ctx, s, key, func(ctx context.Context, published generations) ([]observation.AttestationChange, error) {
		var changes []observation.AttestationChange
		err := s.queryEach(ctx, "adoption.changes", func(rows driver.Rows) error {
			n, err := scanAttestationChange(rows)
			changes = append(changes, n)
			return err
		}, param("generation", published[datasetAdoption]), param("size", c.Size()), timeParam("since", since), param("limit", max(limit, 0)))
		return changes, err
	})
	return slices.Clone(changes), err
}

// scanAttestationChange reads one change, and into more the columns after it.
func scanAttestationChange(rows driver.Rows, more ...any) (observation.AttestationChange, error) {
	var n observation.AttestationChange
	var before *time.Time
	var rank uint32
	err := rows.Scan(append([]any{&n.Project, (*string)(&n.Kind), &n.Version, &n.At, &n.Before, &before, &n.Older, &n.Fields, &n.From, &n.To, &rank}, more...)...)
	n.BeforeAt, n.Rank = timeOf(before), int(rank)
	return n, err
}

// AttestationChangesPage returns one page of the changes of provenance of a
// cohort by the newest rank list, newest first, and the number of all of them.
func (s *Store) AttestationChangesPage(ctx context.Context, q observation.AttestationChangesQuery) ([]observation.AttestationChange, int, error) {
	type page struct {
		changes []observation.AttestationChange
		total   int
	}
	found, err := cachedObject(ctx, s, fmt.Sprintf("attestation changes %+v", q), func(ctx context.Context, published generations) (page, error) {
		kinds := make([]string, len(q.Kinds))
		for i, kind := range q.Kinds {
			kinds[i] = string(kind)
		}
		var found page
		err := s.queryEach(ctx, "adoption.changes_page", func(rows driver.Rows) error {
			var total uint64
			n, err := scanAttestationChange(rows, &total)
			found.changes, found.total = append(found.changes, n), int(total)
			return err
		}, param("generation", published[datasetAdoption]), param("size", q.Cohort.Size()), param("kinds", kinds),
			param("limit", max(q.Limit, 0)), param("offset", max(q.Offset, 0)))
		return found, err
	})
	return slices.Clone(found.changes), found.total, err
}

// AttestationMonths counts the changes of provenance of a cohort by the newest
// rank list by the month of the release, oldest first. Months without any are
// not there.
func (s *Store) AttestationMonths(ctx context.Context, c observation.Cohort) ([]observation.AttestationMonth, error) {
	months, err := cached(ctx, s, "attestation months "+string(c), func(ctx context.Context, published generations) ([]observation.AttestationMonth, error) {
		var months []observation.AttestationMonth
		err := s.queryEach(ctx, "adoption.changes_months", func(rows driver.Rows) error {
			var month time.Time
			var kind observation.AttestationChangeKind
			var changes uint64
			if err := rows.Scan(&month, (*string)(&kind), &changes); err != nil {
				return err
			}
			if n := len(months); n == 0 || !months[n-1].Month.Equal(month) {
				months = append(months, observation.AttestationMonth{Month: month, Changes: make(map[observation.AttestationChangeKind]int)})
			}
			months[len(months)-1].Changes[kind] = int(changes)
			return nil
		}, param("generation", published[datasetAdoption]), param("size", c.Size()))
		return months, err
	})
	return slices.Clone(months), err
}

// ReleaseHealth returns what the files of one project say of its releases, or
// ErrNotFound when PyPI was never asked about it.
func (s *Store) ReleaseHealth(ctx context.Context, project string) (observation.ReleaseHealth, error) {
	return cachedObject(ctx, s, "health "+project, func(ctx context.Context, published generations) (observation.ReleaseHealth, error) {
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
