package observation

import (
	"errors"
	"fmt"
	"time"
)

// ErrNotFound is the answer for a project, an id or a table that is not known.
var ErrNotFound = errors.New("not found")

// Cohort names a set of projects over time: CohortTop100 … CohortTop15000 are
// the first N of the newest rank list on or before each date (moving);
// CohortAll is every PyPI project and exists for advisories only. A Panel and
// the projects of an Organization are the same projects at all dates.
type Cohort string

// The cohorts that rollups are kept for.
const (
	CohortTop100   Cohort = "top100"
	CohortTop1000  Cohort = "top1000"
	CohortTop5000  Cohort = "top5000"
	CohortTop15000 Cohort = "top15000"
	CohortAll      Cohort = "all"
)

// RankCohorts lists the cohorts by rank, smallest first.
func RankCohorts() []Cohort {
	return []Cohort{CohortTop100, CohortTop1000, CohortTop5000, CohortTop15000}
}

// Size returns N of a cohort by rank, 0 for CohortAll and unknown names.
func (c Cohort) Size() int {
	switch c {
	case CohortTop100:
		return 100
	case CohortTop1000:
		return 1000
	case CohortTop5000:
		return 5000
	case CohortTop15000:
		return 15000
	}
	return 0
}

// Weighting says what one vote is.
type Weighting string

// The weightings: every project one vote, or its downloads, or every repository
// one vote that its projects share. The last one exists from the day on which
// the store first knew the repository of any project.
const (
	WeightPackage    Weighting = "package"
	WeightDownload   Weighting = "download"
	WeightRepository Weighting = "repository"
)

// Weightings lists the weightings, the simplest first.
func Weightings() []Weighting {
	return []Weighting{WeightPackage, WeightDownload, WeightRepository}
}

// Granularity is the length of a period on the time axis.
type Granularity string

// The granularities. A level takes the last accepted observation of its
// period, an event count is a sum.
const (
	ByObservation Granularity = "observation"
	ByWeek        Granularity = "week" // ISO week, dated by its Monday
	ByMonth       Granularity = "month"
	ByYear        Granularity = "year"
)

// CohortPoint is one observation of one cohort: coverage and the distribution
// of the core aggregate. Quantiles are nil when N is 0.
type CohortPoint struct {
	Date     time.Time
	ListOn   time.Time // date of the rank list that defines the cohort
	Source   string
	Suspect  bool // left out of lines; Reason says why
	Reason   string
	Unknown  string // why nothing is known by this weighting at this date, so that only Size counts; "" when it is
	Size     int
	Asked    int
	NoResult int
	Scored   int
	Coverage float64 // scored share by weight, 0 to 1
	N        int     // projects with a core aggregate
	Mean     *float64
	P10, P25 *float64
	P50      *float64
	P75, P90 *float64
}

// AdvisoryMonth is the number of advisory groups disclosed in one month, by
// severity word.
type AdvisoryMonth struct {
	Month  time.Time
	Groups map[string]int // critical, high, medium, low, none, unknown
}

// AdvisoryCounts is what the monthly chart shows and what it counts apart.
type AdvisoryCounts struct {
	Months    []AdvisoryMonth // vulnerabilities with a disclosure to the day, oldest first
	Day       int             // groups in Months
	Year      int             // only the year is known
	Unknown   int             // no date at all
	Malware   int
	Withdrawn int // groups without a live record
	// Lag90 is the number of days within which 90 % of day-dated groups of the
	// last two years arrived; months younger than that are still filling.
	// 0 when there are too few to tell.
	Lag90 int
}

// Change is one line of what changed between two accepted observations, over
// matched projects. What is aggregate, check, result or cohort.
type Change struct {
	What         string
	Item         string // the check's name
	From, To     time.Time
	Matched      int
	Rose, Fell   int
	Mean         *float64
	RoseProjects []string // up to ten, by rank
	FellProjects []string
}

// Span is what changed in a cohort between two accepted observations of one
// segment.
type Span struct {
	From, To time.Time
	Changes  []Change
}

