package simulated_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pandatix/go-cvss/20"
	"github.com/pandatix/go-cvss/31"
	"github.com/pandatix/go-cvss/40"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
	"github.com/pyrometer-dev/pyrometer/internal/upstream/simulated"
)

const archiveURL = "https://codeload.github.com/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main"

// everyKind is a URL of every kind that is answered.
var everyKind = []string{
	"https://hugovk.dev/top-pypi-packages/top-pypi-packages.min.json",
	"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2024.03/top-pypi-packages-30-days.min.json",
	"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2025.08/top-pypi-packages.min.json",
	archiveURL,
	"https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip",
	"https://osv-vulnerabilities.storage.googleapis.com/PyPI/modified_id.csv",
	"https://pypi.org/simple/",
	"https://pypi.org/simple/fictional-otter-kit/",
	"https://pypi.org/pypi/fictional-otter-kit/json",
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func ask(t testing.TB, rt http.RoundTripper, method, url string, h http.Header) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if h != nil {
		req.Header = h
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return resp, body
}

func TestEqualSeedsGiveEqualBytes(t *testing.T) {
	a := simulated.New(200, 1, at(now))
	b := simulated.New(200, 1, at(now.Add(13*time.Hour))) // another hour of the same day
	other := simulated.New(200, 2, at(now))
	for i := range everyKind {
		ask(t, b, http.MethodGet, everyKind[len(everyKind)-1-i], nil) // in another order
	}
	for _, url := range everyKind {
		respA, bodyA := ask(t, a, http.MethodGet, url, nil)
		respB, bodyB := ask(t, b, http.MethodGet, url, nil)
		respC, bodyC := ask(t, other, http.MethodGet, url, nil)
		if respA.StatusCode != 200 || !bytes.Equal(bodyA, bodyB) || respA.Header.Get("ETag") != respB.Header.Get("ETag") {
			t.Errorf("%s: %d, %d and %d bytes, ETag %s and %s", url, respA.StatusCode, len(bodyA), len(bodyB), respA.Header.Get("ETag"), respB.Header.Get("ETag"))
		}
		if respC.StatusCode == 200 && (bytes.Equal(bodyA, bodyC) || respA.Header.Get("ETag") == respC.Header.Get("ETag")) {
			t.Errorf("%s is the same with another seed", url)
		}
		if respA.ContentLength >= 0 && int(respA.ContentLength) != len(bodyA) {
			t.Errorf("%s announces %d of %d bytes", url, respA.ContentLength, len(bodyA))
		}
		head, none := ask(t, a, http.MethodHead, url, nil)
		if head.StatusCode != 200 || len(none) > 0 || head.Header.Get("ETag") != respA.Header.Get("ETag") {
			t.Errorf("HEAD %s: %d with %d bytes", url, head.StatusCode, len(none))
		}
		same, none := ask(t, a, http.MethodGet, url, http.Header{"If-None-Match": {respA.Header.Get("ETag")}})
		if same.StatusCode != 304 || len(none) > 0 {
			t.Errorf("%s again: %d with %d bytes", url, same.StatusCode, len(none))
		}
	}
}

func TestThePastDoesNotChange(t *testing.T) {
	today, later := simulated.New(100, 1, at(now)), simulated.New(100, 1, at(now.AddDate(0, 2, 0)))
	for _, url := range everyKind[1:3] {
		_, a := ask(t, today, http.MethodGet, url, nil)
		_, b := ask(t, later, http.MethodGet, url, nil)
		if !bytes.Equal(a, b) {
			t.Errorf("%s is another one two months later", url)
		}
	}
}

func TestAbsent(t *testing.T) {
	w := simulated.New(100, 1, at(now))
	for _, url := range []string{
		"https://example.org/", "https://pypi.org/", "https://pypi.org/simple/requests/", "https://pypi.org/pypi/requests/json", "https://pypi.org/simple/fictional-otter-kit",
		"https://hugovk.dev/top-pypi-packages/other.json", "https://codeload.github.com/psf/requests/tar.gz/refs/heads/main",
		"https://osv-vulnerabilities.storage.googleapis.com/PyPI/PYSEC-2024-1.json", "https://osv-vulnerabilities.storage.googleapis.com/PyPI/",
		"https://api.scorecard.dev/projects/github.com/psf/requests",
		"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2025.01/top-pypi-packages-30-days.min.json", // never tagged
		"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2025.02/top-pypi-packages.min.json",         // had the other name
		"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2025.04/top-pypi-packages-30-days.min.json",
		"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2026.12/top-pypi-packages.min.json", // is not there yet
		"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2024.13/top-pypi-packages-30-days.min.json",
		"https://raw.githubusercontent.com/hugovk/top-pypi-packages/2019.01/top-pypi-packages-30-days.min.json",
	} {
		if resp, body := ask(t, w, http.MethodGet, url, nil); resp.StatusCode != 404 || len(body) > 0 {
			t.Errorf("%s: %d with %d bytes", url, resp.StatusCode, len(body))
		}
	}
	if resp, _ := ask(t, w, http.MethodPost, everyKind[0], nil); resp.StatusCode != 405 {
		t.Errorf("POST: %d", resp.StatusCode)
	}
}

func TestStreamsEndWithTheRequest(t *testing.T) {
	w := simulated.New(100, 1, at(now))
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, archiveURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, resp.Body, 100); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("the stream went on: %v", err)
	}
	if _, err := w.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that is over was answered: %v", err)
	}
}

