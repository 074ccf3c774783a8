package observation

import "time"

// Observation is what a collector emits: one of the closed set below. A
// collector must not change a value after it has emitted it.
type Observation interface{ observation() }

func (*RankList) observation()            {}
func (*ScorecardResult) observation()     {}
func (*Snapshot) observation()            {}
func (*Project) observation()             {}
func (*ProjectRepositories) observation() {}
func (*Presence) observation()            {}
func (*FileProvenance) observation()      {}
func (*Repository) observation()          {}
func (*Advisory) observation()            {}
func (*AdvisoryGone) observation()        {}
func (*ExploitedCatalog) observation()    {}
func (*EPSSScores) observation()          {}
func (*CPythonAdvisory) observation()     {}
func (*CPythonGone) observation()         {}
func (*PythonCycles) observation()        {}
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

// Snapshot says that the results of one date of a source that publishes whole
// snapshots have all been emitted: what is stored of that date beyond them has
// gone from the source. It comes after the results, and not at all when a row of
// the snapshot could not be read.
type Snapshot struct {
	Source     ScorecardSource
	ObservedOn time.Time
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
// with its list of files, complete unless FilesPartial says otherwise. A nil Files means that the file list was not
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
	FilesPartial      bool // Files lacks some that could not be read: none of the stored ones is gone
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
	TrustInferred Trust = "inferred" // deps.dev, from unverified metadata
)

// Trusts lists the trust levels, strongest first.
func Trusts() []Trust {
	return []Trust{TrustAttested, TrustDepsDev, TrustDeclared, TrustInferred}
}

// Presence says whether a complete root index of PyPI lists a project that we
// have seen. A project that is absent from it is removed, unless its own page
// says that it is quarantined: PyPI leaves those out of the root index. A 404
// alone says nothing of the kind.
type Presence struct {
	Project    string
	Listed     bool
	ObservedAt time.Time
}

// FileProvenance is the PEP 740 provenance object of one file, as the Integrity
// API gave it. PyPI verified it at upload; we do not. It never changes once it
// is there, so it is fetched once and kept.
type FileProvenance struct {
	Project    string // PEP 503 normalised
	Version    string // as published
	Filename   string
	UploadTime time.Time // of the file, zero unknown
	// Bundles are the attestation bundles, one for each publisher; empty when
	// the Integrity API has none for the file (404) although the index named one.
	Bundles    []AttestationBundle
	ObservedAt time.Time
}

// AttestationBundle is one attestation bundle of a provenance object.
type AttestationBundle struct {
	Kind        string   // "GitHub", "GitLab", "Google", "ActiveState", … as PyPI writes it
	Repository  string   // "github.com/owner/name"; "" when the publisher names none
	Workflow    string   // file name of the workflow, or the path of the CI configuration
	Environment string   // "" without
	Predicates  []string // predicate types of the attestations, sorted
}

// RepositoryState says what became of asking a forge for a repository.
type RepositoryState string

// The states of a repository. A forge that could not be asked gives none.
const (
	RepositoryFound RepositoryState = "found" // it answered under the name that was asked
	RepositoryMoved RepositoryState = "moved" // it redirects: renamed or transferred
	RepositoryGone  RepositoryState = "gone"  // 404 or 410: deleted, private, or never there
)

// Repository is what a forge said of a repository that some project names.
type Repository struct {
	Name       string // as asked: "github.com/owner/name"
	State      RepositoryState
	Target     string // where it lives now, in the forge's own spelling; Name when found, "" when gone
	ObservedAt time.Time
}

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

// AdvisoryGone says that the complete export of the database no longer holds a
// record that we have: it was deleted there, not withdrawn.
type AdvisoryGone struct {
	ID string
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

// ExploitedCatalog is CISA's whole catalogue of Known Exploited Vulnerabilities.
// An entry that it no longer holds is gone.
type ExploitedCatalog struct {
	Version    string // catalogVersion
	ReleasedAt time.Time
	Entries    []ExploitedEntry
	// Unread are the CVE ids of entries that are in the catalogue but could not
	// be read: what is known of them stays.
	Unread []string
}

// ExploitedEntry is one entry of an ExploitedCatalog.
type ExploitedEntry struct {
	CVE        string
	Vendor     string // vendorProject
	Product    string
	Name       string    // vulnerabilityName
	AddedOn    time.Time // dateAdded, a UTC day
	DueOn      time.Time // dueDate, zero without
	Ransomware string    // knownRansomwareCampaignUse: Known or Unknown
	CWEs       []string
	Notes      string
}

// EPSSScores are scores of the Exploit Prediction Scoring System of one day by
// one model. A list may be emitted in several parts.
type EPSSScores struct {
	ObservedOn time.Time // score_date, a UTC day
	Model      string    // model_version: scores of two models are not comparable
	Scores     []EPSSScore
}

// EPSSScore is one CVE's score.
type EPSSScore struct {
	CVE        string
	Score      float32 // probability of exploitation within 30 days, 0 to 1
	Percentile float32 // share of CVEs with an equal or lower score, 0 to 1
}

// CPythonAdvisory is one record of the PSF's advisory database. It concerns the
// interpreter by git commits of python/cpython, never a PyPI project.
type CPythonAdvisory struct {
	ID           string // PSF-…, or a CVE id
	Aliases      []string
	Published    time.Time // zero unknown
	Modified     time.Time // Published where the record does not know it
	Withdrawn    time.Time // zero when live
	Summary      string    // summary, else the first line of details
	Vectors      []string
	SeverityWord string
	References   []string // http and https URLs only
	Repository   string   // of the GIT ranges: "https://github.com/python/cpython"
	Introduced   []string // commits, "0" is from the start
	Fixed        []string // commits
	Versions     []string // tags, when the record lists them
}

// CPythonGone says that the PSF's advisory database no longer holds a record that
// we have, or not as one about CPython.
type CPythonGone struct {
	ID string
}

// PythonCycles is the complete list of release cycles of CPython, as
// endoflife.date has it.
type PythonCycles struct {
	Cycles []PythonCycle
}

// PythonCycle is one feature release of CPython.
type PythonCycle struct {
	Name       string    // "3.12"
	ReleasedOn time.Time // zero unknown
	ActiveTo   time.Time // end of bug-fix support (eoasFrom), zero unknown
	EndsOn     time.Time // end of life (eolFrom), zero unknown
	Ended      bool      // isEol
	Latest     string    // "3.12.11"
	LatestOn   time.Time
}
