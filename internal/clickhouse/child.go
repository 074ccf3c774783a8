//go:build linux && amd64 && !noengine

package clickhouse

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/creack/pty"
	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// childEnv marks a process as the engine's child.
const childEnv = "PYROMETER_ENGINE_CHILD"

// childCommand is the hidden subcommand under which the program runs again.
const childCommand = "engine-child"

// lifelineFD is the read end of a pipe whose other end only the parent holds.
// End of file on it means that the parent has stopped or died.
const lifelineFD = 3

// hangUpGrace bounds the engine's own shutdown, after which the child ends
// anyway. Acknowledged rows are on disk by then; an orphan would be worse.
const hangUpGrace = 15 * time.Second

// The child's exit codes. The engine itself gives none away: it returns 0 after
// every failure, so the parent goes by whether it had asked for the end.
const (
	exitOK       = 0
	exitUsage    = 2
	exitLoad     = 3 // the library cannot be loaded
	exitEngine   = 4 // the engine said why it ended
	exitTerminal = 5 // no pseudo-terminal
	exitHung     = 6 // the engine did not end in time
)

// MaybeChild does nothing in an ordinary process. In one that Start made to be
// the engine it runs the engine and exits. Call it first in main or TestMain.
func MaybeChild() {
	if os.Getenv(childEnv) != "1" || len(os.Args) < 2 || os.Args[1] != childCommand {
		return
	}
	os.Exit(ChildMain(os.Args[2:]))
}

// ChildMain is the engine's child process: args are the path of the library,
// already checked by the parent, and then the engine's own flags. It returns
// the exit code when the engine has ended.
//
// It is kept small because the library takes over SIGSEGV and its like: an
// ordinary Go panic on a nil pointer would be a crash in here.
func ChildMain(args []string) int {
	if len(args) < 2 {
		fmt.Fprintln(os.Stderr, "engine-child is started by pyrometer itself and not by hand")
		return exitUsage
	}
	// The engine keeps thread-local state; it gets this thread for good.
	runtime.LockOSThread()

	hangUp, err := terminalOnStdin()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pseudo-terminal for the engine:", err)
		return exitTerminal
	}
	go hangUpOnSignal(hangUp)
	go hangUpOnParentEnd(hangUp)

	library, err := purego.Dlopen(args[0], purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load the engine:", err)
		return exitLoad
	}
	if message := runEngine(library, args[1:]); message != "" {
		fmt.Fprintln(os.Stderr, message)
		return exitEngine
	}
	return exitOK
}

// terminalOnStdin makes a new pseudo-terminal this process's standard input.
// The returned function ends the input, which ends the engine; it may be
// called from several goroutines.
func terminalOnStdin() (hangUp func(), err error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	if err := unix.Dup2(int(slave.Fd()), 0); err != nil {
		return nil, err
	}
	if err := slave.Close(); err != nil {
		return nil, err
	}
	// What the prompt echoes must be drained, or it fills the terminal.
	go func() { _, _ = io.Copy(io.Discard, master) }()

	return sync.OnceFunc(func() {
		time.AfterFunc(hangUpGrace, func() { os.Exit(exitHung) })
		const endOfInput = 0x04
		_, _ = master.Write([]byte{endOfInput}) // closing alone would do, less cleanly
		_ = master.Close()
	}), nil
}

func hangUpOnSignal(hangUp func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	fmt.Fprintln(os.Stderr, "engine stops on signal:", <-signals)
	hangUp()
}

func hangUpOnParentEnd(hangUp func()) {
	// Nothing is ever written to the pipe: any return is its end.
	_, _ = os.NewFile(lifelineFD, "lifeline").Read(make([]byte, 1))
	hangUp()
}

// runEngine calls the engine's command line and returns when the engine has
// ended, with its message when it left one.
func runEngine(library uintptr, flags []string) string {
	var (
		commandLine func(argc int32, argv **byte) uintptr
		resultError func(result uintptr) string
	)
	purego.RegisterLibFunc(&commandLine, library, "chdb_query_cmdline")
	purego.RegisterLibFunc(&resultError, library, "chdb_result_error")

	var pinner runtime.Pinner
	defer pinner.Unpin()
	argv := make([]*byte, 0, len(flags)+2)
	for _, arg := range append([]string{"clickhouse"}, flags...) {
		text := append([]byte(arg), 0)
		p := unsafe.SliceData(text)
		pinner.Pin(p)
		argv = append(argv, p)
	}
	argv = append(argv, nil) // terminated like C's argv; not counted below
	pinner.Pin(unsafe.SliceData(argv))

	result := commandLine(int32(len(argv)-1), unsafe.SliceData(argv))
	if result == 0 {
		return ""
	}
	return resultError(result)
}
