package observation

import "time"

// AttestationClass says how a project's latest stable release stands with PEP
// 740 provenance. "Present" is what PyPI offers; nothing was verified by us.
type AttestationClass string

// The attestation classes, in the order in which they are decided.
const (
	AttestationFull        AttestationClass = "attested"    // every file carries provenance
	AttestationPartly      AttestationClass = "partly"      // some files do, some do not
	AttestationPredates    AttestationClass = "predates"    // none does, and it was released before PyPI took attestations
	AttestationPossible    AttestationClass = "possible"    // none observed; the publisher could: a known supported host
	AttestationUnsupported AttestationClass = "unsupported" // none observed; the host is unsupported or unknown
	AttestationUnknown     AttestationClass = "unknown"     // not fetched, no stable release on offer, or provenance not stated
)

// AttestationClasses lists the classes in the order in which they are decided.
func AttestationClasses() []AttestationClass {
	return []AttestationClass{AttestationFull, AttestationPartly, AttestationPredates, AttestationPossible, AttestationUnsupported, AttestationUnknown}
}

// Publisher is a Trusted Publisher as a provenance object names it.
type Publisher struct {
	Kind       string // GitHub, GitLab, Google, ActiveState, …
	Repository string // "github.com/owner/name", "" when the publisher names none
	Workflow   string
}

// ClassCount is how much of a cohort is in one class.
type ClassCount struct {
	Projects int
	Share    float64 // of the cohort's votes by the weighting, 0 to 1
}

// AdoptionPoint is one month of one cohort. History is told from the upload
// times and today's provenance of the files that are still there; what was
// yanked since counts.
type AdoptionPoint struct {
	Month         time.Time // first day
	Through       time.Time // last day, of the running month the last day known
	ListOn        time.Time // date of the rank list that defines the cohort
	Size          int
	Classes       map[AttestationClass]ClassCount // all six
	Files         int                             // uploaded in the month up to Through
	FilesAttested int                             // of these, with provenance
	FilesUnknown  int                             // of these, for which the index did not say
}

// AdoptionNow is how the projects of one cohort stand now, by the newest rank
// list: the latest stable release is the one on offer, so what is yanked is
// left out. Unknown is Size less what is known.
type AdoptionNow struct {
	ListOn   time.Time
	Through  time.Time                       // newest day on which PyPI said something new, zero before the first
	Size     int                             // 0: the list is shorter than the cohort
	Classes  map[AttestationClass]ClassCount // all six, by package
	Weighted map[AttestationClass]ClassCount // all six, by downloads
	// Reasons say why the class of a project is unknown, in words; together as many
	// as are unknown.
	Reasons map[string]int
	// Publishers counts the projects with an attested file by the kind of their
	// Trusted Publishers, most first.
	Publishers []PublisherCount
}

// ReasonNotAsked is the reason of AdoptionNow for projects that are not tracked,
// so that PyPI was never asked about them.
const ReasonNotAsked = "not asked"

// PublisherCount is how many projects have one kind of Trusted Publisher.
type PublisherCount struct {
	Kind     string // several joined by ", "; "" when not every provenance object was read
	Projects int
}

// Attestation is how one project stands.
type Attestation struct {
	Project       string
	Version       string // latest stable release with a file that is not yanked, "" without
	Class         AttestationClass
	Reason        string    // why the class is unknown, in words
	Files         int       // of that release, yanked ones among them
	FilesAttested int       // of these, with provenance
	FilesUnknown  int       // of these, for which the index did not say
	FirstAt       time.Time // first upload of it, zero unknown
	LastAt        time.Time // last upload of it
	// Kind, Repository and Workflow are those of its Trusted Publishers, several
	// joined by ", "; empty unless every provenance object of it was read.
	Kind       string
	Repository string
	Workflow   string
	Declared   *bool     // an attested repository is among those that the project declares now; nil unknown
	Through    time.Time // newest day on which PyPI said something new of any project
}

// AttestationChangeKind is one of the kinds of AttestationChange.
type AttestationChangeKind string

// The kinds of change.
const (
	ChangeGained     AttestationChangeKind = "gained"     // every file carries provenance, of the release before not every one did
	ChangeLost       AttestationChangeKind = "lost"       // not every file carries provenance, of the release before every one did
	ChangePublisher  AttestationChangeKind = "publisher"  // another kind, repository or workflow than the attested release before
	ChangeRepository AttestationChangeKind = "repository" // the attested repository is none of those that the project declares
)

// AttestationChange is one difference between the provenance of two stable
// releases of a project, in the order of their first uploads; of
// ChangeRepository between what the latest stable release attests and what the
// project declares.
type AttestationChange struct {
	Project  string
	Kind     AttestationChangeKind
	Version  string
	At       time.Time // its first upload
	Before   string    // the release it is compared with, "" of ChangeRepository
	BeforeAt time.Time
	Older    bool     // Version is lower than Before: a release of an older line
	Fields   []string // what differs of ChangePublisher: kind, repository, workflow
	From, To string   // in words
	Rank     int      // in the list of the cohort asked for
}

