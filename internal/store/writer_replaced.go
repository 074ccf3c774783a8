package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// dropReplaced removes what an earlier run stored of the same rank lists and
// results and this run, which has stored them whole, no longer names: a source
// has revised a list or a snapshot, and the table's key alone would leave the
// vanished parts beside the new ones. A first backfill finds nothing and pays
// for two questions. A result that its snapshot no longer lists stays: a run
// does not say that it has seen a snapshot whole.
func (w *Writer) dropReplaced(ctx context.Context) error {
	if len(w.days) == 0 {
		return nil
	}
	run := param("run", w.id.String())
	if err := w.dropCounted(ctx, "writer.replaced_ranks", "writer.drop_replaced_ranks", run); err != nil {
		return err
	}
	type snapshot struct {
		source string
		day    time.Time
	}
	var replaced []snapshot
	err := w.store.queryEach(ctx, "writer.replaced_days", func(rows driver.Rows) error {
		var s snapshot
		if err := rows.Scan(&s.source, &s.day); err != nil {
			return err
		}
		replaced = append(replaced, s)
		return nil
	}, run)
	if err != nil {
		return err
	}
	for _, s := range replaced {
		err := w.dropCounted(ctx, "writer.vanished_checks", "writer.drop_vanished_checks", run, param("source", s.source), dateParam("day", s.day))
		if err != nil {
			return err
		}
	}
	return nil
}

// dropCounted deletes only where there is something to delete: a deletion that
// finds nothing still costs the engine a mutation.
func (w *Writer) dropCounted(ctx context.Context, count, drop string, params ...any) error {
	var n uint64
	if err := w.store.queryRow(ctx, count, []any{&n}, params...); err != nil || n == 0 {
		return err
	}
	return w.store.exec(ctx, drop, params...)
}
