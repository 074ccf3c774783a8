package server

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// adoptionWorld is what a world answers about attestations and threats.
type adoptionWorld struct {
	initiatives []observation.Initiative
	adoption    map[observation.Cohort][]observation.AdoptionPoint // by package and by download alike
	standing    map[observation.Cohort]observation.AdoptionNow
	provenance  []observation.AttestationChange // newest first
	threats     map[observation.Cohort]observation.Threats
}

// addAdoption gives every cohort ten attested projects in October 2024 and one more
// each month; in the second half of a year nothing was uploaded.
func (w *world) addAdoption() {
	w.initiatives = []observation.Initiative{
		{On: date("2024-01-01"), What: "An event before the chart begins", Evidence: "https://blog.pypi.org/one"},
		{On: date("2024-11-14"), What: "PyPI announces <b>attestations</b>", Evidence: "https://blog.pypi.org/two"},
		{On: date("2026-05-10"), What: "PyPI lets owners archive a project", Evidence: "https://blog.pypi.org/three"},
	}
	w.adoption = map[observation.Cohort][]observation.AdoptionPoint{}
	w.standing = map[observation.Cohort]observation.AdoptionNow{}
	w.threats = map[observation.Cohort]observation.Threats{}
	for _, c := range observation.RankCohorts()[:3] { // no list holds the largest
		attested := 10
		for m := date("2024-10-01"); !m.After(date("2026-07-01")); m = m.AddDate(0, 1, 0) {
			p := observation.AdoptionPoint{Month: m, Through: m.AddDate(0, 1, -1), ListOn: m, Size: c.Size(), Classes: classesOf(c.Size(), attested)}
			if m.Equal(date("2026-07-01")) {
				p.Through = date("2026-07-22")
			}
			if m.Month() < time.July {
				p.Files, p.FilesAttested, p.FilesUnknown = 100, attested, 5
			}
			w.adoption[c] = append(w.adoption[c], p)
			attested++
		}
		w.standing[c] = observation.AdoptionNow{
			ListOn: date("2026-04-01"), Through: date("2026-07-22"), Size: c.Size(), Classes: classesOf(c.Size(), attested-1), Weighted: classesOf(c.Size(), attested-1),
			Reasons:    map[string]int{observation.ReasonNotAsked: c.Size() - 60, "not fetched": 5, "no stable release": 5},
			Publishers: []observation.PublisherCount{{Kind: "GitHub", Projects: 20}, {Kind: "GitLab", Projects: 10}, {Projects: 5}},
		}
		w.threats[c] = threatsOfAll(c.Size())
	}
	for i := range 25 {
		w.provenance = append(w.provenance, observation.AttestationChange{
			Project: "requests", Kind: observation.ChangePublisher, Version: "3." + strconv.Itoa(24-i), At: date("2026-06-20").AddDate(0, 0, -7*i),
			Before: "3." + strconv.Itoa(23-i), BeforeAt: date("2026-06-13").AddDate(0, 0, -7*i), Fields: []string{"repository", "workflow"},
			From: "GitHub github.com/psf/requests <b>", To: "GitHub github.com/psf/requests publish.yml",
		})
	}
	w.provenance = append(w.provenance,
		observation.AttestationChange{Project: "urllib3", Kind: observation.ChangeLost, Version: "1.9", Older: true, At: date("2025-03-02"), Before: "2.0", BeforeAt: date("2025-02-02"), From: "2 of 2 files", To: "1 of 2 files"},
		observation.AttestationChange{Project: "urllib3", Kind: observation.ChangeGained, Version: "2.0", At: date("2025-02-02"), Before: "1.8", BeforeAt: date("2025-01-02"), From: "0 of 2 files", To: "2 of 2 files"},
	)
}

// classesOf has attested projects, ten of each class but that and unknown.
func classesOf(size, attested int) map[observation.AttestationClass]observation.ClassCount {
	out := make(map[observation.AttestationClass]observation.ClassCount)
	left := size
	for _, class := range observation.AttestationClasses() {
		n := 10
		switch class {
		case observation.AttestationFull:
			n = attested
		case observation.AttestationPartly, observation.AttestationPossible:
			n = 1
		case observation.AttestationUnknown:
			n = left
		}
		left -= n
		out[class] = observation.ClassCount{Projects: n, Share: float64(n) / float64(size)}
	}
	return out
}

// threatsOfAll has one project more for each threat, and every signal alike.
func threatsOfAll(size int) observation.Threats {
	out := observation.Threats{SLSA: posture.SLSA, ListOn: date("2026-04-01"), ScoresOn: date("2026-06-15"), FilesOn: date("2026-07-22")}
	for i, t := range posture.ThreatList() {
		n := observation.ThreatCount{Threat: t.ID, Size: size, Observed: 10 + i, NotObserved: 20, Unknown: size - 30 - i}
		for _, signal := range t.Signals() {
			found := observation.SignalCount{Name: signal.Name, Observed: 10 + i, NotObserved: 20, Unknown: size - 30 - i}
			if signal.Against {
				found.Observed, found.Unknown = 0, size-20
			}
			n.Signals = append(n.Signals, found)
		}
		out.Counts = append(out.Counts, n)
	}
	return out
}

func (w *world) Initiatives(context.Context) ([]observation.Initiative, error) {
	return w.initiatives, w.call("Initiatives")
}

func (w *world) Adoption(_ context.Context, c observation.Cohort, _ observation.Weighting) ([]observation.AdoptionPoint, error) {
	return w.adoption[c], w.call("Adoption")
}

func (w *world) AdoptionNow(_ context.Context, c observation.Cohort) (observation.AdoptionNow, error) {
	return w.standing[c], w.call("AdoptionNow")
}

func (w *world) AttestationChangesPage(_ context.Context, q observation.AttestationChangesQuery) ([]observation.AttestationChange, int, error) {
	of := slices.DeleteFunc(slices.Clone(w.provenance), func(c observation.AttestationChange) bool { return !slices.Contains(q.Kinds, c.Kind) })
	from := min(q.Offset, len(of))
	return of[from:min(from+q.Limit, len(of))], len(of), w.call("AttestationChangesPage")
}

func (w *world) AttestationMonths(context.Context, observation.Cohort) ([]observation.AttestationMonth, error) {
	var months []observation.AttestationMonth
	for _, c := range slices.Backward(w.provenance) {
		month := observation.ByMonth.Start(c.At)
		if n := len(months); n == 0 || !months[n-1].Month.Equal(month) {
			months = append(months, observation.AttestationMonth{Month: month, Changes: map[observation.AttestationChangeKind]int{}})
		}
		months[len(months)-1].Changes[c.Kind]++
	}
	return months, w.call("AttestationMonths")
}

func (w *world) Threats(_ context.Context, c observation.Cohort) (observation.Threats, error) {
	return w.threats[c], w.call("Threats")
}
