package server

import (
	"context"
	"fmt"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// slugThreats is the picture of the supply chain.
const slugThreats = "threats"

var threatsChart = chartKind{
	slug: slugThreats, label: "Evidence against the threats of SLSA", anchor: "threats", home: "/threats", listed: true,
	collectors: threatCollectors,
	accepts:    accepts{params: []string{"cohort"}},
	read:       readThreats,
}

// threatCollectors bring what the evidence against threats rests on.
var threatCollectors = []string{"pypiscorecards", "scorecard", "pypi"}

// readThreats asks for what the picture of the supply chain is made of.
func readThreats(ctx context.Context, r *request, q query) (Chart, error) {
	t, err := r.reader.Threats(ctx, q.Cohort)
	if err != nil {
		return Chart{}, err
	}
	return buildThreats(q, t), nil
}

// buildThreats makes the chart of the evidence that a cohort shows against each
// threat: for each threat one series a state, all of a single date. The store
// keeps no history of it.
func buildThreats(q query, t observation.Threats) Chart {
	c := Chart{Unit: "% of the projects of the cohort", Through: Date{evidenceOn(t)}, Sources: []string{sourceLabel(observation.SourceArchive), sourceLabel(observation.SourceAPI), "PyPI", "OSV"}}
	for _, n := range t.Counts {
		for _, state := range []struct {
			name  string
			count int
		}{{"observed", n.Observed}, {"no public evidence observed", n.NotObserved}, {"unknown", n.Unknown}} {
			c.Series = append(c.Series, Series{Name: n.Threat + " " + state.name, Points: []Point{{
				T: c.Through, on: c.Through.Time, V: value(100 * share(state.count, n.Size)), N: count(state.count), Of: count(n.Size),
			}}})
		}
	}
	c.Notes = []string{threatCaveat}
	c.Title = threatsTitle(q, t)
	c.face = threatsFace(q, t)
	return c
}

// evidenceOn is the day up to which both scores and files are known, or the one
// that is known.
func evidenceOn(t observation.Threats) time.Time {
	if t.ScoresOn.IsZero() || !t.FilesOn.IsZero() && t.FilesOn.Before(t.ScoresOn) {
		return day(t.FilesOn)
	}
	return day(t.ScoresOn)
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// threatsTitle tells between which numbers the threats lie: no threat stands for
// the others.
func threatsTitle(q query, t observation.Threats) string {
	if len(t.Counts) == 0 {
		return "No evidence against threats is known for the " + cohortName(q.Cohort)
	}
	least, most := t.Counts[0], t.Counts[0]
	for _, n := range t.Counts {
		if n.Observed < least.Observed {
			least = n
		}
		if n.Observed > most.Observed {
			most = n
		}
	}
	return fmt.Sprintf("By threat, %s to %s of the %s show public evidence against it", format.Count(least.Observed), format.Count(most.Observed), cohortProjects(q.Cohort, least.Size))
}

func threatsFace(q query, t observation.Threats) face {
	f := face{
		sub:  threatsSub(q, t),
		note: []string{threatCaveat, "One date: no history of this is kept."},
		desc: "The supply chain of SLSA 1.2 from producer to use, with the share of the cohort that shows public evidence at the place of each threat.",
		draw: func(c *Chart, head chart.Head, _ chart.Time) chart.Spec { return threatPicture(q, t, head) },
		table: func(c *Chart) *part.Table {
			return threatTable(c.Title, t)
		},
	}
	if len(t.Counts) == 0 {
		f.empty = noCohort(q.Cohort)
	}
	return f
}

func threatsSub(q query, t observation.Threats) []string {
	out := []string{"Projects of the " + cohortName(q.Cohort) + " by what is publicly seen against each threat of SLSA 1.2, each in one of three states"}
	if len(t.Counts) > 0 {
		out = append(out, "n = "+format.Count(t.Counts[0].Size)+", ranks of "+format.Date(t.ListOn))
	}
	if !t.ScoresOn.IsZero() {
		out = append(out, "scores up to "+format.Date(t.ScoresOn))
	}
	if !t.FilesOn.IsZero() {
		out = append(out, "files up to "+format.Date(t.FilesOn))
	}
	return out
}

func threatPicture(q query, t observation.Threats, head chart.Head) chart.Spec {
	p := chart.Picture{Head: head}
	names := threatNames()
	for _, n := range t.Counts {
		p.Nodes = append(p.Nodes, chart.Threat{
			ID: n.Threat, Name: names[n.Threat], Href: q.link("/threats", "/threats") + "#" + threatAnchor(n.Threat),
			Observed: n.Observed, NotObserved: n.NotObserved, Unknown: n.Unknown, Size: n.Size,
		})
	}
	return p
}

func threatNames() map[string]string {
	names := make(map[string]string)
	for _, t := range posture.ThreatList() {
		names[t.ID] = t.Name
	}
	return names
}

// threatTable has one row a threat: its states are no dates.
func threatTable(caption string, t observation.Threats) *part.Table {
	table := &part.Table{Caption: caption, Columns: []part.Column{
		{Name: "Threat"}, {Name: "Evidence observed", Num: true}, {Name: "No public evidence observed", Num: true}, {Name: "Unknown", Num: true}, {Name: "Projects", Num: true},
	}}
	names := threatNames()
	for _, n := range t.Counts {
		table.Rows = append(table.Rows, []string{
			threatLabel(n.Threat, names[n.Threat]), counted(n.Observed, n.Size), counted(n.NotObserved, n.Size), counted(n.Unknown, n.Size), format.Count(n.Size),
		})
	}
	return table
}

// counted is a number with its share: "430 (43.0 %)".
func counted(n, of int) string {
	return format.Count(n) + " (" + format.Percent(share(n, of), 1) + ")"
}
