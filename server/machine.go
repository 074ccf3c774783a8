package server

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
)

// healthz says that the process answers; nothing else.
func (s *Server) healthz(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.String(http.StatusOK, "ok\n")
}

// readyz says whether pages can be answered from the store: the database is
// there, its migrations are done, and it answers a read.
func (s *Server) readyz(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	r, err := s.begin(c, "/readyz")
	if err != nil {
		return err
	}
	if r.reader == nil {
		return errStarting
	}
	defer r.deadline()()
	if _, err := r.reader.Observations(r.ctx); err != nil {
		return &failure{Status: http.StatusServiceUnavailable, RetryAfter: 5, Lead: "The store does not answer.", How: "The log of the server has the details.", err: err}
	}
	return c.String(http.StatusOK, "ready\n")
}

// robots lets search engines read pages, and keeps them from endless addresses
// and big files.
func (s *Server) robots(c echo.Context) error {
	rules := "User-agent: *\nDisallow: /search\nDisallow: /api/\nDisallow: /data/\nDisallow: /projects?\nDisallow: /*.csv\nDisallow: /*.json\n"
	if s.BaseURL != "" {
		rules += "\nSitemap: " + s.BaseURL + "/sitemap.xml\n"
	}
	return c.String(http.StatusOK, rules)
}

// The bounds of the site map. What the protocol allows is more than there are
// ranked projects.
const (
	mapEntries = 50_000
	mapPage    = 1000 // projects read at a time
)

// sitemap lists the pages and the ranked projects for search engines. It needs
// to know where the outside finds this server.
func (s *Server) sitemap(r *request) error {
	if s.BaseURL == "" {
		return echo.ErrNotFound
	}
	var b bytes.Buffer
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	entries := 0
	add := func(path string) {
		b.WriteString("<url><loc>")
		_ = xml.EscapeText(&b, []byte(s.BaseURL+path)) // a buffer takes everything
		b.WriteString("</loc></url>\n")
		entries++
	}
	for _, e := range (layout.Frame{}).Menu() {
		if e.Nav != layout.NavSearch { // robots.txt keeps it out
			add(e.Href)
		}
	}
	for from, more := 0, true; more; from += mapPage {
		rows, _, err := r.reader.Projects(r.ctx, observation.ProjectsQuery{Sort: projectSorts[0], Limit: mapPage, Offset: from})
		if err != nil {
			return err
		}
		more = len(rows) == mapPage
		for _, row := range rows {
			if row.Rank == 0 || entries == mapEntries { // by rank, the unranked come last
				more = false
				break
			}
			add(projectPath(row.Project))
		}
	}
	b.WriteString("</urlset>\n")
	return r.Blob(http.StatusOK, "application/xml; charset=utf-8", b.Bytes())
}

// immutable serves a file whose address changes with its content.
func immutable(a ui.Asset) echo.HandlerFunc { return asset(a, "public, max-age=31536000, immutable") }

// dayLong serves a file under an address that stays.
func dayLong(a ui.Asset) echo.HandlerFunc { return asset(a, "public, max-age=86400") }

func asset(a ui.Asset, cacheControl string) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, cacheControl)
		return c.Blob(http.StatusOK, a.Type, a.Body)
	}
}

// isIcon reports whether an asset is the icon that browsers ask for unbidden.
func isIcon(a ui.Asset) bool { return a.Name == "favicon.svg" }

const themeName = "theme"

// rememberTheme stores a choice of theme in the reader's own browser.
func rememberTheme(r *request) {
	if r.Theme == "" {
		return
	}
	cookie := &http.Cookie{Name: themeName, Value: r.Theme, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if r.Theme == themeAuto {
		cookie.Value, cookie.MaxAge = "", -1
	}
	r.SetCookie(cookie)
}

// The choices of theme. Auto follows the reader's system.
const (
	themeAuto  = "auto"
	themeLight = "light"
	themeDark  = "dark"
)

// themeCookie returns the reader's choice, "" for none or nonsense.
func themeCookie(r *http.Request) string {
	c, err := r.Cookie(themeName)
	if err != nil || (c.Value != themeLight && c.Value != themeDark) {
		return ""
	}
	return c.Value
}
