// Package clickhouse gives Pyrometer its ClickHouse: an engine embedded in a
// supervised child process, or an external server, both spoken to by the same
// client over the native protocol.
//
// The embedded engine is the shared library libchdb.so, pinned by hash, loaded
// into a re-executed copy of this very program. The child runs the engine with
// a pseudo-terminal as standard input and the engine's own interactive mode,
// because in its batch mode any client that misbehaves on the wire (garbage, a
// reset, a wrong password) aborts the whole engine.
//
// A process that may host the engine must call [MaybeChild] first thing in
// main, or route the hidden subcommand "engine-child" to [ChildMain].
package clickhouse

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// The pinned engine: the npm package, its version, and the hash of the one
// file of it that is loaded. A dlopened file is code, so it is compared with
// LibrarySHA256 before it is loaded.
const (
	LibraryPackage = "@chdb/lib-linux-x64-gnu"
	LibraryVersion = "26.7.3-stable.1"
	LibrarySHA256  = "36ad4e999882821ef13cf2d0f52c93f48e6ee1b4498b35a201c23ce4b8d15bf5"
)

// LibraryEnv names the environment variable that overrides where the engine's
// library is looked for.
const LibraryEnv = "PYROMETER_ENGINE_LIB"

// Options says how to run the embedded engine. The zero value of every field
// but Dir means its default.
type Options struct {
	// Dir is the engine's own directory: its data, configuration, log and
	// lock. It is made when absent, mode 0700. Required.
	Dir string
	// Library is the path of libchdb.so. Default: FindLibrary.
	Library string
	// StampDir is where the proof of a checked library is kept between
	// starts. It must be a directory that only this user can write. Default:
	// Dir.
	StampDir string
	// MaxMemory bounds, in bytes, what the engine allocates for queries,
	// merges and caches; a query that would go over it fails, the engine
	// does not. The mapped library comes on top, about 230 MB of file pages.
	// Default: DefaultMaxMemory.
	MaxMemory int64
	// Unsynced leaves writing to the disk to the operating system: a loss of
	// power may lose acknowledged rows, the death of a process does not. For
	// tests, most of whose time the disk would take.
	Unsynced bool
	// StartTimeout bounds each start of the child. Default: 20 s.
	StartTimeout time.Duration
	// Log gets starts, deaths and restarts, with the end of the child's
	// standard error where it died unasked. Default: nothing is logged.
	Log *slog.Logger
}

// DefaultMaxMemory is the default of Options.MaxMemory in bytes. With it the
// engine at its worst and a Go process of 200 MB stay below 1 GiB together.
const DefaultMaxMemory = 560 << 20

// useExternal is the way out that every "cannot run here" error names.
const useExternal = "use an external server instead: --clickhouse clickhouse://USER:PASSWORD@HOST:9000/pyrometer"

// ErrUnsupported is returned where the embedded engine cannot run at all: on
// anything but Linux on amd64 with glibc, and in builds with the tag noengine.
var ErrUnsupported = errors.New("the embedded engine runs on Linux on amd64 with glibc only; " + useExternal)

// ErrNotRunning is returned by Attach when no engine runs on the directory.
var ErrNotRunning = errors.New("no engine is running on this directory")

// ErrStarting is returned by Attach while another process has the directory and
// its engine does not accept connections: it is starting, or ending.
var ErrStarting = errors.New("its engine is not ready")

// InUseError says that another process runs an engine on the directory.
type InUseError struct {
	Dir string
	PID int // of the holder, 0 when unknown
}

func (e *InUseError) Error() string {
	holder := "another process"
	if e.PID > 0 {
		holder = fmt.Sprintf("another instance (process %d)", e.PID)
	}
	return fmt.Sprintf("%s holds the data directory %s: stop it first, or choose another directory with --data", holder, e.Dir)
}

// LibraryError says why the engine's library cannot be loaded.
type LibraryError struct {
	Path   string // "" when none was found
	Reason string
}

func (e *LibraryError) Error() string {
	what := "engine library libchdb.so"
	if e.Path != "" {
		what = "engine library " + e.Path
	}
	return fmt.Sprintf("%s: %s: run make engine, or %s", what, e.Reason, useExternal)
}

// Check is one line of Doctor's report.
type Check struct {
	Name   string `json:"name"`          // what was looked at, in a few words
	OK     bool   `json:"ok"`            // whether it is as it must be
	Detail string `json:"detail"`        // what was found
	Fix    string `json:"fix,omitempty"` // what to do, empty when OK
}

// DoctorOptions says what Doctor looks at.
type DoctorOptions struct {
	Dir     string // the engine's directory; it need not exist yet
	Library string // as in Options
	Listen  string // host:port of the web server to be, "" to leave it out
}
