package observation

import "time"

// RunState is the state of one run of one collector.
type RunState string

// The states of a run. Partial means that the source was read to its end but
// something was rejected or skipped beyond what is normal; the cursor moved.
const (
	RunRunning RunState = "running"
	RunOK      RunState = "ok"
	RunPartial RunState = "partial"
	RunFailed  RunState = "failed"
)

// Run is the record of one run: opened first with state running, closed last.
type Run struct {
	ID         string // UUID
	Collector  string
	StartedAt  time.Time
	FinishedAt time.Time // zero while running
	State      RunState
	Rows       uint64 // rows stored
	Unchanged  uint64 // objects asked about that had not changed
	Skipped    uint64 // objects left out on purpose, or missing at the source
	Rejects    uint64 // records refused and kept with their text
	ErrorClass Class
	Error      string
	Note       string    // why a run is partial or what it skipped, in one or two sentences
	Cursor     string    // the cursor after the run; equal to the one before when the run failed
	Through    time.Time // newest source time seen: "data through"
	Upstream   string    // live, mirror, simulated
	Version    string    // Pyrometer's version
	Project    string    // the one project that was asked about, "" for a whole run
}

// Counts is what the writer of a run has stored so far.
type Counts struct {
	Rows      uint64      // durable rows of every table but rejects and responses
	Unchanged uint64      // objects and complete lists equal to their stored version
	Rejects   uint64      // refused records that were kept
	Days      []time.Time // days of the rank lists and Scorecard results, in order
}

// Reject is one piece of input that could not be read, kept with its text.
type Reject struct {
	Object string // file, URL or record id
	Reason string
	Text   string // the offending text, cut to MaxRejectText bytes
}

// MaxRejectText is the most of a rejected record's text that is kept, in bytes.
const MaxRejectText = 16 << 10

// Response remembers the validators of one URL, so that the next request can be
// conditional (RFC 9110 section 13).
type Response struct {
	URL          string
	ETag         string
	LastModified string
	SHA256       string
	Status       int
	Bytes        int64
	FetchedAt    time.Time
}
