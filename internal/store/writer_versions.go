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
	links        []*observation.ProjectRepositories
	projects     []*observation.Project
	advisories   []advisoryWord
	provenance   []*observation.FileProvenance
	presence     []object
	repositories []object
	cpython      []object
	rows         int // roughly what they will be at most
}

// advisoryWord is what the source said of one OSV record.
type advisoryWord struct {
	id     string
	record *observation.Advisory // nil: it is gone
}

// makeRoom writes the chunk when it is full.
func (w *Writer) makeRoom(ctx context.Context) error {
	if w.versions.rows < chunkRows {
		return nil
	}
	return w.writeVersions(ctx)
}

// writeVersions writes what differs from the stored versions, parts before
// their wholes, and links before the provenance that they were read from.
func (w *Writer) writeVersions(ctx context.Context) error {
	v := w.versions
	w.versions = versionBuffer{}
	if err := w.writeLinks(ctx, v.links); err != nil {
		return err
	}
	if err := w.writeProjects(ctx, v.projects); err != nil {
		return err
	}
	if err := w.writeAdvisories(ctx, v.advisories); err != nil {
		return err
	}
	if err := w.writeProvenance(ctx, v.provenance); err != nil {
		return err
	}
	if err := w.writeObjects(ctx, presenceTable, "writer.presence", v.presence); err != nil {
		return err
	}
	if err := w.writeObjects(ctx, repositoryTable, "writer.repositories", v.repositories); err != nil {
		return err
	}
	return w.writeObjects(ctx, cpythonTable, "writer.cpython_advisories", v.cpython)
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

// versionTable is a table of versions by its columns. Each also has known_at,
// content_hash, deleted and run_id.
type versionTable struct {
	name    string
	key     []string
	content []string // in the order in which it is hashed, which must not change
	beside  []string // no content: another value alone makes no new version
}

// news is what of one table of versions differs from what is stored.
type news struct {
	table    versionTable
	w        *Writer
	now      time.Time
	hash     hasher
	versions [][]any
	gone     [][]any
}

func (w *Writer) newsOf(table versionTable) *news {
	return &news{table: table, w: w, now: w.store.knownAt()}
}

// object is a versioned object: what names it, and what is known of it, in the
// order of its table's columns. Without content its source no longer has it.
type object struct {
	key, content, beside []any
}

// add takes an object and reports whether it is news.
func (n *news) add(old stored, o object) bool {
	n.hash.values(o.content)
	hash := n.hash.sum()
	if !old.differs(hash) {
		return false
	}
	n.versions = append(n.versions, slices.Concat(o.key, o.content, o.beside, []any{old.next(n.now), hash, uint8(0), n.w.id}))
	return true
}

// bury takes an object that its source no longer has and reports whether that
// is news.
func (n *news) bury(old stored, key ...any) bool {
	if old.knownAt.IsZero() || old.deleted {
		return false
	}
	n.gone = append(n.gone, append(key, old.next(n.now), uint64(0), uint8(1), n.w.id))
	return true
}

// whole takes the complete list of the parts of something and buries those
// that are stored beyond it. The last word of a part's key is its name, by which
// have knows what is stored; the words before it are the whole's. It reports
// whether any of it is news.
func (n *news) whole(of []any, have map[string]stored, parts []object) bool {
	changed, named := n.addAll(have, parts)
	for name, old := range have {
		if !named[name] {
			changed = n.bury(old, append(slices.Clone(of), name)...) || changed
		}
	}
	return changed
}

// addAll adds the parts of one whole and returns their names. have are the
// stored parts by name.
func (n *news) addAll(have map[string]stored, parts []object) (changed bool, named map[string]bool) {
	named = make(map[string]bool, len(parts))
	for _, part := range parts {
		name := part.key[len(part.key)-1].(string)
		if !named[name] { // the first of several counts
			named[name] = true
			changed = n.add(have[name], part) || changed
		}
	}
	return changed, named
}

// write stores the news.
func (n *news) write(ctx context.Context) error {
	last := []string{"known_at", "content_hash", "deleted", "run_id"}
	if err := n.w.writeRows(ctx, n.table.name, slices.Concat(n.table.key, n.table.content, n.table.beside, last), n.versions); err != nil {
		return err
	}
	return n.w.writeRows(ctx, n.table.name, slices.Concat(n.table.key, last), n.gone) // a tombstone has no content
}

// writeRows writes rows of one table whose content was compared with what is
// stored.
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

var linkTable = versionTable{
	name:    "project_repositories",
	key:     []string{"project", "trust", "repository"},
	content: []string{"evidence", "label"},
}

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
	err := w.store.readVersions(ctx, "writer.project_repositories", distinct(projects), func(rows driver.Rows) error {
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
	links := w.newsOf(linkTable)
	unchanged := 0
	for from, list := range newest {
		parts := make([]object, len(list.Links))
		for i, l := range list.Links {
			parts[i] = object{
				key:     []any{from.project, string(from.trust), l.Repository},
				content: []any{l.Evidence, l.Label},
			}
		}
		if !links.whole([]any{from.project, string(from.trust)}, have[from], parts) {
			unchanged++
		}
	}
	w.count(0, unchanged, 0)
	return links.write(ctx)
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
	some  bool                // files are some of them: the others are not gone
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
		switch {
		case p.FilesPartial: // of one file the first counts, the newer word
			v.some = v.some || v.files == nil
			v.files = slices.Concat(p.Files, v.files)
		case p.Files != nil:
			v.files, v.some = p.Files, false
		}
	}
	files, projects := w.newsOf(fileTable), w.newsOf(projectTable)
	unchanged := 0
	for _, name := range names {
		v := versions[name]
		changed := false
		switch parts := fileObjects(name, v.files); {
		case v.some:
			changed, _ = files.addAll(v.have, parts)
		case v.files != nil:
			changed = files.whole([]any{name}, v.have, parts)
		}
		if changed = projects.add(v.old, projectObject(&v.known)) || changed; !changed {
			unchanged++
		}
	}
	w.count(0, unchanged, 0)
	if err := files.write(ctx); err != nil {
		return err
	}
	return projects.write(ctx)
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
	next.Files, next.FilesPartial = nil, false
	if !p.FromIndex && old.FromIndex {
		next.Status, next.StatusReason = old.Status, old.StatusReason
		if p.Files == nil {
			next.Serial = old.Serial
		}
	}
	if p.Files == nil && old.FromIndex && (!p.FromIndex || p.LatestVersion == "") { // files decide which release is the latest
		next.LatestVersion, next.LatestUpload, next.RequiresPython = old.LatestVersion, old.LatestUpload, old.RequiresPython
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

var projectTable = versionTable{
	name: "projects",
	key:  []string{"project"},
	content: []string{"display_name", "latest_version", "requires_python", "license_expression", "summary", "status", "status_reason",
		"organization", "latest_upload", "owners", "serial", "from_index", "from_json"},
	beside: []string{"observed_at"},
}

func projectObject(p *observation.Project) object {
	return object{
		key: []any{p.Name},
		content: []any{p.DisplayName, p.LatestVersion, p.RequiresPython, p.LicenseExpression, p.Summary, p.Status, p.StatusReason,
			p.Organization, instant(p.LatestUpload.Truncate(time.Millisecond)), p.Owners, p.Serial, bit(p.FromIndex), bit(p.FromJSON)},
		beside: []any{p.ObservedAt},
	}
}

var fileTable = versionTable{
	name: "files",
	key:  []string{"project", "filename"},
	content: []string{"version", "packagetype", "sha256", "requires_python", "yanked_reason", "provenance",
		"upload_time", "size", "yanked"},
}

func fileObjects(project string, files []observation.File) []object {
	objects := make([]object, len(files))
	for i := range files {
		f := &files[i]
		objects[i] = object{
			key: []any{project, f.Filename},
			content: []any{f.Version, f.PackageType, f.SHA256, f.RequiresPython, f.YankedReason, string(f.Provenance),
				instant(f.UploadTime), f.Size, bit(f.Yanked)},
		}
	}
	return objects
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
	err := w.store.readAdvisories(ctx, ids, versions)
	if err != nil {
		return err
	}
	affected, advisories := w.newsOf(affectedTable), w.newsOf(advisoryTable)
	unchanged := 0
	for _, id := range ids {
		v := versions[id]
		var parts []object // of a record that is gone: none
		if v.advisory != nil {
			if parts, err = affectedObjects(v.advisory); err != nil {
				return fmt.Errorf("advisory %s: %w", id, err)
			}
		}
		changed := affected.whole([]any{id}, v.have, parts)
		if v.advisory != nil {
			changed = advisories.add(v.old, advisoryObject(v.advisory)) || changed
		} else {
			changed = advisories.bury(v.old, id) || changed
		}
		if !changed {
			unchanged++
		}
	}
	w.count(0, unchanged, 0)
	if err := affected.write(ctx); err != nil {
		return err
	}
	return advisories.write(ctx)
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

var affectedTable = versionTable{
	name:    "affected",
	key:     []string{"osv_id", "project"},
	content: []string{"versions", "ranges"},
}

func affectedObjects(advisory *observation.Advisory) ([]object, error) {
	objects := make([]object, len(advisory.Affected))
	for i, a := range advisory.Affected {
		ranges, err := rangesJSON(a.Ranges)
		if err != nil {
			return nil, err
		}
		objects[i] = object{
			key:     []any{advisory.ID, a.Project},
			content: []any{a.Versions, ranges},
		}
	}
	return objects, nil
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

var advisoryTable = versionTable{
	name: "advisories",
	key:  []string{"osv_id"},
	content: []string{"database", "summary", "severity_word", "aliases", "related", "upstream", "vectors", "references",
		"published", "modified", "withdrawn"},
}

func advisoryObject(a *observation.Advisory) object {
	return object{
		key: []any{a.ID},
		content: []any{a.Database, a.Summary, a.SeverityWord, a.Aliases, a.Related, a.Upstream, a.Vectors, a.References,
			instant(a.Published), modified(a.Modified), instant(a.Withdrawn)},
	}
}

// modified returns t for a column that has no null: readers take the newest, so
// what is unknown is the oldest of all.
func modified(t time.Time) time.Time {
	if !storable(t) {
		return time.Unix(0, 0)
	}
	return t
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
