//go:build linux && amd64 && !noengine

package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// makePrivate makes dir, and takes an older one away from other users.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("engine data directory: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("engine data directory must belong to the user that runs Pyrometer: %w", err)
	}
	return nil
}

// lockDir takes the directory for this process until the returned file is
// closed or the process ends, however it ends. It returns an *InUseError when
// another process has it.
//
// The engine locks its data by itself, but says so late and to its log only.
// The lock is of the open file description: unlike flock it can be asked after
// without taking it, and unlike a POSIX lock it does not vanish when some other
// part of the process closes the same file.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(lockFile(dir), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("engine lock: %w", err)
	}
	err = unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK})
	if err == nil {
		err = writePID(f)
	} else if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		err = &InUseError{Dir: dir, PID: readPID(f)}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// lockHolder returns the process that has the directory, 0 when there is none.
func lockHolder(dir string) (pid int, err error) {
	f, err := os.Open(lockFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("engine lock: %w", err)
	}
	defer f.Close()
	query := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &query); err != nil {
		return 0, fmt.Errorf("engine lock: %w", err)
	}
	if query.Type == unix.F_UNLCK {
		return 0, nil
	}
	return readPID(f), nil
}

// lockData takes the lock of the engine itself on its data, waiting while
// another engine has it. It returns an *InUseError if ctx ends before that. The
// file is to be closed before our engine starts; it is nil, which can be closed
// as well, when there is no data yet.
func lockData(ctx context.Context, dir string) (*os.File, error) {
	for {
		f, err := os.Open(filepath.Join(dataDir(dir), "status"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("engine data: %w", err)
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("engine data: lock: %w", err)
		}
		if wait(ctx, 10*time.Millisecond) != nil {
			return nil, &InUseError{Dir: dir}
		}
	}
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readPID returns the process id in a lock file, -1 when it is not there yet.
func readPID(f *os.File) int {
	var text [32]byte
	n, _ := f.ReadAt(text[:], 0) // a short file ends with io.EOF
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		return -1
	}
	return pid
}
