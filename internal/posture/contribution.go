package posture

import (
	"cmp"
	"math"
	"slices"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Contribution is what one core check did to the core aggregate between two
// results. A score is nil when the check was not conclusive.
type Contribution struct {
	Check         string
	Before, After *int8
	Move          float64 // the core aggregate after, minus what it would be with this check as before
}

// Contributions explains the move of the core aggregate between two results, by
// the core checks that differ: the largest move first, equal ones by name. Over
// the same conclusive checks they add up to the whole move.
func Contributions(before, after []observation.Check) []Contribution {
	was, is := coreScores(before), coreScores(after)
	now := Core(after)
	var list []Contribution
	for _, name := range CoreChecks() {
		a, b := was[name], is[name]
		if a == nil && b == nil || a != nil && b != nil && *a == *b {
			continue
		}
		c := Contribution{Check: name, Before: a, After: b}
		if other := Core(with(after, name, a)); now != nil && other != nil {
			c.Move = *now - *other
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b Contribution) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Move), math.Abs(a.Move)), cmp.Compare(a.Check, b.Check))
	})
	return list
}

func coreScores(checks []observation.Check) map[string]*int8 {
	scores := make(map[string]*int8)
	for _, c := range checks {
		if IsCore(c.Name) {
			scores[c.Name] = c.Score
		}
	}
	return scores
}

// with returns checks with another score of one of them.
func with(checks []observation.Check, name string, score *int8) []observation.Check {
	other := slices.DeleteFunc(slices.Clone(checks), func(c observation.Check) bool { return c.Name == name })
	return append(other, observation.Check{Name: name, Score: score})
}
