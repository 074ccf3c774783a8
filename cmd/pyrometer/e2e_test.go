package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/clickhouse"
	"github.com/pyrometer-dev/pyrometer/internal/store"
)

// testNow is when the clocks of these tests begin to run.
const testNow = "2026-11-23T06:00:00Z"

const allAsked = "every source that was due has been asked"

func upArgs(data, upstream string, more ...string) []string {
	return append([]string{"up", "--demo=off", "--listen=127.0.0.1:0", "--data=" + data, "--upstream=" + upstream, "--track=60", "--now=" + testNow}, more...)
}

// address reads from the output where the server listens.
func (i *instance) address(t testing.TB) string {
	t.Helper()
	i.waitFor(t, "is on http://", 10*time.Second)
	return regexp.MustCompile(`is on (http://\S+)`).FindStringSubmatch(i.stdout.String())[1]
}

// TestFromNothing walks the main job: an empty directory, one command, and then
// what each of the three people asks.
func TestFromNothing(t *testing.T) {
	data := t.TempDir()
	up := start(t, upArgs(data, "simulated:200")...)
	base := up.address(t)
	if status, _, _ := fetch(t, base+"/"); status != http.StatusOK {
		t.Errorf("the first page answers %d while the database starts", status)
	}
	up.waitFor(t, allAsked, 3*time.Minute)

	report := statusOf(t, data)
	if !report.Simulated || report.Database != demoDatabase {
		t.Errorf("simulated rows are in database %s", report.Database)
	}
	for _, s := range report.Sources {
		if s.State != "ok" && (s.State != "partial" || s.Note == "" && s.Rejects == 0) {
			t.Errorf("%s is %s: %s %s", s.Source, s.State, s.Error, s.Note)
		}
	}
	t.Run("pages", func(t *testing.T) { checkPages(t, base) })
	t.Run("charts", func(t *testing.T) { checkCharts(t, base, data) })
	t.Run("tables", func(t *testing.T) { checkTables(t, base, data) })
	t.Run("project", func(t *testing.T) { checkProject(t, base) })
	t.Run("refusals", func(t *testing.T) { checkRefusals(t, base) })
	t.Run("second instance", func(t *testing.T) {
		code, _, stderr := pyrometer(t, "collect", "osv", "--data="+data, "--upstream=simulated:200")
		if code != 1 || !strings.Contains(stderr, "holds the data directory") {
			t.Errorf("collecting beside a running instance: exit %d, %q", code, stderr)
		}
	})
	if took := up.stop(t); took > 3*time.Second {
		t.Errorf("stopping took %v", took)
	}

	before := stored(t, data)
	again := start(t, upArgs(data, "simulated:200")...)
	again.waitFor(t, allAsked, time.Minute)
	if strings.Contains(again.stderr.String(), "run started") {
		t.Errorf("a second start collected again although nothing was due:\n%s", again.stderr.String())
	}
	again.stop(t)
	same(t, "after a second start", before, stored(t, data))
}

// fetch fetches a URL without following redirects.
func fetch(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: time.Minute}
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return answer.StatusCode, answer.Header, string(body)
}

func ok(t *testing.T, url string) string {
	t.Helper()
	status, _, body := fetch(t, url)
	if status != http.StatusOK {
		t.Fatalf("%s: %d\n%.500s", url, status, body)
	}
	return body
}

func statusOf(t *testing.T, data string) statusReport {
	t.Helper()
	code, stdout, stderr := pyrometer(t, "status", "--json", "--data="+data)
	var report statusReport
	if err := json.Unmarshal([]byte(stdout), &report); code != 0 || err != nil {
		t.Fatalf("status --json: exit %d, %v\n%s", code, err, stderr)
	}
	return report
}

// firstProject is the most downloaded project.
func firstProject(t *testing.T, base string) string {
	t.Helper()
	found := regexp.MustCompile(`href="/p/([a-z0-9.-]+)"`).FindStringSubmatch(ok(t, base+"/projects"))
	if found == nil {
		t.Fatal("/projects names no project")
	}
	return found[1]
}

