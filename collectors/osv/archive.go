package osv

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	maxArchive  = 256 << 20 // bytes of the archive; it has about 35 MB
	maxEntries  = 1_000_000 // records in it
	maxUnpacked = 1 << 30   // bytes of all records together
	downloads   = 3         // tries to get the archive whole
)

// archive reads every record of the archive, which lies in a temporary file
// meanwhile: one record at a time is in memory. listed is what the list of
// changes says, nil when it was not read. With conditional an archive that has
// not changed since it was last compared is not sent again.
//
// The stored records that the archive no longer holds are emitted as gone, but
// for those that the list names with a newer modified, or that are still there
// when they are asked for; and so are those that it
// holds as records of something else than PyPI. mayDrop says how many they may
// be. Before those of the first kind nothing is emitted.
func (r *run) archive(ctx context.Context, listed []change, conditional bool) error {
	file, err := os.CreateTemp("", "pyrometer-osv-*.zip")
	if err != nil {
		return fmt.Errorf("osv: a temporary file for the archive: %w", err)
	}
	defer func() {
		file.Close()
		os.Remove(file.Name())
	}()
	r.in.Progress(0, 0, "archive of all records")
	size, resp, err := r.download(ctx, file, conditional)
	if err != nil {
		return err
	}
	if !resp.NotModified {
		entries, err := openArchive(file, size)
		if err != nil {
			return err
		}
		wanted := 0
		for _, f := range entries {
			if id, ok := entryID(f); ok && isWanted(id) {
				wanted++
			}
		}
		if err := r.checkSize(archiveURL, wanted); err != nil {
			return err
		}
		gone, err := r.vanished(entries, listed)
		if err != nil {
			return err
		}
		if gone, err = r.unlessThere(ctx, gone, listed); err != nil {
			return err
		}
		if err := r.unpack(ctx, entries, listed); err != nil {
			return err
		}
		r.deleted, r.unpacked = gone, true
		if err := r.dropLeft(ctx); err != nil {
			return err
		}
		if err := r.drop(ctx, gone); err != nil {
			return err
		}
		for _, c := range listed {
			if _, found := slices.BinarySearch(gone, c.id); found {
				r.refuse(c.id, c.modified) // the list names it still: it would be 404
			}
		}
	}
	r.next.ArchiveAt = r.in.Now
	if record := resp.Record(); record != nil {
		return r.emit(ctx, record)
	}
	return nil
}

// vanished returns the ids of the stored records that are not in the archive,
// sorted.
func (r *run) vanished(entries []*zip.File, listed []change) ([]string, error) {
	there := make(map[string]bool, len(entries))
	for _, f := range entries {
		if id, ok := entryID(f); ok {
			there[id] = true
		}
	}
	for _, c := range listed {
		if modified, ok := r.stored[c.id]; ok && c.modified.After(modified) && !equal(c.modified, modified) {
			there[c.id] = true // written again after the archive was
		}
	}
	var gone []string
	for id := range r.stored {
		if !there[id] {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	return gone, r.mayDrop(gone)
}

// unlessThere leaves out of gone what the list still names and the source still
// has: the archive may be older than the list.
func (r *run) unlessThere(ctx context.Context, gone []string, listed []change) ([]string, error) {
	var there []string
	var mu sync.Mutex
	doubtful := slices.DeleteFunc(slices.Clone(listed), func(c change) bool {
		_, found := slices.BinarySearch(gone, c.id)
		return !found
	})
	err := collectors.ForEach(ctx, r.source.Concurrency(baseURL), doubtful, func(ctx context.Context, c change) error {
		_, _, err := r.source.ReadAll(ctx, upstream.Request{URL: baseURL + c.id + ".json", MaxBytes: maxRecord, ExpectJSON: true})
		if stop := r.breaker.Note(err); stop != nil || ctx.Err() != nil {
			return errors.Join(stop, ctx.Err())
		}
		if observation.ClassOf(err) != observation.ClassNotFound {
			mu.Lock()
			there = append(there, c.id)
			mu.Unlock()
		}
		return nil
	})
	return slices.DeleteFunc(gone, func(id string) bool { return slices.Contains(there, id) }), err
}

// download copies the archive to file. The client repeats a request that is
// not answered; a body that breaks off is repeated here.
func (r *run) download(ctx context.Context, file *os.File, conditional bool) (size int64, resp *upstream.Response, err error) {
	for range downloads {
		if size, resp, err = r.copyTo(ctx, file, conditional); err == nil || !brokeOff(err) || ctx.Err() != nil {
			return size, resp, err
		}
	}
	return 0, nil, err
}

// errBody marks a failure after the answer had begun.
type errBody struct{ error }

func (e errBody) Unwrap() error { return e.error }

func brokeOff(err error) bool {
	_, ok := errors.AsType[errBody](err)
	return ok
}

func (r *run) copyTo(ctx context.Context, file *os.File, conditional bool) (int64, *upstream.Response, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, nil, err
	}
	if err := file.Truncate(0); err != nil {
		return 0, nil, err
	}
	resp, err := r.source.Get(ctx, upstream.Request{URL: archiveURL, MaxBytes: maxArchive, Conditional: conditional})
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(file, resp.Body)
	if err != nil {
		return 0, nil, errBody{err}
	}
	return n, resp, nil
}

// openArchive lists the records of an archive.
func openArchive(file io.ReaderAt, size int64) ([]*zip.File, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, collectors.Malformed(archiveURL, fmt.Errorf("the answer (%d bytes) is not a whole zip archive: %w", size, err))
	}
	if len(archive.File) > maxEntries {
		return nil, collectors.Malformed(archiveURL, fmt.Errorf("the archive has %d entries, more than the %d allowed", len(archive.File), maxEntries))
	}
	var entries []*zip.File
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") {
			entries = append(entries, f)
		}
	}
	return entries, nil
}

