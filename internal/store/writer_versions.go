package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// keysPerRead bounds the keys of one read of stored versions.
const keysPerRead = 1_000

// versionBuffer holds the versioned objects of the chunk that is being filled.
type versionBuffer struct {
	projects   []*observation.Project
	links      []*observation.ProjectRepositories
	advisories []advisoryWord
	rows       int // roughly what they will be at most
}

// advisoryWord is what the source said of one OSV record.
type advisoryWord struct {
	id     string
	record *observation.Advisory // nil: it is gone
}

func (b *versionBuffer) addProject(p *observation.Project) {
	b.projects = append(b.projects, p)
	b.rows += 1 + len(p.Files)
}

func (b *versionBuffer) addLinks(l *observation.ProjectRepositories) {
	b.links = append(b.links, l)
	b.rows += len(l.Links)
}

func (b *versionBuffer) addAdvisory(a *observation.Advisory) {
	b.advisories = append(b.advisories, advisoryWord{a.ID, a})
	b.rows += 1 + len(a.Affected)
}

func (b *versionBuffer) addAdvisoryGone(g *observation.AdvisoryGone) {
	b.advisories = append(b.advisories, advisoryWord{id: g.ID})
	b.rows += 2 // most records name one project
}

// makeRoom writes the chunk when it is full.
func (w *Writer) makeRoom(ctx context.Context) error {
	if w.versions.rows < chunkRows {
		return nil
	}
	return w.writeVersions(ctx)
}

// writeVersions writes what differs from the stored versions, parts before
// their wholes.
func (w *Writer) writeVersions(ctx context.Context) error {
	v := w.versions
	w.versions = versionBuffer{}
	if err := w.writeLinks(ctx, v.links); err != nil {
		return err
	}
	if err := w.writeProjects(ctx, v.projects); err != nil {
		return err
	}
	return w.writeAdvisories(ctx, v.advisories)
}

// stored is the newest stored version of something; the zero value is none.
type stored struct {
	knownAt time.Time
	hash    uint64
	deleted bool
}

// differs reports whether content with this hash is news.
func (s stored) differs(hash uint64) bool {
	return s.knownAt.IsZero() || s.deleted || s.hash != hash
}

// next returns the known_at of a version after s that is learned now.
func (s stored) next(now time.Time) time.Time {
	if now.After(s.knownAt) {
		return now
	}
	return s.knownAt.Add(time.Millisecond)
}

// writeRows writes changed rows of one table.
func (w *Writer) writeRows(ctx context.Context, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if err := w.store.insert(ctx, rowBlock(table, w.nextToken(table), columns, rows...)); err != nil {
		return err
	}
	w.count(len(rows), 0, 0)
	return nil
}

// readVersions calls each for the newest stored version of every object of
// keys, in bounded reads. When the server goes away a read begins again, so
// each must bear the same row twice.
func (s *Store) readVersions(ctx context.Context, query string, keys []string, each func(driver.Rows) error) error {
	for keys := range slices.Chunk(keys, keysPerRead) {
		err := s.retry(ctx, func() error { return s.queryEach(ctx, query, each, param("keys", keys)) })
		if err != nil {
			return err
		}
	}
	return nil
}

var linkColumns = []string{"project", "repository", "known_at", "trust", "evidence", "label", "content_hash", "deleted", "run_id"}

