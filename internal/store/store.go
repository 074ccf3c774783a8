// Package store keeps everything Pyrometer knows in ClickHouse and answers the
// questions of the pages. It is the only package that speaks to a database,
// and it speaks to all of them alike, over the native protocol: the embedded
// engine, one server, or several.
package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/sql"
)

// ErrNotFound is returned for a project, an id or a table that is not known.
var ErrNotFound = observation.ErrNotFound

// DefaultDatabase is the database used when neither the options nor the
// address name one. Nothing is ever kept in the server's own `default`, where
// a user who may read tables may also read files.
const DefaultDatabase = "pyrometer"

// retryFor is how long a write or a read of the writer is repeated while the
// server is away. The embedded engine is back within seconds.
const retryFor = time.Minute

// Options say where the store is. One of DSN and Conn is required.
type Options struct {
	// DSN is the address of the server; Open makes a pool of its own.
	DSN clickhouse.DSN
	// Conn is used when it is set: a pool whose session database is Database,
	// which must exist. Close closes it.
	Conn driver.Conn
	// Database is the store's database. Default: the one of DSN, else
	// DefaultDatabase.
	Database string
	// Now is the clock behind known_at. Default: time.Now.
	Now func() time.Time
	// Track is how many projects of the newest rank list are asked about; pages
	// need it to tell "not asked" from "not fetched yet".
	Track int
	// Breaks and Initiatives are the ledgers, as CSV. Default: both of package sql.
	Breaks, Initiatives []byte
}

// Store is one database. It is safe for concurrent use.
type Store struct {
	conn  driver.Conn
	db    string
	now   func() time.Time
	track int

	breaksCSV, initiativesCSV []byte // the ledgers

	retryFor time.Duration      // how long a write is repeated while the server is away
	leaseFor time.Duration      // how long a lease lasts unless it is renewed
	alive    context.Context    // done from Close on: writes in the background end
	closing  context.CancelFunc // ends alive

	deriving sync.Mutex // held by a derivation

	learning sync.Mutex // guards what follows
	learned  time.Time  // the newest known_at given
	floored  bool       // it is not before anything stored
	exposed  exposed    // what the newest exposures were made of; guarded by deriving
	answered answered
	cache    cache
	sets     setCache
}

// Open connects to the server and, when there is none yet, makes the empty
// database. Call Migrate before anything else, and Close at the end.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{conn: o.Conn, db: o.Database, now: o.Now, track: o.Track, breaksCSV: o.Breaks, initiativesCSV: o.Initiatives, retryFor: retryFor, leaseFor: leaseFor}
	if s.db == "" {
		s.db = o.DSN.Database()
	}
	if s.db == "" {
		s.db = DefaultDatabase
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.breaksCSV == nil && s.initiativesCSV == nil {
		s.breaksCSV, s.initiativesCSV = sql.Breaks, sql.Initiatives
	}
	if slices.Contains([]string{"default", "system", "information_schema"}, strings.ToLower(s.db)) {
		return nil, fmt.Errorf("open store: the database %q belongs to the server; name one of your own, such as %q", s.db, DefaultDatabase)
	}
	if s.conn == nil {
		if o.DSN == "" {
			return nil, errors.New("open store: no ClickHouse address given")
		}
		if err := createDatabase(ctx, o.DSN, s.db); err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
		conn, err := clickhouse.Open(ctx, o.DSN.WithDatabase(s.db))
		if err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
		s.conn = conn
	}
	s.sets.turns = make(chan struct{}, setLoads)
	s.alive, s.closing = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// createDatabase makes the database when the server has none of that name. A
// user who may not create databases can use one that an administrator made.
func createDatabase(ctx context.Context, dsn clickhouse.DSN, name string) error {
	conn, err := clickhouse.Open(ctx, dsn.WithDatabase("system"))
	if err != nil {
		return err
	}
	defer conn.Close()
	var found uint64
	err = conn.QueryRow(ctx, "SELECT count() FROM system.databases WHERE name = {name:String}", param("name", name)).Scan(&found)
	if err != nil || found > 0 {
		return err
	}
	// An identifier cannot be bound here.
	return conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+quoteName(name)+" ENGINE = Atomic")
}

