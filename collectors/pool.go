package collectors

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// ForEach calls do for every item on up to n goroutines and returns the first
// error, after which no further item is begun. It ends early when ctx does.
func ForEach[T any](ctx context.Context, n int, items []T, do func(context.Context, T) error) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(n, 1))
	for _, item := range items {
		if inner.Err() != nil {
			break
		}
		group.Go(func() error { return do(inner, item) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// Together makes emit usable by several goroutines: what is passed in one call
// is emitted in that order, with nothing of another call in between. After an
// error nothing more is emitted, and every further call returns it.
func Together(emit Emit) func(context.Context, ...observation.Observation) error {
	var mu sync.Mutex
	var failed error
	return func(ctx context.Context, all ...observation.Observation) error {
		mu.Lock()
		defer mu.Unlock()
		for _, o := range all {
			if failed == nil {
				failed = ctx.Err()
			}
			if failed == nil {
				failed = emit(ctx, o)
			}
			if failed != nil {
				return failed
			}
		}
		return nil
	}
}