// AttestationChangesQuery asks for one page of the changes of a cohort.
type AttestationChangesQuery struct {
	Cohort        Cohort
	Kinds         []AttestationChangeKind
	Limit, Offset int
}

// AttestationMonth counts the changes in releases first uploaded in one month.
type AttestationMonth struct {
	Month   time.Time // first day
	Changes map[AttestationChangeKind]int
}

// PythonSupport says what requires-python of a release admits of CPython's
// release cycles.
type PythonSupport string

// What a release admits.
const (
	PythonCurrent PythonSupport = "current"    // supported cycles only
	PythonAdmits  PythonSupport = "admits_eol" // supported cycles, and such as have ended
	PythonOnlyEOL PythonSupport = "only_eol"   // ended cycles only
	PythonUnknown PythonSupport = "unknown"    // not stated, not readable, or none that we know
)

// ReleaseHealth is what a project's files say of its releases. Ages are left
// to the reader: they count from Through.
type ReleaseHealth struct {
	Project        string
	Through        time.Time // newest day on which PyPI said something new of any project
	Releases       int       // versions with a file
	Stable         int       // of these, stable by PEP 440
	Prereleases    int       // of these, pre-releases and development releases; what PEP 440 does not know is in neither
	FirstAt        time.Time // first upload of the first release, zero unknown
	LastAt         time.Time // first upload of the last release of any kind
	LastStableAt   time.Time // first upload of the last stable release
	MedianInterval *float64  // median of the days between the first uploads of the last ten releases of any kind
	LastYear       int       // releases in the 365 days up to Through
	Files          int
	YankedFiles    int
	YankedReleases int      // every file yanked
	YankReasons    []string // up to three different ones, newest version first
	Version        string   // latest stable release with a file that is not yanked, "" without
	RequiresPython []string // the different ones of its files; "" is not stated
	Python         PythonSupport
	PythonNewest   *bool // it admits the newest cycle of CPython, nil unknown
}

// ReleasesPoint is one month of one cohort.
type ReleasesPoint struct {
	Month          time.Time
	Through        time.Time
	ListOn         time.Time
	Size           int
	Known          int // projects with a dated release by then
	Releases       int // first uploaded in the month
	Prereleases    int // of these
	YankedReleases int // of these, by now wholly yanked
	Released       int // projects with at least one of them
	Dormant365     int // known projects without a release in the 365 days up to Through
	Dormant730     int
	Python         map[PythonSupport]int // known projects by the latest stable release of the time, all four
	PythonNewest   int                   // known projects that admit the newest cycle of the time
}

// CycleState says where a release cycle of CPython stands.
type CycleState string

// The states of a cycle.
const (
	CycleUnreleased CycleState = "unreleased"
	CycleBugfix     CycleState = "bugfix"   // bug fixes and security fixes
	CycleSecurity   CycleState = "security" // security fixes only
	CycleEnded      CycleState = "ended"
	CycleUnknown    CycleState = "unknown" // supported, but the source does not say how
)

// PythonCycleState is a release cycle of CPython and where it stands at a date.
type PythonCycleState struct {
	PythonCycle
	State CycleState
}

// CPythonRecord is one advisory about CPython with its severity computed.
type CPythonRecord struct {
	CPythonAdvisory
	Score    *float64 // 0 to 10, nil without a vector
	Severity string   // critical, high, medium, low, none or unknown
	Vector   string
}

// CPythonAdvisories is what the PSF's database says of CPython. None of it
// concerns a project on PyPI.
type CPythonAdvisories struct {
	Records []CPythonRecord // newest published first, withdrawn ones among them
	// Years counts the flaws by the year of their disclosure, live ones only.
	// Records of one flaw are merged as advisories of projects are, and the year is
	// that of the CVE when the record was published long after it.
	Years   map[int]int
	Undated int       // flaws without any year
	Through time.Time // newest modified of a record, not in the future
}

// ExploitedCVE is what KEV and EPSS say of one CVE.
type ExploitedCVE struct {
	CVE        string
	AddedOn    time.Time // to KEV, zero when it is not there
	Ransomware string    // as KEV writes it, Known or Unknown
	Score      *float64  // newest EPSS score, nil without
	Percentile *float64
	Model      string // of EPSS; scores of two models are not comparable
	ScoredOn   time.Time
}

// Exploitation is what KEV and EPSS say of the CVEs of one advisory group.
// Absence is not safety.
type Exploitation struct {
	CVEs    []ExploitedCVE // by id; those that either of them knows
	AddedOn time.Time      // earliest addition of one of them to KEV, zero without
	Highest *ExploitedCVE  // the one of the highest EPSS score, nil without
	KEVOn   time.Time      // how far the catalogue reaches, zero when it was never read
	EPSSOn  time.Time      // how far the scores reach, zero when they were never read
}
