// Package osv reads the PyPI part of https://osv.dev: on the first run and once
// a week the archive of all records, otherwise those that the list of changes
// names.
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

	// archiveEvery is how often the whole archive is compared with what is
	// stored: a record that is deleted at its database stays in the list of
	// changes or leaves it, but is never said to be gone.
	archiveEvery = 7 * 24 * time.Hour
)

// databases are the id prefixes that are read: the databases of flaws in PyPI
// projects (PYSEC, GHSA) and of malware on PyPI (MAL). All others are counted
// and named in the run's note, and not stored:
//   - vendors' feeds (ECHO, ROOT, …) tell of the vendor's own rebuilds under the
//     name of the PyPI project, and would make every one of its releases affected;
//   - PSF, and CVE as PSF writes it, concern CPython by git commits and no PyPI
//     project;
//   - OSV is what OSS-Fuzz finds by itself, without anybody having judged it; a
//     finding that is a flaw of a release gets a PYSEC or GHSA record.
var databases = []string{"PYSEC", "GHSA", "MAL"}

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

// Collect reads the list of changes and the records whose modified is not the
// one that is stored, in either direction: a modified that lay in the future may
// be corrected. On the first run, once a week and when very many records have
// changed it reads the archive instead, and the stored records that are no
// longer in it are gone; no other run says that of a record that it has not
// read. A stored record that affects no PyPI package any more is gone by its own
// word, wherever it is read. The source cannot be asked
// for one project, so Input.Project makes no difference.
//
// An archive or list that is empty or lost a tenth of its records is a failure
// of ClassEmpty; one that cannot be read is of ClassMalformed. Nothing of it is
// emitted. A run that would drop more than 1 % of the stored records drops none
// and is a failure of ClassEmpty. A weekly archive that fails holds up no changes: they are emitted
// before the run ends with its error. A record that cannot be read is rejected
// with its text. One that the list names and the source does not have (404) makes
// the run partial and is asked for again by the next.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	cur, err := readCursor(in.Cursor, in.Now)
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
		stored:  stored,
		had:     len(stored),
		next:    cursor{Decoder: decoder, ArchiveAt: cur.ArchiveAt, Refused: make(map[string]time.Time)},
		taken:   make(map[string]time.Time),
		foreign: make(map[string]int),
	}
	r.breaker.Limit = breakerLimit
	if err := r.collect(ctx); err != nil {
		return collectors.Report{}, err
	}
	return r.report(), nil
}

func (r *run) collect(ctx context.Context) error {
	first := len(r.stored) == 0
	whole := first || r.in.Now.Sub(r.last.ArchiveAt) >= archiveEvery
	var listed []change
	var resp *upstream.Response
	if !first { // else there is nothing to compare a list with
		var err error
		if listed, resp, err = r.list(ctx, !whole); err != nil {
			return err
		}
		if resp.NotModified {
			r.next.Records, r.next.Through, r.next.Refused = r.last.Records, r.last.Through, r.last.Refused
			r.unchanged = uint64(r.last.Records)
			return r.emit(ctx, resp.Record())
		}
	}
	due := r.due(listed)
	var failed error
	if many := len(due) > maxSingles; whole || many {
		failed = r.archive(ctx, listed, !first && !many && !r.last.ArchiveAt.IsZero())
		if failed != nil && (many || observation.ClassOf(failed) == observation.ClassInternal) {
			return failed
		}
		due = r.due(listed)
	}
	if !r.unpacked {
		r.countListed(listed, due)
	}
	if err := r.singles(ctx, due); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	if err := r.dropLeft(ctx); err != nil {
		return err
	}
	if resp == nil || len(r.missing) > 0 {
		// Without the list's validators the next run reads it again and asks for
		// what is missing.
		return nil
	}
	return r.emit(ctx, resp.Record())
}

// run is the state of one run. The mutex guards what follows it.
type run struct {
	source  Source
	in      collectors.Input
	emit    func(context.Context, ...observation.Observation) error
	last    cursor
	stored  map[string]time.Time // id -> modified, as the store keeps it, without what this run has dropped
	had     int                  // how many they were
	breaker collectors.Breaker

	unpacked bool     // the archive was read
	deleted  []string // stored records that are no longer in it
	twice    int      // entries of it with an id that another has
	unlisted int      // stored records that the list of changes does not name

	mu        sync.Mutex
	next      cursor
	taken     map[string]time.Time // id -> modified of the records that this run has read
	unchanged uint64
	elsewhere int            // records without a PyPI package
	left      []string       // those of them that had one when they were stored
	foreign   map[string]int // records by a prefix that is not read
	missing   []string       // ids without a record
	rejects   int
	done      int
}

