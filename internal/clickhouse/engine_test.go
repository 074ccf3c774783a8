//go:build linux && amd64 && !noengine

package clickhouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func TestStartStop(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a 'quoted' dir & more")
	e := startTestEngine(t, dir)
	pool := openTestPool(t, e.DSN("default"))

	var user, zone string
	if err := pool.QueryRow(t.Context(), "SELECT currentUser(), timezone()").Scan(&user, &zone); err != nil {
		t.Fatal(err)
	}
	if user != "app" || zone != "UTC" {
		t.Errorf("user %q, time zone %q, want app and UTC", user, zone)
	}
	attached, err := Attach(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	openTestPool(t, attached).Close()

	pool.Close()
	began := time.Now()
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stop took %v", took)
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Errorf("second stop: %v", err)
	}
	select {
	case <-e.Done():
	default:
		t.Error("Done is open after Stop")
	}
	if _, err := Attach(dir, "default"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Attach after Stop: %v, want ErrNotRunning", err)
	}
	if _, err := os.Stat(endpointFile(dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the endpoint file is left: %v", err)
	}
}

func TestDataSurvivesStop(t *testing.T) {
	dir := t.TempDir()
	for start := range uint64(3) {
		e := startTestEngine(t, dir)
		pool := openTestPool(t, e.DSN("default"))
		mustExec(t, pool, "CREATE DATABASE IF NOT EXISTS obs")
		mustExec(t, pool, "CREATE TABLE IF NOT EXISTS obs.t (n UInt64) ENGINE = MergeTree ORDER BY n")
		mustExec(t, pool, "INSERT INTO obs.t SELECT 1 SETTINGS log_queries_min_query_duration_ms = 0")
		if got := mustCount(t, pool, "SELECT count() FROM obs.t"); got != start+1 {
			t.Errorf("start %d: %d rows, want %d", start, got, start+1)
		}
		// The system database is kept as well.
		mustExec(t, pool, "SYSTEM FLUSH LOGS")
		if got := mustCount(t, pool, "SELECT count() FROM system.query_log WHERE type = 'QueryFinish' AND query LIKE 'INSERT INTO obs.t%'"); got != start+1 {
			t.Errorf("start %d: %d inserts in system.query_log, want %d", start, got, start+1)
		}
		pool.Close()
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSecretsStayPrivate(t *testing.T) {
	t.Setenv("SOME_TOKEN", "a-secret-of-the-parent")
	dir := filepath.Join(t.TempDir(), "engine")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	e := startTestEngine(t, dir)

	modes := map[string]fs.FileMode{dir: 0o700, configFile(dir): 0o600, usersFile(dir): 0o600, endpointFile(dir): 0o600, lockFile(dir): 0o600}
	for path, want := range modes {
		info, err := os.Stat(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has the mode %o, want %o", path, got, want)
		}
	}
	proc := fmt.Sprintf("/proc/%d/", e.PID())
	for _, path := range []string{proc + "cmdline", proc + "environ", usersFile(dir), configFile(dir)} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		for _, secret := range []string{e.password, "a-secret-of-the-parent"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds a secret", path)
			}
		}
	}
}

func TestLogins(t *testing.T) {
	e := startTestEngine(t, t.TempDir())
	tests := []struct {
		name, user, password string
		code                 int32 // the engine's error code
	}{
		{"wrong password", "app", "guess", 516},
		{"no password", "app", "", 516},
		{"unknown user", "root", "", 516},
		{"the engine's own user", "default", "", 700},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(t.Context(), NewDSN(e.Addr(), test.user, test.password, "default"))
			var refused *clickhouse.Exception
			if !errors.As(err, &refused) || refused.Code != test.code {
				t.Errorf("login: %v, want code %d", err, test.code)
			}
		})
	}
	requireAlive(t, e)
}

