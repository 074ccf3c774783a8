package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/notfound"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/problem"
)

// failure is an answer that is not what was asked for. Lead says what is wrong
// and How what to do, each a sentence for the person who asked.
type failure struct {
	Status     int
	Lead, How  string
	Nearest    []string    // names near to the one that is unknown
	Links      []part.Link // where else to look, before the usual ones
	RetryAfter int         // seconds, 0 for none
	noSuchPage bool        // the path itself is unknown
	err        error       // the cause, for the log only
}

func (f *failure) Error() string {
	if f.err != nil {
		return f.Lead + ": " + f.err.Error()
	}
	return strings.TrimSpace(f.Lead + " " + f.How)
}

func (f *failure) Unwrap() error { return f.err }

// badRequest refuses a request whose address is wrong.
func badRequest(how, lead string, args ...any) error {
	return &failure{Status: http.StatusBadRequest, Lead: fmt.Sprintf(lead, args...), How: how}
}

// errStarting is the answer of everything but pages while the database starts.
var errStarting = &failure{
	Status: http.StatusServiceUnavailable, RetryAfter: 5,
	Lead: "The database is still starting.", How: "Ask again in a few seconds; / tells how far it is.",
}

// errBusy is the answer when too many tables are being streamed.
var errBusy = &failure{
	Status: http.StatusServiceUnavailable, RetryAfter: 30,
	Lead: fmt.Sprintf("%d tables are being downloaded at this moment, which is the limit.", maxStreams), How: "Ask again in half a minute.",
}

// statusReaderGone is what is counted when the client left before its answer;
// no registered status says so.
const statusReaderGone = 499

// asFailure is the one place that turns an error into an answer.
func asFailure(err error) *failure {
	var f *failure
	var he *echo.HTTPError
	var ne net.Error // of the connection to the database
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, echo.ErrNotFound):
		return &failure{Status: http.StatusNotFound, Lead: "There is no such page.", noSuchPage: true, err: err}
	case errors.Is(err, ErrNotFound):
		return &failure{Status: http.StatusNotFound, Lead: "There is nothing at this address.", err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &failure{
			Status: http.StatusServiceUnavailable, RetryAfter: 10, err: err,
			Lead: "The store did not answer in time.", How: "Ask again in a moment; /status tells how the sources stand.",
		}
	case errors.As(err, &ne), errors.Is(err, io.EOF):
		return &failure{
			Status: http.StatusServiceUnavailable, RetryAfter: 10, err: err,
			Lead: "The database does not answer.", How: "It is started again by itself; ask again in a few seconds.",
		}
	case errors.As(err, &he):
		return &failure{Status: he.Code, Lead: http.StatusText(he.Code) + ".", err: err}
	}
	return &failure{
		Status: http.StatusInternalServerError, err: err,
		Lead: "This could not be answered: something went wrong on our side.", How: "The log of the server has the details.",
	}
}

// answerError answers a request whose handler returned err: a page for people,
// problem+json (RFC 9457) for the API and for files.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		_ = c.NoContent(statusReaderGone) // nobody listens; the metrics do
		return
	}
	f := asFailure(err)
	id := ""
	if f.Status >= http.StatusInternalServerError {
		id = rand.Text()[:8]
		s.Log.ErrorContext(c.Request().Context(), "request failed", "id", id, "path", c.Request().URL.Path, "status", f.Status, "err", err)
	}
	h := c.Response().Header()
	h.Del(echo.HeaderContentDisposition)
	h.Del(echo.HeaderContentType)
	h.Set(echo.HeaderCacheControl, "no-store")
	if f.RetryAfter > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(f.RetryAfter))
	}
	if wantsProblem(c) {
		err = writeProblem(c, f, id)
	} else {
		err = s.render(c, f.Status, s.errorPage(c, f, id))
	}
	if err != nil {
		s.Log.WarnContext(c.Request().Context(), "error page not written", "path", c.Request().URL.Path, "err", err)
		if !c.Response().Committed { // an answer without a status would be an empty 200
			_ = writeProblem(c, f, id)
		}
	}
}

// wantsProblem reports whether the address is one of data rather than a page.
func wantsProblem(c echo.Context) bool {
	path := c.Request().URL.Path
	if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/card/") || path == "/healthz" || path == "/readyz" || path == "/sitemap.xml" ||
		strings.Count(path, "/") == 1 && strings.HasSuffix(path, ".csv") { // the files of the lists
		return true
	}
	return (strings.HasPrefix(path, "/chart/") || strings.HasPrefix(path, "/data/")) &&
		(strings.HasSuffix(path, ".csv") || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".svg"))
}

// problemDetails is the body of an error for programs, RFC 9457. The type is
// about:blank, so title is the phrase of the status.
type problemDetails struct {
	Type     string   `json:"type"`
	Title    string   `json:"title"`
	Status   int      `json:"status"`
	Detail   string   `json:"detail"`
	Instance string   `json:"instance"`
	Nearest  []string `json:"nearest,omitempty"` // extension: names near to an unknown one
	Request  string   `json:"request,omitempty"` // extension: id of the log line
}

func writeProblem(c echo.Context, f *failure, id string) error {
	body, err := json.Marshal(problemDetails{
		Type: "about:blank", Title: http.StatusText(f.Status), Status: f.Status,
		Detail: strings.TrimSpace(f.Lead + " " + f.How), Instance: c.Request().URL.EscapedPath(),
		Nearest: f.Nearest, Request: id,
	})
	if err != nil {
		return err
	}
	return c.Blob(f.Status, "application/problem+json", append(body, '\n'))
}

// errorPage is the page of a failure.
func (s *Server) errorPage(c echo.Context, f *failure, id string) ui.Page {
	frame := s.frame(c, http.StatusText(f.Status))
	frame.NoIndex = true
	links := slices.DeleteFunc(slices.Clone(f.Links), func(l part.Link) bool { return l.Text == "" })
	overview := part.Link{Text: "Overview", Href: "/"}
	switch {
	case f.Status == http.StatusNotFound && f.noSuchPage:
		p := notfound.Page{Frame: frame, Heading: strings.TrimSuffix(f.Lead, "."), Text: f.How}
		if word := lastWord(c.Request().URL.Path); word != "" {
			p.Links = []part.Link{{Text: "Search for " + quote(word), Href: query{Q: word}.link("/search", "/search")}}
		}
		for _, e := range frame.Menu() {
			p.Pages = append(p.Pages, part.Link{Text: e.Text, Href: e.Href})
		}
		return p
	case f.Status == http.StatusNotFound:
		return notfound.Page{
			Frame: frame, Heading: strings.TrimSuffix(f.Lead, "."), Text: f.How, Nearest: projectLinks(f.Nearest),
			Links: append(links, part.Link{Text: "All projects", Href: "/projects"}, overview),
		}
	case f.Status == http.StatusBadRequest:
		links = append(links, part.Link{Text: "This page without parameters", Href: c.Request().URL.EscapedPath()}, overview)
	default:
		links = append(links, overview, part.Link{Text: "Status of the sources", Href: "/status"})
	}
	return problem.Page{Frame: frame, Status: f.Status, Heading: strings.TrimSuffix(f.Lead, "."), Text: f.How, Request: id, Links: links}
}

// lastWord is the last part of a path, which may be a name that somebody looked
// for; "" when it can not be one.
func lastWord(path string) string {
	word := path[strings.LastIndexByte(path, '/')+1:]
	if len(word) > maxQueryText || strings.IndexFunc(word, func(r rune) bool { return !format.Printable(r) }) >= 0 {
		return ""
	}
	return strings.TrimSpace(word)
}
