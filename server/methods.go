package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/methods"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// methods is the page of definitions: the prose is the template's, the checks
// and the ledger are data.
func (s *Server) methods(r *request) (ui.Page, error) {
	var ledger []observation.Break
	var initiatives []observation.Initiative
	var imports []observation.ImportDay
	var o observation.Observations
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) { ledger, err = r.reader.Breaks(ctx); return err })
	g.Go(func() (err error) { initiatives, err = r.reader.Initiatives(ctx); return err })
	g.Go(func() (err error) { imports, err = r.reader.ImportDays(ctx); return err })
	g.Go(func() (err error) { o, err = r.reader.Observations(ctx); return err })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	p := methods.Page{
		Frame:  s.pageFrame(r, layout.NavMethods, "Methods", "What every number on Pyrometer means, where it comes from, and what it does not claim."),
		Checks: methodChecks(), Changes: methodChanges(),
	}
	for _, b := range slices.Backward(ledger) {
		date := format.Date(b.Start)
		if !b.End.IsZero() {
			date += " to " + format.Date(b.End)
		}
		p.Breaks = append(p.Breaks, methods.Break{Date: date, Scope: b.Scope, Item: b.Item, Kind: string(b.Kind), What: b.What, Evidence: evidenceLink(b.Evidence)})
	}
	for _, i := range slices.Backward(initiatives) {
		p.Initiatives = append(p.Initiatives, methods.Initiative{Date: format.Date(i.On), What: i.What, Evidence: evidenceLink(i.Evidence)})
	}
	if all := o.Accepted + o.Suspect; all > 0 {
		p.Suspects = fmt.Sprintf("Of %s %s left out now.", format.Plural(all, "observation", "observations"), strings.Replace(format.Plural(o.Suspect, "is", "are"), "0 are", "none is", 1))
	}
	known := 0
	for _, d := range imports {
		if d.Import {
			known++
		}
	}
	if known > 0 {
		p.Imports = capitalise(format.Plural(known, "day is", "days are")) + " known."
	}
	if len(p.Breaks) == 0 {
		p.BreaksState = &part.State{Lead: "No break is recorded.", Text: "The ledger is read with the first collection."}
		if loading := loadingText(s.Activity()); loading != "" {
			p.BreaksState.Text += " " + loading
		}
	}
	return p, nil
}

// evidenceLink is a link when it is an address, and text else.
func evidenceLink(text string) part.Link {
	link := part.Link{Text: text}
	if strings.HasPrefix(text, "https://") && !strings.ContainsAny(text, " \n") {
		link.Href = text
	}
	return link
}

// methodChecks lists Scorecard's checks by risk and name.
func methodChecks() []methods.Check {
	names := posture.Names()
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(riskOrder, posture.Risk(a)), slices.Index(riskOrder, posture.Risk(b))), strings.Compare(a, b))
	})
	var out []methods.Check
	for _, name := range names {
		doc, _ := posture.Doc(name)
		weight, _ := posture.Weight(name)
		out = append(out, methods.Check{
			Name: name, Page: part.Link{Text: name, Href: checkPath(name)}, Risk: doc.Risk, Weight: strings.TrimSuffix(format.Number(weight, 1), ".0"), Core: posture.IsCore(name), Short: plain(doc.Short),
			Doc: part.Link{Text: "Documentation", Href: doc.URL, Label: "Scorecard's documentation of " + name},
		})
	}
	return out
}

// methodChanges lists the kinds of change.
func methodChanges() []methods.Change {
	var out []methods.Change
	for _, k := range changeKinds {
		var causes []string
		for _, c := range k.causes {
			causes = append(causes, causeWords(c))
		}
		out = append(out, methods.Change{ID: k.anchor(), Name: k.label, Means: capitalise(k.means) + ".", Causes: join(causes, "or")})
	}
	return out
}

// licences says where each part of the data comes from and on which terms.
func licences(o observation.Observations, states []observation.SourceStatus) []licence {
	through := func(collector string) string { return format.Date(stateOf(states, collector).Through) }
	return []licence{
		{"pypi-scorecards archive", "https://github.com/sethmlarson/pypi-scorecards", "weekly Scorecard results of the most downloaded projects since July 2022", "MIT; the scores are deps.dev and OpenSSF data, CDLA-Permissive-2.0", format.Date(o.Newest)},
		{"OpenSSF Scorecard API", "https://api.scorecard.dev/", "results of single repositories, with reasons", "CDLA-Permissive-2.0", format.Date(o.Newest)},
		{"OSV", "https://osv.dev/", "advisories of PYSEC and GHSA, malware reports of OpenSSF", "PYSEC and GHSA CC-BY-4.0; malware reports Apache-2.0", format.Date(o.Advisory)},
		{"top-pypi-packages", "https://hugovk.dev/top-pypi-packages/", "monthly download ranks, by Hugo van Kemenade", "none stated; credited, not ours", format.Date(o.RankOn)},
		{"PyPI", "https://pypi.org/", "names, releases, files, yanks, attestations, declared repositories", "metadata belongs to its authors; descriptions are not republished", through("pypi")},
		{"deps.dev", "https://deps.dev/", "repositories that it links with releases", "CC-BY-4.0", through("depsdev")},
		{"PSF advisory database", "https://github.com/psf/advisory-database", "advisories about CPython", "CC-BY-4.0", through("cpython")},
		{"endoflife.date", "https://endoflife.date/python", "release cycles of CPython", "MIT", through("pythoncycles")},
		{"CISA KEV", "https://www.cisa.gov/known-exploited-vulnerabilities-catalog", "vulnerabilities that are known to be exploited", "CC0-1.0", through("kev")},
		{"EPSS", "https://www.first.org/epss/", "forecasts of exploitation, by FIRST", "free to use, with credit to FIRST", through("epss")},
		{"Scorecard documentation", "https://github.com/ossf/scorecard/blob/main/docs/checks.md", "names, risks and remediation of the checks", "Apache-2.0", ""},
	}
}

type licence struct{ name, url, what, terms, through string }
