package pypi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// text is a string that a source may leave out, set to null or get wrong:
// everything but a string is "".
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	// Nearly all are plain: a decoder of their own would be most of the work.
	if len(b) >= 2 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b) {
		*t = text(b[1 : len(b)-1])
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
	}
	return nil
}

// count is a number that a source may leave out, set to null or get wrong:
// everything but a whole number of 64 bits is 0, which stands for unknown.
type count uint64

func (c *count) UnmarshalJSON(b []byte) error {
	*c = 0
	if n, err := strconv.ParseUint(string(bytes.Trim(b, `"`)), 10, 64); err == nil {
		*c = count(n)
	}
	return nil
}

// stamp is an upload time, zero when the source leaves it out, sets it to null or
// to an empty text. One that cannot be read is an error: taken as unknown it would
// erase the time that is known.
type stamp struct{ time.Time }

// The years in which a file may have been uploaded. Outside them a time is a
// fault, and the database has no room for all of them.
const (
	firstUpload = 1990
	lastUpload  = 2200
)

// UnmarshalJSON reads a time. PyPI's older field has no zone and is UTC.
func (s *stamp) UnmarshalJSON(b []byte) error {
	*s = stamp{}
	if string(b) == "null" || string(b) == `""` {
		return nil
	}
	var written string
	if err := json.Unmarshal(b, &written); err != nil {
		return fmt.Errorf("the upload time %.40s is not a text", b)
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05"} {
		t, err := time.Parse(layout, written)
		if err != nil {
			continue
		}
		if t = t.UTC(); t.Year() < firstUpload || t.Year() > lastUpload {
			return fmt.Errorf("the upload time %s is not of %d to %d", t.Format(time.RFC3339), firstUpload, lastUpload)
		}
		s.Time = t
		return nil
	}
	return fmt.Errorf("the upload time %.40q is not a time", written)
}

// yank says whether a file was yanked (PEP 592, 691): false, null or an empty
// text, true, or the reason.
type yank struct {
	yanked bool
	reason string
}

func (y *yank) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "true":
		*y = yank{yanked: true}
	case b[0] == '"' && len(b) > len(`""`):
		var reason text
		_ = reason.UnmarshalJSON(b) // never fails
		*y = yank{yanked: true, reason: string(reason)}
	}
	return nil
}

// page is a project's page of the Index API (PEP 691, 700, 740, 792). Unknown
// keys are ignored, as the specification demands.
type page struct {
	Name     text              `json:"name"`
	Meta     meta              `json:"meta"`
	Files    []json.RawMessage `json:"files"`
	Versions []string          `json:"versions"`
	Status   json.RawMessage   `json:"project-status"`
}

// meta is what the Index API says of an answer.
type meta struct {
	Serial  count           `json:"_last-serial"`
	Version json.RawMessage `json:"api-version"`
}

// minor returns N of an api-version 1.N, -1 when the answer does not say. Any
// other major version may mean anything, and is an error.
func (m meta) minor() (int, error) {
	if len(m.Version) == 0 {
		return -1, nil
	}
	var version string
	if err := json.Unmarshal(m.Version, &version); err == nil {
		if rest, ok := strings.CutPrefix(version, "1."); ok {
			if n, err := strconv.ParseUint(rest, 10, 16); err == nil {
				return int(n), nil
			}
		}
	}
	return 0, fmt.Errorf("its api-version is %.40s; 1.x is understood", m.Version)
}

// statusSince is the minor version of the Index API that brought project-status.
const statusSince = 4

// status reads a page's project-status (PEP 792). A page that may have one and
// has none is of an active project; the status is "" where the page cannot tell.
func (p *page) status() (status, reason string, err error) {
	var s struct {
		Status *string `json:"status"`
		Reason text    `json:"reason"`
	}
	if len(p.Status) > 0 {
		if err := json.Unmarshal(p.Status, &s); err != nil {
			return "", "", errors.New("the project status cannot be read")
		}
	}
	if s.Status == nil {
		if minor, err := p.Meta.minor(); err != nil || minor < statusSince {
			return "", "", err
		}
		return "active", "", nil
	}
	switch status := strings.ToLower(*s.Status); status {
	case "active", "archived", quarantined, "deprecated":
		return status, cut(s.Reason, maxLong), nil
	}
	return "", "", errors.New("the project status is none of PEP 792")
}