func TestBadClientsDoNoHarm(t *testing.T) {
	e := startTestEngine(t, t.TempDir())
	hello := "\x00\x09pyrometer\x01\x01\xb7\xa9\x03\x07default\x03app\x05guess"
	clients := []struct {
		name, send string
		reset      bool // end with RST in place of FIN
	}{
		{"says nothing", "", false},
		{"resets at once", "", true},
		{"garbage", strings.Repeat("\xff\xfe\x80garbage", 1000), false},
		{"garbage and reset", strings.Repeat("\xff\xfe\x80garbage", 1000), true},
		{"HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", false},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", false},
		{"half a hello", hello[:8], false},
		{"half a hello and reset", hello[:8], true},
		{"a hello with a wrong password", hello, false},
		{"a hello and reset", hello, true},
		{"a hello and garbage", hello + strings.Repeat("\xff", 5000), true},
	}
	for _, client := range clients {
		t.Run(client.name, func(t *testing.T) {
			c, err := net.Dial("tcp", e.Addr())
			if err != nil {
				t.Fatal(err)
			}
			if client.reset {
				if err := c.(*net.TCPConn).SetLinger(0); err != nil {
					t.Fatal(err)
				}
			}
			_, _ = c.Write([]byte(client.send)) // the engine may have hung up
			_ = c.Close()
			requireAlive(t, e)
		})
	}
	t.Run("cancelled queries", func(t *testing.T) {
		pool := openTestPool(t, e.DSN("default"))
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			err := pool.Exec(ctx, "SELECT count() FROM numbers(1000000000000)")
			cancel()
			if err == nil {
				t.Fatal("an endless query ended")
			}
		}
		requireAlive(t, e)
	})
}

// requireAlive fails the test unless the first child of e is there and answers.
func requireAlive(t *testing.T, e *Engine) {
	t.Helper()
	pool, err := Open(t.Context(), e.DSN("default"))
	if err != nil {
		t.Fatalf("the engine does not answer any more: %v", err)
	}
	pool.Close()
	if n := e.Restarts(); n != 0 {
		t.Fatalf("the engine died %d times", n)
	}
}

func TestChildKilled(t *testing.T) {
	e := startTestEngine(t, t.TempDir())
	pool := openTestPool(t, e.DSN("default"))
	mustExec(t, pool, "CREATE DATABASE obs")
	mustExec(t, pool, "CREATE TABLE obs.t (n UInt64) ENGINE = MergeTree ORDER BY n")
	mustExec(t, pool, "INSERT INTO obs.t SELECT number FROM numbers(1000)")

	addr, dsn := e.Addr(), e.DSN("obs")
	if err := syscall.Kill(e.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if !eventually(t.Context(), 20*time.Second, func() bool { return e.Restarts() == 1 }) {
		t.Fatal("the engine was not restarted")
	}
	if e.Addr() != addr || e.DSN("obs") != dsn {
		t.Errorf("address and password changed from %s at %s to %s", dsn, addr, e.DSN("obs"))
	}
	// The same pool recovers once its dead connections have been noticed.
	var n uint64
	if !eventually(t.Context(), 10*time.Second, func() bool {
		return pool.QueryRow(t.Context(), "SELECT count() FROM obs.t").Scan(&n) == nil
	}) {
		t.Fatal("the pool did not recover")
	}
	if n != 1000 {
		t.Errorf("%d rows after the restart, want 1000", n)
	}
}

// An acknowledged batch is there after any number of kills, whole and once.
func TestAcknowledgedRowsSurviveKills(t *testing.T) {
	const cycles, batchRows = 5, 500
	e := startTestEngine(t, t.TempDir())
	pool := openTestPool(t, e.DSN("default"))
	mustExec(t, pool, "CREATE DATABASE obs")
	mustExec(t, pool, `CREATE TABLE obs.t (batch UInt64, n UInt64) ENGINE = MergeTree
		ORDER BY (batch, n) SETTINGS non_replicated_deduplication_window = 1000`)

	stop := make(chan struct{})
	written := make(chan uint64)
	go func() {
		var batch uint64
		for {
			select {
			case <-stop:
				written <- batch
				return
			default:
			}
			// A batch that was not acknowledged is repeated, as a writer does.
			if insertBatch(t.Context(), pool, batch, batchRows) == nil {
				batch++
			} else {
				_ = wait(t.Context(), time.Millisecond)
			}
		}
	}()
	for cycle := range cycles {
		// Let some batches through, then kill in the middle of the next.
		after := time.Duration(20+37*cycle) * time.Millisecond
		if err := wait(t.Context(), after); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(e.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if !eventually(t.Context(), 30*time.Second, func() bool { return e.Restarts() == cycle+1 }) {
			t.Fatalf("cycle %d: the engine was not restarted", cycle)
		}
	}
	close(stop)
	batches := <-written
	if batches == 0 {
		t.Fatal("no batch was acknowledged: the test tested nothing")
	}
	whole := mustCount(t, pool, "SELECT count() FROM (SELECT batch FROM obs.t WHERE batch < $1 GROUP BY batch HAVING count() = $2 AND uniqExact(n) = $2)", batches, batchRows)
	if whole != batches {
		t.Errorf("%d batches were acknowledged, %d are there whole and once", batches, whole)
	}
	t.Logf("%d batches acknowledged over %d kills", batches, cycles)
}

// insertBatch writes rows rows to obs.t under a deduplication token, so that a
// repetition after a failure writes them once.
func insertBatch(ctx context.Context, pool driver.Conn, batch, rows uint64) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplication_token": fmt.Sprint("batch-", batch),
	}))
	b, err := pool.PrepareBatch(ctx, "INSERT INTO obs.t (batch, n)")
	if err != nil {
		return err
	}
	defer b.Close()
	for n := range rows {
		if err := b.Append(batch, n); err != nil {
			return err
		}
	}
	return b.Send()
}

