package upstream

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestLocate(t *testing.T) {
	const asked = "https://github.com/old/name"
	for name, tt := range map[string]struct {
		status   int
		location string
		want     Location
		class    observation.Class
		tries    int
	}{
		"there":                 {200, "", Location{Status: 200}, "", 1},
		"a body is not read":    {200, "https://elsewhere.example/", Location{Status: 200}, "", 1},
		"moved":                 {301, "https://github.com/new/name", Location{301, "https://github.com/new/name"}, "", 1},
		"found":                 {302, "https://codeberg.org/a/b", Location{302, "https://codeberg.org/a/b"}, "", 1},
		"relative":              {307, "../new/name?x=1", Location{307, "https://github.com/new/name?x=1"}, "", 1},
		"itself":                {308, asked, Location{308, asked}, "", 1},
		"nowhere":               {301, "", Location{}, observation.ClassMalformed, 1},
		"not a URL":             {301, "https://[::1", Location{}, observation.ClassMalformed, 1},
		"endless":               {301, "https://github.com/" + strings.Repeat("a", maxLocation), Location{}, observation.ClassMalformed, 1},
		"loopback":              {301, "https://127.0.0.1/a/b", Location{}, observation.ClassRefused, 1},
		"metadata":              {302, "https://169.254.169.254/latest", Location{}, observation.ClassRefused, 1},
		"a name without a dot":  {302, "https://metadata/a/b", Location{}, observation.ClassRefused, 1},
		"not https":             {301, "http://github.com/new/name", Location{}, observation.ClassRefused, 1},
		"a script":              {301, "javascript:alert(1)", Location{}, observation.ClassRefused, 1},
		"no redirect of ours":   {303, "https://github.com/new/name", Location{}, observation.ClassMalformed, 1},
		"gone":                  {404, "", Location{}, observation.ClassNotFound, 1},
		"gone for good":         {410, "", Location{}, observation.ClassNotFound, 1},
		"forbidden":             {403, "", Location{}, observation.ClassRefused, 1},
		"for legal reasons":     {451, "", Location{}, observation.ClassRefused, 1},
		"too fast":              {429, "", Location{}, observation.ClassRateLimited, maxRetries + 1},
		"down":                  {502, "", Location{}, observation.ClassUnavailable, maxRetries + 1},
		"HEAD is not known":     {405, "", Location{}, observation.ClassRefused, 1},
		"nothing to say to us":  {304, "", Location{}, observation.ClassMalformed, 1},
		"credentials are shown": {301, "https://user:secret@github.com/a/b", Location{301, "https://user:secret@github.com/a/b"}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			tries, counted := 0, 0
			c := serve(t, Options{Count: func(string, observation.Class) { counted++ }}, func(w http.ResponseWriter, r *http.Request) {
				tries++
				if r.Method != http.MethodHead || !strings.HasPrefix(r.UserAgent(), "Pyrometer/") {
					t.Errorf("%s by %q", r.Method, r.UserAgent())
				}
				if tt.location != "" {
					w.Header().Set("Location", tt.location)
				}
				w.WriteHeader(tt.status)
			})
			got, err := c.Locate(t.Context(), asked)
			wantClass(t, err, tt.class)
			if got != tt.want || tries != tt.tries || counted != tries {
				t.Errorf("got %+v, want %+v; %d tries, want %d, %d counted", got, tt.want, tries, tt.tries, counted)
			}
		})
	}
}

func TestLocateObeysTheHost(t *testing.T) {
	tries := 0
	clock := newClock()
	c := serve(t, Options{Now: clock.Now, Sleep: clock.Sleep}, func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries == 1 {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(429)
		}
	})
	if at, err := c.Locate(t.Context(), "https://github.com/a/b"); err != nil || at.Status != 200 {
		t.Fatalf("%+v, %v", at, err)
	}
	if waited := clock.Now().Sub(day); waited < 30*time.Second {
		t.Errorf("waited %v", waited)
	}
	if _, err := c.Locate(t.Context(), "http://github.com/a/b"); observation.ClassOf(err) != observation.ClassRefused || tries != 2 {
		t.Errorf("plain HTTP: %v after %d requests", err, tries)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Locate(ctx, "https://github.com/a/b"); !errors.Is(err, context.Canceled) || tries != 2 {
		t.Errorf("a cancelled run: %v after %d requests", err, tries)
	}
}

// Forges are asked one header a second.
func TestLocateIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return answer(r, 200, nil), nil })})
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"} {
			start := time.Now()
			for range 5 {
				if _, err := c.Locate(t.Context(), "https://"+host+"/a/b"); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took < 4*time.Second || c.Concurrency("https://"+host) != 1 {
				t.Errorf("%s: five requests in %v", host, took)
			}
		}
	})
}

func TestLocateSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Locate(t.Context(), "https://github.com/a/b")
		wantClass(t, err, observation.ClassTimeout)
	})
}

// A mirror knows what it has and what it has not.
func TestLocateInAMirror(t *testing.T) {
	hit := false
	c := serve(t, Options{Spec: "mirror:" + t.TempDir()}, func(w http.ResponseWriter, _ *http.Request) {
		hit = true
		w.WriteHeader(404)
	})
	_, err := c.Locate(t.Context(), "https://github.com/a/b")
	if wantClass(t, err, observation.ClassNotFound); !hit {
		t.Error("nobody was asked")
	}
}
