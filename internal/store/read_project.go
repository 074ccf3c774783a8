package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// Project returns one project by its normalised name, or ErrNotFound when
// neither the newest rank list, nor the archive, nor PyPI, nor a live advisory
// names it. Other is set without Result when the newest result is too old to
// be the value.
func (s *Store) Project(ctx context.Context, name string) (observation.ProjectDetail, error) {
	// The caller gets its own copy of the struct; what its slices and pointers
	// lead to is shared by all readers.
	return cachedObject(ctx, s, "project "+name, func(ctx context.Context, published generations) (observation.ProjectDetail, error) {
		return s.loadProject(ctx, name, published)
	})
}

// loadProject reads the summary of a project and then at once all the parts
// that it says there are. Every part is a read by key.
func (s *Store) loadProject(ctx context.Context, name string, published generations) (observation.ProjectDetail, error) {
	var (
		newest     observation.Observations
		lists      []listSize
		metadata   observation.ProjectDetail
		links      []observation.RepositoryView
		exposures  []observation.Exposure
		releases   []observation.Release
		about, old *observation.ScorecardResult
	)
	summary, err := s.projectSummary(ctx, name)
	if err != nil {
		return metadata, err
	}
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() (err error) {
		about, old, err = s.projectResults(ctx, summary)
		return err
	})
	if summary.Groups+summary.Malware > 0 {
		parts.Go(func() (err error) {
			exposures, err = s.projectExposures(ctx, name, published[datasetAdvisories])
			return err
		})
	}
	if !summary.askedAt.IsZero() {
		parts.Go(func() (err error) {
			releases, err = s.projectReleases(ctx, name)
			return err
		})
		parts.Go(func() (err error) {
			metadata, err = s.projectMetadata(ctx, name)
			return err
		})
		parts.Go(func() (err error) {
			links, err = s.projectRepositories(ctx, name)
			return err
		})
	}
	parts.Go(func() (err error) {
		if newest, err = s.Observations(ctx); err != nil {
			return err
		}
		lists, err = s.keptLists(ctx)
		return err
	})
	if err := parts.Wait(); err != nil {
		return metadata, err
	}

	p := metadata
	p.ProjectRow = summary.ProjectRow
	if n := len(lists); n > 0 {
		p.RankOn, p.RankSize = lists[n-1].on.time(), int(lists[n-1].size)
	}
	p.Repositories, p.Releases = links, releases
	for _, e := range exposures {
		if e.Group.Kind == advisory.KindMalware {
			p.MalwareGroups = append(p.MalwareGroups, e.Group)
		} else {
			p.Exposures = append(p.Exposures, e)
		}
	}
	switch {
	case p.ScoreState == observation.ScoreScored:
		p.Result, p.Other = about, old
	case about != nil && about.State == observation.StateScored:
		p.Other = about
	case old != nil && old.State == observation.StateScored:
		p.Other = old
	}
	p.Missing = missing(p, about, newest.Newest)
	return p, nil
}

// projectSummary reads the summary of one project.
func (s *Store) projectSummary(ctx context.Context, name string) (summaryRow, error) {
	return cachedObject(ctx, s, "summary "+name, func(ctx context.Context, published generations) (summaryRow, error) {
		var row summaryRow
		found := false
		err := s.queryEach(ctx, "project.summary", func(rows driver.Rows) (err error) {
			row, err = scanProject(rows)
			found = true
			return err
		}, param("generation", published[datasetSummaries]), param("project", name))
		if err == nil && !found {
			return row, fmt.Errorf("project %q: %w", name, ErrNotFound)
		}
		return row, err
	})
}

