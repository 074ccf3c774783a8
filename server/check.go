package server

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/check"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// routeCheck is the route of the page of one check.
const routeCheck = "/checks/:name"

// kindInconclusive lists the projects without a conclusive score in place of
// those below one.
const kindInconclusive = "inconclusive"

// check is the page of one check.
func (s *Server) check(r *request) (ui.Page, error) {
	written, err := pathName(r.Context, "name")
	if err != nil {
		return nil, err
	}
	names, err := r.checkNames()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, written) })
	if i < 0 {
		return nil, &failure{Status: http.StatusNotFound, Lead: "There is no check " + quote(written) + ".", How: "Scorecard's checks are " + join(names, "and") + "; /checks lists them with their rates."}
	}
	if names[i] != written {
		return nil, r.Redirect(http.StatusMovedPermanently, r.link(checkPath(names[i]), routeCheck))
	}
	if r.Kind != "" && r.Kind != kindInconclusive {
		return nil, badRequest("Use "+kindInconclusive+", or leave it out.", "kind=%s is not a list of projects here.", quote(r.Kind))
	}
	r.Check = written
	return s.checkPage(r, names)
}

func (s *Server) checkPage(r *request, names []string) (ui.Page, error) {
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return nil, err
	}
	doc, _ := posture.Doc(r.Check)
	p := check.Page{
		Frame: s.pageFrame(r, layout.NavChecks, r.Check, "Scorecard's check "+r.Check+" in the most downloaded Python projects: "+plain(doc.Short)),
		Name:  r.Check, Short: plain(doc.Short), Filter: s.checkFilter(r, o), Meaning: blocks(doc.Description),
		Fix: fixOf(r.Check, doc),
	}
	if doc.URL != "" {
		p.Doc = part.Link{Text: "Scorecard's documentation", Href: doc.URL, Label: "Scorecard's documentation of " + r.Check}
	}
	p.Fresh = s.fresh(r.now, o)
	p.NoIndex = r.Page > 1 || r.Kind != ""
	for _, slug := range []string{slugCheckRate, slugCheckScores, slugCheckBands} {
		p.Figures = append(p.Figures, s.figure(r, slug, r.query))
	}
	p.Facts = []check.Fact{{Label: "Risk", Value: posture.Risk(r.Check)}, {Label: "Weight", Value: strings.TrimPrefix(riskWords(r.Check), posture.Risk(r.Check)+", ")}, {Label: "Core", Value: coreWords(r.Check)}}
	if in, err := r.checkInput(r.ctx, r.query); err != nil {
		s.unread(r, "observations of a check", err, "check", r.Check)
	} else {
		p.Facts = append(p.Facts, historyFacts(in.points[r.Check], o)...)
		p.Keys = checkKeys(r.query, in)
	}
	p.Reasons = s.checkReasons(r)
	if p.Projects, err = s.checkProjects(r, o); err != nil {
		return nil, err
	}
	for _, name := range names {
		if name != r.Check {
			p.Others = append(p.Others, part.Link{Text: name, Href: r.without("page").link(checkPath(name), routeCheck)})
		}
	}
	return p, nil
}

// checkFilter is the form above the figures; it keeps what the list below shows.
func (s *Server) checkFilter(r *request, o observation.Observations) part.Filter {
	f := filterFor(r, routeCheck, o)
	f.Action = checkPath(r.Check)
	f.Hidden = r.kept("below", "kind")
	return f
}

// kept are parameters that a form leaves as they are.
func (r *request) kept(names ...string) []part.Option {
	var out []part.Option
	for _, name := range names {
		if v := r.value(name, acceptsOf(r.route)); v != "" {
			out = append(out, part.Option{Label: name, Value: v})
		}
	}
	return out
}

func coreWords(name string) string {
	if posture.IsCore(name) {
		return "yes, in every snapshot of the archive"
	}
	return "no"
}

// historyFacts say since when the check is in the results, and whether it still is.
func historyFacts(points []observation.CheckPoint, o observation.Observations) []check.Fact {
	if len(points) == 0 {
		return []check.Fact{{Label: "In the results", Value: "never here"}}
	}
	facts := []check.Fact{{Label: "In the results since", Value: format.Date(points[0].Date)}}
	if last := points[len(points)-1].Date; last.Before(o.Newest) {
		facts = append(facts, check.Fact{Label: "Last in them", Value: format.Date(last)})
	}
	return facts
}

