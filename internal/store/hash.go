package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/cespare/xxhash/v2"
)

// hasher hashes fields one after the other. Each is written with its length, so
// that no two lists of fields look alike. What it computes is stored as
// content_hash: with another order or encoding every version would be written
// once more. The zero hasher is ready.
type hasher struct {
	digest xxhash.Digest // of what no longer is in buf
	begun  bool          // digest is in use
	buf    []byte
}

// flushAt is when the buffer goes to the digest, in bytes.
const flushAt = 8 << 10

// sum returns the hash of the fields since the last sum.
func (h *hasher) sum() uint64 {
	h.flush()
	h.begun = false
	return h.digest.Sum64()
}

func (h *hasher) flush() {
	if !h.begun {
		h.digest.Reset()
		h.begun = true
	}
	_, _ = h.digest.Write(h.buf) // never fails
	h.buf = h.buf[:0]
}

func (h *hasher) uint(v uint64) {
	h.buf = binary.AppendUvarint(h.buf, v)
}

func (h *hasher) string(s string) {
	h.uint(uint64(len(s)))
	h.buf = append(h.buf, s...)
	if len(h.buf) >= flushAt {
		h.flush()
	}
}

func (h *hasher) strings(list []string) {
	h.uint(uint64(len(list)))
	for _, s := range list {
		h.string(s)
	}
}

// time hashes microseconds; a time that is not known differs from every other.
func (h *hasher) time(t time.Time) {
	if !storable(t) {
		h.uint(0)
		return
	}
	h.uint(1)
	h.uint(uint64(t.UnixMicro()))
}

// values hashes values of the types that version tables have.
func (h *hasher) values(values []any) {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			h.string(v)
		case []string:
			h.strings(v)
		case uint8:
			h.uint(uint64(v))
		case uint64:
			h.uint(v)
		case time.Time:
			h.time(v)
		case *time.Time:
			h.time(timeOf(v))
		default:
			panic(fmt.Sprintf("store: no version table has a column of type %T", v))
		}
	}
}

func (h *hasher) float(f *float64) {
	if f == nil {
		h.uint(0)
		return
	}
	h.uint(1)
	h.uint(uint64(math.Float32bits(float32(*f))))
}