func checkPages(t *testing.T, base string) {
	for _, path := range []string{"/", "/?cohort=top100&by=month", "/projects", "/projects?q=a&sort=name", "/p/" + firstProject(t, base), "/status", "/methods", "/data", "/chart/coverage", "/chart/advisories-by-month?cohort=all"} {
		body := ok(t, base+path)
		if !strings.Contains(body, "imulated") {
			t.Errorf("%s does not say that its data are simulated", path)
		}
		for _, forbidden := range []string{"<script>", " style=", "javascript:", "http://cdn"} {
			if strings.Contains(body, forbidden) {
				t.Errorf("%s holds %q", path, forbidden)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		ok(t, base+path)
	}
	_, header, _ := fetch(t, base+"/")
	if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("Content-Security-Policy: %q", csp)
	}
}

// chartJSON is the shape that other programs read.
type chartJSON struct {
	Slug    string            `json:"slug"`
	Title   string            `json:"title"`
	Unit    string            `json:"unit"`
	Params  map[string]string `json:"params"`
	Through *string           `json:"through"`
	Sources []json.RawMessage `json:"sources"`
	Series  []struct {
		Name   string `json:"name"`
		Points []struct {
			T      string   `json:"t"`
			V      *float64 `json:"v"`
			N      *int     `json:"n"`
			Of     *int     `json:"of"`
			Reason string   `json:"reason"`
		} `json:"points"`
	} `json:"series"`
	Breaks []struct {
		T, Kind, What string
	} `json:"breaks"`
}

func checkCharts(t *testing.T, base, data string) {
	project := firstProject(t, base)
	for _, chart := range []string{"coverage?cohort=top100", "score-distribution?cohort=top100&by=month", "advisories-by-month?cohort=all", "project-score?project=" + project} {
		slug, query, _ := strings.Cut(chart, "?")
		var c chartJSON
		if err := json.Unmarshal([]byte(ok(t, base+"/chart/"+slug+".json?"+query)), &c); err != nil {
			t.Fatalf("%s: %v", chart, err)
		}
		if c.Slug != slug || c.Title == "" || c.Unit == "" || c.Through == nil || len(c.Sources) == 0 || len(c.Series) == 0 {
			t.Errorf("%s: %+v", chart, c)
		}
		text := ok(t, base+"/chart/"+slug+".csv?"+query)
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatalf("%s.csv: %v", slug, err)
		}
		if got := strings.Join(rows[0][:6], ","); got != "series,t,v,n,of,break" {
			t.Errorf("%s.csv has columns %s", slug, got)
		}
		i, drawn := 1, 0
		for _, s := range c.Series {
			for _, p := range s.Points {
				if i >= len(rows) {
					t.Fatalf("%s.csv has fewer rows than the JSON has points", slug)
				}
				want := ""
				if p.V != nil {
					want = strconv.FormatFloat(*p.V, 'f', -1, 64)
					drawn++
				} else if p.Reason == "" {
					t.Errorf("%s: %s at %s is a gap without a reason", slug, s.Name, p.T)
				}
				if got := rows[i]; got[0] != s.Name || !strings.HasPrefix(got[1], p.T) || !sameNumber(got[2], want) {
					t.Errorf("%s row %d is %v, the JSON has %s %s %s", slug, i, got, s.Name, p.T, want)
				}
				i++
			}
		}
		if i != len(rows) || drawn == 0 {
			t.Errorf("%s: %d CSV rows, %d points, %d with a value", slug, len(rows)-1, i-1, drawn)
		}
		if svg := ok(t, base+"/chart/"+slug+".svg?"+query); !strings.Contains(svg, "<svg xmlns=") || strings.Contains(svg, "var(") || !strings.Contains(svg, "imulated") {
			t.Errorf("%s.svg is not a drawing that stands alone:\n%.300s", slug, svg)
		}
		code, exported, stderr := pyrometer(t, "export", slug, "--data="+data, "--now="+testNow, "--param="+strings.ReplaceAll(query, "&", " --param="))
		if strings.Contains(query, "&") {
			continue // one parameter is enough to compare
		}
		if code != 0 || exported != text {
			t.Errorf("export %s differs from /chart/%s.csv (exit %d): %s", slug, slug, code, stderr)
		}
	}
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}

