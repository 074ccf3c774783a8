package server

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/compare"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// comparePath is the address of the comparison of some projects.
func comparePath(names ...string) string {
	if len(names) == 0 {
		return "/compare"
	}
	return "/compare?" + url.Values{"p": names}.Encode()
}

// comparedProject is one project of a comparison.
type comparedProject struct {
	observation.ProjectDetail
	publishing observation.Publishing
}

// compare is the page of a few projects side by side.
func (s *Server) compare(r *request) (ui.Page, error) {
	names, err := comparedNames(r.P)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(names, r.P) {
		r.P = names
		return nil, r.Redirect(http.StatusMovedPermanently, r.link("/compare", "/compare"))
	}
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return nil, err
	}
	found, unknown, err := s.readCompared(r, names)
	if err != nil {
		return nil, err
	}
	known := without(names, unknown)
	p := compare.Page{
		Frame:   s.pageFrame(r, layout.NavProjects, "Compare projects", "Scorecard checks, advisories and releases of some Python projects side by side."),
		Heading: "Compare projects",
		Lede:    fmt.Sprintf("Up to %d projects side by side, in the order in which you name them. No column is the best.", maxCompared),
		Filter:  compareFilter(known),
	}
	p.Fresh = s.fresh(r.now, o)
	p.NoIndex = len(names) > 0
	for _, name := range unknown {
		p.Unknown = append(p.Unknown, s.unknownCompared(r, name))
	}
	if len(found) < 2 {
		p.State = &part.State{Lead: "Name two projects or more.", Text: "Write their names as on PyPI; spelling of case, '-', '_' and '.' does not matter."}
	}
	if len(found) == 0 {
		return p, nil
	}
	p.Heading = join(displayNames(found), "and")
	if len(found) > 1 {
		p.Heading += " side by side"
	}
	for i, name := range known {
		p.Projects = append(p.Projects, compare.Project{
			Link:   part.Link{Text: displayName(&found[i].ProjectRow), Href: projectPath(name)},
			Remove: part.Link{Text: "Remove", Href: comparePath(without(known, []string{name})...), Label: "Remove " + name},
		})
	}
	p.Facts = s.compareFacts(r, found)
	p.Checks = compareChecks(found)
	p.Note = "Apart: the largest less the smallest conclusive score of the row. Results may be of different dates and sources; an unknown score is in no difference."
	p.Source = "pypi-scorecards archive, api.scorecard.dev, OSV, PyPI"
	q := r.query
	q.P = known
	figure := s.figure(r, slugCompare, q)
	p.Figure = &figure
	if len(known) < maxCompared {
		p.Near = s.neighbours(r, &found[0], known)
	}
	return p, nil
}