// checkKeys are the numbers of the newest accepted observation.
func checkKeys(q query, in checkInput) []check.Key {
	o, known := newestScores(q, in, q.Check)
	if !known {
		return nil
	}
	scored := "of " + format.Count(o.Scored) + " scored"
	keys := []check.Key{
		{Label: "8 or above", Value: "?", Small: "of " + cmp.Or(votesWord(q.Weighting), format.Count(o.N)), Note: "of the conclusive, " + format.Date(o.Date)},
		{Label: "Mean of the conclusive", Value: "?", Small: "of 10", Note: "n = " + format.Of(o.N, o.Size) + ", " + cohortName(q.Cohort)},
		{Label: "Inconclusive", Value: format.Count(o.Inconclusive), Small: scored, Note: "in no share and no mean"},
		{Label: "Not run", Value: format.Count(o.NotRun), Small: scored, Note: format.Count(o.Size-o.Scored) + " more have no result"},
	}
	if rate := rateOf(o); rate.V != nil {
		keys[0].Value, keys[1].Value = format.Percent(*rate.V/100, 1), format.Score(o.Mean)
	} else {
		keys[0].Note += ": " + rate.Reason
	}
	return keys
}

// blocks splits Scorecard's Markdown into paragraphs and lists of plain text.
func blocks(markdown string) []check.Block {
	var out []check.Block
	open := false // a paragraph or item that the next line continues
	for _, line := range strings.Split(markdown, "\n") {
		text := strings.TrimSpace(line)
		item, listed := listItem(text)
		switch n := len(out); {
		case text == "":
			open = false
		case listed:
			if n == 0 || len(out[n-1].Items) == 0 {
				out = append(out, check.Block{})
				n++
			}
			out[n-1].Items = append(out[n-1].Items, plain(item))
			open = true
		case open && len(out[n-1].Items) > 0:
			items := out[n-1].Items
			items[len(items)-1] += " " + plain(text)
		case open:
			out[n-1].Text += " " + plain(text)
		default:
			out = append(out, check.Block{Text: plain(strings.TrimLeft(text, "# "))})
			open = true
		}
	}
	return out
}

// listItem returns the text of an item of a list.
func listItem(text string) (string, bool) {
	for _, mark := range []string{"- ", "* "} {
		if item, ok := strings.CutPrefix(text, mark); ok {
			return item, true
		}
	}
	digits := strings.TrimLeft(text, "0123456789")
	if item, ok := strings.CutPrefix(digits, ". "); ok && len(digits) < len(text) {
		return item, true
	}
	return "", false
}

// fixOf is what can be done about a check.
func fixOf(name string, doc posture.CheckDoc) check.Fix {
	known := posture.FixFor(name)
	fix := check.Fix{NotYours: known.NotYours, Steps: known.Steps}
	for _, f := range known.Files {
		fix.Files = append(fix.Files, check.File{Path: f.Path, Body: f.Body})
	}
	for _, step := range doc.Remediation {
		fix.Remediation = append(fix.Remediation, plain(step))
	}
	for _, l := range known.Links {
		fix.Links = append(fix.Links, part.Link{Text: l.Text, Href: l.URL})
	}
	if len(fix.Steps)+len(fix.Remediation) == 0 {
		fix.Steps = []string{"Scorecard's documentation that we hold does not know this check, and we have no advice on it."}
	}
	return fix
}

// checkReasons are the commonest reasons behind the scores.
func (s *Server) checkReasons(r *request) check.Reasons {
	out := check.Reasons{Title: "The commonest reasons are not known"}
	all, err := r.reader.CheckReasons(r.ctx, r.Cohort)
	if err != nil {
		s.unread(r, "reasons of a check", err, "check", r.Check)
		out.State = notRead()
		return out
	}
	total := 0
	var on string
	for _, reason := range all {
		if reason.Check != r.Check {
			continue
		}
		row := check.Reason{Text: short(reason.Reason, maxReason), Projects: format.Count(reason.Projects), Mean: "inconclusive"}
		if reason.Mean != nil {
			row.Mean = format.Score(reason.Mean)
		}
		total, on = total+reason.Projects, format.Date(reason.Date)
		out.Rows = append(out.Rows, row)
	}
	if len(out.Rows) == 0 {
		out.State = &part.State{Lead: "No reason is known.", Text: "The archive gives scores without reasons. The Scorecard API gives them, and no current result of it in the " + cohortName(r.Cohort) + " has one for this check."}
		return out
	}
	out.Title = fmt.Sprintf("Why: the commonest reason is given for %s of the %s", format.Plural(all[slices.IndexFunc(all, func(c observation.CheckReason) bool { return c.Check == r.Check })].Projects, "project", "projects"), cohortName(r.Cohort))
	out.Sub = fmt.Sprintf("As the Scorecard API gives them, on %s · n = %s with one of these reasons; results of the archive have none", on, format.Plural(total, "project", "projects"))
	return out
}

