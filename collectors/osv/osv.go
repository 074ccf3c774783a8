// Package osv reads the PyPI part of https://osv.dev: on the first run the
// archive of all records, afterwards those that the list of changes names.
package osv

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// Name is the collector's name.
	Name = "osv"

	baseURL     = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/"
	archiveURL  = baseURL + "all.zip"
	modifiedURL = baseURL + "modified_id.csv"

	maxRecord = 8 << 20  // bytes of one record; nearly all have less than 40 KB
	maxList   = 64 << 20 // bytes of modified_id.csv; it has about 1 MB

	// maxSingles is how many changed records are asked for one by one. More
	// come faster, and with less asking, in the archive.
	maxSingles = 2000

	breakerLimit = 10 // records in a row without an answer
)

// databases are the id prefixes that are read: PYSEC and GHSA (flaws), MAL
// (malware), PSF (CPython) and CVE, which PSF uses for its newer records.
var databases = []string{"PYSEC", "GHSA", "MAL", "PSF", "CVE"}

// Source is what this package needs of upstream.Client.
type Source interface {
	Get(ctx context.Context, req upstream.Request) (*upstream.Response, error)
	ReadAll(ctx context.Context, req upstream.Request) ([]byte, *upstream.Response, error)
	Concurrency(rawURL string) int
}

// Collector implements collectors.Collector.
type Collector struct{ source Source }

// New returns the collector.
func New(s Source) *Collector { return &Collector{source: s} }

// Name implements collectors.Collector.
func (*Collector) Name() string { return Name }

// Collect reads the archive on the first run, and afterwards the list of
// changes and the records whose modified is not the one that is stored, in
// either direction: a modified that lay in the future may be corrected. The
// source cannot be asked for one project, so Input.Project makes no difference.
//
// An archive or list that is empty or lost a tenth of its records is a failure
// of ClassEmpty, one that cannot be read of ClassMalformed, and nothing of it
// is emitted. A record that cannot be read is rejected with its text. One that
// the list names and the source does not have (404) makes the run partial and
// is asked for again by the next.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	cur, err := readCursor(in.Cursor)
	if err != nil {
		return collectors.Report{}, err
	}
	stored, err := in.Catalog.AdvisoryModified(ctx)
	if err != nil {
		return collectors.Report{}, err
	}
	r := &run{
		source:  c.source,
		in:      in,
		emit:    collectors.Together(emit),
		last:    cur,
		next:    cursor{Decoder: decoder, Refused: make(map[string]time.Time)},
		stored:  stored,
		foreign: make(map[string]int),
	}
	r.breaker.Limit = breakerLimit
	if in.Cursor == "" {
		err = r.archive(ctx)
	} else {
		err = r.changes(ctx)
	}
	if err != nil {
		return collectors.Report{}, err
	}
	return r.report(), nil
}

// run is the state of one run. The mutex guards what follows it.
type run struct {
	source  Source
	in      collectors.Input
	emit    func(context.Context, ...observation.Observation) error
	last    cursor
	stored  map[string]time.Time // id -> modified, as the store keeps it
	breaker collectors.Breaker
	gone    int // stored records that the source no longer lists

	mu        sync.Mutex
	next      cursor
	unchanged uint64
	elsewhere int            // records without a PyPI package
	foreign   map[string]int // records by a prefix that is not read
	missing   []string       // ids without a record
	rejects   int
	done      int
}

// known reports whether the version of a record with this modified is stored,
// or was refused before.
func (r *run) known(id string, modified time.Time) bool {
	if t, ok := r.stored[id]; ok {
		return equal(t, modified)
	}
	if t, ok := r.last.Refused[id]; ok && equal(t, modified) {
		r.refuse(id, modified)
		return true
	}
	return false
}

// equal compares times to the microsecond, which is what the store keeps.
func equal(a, b time.Time) bool {
	return a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}

// refuse remembers that this version of a record need not be read again.
func (r *run) refuse(id string, modified time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.next.Refused) < maxRefused {
		r.next.Refused[id] = modified
	}
}

// miss remembers that a listed record has to be asked for again.
func (r *run) miss(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.missing = append(r.missing, id)
}

