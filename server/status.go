package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/status"
)

// sources lists the sources in the order in which they are read, with the
// address that a reader can look at.
var sources = []struct {
	collector string
	url       string
}{
	{"ranks", "https://hugovk.dev/top-pypi-packages/"},
	{"pypiscorecards", "https://github.com/sethmlarson/pypi-scorecards"},
	{"osv", "https://osv.dev/"},
	{"cpython", "https://github.com/psf/advisory-database"},
	{"pythoncycles", "https://endoflife.date/python"},
	{"kev", "https://www.cisa.gov/known-exploited-vulnerabilities-catalog"},
	{"epss", "https://www.first.org/epss/"},
	{"pypi", "https://pypi.org/"},
	{"provenance", "https://docs.pypi.org/attestations/"},
	{"depsdev", "https://deps.dev/"},
	{"repositories", "https://github.com/"},
	{"scorecard", "https://api.scorecard.dev/"},
}

// allCollectors lists the collectors of all sources.
func allCollectors() []string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.collector
	}
	return names
}

// status is the page of the sources.
func (s *Server) status(r *request) (ui.Page, error) {
	var states []observation.SourceStatus
	var o observation.Observations
	var ledger []observation.Break
	var points []observation.CohortPoint
	var findings observation.Findings
	var imports []observation.ImportDay
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) { states, err = r.reader.Sources(ctx); return err })
	g.Go(func() (err error) { o, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { findings, err = r.reader.Findings(ctx); return err })
	g.Go(func() (err error) { imports, err = r.reader.ImportDays(ctx); return err })
	g.Go(func() (err error) { ledger, err = r.reader.Breaks(ctx); return err })
	g.Go(func() (err error) { points, err = s.observedDates(ctx, r); return err })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	p := status.Page{
		Frame: s.pageFrame(r, layout.NavStatus, "Status", "What every source last brought, when, and how it failed."),
		Links: []part.Link{{Text: "Runs as CSV", Href: "/data/runs.csv"}, {Text: "Rejects as CSV", Href: "/data/rejects.csv"}, {Text: "Breaks", Href: "/methods#ledger"}},
	}
	p.Fresh = s.fresh(r.now, o)
	good := 0
	all := withNeverRun(states)
	idle := s.Idle(r.ctx)
	for _, st := range all {
		st.State = s.stateNow(st, r.now, idle)
		row := s.sourceRow(st, r.now)
		if (row.State == string(observation.RunOK) || row.State == string(observation.RunPartial)) && row.Age == "" {
			good++
		}
		p.Sources = append(p.Sources, row)
	}
	verb := "are"
	if good == 1 {
		verb = "is"
	}
	p.Heading = fmt.Sprintf("%s %s up to date", format.OfPlural(good, len(all), "source", "sources"), verb)
	p.Lede = "Up to date: the last run ended, and is not older than twice the period of the source, nor is its data where every period brings some. The last good data stays on the pages, with its age."
	p.Suspects = suspects(points, ledger)
	p.SuspectNote = "An observation is suspect when at least 5 % of the projects, with at least 5 % of the downloads, lose all results at once. It is left out of lines as a gap until the ledger confirms or clears it."
	if o.Accepted+o.Suspect > 0 {
		p.SuspectNote = format.Plural(o.Accepted, "observation is", "observations are") + " accepted. " + p.SuspectNote
	}
	p.Losses = losses(findings.Suspects)
	p.LossNote = fmt.Sprintf("A check is left out of an observation, as a gap of its own lines, when it has lost 5 %% of its values or more over the same projects. What follows decides: when most come back within %d days it was an outage, else it is a break and the observation counts. Until then it is suspect.", posture.OutageDays)
	p.Breaks = unknownBreaks(findings.Breaks)
	p.BreakNote = "Lines are cut at a break that the rules find, and no change is stated across it, until the ledger says what it is."
	if n := len(findings.Breaks); n > 0 {
		p.BreakNote = fmt.Sprintf("The rules have found %s so far. ", format.Plural(len(dates(findings.Breaks)), "date with a break", "dates with a break")) + p.BreakNote
	}
	p.Imports, p.ImportNote = importDays(imports)
	if !r.mode.Simulated { // the ledger of a fictional ecosystem is made with it
		p.Rows = ledgerRows(findings, points, imports)
	}
	return p, nil
}

