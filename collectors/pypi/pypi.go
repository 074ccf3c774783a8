// Package pypi reads the metadata of the tracked projects from PyPI: the root
// index tells which of them changed, a project's page of the Index API its files
// and status, and its JSON the rest (https://docs.pypi.org/api/).
package pypi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// Name is the collector's name.
	Name = "pypi"

	rootURL     = "https://pypi.org/simple/"
	indexType   = "application/vnd.pypi.simple.v1+json"
	jsonType    = "application/json"
	maxRoot     = 256 << 20 // bytes; the index of 790,000 projects has about 40 MB
	maxDocument = 64 << 20  // bytes of a page or a JSON; the largest have some 10 MB

	breakerLimit = 20 // answers in a row that PyPI fails to give

	// normalAbsent is the share of tracked projects, 1 in 20, that PyPI may not
	// have without a word: projects are removed between two monthly rank lists.
	normalAbsent = 20
)

// Source is what this package needs of upstream.Client.
type Source interface {
	Get(ctx context.Context, req upstream.Request) (*upstream.Response, error)
	ReadAll(ctx context.Context, req upstream.Request) ([]byte, *upstream.Response, error)
	Concurrency(rawURL string) int
}

// cursor remembers the last root index that was accepted, and the newest upload
// seen. What is known of each project is asked of the catalogue.
type cursor struct {
	Projects int       `json:"projects"` // listed in the root index
	Through  time.Time `json:"through"`
}

// Collector reads PyPI. It implements collectors.Collector.
type Collector struct{ source Source }

// New returns the collector.
func New(s Source) *Collector { return &Collector{source: s} }

// Name implements collectors.Collector.
func (*Collector) Name() string { return Name }

// Collect reads the projects whose serial in the root index is not the one that
// is known, those that were never read and those without a serial; for one
// project it asks in any case, and leaves the root index alone. A project that
// neither API has is unavailable: skipped and named, never taken as removed. When
// it is the one asked for by name, and not known from before, the run is a failure
// of ClassNotFound: a misspelt name leaves no project. A project
// that could not be read keeps what is known of it, makes the run partial and is
// read again by the next run. A list of which some files cannot be read takes
// none away; one of which a tenth cannot is no data. When PyPI stops answering the run fails and keeps
// what it emitted. A root index that lost a tenth of its projects is a failure
// of ClassEmpty.
//
// A root index that has changed also tells which of the projects that PyPI has
// answered for it no longer lists, or lists again. Presence is emitted for those
// alone: what is not said of a project is as Catalog.Seen has it.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	var cur cursor
	if err := in.Cursor.Read(Name, &cur); err != nil {
		return collectors.Report{}, err
	}
	r := &run{source: c.source, now: in.Now, emit: collectors.Together(emit), report: collectors.Report{Through: cur.Through}}
	r.breaker.Limit = breakerLimit
	tracked, err := r.tracked(ctx, in)
	if err != nil {
		return collectors.Report{}, err
	}
	if len(tracked) == 0 && in.Track > 0 {
		return collectors.NothingKnown(in, "rank list", "ranks"), nil
	}
	if r.serials, err = in.Catalog.Serials(ctx); err != nil {
		return collectors.Report{}, err
	}
	if in.Project == "" {
		in.Progress(0, len(tracked), "root index")
		seen, err := in.Catalog.Seen(ctx)
		if err != nil {
			return collectors.Report{}, err
		}
		if err := r.readRoot(ctx, tracked, seen, cur.Projects); err != nil {
			return collectors.Report{}, err
		}
		if err := r.judge(ctx, seen); err != nil {
			return collectors.Report{}, err
		}
	} else if r.stranger, err = isStranger(ctx, in, tracked[0]); err != nil {
		return collectors.Report{}, err
	}
	due := r.due(tracked)
	// One project is decoded while another's answers are on their way.
	err = collectors.ForEach(ctx, c.source.Concurrency(rootURL)+1, due, func(ctx context.Context, name string) error {
		if err := r.read(ctx, name); err != nil {
			return err
		}
		r.progress(in, len(due), name)
		return nil
	})
	if err != nil {
		return collectors.Report{}, err
	}
	if err := r.finishRoot(ctx); err != nil {
		return collectors.Report{}, err
	}
	return r.finish(in, cur, len(tracked)), nil
}

// run is the state of one run. The mutex guards what follows it; what is before
// it does not change while projects are read.
type run struct {
	source  Source
	now     time.Time
	emit    func(context.Context, ...observation.Observation) error
	breaker collectors.Breaker
	serials map[string]uint64 // known, by project
	// stranger: the one project asked for is not known: its name may be misspelt
	stranger bool
	root     *root // nil when it was not read or has not changed
	rootRec  *observation.Response
	rootOld  bool // the root index has not changed

	mu     sync.Mutex
	report collectors.Report
	done   int
	absent []string // neither API has them
	failed []string
	gone   []string // no longer in the root index
	back   []string // in the root index again
	unsaid []string // not in the root index, and their pages cannot say why
	hollow,
	emptied,
	rejects int
}

