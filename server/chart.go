package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/chartpage"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// chart answers /chart/{slug} with a page, and {slug}.svg, .csv and .json with
// files of the same data.
func (s *Server) chart(c echo.Context) error {
	file, err := pathName(c, "file")
	if err != nil {
		return err
	}
	slug, ext, _ := strings.Cut(file, ".")
	if !slices.Contains(slugs, slug) || !slices.Contains([]string{"", "svg", "csv", "json"}, ext) || strings.HasSuffix(file, ".") {
		return &failure{Status: http.StatusNotFound, Lead: "There is no chart " + quote(file) + ".", How: "Use " + join(slugs, "or") + ", with .svg, .csv or .json for a file."}
	}
	var extra []string
	if ext == "" || ext == "svg" {
		extra = append(extra, themeName)
	}
	r, err := s.begin(c, "/chart/"+slug, extra...)
	if err != nil {
		return err
	}
	if ext == "" {
		rememberTheme(r)
	}
	if r.reader == nil {
		if ext == "" {
			return s.render(c, http.StatusOK, s.starting(r))
		}
		return errStarting
	}
	if slug == slugProjectScore {
		moved, err := r.normaliseProject(file)
		if err != nil || moved {
			return err
		}
	}
	defer r.deadline()()
	in, err := s.load(r, needs(slug, r.query))
	if err != nil {
		return err
	}
	data := build(slug, r.query, in)
	switch ext {
	case "svg":
		return s.chartSVG(r, &data, in)
	case "csv":
		r.sendChart(csvType, slug, "csv")
		var b bytes.Buffer
		if err := data.WriteCSV(&b); err != nil {
			return err
		}
		return c.Blob(http.StatusOK, csvType, b.Bytes())
	case "json":
		r.sendChart(echo.MIMEApplicationJSON, slug, "")
		b, err := json.Marshal(data)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, append(b, '\n'))
	}
	return s.render(c, http.StatusOK, s.chartPage(r, &data, in))
}

// normaliseProject brings the parameter project to its PEP 503 form, and leads
// other spellings there, so that a chart has one address.
func (r *request) normaliseProject(file string) (moved bool, err error) {
	if r.Project == "" {
		return false, badRequest("Add project=, for example /chart/project-score?project=requests.", "This chart needs a project.")
	}
	name, err := pypa.ParseName(r.Project)
	if err != nil {
		return false, badRequest("A name holds letters, digits, '.', '_' and '-'.", "project=%s is not a project name.", quote(r.Project))
	}
	if name == r.Project {
		return false, nil
	}
	r.Project = name
	return true, r.Redirect(http.StatusMovedPermanently, r.link("/chart/"+file, r.route))
}

// sendChart sets the headers of a chart's file.
func (r *request) sendChart(contentType, slug, download string) {
	h := r.Response().Header()
	h.Set(echo.HeaderContentType, contentType)
	h.Set(echo.HeaderCacheControl, "no-cache")
	markSimulated(h, r)
	if download != "" {
		h.Set(echo.HeaderContentDisposition, attachment(fileName(slug, download, r)))
	}
}

// chartSVG answers with a drawing that stands alone: it brings its own colours,
// and its words are inside.
func (s *Server) chartSVG(r *request, c *Chart, in chartInput) error {
	theme := chart.Light
	if r.Theme == themeDark {
		theme = chart.Dark
	}
	f := s.figureOf(c, r.query, in, r.now, true)
	words := chart.Words{Title: f.Title, Sub: f.Sub, Source: "Pyrometer · " + f.Source}
	if !c.Through.IsZero() {
		words.Source += " · data through " + format.Date(c.Through.Time)
	}
	if s.BaseURL != "" {
		words.Source += " · " + s.BaseURL + r.link("/chart/"+c.Slug, r.route)
	}
	if c.Simulated {
		words.Title = "SIMULATED DATA, nothing here is real. " + words.Title
		words.Source = "Simulated data · " + words.Source
	}
	var notes []string
	for _, flag := range f.Flags {
		notes = append(notes, flag.Letter+" "+flag.Text)
	}
	if f.Apart != "" {
		notes = append(notes, "Counted apart: "+f.Apart)
	}
	words.Note = strings.TrimSpace(strings.Join(notes, " ") + " " + f.Note)
	var drawing chart.Spec = chart.Lines{Head: chart.Head{ID: c.Slug, Title: c.Title}}
	if f.State != nil {
		words.State = strings.TrimSpace(f.State.Lead + " " + f.State.Text)
	} else {
		drawing = spec(c, r.query)
		if c.Slug == slugAdvisories {
			words.Key = classes(c)
		}
	}
	r.sendChart("image/svg+xml", c.Slug, "")
	h := r.Response().Header()
	h.Set("Content-Security-Policy", drawingPolicy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // made to be shown elsewhere
	return r.Blob(http.StatusOK, "image/svg+xml", chart.Export(drawing, theme, words))
}

// chartPage is one chart on a page of its own, with its table.
func (s *Server) chartPage(r *request, c *Chart, in chartInput) chartpage.Page {
	back := r.query
	if back.Cohort.Size() == 0 { // the overview has cohorts by rank only
		back.Cohort = defaultCohort
	}
	p := chartpage.Page{
		Frame:  s.pageFrame(r, layout.NavNone, c.Title, c.Title+"."),
		Figure: s.figureOf(c, r.query, in, r.now, true),
		Filter: filterFor(r, "/chart/"+c.Slug, in),
		Back:   part.Link{Text: "Overview", Href: back.link("/", "/") + "#" + c.Slug},
	}
	p.Figure.Heading = 1
	if c.Slug == slugProjectScore {
		p.Nav = layout.NavProjects
		p.Back = part.Link{Text: r.Project, Href: projectPath(r.Project)}
	}
	p.Fresh = s.fresh(r.now, in.observations)
	return p
}

// need says what the charts of a page are made of.
type need struct {
	cohorts    []observation.Cohort
	weighting  observation.Weighting
	advisories observation.Cohort // "" for none
	project    string             // "" for none
}

// needs says what one chart is made of.
func needs(slug string, q query) need {
	n := need{weighting: q.Weighting}
	switch slug {
	case slugCoverage:
		n.cohorts = compared(q.Cohort)
	case slugDistribution:
		n.cohorts = []observation.Cohort{q.Cohort, observation.CohortTop100}
	case slugAdvisories:
		n.advisories = q.Cohort
		if q.Cohort != observation.CohortAll {
			n.cohorts = []observation.Cohort{q.Cohort}
		}
	case slugProjectScore:
		n.project = q.Project
		n.cohorts = []observation.Cohort{observation.CohortTop1000}
		n.weighting = observation.WeightPackage
	}
	return n
}

// load asks the store for all of it at the same time.
func (s *Server) load(r *request, n need) (chartInput, error) {
	in := chartInput{cohorts: map[observation.Cohort][]observation.CohortPoint{}, project: n.project, simulated: r.mode.Simulated}
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) { in.observations, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { in.ledger, err = r.reader.Breaks(ctx); return err })
	var mu sync.Mutex
	cohorts := slices.Compact(slices.Sorted(slices.Values(n.cohorts)))
	for _, c := range cohorts {
		g.Go(func() error {
			points, err := r.reader.CohortPoints(ctx, c, n.weighting)
			if errors.Is(err, ErrNotFound) && c.Size() == 0 {
				err = unknownCohort(c, err)
			}
			mu.Lock()
			defer mu.Unlock()
			in.cohorts[c] = points
			return err
		})
	}
	if n.advisories != "" {
		g.Go(func() (err error) { in.advisories, err = r.reader.Advisories(ctx, n.advisories); return err })
	}
	if n.project != "" {
		g.Go(func() (err error) { in.scores, err = s.projectScores(ctx, r, n.project); return err })
	}
	return in, g.Wait()
}

