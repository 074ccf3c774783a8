package server

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// slugAttestationChanges is the chart of releases that gained or lost provenance.
const slugAttestationChanges = "attestation-changes"

var attestationChangesChart = chartKind{
	slug: slugAttestationChanges, label: "Releases that gained or lost provenance", anchor: "attested", home: "/adoption", listed: true,
	collectors: adoptionCollectors,
	accepts:    accepts{params: []string{"cohort", "from", "to", "by"}, by: periodsOfMonths},
	touches:    onAttestations,
	read:       readAttestationChanges,
}

// releaseChanges are the changes of provenance that a release brings, in the order
// in which they are stacked.
var releaseChanges = []struct {
	kind  observation.AttestationChangeKind
	label string
	tone  chart.Tone
}{
	{observation.ChangeGained, "Gained", chart.ToneShare4},
	{observation.ChangeLost, "Lost", chart.ToneShare2},
	{observation.ChangePublisher, "Other publisher", chart.ToneShare0},
}

// firstAttestations is the month from which on releases may gain provenance.
var firstAttestations = time.Date(2024, time.October, 1, 0, 0, 0, 0, time.UTC)

// readAttestationChanges asks for what the chart of changes is made of.
func readAttestationChanges(ctx context.Context, r *request, q query) (Chart, error) {
	var months []observation.AttestationMonth
	var now observation.AdoptionNow
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { months, err = r.reader.AttestationMonths(ctx, q.Cohort); return err })
	g.Go(func() (err error) { now, err = r.reader.AdoptionNow(ctx, q.Cohort); return err })
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	return buildAttestationChanges(q, months, now), nil
}

// buildAttestationChanges makes the chart of the releases of a cohort that
// carry more or less provenance than the release before, or that of another
// publisher, by the month of their first upload. A month without any is a true
// zero for the projects that PyPI was asked about.
func buildAttestationChanges(q query, months []observation.AttestationMonth, now observation.AdoptionNow) Chart {
	c := Chart{Unit: "releases", Through: Date{day(now.Through)}, Sources: []string{"PyPI", "top-pypi-packages"}}
	tallies := changeTallies(q, months, now)
	if q.By == observation.ByYear {
		tallies = sumYears(tallies)
	}
	for i, change := range releaseChanges {
		s := Series{Name: string(change.kind), Points: make([]Point, len(tallies))}
		for j, t := range tallies {
			s.Points[j] = t.point(i)
		}
		c.Series = append(c.Series, s)
	}
	for _, t := range tallies {
		if t.partial != "" {
			c.Breaks = append(c.Breaks, Mark{T: Date{t.start}, Until: &Date{t.end}, Kind: markPartial, What: "not a whole " + periodNoun(q.By) + ": " + t.partial})
		}
	}
	c.Title = attestationChangesTitle(q, tallies)
	c.face = attestationChangesFace(&c, q, now)
	return c
}

// changeTallies counts every month of the range, from the first in which a
// release could carry provenance to the one up to which PyPI is known.
func changeTallies(q query, months []observation.AttestationMonth, now observation.AdoptionNow) []tally {
	if now.Size == 0 || now.Through.IsZero() {
		return nil
	}
	byMonth := make(map[time.Time]map[observation.AttestationChangeKind]int, len(months))
	for _, m := range months {
		byMonth[observation.ByMonth.Start(m.Month)] = m.Changes
	}
	var out []tally
	for m := firstAttestations; !m.After(now.Through); m = observation.ByMonth.Next(m) {
		t := tally{start: m, end: observation.ByMonth.Next(m).AddDate(0, 0, -1), counts: make([]int, len(releaseChanges))}
		if !q.has(t.end) && !q.has(m) {
			continue
		}
		for i, change := range releaseChanges {
			t.counts[i] = byMonth[m][change.kind]
		}
		if day(now.Through).Before(t.end) {
			t.partial = "data through " + format.Date(now.Through)
		}
		out = append(out, t)
	}
	return out
}

// attestationChangesTitle counts the last twelve whole months, or the last year.
func attestationChangesTitle(q query, tallies []tally) string {
	const most = 12
	where := "in the " + cohortName(q.Cohort)
	var whole []tally
	for _, t := range tallies {
		if t.partial == "" {
			whole = append(whole, t)
		}
	}
	if len(whole) == 0 {
		return "No whole " + periodNoun(q.By) + " of changes of provenance " + where + " is known " + rangeWords(q)
	}
	name := func(t time.Time) string { return format.Month(t) }
	if q.By == observation.ByYear {
		whole = whole[len(whole)-1:]
		name = func(t time.Time) string { return t.Format("2006") }
	}
	whole = whole[max(0, len(whole)-most):]
	gained, lost := 0, 0
	for _, t := range whole {
		gained, lost = gained+t.counts[0], lost+t.counts[1]
	}
	first, last := whole[0].start, whole[len(whole)-1].start
	span := "in " + name(last)
	if len(whole) > 1 {
		span = fmt.Sprintf("in the %d months to %s", monthsBetween(first, last)+1, name(last))
	}
	return fmt.Sprintf("%s known to have gained provenance %s and %s to have lost it, %s", format.Plural(gained, "release is", "releases are"), where, format.Count(lost), span)
}

func attestationChangesFace(c *Chart, q query, now observation.AdoptionNow) face {
	f := face{
		sub:    []string{"Stable releases by the " + periodNoun(q.By) + " of their first upload that differ in provenance from the release before, projects now in the " + cohortName(q.Cohort)},
		note:   []string{"Gained: every file carries provenance, of the release before not every one did; lost is the reverse. Only projects that PyPI was asked about can show a change, and a release of an older line counts like any other."},
		events: true,
		desc:   "Bars stacked by the kind of change, one a " + periodNoun(q.By) + "," + drawnSpan(c) + ".",
		draw:   func(c *Chart, head chart.Head, _ chart.Time) chart.Spec { return barsOf(c, head, q) },
		cell:   func(p Point) string { return format.Count(*p.N) },
		last:   "All", lastOf: func(p Point) string { return format.Count(*p.Of) },
	}
	labels := make(map[string]string)
	for _, change := range releaseChanges {
		labels[string(change.kind)] = change.label
		f.tones = append(f.tones, chart.Class{Name: change.label, Tone: change.tone})
	}
	f.column = func(name string) string { return labels[name] }
	if now.Size > 0 {
		known := now.Size - now.Classes[observation.AttestationUnknown].Projects
		f.sub = append(f.sub, "n = "+format.OfPlural(known, now.Size, "project", "projects")+" whose provenance is known")
	} else {
		f.empty = noCohort(q.Cohort)
	}
	return f
}

// noCohort says that no rank list is long enough for a cohort.
func noCohort(c observation.Cohort) *part.State {
	return &part.State{Lead: "No cohort.", Text: "Why: the newest rank list does not hold " + format.Count(c.Size()) + " projects, or none is stored yet."}
}
