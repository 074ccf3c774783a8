package upstream

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

var day = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a clock that only sleeping moves.
type clock struct {
	mu    sync.Mutex
	t     time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{t: day} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	c.t = c.t.Add(d)
	return nil
}

// detour sends every request to a test server, whatever its host.
type detour struct {
	to *url.URL
	rt http.RoundTripper
}

func (d detour) RoundTrip(req *http.Request) (*http.Response, error) {
	r := req.Clone(req.Context())
	r.URL.Scheme, r.URL.Host = d.to.Scheme, d.to.Host
	resp, err := d.rt.RoundTrip(r)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// serve starts a server and returns a client that takes it for the internet.
func serve(t *testing.T, o Options, h http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	to, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	o.Transport = detour{to, transport}
	return newClient(t, o)
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	if o.Sleep == nil {
		c := newClock()
		o.Now, o.Sleep = c.Now, c.Sleep
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	// A test asks one host far more often than a run would.
	for name := range limits {
		c.hosts.of(name).tokens.SetLimit(1e9)
	}
	return c
}

func wantClass(t *testing.T, err error, want observation.Class) {
	t.Helper()
	if got := observation.ClassOf(err); got != want {
		t.Fatalf("class %q (%v), want %q", got, err, want)
	}
	if err == nil {
		return
	}
	if _, ok := errors.AsType[*observation.Error](err); !ok {
		t.Fatalf("%T is not an *observation.Error", err)
	}
}

const anyURL = "https://pypi.org/simple/fictional-otter-kit/"

func TestClassOfStatusAndRetries(t *testing.T) {
	for _, tt := range []struct {
		status int
		header string // Retry-After
		class  observation.Class
		asked  int
	}{
		{200, "", observation.ClassNone, 1},
		{202, "", observation.ClassUnavailable, 4},
		{202, "30", observation.ClassUnavailable, 1}, // of this URL, which is not ready
		{204, "", observation.ClassMalformed, 1},
		{304, "", observation.ClassMalformed, 1}, // nobody asked conditionally
		{400, "", observation.ClassRefused, 1},
		{401, "", observation.ClassRefused, 1},
		{403, "", observation.ClassRefused, 1},
		{403, "1", observation.ClassRateLimited, 1},
		{404, "", observation.ClassNotFound, 1},
		{408, "", observation.ClassRefused, 1},
		{410, "", observation.ClassNotFound, 1},
		{429, "", observation.ClassRateLimited, 4},
		{429, "7", observation.ClassRateLimited, 4},
		{429, "100000", observation.ClassRateLimited, 1}, // longer than a request waits
		{500, "", observation.ClassUnavailable, 4},
		{502, "", observation.ClassUnavailable, 4},
		{503, "", observation.ClassUnavailable, 4},
		{503, "3", observation.ClassRateLimited, 4},
		{504, "", observation.ClassUnavailable, 4},
	} {
		t.Run(fmt.Sprintf("%d after %q", tt.status, tt.header), func(t *testing.T) {
			var asked atomic.Int32
			counted := map[observation.Class]int{}
			c := serve(t, Options{Count: func(host string, class observation.Class) {
				if host != "pypi.org" {
					t.Errorf("counted for host %q", host)
				}
				counted[class]++
			}}, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				if tt.header != "" {
					w.Header().Set("Retry-After", tt.header)
				}
				w.WriteHeader(tt.status)
			})
			_, _, err := c.ReadAll(t.Context(), Request{URL: anyURL})
			wantClass(t, err, tt.class)
			if int(asked.Load()) != tt.asked {
				t.Errorf("asked %d times, want %d", asked.Load(), tt.asked)
			}
			if counted[tt.class] != tt.asked {
				t.Errorf("counted %v, want %d of %q", counted, tt.asked, tt.class)
			}
			if err != nil && !strings.Contains(err.Error(), anyURL) {
				t.Errorf("error %q does not name what was asked", err)
			}
		})
	}
}

func TestRetrySucceedsAndBacksOff(t *testing.T) {
	clk := newClock()
	var asked int
	c := serve(t, Options{Now: clk.Now, Sleep: clk.Sleep}, func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked < 4 {
			w.WriteHeader(500)
			return
		}
		fmt.Fprint(w, "at last")
	})
	all, _, err := c.ReadAll(t.Context(), Request{URL: anyURL})
	if err != nil || string(all) != "at last" {
		t.Fatalf("%q, %v", all, err)
	}
	if len(clk.slept) != 3 {
		t.Fatalf("slept %v", clk.slept)
	}
	for i, d := range clk.slept {
		if full := time.Second << i; d > full || d <= full/2 {
			t.Errorf("retry %d waited %v, want more than %v and at most %v", i+1, d, full/2, full)
		}
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	for name, value := range map[string]string{
		"seconds": "30",
		"date":    day.Add(30 * time.Second).Format(http.TimeFormat),
	} {
		t.Run(name, func(t *testing.T) {
			clk := newClock()
			var asked int
			c := serve(t, Options{Now: clk.Now, Sleep: clk.Sleep}, func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked == 1 {
					w.Header().Set("Retry-After", value)
					w.WriteHeader(429)
				}
			})
			if _, _, err := c.ReadAll(t.Context(), Request{URL: anyURL}); err != nil {
				t.Fatal(err)
			}
			if waited := clk.Now().Sub(day); waited != 30*time.Second {
				t.Errorf("waited %v, want 30s", waited)
			}
		})
	}
}

