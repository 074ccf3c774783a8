package upstream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// questionMark stands in a tree between the name of a URL and the hash of the
// question that was posted to it.
const questionMark = "@"

// Post asks a question that is too long for a URL: body, in JSON, is posted to
// the URL, and the whole answer is read. It must be a question: failures are
// repeated as those of ReadAll are, so that it may arrive more than once.
// Limits, caps and classes are those of every request; no answer is conditional,
// and none is sought elsewhere by a redirect. A mirror answers with the file
// HOST/PATH@HASH, HASH being the first eight bytes of the body's SHA-256 in
// hexadecimal digits, else with HOST/PATH.
func (c *Client) Post(ctx context.Context, req Request, body []byte) ([]byte, *Response, error) {
	req.Conditional = false
	req.question = append([]byte{}, body...) // not nil, and ours while a try that was given up is still sending
	answer, resp, err := c.ReadAll(ctx, req)
	if e, ok := errors.AsType[*observation.Error](err); ok {
		e.Op = "POST " + req.URL
	}
	return answer, resp, err
}

// StatusOf returns the HTTP status that a failed request was answered with, 0
// when it failed in another way. It tells what an API does not offer from what
// is wrong with it today; the class of the error says all else.
func StatusOf(err error) int {
	if s, ok := errors.AsType[*statusError](err); ok {
		return s.status
	}
	return 0
}

// carry puts the question of a request into r.
func (req Request) carry(r *http.Request) {
	if req.question == nil {
		return
	}
	r.Method = http.MethodPost
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = int64(len(req.question))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.question)), nil }
	r.Body, _ = r.GetBody() // never fails
}

// questionName is the file that stands for the answer to this request's
// question, below name, the file of its URL.
func questionName(req *http.Request, name string) (string, error) {
	if req.GetBody == nil {
		return name, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return "", err
	}
	defer body.Close()
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return "", err
	}
	return name + questionMark + hex.EncodeToString(h.Sum(nil)[:8]), nil
}
