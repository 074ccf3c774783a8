//go:build linux && amd64 && !noengine

package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/creack/pty"
	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// minFree is the disk space below which a first collection may not fit, in
// bytes.
const minFree = 2 << 30

// Doctor looks at everything that Start needs, changes nothing and returns one
// check for each thing, in the order in which they are needed. The library is
// hashed afresh, which takes about two seconds; when ctx ends that check fails.
func Doctor(ctx context.Context, opts DoctorOptions) []Check {
	checks := []Check{
		{Name: "platform", OK: true, Detail: "Linux on amd64"},
		checkLibc(),
		checkTerminal(),
	}
	checks = append(checks, checkLibrary(ctx, opts.Library)...)
	checks = append(checks, checkDir(opts.Dir), checkDisk(opts.Dir))
	if opts.Listen != "" {
		checks = append(checks, checkListen(ctx, opts))
	}
	return checks
}

func checkLibc() Check {
	c := Check{Name: "C library"}
	libc, err := purego.Dlopen("libc.so.6", purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err == nil {
		var symbol uintptr
		if symbol, err = purego.Dlsym(libc, "gnu_get_libc_version"); err == nil {
			var version func() string
			purego.RegisterFunc(&version, symbol)
			c.OK, c.Detail = true, "glibc "+version()
			return c
		}
	}
	c.Detail = fmt.Sprintf("glibc not found (%v)", err)
	c.Fix = "run on a distribution with glibc (Debian, Ubuntu, Fedora, …), or " + useExternal
	return c
}

func checkTerminal() Check {
	c := Check{Name: "pseudo-terminal"}
	master, slave, err := pty.Open()
	if err != nil {
		c.Detail = err.Error()
		c.Fix = "give this environment /dev/ptmx and a mounted /dev/pts, or " + useExternal
		return c
	}
	c.OK, c.Detail = true, slave.Name()
	slave.Close()
	master.Close()
	return c
}

func checkLibrary(ctx context.Context, path string) []Check {
	found := Check{Name: "engine library", OK: true}
	if path == "" {
		var err error
		if path, err = FindLibrary(); err != nil {
			return []Check{{Name: found.Name, Detail: err.Error(), Fix: "run make engine, or " + useExternal}}
		}
	}
	found.Detail = path

	hash := Check{Name: "engine library hash", OK: true, Detail: "SHA-256 is that of " + LibraryPackage + " " + LibraryVersion}
	if err := hashLibrary(ctx, path, LibrarySHA256); err != nil {
		hash.OK, hash.Detail, hash.Fix = false, err.Error(), "run make engine"
	}
	return []Check{found, hash}
}

func checkDir(dir string) Check {
	c := Check{Name: "data directory"}
	pid, err := lockHolder(dir)
	if err == nil && pid != 0 {
		c.OK, c.Detail = true, fmt.Sprintf("%s, in use by process %d", dir, pid)
		return c
	}
	if err == nil {
		err = unix.Access(existing(dir), unix.W_OK|unix.X_OK)
	}
	if err != nil {
		c.Detail = fmt.Sprintf("%s: %v", dir, err)
		c.Fix = "make it writable for this user, or choose another directory with --data"
		return c
	}
	c.OK, c.Detail = true, dir
	return c
}

func checkDisk(dir string) Check {
	c := Check{Name: "free disk space"}
	var fs unix.Statfs_t
	if err := unix.Statfs(existing(dir), &fs); err != nil {
		c.Detail, c.Fix = err.Error(), "choose another directory with --data"
		return c
	}
	free := fs.Bavail * uint64(fs.Bsize)
	c.Detail = fmt.Sprintf("%.1f GiB at %s", float64(free)/(1<<30), dir)
	if c.OK = free >= minFree; !c.OK {
		c.Fix = fmt.Sprintf("free %d GiB, or choose another directory with --data", minFree>>30)
	}
	return c
}

// existing returns the nearest directory above path that exists, or path.
func existing(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	for {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

func checkListen(ctx context.Context, opts DoctorOptions) Check {
	c := Check{Name: "web address"}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", opts.Listen)
	if err == nil {
		listener.Close()
		c.OK, c.Detail = true, opts.Listen+" is free"
		return c
	}
	if pid, lockErr := lockHolder(opts.Dir); lockErr == nil && pid != 0 {
		c.OK, c.Detail = true, fmt.Sprintf("%s is taken while process %d runs", opts.Listen, pid)
		return c
	}
	c.Detail = err.Error()
	c.Fix = "stop what listens there, or choose another address with --listen"
	return c
}
