//go:build linux && amd64 && !noengine

package clickhouse

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestConfigurationGolden(t *testing.T) {
	s := newSettings("/var/lib/pyrometer/clickhouse", 512<<20, "secret")
	dir := t.TempDir()
	if err := prepareDir(dir, s); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{configFile(dir), usersFile(dir)} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(got), "secret") {
				t.Error("the file holds the password")
			}
			golden := filepath.Join("testdata", filepath.Base(path)+".golden")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("changed (run with -update if that is meant), -want +got:\n%s", diff)
			}
		})
	}
}

// A directory's name cannot break out of the configuration.
func TestConfigurationEscapesDirectory(t *testing.T) {
	const dir = `/tmp/a&b<users_config>/etc/passwd</users_config>"'`
	base := t.TempDir()
	if err := prepareDir(base, newSettings(dir, 512<<20, "secret")); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(configFile(base))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var logger struct {
		Log string `xml:"log"`
	}
	users := 0
	for d := xml.NewDecoder(f); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		element, ok := token.(xml.StartElement)
		switch {
		case ok && element.Name.Local == "logger":
			if err := d.DecodeElement(&logger, &element); err != nil {
				t.Fatal(err)
			}
		case ok && element.Name.Local == "users_config":
			users++
		}
	}
	if want := dir + "/engine.log"; logger.Log != want {
		t.Errorf("log file is %q, want %q", logger.Log, want)
	}
	if users != 1 {
		t.Errorf("%d elements users_config, want 1", users)
	}
}

func TestPasswordsDiffer(t *testing.T) {
	one, two := newPassword(), newPassword()
	if one == two || len(one) != 64 {
		t.Errorf("passwords %q and %q", one, two)
	}
}

// The identity of the database system stays: another one would lose its logs.
func TestSystemDatabaseIsKept(t *testing.T) {
	dir := t.TempDir()
	var first string
	for range 2 {
		if err := prepareDir(dir, newSettings(dir, 512<<20, newPassword())); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dataDir(dir), "metadata", "system.sql"))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first || !strings.Contains(first, "ENGINE = Atomic") {
			t.Errorf("system.sql is %q, was %q", text, first)
		}
	}
}