func (w *Writer) writeLinks(ctx context.Context, lists []*observation.ProjectRepositories) error {
	if len(lists) == 0 {
		return nil
	}
	type origin struct {
		project string
		trust   observation.Trust
	}
	newest := make(map[origin]*observation.ProjectRepositories, len(lists)) // the last word of each origin
	var projects []string
	for _, l := range lists {
		newest[origin{l.Project, l.Origin}] = l
		projects = append(projects, l.Project)
	}
	have := make(map[origin]map[string]stored)
	err := w.store.readVersions(ctx, "writer.repositories", distinct(projects), func(rows driver.Rows) error {
		var project, repository, trust string
		var s stored
		if err := scanStored(rows, &s, &project, &repository, &trust); err != nil {
			return err
		}
		key := origin{project, observation.Trust(trust)}
		if have[key] == nil {
			have[key] = make(map[string]stored)
		}
		have[key][repository] = s
		return nil
	})
	if err != nil {
		return err
	}
	now, h := w.store.knownAt(), new(hasher)
	var rows [][]any
	unchanged := 0
	for key, list := range newest {
		before := len(rows)
		named := make(map[string]bool, len(list.Links))
		for _, l := range list.Links {
			if named[l.Repository] {
				continue
			}
			named[l.Repository] = true
			h.string(l.Evidence)
			h.string(l.Label)
			hash, old := h.sum(), have[key][l.Repository]
			if old.differs(hash) {
				rows = append(rows, []any{key.project, l.Repository, old.next(now), string(key.trust), l.Evidence, l.Label, hash, uint8(0), w.id})
			}
		}
		for repository, old := range have[key] {
			if !named[repository] && !old.deleted {
				rows = append(rows, []any{key.project, repository, old.next(now), string(key.trust), "", "", uint64(0), uint8(1), w.id})
			}
		}
		if len(rows) == before {
			unchanged++
		}
	}
	w.count(0, unchanged, 0)
	return w.writeRows(ctx, "project_repositories", linkColumns, rows)
}

// scanStored scans the key columns and then known_at, content_hash, deleted.
func scanStored(rows driver.Rows, s *stored, keys ...any) error {
	var deleted uint8
	err := rows.Scan(append(keys, &s.knownAt, &s.hash, &deleted)...)
	s.deleted = deleted != 0
	return err
}

// distinct returns the different texts of list, sorted.
func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// projectVersion is one project while its chunk is written.
type projectVersion struct {
	old   stored
	known observation.Project // stored, and then as it will be
	files []observation.File  // nil: the files were not read
	have  map[string]stored   // stored files by name
}

func (w *Writer) writeProjects(ctx context.Context, emitted []*observation.Project) error {
	if len(emitted) == 0 {
		return nil
	}
	versions := make(map[string]*projectVersion, len(emitted))
	var names, withFiles []string
	for _, p := range emitted {
		if versions[p.Name] == nil {
			versions[p.Name] = &projectVersion{have: make(map[string]stored)}
			names = append(names, p.Name)
		}
		if p.Files != nil {
			withFiles = append(withFiles, p.Name)
		}
	}
	if err := w.store.readProjects(ctx, distinct(names), versions); err != nil {
		return err
	}
	if err := w.store.readFiles(ctx, distinct(withFiles), versions); err != nil {
		return err
	}
	for _, p := range emitted {
		v := versions[p.Name]
		v.known = carryOver(v.known, p)
		if p.Files != nil {
			v.files = p.Files
		}
	}
	now, h := w.store.knownAt(), new(hasher)
	var fileRows, projectRows [][]any
	unchanged := 0
	for _, name := range names {
		v := versions[name]
		changed := w.changedFiles(name, v, now, h)
		fileRows = append(fileRows, changed...)
		if hash := hashProject(h, &v.known); v.old.differs(hash) {
			projectRows = append(projectRows, projectRow(&v.known, v.old.next(now), hash, w))
		} else if len(changed) == 0 {
			unchanged++
		}
	}
	w.count(0, unchanged, 0)
	if err := w.writeRows(ctx, "files", fileColumns, fileRows); err != nil {
		return err
	}
	return w.writeRows(ctx, "projects", projectColumns, projectRows)
}