// maxImportDays is how many days of import are listed beside those that the
// ledger decides.
const maxImportDays = 20

// importDays lists the days on which a database of advisories imported records,
// newest first, and all on which the ledger decides.
func importDays(list []observation.ImportDay) (days []status.Import, note string) {
	note = "A day on which one database publishes more than 50 records, malware apart, is an import: the dates of that day are those of the import, and no dates of disclosure."
	counted, left := 0, 0
	for _, d := range slices.Backward(list) {
		if d.Import {
			counted++
		}
		if len(days) >= maxImportDays && !d.Ledger {
			left++
			continue
		}
		state := "import"
		if !d.Import {
			state = "cleared"
		} else if d.Ledger {
			state = "added"
		}
		days = append(days, status.Import{Day: format.Date(d.Day), Database: d.Database, Records: format.Count(d.Records), State: state})
	}
	if counted > 0 {
		note = format.Plural(counted, "day of import is", "days of import are") + " known. " + note
	}
	if left > 0 {
		note += fmt.Sprintf(" The %s before those listed are in the table import_days.", format.Plural(left, "day", "days"))
	}
	return days, note
}

// losses lists the observations of which a check is left out, or was cleared by
// the ledger, newest first. Those of one check that follow each other and are
// compared with the same observation are one line.
func losses(list []observation.CheckSuspect) []status.Loss {
	runs := map[string][]observation.CheckSuspect{}
	var order []string
	for _, c := range list {
		if c.State == observation.LossBreak {
			continue // accepted; it is a break
		}
		key := fmt.Sprint(c.Check, c.Source, c.State, c.Previous)
		if c.Previous.IsZero() {
			key = fmt.Sprint(key, c.Date) // each result of the API is compared with its own
		}
		if _, ok := runs[key]; !ok {
			order = append(order, key)
		}
		runs[key] = append(runs[key], c)
	}
	slices.SortStableFunc(order, func(a, b string) int { return runs[b][0].Date.Compare(runs[a][0].Date) })
	var out []status.Loss
	for _, key := range order {
		run := runs[key]
		first, last := run[0], run[len(run)-1]
		l := status.Loss{Date: format.Date(first.Date), Check: first.Check, State: string(first.State), Why: first.Reason}
		if len(run) > 1 {
			least := slices.MinFunc(run, func(a, b observation.CheckSuspect) int { return cmp.Compare(a.Lost, b.Lost) })
			most := slices.MaxFunc(run, func(a, b observation.CheckSuspect) int { return cmp.Compare(a.Lost, b.Lost) })
			l.Date += " to " + format.Date(last.Date)
			l.Why = fmt.Sprintf("%d observations: of %s projects with a value on %s, between %s and %s have none", len(run),
				format.Count(first.Had), format.Date(first.Previous), format.Count(least.Lost), format.Count(most.Lost))
			if !last.Back.IsZero() {
				l.Why += "; most of the last are back by " + format.Date(last.Back)
			}
		}
		out = append(out, l)
	}
	return out
}

// unknownBreaks lists the breaks that the ledger does not know, newest first.
func unknownBreaks(list []observation.ObservedBreak) []status.Break {
	var out []status.Break
	for _, b := range slices.Backward(list) {
		if b.State != observation.BreakFound {
			continue
		}
		over := format.Plural(b.Matched, "project", "projects")
		if b.Source == observation.SourceAPI {
			over = format.Plural(b.Matched, "repository", "repositories")
		}
		if !b.Previous.IsZero() {
			over += " since " + format.Date(b.Previous)
		}
		out = append(out, status.Break{Date: format.Date(b.Date), What: b.Words(), Over: over})
	}
	return out
}

// dates lists the days on which breaks were found.
func dates(list []observation.ObservedBreak) []time.Time {
	var days []time.Time
	for _, b := range list {
		days = append(days, b.Date)
	}
	return slices.CompactFunc(days, time.Time.Equal)
}

