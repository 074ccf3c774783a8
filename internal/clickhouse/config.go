//go:build linux && amd64 && !noengine

package clickhouse

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"

	"github.com/google/uuid"
)

var (
	//go:embed config.xml.tmpl
	configText string
	//go:embed users.xml.tmpl
	usersText string

	configTemplate = template.Must(template.New("config.xml").Parse(configText))
	usersTemplate  = template.Must(template.New("users.xml").Parse(usersText))
)

// settings is what the two configuration files need to know. It holds the hash
// of the password, never the password.
type settings struct {
	Dir            string // escaped for XML
	MaxMemory      int64  // bytes, for everything
	MaxQueryMemory int64  // bytes, for one query
	SpillAt        int64  // bytes, from which a query sorts, groups or joins on disk
	CacheSize      int64  // bytes, for each of the caches of a table's index
	Sync           int    // 1 to wait until what was written is on the disk, else 0
	PasswordSHA256 string // hex
}

func newSettings(dir string, maxMemory int64, password string) settings {
	var escaped bytes.Buffer
	_ = xml.EscapeText(&escaped, []byte(dir)) // a bytes.Buffer does not fail
	sum := sha256.Sum256([]byte(password))
	return settings{
		Dir:            escaped.String(),
		MaxMemory:      maxMemory,
		MaxQueryMemory: maxMemory * 7 / 8,
		SpillAt:        maxMemory / 4,
		CacheSize:      maxMemory / 16,
		Sync:           1,
		PasswordSHA256: hex.EncodeToString(sum[:]),
	}
}

// newPassword returns 256 random bits in hex.
func newPassword() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	return hex.EncodeToString(b[:])
}

// The layout of Options.Dir.
func dataDir(dir string) string      { return filepath.Join(dir, "data") } // the engine's --path
func configFile(dir string) string   { return filepath.Join(dir, "config.xml") }
func usersFile(dir string) string    { return filepath.Join(dir, "users.xml") }
func readyFile(dir string) string    { return filepath.Join(dir, "ready") }    // written by the engine: its port
func endpointFile(dir string) string { return filepath.Join(dir, "endpoint") } // written by us: the DSN
func lockFile(dir string) string     { return filepath.Join(dir, "lock") }

// prepareDir makes the engine's directory, private to this user, with its
// configuration. It is called while the lock is held.
func prepareDir(dir string, s settings) error {
	if err := os.MkdirAll(filepath.Join(dataDir(dir), "metadata"), 0o700); err != nil {
		return fmt.Errorf("engine data directory: %w", err)
	}
	if err := writeTemplate(configFile(dir), configTemplate, s); err != nil {
		return err
	}
	if err := writeTemplate(usersFile(dir), usersTemplate, s); err != nil {
		return err
	}
	return keepSystemDatabase(dir)
}

func writeTemplate(path string, t *template.Template, s settings) error {
	var text bytes.Buffer
	if err := t.Execute(&text, s); err != nil {
		return fmt.Errorf("engine configuration: %w", err)
	}
	return writePrivate(path, text.Bytes())
}

// writePrivate replaces the file at path, readable by this user only.
func writePrivate(path string, content []byte) error {
	return replaceFile(path, path+".new", content)
}

// replaceFile replaces the file at path by way of a new one at tmp, so that no
// reader sees half a file and the mode of an older file does not stay.
func replaceFile(path, tmp string, content []byte) error {
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(tmp, content, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// keepSystemDatabase makes the database system one on disk. By default it lives
// in memory, and its log tables vanish at every restart while their files stay
// behind.
func keepSystemDatabase(dir string) error {
	path := filepath.Join(dataDir(dir), "metadata", "system.sql")
	_, err := os.Stat(path)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("engine data directory: %w", err)
	}
	return writePrivate(path, fmt.Appendf(nil, "ATTACH DATABASE _ UUID '%s'\nENGINE = Atomic\n", uuid.New()))
}