// reject emits a record, or a part of one, that could not be read.
func (r *run) reject(ctx context.Context, object, reason, text string) error {
	r.mu.Lock()
	r.rejects++
	r.mu.Unlock()
	return r.emit(ctx, collectors.NewReject(object, reason, text))
}

// decoded is what came of reading one record.
type decoded struct {
	id       string
	record   *observation.Advisory
	problems []string
	err      error
	text     string // of the record, when there is something to reject
	size     int
}

func decode(id string, data []byte) decoded {
	d := decoded{id: id, size: len(data)}
	d.record, d.problems, d.err = Decode(id, data)
	if d.err != nil || len(d.problems) > 0 {
		d.text = collectors.CutText(string(data), observation.MaxRejectText)
	}
	return d
}

// take emits one record. modified is what the list said of it, zero without a
// list.
func (r *run) take(ctx context.Context, d decoded, modified time.Time) error {
	if d.err != nil {
		switch {
		case modified.IsZero():
		case errors.Is(d.err, errNotJSON):
			r.miss(d.id)
		default:
			r.refuse(d.id, modified)
		}
		if errors.Is(d.err, errOtherEcosystem) {
			r.mu.Lock()
			r.elsewhere++
			r.mu.Unlock()
			return nil
		}
		return r.reject(ctx, d.id, d.err.Error(), d.text)
	}
	r.through(d.record.Modified)
	if t, ok := r.stored[d.id]; ok && equal(t, d.record.Modified) {
		r.mu.Lock()
		r.unchanged++
		r.mu.Unlock()
		return nil
	}
	for _, p := range d.problems {
		if err := r.reject(ctx, d.id, p, d.text); err != nil {
			return err
		}
	}
	return r.emit(ctx, d.record)
}

// through moves "data through" forward, but never past the run's own time: one
// record that says it was modified next year must not hide a year of silence.
func (r *run) through(modified time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if modified.After(r.next.Through) && !modified.After(r.in.Now) {
		r.next.Through = modified
	}
}

// wanted reports whether records of an id's database are read, and counts those
// that are not.
func (r *run) wanted(id string) bool {
	if slices.Contains(databases, prefix(id)) {
		return true
	}
	r.foreign[prefix(id)]++
	return false
}

// checkSize guards against a source that lost its records: against the last
// run, or what is stored when there was none.
func (r *run) checkSize(op string, got int) error {
	last := r.last.Records
	if last == 0 {
		last = len(r.stored)
	}
	r.next.Records = got
	return collectors.CheckSize(op, "records", got, last)
}

func (r *run) progress(total int, what string) {
	r.mu.Lock()
	r.done++
	done := r.done
	r.mu.Unlock()
	r.in.Progress(done, total, what)
}

// report says how the run went.
func (r *run) report() collectors.Report {
	var foreign int
	for _, n := range r.foreign {
		foreign += n
	}
	if r.next.Through.IsZero() {
		r.next.Through = r.last.Through
	}
	return collectors.Report{
		Cursor:    r.next.write(),
		Unchanged: r.unchanged,
		Skipped:   uint64(foreign + r.elsewhere + len(r.missing)),
		Note:      r.note(),
		Partial:   len(r.missing) > 0 || r.rejects > 0,
		Through:   r.next.Through,
	}
}

func (r *run) note() string {
	var parts []string
	if n := len(r.missing); n > 0 {
		slices.Sort(r.missing)
		parts = append(parts, fmt.Sprintf("%d listed records could not be had and will be asked for again: %s", n, collectors.Names(r.missing)))
	}
	if len(r.foreign) > 0 {
		var names []string
		for _, p := range slices.Sorted(maps.Keys(r.foreign)) {
			names = append(names, fmt.Sprintf("%s %d", p, r.foreign[p]))
		}
		parts = append(parts, "left out records of databases that are not read: "+collectors.Names(names))
	}
	if r.elsewhere > 0 {
		parts = append(parts, fmt.Sprintf("%d records affect no PyPI package", r.elsewhere))
	}
	if r.gone > 0 {
		parts = append(parts, fmt.Sprintf("%d stored records are no longer listed by the source and are kept", r.gone))
	}
	if r.rejects > 0 {
		parts = append(parts, fmt.Sprintf("%d records or parts of records could not be read", r.rejects))
	}
	return strings.Join(parts, "; ")
}
