//go:build linux && amd64 && !noengine

package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// appUser is the one user of the embedded engine that can log in.
const appUser = "app"

// Engine is a running embedded engine and its supervisor. When the child dies
// unasked it is started again on the same directory, port and password, so a
// pool of connections recovers by itself.
type Engine struct {
	opts     Options
	library  string
	password string
	port     int
	lock     *os.File

	current  atomic.Pointer[process] // the child that accepts connections, nil between two
	restarts atomic.Int64

	stopping   context.Context // done from the call of Stop on
	askStop    context.CancelFunc
	stopOnce   sync.Once
	stopWithin context.Context // bounds the child's end, set before stopping is done
	stopErr    error           // set before done is closed
	done       chan struct{}
}

const defaultStartTimeout = 20 * time.Second

func (o Options) withDefaults() Options {
	if o.StampDir == "" {
		o.StampDir = o.Dir
	}
	if o.MaxMemory == 0 {
		o.MaxMemory = DefaultMaxMemory
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = defaultStartTimeout
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Start checks the engine's library, starts the engine on opts.Dir and returns
// when it accepts connections. ctx bounds the start, not the engine's life.
//
// It returns an *InUseError when another process holds the directory, a
// *LibraryError when the library is absent or not the pinned one, and
// ErrUnsupported where there is no embedded engine.
func Start(ctx context.Context, opts Options) (*Engine, error) {
	if os.Getenv(childEnv) != "" {
		// Going on would start copies of this program for ever.
		return nil, errors.New("this process was started to be the engine and must call clickhouse.MaybeChild first thing in main or TestMain")
	}
	if opts.Dir == "" {
		return nil, errors.New("engine: no data directory given")
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, err
	}
	opts.Dir = dir
	opts = opts.withDefaults()
	library := opts.Library
	if library == "" {
		if library, err = FindLibrary(); err != nil {
			return nil, err
		}
	}
	if library, err = filepath.Abs(library); err != nil {
		return nil, err
	}

	if err := makePrivate(dir); err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	e := &Engine{opts: opts, library: library, password: newPassword(), lock: lock, done: make(chan struct{})}
	e.stopping, e.askStop = context.WithCancel(context.Background())

	first, err := e.firstStart(ctx)
	if err != nil {
		lock.Close()
		return nil, err
	}
	go e.supervise(first)
	return e, nil
}

func (e *Engine) firstStart(ctx context.Context) (*process, error) {
	if err := os.Remove(endpointFile(e.opts.Dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err // of a killed instance
	}
	settings := newSettings(e.opts.Dir, e.opts.MaxMemory, e.password)
	if e.opts.Unsynced {
		settings.Sync = 0
	}
	if err := prepareDir(e.opts.Dir, settings); err != nil {
		return nil, err
	}
	p, err := e.launch(ctx)
	if err != nil {
		return nil, err
	}
	if err := writePrivate(endpointFile(e.opts.Dir), []byte(e.DSN(""))); err != nil {
		p.kill()
		return nil, fmt.Errorf("engine endpoint: %w", err)
	}
	return p, nil
}

// launch starts one child.
func (e *Engine) launch(ctx context.Context) (*process, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, e.opts.StartTimeout, fmt.Errorf("start timeout of %v", e.opts.StartTimeout))
	defer cancel()
	if err := verifyLibrary(ctx, e.library, LibrarySHA256, e.opts.StampDir); err != nil {
		return nil, err
	}
	if err := e.recoverData(ctx); err != nil {
		return nil, err
	}
	p, port, err := startProcess(ctx, e.library, e.opts.Dir, e.port)
	if err != nil {
		return nil, err
	}
	if e.port == 0 {
		e.port = port // and for all restarts
	}
	e.current.Store(p)
	e.opts.Log.Info("engine ready", "addr", e.Addr(), "pid", p.pid, "took", time.Since(began).Round(time.Millisecond))
	return p, nil
}

// recoverData waits until no engine has the data open any more (the orphan of a
// killed parent may be on its way out) and mends what a death has left.
func (e *Engine) recoverData(ctx context.Context) error {
	lock, err := lockData(ctx, e.opts.Dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	forgotten, err := forgetLostBatches(e.opts.Dir)
	if err != nil {
		return err
	}
	if forgotten > 0 {
		e.opts.Log.Info("batches that were not acknowledged when the engine died can be written again", "batches", forgotten)
	}
	return nil
}

// supervise keeps a child running until Stop is called, and then ends it.
func (e *Engine) supervise(p *process) {
	defer close(e.done)
	defer e.lock.Close()
	defer os.Remove(endpointFile(e.opts.Dir))

	delays := newRestartDelays()
	for {
		if p != nil {
			began := time.Now()
			select {
			case <-e.stopping.Done():
				e.stopErr = p.stop(e.stopWithin)
				return
			case <-p.done:
			}
			e.current.Store(nil)
			p.lifeline.Close()
			e.opts.Log.Error("engine died; restarting it", "pid", p.pid, "output", p.output.String())
			if time.Since(began) >= healthyLife {
				delays.Reset()
			}
		}
		if wait(e.stopping, delays.NextBackOff()) != nil {
			return
		}
		var err error
		if p, err = e.launch(e.stopping); err != nil {
			if e.stopping.Err() == nil {
				e.opts.Log.Error("engine restart failed; trying again", "error", err)
			}
			continue
		}
		e.restarts.Add(1)
	}
}

// healthyLife is how long a child must have lived for its death to count as the
// first one.
const healthyLife = time.Minute

// newRestartDelays returns the waits before restarts: short at first, because
// everything waits for the engine, and never longer than half a minute.
func newRestartDelays() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     100 * time.Millisecond,
		RandomizationFactor: backoff.DefaultRandomizationFactor,
		Multiplier:          2,
		MaxInterval:         30 * time.Second,
	}
}

// wait returns nil after d, or the error of ctx if that ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// maxStop bounds a Stop whose context has no nearer deadline.
const maxStop = 30 * time.Second

// Stop ends the engine and its supervision and returns when the child is gone.
// Close every pool of connections first: the engine waits five seconds for open
// ones. When ctx ends before the child does, the child is killed, which loses
// no acknowledged row, and Stop returns an error that says so. Further calls
// wait for the first one and return its error.
func (e *Engine) Stop(ctx context.Context) error {
	e.stopOnce.Do(func() {
		within, cancel := context.WithTimeoutCause(ctx, maxStop, fmt.Errorf("stop timeout of %v", maxStop))
		defer cancel()
		e.stopWithin = within
		e.askStop()
		<-e.done
	})
	return e.stopErr
}

// Done returns a channel that is closed when the engine has been stopped. It
// stays open while a dead child is being restarted.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Addr returns the engine's address, 127.0.0.1 and a port, the same for all of
// the engine's life.
func (e *Engine) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(e.port)) }

// DSN returns the address, user and password of the engine with the given
// database. The password is random, of this start only.
func (e *Engine) DSN(database string) DSN {
	return NewDSN(e.Addr(), appUser, e.password, database)
}

// PID returns the process id of the child that runs now, 0 between two of them.
func (e *Engine) PID() int {
	p := e.current.Load()
	if p == nil {
		return 0
	}
	return p.pid
}

// Restarts returns how often the child was started again after it had died.
func (e *Engine) Restarts() int { return int(e.restarts.Load()) }

// Attach returns the address of the engine that another process of this user
// runs on dir, for commands that only look at a running instance. It returns
// ErrNotRunning when there is none, and ErrStarting while one is starting.
func Attach(dir, database string) (DSN, error) {
	pid, err := lockHolder(dir)
	if err != nil {
		return "", err
	}
	if pid == 0 {
		return "", ErrNotRunning
	}
	text, err := os.ReadFile(endpointFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("another instance (process %d) has the directory %s: %w", pid, dir, ErrStarting)
	}
	if err != nil {
		return "", fmt.Errorf("the instance in process %d cannot be asked: %w", pid, err)
	}
	return DSN(text).WithDatabase(database), nil
}
