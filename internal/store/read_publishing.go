package store

import (
	"context"
	"errors"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// maxPublishing bounds each list of what Publishing returns.
const maxPublishing = 20

// Publishing returns how releases of a project come to PyPI and who may publish
// them. A project of which nothing is known has nothing of it.
func (s *Store) Publishing(ctx context.Context, name string) (observation.Publishing, error) {
	return cachedObject(ctx, s, "publishing "+name, func(ctx context.Context, published generations) (observation.Publishing, error) {
		return s.loadPublishing(ctx, name, published[datasetAdoption])
	})
}

func (s *Store) loadPublishing(ctx context.Context, name string, generation uint64) (observation.Publishing, error) {
	var p observation.Publishing
	project, limit := param("project", name), param("limit", maxPublishing)
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error {
		a, err := s.Attestation(ctx, name)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		p.Attestation = &a
		return err
	})
	parts.Go(func() error {
		h, err := s.ReleaseHealth(ctx, name)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		p.Health = &h
		return err
	})
	parts.Go(func() error {
		return s.queryEach(ctx, "publishing.publishers", func(rows driver.Rows) error {
			var u observation.PublisherUse
			var first, last *time.Time
			var releases, files uint64
			if err := rows.Scan(&u.Kind, &u.Repository, &u.Workflow, &first, &last, &releases, &files); err != nil {
				return err
			}
			u.First, u.Last, u.Releases, u.Files = timeOf(first), timeOf(last), int(releases), int(files)
			p.Publishers = append(p.Publishers, u)
			return nil
		}, project, limit)
	})
	parts.Go(func() error {
		return s.queryEach(ctx, "publishing.changes", func(rows driver.Rows) error {
			c := observation.AttestationChange{Project: name}
			var before *time.Time
			if err := rows.Scan((*string)(&c.Kind), &c.Version, &c.At, &c.Before, &before, &c.Older, &c.Fields, &c.From, &c.To); err != nil {
				return err
			}
			c.BeforeAt = timeOf(before)
			p.Changes = append(p.Changes, c)
			return nil
		}, param("generation", generation), project, limit)
	})
	parts.Go(func() error {
		return s.queryEach(ctx, "publishing.owners", func(rows driver.Rows) error {
			var v observation.OwnersVersion
			if err := rows.Scan(&v.KnownAt, &v.Owners, &v.Organization); err != nil {
				return err
			}
			p.Owners = append(p.Owners, v)
			return nil
		}, project, limit)
	})
	parts.Go(func() error {
		return s.queryEach(ctx, "publishing.forges", func(rows driver.Rows) error {
			var r observation.Repository
			if err := rows.Scan(&r.Name, (*string)(&r.State), &r.Target, &r.ObservedAt); err != nil {
				return err
			}
			p.Forges = append(p.Forges, r)
			return nil
		}, project)
	})
	err := parts.Wait()
	return p, err
}
