package observation

import "time"

// AffectedProject is what an advisory group means for one of its projects.
type AffectedProject struct {
	Project       string
	Rank          int    // in the newest list, 0: not in it
	Status        string // of the project on PyPI, or StatusRemoved; "" when no source said
	LatestVersion string // "" unknown
	LatestUpload  time.Time
	Asked         bool     // PyPI was asked about the project
	Exposed       bool     // what follows is known: not of a group without a live record
	Affected      string   // affected versions in words
	FixedIn       []string // first fixed release of each range
	FixedAt       time.Time
	FixDays       *int  // days from disclosure to fix; negative is fixed before disclosure
	Latest        *bool // the latest stable release is in the affected range; nil unknown
	Releases      *int  // releases on PyPI that are surely affected; nil unknown
}

// In reports whether the project is in a cohort by the newest rank list, which
// has so many projects.
func (p AffectedProject) In(c Cohort, list int) bool {
	return c == CohortAll || 0 < p.Rank && p.Rank <= c.Size() && c.Size() <= list
}

// AdvisoryEntry is one advisory group with all that lists of them show.
type AdvisoryEntry struct {
	Group        Group
	ArrivedPYSEC time.Time // first published in PYSEC, zero when never there
	ArrivedHere  time.Time // first known to this store
	// Import: there is no disclosure to the day, and one of its records was
	// published on a day on which its database imported records.
	Import     bool
	Projects   []AffectedProject // by rank, those outside the list last by name
	KEVOn      time.Time         // first addition of one of its CVEs to KEV, zero when none is there
	Ransomware string            // as KEV writes it, Known or Unknown; "" when none is there
	EPSS       *ExploitedCVE     // the CVE with the highest EPSS score, nil without
}

// AdvisoriesQuery asks for a page of advisory groups. The zero value of each
// condition sets none.
type AdvisoriesQuery struct {
	Kind      string // vulnerability or malware
	Text      string // words, each in an id, the summary or the name of a project
	Project   string // normalised
	Cohort    Cohort // by the newest rank list
	Severity  string
	Fixed     string // FixedYes or FixedNo
	KEV       bool
	EPSS      float64 // at least
	Withdrawn bool    // groups without a live record too
	Affected  bool    // the latest release of a project of the cohort is in the affected range
	From, To  time.Time
	Sort      string // one of AdvisorySorts
	Limit     int    // 0: all
	Offset    int
}

// The answers of a group to whether it is fixed: whether every project of the
// cohort that it concerns has a release that a record calls fixed.
const (
	FixedYes = "yes"
	FixedNo  = "no"
)

// AdvisorySorts returns the orders of advisory groups, the default first. What
// has no value comes last in each.
func AdvisorySorts() []string { return []string{"disclosed", "modified", "severity", "epss", "rank"} }

// AdvisoriesFound is a page of advisory groups, and counts over all that match.
type AdvisoriesFound struct {
	Entries []AdvisoryEntry
	Total   int // groups that match
	Of      int // groups of that kind in the cohort
	ListOn  time.Time
	List    int // projects of the newest rank list, 0 without one
	// Of those that match:
	NoSeverity int
	YearOnly   int
	NoDate     int
	Imports    int // of YearOnly and NoDate, those recorded first on an import day
	// Projects are those of the cohort whose latest release is in the affected
	// range of a group that matches, by rank.
	Projects []AffectedProject
	// Unknown counts the groups of which it is not known whether they match: they
	// meet every other condition, and have no severity, no EPSS score or no known
	// latest release to hold against the one that is asked for.
	Unknown int
	// MaybeInRange counts those that meet every condition and are known to a year
	// that lies partly between From and To.
	MaybeInRange int
}

// AdvisoryRecord is one OSV record of a group, as it is now.
type AdvisoryRecord struct {
	ID         string
	Database   string
	Role       string // record, withdrawn or gone
	Aliases    []string
	Published  time.Time // zero unknown
	Modified   time.Time
	Withdrawn  time.Time // zero when live
	KnownAt    time.Time // when this store first knew it
	Import     bool      // published on a day on which its database imported records
	Summary    string
	Score      *float64 // computed of Vector, nil without
	Severity   string
	Vector     string // of the newest CVSS version that it has, "" without
	Word       string // severity as the database writes it
	References []string
	Says       []RecordSays // by project
}

// RecordSays is what one record says of one project.
type RecordSays struct {
	Project  string
	Affected string // affected versions in words
	FixedIn  []string
}

// AdvisoryDetail is everything about one advisory group.
type AdvisoryDetail struct {
	AdvisoryEntry
	Records []AdvisoryRecord // live ones first, by id
	ListOn  time.Time        // of the newest rank list
}

// MonthCount is the number of something in one month.
type MonthCount struct {
	Month time.Time // its first day
	N     int
}
