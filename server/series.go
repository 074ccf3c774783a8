package server

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// Chart is the data of one chart. The same value is drawn, printed as a table
// and encoded as JSON and CSV, so the numbers are the same everywhere.
type Chart struct {
	Slug    string            `json:"slug"`
	Title   string            `json:"title"`          // a sentence with its number
	Unit    string            `json:"unit"`           // of every v
	Axis    string            `json:"axis,omitempty"` // what every t counts; "" when they are dates
	Params  map[string]string `json:"params"`
	Through Date              `json:"through"` // newest observation of the source, whatever the range
	Sources []string          `json:"sources"`
	Series  []Series          `json:"series"`
	Breaks  []Mark            `json:"breaks"`
	// Apart counts what has no place on the time axis, by its name.
	Apart map[string]int `json:"apart,omitempty"`
	// Notes say what a reader must know before using the numbers.
	Notes []string `json:"notes,omitempty"`
	// Simulated marks data that is fictional.
	Simulated bool `json:"simulated,omitempty"`

	kind  *chartKind
	query query // what it answers
	face  face
}

// Series is one named series of a chart.
type Series struct {
	Name   string  `json:"name"`
	Points []Point `json:"points"` // oldest first
}

// Point is one value at one date. T is the date of the observation, the Monday
// of an ISO week, or the first of a month or year.
type Point struct {
	T      Date     `json:"t"`
	V      *float64 `json:"v"`                // nil is a gap
	N      *int     `json:"n"`                // the count behind V
	Of     *int     `json:"of"`               // the population it was counted in
	Reason string   `json:"reason,omitempty"` // why V is missing

	days    *int      // in place of T: the axis counts days from an event
	on      time.Time // the observation's own day; the last day of a period without one
	suspect *float64  // the value that is left out because the observation is suspect
}

// t is the place of a point on its axis, as files have it.
func (p Point) t() string {
	if p.days != nil {
		return strconv.Itoa(*p.days)
	}
	return p.T.String()
}

// MarshalJSON implements json.Marshaler: on an axis of days t is a number.
func (p Point) MarshalJSON() ([]byte, error) {
	type plain Point
	if p.days == nil {
		return json.Marshal(plain(p))
	}
	return json.Marshal(struct {
		T int `json:"t"`
		plain
	}{*p.days, plain(p)})
}

// Mark is a break as it touches one chart. Kind is cut (the line is cut there
// and no change may be stated across it), flag, frozen (a span in which the
// input did not move), partial or filling (a span that later data changes).
type Mark struct {
	T     Date   `json:"t"`
	Until *Date  `json:"until,omitempty"` // last day of a span
	Kind  string `json:"kind"`
	What  string `json:"what"`
	// Series names the one series that it concerns, "" for all.
	Series string `json:"series,omitempty"`
}

// The kinds of Mark that no ledger holds.
const (
	markPartial = "partial"
	markFilling = "filling"
)

// Date is a UTC day, written 2006-01-02 and null when unknown.
type Date struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(isoDay(d.Time))
}

func (d Date) String() string { return isoDay(d.Time) }

// day cuts a time to its UTC day.
func day(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// value rounds a value to four decimals, which is finer than any of the sources.
func value(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	r := math.Round(v*1e4) / 1e4
	return &r
}

func count(n int) *int { return &n }

// valueLasts is how long an observation stands for its project or cohort; after
// that its value is unknown.
const valueLasts = 60 * 24 * time.Hour

// lapsedBy reports whether an observation is too old at now to be told in the
// present tense.
func lapsedBy(on, now time.Time) bool { return day(now).After(on.Add(valueLasts)) }

// levels cuts a series of levels to the range of q and brings it to its period.
// By observation every observation stays, and one that has lapsed before the
// next came leaves a gap. By a longer period the last observation with a value
// counts, and a period without any observation is a gap.
func levels(points []Point, q query) []Point {
	points = slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return !q.has(p.on) })
	if q.By == observation.ByObservation {
		return lapsed(points)
	}
	return reduce(points, q.By)
}

