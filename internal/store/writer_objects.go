package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Objects without parts: each has one row a version, under a key of one name.

var presenceTable = versionTable{
	name:    "project_presence",
	key:     []string{"project"},
	content: []string{"listed"},
	beside:  []string{"observed_at"},
}

func presenceObject(p *observation.Presence) object {
	return object{
		key:     []any{p.Project},
		content: []any{bit(p.Listed)},
		beside:  []any{p.ObservedAt},
	}
}

// repositoryTable has one version an answer: when a forge was last asked decides
// when it is asked again.
var repositoryTable = versionTable{
	name:    "repositories",
	key:     []string{"repository"},
	content: []string{"state", "target", "observed_at"},
}

func repositoryObject(r *observation.Repository) object {
	return object{
		key:     []any{r.Name},
		content: []any{string(r.State), r.Target, r.ObservedAt.Truncate(time.Millisecond)},
	}
}

var cpythonTable = versionTable{
	name: "cpython_advisories",
	key:  []string{"osv_id"},
	content: []string{"aliases", "published", "modified", "withdrawn", "summary", "vectors", "severity_word", "references",
		"repository", "introduced", "fixed", "versions"},
}

func cpythonObject(a *observation.CPythonAdvisory) object {
	return object{
		key: []any{a.ID},
		content: []any{a.Aliases, instant(a.Published), modified(a.Modified), instant(a.Withdrawn), a.Summary, a.Vectors, a.SeverityWord, a.References,
			a.Repository, a.Introduced, a.Fixed, a.Versions},
	}
}

var exploitedTable = versionTable{
	name:    "exploited",
	key:     []string{"cve"},
	content: []string{"vendor", "product", "name", "added_on", "due_on", "ransomware", "cwes", "notes"},
}

var cycleTable = versionTable{
	name:    "python_cycles",
	key:     []string{"cycle"},
	content: []string{"released_on", "active_to", "ends_on", "ended", "latest", "latest_on"},
}

// writeObjects writes those of emitted that are news. Each is an object by
// itself: of one that is not among them nothing is said.
func (w *Writer) writeObjects(ctx context.Context, table versionTable, query string, emitted []object) error {
	if len(emitted) == 0 {
		return nil
	}
	newest := make(map[string]object, len(emitted)) // the last word
	var names []string
	for _, o := range emitted {
		name := o.key[0].(string)
		newest[name] = o
		names = append(names, name)
	}
	names = distinct(names)
	have := make(map[string]stored, len(names))
	if err := w.store.readVersions(ctx, query, names, storedByName(have)); err != nil {
		return err
	}
	found := w.newsOf(table)
	unchanged := 0
	for _, name := range names {
		o := newest[name]
		if o.content == nil {
			found.bury(have[name], o.key...)
		} else if !found.add(have[name], o) {
			unchanged++
		}
	}
	w.count(0, unchanged, 0)
	return found.write(ctx)
}

// takeExploited writes what is new in the catalogue and buries the entries that
// it no longer has.
func (w *Writer) takeExploited(ctx context.Context, c *observation.ExploitedCatalog) error {
	if len(c.Entries) == 0 {
		return w.takeReject(ctx, &observation.Reject{Object: "catalogue " + c.Version, Reason: "exploited vulnerabilities: it has no entries"})
	}
	have, err := w.store.readList(ctx, "writer.exploited")
	if err != nil {
		return err
	}
	for _, cve := range c.Unread {
		delete(have, cve) // it is there, so what is known of it stays
	}
	entries := make([]object, 0, len(c.Entries))
	for i := range c.Entries {
		e := &c.Entries[i]
		if wrong := checkDay(e.AddedOn); wrong != "" {
			if err := w.takeReject(ctx, &observation.Reject{Object: e.CVE, Reason: "exploited vulnerability: " + wrong}); err != nil {
				return err
			}
			delete(have, e.CVE) // it is there, so what is known of it stays
			continue
		}
		entries = append(entries, object{
			key:     []any{e.CVE},
			content: []any{e.Vendor, e.Product, e.Name, e.AddedOn, storableDay(e.DueOn), e.Ransomware, e.CWEs, e.Notes},
		})
	}
	return w.writeList(ctx, exploitedTable, have, entries)
}

// takeCycles writes what is new in the list of cycles and buries those that it
// no longer has.
func (w *Writer) takeCycles(ctx context.Context, list *observation.PythonCycles) error {
	if len(list.Cycles) == 0 {
		return w.takeReject(ctx, &observation.Reject{Object: "cycles", Reason: "release cycles of CPython: there are none"})
	}
	have, err := w.store.readList(ctx, "writer.python_cycles")
	if err != nil {
		return err
	}
	cycles := make([]object, len(list.Cycles))
	for i, c := range list.Cycles {
		cycles[i] = object{
			key:     []any{c.Name},
			content: []any{storableDay(c.ReleasedOn), storableDay(c.ActiveTo), storableDay(c.EndsOn), bit(c.Ended), c.Latest, storableDay(c.LatestOn)},
		}
	}
	return w.writeList(ctx, cycleTable, have, cycles)
}

// writeList writes a table's one complete list.
func (w *Writer) writeList(ctx context.Context, table versionTable, have map[string]stored, list []object) error {
	found := w.newsOf(table)
	if !found.whole(nil, have, list) {
		w.count(0, 1, 0)
	}
	return found.write(ctx)
}

// readList returns the newest stored version of every object of a table.
func (s *Store) readList(ctx context.Context, query string) (map[string]stored, error) {
	have := make(map[string]stored)
	err := s.retry(ctx, func() error { return s.queryEach(ctx, query, storedByName(have)) })
	return have, err
}

// storedByName scans into have the versions of a table with a key of one name.
func storedByName(have map[string]stored) func(driver.Rows) error {
	return func(rows driver.Rows) error {
		var name string
		var old stored
		if err := scanStored(rows, &old, &name); err != nil {
			return err
		}
		have[name] = old
		return nil
	}
}

// storableDay returns t for a nullable Date column.
func storableDay(t time.Time) *time.Time {
	if checkDay(t) != "" {
		return nil
	}
	return &t
}
