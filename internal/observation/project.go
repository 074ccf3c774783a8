package observation

import "time"

// CheckDay is what the checks of a project were at one accepted observation.
type CheckDay struct {
	On          time.Time
	Source      ScorecardSource
	ToolVersion string // of Scorecard, "" when the source does not say
	Commit      string // of the repository, "" when the source does not say
	Aggregate   *float64
	Core        *float64
	Listed      []string        // the checks that were run or listed, sorted
	Scores      map[string]int8 // the conclusive ones
	LeftOut     map[string]bool // checks that lost so many values at this observation that they are left out of it
}

// Peers are the projects of one tenth of the newest rank list: what a project
// is compared with.
type Peers struct {
	Decile      int // 1 is the most downloaded tenth; 0 without a list
	First, Last int // ranks
	ListOn      time.Time
	Size        int // projects in the tenth
	N           int // projects with a core aggregate that counts now
	P25, P50    *float64
	P75         *float64
	Checks      map[string]PeerCheck
}

// PeerCheck is one check among peers. Inconclusive scores are in none of it.
type PeerCheck struct {
	N      int // peers with a conclusive score
	High   int // of these, peers with 8 or above
	Median float64
}

// Publishing is how releases of a project come to PyPI and who may publish them.
type Publishing struct {
	Attestation *Attestation        // nil when PyPI was never asked
	Health      *ReleaseHealth      // nil when PyPI was never asked
	Publishers  []PublisherUse      // the last used first
	Changes     []AttestationChange // newest first
	Owners      []OwnersVersion     // newest first; none when the JSON API never answered
	Forges      []Repository        // newest answers about the repositories that the project names
}

// PublisherUse is one Trusted Publisher in the provenance objects that were read.
type PublisherUse struct {
	Publisher
	First, Last time.Time // uploads of files, zero unknown
	Releases    int
	Files       int
}

// OwnersVersion is who owned a project from a time on, as this store learned it.
type OwnersVersion struct {
	KnownAt      time.Time
	Owners       []string // users with the role Owner
	Organization string   // "" when no organization owns it
}
