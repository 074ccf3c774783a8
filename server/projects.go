package server

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/projects"
)

// everything asks for the number of all projects.
var everything = observation.ProjectsQuery{Sort: projectSorts[0], Limit: 1}

// projectsReader is what the list of projects asks beside what all pages do.
type projectsReader interface {
	// EachProject calls each for every project that answers to a query, in its order.
	EachProject(ctx context.Context, q observation.ProjectsQuery, each func(observation.ProjectRow) error) error
}

// projectsQuery is what the parameters ask of the store, without the page.
func projectsQuery(q query) observation.ProjectsQuery {
	out := observation.ProjectsQuery{
		Text: q.Q, State: observation.ScoreState(q.State), Min: q.Min, Max: q.Max, Affected: q.Affected, KEV: q.KEV,
		Class: observation.AttestationClass(q.Attested), Status: q.Status, Sort: q.Sort,
	}
	if q.Cohort != observation.CohortAll {
		out.Cohort = q.Cohort
	}
	if q.Check != "" {
		out.Check, out.Below = q.Check, q.Below
	}
	return out
}

// projects is the list of projects: filters, an order, a page.
func (s *Server) projects(r *request) (ui.Page, error) {
	if err := sensible(r.query); err != nil {
		return nil, err
	}
	var rows []observation.ProjectRow
	var total, known int
	var o observation.Observations
	asked := projectsQuery(r.query)
	asked.Limit, asked.Offset = perPage, (r.Page-1)*perPage
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) { rows, total, err = r.reader.Projects(ctx, asked); return err })
	g.Go(func() (err error) {
		all := everything
		all.Cohort = asked.Cohort
		_, known, err = r.reader.Projects(ctx, all)
		return err
	})
	g.Go(func() (err error) { o, err = r.reader.Observations(ctx); return err })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := r.within(total); err != nil {
		return nil, err
	}
	p := projects.Page{
		Frame:   s.pageFrame(r, layout.NavProjects, "Projects", "The most downloaded Python projects with their Scorecard result, advisories and releases."),
		Heading: projectsHeading(r.query, total, known),
		Filter:  projectsFilter(r),
		Columns: projectColumns(r),
		Pager:   r.pager(perPage, len(rows), total, ""),
		Links: []part.Link{
			{Text: "CSV", Href: r.without("page").link("/projects.csv", "/projects.csv"), Label: "CSV of the " + format.Plural(total, "project that matches", "projects that match")},
			{Text: "CSV of all", Href: "/data/project_summaries.csv", Label: "CSV of all projects"},
			{Text: "Definition", Href: "/methods#value", Label: "Definition of the value of a project"},
		},
		Source: "top-pypi-packages, pypi-scorecards archive, api.scorecard.dev, OSV, PyPI",
	}
	p.Fresh = s.fresh(r.now, o)
	p.Query = r.Q
	p.NoIndex = len(r.given) > 0
	if !o.RankOn.IsZero() {
		p.Lede = "Ranks of " + format.Date(o.RankOn) + ". The score is Scorecard's aggregate, recomputed, with its date; a project without one says why. The order is not a judgement."
	}
	if r.Affected || r.KEV {
		p.Lede = strings.TrimSpace(p.Lede + " Where the files of a project or the range of a record are not known, whether the latest release is in range is unknown, and the project is not listed here.")
	}
	if r.Min != nil || r.Max != nil || r.Check != "" {
		p.Lede = strings.TrimSpace(p.Lede + " A project without the score that is asked for is unknown, and not listed here either way.")
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, s.projectRow(r, row))
	}
	if len(rows) == 0 {
		p.State, p.Nearest = s.noProjects(r)
	}
	return p, nil
}