// A result that is still being made holds up no other of the same host.
func TestAcceptedDoesNotPauseTheHost(t *testing.T) {
	clk := newClock()
	c := serve(t, Options{Now: clk.Now, Sleep: clk.Sleep}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/pending" {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(202)
		}
	})
	_, _, err := c.ReadAll(t.Context(), Request{URL: "https://api.scorecard.dev/pending"})
	wantClass(t, err, observation.ClassUnavailable)
	if _, _, err := c.ReadAll(t.Context(), Request{URL: "https://api.scorecard.dev/ready"}); err != nil || len(clk.slept) != 0 {
		t.Errorf("waited %v, error %v", clk.slept, err)
	}
}

func TestHostIsLeftAlone(t *testing.T) {
	clk := newClock()
	asked := 0
	c := serve(t, Options{Now: clk.Now, Sleep: clk.Sleep}, func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Retry-After", "99999999")
		w.WriteHeader(503)
	})
	for range 3 {
		_, err := c.Get(t.Context(), Request{URL: anyURL})
		wantClass(t, err, observation.ClassRateLimited)
	}
	if _, err := c.Get(t.Context(), Request{URL: anyURL}); err == nil || !strings.Contains(err.Error(), "pypi.org asked not to be asked before 2026-11-23T13:00:00Z") {
		t.Errorf("error %q", err)
	}
	if asked != 1 {
		t.Errorf("asked %d times a host that wants to be left alone", asked)
	}
	if len(clk.slept) != 0 {
		t.Errorf("slept %v instead of giving up", clk.slept)
	}
	clk.t = clk.t.Add(longestPause)
	_, _ = c.Get(t.Context(), Request{URL: anyURL})
	if asked != 2 {
		t.Errorf("asked %d times, want once more after the longest pause", asked)
	}
}

func TestRetryAfterHeader(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-5": 0, "0": 0, "1.5": 0, "12": 12 * time.Second,
		"99999999999999999999":                            0,
		day.Add(-time.Hour).Format(http.TimeFormat):       0,
		day.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, day); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestRequestSaysWhoAsks(t *testing.T) {
	var got http.Header
	c := serve(t, Options{Version: "1.2.3", Contact: "mailto:security@example.org\r\nX-Evil: 1"}, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		fmt.Fprint(w, `{}`)
	})
	var v struct{}
	if _, err := c.ReadJSON(t.Context(), Request{URL: anyURL}, &v); err != nil {
		t.Fatal(err)
	}
	if want := "Pyrometer/1.2.3 (+https://github.com/pyrometer-dev/pyrometer; mailto:security@example.orgX-Evil: 1)"; got.Get("User-Agent") != want {
		t.Errorf("User-Agent %q, want %q", got.Get("User-Agent"), want)
	}
	if got.Get("Accept") != "application/json" || got.Get("Accept-Encoding") != "gzip" {
		t.Errorf("Accept %q, Accept-Encoding %q", got.Get("Accept"), got.Get("Accept-Encoding"))
	}
	if _, err := c.ReadJSON(t.Context(), Request{URL: anyURL, Accept: "application/vnd.pypi.simple.v1+json"}, &v); err != nil {
		t.Fatal(err)
	}
	if got.Get("Accept") != "application/vnd.pypi.simple.v1+json" {
		t.Errorf("Accept %q", got.Get("Accept"))
	}
}

