package simulated

import (
	"regexp"
	"testing"
	"time"
)

func TestNamesAreDistinctAndNormalised(t *testing.T) {
	normalised := regexp.MustCompile(`^fictional(-[a-z]+)+$`)
	seen := map[string]int{}
	for i := range len(animals) * len(things) {
		name := nameOf(i)
		if other, twice := seen[name]; twice {
			t.Fatalf("%s is both project %d and project %d", name, other, i)
		}
		if seen[name] = i; !normalised.MatchString(name) {
			t.Errorf("%q is not a normalised name", name)
		}
	}
	largest := New(MaxProjects, 1, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)).(*world)
	if largest.pool > len(seen) {
		t.Errorf("there are %d names for %d projects", len(seen), largest.pool)
	}
}

func TestReleases(t *testing.T) {
	w := New(500, 1, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)).(*world)
	odd, pre := 0, 0
	for i := range w.pool {
		versions := map[string]bool{}
		last := day(0)
		for _, r := range w.releases(i) {
			if versions[r.version] || r.day < last {
				t.Errorf("%s %s comes twice or out of order", nameOf(i), r.version)
			}
			versions[r.version], last = true, r.day
			if r.odd {
				odd++
			}
			if r.pre {
				pre++
			}
		}
		if n := len(versions); n < 1 || n > 41 {
			t.Errorf("%s has %d releases", nameOf(i), n)
		}
	}
	if odd == 0 || pre == 0 {
		t.Errorf("%d odd versions, %d pre-releases", odd, pre)
	}
}