// NewAdvisory is a group that entered the cohort's record lately.
type NewAdvisory struct {
	Group    Group
	Projects []string // those in the cohort, by rank
}

// BreakKind says what a break does to a line.
type BreakKind string

// The kinds of break.
const (
	BreakCut     BreakKind = "cut"     // meaning changed: lines are cut, no change is stated across it
	BreakFlag    BreakKind = "flag"    // drawn, not cut
	BreakFrozen  BreakKind = "frozen"  // a span in which the input did not move
	BreakSuspect BreakKind = "suspect" // an observation confirmed as an outage
	BreakCleared BreakKind = "cleared" // an observation the rule suspects, found to be right
	// What people decided about the days on which one database of advisories
	// (the item of a line of scope source) published: no line is drawn for them.
	BreakImport    BreakKind = "import"     // an import, however few records it has
	BreakNotImport BreakKind = "not-import" // disclosure, however many it has
)

// Break is one line of the ledger sql/breaks.csv.
type Break struct {
	Start    time.Time
	End      time.Time // last day of a span, zero for an instant
	Scope    string    // source, check, list or aggregate
	Item     string
	Kind     BreakKind
	What     string
	Evidence string
}

// Initiative is one line of the ledger sql/initiatives.csv: a dated policy event
// of the ecosystem. That a line moves near one is no evidence of cause.
type Initiative struct {
	On       time.Time
	What     string
	Evidence string // https URL of the announcement
}

// BreakState is what the ledger says of a break that was found by rule.
type BreakState string

// The states of a break found by rule.
const (
	BreakFound        BreakState = "found"     // not in the ledger: it cuts lines until the ledger says otherwise
	BreakConfirmed    BreakState = "confirmed" // the ledger cuts there
	BreakFlagged      BreakState = "flagged"   // the ledger draws it there, without a cut
	BreakStateCleared BreakState = "cleared"   // the ledger says that it is none
)

// The items of breaks and moves of scope aggregate. A line of the ledger with
// that scope has no item and speaks of both.
const (
	AggregateCore = "core" // over the twelve core checks: the lines of cohorts
	AggregateAll  = "all"  // over all checks: a line of a project
)

// ObservedBreak is a break that was found by rule between two consecutive
// accepted observations, over the same units: projects of the archive, or
// repositories of the API.
type ObservedBreak struct {
	Date     time.Time
	Previous time.Time // of the observation before; zero for the API, each of whose results is compared with the one before it
	Scope    string    // aggregate or check
	Item     string    // AggregateCore or AggregateAll, or the check
	Source   ScorecardSource
	Measure  string  // mean, presence, share or lost
	Value    float64 // points of 0 to 10 for mean, else a share of 0 to 1
	Matched  int     // units behind Value
	State    BreakState
}

// Cut is the break as a line of the ledger would have it. An empty item is the
// core aggregate, which the lines of cohorts are drawn of.
func (b ObservedBreak) Cut() Break {
	c := Break{Start: b.Date, Scope: b.Scope, Item: b.Item, Kind: BreakCut, What: "Found by rule, cause not known: " + b.Words() + "."}
	if b.Item == AggregateCore {
		c.Item = ""
	}
	c.Evidence = fmt.Sprintf("Measured by Pyrometer over %d units; not in the ledger yet.", b.Matched)
	return c
}

// Words says what moved and how far.
func (b ObservedBreak) Words() string {
	name := b.Item
	if b.Scope == "aggregate" {
		name = map[string]string{AggregateCore: "the core aggregate", AggregateAll: "the aggregate over all checks"}[b.Item]
	}
	percent := fmt.Sprintf("%.0f %%", 100*b.Value)
	switch b.Measure {
	case "mean":
		return fmt.Sprintf("the matched mean of %s moved by %+.2f", name, b.Value)
	case "presence":
		return fmt.Sprintf("%s of the matched projects went from a value of %s to none or back", percent, name)
	case "share":
		return fmt.Sprintf("%s of the matched projects have another score of %s", percent, name)
	}
	return fmt.Sprintf("%s lost %s of its values, and most did not come back", name, percent)
}

