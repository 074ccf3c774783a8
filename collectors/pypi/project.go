package pypi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// What is kept of one project, in bytes of each text.
const (
	maxShort   = 200  // names, versions, statuses
	maxLong    = 1000 // summaries, licences, reasons
	maxFiles   = 100_000
	maxOwners  = 200
	maxVersion = 200
	maxRejects = 100 // records of one answer kept with their text; the others are counted
)

// assembled is one project put together from what answered.
type assembled struct {
	project      *observation.Project
	repositories *observation.ProjectRepositories // nil when the JSON API did not answer, or not readably
	rejects      []*observation.Reject
	hollow       bool // it names releases and no file at all: its files are taken as not read

	// unread says which answer must not be taken as data, and why: too many of its
	// files cannot be read. nil when none is.
	unread *observation.Reject
}

// assembler puts one project together. page or doc is nil when that API did not
// answer.
type assembler struct {
	assembled
	page    *page
	doc     *document
	pageURL string
	docURL  string

	releases map[string]*release
	named    map[string]documentEntry // files of the document by name
	refused  map[string]int           // records by the answer they stand in
}

// release is what is known of one version by its files.
type release struct {
	live           bool // it has a file that is not yanked
	first          time.Time
	requiresPython string
}

// documentEntry is a file of the document with the version it is listed under.
type documentEntry struct {
	documentFile
	version string
}

// assemble puts a project together. registered is the name as the root index has
// it, "" when that was not read.
func assemble(name, registered string, pg *page, doc *document, now time.Time) assembled {
	a := &assembler{page: pg, doc: doc, pageURL: pageURL(name), docURL: documentURL(name), releases: map[string]*release{}, refused: map[string]int{}}
	a.project = &observation.Project{
		Name:        name,
		DisplayName: registered,
		FromIndex:   pg != nil,
		FromJSON:    doc != nil,
		ObservedAt:  now,
	}
	if doc != nil {
		a.readDocument()
	}
	if pg != nil {
		a.readPage()
	}
	if a.project.DisplayName == "" {
		a.project.DisplayName = name
	}
	a.latest()
	for _, object := range []string{a.docURL, a.pageURL} {
		if more := a.refused[object] - maxRejects; more > 0 {
			a.rejects = append(a.rejects, collectors.NewReject(object, fmt.Sprintf("%d more records cannot be read", more), ""))
		}
	}
	return a.assembled
}

func (a *assembler) reject(object, reason string, raw json.RawMessage) {
	if a.refused[object]++; a.refused[object] <= maxRejects {
		a.rejects = append(a.rejects, collectors.NewReject(object, reason, string(raw)))
	}
}

// lost judges the list of files that stands: good ones, and bad ones that could
// not be read, the first of them for why. The bad ones are not gone: the list is
// partial. A list without a good file, or of which a tenth and more than one file
// cannot be read, is a fault of the source and no data at all.
func (a *assembler) lost(object string, good, bad int, why error) {
	if bad == 0 {
		return
	}
	a.project.FilesPartial = true
	if good == 0 || bad > 1 && bad*10 >= good+bad {
		a.unread = collectors.NewReject(object, fmt.Sprintf("%d of %d files cannot be read: the list is not taken as data; the first: %v", bad, good+bad, why), "")
	}
}

var (
	// errTwice is of a file that is there already: nothing is lost with it.
	errTwice = errors.New("is there twice")
	// errNameless is of a file without a name, which the JSON of some old releases
	// has for good.
	errNameless = errors.New("it has no filename")
)

// pageLists reports whether the project's files are those of the page. One that
// lists none says less than a document that lists some.
func (a *assembler) pageLists() bool { return a.page != nil && len(a.page.Files) > 0 }

// readDocument takes the metadata, and the files when no page lists them.
func (a *assembler) readDocument() {
	p, in := a.project, a.doc.Info
	p.DisplayName = cut(in.Name, maxShort)
	p.Summary = known(cut(in.Summary, maxLong))
	p.LicenseExpression = known(cut(in.LicenseExpression, maxLong))
	p.Organization = cut(a.doc.Ownership.Organization, maxShort)
	p.Serial = uint64(a.doc.LastSerial)
	for _, r := range a.doc.Ownership.Roles {
		if r.Role == "Owner" && r.User != "" && len(p.Owners) < maxOwners {
			p.Owners = append(p.Owners, cut(r.User, maxShort))
		}
	}
	slices.Sort(p.Owners)
	p.Owners = slices.Compact(p.Owners)
	links := repositories(in.ProjectURLs, string(in.HomePage))
	// Links that could not be read are not links that were taken away.
	if len(links) > 0 || !a.doc.odd {
		a.repositories = &observation.ProjectRepositories{Project: p.Name, Origin: observation.TrustDeclared, Links: links}
	}
	a.readReleases()
}

