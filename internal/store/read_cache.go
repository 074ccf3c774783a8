package store

import (
	"container/list"
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

// objectEntries bounds how many answers about single things are kept: a project,
// an advisory, one page of a list. The page of a project is made of seven, so that
// those of the three hundred last asked for are kept: 200 kB each where there is
// most to tell, 60 MB in all.
const objectEntries = 2000

// cache keeps answers that depend on nothing but the published generations.
// It is emptied as soon as one of them changes. The zero cache is ready.
//
// There are two kinds. An answer to a question that the program itself asks is
// kept as long as the generation: there are as many as there are cohorts and
// weightings, some hundred, and nobody outside can ask for one more. An answer
// about one thing is named by whoever asks; of these the last objectEntries are
// kept, so that a crawler can not crowd out the others.
type cache struct {
	mu        sync.Mutex
	published generations
	checked   time.Time // zero: never
	answers   map[string]any
	objects   *recent
	flights   *singleflight.Group // loads of answers that are under way
}

// recent keeps the answers that were asked for last, at most objectEntries.
type recent struct {
	entries map[string]*list.Element // of recentAnswer
	order   *list.List               // the last asked for first
}

type recentAnswer struct {
	key    string
	answer any
}

func newRecent() *recent { return &recent{entries: make(map[string]*list.Element), order: list.New()} }

func (r *recent) get(key string) (any, bool) {
	e, ok := r.entries[key]
	if !ok {
		return nil, false
	}
	r.order.MoveToFront(e)
	return e.Value.(recentAnswer).answer, true
}

func (r *recent) put(key string, answer any) {
	if e, ok := r.entries[key]; ok {
		e.Value = recentAnswer{key, answer}
		r.order.MoveToFront(e)
		return
	}
	r.entries[key] = r.order.PushFront(recentAnswer{key, answer})
	if r.order.Len() > objectEntries {
		oldest := r.order.Remove(r.order.Back()).(recentAnswer)
		delete(r.entries, oldest.key)
	}
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
		s.cache.answers, s.cache.objects = make(map[string]any), newRecent()
		s.cache.flights = new(singleflight.Group)
	}
	s.cache.checked = now
	return published, nil
}

// Published names the data that are published: it changes when any of them do.
func (s *Store) Published(ctx context.Context) (string, error) {
	published, err := s.generations(ctx)
	return fmt.Sprint(map[string]uint64(published)), err // printed in the order of its keys
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
//
// It is for keys of which there are only so many. What the reader of a page
// chooses freely, a name or a page of a list, is for cachedObject.
func cached[T any](ctx context.Context, s *Store, key string, load func(context.Context, generations) (T, error)) (T, error) {
	return answerOf(ctx, s, key, false, load)
}

// cachedObject is cached for answers of which the last objectEntries are kept.
func cachedObject[T any](ctx context.Context, s *Store, key string, load func(context.Context, generations) (T, error)) (T, error) {
	return answerOf(ctx, s, key, true, load)
}

func answerOf[T any](ctx context.Context, s *Store, key string, object bool, load func(context.Context, generations) (T, error)) (T, error) {
	var none T
	published, err := s.generations(ctx)
	if err != nil {
		return none, err
	}
	answer, flights, ok := s.kept(key, object)
	if !ok {
		flight := flights.DoChan(key, func() (any, error) {
			answer, err := load(context.WithoutCancel(ctx), published)
			if err == nil {
				s.keep(published, key, object, answer)
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

// kept returns the answer that is kept under key, and where to load it otherwise.
func (s *Store) kept(key string, object bool) (any, *singleflight.Group, bool) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if object {
		answer, ok := s.cache.objects.get(key)
		return answer, s.cache.flights, ok
	}
	answer, ok := s.cache.answers[key]
	return answer, s.cache.flights, ok
}

// keep keeps an answer unless it is of the past by now.
func (s *Store) keep(published generations, key string, object bool, answer any) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	switch {
	case !maps.Equal(published, s.cache.published):
	case object:
		s.cache.objects.put(key, answer)
	default:
		s.cache.answers[key] = answer
	}
}

// The bounds of what is kept of panels, organisations and lists: there are more
// of them than anybody can keep, and each is some hundred kilobytes.
const (
	setEntries  = 32
	setAge      = 15 * time.Minute
	setLoads    = 2           // at the same time: each holds all results of its members
	setPatience = time.Minute // how long one may take, waiting for its turn included
)

// setCache keeps the answers about sets of projects.
type setCache struct {
	mu      sync.Mutex
	answers map[string]setAnswer
	flights singleflight.Group
	turns   chan struct{} // of setLoads places
}

// setAnswer is an answer and when it was last asked for and loaded.
type setAnswer struct {
	rows          setRows
	asked, loaded time.Time
}

// cachedSet returns the answer about the set of projects that key names, or asks
// load for it. It is for one generation of the scores, and not older than setAge:
// what a set is made of may be newer than they are.
func (s *Store) cachedSet(ctx context.Context, key string, load func(context.Context, generations) (setRows, error)) (setRows, error) {
	published, err := s.generations(ctx)
	if err != nil {
		return nil, err
	}
	key = fmt.Sprint(published[datasetScores], " ", published[datasetSummaries], " ", key)
	if rows, ok := s.sets.get(key, s.now()); ok {
		return rows, nil
	}
	flight := s.sets.flights.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), setPatience)
		defer cancel()
		select {
		case s.sets.turns <- struct{}{}:
			defer func() { <-s.sets.turns }()
		case <-ctx.Done():
			return nil, fmt.Errorf("too many sets of projects are being read: %w", ctx.Err())
		}
		rows, err := load(ctx, published)
		if err == nil {
			s.sets.put(key, rows, s.now())
		}
		return rows, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case done := <-flight:
		if done.Err != nil {
			return nil, done.Err
		}
		rows, ok := done.Val.(setRows)
		if !ok {
			return nil, fmt.Errorf("cache: the key %q is used for a %T", key, done.Val)
		}
		return rows, nil
	}
}

func (c *setCache) get(key string, now time.Time) (setRows, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer, ok := c.answers[key]
	if !ok || now.Sub(answer.loaded) > setAge {
		delete(c.answers, key)
		return nil, false
	}
	answer.asked = now
	c.answers[key] = answer
	return answer.rows, true
}

// put keeps an answer, in the place of the one that was not asked for longest
// when there are too many.
func (c *setCache) put(key string, rows setRows, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answers == nil {
		c.answers = make(map[string]setAnswer)
	}
	c.answers[key] = setAnswer{rows, now, now}
	for len(c.answers) > setEntries {
		oldest := key
		for k, a := range c.answers {
			if a.asked.Before(c.answers[oldest].asked) {
				oldest = k
			}
		}
		delete(c.answers, oldest)
	}
}