// projectResults reads the result that the project's state speaks of and the
// one beside it, each nil when there is none.
func (s *Store) projectResults(ctx context.Context, p summaryRow) (about, other *observation.ScorecardResult, err error) {
	key := func(source observation.ScorecardSource, on time.Time) resultKey {
		if source == observation.SourceAPI {
			return resultKey{p.Repository, source, dayOf(on)}
		}
		return resultKey{p.Project, source, dayOf(on)}
	}
	var keys []resultKey
	if !p.ScoreOn.IsZero() {
		keys = append(keys, key(p.ScoreSource, p.ScoreOn))
	}
	if p.otherOn != 0 {
		keys = append(keys, key(p.otherSource, p.otherOn.time()))
	}
	if len(keys) == 0 {
		return nil, nil, nil
	}
	results, err := s.results(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	if !p.ScoreOn.IsZero() {
		about = results[key(p.ScoreSource, p.ScoreOn)]
	}
	if p.otherOn != 0 {
		other = results[key(p.otherSource, p.otherOn.time())]
	}
	return about, other, nil
}

// resultKey names one Scorecard result.
type resultKey struct {
	subject string
	source  observation.ScorecardSource
	on      day
}

// results reads results with all their checks, by key.
func (s *Store) results(ctx context.Context, keys []resultKey) (map[resultKey]*observation.ScorecardResult, error) {
	where := keyParams(keys)
	found := make(map[resultKey]*observation.ScorecardResult)
	checks := make(map[resultKey][]observation.Check)
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		return s.queryEach(ctx, "project.results", func(rows driver.Rows) error {
			var r observation.ScorecardResult
			var stated, aggregate, core *float32
			if err := rows.Scan(&r.Subject, &r.ObservedOn, (*string)(&r.Source), (*string)(&r.State), &r.Reason,
				&stated, &aggregate, &core, &r.CheckSet, &r.ToolVersion, &r.Commit); err != nil {
				return err
			}
			r.Stated, r.Aggregate, r.Core = shortFloat(stated), shortFloat(aggregate), shortFloat(core)
			found[resultKey{r.Subject, r.Source, dayOf(r.ObservedOn)}] = &r
			return nil
		}, where...)
	})
	both.Go(func() error {
		return s.queryEach(ctx, "project.checks", func(rows driver.Rows) error {
			var k resultKey
			var on time.Time
			var c observation.Check
			if err := rows.Scan(&k.subject, &on, (*string)(&k.source), &c.Name, &c.Score, &c.Reason, &c.Details); err != nil {
				return err
			}
			k.on = dayOf(on)
			checks[k] = append(checks[k], c)
			return nil
		}, where...)
	})
	if err := both.Wait(); err != nil {
		return nil, err
	}
	for k, r := range found {
		r.Checks = checks[k]
	}
	return found, nil
}

// projectMetadata reads what PyPI said of a project last; InIndex and InJSON
// are false when it was never asked.
func (s *Store) projectMetadata(ctx context.Context, name string) (observation.ProjectDetail, error) {
	var p observation.ProjectDetail
	err := s.queryEach(ctx, "project.metadata", func(rows driver.Rows) error {
		return rows.Scan(&p.AskedAt, &p.RequiresPython, &p.License, &p.Summary, &p.StatusReason, &p.Organization, &p.Owners, &p.InIndex, &p.InJSON)
	}, param("project", name))
	p.AskedAt = p.AskedAt.UTC()
	return p, err
}

// projectRepositories reads the repositories of a project, strongest first.
func (s *Store) projectRepositories(ctx context.Context, name string) ([]observation.RepositoryView, error) {
	var links []observation.RepositoryView
	err := s.queryEach(ctx, "project.repositories", func(rows driver.Rows) error {
		var r observation.RepositoryView
		if err := rows.Scan(&r.Repository, (*string)(&r.Trust), &r.Evidence, &r.Since); err != nil {
			return err
		}
		links = append(links, r)
		return nil
	}, param("project", name))
	return links, err
}

// projectExposures reads what the live groups mean for a project, newest
// disclosure first, malware among them. Two reads by key are half the work of
// a join.
func (s *Store) projectExposures(ctx context.Context, name string, generation uint64) ([]observation.Exposure, error) {
	exposures := make(map[string]observation.Exposure)
	var ids []string
	err := s.queryEach(ctx, "project.exposures", func(rows driver.Rows) error {
		var id string
		var e observation.Exposure
		var fixedAt *time.Time
		var days *int32
		var releases *uint32
		if err := rows.Scan(&id, &e.Affected, &releases, &e.FixedIn, &fixedAt, &days, &e.LatestAffected); err != nil {
			return err
		}
		e.FixedAt = timeOf(fixedAt)
		if releases != nil {
			n := int(*releases)
			e.AffectedReleases = &n
		}
		if days != nil {
			d := int(*days)
			e.FixDays = &d
		}
		exposures[id] = e
		ids = append(ids, id)
		return nil
	}, param("generation", generation), param("project", name))
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	list := make([]observation.Exposure, 0, len(ids))
	err = s.queryEach(ctx, "project.groups", func(rows driver.Rows) error {
		g, err := scanGroup(rows)
		e := exposures[g.ID]
		e.Group = g
		list = append(list, e)
		return err
	}, param("generation", generation), param("ids", ids))
	return list, err
}

