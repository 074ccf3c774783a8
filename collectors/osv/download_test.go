package osv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// broken is a source whose archive breaks off the first few times.
type broken struct {
	archive []byte
	breaks  int
	asked   int
}

var errReset = &observation.Error{Class: observation.ClassUnavailable, Op: "GET " + archiveURL, Err: errors.New("connection reset")}

func (b *broken) Get(context.Context, upstream.Request) (*upstream.Response, error) {
	b.asked++
	if b.asked > b.breaks {
		return &upstream.Response{Body: io.NopCloser(bytes.NewReader(b.archive))}, nil
	}
	half := bytes.NewReader(b.archive[:len(b.archive)/2])
	return &upstream.Response{Body: io.NopCloser(io.MultiReader(half, failing{}))}, nil
}

func (*broken) ReadAll(context.Context, upstream.Request) ([]byte, *upstream.Response, error) {
	return nil, nil, errReset
}

func (*broken) Concurrency(string) int { return 1 }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errReset }

func TestArchiveThatBreaksOff(t *testing.T) {
	data := archive(t, entry{"PYSEC-2024-1.json", record("PYSEC-2024-1", "2024-01-01T00:00:00Z")})
	for breaks, want := range []observation.Class{observation.ClassNone, observation.ClassNone, observation.ClassNone, observation.ClassUnavailable} {
		source := &broken{archive: data, breaks: breaks}
		n := 0
		in := collectors.Input{Now: now, Catalog: collecttest.Catalog{}, Progress: func(int, int, string) {}}
		_, err := New(source).Collect(context.Background(), in, func(context.Context, observation.Observation) error { n++; return nil })
		if observation.ClassOf(err) != want || (err == nil) != (n == 1) || source.asked > downloads {
			t.Errorf("%d breaks: %v after asking %d times, %d records", breaks, err, source.asked, n)
		}
	}
}
