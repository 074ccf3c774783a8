package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

// kills is at how many places the tests of this file end the program. They are
// chosen by a seed, so each number of them has its own; make soak asks for thirty.
var kills = flag.Int("kills", 1, "at how many random places the tests kill the program")

// places returns n of the numbers from 1 to last, or all when there are fewer.
func places(n, last int) []int {
	list := rand.New(rand.NewPCG(uint64(n), 1)).Perm(last)
	list = list[:min(n, last)]
	for i := range list {
		list[i]++
	}
	slices.Sort(list)
	return list
}

// mortal is a connection to the server that dies at one of its writes, before
// the server has got it or just after: from then on nothing goes through, as
// after a kill.
type mortal struct {
	driver.Conn
	dies   int64 // at the write of this number, 0 never
	after  bool  // the last write arrives, and nobody hears of it
	writes atomic.Int64
}

// errDead is not for another try, unlike a server that is away.
var errDead = context.Canceled

// write does one write, unless the connection is dead.
func (m *mortal) write(do func() error) error {
	n := m.writes.Add(1)
	switch {
	case m.dies == 0 || n < m.dies:
		return do()
	case n == m.dies && m.after:
		return errors.Join(do(), errDead)
	}
	return errDead
}

func (m *mortal) dead() bool { return m.dies > 0 && m.writes.Load() >= m.dies }

func (m *mortal) Exec(ctx context.Context, query string, args ...any) error {
	return m.write(func() error { return m.Conn.Exec(ctx, query, args...) })
}

func (m *mortal) PrepareBatch(ctx context.Context, query string, o ...driver.PrepareBatchOption) (driver.Batch, error) {
	if m.dead() {
		return nil, errDead
	}
	b, err := m.Conn.PrepareBatch(ctx, query, o...)
	return mortalBatch{b, m}, err
}

func (m *mortal) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	if m.dead() {
		return nil, errDead
	}
	return m.Conn.Query(ctx, query, args...)
}

type mortalBatch struct {
	driver.Batch
	m *mortal
}

func (b mortalBatch) Send() error { return b.m.write(b.Batch.Send) }

// mortalRig is a rig on a connection that dies. Migrations are not among what is
// counted.
func mortalRig(t testing.TB, db *testenv.DB, m *mortal) *rig {
	t.Helper()
	rigOn(t, store.Options{DSN: db.DSN, Database: db.Name})
	pool, err := clickhouse.Open(t.Context(), db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{TB: t}
	m.Conn = pool
	r.store, err = store.Open(t.Context(), store.Options{Conn: m, Database: db.Name, Track: 60, Now: func() time.Time { return r.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.store.Close() })
	return r
}

// TestTheSameRunTwice: once more with nothing new, and once more from the very
// beginning, because all cursors and validators are lost.
func TestTheSameRunTwice(t *testing.T) {
	db := testenv.ClickHouse(t)
	r := rigOn(t, store.Options{DSN: db.DSN, Database: db.Name})
	r.collect(firstDay, "")
	r.collect(laterDay, "")
	want := r.contents()
	r.collect(laterDay, "")
	r.holds("the same again", want)
	for _, table := range []string{"runs", "responses"} {
		if err := db.Conn.Exec(t.Context(), "TRUNCATE TABLE "+table); err != nil {
			t.Fatal(err)
		}
	}
	r.collect(laterDay, "")
	r.holds("all of it again", want, sourceTables...)
}

// TestKilledAtAWrite kills a first collection, or the one of a week later, at one
// of its writes. What is stored after it was repeated is what a collection that
// was left alone has stored, to the number of versions.
func TestKilledAtAWrite(t *testing.T) {
	days := []time.Time{firstDay, laterDay}
	var want []map[string][]string // after each day
	var writes []int
	clean := testenv.ClickHouse(t)
	for _, day := range days {
		conn := new(mortal)
		r := mortalRig(t, clean, conn)
		r.collect(day, "")
		want = append(want, r.contents())
		writes = append(writes, int(conn.writes.Load()))
	}
	t.Logf("%d writes on the first day, %d on the later one", writes[0], writes[1])
	for i, day := range days {
		for _, n := range places(*kills, 2*writes[i]) {
			dies, after := (n+1)/2, n%2 == 0
			t.Run(fmt.Sprintf("%s/write %d/arrived %t", day.Format(time.DateOnly), dies, after), func(t *testing.T) {
				db := testenv.ClickHouse(t)
				if i > 0 {
					r := rigOn(t, store.Options{DSN: db.DSN, Database: db.Name})
					r.collect(days[0], "")
				}
				killed := mortalRig(t, db, &mortal{dies: int64(dies), after: after})
				killed.collect(day, "")
				r := rigOn(t, store.Options{DSN: db.DSN, Database: db.Name})
				r.now = day
				if _, err := r.store.CloseAbandoned(t.Context()); err != nil {
					t.Fatal(err)
				}
				for name, run := range r.collect(day, "") {
					if run.Error != "" {
						t.Errorf("%s is %s: %s", name, run.State, run.Error)
					}
				}
				r.holds("after the kill", want[i])
			})
		}
	}
}

// TestKilled ends the program without warning in the middle of each source, and
// expects the same store as that of a run that was left alone.
func TestKilled(t *testing.T) {
	want, _ := leftAlone(t)
	data := t.TempDir()
	for _, source := range []string{"ranks", "pypiscorecards", "osv", "pypi", "scorecard"} {
		i := start(t, upArgs(data, "simulated:200")...)
		i.waitFor(t, "collector="+source, 3*time.Minute)
		i.kill(t)
	}
	toTheEnd(t, data)
	for _, s := range statusOf(t, data).Sources {
		if s.State != "ok" && s.State != "partial" {
			t.Errorf("after the kills %s is %s: %s", s.Source, s.State, s.Error)
		}
	}
	same(t, "after the kills", want, stored(t, data))
}

// TestKilledAnywhere ends the program at random moments of a first start.
func TestKilledAnywhere(t *testing.T) {
	want, took := leftAlone(t)
	for _, percent := range places(*kills, 100) {
		data := t.TempDir()
		i := start(t, upArgs(data, "simulated:200")...)
		select {
		case <-time.After(took * time.Duration(percent) / 100):
		case err := <-i.ended:
			t.Fatalf("the program ended: %v\n%s", err, i.stderr.String())
		}
		i.kill(t)
		toTheEnd(t, data)
		same(t, fmt.Sprintf("killed after %d %% of %v", percent, took), want, stored(t, data))
	}
}

// leftAlone is what a first start stores that is not killed, and how long it
// takes.
func leftAlone(t *testing.T) (map[string][]string, time.Duration) {
	t.Helper()
	data := t.TempDir()
	began := time.Now()
	toTheEnd(t, data)
	return stored(t, data), time.Since(began)
}

// toTheEnd starts the program and stops it when it has asked every source.
func toTheEnd(t *testing.T, data string) {
	t.Helper()
	i := start(t, upArgs(data, "simulated:200")...)
	i.waitFor(t, allAsked, 5*time.Minute)
	i.stop(t)
}
