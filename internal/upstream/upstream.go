// Package upstream is the only thing in Pyrometer that speaks HTTP to a source.
// One client serves the internet, a recorded mirror and a simulated ecosystem;
// it holds the etiquette (who we are, how often, how many at once, what to do
// when told to wait) and the suspicion (how big, how long, what type, where to)
// so that a collector only has to read what came.
package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// homePage tells a source what asks it.
const homePage = "https://github.com/pyrometer-dev/pyrometer"

const (
	// DefaultMaxBytes caps a body when a request names no cap of its own.
	DefaultMaxBytes = 16 << 20

	maxRetries   = 3                // after the first try
	maxRedirects = 5                // for one try
	firstBackoff = time.Second      // doubled for every further retry, less up to half by jitter
	longestWait  = 2 * time.Minute  // the most that one request waits because a host told it to
	longestPause = time.Hour        // the most that a host can make us leave it alone
	errorBody    = 4 << 10          // bytes of an error's body that are read so that the connection can be used again
	farFuture    = 24 * time.Hour   // a Date or Last-Modified beyond this is not believed
	totalTimeout = 30 * time.Minute // one try, from the first byte asked to the last byte read
)

// Validators remembers what a URL answered last, for conditional requests. The
// store has it. ok is false when nothing is known of the URL. Requests under way
// at the same time ask at the same time.
type Validators interface {
	Response(ctx context.Context, url string) (r observation.Response, ok bool, err error)
}

// Options is what a Client is made of. The zero value asks the internet.
type Options struct {
	Spec    string // live (also ""), mirror:DIR or simulated:N[,seed=S]
	Version string // of Pyrometer, for the User-Agent
	Contact string // of whoever runs it, for the User-Agent: a URL or mailto: address; "" or the home page for none

	Validators Validators // nil: no request is conditional
	Record     string     // directory to write answers to, in the layout of a mirror; "" for none
	Faults     string     // see ParseFaults; "" for none
	Log        *slog.Logger
	// Count is called once for every request sent, with the class of its
	// outcome, for a counter by host and class. It must not block.
	Count func(host string, class observation.Class)

	// For tests. Transport takes the place of the one that Spec names; Sleep
	// waits for d or until ctx ends; Timeouts are those of one try.
	Now       func() time.Time
	Sleep     func(ctx context.Context, d time.Duration) error
	Transport http.RoundTripper
	Timeouts  Timeouts
}

// Timeouts bound one try. A zero field takes its default.
type Timeouts struct {
	Connect time.Duration // TCP, and again TLS; 10 s
	Answer  time.Duration // from sending to the answer's header; 60 s
	Idle    time.Duration // without a byte of the body while one is waited for; 60 s
	Total   time.Duration // 30 min
}

// Request asks for one URL.
type Request struct {
	URL    string // https
	Accept string // media types asked for; default application/json with ExpectJSON, else */*
	// MaxBytes caps the body as it is read, after decompression. More is a
	// failure, never a silent truncation. 0 means DefaultMaxBytes.
	MaxBytes int64
	// Conditional asks only for what has changed since the Validators last
	// heard of this URL.
	Conditional bool
	// ContentTypes are the media types that are taken for an answer, without
	// parameters. Empty takes all, but for text/html when ExpectJSON is set.
	ContentTypes []string
	ExpectJSON   bool

	question []byte // posted; see Post
}

// Response is a successful answer (200), or NotModified (304). Close its Body;
// until that is closed or read to its end, it holds one of the host's few
// places, so a collector that asks the same host while it reads must not keep
// more bodies open than Client.Concurrency allows, less one.
type Response struct {
	URL    string // as it was asked for
	Status int
	Header http.Header
	// Body yields at most Request.MaxBytes bytes. Its errors are
	// *observation.Error: malformed when the body is longer than allowed or
	// shorter than announced, timeout, unavailable.
	Body        io.ReadCloser
	NotModified bool // Body is empty: what was stored last time is still true
	// Previous is what the Validators knew of the URL; nil without one. When a
	// source has no ETag, an equal SHA256 says that nothing has changed.
	Previous *observation.Response
	Through  time.Time // Last-Modified, else Date; zero when the source says neither

	fetchedAt time.Time
	body      *body
}

// Record returns what the store should remember of the answer: the validators
// and the hash of the body. It is nil until the body has been read to its end.
// A NotModified answer repeats what was known, with the time of this answer.
func (r *Response) Record() *observation.Response {
	if r.NotModified {
		rec := observation.Response{URL: r.URL}
		if r.Previous != nil {
			rec = *r.Previous
		}
		rec.Status, rec.FetchedAt = r.Status, r.fetchedAt
		return &rec
	}
	if r.body == nil || !r.body.whole {
		return nil
	}
	return &observation.Response{
		URL:          r.URL,
		ETag:         r.Header.Get("ETag"),
		LastModified: r.Header.Get("Last-Modified"),
		SHA256:       r.body.sum(),
		Status:       r.Status,
		Bytes:        r.body.n,
		FetchedAt:    r.fetchedAt,
	}
}

