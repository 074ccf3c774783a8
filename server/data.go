package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/data"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// dataReader is what the page of the data asks of the store.
type dataReader interface {
	// SourceMonths returns what every source with a time axis has for each month.
	SourceMonths(ctx context.Context) ([]observation.SourceMonth, error)
}

// data is the page of everything that can be downloaded.
func (s *Server) data(r *request) (ui.Page, error) {
	var tables []observation.TableInfo
	var o observation.Observations
	var states []observation.SourceStatus
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) { tables, err = r.reader.Tables(ctx); return err })
	g.Go(func() (err error) { o, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { states, err = r.reader.Sources(ctx); return err })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	p := data.Page{
		Frame: s.pageFrame(r, layout.NavData, "Data", "Every table and every chart of Pyrometer as a file."),
		Lede: "CSV is UTF-8 with a header row; times are RFC 3339 in UTC, an empty cell is unknown, and a cell of text that a spreadsheet would run has an apostrophe in front. " +
			"Tables are streamed whole; a download that breaks off was not complete.",
		Coverage: s.figure(r, slugData, r.query),
		API: []data.Call{
			{Call: part.Link{Text: "/api/v1/projects/{name}", Href: "/api/v1/projects/requests"}, What: "everything that is held on a project, as JSON"},
			{Call: part.Link{Text: "/api/v1/search?q=", Href: "/api/v1/search?q=requests"}, What: "names of projects, repositories and advisories, the exact one first"},
			{Call: part.Link{Text: "/api/v1/status", Href: "/api/v1/status"}, What: "the state of every source"},
			{Call: part.Link{Text: "/chart/{slug}.json", Href: "/chart/" + slugCoverage + ".json"}, What: "the points of a chart, with its parameters, sources and breaks"},
		},
		Cite: cite(s.BaseURL, r),
	}
	p.Fresh = s.fresh(r.now, o)
	var rows, bytes uint64
	for _, t := range tables {
		rows, bytes = rows+t.Rows, bytes+t.Bytes
		table := data.Table{
			Name: t.Name, Comment: t.Comment, Rows: format.Count(t.Rows), Bytes: format.Bytes(t.Bytes),
			CSV: part.Link{Text: "CSV", Href: "/data/" + t.Name + ".csv", Label: "CSV of " + t.Name},
		}
		table.Source, table.Licence, table.Through = tableOrigin(t.Name, states)
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
	for _, l := range licences(o, states) {
		through := l.through
		if through == format.Unknown {
			through = "nothing yet"
		}
		p.Sources = append(p.Sources, data.Licence{Source: part.Link{Text: l.name, Href: l.url}, What: l.what, Licence: l.terms, Through: through})
	}
	return p, nil
}

// The terms of the sources, as /data names them.
const (
	termsArchive = "MIT; CDLA-Permissive-2.0"
	termsOSV     = "CC-BY-4.0; malware Apache-2.0"
	termsPSF     = "CC-BY-4.0"
	termsPyPI    = "metadata of its authors"
	termsDepsDev = "CC-BY-4.0"
	termsOurs    = "Apache-2.0, with Pyrometer"
	termsPublic  = "CC0-1.0"
	termsEPSS    = "free to use, with credit to FIRST"
	termsCycles  = "MIT"
	termsNone    = "none stated; credited"
)

// tableOrigins says which collectors fill a table and on which terms its content
// stands. A table that is derived of several stands under the terms of each.
var tableOrigins = []struct {
	tables     []string
	collectors []string
	terms      string
}{
	{[]string{"ranks"}, []string{"ranks"}, termsNone},
	{[]string{"scorecard_results", "scorecard_checks", "snapshots", "rollup_scores", "rollup_checks", "rollup_changes", "rollup_check_reasons", "check_suspects", "observed_breaks", "observed_moves", "score_moves"}, []string{"pypiscorecards", "scorecard"}, termsArchive},
	{[]string{"advisories", "affected", "advisory_groups", "group_members", "import_days", "exposures", "rollup_advisories", "rollup_arrivals", "rollup_fixes"}, []string{"osv"}, termsOSV},
	{[]string{"projects", "files", "project_presence", "release_health", "rollup_releases", "rollup_adoption", "attestations", "attestation_changes"}, []string{"pypi"}, termsPyPI},
	{[]string{"range_changes"}, []string{"osv", "pypi"}, termsOSV + "; " + termsPyPI},
	{[]string{"provenance"}, []string{"provenance"}, termsPyPI},
	{[]string{"project_repositories"}, []string{"pypi", "provenance", "depsdev"}, termsPyPI + "; " + termsDepsDev},
	{[]string{"repositories"}, []string{"repositories"}, termsNone},
	{[]string{"exploited"}, []string{"kev"}, termsPublic},
	{[]string{"epss"}, []string{"epss"}, termsEPSS},
	{[]string{"group_exploitation"}, []string{"kev", "epss"}, termsPublic + "; " + termsEPSS},
	{[]string{"cpython_advisories"}, []string{"cpython"}, termsPSF},
	{[]string{"python_cycles"}, []string{"pythoncycles"}, termsCycles},
	{[]string{"breaks", "initiatives", "runs", "rejects", "publications"}, nil, termsOurs},
}

// tableOrigin says where the content of a table comes from, on which terms, and
// how far it runs. What is made of many sources says just that.
func tableOrigin(name string, states []observation.SourceStatus) (source, terms, through string) {
	for _, o := range tableOrigins {
		if !slices.Contains(o.tables, name) {
			continue
		}
		if o.collectors == nil {
			return "Pyrometer", o.terms, "–"
		}
		var labels []string
		var newest time.Time
		for _, collector := range o.collectors {
			labels = append(labels, collectorLabel(collector))
			if t := stateOf(states, collector).Through; t.After(newest) {
				newest = t
			}
		}
		if newest.IsZero() {
			return strings.Join(labels, ", "), o.terms, "nothing yet"
		}
		return strings.Join(labels, ", "), o.terms, format.Date(newest)
	}
	return "several sources", "those of each source", "–"
}

// cite says how a figure or the data is quoted.
func cite(base string, r *request) data.Cite {
	if base == "" {
		base = "the address of this page"
	}
	c := data.Cite{
		Text: "Name Pyrometer, the chart or table, the source that stands below it, the date through which its data run, and the day on which you read it. Every address holds the whole state of its page.",
		Line: fmt.Sprintf("Pyrometer, chart “coverage”, top 1,000, data of the pypi-scorecards archive and api.scorecard.dev, read on %s, %s/chart/coverage", format.Date(r.now), base),
	}
	if r.mode.Simulated {
		c.Text = "This data is simulated and must not be cited as a finding. " + c.Text
	}
	return c
}
