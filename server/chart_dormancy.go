package server

import (
	"context"
	"fmt"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

var dormancyChart = chartKind{
	slug: slugDormancy, label: "Projects without a release for a year", anchor: "dormant", home: "/releases", listed: true,
	collectors: []string{"pypi"},
	accepts:    releasesParams,
	touches:    func(query) []string { return []string{"archive", "status markers"} },
	read:       readDormancy,
}

// readDormancy makes the chart of the projects of a cohort that have had no
// release for a year and for two.
func readDormancy(ctx context.Context, r *request, q query) (Chart, error) {
	in, err := r.releases(ctx, q)
	if err != nil {
		return Chart{}, err
	}
	return buildDormancy(q, in), nil
}

func buildDormancy(q query, in releasesInput) Chart {
	c := Chart{Unit: "% of the projects whose files are known", Through: Date{in.through}, Sources: releasesSources, Notes: []string{deletedNote}}
	c.Series = []Series{
		in.shares("365 days", func(p observation.ReleasesPoint) int { return p.Dormant365 }),
		in.shares("730 days", func(p observation.ReleasesPoint) int { return p.Dormant730 }),
	}
	c.Breaks = marks(in.ledger, onLists, c.Series)
	c.Title = dormancyTitle(&c, q)
	c.face = face{
		sub:   []string{"Share of the projects of the " + cohortKind(q.Cohort) + " without a release of any kind in so many days, at the end of each month"},
		note:  []string{"A finished project may need no release.", deletedNote, "The axis shows the range of the values and may start above zero."},
		flags: true, draw: drawShares,
		column: func(name string) string { return "No release for " + name },
		cell:   shareCell,
	}
	if p := in.newest(); p != nil {
		c.face.sub = append(c.face.sub, filesKnown(p))
	}
	return c
}

func dormancyTitle(c *Chart, q query) string {
	p := c.Series[0].last()
	if p == nil {
		return "When the " + cohortName(q.Cohort) + " last released is not known " + rangeWords(q)
	}
	when, have := "", "have"
	if p.on.Before(c.Through.Time) {
		when, have = " on "+format.Date(p.on), "had"
	}
	return fmt.Sprintf("%s of the %s whose files are known %s had no release for 365 days%s", format.OfPlural(*p.N, *p.Of, "project", "projects"), cohortName(q.Cohort), have, when)
}

// shareCell prints a share with its n.
func shareCell(p Point) string {
	return format.Percent(*p.V/100, 1) + " (" + format.Of(*p.N, *p.Of) + ")"
}

// drawShares draws shares as lines, the first series as the main one.
func drawShares(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	lines := chart.Lines{Head: head, Time: axis, Y: chart.Axis{Unit: "%", Decimals: 1}}
	for i, s := range c.Series {
		line := chart.Series{Name: capitalise(s.Name), Main: i == 0, Points: drawn(s, i == 0)}
		if p := s.last(); p != nil {
			line.Label = format.Percent(*p.V/100, 1)
		}
		lines.Series = append(lines.Series, line)
	}
	return lines
}