// The engine notes a token before the rows are in place. Death between the two,
// played here by hand, must not make the retry vanish.
func TestRetryOfLostBatchIsNotADuplicate(t *testing.T) {
	dir := t.TempDir()
	e := startTestEngine(t, dir)
	pool := openTestPool(t, e.DSN("default"))
	mustExec(t, pool, "CREATE DATABASE obs")
	mustExec(t, pool, `CREATE TABLE obs.t (batch UInt64, n UInt64) ENGINE = MergeTree
		ORDER BY (batch, n) SETTINGS non_replicated_deduplication_window = 1000`)
	mustExec(t, pool, "SYSTEM STOP MERGES obs.t")
	for batch := range uint64(3) {
		if err := insertBatch(t.Context(), pool, batch, 10); err != nil {
			t.Fatal(err)
		}
	}
	var lost string
	if err := pool.QueryRow(t.Context(), "SELECT path FROM system.parts WHERE database = 'obs' AND table = 't' ORDER BY name DESC LIMIT 1").Scan(&lost); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(lost); err != nil {
		t.Fatal(err)
	}

	pool = openTestPool(t, startTestEngine(t, dir).DSN("default"))
	if n := mustCount(t, pool, "SELECT count() FROM obs.t"); n != 20 {
		t.Fatalf("%d rows, want the 20 of the batches that were not lost", n)
	}
	for batch := range uint64(3) {
		if err := insertBatch(t.Context(), pool, batch, 10); err != nil {
			t.Fatal(err)
		}
	}
	if n := mustCount(t, pool, "SELECT countIf(rows = 10) FROM (SELECT count() AS rows FROM obs.t GROUP BY batch)"); n != 3 {
		t.Errorf("after the retry %d of 3 batches are there whole and once", n)
	}
}

func TestParentKilled(t *testing.T) {
	dir := t.TempDir()
	parent, child := startParent(t, dir)
	ended := watch(t, child)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed, of course
	// A new instance does not trip over the old engine on its way out.
	e := startTestEngine(t, dir)
	if !ended(20 * time.Second) {
		t.Fatalf("the engine %d outlives its killed parent", child)
	}
	requireAlive(t, e)
}

// A parent may die at any moment of its child's start.
func TestParentKilledDuringStart(t *testing.T) {
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 60 * time.Millisecond, 90 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			parent := bareParentCommand(t, t.TempDir())
			if err := parent.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = parent.Wait() })
			var child int
			found := eventually(t.Context(), 20*time.Second, func() bool {
				child = childOf(parent.Process.Pid)
				return child != 0
			})
			if !found {
				_ = parent.Process.Kill()
				t.Fatal("the parent has started no child")
			}
			ended := watch(t, child)
			if err := wait(t.Context(), after); err != nil {
				t.Fatal(err)
			}
			if err := parent.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if !ended(20 * time.Second) {
				t.Fatalf("the engine %d outlives its killed parent", child)
			}
		})
	}
}

func TestSecondInstance(t *testing.T) {
	dir := t.TempDir()
	parent, _ := startParent(t, dir)

	began := time.Now()
	_, err := Start(t.Context(), testOptions(t, dir))
	var inUse *InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("second start: %v, want an InUseError", err)
	}
	if inUse.PID != parent.Process.Pid {
		t.Errorf("the error names the process %d, want %d", inUse.PID, parent.Process.Pid)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the error took %v", took)
	}
	for _, part := range []string{dir, fmt.Sprint(parent.Process.Pid), "--data"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	// What runs already can be asked all the same.
	dsn, err := Attach(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	openTestPool(t, dsn)
}

// An engine that another program runs on the same data is named after the
// start timeout, as it might have been one on its way out.
func TestForeignEngineHoldsData(t *testing.T) {
	dir := t.TempDir()
	e := startTestEngine(t, dir)
	// Without our lock, only the engine's own is left.
	if err := e.lock.Close(); err != nil {
		t.Fatal(err)
	}
	opts := testOptions(t, dir)
	opts.StartTimeout = time.Second
	_, err := Start(t.Context(), opts)
	var inUse *InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("second start: %v, want an InUseError", err)
	}
}