// quoteName quotes an identifier of any spelling.
func quoteName(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// Close releases the connections. An engine stops faster without clients, so
// close the store before the engine.
func (s *Store) Close() error {
	s.closing()
	return s.conn.Close()
}

// Database returns the name of the store's database.
func (s *Store) Database() string { return s.db }

// Ping tells whether the server answers and knows the database.
func (s *Store) Ping(ctx context.Context) error { return s.conn.Ping(ctx) }

// knownAt is the time of learning given to rows written now, in the resolution
// of the known_at columns. It never goes back, whatever the clock does: of two
// rows of one key the server keeps the one that was learned later.
func (s *Store) knownAt() time.Time {
	now := s.now().UTC().Truncate(time.Millisecond)
	s.learning.Lock()
	defer s.learning.Unlock()
	if now.After(s.learned) {
		s.learned = now
	}
	return s.learned
}

// learnAfter has everything that is learned from now on be later than all that
// is stored, once in the life of a Store: another process may have had another
// clock.
func (s *Store) learnAfter(ctx context.Context) error {
	s.learning.Lock()
	defer s.learning.Unlock()
	if s.floored {
		return nil
	}
	var newest *time.Time
	if err := s.retry(ctx, func() error { return s.queryRow(ctx, "writer.newest", []any{&newest}) }); err != nil {
		return err
	}
	if newest != nil {
		if after := newest.UTC().Add(time.Millisecond); after.After(s.learned) {
			s.learned = after
		}
	}
	s.floored = true
	return nil
}

// query runs the named query of sql/queries with its parameters bound by the
// server: {name:Type} in the text, param or dateParam here. The caller closes
// the rows after reading them to the end; to stop early it must end ctx first,
// because Close reads what is left.
func (s *Store) query(ctx context.Context, name string, params ...any) (driver.Rows, error) {
	text, err := sql.Query(name)
	if err != nil {
		return nil, err
	}
	rows, err := s.conn.Query(ctx, text, params...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	return rows, nil
}

// queryEach runs the named query and calls each for every row; each scans.
func (s *Store) queryEach(ctx context.Context, name string, each func(driver.Rows) error, params ...any) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err := s.query(ctx, name, params...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := each(rows); err != nil {
			cancel() // Close would read the rest
			_ = rows.Close()
			return fmt.Errorf("query %s: %w", name, err)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("query %s: %w", name, err)
	}
	return nil
}

// queryRow runs the named query and scans its single row into dest. No row is
// sql.ErrNoRows of the standard library.
func (s *Store) queryRow(ctx context.Context, name string, dest []any, params ...any) error {
	text, err := sql.Query(name)
	if err != nil {
		return err
	}
	if err := s.conn.QueryRow(ctx, text, params...).Scan(dest...); err != nil {
		return fmt.Errorf("query %s: %w", name, err)
	}
	return nil
}

// exec runs a named statement that returns no rows, such as INSERT … SELECT.
func (s *Store) exec(ctx context.Context, name string, params ...any) error {
	text, err := sql.Query(name)
	if err != nil {
		return err
	}
	if err := s.conn.Exec(ctx, text, params...); err != nil {
		return fmt.Errorf("query %s: %w", name, err)
	}
	return nil
}

// param binds value to {name:Type} of a query.
func param(name string, value any) driver.NamedValue {
	return driver.NamedValue{Name: name, Value: value}
}

// dateParam binds a day to {name:Date}.
func dateParam(name string, day time.Time) driver.NamedValue {
	return driver.NamedValue{Name: name, Value: day.UTC().Format(time.DateOnly)}
}
