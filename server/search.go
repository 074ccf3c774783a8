package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/search"
)

// nearest is how many near names a page offers.
const nearest = 8

// searchReader is what the search asks of the store.
type searchReader interface {
	// Search returns up to limit things that text names: the exact names first, then
	// beginnings, then parts, each by download rank.
	Search(ctx context.Context, text string, limit int) ([]observation.Hit, error)
	// Nearest returns up to n known names that are spelled like name, nearest first.
	Nearest(ctx context.Context, name string, n int) ([]string, error)
}

// Bounds of what a search shows.
const (
	pageHits = 60
	listHits = 8 // below the field
)

// search leads to what has exactly that name, or else shows what has it in its
// name. A project goes before others of the same name.
func (s *Server) search(r *request) (ui.Page, error) {
	p := search.Page{
		Frame:   s.pageFrame(r, layout.NavSearch, "Search", "Find a Python project, a repository or an advisory by any of its names."),
		Heading: "Search projects, repositories and advisories",
		Lede: "Project names in any spelling, repositories as host/owner/name or by their last parts, and advisories by every id: CVE, GHSA, PYSEC, MAL. " +
			"Exact names come first, then beginnings, then parts, each by download rank.",
		Filter: part.Filter{Action: "/search", Label: "Search everything", Button: "Search", Fields: []part.Field{{Name: "q", Label: "Name or id", Type: "search", Value: r.Q}}},
	}
	p.NoIndex = true
	if r.Q == "" {
		return p, nil
	}
	hits, err := r.reader.Search(r.ctx, sought(r.Q), pageHits)
	if err != nil {
		return nil, err
	}
	if to := destination(hits); to != "" {
		return nil, r.Redirect(http.StatusFound, to)
	}
	p.Query = r.Q
	p.Title = "Search: " + quote(r.Q)
	p.Heading = format.Plural(len(hits), "hit", "hits") + " for " + quote(r.Q)
	if len(hits) == pageHits {
		p.Heading = "The first " + format.Count(pageHits) + " hits for " + quote(r.Q)
	}
	p.Groups = groupHits(hits)
	if len(hits) == 0 {
		p.State, p.Nearest = s.nothingFound(r)
	}
	p.Links = []part.Link{
		{Text: "All projects with it in their name", Href: projectsAbout(r.Q)},
		{Text: "All advisories that name it", Href: advisoriesAbout(r.Q)},
	}
	return p, nil
}

