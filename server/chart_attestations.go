package server

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// slugAttestations is the chart of attestation classes over time.
const slugAttestations = "attestations"

var attestationsChart = chartKind{
	slug: slugAttestations, label: "Attestation classes of the cohorts", anchor: "attested", home: "/adoption", listed: true,
	collectors: adoptionCollectors,
	accepts:    accepts{params: []string{"cohort", "of", "from", "to", "by"}, by: periodsOfMonths},
	touches:    onAttestations,
	read:       readAttestations,
}

// adoptionCollectors bring what PyPI says of files and their provenance.
var adoptionCollectors = []string{"pypi"}

// attestationClasses are the classes in the order in which they are stacked: from
// what is attested to what is not known.
var attestationClasses = []struct {
	class observation.AttestationClass
	label string
	tone  chart.Tone
}{
	{observation.AttestationFull, "Attested", chart.ToneShare5},
	{observation.AttestationPartly, "Partly attested", chart.ToneShare4},
	{observation.AttestationPossible, "Publisher could, none observed", chart.ToneShare3},
	{observation.AttestationUnsupported, "Host unsupported or unknown, none observed", chart.ToneShare2},
	{observation.AttestationPredates, "Released before 29 Oct 2024", chart.ToneShare1},
	{observation.AttestationUnknown, "Unknown", chart.ToneHatch},
}

// fileClasses are those of the files of a month.
var fileClasses = []struct {
	name, label string
	tone        chart.Tone
	of          func(observation.AdoptionPoint) int
}{
	{"attested", "With provenance", chart.ToneShare5, func(p observation.AdoptionPoint) int { return p.FilesAttested }},
	{"none", "None observed", chart.ToneShare2, func(p observation.AdoptionPoint) int { return p.Files - p.FilesAttested - p.FilesUnknown }},
	{"unknown", "Index does not say", chart.ToneHatch, func(p observation.AdoptionPoint) int { return p.FilesUnknown }},
}

// attestationInput is what the chart of attestations is made of.
type attestationInput struct {
	points []observation.AdoptionPoint
	now    observation.AdoptionNow
	ledger []observation.Break
}

// onAttestations are the words of the initiatives that touch provenance.
func onAttestations(query) []string { return []string{"attestations", "Trusted Publishing"} }

// readAttestations asks for what the chart of attestations is made of.
func readAttestations(ctx context.Context, r *request, q query) (Chart, error) {
	w := observation.WeightPackage
	if q.Of == "downloads" {
		w = observation.WeightDownload
	}
	var in attestationInput
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { in.points, err = r.reader.Adoption(ctx, q.Cohort, w); return err })
	g.Go(func() (err error) { in.now, err = r.reader.AdoptionNow(ctx, q.Cohort); return err })
	g.Go(func() (err error) { in.ledger, err = r.reader.Breaks(ctx); return err })
	if err := g.Wait(); err != nil {
		return Chart{}, err
	}
	return buildAttestations(q, in), nil
}

// buildAttestations makes the chart of the attestation classes of a cohort by
// month, by what q counts. Levels take the last month of a period, files are
// added up.
func buildAttestations(q query, in attestationInput) Chart {
	c := Chart{Through: Date{day(in.now.Through)}, Sources: []string{"PyPI", "top-pypi-packages"}}
	switch q.Of {
	case "files":
		c.Unit = "% of the files uploaded in the " + periodNoun(q.By) + " by the projects of the cohort"
		c.Series = fileSeries(fileMonths(in.points, q))
	case "downloads":
		c.Unit = "% of the downloads of the cohort"
		c.Series = classSeries(in.points, q)
	default:
		c.Unit = "% of the projects of the cohort"
		c.Series = classSeries(in.points, q)
	}
	c.Breaks = marks(in.ledger, onRanks, c.Series)
	c.Title = attestationsTitle(&c, q)
	c.Notes = []string{"History is told from upload times and today's provenance of the files that are still there; which releases are yanked is known of the newest month alone.", "PyPI says which files carry provenance; nothing was verified by us."}
	c.face = attestationsFace(&c, q, in)
	return c
}

// onRanks says what a line of the ledger does to shares of a cohort that do not
// come from Scorecard: only a rank list touches them.
func onRanks(b observation.Break) observation.BreakKind {
	if b.Scope == "list" && (b.Kind == observation.BreakCut || b.Kind == observation.BreakFlag) {
		return b.Kind
	}
	return ""
}

// classSeries are the classes of projects, each a level at the end of its month.
func classSeries(months []observation.AdoptionPoint, q query) []Series {
	out := make([]Series, len(attestationClasses))
	for i, class := range attestationClasses {
		points := make([]Point, len(months))
		for j, m := range months {
			n := m.Classes[class.class]
			points[j] = Point{T: Date{m.Month}, on: day(m.Through), V: value(100 * n.Share), N: count(n.Projects), Of: count(m.Size)}
		}
		out[i] = Series{Name: string(class.class), Points: levels(points, q)}
	}
	return out
}

// fileMonths adds the files of the months in the range of q up to its periods.
func fileMonths(months []observation.AdoptionPoint, q query) []observation.AdoptionPoint {
	var out []observation.AdoptionPoint
	for _, m := range months {
		if !q.has(day(m.Through)) {
			continue
		}
		start := q.By.Start(m.Month)
		if n := len(out); n > 0 && out[n-1].Month.Equal(start) {
			sum := &out[n-1]
			sum.Files, sum.FilesAttested, sum.FilesUnknown = sum.Files+m.Files, sum.FilesAttested+m.FilesAttested, sum.FilesUnknown+m.FilesUnknown
			sum.Through = m.Through
			continue
		}
		m.Month = start
		out = append(out, m)
	}
	return out
}

