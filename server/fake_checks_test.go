package server

import (
	"context"
	"fmt"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// checksWorld is what a world answers about checks: every check of rates has a
// point on each date of the cohort, from its first to its last.
type checksWorld struct {
	rates   map[string]checkHistory
	reasons []observation.CheckReason
}

// checkHistory is the made-up history of one check.
type checkHistory struct {
	from, to     string // "" is open
	share        float64
	inconclusive int // of 100 scored
	suspect      string
}

// newChecksWorld has a check of each kind: one that runs through, one that was
// lost, one with an outage, and one that is inconclusive nearly everywhere.
func newChecksWorld() checksWorld {
	return checksWorld{
		rates: map[string]checkHistory{
			"Token-Permissions": {share: 0.25, inconclusive: 8},
			"License":           {share: 0.98},
			"Vulnerabilities":   {to: "2026-02-22", share: 0.9},
			"SAST":              {from: "2022-09-14", share: 0.14, suspect: "2024-03-08"},
			"Packaging":         {share: 1, inconclusive: 95},
		},
		reasons: []observation.CheckReason{
			{Check: "Token-Permissions", Reason: "detected GitHub workflow tokens with excessive permissions", Projects: 31, Mean: ptr(0.4), Date: date("2026-06-15")},
			{Check: "Token-Permissions", Reason: "No tokens found", Projects: 4, Date: date("2026-06-15")},
		},
	}
}

func (w *world) CheckRates(_ context.Context, c observation.Cohort, weighting observation.Weighting, _ observation.Granularity) ([]observation.CheckPoint, error) {
	var points []observation.CheckPoint
	for _, name := range []string{"License", "Packaging", "SAST", "Token-Permissions", "Vulnerabilities"} {
		h, ok := w.checks.rates[name]
		if !ok {
			continue
		}
		for _, o := range w.cohorts[c] {
			on := o.Date.Format(time.DateOnly)
			if on < h.from || h.to != "" && on > h.to {
				continue
			}
			p := observation.CheckPoint{
				Check: name, Date: o.Date, Period: o.Date, ListOn: o.ListOn, Source: string(observation.SourceArchive), Suspect: o.Suspect || on == h.suspect,
				Size: o.Size, Scored: o.Scored, Inconclusive: o.Scored * h.inconclusive / 100, Unknown: o.Unknown,
			}
			p.N = p.Scored - p.Inconclusive
			high := int(float64(p.N)*h.share + 0.5)
			p.Histogram[0], p.Histogram[10] = float64(p.N-high), float64(high)
			if p.N > 0 {
				share := float64(high) / float64(p.N)
				p.Share, p.Mean = &share, ptr(10*share)
			}
			points = append(points, p)
		}
	}
	return points, w.fail["CheckRates"]
}

func (w *world) CheckReasons(context.Context, observation.Cohort) ([]observation.CheckReason, error) {
	return w.checks.reasons, w.fail["CheckReasons"]
}

// CheckProjects answers with made-up projects: every other one of 120 is below.
func (w *world) CheckProjects(_ context.Context, q observation.CheckProjectsQuery) (observation.CheckProjects, error) {
	page := observation.CheckProjects{Size: 1000, N: 679, Below: 60, Inconclusive: 2, NotRun: 57, Unknown: 262}
	total := page.Below
	if q.Inconclusive {
		total = page.Inconclusive
	}
	for i := q.Offset; i < min(q.Offset+q.Limit, total); i++ {
		p := observation.CheckProject{
			Project: []string{"urllib3", "requests", "lonely", "unfetched"}[i%4], DisplayName: fmt.Sprintf("project-%d", i+1), Rank: 2 * (i + 1),
			Source: observation.SourceArchive, Date: date("2026-06-15"),
		}
		if !q.Inconclusive {
			p.Score = ptr(i % q.Below)
		}
		if i%3 == 0 {
			p.Source, p.Repository, p.Reason = observation.SourceAPI, "github.com/example/project", "detected <b>tokens</b>"
		}
		page.Rows = append(page.Rows, p)
	}
	return page, w.fail["CheckProjects"]
}

func (w *world) Funnel(_ context.Context, c observation.Cohort, _ observation.Weighting, _ observation.Granularity) ([]observation.FunnelPoint, error) {
	var points []observation.FunnelPoint
	for _, o := range w.cohorts[c] {
		p := observation.FunnelPoint{Start: o.Date, Date: o.Date, ListOn: o.ListOn, Source: o.Source, Size: o.Size}
		step := func(n int) observation.FunnelStep {
			return observation.FunnelStep{Projects: &n, Share: ptr(float64(n) / float64(o.Size))}
		}
		switch {
		case o.Unknown != "":
			p.Gap = o.Unknown
		case o.Suspect:
			p.Gap = "suspect observation, left out: " + o.Reason
		default:
			p.Asked, p.Result, p.Recent, p.Scored = step(o.Asked), step(o.Scored+1), step(o.Scored), step(o.Scored)
			p.Unknown = "no repository was known before 22 Jul 2026"
			if !o.Date.Before(date("2026-06-01")) {
				p.Unknown, p.Repository, p.Verified = "", step(o.Asked), step(o.Scored)
			}
		}
		points = append(points, p)
	}
	return points, w.fail["Funnel"]
}