// unpack reads the entries on all processors and emits them in their order, so
// that a repeated run emits the same. Of two entries with one id the later
// modified counts. The name of an entry is only ever a name.
func (r *run) unpack(ctx context.Context, entries []*zip.File, listed []change) error {
	total := len(entries)
	modified := make(map[string]time.Time, len(listed))
	for _, c := range listed {
		modified[c.id] = c.modified
	}
	seen := make(map[string]bool, total)
	again := make(map[string][]*zip.File) // the further entries of an id
	var wanted []*zip.File
	for _, f := range entries {
		switch id, ok := entryID(f); {
		case !ok:
			if err := r.reject(ctx, collectors.CutText(f.Name, maxID), "the name of an archive's entry is not that of a record", f.Name); err != nil {
				return err
			}
		case !isWanted(id):
			r.foreign[prefix(id)]++
		case seen[id]:
			again[id] = append(again[id], f)
		default:
			seen[id] = true
			wanted = append(wanted, f)
		}
	}
	r.done = total - len(wanted)
	unpacked := 0
	for page := range pages(ctx, wanted) {
		for _, d := range page {
			if err := ctx.Err(); err != nil {
				return err
			}
			for _, other := range readPage(ctx, again[d.id]) {
				r.twice++
				d = later(d, other)
			}
			if d.err != nil && errors.Is(d.err, errDamaged) {
				return collectors.Malformed(archiveURL, fmt.Errorf("the archive is damaged at %s: %w", d.id, d.err))
			}
			if unpacked += d.size; unpacked > maxUnpacked {
				return collectors.Malformed(archiveURL, fmt.Errorf("the archive unpacks to more than %d bytes", maxUnpacked))
			}
			if err := r.take(ctx, d, modified[d.id]); err != nil {
				return err
			}
			r.progress(total, "records")
		}
	}
	return ctx.Err()
}

// later returns the record of two with one id that was modified later, the
// first of equal ones; one that can be read before one that cannot.
func later(a, b decoded) decoded {
	size := a.size + b.size
	if a.record == nil && b.record != nil || a.record != nil && b.record != nil && b.record.Modified.After(a.record.Modified) {
		a = b
	}
	a.size = size
	return a
}

func entryID(f *zip.File) (id string, ok bool) {
	id, ok = strings.CutSuffix(f.Name, ".json")
	return id, ok && isID(id)
}

// pageSize is how many records one goroutine decodes at a time.
const pageSize = 128

// pages decodes entries in parallel and yields them page by page in their
// order. Only a few pages are in memory.
func pages(ctx context.Context, entries []*zip.File) iter.Seq[[]decoded] {
	return func(yield func([]decoded) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		queue := make(chan chan []decoded, runtime.GOMAXPROCS(0))
		go func() {
			defer close(queue)
			for part := range slices.Chunk(entries, pageSize) {
				page := make(chan []decoded, 1)
				select {
				case queue <- page:
				case <-ctx.Done():
					return
				}
				go func() { page <- readPage(ctx, part) }()
			}
		}()
		for page := range queue {
			if !yield(<-page) {
				return
			}
		}
	}
}

func readPage(ctx context.Context, entries []*zip.File) []decoded {
	out := make([]decoded, 0, len(entries))
	var buf []byte
	for _, f := range entries {
		if ctx.Err() != nil {
			break
		}
		id, _ := entryID(f)
		var err error
		if buf, err = readEntry(f, buf[:0]); err != nil {
			out = append(out, decoded{id: id, err: err, size: len(buf)})
			continue
		}
		out = append(out, decode(id, buf))
	}
	return out
}

var (
	errTooLarge = fmt.Errorf("the record has more than %d bytes", maxRecord)
	errDamaged  = errors.New("it cannot be unpacked")
)

// readEntry appends an entry's content to buf.
func readEntry(f *zip.File, buf []byte) ([]byte, error) {
	if f.UncompressedSize64 > maxRecord {
		return buf, errTooLarge
	}
	rc, err := f.Open()
	if err != nil {
		return buf, fmt.Errorf("%w: %w", errDamaged, err)
	}
	defer rc.Close()
	limited := io.LimitReader(rc, maxRecord+1)
	buf = slices.Grow(buf, int(f.UncompressedSize64)+1) // one more, to see the end
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := limited.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return buf, fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	if len(buf) > maxRecord {
		return buf, errTooLarge
	}
	return buf, nil
}
