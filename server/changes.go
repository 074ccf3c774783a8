package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/changes"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// changesReader is what the page of changes asks of the store.
type changesReader interface {
	// RecentChanges returns the changes that match, newest first, and the number of all of them.
	RecentChanges(ctx context.Context, q observation.ChangesQuery) ([]observation.DatedChange, int, error)
	// ChangeCounts counts the changes of a cohort and project since a day, by kind and cause.
	ChangeCounts(ctx context.Context, q observation.ChangesQuery) (observation.ChangeCounts, error)
	// LateRuns returns the good runs that ended when what their collector had before
	// was older than staleAfter says; dated are judged by the date of their data.
	LateRuns(ctx context.Context, staleAfter map[string]time.Duration, dated []string) ([]observation.LateRun, error)
}

const (
	changeWeeks = 12 // told when no other first day is asked for
	shownApart  = 20 // changes of no single project, on the first page
)

// changesView is what one request asks of the changes, and how many there are.
type changesView struct {
	observation.ChangesQuery
	counts  observation.ChangeCounts
	sources []observation.DatedChange // sources that went stale or came back, newest first
	newest  time.Time                 // from which the period is counted back
	early   time.Time                 // first day that was asked for, when less is kept; else zero

	observations observation.Observations
	states       []observation.SourceStatus
}

// newestData is the day from which the usual period is counted back: that of the
// newest accepted observation, else of the newest advisory or rank list.
func newestData(o observation.Observations, now time.Time) time.Time {
	for _, t := range []time.Time{o.Newest, o.Advisory, o.RankOn} {
		if !t.IsZero() {
			return day(t)
		}
	}
	return day(now)
}

// usualChanges is the view of the changes of projects of a cohort in the usual
// period.
func usualChanges(r *request, o observation.Observations) *changesView {
	v := &changesView{newest: newestData(o, r.now), observations: o}
	v.Cohort, v.Cause, v.Since = r.Cohort, observation.CauseProject, v.newest.AddDate(0, 0, -7*changeWeeks)
	return v
}

// viewChanges counts the changes that a request asks for.
func (s *Server) viewChanges(r *request, o observation.Observations) (*changesView, error) {
	v := usualChanges(r, o)
	v.Kind, v.Cause = observation.ChangeKind(r.Kind), observation.Cause(r.Cause)
	kind := changeKindOf(v.Kind)
	if v.Kind != "" && kind == nil {
		return nil, badRequest("The kinds are listed on /methods#change.", "kind=%s is not a kind of change.", quote(r.Kind))
	}
	switch {
	case v.Cause != "":
	case kind != nil:
		v.Cause = kind.causes[0]
	default:
		v.Cause = observation.CauseProject
	}
	if r.Project != "" {
		name, err := pypa.ParseName(r.Project)
		if err != nil {
			return nil, badRequest("A name holds letters, digits, '.', '_' and '-'.", "project=%s is not a project name.", quote(r.Project))
		}
		v.Project = name
	}
	if !r.Since.IsZero() {
		v.Since = r.Since
	}
	return v, s.countChanges(r.ctx, r, v)
}

// countChanges fills in the counts, the sources among them.
func (s *Server) countChanges(ctx context.Context, r *request, v *changesView) error {
	var err error
	if v.counts, err = r.reader.ChangeCounts(ctx, v.ChangesQuery); err != nil {
		return err
	}
	if v.Since.Before(v.counts.KeptFrom) {
		v.early, v.Since = v.Since, v.counts.KeptFrom
	}
	if v.states, err = r.reader.Sources(ctx); err != nil || v.Project != "" {
		return err
	}
	if v.sources, err = s.changesOfSources(ctx, r, v); err != nil {
		return err
	}
	v.counts.Causes = maps.Clone(v.counts.Causes) // the answer is shared
	v.counts.Kinds = slices.Clone(v.counts.Kinds)
	all := v.counts.Causes[observation.CauseSource]
	all.Cause, all.Changes = observation.CauseSource, all.Changes+len(v.sources)
	if v.counts.Causes == nil {
		v.counts.Causes = make(map[observation.Cause]observation.ChangeCount)
	}
	v.counts.Causes[observation.CauseSource] = all
	for _, kind := range []observation.ChangeKind{observation.KindStale, observation.KindBack} {
		if n := len(ofKind(v.sources, kind)); n > 0 {
			v.counts.Kinds = append(v.counts.Kinds, observation.ChangeCount{Kind: kind, Cause: observation.CauseSource, Changes: n})
		}
	}
	return nil
}