func TestStopWithOpenConnections(t *testing.T) {
	dir := t.TempDir()
	e, err := Start(t.Context(), testOptions(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	pool := openTestPool(t, e.DSN("default"))
	mustExec(t, pool, "CREATE DATABASE obs")
	mustExec(t, pool, "CREATE TABLE obs.t (n UInt64) ENGINE = MergeTree ORDER BY n")
	mustExec(t, pool, "INSERT INTO obs.t SELECT number FROM numbers(1000)")
	ended := watch(t, e.PID())

	// The engine would wait for the pool, the caller does not wait at all.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stopErr := e.Stop(ctx)
	if !ended(0) {
		t.Fatal("the engine outlives Stop")
	}
	if stopErr == nil || !strings.Contains(stopErr.Error(), "killed") {
		t.Errorf("Stop returned %v, want an error that says it killed the engine", stopErr)
	}
	pool.Close()

	pool = openTestPool(t, startTestEngine(t, dir).DSN("default"))
	if n := mustCount(t, pool, "SELECT count() FROM obs.t"); n != 1000 {
		t.Errorf("%d rows after a forced stop, want 1000", n)
	}
}

func TestStopDuringRestart(t *testing.T) {
	e := startTestEngine(t, t.TempDir())
	ended := watch(t, e.PID())
	if err := syscall.Kill(e.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if !ended(10 * time.Second) {
		t.Fatal("SIGKILL did not end the child")
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPortTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	e := startTestEngine(t, t.TempDir())
	dir := t.TempDir()
	if err := prepareDir(dir, newSettings(dir, DefaultMaxMemory, "secret")); err != nil {
		t.Fatal(err)
	}
	_, _, err = startProcess(t.Context(), e.library, dir, taken.Addr().(*net.TCPAddr).Port)
	if err == nil || !strings.Contains(err.Error(), "Address already in use") {
		t.Errorf("start on a taken port: %v", err)
	}
}

func TestStartRefusesWrongLibrary(t *testing.T) {
	fake := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(fake, []byte("not an engine"), 0o644); err != nil {
		t.Fatal(err)
	}
	opts := testOptions(t, t.TempDir())
	opts.Library = fake
	_, err := Start(t.Context(), opts)
	var wrong *LibraryError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "refused") || !strings.Contains(err.Error(), "make engine") {
		t.Fatalf("start: %v, want a LibraryError", err)
	}
	// The failed start holds nothing.
	if pid, err := lockHolder(opts.Dir); pid != 0 || err != nil {
		t.Errorf("the directory is held by %d (%v)", pid, err)
	}
}

// A program that forgets MaybeChild must not start copies of itself for ever.
func TestStartInsideChild(t *testing.T) {
	t.Setenv(childEnv, "1")
	e, err := Start(t.Context(), testOptions(t, t.TempDir()))
	if err == nil {
		_ = e.Stop(t.Context())
		t.Fatal("an engine inside an engine")
	}
	if !strings.Contains(err.Error(), "MaybeChild") {
		t.Errorf("%q does not say what to do", err)
	}
}

func TestRestartDelays(t *testing.T) {
	delays := newRestartDelays()
	var last time.Duration
	for i := range 50 {
		last = delays.NextBackOff()
		if i == 0 && last > 200*time.Millisecond {
			t.Errorf("first delay %v: everything waits for the engine", last)
		}
		if last <= 0 || last > 45*time.Second {
			t.Fatalf("delay %d is %v", i, last)
		}
	}
	if last < 15*time.Second {
		t.Errorf("after 50 deaths in a row the delay is %v", last)
	}
	delays.Reset()
	if first := delays.NextBackOff(); first > 200*time.Millisecond {
		t.Errorf("first delay after a reset is %v", first)
	}
}

func TestTail(t *testing.T) {
	var out tail
	out.limit = 10
	for i := range 100 {
		fmt.Fprintf(&out, "line %d\n", i)
	}
	if got, want := out.String(), "8\nline 99\n"; got != want {
		t.Errorf("tail is %q, want %q", got, want)
	}
	colours := tail{limit: 100}
	fmt.Fprint(&colours, "\x1b[0J\x1b[?25h\x1b[1;31mred\x1b[0m\r\n\x07tab\tend")
	if got, want := colours.String(), "red\ntab\tend"; got != want {
		t.Errorf("tail is %q, want %q", got, want)
	}
}