// sought is what to look for: the name in the address of a project on PyPI, as
// people paste it, and else the text itself.
func sought(text string) string {
	u, err := url.Parse(text)
	if err != nil || strings.TrimPrefix(u.Host, "www.") != "pypi.org" {
		return text
	}
	name, ok := strings.CutPrefix(u.Path, "/project/")
	if !ok {
		return text
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}

// projectsAbout is the list of projects whose name contains a text.
func projectsAbout(text string) string {
	q := defaults("/projects")
	q.Q = text
	return q.link("/projects", "/projects")
}

// advisoriesAbout is the list of advisories that name a text.
func advisoriesAbout(text string) string {
	q := defaults("/advisories")
	q.Q = text
	return q.link("/advisories", "/advisories")
}

// destination is where the hits lead without a choice: to the one that is exact,
// or the one project among these. "" when there is something to choose.
func destination(hits []observation.Hit) string {
	var exact []observation.Hit
	for _, h := range hits {
		switch {
		case !h.Exact:
		case h.Kind == observation.HitProject:
			return hitPath(h)
		default:
			exact = append(exact, h)
		}
	}
	if len(exact) == 1 {
		return hitPath(exact[0])
	}
	return ""
}

func groupHits(hits []observation.Hit) []search.Group {
	groups := []search.Group{{Title: "Projects"}, {Title: "Repositories"}, {Title: "Advisories"}}
	kinds := []observation.HitKind{observation.HitProject, observation.HitRepository, observation.HitAdvisory}
	for _, h := range hits {
		g := &groups[slices.Index(kinds, h.Kind)]
		g.Hits = append(g.Hits, search.Hit{Link: part.Link{Text: h.Text, Href: hitPath(h)}, Note: hitNote(h)})
	}
	return slices.DeleteFunc(groups, func(g search.Group) bool { return len(g.Hits) == 0 })
}

// nothingFound says why nothing was found and what is spelled like it.
func (s *Server) nothingFound(r *request) (*part.State, []part.Link) {
	state := &part.State{Lead: "Nothing here has that in its name.", Text: "It was compared with the projects in our set, their repositories and the advisories on PyPI projects."}
	if loading := loadingText(s.Activity()); loading != "" {
		state.Text += " " + loading
	}
	if name, err := pypa.ParseName(r.Q); err == nil {
		state.How, state.Link = "Whether PyPI has a project of that name was not asked.", onPyPI(r, name)
	}
	names, err := r.reader.Nearest(r.ctx, r.Q, nearest)
	if err != nil { // the page stands without them
		s.unread(r, "nearest names", err)
	}
	return state, projectLinks(names)
}

// hitPath is where a hit leads. A repository has no page of its own: its project
// does.
func hitPath(h observation.Hit) string {
	if h.Kind == observation.HitAdvisory {
		return advisoryPath(h.Group)
	}
	return projectPath(h.Project)
}

// hitNote says what a hit is.
func hitNote(h observation.Hit) string {
	switch h.Kind {
	case observation.HitRepository:
		note := "repository of " + h.Project
		if h.Projects > 1 {
			note += " and " + format.Plural(h.Projects-1, "more project", "more projects")
		}
		return note
	case observation.HitAdvisory:
		words := []string{"advisory"}
		switch {
		case h.Malware:
			words[0] = "malware report"
		case h.Live:
			words = append(words, severityWords(h))
		}
		if !h.Live {
			words = append(words, "withdrawn")
		}
		words = append(words, format.Plural(h.Projects, "project", "projects"))
		if h.Matched != "" {
			words = append(words, "also "+h.Matched)
		}
		return strings.Join(words, ", ")
	}
	switch {
	case h.Malware:
		return "project, known from malware reports alone"
	case h.Rank == 0:
		return "project, not in the newest rank list"
	}
	return "project, rank " + format.Count(h.Rank)
}

func severityWords(h observation.Hit) string {
	if h.Severity == "unknown" || h.Severity == "" {
		return "severity unknown"
	}
	return severityOf(observation.Group{Severity: h.Severity, Score: h.Score}).Text()
}

// apiHits is the answer of a search for programs and for the list below the field.
type apiHits struct {
	Query     string   `json:"query"`
	Hits      []apiHit `json:"hits"` // the best first, never null
	Simulated bool     `json:"simulated,omitempty"`
}

type apiHit struct {
	Kind  observation.HitKind `json:"kind"`
	Text  string              `json:"text"`
	Note  string              `json:"note"` // what it is, in words
	Href  string              `json:"href"`
	Exact bool                `json:"exact"`
	Rank  *int                `json:"rank"` // of the most downloaded project it belongs to; null when in no list
}

// apiSearch answers /api/v1/search.
func (s *Server) apiSearch(r *request) error {
	found := apiHits{Query: r.Q, Hits: []apiHit{}, Simulated: r.mode.Simulated}
	hits, err := r.reader.Search(r.ctx, sought(r.Q), listHits)
	if err != nil {
		return err
	}
	for _, h := range hits {
		hit := apiHit{Kind: h.Kind, Text: h.Text, Note: hitNote(h), Href: hitPath(h), Exact: h.Exact}
		if h.Rank > 0 {
			hit.Rank = &h.Rank
		}
		found.Hits = append(found.Hits, hit)
	}
	body, err := json.Marshal(found)
	if err != nil {
		return err
	}
	r.Response().Header().Set(echo.HeaderCacheControl, "max-age=60") // who types and deletes asks again
	markSimulated(r.Response().Header(), r)
	return r.Blob(http.StatusOK, echo.MIMEApplicationJSON, append(body, '\n'))
}

// onPyPI leads to PyPI's own page of a name, which we do not know; to none in a
// fictional ecosystem.
func onPyPI(r *request, name string) part.Link {
	if r.mode.Simulated {
		return part.Link{}
	}
	return part.Link{Text: name + " on PyPI, if it is there", Href: "https://pypi.org/project/" + url.PathEscape(name) + "/"}
}

// projectName reads the name in the path. Another spelling of it is led to the
// normalised address; moved says that this has been answered.
func (r *request) projectName(prefix string) (name string, moved bool, err error) {
	written, err := pathName(r.Context, "name")
	if err != nil {
		return "", false, err
	}
	name, err = pypa.ParseName(written)
	if err != nil {
		return "", false, &failure{
			Status: http.StatusNotFound, Lead: quote(written) + " is not a project name.",
			How: "A name holds letters, digits, '.', '_' and '-', and begins and ends with a letter or digit.",
		}
	}
	if name == written {
		return name, false, nil
	}
	to := r.link(prefix+name, r.route)
	if r.Theme != "" {
		to = withTheme(to, r.Theme)
	}
	return name, true, r.Redirect(http.StatusMovedPermanently, to)
}

// unknownProject is the answer for a name that is not in our set.
func (s *Server) unknownProject(ctx context.Context, r *request, name string) error {
	f := &failure{
		Status: http.StatusNotFound, Lead: "No project " + name + ".", How: "It is not in our set. Whether it is on PyPI was not asked.",
		Links: []part.Link{onPyPI(r, name), {Text: "Search for it", Href: query{Q: name}.link("/search", "/search")}},
	}
	if _, n, err := r.reader.Projects(ctx, everything); err == nil && n > 0 {
		f.How = fmt.Sprintf("It is not in our set of %s. Whether it is on PyPI was not asked.", format.Count(n))
	}
	if loading := loadingText(s.Activity()); loading != "" {
		f.How += " " + loading
	}
	names, err := r.reader.Nearest(ctx, name, nearest)
	if err != nil { // the 404 stands without them
		s.Log.WarnContext(ctx, "nearest names not read", "name", name, "err", err)
	}
	f.Nearest = names
	return f
}
