package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cespare/xxhash/v2"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Response returns what is remembered of the last answer of a URL. The second
// value is false when nothing is: a first collection asks that of every URL, so
// it costs no question to the server.
func (s *Store) Response(ctx context.Context, url string) (observation.Response, bool, error) {
	answered, err := s.answered.has(ctx, s, url)
	if err != nil || !answered {
		return observation.Response{}, false, err
	}
	var r observation.Response
	var status uint16
	var bytes uint64
	err = s.retry(ctx, func() error {
		return s.queryRow(ctx, "responses.of_url", []any{&r.URL, &r.ETag, &r.LastModified, &r.SHA256, &status, &bytes, &r.FetchedAt}, param("url", url))
	})
	if errors.Is(err, stdsql.ErrNoRows) {
		return observation.Response{}, false, nil
	}
	r.Status, r.Bytes = int(status), int64(bytes)
	return r, err == nil, err
}

// answered are the URLs with a stored answer, by their hashes: it is small, and
// whom two URLs of one hash mislead asks the server in vain. There is one
// writing process, so what it adds is all that is added.
type answered struct {
	mu   sync.Mutex
	urls map[uint64]struct{} // nil until they were read
}

func (a *answered) has(ctx context.Context, s *Store, url string) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.urls == nil {
		urls := make(map[uint64]struct{})
		var one string
		err := s.queryEach(ctx, "responses.urls", func(rows driver.Rows) error {
			err := rows.Scan(&one)
			urls[xxhash.Sum64String(one)] = struct{}{}
			return err
		})
		if err != nil {
			return false, err
		}
		a.urls = urls
	}
	_, ok := a.urls[xxhash.Sum64String(url)]
	return ok, nil
}

// add takes answers that are stored.
func (a *answered) add(responses []*observation.Response) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.urls == nil {
		return
	}
	for _, r := range responses {
		a.urls[xxhash.Sum64String(r.URL)] = struct{}{}
	}
}
