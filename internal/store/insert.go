package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// block is one INSERT: rows that become durable together.
type block struct {
	table   string
	columns []string
	fill    func(driver.Batch) error
	// token makes the block exact when it is sent again: the server leaves out a
	// block whose token it has seen among the last thousand of the table. With
	// an empty token the server compares the content itself.
	token string
}

// column is one column of a block. Values is a typed slice as the driver takes
// it, one element a row.
type column struct {
	name   string
	values any
}

// columnBlock is a block of whole columns, the fast way for many rows.
func columnBlock(table, token string, columns ...column) block {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return block{table: table, columns: names, token: token, fill: func(batch driver.Batch) error {
		for i, c := range columns {
			if err := batch.Column(i).Append(c.values); err != nil {
				return fmt.Errorf("column %s: %w", c.name, err)
			}
		}
		return nil
	}}
}

// rowBlock is a block of rows, for tables of many types and few rows.
func rowBlock(table, token string, columns []string, rows ...[]any) block {
	return block{table: table, columns: columns, token: token, fill: func(batch driver.Batch) error {
		for i, row := range rows {
			if err := batch.Append(row...); err != nil {
				return fmt.Errorf("row %d: %w", i+1, err)
			}
		}
		return nil
	}}
}

// insert sends a block and returns when it is durable. While the server is
// away it sends the block again, with the same token.
func (s *Store) insert(ctx context.Context, b block) error {
	settings := clickhouse.Settings{"async_insert": 0}
	if b.token != "" {
		settings["insert_deduplication_token"] = b.token
	}
	statement := fmt.Sprintf("INSERT INTO %s (%s)", b.table, strings.Join(b.columns, ", "))
	err := s.retry(ctx, func() error {
		batch, err := s.conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithSettings(settings)), statement)
		if err != nil {
			return err
		}
		if err := b.fill(batch); err != nil {
			_ = batch.Abort() // nothing was sent; the error of fill says more
			return backoff.Permanent(err)
		}
		return batch.Send()
	})
	if err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	return nil
}

// retry calls op until it succeeds, fails in a way that another try will not
// mend, ctx ends, or the server stays away for longer than retryFor.
func (s *Store) retry(ctx context.Context, op func() error) error {
	delays := backoff.NewExponentialBackOff()
	delays.InitialInterval = 50 * time.Millisecond
	delays.MaxInterval = 2 * time.Second
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := op()
		if err != nil && !passing(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(delays), backoff.WithMaxElapsedTime(s.retryFor))
	return err
}

// Codes of server errors that pass: the server is busy, starting or stopping.
var passingCodes = map[int32]bool{
	202: true, // TOO_MANY_SIMULTANEOUS_QUERIES
	203: true, // NO_FREE_CONNECTION
	209: true, // SOCKET_TIMEOUT
	210: true, // NETWORK_ERROR
	236: true, // ABORTED
	241: true, // MEMORY_LIMIT_EXCEEDED, by all queries together
	252: true, // TOO_MANY_PARTS: merges will catch up
	394: true, // QUERY_WAS_CANCELLED, by a stopping server
	439: true, // CANNOT_SCHEDULE_TASK
}

// passing reports whether err may be gone at the next try. What the server
// itself has said is final unless its code is known to pass; everything else
// is trouble with the connection.
func passing(err error) bool {
	var said *clickhouse.Exception
	switch {
	case errors.As(err, &said):
		return passingCodes[said.Code]
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, stdsql.ErrNoRows):
		return false
	}
	return true
}
