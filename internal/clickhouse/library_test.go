//go:build linux && amd64 && !noengine

package clickhouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// writeFile makes a file with the exact mode, whatever the umask.
func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyLibrary(t *testing.T) {
	const good, bad = "the pinned library", "another library!!!"
	tests := []struct {
		name   string
		change func(t *testing.T, library, stamps string) // after a first, good check
		ok     bool
	}{
		{"unchanged", func(*testing.T, string, string) {}, true},
		{"no stamp", func(t *testing.T, _, stamps string) {
			if err := os.Remove(stampFile(stamps)); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"touched", func(t *testing.T, library, _ string) { writeFile(t, library, good, 0o644) }, true},
		{"overwritten in place, size and time kept", func(t *testing.T, library, _ string) {
			before, err := os.Stat(library)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, library, bad, 0o644)
			if err := os.Chtimes(library, before.ModTime(), before.ModTime()); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"exchanged, size and time kept", func(t *testing.T, library, _ string) {
			before, err := os.Stat(library)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, library+".new", bad, 0o644)
			if err := os.Chtimes(library+".new", before.ModTime(), before.ModTime()); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(library+".new", library); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"removed", func(t *testing.T, library, _ string) {
			if err := os.Remove(library); err != nil {
				t.Fatal(err)
			}
		}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			library, stamps := filepath.Join(t.TempDir(), "libchdb.so"), filepath.Join(t.TempDir(), "stamps")
			writeFile(t, library, good, 0o644)
			if err := verifyLibrary(t.Context(), library, sha256Hex(good), stamps); err != nil {
				t.Fatal(err)
			}
			test.change(t, library, stamps)
			err := verifyLibrary(t.Context(), library, sha256Hex(good), stamps)
			if test.ok {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var wrong *LibraryError
			if !errors.As(err, &wrong) || wrong.Path != library || !strings.Contains(err.Error(), "run make engine") {
				t.Errorf("got %v, want a LibraryError", err)
			}
		})
	}
}

// A stamp is believed only where nobody else can have put it: the same forged
// stamp, of a library with the wrong content, works in one case alone.
func TestStampIsBelievedOnlyIfPrivate(t *testing.T) {
	tests := []struct {
		name     string
		dir      os.FileMode
		file     os.FileMode
		believed bool
	}{
		{"private", 0o700, 0o600, true},
		{"directory open to the group", 0o770, 0o600, false},
		{"directory readable by all", 0o755, 0o600, false},
		{"file open to the group", 0o700, 0o660, false},
		{"file readable by all", 0o700, 0o644, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			library, stamps := filepath.Join(t.TempDir(), "libchdb.so"), t.TempDir()
			writeFile(t, library, "wrong", 0o644)
			forged, err := identity(library)
			if err != nil {
				t.Fatal(err)
			}
			forged.SHA256 = LibrarySHA256
			if err := writeStamp(stamps, forged); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(stampFile(stamps), test.file); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(stamps, test.dir); err != nil {
				t.Fatal(err)
			}
			err = verifyLibrary(t.Context(), library, LibrarySHA256, stamps)
			if believed := err == nil; believed != test.believed {
				t.Errorf("believed: %t (%v), want %t", believed, err, test.believed)
			}
		})
	}
	t.Run("nonsense", func(t *testing.T) {
		library, stamps := filepath.Join(t.TempDir(), "libchdb.so"), t.TempDir()
		writeFile(t, library, "good", 0o644)
		if err := os.Chmod(stamps, 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, stampFile(stamps), "{not json", 0o600)
		if err := verifyLibrary(t.Context(), library, sha256Hex("good"), stamps); err != nil {
			t.Error(err)
		}
	})
}

func TestVerifyLibraryEndsWithContext(t *testing.T) {
	library := filepath.Join(t.TempDir(), "libchdb.so")
	writeFile(t, library, "good", 0o644)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := verifyLibrary(ctx, library, sha256Hex("good"), t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestFindLibrary(t *testing.T) {
	t.Run("by the environment", func(t *testing.T) {
		library := filepath.Join(t.TempDir(), "lib.so")
		writeFile(t, library, "", 0o644)
		t.Setenv(LibraryEnv, library)
		if got, err := FindLibrary(); got != library || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, library)
		}
	})
	t.Run("by the environment, absent", func(t *testing.T) {
		t.Setenv(LibraryEnv, filepath.Join(t.TempDir(), "nothing.so"))
		_, err := FindLibrary()
		var missing *LibraryError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), LibraryEnv) {
			t.Errorf("got %v, want a LibraryError that names %s", err, LibraryEnv)
		}
	})
	t.Run("above the working directory", func(t *testing.T) {
		t.Setenv(LibraryEnv, "")
		root := t.TempDir()
		library := filepath.Join(root, libraryInTree)
		if err := os.MkdirAll(filepath.Dir(library), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, library, "", 0o644)
		writeFile(t, filepath.Join(root, "go.mod"), "module x", 0o644)
		inner := filepath.Join(root, "internal", "x")
		if err := os.MkdirAll(inner, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Chdir(inner)
		if got, err := FindLibrary(); got != library || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, library)
		}
	})
	t.Run("nowhere", func(t *testing.T) {
		t.Setenv(LibraryEnv, "")
		t.Chdir(t.TempDir())
		_, err := FindLibrary()
		var missing *LibraryError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), "run make engine") || !strings.Contains(err.Error(), "--clickhouse") {
			t.Errorf("got %v, want a LibraryError that says what to do", err)
		}
	})
}