// TestSizesAndDays reads small ecosystems, other seeds, and days on which
// something is at its edge.
func TestSizesAndDays(t *testing.T) {
	for _, tt := range []struct {
		spec string
		now  time.Time
	}{
		{"simulated:50", now},
		{"simulated:77,seed=3", now},
		{"simulated:50,seed=18446744073709551615", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"simulated:50,seed=2", time.Date(2026, 7, 14, 23, 59, 59, 0, time.UTC)},
		{"simulated:60,seed=4", time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)},
		{"simulated:50,seed=5", time.Date(2029, 6, 2, 12, 0, 0, 0, time.UTC)},
	} {
		t.Run(tt.spec, func(t *testing.T) {
			s := newShelf()
			reports := collect(t, tt.spec, s, map[string]collectors.Cursor{}, tt.now)
			for name, r := range reports {
				if r.Partial {
					t.Errorf("%s is partial: %s", name, r.Note)
				}
			}
			spec, err := upstream.ParseSpec(tt.spec)
			if err != nil {
				t.Fatal(err)
			}
			if planted := impossibleScores(t, spec.Projects, spec.Seed, tt.now); len(s.rejects) != planted {
				t.Errorf("%d rejects, planted are %d, the first: %+v", len(s.rejects), planted, s.rejects[0])
			}
			if len(s.advisories) == 0 || len(s.projects) < 45 || len(s.lists) < 20 {
				t.Errorf("%d advisories, %d projects, %d lists", len(s.advisories), len(s.projects), len(s.lists))
			}
		})
	}
}

func TestVectorsAreWellFormed(t *testing.T) {
	s := newShelf()
	collect(t, "simulated:300", s, map[string]collectors.Cursor{}, now)
	seen := map[string]bool{}
	for _, a := range s.advisories {
		for _, v := range a.Vectors {
			seen[v] = true
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %d different vectors", len(seen))
	}
	for v := range seen {
		var err error
		switch {
		case strings.HasPrefix(v, "CVSS:4.0/"):
			_, err = gocvss40.ParseVector(v)
		case strings.HasPrefix(v, "AV:"):
			_, err = gocvss20.ParseVector(v)
		default:
			_, err = gocvss31.ParseVector(strings.Replace(v, "CVSS:3.0/", "CVSS:3.1/", 1))
		}
		if err != nil {
			t.Errorf("%s: %v", v, err)
		}
	}
}
