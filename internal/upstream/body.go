package upstream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// silence is the cause of a request that was given up for want of an answer.
type silence struct {
	what string
	d    time.Duration
}

func (s *silence) Error() string { return fmt.Sprintf("%s within %s", s.what, s.d) }

// watch ends a request when what is expected of it does not come in time.
type watch struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	timeouts Timeouts
	stop     context.CancelFunc // of the bound on the whole

	mu    sync.Mutex
	timer *time.Timer
}

func newWatch(ctx context.Context, t Timeouts) *watch {
	ctx, stop := context.WithTimeoutCause(ctx, t.Total, &silence{"not finished", t.Total})
	ctx, cancel := context.WithCancelCause(ctx)
	return &watch{ctx: ctx, cancel: cancel, stop: stop, timeouts: t}
}

// expect ends the request unless relax is called within d.
func (w *watch) expect(d time.Duration, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
	w.timer = time.AfterFunc(d, func() { w.cancel(&silence{what, d}) })
}

func (w *watch) relax() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
}

// end frees what the watch holds; the request is over.
func (w *watch) end() {
	w.relax()
	w.cancel(nil)
	w.stop()
}

// body is an answer's body as a collector sees it: capped, hashed, checked
// against its announced length and never silent for long.
type body struct {
	ctx      context.Context // of the caller
	url      string
	r        io.ReadCloser
	watch    *watch
	give     func() // gives the host's place back
	limit    int64
	announce int64 // bytes announced, -1 unknown
	hash     hash.Hash
	n        int64 // bytes read
	err      error // sticky
	whole    bool  // read to its end without a fault
}

func newBody(ctx context.Context, answer *http.Response, req Request, w *watch, give func()) *body {
	return &body{
		ctx:      ctx,
		url:      req.URL,
		r:        answer.Body,
		watch:    w,
		give:     give,
		limit:    req.maxBytes(),
		announce: answer.ContentLength,
		hash:     sha256.New(),
	}
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if room := b.limit - b.n + 1; int64(len(p)) > room {
		p = p[:room] // one byte more than allowed tells that there is more
	}
	b.watch.expect(b.watch.timeouts.Idle, "no byte")
	n, err := b.r.Read(p)
	b.watch.relax()
	b.n += int64(n)
	if b.n > b.limit {
		return 0, b.fail(failed(observation.ClassMalformed, b.url, fmt.Errorf("the answer is longer than the %d bytes allowed", b.limit)))
	}
	b.hash.Write(p[:n])
	switch {
	case err == io.EOF:
		if b.announce >= 0 && b.n != b.announce {
			return n, b.fail(failed(observation.ClassMalformed, b.url, fmt.Errorf("the answer has %d bytes but announced %d", b.n, b.announce)))
		}
		b.whole = true
		return n, b.fail(io.EOF)
	case err != nil:
		return n, b.fail(classifyBody(b.ctx, b.watch, b.url, err))
	}
	return n, nil
}

// fail ends the body with err and returns it.
func (b *body) fail(err error) error {
	b.err = err
	b.r.Close()
	b.give()
	return err
}

// Close gives the body up. It may be called more than once.
func (b *body) Close() error {
	if b.err == nil {
		b.fail(failed(observation.ClassInternal, b.url, fmt.Errorf("read after it was closed")))
	}
	return nil
}

func (b *body) sum() string { return hex.EncodeToString(b.hash.Sum(nil)) }
