package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every page and chart can be asked for without parameters, and is ready before
// the first reader comes.
func TestWarm(t *testing.T) {
	s := newSite(t)
	views := s.defaultViews()
	for _, want := range []string{"/", "/advisories", "/checks/Code-Review", "/chart/coverage", "/projects"} {
		if !slices.Contains(views, want) {
			t.Errorf("%s is not among the default views %v", want, views)
		}
	}
	for _, address := range views {
		if status := s.ask(t.Context(), address); status != http.StatusOK {
			t.Errorf("%s: status %d", address, status)
		}
	}
	s.warm(t.Context())
	if body := s.get(t, "/metrics").Body.String(); strings.Contains(body, "pyrometer_http_requests_total{") {
		t.Errorf("the server counts its own questions:\n%s", body)
	}
}

// Every page weighs 40 KB as it is sent, at most. make bench weighs them with real data.
func TestPagesAreLight(t *testing.T) {
	s := newSite(t)
	for _, address := range append(s.defaultViews(), "/p/urllib3", "/compare?p=urllib3", "/search?q=url", "/no/such/page") {
		w := s.get(t, address, "Accept-Encoding", "gzip")
		if n := w.Body.Len(); n > 40_000 || n == 0 {
			t.Errorf("%s: %d bytes", address, n)
		}
	}
}

func TestWarmEndsWithItsContext(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.warm(ctx)
	if n := s.cache.recent.Len(); n > 0 {
		t.Errorf("%d pages were made after the end", n)
	}
}

func TestKeepWarm(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	ticks, asked := make(chan time.Time), make(chan string)
	published := func(context.Context) (string, error) {
		name := <-asked
		if name == "" {
			return "", errors.New("the store is away")
		}
		return name, nil
	}
	var events []string
	event := make(chan string)
	warm := func(ctx context.Context) {
		event <- "begun"
		<-ctx.Done()
		event <- "ended"
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		keepWarm(ctx, published, ticks, warm)
	}()
	for i, step := range []struct {
		published string
		events    int
	}{
		{"one", 1},   // at once
		{"one", 0},   // nothing new
		{"", 0},      // nobody knows
		{"two", 1},   // the warming of the old is cancelled
		{"three", 0}, // and the new not begun while there is still newer
		{"three", 1},
		{"three", 0},
	} {
		if i > 0 {
			ticks <- time.Time{}
		}
		asked <- step.published
		for range step.events {
			events = append(events, step.published+" "+<-event)
		}
	}
	ticks <- time.Time{}
	asked <- "three"
	end()
	events = append(events, <-event)
	<-done
	want := []string{"one begun", "two ended", "three begun", "ended"}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
