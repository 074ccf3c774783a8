package store

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// rejectRow is one row of rejects.
type rejectRow struct {
	object, reason, text string
	knownAt              time.Time
}

func (w *Writer) takeReject(ctx context.Context, r *observation.Reject) error {
	w.rejects = append(w.rejects, rejectRow{
		object:  cutText(r.Object, maxRejectField),
		reason:  cutText(r.Reason, maxRejectField),
		text:    cutText(r.Text, observation.MaxRejectText),
		knownAt: w.store.knownAt(),
	})
	if len(w.rejects) < rejectsAtOnce {
		return nil
	}
	return w.writeRejects(ctx)
}

// cutText cuts s to at most n bytes, not within a character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

var rejectColumns = []string{"collector", "object", "reason", "text_hash", "text", "known_at", "run_id"}

// writeRejects keeps what was refused. The table's key is all of it but the
// time: the same reject is there once, however often it is met.
func (w *Writer) writeRejects(ctx context.Context) error {
	if len(w.rejects) == 0 {
		return nil
	}
	rows, h := make([][]any, len(w.rejects)), new(hasher)
	for i, r := range w.rejects {
		rows[i] = []any{w.run.Collector, r.object, r.reason, xxhash.Sum64String(r.text), r.text, r.knownAt, w.id}
		h.string(r.object)
		h.string(r.reason)
		h.string(r.text)
	}
	token := fmt.Sprintf("rejects/%s/%016x", w.run.Collector, h.sum())
	if err := w.store.insert(ctx, rowBlock("rejects", token, rejectColumns, rows...)); err != nil {
		return err
	}
	w.count(0, 0, len(rows))
	w.rejects = nil
	return nil
}

var responseColumns = []string{"url", "etag", "last_modified", "sha256", "status", "bytes", "fetched_at", "run_id"}

// writeResponses stores the validators that are held. Everything emitted before
// them must be durable.
func (w *Writer) writeResponses(ctx context.Context) error {
	if len(w.responses) == 0 {
		return nil
	}
	rows := make([][]any, len(w.responses))
	for i, r := range w.responses {
		rows[i] = []any{r.URL, r.ETag, r.LastModified, r.SHA256, uint16(r.Status), uint64(max(r.Bytes, 0)), r.FetchedAt, w.id}
	}
	if err := w.store.insert(ctx, rowBlock("responses", w.nextToken("responses"), responseColumns, rows...)); err != nil {
		return err
	}
	w.store.answered.add(w.responses)
	w.responses = nil
	return nil
}
