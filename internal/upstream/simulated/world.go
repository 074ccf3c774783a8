// Package simulated is a fictional ecosystem of Python projects, served in the
// wire formats of the real sources: the rank list and its monthly tags, the
// archive of weekly Scorecard results, the Scorecard API, the OSV records, PyPI's
// Index, JSON and Integrity APIs, the forges, deps.dev, the catalogue of
// exploited vulnerabilities, EPSS, the advisories of CPython and its release
// cycles. It has years of history, with the oddities that the real ones have.
//
// It stands in for the internet in the demo, in load tests and in benchmarks;
// the collectors that read it are the ordinary ones. Every name in it says that
// it is fictional. Equal sizes, seeds and days give equal bytes, in whatever
// order they are asked for, and a later day continues an earlier one: nothing of
// the past is another then, but for what changes in reality too.
//
// Nothing of the ecosystem is kept in memory: every fact is computed from the
// seed and from what it is about when somebody asks (random.go), and a name tells
// which project it belongs to (names.go).
package simulated

import (
	"net/http"
	"sync"
	"time"
)

// The sizes that an ecosystem can have.
const (
	MinProjects = 50
	MaxProjects = 100_000
)

// The whole of time in the ecosystem. What happens in it is fixed for good; the
// day of the simulation only decides how much of it is visible. On a day outside
// of [opening, end] it looks as on the nearest one inside.
var (
	beginning = date(2012, time.January, 1)   // the oldest project
	history   = date(2022, time.July, 1)      // the first rank list; the archive begins in this month
	opening   = date(2023, time.September, 1) // the earliest day that can be simulated
	end       = date(2032, time.January, 1)
)

// The planted events. Their dates are no dates of the real sources: what finds
// breaks and outages must find these by itself.
var (
	// The archive's columns come and go.
	sastCame         = date(2022, time.October, 20)
	reviewLeft       = date(2023, time.January, 26) // Code-Review is missing for some weeks
	reviewBack       = date(2023, time.March, 2)
	updateToolLeft   = date(2023, time.January, 26) // Dependency-Update-Tool leaves for good
	vulnerabilityDry = date(2026, time.January, 15) // nearly every Vulnerabilities is blank, …
	vulnerabilityEnd = date(2026, time.February, 5) // … then the column leaves

	// Checks change their meaning.
	workflowBreak = date(2023, time.April, 6)      // Dangerous-Workflow, Token-Permissions: lower for 28 %
	pinnedBreak   = date(2023, time.November, 2)   // Pinned-Dependencies: lower for nearly all
	branchBreak   = date(2024, time.February, 29)  // Branch-Protection: 40 % of the values are gone
	fuzzingBreak  = date(2025, time.September, 18) // Fuzzing: 10 for another 8 %

	// The archive stands still, and then catches up.
	frozenFrom = date(2024, time.June, 10)
	frozenTo   = date(2024, time.August, 15)

	// For these days the archive lost the results of a fifth of the projects,
	// one of the most downloaded among them. They come back.
	outages = []span{
		{date(2023, time.June, 12), date(2023, time.June, 25)},
		{date(2025, time.April, 14), date(2025, time.April, 20)},
		{date(2027, time.May, 10), date(2027, time.May, 16)},
	}

	// In these weeks the archive has scores of Signed-Releases above 10.
	impossible = span{date(2024, time.December, 30), date(2025, time.January, 12)}

	// The rank list and the archive grow: rows from a day on.
	listRows = []step{{beginning, 5000}, {date(2023, time.July, 20), 8000}, {date(2024, time.October, 24), maxRows}}

	// Days on which PYSEC takes over records of the other database at once.
	importDays = []day{date(2024, time.May, 16), date(2026, time.August, 20)}

	// PyPI takes attestations from this day on, as in reality.
	attestationsFrom = date(2024, time.October, 29)

	// A new model of EPSS.
	epssModelDay = date(2025, time.May, 8)

	// The PSF names its records by CVE from this day on.
	cveRecords = date(2025, time.June, 1)
)

