package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

// BenchmarkServe weighs the pages and times them over HTTP at 15,000 projects:
// the first answers of a process (cold), and then 32 readers at the same time,
// who ask for 400 different projects and lists. The store is that of the recorded
// sources, or of a simulated ecosystem of that size without them. What the same
// questions cost inside of ClickHouse is measured by BenchmarkRead.
func BenchmarkServe(b *testing.B) {
	upstream := "simulated:15000"
	if mirror := collecttest.MirrorDir(b); mirror != "" {
		upstream = "mirror:" + mirror
	}
	data := b.TempDir()
	args := []string{"up", "--demo=off", "--listen=127.0.0.1:0", "--data=" + data, "--upstream=" + upstream, "--now=" + testNow}
	first := start(b, args...)
	first.waitFor(b, allAsked, 20*time.Minute)
	first.stop(b)

	serve := start(b, "serve", "--listen=127.0.0.1:0", "--data="+data, "--upstream="+upstream, "--now="+testNow)
	base := serve.address(b)
	wait(b, func() bool { return answers(base + "/readyz") })
	weighAssets(b, base)
	names := projectsOf(b, base, 400)
	for _, page := range []struct{ name, path string }{
		{"overview", "/"}, {"project", "/p/{name}"}, {"projects", "/projects?q={part}"}, {"advisories", "/advisories?q={part}"}, {"check", "/checks/Token-Permissions"},
		{"chart", "/chart/score-distribution.svg?from={year}"}, {"search", "/api/v1/search?q={part}"},
	} {
		b.Run(page.name, func(b *testing.B) {
			address := func(i int) string {
				name := names[i%len(names)]
				return base + strings.NewReplacer("{name}", name, "{part}", url.QueryEscape(name[:min(4, len(name))]), "{year}", []string{"2023", "2024", "2025", "2026"}[i%4]).Replace(page.path)
			}
			began := time.Now()
			plain, packed := weigh(b, address(0))
			b.ReportMetric(1e3*time.Since(began).Seconds(), "cold-ms")
			b.ReportMetric(float64(packed), "gzip-B")
			b.ReportMetric(float64(plain), "B")
			for b.Loop() {
				took := readers(b, 32, 3200, address)
				b.ReportMetric(1e3*took[len(took)/2].Seconds(), "p50-ms")
				b.ReportMetric(1e3*took[len(took)*99/100].Seconds(), "p99-ms")
			}
			b.ReportMetric(0, "ns/op") // is of all of it together
		})
	}
	serve.stop(b)
	b.Log(upstream + ", " + testenv.Machine())
}

// readers asks n times, so many at the same time, and returns how long each
// answer took, fastest first.
func readers(b *testing.B, atOnce, n int, address func(int) string) []time.Duration {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
	took := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				began := time.Now()
				answer, err := client.Get(address(rand.IntN(n)))
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
					b.Errorf("%s: status %d, %v", answer.Request.URL, answer.StatusCode, err)
				}
				answer.Body.Close()
				took[i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	return took
}

// weigh returns the bytes of an answer, plain and as they are sent.
func weigh(b *testing.B, address string) (plain, packed int) {
	b.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: status %d", address, answer.StatusCode)
	}
	sent, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	if answer.Header.Get("Content-Encoding") != "gzip" {
		return len(sent), len(sent)
	}
	unpacked, err := gzip.NewReader(strings.NewReader(string(sent)))
	if err != nil {
		b.Fatal(err)
	}
	n, err := io.Copy(io.Discard, unpacked)
	if err != nil {
		b.Fatal(err)
	}
	return int(n), len(sent)
}

// weighAssets reports the style and the script that every page asks for once.
func weighAssets(b *testing.B, base string) {
	b.Helper()
	for _, match := range regexp.MustCompile(`"(/static/[^"]+\.(css|js))"`).FindAllStringSubmatch(body(b, base+"/"), -1) {
		_, packed := weigh(b, base+match[1])
		b.Logf("%s: %d bytes gzipped", match[1], packed)
	}
}

// projectsOf returns the names of the most downloaded projects.
func projectsOf(b *testing.B, base string, n int) []string {
	b.Helper()
	var names []string
	for page := 1; len(names) < n; page++ {
		found := regexp.MustCompile(`href="/p/([^"/?#]+)"`).FindAllStringSubmatch(body(b, fmt.Sprintf("%s/projects?page=%d", base, page)), -1)
		if len(found) == 0 {
			b.Fatalf("page %d of /projects names no project", page)
		}
		for _, match := range found {
			names = append(names, match[1])
		}
	}
	return names[:n]
}

func body(b *testing.B, address string) string {
	b.Helper()
	answer, err := http.Get(address)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}
