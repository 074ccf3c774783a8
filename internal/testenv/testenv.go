// Package testenv gives tests a real ClickHouse: one embedded engine for each
// test process, started when the first test asks for it, and in it a database
// of its own for each call.
//
// Every package with such tests has
//
//	func TestMain(m *testing.M) { testenv.Main(m) }
//
// and in its tests
//
//	db := testenv.ClickHouse(t)
//	err := db.Conn.Exec(t.Context(), "CREATE TABLE …")
//
// A missing engine fails the test with "run make engine"; nothing is skipped.
// With the environment variable PYROMETER_TEST_CLICKHOUSE set to an address
// like clickhouse://user:password@host:9000 the databases are made on that
// server instead.
package testenv

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
)

// ExternalEnv names the environment variable with the address of a server to
// use in place of the embedded engine.
const ExternalEnv = "PYROMETER_TEST_CLICKHOUSE"

// DB is an empty database for one test, dropped at its end.
type DB struct {
	Name string         // of the database, random
	DSN  clickhouse.DSN // the server, user, password and the database
	Conn driver.Conn    // a pool on the database, closed at the end of the test
}

// Main runs the tests of a package and then stops the engine, if any test has
// started it. It never returns.
func Main(m *testing.M) {
	clickhouse.MaybeChild()
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// ClickHouse returns a new database on the engine shared by the process. It
// fails the test when there is no engine.
func ClickHouse(t testing.TB) *DB {
	t.Helper()
	server, err := start()
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text()[:16])
	admin := open(t, server)
	if err := admin.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" SYNC"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	dsn := server.WithDatabase(name)
	return &DB{Name: name, DSN: dsn, Conn: open(t, dsn)}
}

// open returns a pool that the end of the test closes.
func open(t testing.TB, dsn clickhouse.DSN) driver.Conn {
	t.Helper()
	pool, err := clickhouse.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Errorf("close the test's connections: %v", err)
		}
	})
	return pool
}

// shared is the engine of this process.
var shared struct {
	once   sync.Once
	dsn    clickhouse.DSN
	err    error
	engine *clickhouse.Engine // nil with an external server
	dir    string
}

// start returns the server to use, starting the engine at the first call.
func start() (clickhouse.DSN, error) {
	shared.once.Do(func() {
		if external := os.Getenv(ExternalEnv); external != "" {
			shared.dsn = clickhouse.DSN(external)
			shared.err = shared.dsn.Validate()
			return
		}
		shared.err = startEngine()
	})
	return shared.dsn, shared.err
}

func startEngine() error {
	dir, err := os.MkdirTemp("", "pyrometer-engine-")
	if err != nil {
		return err
	}
	shared.dir = dir
	engine, err := clickhouse.Start(context.Background(), clickhouse.Options{
		Dir:      dir,
		StampDir: stampDir(dir),
		Unsynced: true,
		Log:      slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	var missing *clickhouse.LibraryError
	switch {
	case errors.As(err, &missing):
		return fmt.Errorf("run make engine (or set %s): %w", ExternalEnv, err)
	case err != nil:
		return fmt.Errorf("start the engine (or set %s): %w", ExternalEnv, err)
	}
	shared.engine = engine
	shared.dsn = engine.DSN("default")
	return nil
}

// stampDir is where test processes remember that the library was checked, so
// that each saves two seconds.
func stampDir(otherwise string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return otherwise
	}
	return filepath.Join(cache, "pyrometer-tests")
}

func stop() error {
	var err error
	if shared.engine != nil {
		err = shared.engine.Stop(context.Background())
	}
	if shared.dir != "" {
		err = errors.Join(err, os.RemoveAll(shared.dir))
	}
	return err
}
