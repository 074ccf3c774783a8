package scorecard

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
)

// askAgain is how many days an answer holds before the repository is asked for
// again: a week, less a day so that a weekly run that starts a little early does
// not pass everything over.
const askAgain = 6

// cursor remembers which repositories answered on which day, so that a run asks
// only for those that are new, failed last time, or are due again.
type cursor struct {
	// Answered maps a day to the FNV-1a hashes, 8 hexadecimal digits each, of the
	// repositories that answered on it, 404 included. The hashes keep the cursor
	// small; two repositories of one hash cost one of them a week at the most.
	Answered map[string]string `json:"answered"`
	// Through is the newest date of a result.
	Through time.Time `json:"through"`
}

const hashDigits = 8

func hashOf(repository string) string {
	h := fnv.New32a()
	h.Write([]byte(repository))
	return fmt.Sprintf("%08x", h.Sum32())
}

// readCursor returns the hashes of what answered less than askAgain days before
// now, with the day, and the newest date of a result.
func readCursor(c collectors.Cursor, now time.Time) (answered map[string]string, through time.Time, err error) {
	answered = map[string]string{}
	var cur cursor
	if err := c.Read(Name, &cur); err != nil {
		return nil, through, err
	}
	due := day(now.AddDate(0, 0, -askAgain))
	for day, hashes := range cur.Answered {
		for ; day > due && len(hashes) >= hashDigits; hashes = hashes[hashDigits:] {
			answered[hashes[:hashDigits]] = day
		}
	}
	return answered, cur.Through, nil
}

// writeCursor is the inverse of readCursor.
func writeCursor(answered map[string]string, through time.Time) collectors.Cursor {
	hashes := make([]string, 0, len(answered))
	for h := range answered {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	cur := cursor{Answered: map[string]string{}, Through: through}
	for _, h := range hashes {
		cur.Answered[answered[h]] += h
	}
	return collectors.NewCursor(cur)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
