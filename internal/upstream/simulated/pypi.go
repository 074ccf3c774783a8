package simulated

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// PyPI: the root index, the page of a project in the Index API (version 1.4),
// its JSON, and the provenance of a file (provenance.go).

const (
	indexType    = "application/vnd.pypi.simple.v1+json"
	microseconds = "2006-01-02T15:04:05.000000Z"
)

func (w *world) pypi(q query) (reply, bool) {
	if q.path == "/simple/" {
		return w.rootIndex(), true
	}
	if rest, ok := strings.CutPrefix(q.path, "/integrity/"); ok {
		return w.integrity(rest)
	}
	name, page := strings.CutPrefix(q.path, "/simple/")
	if page {
		name, page = strings.CutSuffix(name, "/")
	}
	document := false
	if rest, ok := strings.CutPrefix(q.path, "/pypi/"); ok {
		name, document = strings.CutSuffix(rest, "/json")
	}
	if !page && !document {
		return reply{}, false
	}
	i, ok := w.project(name)
	if !ok || !w.exists(i) {
		return reply{}, false
	}
	standing, _ := w.standing(i)
	switch {
	case page:
		return w.indexReply(q, indexType, w.serial(i), w.indexPage(i, standing)), true
	case standing == quarantined:
		return reply{}, false
	}
	return w.indexReply(q, "application/json", w.serial(i), w.projectJSON(i)), true
}

// indexReply is an answer that changes only together with its serial.
func (w *world) indexReply(q query, kind string, serial uint64, body []byte) reply {
	return reply{kind: kind, body: body, header: indexHeader(serial), etag: w.etagFor(q.path, serial)}
}

func indexHeader(serial uint64) map[string]string {
	return map[string]string{
		"X-PyPI-Last-Serial": strconv.FormatUint(serial, 10),
		"Cache-Control":      "max-age=600, public",
	}
}

// rootIndex lists every project but those in quarantine.
func (w *world) rootIndex() reply {
	last := serialAt(w.now)
	return reply{kind: indexType, header: indexHeader(last), etag: w.etagFor("root", w.today), stream: func() *stream {
		next, first := 0, true
		var part []byte
		return &stream{more: func(b *bytes.Buffer) error {
			part = part[:0]
			if next == 0 {
				part = append(num(append(part, `{"meta":{`...), "_last-serial", last), `"api-version":"1.4"},"projects":[`...)
			}
			for range min(1000, w.pool-next) {
				i := next
				next++
				if standing, _ := w.standing(i); standing == quarantined || !w.exists(i) {
					continue
				}
				if !first {
					part = append(part, ',')
				}
				first = false
				part = append(num(append(part, '{'), "_last-serial", w.serial(i)), `"name":"`...)
				part = append(append(part, w.displayName(i)...), `"}`...)
			}
			if next < w.pool {
				b.Write(part)
				return nil
			}
			b.Write(append(part, `]}`...))
			return io.EOF
		}}
	}}
}

// indexPage renders /simple/{name}/.
func (w *world) indexPage(i int, standing string) []byte {
	var releases []release
	if standing != quarantined {
		releases = w.releases(i)
	}
	b := append(make([]byte, 0, 2000+1200*len(releases)), `{"alternate-locations":[],`...)
	b = open(b, "files", "[")
	for _, r := range releases {
		for _, f := range w.files(i, r) {
			b = f.index(b)
		}
	}
	b = closing(b, "]")
	b = num(open(b, "meta", "{"), "_last-serial", w.serial(i))
	b = closing(str(b, "api-version", "1.4"), "}")
	b = str(b, "name", nameOf(i))
	b = open(b, "project-status", "{")
	if standing == deprecated {
		b = str(b, "reason", "Use another fictional project.")
	}
	b = closing(str(b, "status", standing), "}")
	b = open(b, "versions", "[")
	for _, r := range releases {
		b = append(append(append(b, '"'), r.version...), `",`...)
	}
	return bare(closing(closing(b, "]"), "}"))
}

// bare drops the comma behind a whole document.
func bare(b []byte) []byte { return b[:len(b)-1] }

// index appends the file as the Index API shows it.
func (f *file) index(b []byte) []byte {
	b = append(b, '{')
	if f.kind == "bdist_wheel" {
		b = closing(str(open(b, "core-metadata", "{"), "sha256", f.sha256), "}")
	} else {
		b = flag(b, "core-metadata", false)
	}
	b = str(b, "filename", f.name)
	b = closing(str(open(b, "hashes", "{"), "sha256", f.sha256), "}")
	b = strOrNull(b, "provenance", f.provenance)
	b = strOrNull(b, "requires-python", f.requires)
	b = num(b, "size", f.size)
	b = append(f.uploaded.AppendFormat(open(b, "upload-time", `"`), microseconds), `",`...)
	b = str(b, "url", f.url)
	if f.yankReason != "" {
		b = str(b, "yanked", f.yankReason)
	} else {
		b = flag(b, "yanked", f.yanked)
	}
	return closing(b, "}")
}

