package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

// openShared opens n stores on one migrated database, as n processes would.
func openShared(t *testing.T, n int) []*Store {
	t.Helper()
	db := testenv.ClickHouse(t)
	return openOn(t, db.DSN, n)
}

func openOn(t *testing.T, dsn clickhouse.DSN, n int) []*Store {
	t.Helper()
	stores := make([]*Store, n)
	for i := range stores {
		s, err := Open(t.Context(), Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		stores[i] = s
	}
	if _, err := stores[0].Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return stores
}

func acquire(t *testing.T, s *Store, holder string) *Lease {
	t.Helper()
	l, err := s.Acquire(t.Context(), holder)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLease(t *testing.T) {
	stores := openShared(t, 2)
	// Their own clocks are far apart, and decide nothing.
	stores[0].now = func() time.Time { return date("2020-01-01") }
	stores[1].now = func() time.Time { return date("2040-01-01") }
	one := acquire(t, stores[0], "one")
	_, err := stores[1].Acquire(t.Context(), "two")
	var held *HeldError
	if !errors.As(err, &held) {
		t.Fatalf("a second claim: %v; want a *HeldError", err)
	}
	if held.Holder != "one" || held.Since.IsZero() || !held.Until.After(held.Since) || !strings.Contains(err.Error(), stores[0].Database()) || !strings.Contains(err.Error(), "stop it") {
		t.Errorf("the refusal %q does not say who, since when and what to do", err)
	}
	if _, err := stores[0].Acquire(t.Context(), "one again"); !errors.As(err, &held) {
		t.Errorf("the same process claims twice: %v; want a *HeldError", err)
	}
	if err := one.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if one.Context().Err() == nil {
		t.Error("the context of a released lease goes on")
	}
	two := acquire(t, stores[1], "two")
	if err := two.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := lines(t, stores[0], "SELECT count() FROM (SELECT claim FROM leases GROUP BY claim HAVING max(released) = 0)"); left[0] != "(0)" {
		t.Errorf("claims %s are left; want none: the refused ones were withdrawn", left)
	}
}

// Of several that claim at once exactly one holds, and all others are told who.
func TestClaimsAtOnce(t *testing.T) {
	stores := openShared(t, 6)
	for round := range 5 {
		leases, errs := make([]*Lease, len(stores)), make([]error, len(stores))
		var begin, group sync.WaitGroup
		begin.Add(1)
		for i, s := range stores {
			group.Go(func() {
				begin.Wait()
				leases[i], errs[i] = s.Acquire(t.Context(), fmt.Sprint(i))
			})
		}
		begin.Done()
		group.Wait()
		var holder string
		for i, l := range leases {
			if l == nil {
				continue
			}
			if holder != "" {
				t.Fatalf("round %d: %s and %d hold", round, holder, i)
			}
			holder = fmt.Sprint(i)
			defer func() { _ = l.Release(context.WithoutCancel(t.Context())) }()
		}
		if holder == "" {
			t.Fatalf("round %d: nobody holds: %v", round, errors.Join(errs...))
		}
		for i, err := range errs {
			if held := (*HeldError)(nil); leases[i] == nil && (!errors.As(err, &held) || held.Holder != holder) {
				t.Errorf("round %d: %d was refused by %v; want by %s", round, i, err, holder)
			}
		}
		for _, l := range leases {
			if l != nil {
				if err := l.Release(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// The lease of a process that was killed is taken over when it has ended, and
// does not come back to life.
func TestLeaseOfAKilledProcess(t *testing.T) {
	stores := openShared(t, 2)
	killed := &Lease{s: stores[0], holder: "killed"} // nobody renews it
	stores[0].leaseFor = 300 * time.Millisecond
	if err := killed.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	var two *Lease
	refused := 0
	for two == nil {
		l, err := stores[1].Acquire(t.Context(), "two")
		if held := (*HeldError)(nil); err != nil && !errors.As(err, &held) {
			t.Fatal(err)
		} else if err != nil {
			refused++
		}
		two = l
	}
	if refused == 0 {
		t.Error("the lease was taken before it had ended")
	}
	held := (*HeldError)(nil)
	if err := killed.renew(t.Context()); !errors.As(err, &held) || held.Holder != "two" {
		t.Errorf("renewing a lease that was taken over: %v; want that two holds it", err)
	}
	if err := two.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestLeaseIsRenewed(t *testing.T) {
	stores := openShared(t, 2)
	stores[0].leaseFor = 2 * time.Second
	one := acquire(t, stores[0], "one")
	first, err := stores[0].leaseHolder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for until := first.until; !until.After(first.until.Add(2 * stores[0].leaseFor)); { // it outlives itself twice
		now, err := stores[0].leaseHolder(t.Context())
		if err != nil || now.claim != first.claim {
			t.Fatalf("the holder is %+v, %v; want %s", now, err, first.claim)
		}
		until = now.until
		<-time.After(50 * time.Millisecond)
	}
	held := (*HeldError)(nil)
	if _, err := stores[1].Acquire(t.Context(), "two"); !errors.As(err, &held) || !held.Since.Equal(first.since) {
		t.Errorf("a claim beside a renewed lease: %v; want a refusal since %s", err, first.since)
	}
	if err := one.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A lease that ended while the server was away is taken again; one that another
// process has taken in the meantime is lost, and the holder is told to stop.
func TestLeaseAfterAnAbsence(t *testing.T) {
	g, dsn := openGate(t)
	s := openOn(t, dsn, 1)[0]
	s.leaseFor = 400 * time.Millisecond
	lease := acquire(t, s, "one")
	direct := openOn(t, directly(t, g, dsn), 1)[0]
	ended := func() bool {
		c, err := direct.leaseHolder(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c.claim.String() == "00000000-0000-0000-0000-000000000000"
	}
	g.set(true)
	for !ended() {
		<-time.After(20 * time.Millisecond)
	}
	g.set(false)
	for ended() {
		<-time.After(20 * time.Millisecond)
	}
	if err := lease.Context().Err(); err != nil {
		t.Fatalf("the lease was lost to nobody: %v", context.Cause(lease.Context()))
	}
	g.set(true)
	for !ended() {
		<-time.After(20 * time.Millisecond)
	}
	two := acquire(t, direct, "two")
	g.set(false)
	<-lease.Context().Done()
	if held := (*HeldError)(nil); !errors.As(context.Cause(lease.Context()), &held) || held.Holder != "two" {
		t.Errorf("the context ended with %v; want that two holds the lease", context.Cause(lease.Context()))
	}
	if err := errors.Join(lease.Release(t.Context()), two.Release(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// directly is the address of the server behind a gate.
func directly(t *testing.T, g *gate, dsn clickhouse.DSN) clickhouse.DSN {
	t.Helper()
	return clickhouse.DSN(strings.Replace(string(dsn), g.listener.Addr().String(), g.server, 1))
}
