package simulated_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/upstream/simulated"
)

const (
	osvURL   = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/"
	rootURL  = "https://pypi.org/simple/"
	kevURL   = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
	epssURL  = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"
	psfURL   = "https://codeload.github.com/psf/advisory-database/tar.gz/refs/heads/main"
	cycleURL = "https://endoflife.date/api/v1/products/python"
	batchURL = "https://api.deps.dev/v3alpha/versionbatch"
)

// page is what is read of a page of the Index API.
type page struct {
	Name string
	Meta struct {
		Serial uint64 `json:"_last-serial"`
	}
	Files []struct {
		Filename   string
		Provenance string
	}
	Versions []string
}

// projectsOf reads the names of the root index, normalised.
func projectsOf(t testing.TB, rt http.RoundTripper) []string {
	t.Helper()
	_, body := ask(t, rt, http.MethodGet, rootURL, nil)
	var root struct {
		Projects []struct {
			Name   string
			Serial uint64 `json:"_last-serial"`
		}
	}
	if err := json.Unmarshal(body, &root); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range root.Projects {
		names = append(names, strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(p.Name)))
	}
	return names
}

// everyURL lists every URL of the ecosystem that a collector can come to ask.
func everyURL(t testing.TB, rt http.RoundTripper) []string {
	t.Helper()
	urls := append(slices.Clone(everyKind), kevURL, psfURL, cycleURL, "https://epss.empiricalsecurity.com/epss_scores-2025-01-01.csv.gz")
	_, list := ask(t, rt, http.MethodGet, osvURL+"modified_id.csv", nil)
	for line := range strings.Lines(string(list)) {
		_, id, _ := strings.Cut(strings.TrimSpace(line), ",")
		urls = append(urls, osvURL+id+".json")
	}
	for _, name := range projectsOf(t, rt) {
		urls = append(urls, rootURL+name+"/", "https://pypi.org/pypi/"+name+"/json")
		_, body := ask(t, rt, http.MethodGet, rootURL+name+"/", nil)
		var p page
		if err := json.Unmarshal(body, &p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range p.Files {
			if f.Provenance != "" {
				urls = append(urls, f.Provenance)
			}
		}
		for _, v := range p.Versions {
			urls = append(urls, "https://api.deps.dev/v3/systems/pypi/packages/"+name+"/versions/"+v)
		}
		animal := strings.Split(name, "-")[1]
		for _, owner := range []string{"fictional-" + animal + "s", "fictional-" + animal + "-garden", "Fictional-" + strings.ToUpper(animal[:1]) + animal[1:] + "-Lab"} {
			path := "github.com/" + owner + "/" + name
			urls = append(urls, "https://"+path, "https://api.scorecard.dev/projects/"+path)
		}
	}
	return urls
}

// digest is the status, the ETag, the location and the hash of an answer.
func digest(t testing.TB, rt http.RoundTripper, url string) string {
	t.Helper()
	resp, body := ask(t, rt, http.MethodGet, url, nil)
	return fmt.Sprintf("%d %s %s %x", resp.StatusCode, resp.Header.Get("ETag"), resp.Header.Get("Location"), sha256.Sum256(body))
}

// TestEqualWorldsInAnyOrder asks two ecosystems everything there is, in
// different orders.
func TestEqualWorldsInAnyOrder(t *testing.T) {
	a, b := simulated.New(60, 9, at(now)), simulated.New(60, 9, at(now))
	urls := everyURL(t, a)
	first := map[string]string{}
	for _, url := range urls {
		first[url] = digest(t, a, url)
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(urls), func(i, j int) { urls[i], urls[j] = urls[j], urls[i] })
	for _, url := range urls {
		if again := digest(t, b, url); again != first[url] {
			t.Errorf("%s: %s, in another order %s", url, first[url], again)
		}
	}
	t.Logf("%d URLs", len(urls))
}

// TestTheSameEverywhere holds the bytes of one ecosystem, so that a change of
// what a seed means is a decision.
func TestTheSameEverywhere(t *testing.T) {
	e := simulated.New(50, 1, at(now))
	sum := sha256.New()
	for _, url := range everyURL(t, e) {
		if strings.HasSuffix(url, ".gz") || strings.HasSuffix(url, ".zip") || strings.Contains(url, "tar.gz") {
			continue // how they are packed is the toolchain's
		}
		fmt.Fprintln(sum, url, digest(t, e, url))
	}
	const want = "4a2a465786d8455a"
	if got := fmt.Sprintf("%x", sum.Sum(nil)[:8]); got != want {
		t.Errorf("the ecosystem has the hash %s, want %s", got, want)
	}
}

// records reads the archive of all records.
func recordsOf(t *testing.T, rt http.RoundTripper) map[string][]byte {
	t.Helper()
	_, body := ask(t, rt, http.MethodGet, osvURL+"all.zip", nil)
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if all[strings.TrimSuffix(f.Name, ".json")], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestOSVAgreesWithItself compares the archive, the list and the single records.
func TestOSVAgreesWithItself(t *testing.T) {
	e := simulated.New(120, 3, at(now))
	all := recordsOf(t, e)
	_, list := ask(t, e, http.MethodGet, osvURL+"modified_id.csv", nil)
	var last time.Time
	lines := 0
	for line := range strings.Lines(string(list)) {
		when, id, _ := strings.Cut(strings.TrimSpace(line), ",")
		modified, err := time.Parse(time.RFC3339, when)
		var r struct{ ID, Modified string }
		if err != nil || json.Unmarshal(all[id], &r) != nil || r.ID != id {
			t.Fatalf("%s: %v, %s", line, err, all[id])
		}
		if own, err := time.Parse(time.RFC3339, r.Modified); err != nil || !own.Equal(modified) {
			t.Errorf("%s: %s in the record", line, r.Modified)
		}
		if lines > 0 && modified.After(last) {
			t.Errorf("%s comes after an older one", line)
		}
		last = modified
		lines++
		if _, single := ask(t, e, http.MethodGet, osvURL+id+".json", nil); !bytes.Equal(single, all[id]) {
			t.Errorf("%s is another one alone", id)
		}
	}
	if lines != len(all) {
		t.Errorf("%d lines, %d records", lines, len(all))
	}
}

// TestALaterDayContinues holds what a collector that comes again relies on: a
// record, a page or a JSON that changed says so.
func TestALaterDayContinues(t *testing.T) {
	const n, seed = 400, 5
	days := []time.Time{now, now.AddDate(0, 0, 1), now.AddDate(0, 0, 9), now.AddDate(0, 3, 0), now.AddDate(2, 0, 0)}
	before := simulated.New(n, seed, at(days[0]))
	count := map[string]int{}
	for _, on := range days[1:] {
		later := simulated.New(n, seed, at(on))
		compareRecords(t, recordsOf(t, before), recordsOf(t, later), count)
		comparePages(t, before, later, count)
		before = later
	}
	t.Log(count)
	for _, what := range []string{"records changed", "records came", "records vanished", "pages changed", "JSONs changed"} {
		if count[what] == 0 {
			t.Errorf("none: %s", what)
		}
	}
}

func compareRecords(t *testing.T, was, is map[string][]byte, count map[string]int) {
	modified := func(body []byte) time.Time {
		var r struct{ Modified time.Time }
		if err := json.Unmarshal(body, &r); err != nil {
			t.Fatal(err)
		}
		return r.Modified
	}
	for id, body := range was {
		switch other, ok := is[id]; {
		case !ok && !strings.HasPrefix(id, "MAL-"):
			t.Errorf("%s vanished", id)
		case !ok:
			count["records vanished"]++
		case !bytes.Equal(body, other):
			count["records changed"]++
			if !modified(other).After(modified(body)) {
				t.Errorf("%s changed without saying so:\n%s\n%s", id, body, other)
			}
		}
	}
	count["records came"] += len(is) - len(was)
}

func comparePages(t *testing.T, before, later http.RoundTripper, count map[string]int) {
	for _, name := range projectsOf(t, before) {
		for what, url := range map[string]string{"pages changed": rootURL + name + "/", "JSONs changed": "https://pypi.org/pypi/" + name + "/json"} {
			a, was := ask(t, before, http.MethodGet, url, nil)
			b, is := ask(t, later, http.MethodGet, url, nil)
			if b.StatusCode == 404 || bytes.Equal(was, is) {
				continue
			}
			count[what]++
			if old, serial := a.Header.Get("X-Pypi-Last-Serial"), b.Header.Get("X-Pypi-Last-Serial"); serial <= old || a.Header.Get("ETag") == b.Header.Get("ETag") {
				t.Errorf("%s changed, its serial went from %s to %s", url, old, serial)
			}
		}
	}
}

func TestThePastOfTheArchiveDoesNotChange(t *testing.T) {
	files := map[string]string{}
	eachFile(t, 200, 4, now, func(name string, rows [][]string) { files[name] = fmt.Sprint(rows) })
	more := 0
	eachFile(t, 200, 4, now.AddDate(1, 0, 3), func(name string, rows [][]string) {
		switch was, ok := files[name]; {
		case !ok:
			more++
		case was != fmt.Sprint(rows):
			t.Errorf("%s is another one a year later", name)
		}
		delete(files, name)
	})
	if len(files) > 0 || more < 51 || more > 54 {
		t.Errorf("%d files are gone, %d new", len(files), more)
	}
}

// TestForges asks GitHub what became of every repository.
func TestForges(t *testing.T) {
	e := simulated.New(2000, 1, at(now))
	count := map[string]int{}
	for _, name := range projectsOf(t, e) {
		animal := strings.Split(name, "-")[1]
		old := "https://github.com/fictional-" + animal + "-garden/" + name
		resp, _ := ask(t, e, http.MethodHead, old, nil)
		count[fmt.Sprint("old ", resp.StatusCode)]++
		if to := resp.Header.Get("Location"); resp.StatusCode == 301 {
			if now, _ := ask(t, e, http.MethodGet, to, nil); now.StatusCode != 200 {
				t.Errorf("%s leads to %s: %d", old, to, now.StatusCode)
			}
		}
		resp, _ = ask(t, e, http.MethodGet, "https://github.com/FICTIONAL-"+animal+"S/"+name, nil)
		count[fmt.Sprint("new ", resp.StatusCode)]++
		resp, _ = ask(t, e, http.MethodGet, "https://gitlab.com/fictional-"+animal+"s/"+name, nil)
		count[fmt.Sprint("gitlab ", resp.StatusCode)]++
	}
	t.Log(count)
	for _, what := range []string{"old 301", "old 200", "old 404", "new 200", "new 404", "gitlab 200", "gitlab 404"} {
		if count[what] == 0 {
			t.Errorf("none: %s", what)
		}
	}
}

// TestVersionBatch reads a batch page by page and compares it with the versions
// asked one by one.
func TestVersionBatch(t *testing.T) {
	e := simulated.New(1200, 1, at(now))
	type key struct{ System, Name, Version string }
	type request struct {
		VersionKey key `json:"versionKey"`
	}
	var requests []request
	for _, name := range projectsOf(t, e) {
		var p page
		_, body := ask(t, e, http.MethodGet, rootURL+name+"/", nil)
		if err := json.Unmarshal(body, &p); err != nil {
			t.Fatal(err)
		}
		requests = append(requests, request{key{"PYPI", name, p.Versions[len(p.Versions)-1]}})
	}
	requests = append(requests, request{key{"PYPI", "no-such-project", "1"}})
	token, pages, got, unknown := "", 0, 0, 0
	provenance := map[string]int{}
	for {
		body, err := json.Marshal(map[string]any{"requests": requests, "pageToken": token})
		if err != nil {
			t.Fatal(err)
		}
		status, answer := post(t, e, batchURL, body)
		var page struct {
			Responses []struct {
				Request struct{ VersionKey key }
				Version *struct {
					VersionKey      key
					RelatedProjects []struct {
						ProjectKey         struct{ ID string }
						RelationProvenance string
						RelationType       string
					}
				}
			}
			NextPageToken string
		}
		if err := json.Unmarshal(answer, &page); status != 200 || err != nil {
			t.Fatalf("%d, %v", status, err)
		}
		pages++
		for _, r := range page.Responses {
			if r.Request.VersionKey != requests[got].VersionKey {
				t.Fatalf("answer %d is of %v", got, r.Request.VersionKey)
			}
			got++
			if r.Version == nil {
				unknown++
				continue
			}
			for _, p := range r.Version.RelatedProjects {
				provenance[p.RelationProvenance]++
				provenance[p.RelationType]++
			}
		}
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	if pages != (len(requests)+399)/400 || got != len(requests) || unknown < 10 || unknown > len(requests)/10 {
		t.Errorf("%d pages, %d of %d, %d unknown", pages, got, len(requests), unknown)
	}
	for _, what := range []string{"PYPI_PUBLISH_ATTESTATION", "SLSA_ATTESTATION", "UNVERIFIED_METADATA", "SOURCE_REPO", "ISSUE_TRACKER"} {
		if provenance[what] == 0 {
			t.Errorf("none: %s", what)
		}
	}
	for _, bad := range []string{"", "{", `{"requests":[],"pageToken":"fictional-9"}`, `{"requests":[],"pageToken":"x"}`} {
		if status, _ := post(t, e, batchURL, []byte(bad)); status != 400 {
			t.Errorf("%q: %d", bad, status)
		}
	}
}

func post(t *testing.T, rt http.RoundTripper, url string, body []byte) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// TestHandler asks the same over real HTTP, by path and by host.
func TestHandler(t *testing.T) {
	e := simulated.New(50, 1, at(now))
	server := httptest.NewServer(e)
	defer server.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, url := range append(slices.Clone(everyKind), kevURL, psfURL, cycleURL, epssURL, "https://pypi.org/simple/nothing/", "https://github.com/nobody/nothing") {
		want, body := ask(t, e, http.MethodGet, url, nil)
		for _, byHost := range []bool{false, true} {
			host, path, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/"+host+"/"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if byHost {
				req.URL.Path, req.Host = "/"+path, host
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != want.StatusCode || resp.Header.Get("ETag") != want.Header.Get("ETag") ||
				resp.Header.Get("Location") != want.Header.Get("Location") || !bytes.Equal(got, body) {
				t.Errorf("%s, by host %v: %d with %d bytes, want %d with %d, %v", url, byHost, resp.StatusCode, len(got), want.StatusCode, len(body), err)
			}
		}
	}
}

// TestMemoryIsFlat serves the largest ecosystem, all large bodies and a part of
// the small ones, and looks at what stays and at what is in use meanwhile.
func TestMemoryIsFlat(t *testing.T) {
	e := simulated.New(simulated.MaxProjects, 1, at(now))
	var start, m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&start)
	most := uint64(0)
	look := func() {
		runtime.GC() // what is left is in use
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}
	large := []string{rootURL, osvURL + "all.zip", osvURL + "modified_id.csv", everyKind[0], kevURL, psfURL, "https://epss.empiricalsecurity.com/epss_scores-2026-11-22.csv.gz", archiveURL}
	for _, url := range large {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := e.RoundTrip(req)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s: %v", url, err)
		}
		limit := int64(64 << 20)
		if url == archiveURL {
			limit = 4 << 20 // the rest is more of the same
		}
		total := int64(0)
		for total < limit {
			n, err := io.CopyN(io.Discard, resp.Body, 1<<20)
			total += n
			look()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		resp.Body.Close()
	}
	for i := range 3000 {
		ask(t, e, http.MethodGet, rootURL+"fictional-otter-kit/", nil)
		if i%1000 == 0 {
			look()
		}
	}
	look()
	grown := int64(most) - int64(start.HeapAlloc)
	left := int64(m.HeapAlloc) - int64(start.HeapAlloc)
	t.Logf("at most %.1f MB in use, %.1f MB left", float64(grown)/1e6, float64(left)/1e6)
	if grown > 50e6 || left > 4e6 {
		t.Errorf("at most %d bytes in use, %d left", grown, left)
	}
}

// TestPSFArchive reads the archive as any reader of tarballs does.
func TestPSFArchive(t *testing.T) {
	_, body := ask(t, simulated.New(50, 1, at(now)), http.MethodGet, psfURL, nil)
	zip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	for files := tar.NewReader(zip); ; {
		h, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(h.Name, "advisory-database-main/advisories/python/") && h.Typeflag == tar.TypeReg {
			names++
		}
	}
	if names < 130 {
		t.Errorf("%d records", names)
	}
}

// FuzzRequests throws hostile questions at every source: nothing may panic, and
// what is not there is 404.
func FuzzRequests(f *testing.F) {
	hosts := []string{"hugovk.dev", "raw.githubusercontent.com", "codeload.github.com", "osv-vulnerabilities.storage.googleapis.com", "pypi.org",
		"api.scorecard.dev", "api.deps.dev", "www.cisa.gov", "epss.empiricalsecurity.com", "endoflife.date", "github.com", "gitlab.com", "elsewhere.invalid"}
	for i, path := range []string{"/", "", "/simple/", "/simple//", "/simple/fictional-otter-kit/", "/simple/../../etc/passwd", "/pypi//json", "/pypi/fictional-otter-kit/json",
		"/integrity/////provenance", "/integrity/fictional-otter-kit/1.0.0/x/provenance", "/PyPI/GHSA-fict-2222-2222.json", "/PyPI/PYSEC-2024-99999999999999999999.json",
		"/PyPI/MAL-2024-90000000.json", "/PyPI/MAL-2024--1.json", "/PyPI/.json", "/projects/github.com/a/b", "/projects/", "/fictional-works-0/monorepo", "/fictional-works-99999999999/monorepo",
		"/v3/systems/pypi/packages/fictional-otter-kit/versions/1.0.0", "/v3alpha/versionbatch", "/epss_scores-9999-99-99.csv.gz", "/epss_scores-2026-11-22.csv.gz",
		"/hugovk/top-pypi-packages/0000.00/top-pypi-packages.min.json", "/%00", "/\x00\xff", strings.Repeat("/a", 5000)} {
		f.Add(uint8(i), path, false, []byte(`{"requests":[{"versionKey":{}}]}`))
		f.Add(uint8(4), path, true, []byte(`{"pageToken":"fictional--1"}`))
	}
	e := simulated.New(50, 1, at(now))
	f.Fuzz(func(t *testing.T, host uint8, path string, posts bool, body []byte) {
		req := httptest.NewRequest(http.MethodGet, "http://localhost/", bytes.NewReader(body))
		if posts {
			req.Method = http.MethodPost
		}
		req.Host, req.URL.Path = hosts[int(host)%len(hosts)], path
		answer := httptest.NewRecorder()
		e.ServeHTTP(answer, req)
		switch answer.Code {
		case 200, 301, 302, 400, 404, 405:
		default:
			t.Errorf("%s%s: %d", req.Host, path, answer.Code)
		}
		if strings.Contains(path, "..") && answer.Code == 200 {
			t.Errorf("%s%s is answered", req.Host, path)
		}
	})
}