// LossState is what became of a check's loss of values.
type LossState string

// The states of a loss.
const (
	LossSuspect   LossState = "suspect"   // not decided yet
	LossOutage    LossState = "outage"    // most of the lost values came back soon
	LossBreak     LossState = "break"     // they did not
	LossConfirmed LossState = "confirmed" // the ledger says that it is an outage
	LossCleared   LossState = "cleared"   // the ledger says that it is none
)

// LeftOut reports whether the check's values of that date are left out of lines.
func (s LossState) LeftOut() bool {
	return s == LossSuspect || s == LossOutage || s == LossConfirmed
}

// CheckSuspect is an observation at which one check lost 5 % of its values or
// more.
type CheckSuspect struct {
	Date     time.Time
	Check    string
	Source   ScorecardSource
	Previous time.Time // when the check was last accepted; zero for the API
	Had      int       // units scored at both with a value of the check then
	Lost     int       // of these, units without one here
	State    LossState
	Back     time.Time // by when most of the lost values were back; zero: they are not
	Reason   string
}

// Findings is what the rules found in the observations.
type Findings struct {
	Breaks   []ObservedBreak // oldest first
	Suspects []CheckSuspect  // oldest first
}

// CheckPoint is one observation of one check in one cohort.
type CheckPoint struct {
	Check        string
	Date         time.Time // of the observation
	Period       time.Time // first day of the period that it stands for; Date by observation
	ListOn       time.Time // date of the rank list that defines the cohort
	Source       string    // of the conclusive scores: archive, api or both; "" without any
	Suspect      bool      // left out of lines
	Unknown      string    // why nothing is known at this date, else ""; then there are no counts but Size
	Size         int
	Scored       int
	N            int      // scored projects with a conclusive score
	Inconclusive int      // scored, and the result lists the check without a score
	NotRun       int      // scored, and the result does not list it
	Share        *float64 // share with 8 or above of the N by weight, 0 to 1; nil when N is 0
	Mean         *float64
	Histogram    [11]float64 // votes of the N at each score: projects, their downloads, or repositories, of which each project has its part
}

// CheckReason is one reason that the API gives for a check's score, numbers
// replaced by N, and how many projects of a cohort have it.
type CheckReason struct {
	Check    string
	Reason   string
	Projects int
	Mean     *float64 // mean score of these projects, nil when all are inconclusive
	Date     time.Time
}

// Group is one advisory group.
type Group struct {
	ID        string
	Name      string // smallest CVE, else PYSEC, else GHSA, else first id
	Kind      string // vulnerability or malware
	Live      bool
	Members   []string // ids of the live records
	Aliases   []string
	Projects  []string
	Disclosed time.Time // zero unknown
	Precision string    // day, year or unknown
	Score     *float64  // CVSS base score, 0 to 10
	Severity  string    // critical, high, medium, low, none or unknown
	Vector    string
	Summary   string
	Modified  time.Time
	Flags     []string
}

// Exposure is what a group means for one project.
type Exposure struct {
	Group          Group
	Affected       string   // affected versions in words, "1.22 to before 2.6.3"
	FixedIn        []string // first fixed release of each range
	FixedAt        time.Time
	FixDays        *int  // days from disclosure to fix; negative is fixed before disclosure
	LatestAffected *bool // nil unknown
	// AffectedReleases counts the releases on PyPI that are surely affected; nil when
	// the project's files are not known or no record says which versions are.
	AffectedReleases *int
}

// ImportDay is a UTC day on which one database of advisories published so much
// that it was an import, or of which the ledger decides.
type ImportDay struct {
	Database string // PYSEC, GHSA, …
	Day      time.Time
	Records  int  // that it published on that day, live or withdrawn
	Import   bool // false: the ledger cleared the day
	Ledger   bool // the ledger's decision; else the rule's
}

// ArrivalBasis is the date by which groups are counted.
type ArrivalBasis string

