package simulated

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PyPI: the root index, the page of a project in the Index API (version 1.4),
// and its JSON.

const indexType = "application/vnd.pypi.simple.v1+json"

type rootIndex struct {
	Meta     indexMeta      `json:"meta"`
	Projects []indexProject `json:"projects"`
}

type indexMeta struct {
	Serial  uint64 `json:"_last-serial"`
	Version string `json:"api-version"`
}

type indexProject struct {
	Serial uint64 `json:"_last-serial"`
	Name   string `json:"name"`
}

type indexPage struct {
	Files    []indexFile       `json:"files"`
	Meta     indexMeta         `json:"meta"`
	Name     string            `json:"name"`
	Status   map[string]string `json:"project-status"`
	Versions []string          `json:"versions"`
}

type indexFile struct {
	CoreMetadata   any               `json:"core-metadata"` // false or hashes
	Filename       string            `json:"filename"`
	Hashes         map[string]string `json:"hashes"`
	Provenance     *string           `json:"provenance"`
	RequiresPython *string           `json:"requires-python"`
	Size           int               `json:"size"`
	UploadTime     string            `json:"upload-time"`
	URL            string            `json:"url"`
	Yanked         any               `json:"yanked"` // false, true, or why
}

// The kinds of project by its standing.
const (
	active      = "active"
	archivedNow = "archived"
	deprecated  = "deprecated"
	quarantined = "quarantined"
	removed     = ""
)

func (w *world) standing(i int) string {
	switch u := w.unit(drawStatus, i, 0, 0); {
	case u < 0.004:
		return removed
	case u < 0.007:
		return quarantined
	case u < 0.025:
		return archivedNow
	case u < 0.035:
		return deprecated
	}
	return active
}

// exists tells whether PyPI has project i today.
func (w *world) exists(i int) bool {
	return w.standing(i) != removed && w.born(i) < w.today
}

// serial of project i grows with every release, across all projects.
func (w *world) serial(i int) uint64 {
	list := w.releases(i)
	return uint64(w.uploaded(i, list[len(list)-1]).Unix()/60) - 10_000_000
}

// uploaded is the time of a release.
func (w *world) uploaded(i int, r release) time.Time {
	return r.day.time().Add(time.Duration(w.below(86400, drawReleaseDay, i, r.nth, 1)) * time.Second)
}

func (w *world) pypi(path string) (reply, bool) {
	if path == "/simple/" {
		return w.rootIndex(), true
	}
	if name, ok := strings.CutPrefix(path, "/simple/"); ok && strings.HasSuffix(name, "/") {
		i, ok := w.indexOf[strings.TrimSuffix(name, "/")]
		if !ok || !w.exists(i) {
			return reply{}, false
		}
		return w.indexPage(i), true
	}
	if name, ok := strings.CutPrefix(path, "/pypi/"); ok && strings.HasSuffix(name, "/json") {
		i, ok := w.indexOf[strings.TrimSuffix(name, "/json")]
		if !ok || !w.exists(i) || w.standing(i) == quarantined {
			return reply{}, false
		}
		return w.projectJSON(i), true
	}
	return reply{}, false
}

func indexReply(kind string, serial uint64, body []byte) reply {
	return reply{kind: kind, body: body, header: map[string]string{
		"X-PyPI-Last-Serial": strconv.FormatUint(serial, 10),
		"Cache-Control":      "max-age=600, public",
	}}
}

func (w *world) rootIndex() reply {
	root := rootIndex{Meta: indexMeta{Version: "1.4"}}
	for i := range w.pool {
		if !w.exists(i) || w.standing(i) == quarantined {
			continue
		}
		p := indexProject{w.serial(i), w.displayName(i)}
		root.Meta.Serial = max(root.Meta.Serial, p.Serial)
		root.Projects = append(root.Projects, p)
	}
	return indexReply(indexType, root.Meta.Serial, encode(root))
}

