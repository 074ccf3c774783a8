package server

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/overview"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// newestAdvisories is how many new advisories the overview lists, listedDays
// how far back the list looks from the newest record, and advisoryDays the week
// of which the line above it counts them: most weeks have few or none, and an
// empty list would tell nothing of what to look at.
const (
	newestAdvisories = 8
	advisoryDays     = 7
	listedDays       = 28
)

// board is everything that the overview is made of. What could not be read has
// its error in failed; the rest of the page stands.
type board struct {
	observations observation.Observations
	ledger       []observation.Break
	coverage     Chart
	scores       Chart
	checks       Chart
	advisories   Chart
	all          Chart // advisories of all of PyPI
	attestations Chart
	changes      []observation.Change
	dated        *changesView // one by one
	fresh        []observation.NewAdvisory
	failed       map[string]error // by what: the slugs of charts, "all", "changes", "dated", "new"
}

// overview is the first page.
func (s *Server) overview(r *request) (ui.Page, error) {
	b, err := s.loadBoard(r)
	if err != nil {
		return nil, err
	}
	p := overview.Page{
		Frame: s.pageFrame(r, layout.NavOverview, "Overview",
			"Security of the Python package ecosystem from public evidence: Scorecard coverage and scores of the most downloaded projects, and advisories by month."),
		Heading: heading(r.query, b),
		Filter:  filterFor(r, "/", b.observations),
	}
	p.Fresh = s.fresh(r.now, b.observations)
	if !r.given["cohort"] && r.Cohort != defaultCohort {
		p.Lede = fmt.Sprintf("Shown is the %s, the largest of top 1,000 and top 100 that has a value.", cohortName(r.Cohort))
	}
	p.Keys = []overview.Key{
		coverageKey(&b.coverage, r.query), medianKey(b), attestedKey(b), advisoryKey(&b.advisories, "in the "+cohortName(r.Cohort)),
	}
	p.Figures = []figure.Figure{
		s.panel(r, b, slugCoverage, &b.coverage), s.panel(r, b, slugDistribution, &b.scores), s.panel(r, b, slugCheckRates, &b.checks),
		s.panel(r, b, slugAdvisories, &b.advisories), s.panel(r, b, slugAttestations, &b.attestations),
	}
	if b.failed["all"] == nil && b.all.hasValue() {
		f := &p.Figures[3]
		f.Note = strings.TrimSpace(f.Note + " For comparison: " + b.all.Title + "; counted apart there: " + b.all.face.apart)
		f.Links = append(f.Links, part.Link{Text: "All of PyPI", Href: b.all.query.link(b.all.kind.route(), b.all.kind.route())})
	}
	p.Changes = s.changed(r, b)
	return p, nil
}

// loadBoard asks the store for all that the page shows, at the same time. Only
// the state of the time axis must be there; everything else may be missing.
func (s *Server) loadBoard(r *request) (*board, error) {
	b := &board{failed: map[string]error{}}
	var err error
	if b.observations, err = r.reader.Observations(r.ctx); err != nil {
		return nil, err
	}
	if b.ledger, err = r.reader.Breaks(r.ctx); err != nil {
		return nil, err
	}
	if !r.given["cohort"] {
		r.Cohort = r.largestWithValue()
	}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(r.ctx)
	panel := func(name string, read func() error) {
		g.Go(func() error {
			if err := read(); err != nil {
				mu.Lock()
				defer mu.Unlock()
				b.failed[name] = err
			}
			return nil
		})
	}
	drawing := func(name, slug string, q query, to *Chart) {
		panel(name, func() (err error) { *to, err = r.chart(ctx, slug, q); return err })
	}
	everywhere := r.query
	everywhere.Cohort = observation.CohortAll
	drawing(slugCoverage, slugCoverage, r.query, &b.coverage)
	drawing(slugDistribution, slugDistribution, r.query, &b.scores)
	drawing(slugCheckRates, slugCheckRates, r.query, &b.checks)
	drawing(slugAdvisories, slugAdvisories, r.query, &b.advisories)
	drawing(slugAttestations, slugAttestations, r.query, &b.attestations)
	drawing("all", slugAdvisories, everywhere, &b.all)
	panel("changes", func() (err error) {
		b.changes, err = r.season(ctx, r.Cohort)
		return err
	})
	panel("dated", func() error {
		v := usualChanges(r, b.observations)
		b.dated = v
		return s.countChanges(ctx, r, v)
	})
	if through := day(b.observations.Advisory); !through.IsZero() {
		panel("new", func() (err error) {
			b.fresh, err = r.reader.NewAdvisories(ctx, r.Cohort, through.AddDate(0, 0, 1-listedDays), through, newestAdvisories)
			return err
		})
	}
	_ = g.Wait() // a panel's error is in failed
	for name, err := range b.failed {
		s.unread(r, "panel of the overview", err, "panel", name)
	}
	return b, r.ctx.Err()
}