// Client asks sources. It is safe for concurrent use.
type Client struct {
	kind       string
	http       *http.Client
	userAgent  string
	validators Validators
	recorder   *recorder
	hosts      *hosts
	log        *slog.Logger
	count      func(string, observation.Class)
	now        func() time.Time
	sleep      func(context.Context, time.Duration) error
	timeouts   Timeouts
}

// New returns a client, or an error when a directory cannot be opened or a
// specification cannot be read.
func New(o Options) (*Client, error) {
	spec, err := ParseSpec(o.Spec)
	if err != nil {
		return nil, err
	}
	c := &Client{
		kind:       spec.Kind,
		userAgent:  userAgent(o.Version, o.Contact),
		validators: o.Validators,
		hosts:      newHosts(spec.Kind == Live),
		log:        o.Log,
		count:      o.Count,
		now:        o.Now,
		sleep:      o.Sleep,
		timeouts:   o.Timeouts.withDefaults(),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.count == nil {
		c.count = func(string, observation.Class) {}
	}
	if c.now == nil {
		c.now = func() time.Time { return time.Now().UTC() }
	}
	if c.sleep == nil {
		c.sleep = sleep
	}
	transport := o.Transport
	if transport == nil {
		if transport, err = spec.transport(c.now, c.timeouts); err != nil {
			return nil, err
		}
	}
	if o.Record != "" {
		if c.recorder, err = newRecorder(o.Record, transport, c.log); err != nil {
			return nil, err
		}
		transport = c.recorder
	}
	if o.Faults != "" {
		if transport, err = newFaults(o.Faults, transport); err != nil {
			return nil, err
		}
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: c.checkRedirect}
	return c, nil
}

// Kind is what a run records as its upstream: live, mirror or simulated.
func (c *Client) Kind() string { return c.kind }

// Concurrency is how many requests to the host of rawURL may be under way at
// once; more only wait for each other.
func (c *Client) Concurrency(rawURL string) int {
	u, err := url.Parse(rawURL)
	if err != nil {
		return 1
	}
	return c.hosts.of(u.Hostname()).Concurrency
}

// Get asks for one URL and returns as soon as the answer's header is there.
// Failures before the first byte of the body are retried as the failure's class
// allows. Every error is an *observation.Error.
func (c *Client) Get(ctx context.Context, req Request) (*Response, error) {
	return c.ask(ctx, req, func(*Response) error { return nil })
}

// ReadAll asks for one URL and reads the whole body, retrying failures of
// either. The body is nil when the response is NotModified.
func (c *Client) ReadAll(ctx context.Context, req Request) ([]byte, *Response, error) {
	var all []byte
	resp, err := c.ask(ctx, req, func(r *Response) (err error) {
		defer r.Body.Close()
		all, err = io.ReadAll(r.Body)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if resp.NotModified {
		all = nil
	}
	return all, resp, nil
}

// ReadJSON asks for one URL and decodes its body into v, which stays untouched
// when the response is NotModified. A body that is not one JSON value is
// malformed, one without any byte is empty.
func (c *Client) ReadJSON(ctx context.Context, req Request, v any) (*Response, error) {
	req.ExpectJSON = true
	all, resp, err := c.ReadAll(ctx, req)
	if err != nil || resp.NotModified {
		return resp, err
	}
	if len(all) == 0 {
		return nil, failed(observation.ClassEmpty, req.URL, errors.New("the answer is empty"))
	}
	if err := json.Unmarshal(all, v); err != nil {
		return nil, failed(observation.ClassMalformed, req.URL, fmt.Errorf("the answer is not the JSON that was expected: %w", err))
	}
	return resp, nil
}

// ask sends a request until it is answered and read, or must not be repeated.
func (c *Client) ask(ctx context.Context, req Request, read func(*Response) error) (*Response, error) {
	u, err := c.target(req.URL)
	if err != nil {
		return nil, failed(observation.ClassRefused, req.URL, err)
	}
	previous, err := c.previous(ctx, req)
	if err != nil {
		return nil, failed(observation.ClassInternal, req.URL, fmt.Errorf("reading what the URL answered last: %w", err))
	}
	var resp *Response
	err = c.insist(ctx, u, func() (err error) {
		if resp, err = c.try(ctx, u, req, previous); err == nil {
			err = read(resp)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// insist calls try until it succeeds or must not be repeated, and counts every
// outcome.
func (c *Client) insist(ctx context.Context, u *url.URL, try func() error) error {
	for n := 0; ; n++ {
		err := try()
		if _, leftAlone := errors.AsType[*pauseError](err); !leftAlone {
			c.count(u.Hostname(), observation.ClassOf(err))
		}
		if err == nil || n == maxRetries || ctx.Err() != nil || !repeatable(err) {
			return err
		}
		wait := backoff(n)
		c.log.Debug("source failed, asking again", "url", u.String(), "try", n+1, "wait", wait, "error", err)
		if err := c.sleep(ctx, wait); err != nil {
			return ended(ctx, u.String())
		}
	}
}

// target checks a URL of ours.
func (c *Client) target(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	if u.Host == "" || (u.Scheme != "https" && (u.Scheme != "http" || c.kind == Live)) {
		return nil, errors.New("only https URLs with a host are asked for")
	}
	return u, nil
}

// previous returns what a conditional request may refer to. While answers are
// recorded, a URL whose file is still missing is asked for without conditions,
// or the recording would lack everything that has not changed.
func (c *Client) previous(ctx context.Context, req Request) (*observation.Response, error) {
	if !req.Conditional || c.validators == nil {
		return nil, nil
	}
	if c.recorder != nil && !c.recorder.has(req.URL) {
		return nil, nil
	}
	r, ok, err := c.validators.Response(ctx, req.URL)
	if err != nil || !ok {
		return nil, err
	}
	return &r, nil
}

// try sends the request once, within the limits of its host.
func (c *Client) try(ctx context.Context, u *url.URL, req Request, previous *observation.Response) (*Response, error) {
	host := c.hosts.of(u.Hostname())
	release, err := host.enter(ctx, c.now, c.sleep)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ended(ctx, req.URL)
		}
		return nil, failed(observation.ClassRateLimited, req.URL, err)
	}
	watch := newWatch(ctx, c.timeouts)
	give := func() { watch.end(); release() }
	watch.expect(c.timeouts.Answer, "no answer")
	answer, err := c.http.Do(c.request(watch.ctx, u, req, previous))
	watch.relax()
	if err != nil {
		give()
		return nil, classify(ctx, watch, req.URL, err)
	}
	resp, err := c.accept(answer, req, previous)
	if err != nil {
		watch.expect(c.timeouts.Idle, "no byte of the error's text")
		_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, errorBody))
		answer.Body.Close()
		give()
		if s, ok := errors.AsType[*statusError](err); ok && s.status >= 400 {
			host.pause(c.now(), s.retryAfter)
		}
		return nil, err
	}
	if resp.NotModified {
		answer.Body.Close()
		give()
		resp.Body = http.NoBody
		return resp, nil
	}
	resp.body = newBody(ctx, answer, req, watch, give)
	resp.Body = resp.body
	return resp, nil
}

func (c *Client) request(ctx context.Context, u *url.URL, req Request, previous *observation.Response) *http.Request {
	r := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	r.Header.Set("User-Agent", c.userAgent)
	switch {
	case req.Accept != "":
		r.Header.Set("Accept", req.Accept)
	case req.ExpectJSON:
		r.Header.Set("Accept", "application/json")
	default:
		r.Header.Set("Accept", "*/*")
	}
	if previous != nil {
		if previous.ETag != "" {
			r.Header.Set("If-None-Match", previous.ETag)
		}
		if previous.LastModified != "" {
			r.Header.Set("If-Modified-Since", previous.LastModified)
		}
	}
	req.carry(r)
	return r
}

// accept turns the header of an answer into a Response, or into the failure it means.
func (c *Client) accept(answer *http.Response, req Request, previous *observation.Response) (*Response, error) {
	now := c.now()
	resp := &Response{
		URL:       req.URL,
		Status:    answer.StatusCode,
		Header:    answer.Header,
		Previous:  previous,
		Through:   through(answer.Header, now),
		fetchedAt: now,
	}
	switch {
	case answer.StatusCode == http.StatusNotModified && previous != nil:
		resp.NotModified = true
		return resp, nil
	case answer.StatusCode != http.StatusOK:
		return nil, statusFailure(req.URL, answer, now)
	}
	if err := checkType(answer.Header.Get("Content-Type"), req); err != nil {
		return nil, failed(observation.ClassMalformed, req.URL, err)
	}
	if limit := req.maxBytes(); answer.ContentLength > limit {
		return nil, failed(observation.ClassMalformed, req.URL, fmt.Errorf("the answer has %d bytes, more than the %d allowed", answer.ContentLength, limit))
	}
	return resp, nil
}

func (r Request) maxBytes() int64 {
	if r.MaxBytes <= 0 {
		return DefaultMaxBytes
	}
	return r.MaxBytes
}

func (t Timeouts) withDefaults() Timeouts {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&t.Connect, 10*time.Second)
	set(&t.Answer, time.Minute)
	set(&t.Idle, time.Minute)
	set(&t.Total, totalTimeout)
	return t
}

// userAgent says who asks and how to reach them.
func userAgent(version, contact string) string {
	if version == "" {
		version = "dev"
	}
	ua := "Pyrometer/" + version + " (+" + homePage
	if contact != "" && contact != homePage {
		ua += "; " + contact
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, ua+")")
}

// through is the time up to which an answer speaks: its Last-Modified, else its
// Date. A source whose clock runs ahead is held to ours.
func through(h http.Header, now time.Time) time.Time {
	for _, name := range []string{"Last-Modified", "Date"} {
		t, err := http.ParseTime(h.Get(name))
		if err != nil || t.After(now.Add(farFuture)) {
			continue
		}
		if t.After(now) {
			return now
		}
		return t.UTC()
	}
	return time.Time{}
}

// backoff is the wait before retry try+1: doubling, with up to half taken off
// at random so that many clients do not come back together.
func backoff(try int) time.Duration {
	full := firstBackoff << try
	return full - rand.N(full/2)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