func fileSeries(periods []observation.AdoptionPoint) []Series {
	out := make([]Series, len(fileClasses))
	for i, class := range fileClasses {
		out[i] = Series{Name: class.name, Points: make([]Point, len(periods))}
		for j, p := range periods {
			point := Point{T: Date{p.Month}, on: day(p.Through), Reason: "no file was uploaded, as far as PyPI was asked"}
			if p.Files > 0 {
				n := class.of(p)
				point.V, point.N, point.Of, point.Reason = value(100*float64(n)/float64(p.Files)), count(n), count(p.Files), ""
			}
			out[i].Points[j] = point
		}
	}
	return out
}

// attestationsTitle tells the newest value beside what is not known: a share of
// a cohort that PyPI was hardly asked about says little.
func attestationsTitle(c *Chart, q query) string {
	attested, unknown := c.Series[0].last(), c.Series[len(c.Series)-1].last()
	if attested == nil || unknown == nil {
		return "No month of attestations in the " + cohortName(q.Cohort) + " is known " + rangeWords(q)
	}
	attest, carry, when := "attest", "carry", ""
	if attested.on.Before(c.Through.Time) {
		attest, carry, when = "attested", "carried", " on "+format.Date(attested.on)
	}
	switch q.Of {
	case "files":
		return fmt.Sprintf("%s %s known to be uploaded in %s by projects of the %s carry provenance", format.Of(*attested.N, *attested.Of),
			pluralWord(*attested.Of, "file", "files"), periodName(attested, q.By), cohortName(q.Cohort))
	case "downloads":
		return fmt.Sprintf("Projects that attest every file of their latest stable release %s %s of the downloads of the %s%s; for %s of the downloads it is unknown",
			carry, format.Percent(*attested.V/100, 1), cohortName(q.Cohort), when, format.Percent(*unknown.V/100, 1))
	}
	return fmt.Sprintf("%s of the %s %s every file of their latest stable release%s; for %s it is unknown", format.Count(*attested.N),
		cohortProjects(q.Cohort, *attested.Of), attest, when, format.Count(*unknown.N))
}

func pluralWord(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// periodName names the period of a point, and says so when it is not over.
func periodName(p *Point, by observation.Granularity) string {
	name := format.Month(p.T.Time)
	if by == observation.ByYear {
		name = p.T.Format("2006")
	}
	if p.on.Before(by.Next(p.T.Time).AddDate(0, 0, -1)) {
		name += " up to " + format.Date(p.on)
	}
	return name
}

func attestationsFace(c *Chart, q query, in attestationInput) face {
	f := face{
		note: c.Notes, draw: drawAttestations, flags: true,
		cell: func(p Point) string {
			return format.Percent(*p.V/100, 1) + " (" + format.Count(*p.N) + ")"
		},
		last: "Projects", lastOf: func(p Point) string { return format.Count(*p.Of) },
	}
	labels := make(map[string]string)
	if q.Of == "files" {
		f.events, f.last = true, "Files"
		for _, class := range fileClasses {
			labels[class.name] = class.label
			f.tones = append(f.tones, chart.Class{Name: class.label, Tone: class.tone})
		}
	} else {
		for _, class := range attestationClasses {
			labels[string(class.class)] = class.label
			f.tones = append(f.tones, chart.Class{Name: class.label, Tone: class.tone})
		}
	}
	f.column = func(name string) string { return labels[name] }
	f.desc = "Shares stacked to the whole" + drawnSpan(c) + "."
	f.sub = attestationsSub(c, q)
	if in.now.Size == 0 {
		f.empty = noCohort(q.Cohort)
	}
	return f
}

// attestationsSub says what is counted, and of how many something is known.
func attestationsSub(c *Chart, q query) []string {
	p := c.Series[len(c.Series)-1].last()
	switch q.Of {
	case "files":
		out := []string{"Files uploaded in each " + periodNoun(q.By) + " by projects of the " + cohortKind(q.Cohort) + ", whatever became of them since; only files of projects that PyPI was asked about are known"}
		if p != nil {
			out = append(out, fmt.Sprintf("n = %s of the newest %s with any", format.OfPlural(*p.Of-*p.N, *p.Of, "file", "files"), periodNoun(q.By)))
		}
		return out
	case "downloads":
		out := []string{"Latest stable release at the end of each " + periodNoun(q.By) + " by the provenance of its files, each project by its downloads, " + cohortKind(q.Cohort)}
		return append(out, knownOf(p)...)
	}
	out := []string{"Latest stable release at the end of each " + periodNoun(q.By) + " by the provenance of its files, " + cohortKind(q.Cohort)}
	return append(out, knownOf(p)...)
}

// knownOf is n of N, where p counts the unknown.
func knownOf(p *Point) []string {
	if p == nil {
		return nil
	}
	return []string{"n = " + format.Of(*p.Of-*p.N, *p.Of) + " whose class is known"}
}

func drawAttestations(c *Chart, head chart.Head, axis chart.Time) chart.Spec {
	area := chart.Area{Head: head, Time: axis, Y: chart.Axis{Unit: "%", Decimals: 1}, Classes: c.face.tones}
	for i, p := range c.Series[0].Points {
		stack := chart.Stack{T: p.T.Time, Values: make([]*float64, len(c.Series))}
		for j, s := range c.Series {
			stack.Values[j] = s.Points[i].V
		}
		area.Points = append(area.Points, stack)
	}
	return area
}
