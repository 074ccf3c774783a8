package server

import (
	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/data"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// data is the page of everything that can be downloaded.
func (s *Server) data(r *request) (ui.Page, error) {
	var tables []observation.TableInfo
	var o observation.Observations
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) { tables, err = r.reader.Tables(ctx); return err })
	g.Go(func() (err error) { o, err = r.reader.Observations(ctx); return err })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	p := data.Page{
		Frame: s.pageFrame(r, layout.NavData, "Data", "Every table and every chart of Pyrometer as a file."),
		Lede: "CSV is UTF-8 with a header row; times are RFC 3339 in UTC, an empty cell is unknown, and a cell of text that a spreadsheet would run has an apostrophe in front. " +
			"Tables are streamed whole; a download that breaks off was not complete.",
		API: []part.Link{{Text: "/api/v1/projects/{name}", Href: "/api/v1/projects/requests"}},
	}
	p.Fresh = s.fresh(r.now, o)
	var rows, bytes uint64
	for _, t := range tables {
		rows, bytes = rows+t.Rows, bytes+t.Bytes
		table := data.Table{
			Name: t.Name, Comment: t.Comment, Rows: format.Count(t.Rows), Bytes: format.Bytes(t.Bytes),
			CSV: part.Link{Text: "CSV", Href: "/data/" + t.Name + ".csv", Label: "CSV of " + t.Name},
		}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, data.Column{Name: c.Name, Type: c.Type, Comment: c.Comment})
		}
		p.Tables = append(p.Tables, table)
	}
	p.Heading = format.Plural(len(tables), "table", "tables") + ", " + format.Plural(rows, "row", "rows") + ", " + format.Bytes(bytes) + " on disk"
	if len(tables) == 0 {
		p.Heading = "No table is there yet"
		p.State = &part.State{Lead: "No table is there yet.", Text: "Tables appear with the first collection."}
		if loading := loadingText(s.Activity()); loading != "" {
			p.State.Text += " " + loading
		}
	}
	for _, k := range chartKinds {
		if !k.listed { // it needs a project; its links stand on the project's page
			continue
		}
		file := func(text, ext string) part.Link {
			return part.Link{Text: text, Href: k.route() + ext, Label: text + " of " + k.slug}
		}
		p.Charts = append(p.Charts, data.Chart{Page: part.Link{Text: k.label, Href: k.route()}, Files: []part.Link{
			file("CSV", ".csv"), file("JSON", ".json"), file("SVG", ".svg"),
		}})
	}
	for _, l := range licences(o) {
		through := l.through
		if through == format.Unknown {
			through = "nothing yet"
		}
		p.Sources = append(p.Sources, data.Licence{Source: part.Link{Text: l.name, Href: l.url}, What: l.what, Licence: l.terms, Through: through})
	}
	return p, nil
}