func TestReadJSON(t *testing.T) {
	for name, tt := range map[string]struct {
		kind, body string
		class      observation.Class
	}{
		"json":        {"application/json", `{"name":"otter"}`, ""},
		"as text":     {"text/plain; charset=utf-8", `{"name":"otter"}`, ""},
		"html":        {"text/html", `<html>`, observation.ClassMalformed},
		"empty":       {"application/json", ``, observation.ClassEmpty},
		"cut":         {"application/json", `{"name":"ott`, observation.ClassMalformed},
		"two values":  {"application/json", `{"name":"otter"}{}`, observation.ClassMalformed},
		"other shape": {"application/json", `["otter"]`, observation.ClassMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", tt.kind)
				fmt.Fprint(w, tt.body)
			})
			var v struct{ Name string }
			_, err := c.ReadJSON(t.Context(), Request{URL: anyURL}, &v)
			wantClass(t, err, tt.class)
			if err == nil && v.Name != "otter" {
				t.Errorf("decoded %+v", v)
			}
		})
	}
}

func TestContentTypes(t *testing.T) {
	c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+JSON; charset=utf-8")
		fmt.Fprint(w, `{}`)
	})
	req := Request{URL: anyURL, ContentTypes: []string{"application/vnd.pypi.simple.v1+json"}}
	_, _, err := c.ReadAll(t.Context(), req)
	wantClass(t, err, "")
	req.ContentTypes = []string{"text/csv"}
	_, _, err = c.ReadAll(t.Context(), req)
	wantClass(t, err, observation.ClassMalformed)
}

func TestBodyCaps(t *testing.T) {
	squeeze := func(n int) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.CopyN(z, zeros{}, int64(n))
		z.Close()
		return b.Bytes()
	}
	for name, tt := range map[string]struct {
		serve http.HandlerFunc
		max   int64
		class observation.Class
	}{
		"exactly the cap": {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1000)) }, 1000, ""},
		"announced over":  {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1001)) }, 1000, observation.ClassMalformed},
		"streamed over": {func(w http.ResponseWriter, r *http.Request) {
			for range 3 {
				fmt.Fprint(w, strings.Repeat("x", 500))
				w.(http.Flusher).Flush()
			}
		}, 1000, observation.ClassMalformed},
		"gzip": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(squeeze(1000))
		}, 1000, ""},
		"gzip bomb": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(squeeze(8 << 20))
		}, 1 << 20, observation.ClassMalformed},
		"gzip cut": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			b := squeeze(1000)
			w.Write(b[:len(b)-4])
		}, 1 << 20, observation.ClassMalformed},
		"gzip corrupt": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			b := squeeze(1000)
			b[len(b)-6] ^= 0xff
			w.Write(b)
		}, 1 << 20, observation.ClassMalformed},
		"not gzip at all": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, "plain words, long enough for a header")
		}, 1 << 20, observation.ClassMalformed},
		"shorter than announced": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "only this")
		}, 1 << 20, observation.ClassMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, Options{}, tt.serve)
			resp, err := c.Get(t.Context(), Request{URL: anyURL, MaxBytes: tt.max})
			if err == nil {
				var n int64
				if n, err = io.Copy(io.Discard, resp.Body); n > tt.max {
					t.Errorf("read %d bytes over a cap of %d", n, tt.max)
				}
				if (resp.Record() == nil) != (err != nil) {
					t.Errorf("record %v with error %v", resp.Record(), err)
				}
				resp.Body.Close()
			}
			wantClass(t, err, tt.class)
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// roundTrip is a transport of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestLengthIsCheckedWhateverTheTransport(t *testing.T) {
	for _, announced := range []int64{4, 6} {
		c := newClient(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp := answer(r, 200, nil)
			resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader("otter")), announced
			return resp, nil
		})})
		_, _, err := c.ReadAll(t.Context(), Request{URL: anyURL})
		wantClass(t, err, observation.ClassMalformed)
	}
}

