// Package pypiscorecards reads the archive of weekly OpenSSF Scorecard results
// of the top PyPI projects, https://github.com/sethmlarson/pypi-scorecards:
// one tarball with one CSV a week, data/YYYY-MM-DD.csv.
package pypiscorecards

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
	// Name is the collector's name.
	Name = "pypiscorecards"

	archiveURL = "https://codeload.github.com/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main"
	maxArchive = 512 << 20 // compressed bytes; 30 MB in 2026
	maxTries   = 3         // of reading the archive, when the connection breaks
)

// Source is what this package needs of upstream.Client.
type Source interface {
	Get(ctx context.Context, req upstream.Request) (*upstream.Response, error)
}

// cursor remembers the files of the archive that are stored, by date.
type cursor struct {
	Files map[string]stored `json:"files"`
}

// stored is one file: the first half of its SHA-256 in hexadecimal digits and
// the number of projects it lists.
type stored struct {
	Sum  string `json:"sum"`
	Rows int    `json:"rows"`
}

// Collector reads the archive. It implements collectors.Collector; the backfill
// and the weekly run are the same, because only new and changed files are read.
type Collector struct{ source Source }

// New returns the collector.
func New(s Source) *Collector { return &Collector{source: s} }

// Name implements collectors.Collector.
func (*Collector) Name() string { return Name }

// Collect emits a result for every project of every file that is new or has
// changed. A file that is empty or lost a tenth of its rows against the one
// before it is refused as a whole and makes the run partial. An archive without
// files, or with a tenth fewer than are known, is a failure of ClassEmpty.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	r := run{in: in, emit: emit, parser: newParser(), files: map[string]stored{}, done: map[string]bool{}}
	known, err := r.load(in.Cursor)
	if err != nil {
		return collectors.Report{}, err
	}
	var resp *upstream.Response
	for try := 1; ; try++ {
		resp, err = c.read(ctx, &r, known > 0)
		if broken := (*brokenError)(nil); try < maxTries && errors.As(err, &broken) && ctx.Err() == nil {
			continue // what was read stays read
		}
		break
	}
	if err != nil {
		return collectors.Report{}, err
	}
	if resp.NotModified {
		r.report.Unchanged = uint64(known)
	} else if err := collectors.CheckSize(archiveURL, "weekly files", len(r.done), known); err != nil {
		return collectors.Report{}, err
	}
	if err := emit(ctx, resp.Record()); err != nil {
		return collectors.Report{}, err
	}
	return r.finish(), nil
}

// read asks for the archive and reads it to its end.
func (c *Collector) read(ctx context.Context, r *run, conditional bool) (*upstream.Response, error) {
	resp, err := c.source.Get(ctx, upstream.Request{URL: archiveURL, MaxBytes: maxArchive, Conditional: conditional})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.NotModified {
		return resp, nil
	}
	return resp, r.archive(ctx, resp.Body)
}

// run is the state of one run.
type run struct {
	in     collectors.Input
	emit   collectors.Emit
	parser *parser
	files  map[string]stored // by date: the cursor in the making
	done   map[string]bool   // dates met in the archive in this run

	report  collectors.Report
	refused []string // files refused as a whole
	rejects int      // rows, cells and columns
}

// load starts from the stored cursor and returns the number of files it knows.
func (r *run) load(c collectors.Cursor) (int, error) {
	cur := cursor{Files: r.files}
	if err := c.Read(Name, &cur); err != nil {
		return 0, err
	}
	if cur.Files != nil {
		r.files = cur.Files
	}
	return len(r.files), nil
}

func (r *run) finish() collectors.Report {
	r.report.Cursor = collectors.NewCursor(cursor{Files: r.files})
	for day := range r.files {
		if t, err := time.Parse(time.DateOnly, day); err == nil && t.After(r.report.Through) {
			r.report.Through = t
		}
	}
	if r.rejects > 0 {
		r.report.Note = fmt.Sprintf("Rows and cells that could not be read and were left out: %d.", r.rejects)
	}
	if len(r.refused) > 0 {
		if r.report.Note != "" {
			r.report.Note += " "
		}
		r.report.Note += fmt.Sprintf("Refused as a whole: %s.", collectors.Names(r.refused))
		r.report.Skipped = uint64(len(r.refused))
		r.report.Partial = true
	}
	return r.report
}

// send emits what was read of one file: first its rejects, then its results,
// then that these are all of them.
func (r *run) send(ctx context.Context, day time.Time, s *snapshot) error {
	for _, reject := range s.rejects {
		if err := r.emit(ctx, reject); err != nil {
			return err
		}
	}
	for i := range s.results {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.emit(ctx, &s.results[i]); err != nil {
			return err
		}
	}
	r.rejects += len(s.rejects)
	if s.refused > 0 {
		return nil
	}
	return r.emit(ctx, &observation.Snapshot{Source: observation.SourceArchive, ObservedOn: day})
}

// refuse keeps the beginning of a file that is refused as a whole.
func (r *run) refuse(ctx context.Context, object string, reason error, data []byte) error {
	r.refused = append(r.refused, fmt.Sprintf("%s (%v)", object, reason))
	return r.emit(ctx, collectors.NewReject(object, reason.Error(), string(data[:min(len(data), observation.MaxRejectText)])))
}
