package collectors

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestCapped(t *testing.T) {
	for _, wrap := range []func(io.Reader) io.Reader{
		func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader,
	} {
		for n, want := range map[int]bool{0: true, 9: true, 10: true, 11: false, 1000: false} {
			all, err := io.ReadAll(Capped(wrap(strings.NewReader(strings.Repeat("x", n))), 10))
			if (err == nil) != want || want && len(all) != n {
				t.Errorf("%d bytes of 10: read %d, error %v", n, len(all), err)
			}
		}
	}
	if _, err := io.ReadAll(Capped(iotest.ErrReader(io.ErrUnexpectedEOF), 10)); err != io.ErrUnexpectedEOF {
		t.Errorf("error %v", err)
	}
}