func TestRecordNeedsTheWholeBody(t *testing.T) {
	c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Last-Modified", day.Add(-time.Hour).Format(http.TimeFormat))
		fmt.Fprint(w, "otter")
	})
	resp, err := c.Get(t.Context(), Request{URL: anyURL})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Record() != nil {
		t.Error("a record before the body was read")
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	want := observation.Response{
		URL: anyURL, ETag: `"v1"`, LastModified: "Mon, 23 Nov 2026 11:00:00 GMT", Status: 200, Bytes: 5, FetchedAt: day,
		SHA256: "914cb64a1bfac4c6f9507c9d26b81ed91757fa051e3f8508140053834d1dda81",
	}
	if got := *resp.Record(); got != want {
		t.Errorf("record %+v, want %+v", got, want)
	}
	if !resp.Through.Equal(day.Add(-time.Hour)) {
		t.Errorf("through %v", resp.Through)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

// known is a Validators of one answer for every URL.
type known struct {
	r   observation.Response
	ok  bool
	err error
}

func (k known) Response(context.Context, string) (observation.Response, bool, error) {
	return k.r, k.ok, k.err
}

func TestConditional(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(304)
			return
		}
		fmt.Fprint(w, `{"name":"otter"}`)
	}
	had := observation.Response{URL: anyURL, ETag: `"v1"`, LastModified: "Mon, 23 Nov 2026 11:00:00 GMT", SHA256: "abc", Status: 200, Bytes: 5, FetchedAt: day.Add(-time.Hour)}
	v := struct{ Name string }{"untouched"}

	c := serve(t, Options{Validators: known{had, true, nil}}, handler)
	resp, err := c.ReadJSON(t.Context(), Request{URL: anyURL, Conditional: true}, &v)
	if err != nil || !resp.NotModified || v.Name != "untouched" {
		t.Fatalf("%+v, %+v, %v", resp, v, err)
	}
	want := had
	want.Status, want.FetchedAt = 304, day
	if got := resp.Record(); *got != want {
		t.Errorf("record %+v, want %+v", got, want)
	}

	resp, err = c.ReadJSON(t.Context(), Request{URL: anyURL}, &v)
	if err != nil || resp.NotModified || v.Name != "otter" {
		t.Errorf("unconditional: %+v, %+v, %v", resp, v, err)
	}

	c = serve(t, Options{Validators: known{ok: false}}, handler)
	resp, err = c.ReadJSON(t.Context(), Request{URL: anyURL, Conditional: true}, &v)
	if err != nil || resp.NotModified || resp.Previous != nil {
		t.Errorf("unknown URL: %+v, %v", resp, err)
	}

	c = serve(t, Options{Validators: known{err: errors.New("store is down")}}, handler)
	_, err = c.ReadJSON(t.Context(), Request{URL: anyURL, Conditional: true}, &v)
	wantClass(t, err, observation.ClassInternal)
}

func TestRedirects(t *testing.T) {
	for name, tt := range map[string]struct {
		to    string
		class observation.Class
	}{
		"elsewhere in public":  {"https://files.example.org/next", ""},
		"loopback":             {"https://127.0.0.1/next", observation.ClassRefused},
		"loopback in IPv6":     {"https://[::1]/next", observation.ClassRefused},
		"mapped loopback":      {"https://[::ffff:127.0.0.1]/next", observation.ClassRefused},
		"private":              {"https://10.1.2.3/next", observation.ClassRefused},
		"link-local":           {"https://169.254.169.254/latest/meta-data", observation.ClassRefused},
		"link-local with zone": {"https://[fe80::1%25eth0]/next", observation.ClassRefused},
		"a name without a dot": {"https://metadata/next", observation.ClassRefused},
		"localhost":            {"https://a.localhost/next", observation.ClassRefused},
		"not https":            {"http://files.example.org/next", observation.ClassRefused},
		"a file":               {"file:///etc/passwd", observation.ClassRefused},
		"in circles":           {"https://pypi.org/start", observation.ClassRefused},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
				if asked++; r.URL.Path == "/start" {
					w.Header().Set("Location", tt.to)
					w.WriteHeader(302)
				}
			})
			_, err := c.Get(t.Context(), Request{URL: "https://pypi.org/start"})
			wantClass(t, err, tt.class)
			if err != nil && !strings.Contains(err.Error(), "redirected") {
				t.Errorf("error %q", err)
			}
			if tt.to == "https://pypi.org/start" && asked != maxRedirects+1 {
				t.Errorf("asked %d times", asked)
			} else if tt.class != "" && tt.to != "https://pypi.org/start" && asked != 1 {
				t.Errorf("followed a redirect to %s", tt.to)
			}
		})
	}
}

