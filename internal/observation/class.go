// Package observation holds the plain values that travel between collectors,
// the store and the pages: what a source said, how a run went, and what a page
// or an export asks and gets. It imports nothing of Pyrometer.
package observation

import "errors"

// Class is the closed set of ways in which asking a source can fail. The retry
// rule, the metric label and the stored error_class all come from it.
type Class string

// The failure classes. ClassNone is the class of success.
const (
	ClassNone        Class = ""
	ClassNotFound    Class = "not_found"    // the source says there is no such thing (404, 410)
	ClassRateLimited Class = "rate_limited" // 429, or 403/503 with Retry-After
	ClassUnavailable Class = "unavailable"  // 5xx, reset, refused, no route, DNS
	ClassTimeout     Class = "timeout"      // a deadline of ours passed
	ClassMalformed   Class = "malformed"    // an answer that cannot be read: truncated, HTML for JSON, over the size cap
	ClassEmpty       Class = "empty"        // an empty or sharply smaller answer, which is a failure and not data
	ClassRefused     Class = "refused"      // 4xx other than the above: the source will not answer this request
	ClassInternal    Class = "internal"     // ours: the store, a panic, a cancelled run
)

// Classes lists every failure class in the order used by metrics and pages.
func Classes() []Class {
	return []Class{ClassNotFound, ClassRateLimited, ClassUnavailable, ClassTimeout, ClassMalformed, ClassEmpty, ClassRefused, ClassInternal}
}

// Retryable reports whether the same request may succeed when it is repeated
// within the same run: only rate limits, unavailability and timeouts.
func (c Class) Retryable() bool {
	return c == ClassRateLimited || c == ClassUnavailable || c == ClassTimeout
}

// Error is a failure with its class. Op says what was being asked, in the
// words of the source: a URL, a file name, a record id.
type Error struct {
	Class Class
	Op    string
	Err   error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Op + ": " + string(e.Class)
	}
	return e.Op + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of err: that of the outermost *Error in its chain,
// ClassNone for nil, ClassInternal for everything else.
func ClassOf(err error) Class {
	if err == nil {
		return ClassNone
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ClassInternal
}
