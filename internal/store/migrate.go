package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/pyrometer-dev/pyrometer/sql"
)

// createMigrations makes the table that remembers which migrations were
// applied. It is the one table that no migration makes.
const createMigrations = `CREATE TABLE IF NOT EXISTS migrations
(
    number UInt32 COMMENT 'number of the migration',
    name String COMMENT 'name of its file',
    sha256 String COMMENT 'sha256 of its text',
    applied_at DateTime64(3, 'UTC') COMMENT 'when it was applied'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY number
COMMENT 'Migrations of the schema that this database has seen'`

// Migrate brings the schema and the ledgers up to date and returns how many
// migrations it applied. It goes forward only and may be killed at any point
// and run again: every migration is one statement that does nothing the second
// time, and is noted after it has succeeded.
//
// It refuses a database that a newer Pyrometer has migrated, and one whose
// applied migrations differ from those of this program.
func (s *Store) Migrate(ctx context.Context) (applied int, err error) {
	steps, err := sql.Migrations()
	if err != nil {
		return 0, fmt.Errorf("migrate %s: %w", s.db, err)
	}
	applied, err = s.applyMigrations(ctx, steps)
	if err != nil {
		return applied, fmt.Errorf("migrate %s: %w", s.db, err)
	}
	if err := s.loadLedger(ctx, s.breaksCSV, s.initiativesCSV); err != nil {
		return applied, fmt.Errorf("migrate %s: %w", s.db, err)
	}
	return applied, nil
}

// applyMigrations applies those of steps that the database has not seen.
func (s *Store) applyMigrations(ctx context.Context, steps []sql.Migration) (applied int, err error) {
	if err := s.conn.Exec(ctx, createMigrations); err != nil {
		return 0, err
	}
	seen, err := s.seenMigrations(ctx)
	if err != nil {
		return 0, err
	}
	if err := checkMigrations(seen, steps); err != nil {
		return 0, err
	}
	for _, step := range steps[len(seen):] {
		if err := s.conn.Exec(ctx, step.Statement); err != nil {
			return applied, fmt.Errorf("migration %04d_%s: %w", step.Number, step.Name, err)
		}
		if err := s.noteMigration(ctx, step); err != nil {
			return applied, fmt.Errorf("note migration %04d_%s: %w", step.Number, step.Name, err)
		}
		applied++
	}
	return applied, nil
}

// seenMigration is one row of the table migrations.
type seenMigration struct {
	number    uint32
	name      string
	sha256    string
	appliedAt time.Time
}

// seenMigrations returns the applied migrations in order of their number.
func (s *Store) seenMigrations(ctx context.Context) ([]seenMigration, error) {
	rows, err := s.conn.Query(ctx, "SELECT number, name, sha256, applied_at FROM migrations FINAL ORDER BY number")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var seen []seenMigration
	for rows.Next() {
		var m seenMigration
		if err := rows.Scan(&m.number, &m.name, &m.sha256, &m.appliedAt); err != nil {
			return nil, err
		}
		seen = append(seen, m)
	}
	return seen, rows.Err()
}

// checkMigrations compares what a database has seen with what this program knows.
func checkMigrations(seen []seenMigration, steps []sql.Migration) error {
	if len(seen) > 0 {
		if newest := seen[len(seen)-1]; int(newest.number) > len(steps) {
			return fmt.Errorf("the database is newer than this program: it has seen migration %04d_%s, this program knows %d; use a newer Pyrometer or another database",
				newest.number, newest.name, len(steps))
		}
	}
	for i, m := range seen {
		step := steps[i]
		if int(m.number) != step.Number {
			return fmt.Errorf("the database has seen migration %04d_%s but not %04d_%s before it: restore the table migrations from a backup, or start with an empty database",
				m.number, m.name, step.Number, step.Name)
		}
		if m.name != step.Name || m.sha256 != checksum(step) {
			return fmt.Errorf("migration %04d_%s was applied at %s with another text than this program has: an applied migration must not be edited; put the old text back and add a new migration",
				m.number, m.name, m.appliedAt.Format(time.RFC3339))
		}
	}
	return nil
}

func (s *Store) noteMigration(ctx context.Context, step sql.Migration) error {
	return s.insert(ctx, rowBlock("migrations", "", []string{"number", "name", "sha256", "applied_at"},
		[]any{uint32(step.Number), step.Name, checksum(step), s.now().UTC()}))
}

func checksum(step sql.Migration) string {
	sum := sha256.Sum256([]byte(step.Statement))
	return hex.EncodeToString(sum[:])
}
