package store

import (
	"context"
	stdsql "database/sql"
	"errors"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Response returns what is remembered of the last answer of a URL. The second
// value is false when nothing is.
func (s *Store) Response(ctx context.Context, url string) (observation.Response, bool, error) {
	var r observation.Response
	var status uint16
	var bytes uint64
	err := s.retry(ctx, func() error {
		return s.queryRow(ctx, "responses.of_url", []any{&r.URL, &r.ETag, &r.LastModified, &r.SHA256, &status, &bytes, &r.FetchedAt}, param("url", url))
	})
	if errors.Is(err, stdsql.ErrNoRows) {
		return observation.Response{}, false, nil
	}
	r.Status, r.Bytes = int(status), int64(bytes)
	return r, err == nil, err
}
