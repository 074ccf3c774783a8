package server

import "testing"

// TestChartKinds holds that a slug names one chart, as kindOf and the list on
// /data take for granted, and that each has what its page prints.
func TestChartKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range chartKinds {
		if seen[k.slug] {
			t.Errorf("%s is listed twice", k.slug)
		}
		seen[k.slug] = true
		if k.slug == "" || k.label == "" || k.anchor == "" || k.read == nil {
			t.Errorf("%s is not whole: %+v", k.slug, k)
		}
	}
}