func (w *world) indexPage(i int) reply {
	page := indexPage{
		Files:    []indexFile{},
		Meta:     indexMeta{w.serial(i), "1.4"},
		Name:     nameOf(i),
		Status:   map[string]string{"status": w.standing(i)},
		Versions: []string{},
	}
	switch w.standing(i) {
	case quarantined:
		return indexReply(indexType, page.Meta.Serial, encode(page))
	case deprecated:
		page.Status["reason"] = "Use another fictional project."
	}
	for _, r := range w.releases(i) {
		page.Versions = append(page.Versions, r.version)
		for _, f := range w.files(i, r) {
			page.Files = append(page.Files, f.index())
		}
	}
	return indexReply(indexType, page.Meta.Serial, encode(page))
}

// file is one file of a release, as both APIs show it.
type file struct {
	name, kind, version string
	sha256              string
	url                 string
	size                int
	uploaded            time.Time
	requires            string
	yanked              bool
	yankReason          string
	provenance          string // URL, "" without
}

// files are those of one release: nearly always a wheel, and a source archive.
func (w *world) files(i int, r release) []file {
	base := strings.ReplaceAll(nameOf(i), "-", "_") + "-" + r.version
	names := []string{base + "-py3-none-any.whl", base + ".tar.gz"}
	switch u := w.unit(drawFile, i, r.nth, 0); {
	case r.odd, u < 0.12:
		names = names[1:]
	case u < 0.18:
		names = names[:1]
	}
	list := make([]file, len(names))
	for k, name := range names {
		f := file{
			name:     name,
			kind:     "bdist_wheel",
			version:  r.version,
			sha256:   w.hex(64, i*100+r.nth, k),
			size:     20_000 + w.below(400_000, drawFile, i, r.nth, k+1),
			uploaded: w.uploaded(i, r).Add(time.Duration(k) * 1500 * time.Millisecond),
			requires: requires(r.day),
		}
		if strings.HasSuffix(name, ".tar.gz") {
			f.kind = "sdist"
		}
		f.url = "https://files.fictional.invalid/packages/" + f.sha256[:2] + "/" + f.sha256[2:4] + "/" + f.sha256[4:] + "/" + name
		if w.chance(0.015, drawYank, i, r.nth, 0) {
			f.yanked = true
			f.yankReason = []string{"", "Broken metadata.", "Released by mistake."}[w.below(3, drawYank, i, r.nth, 1)]
		}
		if w.attests(i, r.day) {
			f.provenance = "https://pypi.org/integrity/" + nameOf(i) + "/" + r.version + "/" + name + "/provenance"
		}
		list[k] = f
	}
	return list
}

// attests tells whether project i publishes with attestations on a day: more
// and more do since PyPI takes them.
func (w *world) attests(i int, d day) bool {
	since := date(2024, time.October, 29) + day(w.below(700, drawAttested, i, 1, 0))
	return d >= since && w.chance(0.45, drawAttested, i, 0, 0)
}

// requires is the oldest CPython that a release of that day still supports.
func requires(d day) string {
	minor := min(max(7+(d.time().Year()-2020), 6), 12)
	if d < date(2017, time.January, 1) {
		return ""
	}
	return fmt.Sprintf(">=3.%d", minor)
}

const microseconds = "2006-01-02T15:04:05.000000Z"

func (f file) index() indexFile {
	x := indexFile{
		CoreMetadata: false,
		Filename:     f.name,
		Hashes:       map[string]string{"sha256": f.sha256},
		Size:         f.size,
		UploadTime:   f.uploaded.Format(microseconds),
		URL:          f.url,
		Yanked:       f.yanked,
	}
	if f.kind == "bdist_wheel" {
		x.CoreMetadata = map[string]string{"sha256": f.sha256}
	}
	if f.requires != "" {
		x.RequiresPython = &f.requires
	}
	if f.provenance != "" {
		x.Provenance = &f.provenance
	}
	if f.yanked && f.yankReason != "" {
		x.Yanked = f.yankReason
	}
	return x
}