// ledgerRows are examples of the lines that decide, on what waits for a
// decision when something does.
func ledgerRows(f observation.Findings, points []observation.CohortPoint, imports []observation.ImportDay) []status.Row {
	found := observation.ObservedBreak{Date: time.Date(2024, 9, 8, 0, 0, 0, 0, time.UTC), Scope: "check", Item: "SAST"}
	for _, b := range f.Breaks {
		if b.State == observation.BreakFound {
			found = b
		}
	}
	lost := observation.CheckSuspect{Date: time.Date(2023, 4, 15, 0, 0, 0, 0, time.UTC), Check: "Vulnerabilities"}
	for _, c := range f.Suspects {
		if c.State == observation.LossSuspect {
			lost = c
		}
	}
	outage, source := time.Date(2022, 10, 1, 0, 0, 0, 0, time.UTC), string(observation.SourceArchive)
	for _, p := range points {
		if p.Suspect {
			outage, source = p.Date, p.Source
		}
	}
	collector := "pypiscorecards"
	if source == string(observation.SourceAPI) {
		collector = "scorecard"
	}
	imported := observation.ImportDay{Database: "PYSEC", Day: time.Date(2026, 7, 13, 0, 0, 0, 0, time.UTC)}
	for _, d := range imports {
		if d.Import && !d.Ledger {
			imported = d
		}
	}
	line := func(on time.Time, scope, item, kind string) string {
		return fmt.Sprintf(`%s,,%s,%s,%s,"what happened","how it is known"`, on.Format(time.DateOnly), scope, item, kind)
	}
	cut := found.Cut()
	return []status.Row{
		{Text: "An outage: the observation stays out of lines", Line: line(outage, "source", collector, "suspect")},
		{Text: "Not an outage: the observation counts", Line: line(outage, "source", collector, "cleared")},
		{Text: "An outage of one check: its values of that date stay out", Line: line(lost.Date, "check", lost.Check, "suspect")},
		{Text: "Not an outage of the check", Line: line(lost.Date, "check", lost.Check, "cleared")},
		{Text: "A break: lines are cut (cut), or it is drawn without a cut (flag)", Line: line(found.Date, cut.Scope, strings.TrimSuffix(cut.Item, observation.AggregateAll), "cut")},
		{Text: "Not a break: the line goes on", Line: line(found.Date, cut.Scope, strings.TrimSuffix(cut.Item, observation.AggregateAll), "cleared")},
		{Text: "A day of import, however few records it has: its dates are no dates of disclosure", Line: line(imported.Day, "source", imported.Database, "import")},
		{Text: "Not a day of import, however many records it has", Line: line(imported.Day, "source", imported.Database, "not-import")},
	}
}

// observedDates reads the observations of the smallest cohort, which has a row
// for every date that has a rank list.
func (s *Server) observedDates(ctx context.Context, r *request) ([]observation.CohortPoint, error) {
	return r.reader.CohortPoints(ctx, observation.CohortTop100, observation.WeightPackage)
}

// withNeverRun orders the states by source and adds those that have not run.
func withNeverRun(states []observation.SourceStatus) []observation.SourceStatus {
	out := slices.Clone(states)
	order := func(name string) int {
		return slices.IndexFunc(sources, func(s struct{ collector, url string }) bool { return s.collector == name })
	}
	for _, src := range sources {
		if !slices.ContainsFunc(states, func(st observation.SourceStatus) bool { return st.Collector == src.collector }) {
			out = append(out, observation.SourceStatus{Collector: src.collector})
		}
	}
	slices.SortStableFunc(out, func(a, b observation.SourceStatus) int {
		x, y := order(a.Collector), order(b.Collector)
		if (x < 0) != (y < 0) { // what is not in the list comes last
			return cmp.Compare(y, x)
		}
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a.Collector, b.Collector))
	})
	return out
}

// runInterrupted is the state of a run that is open while nobody can be at it.
const runInterrupted observation.RunState = "interrupted"

// stateNow is the state of a source's last run. One that is open was interrupted
// when no process collects, or when it is older than a run may be: a process that
// is killed closes nothing, and the next one that collects does it for it.
func (s *Server) stateNow(st observation.SourceStatus, now time.Time, idle bool) observation.RunState {
	deadline := s.Cadence[st.Collector].Deadline
	if st.State == observation.RunRunning && (idle || deadline > 0 && now.Sub(st.LastTry) > deadline+runGrace) {
		return runInterrupted
	}
	return st.State
}

// runGrace is what a run may take beyond its deadline to derive and to close.
const runGrace = 30 * time.Minute

