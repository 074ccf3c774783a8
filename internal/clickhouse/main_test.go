//go:build linux && amd64 && !noengine

package clickhouse

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sys/unix"
)

// parentEnv makes a run of the test binary a bare parent of an engine on the
// directory it names, for tests that kill it.
const (
	parentEnv      = "PYROMETER_TEST_PARENT"
	parentStampEnv = "PYROMETER_TEST_STAMP" // its Options.StampDir
)

func TestMain(m *testing.M) {
	MaybeChild()
	if dir := os.Getenv(parentEnv); dir != "" {
		bareParent(dir)
	}
	os.Exit(m.Run())
}

// bareParent starts an engine, prints its process id and waits to be killed.
func bareParent(dir string) {
	e, err := Start(context.Background(), Options{Dir: dir, StampDir: os.Getenv(parentStampEnv)})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(e.PID())
	select {}
}

// bareParentCommand is the command that runs a bareParent.
func bareParentCommand(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), parentEnv+"="+dir, parentStampEnv+"="+stampDirForTests(t))
	cmd.Stderr = t.Output()
	return cmd
}

// childOf returns a child process of pid, 0 when it has none.
func childOf(pid int) int {
	files, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the process has ended
		}
		if strings.Contains(string(text), fmt.Sprintf("\nPPid:\t%d\n", pid)) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			return child
		}
	}
	return 0
}

// startParent runs a bareParent and returns it with the engine's process id.
func startParent(t *testing.T, dir string) (parent *exec.Cmd, child int) {
	t.Helper()
	parent = bareParentCommand(t, dir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = parent.Process.Kill() // most tests have killed it before
		_ = parent.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the parent said nothing: %v", err)
	}
	child, err = strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the parent said %q", line)
	}
	return parent, child
}

// stampDirForTests saves each test process two seconds of hashing.
func stampDirForTests(t *testing.T) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return t.TempDir()
	}
	return filepath.Join(cache, "pyrometer-tests")
}

func testOptions(t *testing.T, dir string) Options {
	return Options{Dir: dir, StampDir: stampDirForTests(t), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

// startTestEngine returns an engine on dir that the end of the test stops.
func startTestEngine(t *testing.T, dir string) *Engine {
	t.Helper()
	e, err := Start(t.Context(), testOptions(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return e
}

// openTestPool returns a pool that is closed before the engine is stopped.
func openTestPool(t *testing.T, dsn DSN) driver.Conn {
	t.Helper()
	pool, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func mustExec(t *testing.T, pool driver.Conn, query string, args ...any) {
	t.Helper()
	if err := pool.Exec(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func mustCount(t *testing.T, pool driver.Conn, query string, args ...any) uint64 {
	t.Helper()
	var n uint64
	if err := pool.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// watch returns a function that reports whether the process pid, alive now,
// has ended, and waits for it up to the given time.
func watch(t *testing.T, pid int) (ended func(within time.Duration) bool) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatalf("process %d: %v", pid, err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return func(within time.Duration) bool {
		deadline := time.Now().Add(within)
		for {
			left := max(0, time.Until(deadline))
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(left.Milliseconds()))
			if err != unix.EINTR {
				return err == nil && n > 0
			}
		}
	}
}

// eventually asks until ok or until the given time is over, and reports which.
func eventually(ctx context.Context, within time.Duration, ok func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for !ok() {
		if wait(ctx, 5*time.Millisecond) != nil {
			return false
		}
	}
	return true
}