// unknownCohort is the answer for a panel or an organization without projects.
func unknownCohort(c observation.Cohort, err error) error {
	f := &failure{Status: http.StatusNotFound, Lead: "Nobody is in cohort=" + quote(string(c)) + ".", err: err,
		How: "A panel is of a month with a rank list, no larger than that list."}
	if _, ok := c.Organization(); ok {
		f.How = "No project that we know belongs to an organization of that name on PyPI."
	}
	return f
}

// projectScores reads a project's history; a project that is not known is a 404
// with the nearest names.
func (s *Server) projectScores(ctx context.Context, r *request, name string) ([]observation.ScorePoint, error) {
	scores, err := r.reader.ProjectScores(ctx, name)
	if err == nil && len(scores) == 0 { // a project without a history, or none of that name
		_, err = r.reader.Project(ctx, name)
	}
	if errors.Is(err, ErrNotFound) {
		return nil, s.unknownProject(ctx, r, name)
	}
	return scores, err
}

// filterFor is the form over the parameters that a route takes.
func filterFor(r *request, route string, in chartInput) part.Filter {
	f := part.Filter{Action: route, Label: "Choose what is shown"}
	for _, name := range takes[route] {
		switch name {
		case "cohort":
			cohorts := observation.RankCohorts()
			if route == "/chart/"+slugAdvisories {
				cohorts = append(cohorts, observation.CohortAll)
			}
			field := part.Field{Name: name, Label: "Cohort", Type: "select"}
			for _, c := range cohorts {
				field.Options = append(field.Options, part.Option{Value: string(c), Label: cohortLabel(c), Selected: c == r.Cohort})
			}
			f.Note = "Moving cohort: the newest rank list on or before each date."
			if !slices.Contains(cohorts, r.Cohort) { // a panel or an organization
				field.Options = append(field.Options, part.Option{Value: string(r.Cohort), Label: cohortLabel(r.Cohort), Selected: true})
				f.Note = capitalise(cohortKind(r.Cohort)) + ": the same projects at all dates."
			}
			f.Fields = append(f.Fields, field)
		case "weighting":
			f.Fields = append(f.Fields, part.Field{Name: name, Label: "Weighting", Type: "select", Options: []part.Option{
				{Value: string(observation.WeightPackage), Label: "Package", Selected: r.Weighting == observation.WeightPackage},
				{Value: string(observation.WeightDownload), Label: "Download", Selected: r.Weighting == observation.WeightDownload},
				{Value: string(observation.WeightRepository), Label: "Repository", Selected: r.Weighting == observation.WeightRepository},
			}})
		case "from", "to":
			field := part.Field{Name: name, Label: capitalise(name), Type: "date", Value: r.value(name),
				Min: isoDay(in.observations.First), Max: isoDay(r.now)}
			if route == "/chart/"+slugAdvisories {
				field.Min = ""
			}
			f.Fields = append(f.Fields, field)
		case "by":
			field := part.Field{Name: name, Label: "By", Type: "select"}
			all := []observation.Granularity{observation.ByObservation, observation.ByWeek, observation.ByMonth, observation.ByYear}
			if route == "/chart/"+slugAdvisories {
				all = all[2:]
			}
			for _, by := range all {
				field.Options = append(field.Options, part.Option{Value: string(by), Label: capitalise(periodNoun(by)), Selected: by == r.By})
			}
			f.Fields = append(f.Fields, field)
		case "project":
			f.Hidden = append(f.Hidden, part.Option{Value: r.Project, Label: name})
		}
	}
	return f
}
