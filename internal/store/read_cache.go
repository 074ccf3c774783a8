package store

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/singleflight"
)

// cacheCheck is how long the published generations are believed before they
// are read again. A derivation of this process is seen at once, one of another
// process after this time at the latest.
const cacheCheck = time.Second

// cacheEntries bounds what is kept in one generation; above it the cache
// starts afresh. It matters for project pages only, of some 20 kB each: the
// other answers are a few dozen.
const cacheEntries = 2000

// cache keeps answers that depend on nothing but the published generations.
// It is emptied as soon as one of them changes. The zero cache is ready.
type cache struct {
	mu        sync.Mutex
	published generations
	checked   time.Time // zero: never
	answers   map[string]any
	flights   *singleflight.Group // loads of answers that are under way
}

// generations are the newest published generations by dataset; 0 is none.
type generations map[string]uint64

// generations returns the newest published generations. The caller must not
// change the map.
func (s *Store) generations(ctx context.Context) (generations, error) {
	now := s.now()
	s.cache.mu.Lock()
	published, checked := s.cache.published, s.cache.checked
	s.cache.mu.Unlock()
	if age := now.Sub(checked); !checked.IsZero() && 0 <= age && age < cacheCheck {
		return published, nil
	}
	published, err := s.readGenerations(ctx)
	if err != nil {
		return nil, err
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if !maps.Equal(published, s.cache.published) || s.cache.answers == nil {
		s.cache.published = published
		s.cache.answers = make(map[string]any)
		s.cache.flights = new(singleflight.Group)
	}
	s.cache.checked = now
	return published, nil
}

// readGenerations reads the newest published generations.
func (s *Store) readGenerations(ctx context.Context) (generations, error) {
	published := make(generations)
	err := s.queryEach(ctx, "publications.newest", func(rows driver.Rows) error {
		var dataset string
		var generation uint64
		if err := rows.Scan(&dataset, &generation); err != nil {
			return err
		}
		published[dataset] = generation
		return nil
	})
	return published, err
}

// forget makes the next reader look for new generations.
func (s *Store) forget() {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	s.cache.checked = time.Time{}
}

// cached returns the answer kept under key, or asks load for it, once for all
// who ask at the same time. The load goes on when the one who began it goes
// away. What it returns is shared by all readers of the same generations, so
// neither load nor the caller may change it afterwards.
func cached[T any](ctx context.Context, s *Store, key string, load func(context.Context, generations) (T, error)) (T, error) {
	var none T
	published, err := s.generations(ctx)
	if err != nil {
		return none, err
	}
	s.cache.mu.Lock()
	answer, ok := s.cache.answers[key]
	flights := s.cache.flights
	s.cache.mu.Unlock()
	if !ok {
		flight := flights.DoChan(key, func() (any, error) {
			answer, err := load(context.WithoutCancel(ctx), published)
			if err == nil {
				s.keep(published, key, answer)
			}
			return answer, err
		})
		select {
		case <-ctx.Done():
			return none, ctx.Err()
		case done := <-flight:
			if done.Err != nil {
				return none, done.Err
			}
			answer = done.Val
		}
	}
	typed, ok := answer.(T)
	if !ok {
		return none, fmt.Errorf("cache: the key %q is used for a %T and a %T", key, answer, none)
	}
	return typed, nil
}

// keep keeps an answer unless it is of the past by now.
func (s *Store) keep(published generations, key string, answer any) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if !maps.Equal(published, s.cache.published) {
		return
	}
	if len(s.cache.answers) >= cacheEntries {
		clear(s.cache.answers)
	}
	s.cache.answers[key] = answer
}
