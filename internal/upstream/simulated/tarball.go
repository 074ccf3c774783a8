package simulated

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"time"
)

// tarball packs an archive of a repository as its host does: a pax header that
// names the commit, one top folder, everything of the same age. It writes to out,
// which is the buffer of the stream at hand.
type tarball struct {
	out   *bytes.Buffer
	zip   *gzip.Writer
	tar   *tar.Writer
	stamp time.Time
}

func newTarball(stamp time.Time) *tarball {
	t := &tarball{stamp: stamp}
	t.zip, _ = gzip.NewWriterLevel(writerFunc(func(p []byte) (int, error) { return t.out.Write(p) }), gzip.BestSpeed) // the level is a valid one
	t.tar = tar.NewWriter(t.zip)
	return t
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// head writes what comes before the data: the top folder, a README, and the
// folders below the top.
func (t *tarball) head(top, commit, readme string, folders ...string) error {
	err := t.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": commit}})
	err = cmp.Or(err, t.folder(top), t.file(top+"README.md", []byte(readme)))
	for _, name := range folders {
		err = cmp.Or(err, t.folder(top+name))
	}
	return err
}

func (t *tarball) folder(name string) error {
	return t.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o775, ModTime: t.stamp})
}

func (t *tarball) file(name string, body []byte) error {
	if err := t.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o664, Size: int64(len(body)), ModTime: t.stamp}); err != nil {
		return err
	}
	_, err := t.tar.Write(body)
	return err
}

func (t *tarball) close() error { return cmp.Or(t.tar.Close(), t.zip.Close()) }