// The bases.
const (
	ArrivalDisclosed ArrivalBasis = "disclosed" // disclosure, of groups that have it to the day
	ArrivalPYSEC     ArrivalBasis = "pysec"     // first published in PYSEC
	ArrivalHere      ArrivalBasis = "here"      // first known to this store
)

// FixOutcome is what became of one group in one project.
type FixOutcome string

// The outcomes. Fixed and unfixed are followed from the disclosure on; the
// others are counted beside them.
const (
	FixFixed   FixOutcome = "fixed"   // a fixed release was uploaded on the day of disclosure or later
	FixUnfixed FixOutcome = "unfixed" // the latest stable release is affected and no fix has a date: censored at the day on which its files were last known
	FixBefore  FixOutcome = "before"  // fixed before disclosure: the days are negative
	FixUndated FixOutcome = "undated" // no fix has a date, and the latest release is not affected or that is unknown
	FixUnseen  FixOutcome = "unseen"  // the files of the project are not known, or not since the disclosure
)

// TimeToFix is how long flaws of one cohort and severity stayed unfixed, over
// pairs of a project and a live vulnerability group disclosed to the day.
type TimeToFix struct {
	Cohort   Cohort
	Severity string   // critical, high, medium, low, none, unknown, or any
	Days     []FixDay // the curve by Kaplan and Meier, oldest first
	Fixed    int
	Unfixed  int // censored
	Before   int
	Undated  int
	Unseen   int
	Median   *int // first day after which at most half are unfixed; nil when not reached
}

// FixDay is one day of a curve, counted from disclosure, on which pairs were
// fixed or last seen unfixed.
type FixDay struct {
	Day      int
	AtRisk   int // unfixed and followed when the day began
	Fixed    int
	Censored int      // last seen unfixed on this day
	Unfixed  float64  // share that is unfixed after this day, 0 to 1
	StdErr   *float64 // of that share, by Greenwood; nil when all are fixed
}

// ScoreState says why a project has or lacks a Scorecard value.
type ScoreState string

// The states of a project's Scorecard value.
const (
	ScoreScored       ScoreState = "scored"
	ScoreStale        ScoreState = "stale" // the newest result is older than 60 days
	ScoreNoResult     ScoreState = "no_result"
	ScoreUnavailable  ScoreState = "unavailable"
	ScoreNoRepository ScoreState = "no_repository"
	ScoreNotAsked     ScoreState = "not_asked"   // outside every list we ask about
	ScoreNotFetched   ScoreState = "not_fetched" // on the list, its turn has not come
)

// ScoreAbsent asks for the projects without a Scorecard value, whatever the reason.
const ScoreAbsent ScoreState = "none"

// ScoreStates lists the states.
func ScoreStates() []ScoreState {
	return []ScoreState{ScoreScored, ScoreStale, ScoreNoResult, ScoreUnavailable, ScoreNoRepository, ScoreNotAsked, ScoreNotFetched}
}

// StatusRemoved is the status of a project that we have seen and that a complete
// root index of PyPI no longer lists, unless it is quarantined.
const StatusRemoved = "removed"

// ProjectRow is a project as the list shows it.
type ProjectRow struct {
	Project       string
	DisplayName   string
	Rank          int // 0: not in the newest list
	Downloads     uint64
	LatestVersion string
	LatestUpload  time.Time
	Status        string // PEP 792, or StatusRemoved; "" when no source said
	Repository    string // where its source repository lives now
	Trust         Trust
	ScoreState    ScoreState
	ScoreSource   ScorecardSource
	ScoreOn       time.Time
	Aggregate     *float64
	Core          *float64
	Groups        int
	Malware       int
	LatestAffect  int // groups with the latest release in their affected range
	LatestUnknown int
}

