//go:build linux && amd64 && !noengine

package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// outputTail is how much of the child's output is kept for the log, in bytes.
const outputTail = 64 << 10

// readyPoll is how often a starting child is asked whether it is ready.
const readyPoll = 5 * time.Millisecond

// mallocConf makes the engine's allocator give unused pages back after 0.2 s in
// place of 5 s. A server watches its resident memory and does so by itself;
// inside this library that watch does not run, and freed pages came to 350 MB
// on top of MaxMemory.
const mallocConf = "dirty_decay_ms:200,muzzy_decay_ms:0,background_thread:true"

// refusal is what the engine prints when it or a statement at its prompt fails.
var refusal = regexp.MustCompile(`(?m)^Code: \d+\. DB::Exception: .*$`)

// process is one run of the child.
type process struct {
	pid      int
	lifeline *os.File      // closing it asks the child to end
	output   *tail         // standard output and error
	done     chan struct{} // closed when the child is gone
}

// startProcess runs the child on dir and returns it with its port once it
// accepts connections. With port 0 the system chooses one. When it returns an
// error no child is left.
func startProcess(ctx context.Context, library, dir string, port int) (*process, int, error) {
	if err := os.Remove(readyFile(dir)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, 0, err
	}
	p, err := spawn(library, engineFlags(dir, port))
	if err != nil {
		return nil, 0, fmt.Errorf("start the engine: %w", err)
	}
	got, err := p.waitReady(ctx, dir)
	if err != nil {
		p.kill()
		return nil, 0, err
	}
	return p, got, nil
}

// engineFlags is the engine's command line. The queries run at the prompt, one
// after the other; the result of the last one is the sign that it listens.
func engineFlags(dir string, port int) []string {
	ready := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(readyFile(dir))
	return []string{
		"--path=" + dataDir(dir),
		"--config-file=" + configFile(dir),
		"--tcp_port=" + strconv.Itoa(port),
		"--listen_host=127.0.0.1",
		"--log-level=information",
		"--logger.console=0",
		"--interactive",
		"--disable_suggestion",
		"--history_file=/dev/null",
		"--query", "SYSTEM START LISTEN TCP; SELECT getServerPort('tcp_port') INTO OUTFILE '" + ready + "' TRUNCATE FORMAT TSV",
	}
}

func spawn(library string, flags []string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()

	p := &process{lifeline: ours, output: &tail{limit: outputTail}, done: make(chan struct{})}
	cmd := exec.Command(self, append([]string{childCommand, library}, flags...)...)
	cmd.ExtraFiles = []*os.File{theirs} // becomes lifelineFD
	cmd.Stdout, cmd.Stderr = p.output, p.output
	// Not the working directory, whose config.xml the engine would read; and
	// nothing of our environment, which may hold secrets.
	cmd.Dir = "/"
	cmd.Env = []string{childEnv + "=1", "JE_MALLOC_CONF=" + mallocConf, "TERM=dumb", "HOME=/nonexistent", "LANG=C.UTF-8", "TZ=UTC"}
	// A group of its own, so that ^C in a terminal reaches only us.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		ours.Close()
		return nil, err
	}
	p.pid = cmd.Process.Pid
	go func() {
		// The status is worth nothing: the engine returns 0 after failures.
		_ = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// waitReady returns the child's port when it listens.
func (p *process) waitReady(ctx context.Context, dir string) (port int, err error) {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		if text, err := os.ReadFile(readyFile(dir)); err == nil && strings.HasSuffix(string(text), "\n") {
			return strconv.Atoi(strings.TrimSpace(string(text)))
		}
		// After a failed LISTEN the child sits at its prompt for ever.
		if exception := refusal.FindString(p.output.String()); exception != "" {
			return 0, fmt.Errorf("the engine refused to start: %s", exception)
		}
		select {
		case <-p.done:
			return 0, fmt.Errorf("the engine ended while it started; it said:\n%s", p.output)
		case <-ctx.Done():
			return 0, fmt.Errorf("the engine was not ready in time (%w); it said:\n%s", context.Cause(ctx), p.output)
		case <-tick.C:
		}
	}
}

// stop asks the child to end and waits for it until ctx is done, when it kills
// it and says so.
func (p *process) stop(ctx context.Context) error {
	p.lifeline.Close()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.kill()
		return fmt.Errorf("the engine did not stop in time and was killed (%w); acknowledged rows are safe", context.Cause(ctx))
	}
}

// kill ends the child at once and waits until it is gone. What it had
// acknowledged stays.
func (p *process) kill() {
	p.lifeline.Close()
	select {
	case <-p.done: // its number may be another's by now
	default:
		_ = syscall.Kill(-p.pid, syscall.SIGKILL)
		<-p.done
	}
}
