package collectors

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// smallestPercent is the least that a whole list may have of the last accepted
// one, in percent. Lists of this kind grow or stay; a list that loses more than
// a tenth between two readings is a fault of the source.
const smallestPercent = 90

// ErrShrunk is in the chain of a failure that stands until its source is asked
// afresh, when what it has lost is lost for good.
var ErrShrunk = errors.New("a sharply smaller answer is not taken as data")

// CheckSize is the guard of every answer that is a whole list: it returns an
// error of ClassEmpty when got is 0 or less than 90 % of the last accepted
// count; in the second case it is an ErrShrunk. last is 0 when none was accepted yet. op is what was asked, what names
// the things counted.
func CheckSize(op, what string, got, last int) error {
	var err error
	switch {
	case got == 0:
		err = fmt.Errorf("the answer has no %s", what)
	case got*100 < last*smallestPercent:
		err = fmt.Errorf("the answer has %d %s, the last accepted one had %d: %w", got, what, last, ErrShrunk)
	default:
		return nil
	}
	return &observation.Error{Class: observation.ClassEmpty, Op: op, Err: err}
}

// Malformed returns an error of ClassMalformed: op answered something that
// cannot be read.
func Malformed(op string, err error) error {
	return &observation.Error{Class: observation.ClassMalformed, Op: op, Err: err}
}

// NewReject keeps the text of a record that could not be read, as valid UTF-8
// and cut to observation.MaxRejectText bytes.
func NewReject(object, reason, text string) *observation.Reject {
	return &observation.Reject{Object: object, Reason: reason, Text: CutText(text, observation.MaxRejectText)}
}

// CutText returns s as valid UTF-8 without NUL of at most limit bytes.
func CutText(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// A Breaker ends a run over many objects of one source when the source stops
// answering, so that a source that is down is not asked thousands of times. It
// may be used by several goroutines.
type Breaker struct {
	Limit int // failures in a row that end the run

	mu  sync.Mutex
	row int
}

// Note counts err, the outcome of asking for one object. It returns nil to go
// on, or the error that ends the run: after Limit failures in a row, and at once
// for a failure of our own (ClassInternal). That the source has no such object
// is an answer and no failure; an answer starts the count again.
func (b *Breaker) Note(err error) error {
	class := observation.ClassOf(err)
	b.mu.Lock()
	defer b.mu.Unlock()
	switch class {
	case observation.ClassNone, observation.ClassNotFound:
		b.row = 0
		return nil
	case observation.ClassInternal:
		return err
	}
	b.row++
	if b.row < b.Limit {
		return nil
	}
	return &observation.Error{Class: class, Op: "collecting", Err: fmt.Errorf("stopped after %d failures in a row, the last: %w", b.row, err)}
}

// NothingKnown is the report of a source whose questions come from another that
// has stored nothing yet. It is partial, so that the run says why it asked
// nothing and is retried before its next regular time; the cursor stays.
func NothingKnown(in Input, what, first string) Report {
	return Report{Cursor: in.Cursor, Partial: true, Note: fmt.Sprintf("Nothing was asked: no %s is known yet; %s comes first.", what, first)}
}

// Names writes up to five names for a note, and how many more there are.
func Names(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
