package pypiscorecards

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const (
	maxFile     = 32 << 20 // bytes of one weekly file; 0.8 MB in 2026
	maxUnpacked = 8 << 30  // bytes of the archive, unpacked; 128 MB in 2026
)

// brokenError is a fault of reading the archive, not of what it says or of
// whoever takes the results: reading it again may help.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// broken gives a fault of the stream its class: the client's own, or malformed
// for what gzip and tar cannot read.
func broken(err error) error {
	var e *observation.Error
	if !errors.As(err, &e) {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the archive is cut short")
		}
		err = collectors.Malformed(archiveURL, fmt.Errorf("reading the archive: %w", err))
	}
	return &brokenError{err}
}

// archive reads the tarball, one file at a time, and emits what is new.
func (r *run) archive(ctx context.Context, body io.Reader) error {
	zip, err := gzip.NewReader(body)
	if errors.Is(err, gzip.ErrHeader) {
		return collectors.Malformed(archiveURL, errors.New("the answer is not a gzip file"))
	}
	if err != nil {
		return broken(err)
	}
	files := tar.NewReader(collectors.Capped(zip, maxUnpacked))
	var buf bytes.Buffer
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		header, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return broken(err)
		}
		day, ok := fileDay(header)
		if !ok {
			continue
		}
		name := path.Join("data", path.Base(header.Name))
		if header.Size > maxFile {
			if err := r.refuse(ctx, name, fmt.Errorf("it has %d bytes, more than the %d allowed", header.Size, maxFile), nil); err != nil {
				return err
			}
			continue
		}
		buf.Reset()
		if _, err := buf.ReadFrom(files); err != nil {
			return broken(err)
		}
		if err := r.file(ctx, name, day, buf.Bytes()); err != nil {
			return err
		}
	}
	// The end of the body tells whether it is as long as announced, and gives its hash.
	for _, rest := range []io.Reader{zip, body} {
		if _, err := io.Copy(io.Discard, rest); err != nil {
			return broken(err)
		}
	}
	return nil
}

// fileDay returns the date of a weekly file, top/data/YYYY-MM-DD.csv. Everything
// else in the archive is passed over, the pax header with the commit among it.
func fileDay(h *tar.Header) (time.Time, bool) {
	if ok, _ := path.Match("*/data/*.csv", h.Name); !ok || h.Typeflag != tar.TypeReg {
		return time.Time{}, false
	}
	day, err := time.Parse(time.DateOnly+".csv", path.Base(h.Name))
	return day, err == nil
}

// file emits the results of one file unless they are stored already. data is
// only borrowed.
func (r *run) file(ctx context.Context, name string, day time.Time, data []byte) error {
	date := day.Format(time.DateOnly)
	if r.done[date] {
		return nil
	}
	r.in.Progress(len(r.done), 0, name)
	hash := sha256.Sum256(data)
	sum := hex.EncodeToString(hash[:len(hash)/2])
	if r.files[date].Sum == sum {
		r.done[date] = true
		r.report.Unchanged++
		return nil
	}
	s, err := r.parser.parse(name, day, data)
	if err == nil && day.After(r.in.Now) {
		err = errors.New("its date lies in the future")
	}
	if err == nil {
		err = collectors.CheckSize(name, "rows", len(s.results), r.rowsBefore(date))
	}
	if err != nil {
		r.done[date] = true
		return r.refuse(ctx, name, err, data)
	}
	if err := r.send(ctx, day, s); err != nil {
		return err
	}
	r.done[date] = true
	r.files[date] = stored{Sum: sum, Rows: len(s.results)}
	return nil
}

// rowsBefore returns the rows of the newest accepted file before date, 0
// without one.
func (r *run) rowsBefore(date string) int {
	newest, rows := "", 0
	for d, f := range r.files {
		if d < date && d > newest {
			newest, rows = d, f.Rows
		}
	}
	return rows
}
