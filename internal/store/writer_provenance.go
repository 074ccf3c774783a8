package store

import (
	"context"
	"fmt"
	"maps"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// takeProvenance holds a file's provenance object. The links of the project
// before have arrived by now: they are stored before its files, because a file
// whose provenance is stored is not asked for again.
func (w *Writer) takeProvenance(ctx context.Context, p *observation.FileProvenance) error {
	if len(p.Bundles) > math.MaxUint8 {
		return w.takeReject(ctx, &observation.Reject{Object: p.Filename, Reason: fmt.Sprintf("provenance: it has %d attestation bundles, more than %d", len(p.Bundles), math.MaxUint8)})
	}
	held := w.versions.provenance
	if len(held) == 0 || held[len(held)-1].Project != p.Project {
		if err := w.makeRoom(ctx); err != nil {
			return err
		}
	}
	w.versions.provenance = append(w.versions.provenance, p)
	w.versions.rows += max(1, len(p.Bundles))
	return nil
}

// provenanceKey names the file of a provenance object.
type provenanceKey struct{ project, filename string }

var (
	provenanceColumns = []string{"project", "filename", "bundle", "version", "upload_time", "kind", "repository", "workflow", "environment", "predicates",
		"observed_at", "known_at", "run_id"}
	noBundle = []observation.AttestationBundle{{}}
)

// writeProvenance writes the files whose provenance is not stored like this. All
// rows of a file are one block, so it is there whole or not at all. Of a file
// that says something else than before the old rows go first: until the new ones
// are there it counts as not fetched, and a killed run asks again.
func (w *Writer) writeProvenance(ctx context.Context, emitted []*observation.FileProvenance) error {
	if len(emitted) == 0 {
		return nil
	}
	newest := make(map[provenanceKey]*observation.FileProvenance, len(emitted)) // the last word
	var projects []string
	for _, p := range emitted {
		newest[provenanceKey{p.Project, p.Filename}] = p
		projects = append(projects, p.Project)
	}
	have, err := w.store.readProvenance(ctx, distinct(projects))
	if err != nil {
		return err
	}
	var rows [][]any
	var replacedProjects, replacedFiles []string
	known, h, unchanged := w.store.knownAt(), new(hasher), 0
	for key, p := range newest {
		said, before := hashProvenance(h, p), have[key]
		if maps.Equal(said, before) {
			unchanged++
			continue
		}
		if len(before) > 0 {
			replacedProjects, replacedFiles = append(replacedProjects, key.project), append(replacedFiles, key.filename)
		}
		rows = append(rows, provenanceRows(p, known, w)...)
	}
	w.count(0, unchanged, 0)
	if len(replacedFiles) > 0 {
		err := w.store.retry(ctx, func() error {
			return w.store.exec(ctx, "writer.drop_provenance", param("projects", replacedProjects), param("files", replacedFiles))
		})
		if err != nil {
			return err
		}
	}
	return w.writeRows(ctx, "provenance", provenanceColumns, rows)
}

// readProvenance returns the hashes of the stored bundles of files, by number.
func (s *Store) readProvenance(ctx context.Context, projects []string) (map[provenanceKey]map[uint8]uint64, error) {
	have, h := make(map[provenanceKey]map[uint8]uint64), new(hasher)
	err := s.readVersions(ctx, "writer.provenance", projects, func(rows driver.Rows) error {
		var key provenanceKey
		var number uint8
		var version string
		var upload *time.Time
		var b observation.AttestationBundle
		err := rows.Scan(&key.project, &key.filename, &number, &version, &upload, &b.Kind, &b.Repository, &b.Workflow, &b.Environment, &b.Predicates)
		if err != nil {
			return err
		}
		if have[key] == nil {
			have[key] = make(map[uint8]uint64)
		}
		have[key][number] = hashBundle(h, version, timeOf(upload), b)
		return nil
	})
	return have, err
}

// bundlesOf returns the bundles of a file and the number of the first: one
// without content stands for none.
func bundlesOf(p *observation.FileProvenance) (bundles []observation.AttestationBundle, first int) {
	if len(p.Bundles) == 0 {
		return noBundle, 0
	}
	return p.Bundles, 1
}

func provenanceRows(p *observation.FileProvenance, known time.Time, w *Writer) [][]any {
	bundles, first := bundlesOf(p)
	rows := make([][]any, len(bundles))
	for i, b := range bundles {
		rows[i] = []any{p.Project, p.Filename, uint8(first + i), p.Version, instant(p.UploadTime), b.Kind, b.Repository, b.Workflow, b.Environment, b.Predicates,
			p.ObservedAt, known, w.id}
	}
	return rows
}

func hashProvenance(h *hasher, p *observation.FileProvenance) map[uint8]uint64 {
	bundles, first := bundlesOf(p)
	hashes := make(map[uint8]uint64, len(bundles))
	for i, b := range bundles {
		hashes[uint8(first+i)] = hashBundle(h, p.Version, p.UploadTime, b)
	}
	return hashes
}

func hashBundle(h *hasher, version string, upload time.Time, b observation.AttestationBundle) uint64 {
	for _, s := range []string{version, b.Kind, b.Repository, b.Workflow, b.Environment} {
		h.string(s)
	}
	h.time(upload)
	h.strings(b.Predicates)
	return h.sum()
}