// readReleases reads the files of the document. Where no page lists files they are
// the project's; else they tell it versions and packagetypes.
func (a *assembler) readReleases() {
	if a.doc.Releases == nil {
		return
	}
	a.named = map[string]documentEntry{}
	versions := make([]string, 0, len(a.doc.Releases))
	for v := range a.doc.Releases {
		versions = append(versions, v)
	}
	pypa.SortNewest(versions)
	files := []observation.File{}
	bad, nameless, why := 0, 0, error(nil)
	for _, v := range versions {
		for _, raw := range a.doc.Releases[v] {
			f, err := a.documentFile(v, raw)
			if err == nil && len(files) == maxFiles {
				err = fmt.Errorf("the project has more than %d files", maxFiles)
			}
			if err != nil {
				a.reject(a.docURL, fmt.Sprintf("a file of release %s: %v", v, err), raw)
				switch {
				case errors.Is(err, errNameless):
					nameless++
				case !errors.Is(err, errTwice):
					bad, why = bad+1, cmp.Or(why, err)
				}
				continue
			}
			files = append(files, f)
		}
	}
	if a.pageLists() {
		return
	}
	a.lost(a.docURL, len(files), bad, why)
	if len(files) == 0 && len(versions) > 0 {
		a.hollow = true // see emptyPage
		return
	}
	a.project.Files = files
	a.project.FilesPartial = a.project.FilesPartial || nameless > 0
}

func (a *assembler) documentFile(version string, raw json.RawMessage) (observation.File, error) {
	var f documentFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return observation.File{}, err
	}
	at := cmp.Or(f.UploadTimeISO, f.UploadTime).Time
	version = collectors.CutText(version, maxVersion)
	if !a.pageLists() {
		a.note(version, f.Yanked.yanked, at, string(f.RequiresPython))
	}
	if err := checkFilename(f.Filename); err != nil {
		return observation.File{}, err
	}
	if _, twice := a.named[string(f.Filename)]; twice {
		return observation.File{}, fmt.Errorf("%s %w", f.Filename, errTwice)
	}
	a.named[string(f.Filename)] = documentEntry{documentFile: f, version: version}
	reason := cmp.Or(f.YankedReason, text(f.Yanked.reason))
	if !f.Yanked.yanked {
		reason = ""
	}
	return observation.File{
		Filename:       string(f.Filename),
		Version:        version,
		PackageType:    cut(f.PackageType, maxShort),
		UploadTime:     at,
		Size:           uint64(f.Size),
		SHA256:         sha256Of(f.Digests),
		RequiresPython: cut(f.RequiresPython, maxLong),
		Yanked:         f.Yanked.yanked,
		YankedReason:   cut(reason, maxLong),
		Provenance:     observation.ProvenanceUnknown,
	}, nil
}

// readPage takes the files and the status.
func (a *assembler) readPage() {
	p, pg := a.project, a.page
	var err error
	if p.Status, p.StatusReason, err = pg.status(); err != nil {
		a.reject(a.pageURL, err.Error(), pg.Status)
	}
	// The two APIs are cached apart: the older serial is what is surely known.
	if s := uint64(pg.Meta.Serial); s != 0 && (p.Serial == 0 || s < p.Serial) {
		p.Serial = s
	}
	if p.DisplayName == "" {
		p.DisplayName = cut(pg.Name, maxShort)
	}
	if len(pg.Files) == 0 {
		a.emptyPage()
		return
	}
	versions := newVersions(pg.Versions)
	seen := make(map[string]bool, len(pg.Files))
	p.Files = make([]observation.File, 0, len(pg.Files))
	bad, why := 0, error(nil)
	for i, raw := range pg.Files {
		f, err := a.pageFile(raw, versions)
		if err == nil && seen[f.Filename] {
			err = fmt.Errorf("%s %w", f.Filename, errTwice)
		}
		if err == nil && len(p.Files) == maxFiles {
			err = fmt.Errorf("the project has more than %d files", maxFiles)
		}
		if err != nil {
			a.reject(a.pageURL, fmt.Sprintf("file %d: %v", i+1, err), raw)
			if !errors.Is(err, errTwice) {
				bad, why = bad+1, cmp.Or(why, err)
			}
			continue
		}
		seen[f.Filename] = true
		p.Files = append(p.Files, f)
		if f.Version != "" {
			a.note(f.Version, f.Yanked, f.UploadTime, f.RequiresPython)
		}
	}
	a.lost(a.pageURL, len(p.Files), bad, why)
}

// emptyPage takes a page without files: those of the document stand. A project
// in quarantine has files that are not offered, and one that names releases has
// lost its files between two answers as likely as in truth: neither is taken as
// having none.
func (a *assembler) emptyPage() {
	p := a.project
	switch {
	case len(p.Files) > 0:
	case p.Status == quarantined:
		p.Files = nil
	case len(a.page.Versions) > 0:
		p.Files, a.hollow = nil, true
	default:
		p.Files, a.hollow = []observation.File{}, false
	}
}

