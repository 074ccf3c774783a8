package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const schemaHeader = `-- Code generated from sql/migrations; DO NOT EDIT.
-- The tables of a freshly migrated database, for reading.
-- Regenerate: make generate
`

// Schema returns the statements that would make the tables of this database, in
// order of their names, as kept in sql/schema.sql.
func (s *Store) Schema(ctx context.Context) (string, error) {
	tables := make(map[string]string)
	err := s.queryEach(ctx, "schema.tables", func(rows driver.Rows) error {
		var name, statement string
		if err := rows.Scan(&name, &statement); err != nil {
			return err
		}
		tables[name] = statement
		return nil
	})
	if err != nil {
		return "", err
	}
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	text.WriteString(schemaHeader)
	for _, name := range names {
		statement := strings.Replace(tables[name], "CREATE TABLE "+s.db+".", "CREATE TABLE ", 1)
		fmt.Fprintf(&text, "\n%s;\n", statement)
	}
	return text.String(), nil
}
