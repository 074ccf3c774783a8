// Package cpython reads what concerns the interpreter itself: the PSF's advisory
// database, https://github.com/psf/advisory-database, whose records name git
// commits of python/cpython and no PyPI project, and the release cycles that
// https://endoflife.date keeps.
package cpython

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// Name is the name of the collector of the advisories.
	Name = "cpython"

	archiveURL = "https://codeload.github.com/psf/advisory-database/tar.gz/refs/heads/main"
)

// Source is what this package needs of upstream.Client.
type Source interface {
	ReadAll(ctx context.Context, req upstream.Request) ([]byte, *upstream.Response, error)
}

// Collector collects the advisories. It implements collectors.Collector.
type Collector struct{ source Source }

// New returns the collector of the advisories.
func New(s Source) *Collector { return &Collector{source: s} }

// Name implements collectors.Collector.
func (*Collector) Name() string { return Name }

// cursor remembers the last accepted archive.
type cursor struct {
	Records int       `json:"records"`
	Through time.Time `json:"through"`
}

// mostGone is how many of the stored records one archive may drop, in percent.
const mostGone = 10

// Collect asks for the archive if it changed and emits every record. Of two
// records of one id the one modified later counts. An archive that is not whole
// is malformed, as is one of which a tenth of the records cannot be read; one
// without records, or with a tenth fewer than last time, is a failure of
// ClassEmpty, and so is one that would drop more than a tenth of the stored
// records; nothing of either is emitted. A record that cannot be read is a
// reject and makes the run partial; what is known of it stays.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	var cur cursor
	if err := in.Cursor.Read(Name, &cur); err != nil {
		return collectors.Report{}, err
	}
	in.Progress(0, 1, "advisories of CPython")
	body, resp, err := c.source.ReadAll(ctx, upstream.Request{URL: archiveURL, MaxBytes: maxArchive, Conditional: cur.Records > 0})
	if err != nil {
		return collectors.Report{}, err
	}
	report := collectors.Report{Cursor: in.Cursor, Through: cur.Through}
	if resp.NotModified {
		report.Unchanged = uint64(cur.Records)
		return report, emit(ctx, resp.Record())
	}
	records, err := unpack(ctx, body)
	if err != nil {
		return report, err
	}
	s := read(records)
	if s.refused*10 > len(records) {
		return report, collectors.Malformed(archiveURL, fmt.Errorf("%d of %d records cannot be read, the first because of %s", s.refused, len(records), s.rejects[0].Reason))
	}
	if err := collectors.CheckSize(archiveURL, "records", len(s.advisories), cur.Records); err != nil {
		return report, err
	}
	stored, err := in.Catalog.CPythonIDs(ctx)
	if err != nil {
		return report, err
	}
	gone, err := s.vanished(stored, in.Fresh)
	if err != nil {
		return report, err
	}
	if err := s.emit(ctx, emit, gone); err != nil {
		return report, err
	}
	if err := emit(ctx, resp.Record()); err != nil {
		return report, err
	}
	next := cursor{Records: len(s.advisories), Through: s.through(in.Now)}
	report.Cursor, report.Through = collectors.NewCursor(next), next.Through
	report.Skipped = uint64(s.other + s.unnumbered + s.older)
	report.Partial = len(s.rejects) > 0
	report.Note = s.note(gone)
	in.Progress(1, 1, "advisories of CPython")
	return report, nil
}

// snapshot is what one archive says.
type snapshot struct {
	advisories map[string]*observation.CPythonAdvisory // by id
	rejects    []*observation.Reject
	refused    int             // records that could not be read
	unread     map[string]bool // their ids, by the names of their files
	other      int             // records that concern something else than CPython
	unnumbered int             // records whose id is not final
	older      int             // records that another one of the same id replaces
	ranges     int             // ranges of something else than python/cpython
}

// read decodes all records.
func read(records []record) *snapshot {
	s := &snapshot{advisories: make(map[string]*observation.CPythonAdvisory, len(records)), unread: make(map[string]bool)}
	for _, r := range records {
		if r.data == nil {
			s.refuse(r, fmt.Errorf("it has %d bytes, more than the %d allowed", r.size, maxRecord))
			continue
		}
		a, ignored, problems, err := decode(r.data)
		s.ranges += ignored
		switch {
		case errors.Is(err, errOther):
			s.other++
			continue
		case errors.Is(err, errUnnumbered):
			s.unnumbered++
			continue
		case err != nil:
			s.refuse(r, err)
			continue
		case len(problems) > 0:
			s.rejects = append(s.rejects, collectors.NewReject(r.name, strings.Join(problems, "; "), string(r.data)))
		}
		if have := s.advisories[a.ID]; have != nil {
			s.older++
			if !a.Modified.After(have.Modified) {
				continue
			}
		}
		s.advisories[a.ID] = a
	}
	return s
}

func (s *snapshot) refuse(r record, err error) {
	s.refused++
	s.unread[strings.TrimSuffix(path.Base(r.name), ".json")] = true
	s.rejects = append(s.rejects, collectors.NewReject(r.name, err.Error(), string(r.data)))
}

func (s *snapshot) ids() []string { return slices.Sorted(maps.Keys(s.advisories)) }

// through is the newest change that is not in the future.
func (s *snapshot) through(now time.Time) time.Time {
	var newest time.Time
	for _, a := range s.advisories {
		if a.Modified.After(newest) && !a.Modified.After(now) {
			newest = a.Modified
		}
	}
	return newest
}

// vanished returns the stored records that the archive no longer has, or not as
// records about CPython. Many at once are a failure of ClassEmpty, unless it is
// asked afresh.
func (s *snapshot) vanished(stored []string, fresh bool) ([]string, error) {
	gone := slices.DeleteFunc(slices.Clone(stored), func(id string) bool { return s.advisories[id] != nil || s.unread[id] })
	if !fresh && len(gone)*100 > len(stored)*mostGone {
		return nil, &observation.Error{Class: observation.ClassEmpty, Op: archiveURL, Err: fmt.Errorf(
			"the archive has no longer %d of the %d stored records (%s): nothing was dropped, as it is more than %d %% at once: %w",
			len(gone), len(stored), collectors.Names(gone), mostGone, collectors.ErrShrunk)}
	}
	return gone, nil
}

func (s *snapshot) emit(ctx context.Context, emit collectors.Emit, gone []string) error {
	for _, r := range s.rejects {
		if err := emit(ctx, r); err != nil {
			return err
		}
	}
	for _, id := range s.ids() {
		if err := emit(ctx, s.advisories[id]); err != nil {
			return err
		}
	}
	for _, id := range gone {
		if err := emit(ctx, &observation.CPythonGone{ID: id}); err != nil {
			return err
		}
	}
	return nil
}

// note says what was left out, and which stored records are gone.
func (s *snapshot) note(gone []string) string {
	var parts []string
	add := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(len(s.rejects), "Records that could not be read, or not all of them: %d.", len(s.rejects))
	add(s.other, "Records that do not concern CPython: %d.", s.other)
	add(s.unnumbered, "Records without a number yet: %d.", s.unnumbered)
	add(s.older, "Records that a later one of the same id replaces: %d.", s.older)
	add(s.ranges, "Ranges of something else than python/cpython, ignored: %d.", s.ranges)
	add(len(gone), "No longer in the database as records about CPython, and gone: %s.", collectors.Names(gone))
	return strings.Join(parts, " ")
}
