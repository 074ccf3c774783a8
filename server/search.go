package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// nearest is how many near names a page offers.
const nearest = 8

// search leads to the project of that name, or to the list of names that
// contain the text.
func (s *Server) search(r *request) error {
	if name, err := pypa.ParseName(r.Q); err == nil {
		_, err := r.reader.Project(r.ctx, name)
		if err == nil {
			return r.Redirect(http.StatusFound, projectPath(name))
		}
		if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return r.Redirect(http.StatusFound, projectsAbout(r.Q))
}

// projectsAbout is the list of projects whose name contains a text.
func projectsAbout(text string) string {
	q := defaults("/projects")
	q.Q = text
	return q.link("/projects", "/projects")
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
	f := &failure{Status: http.StatusNotFound, Lead: "No project " + name + ".", How: "It is not in our set. Whether it is on PyPI was not asked."}
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
