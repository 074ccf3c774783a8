package server

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/advisories"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// advisoriesReader is what the pages of advisories and of malware ask of the store.
type advisoriesReader interface {
	// AdvisoryGroups returns one page of advisory groups of one kind, and counts of all that match.
	AdvisoryGroups(ctx context.Context, q observation.AdvisoriesQuery) (observation.AdvisoriesFound, error)
	// Advisory returns a group by any of its ids in any case, or ErrNotFound.
	Advisory(ctx context.Context, id string) (observation.AdvisoryDetail, error)
	// Exploitation returns what KEV and EPSS say of the CVEs of a group, and how far both reach.
	Exploitation(ctx context.Context, group string) (observation.Exploitation, error)
	// MalwareMonths returns the live malware reports by month of publication, oldest first.
	MalwareMonths(ctx context.Context) ([]observation.MonthCount, error)
	// Arrivals returns the live vulnerability groups of a cohort by month of disclosure or of an arrival.
	Arrivals(ctx context.Context, c observation.Cohort, basis observation.ArrivalBasis) ([]observation.AdvisoryMonth, error)
	// TimeToFix returns how long the flaws of a cohort and severity ("any" for all) stayed unfixed.
	TimeToFix(ctx context.Context, c observation.Cohort, severity string) (observation.TimeToFix, error)
}

// The kinds of advisory group.
const (
	kindVulnerability = "vulnerability"
	kindMalware       = "malware"
)

// Bounds of what a list of advisories shows of one group.
const (
	shownProjects = 3   // of one group
	shownInRange  = 60  // projects whose latest release is in range
	shownSummary  = 200 // bytes of a summary
	trendRows     = 24  // of a table of a figure below a list
)

// firstDay is the first day that a form of advisories offers.
var firstDay = time.Date(firstYear, time.January, 1, 0, 0, 0, 0, time.UTC)

// advisorySource names where advisories come from.
const advisorySource = "OSV (PYSEC, GHSA), CISA KEV, FIRST EPSS"

// advisoriesQuery is what a request asks of the list, of all pages at once.
func advisoriesQuery(q query) (observation.AdvisoriesQuery, error) {
	out := observation.AdvisoriesQuery{
		Kind: kindVulnerability, Text: q.Q, Cohort: q.Cohort, Severity: q.Severity, Fixed: q.Fixed, KEV: q.KEV,
		Withdrawn: q.Withdrawn, Affected: q.Affected, From: q.From, To: q.To, Sort: q.Sort,
	}
	if q.EPSS != nil {
		out.EPSS = *q.EPSS
	}
	if q.Project != "" {
		name, err := pypa.ParseName(q.Project)
		if err != nil {
			return out, badRequest("A name holds letters, digits, '.', '_' and '-'.", "project=%s is not a project name.", quote(q.Project))
		}
		out.Project = name
	}
	return out, nil
}

// groups asks for the page of a list of advisory groups, which must not lie beyond
// its end, and for how far the data run.
func (r *request) groups(q observation.AdvisoriesQuery) (observation.AdvisoriesFound, observation.Observations, error) {
	q.Limit, q.Offset = perPage, (r.Page-1)*perPage
	found, err := r.reader.AdvisoryGroups(r.ctx, q)
	if err != nil {
		return found, observation.Observations{}, err
	}
	if err := r.within(found.Total); err != nil {
		return found, observation.Observations{}, err
	}
	o, err := r.reader.Observations(r.ctx)
	return found, o, err
}

