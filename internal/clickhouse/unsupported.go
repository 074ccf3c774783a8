//go:build !linux || !amd64 || noengine

package clickhouse

import (
	"context"
	"fmt"
	"os"
)

// MaybeChild does nothing: there is no embedded engine on this platform.
func MaybeChild() {}

// ChildMain says that there is no embedded engine on this platform.
func ChildMain([]string) int {
	fmt.Fprintln(os.Stderr, ErrUnsupported)
	return 2
}

// FindLibrary returns ErrUnsupported.
func FindLibrary() (string, error) { return "", ErrUnsupported }

// Engine does not exist on this platform; Start never returns one.
type Engine struct{}

// Start returns ErrUnsupported.
func Start(context.Context, Options) (*Engine, error) { return nil, ErrUnsupported }

// Stop does nothing.
func (*Engine) Stop(context.Context) error { return nil }

// Done returns nil.
func (*Engine) Done() <-chan struct{} { return nil }

// Addr returns "".
func (*Engine) Addr() string { return "" }

// DSN returns "".
func (*Engine) DSN(string) DSN { return "" }

// PID returns 0.
func (*Engine) PID() int { return 0 }

// Restarts returns 0.
func (*Engine) Restarts() int { return 0 }

// Attach returns ErrNotRunning.
func Attach(string, string) (DSN, error) { return "", ErrNotRunning }

// Doctor says that the platform has no embedded engine.
func Doctor(context.Context, DoctorOptions) []Check {
	return []Check{{Name: "platform", Detail: ErrUnsupported.Error(), Fix: useExternal}}
}