func checkTables(t *testing.T, base, data string) {
	page := ok(t, base+"/data")
	for _, table := range storedTables(t, base) {
		if !strings.Contains(page, table) {
			t.Errorf("/data does not name %s", table)
		}
		rows, err := csv.NewReader(strings.NewReader(ok(t, base+"/data/"+table+".csv"))).ReadAll()
		if err != nil || len(rows) == 0 {
			t.Errorf("/data/%s.csv: %d rows, %v", table, len(rows), err)
		}
	}
	if code, exported, stderr := pyrometer(t, "export", "ranks", "--data="+data); code != 0 || exported != ok(t, base+"/data/ranks.csv") {
		t.Errorf("export ranks differs from /data/ranks.csv (exit %d): %s", code, stderr)
	}
}

// storedTables reads from the page which tables can be had.
func storedTables(t *testing.T, base string) []string {
	t.Helper()
	var tables []string
	for _, found := range regexp.MustCompile(`/data/([a-z_]+)\.csv`).FindAllStringSubmatch(ok(t, base+"/data"), -1) {
		if !slices.Contains(tables, found[1]) {
			tables = append(tables, found[1])
		}
	}
	if len(tables) < 15 {
		t.Errorf("/data offers only %v", tables)
	}
	return tables
}

func checkProject(t *testing.T, base string) {
	name := firstProject(t, base)
	var p struct {
		Name       string
		Rank       int
		Downloads  uint64
		Repository *struct{ URL, Trust string }
		Scorecard  *struct {
			Source     string
			ObservedOn string `json:"observed_on"`
			Checks     []struct {
				Name, Risk, Reason string
				Score              *int
			}
		}
		Advisories []json.RawMessage
		Releases   json.RawMessage
	}
	if err := json.Unmarshal([]byte(ok(t, base+"/api/v1/projects/"+name)), &p); err != nil {
		t.Fatal(err)
	}
	if p.Name != name || p.Rank != 1 || p.Downloads == 0 || p.Releases == nil {
		t.Errorf("%+v", p)
	}
	spelled := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	status, header, _ := fetch(t, base+"/p/"+spelled)
	if status != http.StatusMovedPermanently || header.Get("Location") != "/p/"+name {
		t.Errorf("/p/%s: %d to %q", spelled, status, header.Get("Location"))
	}
	status, _, body := fetch(t, base+"/p/"+name+"x")
	if status != http.StatusNotFound || !strings.Contains(body, "/p/"+name+`"`) {
		t.Errorf("/p/%sx: %d, and the page does not offer %s", name, status, name)
	}
}

