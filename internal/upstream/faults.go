package upstream

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// faults spoils a share of the answers of another transport. Which ones depends
// on the seed, the URL and how often it has been asked for, so a run can be
// repeated exactly and a retry can succeed.
type faults struct {
	next   http.RoundTripper
	host   string // "" for every host
	seed   uint64
	shares []share

	mu    sync.Mutex
	asked map[string]uint64
}

// share is one kind of fault and how many of 1 answers it befalls.
type share struct {
	kind   string // a status from 400 to 599, or one of spoilers
	status int
	part   float64
}

// spoilers are the faults that are not a status.
var spoilers = map[string]func(*http.Response){
	"truncate": truncate, // cut in the middle, with the full length announced
	"cut":      cut,      // cut in the middle, with nothing to tell it by
	"slow":     slow,     // a trickle
	"html":     html,     // a page where data was expected, with status 200
	"empty":    empty,    // no body, with status 200
}

// newFaults reads a specification such as
// "429=0.1,500=0.05,reset=0.02,truncate=0.01;seed=1;host=pypi.org": shares of 1
// by kind of fault (a status, reset, or one of spoilers), then options.
func newFaults(spec string, next http.RoundTripper) (*faults, error) {
	f := &faults{next: next, seed: 1, asked: map[string]uint64{}}
	list, options, _ := strings.Cut(spec, ";")
	total := 0.0
	for item := range strings.SplitSeq(list, ",") {
		kind, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		part, err := strconv.ParseFloat(value, 64)
		if err != nil || part < 0 || part > 1 {
			return nil, fmt.Errorf("faults %q: %q needs a share from 0 to 1", spec, kind)
		}
		s := share{kind: kind, part: part}
		if s.status, err = strconv.Atoi(kind); err == nil {
			if s.status < 400 || s.status > 599 {
				return nil, fmt.Errorf("faults %q: %d is not a status of failure", spec, s.status)
			}
		} else if spoilers[kind] == nil && kind != "reset" {
			return nil, fmt.Errorf("faults %q: %q is no fault; want a status, reset, truncate, cut, slow, html or empty", spec, kind)
		}
		total += part
		f.shares = append(f.shares, s)
	}
	if total > 1 {
		return nil, fmt.Errorf("faults %q: the shares add up to more than 1", spec)
	}
	if options == "" {
		return f, nil
	}
	for option := range strings.SplitSeq(options, ";") {
		name, value, _ := strings.Cut(option, "=")
		var err error
		switch name {
		case "seed":
			f.seed, err = strconv.ParseUint(value, 10, 64)
		case "host":
			f.host = value
		default:
			err = fmt.Errorf("only seed and host are options")
		}
		if err != nil {
			return nil, fmt.Errorf("faults %q: option %q: %w", spec, option, err)
		}
	}
	return f, nil
}

func (f *faults) RoundTrip(req *http.Request) (*http.Response, error) {
	s, ok := f.draw(req)
	if !ok {
		return f.next.RoundTrip(req)
	}
	if s.kind == "reset" {
		return nil, fmt.Errorf("read from %s: %w", req.URL.Host, syscall.ECONNRESET)
	}
	if s.status != 0 {
		resp := answer(req, s.status, nil)
		if s.status == http.StatusTooManyRequests {
			resp.Header.Set("Retry-After", "1")
		}
		return resp, nil
	}
	resp, err := f.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusOK {
		spoilers[s.kind](resp)
	}
	return resp, err
}

// draw decides whether and how this request goes wrong.
func (f *faults) draw(req *http.Request) (share, bool) {
	if f.host != "" && f.host != req.URL.Hostname() {
		return share{}, false
	}
	url := req.URL.String()
	f.mu.Lock()
	f.asked[url]++
	nth := f.asked[url]
	f.mu.Unlock()
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %d %s", f.seed, nth, url)
	x := h.Sum64() // the low bits of FNV are the mixed ones
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	at := float64(x>>11) / (1 << 53)
	for _, s := range f.shares {
		if at < s.part {
			return s, true
		}
		at -= s.part
	}
	return share{}, false
}

// half is how much of a body is left after it was cut.
func half(resp *http.Response) int64 {
	if resp.ContentLength < 0 {
		return 4 << 10
	}
	return resp.ContentLength / 2
}

func truncate(resp *http.Response) {
	resp.Body = readCloser{io.MultiReader(io.LimitReader(resp.Body, half(resp)), broken{}), resp.Body}
}

func cut(resp *http.Response) {
	resp.Body = readCloser{io.LimitReader(resp.Body, half(resp)), resp.Body}
	resp.ContentLength = -1
}

func html(resp *http.Response) {
	page := "<!DOCTYPE html><html><head><title>Just a moment</title></head><body>Please wait.</body></html>"
	resp.Body.Close()
	resp.Header.Set("Content-Type", "text/html; charset=utf-8")
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewBufferString(page)), int64(len(page))
}

func empty(resp *http.Response) {
	resp.Body.Close()
	resp.Body, resp.ContentLength = http.NoBody, 0
}

func slow(resp *http.Response) {
	resp.Body = readCloser{&trickle{resp.Request.Context(), resp.Body}, resp.Body}
}

type readCloser struct {
	io.Reader
	io.Closer
}

// broken ends a body the way a lost connection does.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// trickle hands out a little at a time.
type trickle struct {
	ctx context.Context
	r   io.Reader
}

func (t *trickle) Read(p []byte) (int, error) {
	if err := sleep(t.ctx, 20*time.Millisecond); err != nil {
		return 0, err
	}
	return t.r.Read(p[:min(len(p), 4<<10)])
}
