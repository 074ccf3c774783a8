package server

import (
	"context"
	"slices"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// adoptionWorld is what a world answers about attestations and threats.
type adoptionWorld struct {
	initiatives []observation.Initiative
	adoption    map[observation.Cohort][]observation.AdoptionPoint // by package and by download alike
	standing    map[observation.Cohort]observation.AdoptionNow
	provenance  []observation.AttestationChange // newest first
	threats     map[observation.Cohort]observation.Threats
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
