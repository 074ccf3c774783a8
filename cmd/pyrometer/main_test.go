package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

// asProgram makes the test binary behave as the program itself, so that tests
// can kill it.
const asProgram = "PYROMETER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	clickhouse.MaybeChild()
	if os.Getenv(asProgram) != "" {
		os.Exit(runUntilSignal(os.Args[1:], os.Stdout, os.Stderr))
	}
	if os.Getenv(asSource) != "" {
		os.Exit(serveSource(os.Args[1]))
	}
	testenv.Main(m)
}

// instance is the program in a process of its own.
type instance struct {
	cmd    *exec.Cmd
	stdout *output
	stderr *output
	ended  chan error
}

// start runs the program with args. It is killed at the end of the test if it
// still runs then.
func start(t testing.TB, args ...string) *instance {
	t.Helper()
	return startAs(t, asProgram, args...)
}

// startAs runs the test binary in another role.
func startAs(t testing.TB, role string, args ...string) *instance {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{cmd: exec.Command(self, args...), stdout: newOutput(), stderr: newOutput(), ended: make(chan error, 1)}
	i.cmd.Env = append(os.Environ(), role+"=1")
	i.cmd.Stdout, i.cmd.Stderr = i.stdout, i.stderr
	if err := i.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { i.ended <- i.cmd.Wait(); close(i.ended) }()
	t.Cleanup(func() {
		_ = i.cmd.Process.Kill()
		<-i.ended
	})
	return i
}

// waitFor waits until the standard error or output holds text.
func (i *instance) waitFor(t testing.TB, text string, within time.Duration) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		changedOut, changedErr := i.stdout.changed(), i.stderr.changed()
		if strings.Contains(i.stdout.String(), text) || strings.Contains(i.stderr.String(), text) {
			return
		}
		select {
		case <-changedOut:
		case <-changedErr:
		case err := <-i.ended:
			t.Fatalf("the program ended (%v) before it said %q:\n%s", err, text, i.stderr.String())
		case <-deadline.C:
			t.Fatalf("the program did not say %q within %v:\n%s", text, within, i.stderr.String())
		}
	}
}

// stop asks the program to stop, as Ctrl-C does, and returns how long it took.
func (i *instance) stop(t testing.TB) time.Duration {
	t.Helper()
	began := time.Now()
	if err := i.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-i.ended:
		if err != nil {
			t.Errorf("stopping: %v\n%s", err, i.stderr.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("the program does not stop:\n%s", i.stderr.String())
	}
	return time.Since(began)
}

// kill ends the program as a crash would.
func (i *instance) kill(t testing.TB) {
	t.Helper()
	if err := i.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-i.ended
}

// output is a buffer that tells when it grows.
type output struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	grew chan struct{}
}

func newOutput() *output { return &output{grew: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.grew)
	o.grew = make(chan struct{})
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func (o *output) changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.grew
}

// pyrometer runs a subcommand in this process and returns what it printed.
func pyrometer(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = run(t.Context(), args, &out, &errOut)
	return code, out.String(), errOut.String()
}

func TestWordsItDoesNotUnderstand(t *testing.T) {
	for _, args := range [][]string{
		{"nonsense"}, {"up", "--track=-1"}, {"backfill", "everything"},
		{"--upstream=mirror:", "status"}, {"--clickhouse=http://db", "status"},
	} {
		if code, _, stderr := pyrometer(t, args...); code != 2 || stderr == "" {
			t.Errorf("pyrometer %v: exit %d, %q; want 2 and a reason", args, code, stderr)
		}
	}
	for _, args := range [][]string{{"--help"}, {"up", "--help"}, {"collect", "--help"}, {"export", "--help"}, {"--version"}} {
		if code, stdout, _ := pyrometer(t, args...); code != 0 || stdout == "" {
			t.Errorf("pyrometer %v: exit %d, %q", args, code, stdout)
		}
	}
}

func TestCollectPlan(t *testing.T) {
	for _, tt := range []struct {
		cmd     collectCmd
		sources string
		err     string
	}{
		{collectCmd{Sources: []string{"osv"}}, "osv", ""},
		{collectCmd{All: true}, "ranks pypiscorecards osv cpython pythoncycles kev epss pypi provenance depsdev repositories scorecard", ""},
		{collectCmd{Project: "Zope.Interface"}, "pypi provenance depsdev scorecard", ""},
		{collectCmd{}, "", "name sources"},
		{collectCmd{Sources: []string{"npm"}}, "", `no source "npm"`},
		{collectCmd{Project: "no name!"}, "", "--project"},
		{collectCmd{Project: "x", All: true}, "", "give it alone"},
	} {
		names, _, err := tt.cmd.plan()
		if got := strings.Join(names, " "); got != tt.sources {
			t.Errorf("%+v: %q, want %q", tt.cmd, got, tt.sources)
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%+v: %v, want %q", tt.cmd, err, tt.err)
		}
	}
}