// readProjects fills in the newest stored version of projects.
func (s *Store) readProjects(ctx context.Context, names []string, into map[string]*projectVersion) error {
	return s.readVersions(ctx, "writer.projects", names, func(rows driver.Rows) error {
		var p observation.Project
		var old stored
		var deleted, fromIndex, fromJSON uint8
		var upload *time.Time
		err := rows.Scan(&p.Name, &old.knownAt, &old.hash, &deleted, &p.DisplayName, &p.LatestVersion, &upload, &p.RequiresPython,
			&p.LicenseExpression, &p.Summary, &p.Status, &p.StatusReason, &p.Organization, &p.Owners, &p.Serial, &fromIndex, &fromJSON)
		if err != nil {
			return err
		}
		old.deleted = deleted != 0
		if upload != nil {
			p.LatestUpload = *upload
		}
		p.FromIndex, p.FromJSON = fromIndex != 0, fromJSON != 0
		v := into[p.Name]
		v.old = old
		if !old.deleted {
			v.known = p
		}
		return nil
	})
}

// readFiles fills in the newest stored version of the files of projects.
func (s *Store) readFiles(ctx context.Context, names []string, into map[string]*projectVersion) error {
	return s.readVersions(ctx, "writer.files", names, func(rows driver.Rows) error {
		var project, filename string
		var old stored
		if err := scanStored(rows, &old, &project, &filename); err != nil {
			return err
		}
		into[project].have[filename] = old
		return nil
	})
}

// carryOver returns what is known of a project after p was emitted: what an API
// said that has not answered this time is taken from old.
func carryOver(old observation.Project, p *observation.Project) observation.Project {
	if !p.FromIndex && !p.FromJSON && (old.FromIndex || old.FromJSON) {
		return old
	}
	next := *p
	next.Files = nil
	if !p.FromIndex && old.FromIndex {
		next.Status, next.StatusReason = old.Status, old.StatusReason
		if p.Files == nil { // they decide which release is the latest
			next.LatestVersion, next.LatestUpload, next.RequiresPython = old.LatestVersion, old.LatestUpload, old.RequiresPython
			next.Serial = old.Serial
		}
	}
	if !p.FromJSON && old.FromJSON {
		next.DisplayName, next.Summary, next.LicenseExpression = old.DisplayName, old.Summary, old.LicenseExpression
		next.Organization, next.Owners = old.Organization, old.Owners
	}
	if p.Serial == 0 {
		next.Serial = old.Serial
	}
	next.FromIndex = p.FromIndex || old.FromIndex
	next.FromJSON = p.FromJSON || old.FromJSON
	return next
}

func hashProject(h *hasher, p *observation.Project) uint64 {
	for _, s := range []string{p.DisplayName, p.LatestVersion, p.RequiresPython, p.LicenseExpression, p.Summary, p.Status, p.StatusReason, p.Organization} {
		h.string(s)
	}
	h.time(p.LatestUpload.Truncate(time.Millisecond)) // as precise as it is stored
	h.strings(p.Owners)
	h.uint(p.Serial)
	h.bool(p.FromIndex)
	h.bool(p.FromJSON)
	return h.sum()
}

var projectColumns = []string{"project", "known_at", "observed_at", "display_name", "latest_version", "latest_upload", "requires_python",
	"license_expression", "summary", "status", "status_reason", "organization", "owners", "serial", "from_index", "from_json",
	"content_hash", "deleted", "run_id"}

func projectRow(p *observation.Project, known time.Time, hash uint64, w *Writer) []any {
	return []any{p.Name, known, p.ObservedAt, p.DisplayName, p.LatestVersion, instant(p.LatestUpload), p.RequiresPython,
		p.LicenseExpression, p.Summary, p.Status, p.StatusReason, p.Organization, p.Owners, p.Serial, bit(p.FromIndex), bit(p.FromJSON),
		hash, uint8(0), w.id}
}

var fileColumns = []string{"project", "filename", "known_at", "version", "packagetype", "upload_time", "size", "sha256", "requires_python",
	"yanked", "yanked_reason", "provenance", "content_hash", "deleted", "run_id"}