// projectJSON renders /pypi/{name}/json.
func (w *world) projectJSON(i int) []byte {
	releases := w.releases(i)
	latest := releases[len(releases)-1]
	for _, r := range releases {
		if !r.pre && !r.odd {
			latest = r
		}
	}
	b := append(make([]byte, 0, 4000+1400*len(releases)), '{')
	b = w.info(b, i, latest)
	b = num(b, "last_serial", w.serial(i))
	b = w.ownership(b, i)
	b = open(b, "releases", "{")
	var newest [2]int // where the files of the latest release are
	for _, r := range releases {
		b = open(b, r.version, "[")
		begin := len(b)
		for _, f := range w.files(i, r) {
			b = f.json(b)
		}
		b = closing(b, "]")
		if r.nth == latest.nth {
			newest = [2]int{begin, len(b) - 1}
		}
	}
	b = closing(b, "}")
	b = append(open(b, "urls", "["), b[newest[0]:newest[1]]...)
	b = append(b, ',')
	return bare(closing(raw(b, "vulnerabilities", "[]"), "}"))
}

// json appends the file as the JSON API shows it.
func (f *file) json(b []byte) []byte {
	b = append(b, `{"comment_text":"",`...)
	b = closing(str(open(b, "digests", "{"), "sha256", f.sha256), "}")
	b = raw(b, "downloads", "-1")
	b = str(b, "filename", f.name)
	b = flag(b, "has_sig", false)
	b = str(b, "packagetype", f.kind)
	b = strOrNull(b, "requires_python", f.requires)
	b = num(b, "size", f.size)
	b = append(f.uploaded.AppendFormat(open(b, "upload_time", `"`), "2006-01-02T15:04:05"), `",`...)
	b = append(f.uploaded.AppendFormat(open(b, "upload_time_iso_8601", `"`), microseconds), `",`...)
	b = str(b, "url", f.url)
	b = flag(b, "yanked", f.yanked)
	return closing(strOrNull(b, "yanked_reason", f.yankReason), "}")
}

// info appends the metadata of a project, as its latest release brought it.
func (w *world) info(b []byte, i int, latest release) []byte {
	urls, home := w.links(i, latest.day)
	var expression, licence string
	switch w.below(4, drawLicence, i, 0, 0) {
	case 0:
		expression = "MIT"
	case 1:
		expression = "Apache-2.0 OR BSD-3-Clause"
	case 2:
		licence = "BSD"
	}
	b = open(b, "info", "{")
	b = str(b, "author", "Fictional Author")
	b = str(b, "description", "This project does not exist.")
	b = raw(b, "downloads", `{"last_day":-1,"last_month":-1,"last_week":-1}`)
	if home == emptyHome {
		b = str(b, "home_page", "")
	} else {
		b = strOrNull(b, "home_page", home)
	}
	b = strOrNull(b, "license", licence)
	b = strOrNull(b, "license_expression", expression)
	b = str(b, "name", w.displayName(i))
	if len(urls) == 0 {
		b = raw(b, "project_urls", "null")
	} else {
		b = open(b, "project_urls", "{")
		for _, u := range urls {
			b = str(b, u.label, u.url)
		}
		b = closing(b, "}")
	}
	b = raw(b, "requires_dist", "null")
	b = strOrNull(b, "requires_python", w.requires(i, latest.day))
	b = str(b, "summary", "A fictional "+strings.ReplaceAll(strings.TrimPrefix(nameOf(i), "fictional-"), "-", " ")+" that does not exist")
	b = str(b, "version", latest.version)
	b = flag(b, "yanked", false)
	return closing(raw(b, "yanked_reason", "null"), "}")
}

// ownership appends who may do what, which changes with a handover.
func (w *world) ownership(b []byte, i int) []byte {
	turn := 0
	if _, ok := w.handover(i); ok {
		turn = 1
	}
	b = open(b, "ownership", "{")
	organization := ""
	if w.chance(shareOrg, drawOwner, i, 3, turn) {
		organization = fmt.Sprintf("fictional-works-%d", 1+w.below(12, drawOwner, i, 4, turn))
	}
	b = open(strOrNull(b, "organization", organization), "roles", "[")
	users := make([]int, 0, 3)
	for k := range 1 + w.below(3, drawOwner, i, 5, turn) {
		user := w.below(w.pool, drawOwner, i, 6+k, turn)
		if slices.Contains(users, user) {
			continue
		}
		users = append(users, user)
		role := "Owner"
		if k == 2 {
			role = "Maintainer"
		}
		b = closing(str(str(append(b, '{'), "role", role), "user", fmt.Sprintf("fictional-person-%d", user)), "}")
	}
	return closing(closing(b, "]"), "}")
}