// largestWithValue is the cohort of the overview when none was asked for: the
// default, unless only the top 100 has a value (a small simulation). What cannot
// be read is told by the figures.
func (r *request) largestWithValue() observation.Cohort {
	for _, c := range []observation.Cohort{defaultCohort, observation.CohortTop100} {
		points, err := r.reader.CohortPoints(r.ctx, c, r.Weighting)
		if err == nil && slices.ContainsFunc(points, func(p observation.CohortPoint) bool { return p.N > 0 && !p.Suspect }) {
			return c
		}
	}
	return defaultCohort
}

// panel is a figure of the overview, or the reason why it is missing.
func (s *Server) panel(r *request, b *board, slug string, c *Chart) figure.Figure {
	if err := b.failed[slug]; err != nil {
		return s.unreadable(r, slug, r.query, err)
	}
	return s.figureOf(r, c, false)
}

// heading is the sentence of the page: coverage, median, and how the same
// projects moved. Nothing is said across a break, and what is older than a value
// lasts is told as past, with its date.
func heading(q query, b *board) string {
	if b.failed[slugCoverage] != nil || b.failed[slugDistribution] != nil {
		return "Scorecard results could not be read just now"
	}
	coverage, scores := &b.coverage, &b.scores
	cover, median := coverage.Series[0].last(), scores.series("p50").last()
	if cover == nil {
		return coverage.Title
	}
	text := coverage.Title + "."
	if q.Weighting == observation.WeightPackage {
		verb, when := "have", ""
		if q.past(cover.on, coverage) {
			verb, when = "had", " on "+format.Date(cover.on)
		}
		text = fmt.Sprintf("%s of the %s most downloaded Python projects %s a Scorecard result%s.", format.Count(*cover.N), format.Count(*cover.Of), verb, when)
	}
	if median == nil {
		return text
	}
	is := "is"
	if q.past(median.on, scores) {
		is = "was"
	}
	text += fmt.Sprintf(" Their median core aggregate %s %s of 10", is, format.Score(median.V))
	if c := b.moved(median.on); c != nil && crossed(*c, b.ledger) == nil {
		text += fmt.Sprintf("; the %s scored on both dates moved by %s on average from %s to %s%s",
			format.Plural(c.Matched, "project", "projects"), format.Signed(*c.Mean, 2), format.Date(c.From), format.Date(c.To), oneVote(q))
	}
	return text + "."
}

// moved returns how the aggregate of the same projects changed up to a day; nil
// when the change that is known ends on another one. A value of the past may not
// stand beside a change that came later.
func (b *board) moved(on time.Time) *observation.Change {
	c := matched(b.changes, "aggregate", "")
	if c == nil || c.Mean == nil || c.Matched == 0 || !day(c.To).Equal(day(on)) {
		return nil
	}
	return c
}

// oneVote says beside a weighted value that a change is not weighted.
func oneVote(q query) string {
	if q.Weighting == observation.WeightPackage {
		return ""
	}
	return ", one vote a project"
}

