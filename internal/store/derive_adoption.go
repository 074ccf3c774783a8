package store

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/releases"
)

// projectsPerRead bounds the projects whose files are read at once, so that
// memory does not grow with their number.
const projectsPerRead = 500

// deriveAdoption goes through the files of all projects, one project after the
// other: how its latest release stands with provenance, what changed, how often
// it releases; and adds each to the months of the cohorts that it was in. What
// it needs beside the files is small enough to be held.
func (s *Store) deriveAdoption(ctx context.Context, g generation) error {
	projects, err := s.loadAskedProjects(ctx)
	if err != nil {
		return err
	}
	basis, err := s.loadAdoptionBasis(ctx)
	if err != nil {
		return err
	}
	months, err := s.loadMonths(ctx, basis.through)
	if err != nil {
		return err
	}
	var rows adoptionRows
	for some := range slices.Chunk(projects, projectsPerRead) {
		err := s.eachHistory(ctx, some, func(p askedProject, history *releases.Project) {
			rows.add(basis, p, history)
			months.add(basis, p.name, history)
		})
		if err != nil {
			return err
		}
	}
	return s.writeAdoption(ctx, g, rows, months)
}

// askedProject is one project that PyPI was asked about.
type askedProject struct {
	name     string
	answered bool // by one of the two APIs
}

func (s *Store) loadAskedProjects(ctx context.Context) ([]askedProject, error) {
	var projects []askedProject
	err := s.queryEach(ctx, "adoption.projects", func(rows driver.Rows) error {
		var p askedProject
		err := rows.Scan(&p.name, &p.answered)
		projects = append(projects, p)
		return err
	})
	return projects, err
}

// adoptionBasis is what decides beside a project's own files.
type adoptionBasis struct {
	through  time.Time            // newest day on which PyPI said something new, zero before the first
	links    map[string]strongest // by project
	declared map[string][]string  // repositories by project
	forges   forgeAnswers
	cycles   *releases.Cycles
}

func (s *Store) loadAdoptionBasis(ctx context.Context) (*adoptionBasis, error) {
	b := &adoptionBasis{declared: make(map[string][]string)}
	var newest *time.Time
	if err := s.queryRow(ctx, "adoption.through", []any{&newest}); err != nil {
		return nil, err
	}
	if newest != nil {
		b.through = dayOf(*newest).time()
	}
	known, err := s.repositories(ctx)
	if err != nil {
		return nil, err
	}
	b.links = known.projects
	var project, repository string
	err = s.queryEach(ctx, "adoption.declared", func(rows driver.Rows) error {
		err := rows.Scan(&project, &repository)
		b.declared[project] = append(b.declared[project], repository)
		return err
	})
	if err != nil {
		return nil, err
	}
	if b.forges, err = s.forgeAnswers(ctx); err != nil {
		return nil, err
	}
	cycles, err := s.pythonCycles(ctx)
	b.cycles = releases.NewCycles(cycles)
	return b, err
}

// canonical returns the name under which a repository lives now.
func (b *adoptionBasis) canonical(repository string) string {
	return b.forges.resolve(strongest{Named: repository}).Repository
}

// supported reports whether the strongest repository of a project is at a host
// that PyPI takes attestations from.
func (b *adoptionBasis) supported(project string) bool {
	return releases.Supported(b.canonical(b.links[project].Repository))
}

// eachHistory reads the files of some projects, which are in order, and calls
// each for every one of them; one without files has an empty history.
func (s *Store) eachHistory(ctx context.Context, some []askedProject, each func(askedProject, *releases.Project)) error {
	names := make([]string, len(some))
	for i, p := range some {
		names[i] = p.name
	}
	publishers, err := s.loadPublishers(ctx, names)
	if err != nil {
		return err
	}
	var files []releases.File
	next := 0 // the first project that each was not called for
	flush := func(until string) {
		for next < len(some) && (until == "" || some[next].name < until) {
			each(some[next], releases.NewProject(files))
			files = files[:0]
			next++
		}
	}
	var project string
	err = s.queryEach(ctx, "adoption.files", func(rows driver.Rows) error {
		var f releases.File
		var at *time.Time
		if err := rows.Scan(&project, &f.Filename, &f.Version, &at, &f.RequiresPython, &f.Yanked, &f.YankedReason, (*string)(&f.Provenance)); err != nil {
			return err
		}
		flush(project)
		f.UploadedAt = timeOf(at)
		f.Publishers, f.Fetched = publishers[fileKey{project, f.Filename}]
		files = append(files, f)
		return nil
	}, param("projects", names))
	if err != nil {
		return err
	}
	flush("")
	return nil
}

// fileKey names one file.
type fileKey struct{ project, filename string }

