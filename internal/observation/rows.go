package observation

import "time"

// Observation is what a collector emits. It is a closed set: *RankList,
// *ScorecardResult, *Project, *ProjectRepositories, *Advisory, *Reject and
// *Response. A collector must not change a value after it has emitted it.
type Observation interface{ observation() }

func (*RankList) observation()            {}
func (*ScorecardResult) observation()     {}
func (*Project) observation()             {}
func (*ProjectRepositories) observation() {}
func (*Advisory) observation()            {}
func (*Reject) observation()              {}
func (*Response) observation()            {}

// RankList is one whole download-rank list, as published on ObservedOn.
type RankList struct {
	List       string    // "top-pypi-packages"
	ObservedOn time.Time // the UTC day of the list's own last_update
	Source     string    // the list's own word for where its counts come from, "" before it said
	Ranks      []Rank    // Rank 1 first
}

// Rank is one row of a RankList.
type Rank struct {
	Project   string // PEP 503 normalised
	Rank      uint32 // 1 is the most downloaded
	Downloads uint64
}

// ScorecardSource names where a Scorecard result was read.
type ScorecardSource string

// The sources of Scorecard results.
const (
	SourceAPI     ScorecardSource = "api"     // api.scorecard.dev; the subject is a repository
	SourceArchive ScorecardSource = "archive" // sethmlarson/pypi-scorecards; the subject is a project
)

// ResultState says what came of asking for a subject's Scorecard result.
type ResultState string

// The states of a result.
const (
	StateScored      ResultState = "scored"      // at least one check >= 0
	StateNoResult    ResultState = "no_result"   // the source answered that it has none
	StateUnavailable ResultState = "unavailable" // the source could not be asked; says nothing about the subject
)

// ScorecardResult is one subject's result at one date from one source, with
// all its checks. Aggregates are 0 to 10.
type ScorecardResult struct {
	Subject     string    // "github.com/owner/name" in the forge's case (api), or a PEP 503 name (archive)
	ObservedOn  time.Time // the source's date of the result, a UTC day; for no_result and unavailable the day we asked
	Source      ScorecardSource
	State       ResultState
	Reason      string   // why there is no result
	Stated      *float64 // the aggregate as the source states it; nil for the archive, whose Overall is not Scorecard's
	Aggregate   *float64 // recomputed; nil when no check is conclusive
	Core        *float64 // recomputed over the twelve core checks
	CheckSet    string   // names of the checks that were run or listed, sorted, comma-separated
	ToolVersion string
	Commit      string
	Checks      []Check
}

// Check is one check of a ScorecardResult. A check that was not run has no
// Check; an inconclusive one (-1) has a nil Score.
type Check struct {
	Name    string
	Score   *int8 // 0 to 10
	Reason  string
	Details []string
}

// Provenance says whether the index offers a PEP 740 provenance object for a
// file. Present means that PyPI offers one, not that we verified it.
type Provenance string

// The provenance states.
const (
	ProvenanceUnknown Provenance = "unknown" // the page did not say
	ProvenancePresent Provenance = "present"
	ProvenanceAbsent  Provenance = "absent"
)

// Project is a project's metadata as the Index API and the JSON API gave it,
// with its complete list of files. A nil Files means that the file list was not
// read this time; an empty one that the project has none. With neither FromIndex
// nor FromJSON it says that both were asked and have no such project, which
// takes back nothing that is known: it may be gone for a while.
type Project struct {
	Name              string // PEP 503 normalised
	DisplayName       string // as registered
	LatestVersion     string // newest stable release with a file that is not yanked, else the newest of all; "" without files
	LatestUpload      time.Time
	RequiresPython    string
	LicenseExpression string // PEP 639
	Summary           string
	Status            string // PEP 792: active, archived, quarantined, deprecated; "" when no source said
	StatusReason      string
	Organization      string
	Owners            []string // users with the role Owner, sorted
	Serial            uint64   // _last-serial, 0 unknown
	FromIndex         bool     // the Index API answered
	FromJSON          bool     // the JSON API answered
	ObservedAt        time.Time
	Files             []File
}

// File is one distribution file of a project.
type File struct {
	Filename       string
	Version        string    // as published, not normalised
	PackageType    string    // sdist, bdist_wheel, bdist_egg, …
	UploadTime     time.Time // zero unknown
	Size           uint64    // bytes, 0 unknown
	SHA256         string
	RequiresPython string
	Yanked         bool
	YankedReason   string
	Provenance     Provenance
}

// Trust says how a repository came to be linked with a project, strongest first.
type Trust string

// The trust levels of a project's repository.
const (
	TrustAttested Trust = "attested" // publisher in a PEP 740 provenance object
	TrustDepsDev  Trust = "depsdev"  // deps.dev, from an attestation
	TrustDeclared Trust = "declared" // project_urls: what the maintainers wrote, not verified
)

// ProjectRepositories is the complete list of repositories that one origin of
// trust names for a project; an empty list says that it names none.
type ProjectRepositories struct {
	Project string
	Origin  Trust
	Links   []RepositoryLink
}

// RepositoryLink links a project with a repository.
type RepositoryLink struct {
	Repository string // "github.com/owner/name" as written by the source, host in lower case
	Evidence   string // the URL or object that says so
	Label      string // label of the link, as written
}

// Advisory is one OSV record (OSV schema 1.7) that affects at least one PyPI
// package, with everything that grouping and matching needs.
type Advisory struct {
	ID           string
	Database     string // the id's prefix: PYSEC, GHSA, MAL, …
	Aliases      []string
	Related      []string
	Upstream     []string
	Published    time.Time // zero unknown
	Modified     time.Time
	Withdrawn    time.Time // zero when live
	Summary      string
	Vectors      []string   // CVSS vectors, as written
	SeverityWord string     // GHSA's database_specific.severity: LOW, MODERATE, HIGH, CRITICAL; "" without
	References   []string   // http and https URLs only
	Affected     []Affected // one per PyPI project; two entries of one project are merged
}

// Affected is what one record says of one project.
type Affected struct {
	Project  string // PEP 503 normalised
	Versions []string
	Ranges   []Range // ECOSYSTEM ranges only
}

// Range is one ECOSYSTEM range; its events are in the record's own order.
type Range struct {
	Events []Event
}

// Event is one event of a range; exactly one field is set.
type Event struct {
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"last_affected,omitempty"`
	Limit        string `json:"limit,omitempty"`
}
