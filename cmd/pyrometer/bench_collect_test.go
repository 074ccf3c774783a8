package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/collectors/pypi"
	"github.com/pyrometer-dev/pyrometer/collectors/ranks"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/schedule"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
	ecosystem "github.com/pyrometer-dev/pyrometer/internal/upstream/simulated"
)

// asSource makes the test binary serve a simulated ecosystem over HTTP, each
// source under /HOST/, until it is killed.
const asSource = "PYROMETER_TEST_AS_SOURCE"

func serveSource(text string) int {
	spec, err := upstream.ParseSpec(text)
	if err == nil {
		var listener net.Listener
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
			fmt.Printf("%s is on http://%s\n", text, listener.Addr())
			err = http.Serve(listener, ecosystem.New(spec.Projects, spec.Seed, func() time.Time { return collecttest.Now }))
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// loopback sends what is asked of a source to a server that has all of them, and
// remembers it.
type loopback struct {
	address string // host:port
	pool    http.Transport
	mu      sync.Mutex
	asked   []string
}

func (l *loopback) RoundTrip(req *http.Request) (*http.Response, error) {
	there := req.Clone(req.Context())
	there.URL.Scheme, there.URL.Host, there.Host = "http", l.address, ""
	there.URL.Path = "/" + req.URL.Host + req.URL.Path
	l.mu.Lock()
	l.asked = append(l.asked, there.URL.String())
	l.mu.Unlock()
	return l.pool.RoundTrip(there)
}

// BenchmarkCollect is a first run of pypi over a simulated ecosystem that another
// process serves, from the first request until all rows are stored; and then
// curl asks the same URLs, as many at once. What is derived from the rows is
// told apart. The smaller ecosystem is there for its memory: it should need as
// much as the larger one.
func BenchmarkCollect(b *testing.B) {
	for _, projects := range []int{5_000, 15_000} {
		b.Run(fmt.Sprint(projects), func(b *testing.B) {
			for b.Loop() {
				collectFromLoopback(b, projects)
			}
			b.Log(testenv.Machine())
		})
	}
}

func collectFromLoopback(b *testing.B, projects int) {
	spec := fmt.Sprintf("simulated:%d", projects)
	s, err := store.Open(b.Context(), store.Options{DSN: testenv.ClickHouse(b).DSN, Track: projects})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	source := startAs(b, asSource, spec)
	transport := &loopback{address: strings.TrimPrefix(source.address(b), "http://"), pool: http.Transport{MaxIdleConnsPerHost: 16}}
	client, err := upstream.New(upstream.Options{Spec: spec, Version: version, Validators: s, Transport: transport})
	if err != nil {
		b.Fatal(err)
	}
	runner := schedule.NewRunner(schedule.Options{
		Store:     s,
		NewWriter: func(run observation.Run) schedule.Writer { return s.NewWriter(run) },
		Catalog:   s,
		Upstream:  client.Kind(), Version: version, Track: projects, Now: func() time.Time { return collecttest.Now },
	})
	if _, err := runner.Run(b.Context(), ranks.New(client), schedule.Request{}); err != nil {
		b.Fatal(err)
	}
	transport.asked = nil
	debug.FreeOSMemory()
	testenv.ResetPeak()
	began := time.Now()
	run, err := runner.Run(b.Context(), pypi.New(client), schedule.Request{})
	if err != nil {
		b.Fatal(err)
	}
	ours := time.Since(began)
	peak := testenv.PeakMB()
	began = time.Now()
	if err := s.Derive(b.Context(), store.TouchedBy(run.Collector, nil)); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(began).Seconds(), "deriving-s")
	b.ReportMetric(0, "ns/op") // is of all of it together
	b.ReportMetric(float64(len(transport.asked))/ours.Seconds(), "requests/s")
	b.ReportMetric(float64(run.Rows), "rows")
	b.ReportMetric(peak, "peak-MB")

	source.kill(b)
	theirs, err := curl(b, startAs(b, asSource, spec).address(b), transport, client.Concurrency("https://pypi.org"))
	if errors.Is(err, exec.ErrNotFound) {
		b.Log("curl is missing on this machine, so there is no ratio: apt-get install curl")
		return
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(transport.asked))/theirs.Seconds(), "curl-requests/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
}

// curl asks a server what another one was asked, and returns how long that took.
func curl(b *testing.B, base string, asked *loopback, atOnce int) (time.Duration, error) {
	b.Helper()
	var list bytes.Buffer
	for _, url := range asked.asked {
		fmt.Fprintf(&list, "url = %q\noutput = %q\n", strings.Replace(url, "http://"+asked.address, base, 1), os.DevNull)
	}
	file := filepath.Join(b.TempDir(), "curl.txt")
	if err := os.WriteFile(file, list.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), "curl", "--disable", "--noproxy", "*", "--silent", "--show-error", "--parallel", "--parallel-max", fmt.Sprint(atOnce),
		"--header", "Accept: application/vnd.pypi.simple.v1+json, application/json", "--config", file)
	cmd.Stdout = io.Discard
	var words bytes.Buffer
	cmd.Stderr = &words
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("curl: %w\n%.2000s", err, words.String())
	}
	return time.Since(began), nil
}