// past reports whether a value is told as past, with its date: something newer is
// known, or it is older than a value lasts.
func (q query) past(on time.Time, c *Chart) bool {
	return on.Before(c.Through.Time) || lapsedBy(on, q.now)
}

// season is what changed in a cohort over the longest span that may be stated, up
// to twelve weeks: a week alone tells little.
func (r *request) season(ctx context.Context, c observation.Cohort) ([]observation.Change, error) {
	spans, err := r.reader.Changes(ctx, c)
	if len(spans) == 0 {
		return nil, err
	}
	return spans[len(spans)-1].Changes, err
}

// matched finds a change.
func matched(changes []observation.Change, what, item string) *observation.Change {
	for i, c := range changes {
		if c.What == what && (item == "" || c.Item == item) {
			return &changes[i]
		}
	}
	return nil
}

// crossed returns the cut that lies between the two dates of a change, because
// of which nothing may be said of it; nil when there is none.
func crossed(c observation.Change, ledger []observation.Break) *observation.Break {
	for i, b := range ledger {
		if b.Kind != observation.BreakCut || !b.Start.After(c.From) || b.Start.After(c.To) {
			continue
		}
		switch {
		case b.Scope == "aggregate" && b.Item != observation.AggregateAll && c.What == "aggregate",
			b.Scope == "check" && c.What == "check" && b.Item == c.Item,
			b.Scope == "source" && !aboutAdvisories(b) && c.What != "cohort",
			b.Scope == "list" && (c.What == "cohort" || c.What == "result"):
			return &ledger[i]
		}
	}
	return nil
}

// sparkFlags are the cuts of a sparkline.
func sparkFlags(c *Chart) []chart.Flag {
	return slices.DeleteFunc(flagsOf(c), func(f chart.Flag) bool { return !f.Cut })
}

func coverageKey(c *Chart, q query) overview.Key {
	k := overview.Key{Label: "Scored, of the " + cohortName(q.Cohort), Value: "?", Change: "no observation with a value", Href: "#" + c.Slug}
	if !c.hasValue() {
		return k
	}
	s := &c.Series[0]
	p := s.last()
	if p == nil {
		return k
	}
	k.Value, k.Small = format.Count(*p.N), "of "+format.Count(*p.Of)
	if votes := votesWord(q.Weighting); votes != "" {
		k.Small += ", with " + format.Percent(*p.V/100, 1) + " of its " + votes
	}
	k.Change = format.Date(p.on)
	if before := s.before(p); before != nil {
		k.Change = format.Count(*before.N) + " on " + format.Date(before.on)
	}
	k.Spark = chart.Spark(drawn(*s, false), sparkFlags(c))
	return k
}

// before returns the newest point with a value before p, nil without one.
func (s *Series) before(p *Point) *Point {
	var found *Point
	for i := range s.Points {
		if &s.Points[i] == p {
			return found
		}
		if s.Points[i].V != nil {
			found = &s.Points[i]
		}
	}
	return nil
}

func medianKey(b *board) overview.Key {
	c := &b.scores
	k := overview.Key{Label: "Median core aggregate", Value: "?", Change: "no observation with a value", Href: "#" + c.Slug}
	if !c.hasValue() {
		return k
	}
	s := c.series("p50")
	p := s.last()
	if p == nil {
		return k
	}
	k.Value, k.Small = format.Score(p.V), "of 10, n = "+format.Count(*p.N)
	k.Change = format.Date(p.on)
	if m := b.moved(p.on); m != nil {
		if crossed(*m, b.ledger) == nil {
			k.Change = format.Signed(*m.Mean, 2) + " matched mean since " + format.Date(m.From) + oneVote(c.query)
		} else {
			k.Change = "not compared: a break lies after " + format.Date(m.From)
		}
	}
	k.Spark = chart.Spark(drawn(*s, false), sparkFlags(c))
	return k
}

