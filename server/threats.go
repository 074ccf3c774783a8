package server

import (
	"fmt"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// evidenceStates are the states of evidence in the order in which they are told.
var evidenceStates = []struct {
	state  observation.Evidence
	words  string // of a threat
	signal string // of a signal
	class  chart.Tone
}{
	{observation.EvidenceObserved, "Evidence observed", "Observed", "h4"},
	{observation.EvidenceNotObserved, "No public evidence observed", "Not observed", "h1"},
	{observation.EvidenceUnknown, "", "Unknown", ""},
}

// threatsOf says of one project which public evidence it shows against each
// threat, and what that rests on. The signals have no dates of their own: they
// are those of the score and of the releases on the same page.
func (s *Server) threatsOf(found []observation.ThreatEvidence) part.Threats {
	if len(found) == 0 {
		return part.Threats{State: &part.State{
			Lead: "No evidence is told.", Text: "Why: only projects of the newest rank list are looked at.",
			Link: part.Link{Text: "What is looked at", Href: "/threats"},
		}}
	}
	counts := make(map[observation.Evidence]int)
	names := make(map[string]string)
	for _, t := range posture.ThreatList() {
		names[t.ID] = t.Name
	}
	var out part.Threats
	for _, f := range found {
		counts[f.State]++
		row := part.Threat{Link: part.Link{Text: threatLabel(f.Threat, names[f.Threat]), Href: "/threats#" + threatAnchor(f.Threat)}}
		for _, state := range evidenceStates {
			if f.State == state.state {
				row.State, row.Class = state.words, string(state.class)
			}
			if links := signalLinks(f.Signals, state.state); len(links) > 0 {
				row.Signals = append(row.Signals, part.Signals{State: state.signal, Names: links})
			}
		}
		out.Rows = append(out.Rows, row)
	}
	out.Lede = fmt.Sprintf("Public evidence is observed against %s threats of SLSA 1.2; none is observed against %s, and %s cannot be told.",
		format.Of(counts[observation.EvidenceObserved], len(found)), format.Count(counts[observation.EvidenceNotObserved]), format.Count(counts[observation.EvidenceUnknown]))
	out.Note = threatCaveat
	out.Links = []part.Link{{Text: "What each threat is", Href: "/threats"}, {Text: "Definition", Href: "/methods#threats", Label: "Definition of evidence against threats"}}
	return out
}

// threatCaveat is what must be said wherever evidence against threats is shown.
const threatCaveat = "Which signal speaks to which threat is our mapping, not SLSA's, and never a SLSA level. That no public evidence is observed does not mean that nothing is done."

// signalLinks are the signals of one state, each leading to where it is told.
func signalLinks(signals []observation.Signal, state observation.Evidence) []part.Link {
	var out []part.Link
	for _, s := range signals {
		if s.State == state {
			out = append(out, signalLink(s.Name))
		}
	}
	return out
}

func signalLink(name string) part.Link {
	if words, ok := signalTexts[name]; ok {
		return part.Link{Text: name, Href: words.href}
	}
	return part.Link{Text: name, Href: "/checks/" + name}
}

// threatLabel is a threat with its letter: "A Producer"; the two without a
// letter have their name.
func threatLabel(id, name string) string {
	if len(id) > 1 {
		return id
	}
	return strings.TrimSpace(id + " " + name)
}

// threatAnchor is the place of a threat on /threats.
func threatAnchor(id string) string { return "threat-" + strings.ToLower(id) }
