package schedule

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// starts notes when a collector was started. A bubble's clock begins at
// 2000-01-01 00:00 UTC, a Saturday.
type starts struct {
	mu sync.Mutex
	at map[string][]time.Time
}

func (s *starts) collector(name string, then func(ctx context.Context, nth int) (collectors.Report, error)) source {
	return source{name, func(ctx context.Context, _ collectors.Input, _ collectors.Emit) (collectors.Report, error) {
		s.mu.Lock()
		if s.at == nil {
			s.at = map[string][]time.Time{}
		}
		s.at[name] = append(s.at[name], time.Now().UTC())
		nth := len(s.at[name])
		s.mu.Unlock()
		return then(ctx, nth)
	}}
}

func (s *starts) of(name string) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[name]
}

func fine(context.Context, int) (collectors.Report, error) { return collectors.Report{}, nil }

func begin(t *testing.T, list []collectors.Collector, cadences []Cadence, jitter func(time.Duration) time.Duration) (*Schedule, *memory) {
	t.Helper()
	m := &memory{}
	r := newTestRunner(m, nil)
	r.o.Now = func() time.Time { return time.Now().UTC() }
	s, err := New(t.Context(), r, list, cadences, jitter)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	return s, m
}

func noJitter(time.Duration) time.Duration { return 0 }

func TestRunsAtTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log starts
		var list []collectors.Collector
		for _, c := range Cadences() {
			list = append(list, log.collector(c.Source, fine))
		}
		s, _ := begin(t, list, Cadences(), noJitter)
		start := time.Now()
		time.Sleep(62*24*time.Hour + time.Second)
		for name, want := range map[string]int{"ranks": 3, "pypiscorecards": 18, "osv": 62 * 24, "pypi": 62, "scorecard": 9} {
			if got := len(log.of(name)); got != want {
				t.Errorf("%s ran %d times in two months, want %d", name, got, want)
			}
		}
		if got, want := log.of("ranks")[0], time.Date(2000, 1, 2, 6, 30, 0, 0, time.UTC); !got.Equal(want) {
			t.Errorf("ranks ran at %v, want %v", got, want)
		}
		if next := s.Next()["pypi"]; !next.Equal(time.Date(2000, 3, 3, 2, 40, 0, 0, time.UTC)) {
			t.Errorf("pypi is next at %v (began %v)", next, start)
		}
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
}

func TestAPanicAndAnOverlapHarmNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log starts
		cadences := []Cadence{
			{Source: "panics", Cron: "* * * * *", Deadline: time.Hour},
			{Source: "hangs", Cron: "* * * * *", Deadline: 10*time.Minute - time.Second},
			{Source: "works", Cron: "* * * * *", Deadline: time.Hour},
		}
		s, m := begin(t, []collectors.Collector{
			log.collector("panics", func(context.Context, int) (collectors.Report, error) { panic("at the disco") }),
			log.collector("hangs", func(ctx context.Context, _ int) (collectors.Report, error) {
				<-ctx.Done()
				return collectors.Report{}, ctx.Err()
			}),
			log.collector("works", fine),
		}, cadences, noJitter)
		time.Sleep(time.Hour + time.Second)
		if p, h, w := len(log.of("panics")), len(log.of("hangs")), len(log.of("works")); p != 60 || h != 6 || w != 60 {
			t.Errorf("in an hour: the panicking one ran %d times, the hanging one %d, the working one %d", p, h, w)
		}
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
		for _, run := range m.list() {
			if (run.Collector == "works") != (run.State == observation.RunOK) || run.State == observation.RunRunning {
				t.Errorf("%+v", run)
			}
		}
	})
}

func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log starts
		cadences := []Cadence{{Source: "osv", Cron: "0 * * * *", Jitter: 10 * time.Minute, Deadline: time.Hour}}
		s, _ := begin(t, []collectors.Collector{log.collector("osv", fine)}, cadences, func(most time.Duration) time.Duration {
			if most != 10*time.Minute {
				t.Errorf("asked for a jitter below %v", most)
			}
			return 7 * time.Minute
		})
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if got := log.of("osv"); len(got) != 1 || !got[0].Equal(time.Date(2000, 1, 1, 1, 7, 0, 0, time.UTC)) {
			t.Errorf("ran at %v", got)
		}
		before := time.Now()
		if err := s.Shutdown(); err != nil || time.Since(before) != 0 {
			t.Errorf("a run that waits for its jitter held the shutdown for %v: %v", time.Since(before), err)
		}
		if len(log.of("osv")) != 1 {
			t.Error("a run began during the shutdown")
		}
	})
}

func TestRandomJitterStaysBelow(t *testing.T) {
	s, err := New(t.Context(), newTestRunner(&memory{}, nil), nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if d := s.jitter(time.Second); d < 0 || d >= time.Second {
			t.Fatalf("jitter %v", d)
		}
	}
}

