package posture

import (
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// SLSA is the version of SLSA whose threats Threats speaks of. Version 1.0 used
// the same letters with other meanings.
const SLSA = "slsa-1.2"

// observedScore is the score of a check from which on it counts as evidence:
// "8 or above".
const observedScore = 8

// youngDays is the length of the year by which the age of a project and of its
// last release are told.
const youngDays = 365

// Threat is one threat of SLSA.
type Threat struct {
	ID      string // A to I, Dependency or Availability
	Name    string // as SLSA 1.2 calls it
	checks  []string
	signals []signal
	against []signal // never observed: they can only be counted against a project
}

// Signals returns what speaks to the threat, in the order in which Threats
// lists it.
func (t Threat) Signals() []Signal {
	out := make([]Signal, 0, len(t.checks)+len(t.signals)+len(t.against))
	for _, check := range t.checks {
		out = append(out, Signal{Name: check, Check: true})
	}
	for _, s := range t.signals {
		out = append(out, Signal{Name: s.name})
	}
	for _, s := range t.against {
		out = append(out, Signal{Name: s.name, Against: true})
	}
	return out
}

// Signal is one thing that speaks to a threat.
type Signal struct {
	Name    string // as in observation.Signal
	Check   bool   // a check of Scorecard
	Against bool   // it can only be counted against a project, so it is never evidence observed
}

// signal is one thing beside the checks that speaks to a threat.
type signal struct {
	name string
	of   func(*Facts) observation.Evidence
}

// Facts are all that is known of a project that speaks to a threat. The zero
// value of a field is unknown.
type Facts struct {
	Checks       []observation.Check // of the Scorecard value
	Asked        bool                // the JSON API of PyPI has answered: Organization and Owners are what it said
	Organization string
	Owners       int
	Status       string // PEP 792, or removed
	// Attestation is the class of the latest stable release, Declared whether an
	// attested repository is among those that the project declares.
	Attestation     observation.AttestationClass
	Declared        *bool
	FirstAt, LastAt time.Time // first and last release
	Through         time.Time // day up to which releases are known
	Python          observation.PythonSupport
	Malware         int // live malware reports
	LatestAffected  int // live groups with the latest release in their affected range
}

// The threats of SLSA 1.2 and what speaks to each. The mapping is ours.
//
// Signals that could only be counted against a project (a malware report, an
// archived project, an affected latest release, ended Pythons only) are never
// evidence observed: their absence says nothing.
//
// Not collected, and so not among the signals: changes of ownership, names that
// look alike, how much a project is used, webhooks beyond Scorecard's check.
var threats = []Threat{
	{"A", "Producer", []string{"Maintained", "Contributors", "CII-Best-Practices"},
		[]signal{{"organization on PyPI", organization}, {"two or more owners on PyPI", owners}}, []signal{{"status on PyPI", status}, {"malware report", malware}}},
	{"B", "Modifying the source", []string{"Code-Review", "Branch-Protection", "CI-Tests", "SAST"}, nil, nil},
	{"C", "Source code management", []string{"Branch-Protection", "Webhooks", "Token-Permissions"}, nil, nil},
	{"D", "External build parameters", []string{"Dangerous-Workflow", "Token-Permissions"},
		[]signal{{"attested repository is declared", declared}}, nil},
	{"E", "Build process", []string{"Dangerous-Workflow", "Pinned-Dependencies", "Token-Permissions", "Packaging"},
		[]signal{{"provenance on a file", provenanceSome}}, nil},
	{"F", "Artifact publication", []string{"Signed-Releases", "Packaging"},
		[]signal{{"provenance on every file", provenanceFull}}, nil},
	{"G", "Distribution channel", []string{"Signed-Releases"},
		[]signal{{"provenance on every file", provenanceFull}}, []signal{{"quarantine on PyPI", quarantine}}},
	{"H", "Package selection", nil,
		[]signal{{"first release over a year ago", established}}, []signal{{"status on PyPI", status}, {"malware report", malware}}},
	{"I", "Usage", []string{"Security-Policy", "License"},
		nil, []signal{{"ended Pythons only", endedPythons}}},
	{"Dependency", "Dependency threats", []string{"Pinned-Dependencies", "Dependency-Update-Tool", "Vulnerabilities", "Binary-Artifacts", "SBOM", "Fuzzing"},
		nil, []signal{{"latest release affected", affected}}},
	{"Availability", "Availability threats", []string{"Maintained"},
		[]signal{{"a release in the last year", recent}, {"two or more owners on PyPI", owners}}, []signal{{"status on PyPI", status}}},
}

// ThreatList returns the threats in the order of SLSA, for their ids and names.
func ThreatList() []Threat { return slices.Clone(threats) }

// Threats says of every threat of SLSA whether public evidence against it is
// seen, and what that rests on. The state of a threat is
//
//	observed      when at least one of its signals is observed
//	not_observed  when none is, and at least one is conclusive
//	unknown       when none is conclusive
//
// A check of Scorecard is observed at 8 or above, not observed below, and
// unknown when it is inconclusive or was not run. It is never a SLSA level, and
// no evidence observed does not mean that nothing is done.
func Threats(f *Facts) []observation.ThreatEvidence {
	scores := make(map[string]observation.Evidence, len(f.Checks))
	for i := range f.Checks {
		scores[f.Checks[i].Name] = scored(f.Checks[i].Score)
	}
	list := make([]observation.ThreatEvidence, len(threats))
	for i, t := range threats {
		signals := make([]observation.Signal, 0, len(t.checks)+len(t.signals)+len(t.against))
		for _, check := range t.checks {
			state := scores[check]
			if state == "" {
				state = observation.EvidenceUnknown
			}
			signals = append(signals, observation.Signal{Name: check, State: state})
		}
		for _, s := range slices.Concat(t.signals, t.against) {
			signals = append(signals, observation.Signal{Name: s.name, State: s.of(f)})
		}
		list[i] = observation.ThreatEvidence{Threat: t.ID, State: together(signals), Signals: signals}
	}
	return list
}

// together is the state of a threat by its signals.
func together(signals []observation.Signal) observation.Evidence {
	state := observation.EvidenceUnknown
	for _, s := range signals {
		switch s.State {
		case observation.EvidenceObserved:
			return s.State
		case observation.EvidenceNotObserved:
			state = s.State
		}
	}
	return state
}

// evidence is observed or not observed.
func evidence(observed bool) observation.Evidence {
	if observed {
		return observation.EvidenceObserved
	}
	return observation.EvidenceNotObserved
}

// against is not observed when something speaks against the project; its
// absence says nothing.
func against(is bool) observation.Evidence {
	if is {
		return observation.EvidenceNotObserved
	}
	return observation.EvidenceUnknown
}

func scored(score *int8) observation.Evidence {
	if score == nil {
		return observation.EvidenceUnknown
	}
	return evidence(*score >= observedScore)
}

// organization: PyPI names an organisation that owns the project. An answer
// without an owner of any kind does not speak of ownership.
func organization(f *Facts) observation.Evidence {
	if !f.Asked || f.Organization == "" && f.Owners == 0 {
		return observation.EvidenceUnknown
	}
	return evidence(f.Organization != "")
}

// owners: PyPI lists at least two users with the role Owner. It lists none for
// many, which is unknown.
func owners(f *Facts) observation.Evidence {
	if !f.Asked || f.Owners == 0 {
		return observation.EvidenceUnknown
	}
	return evidence(f.Owners >= 2)
}

// status: the project is archived, quarantined, deprecated or removed. Active is
// what PyPI says of every other.
func status(f *Facts) observation.Evidence {
	return against(f.Status != "" && f.Status != "active")
}

func quarantine(f *Facts) observation.Evidence { return against(f.Status == "quarantined") }

func malware(f *Facts) observation.Evidence { return against(f.Malware > 0) }

// provenanceSome: at least one file of the latest stable release carries
// provenance, which means that a hosted publisher built it.
func provenanceSome(f *Facts) observation.Evidence {
	if f.Attestation == observation.AttestationPartly {
		return observation.EvidenceObserved
	}
	return provenanceFull(f)
}

// provenanceFull: every file of it does.
func provenanceFull(f *Facts) observation.Evidence {
	if f.Attestation == observation.AttestationUnknown || f.Attestation == "" {
		return observation.EvidenceUnknown
	}
	return evidence(f.Attestation == observation.AttestationFull)
}

// declared: provenance of the latest stable release names a repository that
// the project declares. A release without any provenance shows none; which
// workflow is the expected one nobody declares.
func declared(f *Facts) observation.Evidence {
	if f.Declared != nil {
		return evidence(*f.Declared)
	}
	return against(provenanceSome(f) == observation.EvidenceNotObserved)
}

// established: the first release was uploaded more than a year ago.
func established(f *Facts) observation.Evidence {
	if f.FirstAt.IsZero() || f.Through.IsZero() {
		return observation.EvidenceUnknown
	}
	return evidence(f.FirstAt.Before(yearBefore(f.Through)))
}

// recent: the last release was uploaded within a year.
func recent(f *Facts) observation.Evidence {
	if f.LastAt.IsZero() || f.Through.IsZero() {
		return observation.EvidenceUnknown
	}
	return evidence(!f.LastAt.Before(yearBefore(f.Through)))
}

// yearBefore is the beginning of the 365 days that end with the day through.
func yearBefore(through time.Time) time.Time { return through.AddDate(0, 0, 1-youngDays) }

// endedPythons: the latest stable release admits no supported cycle of CPython.
func endedPythons(f *Facts) observation.Evidence {
	return against(f.Python == observation.PythonOnlyEOL)
}

// affected: the latest release lies in the affected range of a live group.
// That none is known is no evidence of anything.
func affected(f *Facts) observation.Evidence { return against(f.LatestAffected > 0) }
