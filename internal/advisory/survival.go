package advisory

import (
	"cmp"
	"math"
	"slices"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// KaplanMeier estimates the share of flaws that is unfixed after each day
// (E. L. Kaplan and P. Meier, 1958), with the standard error by Greenwood. Of
// days, in any order, Day, Fixed and Censored are read; those of one day are added.
// What is fixed on a day is fixed before what was last seen on it is censored.
// The curve has one entry for every day on which something happened.
func KaplanMeier(days []observation.FixDay) []observation.FixDay {
	curve := slices.Clone(days)
	slices.SortFunc(curve, func(a, b observation.FixDay) int { return cmp.Compare(a.Day, b.Day) })
	merged := curve[:0]
	atRisk := 0
	for _, d := range curve {
		atRisk += d.Fixed + d.Censored
		if n := len(merged); n > 0 && merged[n-1].Day == d.Day {
			merged[n-1].Fixed += d.Fixed
			merged[n-1].Censored += d.Censored
			continue
		}
		merged = append(merged, d)
	}
	unfixed, variance := 1.0, 0.0
	for i := range merged {
		d := &merged[i]
		d.AtRisk = atRisk
		left := atRisk - d.Fixed
		if d.Fixed > 0 {
			unfixed *= float64(left) / float64(atRisk)
			variance += float64(d.Fixed) / (float64(atRisk) * float64(left)) // infinite when none is left
		}
		d.Unfixed, d.StdErr = unfixed, nil
		if unfixed > 0 {
			e := unfixed * math.Sqrt(variance)
			d.StdErr = &e
		}
		atRisk = left - d.Censored
	}
	return merged
}

// MedianDays returns the first day of a curve after which at most half are
// unfixed; nil when more than half are to its end.
func MedianDays(curve []observation.FixDay) *int {
	for _, d := range curve {
		if d.Unfixed <= 0.5+1e-9 { // a product of fractions
			return &d.Day
		}
	}
	return nil
}
