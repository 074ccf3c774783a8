package observation

import "time"

// ReleasesNow is how the releases of one cohort stand now, by the newest rank
// list and the files that PyPI still has.
type ReleasesNow struct {
	Through     time.Time // newest day on which PyPI said something new of any project, zero before the first
	Size        int       // 0: the list is shorter than the cohort
	Known       int       // projects with a release of known date; everything below speaks of them
	Releases    int
	Yanked      int // of these, every file yanked
	YankedIn    int // projects with such a release
	Dormant365  int // projects without a release in the 365 days up to Through
	Dormant730  int
	Affected365 int // of the projects of Dormant365, those with the latest release in the affected range of a record
	Affected730 int
	// Timed projects have two releases or more; the quartiles are over the median
	// interval of the last ten releases of each, in days. Nil when Timed is 0.
	Timed         int
	P25, P50, P75 *float64
	Python        map[PythonSupport]int // by the latest stable release, all four
	Stated        int                   // projects of which it is known whether it admits the newest cycle
	Newest        int                   // of these, those that do
	Reasons       []YankReason          // commonest first
	Unexplained   int                   // projects with a yanked release and no reason at all
}

// YankReason is a reason given for yanks. Of each project the three newest
// different ones are known; upper and lower case are not told apart.
type YankReason struct {
	Reason   string // as one of the projects wrote it, cut after some hundred characters
	Projects int
}

// DormantQuery asks for a page of the projects of a cohort that have had no
// release for some time.
type DormantQuery struct {
	Cohort Cohort
	Days   int // without a release
	Limit  int
	Offset int
}

// DormantProject is a project without a release for some time. It may need none.
type DormantProject struct {
	Project       string
	DisplayName   string
	Rank          int
	Downloads     uint64
	LastVersion   string // latest release
	LastAt        time.Time
	Days          int    // from LastAt to Through
	Status        string // PEP 792, or StatusRemoved; "" when no source said
	LatestAffect  int    // groups with the latest release in their affected range
	LatestUnknown int    // groups for which that is unknown
	Through       time.Time
}

// SourceMonth is what one source has for one month: observations, or records
// dated in it. Suspect ones are counted apart.
type SourceMonth struct {
	Collector string
	Month     time.Time // first day
	Count     int
	Suspect   int
}