func checkRefusals(t *testing.T, base string) {
	for _, path := range []string{"/?cohort=top10", "/?nonsense=1", "/?from=yesterday", "/chart/coverage.json?by=century", "/chart/coverage.json?cohort=all", "/projects?sort=worst"} {
		status, header, body := fetch(t, base+path)
		if status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, status)
		}
		if strings.Contains(path, ".json") && !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: Content-Type %q\n%s", path, header.Get("Content-Type"), body)
		}
	}
	for _, path := range []string{"/chart/no-such.json", "/data/no_such.csv", "/data/responses.csv", "/api/v1/projects/no-such-project", "/chart/project-score.csv?project=no-such-project", "/nowhere"} {
		if status, _, _ := fetch(t, base+path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	request, err := http.NewRequest(http.MethodPost, base+"/", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /: %d", answer.StatusCode)
	}
}

// stamps are columns that say when and by which run a row was written, which
// differ between two stores of the same facts.
var stamps = []string{"known_at", "run_id", "observed_at", "asked_at", "arrived_here", "group_id", "content_hash"}

// stored is what the store in a directory holds, which nobody has open.
func stored(t *testing.T, data string) map[string][]string {
	t.Helper()
	engine, err := clickhouse.Start(t.Context(), clickhouse.Options{Dir: filepath.Join(data, "clickhouse")})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{DSN: engine.DSN(demoDatabase)})
	if err != nil {
		t.Fatal(err)
	}
	all := (&rig{TB: t, store: s}).contents()
	if err := errors.Join(s.Close(), engine.Stop(t.Context())); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestMirror runs a first collection over the recorded sources and checks the
// figures that can be counted in the files by hand.
func TestMirror(t *testing.T) {
	mirror := os.Getenv("PYROMETER_MIRROR")
	if mirror == "" {
		mirror = filepath.Join("..", "..", "..", "shared", "mirror")
	}
	mirror, err := filepath.Abs(mirror)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mirror); err != nil {
		t.Logf("no recorded sources at %s: this test checks nothing here (set PYROMETER_MIRROR to the tree)", mirror)
		return
	}
	data := t.TempDir()
	args := append(upArgs(data, "mirror:"+mirror), "--track=5000")
	up := start(t, args...)
	base := up.address(t)
	up.waitFor(t, allAsked, 5*time.Minute)
	report := statusOf(t, data)
	for _, s := range report.Sources {
		missing := slices.Contains([]string{"pythoncycles", "provenance", "depsdev", "repositories"}, s.Source) // not recorded, or in part
		if s.State != "ok" && (s.State != "partial" || s.Note == "" && s.Rejects == 0) && (!missing || s.Error == "") {
			t.Errorf("%s is %s: %s %s", s.Source, s.State, s.Error, s.Note)
		}
	}
	var c chartJSON
	if err := json.Unmarshal([]byte(ok(t, base+"/chart/coverage.json?cohort=top1000&from=2026-06-15&to=2026-06-15")), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Series) == 0 || len(c.Series[0].Points) != 1 || c.Series[0].Points[0].N == nil || *c.Series[0].Points[0].N != 738 {
		t.Errorf("coverage of the top 1,000 on 2026-06-15: %+v, want 738", c.Series)
	}
	outages := ok(t, base+"/chart/coverage.csv?cohort=top1000&from=2022-09-25&to=2022-11-16")
	for _, day := range []string{"2022-10-01", "2022-10-04", "2022-10-28", "2022-11-01", "2022-11-10", "2022-11-13"} {
		if !regexp.MustCompile(`,` + day + `[^,]*,,`).MatchString(outages) {
			t.Errorf("%s was an outage of the source and is not a gap:\n%s", day, outages)
		}
	}
	if took := up.stop(t); took > 3*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

// TestOwnerWaitsForAShortHolder holds that a status in the moment before does
// not make up, or any other owner of the directory, fail: whoever holds it to
// look is gone in a moment.
func TestOwnerWaitsForAShortHolder(t *testing.T) {
	data := t.TempDir()
	holder, err := clickhouse.Start(t.Context(), clickhouse.Options{Dir: filepath.Join(data, "clickhouse")})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		code, _, stderr := pyrometer(t, "migrate", "--data="+data)
		if code != 0 {
			ended <- errors.New(stderr)
		}
		close(ended)
	}()
	if err := holder.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("migrating while another process looks: %v", err)
	}
}

// TestTwoProcessesOnOneServer holds that of two processes on one server one
// collects, that the other is told who does, and that reading needs no leave.
func TestTwoProcessesOnOneServer(t *testing.T) {
	engine, err := clickhouse.Start(t.Context(), clickhouse.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := engine.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	server := "--clickhouse=" + string(engine.DSN("pyrometer"))
	up := start(t, upArgs(t.TempDir(), "simulated:60", server)...)
	up.waitFor(t, "run started", time.Minute)
	for _, args := range [][]string{{"collect", "osv"}, {"backfill", "ranks"}, {"up", "--demo=off", "--listen=127.0.0.1:0"}} {
		code, _, stderr := pyrometer(t, append(args, server, "--upstream=simulated:60", "--data="+t.TempDir(), "--now="+testNow)...)
		for _, want := range []string{"another process collects into the database pyrometer_demo", fmt.Sprintf("process %d, since", up.cmd.Process.Pid), "stop it"} {
			if code != 1 || !strings.Contains(stderr, want) {
				t.Errorf("%v beside a process that collects: exit %d, %q; want %q", args, code, stderr, want)
			}
		}
	}
	if code, _, stderr := pyrometer(t, "status", server, "--upstream=simulated:60"); code != 0 && code != 1 || strings.Contains(stderr, "another process") {
		t.Errorf("status beside a process that collects: exit %d, %q", code, stderr)
	}
	if took := up.stop(t); took > 3*time.Second {
		t.Errorf("stopping took %v", took)
	}
	code, stdout, stderr := pyrometer(t, "collect", "ranks", server, "--upstream=simulated:60", "--now="+testNow)
	if code != 0 {
		t.Errorf("collecting after it was stopped: exit %d, %s%s", code, stdout, stderr)
	}
}