// projectReleases reads the releases of a project by its files, newest version
// first; versions that are not PEP 440 come last.
func (s *Store) projectReleases(ctx context.Context, name string) ([]observation.Release, error) {
	type release struct {
		observation.Release
		order pypa.Version
	}
	var list []release
	err := s.queryEach(ctx, "project.releases", func(rows driver.Rows) error {
		var r release
		var first *time.Time
		var files, yanked, attested, unknown uint64
		if err := rows.Scan(&r.Version, &first, &files, &yanked, &r.YankReason, &attested, &unknown); err != nil {
			return err
		}
		r.FirstAt = timeOf(first)
		r.Files, r.Yanked, r.Attested, r.Unknown = int(files), int(yanked), int(attested), int(unknown)
		r.order = pypa.ParseVersion(r.Version)
		r.PEP440, r.Prerelease = r.order.Valid(), r.order.Prerelease()
		list = append(list, r)
		return nil
	}, param("project", name))
	slices.SortFunc(list, func(a, b release) int {
		return cmp.Or(b.order.Compare(a.order), strings.Compare(b.Version, a.Version))
	})
	releases := make([]observation.Release, len(list))
	for i, r := range list {
		releases[i] = r.Release
	}
	return releases, err
}

// missing says in a sentence why a project has no Scorecard value; "" when it
// has one. about is the result that its state speaks of, newest the newest
// accepted observation.
func missing(p observation.ProjectDetail, about *observation.ScorecardResult, newest time.Time) string {
	on := func(t time.Time) string { return t.Format("2 January 2006") }
	reason := ""
	if about != nil && about.Reason != "" {
		reason = " (" + about.Reason + ")"
	}
	switch p.ScoreState {
	case observation.ScoreScored:
		return ""
	case observation.ScoreStale:
		return fmt.Sprintf("No current result: the newest one is of %s, and a result counts for %d days before the newest observation, which is of %s.",
			on(p.ScoreOn), valueDays, on(newest))
	case observation.ScoreNoResult:
		if p.ScoreSource == observation.SourceAPI {
			return fmt.Sprintf("No result: the Scorecard API was asked about %s on %s and has none%s.", p.Repository, on(p.ScoreOn), reason)
		}
		return fmt.Sprintf("No result: the Scorecard archive of %s lists the project without one.", on(p.ScoreOn))
	case observation.ScoreUnavailable:
		if p.ScoreOn.IsZero() {
			return fmt.Sprintf("Unavailable: PyPI was asked on %s and gave no metadata for this project, so its source repository is not known.", on(p.AskedAt))
		}
		return fmt.Sprintf("Unavailable: the Scorecard API could not be asked about %s on %s%s. That says nothing about the project.", p.Repository, on(p.ScoreOn), reason)
	case observation.ScoreNoRepository:
		return fmt.Sprintf("No repository: PyPI was asked on %s and its answer names no source repository, so there is nothing for Scorecard to look at.", on(p.AskedAt))
	case observation.ScoreNotFetched:
		if !p.AskedAt.IsZero() && !p.InJSON {
			return fmt.Sprintf("Unavailable: PyPI was asked on %s and gave no metadata of the project, so its repository is not known.", on(p.AskedAt))
		}
		return "Not fetched yet: the project is tracked, and its turn has not come."
	}
	if p.Repository != "" && !served(p.Repository) {
		return fmt.Sprintf("Not asked: the Scorecard API does not cover the host of %s.", p.Repository)
	}
	return "Not asked: the project is outside the lists of projects that we and the Scorecard archive ask about."
}

// ProjectScores returns every stored observation of one project, oldest first:
// its rows in the archive, and the API's results of its strongest repository.
func (s *Store) ProjectScores(ctx context.Context, name string) ([]observation.ScorePoint, error) {
	points, err := cachedObject(ctx, s, "scores "+name, func(ctx context.Context, _ generations) ([]observation.ScorePoint, error) {
		suspect, err := s.suspectDays(ctx)
		if err != nil {
			return nil, err
		}
		summary, err := s.projectSummary(ctx, name)
		if errors.Is(err, ErrNotFound) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		var points []observation.ScorePoint
		err = s.queryEach(ctx, "project.scores", func(rows driver.Rows) error {
			var p observation.ScorePoint
			var aggregate, core *float32
			var conclusive uint8
			if err := rows.Scan(&p.Date, (*string)(&p.Source), (*string)(&p.State), &aggregate, &core, &conclusive); err != nil {
				return err
			}
			p.Aggregate, p.Core, p.Checks = shortFloat(aggregate), shortFloat(core), int(conclusive)
			p.Suspect = p.Source == observation.SourceArchive && suspect[dayOf(p.Date)]
			points = append(points, p)
			return nil
		}, param("project", name), param("repository", summary.Repository))
		return points, err
	})
	return slices.Clone(points), err
}

// suspectDays returns the dates of the archive that are not accepted.
func (s *Store) suspectDays(ctx context.Context) (map[day]bool, error) {
	return cached(ctx, s, "suspect", func(ctx context.Context, published generations) (map[day]bool, error) {
		decided, err := s.snapshots(ctx, published[datasetScores])
		suspect := make(map[day]bool)
		for _, d := range decided {
			if !d.api && !d.accepted() {
				suspect[d.on] = true
			}
		}
		return suspect, err
	})
}
