// Package ranks reads the monthly list of the most downloaded PyPI projects,
// https://hugovk.dev/top-pypi-packages/: the newest one and, for the backfill,
// the one of every monthly tag of its repository.
package ranks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// Name is the collector's name, of the newest list and of the backfill.
	Name = "ranks"
	// List names the list in every row.
	List = "top-pypi-packages"

	newestURL = "https://hugovk.dev/top-pypi-packages/top-pypi-packages.min.json"
	maxBytes  = 16 << 20 // a list of 15,000 rows has 0.8 MB
	maxSource = 100      // bytes kept of the list's own word for its source
)

// Source is what this package needs of upstream.Client.
type Source interface {
	ReadAll(ctx context.Context, req upstream.Request) ([]byte, *upstream.Response, error)
}

// cursor is what the newest list and the backfill remember; each leaves the
// other's part as it is.
type cursor struct {
	// Rows is the length of the newest list that was accepted, ObservedOn its day.
	Rows       int    `json:"rows,omitempty"`
	ObservedOn string `json:"observed_on,omitempty"`
	// Tags holds every monthly tag that need not be asked for again, with the
	// length of its list; 0 is a tag that does not exist.
	Tags map[string]int `json:"tags,omitempty"`
	// Through is the newest day of any list that was accepted.
	Through string `json:"through,omitempty"`
}

func (c cursor) through() time.Time {
	t, err := time.Parse(time.DateOnly, c.Through)
	if err != nil {
		return time.Time{}
	}
	return t
}

// dayOf writes a day, "" for none.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// Newest collects the newest list. It implements collectors.Collector.
type Newest struct{ source Source }

// New returns the collector of the newest list.
func New(s Source) *Newest { return &Newest{source: s} }

// Name implements collectors.Collector.
func (*Newest) Name() string { return Name }

// Collect asks for the newest list if it changed. A list that is empty or lost
// a tenth of its rows is a failure of ClassEmpty, and nothing of it is emitted.
func (n *Newest) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	var cur cursor
	if err := in.Cursor.Read(Name, &cur); err != nil {
		return collectors.Report{}, err
	}
	in.Progress(0, 1, "newest list")
	body, resp, err := n.source.ReadAll(ctx, upstream.Request{URL: newestURL, MaxBytes: maxBytes, Conditional: cur.Rows > 0, ExpectJSON: true})
	if err != nil {
		return collectors.Report{}, err
	}
	report := collectors.Report{Cursor: in.Cursor, Through: cur.through()}
	if resp.NotModified {
		report.Unchanged = 1
		in.Progress(1, 1, "newest list")
		return report, emit(ctx, resp.Record())
	}
	list, rejects, err := parse(newestURL, body, in.Now)
	if err != nil {
		return report, err
	}
	if err := collectors.CheckSize(newestURL, "rows", len(list.Ranks), cur.Rows); err != nil {
		return report, err
	}
	if err := emitList(ctx, emit, list, rejects); err != nil {
		return report, err
	}
	if err := emit(ctx, resp.Record()); err != nil {
		return report, err
	}
	if list.ObservedOn.After(report.Through) {
		report.Through = list.ObservedOn
	}
	cur.Rows, cur.ObservedOn, cur.Through = len(list.Ranks), dayOf(list.ObservedOn), dayOf(report.Through)
	report.Cursor = collectors.NewCursor(cur)
	if len(rejects) > 0 {
		report.Partial, report.Note = true, fmt.Sprintf("Rows that could not be read: %d.", len(rejects))
	}
	in.Progress(1, 1, "newest list")
	return report, nil
}

func emitList(ctx context.Context, emit collectors.Emit, list *observation.RankList, rejects []*observation.Reject) error {
	for _, r := range rejects {
		if err := emit(ctx, r); err != nil {
			return err
		}
	}
	return emit(ctx, list)
}

// isNotFound reports whether the source said that there is no such thing.
func isNotFound(err error) bool {
	var e *observation.Error
	return errors.As(err, &e) && e.Class == observation.ClassNotFound
}