// projectsCSV answers with every project that matches, in the order of the page.
func (s *Server) projectsCSV(c echo.Context) error {
	r, err := s.begin(c, "/projects.csv")
	if err != nil {
		return err
	}
	if r.reader == nil {
		return errStarting
	}
	if err := sensible(r.query); err != nil {
		return err
	}
	return s.streamCSV(r, "projects", projectColumnTypes, func(row func([]string) error) error {
		header := make([]string, len(projectColumnTypes))
		for i, column := range projectColumnTypes {
			header[i] = column.Name
		}
		if err := row(header); err != nil {
			return err
		}
		return r.reader.EachProject(r.ctx, projectsQuery(r.query), func(p observation.ProjectRow) error { return row(projectCells(&p)) })
	})
}

// projectColumnTypes are the columns of the list as a file.
var projectColumnTypes = []observation.Column{
	{Name: "project", Type: "String"}, {Name: "display_name", Type: "String"}, {Name: "rank", Type: "UInt32"}, {Name: "downloads", Type: "UInt64"},
	{Name: "score_state", Type: "String"}, {Name: "score_source", Type: "String"}, {Name: "score_on", Type: "Date"}, {Name: "aggregate", Type: "Float32"}, {Name: "core", Type: "Float32"},
	{Name: "advisories", Type: "UInt32"}, {Name: "latest_in_affected_range", Type: "UInt32"}, {Name: "latest_unknown", Type: "UInt32"}, {Name: "malware_reports", Type: "UInt32"},
	{Name: "latest_version", Type: "String"}, {Name: "latest_upload", Type: "DateTime"}, {Name: "status", Type: "String"}, {Name: "repository", Type: "String"}, {Name: "trust", Type: "String"},
}

// projectCells is a row of projectColumnTypes; empty is unknown.
func projectCells(p *observation.ProjectRow) []string {
	rank, downloads, upload := "", "", ""
	if p.Rank > 0 {
		rank, downloads = strconv.Itoa(p.Rank), strconv.FormatUint(p.Downloads, 10)
	}
	if t := moment(p.LatestUpload); t != nil {
		upload = t.Format(time.RFC3339)
	}
	return []string{
		p.Project, p.DisplayName, rank, downloads, string(p.ScoreState), string(p.ScoreSource), isoDay(p.ScoreOn), number(p.Aggregate), number(p.Core),
		strconv.Itoa(p.Groups), strconv.Itoa(p.LatestAffect), strconv.Itoa(p.LatestUnknown), strconv.Itoa(p.Malware),
		p.LatestVersion, upload, p.Status, p.Repository, string(p.Trust),
	}
}

// sensible refuses what no project can answer to.
func sensible(q query) error {
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		return badRequest("Use a min that is not above max.", "No aggregate is at least %s and at most %s.", numberWord(q.Min), numberWord(q.Max))
	}
	if q.given["below"] && q.Check == "" {
		return badRequest("Add check=, for example check=Code-Review.", "below needs the check that it speaks of.")
	}
	return nil
}

// projectsHeading says how many projects match what, of how many.
func projectsHeading(q query, total, known int) string {
	by := map[string]string{
		"rank": "by downloads", "name": "by name", "aggregate": "by Scorecard aggregate", "advisories": "by number of advisories", "release": "by latest release",
	}[q.Sort]
	conditions := projectConditions(q)
	if known == 0 { // nothing is counted where nothing was read
		return "No projects are stored yet"
	}
	if len(conditions) == 0 && q.Cohort == observation.CohortAll {
		return format.Plural(total, "project", "projects") + " " + by
	}
	noun := " projects"
	if q.Cohort != observation.CohortAll {
		noun = " projects in the " + cohortName(q.Cohort)
	}
	if len(conditions) > 0 {
		return format.Of(total, known) + noun + " " + join(conditions, "and") + ", " + by
	}
	return format.Count(total) + noun + " " + by
}

// projectConditions are the filters in words.
func projectConditions(q query) []string {
	var out []string
	add := func(is bool, words string) {
		if is {
			out = append(out, words)
		}
	}
	add(q.Q != "", "with "+quote(q.Q)+" in the name")
	add(q.State != "", scoreStateWords(observation.ScoreState(q.State)))
	add(q.Min != nil, "with an aggregate of "+numberWord(q.Min)+" or above")
	add(q.Max != nil, "with an aggregate of "+numberWord(q.Max)+" or below")
	add(q.Check != "", "with "+q.Check+" below "+strconv.Itoa(q.Below))
	switch {
	case q.KEV:
		out = append(out, "known to have the latest release in the affected range of a known exploited flaw")
	case q.Affected:
		out = append(out, "known to have the latest release in an affected range")
	}
	add(q.Attested != "", "of attestation class “"+q.Attested+"”")
	add(q.Status != "", "of status "+q.Status)
	return out
}

