// Package provenance fetches the PEP 740 provenance objects of the tracked
// projects' files from PyPI's Integrity API
// (https://docs.pypi.org/api/integrity/). PyPI verified them at upload; what is
// emitted says what they claim, not that it was verified again.
package provenance

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// Name is the collector's name.
	Name = "provenance"

	apiURL     = "https://pypi.org/integrity/"
	objectType = "application/vnd.pypi.integrity.v1+json"
	maxBytes   = 4 << 20 // of one object; most have 10 KB

	maxFiles     = 3000 // of one run: 25 minutes at the rate that PyPI asks for
	breakerLimit = 20   // failures in a row
	maxLinks     = 20   // repositories of one release

	// The index named an object for every file that is asked for. When the API has
	// none for the first doubtFiles of them, of doubtProjects, it is at fault.
	doubtFiles    = 20
	doubtProjects = 3
)

// Source is what this package needs of upstream.Client.
type Source interface {
	ReadAll(ctx context.Context, req upstream.Request) ([]byte, *upstream.Response, error)
}

// cursor remembers the newest upload whose provenance was fetched. What is
// stored of each file is asked of the catalogue.
type cursor struct {
	Through time.Time `json:"through"`
}

// Collector fetches provenance objects. It implements collectors.Collector.
type Collector struct{ source Source }

// New returns the collector.
func New(s Source) *Collector { return &Collector{source: s} }

// Name implements collectors.Collector.
func (*Collector) Name() string { return Name }

// Collect fetches the provenance of files that have none stored, at most maxFiles
// in a run and the newest releases first; the others wait for the next run. That
// the API has none for a file (404) is an answer, and kept; a file that could not
// be asked, or whose object cannot be read, makes the run partial and is asked
// again. When the API stops answering, or has nothing that the index says it has,
// the run fails with ClassUnavailable.
//
// The repositories that the publishers of a project's newest release name are
// emitted after that release, unless something newer is stored: what an old
// release says of them is no news.
func (c *Collector) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	var cur cursor
	if err := in.Cursor.Read(Name, &cur); err != nil {
		return collectors.Report{}, err
	}
	pending, err := pendingFiles(ctx, in)
	if err != nil {
		return collectors.Report{}, err
	}
	if len(pending) == 0 && in.Track > 0 && in.Project == "" {
		seen, err := in.Catalog.Seen(ctx)
		if err != nil {
			return collectors.Report{}, err
		}
		if len(seen) == 0 {
			return collectors.NothingKnown(in, "file", "pypi"), nil
		}
	}
	r := &run{source: c.source, in: in, emit: emit, through: cur.Through, settled: map[string]bool{}, total: min(len(pending), maxFiles)}
	r.breaker.Limit = breakerLimit
	for _, release := range plan(pending) {
		if err := r.release(ctx, release); err != nil {
			return collectors.Report{}, err
		}
	}
	r.believe()
	if err := r.flush(ctx); err != nil {
		return collectors.Report{}, err
	}
	return r.report(), nil
}

func pendingFiles(ctx context.Context, in collectors.Input) ([]observation.ProvenanceFile, error) {
	project := in.Project
	if project != "" {
		var err error
		if project, err = pypa.ParseName(project); err != nil {
			return nil, fmt.Errorf("provenance: %w", err)
		}
	}
	return in.Catalog.PendingProvenance(ctx, in.Track, project)
}

// run is the state of one run.
type run struct {
	source  Source
	in      collectors.Input
	emit    collectors.Emit
	breaker collectors.Breaker
	through time.Time
	total   int // files of this run

	settled map[string]bool // projects whose newest release was read
	kept    []observation.Observation
	held    []*observation.FileProvenance // 404 before any object was found
	found   bool
	asked   int
	none    int
	failed  int
	waiting int
	odd     int // files that no URL can be made for
	rejects int
}

