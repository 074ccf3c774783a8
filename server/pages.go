package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/starting"
)

// render answers with a page, rendered as a whole before its status is written.
func (s *Server) render(c echo.Context, status int, p ui.Page) error {
	if made, ok := c.Get(cardPage).(*pageOf); ok {
		made.page = p
		return nil
	}
	var b bytes.Buffer
	if err := s.ui.Render(&b, p); err != nil {
		return fmt.Errorf("page %s: %w", p.PageName(), err)
	}
	h := c.Response().Header()
	if h.Get(echo.HeaderCacheControl) == "" {
		h.Set(echo.HeaderCacheControl, "no-cache") // ask again, and hear 304 when nothing changed
	}
	h.Add(echo.HeaderVary, "Cookie") // the theme
	return c.HTMLBlob(status, b.Bytes())
}

// lacking is set on a request whose page lacks a part that could not be read.
const lacking = "lacking"

// unread notes that a part of a page could not be read, which the page says
// itself. The page is not kept: the next reader may get all of it. When the reader
// went away, or there is no page after all, there is nothing to log.
func (s *Server) unread(r *request, what string, err error, args ...any) {
	r.Set(lacking, true)
	if !errors.Is(err, context.Canceled) {
		s.Log.ErrorContext(r.ctx, what+" not read", append(args, "err", err)...)
	}
}

// notRead is the state of a part of a page that the store did not answer for.
func notRead() *part.State {
	return &part.State{Lead: "Unavailable.", Text: "The store did not answer this question; the log of the server has the details. The rest of the page stands."}
}

// frame is what every page has in common. It reads nothing from the store, so
// that error pages can use it.
func (s *Server) frame(c echo.Context, title string) layout.Frame {
	f := layout.Frame{Title: title, Version: s.Version, Theme: themeCookie(c.Request())}
	if asked := c.QueryParam(themeName); asked == themeAuto || asked == themeLight || asked == themeDark {
		f.Theme = strings.TrimPrefix(asked, themeAuto)
	}
	path := c.Request().URL.EscapedPath()
	for _, theme := range []string{themeAuto, themeLight, themeDark} {
		current := f.Theme == theme || f.Theme == "" && theme == themeAuto
		f.Themes = append(f.Themes, part.Link{Text: capitalise(theme), Href: path + "?theme=" + theme, Current: current})
	}
	if m := s.Mode(); m.Simulated {
		size := ""
		if m.Projects > 0 {
			size = " of " + format.Plural(m.Projects, "project", "projects")
		}
		f.Banner = &layout.Banner{
			Lead: "Simulated data.",
			Text: "This shows a fictional ecosystem" + size + ". Nothing here is real: not the names, not the numbers.",
			Link: part.Link{Text: "Status of the sources", Href: "/status"},
		}
	}
	if waiting := loadingText(s.Activity()); waiting != "" {
		f.Loading = &layout.Loading{Text: waiting, Link: part.Link{Text: "Status", Href: "/status"}}
	}
	return f
}

// pageFrame is the frame of a page that was found.
func (s *Server) pageFrame(r *request, nav layout.Nav, title, description string) layout.Frame {
	f := s.frame(r.Context, title)
	f.Nav, f.Description = nav, description
	f.Path = r.link(r.Request().URL.EscapedPath(), r.route)
	if s.BaseURL != "" {
		f.Canonical, f.Card = s.BaseURL+f.Path, s.BaseURL+cardPath(f.Path)
	}
	for i := range f.Themes { // keep the state of the page when the theme changes
		f.Themes[i].Href = withTheme(f.Path, []string{themeAuto, themeLight, themeDark}[i])
	}
	return f
}

func withTheme(link, theme string) string {
	if strings.Contains(link, "?") {
		return link + "&theme=" + theme
	}
	return link + "?theme=" + theme
}