func lapsed(points []Point) []Point {
	out := make([]Point, 0, len(points))
	for i, p := range points {
		if i > 0 {
			if last := points[i-1].on.Add(valueLasts); p.on.After(last) {
				end := last.AddDate(0, 0, 1)
				out = append(out, Point{T: Date{end}, on: end, Reason: "no observation for more than 60 days"})
			}
		}
		out = append(out, p)
	}
	return out
}

func reduce(points []Point, by observation.Granularity) []Point {
	var out []Point
	known := func(p Point) bool { return p.V != nil }
	for _, level := range observation.Levels(points, by, func(p Point) time.Time { return p.on }, known) {
		p := Point{on: by.Next(level.Start).AddDate(0, 0, -1), Reason: "no observation in this " + periodNoun(by)}
		if level.Point >= 0 {
			p = points[level.Point]
		}
		p.T = Date{level.Start}
		out = append(out, p)
	}
	return out
}

// cohortSeries is every observation of one cohort.
type cohortSeries struct {
	cohort observation.Cohort
	points []observation.CohortPoint
}

// axis returns every date on which one of the cohorts was observed, so that a
// cohort that is larger than the rank list of a date shows a gap there.
func axis(all []cohortSeries) []time.Time {
	var dates []time.Time
	for _, s := range all {
		for _, p := range s.points {
			dates = append(dates, p.Date)
		}
	}
	slices.SortFunc(dates, time.Time.Compare)
	return slices.CompactFunc(dates, time.Time.Equal)
}

// on lays a cohort's observations over the axis. value returns what is drawn of
// an observation, nil with the reason when it has none.
func (s cohortSeries) on(axis []time.Time, value func(observation.CohortPoint) (*float64, int, string)) []Point {
	points := make([]Point, 0, len(axis))
	i := 0
	for _, date := range axis {
		p := Point{T: Date{date}, on: date}
		if i == len(s.points) || !s.points[i].Date.Equal(date) {
			p.Reason = fmt.Sprintf("no rank list of this date holds %s projects", format.Count(s.cohort.Size()))
			points = append(points, p)
			continue
		}
		o := s.points[i]
		i++
		if o.Unknown != "" {
			p.Of, p.Reason = count(o.Size), o.Unknown
			points = append(points, p)
			continue
		}
		v, n, why := value(o)
		if v == nil {
			p.Of, p.Reason = count(o.Size), why
		} else {
			p.V, p.N, p.Of = v, count(n), count(o.Size)
		}
		if o.Suspect {
			p.suspect, p.V, p.N, p.Of = p.V, nil, nil, nil
			p.Reason = "suspect observation, left out"
			if o.Reason != "" {
				p.Reason += ": " + o.Reason
			}
		}
		points = append(points, p)
	}
	return points
}

// unasked says why an observation tells nothing of its cohort: less than half
// of it was asked about, so that any figure would tell of the asking and not of
// the projects. It is "" when enough was. On 2025-02-01 the rank list held 15,000
// projects for the first time and the archive was still asking about 8,000.
func unasked(o observation.CohortPoint) string {
	if 2*o.Asked < o.Size || o.Size == 0 {
		return fmt.Sprintf("a source was asked about %s of the cohort", format.OfPlural(o.Asked, o.Size, "project", "projects"))
	}
	return ""
}

// coverageOf is what the coverage chart shows of an observation, in percent.
func coverageOf(o observation.CohortPoint) (*float64, int, string) {
	if why := unasked(o); why != "" {
		return nil, 0, why
	}
	return value(100 * o.Coverage), o.Scored, ""
}