// ProjectsQuery asks for a page of projects: those that answer to all that is set.
type ProjectsQuery struct {
	Text     string           // part of a name, any spelling
	Cohort   Cohort           // one by rank, of the newest list; CohortAll or "" is every known project
	State    ScoreState       // of the Scorecard value, "" any; ScoreAbsent is any but scored
	Min, Max *float64         // of the aggregate, both included; a project without a value answers to neither
	Check    string           // a check with a conclusive score
	Below    int              // that is lower than this, 1 to 10; asked only with Check
	Affected bool             // the latest release is in the affected range of a live flaw
	KEV      bool             // of one that CISA lists as exploited
	Class    AttestationClass // of the latest stable release, "" any
	Status   string           // PEP 792 or StatusRemoved, "" any
	Sort     string           // rank, name, aggregate, advisories, release
	Limit    int
	Offset   int
}

// Filters reports whether the query asks for more than a page of all projects.
func (q ProjectsQuery) Filters() bool {
	q.Sort, q.Limit, q.Offset = "", 0, 0
	if q.Cohort == CohortAll {
		q.Cohort = ""
	}
	return q != ProjectsQuery{}
}

// ProjectDetail is everything the project page and its API answer show.
type ProjectDetail struct {
	ProjectRow
	RankOn         time.Time // date of the newest rank list
	RankSize       int       // its length
	InIndex        bool      // the Index API has answered for it
	InJSON         bool      // the JSON API has answered for it
	AskedAt        time.Time // when PyPI was last asked and something had changed
	Summary        string
	RequiresPython string
	License        string
	StatusReason   string
	Organization   string
	Owners         []string
	Repositories   []RepositoryView
	Result         *ScorecardResult // the value: newest accepted result, at most 60 days older than the newest observation; nil without one
	Other          *ScorecardResult // the newest result of the other source, for its reasons
	Missing        string           // in words: why there is no result
	Exposures      []Exposure       // newest disclosure first, live vulnerability groups
	MalwareGroups  []Group
	Releases       []Release // newest version first
}

// RepositoryView is one repository of a project.
type RepositoryView struct {
	Repository string
	Trust      Trust
	Evidence   string
	Since      time.Time
}

// Release is one release of a project by its files.
type Release struct {
	Version    string
	FirstAt    time.Time // first upload; zero unknown
	Files      int
	Yanked     int
	YankReason string
	Attested   int // files with a provenance object
	Unknown    int // files for which the index did not say
	Prerelease bool
	PEP440     bool // the version parses
}

// ScorePoint is one observation of a project's score.
type ScorePoint struct {
	Date      time.Time
	Source    ScorecardSource
	State     ResultState
	Suspect   bool
	Aggregate *float64
	Core      *float64
	Checks    int // conclusive checks
}

// SourceStatus is how one source stands.
type SourceStatus struct {
	Collector   string
	LastTry     time.Time // zero: never
	LastSuccess time.Time
	State       RunState // of the last try
	Through     time.Time
	Rows        uint64
	Unchanged   uint64
	Skipped     uint64
	Rejects     uint64
	ErrorClass  Class
	Error       string
	Note        string
	Upstream    string
}

// AsOf is the time by which a source is judged: that of its newest data when they
// have a date that must advance, else that of its last success, as they may be
// right for months. Zero is unknown.
func (s SourceStatus) AsOf(dated bool) time.Time {
	if dated {
		return s.Through
	}
	return s.LastSuccess
}

// Stale reports whether what is as of some time is older than twice the period of
// its source, and than two days. What is unknown is not stale, nor is what has no
// period.
func Stale(asOf, now time.Time, period time.Duration) bool {
	return !asOf.IsZero() && period > 0 && now.Sub(asOf) > StaleAfter(period)
}

// TableInfo describes one table of the store.
type TableInfo struct {
	Name    string
	Comment string
	Rows    uint64
	Bytes   uint64 // on disk
	Columns []Column
}

// Column is one column of a table.
type Column struct {
	Name    string
	Type    string
	Comment string
}

// Observations tells the state of the store's time axis.
type Observations struct {
	Newest    time.Time // newest accepted Scorecard observation
	First     time.Time
	Accepted  int
	Suspect   int
	RankOn    time.Time
	Advisory  time.Time // newest modified of an advisory, not in the future
	Malware   time.Time // newest published of a live malware report
	KnownFrom time.Time // the store's first run
}