// scoreStateWords says of which projects a state speaks.
func scoreStateWords(state observation.ScoreState) string {
	switch state {
	case observation.ScoreScored:
		return "with a Scorecard result"
	case observation.ScoreAbsent:
		return "without a current Scorecard result"
	}
	return "without a current Scorecard result because " + whyNoScore(observation.ProjectRow{ScoreState: state})
}

// projectsFilter is the form over what the list can be asked for.
func projectsFilter(r *request) part.Filter {
	choice := func(name, label, any, now string, options ...part.Option) part.Field {
		field := part.Field{Name: name, Label: label, Type: "select"}
		if any != "" {
			field.Options = []part.Option{{Label: any, Selected: now == ""}}
		}
		for _, o := range options {
			o.Selected = o.Value == now
			field.Options = append(field.Options, o)
		}
		return field
	}
	var sorts, cohorts, states, checks, classes, statuses []part.Option
	for _, sort := range projectSorts {
		label := map[string]string{"rank": "Downloads", "name": "Name", "aggregate": "Scorecard aggregate", "advisories": "Advisories", "release": "Latest release"}[sort]
		sorts = append(sorts, part.Option{Value: sort, Label: label})
	}
	for _, c := range observation.RankCohorts() {
		cohorts = append(cohorts, part.Option{Value: string(c), Label: cohortLabel(c)})
	}
	for _, state := range scoreStates {
		label := map[string]string{
			"scored": "Scored", "none": "Not scored", "stale": "Not scored: too old", "no_result": "Not scored: no result", "unavailable": "Not scored: source unavailable",
			"no_repository": "Not scored: no repository", "not_asked": "Not scored: not asked", "not_fetched": "Not scored: not fetched yet",
		}[state]
		states = append(states, part.Option{Value: state, Label: label})
	}
	for _, check := range posture.Names() {
		checks = append(checks, part.Option{Value: check, Label: check})
	}
	for _, class := range observation.AttestationClasses() {
		classes = append(classes, part.Option{Value: string(class), Label: capitalise(string(class))})
	}
	for _, status := range projectStatuses {
		statuses = append(statuses, part.Option{Value: status, Label: capitalise(status)})
	}
	cohort := ""
	if r.Cohort != observation.CohortAll {
		cohort = string(r.Cohort)
	}
	below := ""
	if r.given["below"] {
		below = strconv.Itoa(r.Below)
	}
	return part.Filter{Action: "/projects", Label: "Filter and sort projects", Fields: []part.Field{
		{Name: "q", Label: "Part of a name", Type: "search", Value: r.Q},
		choice("cohort", "Projects", "All that are known", cohort, cohorts...),
		choice("sort", "Order", "", r.Sort, sorts...),
		choice("state", "Scorecard result", "Any", r.State, states...),
		{Name: "min", Label: "Aggregate from", Type: "number", Value: numberWord(r.Min), Min: "0", Max: "10", Step: "0.1"},
		{Name: "max", Label: "Aggregate to", Type: "number", Value: numberWord(r.Max), Min: "0", Max: "10", Step: "0.1"},
		choice("check", "Check", "Any", r.Check, checks...),
		{Name: "below", Label: "Check below (8 if empty)", Type: "number", Value: below, Min: "1", Max: "10", Step: "1"},
		choice("attested", "Attestations", "Any", r.Attested, classes...),
		choice("status", "Status", "Any", r.Status, statuses...),
		{Name: "affected", Label: "Latest release in an affected range", Type: "checkbox", Value: "yes", Checked: r.Affected},
		{Name: "kev", Label: "of a known exploited flaw (KEV)", Type: "checkbox", Value: "yes", Checked: r.KEV},
	}}
}

