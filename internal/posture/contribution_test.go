package posture

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestContributions(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after map[string]int
		want          string
	}{
		{"nothing", map[string]int{"License": 10}, map[string]int{"License": 10}, ""},
		{"one of two", map[string]int{"Maintained": 10, "License": 10}, map[string]int{"Maintained": 0, "License": 10}, "Maintained -7.50"},
		{"the largest first", map[string]int{"Maintained": 0, "License": 0, "Fuzzing": 10}, map[string]int{"Maintained": 2, "License": 10, "Fuzzing": 0}, "Fuzzing -3.33, License +1.67, Maintained +1.00"},
		{"equal ones by name", map[string]int{"Packaging": 0, "Fuzzing": 0}, map[string]int{"Packaging": 4, "Fuzzing": 4}, "Fuzzing +2.00, Packaging +2.00"},
		{"conclusive for the first time", map[string]int{"License": 10, "Fuzzing": -1}, map[string]int{"License": 10, "Fuzzing": 0}, "Fuzzing -6.67"},
		{"no longer conclusive", map[string]int{"License": 10, "Fuzzing": 0}, map[string]int{"License": 10, "Fuzzing": -1}, "Fuzzing +6.67"},
		{"outside the core", map[string]int{"License": 10, "SAST": 10}, map[string]int{"License": 10, "SAST": 0}, ""},
		{"not run before", map[string]int{"License": 10}, map[string]int{"License": 10, "Fuzzing": 4}, "Fuzzing -4.00"},
	} {
		var words []string
		for _, c := range Contributions(checksOf(tt.before), checksOf(tt.after)) {
			words = append(words, fmt.Sprintf("%s %+.2f", c.Check, c.Move))
		}
		if got := strings.Join(words, ", "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestContributionsAddUp holds what the doc comment says: over the same
// conclusive checks they are the whole move.
func TestContributionsAddUp(t *testing.T) {
	after := map[string]int{}
	for name, score := range urllib3 {
		after[name] = (score + 7) % 11
	}
	before, now := checksOf(urllib3), checksOf(after)
	sum := 0.0
	for _, c := range Contributions(before, now) {
		sum += c.Move
	}
	if want := *Core(now) - *Core(before); math.Abs(sum-want) > 1e-9 {
		t.Errorf("%v, want %v", sum, want)
	}
}
