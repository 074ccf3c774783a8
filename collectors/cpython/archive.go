package cpython

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/pyrometer-dev/pyrometer/collectors"
)

const (
	maxArchive  = 64 << 20  // bytes as they are sent; 50 KB in 2024
	maxUnpacked = 128 << 20 // bytes unpacked; 1 MB in 2024
	maxEntries  = 200_000   // files and folders of the archive
	maxRecord   = 1 << 20   // bytes of one record
)

// record is one file of the archive. data is nil when the file is larger than
// maxRecord.
type record struct {
	name string // advisories/python/….json
	size int64
	data []byte
}

// unpack returns the records of the archive, in its order. Any fault of the
// archive is malformed: half of it is not all records.
func unpack(ctx context.Context, body []byte) ([]record, error) {
	zip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, collectors.Malformed(archiveURL, errors.New("the answer is not a gzip file"))
	}
	var records []record
	unpacked := collectors.Capped(zip, maxUnpacked)
	files := tar.NewReader(unpacked)
	top := ""
	for entries := 0; ; entries++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		header, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		if entries == maxEntries {
			return nil, collectors.Malformed(archiveURL, fmt.Errorf("the archive has more than %d entries", maxEntries))
		}
		folder, name, ok := recordName(header)
		if !ok || top != "" && folder != top {
			continue
		}
		top = folder
		r := record{name: name, size: header.Size}
		if header.Size <= maxRecord {
			if r.data, err = io.ReadAll(files); err != nil {
				return nil, broken(err)
			}
		}
		records = append(records, r)
	}
	// The checksum of the whole comes at its end.
	if _, err := io.Copy(io.Discard, unpacked); err != nil {
		return nil, broken(err)
	}
	return records, nil
}

// recordName tells a record from everything else in the archive (the pax header
// with the commit, folders, links, names that lead elsewhere) and returns its one
// top folder and its path below that.
func recordName(h *tar.Header) (top, name string, ok bool) {
	if h.Typeflag != tar.TypeReg || path.Clean(h.Name) != h.Name {
		return "", "", false
	}
	top, name, _ = strings.Cut(h.Name, "/")
	ok, _ = path.Match("advisories/python/*.json", name)
	return top, name, ok && top != "" && top != ".."
}

// broken is the failure of an archive that cannot be read to its end.
func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it is cut short")
	}
	return collectors.Malformed(archiveURL, fmt.Errorf("reading the archive: %w", err))
}
