package upstream

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// mirror answers requests from a tree of recorded bodies.
type mirror struct {
	root  *os.Root
	etags sync.Map // name -> taggedFile
}

// taggedFile is the ETag of a file as it was.
type taggedFile struct {
	size     int64
	modified time.Time
	etag     string
}

func newMirror(dir string) (*mirror, error) {
	root, err := openTree(dir)
	if err != nil {
		return nil, err
	}
	return &mirror{root: root}, nil
}

// RoundTrip answers 200 with the recorded body, 304 when the request names its
// ETag (made from the body) or its recorded Last-Modified, and 404 for what is
// not there. A question that is posted is answered by its own file, else by that
// of the URL.
func (m *mirror) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		return answer(req, http.StatusMethodNotAllowed, nil), nil
	}
	name, ok := treeName(req.URL)
	if !ok {
		return answer(req, http.StatusNotFound, nil), nil
	}
	if req.Method == http.MethodPost {
		question, err := questionName(req, name)
		if err != nil {
			return nil, err
		}
		if _, err := m.root.Stat(question); err == nil {
			name = question
		}
	}
	info, err := m.root.Stat(name)
	if absent(err) || err == nil && !info.Mode().IsRegular() {
		return answer(req, http.StatusNotFound, nil), nil
	}
	if err != nil {
		return nil, err
	}
	return m.serve(req, name, info)
}

func (m *mirror) serve(req *http.Request, name string, info fs.FileInfo) (*http.Response, error) {
	header, err := readHeaders(m.root, name)
	if err != nil {
		return nil, err
	}
	etag, err := m.etag(name, info)
	if err != nil {
		return nil, err
	}
	header.Set("ETag", etag)
	if unchanged(req.Header, header) {
		return answer(req, http.StatusNotModified, header), nil
	}
	f, err := m.root.Open(name)
	if err != nil {
		return nil, err
	}
	if header.Get("Content-Type") == "" {
		kind, err := guessType(name, f)
		if err != nil {
			f.Close()
			return nil, err
		}
		header.Set("Content-Type", kind)
	}
	resp := answer(req, http.StatusOK, header)
	resp.ContentLength = info.Size()
	if req.Method == http.MethodHead {
		f.Close()
		return resp, nil
	}
	resp.Body = f
	return resp, nil
}

// etag is the hash of the file, computed once for as long as its size and time
// stay the same.
func (m *mirror) etag(name string, info fs.FileInfo) (string, error) {
	if v, ok := m.etags.Load(name); ok {
		if t := v.(taggedFile); t.size == info.Size() && t.modified.Equal(info.ModTime()) {
			return t.etag, nil
		}
	}
	f, err := m.root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	etag := `"` + hex.EncodeToString(h.Sum(nil)[:16]) + `"`
	m.etags.Store(name, taggedFile{info.Size(), info.ModTime(), etag})
	return etag, nil
}

// unchanged answers the conditions of a request (RFC 9110 section 13.2.2): its
// ETags if it names any, else its date.
func unchanged(asked, have http.Header) bool {
	if match := asked.Get("If-None-Match"); match != "" {
		for tag := range strings.SplitSeq(match, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(have.Get("ETag"), "W/") {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(asked.Get("If-Modified-Since"))
	if err != nil {
		return false
	}
	modified, err := http.ParseTime(have.Get("Last-Modified"))
	return err == nil && !modified.After(since)
}

// guessType names the media type of a body that was recorded without one, by
// its name, else by its first bytes. The file is left at its start.
func guessType(name string, f io.ReadSeeker) (string, error) {
	switch path.Ext(name) {
	case ".json":
		return "application/json", nil
	case ".csv":
		return "text/csv; charset=utf-8", nil
	case ".txt":
		return "text/plain; charset=utf-8", nil
	case ".zip":
		return "application/zip", nil
	case ".gz":
		return "application/gzip", nil
	}
	var first [512]byte
	n, err := io.ReadFull(f, first[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	if text := strings.TrimSpace(string(first[:n])); text != "" && (text[0] == '{' || text[0] == '[') {
		return "application/json", nil
	}
	return http.DetectContentType(first[:n]), nil
}

// answer makes a response without a body.
func answer(req *http.Request, status int, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", status, http.StatusText(status)),
		StatusCode: status,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     header,
		Body:       http.NoBody,
		Request:    req,
	}
}