// attestedKey is how many projects attest every file of their latest release. It
// never stands without how many are unknown.
func attestedKey(b *board) overview.Key {
	c := &b.attestations
	k := overview.Key{Label: "Latest release attested", Value: "?", Change: "nothing is known of their files", Href: "#" + slugAttestations}
	attested, unknown := c.series(string(observation.AttestationFull)), c.series(string(observation.AttestationUnknown))
	if attested == nil || unknown == nil || attested.last() == nil || unknown.last() == nil {
		return k
	}
	p, left := attested.last(), unknown.last()
	if *left.N == *left.Of {
		return k
	}
	k.Value, k.Small = format.Count(*p.N), "of "+format.Count(*p.Of)
	k.Change = "in " + format.Month(p.T.Time)
	if *left.N > 0 {
		k.Change = "unknown for " + format.Count(*left.N) + ": files not read, or no stable release"
	}
	k.Spark = chart.Spark(drawn(*attested, false), sparkFlags(c))
	return k
}

// advisoryKey is the number of advisories of the newest whole months, beside
// the same months of the year before.
func advisoryKey(c *Chart, where string) overview.Key {
	k := overview.Key{Label: "Advisories dated to the day, " + where, Value: "?", Change: "no whole month is known", Href: "#" + c.Slug}
	q := c.query
	sums := totals(c)
	partial := func(p Point) bool {
		return slices.ContainsFunc(c.Breaks, func(m Mark) bool {
			return m.Kind == markPartial && !p.T.Before(m.T.Time) && !p.T.After(m.Until.Time)
		})
	}
	sums = slices.DeleteFunc(sums, func(p Point) bool { return p.V == nil || partial(p) })
	if len(sums) == 0 {
		return k
	}
	last := sums[len(sums)-1]
	name := format.Month
	if q.By == observation.ByYear {
		name = func(t time.Time) string { return t.Format("2006") }
	}
	k.Value, k.Small = format.Count(*last.N), "in "+name(last.T.Time)
	k.Change = "the newest whole " + periodNoun(q.By) + " shown"
	for _, p := range sums {
		if p.T.Equal(last.T.AddDate(-1, 0, 0)) {
			k.Change = format.Count(*p.N) + " in " + name(p.T.Time)
		}
	}
	// Two months cannot be compared without what is missing from both.
	// A cohort is known from its first rank list on, so these are not all years.
	if n := c.Apart["year only"]; n > 0 {
		k.Change += "; " + format.Count(n) + " of the years since the first list known to the year only"
	}
	k.Spark = chart.Spark(drawn(Series{Points: sums}, false), nil)
	return k
}

// totals adds up the severities of every month.
func totals(c *Chart) []Point {
	if len(c.Series) == 0 {
		return nil
	}
	out := make([]Point, len(c.Series[0].Points))
	for i, p := range c.Series[0].Points {
		out[i] = Point{T: p.T, on: p.on, Reason: p.Reason}
		if p.V != nil {
			v := float64(*p.Of)
			out[i].V, out[i].N = &v, p.Of
		}
	}
	return out
}

