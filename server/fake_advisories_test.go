package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// advisoriesWorld is what a world answers about advisory groups.
type advisoriesWorld struct {
	groups    observation.AdvisoriesFound // Entries are all there are
	asked     observation.AdvisoriesQuery // the last question
	details   map[string]observation.AdvisoryDetail
	exploited observation.Exploitation
	malware   []observation.MonthCount
	arrivals  map[observation.ArrivalBasis][]observation.AdvisoryMonth
	fixes     observation.TimeToFix
}

func (w *world) AdvisoryGroups(_ context.Context, q observation.AdvisoriesQuery) (observation.AdvisoriesFound, error) {
	w.asked = q
	f := w.groups
	f.Entries = slices.DeleteFunc(slices.Clone(f.Entries), func(e observation.AdvisoryEntry) bool {
		return e.Group.Kind != q.Kind || !e.Group.Live && !q.Withdrawn || !strings.Contains(e.Group.Name+e.Group.ID, q.Text)
	})
	f.Total = len(f.Entries)
	f.Of = max(f.Of, f.Total)
	f.Entries = f.Entries[min(q.Offset, f.Total):]
	if q.Limit > 0 {
		f.Entries = f.Entries[:min(q.Limit, len(f.Entries))]
	}
	return f, w.fail["AdvisoryGroups"]
}

func (w *world) Advisory(_ context.Context, id string) (observation.AdvisoryDetail, error) {
	d, ok := w.details[strings.ToLower(id)]
	if !ok {
		return d, fmt.Errorf("advisory %s: %w", id, ErrNotFound)
	}
	return d, w.fail["Advisory"]
}

func (w *world) Exploitation(context.Context, string) (observation.Exploitation, error) {
	return w.exploited, w.fail["Exploitation"]
}

func (w *world) MalwareMonths(context.Context) ([]observation.MonthCount, error) {
	return w.malware, w.fail["MalwareMonths"]
}

func (w *world) Arrivals(_ context.Context, _ observation.Cohort, basis observation.ArrivalBasis) ([]observation.AdvisoryMonth, error) {
	return w.arrivals[basis], w.fail["Arrivals"]
}

func (w *world) TimeToFix(_ context.Context, c observation.Cohort, severity string) (observation.TimeToFix, error) {
	t := w.fixes
	t.Cohort, t.Severity = c, severity
	return t, w.fail["TimeToFix"]
}

