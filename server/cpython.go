package server

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/cpython"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// cpythonReader is what the page of CPython asks of the store.
type cpythonReader interface {
	// CPythonAdvisories returns the PSF's advisories about CPython, newest first.
	CPythonAdvisories(ctx context.Context) (observation.CPythonAdvisories, error)
	// Exploited returns what KEV says of some CVEs, by CVE.
	Exploited(ctx context.Context, cves []string) (map[string]observation.ExploitedCVE, error)
	// RepositoryResult returns the newest score of a repository by the Scorecard API, or ErrNotFound.
	RepositoryResult(ctx context.Context, repository string) (observation.ScorecardResult, error)
}

// cpythonRepository is where the interpreter is developed.
const cpythonRepository = "github.com/python/cpython"

// Bounds of what is printed of the advisories about CPython.
const (
	maxFixes   = 4
	maxSummary = 200
)

// cpython is the page of the interpreter.
func (s *Server) cpython(r *request) (ui.Page, error) {
	var o observation.Observations
	var cycles []observation.PythonCycleState
	var list observation.CPythonAdvisories
	var states []observation.SourceStatus
	var exploited map[string]observation.ExploitedCVE
	var score *observation.ScorecardResult
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) { o, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { cycles, err = r.reader.PythonCycles(ctx, r.now); return err })
	g.Go(func() (err error) { states, err = r.reader.Sources(ctx); return err })
	g.Go(func() (err error) {
		if list, err = r.reader.CPythonAdvisories(ctx); err == nil {
			exploited, err = r.reader.Exploited(ctx, cvesOf(list.Records))
		}
		return err
	})
	g.Go(func() error {
		result, err := r.reader.RepositoryResult(ctx, cpythonRepository)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		score = &result
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	p := cpython.Page{
		Frame:      s.pageFrame(r, layout.NavCPython, "CPython", "The release cycles of CPython, which of them are supported, and the advisories about the interpreter."),
		Heading:    cyclesHeading(cycles, list),
		Lede:       "The interpreter itself, apart from the projects on PyPI: until when each of its releases is supported, and what the PSF has on record about its flaws.",
		Cycles:     s.cycles(cycles, stateOf(states, "pythoncycles"), r.now),
		Advisories: s.figure(r, slugCPython, r.query),
		Score:      s.cpythonScore(score, r.now),
		Limits: []string{
			"The dates of cycles are those that endoflife.date gives now; the end of life of a young cycle is a plan.",
			"Records name commits of python/cpython. Which release has which commit is not told by them, so no release is said to be affected here.",
			"That a CVE is not in the catalogue of known exploited vulnerabilities does not say that it is not exploited.",
			"What distributors patch in the Pythons that they ship is not known here.",
		},
	}
	p.Records, p.Withdrawn = s.cpythonRecords(list, exploited, stateOf(states, "kev"))
	total := len(p.Records.Rows)
	if err := r.within(total); err != nil {
		return nil, err
	}
	p.Records.Rows = p.Records.Rows[min((r.Page-1)*perPage, total):min(r.Page*perPage, total)]
	p.Records.Pager = r.pager(perPage, len(p.Records.Rows), total, "")
	p.Fresh = append(s.fresh(r.now, o)[:1], s.through("Records through", list.Through, r.now, "cpython"))
	return p, nil
}

// stateOf picks one source, the zero state when it never ran.
func stateOf(states []observation.SourceStatus, collector string) observation.SourceStatus {
	for _, st := range states {
		if st.Collector == collector {
			return st
		}
	}
	return observation.SourceStatus{Collector: collector}
}

func cyclesHeading(cycles []observation.PythonCycleState, list observation.CPythonAdvisories) string {
	if len(cycles) == 0 {
		if len(list.Records) == 0 {
			return "Nothing is known of CPython yet"
		}
		return format.Plural(len(list.Records), "advisory", "advisories") + " about CPython on record; which releases are supported is not known"
	}
	n := 0
	for _, c := range cycles {
		if supported(c.State) {
			n++
		}
	}
	return format.Of(n, len(cycles)) + " release cycles of CPython are supported"
}

func supported(s observation.CycleState) bool {
	return s == observation.CycleBugfix || s == observation.CycleSecurity || s == observation.CycleUnknown
}

var cycleWords = map[observation.CycleState]string{
	observation.CycleUnreleased: "not released yet",
	observation.CycleBugfix:     "bug fixes and security fixes",
	observation.CycleSecurity:   "security fixes only",
	observation.CycleEnded:      "ended",
	observation.CycleUnknown:    "supported",
}

// The tones of the phases of a cycle.
const (
	toneBugfix   = chart.ToneShare4
	toneSecurity = chart.ToneShare2
)

// cycles is the figure of the release cycles.
func (s *Server) cycles(cycles []observation.PythonCycleState, source observation.SourceStatus, now time.Time) figure.Figure {
	f := figure.Figure{
		ID: "cycles", Title: "Which releases of CPython are supported is not known",
		Source: "endoflife.date", Links: []part.Link{
			{Text: "CSV", Href: "/data/python_cycles.csv", Label: "CSV of the release cycles of CPython"},
			{Text: "Definition", Href: "/methods#python-support", Label: "Definition of a supported Python"},
		},
	}
	if len(cycles) == 0 {
		f.State = &part.State{Lead: "The release cycles are not known.", Text: "They are read from endoflife.date, " + unanswered(source) + ".", Link: part.Link{Text: "Status of the sources", Href: "/status"}}
		if loading := loadingText(s.Activity(), "pythoncycles"); loading != "" {
			f.State.Text = loading
		}
		return f
	}
	newest, next := cycleNews(cycles)
	f.Title = newest
	f.Sub = "From the first release to the end of bug fixes and to the end of life"
	if next != "" {
		f.Sub += " · " + next
	}
	f.Sub += " · as of " + format.Date(now) + "."
	if !source.LastSuccess.IsZero() {
		f.Stamp = s.stamp(source.AsOf(s.Cadence["pythoncycles"].Dated), now, "pythoncycles")
	}
	f.Key = []figure.Key{{Class: string(toneBugfix), Text: "Bug fixes and security fixes"}, {Class: string(toneSecurity), Text: "Security fixes only"}}
	if slices.ContainsFunc(cycles, phasesUnknown) {
		f.Key = append(f.Key, figure.Key{Class: string(chart.ToneHatch), Text: "End of bug fixes not known"})
	}
	f.Note = "A date after today is a plan. Cycles without a date of release or of the end of life are in the table only."
	f.Plot = chart.Draw(timelineOf(cycles, f.Title, now))
	f.Table = &part.Table{Caption: f.Title, Columns: []part.Column{{Name: "Cycle"}, {Name: "State"}, {Name: "First release", Num: true}, {Name: "Bug fixes to", Num: true}, {Name: "End of life", Num: true}, {Name: "Newest release"}, {Name: "Of", Num: true}}}
	for _, c := range cycles {
		f.Table.Rows = append(f.Table.Rows, []string{short(c.Name, 20), cycleWords[c.State], format.Date(c.ReleasedOn), format.Date(c.ActiveTo), format.Date(c.EndsOn), short(c.Latest, 20), format.Date(c.LatestOn)})
	}
	f.Open = true
	return f
}

// unanswered says how a source without any data failed.
func unanswered(st observation.SourceStatus) string {
	switch {
	case st.LastTry.IsZero():
		return "which was not asked yet"
	case st.State == observation.RunFailed:
		return "which had no answer on " + format.Date(st.LastTry)
	}
	return "which was last asked on " + format.Date(st.LastTry)
}

// cycleNews names the newest cycle, and the one of the supported that ends next.
func cycleNews(cycles []observation.PythonCycleState) (newest, next string) {
	var first, ending *observation.PythonCycleState
	for i := range cycles {
		c := &cycles[i]
		if first == nil && supported(c.State) {
			first = c
		}
		if supported(c.State) && !c.EndsOn.IsZero() && (ending == nil || c.EndsOn.Before(ending.EndsOn)) {
			ending = c
		}
	}
	if first == nil {
		return "No release cycle of CPython is supported", ""
	}
	newest = "Python " + first.Name + " is the newest release cycle"
	if !first.ReleasedOn.IsZero() {
		newest += ", released on " + format.Date(first.ReleasedOn)
	}
	if ending != nil {
		next = "Python " + ending.Name + " is the next to end, on " + format.Date(ending.EndsOn)
	}
	return newest, next
}

// maxCycles is how many of the newest cycles are drawn.
const maxCycles = 14

// phasesUnknown reports whether it is not known until when a cycle had bug fixes.
func phasesUnknown(c observation.PythonCycleState) bool {
	return c.ActiveTo.Before(c.ReleasedOn) || c.ActiveTo.After(c.EndsOn)
}

func timelineOf(cycles []observation.PythonCycleState, title string, now time.Time) chart.Spec {
	t := chart.Timeline{
		Head:  chart.Head{ID: "cycles", Title: title, Desc: "A bar for each release cycle, from its first release to its end of life; the table has the dates."},
		Today: chart.Mark{At: now, Text: "today"},
	}
	for _, c := range cycles {
		if c.ReleasedOn.IsZero() || c.EndsOn.Before(c.ReleasedOn) || len(t.Rows) == maxCycles {
			continue
		}
		row := chart.TimelineRow{Name: short(c.Name, 20), Text: "to " + format.Month(c.EndsOn)}
		bugfix := c.ActiveTo
		if phasesUnknown(c) {
			row.Spans = append(row.Spans, chart.TimelineSpan{From: c.ReleasedOn, To: c.EndsOn, Tone: chart.ToneHatch, Title: c.Name + ": to " + format.Date(c.EndsOn) + ", with bug fixes to a date that is not known"})
			t.Rows = append(t.Rows, row)
			continue
		}
		row.Spans = append(row.Spans, chart.TimelineSpan{From: c.ReleasedOn, To: bugfix, Tone: toneBugfix, Title: c.Name + ": bug fixes to " + format.Date(bugfix)})
		if bugfix.Before(c.EndsOn) {
			row.Spans = append(row.Spans, chart.TimelineSpan{From: bugfix, To: c.EndsOn, Tone: toneSecurity, Title: c.Name + ": security fixes to " + format.Date(c.EndsOn)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// cveID is a CVE id as KEV and records write it.
var cveID = regexp.MustCompile(`^CVE-\d{4}-\d{1,9}$`)

// cvesOfRecord lists the CVEs of a record.
func cvesOfRecord(r observation.CPythonRecord) []string {
	var out []string
	for _, id := range append([]string{r.ID}, r.Aliases...) {
		if cveID.MatchString(id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func cvesOf(records []observation.CPythonRecord) []string {
	var out []string
	for _, r := range records {
		out = append(out, cvesOfRecord(r)...)
	}
	return out
}

// cpythonRecords lists the live records and, apart, those that were withdrawn.
func (s *Server) cpythonRecords(list observation.CPythonAdvisories, exploited map[string]observation.ExploitedCVE, kev observation.SourceStatus) (live, withdrawn cpython.Records) {
	live.Links = []part.Link{{Text: "CSV", Href: "/data/cpython_advisories.csv", Label: "CSV of the advisories about CPython"}, {Text: "Definition", Href: "/methods#cpython", Label: "Definition of the advisories about CPython"}}
	known := 0
	for _, r := range list.Records {
		row := cpythonRecord(r, exploited)
		if row.Exploited != "" && row.Withdrawn == "" {
			known++
		}
		if row.Withdrawn != "" {
			withdrawn.Rows = append(withdrawn.Rows, row)
		} else {
			live.Rows = append(live.Rows, row)
		}
	}
	live.Title = format.Plural(len(live.Rows), "live record", "live records") + " about CPython, newest first"
	live.Sub = "As the PSF published them; severity computed from the CVSS vector, where there is one."
	withdrawn.Title = format.Plural(len(withdrawn.Rows), "record was", "records were") + " withdrawn"
	withdrawn.Sub = "Kept, and counted nowhere else."
	switch {
	case len(list.Records) == 0:
		live.Title = "Records"
		live.State = &part.State{Lead: "No record is stored yet.", Text: "The PSF advisory database was not read.", Link: part.Link{Text: "Status of the sources", Href: "/status"}}
		if loading := loadingText(s.Activity(), "cpython"); loading != "" {
			live.State.Text = loading
		}
	case kev.LastSuccess.IsZero():
		live.Note = "Whether any of them is known to be exploited is not known: the catalogue (KEV) was not read yet."
	default:
		live.Note = fmt.Sprintf("%s of them %s in the catalogue of known exploited vulnerabilities (KEV), read through %s.", capitalise(noneOr(known)), isAre(known), format.Date(kev.Through))
	}
	return live, withdrawn
}

func noneOr(n int) string {
	if n == 0 {
		return "none"
	}
	return format.Count(n)
}

func isAre(n int) string {
	if n > 1 {
		return "are"
	}
	return "is"
}

func cpythonRecord(r observation.CPythonRecord, exploited map[string]observation.ExploitedCVE) cpython.Record {
	row := cpython.Record{
		ID: part.Link{Text: short(r.ID, 40), Href: recordURL(r.ID)}, Summary: short(r.Summary, maxSummary),
		Severity: part.Severity{Word: r.Severity}, Published: format.Date(r.Published), Affected: cpythonAffected(r),
	}
	if r.Score != nil {
		row.Severity.Score = format.Score(r.Score)
	}
	if !r.Withdrawn.IsZero() {
		row.Withdrawn = "withdrawn " + format.Date(r.Withdrawn)
	}
	for _, cve := range cvesOfRecord(r) {
		if cve != r.ID {
			row.CVEs = append(row.CVEs, part.Link{Text: cve, Href: "https://www.cve.org/CVERecord?id=" + cve})
		}
		if e, ok := exploited[cve]; ok {
			row.Exploited = "in KEV since " + format.Date(e.AddedOn)
		}
	}
	commits := slices.Compact(slices.Clone(r.Fixed))
	for i, commit := range commits {
		if i == maxFixes {
			row.FixedMore = "and " + format.Count(len(commits)-i) + " more"
			break
		}
		row.Fixed = append(row.Fixed, commitLink(r.Repository, commit))
	}
	if len(commits) == 0 {
		row.FixedMore = "no commit recorded"
	}
	return row
}

// recordURL is where a record of the PSF can be read.
func recordURL(id string) string {
	if cveID.MatchString(id) {
		return "https://www.cve.org/CVERecord?id=" + id
	}
	return "https://osv.dev/vulnerability/" + url.PathEscape(id)
}

var commitID = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// commitLink leads to a commit in the record's repository.
func commitLink(repository, commit string) part.Link {
	if !commitID.MatchString(commit) {
		return part.Link{Text: short(commit, 12)}
	}
	link := part.Link{Text: commit[:7], Label: "Commit " + commit[:7]}
	if strings.HasPrefix(repository, "https://github.com/") {
		link.Href = strings.TrimSuffix(repository, "/") + "/commit/" + commit
	}
	return link
}

// cpythonAffected says since when the flaw is there, as the record has it.
func cpythonAffected(r observation.CPythonRecord) string {
	var words string
	since := slices.DeleteFunc(slices.Clone(r.Introduced), func(commit string) bool { return commit == "0" })
	switch {
	case len(r.Introduced) == 0:
		words = "range not recorded"
	case len(since) == 0:
		words = "from the first commit"
	default:
		var short []string
		for _, commit := range since[:min(len(since), 2)] {
			short = append(short, commit[:min(len(commit), 7)])
		}
		words = "since " + join(short, "and")
		if more := len(since) - len(short); more > 0 {
			words += " and " + format.Plural(more, "other commit", "other commits")
		}
	}
	if len(r.Versions) > 0 {
		words += "; " + format.Plural(len(r.Versions), "tag", "tags") + " listed"
	}
	return words
}

// cpythonScore is what Scorecard says of the repository of CPython.
func (s *Server) cpythonScore(result *observation.ScorecardResult, now time.Time) cpython.Score {
	score := cpython.Score{Title: "Scorecard has no stored result of python/cpython"}
	if result == nil || result.Aggregate == nil {
		score.State = &part.State{
			Lead: "No Scorecard result.",
			Text: "Why: the Scorecard API is asked about the repositories of followed projects on PyPI, and none of them names python/cpython, or the API had no result of it. The archive lists projects on PyPI only.",
			Link: part.Link{Text: "Status of the sources", Href: "/status"},
		}
		return score
	}
	conclusive := 0
	score.Table = &part.Table{Caption: "Checks of python/cpython", Columns: []part.Column{{Name: "Check"}, {Name: "Score", Num: true}, {Name: "Reason"}}}
	for _, c := range result.Checks {
		cell := "inconclusive"
		if c.Score != nil {
			conclusive++
			cell = format.Count(int(*c.Score))
		}
		score.Table.Rows = append(score.Table.Rows, []string{c.Name, cell, short(c.Reason, maxReason)})
	}
	score.Title = "Scorecard gives python/cpython " + format.Score(result.Aggregate) + " of 10"
	score.Text = fmt.Sprintf("Recomputed from %s, %s, api.scorecard.dev.", format.OfPlural(conclusive, len(result.Checks), "check", "checks"), format.Date(result.ObservedOn))
	if age := s.stamp(result.ObservedOn, now, "scorecard"); age != "" {
		score.Text += " It is " + age + "."
	}
	score.Text += " Scorecard measures observable practices, not whether a project is secure."
	score.Links = []part.Link{{Text: "Repository", Href: "https://" + cpythonRepository}, {Text: "Definition", Href: "/methods#checks", Label: "Definition of the checks"}}
	return score
}