// changed says in about five lines what moved between the last two accepted
// observations: over matched projects, within one segment.
func (s *Server) changed(r *request, b *board) overview.Changes {
	out := overview.Changes{Title: "What changed since last week"}
	if b.failed["changes"] != nil {
		out.State = notRead()
		return out
	}
	lines := []overview.Line{}
	if len(b.changes) > 0 {
		from, to := b.changes[0].From, b.changes[0].To
		out.Title = fmt.Sprintf("What changed from %s to %s", format.Date(from), format.Date(to))
		out.Sub = fmt.Sprintf("Two accepted observations, %s apart, without a break in between; projects of the %s with a value at both.",
			format.Plural(format.Days(from, to), "day", "days"), cohortName(r.Cohort))
		if !r.has(day(to)) {
			out.Sub += " This is of the newest data, not of the range that is chosen."
		}
		if c := matched(b.changes, "aggregate", ""); c != nil && c.Matched > 0 && crossed(*c, b.ledger) == nil {
			out.Title += fmt.Sprintf(": %s projects rose, %s fell", format.Of(c.Rose, c.Matched), format.Count(c.Fell))
		}
		lines = append(lines, aggregateLine(b), checksLine(r, b), resultLine(b), cohortLine(b, r.Cohort))
		lines = slices.DeleteFunc(lines, func(l overview.Line) bool { return l.Text == "" })
		out.Moves, out.MovesNote = moves(b)
		if len(out.Moves) > 0 {
			out.MovesTitle = "Projects that crossed 8, by check"
		}
	}
	if l, ok := advisoryLine(b, r.Cohort); ok {
		lines = append(lines, l)
	}
	if l, ok := datedLine(r, b); ok {
		lines = append(lines, l)
	}
	out.Lines = lines
	for _, a := range b.fresh {
		row := overview.Advisory{ID: advisoryLink(a.Group), Disclosed: format.Date(a.Group.Disclosed), Severity: severityOf(a.Group)}
		row.Projects = projectLinks(a.Projects)
		out.Advisories = append(out.Advisories, row)
	}
	if len(out.Advisories) > 0 {
		out.AdvisoriesTitle = "Newest dated advisories in the " + cohortName(r.Cohort)
		out.AdvisoriesNote = "Disclosed in the last " + format.Plural(listedDays, "day", "days") + " of the data, newest first, aliases merged."
		if len(b.fresh) == newestAdvisories {
			out.AdvisoriesNote += " The newest " + format.Count(newestAdvisories) + " are shown."
		}
	}
	if len(out.Lines) == 0 {
		text := "Two accepted observations of the " + cohortName(r.Cohort) + " are needed to tell what changed."
		if loading := loadingText(s.Activity()); loading != "" {
			text += " " + loading
		}
		out.State = &part.State{Lead: "Nothing to compare yet.", Text: text}
	}
	return out
}

// notCompared is the line of a change that a break forbids to state.
func notCompared(what string, c observation.Change, b observation.Break) overview.Line {
	return overview.Line{Lead: "Not compared.", Text: fmt.Sprintf("%s: a break lies between %s and %s (%s, %s)",
		what, format.Date(c.From), format.Date(c.To), format.Date(b.Start), b.What),
		Links: []part.Link{{Text: "Breaks", Href: "/methods#ledger"}}}
}

func aggregateLine(b *board) overview.Line {
	c := matched(b.changes, "aggregate", "")
	if c == nil {
		return overview.Line{}
	}
	if cut := crossed(*c, b.ledger); cut != nil {
		return notCompared("The core aggregate", *c, *cut)
	}
	if c.Matched == 0 || c.Mean == nil {
		return overview.Line{Lead: "No matched project.", Text: fmt.Sprintf("None is scored on both %s and %s.", format.Date(c.From), format.Date(c.To))}
	}
	return overview.Line{Lead: format.Signed(*c.Mean, 2), Text: fmt.Sprintf("mean change of the core aggregate over %s scored on both dates; it rose by 0.05 or more for %s and fell as much for %s",
		format.Plural(c.Matched, "project", "projects"), format.Count(c.Rose), format.Count(c.Fell)),
		Links: []part.Link{{Text: "Definition", Href: "/methods#change"}}}
}

