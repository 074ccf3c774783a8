package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// The limits that bound what a Writer holds in memory.
const (
	blockRows      = 200_000 // rows that end a block of observations
	snapshotRows   = 60_000  // rows from which on the end of a day ends it
	chunkRows      = 20_000  // rows of versioned objects compared and written together
	rejectsAtOnce  = 1_000
	responsesHeld  = 500
	maxRejectField = 1_000 // bytes of a reject's object and of its reason
)

// Writer stores what one run of a collector emits. Its methods may be called
// from several goroutines. What must hold:
//
//   - After Flush has returned nil, every row of everything emitted before is
//     acknowledged by the server. A run's cursor moves only after that.
//   - Any emission may be repeated, by a retry, by the next run or by a run that
//     takes the place of a killed one. Observations (ranks, results, checks, EPSS
//     scores) carry a token made of their table, their run, their source object and
//     the hash of their content: the server drops a block that a retry sends again.
//     What another run repeats, the table's key makes one row, the newest: a source
//     that says A, then B, then A again is stored as saying A, so a token must not
//     remember the first A. Parts that a revised list, snapshot or result no longer
//     has are dropped once the new ones are durable. Of the API's answers about one
//     repository and day a weaker one replaces nothing.
//   - Versions (projects, files, links, advisories, affected, and the objects
//     without parts) are compared with the newest stored version, and written only
//     when they differ: A, then B, then A again are three versions. The versions of
//     one object have strictly rising known_at. A part that its whole no longer
//     names gets a tombstone, and so does an entry that its complete list no longer
//     has.
//   - The provenance of a file is stored whole or not at all, and once.
//   - A part is durable before its whole: files and links before their project,
//     affected before their advisory, checks before their result, the links that a
//     provenance object gives before the provenance. Whoever finds the whole
//     unchanged may leave the parts alone, whatever was killed when. So a collector
//     emits the links of a project next to it, and next to its provenance.
//   - A response (the validator of a URL) is stored after all that was emitted
//     before it is durable: a killed run asks again instead of hearing 304.
//   - One source being down erases nothing: fields of an API that did not answer
//     are carried over from the stored version, and a nil list of files leaves
//     the files alone. A partial one buries none.
//
// The comparison with the stored version makes one writing process a condition.
// With the embedded engine its directory lock sees to that: a second process
// cannot start an engine on the same data. On an external server the lease does
// (Store.Acquire): whoever collects holds it.
type Writer struct {
	store *Store
	run   observation.Run
	id    uuid.UUID

	mu        sync.Mutex // guards all below, but for sent
	err       error      // the first failure; the writer is of no use after it
	results   resultBuffer
	versions  versionBuffer
	rejects   []rejectRow
	responses []*observation.Response
	chunks    int // of versions, rejects and responses; numbers their tokens
	days      map[time.Time]struct{}
	snapshots map[snapshotKey]bool // of the results; true is whole

	onItsWay chan struct{} // holds one while a block of observations is being sent
	columns  resultColumns // used by the block on its way
	sent     struct {
		sync.Mutex
		err    error
		counts observation.Counts
	}
}

// NewWriter returns the writer of one run.
func (s *Store) NewWriter(run observation.Run) *Writer {
	w := &Writer{store: s, run: run, days: make(map[time.Time]struct{}), snapshots: make(map[snapshotKey]bool), onItsWay: make(chan struct{}, 1)}
	id, err := uuid.Parse(run.ID)
	if err != nil {
		w.err = fmt.Errorf("run of %s: its id %q is not a UUID", run.Collector, run.ID)
	}
	w.id = id
	return w
}

// Emit takes one observation. It blocks while earlier ones are being written.
// After an error the writer stores nothing more.
func (w *Writer) Emit(ctx context.Context, o observation.Observation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failed(); err != nil {
		return err
	}
	if w.err = w.store.learnAfter(ctx); w.err == nil {
		w.err = w.take(ctx, o)
	}
	return w.err
}

// failed returns the first failure, of a block in the background too.
func (w *Writer) failed() error {
	if w.err == nil {
		w.sent.Lock()
		w.err = w.sent.err
		w.sent.Unlock()
	}
	return w.err
}

