package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/threats"
)

// threatsReader is what the picture of the supply chain asks of the store.
type threatsReader interface {
	// Threats returns how many projects of a cohort show evidence against each
	// threat, and how many show each signal; no counts without such a cohort.
	Threats(ctx context.Context, c observation.Cohort) (observation.Threats, error)
}

// threats is the page of the supply-chain picture: one section for each threat.
func (s *Server) threats(r *request) (ui.Page, error) {
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return nil, err
	}
	found, err := r.reader.Threats(r.ctx, r.Cohort)
	if err != nil { // the figure says so; what the threats are is known without the store
		s.unread(r, "threats", err)
		found = observation.Threats{}
	}
	p := threats.Page{
		Frame: s.pageFrame(r, layout.NavThreats, "Threats to the supply chain",
			"The supply chain of SLSA 1.2 with the public evidence that the most downloaded Python projects show against each threat, and what it rests on."),
		Filter: filterFor(r, "/threats", o),
		Figure: s.figure(r, slugThreats, r.query),
		Spec:   part.Link{Text: "SLSA 1.2, threats and mitigations", Href: slsaThreats},
		Caveat: threatCaveat,
	}
	p.Fresh = append(s.fresh(r.now, o), s.through("PyPI as of", found.FilesOn, r.now, adoptionCollectors...))
	counts := make(map[string]observation.ThreatCount)
	for _, n := range found.Counts {
		counts[n.Threat] = n
	}
	for _, t := range posture.ThreatList() {
		n, known := counts[t.ID]
		p.Sections = append(p.Sections, threatSection(t, n, known))
	}
	return p, nil
}

// threatSection is one threat: what it is, and how many projects show each of
// its signals.
func threatSection(t posture.Threat, n observation.ThreatCount, known bool) threats.Section {
	words := threatTexts[t.ID]
	out := threats.Section{
		ID: threatAnchor(t.ID), Title: threatLabel(t.ID, t.Name), What: words.what, Tells: words.tells, Missing: words.missing,
		Spec: part.Link{Text: "In SLSA 1.2", Href: slsaThreats + "#" + words.section, Label: t.Name + " in SLSA 1.2"},
	}
	if known {
		out.Counts = fmt.Sprintf("Evidence observed for %s of %s projects, no public evidence observed for %s, unknown for %s.",
			counted(n.Observed, n.Size), format.Count(n.Size), counted(n.NotObserved, n.Size), counted(n.Unknown, n.Size))
	}
	out.Summary = format.Plural(len(t.Signals()), "signal", "signals") + ", and what is not collected"
	counts := make(map[string]observation.SignalCount)
	for _, signal := range n.Signals {
		counts[signal.Name] = signal
	}
	for _, signal := range t.Signals() {
		row := threats.Signal{Link: signalLink(signal.Name), Text: signalTexts[signal.Name].text, Observed: "–", NotObserved: "–", Unknown: "–"}
		if found, ok := counts[signal.Name]; ok {
			row.Observed, row.NotObserved, row.Unknown = counted(found.Observed, n.Size), counted(found.NotObserved, n.Size), counted(found.Unknown, n.Size)
		}
		if signal.Against {
			row.Observed = "never counted"
			row.Text += "; its absence says nothing"
		}
		out.Signals = append(out.Signals, row)
	}
	return out
}

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
	names := threatNames()
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
	if !slices.Contains(posture.Names(), name) { // a check that Scorecard does not document
		return part.Link{Text: name}
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
