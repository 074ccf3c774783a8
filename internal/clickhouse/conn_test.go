//go:build linux && amd64 && !noengine

package clickhouse

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// A deadline ends the query and is not sent as a setting that a server may
// refuse.
func TestDeadlines(t *testing.T) {
	e := startTestEngine(t, t.TempDir())
	pool := openTestPool(t, e.DSN("default"))

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const sent = "SELECT toUInt64(getSetting('max_execution_time'))"
	var seconds uint64
	if err := pool.QueryRow(ctx, sent).Scan(&seconds); err != nil || seconds != 0 {
		t.Errorf("QueryRow: max_execution_time = %d (%v), want 0", seconds, err)
	}
	rows, err := pool.Query(ctx, sent)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		if err := rows.Scan(&seconds); err != nil || seconds != 0 {
			t.Errorf("Query: max_execution_time = %d (%v), want 0", seconds, err)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Error(err)
	}

	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err = pool.Exec(short, "SELECT count() FROM numbers(1000000000000)")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an endless query with a deadline: %v, want context.DeadlineExceeded", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the deadline took %v", took)
	}
	gone := eventually(t.Context(), 10*time.Second, func() bool {
		return mustCount(t, pool, "SELECT count() FROM system.processes WHERE query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%system.processes%'") == 0
	})
	if !gone {
		t.Error("the query still runs on the server")
	}
}

func TestOpenNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, err = Open(t.Context(), NewDSN(addr, "app", "geheim", "x"))
	if err == nil || !strings.Contains(err.Error(), addr) || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v, want an error with the address and without the password", err)
	}
}