// projectColumns are the heads of the columns, each leading to its order.
func projectColumns(r *request) []projects.Column {
	columns := projects.Columns()
	for i := range columns {
		c := &columns[i]
		if c.Sort == "" {
			continue
		}
		q := r.without("page")
		q.Sort = c.Sort
		c.Href = q.link("/projects", "/projects")
		switch {
		case c.Sort != r.Sort:
		case c.Sort == "rank", c.Sort == "name":
			c.Sorted = "ascending"
		default:
			c.Sorted = "descending"
		}
	}
	return columns
}

func (s *Server) projectRow(r *request, row observation.ProjectRow) projects.Row {
	name := row.DisplayName
	if name == "" {
		name = row.Project
	}
	out := projects.Row{
		Rank: "not in the list", Project: part.Link{Text: name, Href: projectPath(row.Project)},
		Advisories: "none known", Latest: short(row.LatestVersion, 40), Why: whyNoScore(row),
	}
	if row.Rank > 0 {
		out.Rank = format.Count(row.Rank)
	}
	if row.Aggregate != nil && row.ScoreState == observation.ScoreScored {
		out.Score, out.ScoreOn = format.Score(row.Aggregate), format.Date(row.ScoreOn)
		out.Stamp = s.stamp(row.ScoreOn, r.now, collectorOf(row.ScoreSource))
	}
	if row.Groups > 0 {
		out.Advisories = format.Count(row.Groups)
	}
	out.Affects = affectedWords(&row)
	if row.Malware > 0 {
		out.Malware = format.Plural(row.Malware, "malware report", "malware reports")
	}
	if out.Latest == "" {
		out.Latest = "not fetched yet"
	} else if !row.LatestUpload.IsZero() {
		out.Released = format.Date(row.LatestUpload)
	}
	if row.Status != "active" {
		out.Status = short(row.Status, 40)
	}
	if row.Repository != "" {
		out.Repository, out.Trust = part.Link{Text: row.Repository, Href: repositoryURL(row.Repository)}, trustWords(row.Trust)
	} else {
		out.Trust = "none known"
	}
	return out
}

// affectedWords says of how many advisories the latest release is in range, ""
// when of none.
func affectedWords(row *observation.ProjectRow) string {
	var words []string
	if row.LatestAffect > 0 {
		words = append(words, "latest release in the range of "+format.Count(row.LatestAffect))
	}
	if row.LatestUnknown > 0 {
		words = append(words, "latest release in range unknown for "+format.Count(row.LatestUnknown))
	}
	return strings.Join(words, ", ")
}

// noProjects says why the list is empty.
func (s *Server) noProjects(r *request) (*part.State, []part.Link) {
	others := r.query
	others.Q = ""
	if len(projectConditions(others)) > 0 || r.Cohort != observation.CohortAll && r.Q == "" {
		state := &part.State{Lead: "No project matches all of this.", Text: "What is not known answers to no filter but the one that asks for it.", Link: part.Link{Text: "All projects", Href: "/projects"}}
		if r.KEV || r.Affected {
			q := defaults("/advisories")
			q.Cohort, q.KEV, q.Affected = r.Cohort, r.KEV, true
			state.Link = part.Link{Text: "The flaws that this asks for, and of how many it is unknown", Href: q.link("/advisories", "/advisories")}
		}
		return state, nil
	}
	if r.Q == "" {
		text := "No rank list is stored yet."
		if loading := loadingText(s.Activity()); loading != "" {
			text += " " + loading
		}
		return &part.State{Lead: "No projects yet.", Text: text, Link: part.Link{Text: "Status of the sources", Href: "/status"}}, nil
	}
	state := &part.State{Lead: "No name contains " + quote(r.Q) + ".", Text: "It is not in our set. Whether it is on PyPI was not asked."}
	names, err := r.reader.Nearest(r.ctx, r.Q, nearest)
	if err != nil {
		s.unread(r, "nearest names", err)
	}
	return state, projectLinks(names)
}
