package observation

import "time"

// Cause says what a dated change is a change of.
type Cause string

// The causes. What cannot be told apart is not laid on the project: a score that
// moved under another version of the tool counts as a change of the tool.
const (
	CauseProject Cause = "project"
	CauseTool    Cause = "tool"   // Scorecard: its version or its checks, or files that did not change scored otherwise
	CauseSource  Cause = "source" // what a source holds, lost or imported
)

// Causes lists the causes.
func Causes() []Cause { return []Cause{CauseProject, CauseTool, CauseSource} }

// ChangeKind is one of the kinds of DatedChange.
type ChangeKind string

// The kinds of change, in the order in which pages show them. Those of sources that
// went stale or came back are not stored: they follow from the runs and the time.
const (
	KindDisclosed   ChangeKind = "disclosed"    // a live vulnerability group was disclosed, to the day
	KindExploited   ChangeKind = "exploited"    // one of its CVEs was added to KEV
	KindMalware     ChangeKind = "malware"      // a malware report was published
	KindRange       ChangeKind = "range"        // the latest release entered or left an affected range
	KindCheck       ChangeKind = "check"        // a score crossed 8 or moved by 2 or more
	KindAggregate   ChangeKind = "aggregate"    // the core aggregate moved by 1 or more
	KindAttestation ChangeKind = "attestation"  // provenance gained, lost, or of another publisher
	KindStatus      ChangeKind = "status"       // another status by PEP 792, or gone from the index
	KindOrg         ChangeKind = "organization" // another organization on PyPI
	KindOwners      ChangeKind = "owners"       // other users with the role Owner
	KindRank        ChangeKind = "rank"         // a project entered or left a cohort by rank
	KindImported    ChangeKind = "imported"     // a group came into PYSEC on a day of import
	KindArrived     ChangeKind = "arrived"      // this store first knew a group long after its disclosure
	KindWithdrawn   ChangeKind = "withdrawn"    // all records of a group are withdrawn
	KindEPSS        ChangeKind = "epss"         // an EPSS score passed 0.1
	KindVersion     ChangeKind = "version"      // the first result of a version of Scorecard
	KindBreak       ChangeKind = "break"        // a break of the ledger, or found by rule
	KindSuspect     ChangeKind = "suspect"      // an observation that is left out
	KindLoss        ChangeKind = "loss"         // a check that is left out of an observation
	KindImport      ChangeKind = "import"       // a day on which a database imported records
	KindStale       ChangeKind = "stale"        // a source went stale
	KindBack        ChangeKind = "back"         // a source that was stale is not any more
)

// DatedChange is one change of one project, of the tool or of a source, with its
// date by the source's time.
type DatedChange struct {
	Kind     ChangeKind
	Cause    Cause
	On       time.Time
	BeforeOn time.Time // date of what it is compared with, zero without
	Project  string    // "" when no single one is concerned
	// Rank is that in the newest list on or before the day, RankBefore of KindRank
	// that in the list before; 0 is outside the list.
	Rank, RankBefore int
	Item             string // check, group id, database, version of the tool …
	Name             string // of the item, for people
	Severity         string // of a group
	What             string // of kinds that have several: gained, lost, entered, left …
	Version          string // release in which it shows
	From, To         string // "" is none
	Checks           string // of an aggregate: those that moved it, with what they did to it
	Why              string // what decided the cause, or explains the change
	// Of scores: what was scored, "" when the source does not say.
	Repository string
	Commits    [2]string
}

// ChangesQuery asks for the changes of one cohort, newest first, of one day by
// rank. A change without a project is one of every cohort. Kind, Cause and Project
// are any when empty.
type ChangesQuery struct {
	Cohort  Cohort
	Since   time.Time // first day
	Kind    ChangeKind
	Cause   Cause
	Project string
	Apart   bool // those of no single project only
	Limit   int  // 0: all
	Offset  int
}

// ChangeCount counts changes, and the different projects that they are of.
type ChangeCount struct {
	Kind     ChangeKind // "" of the total of a cause
	Cause    Cause
	Changes  int
	Projects int
	What     map[string]int // of kinds that have several
}

// ChangeCounts counts the changes of one cohort since a day.
type ChangeCounts struct {
	Known    bool      // false until changes were put together for the first time
	KeptFrom time.Time // first day of which changes are kept, zero: of all
	ListOn   time.Time // the newest rank list, zero without
	List     int       // its length
	Causes   map[Cause]ChangeCount
	Kinds    []ChangeCount // by kind and cause
}

// LateRun is a good run of a collector that ended when what it had before was
// already stale.
type LateRun struct {
	Collector string
	Before    time.Time // as of which the source was before
	AsOf      time.Time // and is by this run
	At        time.Time // end of the run
}

// StaleAfter is how old what a source has may grow before it is stale: twice its
// period, and at least two days.
func StaleAfter(period time.Duration) time.Duration { return max(2*period, 48*time.Hour) }