func (w *Writer) take(ctx context.Context, o observation.Observation) error {
	switch o := o.(type) {
	case *observation.RankList:
		return w.takeRanks(ctx, o)
	case *observation.ScorecardResult:
		return w.takeResult(ctx, o)
	case *observation.Snapshot:
		w.takeSnapshot(o)
	case *observation.Project:
		// The links of the project before have arrived by now.
		if err := w.makeRoom(ctx); err != nil {
			return err
		}
		w.versions.projects = append(w.versions.projects, o)
		w.versions.rows += 1 + len(o.Files)
	case *observation.ProjectRepositories:
		w.versions.links = append(w.versions.links, o)
		w.versions.rows += len(o.Links)
	case *observation.Advisory:
		w.versions.advisories = append(w.versions.advisories, advisoryWord{o.ID, o})
		w.versions.rows += 1 + len(o.Affected)
		return w.makeRoom(ctx)
	case *observation.AdvisoryGone:
		w.versions.advisories = append(w.versions.advisories, advisoryWord{id: o.ID})
		w.versions.rows += 2 // most records name one project
		return w.makeRoom(ctx)
	case *observation.FileProvenance:
		return w.takeProvenance(ctx, o)
	case *observation.Presence:
		w.versions.presence = append(w.versions.presence, presenceObject(o))
		w.versions.rows++
		return w.makeRoom(ctx)
	case *observation.Repository:
		w.versions.repositories = append(w.versions.repositories, repositoryObject(o))
		w.versions.rows++
		return w.makeRoom(ctx)
	case *observation.CPythonAdvisory:
		w.versions.cpython = append(w.versions.cpython, cpythonObject(o))
		w.versions.rows++
		return w.makeRoom(ctx)
	case *observation.CPythonGone:
		w.versions.cpython = append(w.versions.cpython, object{key: []any{o.ID}})
		w.versions.rows++
		return w.makeRoom(ctx)
	case *observation.ExploitedCatalog:
		return w.takeExploited(ctx, o)
	case *observation.PythonCycles:
		return w.takeCycles(ctx, o)
	case *observation.EPSSScores:
		return w.takeEPSS(ctx, o)
	case *observation.Reject:
		return w.takeReject(ctx, o)
	case *observation.Response:
		w.responses = append(w.responses, o)
		if len(w.responses) >= responsesHeld {
			return w.flush(ctx)
		}
	default:
		return fmt.Errorf("cannot store a %T", o)
	}
	return nil
}

// Flush writes what is held and returns when everything emitted is durable.
func (w *Writer) Flush(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.failed(); err != nil {
		return err
	}
	if w.err = w.flush(ctx); w.err == nil {
		w.err = w.dropReplaced(ctx)
	}
	return w.err
}

func (w *Writer) flush(ctx context.Context) error {
	if err := w.sealResults(ctx); err != nil {
		return err
	}
	if err := w.writeVersions(ctx); err != nil {
		return err
	}
	if err := w.writeRejects(ctx); err != nil {
		return err
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	return w.writeResponses(ctx)
}

// Counts returns what is stored so far.
func (w *Writer) Counts() observation.Counts {
	w.mu.Lock()
	days := make([]time.Time, 0, len(w.days))
	for day := range w.days {
		days = append(days, day)
	}
	w.mu.Unlock()
	slices.SortFunc(days, time.Time.Compare)
	w.sent.Lock()
	defer w.sent.Unlock()
	counts := w.sent.counts
	counts.Days = days
	return counts
}

// send runs write in the background, while the next block is filled; one at a
// time. Its context is the store's own: that of an Emit may end with the
// collector's goroutine while the block is on its way.
func (w *Writer) send(ctx context.Context, write func(context.Context) error) error {
	select {
	case w.onItsWay <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	go func() {
		defer func() { <-w.onItsWay }()
		if err := write(w.store.alive); err != nil {
			w.sent.Lock()
			defer w.sent.Unlock()
			w.sent.err = errors.Join(w.sent.err, err)
		}
	}()
	return nil
}

// settle waits until no block is on its way.
func (w *Writer) settle(ctx context.Context) error {
	select {
	case w.onItsWay <- struct{}{}:
		<-w.onItsWay
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	w.sent.Lock()
	defer w.sent.Unlock()
	return w.sent.err
}

// count adds to what is stored.
func (w *Writer) count(rows, unchanged, rejects int) {
	w.sent.Lock()
	defer w.sent.Unlock()
	w.sent.counts.Rows += uint64(rows)
	w.sent.counts.Unchanged += uint64(unchanged)
	w.sent.counts.Rejects += uint64(rejects)
}

// nextToken numbers a block whose content was compared with what is stored: it
// must be told from an equal one of an earlier run, and repeated only as itself.
func (w *Writer) nextToken(table string) string {
	w.chunks++
	return fmt.Sprintf("%s/%s/%d", table, w.id, w.chunks)
}