// known reports whether the version of a record with this modified is stored,
// was read by this run (a later one counts as well), or was refused before.
func (r *run) known(id string, modified time.Time) bool {
	if t, ok := r.taken[id]; ok {
		return equal(t, modified) || t.After(modified)
	}
	if t, ok := r.stored[id]; ok {
		return equal(t, modified)
	}
	if t, ok := r.next.Refused[id]; ok {
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
	if other, ok := errors.AsType[otherEcosystem](d.err); ok {
		r.passOver(d.id, other.modified, modified)
		return nil
	}
	if d.err != nil {
		switch {
		case modified.IsZero():
		case errors.Is(d.err, errNotJSON):
			r.miss(d.id)
		default:
			r.refuse(d.id, modified)
		}
		return r.reject(ctx, d.id, d.err.Error(), d.text)
	}
	r.through(d.record.Modified)
	if !r.isNews(d.record) {
		return nil
	}
	for _, p := range d.problems {
		if err := r.reject(ctx, d.id, p, d.text); err != nil {
			return err
		}
	}
	return r.emit(ctx, d.record)
}

// passOver counts a record that affects no PyPI package, and notes one that did
// when it was stored. listed is what the list said of it, zero without a list.
func (r *run) passOver(id string, modified, listed time.Time) {
	if !listed.IsZero() && !modified.Before(listed) {
		r.refuse(id, listed)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.elsewhere++
	if was, ok := r.stored[id]; ok && (equal(modified, was) || modified.After(was)) {
		r.left = append(r.left, id)
	}
}

// dropLeft emits the stored records that affect no PyPI package any more as
// gone.
func (r *run) dropLeft(ctx context.Context) error {
	if err := r.mayDrop(slices.Concat(r.deleted, r.left)); err != nil {
		return err
	}
	slices.Sort(r.left)
	return r.drop(ctx, r.left)
}

// mostGone is how many of the stored records one run may drop, in percent.
const mostGone = 1

// mayDrop guards against a source that has lost records: it is a failure of
// ClassEmpty when too many of the stored ones would be gone at once, unless it is
// asked afresh.
func (r *run) mayDrop(gone []string) error {
	if r.in.Fresh || len(gone)*100 <= r.had*mostGone {
		return nil
	}
	slices.Sort(gone)
	return &observation.Error{Class: observation.ClassEmpty, Op: baseURL, Err: fmt.Errorf(
		"the source has no longer %d of the %d stored records (%s), or not as records of PyPI: nothing was dropped, as it is more than %d %% at once: %w",
		len(gone), r.had, collectors.Names(gone), mostGone, collectors.ErrShrunk)}
}

// drop emits records as gone, each once.
func (r *run) drop(ctx context.Context, gone []string) error {
	for _, id := range gone {
		if _, ok := r.stored[id]; !ok {
			continue
		}
		if err := r.emit(ctx, &observation.AdvisoryGone{ID: id}); err != nil {
			return err
		}
		delete(r.stored, id)
	}
	return nil
}

// isNews notes that a record was read, and reports whether it has to be stored:
// not when it is stored already, and not when this run has read a later one.
func (r *run) isNews(a *observation.Advisory) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t, ok := r.taken[a.ID]; ok && !a.Modified.After(t) {
		return false
	}
	r.taken[a.ID] = a.Modified
	if t, ok := r.stored[a.ID]; ok && equal(t, a.Modified) {
		r.unchanged++
		return false
	}
	return true
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

// isWanted reports whether records of an id's database are read.
func isWanted(id string) bool { return slices.Contains(databases, prefix(id)) }

// checkSize guards against a source that lost its records, of those that are
// wanted: against the last run, or what is stored when there was none; a fresh
// run has neither.
func (r *run) checkSize(op string, got int) error {
	last := r.last.Records
	if last == 0 && !r.in.Fresh {
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
		Cursor:    collectors.NewCursor(r.next),
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
			names = append(names, fmt.Sprintf("%d of %s", r.foreign[p], p))
		}
		parts = append(parts, "left out the records of databases that are not read: "+collectors.Names(names))
	}
	if r.elsewhere > 0 {
		parts = append(parts, fmt.Sprintf("%d records affect no PyPI package", r.elsewhere))
	}
	if n := len(r.left); n > 0 {
		parts = append(parts, fmt.Sprintf("%d stored records affect no PyPI package any more and are gone: %s", n, collectors.Names(r.left)))
	}
	if r.twice > 0 {
		parts = append(parts, fmt.Sprintf("%d records were there more than once; the later modified counts", r.twice))
	}
	if n := len(r.deleted); n > 0 {
		parts = append(parts, fmt.Sprintf("%d stored records are gone from the archive of all records: %s", n, collectors.Names(r.deleted)))
	}
	if r.unlisted > 0 {
		parts = append(parts, fmt.Sprintf("%d stored records are no longer listed; they are kept until the archive of all records says that they are gone", r.unlisted))
	}
	if r.rejects > 0 {
		parts = append(parts, fmt.Sprintf("%d records or parts of records could not be read", r.rejects))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "; ") + "."
}