func (r *run) tracked(ctx context.Context, in collectors.Input) ([]string, error) {
	if in.Project == "" {
		return in.Catalog.Tracked(ctx, in.Track)
	}
	name, err := pypa.ParseName(in.Project)
	if err != nil {
		return nil, fmt.Errorf("pypi: %w", err)
	}
	return []string{name}, nil
}

// isStranger reports whether a project is neither tracked nor one that PyPI has
// ever answered for.
func isStranger(ctx context.Context, in collectors.Input, name string) (bool, error) {
	seen, err := in.Catalog.Seen(ctx)
	if err != nil {
		return false, err
	}
	if _, known := seen[name]; known {
		return false, nil
	}
	tracked, err := in.Catalog.Tracked(ctx, in.Track)
	return !slices.Contains(tracked, name), err
}

// indexTypes are the media types of the Index API. A proxy may know no better
// than plain JSON; which version of the API it is, the answer itself says.
var indexTypes = []string{indexType, jsonType}

// readRoot reads the root index, if it changed since the last one that was
// accepted, which listed that many projects.
func (r *run) readRoot(ctx context.Context, tracked []string, seen map[string]bool, last int) error {
	resp, err := r.source.Get(ctx, upstream.Request{URL: rootURL, Accept: indexType, ContentTypes: indexTypes, MaxBytes: maxRoot, Conditional: last > 0, ExpectJSON: true})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.NotModified {
		r.rootOld, r.rootRec = true, resp.Record()
		return nil
	}
	wanted := make(map[string]bool, len(tracked)+len(seen))
	for _, name := range tracked {
		wanted[name] = true
	}
	for name := range seen {
		wanted[name] = true
	}
	root, err := decodeRoot(resp.Body, wanted)
	if err != nil {
		if _, classed := errors.AsType[*observation.Error](err); classed {
			return err
		}
		return collectors.Malformed("GET "+rootURL, fmt.Errorf("not the root index: %w", err))
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if err := collectors.CheckSize("GET "+rootURL, "projects", root.total, last); err != nil {
		return err
	}
	r.root, r.rootRec = root, resp.Record()
	if root.odd > 0 {
		r.rejects++
		reason := fmt.Sprintf("%d entries of the root index cannot be read; no project is missed for want of one", root.odd)
		return r.emit(ctx, collectors.NewReject(rootURL, reason, ""))
	}
	return nil
}

// finishRoot lets the next run ask only for a newer root index. After a failure
// it must read the index again, to learn which projects are still to be read, or
// to be judged.
func (r *run) finishRoot(ctx context.Context) error {
	if r.rootRec == nil || len(r.failed)+len(r.unsaid) > 0 || r.root != nil && r.root.odd > 0 {
		return nil
	}
	return r.emit(ctx, r.rootRec)
}

// due leaves out the projects that have not changed since they were read.
func (r *run) due(tracked []string) []string {
	due := make([]string, 0, len(tracked))
	for _, name := range tracked {
		serial := r.serials[name]
		listed := uint64(0)
		if r.root != nil {
			listed = uint64(r.root.listed[name].Serial)
		}
		if serial != 0 && (r.rootOld || listed == serial) {
			r.report.Unchanged++
			continue
		}
		due = append(due, name)
	}
	return due
}

func (r *run) finish(in collectors.Input, cur cursor, tracked int) collectors.Report {
	slices.Sort(r.absent)
	slices.Sort(r.failed)
	r.report.Skipped += uint64(len(r.absent) + len(r.failed))
	r.report.Partial = len(r.failed)+len(r.unsaid) > 0 || r.rejects > 0 || len(r.absent)*normalAbsent > tracked
	r.report.Note = r.note()
	r.report.Cursor = in.Cursor
	if in.Project == "" {
		if r.root != nil {
			cur.Projects = r.root.total
		}
		cur.Through = r.report.Through
		r.report.Cursor = collectors.NewCursor(cur)
	}
	return r.report
}

func (r *run) note() string {
	var parts []string
	add := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(len(r.absent), "Unavailable, PyPI has neither page nor JSON: %d (%s).", len(r.absent), collectors.Names(r.absent))
	add(len(r.failed), "Could not be read, and are read again by the next run: %d (%s).", len(r.failed), collectors.Names(r.failed))
	add(len(r.gone), "Removed, the root index lists them no longer: %d (%s).", len(r.gone), collectors.Names(r.gone))
	add(len(r.back), "Listed again: %d (%s).", len(r.back), collectors.Names(r.back))
	add(len(r.unsaid), "Not in the root index, and could not be asked whether they are in quarantine: %d (%s).", len(r.unsaid), collectors.Names(r.unsaid))
	add(r.hollow, "With releases and no file at all, whose files are taken as not read: %d.", r.hollow)
	add(r.emptied, "With an empty list of files: %d.", r.emptied)
	add(r.rejects, "Records refused: %d.", r.rejects)
	return strings.Join(parts, " ")
}

func (r *run) progress(in collectors.Input, total int, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	in.Progress(r.done, total, name)
}