func TestLiveDialsOnlyThePublicInternet(t *testing.T) {
	hit := false
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer srv.Close()
	u, _ := url.Parse(srv.URL)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		c := newClient(t, Options{})
		_, err := c.Get(t.Context(), Request{URL: "https://" + host + ":" + u.Port() + "/"})
		wantClass(t, err, observation.ClassRefused)
	}
	if hit {
		t.Error("a loopback server was asked")
	}
}

func TestAProxyMayBePrivate(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(403)
	}))
	defer srv.Close()
	t.Setenv("HTTPS_PROXY", srv.URL)
	t.Setenv("NO_PROXY", "")
	c := newClient(t, Options{})
	_, err := c.Get(t.Context(), Request{URL: anyURL})
	wantClass(t, err, observation.ClassUnavailable)
	if len(asked) != 4 || asked[0] != "CONNECT pypi.org:443" {
		t.Errorf("the proxy was asked %q", asked)
	}
	if c.Reachable(t.Context()) {
		t.Error("a proxy that refuses was taken for a source that answers")
	}
	for proxy, want := range map[string]string{
		"":                          "",
		"proxy.example":             "proxy.example:80",
		"http://proxy.example:3128": "proxy.example:3128",
		"https://proxy.example":     "proxy.example:443",
		"socks5://[::1]":            "[::1]:1080",
	} {
		t.Setenv("HTTPS_PROXY", proxy)
		if got := proxyAddress(httpproxy.FromEnvironment().ProxyFunc()); got != want {
			t.Errorf("proxy %q is at %q, want %q", proxy, got, want)
		}
	}
}

func TestOnlyHTTPS(t *testing.T) {
	c := newClient(t, Options{})
	for _, bad := range []string{"http://pypi.org/simple/", "ftp://pypi.org/", "/simple/", "https://", "://"} {
		_, err := c.Get(t.Context(), Request{URL: bad})
		wantClass(t, err, observation.ClassRefused)
	}
}

func TestTransportErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		err   error
		class observation.Class
		asked int
	}{
		"reset":     {io.EOF, observation.ClassUnavailable, 4},
		"timed out": {context.DeadlineExceeded, observation.ClassTimeout, 4}, // a deadline of the transport's own
		"refusal":   {&refusal{"no"}, observation.ClassRefused, 1},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			c := newClient(t, Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				asked++
				return nil, tt.err
			})})
			_, err := c.Get(t.Context(), Request{URL: anyURL})
			wantClass(t, err, tt.class)
			if asked != tt.asked {
				t.Errorf("asked %d times, want %d", asked, tt.asked)
			}
		})
	}
}

// never is a body, or an answer, that does not come until it is given up.
type never struct{ ctx context.Context }

func (n never) Read([]byte) (int, error) { <-n.ctx.Done(); return 0, n.ctx.Err() }
func (n never) Close() error             { return nil }

func TestSilence(t *testing.T) {
	for name, rt := range map[string]roundTrip{
		"no answer": func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
		"no body": func(r *http.Request) (*http.Response, error) {
			resp := answer(r, 200, nil)
			resp.Body, resp.ContentLength = never{r.Context()}, -1
			return resp, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				c, err := New(Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					asked++
					return rt(r)
				})})
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				_, _, err = c.ReadAll(t.Context(), Request{URL: anyURL})
				wantClass(t, err, observation.ClassTimeout)
				if !strings.Contains(err.Error(), "within 1m0s") {
					t.Errorf("error %q", err)
				}
				if asked != 4 {
					t.Errorf("asked %d times", asked)
				}
				if took := time.Since(start); took < 4*time.Minute || took > 5*time.Minute {
					t.Errorf("took %v for four times a minute of silence", took)
				}
			})
		})
	}
}

func TestATrickleIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp := answer(r, 200, nil)
			resp.Body, resp.ContentLength = io.NopCloser(&drip{r.Context()}), -1
			return resp, nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Get(t.Context(), Request{URL: anyURL})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = io.Copy(io.Discard, resp.Body)
		wantClass(t, err, observation.ClassTimeout)
		if took := time.Since(start); took != totalTimeout {
			t.Errorf("took %v, want %v", took, totalTimeout)
		}
	})
}

// drip sends a byte every fifty seconds.
type drip struct{ ctx context.Context }

func (d *drip) Read(p []byte) (int, error) {
	if err := sleep(d.ctx, 50*time.Second); err != nil {
		return 0, err
	}
	p[0] = '.'
	return 1, nil
}

func TestContextEndsEverything(t *testing.T) {
	t.Run("cancelled while waiting for an answer", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		asked := 0
		c := newClient(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			asked++
			cancel()
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		_, err := c.Get(ctx, Request{URL: anyURL})
		wantClass(t, err, observation.ClassInternal)
		if !errors.Is(err, context.Canceled) || asked != 1 {
			t.Errorf("asked %d times, %v", asked, err)
		}
	})
	t.Run("cancelled between tries", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		asked := 0
		c := newClient(t, Options{
			Sleep: func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() },
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				asked++
				return answer(r, 500, nil), nil
			}),
		})
		_, err := c.Get(ctx, Request{URL: anyURL})
		wantClass(t, err, observation.ClassInternal)
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
	t.Run("our deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		c := newClient(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		_, err := c.Get(ctx, Request{URL: anyURL})
		wantClass(t, err, observation.ClassTimeout)
	})
	t.Run("while waiting for a place", func(t *testing.T) {
		c := newClient(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp := answer(r, 200, nil)
			resp.Body, resp.ContentLength = never{r.Context()}, -1
			return resp, nil
		})})
		held, err := c.Get(t.Context(), Request{URL: anyURL})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = c.Get(ctx, Request{URL: anyURL})
		wantClass(t, err, observation.ClassTimeout)
		held.Body.Close()
		held.Body.Close()
		again, err := c.Get(t.Context(), Request{URL: anyURL})
		if err != nil {
			t.Fatalf("the place was not given back: %v", err)
		}
		again.Body.Close()
	})
}

func TestRateAndConcurrency(t *testing.T) {
	ask := func(t *testing.T, o Options, url string, n int) (took time.Duration, most int) {
		var mu sync.Mutex
		under := 0
		o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			time.Sleep(10 * time.Millisecond)
			mu.Lock()
			under--
			mu.Unlock()
			return answer(r, 200, nil), nil
		})
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				if _, _, err := c.ReadAll(t.Context(), Request{URL: url}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := c.Concurrency(url); got < most {
			t.Errorf("%d at once, allowed %d", most, got)
		}
		return time.Since(start), most
	}
	osv := "https://osv-vulnerabilities.storage.googleapis.com/PyPI/modified_id.csv"
	synctest.Test(t, func(t *testing.T) {
		if took, most := ask(t, Options{}, anyURL, 21); took < 10*time.Second || most != 1 {
			t.Errorf("pypi.org: 21 requests in %v, %d at once", took, most)
		}
		if took, most := ask(t, Options{}, osv, 41); took < 4*time.Second || most > 4 {
			t.Errorf("osv: 41 requests in %v, %d at once", took, most)
		}
		if took, most := ask(t, Options{}, "https://example.org/", 3); took < 2*time.Second || most != 1 {
			t.Errorf("unknown host: 3 requests in %v, %d at once", took, most)
		}
		o := Options{Spec: "mirror:" + t.TempDir()}
		if took, most := ask(t, o, osv, 40); took > time.Second || most != 4 {
			t.Errorf("a mirror: 40 requests in %v, %d at once", took, most)
		}
	})
}

