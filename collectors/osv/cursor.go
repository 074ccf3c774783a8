package osv

import (
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
)

// decoder numbers the versions of Decode. A new one reads what its predecessor
// refused.
const decoder = 1

// maxRefused bounds the cursor.
const maxRefused = 2000

// cursor is what one run leaves for the next.
type cursor struct {
	Records int       `json:"records"` // how many the source listed
	Through time.Time `json:"through"`
	Decoder int       `json:"decoder"`
	// ArchiveAt is the time of the run that last compared the whole archive with
	// what is stored; zero: it is due.
	ArchiveAt time.Time `json:"archive_at"`
	// Refused holds the ids whose record is of no use to us, with the modified
	// that it had: it is asked for again only when that changes.
	Refused map[string]time.Time `json:"refused,omitempty"`
}

// readCursor takes what lies after now as unset: the clock of an earlier run was
// ahead, and nothing must wait until it is right.
func readCursor(c collectors.Cursor, now time.Time) (cursor, error) {
	var cur cursor
	if err := c.Read(Name, &cur); err != nil {
		return cur, err
	}
	if cur.Decoder != decoder {
		cur.Refused, cur.ArchiveAt = nil, time.Time{}
	}
	if cur.ArchiveAt.After(now) {
		cur.ArchiveAt = time.Time{}
	}
	if cur.Through.After(now) {
		cur.Through = time.Time{}
	}
	cur.Decoder = decoder
	return cur, nil
}