// advisories is the list of advisory groups: conditions, an order, a page.
func (s *Server) advisories(r *request) (ui.Page, error) {
	q, err := advisoriesQuery(r.query)
	if err != nil {
		return nil, err
	}
	found, o, err := r.groups(q)
	if err != nil {
		return nil, err
	}
	p := advisories.Page{
		Frame:   s.pageFrame(r, layout.NavAdvisories, "Advisories", "Known flaws in Python projects on PyPI: severity, affected and fixed releases, known exploitation."),
		Heading: advisoriesHeading(q, found),
		Ledes:   s.advisoriesLedes(r, q, found),
		Filter:  advisoriesFilter(r, o),
		Columns: advisoryColumns(r),
		Pager:   r.pager(perPage, len(found.Entries), found.Total, ""),
		Links: []part.Link{
			{Text: "CSV", Href: r.without("page").link("/advisories.csv", "/advisories.csv"), Label: "CSV of all groups that match"},
			{Text: "Definition", Href: "/methods#disclosure", Label: "Definition of disclosure and of advisory groups"},
			{Text: "Malware reports", Href: "/malware"},
		},
		Source: advisorySource,
		Note:   "Exploitation is empty where KEV has no entry and EPSS no score for a CVE of the group: absence is not safety. “In affected range” says that the latest release lies there, and no more.",
	}
	sources, err := r.reader.Sources(r.ctx)
	if err != nil {
		return nil, err
	}
	p.Fresh = append(s.fresh(r.now, o), s.exploitationFresh(r.now, sources)...)
	p.NoIndex = len(r.given) > 0
	if q.Affected {
		p.InRange = inRange(found)
	}
	for _, e := range found.Entries {
		p.Rows = append(p.Rows, advisoryEntryRow(&e, q))
	}
	if len(p.Rows) == 0 {
		p.State = s.noAdvisories(r, q, found)
	}
	p.Figures = s.trends(r, slugAdvisories, slugTimeToFix, slugArrivals)
	return p, nil
}

// exploitationFresh says how far the catalogue of exploited flaws and the
// forecasts reach: "none is known to be exploited" is worth no more than its date.
func (s *Server) exploitationFresh(now time.Time, sources []observation.SourceStatus) []part.Stat {
	through := make(map[string]time.Time)
	for _, source := range sources {
		through[source.Collector] = source.Through
	}
	return []part.Stat{
		s.through("KEV through", through["kev"], now, "kev"),
		s.through("EPSS of", through["epss"], now, "epss"),
	}
}

// trends are the figures below the first page of a list, with short tables: the
// page of each chart has all of it.
func (s *Server) trends(r *request, slugs ...string) []figure.Figure {
	if r.Page > 1 {
		return nil
	}
	var out []figure.Figure
	for _, slug := range slugs {
		f := s.figure(r, slug, r.query)
		if f.Table != nil && len(f.Table.Rows) > trendRows {
			f.Table.Rows = f.Table.Rows[len(f.Table.Rows)-trendRows:]
			f.Table.More = fmt.Sprintf("The last %s rows; the page of the chart has the others, and the CSV has all.", format.Count(trendRows))
		}
		out = append(out, f)
	}
	return out
}

// advisoriesHeading says how many flaws match which conditions.
func advisoriesHeading(q observation.AdvisoriesQuery, found observation.AdvisoriesFound) string {
	where := "in PyPI projects"
	if q.Cohort != observation.CohortAll {
		where = "in the " + cohortName(q.Cohort)
	}
	if found.Of == 0 { // nothing is counted where nothing was read
		return "No known flaw " + where + " is stored yet"
	}
	all := format.Plural(found.Of, "known flaw", "known flaws") + " " + where
	if q.Withdrawn {
		all += ", withdrawn ones among them"
	}
	conditions := conditionWords(q)
	if len(conditions) == 0 {
		return all
	}
	n := format.Count(found.Total)
	if found.Total == 0 {
		n = "None"
	}
	text := n + " of " + all + ": " + join(conditions, "and")
	if found.Unknown > 0 {
		text += "; of " + format.Count(found.Unknown) + " it is unknown"
	}
	return text
}

