package server

import (
	"fmt"
	"math"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/projects"
)

// perPage is the number of projects on one page of the list.
const perPage = 50

// everything asks for the number of all projects.
var everything = observation.ProjectsQuery{Sort: projectSorts[0], Limit: 1}

// projects is the list of projects: part of a name, an order, a page.
func (s *Server) projects(r *request) (ui.Page, error) {
	rows, total, err := r.reader.Projects(r.ctx, observation.ProjectsQuery{Text: r.Q, Sort: r.Sort, Limit: perPage, Offset: (r.Page - 1) * perPage})
	if err != nil {
		return nil, err
	}
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return nil, err
	}
	pages := min(maxPage, max(1, int(math.Ceil(float64(total)/perPage))))
	if r.Page > pages && total > 0 {
		return nil, badRequest(fmt.Sprintf("Use a number from 1 to %s.", format.Count(pages)), "page=%d is beyond the last page.", r.Page)
	}
	p := projects.Page{
		Frame:   s.pageFrame(r, layout.NavProjects, "Projects", "The most downloaded Python projects with their Scorecard result, advisories and releases."),
		Heading: projectsHeading(r, total),
		Filter:  projectsFilter(r),
		Columns: projectColumns(r),
		Pager:   pager(r, len(rows), total, pages),
		Links: []part.Link{
			{Text: "CSV", Href: "/data/project_summaries.csv", Label: "CSV of all projects"},
			{Text: "Definition", Href: "/methods#value", Label: "Definition of the value of a project"},
		},
		Source: "top-pypi-packages, pypi-scorecards archive, api.scorecard.dev, OSV, PyPI",
	}
	p.Fresh = s.fresh(r.now, o)
	p.Query = r.Q
	p.NoIndex = r.Q != "" || r.Page > 1
	if !o.RankOn.IsZero() {
		p.Lede = "Ranks of " + format.Date(o.RankOn) + ". The score is Scorecard's aggregate, recomputed, with its date; a project without one says why. The order is not a judgement."
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, s.projectRow(r, row))
	}
	if len(rows) == 0 {
		p.State, p.Nearest = s.noProjects(r)
	}
	return p, nil
}

func projectsHeading(r *request, total int) string {
	by := map[string]string{
		"rank": "by downloads", "name": "by name", "aggregate": "by Scorecard aggregate", "advisories": "by number of advisories", "release": "by latest release",
	}[r.Sort]
	if r.Q != "" {
		return fmt.Sprintf("%s with %s in the name, %s", format.Plural(total, "project", "projects"), quote(r.Q), by)
	}
	return format.Plural(total, "project", "projects") + " " + by
}

func projectsFilter(r *request) part.Filter {
	f := part.Filter{Action: "/projects", Label: "Search and sort projects", Fields: []part.Field{
		{Name: "q", Label: "Part of a name", Type: "search", Value: r.Q},
		{Name: "sort", Label: "Order", Type: "select"},
	}}
	for _, sort := range projectSorts {
		label := map[string]string{"rank": "Downloads", "name": "Name", "aggregate": "Scorecard aggregate", "advisories": "Advisories", "release": "Latest release"}[sort]
		f.Fields[1].Options = append(f.Fields[1].Options, part.Option{Value: sort, Label: label, Selected: sort == r.Sort})
	}
	return f
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
		words = append(words, "unknown for "+format.Count(row.LatestUnknown))
	}
	return strings.Join(words, ", ")
}

func pager(r *request, shown, total, pages int) part.Pager {
	if shown == 0 {
		return part.Pager{}
	}
	first := (r.Page-1)*perPage + 1
	p := part.Pager{Text: fmt.Sprintf("%s to %s of %s", format.Count(first), format.Count(first+shown-1), format.Count(total))}
	to := func(page int, text string) part.Link {
		q := r.query
		q.Page = page
		return part.Link{Text: text, Href: q.link("/projects", "/projects")}
	}
	if r.Page > 1 {
		p.Previous = to(r.Page-1, "Previous")
	}
	if r.Page < pages {
		p.Next = to(r.Page+1, "Next")
	}
	return p
}

// noProjects says why the list is empty.
func (s *Server) noProjects(r *request) (*part.State, []part.Link) {
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
		s.Log.WarnContext(r.ctx, "nearest names not read", "err", err)
	}
	return state, projectLinks(names)
}