// projectJSON renders /pypi/{name}/json.
func (w *world) projectJSON(i int) reply {
	list := w.releases(i)
	releases := make(map[string][]map[string]any, len(list))
	latest := list[len(list)-1]
	for _, r := range list {
		files := []map[string]any{}
		for _, f := range w.files(i, r) {
			files = append(files, f.json())
		}
		releases[r.version] = files
		if !r.pre && !r.odd {
			latest = r
		}
	}
	doc := map[string]any{
		"info":            w.info(i, latest),
		"last_serial":     w.serial(i),
		"ownership":       w.ownership(i),
		"releases":        releases,
		"urls":            releases[latest.version],
		"vulnerabilities": []any{},
	}
	return indexReply("application/json", w.serial(i), encode(doc))
}

func (f file) json() map[string]any {
	m := map[string]any{
		"comment_text":         "",
		"digests":              map[string]string{"sha256": f.sha256},
		"downloads":            -1,
		"filename":             f.name,
		"has_sig":              false,
		"packagetype":          f.kind,
		"requires_python":      nil,
		"size":                 f.size,
		"upload_time":          f.uploaded.Format("2006-01-02T15:04:05"),
		"upload_time_iso_8601": f.uploaded.Format(microseconds),
		"url":                  f.url,
		"yanked":               f.yanked,
		"yanked_reason":        nil,
	}
	if f.requires != "" {
		m["requires_python"] = f.requires
	}
	if f.yankReason != "" {
		m["yanked_reason"] = f.yankReason
	}
	return m
}

func (w *world) info(i int, latest release) map[string]any {
	name := nameOf(i)
	info := map[string]any{
		"author":             "Fictional Author",
		"description":        "This project does not exist.",
		"downloads":          map[string]int{"last_day": -1, "last_month": -1, "last_week": -1},
		"home_page":          nil,
		"license":            nil,
		"license_expression": nil,
		"name":               w.displayName(i),
		"project_urls":       nil,
		"requires_dist":      nil,
		"requires_python":    requires(latest.day),
		"summary":            "A fictional " + strings.ReplaceAll(strings.TrimPrefix(name, "fictional-"), "-", " ") + " that does not exist",
		"version":            latest.version,
		"yanked":             false,
		"yanked_reason":      nil,
	}
	switch w.below(4, drawLinks, i, 3, 0) {
	case 0:
		info["license_expression"] = "MIT"
	case 1:
		info["license_expression"] = "Apache-2.0 OR BSD-3-Clause"
	case 2:
		info["license"] = "BSD"
	}
	repo, ok := w.repository(i)
	if !ok {
		if w.chance(0.5, drawLinks, i, 0, 0) {
			info["home_page"] = "UNKNOWN"
		}
		return info
	}
	link := "https://" + w.repositoryPath(repo)
	home := "https://" + name + ".fictional.invalid/"
	switch w.below(10, drawLinks, i, 1, 0) {
	case 0:
		info["home_page"] = link
	case 1:
		info["project_urls"] = map[string]string{"Homepage": link + "/", "Issues": link + "/issues"}
	case 2:
		info["project_urls"] = map[string]string{"homepage": home, "Source code": link + ".git"}
		info["home_page"] = ""
	case 3:
		info["project_urls"] = map[string]string{"Changelpog": link + "/releases", "CI": link + "/actions?query=workflow%3ATest"}
	case 4:
		info["project_urls"] = map[string]string{"git": "git+" + link, "Funding": "https://github.com/sponsors/fictional"}
	default:
		info["project_urls"] = map[string]string{"Homepage": home, "Repository": link, "Issues": link + "/issues", "Changelog": link + "/releases"}
	}
	return info
}

func (w *world) ownership(i int) map[string]any {
	roles := []map[string]string{}
	for k := range 1 + w.below(3, drawOwner, i, 0, 0) {
		role := "Owner"
		if k == 2 {
			role = "Maintainer"
		}
		roles = append(roles, map[string]string{"role": role, "user": fmt.Sprintf("fictional-person-%d", w.below(w.pool, drawOwner, i, k, 1))})
	}
	own := map[string]any{"organization": nil, "roles": roles}
	if w.chance(0.1, drawOwner, i, 0, 2) {
		own["organization"] = fmt.Sprintf("fictional-works-%d", 1+w.below(12, drawOwner, i, 0, 3))
	}
	return own
}
