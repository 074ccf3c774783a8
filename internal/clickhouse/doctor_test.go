//go:build linux && amd64 && !noengine

package clickhouse

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

func TestDoctor(t *testing.T) {
	healthy := func(t *testing.T, checks []Check) {
		for _, c := range checks {
			if !c.OK || c.Fix != "" || c.Name == "" || c.Detail == "" {
				t.Errorf("%+v", c)
			}
		}
	}
	t.Run("healthy", func(t *testing.T) {
		healthy(t, Doctor(t.Context(), DoctorOptions{Dir: filepath.Join(t.TempDir(), "not", "yet"), Listen: "127.0.0.1:0"}))
	})
	t.Run("while running", func(t *testing.T) {
		dir := t.TempDir()
		startTestEngine(t, dir)
		l, err := net.Listen("tcp", "127.0.0.1:0") // its web server
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		healthy(t, Doctor(t.Context(), DoctorOptions{Dir: dir, Listen: l.Addr().String()}))
	})
	t.Run("everything wrong", func(t *testing.T) {
		fake := filepath.Join(t.TempDir(), "libchdb.so")
		writeFile(t, fake, "not an engine", 0o644)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		file := filepath.Join(t.TempDir(), "file")
		writeFile(t, file, "in the way", 0o600)
		checks := Doctor(t.Context(), DoctorOptions{Dir: filepath.Join(file, "data"), Library: fake, Listen: l.Addr().String()})
		wrong := map[string]string{ // check to a word of its fix
			"engine library hash": "make engine",
			"data directory":      "--data",
			"web address":         "--listen",
		}
		for _, c := range checks {
			word, isWrong := wrong[c.Name]
			if isWrong && (c.OK || !strings.Contains(c.Fix, word)) {
				t.Errorf("%+v, want a fix with %q", c, word)
			}
			delete(wrong, c.Name)
		}
		if len(wrong) > 0 {
			t.Errorf("not looked at: %v", wrong)
		}
	})
	t.Run("no library", func(t *testing.T) {
		t.Setenv(LibraryEnv, filepath.Join(t.TempDir(), "nothing"))
		for _, c := range Doctor(t.Context(), DoctorOptions{Dir: t.TempDir()}) {
			if c.Name == "engine library" && (c.OK || !strings.Contains(c.Fix, "make engine")) {
				t.Errorf("%+v", c)
			}
		}
	})
}
