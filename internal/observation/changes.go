package observation

import "time"

// Cause says what a dated change is a change of.
type Cause string

// The causes. What cannot be told apart is not laid on the project: a score that
// moved under another version of the tool counts as a change of the tool.
const (
	CauseProject Cause = "project"
	CauseTool    Cause = "tool"   // Scorecard: its version, its checks, or the same commit scored again
	CauseSource  Cause = "source" // what a source holds, lost or imported
)

// ChangeKind is one of the kinds of DatedChange.
type ChangeKind string

// The kinds of change, in the order in which pages show them.
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
)

// RankedProject is a project and its rank on the day of a change, 0 outside the
// list.
type RankedProject struct {
	Name string
	Rank int
}

// DatedChange is one change with its date, by the source's time.
type DatedChange struct {
	Kind     ChangeKind
	Cause    Cause
	On       time.Time
	BeforeOn time.Time       // date of what it is compared with, zero without
	Projects []RankedProject // those of the cohort, by rank; none of a change of a source
	Item     string          // check, group id, database, version of the tool …
	Name     string          // of the item, for people
	Severity string          // of a group
	What     string          // of kinds that have several: gained, lost, entered, left …
	Version  string          // release in which it shows
	From, To string          // "" is none
	Why      string          // what decided the cause, or explains the move
	// Of scores: what was scored, "" when the source does not say.
	Repository string
	Commits    [2]string
}

// ChangesQuery asks for the changes of one cohort, newest first, of one day by
// rank.
type ChangesQuery struct {
	Cohort  Cohort
	Since   time.Time    // first day
	Kinds   []ChangeKind // none: all
	Cause   Cause        // "": any
	PerKind int          // at most so many of each kind and cause
	Offset  int          // of each
}

// ChangeCount counts the changes of one kind and cause in a cohort.
type ChangeCount struct {
	Kind     ChangeKind
	Cause    Cause
	What     string
	Changes  int
	Projects int // different ones
}
