package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// leaseFor is how long a lease lasts unless it is renewed. It is longer than a
// write is repeated (retryFor): what a process began to write while it held the
// lease has ended, one way or the other, when another may take its place.
const leaseFor = 90 * time.Second

// HeldError says that another process collects into the store.
type HeldError struct {
	Database string
	Holder   string    // program, host and process, as it describes itself
	Since    time.Time // by the clock of the server
	Until    time.Time // when its lease ends unless it is renewed
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("another process collects into the database %s: %s, since %s. Only one may: stop it, or collect into another database. If it was killed, its lease ends at %s and can be taken then. Reading (serve, status, export) needs no lease.",
		e.Database, e.Holder, e.Since.UTC().Format(time.RFC3339), e.Until.UTC().Format(time.RFC3339))
}

// Lease is the right to be the one process that collects into a store. It is
// renewed in the background until it is released.
//
// A claim is a row, and what decides is the server: its clock says which claims
// are live, and the order in which it stored them says which came first. Any two
// processes that claim at once therefore agree on who holds: the block of the one
// was stored before that of the other, and whoever reads its own claim reads
// every claim before it. A claim that has ended is never revived.
type Lease struct {
	s      *Store
	holder string
	claim  uuid.UUID
	ctx    context.Context
	cancel context.CancelCauseFunc
	kept   chan struct{} // closed when it is no longer renewed
}

// Acquire takes the lease for a holder, which is described by its program, host
// and process. When another process holds it the error is a *HeldError.
func (s *Store) Acquire(ctx context.Context, holder string) (*Lease, error) {
	l := &Lease{s: s, holder: holder, kept: make(chan struct{})}
	if err := l.take(ctx); err != nil {
		return nil, fmt.Errorf("lease: %w", err)
	}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	go l.keep()
	return l, nil
}

// Context is done when the lease is released, when it was lost to another
// process (its cause is then a *HeldError), or with the context of Acquire.
// Whoever collects does it under this context.
func (l *Lease) Context() context.Context { return l.ctx }

// Release gives the lease back.
func (l *Lease) Release(ctx context.Context) error {
	l.cancel(nil)
	<-l.kept
	if err := l.s.exec(ctx, "lease.release", param("claim", l.claim.String())); err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	return nil
}

// take makes a claim, and withdraws it when another came first.
func (l *Lease) take(ctx context.Context) error {
	l.claim = uuid.New()
	err := l.s.exec(ctx, "lease.claim", param("claim", l.claim.String()), param("holder", l.holder), param("lasts", l.s.leaseFor.Milliseconds()))
	if err != nil {
		return err
	}
	first, err := l.s.leaseHolder(ctx)
	switch {
	case err != nil:
		return err
	case first.claim == l.claim:
		return nil
	}
	if err := l.s.exec(ctx, "lease.release", param("claim", l.claim.String())); err != nil {
		return err
	}
	if first.claim == uuid.Nil {
		return errors.New("the claim had ended before it could be read; the server is very slow")
	}
	return first.held(l.s.db)
}

// keep renews the lease until its context ends. While the server is away it
// tries again: nothing can be written then either.
func (l *Lease) keep() {
	defer close(l.kept)
	every := time.NewTicker(l.s.leaseFor / 4)
	defer every.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-every.C:
		}
		ctx, cancel := context.WithTimeout(l.ctx, l.s.leaseFor/4)
		err := l.renew(ctx)
		cancel()
		if held := (*HeldError)(nil); errors.As(err, &held) {
			l.cancel(fmt.Errorf("the lease was lost: %w", held))
			return
		}
	}
}

// renew makes the lease last longer. One that has ended, because the server was
// away, is taken again unless another process has taken it.
func (l *Lease) renew(ctx context.Context) error {
	lasts, spare := l.s.leaseFor.Milliseconds(), l.s.leaseFor.Milliseconds()/4
	err := l.s.exec(ctx, "lease.renew", param("claim", l.claim.String()), param("lasts", lasts), param("spare", spare))
	if err != nil {
		return err
	}
	first, err := l.s.leaseHolder(ctx)
	switch {
	case err != nil:
		return err
	case first.claim == l.claim && first.left > spare:
		return nil
	case first.claim != l.claim && first.claim != uuid.Nil:
		return first.held(l.s.db)
	}
	if err := l.s.exec(ctx, "lease.release", param("claim", l.claim.String())); err != nil {
		return err
	}
	return l.take(ctx)
}

// claimed is a claim that holds; the zero value is none.
type claimed struct {
	claim        uuid.UUID
	holder       string
	since, until time.Time
	left         int64 // milliseconds
}

func (c claimed) held(database string) *HeldError {
	return &HeldError{Database: database, Holder: c.holder, Since: c.since, Until: c.until}
}

// Held reports whether some process holds the lease: on a server, whether anybody
// collects.
func (s *Store) Held(ctx context.Context) (bool, error) {
	first, err := s.leaseHolder(ctx)
	return first.claim != uuid.Nil, err
}

// leaseHolder returns the claim that holds.
func (s *Store) leaseHolder(ctx context.Context) (claimed, error) {
	var c claimed
	var id string
	err := s.queryRow(ctx, "lease.holder", []any{&id, &c.holder, &c.since, &c.until, &c.left})
	if errors.Is(err, stdsql.ErrNoRows) {
		return claimed{}, nil
	}
	if err != nil {
		return claimed{}, err
	}
	c.claim, err = uuid.Parse(id)
	return c, err
}