// newAdvisoriesWorld knows one flaw of two projects with everything that can be
// known, one of which nothing is, a withdrawn one, and a report of malware; the
// texts are hostile.
func newAdvisoriesWorld() advisoriesWorld {
	full := observation.AdvisoryEntry{
		Group: group("CVE-2026-44431", "day"), ArrivedPYSEC: date("2026-05-14"), ArrivedHere: date("2026-07-22"), KEVOn: date("2026-06-01"), Ransomware: "Known",
		EPSS: &observation.ExploitedCVE{CVE: "CVE-2026-44431", Score: ptr(0.53), Percentile: ptr(0.971), Model: "v2026.03.14", ScoredOn: date("2026-07-22")},
		Projects: []observation.AffectedProject{
			{Project: "urllib3", Rank: 4, Status: "active", LatestVersion: "2.7.0", Asked: true, Exposed: true, Affected: "1.23 to before 2.7.0", FixedIn: []string{"2.7.0"}, FixedAt: date("2026-05-07"), FixDays: ptr(-6), Latest: ptr(false), Releases: ptr(83)},
			{Project: "requests", Rank: 5, LatestVersion: "2.0", Asked: true, Exposed: true, Affected: "all versions", Latest: ptr(true)},
			{Project: "lonely", Exposed: true, Affected: "all versions"},
		},
	}
	full.Group.Vector, full.Group.Flags = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", []string{"several-cves"}
	bare := observation.AdvisoryEntry{Group: observation.Group{ID: "PYSEC-2020-9", Name: "PYSEC-2020-9", Kind: "vulnerability", Live: true, Members: []string{"PYSEC-2020-9"}, Severity: "unknown", Precision: "unknown"}, Import: true}
	year := observation.AdvisoryEntry{Group: group("CVE-2019-0001", "year"), Projects: []observation.AffectedProject{{Project: "requests", Rank: 5, Exposed: true, Affected: "2.0"}}}
	year.Group.ID, year.Group.Disclosed, year.Group.Score, year.Group.Severity = "PYSEC-2021-1", date("2019-01-01"), nil, "unknown"
	withdrawn := observation.AdvisoryEntry{Group: group("CVE-2026-0009", "day"), Projects: []observation.AffectedProject{{Project: "urllib3", Rank: 4}}}
	withdrawn.Group.ID, withdrawn.Group.Live, withdrawn.Group.Members = "GHSA-gone-gone-gone", false, nil
	malware := observation.AdvisoryEntry{
		Group:    observation.Group{ID: "MAL-2025-1", Name: "MAL-2025-1", Kind: "malware", Live: true, Members: []string{"MAL-2025-1"}, Severity: "unknown", Precision: "day", Disclosed: date("2025-06-04"), Summary: "Malicious <script>alert(1)</script>"},
		Projects: []observation.AffectedProject{{Project: "lonely", Exposed: true, Affected: "all versions"}},
	}
	w := advisoriesWorld{
		groups: observation.AdvisoriesFound{
			Entries: []observation.AdvisoryEntry{full, year, bare, withdrawn, malware}, Of: 9, ListOn: date("2026-04-01"), List: 15000, NoSeverity: 2, YearOnly: 1, NoDate: 1, Imports: 1,
			Projects: []observation.AffectedProject{full.Projects[1]},
		},
		details:   make(map[string]observation.AdvisoryDetail),
		exploited: observation.Exploitation{CVEs: []observation.ExploitedCVE{*full.EPSS}, AddedOn: full.KEVOn, Highest: full.EPSS, KEVOn: date("2026-07-22"), EPSSOn: date("2026-07-22")},
		malware:   []observation.MonthCount{{Month: time.Unix(0, 0).UTC(), N: 3}, {Month: date("2025-03-01"), N: 6170}, {Month: date("2025-06-01"), N: 2}},
		arrivals: map[observation.ArrivalBasis][]observation.AdvisoryMonth{
			observation.ArrivalDisclosed: advisoryCounts().Months,
			observation.ArrivalPYSEC:     {{Month: date("2026-05-01"), Groups: map[string]int{"high": 3}}, {Month: date("2026-06-01"), Groups: map[string]int{"unknown": 863, "low": 1}}},
			observation.ArrivalHere:      {{Month: date("2026-07-01"), Groups: map[string]int{"unknown": 5372}}},
		},
		fixes: observation.TimeToFix{
			Days: []observation.FixDay{
				{Day: 0, AtRisk: 10, Fixed: 4, Unfixed: 0.6, StdErr: ptr(0.15)}, {Day: 34, AtRisk: 6, Fixed: 2, Censored: 1, Unfixed: 0.4, StdErr: ptr(0.16)}, {Day: 900, AtRisk: 3, Censored: 3, Unfixed: 0.4, StdErr: ptr(0.16)},
			},
			Fixed: 6, Unfixed: 4, Before: 14, Undated: 3, Unseen: 40, Median: ptr(34),
		},
	}
	record := observation.AdvisoryRecord{
		ID: "PYSEC-2026-1", Database: "PYSEC", Role: "record", Published: date("2026-05-13"), Modified: date("2026-05-20"), KnownAt: date("2026-07-22"), Severity: "high", Score: ptr(7.5), Vector: full.Group.Vector,
		References: []string{"https://example.org/<script>", "javascript:alert(1)"},
		Says:       []observation.RecordSays{{Project: "urllib3", Affected: "1.23 to before 2.7.0", FixedIn: []string{"2.7.0"}}},
	}
	other := observation.AdvisoryRecord{
		ID: "GHSA-aaaa-bbbb-cccc", Database: "GHSA", Role: "record", Published: date("2026-05-12"), Import: true, Severity: "low", Word: "LOW",
		Says: []observation.RecordSays{{Project: "urllib3", Affected: "all versions"}},
	}
	for _, e := range w.groups.Entries {
		d := observation.AdvisoryDetail{AdvisoryEntry: e, ListOn: date("2026-04-01"), Records: []observation.AdvisoryRecord{{ID: e.Group.ID, Role: "record", Severity: "unknown"}}}
		if e.Group.ID == full.Group.ID {
			d.Records = []observation.AdvisoryRecord{record, other}
		}
		for _, id := range slices.Concat([]string{e.Group.ID, e.Group.Name}, e.Group.Members, e.Group.Aliases) {
			if _, taken := w.details[strings.ToLower(id)]; !taken {
				w.details[strings.ToLower(id)] = d
			}
		}
	}
	return w
}