func TestReachable(t *testing.T) {
	c := newClient(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Hostname() == "pypi.org" {
			return answer(r, 503, nil), nil
		}
		return nil, errors.New("no route to host")
	})})
	if !c.Reachable(t.Context()) {
		t.Error("one host answered, even if with 503")
	}
	asked := make(chan string, len(probes))
	c = newClient(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked <- r.URL.Hostname()
		return nil, errors.New("no route to host")
	})})
	if c.Reachable(t.Context()) {
		t.Error("nobody answered")
	}
	close(asked)
	want := []string{"api.scorecard.dev", "codeload.github.com", "hugovk.dev", "osv-vulnerabilities.storage.googleapis.com", "pypi.org"}
	var got []string
	for host := range asked {
		got = append(got, host)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("asked %v", got)
	}
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if c.Reachable(t.Context()) || time.Since(start) > probeTimeout {
			t.Errorf("took %v to find that nobody answers", time.Since(start))
		}
	})
}

func TestParseSpec(t *testing.T) {
	for in, want := range map[string]Spec{
		"":                        {Kind: Live},
		"live":                    {Kind: Live},
		"mirror:../shared/mirror": {Kind: Mirror, Dir: "../shared/mirror"},
		"mirror:C:/x":             {Kind: Mirror, Dir: "C:/x"},
		"simulated:500":           {Kind: Simulated, Projects: 500, Seed: 1},
		"simulated:500,seed=7":    {Kind: Simulated, Projects: 500, Seed: 7},
		"simulated:100000":        {Kind: Simulated, Projects: 100_000, Seed: 1},
	} {
		if got, err := ParseSpec(in); err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, bad := range []string{"live:x", "mirror", "mirror:", "simulated", "simulated:", "simulated:x", "simulated:1", "simulated:49", "simulated:100001", "simulated:500,speed=7", "simulated:500,seed=-1", "LIVE", "replay:x"} {
		if got, err := ParseSpec(bad); err == nil {
			t.Errorf("%q was taken for %+v", bad, got)
		}
		if _, err := New(Options{Spec: bad}); err == nil {
			t.Errorf("New took %q", bad)
		}
	}
	if _, err := New(Options{Spec: "mirror:" + t.TempDir() + "/absent"}); err == nil {
		t.Error("New took a mirror that is not there")
	}
}

func TestPublicAddresses(t *testing.T) {
	for a, want := range map[string]bool{
		"1.1.1.1:443": true, "[2606:4700::1111]:443": true, "[64:ff9b::101:101]:443": true,
		"127.0.0.1:443": false, "10.0.0.1:443": false, "172.16.0.1:443": false, "192.168.1.1:443": false, "169.254.169.254:80": false,
		"100.64.0.1:443": false, "0.0.0.0:443": false, "224.0.0.1:443": false, "255.255.255.255:443": false, "198.18.0.1:443": false,
		"[::1]:443": false, "[::]:443": false, "[fe80::1%eth0]:443": false, "[fc00::1]:443": false, "[::ffff:10.0.0.1]:443": false,
		"[64:ff9b::a00:1]:443": false, "[2002:a00:1::]:443": false, "[ff02::1]:443": false, "pypi.org:443": false, "": false,
	} {
		if err := controlPublic("tcp", a, nil); (err == nil) != want {
			t.Errorf("%s: %v", a, err)
		}
	}
}

func TestThrough(t *testing.T) {
	http1 := func(t time.Time) string { return t.Format(http.TimeFormat) }
	for name, tt := range map[string]struct {
		h    http.Header
		want time.Time
	}{
		"neither":           {http.Header{}, time.Time{}},
		"nonsense":          {http.Header{"Date": {"today"}}, time.Time{}},
		"date":              {http.Header{"Date": {http1(day.Add(-time.Minute))}}, day.Add(-time.Minute)},
		"modified first":    {http.Header{"Date": {http1(day)}, "Last-Modified": {http1(day.Add(-time.Hour))}}, day.Add(-time.Hour)},
		"clock ahead":       {http.Header{"Date": {http1(day.Add(time.Minute))}}, day},
		"far in the future": {http.Header{"Last-Modified": {http1(day.AddDate(1, 0, 0))}, "Date": {http1(day)}}, day},
	} {
		if got := through(tt.h, day); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
