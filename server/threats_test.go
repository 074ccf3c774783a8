package server

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// TestThreatWords: whatever posture looks at has words here, and nothing else.
func TestThreatWords(t *testing.T) {
	signals := make(map[string]bool)
	for _, threat := range posture.ThreatList() {
		if w := threatTexts[threat.ID]; w.what == "" || w.section == "" || w.tells == "" || w.missing == "" {
			t.Errorf("threat %s has no words", threat.ID)
		}
		for _, s := range threat.Signals() {
			if _, ok := signalTexts[s.Name]; ok == s.Check {
				t.Errorf("signal %q of %s: words %v, a check %v", s.Name, threat.ID, ok, s.Check)
			}
			signals[s.Name] = true
		}
	}
	for name := range signalTexts {
		if !signals[name] {
			t.Errorf("there are words for %q, which nobody looks at", name)
		}
	}
	if len(threatTexts) != len(posture.ThreatList()) {
		t.Errorf("words for %d threats of %d", len(threatTexts), len(posture.ThreatList()))
	}
}

func TestThreatsOfProject(t *testing.T) {
	s := new(Server)
	if got := s.threatsOf(nil); got.State == nil || len(got.Rows) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
	got := s.threatsOf(posture.Threats(&posture.Facts{
		Checks: []observation.Check{{Name: "Maintained", Score: ptr(int8(10))}, {Name: "CII-Best-Practices", Score: ptr(int8(0))}, {Name: "Code-Review", Score: ptr(int8(3))}},
	}))
	if want := "Public evidence is observed against 2 of 11 threats of SLSA 1.2; none is observed against 1, and 8 cannot be told."; got.Lede != want {
		t.Errorf("lede %q, want %q", got.Lede, want)
	}
	want := part.Threat{
		Link: part.Link{Text: "A Producer", Href: "/threats#threat-a"}, State: "Evidence observed", Class: "h4",
		Signals: []part.Signals{
			{State: "Observed", Names: []part.Link{{Text: "Maintained", Href: "/checks/Maintained"}}},
			{State: "Not observed", Names: []part.Link{{Text: "CII-Best-Practices", Href: "/checks/CII-Best-Practices"}}},
			{State: "Unknown", Names: []part.Link{
				{Text: "Contributors", Href: "/checks/Contributors"}, {Text: "organization on PyPI"}, {Text: "two or more owners on PyPI"},
				{Text: "status on PyPI"}, {Text: "malware report", Href: "/malware"},
			}},
		},
	}
	if diff := cmp.Diff(want, got.Rows[0]); diff != "" {
		t.Error(diff)
	}
	if last := got.Rows[10]; last.Link.Text != "Availability" || last.Link.Href != "/threats#threat-availability" {
		t.Errorf("%+v", last)
	}
	if h := got.Rows[7]; h.State != "" || h.Class != "" {
		t.Errorf("unknown is shown as %+v", h)
	}
}