// readCompared reads the projects; names that are not known come back apart.
func (s *Server) readCompared(r *request, names []string) (found []comparedProject, unknown []string, err error) {
	all := make([]comparedProject, len(names))
	missing := make([]bool, len(names))
	g, ctx := errgroup.WithContext(r.ctx)
	for i, name := range names {
		g.Go(func() (err error) {
			all[i].ProjectDetail, err = r.reader.Project(ctx, name)
			if errors.Is(err, ErrNotFound) {
				missing[i] = true
				return nil
			} else if err != nil {
				return err
			}
			all[i].publishing, err = r.reader.Publishing(ctx, name)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	for i, name := range names {
		if missing[i] {
			unknown = append(unknown, name)
		} else {
			found = append(found, all[i])
		}
	}
	return found, unknown, nil
}

// compareFilter is the form: the names that are there, and room for one more.
func compareFilter(known []string) part.Filter {
	f := part.Filter{Action: "/compare", Label: "Choose the projects to compare", Note: "An emptied field leaves its project out."}
	for i := range min(max(len(known)+1, 2), maxCompared) {
		field := part.Field{Name: "p", Label: "Project " + strconv.Itoa(i+1), Type: "search"}
		if i < len(known) {
			field.Value = known[i]
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

// unknownCompared says that a name is not in our set and offers the nearest.
func (s *Server) unknownCompared(r *request, name string) compare.Unknown {
	u := compare.Unknown{Text: "No project " + name + " in our set. Whether it is on PyPI was not asked."}
	near, err := r.reader.Nearest(r.ctx, name, nearest)
	if err != nil {
		s.unread(r, "nearest names", err, "name", name)
	}
	for _, n := range near {
		names := slices.Clone(r.P)
		names[slices.Index(names, name)] = n
		u.Nearest = append(u.Nearest, part.Link{Text: n, Href: comparePath(names...), Label: "Compare " + n + " in place of " + name})
	}
	return u
}

// maxNeighbours is how many projects are offered to add.
const maxNeighbours = 6

// neighbours are the projects next to one by downloads.
func (s *Server) neighbours(r *request, to *comparedProject, known []string) []part.Link {
	if to.Rank == 0 {
		return nil
	}
	rows, _, err := r.reader.Projects(r.ctx, observation.ProjectsQuery{Sort: projectSorts[0], Limit: maxNeighbours + 1, Offset: max(0, to.Rank-1-maxNeighbours/2)})
	if err != nil {
		s.unread(r, "neighbours", err, "name", to.Project)
	}
	var out []part.Link
	for _, row := range rows {
		if !slices.Contains(known, row.Project) && len(out) < maxNeighbours {
			out = append(out, part.Link{Text: row.Project, Href: comparePath(append(slices.Clone(known), row.Project)...), Label: "Compare with " + row.Project})
		}
	}
	return out
}

// displayName is a project's name as registered.
func displayName(p *observation.ProjectRow) string {
	if p.DisplayName != "" {
		return p.DisplayName
	}
	return p.Project
}

func displayNames(found []comparedProject) []string {
	var names []string
	for i := range found {
		names = append(names, displayName(&found[i].ProjectRow))
	}
	return names
}

// compareFacts are the rows beside the checks.
func (s *Server) compareFacts(r *request, found []comparedProject) []compare.Row {
	row := func(name, anchor string, cell func(*comparedProject) compare.Cell) compare.Row {
		out := compare.Row{Name: part.Link{Text: name}}
		if anchor != "" {
			out.Name.Href = "/methods#" + anchor
		}
		for i := range found {
			c := cell(&found[i])
			c.Column = displayName(&found[i].ProjectRow)
			out.Cells = append(out.Cells, c)
		}
		return out
	}
	rows := []compare.Row{
		row("Rank by downloads", "", func(p *comparedProject) compare.Cell {
			if p.Rank == 0 {
				return compare.Cell{Unknown: true, Note: "not in the newest list"}
			}
			return compare.Cell{Text: format.Of(p.Rank, p.RankSize), Note: format.Month(p.RankOn)}
		}),
		row("Scorecard aggregate", "aggregate", func(p *comparedProject) compare.Cell {
			return s.scoreCell(r, p, func(res *observation.ScorecardResult) *float64 { return res.Aggregate })
		}),
		row("Core aggregate", "aggregate", func(p *comparedProject) compare.Cell {
			return s.scoreCell(r, p, func(res *observation.ScorecardResult) *float64 { return res.Core })
		}),
		row("Advisories", "advisory-group", func(p *comparedProject) compare.Cell {
			if p.Groups == 0 {
				return compare.Cell{Text: "none known"}
			}
			return compare.Cell{Text: format.Count(p.Groups), Note: affectedWords(&p.ProjectRow)}
		}),
		row("Attestations", "attested", attestationCell),
		row("Latest release", "", func(p *comparedProject) compare.Cell {
			if p.LatestVersion == "" {
				return compare.Cell{Unknown: true, Note: notFetched(&p.ProjectDetail)}
			}
			return compare.Cell{Text: short(p.LatestVersion, 40), Note: format.Date(p.LatestUpload)}
		}),
		row("Releases in 365 days", "", func(p *comparedProject) compare.Cell {
			h := p.publishing.Health
			if h == nil || !fetched(&p.ProjectDetail) { // no file is known, which is not none
				return compare.Cell{Unknown: true, Note: notFetched(&p.ProjectDetail)}
			}
			return compare.Cell{Text: format.Count(h.LastYear), Note: "to " + format.Date(h.Through)}
		}),
		row("Repository", "repository", func(p *comparedProject) compare.Cell {
			if p.Repository == "" && !p.InJSON {
				return compare.Cell{Unknown: true, Note: notFetched(&p.ProjectDetail)}
			}
			if p.Repository == "" {
				return compare.Cell{Text: "none named"}
			}
			return compare.Cell{Text: short(p.Repository, 100), Note: trustWords(p.Trust)}
		}),
	}
	for i, of := range []func(*observation.ScorecardResult) *float64{nil, func(res *observation.ScorecardResult) *float64 { return res.Aggregate }, func(res *observation.ScorecardResult) *float64 { return res.Core }} {
		if of == nil {
			continue
		}
		var values []float64
		for j := range found {
			if res := found[j].Result; res != nil && of(res) != nil {
				values = append(values, *of(res))
			}
		}
		rows[i].Apart = apart(values, 1)
	}
	return rows
}

// scoreCell is an aggregate with its date, or why there is none.
func (s *Server) scoreCell(r *request, p *comparedProject, of func(*observation.ScorecardResult) *float64) compare.Cell {
	res := p.Result
	if res == nil || of(res) == nil {
		return compare.Cell{Unknown: true, Note: whyNoScore(p.ProjectRow)}
	}
	return compare.Cell{Text: format.Score(of(res)), Note: format.Date(res.ObservedOn) + ", " + sourceLabel(res.Source), Stamp: s.stamp(res.ObservedOn, r.now, collectorOf(res.Source))}
}

// attestationCell is the class of a project and the files behind it.
func attestationCell(p *comparedProject) compare.Cell {
	a := p.publishing.Attestation
	if a == nil || a.Class == observation.AttestationUnknown {
		return compare.Cell{Unknown: true, Note: notFetched(&p.ProjectDetail)}
	}
	return compare.Cell{Text: string(a.Class), Note: format.OfPlural(a.FilesAttested, a.Files, "file", "files") + " of " + short(a.Version, 40)}
}

// compareChecks are the scores of the results that count now, by risk.
func compareChecks(found []comparedProject) []compare.Row {
	var names []string
	for i := range found {
		if res := found[i].Result; res != nil {
			names = append(names, checkNames(res)...)
		}
	}
	slices.SortFunc(names, byRisk)
	var rows []compare.Row
	for _, name := range slices.Compact(names) {
		row := compare.Row{Name: part.Link{Text: name, Href: checkPath(name)}}
		var values []float64
		for i := range found {
			cell := compare.Cell{Column: displayName(&found[i].ProjectRow), Unknown: true, Note: "no result"}
			if res := found[i].Result; res != nil {
				cell.Note = "not run or inconclusive"
				if c := findCheck(res, name); c != nil && c.Score != nil {
					cell = compare.Cell{Column: cell.Column, Text: strconv.Itoa(int(*c.Score))}
					values = append(values, float64(*c.Score))
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		row.Apart = apart(values, 0)
		rows = append(rows, row)
	}
	return rows
}

// byRisk orders checks, the highest risk first, equal ones by name.
func byRisk(a, b string) int {
	if c := slices.Index(riskOrder, posture.Risk(a)) - slices.Index(riskOrder, posture.Risk(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// apart says how far values lie apart, "" when they do not.
func apart(values []float64, decimals int) string {
	if len(values) < 2 {
		return ""
	}
	gap := slices.Max(values) - slices.Min(values)
	if gap < 0.5*math.Pow10(-decimals) {
		return ""
	}
	return format.Number(gap, decimals)
}
