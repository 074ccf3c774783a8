package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/config"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	ecosystem "github.com/pyrometer-dev/pyrometer/internal/upstream/simulated"
)

// demoDatabase holds simulated rows. Real and simulated rows never share a
// database.
const demoDatabase = "pyrometer_demo"

// access says what a subcommand wants of the database.
type access int

const (
	// owning is for whoever collects: with the embedded engine it is the only
	// process that may.
	owning access = iota
	// reading also accepts the engine of another process that runs already.
	reading
)

// database is a way to reach ClickHouse, and the engine behind it when this
// process runs it.
type database struct {
	dsn    clickhouse.DSN
	engine *clickhouse.Engine // nil for an external server or another process's engine
	// attached: the engine is that of another process, which may be collecting
	attached bool
	grace    time.Duration
}

// connect starts the embedded engine, or finds the one that is to be used. It
// waits for another process that has the directory for a moment only.
func (p *program) connect(want access) (*database, error) {
	if p.cfg.ClickHouse != config.Embedded {
		dsn := clickhouse.DSN(p.cfg.ClickHouse)
		if err := dsn.Validate(); err != nil {
			return nil, fmt.Errorf("--clickhouse: %w", err)
		}
		return &database{dsn: dsn, grace: p.cfg.Grace}, nil
	}
	deadline, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		d, err := p.embedded(want)
		inUse := (*clickhouse.InUseError)(nil)
		if err == nil || !errors.As(err, &inUse) && !errors.Is(err, clickhouse.ErrStarting) {
			return d, err
		}
		select {
		case <-deadline.Done():
			return nil, err
		case <-time.After(askAgain):
		}
	}
}

const (
	// patience is how long another process may be in the way before it is an
	// error: a status or an export that had to start an engine of its own is
	// about to end, and an owner that is starting is about to be ready.
	patience = 6 * time.Second
	askAgain = 50 * time.Millisecond
)

// embedded starts the embedded engine, or attaches to one that runs.
func (p *program) embedded(want access) (*database, error) {
	dir := filepath.Join(p.cfg.Data, "clickhouse")
	if want == reading {
		if dsn, err := clickhouse.Attach(dir, store.DefaultDatabase); err == nil {
			return &database{dsn: dsn, attached: true, grace: p.cfg.Grace}, nil
		} else if !errors.Is(err, clickhouse.ErrNotRunning) {
			return nil, err
		}
	}
	engine, err := clickhouse.Start(p.ctx, clickhouse.Options{Dir: dir, Log: p.log})
	if err != nil {
		return nil, err
	}
	return &database{dsn: engine.DSN(store.DefaultDatabase), engine: engine, grace: p.cfg.Grace}, nil
}

// idle reports whether surely no process collects into s: nobody else has the
// directory when the engine had to be started, and nobody on a server without the
// lease.
func (d *database) idle(ctx context.Context, s *store.Store) (bool, error) {
	if d.engine != nil || d.attached {
		return d.engine != nil, nil
	}
	held, err := s.Held(ctx)
	return !held, err
}

// close stops the engine when it is this process's. Stores must be closed
// before: an engine with clients waits for them.
func (d *database) close() error {
	if d.engine == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), d.grace)
	defer cancel()
	return d.engine.Stop(ctx)
}

// open opens the named database of the server and brings it to this version.
func (p *program) open(d *database, name string) (*store.Store, error) {
	opt := store.Options{DSN: d.dsn, Database: name, Now: p.cfg.Now, Track: p.cfg.Track}
	if name == demoDatabase {
		opt.Breaks, opt.Initiatives = ecosystem.Ledger(p.cfg.Now()) // what really happened did not happen there
	}
	s, err := store.Open(p.ctx, opt)
	if err != nil {
		return nil, err
	}
	if _, err := s.Migrate(p.ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// simulated reports whether an upstream specification names the simulation.
func simulated(upstream string) bool { return strings.HasPrefix(upstream, "simulated") }

// databaseFor returns the database that belongs to an upstream.
func (p *program) databaseFor(upstream string) string {
	if simulated(upstream) {
		return demoDatabase
	}
	return p.cfg.Database()
}

// withStore runs f with the store that holds something: that of the upstream
// given by flag, else the real one, else the demo's. It is what subcommands
// that only read use.
func (p *program) withStore(f func(d *database, s *store.Store, demo bool) error) (err error) {
	d, err := p.connect(reading)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	name := p.databaseFor(p.cfg.Upstream)
	if !simulated(p.cfg.Upstream) {
		demo, err := onlyDemo(p.ctx, d.dsn, name)
		if err != nil {
			return err
		}
		if demo {
			name = demoDatabase
		}
	}
	s, err := p.open(d, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return f(d, s, name == demoDatabase)
}

// onlyDemo reports whether the server has a demo database and the real one has
// never seen a run.
func onlyDemo(ctx context.Context, dsn clickhouse.DSN, name string) (bool, error) {
	conn, err := clickhouse.Open(ctx, dsn.WithDatabase("system"))
	if err != nil {
		return false, err
	}
	defer conn.Close()
	var demo, runs uint64
	const question = `SELECT countIf(database = ?), ifNull(sumIf(total_rows, database = ? AND name = 'runs'), 0) FROM system.tables WHERE name = 'runs'`
	if err := conn.QueryRow(ctx, question, demoDatabase, name).Scan(&demo, &runs); err != nil {
		return false, fmt.Errorf("looking for databases: %w", err)
	}
	return demo > 0 && runs == 0, nil
}