// conditionWords says which conditions are asked for.
func conditionWords(q observation.AdvisoriesQuery) []string {
	var out []string
	add := func(asked bool, format string, args ...any) {
		if asked {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(q.Project != "", "concerning %s", q.Project)
	add(q.Text != "", "naming %s", quote(q.Text))
	switch q.Severity {
	case "":
	case "unknown":
		add(true, "of unknown severity")
	default:
		add(true, "rated %s", q.Severity)
	}
	add(q.KEV, "known to be exploited")
	add(q.EPSS > 0, "with an EPSS score of %s or above", number(&q.EPSS))
	add(q.Fixed == observation.FixedYes, "with a fix recorded for every affected project")
	add(q.Fixed == observation.FixedNo, "with no fix recorded for some affected project")
	add(q.Affected, "with the latest release of a project in the affected range")
	if !q.From.IsZero() || !q.To.IsZero() {
		add(true, "disclosed %s", rangeWords(query{From: q.From, To: q.To}))
	}
	return out
}

// unknownWords say what of a group may be unknown, among the conditions that are
// asked for.
func unknownWords(q observation.AdvisoriesQuery) []string {
	var out []string
	if q.Severity != "" {
		out = append(out, "no severity is known")
	}
	if q.EPSS > 0 {
		out = append(out, "no EPSS score is stored")
	}
	if q.Affected {
		out = append(out, "it is unknown whether the latest release of a project is in the affected range")
	}
	return out
}

// advisoriesLedes say what the list is and how much of it is unknown.
func (s *Server) advisoriesLedes(r *request, q observation.AdvisoriesQuery, f observation.AdvisoriesFound) []string {
	text := "Each is one advisory group: records of OSV with a common alias, merged."
	if q.Cohort != observation.CohortAll {
		text += " The cohort is that of the rank list of " + format.Date(f.ListOn) + "; the figures below count a flaw in the cohort of its own time."
		if f.List < q.Cohort.Size() {
			text = "The newest rank list does not hold " + format.Count(q.Cohort.Size()) + " projects, so nothing is known of this cohort."
		}
	}
	if !q.Withdrawn {
		text += " Withdrawn records are left out."
	}
	ledes := []string{text}
	if f.Total > 0 {
		ledes = append(ledes, fmt.Sprintf("Of %s, %s known only to the year of their CVE and %s without a date; %s of these came when a database imported records at once. The severity of %s is unknown.",
			format.Plural(f.Total, "group", "groups"), format.Count(f.YearOnly)+" "+pluralWord(f.YearOnly, "is", "are"), format.Count(f.NoDate), format.Count(f.Imports), format.Count(f.NoSeverity)))
	}
	if f.Unknown > 0 && f.Total > 0 {
		ledes = append(ledes, fmt.Sprintf("Counted apart: %s, the other conditions met, of which %s.", format.Plural(f.Unknown, "more group", "more groups"), join(unknownWords(q), "or")))
	}
	if f.MaybeInRange > 0 {
		ledes = append(ledes, fmt.Sprintf("Counted apart: %s known to a year that lies only partly in the range.", format.Plural(f.MaybeInRange, "group", "groups")))
	}
	return ledes
}

// inRange lists the projects whose latest release is in the range of a flaw that
// matches.
func inRange(f observation.AdvisoriesFound) *advisories.InRange {
	if len(f.Projects) == 0 {
		return nil
	}
	out := &advisories.InRange{Title: "The latest release of " + format.Plural(len(f.Projects), "project is", "projects are") + " in the affected range"}
	if len(f.Projects) > 1 {
		out.Title = "The latest releases of " + format.Count(len(f.Projects)) + " projects are in an affected range"
	}
	for i, p := range f.Projects {
		if i == shownInRange {
			out.More = fmt.Sprintf("and %s more; the CSV names the projects of every group.", format.Count(len(f.Projects)-i))
			break
		}
		out.Projects = append(out.Projects, advisories.Ranked{Link: part.Link{Text: p.Project, Href: projectPath(p.Project)}, Note: rankAndLatest(p)})
	}
	return out
}

func rankAndLatest(p observation.AffectedProject) string {
	text := "not in the rank list"
	if p.Rank > 0 {
		text = "rank " + format.Count(p.Rank)
	}
	if p.LatestVersion != "" {
		text += ", latest " + short(p.LatestVersion, 40)
	}
	return text
}

// advisoryEntryRow is one row of the list.
func advisoryEntryRow(e *observation.AdvisoryEntry, q observation.AdvisoriesQuery) advisories.Row {
	g := e.Group
	row := advisories.Row{
		Name: advisoryLink(g), Withdrawn: withdrawnWord(g), Summary: short(g.Summary, shownSummary), Severity: severityOf(g),
		Disclosed: disclosedText(g), FixedIn: fixedText(e), Latest: latestText(e),
	}
	switch g.Precision {
	case "year":
		row.Precision = "year only"
	case "day":
	default:
		row.Precision = "no date in any record"
	}
	for i, p := range leading(e, q) {
		if i == shownProjects && len(e.Projects) > i+1 {
			row.More = fmt.Sprintf("+%s more", format.Count(len(e.Projects)-i))
			break
		}
		row.Projects = append(row.Projects, part.Link{Text: p.Project, Href: projectPath(p.Project)})
	}
	if !e.KEVOn.IsZero() {
		row.KEV = "KEV " + format.Date(e.KEVOn)
	}
	if e.EPSS != nil {
		row.EPSS, row.EPSSOn = epssText(e.EPSS), epssModel(e.EPSS)
	}
	return row
}

// leading returns the projects of a group, those that were asked for first.
func leading(e *observation.AdvisoryEntry, q observation.AdvisoriesQuery) []observation.AffectedProject {
	if !q.Affected && q.Project == "" {
		return e.Projects
	}
	asked := func(p observation.AffectedProject) bool {
		return (q.Project == "" || p.Project == q.Project) && (!q.Affected || p.Latest != nil && *p.Latest)
	}
	out := slices.Clone(e.Projects)
	slices.SortStableFunc(out, func(a, b observation.AffectedProject) int {
		switch {
		case asked(a) == asked(b):
			return 0
		case asked(a):
			return -1
		}
		return 1
	})
	return out
}

func withdrawnWord(g observation.Group) string {
	switch {
	case g.Live:
		return ""
	case slices.Contains(g.Flags, "gone"):
		return "deleted by its database"
	}
	return "withdrawn"
}

// fixedText says in which releases a flaw is fixed: once when that is the same
// for all its projects.
func fixedText(e *observation.AdvisoryEntry) string {
	return perProject(e, func(p observation.AffectedProject) string {
		switch {
		case !p.Exposed:
			return "not followed"
		case len(p.FixedIn) == 0:
			return "no fix recorded"
		}
		return short(strings.Join(p.FixedIn, ", "), 80)
	})
}

// latestText says whether the latest releases are in the affected range.
func latestText(e *observation.AdvisoryEntry) string {
	return perProject(e, func(p observation.AffectedProject) string {
		switch {
		case !p.Exposed:
			return "not followed"
		case p.Latest == nil:
			return format.Unknown
		case *p.Latest:
			return "in affected range"
		}
		return "outside"
	})
}

// perProject prints what holds for each project of a group: once when it is the
// same for all, else with the names.
func perProject(e *observation.AdvisoryEntry, text func(observation.AffectedProject) string) string {
	var values []string
	names := make(map[string][]string)
	for _, p := range e.Projects {
		v := text(p)
		if names[v] == nil {
			values = append(values, v)
		}
		names[v] = append(names[v], p.Project)
	}
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = join(names[v], "and") + ": " + v
	}
	return short(strings.Join(parts, "; "), 300)
}

// epssText prints an EPSS score with its percentile.
func epssText(c *observation.ExploitedCVE) string {
	text := "EPSS " + epssScore(*c.Score)
	if c.Percentile != nil {
		text += ", percentile " + format.Number(math.Floor(*c.Percentile*1000)/10, 1) // 99.99 is not 100
	}
	return text
}

// epssScore prints a probability with as many decimals as those near 0 and 1 need.
func epssScore(v float64) string {
	if v < 0.01 || v > 0.99 {
		return format.Number(v, 4)
	}
	return format.Number(v, 2)
}

func epssModel(c *observation.ExploitedCVE) string {
	return strings.TrimPrefix(short(c.Model, 40)+", "+format.Date(c.ScoredOn), ", ")
}

// noAdvisories says why the list is empty.
func (s *Server) noAdvisories(r *request, q observation.AdvisoriesQuery, f observation.AdvisoriesFound) *part.State {
	if loading := loadingText(s.Activity(), "osv"); loading != "" {
		return &part.State{Lead: "Not here yet.", Text: loading, Link: part.Link{Text: "Status of the sources", Href: "/status"}}
	}
	if f.Unknown > 0 {
		without := r.query
		without.Affected, without.EPSS, without.Severity = false, nil, ""
		return &part.State{
			Lead: "None is known.", Text: fmt.Sprintf("Of %s %s.", format.Plural(f.Unknown, "group", "groups"), join(unknownWords(q), "or")),
			Link: part.Link{Text: "Show all of them", Href: without.without("page").link("/advisories", r.route)},
		}
	}
	if len(conditionWords(q)) == 0 {
		return &part.State{Lead: "No advisories are stored yet.", Text: "No run of the source has stored anything about this cohort.", Link: part.Link{Text: "Status of the sources", Href: "/status"}}
	}
	return &part.State{
		Lead: "No group matches.", Text: "That says nothing about the safety of a project: it is what the databases have recorded.",
		Link: part.Link{Text: "All advisories", Href: "/advisories"},
	}
}

// advisoryColumns are the heads of the columns; some lead to their order.
func advisoryColumns(r *request) []advisories.Column {
	columns := []struct{ text, sort, sorted string }{
		{"Advisory", "", ""}, {"Severity", "severity", "descending"}, {"Disclosed", "disclosed", "descending"}, {"Projects", "rank", "ascending"},
		{"Fixed in", "", ""}, {"Latest release", "", ""}, {"Exploitation", "epss", "descending"},
	}
	out := make([]advisories.Column, len(columns))
	for i, c := range columns {
		out[i].Text = c.text
		if c.sort == "" {
			continue
		}
		q := r.without("page")
		q.Sort = c.sort
		out[i].Href = q.link("/advisories", r.route)
		if r.Sort == c.sort {
			out[i].Sorted = c.sorted
		}
	}
	return out
}

// advisoriesFilter is the form over the list.
func advisoriesFilter(r *request, o observation.Observations) part.Filter {
	choice := func(name, label, value string, options ...part.Option) part.Field {
		for i := range options {
			options[i].Selected = options[i].Value == value
		}
		return part.Field{Name: name, Label: label, Type: "select", Options: options}
	}
	a := acceptsOf(r.route)
	value := func(name string) string { return r.value(name, a) }
	any := part.Option{Label: "Any"}
	levels := []part.Option{any}
	for _, severity := range severities {
		levels = append(levels, part.Option{Value: severity, Label: capitalise(severity)})
	}
	cohorts := []part.Option{{Label: "All of PyPI"}}
	for _, c := range observation.RankCohorts() {
		cohorts = append(cohorts, part.Option{Value: string(c), Label: cohortLabel(c)})
	}
	scores := []part.Option{any}
	for _, score := range []string{"0.01", "0.1", "0.5", "0.9"} {
		scores = append(scores, part.Option{Value: score, Label: score + " or above"})
	}
	if v := value("epss"); v != "" && !slices.ContainsFunc(scores, func(o part.Option) bool { return o.Value == v }) {
		scores = append(scores, part.Option{Value: v, Label: v + " or above"})
	}
	disclosedFrom := monthField("from", &r.query, firstDay, lastMonth(o, r.now))
	disclosedFrom.Label = "Disclosed from"
	f := part.Filter{Action: "/advisories", Label: "Choose advisories", Fields: []part.Field{
		{Name: "q", Label: "Id, project or words", Type: "search", Value: r.Q},
		choice("cohort", "Cohort", value("cohort"), cohorts...),
		choice("severity", "Severity", value("severity"), levels...),
		choice("kev", "Known exploited", value("kev"), any, part.Option{Value: "yes", Label: "In KEV"}),
		choice("affected", "Latest release", value("affected"), any, part.Option{Value: "yes", Label: "In affected range"}),
		choice("fixed", "Fix", value("fixed"), any, part.Option{Value: "yes", Label: "Recorded for all"}, part.Option{Value: "no", Label: "Not for all"}),
		choice("epss", "EPSS", value("epss"), scores...),
		disclosedFrom,
		monthField("to", &r.query, firstDay, lastMonth(o, r.now)),
		choice("withdrawn", "Withdrawn", value("withdrawn"), part.Option{Label: "Left out"}, part.Option{Value: "yes", Label: "Shown too"}),
		choice("sort", "Order", value("sort"), part.Option{Label: "Newest disclosure"}, part.Option{Value: "modified", Label: "Newest change"},
			part.Option{Value: "severity", Label: "Severity"}, part.Option{Value: "epss", Label: "EPSS"}, part.Option{Value: "rank", Label: "Download rank"}),
	}}
	if r.Project != "" { // from a link; to search, names are words
		f.Fields = append(f.Fields, part.Field{Name: "project", Label: "Project", Type: "search", Value: r.Project})
	}
	return f
}

// advisoriesHeader is the header of the CSV of advisories: the columns of the
// table, and the values behind them.
var advisoriesHeader = []string{"group_id", "name", "ids", "summary", "severity", "score", "vector", "disclosed", "precision", "import", "modified",
	"arrived_pysec", "arrived_here", "projects", "ranks", "affected", "fixed_in", "fixed_at", "latest_release", "latest_in_affected_range",
	"kev_added_on", "kev_ransomware", "epss", "epss_percentile", "epss_model", "epss_on", "state"}

// advisoriesCSV answers with all groups that match, in the order of the list.
// Several values of one cell, one for each project, are parted by " | ".
func (s *Server) advisoriesCSV(r *request) error {
	q, err := advisoriesQuery(r.query)
	if err != nil {
		return err
	}
	found, err := r.reader.AdvisoryGroups(r.ctx, q)
	if err != nil {
		return err
	}
	return r.sendList("advisories", advisoriesHeader, len(found.Entries), func(i int) []string { return advisoryCells(&found.Entries[i]) })
}

// sendList answers with a list that lies in memory as CSV.
func (r *request) sendList(name string, header []string, n int, row func(i int) []string) error {
	h := r.Response().Header()
	h.Set(echo.HeaderContentType, csvType)
	h.Set(echo.HeaderCacheControl, "no-cache")
	h.Set(echo.HeaderContentDisposition, attachment(fileName(name, "csv", r)))
	markSimulated(h, r)
	if r.Request().Method == http.MethodHead {
		return r.NoContent(http.StatusOK)
	}
	out := newCSVWriter(r.Response(), r.mode.Simulated)
	if err := out.row(header); err != nil {
		return err
	}
	for i := range n {
		if err := out.row(row(i)); err != nil {
			return err
		}
	}
	return out.flush()
}

func advisoryCells(e *observation.AdvisoryEntry) []string {
	g := e.Group
	each := func(text func(p observation.AffectedProject) string) string {
		parts := make([]string, len(e.Projects))
		for i, p := range e.Projects {
			parts[i] = text(p)
		}
		return strings.Join(parts, " | ")
	}
	state := "live"
	if !g.Live {
		state = withdrawnWord(g)
	}
	cells := []string{
		g.ID, g.Name, strings.Join(slices.Concat(g.Members, g.Aliases), " | "), g.Summary, g.Severity, number(g.Score), g.Vector,
		isoDay(g.Disclosed), g.Precision, strconv.FormatBool(e.Import), isoTime(g.Modified), isoTime(e.ArrivedPYSEC), isoTime(e.ArrivedHere),
		each(func(p observation.AffectedProject) string { return p.Project }),
		each(func(p observation.AffectedProject) string { return integer(known(p.Rank)) }),
		each(func(p observation.AffectedProject) string { return p.Affected }),
		each(func(p observation.AffectedProject) string { return strings.Join(p.FixedIn, ", ") }),
		each(func(p observation.AffectedProject) string { return isoTime(p.FixedAt) }),
		each(func(p observation.AffectedProject) string { return p.LatestVersion }),
		each(func(p observation.AffectedProject) string {
			if p.Latest == nil {
				return ""
			}
			return strconv.FormatBool(*p.Latest)
		}),
		isoDay(e.KEVOn), e.Ransomware,
	}
	if c := e.EPSS; c != nil {
		cells = append(cells, number(c.Score), number(c.Percentile), c.Model, isoDay(c.ScoredOn))
	} else {
		cells = append(cells, "", "", "", "")
	}
	return append(cells, state)
}