// changesOfSources lists the sources that went stale or came back in the period.
func (s *Server) changesOfSources(ctx context.Context, r *request, v *changesView) ([]observation.DatedChange, error) {
	after := make(map[string]time.Duration)
	var dated []string
	for _, name := range slices.Sorted(maps.Keys(s.Cadence)) {
		if c := s.Cadence[name]; c.Period > 0 {
			after[name] = observation.StaleAfter(c.Period)
			if c.Dated {
				dated = append(dated, name)
			}
		}
	}
	late, err := r.reader.LateRuns(ctx, after, dated)
	if err != nil {
		return nil, err
	}
	return changesOf(spells(late, v.states, s.Cadence, r.now), v.Since), nil
}

func ofKind(list []observation.DatedChange, kind observation.ChangeKind) []observation.DatedChange {
	return slices.DeleteFunc(slices.Clone(list), func(c observation.DatedChange) bool { return c.Kind != kind })
}

// count returns how many changes of a kind and cause there are, of all kinds when
// kind is "".
func (v *changesView) count(kind observation.ChangeKind, cause observation.Cause) observation.ChangeCount {
	if kind == "" {
		return v.counts.Causes[cause]
	}
	for _, c := range v.counts.Kinds {
		if c.Kind == kind && c.Cause == cause {
			return c
		}
	}
	return observation.ChangeCount{Kind: kind, Cause: cause}
}

// tooLarge reports whether the rank list does not hold the cohort, so that nothing
// can be said of it.
func (v *changesView) tooLarge() bool { return v.counts.List < v.Cohort.Size() && v.Project == "" }

// silent reports whether nothing can be said at all.
func (v *changesView) silent() bool { return !v.counts.Known || v.tooLarge() }

// list returns changes that match from an offset on, limit 0 for all.
func (v *changesView) list(r *request, q observation.ChangesQuery, offset, limit int) ([]observation.DatedChange, int, error) {
	var more []observation.DatedChange
	if q.Cause != observation.CauseProject && q.Cause != observation.CauseTool {
		more = v.sources
		if q.Kind != "" {
			more = ofKind(more, q.Kind)
		}
	}
	q.Offset = max(0, offset-len(more))
	if limit > 0 {
		q.Limit = limit + len(more)
	}
	rows, total, err := r.reader.RecentChanges(r.ctx, q)
	return mergeChanges(rows, q.Offset, more, offset, limit), total + len(more), err
}

// beginChanges is what the page and its file begin with.
func (s *Server) beginChanges(r *request) (*changesView, observation.Observations, error) {
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return nil, o, err
	}
	switch {
	case r.given["cohort"]:
	case r.Project != "":
		r.Cohort = observation.CohortTop15000
	default:
		r.Cohort = r.largestWithValue()
	}
	v, err := s.viewChanges(r, o)
	return v, o, err
}

