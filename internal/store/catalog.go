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
// project the one by which results reach it, where it lives now, of the
// strongest trust first, then by rank. Spellings that differ only in case are
// one repository.
func (s *Store) TrackedRepositories(ctx context.Context, n int, project string) ([]string, error) {
	return s.trackedRepositories(ctx, n, project, func(link strongest) string { return link.Repository })
}

// trackedRepositories lists one name of each project's repository.
func (s *Store) trackedRepositories(ctx context.Context, n int, project string, name func(strongest) string) ([]string, error) {
	projects, err := s.asked(ctx, n, project)
	if err != nil {
		return nil, err
	}
	known, err := s.repositories(ctx)
	if err != nil {
		return nil, err
	}
	var links []strongest
	for _, p := range projects {
		if link, ok := known.projects[p]; ok {
			links = append(links, link)
		}
	}
	trust := func(link strongest) int { return slices.Index(observation.Trusts(), link.Trust) }
	slices.SortStableFunc(links, func(a, b strongest) int { return cmp.Compare(trust(a), trust(b)) })
	repositories := make([]string, 0, len(links))
	seen := make(map[string]bool, len(links))
	for _, link := range links {
		if key := strings.ToLower(name(link)); !seen[key] {
			seen[key] = true
			repositories = append(repositories, name(link))
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
// record that is not gone: 1970 for one whose deletion was broken off, so that
// no modified of the source equals it.
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

// Seen returns every project that PyPI has answered for, and whether the last
// complete root index listed it; before one was read, all are taken as listed.
func (s *Store) Seen(ctx context.Context) (map[string]bool, error) {
	seen := make(map[string]bool)
	err := s.queryEach(ctx, "catalog.seen", func(rows driver.Rows) error {
		var project string
		var listed uint8
		if err := rows.Scan(&project, &listed); err != nil {
			return err
		}
		seen[project] = listed != 0
		return nil
	})
	return seen, err
}

// PendingProvenance returns the files of the first n projects (of one project
// when project is not empty) whose index page names a provenance object that is
// not stored: by project in order of rank, newest upload first.
func (s *Store) PendingProvenance(ctx context.Context, n int, project string) ([]observation.ProvenanceFile, error) {
	projects, err := s.asked(ctx, n, project)
	if err != nil {
		return nil, err
	}
	byProject := make(map[string][]observation.ProvenanceFile)
	for some := range slices.Chunk(projects, keysPerRead) {
		err := s.queryEach(ctx, "catalog.provenance", func(rows driver.Rows) error {
			var f observation.ProvenanceFile
			var upload, newest *time.Time
			if err := rows.Scan(&f.Project, &f.Version, &f.Filename, &upload, &newest); err != nil {
				return err
			}
			f.UploadTime, f.Newest = timeOf(upload), timeOf(newest)
			byProject[f.Project] = append(byProject[f.Project], f)
			return nil
		}, param("projects", some))
		if err != nil {
			return nil, err
		}
	}
	var pending []observation.ProvenanceFile
	for _, p := range projects {
		pending = append(pending, byProject[p]...)
	}
	return pending, nil
}

// RepositoryStates returns the repositories of the first n projects, as
// TrackedRepositories does but by the names that the projects use, with what
// their forge said last. After them come the other names that publishers of
// these projects had, and that projects with provenance declare: a renamed
// repository must not look like another publisher.
func (s *Store) RepositoryStates(ctx context.Context, n int) ([]observation.KnownRepository, error) {
	names, err := s.trackedRepositories(ctx, n, "", func(link strongest) string { return link.Named })
	if err != nil {
		return nil, err
	}
	asked := make(map[string]bool, len(names))
	for _, name := range names {
		asked[strings.ToLower(name)] = true
	}
	err = s.queryEach(ctx, "catalog.attesting", func(rows driver.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if key := strings.ToLower(name); !asked[key] {
			asked[key] = true
			names = append(names, name)
		}
		return nil
	}, param("n", max(n, 0)))
	if err != nil {
		return nil, err
	}
	answers := make(map[string]observation.KnownRepository)
	err = s.queryEach(ctx, "catalog.repositories", func(rows driver.Rows) error {
		var r observation.KnownRepository
		var state string
		if err := rows.Scan(&r.Repository, &state, &r.AskedAt); err != nil {
			return err
		}
		r.State = observation.RepositoryState(state)
		answers[strings.ToLower(r.Repository)] = r
		return nil
	})
	if err != nil {
		return nil, err
	}
	known := make([]observation.KnownRepository, len(names))
	for i, name := range names {
		known[i] = answers[strings.ToLower(name)]
		known[i].Repository = name
	}
	return known, nil
}

// Releases returns the latest release of the first n projects (of one project
// when project is not empty), by rank. Projects without a release are left out.
func (s *Store) Releases(ctx context.Context, n int, project string) ([]observation.LatestRelease, error) {
	projects, err := s.asked(ctx, n, project)
	if err != nil {
		return nil, err
	}
	latest := make(map[string]string, len(projects))
	for some := range slices.Chunk(projects, keysPerRead) {
		err := s.queryEach(ctx, "catalog.releases", func(rows driver.Rows) error {
			var project, version string
			if err := rows.Scan(&project, &version); err != nil {
				return err
			}
			latest[project] = version
			return nil
		}, param("projects", some))
		if err != nil {
			return nil, err
		}
	}
	var releases []observation.LatestRelease
	for _, p := range projects {
		if version := latest[p]; version != "" {
			releases = append(releases, observation.LatestRelease{Project: p, Version: version})
		}
	}
	return releases, nil
}

// CPythonIDs returns the id of every stored advisory about CPython that is not
// gone, sorted.
func (s *Store) CPythonIDs(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.queryEach(ctx, "catalog.cpython", func(rows driver.Rows) error {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	return ids, err
}

// CVEs returns every CVE id that some stored advisory names.
func (s *Store) CVEs(ctx context.Context) (map[string]bool, error) {
	cves := make(map[string]bool)
	err := s.queryEach(ctx, "catalog.cves", func(rows driver.Rows) error {
		var cve string
		if err := rows.Scan(&cve); err != nil {
			return err
		}
		cves[cve] = true
		return nil
	})
	return cves, err
}

// asked returns one project, or the first n when it is empty.
func (s *Store) asked(ctx context.Context, n int, project string) ([]string, error) {
	if project != "" {
		return []string{project}, nil
	}
	return s.Tracked(ctx, n)
}
