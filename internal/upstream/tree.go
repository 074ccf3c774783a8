package upstream

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"
)

// A mirror is a tree of files, one a URL: HOST/PATH, or HOST/PATH/_index for a
// path that ends in a slash. Beside a file, FILE.headers holds the answer's
// headers that matter. Query strings play no part. The answer to a question that
// was posted is HOST/PATH@HASH; see Client.Post.

const (
	indexName   = "_index"
	headersTail = ".headers"
	partTail    = ".part" // of a file that is being written
	maxHeaders  = 64 << 10
)

// treeName maps a URL to its file, in slash-separated form below the root of
// the tree. ok is false when no file can stand for it.
func treeName(u *url.URL) (name string, ok bool) {
	host, p := strings.ToLower(u.Hostname()), u.Path
	if p == "" {
		p = "/"
	}
	if !validHost(host) || u.Port() != "" || p[0] != '/' {
		return "", false
	}
	if strings.HasSuffix(p, "/") {
		p += indexName
	} else if base := path.Base(p); base == indexName || strings.HasSuffix(base, headersTail) || strings.HasSuffix(base, partTail) {
		return "", false // ours, not a URL's
	}
	name = host + p
	return name, fs.ValidPath(name) && !strings.ContainsAny(name, "\\\x00")
}

func validHost(host string) bool {
	if host == "" || host[0] == '.' || host[0] == '-' {
		return false
	}
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// openTree opens the root of a tree. Nothing read or written through it can lie
// outside, whatever names and symbolic links say.
func openTree(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("mirror directory: %w", err)
	}
	return root, nil
}

// absent reports whether an error of the file system means that there is no
// such file, rather than that it cannot be read.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}

// readHeaders reads FILE.headers, or returns an empty set when there is none.
func readHeaders(root *os.Root, name string) (http.Header, error) {
	f, err := root.Open(name + headersTail)
	if absent(err) {
		return http.Header{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := textproto.NewReader(bufio.NewReader(io.MultiReader(io.LimitReader(f, maxHeaders), strings.NewReader("\n\n"))))
	h, err := r.ReadMIMEHeader()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name+headersTail, err)
	}
	return http.Header(h), nil
}

// headersThatMatter are kept of a recorded answer. Validators are not: a mirror
// makes its own.
var headersThatMatter = []string{
	"Cache-Control", "Content-Disposition", "Content-Type", "Last-Modified", "Vary", "X-Pypi-Last-Serial",
	"X-Scorecard-Complete", "X-Scorecard-Generated-At", "X-Scorecard-Resolved-Commit", "X-Scorecard-Source", "X-Scorecard-Version",
}

// headerLines renders the headers that matter as FILE.headers holds them.
func headerLines(h http.Header) string {
	var b strings.Builder
	for _, name := range headersThatMatter {
		if v := h.Get(name); v != "" && !strings.ContainsAny(v, "\r\n") {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	return b.String()
}