func TestRetry(t *testing.T) {
	failure := func(context.Context, int) (collectors.Report, error) { return collectors.Report{}, errors.New("no") }
	partial := func(context.Context, int) (collectors.Report, error) { return collectors.Report{Partial: true}, nil }
	for name, tt := range map[string]struct {
		retry time.Duration
		then  func(context.Context, int) (collectors.Report, error)
		want  int // runs in 13 days from a Saturday: the regular ones are on Tuesdays, day 3 and 10
	}{
		"not needed":       {24 * time.Hour, fine, 2},
		"none":             {0, failure, 2},
		"failing":          {24 * time.Hour, failure, 10},
		"partial":          {24 * time.Hour, partial, 10},
		"later than usual": {8 * 24 * time.Hour, failure, 2},
		"failed once": {24 * time.Hour, func(_ context.Context, nth int) (collectors.Report, error) {
			if nth == 1 {
				return collectors.Report{}, errors.New("no")
			}
			return collectors.Report{}, nil
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log starts
				cadences := []Cadence{{Source: "scorecard", Cron: "15 9 * * 2", Retry: tt.retry, Deadline: time.Hour}}
				s, _ := begin(t, []collectors.Collector{log.collector("scorecard", tt.then)}, cadences, noJitter)
				time.Sleep(13*24*time.Hour + 9*time.Hour)
				if got := len(log.of("scorecard")); got != tt.want {
					t.Errorf("ran %d times, want %d: %v", got, tt.want, log.of("scorecard"))
				}
				before := time.Now()
				if err := s.Shutdown(); err != nil || time.Since(before) != 0 {
					t.Errorf("shutdown took %v: %v", time.Since(before), err)
				}
			})
		})
	}
}

func TestShutdownEndsRunsAndSaysWhenItCannot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log starts
		release := make(chan struct{})
		cadences := []Cadence{{Source: "obeys", Cron: "* * * * *", Deadline: time.Hour}, {Source: "stubborn", Cron: "* * * * *", Deadline: time.Hour}}
		s, m := begin(t, []collectors.Collector{
			log.collector("obeys", func(ctx context.Context, _ int) (collectors.Report, error) {
				<-ctx.Done()
				return collectors.Report{}, ctx.Err()
			}),
			log.collector("stubborn", func(context.Context, int) (collectors.Report, error) {
				<-release
				return collectors.Report{}, nil
			}),
		}, cadences, noJitter)
		time.Sleep(90 * time.Second)
		before := time.Now()
		if err := s.Shutdown(); err == nil {
			t.Error("a stubborn run was not noticed")
		}
		if took := time.Since(before); took != stopWithin {
			t.Errorf("took %v", took)
		}
		for _, run := range m.list() {
			if run.Collector == "obeys" && (run.State != observation.RunFailed || run.ErrorClass != observation.ClassInternal || run.Note == "") {
				t.Errorf("%+v", run)
			}
		}
		close(release)
		synctest.Wait()
	})
}

func TestCadencesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cadences() {
		if err := c.check(); err != nil {
			t.Error(err)
		}
		if seen[c.Source] || c.Period <= 0 {
			t.Errorf("%+v", c)
		}
		seen[c.Source] = true
	}
	Cadences()[0].Source = "changed"
	if Cadences()[0].Source != "ranks" {
		t.Error("a caller can change the table")
	}
	r := newTestRunner(&memory{}, nil)
	for _, bad := range [][]Cadence{{}, {{Source: "osv", Cron: "x", Deadline: time.Hour}}, {{Source: "osv", Cron: "* * * * *"}}} {
		if _, err := New(t.Context(), r, []collectors.Collector{source{name: "osv"}}, bad, nil); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestDue(t *testing.T) {
	ranks := cadenceOf("ranks") // the second of the month, 06:30
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		last, now string
		want      bool
	}{
		{"2026-11-02T07:00:00Z", "2026-11-23T00:00:00Z", false},
		{"2026-11-02T06:00:00Z", "2026-11-23T00:00:00Z", true},
		{"2026-10-02T07:00:00Z", "2026-11-02T06:29:59Z", false},
		{"2026-10-02T07:00:00Z", "2026-11-02T06:30:00Z", true},
		{"2026-11-02T08:00:00+02:00", "2026-11-23T00:00:00Z", true}, // 06:00 UTC
	} {
		if got := ranks.Due(at(tt.last), at(tt.now)); got != tt.want {
			t.Errorf("last %s, now %s: %v", tt.last, tt.now, got)
		}
	}
	if !ranks.Due(noon.AddDate(3, 0, 0), noon) {
		t.Error("a source whose last success lies in the far future is not due")
	}
	if !ranks.Due(time.Time{}, noon) {
		t.Error("a source that never succeeded is due")
	}
}
