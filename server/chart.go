package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/chartpage"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// chartFile answers /chart/{slug} with a page, and {slug}.svg, .csv and .json with
// files of the same data.
func (s *Server) chartFile(c echo.Context) error {
	file, err := pathName(c, "file")
	if err != nil {
		return err
	}
	slug, ext, _ := strings.Cut(file, ".")
	k := kindOf(slug)
	if k == nil || !slices.Contains([]string{"", "svg", "csv", "json"}, ext) || strings.HasSuffix(file, ".") {
		return &failure{Status: http.StatusNotFound, Lead: "There is no chart " + quote(file) + ".", How: "Use " + join(slugs(), "or") + ", with .svg, .csv or .json for a file."}
	}
	var extra []string
	if ext == "" || ext == "svg" {
		extra = append(extra, themeName)
	}
	r, err := s.begin(c, k.route(), extra...)
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
	if k.takes("project") {
		moved, err := r.normaliseProject(file)
		if err != nil || moved {
			return err
		}
	}
	defer r.deadline()()
	data, err := r.chart(r.ctx, slug, r.query)
	if errors.Is(err, ErrNotFound) && k.takes("project") {
		return s.unknownProject(r.ctx, r, r.Project)
	}
	if err != nil {
		return err
	}
	switch ext {
	case "svg":
		return s.chartSVG(r, &data)
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
	p, err := s.chartPage(r, &data)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, p)
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
func (s *Server) chartSVG(r *request, c *Chart) error {
	theme := chart.Light
	if r.Theme == themeDark {
		theme = chart.Dark
	}
	f := s.figureOf(r, c, true)
	words := chart.Words{Title: f.Title, Sub: f.Sub, Source: "Pyrometer · " + f.Source}
	if !c.Through.IsZero() {
		words.Source += " · data through " + format.Date(c.Through.Time)
	}
	if s.BaseURL != "" {
		words.Source += " · " + s.BaseURL + r.link(r.route, r.route)
	}
	if c.Simulated {
		words.Title = "SIMULATED DATA, nothing here is real. " + words.Title
		words.Source = "Simulated data · " + words.Source
	}
	var notes []string
	for _, flag := range f.Flags {
		notes = append(notes, flag.Letter+" "+flag.Text)
	}
	for i, one := range f.Initiatives {
		if i == 0 {
			notes = append(notes, "Diamonds, which are not evidence of cause:")
		}
		notes = append(notes, one.Number+" "+one.Link.Text+".")
	}
	if f.Apart != "" {
		notes = append(notes, "Counted apart: "+f.Apart)
	}
	words.Note = strings.TrimSpace(strings.Join(notes, " ") + " " + f.Note)
	var drawing chart.Spec = chart.Lines{Head: chart.Head{ID: c.Slug, Title: c.Title}}
	if f.State != nil {
		words.State = strings.TrimSpace(f.State.Lead + " " + f.State.Text)
	} else {
		drawing = spec(c)
		words.Key = c.face.tones
	}
	r.sendChart("image/svg+xml", c.Slug, "")
	h := r.Response().Header()
	h.Set("Content-Security-Policy", drawingPolicy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // made to be shown elsewhere
	return r.Blob(http.StatusOK, "image/svg+xml", chart.Export(drawing, theme, words))
}

// chartPage is one chart on a page of its own, with its table.
func (s *Server) chartPage(r *request, c *Chart) (chartpage.Page, error) {
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return chartpage.Page{}, err
	}
	p := chartpage.Page{
		Frame:  s.pageFrame(r, layout.NavNone, c.Title, c.Title+"."),
		Figure: s.figureOf(r, c, true),
		Filter: filterFor(r, r.route, o),
		Back:   part.Link{Text: "Overview", Href: r.link("/", "/") + "#" + c.Slug},
	}
	if home := c.kind.home; home != "" {
		p.Back = part.Link{Text: "The page that it stands on", Href: r.link(home, home) + "#" + c.Slug}
	}
	p.Figure.Heading = 1
	if r.Check != "" {
		p.Nav = layout.NavChecks
		p.Back = part.Link{Text: r.Check, Href: r.link(checkPath(r.Check), routeCheck) + "#" + c.Slug}
	}
	if r.Project != "" {
		p.Nav = layout.NavProjects
		p.Back = part.Link{Text: r.Project, Href: projectPath(r.Project)}
	}
	p.Fresh = s.fresh(r.now, o)
	return p, nil
}

// filterFor is the form over the parameters that a route takes.
func filterFor(r *request, route string, o observation.Observations) part.Filter {
	a := acceptsOf(route)
	f := part.Filter{Action: route, Label: "Choose what is shown"}
	for _, name := range a.params {
		switch name {
		case "cohort":
			cohorts := a.cohortOptions()
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
			field := part.Field{Name: name, Label: "Weighting", Type: "select"}
			for _, w := range observation.Weightings() {
				field.Options = append(field.Options, part.Option{Value: string(w), Label: capitalise(string(w)), Selected: w == r.Weighting})
			}
			f.Fields = append(f.Fields, field)
		case "from", "to":
			first := o.First
			if a.cohorts&allOfPyPI != 0 { // advisories are older than ranks
				first = time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			f.Fields = append(f.Fields, monthField(name, &r.query, first, lastMonth(o, r.now)))
		case "by":
			field := part.Field{Name: name, Label: "By", Type: "select"}
			for _, by := range a.by {
				field.Options = append(field.Options, part.Option{Value: string(by), Label: capitalise(periodNoun(by)), Selected: by == r.By})
			}
			f.Fields = append(f.Fields, field)
		case "check":
			field := part.Field{Name: name, Label: "Check", Type: "select"}
			for _, check := range posture.Known() {
				field.Options = append(field.Options, part.Option{Value: check, Label: check, Selected: check == r.Check})
			}
			f.Fields = append(f.Fields, field)
		case "severity":
			field := part.Field{Name: name, Label: "Severity", Type: "select", Options: []part.Option{{Label: "Any"}}}
			for _, severity := range severities {
				field.Options = append(field.Options, part.Option{Value: severity, Label: capitalise(severity), Selected: severity == r.Severity})
			}
			f.Fields = append(f.Fields, field)
		case "of":
			field := part.Field{Name: name, Label: "Count", Type: "select"}
			for _, of := range countables {
				field.Options = append(field.Options, part.Option{Value: of, Label: capitalise(of), Selected: of == r.Of})
			}
			f.Fields = append(f.Fields, field)
		case "project":
			f.Hidden = append(f.Hidden, part.Option{Value: r.Project, Label: name})
		case "p":
			for _, p := range r.P {
				f.Hidden = append(f.Hidden, part.Option{Value: p, Label: name})
			}
		}
	}
	return f
}
