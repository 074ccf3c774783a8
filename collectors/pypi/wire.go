package pypi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// text is a string that a source may leave out, set to null or get wrong:
// everything but a string is "".
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
	}
	return nil
}

// count is a number that a source may leave out, set to null or get wrong:
// everything but a whole number is 0, which stands for unknown.
type count uint64

func (c *count) UnmarshalJSON(b []byte) error {
	n, _ := strconv.ParseUint(string(bytes.Trim(b, `"`)), 10, 64)
	*c = count(n)
	return nil
}

// yank says whether a file was yanked (PEP 592): false or null, true, or the
// reason.
type yank struct {
	yanked bool
	reason string
}

func (y *yank) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "true":
		*y = yank{yanked: true}
	case b[0] == '"':
		var reason text
		_ = reason.UnmarshalJSON(b) // never fails
		*y = yank{yanked: true, reason: string(reason)}
	}
	return nil
}

// page is a project's page of the Index API (PEP 691, 700, 740, 792). Unknown
// keys are ignored, as the specification demands.
type page struct {
	Name text `json:"name"`
	Meta struct {
		Serial count `json:"_last-serial"`
	} `json:"meta"`
	Files    []json.RawMessage `json:"files"`
	Versions []string          `json:"versions"`
	Status   struct {
		Status text `json:"status"`
		Reason text `json:"reason"`
	} `json:"project-status"`
}

// pageFile is one file of a page. Provenance is a URL, null when there is none,
// or absent when the page does not say.
type pageFile struct {
	Filename       text            `json:"filename"`
	Hashes         hashes          `json:"hashes"`
	RequiresPython text            `json:"requires-python"`
	Size           count           `json:"size"`
	UploadTime     text            `json:"upload-time"`
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
	UploadTimeISO  text   `json:"upload_time_iso_8601"`
	UploadTime     text   `json:"upload_time"` // UTC without saying so
	Size           count  `json:"size"`
	Digests        hashes `json:"digests"`
	RequiresPython text   `json:"requires_python"`
	Yanked         yank   `json:"yanked"`
	YankedReason   text   `json:"yanked_reason"`
}

// decode reads JSON into v. A value of the wrong type is left out and named in
// oddity; anything else that is wrong is an error.
func decode(body []byte, v any) (oddity string, err error) {
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
	return &p, oddity, nil
}

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
	total   int                  // projects it lists
	tracked map[string]rootEntry // by normalised name
}

// decodeRoot reads the root index as it streams by and keeps the entries of the
// wanted projects. It reads body to its end.
func decodeRoot(body io.Reader, wanted map[string]bool) (*root, error) {
	dec := json.NewDecoder(body)
	if err := expect(dec, '{'); err != nil {
		return nil, err
	}
	r := &root{tracked: make(map[string]rootEntry, len(wanted))}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		if key != "projects" {
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.projects(dec, wanted); err != nil {
			return nil, err
		}
	}
	if err := expect(dec, '}'); err != nil {
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

func (r *root) projects(dec *json.Decoder, wanted map[string]bool) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	for dec.More() {
		var e rootEntry
		err := dec.Decode(&e)
		if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); wrong {
			continue // an entry that is no object counts for nothing
		}
		if err != nil {
			return err
		}
		r.total++
		if name := pypa.Normalize(string(e.Name)); wanted[name] {
			r.tracked[name] = e
		}
	}
	return expect(dec, ']')
}

func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if err == nil && got != want {
		err = fmt.Errorf("found %v where %v was expected", got, want)
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// parseTime reads an upload time, zero when there is none. PyPI's older field
// has no zone and is UTC.
func parseTime(s text) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, string(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func cut(s text, limit int) string { return collectors.CutText(string(s), limit) }
