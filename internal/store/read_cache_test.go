package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/singleflight"
)

// Whoever asks for one thing after the other must not cost the others what they
// are kept for, nor memory without end.
func TestCacheIsBounded(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := &Store{now: func() time.Time { return at }}
	s.cache = cache{checked: at, answers: map[string]any{}, objects: newRecent(), flights: new(singleflight.Group)}
	loads := 0
	load := func(context.Context, generations) (int, error) { loads++; return loads, nil }
	object := func(i int) int {
		t.Helper()
		v, err := cachedObject(t.Context(), s, fmt.Sprint("project ", i), load)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if _, err := cached(t.Context(), s, "overview", load); err != nil {
		t.Fatal(err)
	}
	first := object(0)
	for i := range 3 * objectEntries {
		object(i + 1)
		if again := object(0); again != first {
			t.Fatalf("after %d others, what is asked for again and again was loaded again", i+1)
		}
	}
	if n := s.cache.objects.order.Len(); n != objectEntries || len(s.cache.objects.entries) != n {
		t.Errorf("%d answers about single things are kept, %d by name; want %d", n, len(s.cache.objects.entries), objectEntries)
	}
	before := loads
	if object(1); loads != before+1 {
		t.Error("the oldest answer is still kept")
	}
	if v, err := cached(t.Context(), s, "overview", load); err != nil || v != 1 {
		t.Errorf("what all pages share was loaded again: %d, %v", v, err)
	}
}
