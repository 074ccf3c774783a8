package advisory

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func fixed(days ...int) []observation.FixDay {
	var out []observation.FixDay
	for _, d := range days {
		out = append(out, observation.FixDay{Day: d, Fixed: 1})
	}
	return out
}

func censored(days ...int) []observation.FixDay {
	var out []observation.FixDay
	for _, d := range days {
		out = append(out, observation.FixDay{Day: d, Censored: 1})
	}
	return out
}

// TestKaplanMeier holds two data sets that textbooks work through: weeks of
// remission of 21 patients under 6-mercaptopurine and of 21 under placebo
// (Freireich and others, 1963).
func TestKaplanMeier(t *testing.T) {
	type point struct {
		day, atRisk     int
		unfixed, stdErr float64 // stdErr < 0: none
	}
	tests := []struct {
		name   string
		days   []observation.FixDay
		want   []point // of days on which something was fixed
		median int     // -1: not reached
	}{
		{
			"6-mercaptopurine",
			slices.Concat(fixed(6, 6, 6, 7, 10, 13, 16, 22, 23), censored(6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
			[]point{{6, 21, 0.857, 0.076}, {7, 17, 0.807, 0.087}, {10, 15, 0.753, 0.096}, {13, 12, 0.690, 0.107}, {16, 11, 0.627, 0.114}, {22, 7, 0.538, 0.128}, {23, 6, 0.448, 0.135}},
			23,
		},
		{
			"placebo",
			fixed(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23),
			[]point{{1, 21, 0.905, 0.064}, {2, 19, 0.810, 0.086}, {3, 17, 0.762, 0.093}, {4, 16, 0.667, 0.103}, {5, 14, 0.571, 0.108}, {8, 12, 0.381, 0.106}, {11, 8, 0.286, 0.099}, {12, 6, 0.190, 0.086}, {15, 4, 0.143, 0.076}, {17, 3, 0.095, 0.064}, {22, 2, 0.048, 0.046}, {23, 1, 0, -1}},
			8,
		},
		{"fixed before censored on one day", slices.Concat(censored(5), fixed(5)), []point{{5, 2, 0.5, 0.354}}, 5},
		{"none fixed", censored(1, 2, 3), nil, -1},
		{"nothing", nil, nil, -1},
	}
	for _, tt := range tests {
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(tt.days), func(i, j int) { tt.days[i], tt.days[j] = tt.days[j], tt.days[i] })
		before := slices.Clone(tt.days)
		curve := KaplanMeier(tt.days)
		if d := cmp.Diff(before, tt.days); d != "" {
			t.Errorf("%s: the data were changed:\n%s", tt.name, d)
		}
		var got []point
		events := 0
		for _, d := range curve {
			events += d.Fixed + d.Censored
			if d.Fixed == 0 {
				continue
			}
			p := point{d.Day, d.AtRisk, math.Round(d.Unfixed*1000) / 1000, -1}
			if d.StdErr != nil {
				p.stdErr = math.Round(*d.StdErr*1000) / 1000
			}
			got = append(got, p)
		}
		if d := cmp.Diff(tt.want, got, cmp.AllowUnexported(point{})); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
		if events != len(tt.days) {
			t.Errorf("%s: %d of %d counted", tt.name, events, len(tt.days))
		}
		median := -1
		if m := MedianDays(curve); m != nil {
			median = *m
		}
		if median != tt.median {
			t.Errorf("%s: median %d, want %d", tt.name, median, tt.median)
		}
	}
}