// starting is the page while the database starts or migrates.
func (s *Server) starting(r *request) ui.Page {
	p := starting.Page{
		Frame:   s.frame(r.Context, "Starting"),
		Heading: "Pyrometer is starting",
		Text:    "The database is being started. This page asks again by itself; the first figures appear as soon as the first source is stored.",
		Links:   []part.Link{{Text: "Methods", Href: "/methods"}},
	}
	p.NoIndex, p.Refresh = true, 2
	r.Response().Header().Set("Refresh", "5") // the same without script
	for _, a := range s.Activity() {
		p.Steps = append(p.Steps, starting.Step{Name: collectorLabel(a.Source), State: a.state(), Detail: a.detail()})
	}
	return p
}

func (a Activity) state() string {
	if a.State == "" {
		return "running"
	}
	return a.State
}

// detail says how far a stage is: "120 of 278 weeks".
func (a Activity) detail() string {
	switch {
	case a.Total > 0:
		return strings.TrimSpace(format.Of(a.Done, a.Total) + " " + a.What)
	case a.Done > 0:
		return strings.TrimSpace(format.Count(a.Done) + " " + a.What)
	}
	return a.What
}

// loadingText says what is still on its way, "" for nothing. With names, only
// these collectors count.
func loadingText(activity []Activity, names ...string) string {
	var words []string
	for _, a := range activity {
		if len(names) > 0 && !slices.Contains(names, a.Source) {
			continue
		}
		word := strings.ToLower(collectorLabel(a.Source)[:1]) + collectorLabel(a.Source)[1:]
		if a.Source == "scorecard" || a.Source == "pypiscorecards" {
			word = collectorLabel(a.Source) // a name keeps its capital
		}
		detail := a.detail()
		if a.state() != "running" {
			detail = strings.TrimSuffix(a.state()+", "+detail, ", ")
		}
		if detail != "" {
			word += " (" + detail + ")"
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return ""
	}
	return "Still loading: " + strings.Join(words, ", ") + "."
}

// stamp returns the age of data in words when it is older than twice the period
// of its collector, "" when it is fresh or its age is not known. Ages are told
// in days, so nothing younger than two days is stamped.
func (s *Server) stamp(through, now time.Time, collectors ...string) string {
	var every time.Duration
	for _, name := range collectors {
		every = max(every, s.Cadence[name].Period)
	}
	if !observation.Stale(through, now, every) {
		return ""
	}
	return format.Age(through, now)
}

// scoreCollectors are those that bring Scorecard results.
var scoreCollectors = []string{"pypiscorecards", "scorecard"}

// asOf labels the time of the page itself.
const asOf = "As of"

// fresh is the strip that says how far each source runs.
func (s *Server) fresh(now time.Time, o observation.Observations) []part.Stat {
	return []part.Stat{
		{Label: asOf, Value: format.Date(now)},
		s.through("Scorecard through", o.Newest, now, scoreCollectors...),
		s.through("OSV through", o.Advisory, now, "osv"),
		s.through("OpenSSF malware reports through", o.Malware, now, "osv"),
		s.through("Ranks of", o.RankOn, now, "ranks"),
	}
}

func (s *Server) through(label string, t, now time.Time, collectors ...string) part.Stat {
	if t.IsZero() {
		value := "nothing yet"
		if loadingText(s.Activity(), collectors...) != "" {
			value = "still loading"
		}
		return part.Stat{Label: label, Value: value}
	}
	return part.Stat{Label: label, Value: format.Date(t), Stamp: s.stamp(t, now, collectors...)}
}

// pathName returns a name from the path, as it was written.
func pathName(c echo.Context, param string) (string, error) {
	raw := c.Param(param)
	if c.Request().URL.RawPath == "" {
		return raw, nil
	}
	// echo routes by RawPath when there is one, and leaves it escaped.
	name, err := url.PathUnescape(raw)
	if err != nil {
		return "", &failure{Status: http.StatusBadRequest, Lead: "The address cannot be read.", How: "A percent sign must be followed by two hexadecimal digits."}
	}
	return name, nil
}
