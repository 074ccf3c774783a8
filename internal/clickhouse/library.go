//go:build linux && amd64 && !noengine

package clickhouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// libraryInTree is where npm puts the library, below a directory that holds
// Pyrometer.
const libraryInTree = "engine/node_modules/" + LibraryPackage + "/libchdb.so"

// FindLibrary returns the absolute path of the engine's library: the one that
// the environment variable LibraryEnv names, else the first one found in
// engine/ beside the program, beside its directory, or in the working
// directory or one above it up to the root of the module.
func FindLibrary() (string, error) {
	if path := os.Getenv(LibraryEnv); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", &LibraryError{Path: path, Reason: fmt.Sprintf("named by %s, cannot be read (%v)", LibraryEnv, err)}
		}
		return filepath.Abs(path)
	}
	places := libraryPlaces()
	for _, dir := range places {
		path := filepath.Join(dir, libraryInTree)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", &LibraryError{Reason: fmt.Sprintf("not installed (looked for %s in %q)", libraryInTree, places)}
}

// libraryPlaces returns absolute directories in the order of the search.
func libraryPlaces() []string {
	var places []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		places = append(places, filepath.Dir(exe), filepath.Dir(filepath.Dir(exe)))
	}
	dir, err := os.Getwd()
	if err != nil {
		return places
	}
	places = append(places, dir)
	// Tests run in their package's directory, below the root of the module.
	for up := dir; ; up = filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			if up != dir {
				places = append(places, up)
			}
			return places
		}
		if up == filepath.Dir(up) {
			return places
		}
	}
}

// stamp is the proof, kept in a file, that the library with this identity had
// this hash.
//
// It is sound enough because of who can forge it and when it expires. The stamp
// counts only if this user owns it and nobody else can write to it or to its
// directory; who can write there can as well replace the program itself. A
// library that is exchanged or written to gets a new inode or a new change
// time, and the change time, unlike the modification time, cannot be set back
// by a program. Every doubt costs one hashing of the file, about two seconds.
type stamp struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	MTime  int64  `json:"mtime"` // Unix nanoseconds
	CTime  int64  `json:"ctime"` // Unix nanoseconds
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	SHA256 string `json:"sha256"`
}

func stampFile(dir string) string { return filepath.Join(dir, "library.verified") }

// verifyLibrary returns nil if the file at path has the SHA-256 want (hex), and
// a *LibraryError if it has not. It believes the stamp in stampDir, or hashes
// the file and writes the stamp.
func verifyLibrary(ctx context.Context, path, want, stampDir string) error {
	before, err := identity(path)
	if err != nil {
		return &LibraryError{Path: path, Reason: err.Error()}
	}
	before.SHA256 = want
	if last, ok := readStamp(stampDir); ok && last == before {
		return nil
	}
	if err := hashLibrary(ctx, path, want); err != nil {
		return err
	}
	// A file that changed while it was read is one that nobody has hashed.
	after, err := identity(path)
	if err != nil {
		return &LibraryError{Path: path, Reason: err.Error()}
	}
	after.SHA256 = want
	if after != before {
		return &LibraryError{Path: path, Reason: "changed while it was being checked"}
	}
	return writeStamp(stampDir, after)
}

// hashLibrary returns nil if the file at path has the SHA-256 want (hex), and a
// *LibraryError if it has not.
func hashLibrary(ctx context.Context, path, want string) error {
	got, err := hashFile(ctx, path)
	if ctx.Err() != nil {
		return fmt.Errorf("check the engine library: %w", context.Cause(ctx))
	}
	if err != nil {
		return &LibraryError{Path: path, Reason: err.Error()}
	}
	if got != want {
		return &LibraryError{Path: path, Reason: fmt.Sprintf("refused: its SHA-256 is %s, that of the pinned %s %s is %s", got, LibraryPackage, LibraryVersion, want)}
	}
	return nil
}

func identity(path string) (stamp, error) {
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		return stamp{}, err
	}
	return stamp{Path: path, Size: st.Size, MTime: st.Mtim.Nano(), CTime: st.Ctim.Nano(), Device: st.Dev, Inode: st.Ino}, nil
}

// readStamp returns the stamp in dir if only this user can have written it.
func readStamp(dir string) (stamp, bool) {
	if !ownedPrivately(dir) || !ownedPrivately(stampFile(dir)) {
		return stamp{}, false
	}
	text, err := os.ReadFile(stampFile(dir))
	if err != nil {
		return stamp{}, false
	}
	var s stamp
	if err := json.Unmarshal(text, &s); err != nil {
		return stamp{}, false
	}
	return s, true
}

// ownedPrivately reports whether path belongs to this user and nobody else may
// read or write it.
func ownedPrivately(path string) bool {
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil {
		return false
	}
	return int(st.Uid) == os.Geteuid() && st.Mode&0o077 == 0
}

func writeStamp(dir string, s stamp) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("remember the checked engine library: %w", err)
	}
	if err := writePrivate(stampFile(dir), text); err != nil {
		return fmt.Errorf("remember the checked engine library: %w", err)
	}
	return nil
}

// hashFile returns the SHA-256 of the file at path in hex.
func hashFile(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}
