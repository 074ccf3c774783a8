package collectors

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestCheckSize(t *testing.T) {
	for _, tt := range []struct {
		got, last int
		ok        bool
	}{
		{0, 0, false}, {0, 10, false}, {1, 0, true}, {9, 10, true}, {8, 10, false}, {90, 100, true}, {89, 100, false}, {200, 100, true},
	} {
		err := CheckSize("GET list", "rows", tt.got, tt.last)
		if (err == nil) != tt.ok || err != nil && observation.ClassOf(err) != observation.ClassEmpty {
			t.Errorf("CheckSize of %d after %d: %v", tt.got, tt.last, err)
		}
		if errors.Is(err, ErrShrunk) != (!tt.ok && tt.got > 0) {
			t.Errorf("CheckSize of %d after %d names a way out that is none, or no way out: %v", tt.got, tt.last, err)
		}
	}
}

func TestCutText(t *testing.T) {
	for s, want := range map[string]string{
		"":             "",
		"short":        "short",
		"exactly8":     "exactly8",
		"longer than8": "longer t",
		"seven77é":     "seven77", // the letter does not fit whole
		"a\xffb":       "ab",
		"a\x00b\x00":   "ab",
	} {
		if got := CutText(s, 8); got != want || !utf8.ValidString(got) {
			t.Errorf("CutText(%q) is %q, want %q", s, got, want)
		}
	}
	if r := NewReject("o", "r", strings.Repeat("x", 1<<20)); len(r.Text) != observation.MaxRejectText {
		t.Errorf("%d bytes kept", len(r.Text))
	}
}

func TestBreaker(t *testing.T) {
	failure := func(c observation.Class) error { return &observation.Error{Class: c, Op: "GET x"} }
	down, missing := failure(observation.ClassUnavailable), failure(observation.ClassNotFound)
	b := Breaker{Limit: 3}
	for i, err := range []error{down, down, nil, down, failure(observation.ClassMalformed), missing, down, failure(observation.ClassRefused)} {
		if stop := b.Note(err); stop != nil {
			t.Fatalf("stopped at %d: %v", i, stop)
		}
	}
	stop := b.Note(down)
	if observation.ClassOf(stop) != observation.ClassUnavailable || !errors.Is(stop, down) {
		t.Errorf("the third failure in a row gives %v", stop)
	}
	if stop := (&Breaker{Limit: 3}).Note(failure(observation.ClassInternal)); observation.ClassOf(stop) != observation.ClassInternal {
		t.Errorf("a failure of our own gives %v", stop)
	}
}

func TestNames(t *testing.T) {
	if got := Names([]string{"a", "b"}); got != "a, b" {
		t.Error(got)
	}
	if got := Names([]string{"a", "b", "c", "d", "e", "f", "g"}); got != "a, b, c, d, e and 2 more" {
		t.Error(got)
	}
}

func TestForEach(t *testing.T) {
	items := make([]int, 100)
	var n atomic.Int32
	if err := ForEach(context.Background(), 4, items, func(context.Context, int) error { n.Add(1); return nil }); err != nil || n.Load() != 100 {
		t.Errorf("%d items, error %v", n.Load(), err)
	}
	n.Store(0)
	broken := errors.New("broken")
	err := ForEach(context.Background(), 1, items, func(context.Context, int) error { n.Add(1); return broken })
	if !errors.Is(err, broken) || n.Load() > 2 {
		t.Errorf("%d items after an error, error %v", n.Load(), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := ForEach(ctx, 1, items, func(context.Context, int) error { t.Error("begun"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestTogether(t *testing.T) {
	full := errors.New("full")
	calls := 0
	emit := Together(func(context.Context, observation.Observation) error {
		calls++
		if calls == 2 {
			return full
		}
		return nil
	})
	r := &observation.Reject{}
	for range 3 {
		if err := emit(context.Background(), r, r, r); !errors.Is(err, full) {
			t.Errorf("error %v", err)
		}
	}
	if calls != 2 {
		t.Errorf("%d calls after an error", calls-2)
	}
}