// checkProjects lists the projects below a score, or the inconclusive ones.
func (s *Server) checkProjects(r *request, o observation.Observations) (check.Projects, error) {
	list := observation.CheckProjectsQuery{Cohort: r.Cohort, Check: r.Check, Below: r.Below, Inconclusive: r.Kind == kindInconclusive, Limit: perPage, Offset: (r.Page - 1) * perPage}
	found, err := r.reader.CheckProjects(r.ctx, list)
	if err != nil {
		return check.Projects{}, err
	}
	total := found.Below
	if list.Inconclusive {
		total = found.Inconclusive
	}
	if err := r.within(total); err != nil {
		return check.Projects{}, err
	}
	out := check.Projects{
		Title:  fmt.Sprintf("%s of the %s conclusive projects of the %s are below %d", format.Count(found.Below), format.Count(found.N), cohortName(r.Cohort), r.Below),
		Sub:    "In the order of downloads, ranks of " + format.Date(o.RankOn) + ". The score is that of each project's current result, with its date; results of the archive come without a reason.",
		Filter: r.belowFilter(),
		Counts: fmt.Sprintf("%s inconclusive, %s not run, %s without a current result; none of them is below anything.", format.Count(found.Inconclusive), format.Count(found.NotRun), format.Count(found.Unknown)),
		Pager:  r.pager(perPage, len(found.Rows), total, "#projects"),
		Source: "pypi-scorecards archive, api.scorecard.dev, top-pypi-packages",
	}
	other := r.without("page")
	if list.Inconclusive {
		out.Title = fmt.Sprintf("%s of the %s are inconclusive", format.Plural(found.Inconclusive, "project", "projects"), cohortName(r.Cohort))
		other.Kind = ""
		out.Apart = part.Link{Text: fmt.Sprintf("The projects below %d", r.Below), Href: other.link(checkPath(r.Check), routeCheck) + "#projects"}
	} else if found.Inconclusive > 0 {
		other.Kind = kindInconclusive
		out.Apart = part.Link{Text: "The inconclusive projects", Href: other.link(checkPath(r.Check), routeCheck) + "#projects"}
	}
	for _, row := range found.Rows {
		out.Rows = append(out.Rows, checkProject(row))
	}
	out.HasReasons = slices.ContainsFunc(out.Rows, func(p check.Project) bool { return p.Reason != "" })
	if oldest := oldestOf(found.Rows); oldest != nil {
		out.Stamp = s.stamp(oldest.Date, r.now, collectorOf(oldest.Source))
	}
	if len(out.Rows) == 0 {
		out.State = noCheckProjects(r, found)
	}
	return out, nil
}

// noCheckProjects says why the list is empty.
func noCheckProjects(r *request, found observation.CheckProjects) *part.State {
	switch {
	case found.Size == 0:
		return &part.State{Lead: "No projects yet.", Text: "No rank list is stored.", Link: part.Link{Text: "Status of the sources", Href: "/status"}}
	case r.Kind == kindInconclusive:
		return &part.State{Lead: "None.", Text: "No current result of the " + cohortName(r.Cohort) + " lists this check without a score."}
	case found.N == 0:
		return &part.State{Lead: "Nobody can be listed.", Text: "No project of the " + cohortName(r.Cohort) + " has a current result with a conclusive score of this check."}
	}
	return &part.State{Lead: "None.", Text: fmt.Sprintf("All %s conclusive projects score %d or above.", format.Count(found.N), r.Below)}
}

// oldestOf is the row whose result is the oldest, nil without any.
func oldestOf(rows []observation.CheckProject) *observation.CheckProject {
	var oldest *observation.CheckProject
	for i := range rows {
		if oldest == nil || rows[i].Date.Before(oldest.Date) {
			oldest = &rows[i]
		}
	}
	return oldest
}

func checkProject(row observation.CheckProject) check.Project {
	out := check.Project{
		Rank: format.Count(row.Rank), Name: part.Link{Text: short(row.DisplayName, 60), Href: projectPath(row.Project) + "#project-checks", Label: row.Project + ", its checks with evidence"},
		Score: scoreText(row.Score), On: format.Date(row.Date), Source: sourceLabel(row.Source),
		Reason: short(row.Reason, maxReason),
	}
	if row.Score != nil {
		out.Bar = chart.ScoreBar(float64(*row.Score))
	}
	return out
}

// belowFilter chooses the score below which projects are listed.
func (r *request) belowFilter() part.Filter {
	f := part.Filter{
		Action: checkPath(r.Check) + "#projects", Label: "Choose which projects are listed",
		Fields: []part.Field{{Name: "below", Label: "Below", Type: "select"}},
		Hidden: r.kept("cohort", "weighting", "from", "to", "by"),
	}
	for score := 1; score <= posture.MaxScore; score++ {
		text := fmt.Sprint(score)
		f.Fields[0].Options = append(f.Fields[0].Options, part.Option{Value: text, Label: text, Selected: score == r.Below})
	}
	return f
}
