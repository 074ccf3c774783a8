package clickhouse

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The limits of a connection pool. The embedded engine allows 64 connections
// and 50 queries at once; two pools (a writer's and a reader's) fit with room.
const (
	maxOpenConns    = 20
	maxIdleConns    = 10
	connMaxLifetime = time.Hour
	dialTimeout     = 5 * time.Second
	readTimeout     = 2 * time.Minute // of one read from the server, not of a query
)

// Open returns a pool of connections to the server at dsn, embedded or
// external, after one of them has answered a ping. The DSN's own parameters
// (dial_timeout, max_open_conns, compress, …) win over the defaults. The error
// names the server without the password.
//
// The deadline of a context cancels a query, as it should, but is not sent to
// the server as max_execution_time, as the driver would do by itself: a server
// that limits that setting for the user refuses the whole query. A batch keeps
// the driver's way, as it needs the deadline for its writes to the socket.
func Open(ctx context.Context, dsn DSN) (driver.Conn, error) {
	opt, err := dsn.parse()
	if err != nil {
		return nil, err
	}
	setDefault(&opt.DialTimeout, dialTimeout)
	setDefault(&opt.ReadTimeout, readTimeout)
	setDefault(&opt.MaxIdleConns, maxIdleConns)
	setDefault(&opt.MaxOpenConns, max(maxOpenConns, opt.MaxIdleConns))
	setDefault(&opt.ConnMaxLifetime, connMaxLifetime)
	if opt.Compression == nil {
		opt.Compression = &clickhouse.Compression{Method: compression(opt.Addr)}
	}
	opt.ClientInfo.Products = append(opt.ClientInfo.Products, struct{ Name, Version string }{"pyrometer", ""})

	pool, err := clickhouse.Open(opt)
	if err != nil {
		return nil, fmt.Errorf("ClickHouse at %s: %w", dsn, err)
	}
	if err := pool.Ping(ctx); err != nil {
		_ = pool.Close() // the ping's error is the one to tell
		return nil, fmt.Errorf("ClickHouse at %s does not answer: %w", dsn, err)
	}
	return conn{pool}, nil
}

// compression is LZ4 over a network. On this machine compressing costs more than
// copying.
func compression(addrs []string) clickhouse.CompressionMethod {
	for _, addr := range addrs {
		host, _, err := net.SplitHostPort(addr)
		if err != nil || !net.ParseIP(host).IsLoopback() {
			return clickhouse.CompressionLZ4
		}
	}
	return clickhouse.CompressionNone
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// conn hides the deadline of a query's context, and only that, from the driver.
type conn struct{ driver.Conn }

func (c conn) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	return c.Conn.Query(noDeadline{ctx}, query, args...)
}

func (c conn) QueryRow(ctx context.Context, query string, args ...any) driver.Row {
	return c.Conn.QueryRow(noDeadline{ctx}, query, args...)
}

func (c conn) Select(ctx context.Context, dest any, query string, args ...any) error {
	return c.Conn.Select(noDeadline{ctx}, dest, query, args...)
}

func (c conn) Exec(ctx context.Context, query string, args ...any) error {
	return c.Conn.Exec(noDeadline{ctx}, query, args...)
}

// noDeadline is its parent in everything (values, Done, Err) but Deadline.
type noDeadline struct{ context.Context }

// Deadline reports that there is none.
func (noDeadline) Deadline() (time.Time, bool) { return time.Time{}, false }
