package observation

// HitKind is the kind of thing that a search found.
type HitKind string

// The kinds of hits, in the order in which they stand at the same rank.
const (
	HitProject    HitKind = "project"
	HitRepository HitKind = "repository"
	HitAdvisory   HitKind = "advisory"
)

// Hit is one thing that a search found.
type Hit struct {
	Kind     HitKind
	Text     string // the name as registered, host/owner/name, or the name of the group
	Exact    bool   // the text asked for is its name, or one of its names
	Project  string // normalised: the project, or the most downloaded one of a repository
	Group    string // id of an advisory group
	Matched  string // the id that matched, of an advisory that bears another name
	Rank     int    // of the project, or the best of its projects; 0 unranked
	Projects int    // of a repository or advisory
	Malware  bool   // a malware report, or a project known from such reports alone
	Live     bool   // of an advisory: not withdrawn
	Severity string // of an advisory: critical, high, medium, low, none or unknown
	Score    *float64
}