// release fetches the files of one release and emits what came of them together,
// the repositories last: a file that is stored is not asked for again, and must
// not be stored without what it says of its project.
func (r *run) release(ctx context.Context, of *release) error {
	var links []observation.RepositoryLink
	var failure error
	attested, fresh := false, false
	for _, f := range of.files {
		switch {
		case !askable(f.Version) || !askable(f.Filename):
			r.odd++
			continue
		case r.asked == r.total:
			r.waiting++
			continue
		}
		r.asked++
		r.in.Progress(r.asked, r.total, f.Project)
		var p *observation.FileProvenance
		if p, failure = r.fetch(ctx, f); failure != nil {
			break
		}
		if p != nil {
			attested, fresh = true, fresh || newer(f)
			links = add(links, p)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	project := of.files[0].Project
	if attested && fresh && !r.settled[project] {
		r.settled[project] = true
		r.keep(&observation.ProjectRepositories{Project: project, Origin: observation.TrustAttested, Links: links})
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return failure
}

// keep holds an observation until the release is read.
func (r *run) keep(o observation.Observation) { r.kept = append(r.kept, o) }

// flush emits what was kept.
func (r *run) flush(ctx context.Context) error {
	for _, o := range r.kept {
		if err := r.emit(ctx, o); err != nil {
			return err
		}
	}
	r.kept = nil
	return nil
}

// add adds the repositories that the publishers of a file name.
func add(links []observation.RepositoryLink, p *observation.FileProvenance) []observation.RepositoryLink {
	for _, b := range p.Bundles {
		known := func(l observation.RepositoryLink) bool { return strings.EqualFold(l.Repository, b.Repository) }
		if b.Repository != "" && len(links) < maxLinks && !slices.ContainsFunc(links, known) {
			links = append(links, observation.RepositoryLink{
				Repository: b.Repository,
				Evidence:   objectURL(p.Project, p.Version, p.Filename),
				Label:      b.Kind,
			})
		}
	}
	return links
}

// fetch asks for one file and keeps what came of it. The result is nil when that
// is no object; its error ends the run.
func (r *run) fetch(ctx context.Context, f observation.ProvenanceFile) (*observation.FileProvenance, error) {
	url := objectURL(f.Project, f.Version, f.Filename)
	body, _, err := r.source.ReadAll(ctx, upstream.Request{URL: url, Accept: objectType, ContentTypes: []string{objectType, "application/json"}, MaxBytes: maxBytes, ExpectJSON: true})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	p := &observation.FileProvenance{Project: f.Project, Version: f.Version, Filename: f.Filename, UploadTime: f.UploadTime, ObservedAt: r.in.Now}
	var problems []string
	if err == nil {
		if p.Bundles, problems, err = parse(body); err != nil {
			err = collectors.Malformed("GET "+url, err)
		}
	}
	stop := r.breaker.Note(err)
	class := observation.ClassOf(err)
	switch {
	case class == observation.ClassNotFound:
		return nil, r.miss(p)
	case err != nil:
		r.failed++
		if !class.Retryable() {
			r.reject(url, err.Error(), body)
		}
		return nil, stop
	}
	r.found = true
	r.believe()
	for _, problem := range problems {
		r.reject(url, problem, body)
	}
	if f.UploadTime.After(r.through) && !f.UploadTime.After(r.in.Now) {
		r.through = f.UploadTime
	}
	r.keep(p)
	return p, nil
}

// miss takes the word of the API that it has no object. Until it had one, the
// word is held back: it may come from something that is not the API.
func (r *run) miss(p *observation.FileProvenance) error {
	r.held = append(r.held, p)
	if r.found {
		r.believe()
		return nil
	}
	projects := map[string]bool{}
	for _, h := range r.held {
		projects[h.Project] = true
	}
	if len(r.held) < doubtFiles || len(projects) < doubtProjects {
		return nil
	}
	return &observation.Error{Class: observation.ClassUnavailable, Op: "GET " + apiURL,
		Err: fmt.Errorf("it has none of the first %d objects that the index names (404): it is taken as out of reach, and none as missing", len(r.held))}
}

// believe keeps what was held back.
func (r *run) believe() {
	for _, p := range r.held {
		r.none++
		r.keep(p)
	}
	r.held = nil
}

func (r *run) reject(url, reason string, body []byte) {
	r.rejects++
	r.keep(collectors.NewReject(url, reason, string(body[:min(len(body), observation.MaxRejectText)])))
}

func (r *run) report() collectors.Report {
	var parts []string
	note := func(n int, format string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, n))
		}
	}
	note(r.none, "The index names an object that the Integrity API does not have: %d files.")
	note(r.failed, "Could not be asked or read, and are asked again by the next run: %d files.")
	note(r.waiting, "Wait for the next runs: %d files.")
	note(r.odd, "Without a version that can be asked for: %d files.")
	note(r.rejects, "Records refused: %d.")
	return collectors.Report{
		Cursor:  collectors.NewCursor(cursor{Through: r.through}),
		Skipped: uint64(r.failed + r.waiting + r.odd),
		Note:    strings.Join(parts, " "),
		Partial: r.failed > 0 || r.rejects > 0,
		Through: r.through,
	}
}

// askable reports whether a version or a file name can be a segment of a URL.
func askable(s string) bool { return s != "" && s != "." && s != ".." }

// objectURL is where the Integrity API has the provenance object of a file.
func objectURL(project, version, filename string) string {
	return apiURL + url.PathEscape(project) + "/" + url.PathEscape(version) + "/" + url.PathEscape(filename) + "/provenance"
}
