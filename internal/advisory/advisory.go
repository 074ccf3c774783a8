// Package advisory turns OSV records into what the pages count: groups of
// records that describe one flaw, the date on which it was disclosed, how
// severe it is, which releases it affects and how long a fix took. Everything
// here is a pure function of its arguments; the order of records never matters.
package advisory

import (
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Record is the newest stored version of one OSV record.
type Record struct {
	observation.Advisory
	KnownAt time.Time // when this store first knew the id; the minimum over all its versions, so that it never moves
}

// Role says how an id belongs to a group.
type Role string

// The roles of ids.
const (
	RoleRecord    Role = "record"    // a live record of the group
	RoleAlias     Role = "alias"     // named by a live record, itself not among the records
	RoleWithdrawn Role = "withdrawn" // a withdrawn record, or named by nothing but one
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
	FlagSplit       = "split"        // would have held more than MaxMembers records: every record stands alone
	FlagUnglued     = "unglued"      // holds a record with more than MaxAliases aliases, which merges nothing by them
	FlagSeveralCVEs = "several-cves" // its ids name more than one CVE
)

// Group is one flaw or one malware report: live records merged by id and
// alias, or a withdrawn record that shares no id with a live one (Live false).
// ID is that of the record known first (KnownAt, then id), withdrawn ones included.
type Group struct {
	observation.Group
	Records      []Record        // the live records, by id; of a group that is not live, its withdrawn record
	Withdrawn    []Record        // withdrawn records that share an id with the live ones, by id
	ArrivedPYSEC time.Time       // earliest published in PYSEC, zero when never there
	ArrivedHere  time.Time       // when this store first knew one of its records
	Roles        map[string]Role // every id ever seen of the group
}
