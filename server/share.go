package server

import (
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// exportWidth is the width of a drawing that stands alone, in pixels.
const exportWidth = 1008

// address is a local address as the outside finds it; without a BaseURL only its
// path is known.
func (s *Server) address(path string) string { return s.BaseURL + path }

// cite says how to quote a chart. Its address is pinned to the data that it ends
// with, so that it still shows this when newer data are there.
func (s *Server) cite(c *Chart, now time.Time) figure.Citation {
	q := c.query
	if c.kind.takes("to") && q.To.IsZero() && !c.Through.IsZero() {
		q.To = c.Through.Time
	}
	at := s.address(q.link(c.kind.route(), c.kind.route()))
	if c.Through.IsZero() {
		return figure.Citation{URL: at}
	}
	mark := ""
	if c.Simulated {
		mark = "SIMULATED DATA. "
	}
	key := "pyrometer-" + c.Slug + "-" + isoDay(c.Through.Time)
	return figure.Citation{
		URL: at,
		Text: fmt.Sprintf("%sPyrometer %s: %s. %s; data through %s. Read on %s. %s",
			mark, s.Version, c.Title, strings.Join(c.Sources, ", "), format.Date(c.Through.Time), format.Date(now), at),
		BibTeX: fmt.Sprintf("@misc{%s,\n  title = {%s},\n  author = {{The Pyrometer Authors}},\n  year = {%d},\n  note = {%s%s; data through %s},\n  url = {%s},\n  urldate = {%s}\n}",
			key, bibTeX(c.Title), now.Year(), mark, bibTeX(strings.Join(c.Sources, ", ")), isoDay(c.Through.Time), at, isoDay(now)),
	}
}

// bibTeX escapes a text for a field between braces.
func bibTeX(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch r {
		case '{', '}', '\\':
			continue
		case '%', '&', '#', '_', '$':
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// embed says how to show a chart elsewhere, which takes an address that is found
// from there.
func (s *Server) embed(c *Chart) figure.Embed {
	if s.BaseURL == "" {
		return figure.Embed{}
	}
	route := c.kind.route()
	page, picture := s.address(c.query.link(route, route)), s.address(c.query.link(route+".svg", route))
	return figure.Embed{
		HTML: fmt.Sprintf(`<a href="%s"><img src="%s" alt="%s" width="%d" loading="lazy"></a>`,
			html.EscapeString(page), html.EscapeString(picture), html.EscapeString(c.Title), exportWidth),
		Markdown: fmt.Sprintf("[![%s](%s)](%s)", strings.NewReplacer("[", "", "]", "", "\n", " ").Replace(c.Title), picture, page),
	}
}

// report leads to where one says that a chart is wrong, with what is needed to
// look into it.
func (s *Server) report(c *Chart) part.Link {
	if s.Tracker == "" || c.Simulated {
		return part.Link{}
	}
	var body strings.Builder
	fmt.Fprintf(&body, "What is wrong:\n\n\nWhat I compared it with:\n\n\n---\nChart: %s\nTitle: %s\nData through: %s\nVersion: %s\n", c.Slug, c.Title, c.Through, s.Version)
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		fmt.Fprintf(&body, "%s: %s\n", name, c.Params[name])
	}
	q := url.Values{"title": {"Figure " + c.Slug + ": "}, "body": {body.String()}}
	return part.Link{Text: "Report", Label: "Report that the chart " + c.Slug + " is wrong", Href: s.Tracker + "?" + q.Encode()}
}

// whole leads from a page with a range to the same page without one.
func (r *request) whole() part.Link {
	if r.From.IsZero() && r.To.IsZero() || !acceptsOf(r.route).takes("from") {
		return part.Link{}
	}
	return part.Link{Text: "Whole range", Href: r.without("from", "to").link(r.Request().URL.EscapedPath(), r.route)}
}