// quarantined is the status of a project whose files PyPI does not offer while
// it looks into them, and which it leaves out of the root index.
const quarantined = "quarantined"

// pageFile is one file of a page. Provenance is a URL, null when there is none,
// or absent when the page does not say.
type pageFile struct {
	Filename       text            `json:"filename"`
	Hashes         hashes          `json:"hashes"`
	RequiresPython text            `json:"requires-python"`
	Size           count           `json:"size"`
	UploadTime     stamp           `json:"upload-time"`
	Yanked         yank            `json:"yanked"`
	Provenance     json.RawMessage `json:"provenance"`
}

type hashes struct {
	SHA256 text `json:"sha256"`
}

// document is a project's JSON (https://docs.pypi.org/api/json/). Keys came and
// went with the years; any but info may be absent.
type document struct {
	Info       *info                        `json:"info"`
	Releases   map[string][]json.RawMessage `json:"releases"` // by version; nil when the key is absent
	LastSerial count                        `json:"last_serial"`
	Ownership  struct {
		Organization text `json:"organization"`
		Roles        []struct {
			Role text `json:"role"`
			User text `json:"user"`
		} `json:"roles"`
	} `json:"ownership"`
	odd bool // a value of the wrong type was left out
}

type info struct {
	Name              text            `json:"name"`
	Version           text            `json:"version"`
	Summary           text            `json:"summary"`
	RequiresPython    text            `json:"requires_python"`
	LicenseExpression text            `json:"license_expression"`
	HomePage          text            `json:"home_page"`
	ProjectURLs       map[string]text `json:"project_urls"`
}

// documentFile is one file of a release in a document.
type documentFile struct {
	Filename       text   `json:"filename"`
	PackageType    text   `json:"packagetype"`
	UploadTimeISO  stamp  `json:"upload_time_iso_8601"`
	UploadTime     stamp  `json:"upload_time"` // UTC without saying so
	Size           count  `json:"size"`
	Digests        hashes `json:"digests"`
	RequiresPython text   `json:"requires_python"`
	Yanked         yank   `json:"yanked"`
	YankedReason   text   `json:"yanked_reason"`
}

// decode reads JSON into v. A value of the wrong type is left out and named in
// oddity; anything else that is wrong is an error, bytes that are no text among it.
func decode(body []byte, v any) (oddity string, err error) {
	if !utf8.Valid(body) {
		return "", errors.New("it is not UTF-8")
	}
	err = json.Unmarshal(body, v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s holds a %s and was left out", wrong.Field, wrong.Value), nil
	}
	return "", err
}

func decodePage(body []byte, project string) (*page, string, error) {
	var p page
	oddity, err := decode(body, &p)
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("not a page of the index: %w", err)
	case p.Files == nil:
		return nil, "", errors.New("not a page of the index: it has no files key")
	case pypa.Normalize(string(p.Name)) != project:
		return nil, "", fmt.Errorf("the page is of %.100q, not of %s", p.Name, project)
	}
	if _, err := p.Meta.minor(); err != nil {
		return nil, "", fmt.Errorf("not a page that can be read: %w", err)
	}
	return &p, oddity, nil
}

// checkComplete reports an error when a page lists sharply fewer files than the
// document does for the versions that the page itself names. Of a project in
// quarantine it may.
func checkComplete(pg *page, doc *document) error {
	if status, _, _ := pg.status(); status == quarantined {
		return nil
	}
	expected := 0
	for _, v := range pg.Versions {
		expected += len(doc.Releases[v])
	}
	if len(pg.Files)*100 >= expected*leastPercent {
		return nil
	}
	return fmt.Errorf("the page lists %d files where the JSON has %d of the same releases: it is not taken as data", len(pg.Files), expected)
}

// leastPercent is the least that a page may list of the files that the document
// has. The two are cached apart, and may differ by a few.
const leastPercent = 90