// quantileOf returns what the score chart shows of an observation.
func quantileOf(pick func(observation.CohortPoint) *float64) func(observation.CohortPoint) (*float64, int, string) {
	return func(o observation.CohortPoint) (*float64, int, string) {
		if why := unasked(o); why != "" {
			return nil, 0, why
		}
		v := pick(o)
		if v == nil || o.N == 0 {
			return nil, 0, "no project of the cohort has a core aggregate"
		}
		return value(*v), o.N, ""
	}
}

// quantiles are the series of the score distribution, in order.
var quantiles = []struct {
	name string
	of   func(observation.CohortPoint) *float64
}{
	{"p10", func(o observation.CohortPoint) *float64 { return o.P10 }},
	{"p25", func(o observation.CohortPoint) *float64 { return o.P25 }},
	{"p50", func(o observation.CohortPoint) *float64 { return o.P50 }},
	{"p75", func(o observation.CohortPoint) *float64 { return o.P75 }},
	{"p90", func(o observation.CohortPoint) *float64 { return o.P90 }},
	{"mean", func(o observation.CohortPoint) *float64 { return o.Mean }},
}

// onCoverage says what a line of the ledger does to lines of coverage: a rank
// list decides who is in the cohort, so its changes cut.
func onCoverage(b observation.Break) observation.BreakKind {
	switch {
	case b.Scope == "list" && (b.Kind == observation.BreakCut || b.Kind == observation.BreakFlag):
		return b.Kind
	case b.Scope == "source" && !aboutAdvisories(b):
		return softened(b.Kind)
	}
	return ""
}

// onScores says the same of aggregates of scores: what moved the scores of
// unchanged projects cuts; what changed the cohort or the source is a flag.
func onScores(b observation.Break) observation.BreakKind {
	switch {
	case b.Scope == "aggregate" && b.Item != observation.AggregateAll && (b.Kind == observation.BreakCut || b.Kind == observation.BreakFlag):
		return b.Kind
	case b.Scope == "list", b.Scope == "source" && !aboutAdvisories(b):
		return softened(b.Kind)
	}
	return ""
}

// onOneProject is onScores without the rank lists, which do not touch the score
// of a project.
func onOneProject(b observation.Break) observation.BreakKind {
	if b.Scope == "list" {
		return ""
	}
	return onScores(b)
}

// onAdvisories says the same of counts of advisories: what changed who is in a
// cohort by rank, and what changed the records.
func onAdvisories(c observation.Cohort) func(observation.Break) observation.BreakKind {
	return func(b observation.Break) observation.BreakKind {
		switch {
		case b.Scope == "list" && b.Kind == observation.BreakCut && c != observation.CohortAll, b.Scope == "source" && aboutAdvisories(b):
			return softened(b.Kind)
		}
		return ""
	}
}

// softened is the effect of a break on a chart that it only touches.
func softened(k observation.BreakKind) observation.BreakKind {
	switch k {
	case observation.BreakCut, observation.BreakFlag:
		return observation.BreakFlag
	case observation.BreakFrozen:
		return observation.BreakFrozen
	}
	return ""
}

// aboutAdvisories reports whether a line of the ledger with scope source speaks
// of advisories; the others speak of Scorecard.
func aboutAdvisories(b observation.Break) bool {
	item := strings.ToLower(b.Item)
	for _, name := range []string{"osv", "pysec", "ghsa", "mal"} {
		if strings.HasPrefix(item, name) {
			return true
		}
	}
	return false
}

// marks returns the breaks that fall between the first and the last point of
// the series, oldest first.
func marks(ledger []observation.Break, effect func(observation.Break) observation.BreakKind, series []Series) []Mark {
	first, last := extent(series)
	var out []Mark
	for _, b := range ledger {
		kind := effect(b)
		if kind == "" || b.Start.After(last) {
			continue
		}
		m := Mark{T: Date{b.Start}, Kind: string(kind), What: b.What}
		if b.End.IsZero() {
			if !b.Start.After(first) {
				continue
			}
		} else {
			if b.End.Before(first) {
				continue
			}
			m.Until = &Date{b.End}
		}
		out = append(out, m)
	}
	sortMarks(out)
	return out
}

