// Package advisory turns OSV records into what the pages count: groups of
// records that describe one flaw, the date on which it was disclosed, how
// severe it is, which releases it affects and how long a fix took. Everything
// here is a pure function of its arguments; the order of records never matters.
package advisory

import (
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Record is the newest stored version of one OSV record, and what earlier ones
// said that must not be forgotten.
type Record struct {
	observation.Advisory
	KnownAt time.Time // when this store first knew the id; the minimum over all its versions, so that it never moves
	// FirstPublished is the earliest published that any version of the record had;
	// zero: Published.
	FirstPublished time.Time
	Former         []string // ids that an earlier version had among its aliases
	Gone           bool     // deleted at its database; everything else is its last version
}

// Role says how an id belongs to a group.
type Role string

// The roles of ids.
const (
	RoleRecord    Role = "record"    // a live record of the group
	RoleAlias     Role = "alias"     // named by a live record, itself not among the records
	RoleWithdrawn Role = "withdrawn" // a withdrawn record, or named by nothing but one
	RoleGone      Role = "gone"      // a record that its database deleted, or named by nothing but one
	RoleFormer    Role = "former"    // was an alias of a record of the group, and is no more
)

// The kinds of group.
const (
	KindVulnerability = "vulnerability"
	KindMalware       = "malware"
)

// The precisions of a disclosure.
const (
	PrecisionDay     = "day"
	PrecisionYear    = "year"
	PrecisionUnknown = "unknown"
)

// The severities of a group.
const (
	SeverityCritical = "critical"
	SeverityHigh     = "high"
	SeverityMedium   = "medium"
	SeverityLow      = "low"
	SeverityNone     = "none"
	SeverityUnknown  = "unknown"
)

// The flags of a group.
const (
	FlagSplit       = "split"        // would have held more than MaxMembers ids: every record stands alone
	FlagUnglued     = "unglued"      // holds a record with more than MaxAliases aliases, which merges nothing by them
	FlagSeveralCVEs = "several-cves" // its ids name more than one CVE
	FlagBadVector   = "bad-vector"   // a live record states a CVSS vector that cannot be read and was passed over
	FlagGone        = "gone"         // not live because its database deleted it, not because it was withdrawn
)

// Group is one flaw or one malware report: live records merged by id and alias,
// or a withdrawn or deleted record that shares no id with a live one (Live
// false).
//
// ID is that of the record known first (KnownAt, then id), withdrawn and deleted
// ones included, so it does not change when records come, go or return. When an
// alias joins two groups the older id stays, and the younger one leads to the
// group like every id of a record; when they part again each has its own back,
// with its own arrivals. An id that once was an alias leads to the group for
// ever, unless a live record has or names it now.
type Group struct {
	observation.Group
	Records      []Record        // the live records, by id; of a group that is not live, its one record
	Withdrawn    []Record        // withdrawn and deleted records that share an id with the live ones, by id
	ArrivedPYSEC time.Time       // earliest published in PYSEC, zero when never there
	ArrivedHere  time.Time       // when this store first knew one of its records
	Roles        map[string]Role // every id ever seen of the group
}
