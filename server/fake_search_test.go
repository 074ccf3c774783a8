package server

import (
	"context"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// found is what the search of every test knows, the best first.
var found = []struct {
	names []string
	hit   observation.Hit
}{
	{[]string{"urllib3"}, observation.Hit{Kind: observation.HitProject, Text: "urllib3", Project: "urllib3", Rank: 4}},
	{[]string{"github.com/urllib3/urllib3", "urllib3/urllib3"}, observation.Hit{Kind: observation.HitRepository, Text: "github.com/urllib3/urllib3", Project: "urllib3", Rank: 4, Projects: 3}},
	{[]string{"CVE-2026-44431", "GHSA-aaaa-bbbb-cccc"}, observation.Hit{Kind: observation.HitAdvisory, Text: "CVE-2026-44431", Group: "PYSEC-2026-1", Rank: 4, Projects: 1, Live: true, Severity: "high", Score: ptr(7.5)}},
	{[]string{"CVE-2026-44432"}, observation.Hit{Kind: observation.HitAdvisory, Text: "CVE-2026-44432", Group: "PYSEC-2026-2", Projects: 2, Severity: "unknown"}},
	{[]string{"requests"}, observation.Hit{Kind: observation.HitProject, Text: "Requests", Project: "requests", Rank: 5}},
	{[]string{"lonely"}, observation.Hit{Kind: observation.HitProject, Text: "lonely", Project: "lonely"}},
	{[]string{"urllib33"}, observation.Hit{Kind: observation.HitProject, Text: "urllib33", Project: "urllib33", Malware: true}},
	{[]string{"MAL-2025-1"}, observation.Hit{Kind: observation.HitAdvisory, Text: "MAL-2025-1", Group: "MAL-2025-1", Projects: 1, Live: true, Malware: true, Severity: "unknown"}},
}

// Search finds what has text in a name; the order is that of found.
func (w *world) Search(_ context.Context, text string, limit int) ([]observation.Hit, error) {
	var hits []observation.Hit
	for _, f := range found {
		for _, name := range f.names {
			if text != "" && len(hits) < limit && strings.Contains(strings.ToLower(name), strings.ToLower(text)) {
				f.hit.Exact = slices.ContainsFunc(f.names, func(name string) bool { return strings.EqualFold(name, text) })
				if f.hit.Kind == observation.HitAdvisory && name != f.hit.Text {
					f.hit.Matched = name
				}
				hits = append(hits, f.hit)
				break
			}
		}
	}
	return hits, w.call("Search")
}
