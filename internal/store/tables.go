package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// notExported are the tables that say nothing about the sources.
var notExported = []string{"migrations", "responses", "leases"}

// generationColumn separates the generations of derived tables. Readers outside
// see only the published one, without it.
const generationColumn = "generation"

// table is what the server says of one of our tables.
type table struct {
	observation.TableInfo
	engine     string
	key        string // its sorting key, as SQL
	dataset    string // of a derived table
	generation uint64 // the published one, 0 for none
}

// Tables describes every table that may be exported, by name. Rows of tables
// that drop repeated rows in the background are counted as stored.
func (s *Store) Tables(ctx context.Context) ([]observation.TableInfo, error) {
	tables, err := s.readTables(ctx)
	if err != nil {
		return nil, err
	}
	var infos []observation.TableInfo
	for _, t := range tables {
		if t.exported() {
			infos = append(infos, t.TableInfo)
		}
	}
	return infos, nil
}

func (t table) exported() bool { return !slices.Contains(notExported, t.Name) }

// readTables returns every table, derived ones without the column that separates
// their generations.
func (s *Store) readTables(ctx context.Context) ([]table, error) {
	published, err := s.readGenerations(ctx)
	if err != nil {
		return nil, err
	}
	datasets := make(map[string]string)
	generations := make(map[string]uint64)
	for dataset, names := range derivedTables {
		for _, name := range names {
			datasets[name], generations[name] = dataset, published[dataset]
		}
	}
	columns := make(map[string][]observation.Column)
	err = s.queryEach(ctx, "tables.columns", func(rows driver.Rows) error {
		var name string
		var c observation.Column
		if err := rows.Scan(&name, &c.Name, &c.Type, &c.Comment); err != nil {
			return err
		}
		if datasets[name] == "" || c.Name != generationColumn {
			columns[name] = append(columns[name], c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var tables []table
	err = s.queryEach(ctx, "tables.all", func(rows driver.Rows) error {
		var t table
		if err := rows.Scan(&t.Name, &t.Comment, &t.engine, &t.key, &t.Rows, &t.Bytes); err != nil {
			return err
		}
		t.Columns = columns[t.Name]
		t.dataset, t.generation = datasets[t.Name], generations[t.Name]
		tables = append(tables, t)
		return nil
	}, param("generations", generations))
	return tables, err
}

// StreamTable calls row for every row of a table as text, first with the names
// of its columns, in the order of the table's key and without repeated rows.
// Times are RFC 3339 in UTC, days 2006-01-02, lists JSON, what is unknown is
// empty. row must not keep the slice. When row returns an error the stream
// stops and returns it. A table that does not exist or may not be exported is
// ErrNotFound.
//
// Memory is flat: the server merges its sorted parts as they are read, and
// each row crosses as one text.
func (s *Store) StreamTable(ctx context.Context, name string, row func([]string) error) error {
	tables, err := s.readTables(ctx)
	if err != nil {
		return fmt.Errorf("stream %s: %w", name, err)
	}
	i := slices.IndexFunc(tables, func(t table) bool { return t.Name == name && t.exported() })
	if i < 0 {
		return fmt.Errorf("table %q: %w", name, ErrNotFound)
	}
	t := tables[i]
	cells := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cells[i] = c.Name
	}
	if err := row(cells); err != nil {
		return err
	}
	if t.dataset != "" && t.generation == 0 {
		return nil // never published: empty
	}
	return s.streamRows(ctx, t, cells, row)
}

// streamRows streams a table through cells, which has a place for each column.
func (s *Store) streamRows(ctx context.Context, t table, cells []string, row func([]string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err := s.conn.Query(ctx, streamStatement(t), param("generation", t.generation))
	if err != nil {
		return fmt.Errorf("stream %s: %w", t.Name, err)
	}
	stop := func() {
		cancel() // Close alone would read the table to its end
		_ = rows.Close()
	}
	var line string
	for rows.Next() {
		if err := rows.Scan(&line); err != nil {
			stop()
			return fmt.Errorf("stream %s: %w", t.Name, err)
		}
		if err := splitLine(line, cells); err != nil {
			stop()
			return fmt.Errorf("stream %s: %w", t.Name, err)
		}
		if err := row(cells); err != nil {
			stop()
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("stream %s: %w", t.Name, err)
	}
	return rows.Close()
}

// streamStatement is the query that makes one tab-separated text of each row.
// Everything pasted into it is the server's own word on a table of ours.
func streamStatement(t table) string {
	var cells []string
	for _, c := range t.Columns {
		cell := quoteName(c.Name)
		if strings.HasPrefix(c.Type, "Array(") {
			cell = "toJSONString(" + cell + ")"
		}
		cells = append(cells, cell)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "SELECT formatRowNoNewline('TSV', %s) FROM %s", strings.Join(cells, ", "), quoteName(t.Name))
	if strings.Contains(t.engine, "Replacing") {
		text.WriteString(" FINAL")
	}
	// A bound parameter that the query does not name would be an error, so the
	// condition stands for every table.
	if t.dataset != "" {
		text.WriteString(" WHERE generation = {generation:UInt64}")
	} else {
		text.WriteString(" WHERE {generation:UInt64} = 0")
	}
	fmt.Fprintf(&text, " ORDER BY %s", t.key)
	// Partitions are made of key columns, so equal keys never lie in two. Small
	// blocks and no read-ahead keep the memory of the merge small.
	text.WriteString(` SETTINGS
		date_time_output_format = 'iso',
		format_tsv_null_representation = '',
		output_format_json_escape_forward_slashes = 0,
		optimize_read_in_order = 1,
		do_not_merge_across_partitions_select_final = 1,
		read_in_order_use_buffering = 0,
		max_block_size = 8192`)
	return text.String()
}

// splitLine splits a tab-separated line into cells. Most lines have no escapes
// and are cut without copying.
func splitLine(line string, cells []string) error {
	escaped := strings.IndexByte(line, '\\') >= 0
	rest := line
	for i := range cells {
		cell := rest
		if tab := strings.IndexByte(rest, '\t'); tab >= 0 && i < len(cells)-1 {
			cell, rest = rest[:tab], rest[tab+1:]
		} else if i < len(cells)-1 {
			return fmt.Errorf("a row has %d cells, expected %d", i+1, len(cells))
		}
		if escaped {
			cell = unescape(cell)
		}
		cells[i] = cell
	}
	return nil
}

// unescape undoes the escapes of ClickHouse's TabSeparated format.
func unescape(cell string) string {
	i := strings.IndexByte(cell, '\\')
	if i < 0 {
		return cell
	}
	text := make([]byte, 0, len(cell))
	for ; i >= 0 && i+1 < len(cell); i = strings.IndexByte(cell, '\\') {
		text = append(text, cell[:i]...)
		switch c := cell[i+1]; c {
		case 'b':
			text = append(text, '\b')
		case 'f':
			text = append(text, '\f')
		case 'n':
			text = append(text, '\n')
		case 'r':
			text = append(text, '\r')
		case 't':
			text = append(text, '\t')
		case '0':
			text = append(text, 0)
		default: // a backslash or a quote
			text = append(text, c)
		}
		cell = cell[i+2:]
	}
	return string(append(text, cell...))
}
