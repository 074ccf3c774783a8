package observation

import "time"

// Evidence is what is publicly seen of something that speaks against a threat.
type Evidence string

// The states of evidence.
const (
	EvidenceObserved    Evidence = "observed"
	EvidenceNotObserved Evidence = "not_observed" // looked for, conclusively, and not seen
	EvidenceUnknown     Evidence = "unknown"
)

// Signal is one thing that speaks to a threat.
type Signal struct {
	Name  string // a check of Scorecard, or one in words: "provenance on every file"
	State Evidence
}

// ThreatEvidence is what is seen of one project against one threat of SLSA.
type ThreatEvidence struct {
	Threat  string // A to I, Dependency or Availability
	State   Evidence
	Signals []Signal
}

// ThreatCount is how many projects of a cohort show evidence against a threat.
type ThreatCount struct {
	Threat      string
	Size        int // projects in the cohort
	Observed    int
	NotObserved int
	Unknown     int
	Signals     []SignalCount // what the states rest on, in the order of the mapping
}

// SignalCount is how many projects of a cohort show one signal of a threat.
type SignalCount struct {
	Name        string
	Observed    int
	NotObserved int
	Unknown     int
}

// Threats is what is seen of one cohort.
type Threats struct {
	SLSA     string    // version of SLSA: "slsa-1.2"
	ListOn   time.Time // date of the rank list that defines the cohort
	ScoresOn time.Time // newest date of a Scorecard value in it, zero without
	FilesOn  time.Time // newest day on which PyPI said something new, zero without
	Counts   []ThreatCount
}