func (s *Server) sourceRow(st observation.SourceStatus, now time.Time) status.Source {
	row := status.Source{
		Name: collectorLabel(st.Collector), Collector: st.Collector, State: string(st.State),
		Every: everyWords(s.Cadence[st.Collector].Period), LastTry: "never", LastSuccess: "never", Through: "nothing yet",
		Rows: format.Count(st.Rows), Unchanged: format.Count(st.Unchanged), Skipped: format.Count(st.Skipped), Rejects: format.Count(st.Rejects),
		Note: st.Note,
	}
	for _, src := range sources {
		if src.collector == st.Collector && !s.Mode().Simulated {
			row.URL = part.Link{Text: src.url, Href: src.url}
		}
	}
	if st.State == "" {
		row.State = "never run"
		row.Rows, row.Unchanged, row.Skipped, row.Rejects = "–", "–", "–", "–"
		if loadingText(s.Activity(), st.Collector) != "" {
			row.State = "waiting"
		}
	}
	if !st.LastTry.IsZero() {
		row.LastTry = format.Moment(st.LastTry)
	}
	if !st.LastSuccess.IsZero() {
		row.LastSuccess = format.Moment(st.LastSuccess)
	}
	if !st.Through.IsZero() {
		row.Through = format.Date(st.Through)
	}
	row.Dated = s.Cadence[st.Collector].Dated
	row.Age = s.stamp(st.AsOf(row.Dated), now, st.Collector)
	if !st.Through.IsZero() {
		row.DataAge = s.stamp(st.Through, now, st.Collector)
	}
	if every := s.Cadence[st.Collector].Period; every > 0 && !st.LastTry.IsZero() {
		row.Next = "by " + format.Moment(st.LastTry.Add(every))
	}
	switch st.State {
	case runInterrupted:
		row.Note = strings.TrimSpace("The process that ran it has ended without closing it; what it had stored is kept, and the next run begins where the last good one ended. " + row.Note)
	case observation.RunFailed:
		if !st.LastSuccess.IsZero() {
			row.Note = strings.TrimSpace("The last good data stay, those of " + format.Date(st.LastSuccess) + ". " + row.Note)
		}
	}
	if st.Error != "" || st.ErrorClass != "" {
		row.Error = string(st.ErrorClass)
		if st.Error != "" {
			if row.Error != "" {
				row.Error += ": "
			}
			row.Error += short(st.Error, maxReason)
		}
	}
	if st.Upstream != "" && st.Upstream != "live" {
		if row.Note != "" {
			row.Note += " "
		}
		row.Note += "Stored from a " + st.Upstream + " upstream, not from the source itself."
	}
	return row
}

// everyWords prints a period: "hourly", "daily", "weekly", "monthly", "every 6 hours".
func everyWords(d time.Duration) string {
	const dayLong = 24 * time.Hour
	switch {
	case d <= 0:
		return ""
	case d == time.Hour:
		return "hourly"
	case d == dayLong:
		return "daily"
	case d == 7*dayLong:
		return "weekly"
	case d >= 28*dayLong && d <= 31*dayLong:
		return "monthly"
	case d%dayLong == 0:
		return "every " + format.Plural(int(d/dayLong), "day", "days")
	case d%time.Hour == 0:
		return "every " + format.Plural(int(d/time.Hour), "hour", "hours")
	}
	return "every " + d.String()
}

// suspects lists the observations that are left out, and those that the ledger
// has cleared, newest first.
func suspects(points []observation.CohortPoint, ledger []observation.Break) []status.Suspect {
	var out []status.Suspect
	judged := map[time.Time]observation.Break{}
	for _, b := range ledger {
		if b.Kind == observation.BreakSuspect || b.Kind == observation.BreakCleared {
			judged[day(b.Start)] = b
		}
	}
	for _, p := range points {
		b, ok := judged[day(p.Date)]
		switch {
		case p.Suspect && ok && b.Kind == observation.BreakSuspect:
			reason := p.Reason
			if b.Evidence != "" {
				reason = b.What + " " + b.Evidence
			}
			out = append(out, status.Suspect{Date: format.Date(p.Date), Source: p.Source, State: "confirmed", Reason: reason})
		case p.Suspect:
			out = append(out, status.Suspect{Date: format.Date(p.Date), Source: p.Source, State: "suspect", Reason: p.Reason})
		case ok && b.Kind == observation.BreakCleared:
			out = append(out, status.Suspect{Date: format.Date(p.Date), Source: p.Source, State: "cleared", Reason: b.What})
		}
	}
	slices.Reverse(out)
	return out
}