func (a *assembler) pageFile(raw json.RawMessage, versions *versions) (observation.File, error) {
	var f pageFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return observation.File{}, err
	}
	if err := checkFilename(f.Filename); err != nil {
		return observation.File{}, err
	}
	file := observation.File{
		Filename:       string(f.Filename),
		UploadTime:     f.UploadTime.Time,
		Size:           uint64(f.Size),
		SHA256:         sha256Of(f.Hashes),
		RequiresPython: cut(f.RequiresPython, maxLong),
		Yanked:         f.Yanked.yanked,
		YankedReason:   collectors.CutText(f.Yanked.reason, maxLong),
		Provenance:     provenanceOf(f.Provenance),
	}
	if version, kind, ok := pypa.VersionOfFilename(file.Filename, a.project.Name); ok {
		file.Version, file.PackageType = collectors.CutText(versions.published(version), maxVersion), kind
	}
	if same, ok := a.named[file.Filename]; ok {
		file.Version = same.version
		file.PackageType = cmp.Or(cut(same.PackageType, maxShort), file.PackageType)
	}
	return file, nil
}

// note counts one file of a release.
func (a *assembler) note(version string, yanked bool, at time.Time, requiresPython string) {
	r := a.releases[version]
	if r == nil {
		r = &release{}
		a.releases[version] = r
	}
	r.live = r.live || !yanked
	if !at.IsZero() && (r.first.IsZero() || at.Before(r.first)) {
		r.first = at
	}
	r.requiresPython = cmp.Or(r.requiresPython, requiresPython)
}

// latest chooses the latest release: the newest stable one with a file that is
// not yanked, else the newest with such a file, else the newest with files.
// When no file list was read, the document's word stands.
func (a *assembler) latest() {
	p := a.project
	var all, live []string
	for v, r := range a.releases {
		all = append(all, v)
		if r.live {
			live = append(live, v)
		}
	}
	slices.Sort(all) // of equal versions the choice must not depend on the map
	slices.Sort(live)
	p.LatestVersion = cmp.Or(pypa.LatestStable(live), pypa.Latest(live), pypa.Latest(all))
	if p.LatestVersion == "" {
		if a.doc != nil && p.Files == nil {
			p.LatestVersion = cut(a.doc.Info.Version, maxVersion)
			p.RequiresPython = known(cut(a.doc.Info.RequiresPython, maxLong))
		}
		return
	}
	r := a.releases[p.LatestVersion]
	p.LatestUpload = r.first
	p.RequiresPython = collectors.CutText(r.requiresPython, maxLong)
	if p.RequiresPython == "" && a.doc != nil && string(a.doc.Info.Version) == p.LatestVersion {
		p.RequiresPython = known(cut(a.doc.Info.RequiresPython, maxLong))
	}
}

// versions finds the published spelling of a version that a file name spells in
// another way.
type versions struct {
	sorted []pypa.Version // of equal ones the first that is published comes first
	known  map[string]string
}

func newVersions(published []string) *versions {
	v := &versions{sorted: make([]pypa.Version, len(published)), known: make(map[string]string, len(published))}
	for i, s := range published {
		v.sorted[i] = pypa.ParseVersion(s)
		v.known[s] = s
	}
	slices.SortStableFunc(v.sorted, pypa.Version.Compare)
	return v
}

// published returns the version as the page lists it, or as the file has it.
func (v *versions) published(written string) string {
	if s, ok := v.known[written]; ok {
		return s
	}
	found := written
	for _, spelling := range []string{written, strings.ReplaceAll(written, "_", "-"), strings.Replace(written, "_", "+", 1)} {
		if i, ok := slices.BinarySearchFunc(v.sorted, pypa.ParseVersion(spelling), pypa.Version.Compare); ok {
			found = v.sorted[i].String()
			break
		}
	}
	v.known[written] = found
	return found
}

func checkFilename(name text) error {
	switch {
	case name == "":
		return errNameless
	case len(name) > 500 || strings.ContainsAny(string(name), "/\\\ufffd") || strings.ContainsFunc(string(name), unicode.IsControl):
		return fmt.Errorf("the filename %.100q is not one", name)
	}
	return nil
}

// sha256Of returns the hash in lower case, "" when it is not one.
func sha256Of(h hashes) string {
	s := strings.ToLower(string(h.SHA256))
	if len(s) != 64 || strings.Trim(s, "0123456789abcdef") != "" {
		return ""
	}
	return s
}

func provenanceOf(raw json.RawMessage) observation.Provenance {
	switch {
	case len(raw) == 0:
		return observation.ProvenanceUnknown
	case raw[0] == '"' && len(raw) > 2:
		return observation.ProvenancePresent
	case string(raw) == "null":
		return observation.ProvenanceAbsent
	}
	return observation.ProvenanceUnknown
}

// known returns s, "" for the placeholder that old tools wrote for nothing.
func known(s string) string {
	if s == "UNKNOWN" {
		return ""
	}
	return s
}