// checksLine tells of the checks on which most projects crossed 8, and leads to
// the cause of each.
func checksLine(r *request, b *board) overview.Line {
	const most = 3
	checks, cut := comparedChecks(b)
	if len(checks) == 0 {
		if cut != "" {
			return overview.Line{Lead: "Not compared.", Text: "Checks whose meaning changed between the two dates: " + cut, Links: []part.Link{{Text: "Breaks", Href: "/methods#ledger"}}}
		}
		return overview.Line{}
	}
	first := checks[0]
	if first.Rose+first.Fell == 0 {
		return overview.Line{Lead: "No project", Text: fmt.Sprintf("crossed 8 on any of %s between %s and %s", format.Plural(len(checks), "check", "checks"), format.Date(first.From), format.Date(first.To))}
	}
	var words []string
	for _, c := range checks[:min(most, len(checks))] {
		if c.Rose+c.Fell > 0 {
			words = append(words, fmt.Sprintf("%s (%s rose to 8 or above, %s fell below, of %s)", c.Item, format.Count(c.Rose), format.Count(c.Fell), format.Count(c.Matched)))
		}
	}
	text := strings.Join(words, "; ")
	if v := b.dated; v != nil && b.failed["dated"] == nil && !v.silent() {
		if n := v.count(observation.KindCheck, observation.CauseTool).Changes; n > 0 {
			text += fmt.Sprintf(". Of the moves of checks since %s, %s put down to Scorecard itself; where they crossed 8 they are counted here too", format.Date(v.Since), format.Count(n)+" "+isAre(n))
		}
	}
	q := r.query
	q.Kind, q.Since = string(observation.KindCheck), first.From
	return overview.Line{Lead: "Crossed 8:", Text: text,
		Links: []part.Link{{Text: "Each with its date and cause", Href: q.link("/changes", "/changes")}},
		Named: mostDownloaded(first, "rose to 8 or above on "+first.Item, "fell below 8 on "+first.Item)}
}

