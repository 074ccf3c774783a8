package server

import (
	"bytes"
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/card"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
)

// cardPage is where render leaves the page of a request that wants its card and
// not its HTML.
const cardPage = "card page"

// pageOf is that page; nil until it is made.
type pageOf struct{ page ui.Page }

// wantsCard reports whether a request is made for the card of a page.
func wantsCard(c echo.Context) bool {
	_, wants := c.Get(cardPage).(*pageOf)
	return wants
}

// cardPath is the address of the card of a page: its own one, with .png before
// the parameters. The overview has a name there.
func cardPath(link string) string {
	path, parameters, given := strings.Cut(link, "?")
	if path == "/" {
		path = "/overview"
	}
	if path = "/card" + path + ".png"; given {
		path += "?" + parameters
	}
	return path
}

// card draws the card of any page. The page is made by its own handler, so that
// its title and description are computed in one place; whatever answers with
// something else than a page has no card.
func (s *Server) card(c echo.Context) error {
	noCard := &failure{Status: http.StatusNotFound, Lead: "There is no card at this address.", How: "A card is at /card, followed by the path of a page and .png."}
	path, ok := strings.CutSuffix(strings.TrimPrefix(c.Request().URL.EscapedPath(), "/card"), ".png")
	if !ok || path == "/" || strings.Contains(path, ".") { // files have a point in their address, pages have none
		return noCard
	}
	if path == "/overview" {
		path = "/"
	}
	target, err := url.ParseRequestURI(path)
	if err != nil || target.Host != "" {
		return noCard
	}
	target.RawQuery = c.Request().URL.RawQuery
	request := c.Request().Clone(c.Request().Context())
	request.URL = target

	inner := s.echo.NewContext(request, noAnswer{http.Header{}})
	made := new(pageOf)
	inner.Set(cardPage, made)
	s.echo.Router().Find(http.MethodGet, path, inner)
	if err := inner.Handler()(inner); err != nil && !errors.Is(err, errNoAnswer) {
		return err
	}
	page, ok := made.page.(interface{ Head() layout.Frame })
	if !ok {
		return noCard
	}
	frame := page.Head()
	if frame.Path == "" { // the database starts, or there is no such page
		return errStarting
	}
	body, err := card.PNG(card.Card{Title: s.sentence(made.page, frame.Title), Text: frame.Description, Facts: facts(frame), Stamp: stampOf(frame)})
	if err != nil {
		return err
	}
	if inner.Get(lacking) != nil {
		c.Set(lacking, true)
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	} else {
		c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=3600")
	}
	return c.Blob(http.StatusOK, "image/png", body)
}

var (
	firstHeading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
	tags         = regexp.MustCompile(`<[^>]*>`)
)

// sentence is the heading of a page as it stands there, its title without one.
func (s *Server) sentence(p ui.Page, title string) string {
	var b bytes.Buffer
	if err := s.ui.Render(&b, p); err != nil {
		return title
	}
	if m := firstHeading.FindSubmatch(b.Bytes()); m != nil {
		return html.UnescapeString(tags.ReplaceAllString(string(m[1]), ""))
	}
	return title
}

// facts says how far the data of a page run. The day of today is no fact of them.
func facts(f layout.Frame) []string {
	var out []string
	for _, stat := range f.Fresh {
		if stat.Label != asOf {
			out = append(out, stat.Label+" "+stat.Value)
		}
	}
	return out
}

func stampOf(f layout.Frame) string {
	if f.Banner != nil {
		return strings.TrimSuffix(f.Banner.Lead, ".")
	}
	return ""
}

// errNoAnswer ends a handler that writes an answer of its own.
var errNoAnswer = errors.New("only pages have cards")

// noAnswer takes no byte.
type noAnswer struct{ header http.Header }

func (n noAnswer) Header() http.Header     { return n.header }
func (noAnswer) Write([]byte) (int, error) { return 0, errNoAnswer }
func (noAnswer) WriteHeader(int)           {}
