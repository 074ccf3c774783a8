package posture

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestThreats(t *testing.T) {
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	yes, no := true, false
	through := day("2026-01-01")
	for _, tt := range []struct {
		name                  string
		facts                 Facts
		observed, notObserved string // threats, in order; the others are unknown
	}{
		{"nothing known", Facts{}, "", ""},
		{"one check at 8", Facts{Checks: checksOf(map[string]int{"Code-Review": 8})}, "B ", ""},
		{"one check at 7", Facts{Checks: checksOf(map[string]int{"Code-Review": 7})}, "", "B "},
		{"7 and 8", Facts{Checks: checksOf(map[string]int{"Code-Review": 7, "SAST": 8})}, "B ", ""},
		{"inconclusive", Facts{Checks: checksOf(map[string]int{"Code-Review": -1, "SAST": -1})}, "", ""},
		{"inconclusive beside 0", Facts{Checks: checksOf(map[string]int{"Code-Review": -1, "SAST": 0})}, "", "B "},
		{"a check of several threats", Facts{Checks: checksOf(map[string]int{"Token-Permissions": 10, "Maintained": 0})}, "C D E ", "A Availability "},
		{"a check that speaks to none", Facts{Checks: checksOf(map[string]int{"Brand-New": 10})}, "", ""},
		{"attested", Facts{Attestation: observation.AttestationFull}, "E F G ", ""},
		{"attested by what is declared", Facts{Attestation: observation.AttestationFull, Declared: &yes}, "D E F G ", ""},
		{"attested by another", Facts{Attestation: observation.AttestationFull, Declared: &no}, "E F G ", "D "},
		{"partly", Facts{Attestation: observation.AttestationPartly}, "E ", "F G "},
		{"none observed", Facts{Attestation: observation.AttestationPossible}, "", "D E F G "},
		{"too old", Facts{Attestation: observation.AttestationPredates}, "", "D E F G "},
		{"provenance unknown", Facts{Attestation: observation.AttestationUnknown}, "", ""},
		{"one owner", Facts{Asked: true, Owners: 1}, "", "A Availability "},
		{"two owners", Facts{Asked: true, Owners: 2}, "A Availability ", ""},
		{"an organization", Facts{Asked: true, Organization: "psf"}, "A ", ""},
		{"ownership not stated", Facts{Asked: true}, "", ""},
		{"not asked", Facts{Owners: 2, Organization: "psf"}, "", ""},
		{"active says nothing", Facts{Status: "active"}, "", ""},
		{"archived", Facts{Status: "archived"}, "", "A H Availability "},
		{"quarantined", Facts{Status: "quarantined"}, "", "A G H Availability "},
		{"malware reported", Facts{Malware: 1}, "", "A H "},
		{"old and alive", Facts{FirstAt: day("2020-01-01"), LastAt: day("2025-01-02"), Through: through}, "H Availability ", ""},
		{"old and dormant", Facts{FirstAt: day("2025-01-01"), LastAt: day("2025-01-01"), Through: through}, "H ", "Availability "},
		{"young", Facts{FirstAt: day("2025-01-02"), LastAt: day("2025-01-02"), Through: through}, "Availability ", "H "},
		{"ended Pythons", Facts{Python: observation.PythonOnlyEOL}, "", "I "},
		{"supported Pythons say nothing", Facts{Python: observation.PythonCurrent}, "", ""},
		{"affected", Facts{LatestAffected: 2}, "", "Dependency "},
		{"evidence outweighs", Facts{LatestAffected: 2, Checks: checksOf(map[string]int{"Fuzzing": 10})}, "Dependency ", ""},
	} {
		var observed, notObserved string
		for _, e := range Threats(&tt.facts) {
			switch e.State {
			case observation.EvidenceObserved:
				observed += e.Threat + " "
			case observation.EvidenceNotObserved:
				notObserved += e.Threat + " "
			}
		}
		if observed != tt.observed || notObserved != tt.notObserved {
			t.Errorf("%s: observed %q, not observed %q; want %q, %q", tt.name, observed, notObserved, tt.observed, tt.notObserved)
		}
	}
}

func TestThreatSignals(t *testing.T) {
	for _, e := range Threats(&Facts{Checks: checksOf(map[string]int{"Signed-Releases": 9, "Packaging": -1}), Attestation: observation.AttestationPossible}) {
		if e.Threat != "F" {
			continue
		}
		want := []observation.Signal{{Name: "Signed-Releases", State: observation.EvidenceObserved}, {Name: "Packaging", State: observation.EvidenceUnknown},
			{Name: "provenance on every file", State: observation.EvidenceNotObserved}}
		if diff := cmp.Diff(want, e.Signals); diff != "" {
			t.Error(diff)
		}
	}
}

// TestSignalsAreThoseOfThreats: the list of what speaks to a threat is what a
// project is judged by, in the same order.
func TestSignalsAreThoseOfThreats(t *testing.T) {
	found := Threats(&Facts{})
	for i, threat := range ThreatList() {
		var want, got []string
		for _, s := range found[i].Signals {
			want = append(want, s.Name)
		}
		for _, s := range threat.Signals() {
			got = append(got, s.Name)
			if _, known := Weight(s.Name); known != s.Check {
				t.Errorf("%s: %s is a check: %v", threat.ID, s.Name, s.Check)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", threat.ID, got, want)
		}
	}
}

// TestThreatList holds the letters, and that every check is one that exists.
func TestThreatList(t *testing.T) {
	var ids []string
	checks := make(map[string]bool)
	for _, threat := range ThreatList() {
		ids = append(ids, threat.ID)
		if threat.Name == "" || len(threat.Signals()) == 0 {
			t.Errorf("%+v", threat)
		}
		for _, c := range threat.checks {
			checks[c] = true
		}
	}
	if want := []string{"A", "B", "C", "D", "E", "F", "G", "H", "I", "Dependency", "Availability"}; !slices.Equal(ids, want) {
		t.Errorf("threats %q, want %q", ids, want)
	}
	for _, c := range slices.Sorted(maps.Keys(checks)) {
		if _, known := Weight(c); !known {
			t.Errorf("%q is no check of Scorecard", c)
		}
	}
}