// comparedChecks returns the changes by check that may be stated, the largest
// first, and names those that a break forbids.
func comparedChecks(b *board) (out []observation.Change, cut string) {
	var names []string
	for _, c := range b.changes {
		switch {
		case c.What != "check":
		case crossed(c, b.ledger) != nil:
			names = append(names, c.Item)
		default:
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(x, y observation.Change) int {
		return cmp.Or(cmp.Compare(y.Rose+y.Fell, x.Rose+x.Fell), cmp.Compare(x.Item, y.Item))
	})
	return out, format.List(names)
}

// moves is the table by check, without those on which nobody crossed 8.
func moves(b *board) ([]overview.Move, string) {
	checks, cut := comparedChecks(b)
	longest := 1
	var still []string
	for _, c := range checks {
		longest = max(longest, c.Rose, c.Fell)
	}
	var out []overview.Move
	for _, c := range checks {
		if c.Rose+c.Fell == 0 {
			still = append(still, c.Item)
			continue
		}
		out = append(out, overview.Move{
			Check: part.Link{Text: c.Item, Href: checkPath(c.Item)}, Rose: format.Count(c.Rose), Fell: format.Count(c.Fell),
			Matched: format.Count(c.Matched), Bar: chart.MoveBar(c.Rose, c.Fell, longest),
		})
	}
	var notes []string
	if len(still) > 0 && len(out) > 0 {
		notes = append(notes, "No matched project crossed 8 on "+format.List(still)+".")
	}
	if cut != "" {
		notes = append(notes, "Not compared, because their meaning changed in between: "+cut+".")
	}
	return out, strings.Join(notes, " ")
}

func resultLine(b *board) overview.Line {
	c := matched(b.changes, "result", "")
	if c == nil {
		return overview.Line{}
	}
	if cut := crossed(*c, b.ledger); cut != nil {
		return notCompared("Results gained and lost", *c, *cut)
	}
	return overview.Line{Lead: fmt.Sprintf("%s gained, %s lost", format.Count(c.Rose), format.Count(c.Fell)),
		Text:  fmt.Sprintf("a Scorecard result, of %s in the cohort on both dates", format.Plural(c.Matched, "project", "projects")),
		Named: mostDownloaded(*c, "gained", "lost")}
}

func cohortLine(b *board, cohort observation.Cohort) overview.Line {
	c := matched(b.changes, "cohort", "")
	if c == nil {
		return overview.Line{}
	}
	line := overview.Line{Lead: fmt.Sprintf("%s entered, %s left", format.Count(c.Rose), format.Count(c.Fell)),
		Text:  fmt.Sprintf("the %s; %s it on both dates", cohortName(cohort), format.Plural(c.Matched, "project was in", "projects were in")),
		Named: mostDownloaded(*c, "entered", "left")}
	if cut := crossed(*c, b.ledger); cut != nil {
		line.Text += fmt.Sprintf(". The list itself changed on %s: %s", format.Date(cut.Start), cut.What)
	}
	return line
}

// advisoryLine tells of the groups disclosed in the last week of the data.
func advisoryLine(b *board, cohort observation.Cohort) (overview.Line, bool) {
	through := day(b.observations.Advisory)
	if through.IsZero() || b.failed["new"] != nil {
		return overview.Line{}, false
	}
	from := through.AddDate(0, 0, 1-advisoryDays)
	n := 0
	for _, a := range b.fresh {
		if !a.Group.Disclosed.Before(from) {
			n++
		}
	}
	lead := format.Plural(n, "new advisory", "new advisories")
	switch n {
	case 0:
		lead = "No new advisory"
	case newestAdvisories:
		lead = "At least " + lead
	}
	return overview.Line{Lead: lead, Text: fmt.Sprintf("dated to the day in the %s, disclosed from %s to %s", cohortName(cohort), format.Date(from), format.Date(through)),
		Links: []part.Link{{Text: "By month", Href: b.advisories.query.link(chartPrefix+slugAdvisories, chartPrefix+slugAdvisories)}}}, true
}

// datedLine counts the changes one by one, as their page does.
func datedLine(r *request, b *board) (overview.Line, bool) {
	v := b.dated
	if v == nil || b.failed["dated"] != nil || v.silent() {
		return overview.Line{}, false
	}
	n := v.count("", observation.CauseProject)
	var kinds []string
	for _, k := range changeKinds {
		if n := v.count(k.kind, observation.CauseProject); n.Changes > 0 {
			kinds = append(kinds, lowerLabel(k.label)+" "+format.Count(n.Changes))
		}
	}
	text := lower(changesHeading(v, n))
	if len(kinds) > 0 {
		text += " (" + strings.Join(kinds, ", ") + ")"
	}
	text += fmt.Sprintf("; apart from them %s from Scorecard and %s from the sources", format.Count(v.count("", observation.CauseTool).Changes), format.Count(v.count("", observation.CauseSource).Changes))
	return overview.Line{Lead: "One by one:", Text: text, Links: []part.Link{{Text: "All changes", Href: r.link("/changes", "/changes")}}}, true
}

// mostDownloaded names the projects behind a change, each way apart, so that
// nobody has to guess which moved where. The list is short, and says so when it
// is not all of them.
func mostDownloaded(c observation.Change, rose, fell string) []overview.Named {
	var out []overview.Named
	for _, way := range []struct {
		word  string
		count int
		names []string
	}{{rose, c.Rose, c.RoseProjects}, {fell, c.Fell, c.FellProjects}} {
		if len(way.names) == 0 {
			continue
		}
		word := way.word
		switch {
		case way.count == len(way.names):
		case len(way.names) == 1:
			word += ", the most downloaded"
		default:
			word += fmt.Sprintf(", the %d most downloaded", len(way.names))
		}
		out = append(out, overview.Named{Word: strings.ToUpper(word[:1]) + word[1:] + ":", Links: projectLinks(way.names)})
	}
	return out
}

// projectLinks leads to projects by name.
func projectLinks(names []string) []part.Link {
	var out []part.Link
	for _, name := range names {
		out = append(out, part.Link{Text: name, Href: projectPath(name)})
	}
	return out
}

// severityOf prints a group's severity.
func severityOf(g observation.Group) part.Severity {
	sev := part.Severity{Word: g.Severity}
	if g.Score != nil && !math.IsNaN(*g.Score) {
		sev.Score = format.Number(*g.Score, 1)
	}
	return sev
}