// changedFiles returns the rows of the files of a project that differ from the
// stored ones, and the tombstones of those that are gone.
func (w *Writer) changedFiles(project string, v *projectVersion, now time.Time, h *hasher) [][]any {
	if v.files == nil {
		return nil
	}
	var rows [][]any
	named := make(map[string]bool, len(v.files))
	for i := range v.files {
		f := &v.files[i]
		if named[f.Filename] {
			continue
		}
		named[f.Filename] = true
		hash, old := hashFile(h, f), v.have[f.Filename]
		if old.differs(hash) {
			rows = append(rows, []any{project, f.Filename, old.next(now), f.Version, f.PackageType, instant(f.UploadTime), f.Size, f.SHA256,
				f.RequiresPython, bit(f.Yanked), f.YankedReason, string(f.Provenance), hash, uint8(0), w.id})
		}
	}
	for filename, old := range v.have {
		if !named[filename] && !old.deleted {
			rows = append(rows, []any{project, filename, old.next(now), "", "", nil, uint64(0), "", "", uint8(0), "", "", uint64(0), uint8(1), w.id})
		}
	}
	return rows
}

func hashFile(h *hasher, f *observation.File) uint64 {
	for _, s := range []string{f.Version, f.PackageType, f.SHA256, f.RequiresPython, f.YankedReason, string(f.Provenance)} {
		h.string(s)
	}
	h.time(f.UploadTime)
	h.uint(f.Size)
	h.bool(f.Yanked)
	return h.sum()
}

// advisoryVersion is one OSV record while its chunk is written.
type advisoryVersion struct {
	old      stored
	advisory *observation.Advisory // nil: it is gone
	have     map[string]stored     // stored affected by project
}

func (w *Writer) writeAdvisories(ctx context.Context, emitted []advisoryWord) error {
	if len(emitted) == 0 {
		return nil
	}
	versions := make(map[string]*advisoryVersion, len(emitted))
	var ids []string
	for _, a := range emitted {
		if versions[a.id] == nil {
			versions[a.id] = &advisoryVersion{have: make(map[string]stored)}
			ids = append(ids, a.id)
		}
		versions[a.id].advisory = a.record // the last word
	}
	slices.Sort(ids)
	if err := w.store.readAdvisories(ctx, ids, versions); err != nil {
		return err
	}
	now, h := w.store.knownAt(), new(hasher)
	var affectedRows, advisoryRows [][]any
	unchanged := 0
	for _, id := range ids {
		v := versions[id]
		changed, err := w.changedAffected(id, v, now, h)
		if err != nil {
			return fmt.Errorf("advisory %s: %w", id, err)
		}
		affectedRows = append(affectedRows, changed...)
		if row := w.changedAdvisory(id, v, now, h); row != nil {
			advisoryRows = append(advisoryRows, row)
		} else if len(changed) == 0 {
			unchanged++
		}
	}
	w.count(0, unchanged, 0)
	if err := w.writeRows(ctx, "affected", affectedColumns, affectedRows); err != nil {
		return err
	}
	return w.writeRows(ctx, "advisories", advisoryColumns, advisoryRows)
}

// readAdvisories fills in the newest stored versions of records and of what
// they affect.
func (s *Store) readAdvisories(ctx context.Context, ids []string, into map[string]*advisoryVersion) error {
	err := s.readVersions(ctx, "writer.advisories", ids, func(rows driver.Rows) error {
		var id string
		var old stored
		if err := scanStored(rows, &old, &id); err != nil {
			return err
		}
		into[id].old = old
		return nil
	})
	if err != nil {
		return err
	}
	return s.readVersions(ctx, "writer.affected", ids, func(rows driver.Rows) error {
		var id, project string
		var old stored
		if err := scanStored(rows, &old, &id, &project); err != nil {
			return err
		}
		into[id].have[project] = old
		return nil
	})
}

var affectedColumns = []string{"project", "osv_id", "known_at", "versions", "ranges", "content_hash", "deleted", "run_id"}

