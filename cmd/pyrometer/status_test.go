package main

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/config"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// TestReport judges sources by their data where these have a date that must
// advance, by their last success where not, and an open run by whether anybody
// can be running.
func TestReport(t *testing.T) {
	r := newRig(t)
	r.now = time.Date(2026, 7, 24, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	run := func(collector string, ago, through time.Duration) observation.Run {
		began := r.now.Add(-ago)
		return observation.Run{ID: uuid.NewString(), Collector: collector, StartedAt: began, FinishedAt: began, State: observation.RunOK,
			Through: r.now.Add(-through), Upstream: "simulated", Version: "test"}
	}
	for _, one := range []observation.Run{
		run("cpython", day, 60*day), run("kev", 5*day, 5*day), run("osv", time.Hour, 10*day), // by their last success
		run("epss", time.Hour, 5*day), run("ranks", time.Hour, 40*day), // by their data
	} {
		if err := r.store.CloseRun(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.store.OpenRun(t.Context(), run("pypi", time.Minute, day)); err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{Clock: r.now, ClickHouse: config.Embedded, Data: t.TempDir()}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	p := &program{ctx: t.Context(), cfg: cfg, out: io.Discard, err: io.Discard, log: slog.New(slog.DiscardHandler)}
	d := &database{} // a server's
	lease, err := r.store.Acquire(t.Context(), "another")
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range []bool{true, false} {
		state, running := "interrupted", ""
		if held {
			state, running = "running", "pypi"
		} else if err := lease.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		idle, err := d.idle(t.Context(), r.store)
		if err != nil || idle == held {
			t.Errorf("idle %v, %v while the lease is held: %v", idle, err, held)
		}
		report, err := p.report(r.store, true, idle)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(report.Running, " "); got != running {
			t.Errorf("running: %q, want %q", got, running)
		}
		for _, s := range report.Sources {
			if s.Source == "pypi" && s.State != state {
				t.Errorf("the open run is %s, want %s", s.State, state)
			}
			if want := s.Source == "kev" || s.Source == "epss"; s.Stale != want {
				t.Errorf("%s is stale: %v, want %v", s.Source, s.Stale, want)
			}
		}
	}
}

// TestNoSuchProject holds that a misspelt name is said, and leaves no project.
func TestNoSuchProject(t *testing.T) {
	data := t.TempDir()
	code, stdout, stderr := pyrometer(t, "collect", "--project=no-such-thing", "--upstream=simulated:60", "--data="+data, "--now="+testNow)
	if code != 1 || !strings.Contains(stderr, "PyPI has no project no-such-thing") || strings.Contains(stdout, "scorecard") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	code, stdout, stderr = pyrometer(t, "export", "projects", "--upstream=simulated:60", "--data="+data)
	if code != 0 || strings.Contains(stdout, "no-such-thing") {
		t.Errorf("the stored projects: exit %d, %s%s", code, stdout, stderr)
	}
}