func sortMarks(m []Mark) {
	slices.SortStableFunc(m, func(a, b Mark) int {
		return cmp.Or(a.T.Compare(b.T.Time), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.What, b.What))
	})
}

// extent returns the first and the last day of all points.
func extent(series []Series) (first, last time.Time) {
	for _, s := range series {
		if len(s.Points) == 0 {
			continue
		}
		if f := s.Points[0].on; first.IsZero() || f.Before(first) {
			first = f
		}
		if l := s.Points[len(s.Points)-1].on; l.After(last) {
			last = l
		}
	}
	return first, last
}

// sourceMarks returns a mark wherever the source of a cohort's values changes:
// a cut from one source to another, a flag where one joins or leaves.
func sourceMarks(points []observation.CohortPoint, series []Series) []Mark {
	first, last := extent(series)
	var out []Mark
	before := ""
	for _, p := range points {
		if p.Suspect || p.Source == "" || p.Source == before {
			continue
		}
		if before != "" && p.Date.After(first) && !p.Date.After(last) {
			kind := observation.BreakCut
			if p.Source == "both" || before == "both" {
				kind = observation.BreakFlag
			}
			out = append(out, Mark{T: Date{p.Date}, Kind: string(kind), What: "values come from " + sourceWords(p.Source) + ", before from " + sourceWords(before)})
		}
		before = p.Source
	}
	return out
}

func sourceWords(source string) string {
	switch source {
	case "both":
		return "both sources"
	case string(observation.SourceArchive):
		return "the " + sourceLabel(observation.SourceArchive)
	}
	return sourceLabel(observation.ScorecardSource(source))
}

// breaksAt returns what the break column of a point says: the gap's reason, and
// every break since the last point before it that has a value, so that no two
// neighbouring values are compared across a break unknowingly.
func (c *Chart) breaksAt(s *Series, i int) string {
	var words []string
	p := s.Points[i]
	if p.V == nil && p.Reason != "" {
		words = append(words, "gap: "+p.Reason)
	}
	after := s.Points[0].on
	for j := i - 1; j >= 0; j-- {
		if s.Points[j].V != nil {
			after = s.Points[j].on
			break
		}
	}
	for _, m := range c.Breaks {
		if m.Series != "" && m.Series != s.Name {
			continue
		}
		if m.Until == nil {
			if m.T.After(after) && !m.T.After(p.on) {
				words = append(words, m.Kind+" "+m.T.String()+": "+m.What)
			}
		} else if !m.T.After(p.on) && (m.Until.After(after) || !m.Until.Before(p.on)) {
			words = append(words, m.Kind+" "+m.T.String()+" to "+m.Until.String()+": "+m.What)
		}
	}
	return strings.Join(words, " | ")
}

// last returns the newest point with a value, nil without one.
func (s *Series) last() *Point {
	for i := len(s.Points) - 1; i >= 0; i-- {
		if s.Points[i].V != nil {
			return &s.Points[i]
		}
	}
	return nil
}

// ends is the label at the end of a line: its newest value, with the month when
// that is too old to count at the end of the data. The line ends far to the left
// of its label then.
func (c *Chart) ends(p *Point, value string) string {
	if c.Through.After(p.on.Add(valueLasts)) {
		return value + " in " + format.Month(p.on)
	}
	return value
}

// series returns the series of a name, nil when the chart has none.
func (c *Chart) series(name string) *Series {
	for i := range c.Series {
		if c.Series[i].Name == name {
			return &c.Series[i]
		}
	}
	return nil
}

// hasValue reports whether anything is known at all.
func (c *Chart) hasValue() bool {
	return slices.ContainsFunc(c.Series, func(s Series) bool { return s.last() != nil })
}
