package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Bounds of a stream.
const (
	stallAfter = 60 * time.Second // a reader that takes nothing for so long is cut off
	flushEvery = 16               // buffers between two flushes of what lies below
)

// table streams one table of the store as CSV, without a deadline for the
// whole. An error before the first byte is an answer like any other; a later
// one breaks the connection, so that a cut file never looks whole.
func (s *Server) table(c echo.Context) error {
	r, err := s.begin(c, "/data/:file")
	if err != nil {
		return err
	}
	file, err := pathName(c, "file")
	if err != nil {
		return err
	}
	name, ok := strings.CutSuffix(file, ".csv")
	if !ok {
		return &failure{Status: http.StatusNotFound, Lead: "There is nothing at this address.", How: "Tables are at /data/{table}.csv; /data lists them."}
	}
	if r.reader == nil {
		return errStarting
	}
	info, err := s.tableInfo(r, name)
	if err != nil {
		return err
	}
	return s.streamCSV(r, name, info.Columns, func(row func([]string) error) error { return r.reader.StreamTable(r.ctx, name, row) })
}

// streamCSV answers with the rows that each hands on, the header first.
func (s *Server) streamCSV(r *request, name string, columns []observation.Column, each func(row func([]string) error) error) error {
	c := r.Context
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, csvType)
	header.Set(echo.HeaderContentDisposition, attachment(fileName(name, "csv", r)))
	header.Set(echo.HeaderCacheControl, "no-cache")
	markSimulated(header, r)
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		return errBusy
	}
	out := newStream(c, columns, r.mode.Simulated)
	err := each(out.row)
	if err == nil {
		err = out.end()
	}
	switch {
	case err == nil:
		return nil
	case !c.Response().Committed && errors.Is(err, ErrNotFound):
		return unknownTable(name, nil)
	case !c.Response().Committed:
		return err
	}
	s.Log.WarnContext(r.ctx, "stream broken off", "table", name, "bytes", c.Response().Size, "err", err)
	panic(http.ErrAbortHandler)
}

// tableInfo finds a table among those that may be exported.
func (s *Server) tableInfo(r *request, name string) (observation.TableInfo, error) {
	ctx, cancel := context.WithTimeout(r.ctx, answerWithin)
	defer cancel()
	tables, err := r.reader.Tables(ctx)
	if err != nil {
		return observation.TableInfo{}, err
	}
	i := slices.IndexFunc(tables, func(t observation.TableInfo) bool { return t.Name == name })
	if i < 0 {
		var names []string
		for _, t := range tables {
			names = append(names, t.Name)
		}
		return observation.TableInfo{}, unknownTable(name, names)
	}
	return tables[i], nil
}

func unknownTable(name string, names []string) error {
	how := "/data lists the tables."
	if len(names) > 0 {
		how = "Use " + join(names, "or") + "."
	}
	return &failure{Status: http.StatusNotFound, Lead: "There is no table " + quote(name) + ".", How: how}
}

// stream writes a table to a client as it comes.
type stream struct {
	csv     *csvWriter
	control *http.ResponseController
	rows    int
	writes  int
}

func newStream(c echo.Context, columns []observation.Column, simulated bool) *stream {
	// Of the writer inside: echo's own panics when the writer below cannot flush,
	// as the export to a file cannot.
	s := &stream{control: http.NewResponseController(c.Response().Writer)}
	s.csv = newCSVWriter(&deadlineWriter{c.Response(), s}, simulated)
	s.csv.text = make([]bool, len(columns))
	for i, column := range columns {
		s.csv.text[i] = isText(column.Type)
	}
	return s
}

// row writes the header or a row. The first row of data leaves at once, so that
// the reader sees the stream begin; an error before it can still be answered.
func (s *stream) row(cells []string) error {
	if err := s.csv.row(cells); err != nil {
		return err
	}
	s.rows++
	if s.rows == 2 {
		if err := s.csv.flush(); err != nil {
			return err
		}
		return s.flush()
	}
	return nil
}

func (s *stream) end() error {
	if err := s.csv.flush(); err != nil {
		return err
	}
	return s.flush()
}

func (s *stream) flush() error {
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// deadlineWriter gives every write its own deadline, in place of one for the
// whole answer.
type deadlineWriter struct {
	w      http.ResponseWriter
	stream *stream
}

func (d *deadlineWriter) Write(b []byte) (int, error) {
	// The wall clock, because the deadline is the connection's.
	if err := d.stream.control.SetWriteDeadline(time.Now().Add(stallAfter)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := d.w.Write(b)
	if d.stream.writes++; err == nil && d.stream.writes%flushEvery == 0 {
		err = d.stream.flush()
	}
	return n, err
}

// fileName is the name under which a browser keeps a file: it says what is in
// it, how far it runs, and that it is not real when it is not.
func fileName(name, ext string, r *request) string {
	prefix := "pyrometer-"
	if r.mode.Simulated {
		prefix = "SIMULATED-pyrometer-"
	}
	return prefix + name + "-" + isoDay(r.now) + "." + ext
}

func attachment(file string) string { return `attachment; filename="` + file + `"` }

// markSimulated marks an export of fictional data.
func markSimulated(h http.Header, r *request) {
	if r.mode.Simulated {
		h.Set("X-Pyrometer-Simulated", "true")
	}
}