// changedAffected returns the rows of what a record says of projects that differ
// from the stored ones, and the tombstones of those it no longer names: of all,
// when it is gone.
func (w *Writer) changedAffected(id string, v *advisoryVersion, now time.Time, h *hasher) ([][]any, error) {
	var rows [][]any
	var affected []observation.Affected
	if v.advisory != nil {
		affected = v.advisory.Affected
	}
	named := make(map[string]bool, len(affected))
	for i := range affected {
		a := &affected[i]
		if named[a.Project] {
			continue
		}
		named[a.Project] = true
		ranges, err := rangesJSON(a.Ranges)
		if err != nil {
			return nil, err
		}
		h.strings(a.Versions)
		h.string(ranges)
		hash, old := h.sum(), v.have[a.Project]
		if old.differs(hash) {
			rows = append(rows, []any{a.Project, id, old.next(now), a.Versions, ranges, hash, uint8(0), w.id})
		}
	}
	for project, old := range v.have {
		if !named[project] && !old.deleted {
			rows = append(rows, []any{project, id, old.next(now), []string{}, "[]", uint64(0), uint8(1), w.id})
		}
	}
	return rows, nil
}

// rangesJSON writes ranges as the column ranges has them: a list of lists of
// events.
func rangesJSON(ranges []observation.Range) (string, error) {
	lists := make([][]observation.Event, len(ranges))
	for i, r := range ranges {
		lists[i] = r.Events
		if r.Events == nil {
			lists[i] = []observation.Event{}
		}
	}
	text, err := json.Marshal(lists)
	return string(text), err
}

func hashAdvisory(h *hasher, a *observation.Advisory) uint64 {
	for _, s := range []string{a.Database, a.Summary, a.SeverityWord} {
		h.string(s)
	}
	for _, list := range [][]string{a.Aliases, a.Related, a.Upstream, a.Vectors, a.References} {
		h.strings(list)
	}
	for _, t := range []time.Time{a.Published, a.Modified, a.Withdrawn} {
		h.time(t)
	}
	return h.sum()
}

var advisoryColumns = []string{"osv_id", "known_at", "database", "aliases", "related", "upstream", "published", "modified", "withdrawn", "summary",
	"vectors", "severity_word", "references", "content_hash", "deleted", "run_id"}

// changedAdvisory returns the row of a record that differs from the stored one:
// a tombstone when it is gone and was stored. It is nil when nothing has changed.
func (w *Writer) changedAdvisory(id string, v *advisoryVersion, now time.Time, h *hasher) []any {
	if v.advisory == nil {
		if v.old.knownAt.IsZero() || v.old.deleted {
			return nil
		}
		return []any{id, v.old.next(now), "", []string{}, []string{}, []string{}, nil, time.Unix(0, 0), nil, "",
			[]string{}, "", []string{}, uint64(0), uint8(1), w.id}
	}
	hash := hashAdvisory(h, v.advisory)
	if !v.old.differs(hash) {
		return nil
	}
	return advisoryRow(v.advisory, v.old.next(now), hash, w)
}

func advisoryRow(a *observation.Advisory, known time.Time, hash uint64, w *Writer) []any {
	modified := a.Modified
	if !storable(modified) {
		modified = time.Unix(0, 0) // the column has no null; readers take the newest
	}
	return []any{a.ID, known, a.Database, a.Aliases, a.Related, a.Upstream, instant(a.Published), modified, instant(a.Withdrawn), a.Summary,
		a.Vectors, a.SeverityWord, a.References, hash, uint8(0), w.id}
}

// storable reports whether a DateTime64 column can hold t. What it cannot hold,
// such as the year 9999 of somebody's joke, is unknown.
func storable(t time.Time) bool {
	return !t.IsZero() && 1900 <= t.Year() && t.Year() <= 2299
}

// instant returns t for a nullable column.
func instant(t time.Time) *time.Time {
	if !storable(t) {
		return nil
	}
	return &t
}