// changes is the page of what changed.
func (s *Server) changes(r *request) (ui.Page, error) {
	v, o, err := s.beginChanges(r)
	if err != nil {
		return nil, err
	}
	n := v.count(v.Kind, v.Cause)
	if v.silent() {
		n = observation.ChangeCount{}
	}
	if err := r.within(n.Changes); err != nil {
		return nil, err
	}
	p := changes.Page{
		Frame: s.pageFrame(r, layout.NavChanges, "What changed",
			"What changed of the most downloaded projects on PyPI, with date, cause and evidence; changes of Scorecard and of the sources told apart."),
		Heading: changesHeading(v, n), Ledes: changesLedes(r, v, o), Filter: changesFilter(r, v),
	}
	p.Fresh, p.NoIndex = s.fresh(r.now, o), len(r.given) > 0
	p.List = changes.List{ID: "list", Title: capitalise(listTitle(v)), Pager: part.Pager{}, Links: changesLinks(r), Source: changesSource,
		Sub: "Newest first, of one day by download rank."}
	if n.Changes == 0 {
		p.List.State = s.noChange(v, o)
		p.List.Links, p.List.Sub = nil, ""
	} else {
		rows, _, err := v.list(r, v.ChangesQuery, (r.Page-1)*perPage, perPage)
		if err != nil {
			return nil, err
		}
		p.List.Rows = changeRowsOf(r, rows)
		p.List.Pager = r.pager(perPage, len(rows), n.Changes, "")
	}
	if r.Page > 1 || v.silent() {
		return p, nil
	}
	p.Kinds = kindsTable(r, v)
	if v.Kind == "" && r.Cause == "" && v.Project == "" {
		if p.Apart, err = changesApart(r, v); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// changesSource names where the changes come from.
const changesSource = "Scorecard archive and API, OSV, CISA KEV, FIRST EPSS, PyPI, top-pypi-packages"

// changeRowsOf prints changes. Those of a fictional ecosystem lead nowhere
// outside: a name may belong to somebody.
func changeRowsOf(r *request, list []observation.DatedChange) []changes.Row {
	rows := make([]changes.Row, len(list))
	for i, c := range list {
		rows[i] = changeRow(c, r.Cohort)
		if r.mode.Simulated && rows[i].Evidence.External() {
			rows[i].Evidence = part.Link{}
		}
	}
	return rows
}

// changesHeading says how many changes there are, of whom and since when.
func changesHeading(v *changesView, n observation.ChangeCount) string {
	if !v.counts.Known {
		return "What changed is not known yet"
	}
	if v.tooLarge() {
		return fmt.Sprintf("What changed in the %s is not known: the newest rank list holds %s", cohortName(v.Cohort), format.Plural(v.counts.List, "project", "projects"))
	}
	since := " since " + format.Date(v.Since)
	kind := ""
	if k := changeKindOf(v.Kind); k != nil {
		kind = ": " + lowerLabel(k.label)
	}
	where := "in the " + cohortName(v.Cohort)
	if v.Project != "" {
		where = "of " + v.Project
	}
	count := format.Plural(n.Changes, "change", "changes")
	if n.Changes == 0 {
		count = "No change"
	}
	switch {
	case v.Cause != observation.CauseProject:
		return fmt.Sprintf("%s %s%s %s from %s%s", count, where, since, pluralWord(max(n.Changes, 1), "comes", "come"), causeWords(v.Cause), kind)
	case v.Project != "":
		return fmt.Sprintf("%s %s %s known%s%s", count, where, pluralWord(max(n.Changes, 1), "is", "are"), since, kind)
	case n.Changes == 0:
		return fmt.Sprintf("No change of a project of the %s is known%s%s", cohortName(v.Cohort), since, kind)
	}
	return fmt.Sprintf("%s of %s of the %s %s known%s%s", count, format.Plural(n.Projects, "project", "projects"), cohortName(v.Cohort), pluralWord(n.Changes, "is", "are"), since, kind)
}

// lowerLabel is a label in the middle of a sentence: names keep their capital.
func lowerLabel(label string) string {
	if strings.HasPrefix(label, "EPSS") {
		return label
	}
	return lower(label)
}

// listTitle names the list.
func listTitle(v *changesView) string {
	if k := changeKindOf(v.Kind); k != nil {
		return k.label + ", changes of " + causeWords(v.Cause)
	}
	return "changes of " + causeWords(v.Cause)
}

// changesLedes say how the list is made, and what the period is.
func changesLedes(r *request, v *changesView, o observation.Observations) []string {
	text := "A change is dated by its source. Scores are compared within one source and one segment between breaks; a project is in the cohort by its rank on that day."
	if v.Cause == observation.CauseProject {
		text += " What comes from Scorecard itself or from a source is told apart, and is not in this number. The archive names neither commits nor versions of Scorecard: there the ledger of breaks alone tells the tool apart."
	}
	period := ""
	switch {
	case !v.early.IsZero():
		period = fmt.Sprintf("Changes are kept from %s on, so the period begins there and not on %s. Older moves of scores are in the table score_moves.", format.Date(v.Since), format.Date(v.early))
	case r.Since.IsZero() && !o.Newest.IsZero():
		period = fmt.Sprintf("The period begins %d weeks before the newest accepted observation of Scorecard, %s, and reaches as far as each source does.", changeWeeks, format.Date(v.newest))
	case r.Since.IsZero():
		period = fmt.Sprintf("The period begins %d weeks before the newest data, %s, and reaches as far as each source does.", changeWeeks, format.Date(v.newest))
	}
	if period == "" {
		return []string{text}
	}
	return []string{text, period}
}

// changesLink leads to the changes of one project.
func changesLink(name, title string) part.Link {
	q := defaults("/changes")
	q.Project = name
	return part.Link{Text: "Changes", Href: q.link("/changes", "/changes"), Label: "Changes of " + title + ", one by one"}
}

func changesLinks(r *request) []part.Link {
	return []part.Link{
		{Text: "CSV", Href: r.without("page").link("/changes.csv", "/changes.csv"), Label: "CSV of all changes that match"},
		{Text: "Definition", Href: "/methods#change", Label: "Definition of changes, their kinds and causes"},
	}
}

// kindsTable counts by kind and cause.
func kindsTable(r *request, v *changesView) changes.Kinds {
	out := changes.Kinds{Sub: "One row of the list each. A project may have several."}
	tool, source := v.counts.Causes[observation.CauseTool].Changes, v.counts.Causes[observation.CauseSource].Changes
	of := "projects"
	if v.Project != "" {
		of = "the project"
	}
	out.Title = fmt.Sprintf("By kind: %s of %s, %s of Scorecard, %s of the sources", format.Count(v.counts.Causes[observation.CauseProject].Changes), of, format.Count(tool), format.Count(source))
	var none, reasons []string
	unknown := make(map[string][]string) // kinds by the reason
	for _, k := range changeKinds {
		if k.whole && v.Project != "" {
			continue
		}
		row := changes.Kind{Name: part.Link{Text: k.label, Href: "/methods#" + k.anchor(), Label: "Definition: " + k.label}}
		found := false
		for _, cause := range k.causes {
			n := v.count(k.kind, cause)
			found = found || n.Changes > 0
			link := part.Link{Text: format.Count(n.Changes)}
			if n.Changes > 0 {
				q := r.without("page")
				q.Kind, q.Cause = string(k.kind), unless(string(cause), string(k.causes[0]))
				link.Href = q.link("/changes", r.route)
				link.Label = fmt.Sprintf("%s: %s of %s", k.label, format.Plural(n.Changes, "change", "changes"), causeWords(cause))
				link.Current = v.Kind == k.kind && v.Cause == cause
			}
			switch cause {
			case observation.CauseTool:
				row.Tool = link
			case observation.CauseSource:
				row.Source = link
			default:
				row.Project, row.Projects, row.What = link, format.Count(n.Projects), partsText(n)
			}
		}
		why := v.unknown(&k)
		switch {
		case found:
			out.Rows = append(out.Rows, row)
		case why == "":
			none = append(none, lowerLabel(k.label))
		}
		if why != "" {
			if unknown[why] == nil {
				reasons = append(reasons, why)
			}
			unknown[why] = append(unknown[why], lowerLabel(k.label))
		}
	}
	if len(none) > 0 {
		out.Note = "None since " + format.Date(v.Since) + ": " + join(none, "and") + ". "
	}
	for i, why := range reasons {
		reasons[i] = join(unknown[why], "and") + " (" + why + ")"
	}
	if len(reasons) > 0 {
		out.Note += "Not known for all the period: " + strings.Join(reasons, "; ") + ". "
	}
	out.Note += "Ranges, provenance, status, organization and owners are known only of projects that PyPI was asked about."
	return out
}

// partsText says what the changes of a kind are, where it has several.
func partsText(n observation.ChangeCount) string {
	names := map[string]string{"disclosed": "in the range at the disclosure", "entered": "entered", "left": "left", "gained": "gained", "lost": "lost", "publisher": "other publisher"}
	var parts []string
	for _, what := range []string{"disclosed", "entered", "left", "gained", "lost", "publisher"} {
		if n.What[what] > 0 {
			parts = append(parts, format.Count(n.What[what])+" "+names[what])
		}
	}
	return strings.Join(parts, ", ")
}

// changesApart lists the newest changes of no single project.
func changesApart(r *request, v *changesView) (changes.List, error) {
	q := v.ChangesQuery
	q.Cause, q.Apart = "", true
	rows, total, err := v.list(r, q, 0, shownApart)
	if err != nil {
		return changes.List{}, err
	}
	out := changes.List{
		ID: "apart", Title: fmt.Sprintf("Apart: %s of Scorecard and of the sources %s no single project", format.Plural(total, "change", "changes"), pluralWord(total, "concerns", "concern")),
		Sub:  "They are no changes of projects. Those that show in single projects are counted by kind above.",
		Rows: changeRowsOf(r, rows),
	}
	if total > len(rows) {
		out.Sub += " The newest " + format.Count(len(rows)) + "."
	}
	if total == 0 {
		out.Title = "Apart: no change of Scorecard or of a source as a whole is known since " + format.Date(v.Since)
		out.State = &part.State{Lead: "None.", Text: "No break, no observation left out, no day of import, no new version of Scorecard, and no source that went stale or came back."}
	}
	return out, nil
}

// noChange says why the list is empty.
func (s *Server) noChange(v *changesView, o observation.Observations) *part.State {
	if loading := loadingText(s.Activity()); loading != "" {
		return &part.State{Lead: "Not here yet.", Text: loading, Link: part.Link{Text: "Status of the sources", Href: "/status"}}
	}
	if !v.counts.Known {
		return &part.State{Lead: "Nothing is known yet.", Text: "Why: changes are put together after a collection, and none has ended since this is done.", Link: part.Link{Text: "Status of the sources", Href: "/status"}}
	}
	if v.counts.List == 0 {
		return &part.State{Lead: "Nothing is known yet.", Text: "Why: no rank list is stored, so that no project is in a cohort.", Link: part.Link{Text: "Status of the sources", Href: "/status"}}
	}
	if v.tooLarge() {
		return noCohort(v.Cohort)
	}
	text := "Nothing is recorded since " + format.Date(v.Since) + "."
	if k := changeKindOf(v.Kind); k != nil {
		if why := v.unknown(k); why != "" {
			text += " It is not known for all the period: " + why + "."
		}
	} else if !o.Newest.IsZero() {
		text += " The newest accepted observation of Scorecard is of " + format.Date(o.Newest) + "."
	}
	return &part.State{Lead: "None is known.", Text: text + " That says what the sources have shown, and no more.", Link: part.Link{Text: "How far each source runs", Href: "/status"}}
}

// changesFilter is the form over the list.
func changesFilter(r *request, v *changesView) part.Filter {
	choose := func(name, label, value string, options ...part.Option) part.Field {
		for i := range options {
			options[i].Selected = options[i].Value == value
		}
		return part.Field{Name: name, Label: label, Type: "select", Options: options}
	}
	var cohorts []part.Option
	for _, c := range observation.RankCohorts() {
		cohorts = append(cohorts, part.Option{Value: string(c), Label: cohortLabel(c)})
	}
	var periods []part.Option
	for _, weeks := range []int{1, 4, changeWeeks, 26, 52} {
		from := v.newest.AddDate(0, 0, -7*weeks)
		option := part.Option{Value: isoDay(from), Label: fmt.Sprintf("%s (%s)", format.Date(from), format.Plural(weeks, "week", "weeks"))}
		if weeks == changeWeeks {
			option.Value = ""
		}
		periods = append(periods, option)
	}
	since := isoDay(r.Since)
	if !slices.ContainsFunc(periods, func(o part.Option) bool { return o.Value == since }) {
		periods = append(periods, part.Option{Value: since, Label: format.Date(r.Since)})
	}
	kinds := []part.Option{{Label: "All"}}
	for _, k := range changeKinds {
		kinds = append(kinds, part.Option{Value: string(k.kind), Label: k.label})
	}
	causes := []part.Option{{Label: "Projects"}, {Value: "tool", Label: "Scorecard"}, {Value: "source", Label: "Sources"}}
	return part.Filter{Action: "/changes", Label: "Choose changes", Fields: []part.Field{
		choose("cohort", "Cohort", string(r.Cohort), cohorts...),
		choose("since", "Since", since, periods...),
		choose("kind", "Kind", r.Kind, kinds...),
		choose("cause", "Cause", r.Cause, causes...),
		{Name: "project", Label: "Project", Type: "search", Value: r.Project},
	}}
}

// changesHeader is the header of the CSV of changes: the columns of the table
// changes.
var changesHeader = []string{"changed_on", "before_on", "kind", "cause", "project", "rank", "rank_before", "item", "name", "severity", "what", "version",
	"before", "after", "checks", "why", "repository", "commit_before", "commit_after"}

// changesCSV answers with all changes that match, in the order of the list.
func (s *Server) changesCSV(r *request) error {
	v, _, err := s.beginChanges(r)
	if err != nil {
		return err
	}
	var rows []observation.DatedChange
	if !v.silent() {
		if rows, _, err = v.list(r, v.ChangesQuery, 0, 0); err != nil {
			return err
		}
	}
	return r.sendList("changes", changesHeader, len(rows), func(i int) []string {
		c := rows[i]
		return []string{isoDay(c.On), isoDay(c.BeforeOn), string(c.Kind), string(c.Cause), c.Project, rankCell(c, c.Rank), rankCell(c, c.RankBefore), c.Item, c.Name, c.Severity,
			c.What, c.Version, c.From, c.To, c.Checks, c.Why, c.Repository, c.Commits[0], c.Commits[1]}
	})
}

// rankCell prints a rank; empty is outside the list, and of what is no project.
func rankCell(c observation.DatedChange, rank int) string {
	if c.Project == "" || rank == 0 {
		return ""
	}
	return strconv.Itoa(rank)
}
