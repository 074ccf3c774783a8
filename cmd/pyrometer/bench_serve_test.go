package main

import (
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/store"
	"github.com/pyrometer-dev/pyrometer/internal/testenv"
)

var benchStore = flag.String("store", "", "data directory, filled from the mirror, that BenchmarkServe serves; it fills one of its own otherwise")

// Readers at the same time, and how many questions they ask when nothing is new. The
// engine has the memory for a few of the direct questions at the same time only.
const (
	atOnce    = 32
	fewAtOnce = 4
	someNames = 100
	views     = 48 // of a figure, by cohort, weighting and period
	warmAsks  = 1600
	directAsk = 16
)

// benchPage is one kind of page. {name} in its address is one of 100 projects,
// {part} the beginning of its name, and {view} one of the 48 views of a figure.
type benchPage struct {
	name, address string
	direct        string // the same question put to ClickHouse, over what was observed
}

// benchPages are measured with many readers; those without a question of their own
// are weighed and timed once.
var benchPages = []benchPage{
	{"overview", "/", ""},
	{"overview, 48 views", "/?{view}", distributionDirect},
	{"project, of 100", "/p/{name}", projectDirect},
	{"projects?q=, of 100", "/projects?q={part}", projectsDirect},
	{"advisories?q=, of 100", "/advisories?q={part}", advisoriesDirect},
	{"chart, 48 views", "/chart/score-distribution.svg?{view}", distributionDirect},
	{"search, of 100", "/api/v1/search?q={part}", searchDirect},
	{"check", "/checks/Token-Permissions", checkDirect},
}

// otherPages are weighed, and asked for once after the start.
var otherPages = []string{"/projects", "/advisories", "/checks", "/threats", "/adoption", "/releases", "/cpython", "/malware", "/data", "/status", "/methods",
	"/search", "/compare?p={name}", "/chart/coverage", "/chart/score-distribution", "/chart/check-rates"}

// What a dashboard would ask of the observations themselves, each time that somebody
// looks. The cohort is simpler than ours: the newest list for all dates.
const (
	newestList         = `(SELECT project FROM ranks FINAL WHERE observed_on = (SELECT max(observed_on) FROM ranks) AND rank <= 1000)`
	distributionDirect = `SELECT observed_on, count(core), quantilesExactInclusive(0.1, 0.25, 0.5, 0.75, 0.9)(assumeNotNull(core)) FROM scorecard_results FINAL
		WHERE source = 'archive' AND core IS NOT NULL AND subject IN ` + newestList + ` GROUP BY observed_on ORDER BY observed_on`
	projectDirect  = `SELECT check, argMax(score, observed_on), max(observed_on), count() FROM scorecard_checks FINAL WHERE subject = {name:String} GROUP BY check`
	projectsDirect = `SELECT r.project, r.rank, r.downloads, s.newest FROM (SELECT project, rank, downloads FROM ranks FINAL
		WHERE observed_on = (SELECT max(observed_on) FROM ranks) AND position(project, {part:String}) > 0) AS r
		LEFT JOIN (SELECT subject, argMax(aggregate, observed_on) AS newest FROM scorecard_results WHERE position(subject, {part:String}) > 0 GROUP BY subject) AS s
		ON s.subject = r.project ORDER BY r.rank LIMIT 50`
	advisoriesDirect = `SELECT a.osv_id, a.summary, a.published, groupArray(f.project) FROM
		(SELECT osv_id, argMax(summary, known_at) AS summary, argMax(published, known_at) AS published FROM advisories WHERE database != 'MAL' GROUP BY osv_id) AS a
		INNER JOIN (SELECT DISTINCT osv_id, project FROM affected) AS f ON f.osv_id = a.osv_id
		WHERE position(lower(a.summary), {part:String}) > 0 OR position(f.project, {part:String}) > 0
		GROUP BY a.osv_id, a.summary, a.published ORDER BY a.published DESC LIMIT 50`
	searchDirect = `SELECT project, min(rank) FROM ranks WHERE position(project, {part:String}) > 0 AND observed_on = (SELECT max(observed_on) FROM ranks) GROUP BY project ORDER BY 2 LIMIT 8`
	checkDirect  = `SELECT observed_on, countIf(score >= 8) / count(score), count(score) FROM scorecard_checks
		WHERE check = 'Token-Permissions' AND subject IN ` + newestList + ` GROUP BY observed_on ORDER BY observed_on`
)

// BenchmarkServe weighs the pages and times them over HTTP, at the 15,000 projects of
// the recorded sources, or of a simulated ecosystem of that size without them: the
// first answer after the start, then 32 readers who ask for what nobody has asked
// for before (cold), and 32 who ask for the same again (warm). Beside it stands the
// same question put straight to ClickHouse by 4 readers. It prints one table; what
// single reads cost inside of the store is measured by BenchmarkRead.
func BenchmarkServe(b *testing.B) {
	upstream := "simulated:15000"
	if mirror := collecttest.MirrorDir(b); mirror != "" {
		upstream = "mirror:" + mirror
	}
	data := *benchStore
	if data == "" {
		data = b.TempDir()
		first := start(b, "up", "--demo=off", "--listen=127.0.0.1:0", "--data="+data, "--upstream="+upstream, "--now="+testNow)
		first.waitFor(b, allAsked, 20*time.Minute)
		first.stop(b)
	}
	began := time.Now()
	serve := start(b, "serve", "--log-level=debug", "--listen=127.0.0.1:0", "--data="+data, "--upstream="+upstream, "--now="+testNow)
	base := serve.address(b)
	serve.waitFor(b, "the default views are ready", 10*time.Minute)
	fmt.Printf("\n%s, %s\nall default views ready %.1f s after the start\n\n", upstream, testenv.Machine(), time.Since(began).Seconds())
	for range b.N { // once: what is measured is in the table
		servedTable(b, base, filepath.Join(data, "clickhouse"))
	}
	serve.stop(b)
	b.ReportMetric(0, "ns/op")
}