func decodeDocument(body []byte, project string) (*document, string, error) {
	var d document
	oddity, err := decode(body, &d)
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("not a project's JSON: %w", err)
	case d.Info == nil:
		return nil, "", errors.New("not a project's JSON: it has no info key")
	case pypa.Normalize(string(d.Info.Name)) != project:
		return nil, "", fmt.Errorf("the JSON is of %.100q, not of %s", d.Info.Name, project)
	}
	d.odd = oddity != ""
	return &d, oddity, nil
}

// rootEntry is one project of the root index.
type rootEntry struct {
	Name   text  `json:"name"`
	Serial count `json:"_last-serial"`
}

// root is what is kept of the root index.
type root struct {
	total  int                  // projects it lists
	odd    int                  // entries that name no project: it is not complete
	listed map[string]rootEntry // the wanted ones, by normalised name
}

const (
	maxEntry = 1 << 20 // bytes of one value in the root index; an entry has some fifty
	maxDepth = 64      // of values that are not read
)

// decodeRoot reads the root index as it streams by and keeps the entries of the
// wanted projects. It reads body to its end.
func decodeRoot(body io.Reader, wanted map[string]bool) (*root, error) {
	limited := &limiter{r: body}
	dec := &rootDecoder{Decoder: json.NewDecoder(limited), limited: limited}
	r := &root{listed: make(map[string]rootEntry, len(wanted))}
	if err := dec.expect('{'); err != nil {
		return nil, err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "meta":
			err = dec.meta()
		case "projects":
			err = dec.projects(r, wanted)
		default:
			err = dec.skip()
		}
		if err != nil {
			return nil, err
		}
	}
	if err := dec.expect('}'); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		if err == nil {
			err = errors.New("there is more after the index")
		}
		return nil, err
	}
	return r, nil
}

// rootDecoder reads the root index value by value, none longer than maxEntry.
type rootDecoder struct {
	*json.Decoder
	limited *limiter
}

// limiter ends a stream that goes past until. The decoder reads on only for the
// value that it is reading, so a stream that ends there holds one that is too
// long.
type limiter struct {
	r           io.Reader
	read, until int64
}

func (l *limiter) Read(p []byte) (int, error) {
	room := l.until - l.read
	if room <= 0 {
		return 0, fmt.Errorf("a value has more than %d bytes", maxEntry)
	}
	n, err := l.r.Read(p[:min(int64(len(p)), room)])
	l.read += int64(n)
	return n, err
}

func (d *rootDecoder) Token() (json.Token, error) {
	d.limited.until = d.InputOffset() + maxEntry
	return d.Decoder.Token()
}

func (d *rootDecoder) More() bool {
	d.limited.until = d.InputOffset() + maxEntry
	return d.Decoder.More()
}

// decode decodes as encoding/json does; wrong tells that the value is of the
// wrong type.
func (d *rootDecoder) decode(v any) (wrong bool, err error) {
	d.limited.until = d.InputOffset() + maxEntry
	err = d.Decoder.Decode(v)
	if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); wrong {
		return true, nil
	}
	return false, err
}

func (d *rootDecoder) meta() error {
	var m meta
	if _, err := d.decode(&m); err != nil {
		return err
	}
	_, err := m.minor()
	return err
}

// skip passes over one value without keeping it.
func (d *rootDecoder) skip() error {
	for depth := 0; ; {
		token, err := d.Token()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		if depth > maxDepth {
			return fmt.Errorf("a value is nested more than %d deep", maxDepth)
		}
	}
}

func (d *rootDecoder) projects(r *root, wanted map[string]bool) error {
	if err := d.expect('['); err != nil {
		return err
	}
	for d.More() {
		var e rootEntry
		wrong, err := d.decode(&e)
		if err != nil {
			return err
		}
		name, err := pypa.ParseName(string(e.Name))
		if wrong || err != nil && len(e.Name) <= pypa.MaxName {
			r.odd++ // it counts for nothing
			continue
		}
		r.total++
		if wanted[name] {
			r.listed[name] = e
		}
	}
	return d.expect(']')
}

func (d *rootDecoder) expect(want json.Delim) error {
	got, err := d.Token()
	if err == nil && got != want {
		err = fmt.Errorf("found %v where %v was expected", got, want)
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func cut(s text, limit int) string { return collectors.CutText(string(s), limit) }
