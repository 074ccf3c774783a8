// Package collectors declares what a collector is. Each source has a package
// of its own below this one; cmd/pyrometer/registry.go lists them in order.
package collectors

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// A Collector reads one source. It never touches SQL, the wall clock or
// time.Sleep, and honours ctx in every loop.
type Collector interface {
	// Name is stored as the run's collector: "osv", "pypi", …
	Name() string
	// Collect reads what is new since in.Cursor and emits it. It returns the
	// cursor to store once everything emitted is durable. A nil error means that
	// the source was seen whole, apart from what the report counts.
	Collect(ctx context.Context, in Input, emit Emit) (Report, error)
}

// Input is what a run starts from.
type Input struct {
	Cursor  Cursor    // of the last run that was ok or partial; "" on the first
	Now     time.Time // the run's time, UTC
	Project string    // with collect --project: ask only for this one
	// Fresh: what is stored says nothing of how much the source must have. The
	// cursor is "" then.
	Fresh   bool
	Track   int // how many projects of the newest rank list are tracked
	Catalog Catalog
	// Progress tells how far the run is; total 0 is unknown. Never nil.
	Progress func(done, total int, what string)
}

// Catalog is what a collector may ask of what is already known.
type Catalog interface {
	// Tracked returns the first n projects of the newest rank list, by rank.
	Tracked(ctx context.Context, n int) ([]string, error)
	// TrackedRepositories returns the distinct repositories of the first n
	// projects (of one project when project is not empty), strongest trust first.
	TrackedRepositories(ctx context.Context, n int, project string) ([]string, error)
	// Serials returns the last known _last-serial of every project that has one.
	Serials(ctx context.Context) (map[string]uint64, error)
	// Seen returns every project that PyPI has answered for, and whether the last
	// complete root index that was read listed it.
	Seen(ctx context.Context) (map[string]bool, error)
	// PendingProvenance returns the files of the first n projects (of one project
	// when project is not empty) whose index page names a provenance object that
	// is not stored yet: by project in order of rank, newest upload first.
	PendingProvenance(ctx context.Context, n int, project string) ([]observation.ProvenanceFile, error)
	// RepositoryStates returns when each known repository was last asked about at its
	// forge, zero for those that never were: those of the first n projects, by rank,
	// and after them the others that their provenance is compared by.
	RepositoryStates(ctx context.Context, n int) ([]observation.KnownRepository, error)
	// Releases returns the latest release of the first n projects (of one project
	// when project is not empty), by rank.
	Releases(ctx context.Context, n int, project string) ([]observation.LatestRelease, error)
	// AdvisoryModified returns id and modified of every stored record that is not
	// gone.
	AdvisoryModified(ctx context.Context) (map[string]time.Time, error)
	// CPythonIDs returns the id of every stored advisory about CPython that
	// is not gone, sorted.
	CPythonIDs(ctx context.Context) ([]string, error)
	// CVEs returns every CVE id that some stored advisory record names, of CPython
	// too.
	CVEs(ctx context.Context) (map[string]bool, error)
}

// Emit hands one observation to the writer. It may block: that is the writer's
// back-pressure. After an error the collector stops and returns it. A
// *observation.Response is stored only after everything emitted before it is
// durable, so that a killed run asks again instead of hearing 304. A project and
// its repositories are emitted one after the other, with no other project
// between them: a stored project says that its repositories are stored too. So
// are the provenance of a project's files and the repositories that it names.
type Emit func(context.Context, observation.Observation) error

// Cursor is opaque to everybody but its collector. It moves only after all
// rows of the run are durable.
type Cursor string

// NewCursor encodes what a collector remembers: plain values, which always encode.
func NewCursor(v any) Cursor {
	b, _ := json.Marshal(v)
	return Cursor(b)
}

// Read decodes the cursor of the named collector into v, which stays as it is
// when there is none yet.
func (c Cursor) Read(name string, v any) error {
	if c == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(c), v); err != nil {
		return fmt.Errorf("%s: the stored cursor cannot be read: %w", name, err)
	}
	return nil
}

// Report is what a finished Collect says of itself.
type Report struct {
	Cursor    Cursor
	Unchanged uint64
	Skipped   uint64
	Note      string    // what was skipped and why, in one or two sentences
	Partial   bool      // the source was read to its end, but not all of it could be had
	Through   time.Time // newest source time seen
}