// servedTable measures and prints line by line. Times are in milliseconds.
func servedTable(b *testing.B, base, dir string) {
	const line = "%-36s %7s %7s %8s  %8s %8s  %8s %8s %8s  %8s %8s\n"
	fmt.Printf(line, "page", "B", "B gzip", "first", "cold p50", "p99", "warm p50", "p99", "per s", "CH p50", "p99")
	names := projectsOf(b, base, someNames)
	address := func(page string, i int) string { return base + fill(page, names, i) }
	conn := direct(b, dir)
	for _, page := range benchPages {
		began := time.Now()
		plain, packed := weigh(b, address(page.address, 0))
		first := time.Since(began)
		distinct := 1
		switch {
		case strings.Contains(page.address, "{view}"):
			distinct = views
		case strings.Contains(page.address, "{"):
			distinct = len(names)
		}
		ask := func(i int) error { return download(address(page.address, i%distinct)) }
		cold := make([]time.Duration, 1) // not measured where there is only one
		if distinct > 1 {
			cold, _ = readers(b, atOnce, distinct-1, func(i int) error { return ask(i + 1) })
		}
		warm, took := readers(b, atOnce, warmAsks, func(int) error { return ask(rand.IntN(distinct)) })
		there := make([]time.Duration, 1)
		if page.direct != "" {
			there, _ = readers(b, fewAtOnce, directAsk, func(i int) error { return straight(b.Context(), conn, page.direct, names[i%len(names)]) })
		}
		fmt.Printf(line, page.name, fmt.Sprint(plain), fmt.Sprint(packed), ms(first), ms(middle(cold)), ms(last(cold)),
			ms(middle(warm)), ms(last(warm)), fmt.Sprintf("%.0f", warmAsks/took.Seconds()), ms(middle(there)), ms(last(there)))
	}
	for _, page := range otherPages {
		began := time.Now()
		plain, packed := weigh(b, address(page, 0))
		fmt.Printf(line, page, fmt.Sprint(plain), fmt.Sprint(packed), ms(time.Since(began)), "", "", "", "", "", "", "")
	}
	for _, match := range regexp.MustCompile(`"(/static/[^"]+\.(css|js))"`).FindAllStringSubmatch(body(b, base+"/"), -1) {
		plain, packed := weigh(b, base+match[1])
		fmt.Printf(line, match[2], fmt.Sprint(plain), fmt.Sprint(packed), "", "", "", "", "", "", "", "")
	}
}

// straight puts a question to ClickHouse and reads its answer.
func straight(ctx context.Context, conn driver.Conn, question, name string) error {
	bound := func(name, value string) driver.NamedValue { return driver.NamedValue{Name: name, Value: value} }
	rows, err := conn.Query(ctx, question, bound("name", name), bound("part", part(name)))
	if err != nil {
		return err
	}
	for rows.Next() { // the driver decodes what a page would print
	}
	return errors.Join(rows.Err(), rows.Close())
}

// fill puts the i-th project or view into an address.
func fill(address string, names []string, i int) string {
	name := names[i%len(names)]
	view := fmt.Sprintf("cohort=%s&weighting=%s&by=%s", []string{"top100", "top1000", "top5000", "top15000"}[i%4],
		[]string{"package", "download", "repository"}[i/4%3], []string{"observation", "week", "month", "year"}[i/12%4])
	return strings.NewReplacer("{name}", name, "{part}", url.QueryEscape(part(name)), "{view}", view).Replace(address)
}

// part is the beginning of a name, as somebody types it.
func part(name string) string { return name[:min(4, len(name))] }

// ms prints milliseconds, and nothing for what was not measured.
func ms(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", 1e3*d.Seconds())
}

func middle(took []time.Duration) time.Duration { return took[len(took)/2] }
func last(took []time.Duration) time.Duration   { return took[len(took)*99/100] }

// direct opens connections to the engine behind a server, as many as there are readers.
func direct(b *testing.B, dir string) driver.Conn {
	b.Helper()
	dsn, err := clickhouse.Attach(dir, store.DefaultDatabase)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := clickhouse.Open(context.WithoutCancel(b.Context()), dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn
}

var benchClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce, DisableCompression: true}}

// download asks for an address as a browser does, and reads the answer.
func download(address string) error {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept-Encoding", "gzip")
	answer, err := benchClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d, %v", address, answer.StatusCode, err)
	}
	return nil
}

// readers asks n times, so many at the same time, and returns how long each answer
// took, fastest first, and how long all of it did.
func readers(b *testing.B, atOnce, n int, ask func(i int) error) ([]time.Duration, time.Duration) {
	b.Helper()
	took := make([]time.Duration, n)
	var next atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range atOnce {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				began := time.Now()
				if err := ask(i); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	return took, time.Since(start)
}

// weigh returns the bytes of an answer, plain and as they are sent.
func weigh(b *testing.B, address string) (plain, packed int) {
	b.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	answer, err := benchClient.Do(req)
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