// loadPublishers reads what the provenance objects of some projects name. A file
// of which the object was read, and named nobody, has an empty entry.
func (s *Store) loadPublishers(ctx context.Context, projects []string) (map[fileKey][]observation.Publisher, error) {
	publishers := make(map[fileKey][]observation.Publisher)
	err := s.queryEach(ctx, "adoption.publishers", func(rows driver.Rows) error {
		var key fileKey
		var bundle uint8
		var p observation.Publisher
		if err := rows.Scan(&key.project, &key.filename, &bundle, &p.Kind, &p.Repository, &p.Workflow); err != nil {
			return err
		}
		list := publishers[key]
		if bundle > 0 {
			list = append(list, p)
		}
		publishers[key] = list
		return nil
	}, param("projects", projects))
	return publishers, err
}

// adoptionRows are the rows of the tables by project.
type adoptionRows struct {
	attestations, changes, health [][]any
}

var (
	attestationColumns = []string{"project", "observed_on", "version", "class", "reason", "files", "attested", "unstated",
		"first_upload", "last_upload", "publisher_kind", "publisher_repository", "publisher_workflow", "declared_match"}
	attestationChangeColumns = []string{"project", "change", "version", "released_at", "before_version", "before_released_at", "older_line",
		"fields", "before", "after"}
	releaseHealthColumns = []string{"project", "observed_on", "releases", "stable", "prereleases", "first_release", "last_release", "last_stable",
		"median_interval", "releases_365", "files", "yanked_files", "yanked_releases", "yank_reasons", "version", "requires_python",
		"python", "python_newest"}
)

// add adds one project.
func (r *adoptionRows) add(b *adoptionBasis, p askedProject, history *releases.Project) {
	latest := r.addAttestation(b, p, history)
	changes := history.Changes(b.canonical)
	if c, ok := history.Undeclared(b.declared[p.name], b.canonical); ok {
		changes = append(changes, c)
	}
	for _, c := range changes {
		r.changes = append(r.changes, []any{p.name, string(c.Kind), c.Version, c.At, c.Before, nullTime(c.BeforeAt), bit(c.Older),
			c.Fields, c.From, c.To})
	}
	h := history.Health(b.through)
	var requires []string
	version, python, newest := "", observation.PythonUnknown, (*bool)(nil)
	if latest != nil {
		version, requires = latest.Version.String(), latest.RequiresPython()
		python, newest = b.cycles.Support(requires, b.through)
	}
	r.health = append(r.health, []any{p.name, b.through, uint32(h.Releases), uint32(h.Stable), uint32(h.Prereleases),
		nullTime(h.FirstAt), nullTime(h.LastAt), nullTime(h.LastStableAt), h.MedianInterval, uint32(h.LastYear),
		uint32(h.Files), uint32(h.YankedFiles), uint32(h.YankedReleases), h.YankReasons, version, requires, string(python), nullBit(newest)})
}

func (r *adoptionRows) addAttestation(b *adoptionBasis, p askedProject, history *releases.Project) (latest *releases.Release) {
	latest, class, reason := history.Class(b.supported(p.name))
	if !p.answered && len(history.Releases) == 0 {
		reason = releases.ReasonNotFetched
	}
	var n releases.Provenances
	var version string
	var first, last time.Time
	var kind, repository, workflow string
	var match *bool
	if latest != nil {
		version, n = latest.Version.String(), latest.Provenances()
		first, last = latest.FirstAt, latest.LastAt()
		if publishers, known := latest.Publishers(b.canonical); known {
			kind, repository, workflow = releases.Words(publishers)
			match = releases.Declared(publishers, b.declared[p.name], b.canonical)
		}
	}
	r.attestations = append(r.attestations, []any{p.name, b.through, version, string(class), reason, uint32(n.Files), uint32(n.Present), uint32(n.Unknown),
		nullTime(first), nullTime(last), kind, repository, workflow, nullBit(match)})
	return latest
}

// nullBit is how the database stores a truth that may be unknown.
func nullBit(b *bool) *uint8 {
	if b == nil {
		return nil
	}
	v := bit(*b)
	return &v
}

func (s *Store) writeAdoption(ctx context.Context, g generation, rows adoptionRows, m *months) error {
	for _, t := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"attestations", attestationColumns, rows.attestations},
		{"attestation_changes", attestationChangeColumns, rows.changes},
		{"release_health", releaseHealthColumns, rows.health},
		{"rollup_adoption", adoptionRollupColumns, m.adoptionRows()},
		{"rollup_releases", releasesRollupColumns, m.releasesRows()},
	} {
		if err := s.writeRows(ctx, g, t.name, t.columns, len(t.rows), func(i int) []any { return t.rows[i] }); err != nil {
			return err
		}
	}
	return nil
}
