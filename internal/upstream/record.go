package upstream

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"sync/atomic"
)

// recorder writes what a transport answers into a tree that a mirror can
// replay. An answer appears in the tree whole or not at all; one that cannot be
// written is passed on all the same, with a warning.
type recorder struct {
	root *os.Root
	next http.RoundTripper
	log  *slog.Logger
	seq  atomic.Uint64 // for names of unfinished files
}

func newRecorder(dir string, next http.RoundTripper, log *slog.Logger) (*recorder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("directory to record into: %w", err)
	}
	root, err := openTree(dir)
	if err != nil {
		return nil, err
	}
	return &recorder{root: root, next: next, log: log}, nil
}

// has reports whether the answer to a URL has been recorded.
func (r *recorder) has(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	name, ok := treeName(u)
	if !ok {
		return false
	}
	_, err = r.root.Stat(name)
	return err == nil
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil || req.Method != http.MethodGet && req.Method != http.MethodPost || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	u := firstURL(req)
	name, ok := treeName(u)
	if req.Method == http.MethodPost && ok {
		if name, err = questionName(req, name); err != nil {
			return nil, err
		}
	}
	if !ok || resp.Header.Get("Content-Encoding") != "" {
		r.log.Warn("answer not recorded: no file can stand for it", "url", u.String())
		return resp, nil
	}
	part := name + "-" + strconv.FormatUint(r.seq.Add(1), 10) + partTail
	f, err := r.create(part)
	if err != nil {
		r.log.Warn("answer not recorded", "url", u.String(), "error", err)
		return resp, nil
	}
	resp.Body = &recording{
		ReadCloser: resp.Body,
		r:          r,
		file:       f,
		part:       part,
		name:       name,
		header:     headerLines(resp.Header),
		announce:   resp.ContentLength,
	}
	return resp, nil
}

// firstURL is the URL that was asked for before any redirect: a mirror answers
// it directly.
func firstURL(req *http.Request) *url.URL {
	for req.Response != nil && req.Response.Request != nil {
		req = req.Response.Request
	}
	return req.URL
}

func (r *recorder) create(name string) (*os.File, error) {
	if err := r.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return nil, err
	}
	return r.root.Create(name)
}

// recording is a body that is written to a file as it is read.
type recording struct {
	io.ReadCloser
	r                  *recorder
	file               *os.File // nil once kept or given up
	part, name, header string
	announce, n        int64
}

func (b *recording) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.file == nil {
		return n, err
	}
	if _, werr := b.file.Write(p[:n]); werr != nil {
		b.giveUp(werr)
		return n, err
	}
	b.n += int64(n)
	switch {
	case err == io.EOF && (b.announce < 0 || b.announce == b.n):
		if kerr := b.keep(); kerr != nil {
			b.giveUp(kerr)
		}
	case err != nil:
		b.giveUp(nil)
	}
	return n, err
}

func (b *recording) Close() error {
	if b.file != nil {
		b.giveUp(nil)
	}
	return b.ReadCloser.Close()
}

// keep moves the finished file to its place, its headers first: a body must
// never be replayed without them.
func (b *recording) keep() error {
	if err := b.file.Close(); err != nil {
		return err
	}
	headers := b.part + headersTail
	if err := b.r.root.WriteFile(headers, []byte(b.header), 0o644); err != nil {
		return err
	}
	if err := b.r.root.Rename(headers, b.name+headersTail); err != nil {
		return err
	}
	if err := b.r.root.Rename(b.part, b.name); err != nil {
		return err
	}
	b.file = nil
	return nil
}

// giveUp removes the unfinished file.
func (b *recording) giveUp(err error) {
	b.file.Close()
	b.file = nil
	_ = b.r.root.Remove(b.part)
	_ = b.r.root.Remove(b.part + headersTail)
	if err != nil {
		b.r.log.Warn("answer not recorded", "file", b.name, "error", err)
	}
}