// The planted shares, of projects unless they say otherwise.
const (
	maxRows = 15_000 // of the rank list, as in reality

	shareShared     = 0.15  // in a repository together with others
	shareRenamed    = 0.08  // of repositories, at some day
	shareDead       = 0.05  // of repositories: deleted or made private at some day
	shareGitLab     = 0.02  // of repositories
	shareLab        = 0.08  // of repositories: the owner has capital letters
	shareWrongLink  = 0.012 // declare a repository that never was
	shareAPI        = 0.70  // of repositories that are reached: the Scorecard API has a result
	shareActionOld  = 0.10  // of those: published by an Action that has stopped
	shareActionNew  = 0.25  // of those: published by an Action that runs
	shareAbandoned  = 0.25  // release no more from some day on
	shareRemoved    = 0.004 // leave PyPI at some day
	shareLifted     = 0.002 // quarantined for some weeks
	shareQuarantine = 0.001 // quarantined for good
	shareArchived   = 0.022
	shareDeprecated = 0.012
	shareOwnerMove  = 0.06  // change owners or organisation at some day
	shareOrg        = 0.10  // belong to an organisation
	shareYanked     = 0.015 // of releases
	shareAttesting  = 0.45  // publish with attestations, from some day on
	shareQuitting   = 0.08  // of those: stop again
	shareSlips      = 0.04  // of their releases: one without
	shareHalf       = 0.03  // of their releases: only the source archive has one
	sharePublisher  = 0.12  // of those: publish from another repository from some day on
	shareLostObject = 0.002 // of attestations: the index names it, the Integrity API has none
	shareNoCVE      = 0.12  // of flaws
	shareTwice      = 0.03  // of flaws: PYSEC has it twice, one withdrawn
	shareSibling    = 0.02  // of flaws: PYSEC has one more record, for another project
	shareChain      = 0.10  // of flaws: the records hang together only through each other's aliases
	shareTaken      = 0.02  // of flaws: both databases take it back
	shareImported   = 0.30  // of flaws: PYSEC has it only from an import
	shareForeign    = 0.01  // of flaws: a database that is not read has it too
	shareManyNames  = 0.004 // of flaws: a record with more than five aliases
	shareFuture     = 0.02  // of flaws: `modified` is a slip of the pen, 700 days ahead
	shareUnfixed    = 0.10  // of flaws
	shareExploited  = 0.006 // of flaws with a CVE
	pageOfVersions  = 400   // responses on a page of deps.dev's batch
)

// span is from a day to a day, both included.
type span struct{ from, to day }

func (s span) has(d day) bool { return d >= s.from && d <= s.to }

// step is a number that holds from a day on.
type step struct {
	from day
	n    int
}

// at returns the number that holds on a day.
func at(steps []step, d day) int {
	n := 0
	for _, s := range steps {
		if d >= s.from {
			n = s.n
		}
	}
	return n
}

// Ecosystem answers requests as the real sources would. It implements
// http.RoundTripper and http.Handler, and is safe for concurrent use.
type Ecosystem struct {
	seed  seed
	n     int
	clock func() time.Time

	mu      sync.Mutex
	records *records // of the day it names
}

var (
	_ http.RoundTripper = (*Ecosystem)(nil)
	_ http.Handler      = (*Ecosystem)(nil)
)

// New returns the ecosystem of n projects (MinProjects to MaxProjects). It is as
// on the UTC day that clock tells, whenever it is asked something.
func New(n int, seedNumber uint64, clock func() time.Time) *Ecosystem {
	return &Ecosystem{seed: seed(mix(seedNumber)), n: n, clock: clock}
}

// world is the ecosystem on one day.
type world struct {
	seed
	n     int // projects
	pool  int // projects there ever are
	today day
	now   time.Time // the first moment of today: nothing later has happened
	whole *Ecosystem
}

func (e *Ecosystem) today() *world { return e.on(dayOf(e.clock().UTC())) }

func (e *Ecosystem) on(d day) *world {
	d = min(max(d, opening), end)
	return &world{seed: e.seed, n: e.n, pool: poolOf(e.n), today: d, now: d.time(), whole: e}
}

// poolOf is how many projects an ecosystem of n ever has. A sixth more than the
// rows of the rank list wait to enter it.
func poolOf(n int) int { return max(n, min(n, maxRows)*7/6) }
