// Package sql holds everything that is written in SQL or in a ledger: the
// numbered migrations, one file per query, and the two ledgers that people
// edit by hand. It is text and its accessors, no logic.
package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql queries/*.sql
var files embed.FS

// Schema is the dumped schema: SHOW CREATE of every table of a freshly
// migrated database, without the database's name. A test of the store keeps it
// true.
//
//go:embed schema.sql
var Schema string

// Breaks is the ledger of breaks in method and source, as CSV with the header
// starts_on,ends_on,scope,item,kind,what,evidence.
//
//go:embed breaks.csv
var Breaks []byte

// Initiatives is the ledger of dated policy events of the ecosystem, as CSV
// with the header happened_on,what,evidence.
//
//go:embed initiatives.csv
var Initiatives []byte

// Migration is one step of the schema: one statement, which must be safe to
// run again.
type Migration struct {
	Number    int    // 1, 2, 3, … without gaps
	Name      string // of the file, without its number and ending: "ranks"
	Statement string
}

// Migrations returns every migration in the order of its number.
func Migrations() ([]Migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	steps := make([]Migration, 0, len(names))
	for i, path := range names { // sorted by fs.Glob, hence by number
		number, name, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql"), "_")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n != i+1 {
			return nil, fmt.Errorf("sql/%s: want a file named %04d_name.sql in this place", path, i+1)
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return nil, err
		}
		steps = append(steps, Migration{Number: n, Name: name, Statement: string(text)})
	}
	return steps, nil
}

// Query returns the text of the query sql/queries/NAME.sql.
func Query(name string) (string, error) {
	text, err := files.ReadFile("queries/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("no query named %q in sql/queries", name)
	}
	return string(text), nil
}

// QueryNames returns the name of every query, sorted.
func QueryNames() ([]string, error) {
	paths, err := fs.Glob(files, "queries/*.sql")
	if err != nil {
		return nil, err
	}
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(strings.TrimPrefix(path, "queries/"), ".sql")
	}
	return paths, nil
}
