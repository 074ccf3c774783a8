package server

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/project"
)

// attestationsFrom is the day on which PyPI began to accept attestations (PEP 740).
var attestationsFrom = time.Date(2024, time.October, 29, 0, 0, 0, 0, time.UTC)

// Bounds of what one project page shows.
const (
	maxReleaseRows  = 40
	maxReleaseDots  = 400
	maxLanes        = 6
	maxEvidence     = 5
	maxEvidenceText = 300 // bytes of one evidence line
	maxAdvisoryRows = 200
	maxReason       = 1000
)

// projectReader is what the page of a project asks beside what all pages do.
type projectReader interface {
	// ProjectChecks returns what the checks of a project were at the end of each of
	// the last quarters and at its last observations, oldest first.
	ProjectChecks(ctx context.Context, name string) ([]observation.CheckDay, error)
	// Peers returns the projects of the same tenth of the newest rank list, or ErrNotFound.
	Peers(ctx context.Context, rank int) (observation.Peers, error)
	// Publishing returns how releases of a project come to PyPI and who may publish them.
	Publishing(ctx context.Context, name string) (observation.Publishing, error)
	// ProjectThreats returns what is seen of a project against each threat, or ErrNotFound.
	ProjectThreats(ctx context.Context, name string) ([]observation.ThreatEvidence, error)
}

// projectMore is what stands beside the detail of a project. A part that could
// not be read is missing, and the page says so.
type projectMore struct {
	scoreInput
	days       []observation.CheckDay
	peers      *observation.Peers
	publishing *observation.Publishing
	threats    part.Threats
}

// project is the page of one project.
func (s *Server) project(r *request) (ui.Page, error) {
	name, moved, err := r.projectName("/p/")
	if err != nil || moved {
		return nil, err
	}
	r.Project = name
	d, more, err := s.readProject(r, name)
	if err != nil {
		return nil, err
	}
	title := d.DisplayName
	if title == "" {
		title = name
	}
	p := project.Page{
		Frame:      s.pageFrame(r, layout.NavProjects, title, "Scorecard checks, advisories and releases of the Python project "+title+"."),
		Name:       title,
		Summary:    d.Summary,
		Actions:    []part.Link{{Text: "Compare", Href: comparePath(name), Label: "Compare " + title + " with other projects"}, changesLink(name, title)},
		Identity:   identity(&d, r.mode.Simulated),
		Notices:    notices(&d),
		Score:      s.scoreOf(r, &d, more),
		History:    s.figure(r, slugProjectScore, r.query),
		Checks:     s.checksOf(r, &d, more),
		Changes:    s.changesOf(r, d.Repository, more.days, more.ledger),
		Advisories: s.advisoriesOf(r, &d, more.observations),
		Releases:   s.releasesOf(r, &d),
		Publishing: publishingOf(&d, more.publishing),
		Health:     healthOf(&d, more.publishing),
		Owners:     ownersOf(&d, more.publishing),
		Repository: repositoryOf(&d, more.publishing),
		Threats:    more.threats,
		Wrong:      wrongLinks(&d, r.mode.Simulated),
		Raw: []part.Link{
			{Text: "JSON of this page", Href: "/api/v1/projects/" + url.PathEscape(name)},
			{Text: "Score history as CSV", Href: r.link("/chart/project-score.csv", "/chart/"+slugProjectScore)},
		},
	}
	p.Fresh = s.fresh(r.now, more.observations)
	steps(&p, &d)
	if r.mode.Simulated {
		unlink(&p)
	}
	return p, nil
}

// unlink takes the links to repositories out of a page about a fictional
// project: the name may belong to somebody.
func unlink(p *project.Page) {
	lines := func(lines []project.Line) {
		for i := range lines {
			lines[i].Link.Href = ""
		}
	}
	for i := range p.Identity {
		p.Identity[i].Link.Href = ""
	}
	for _, facts := range [][]project.Item{p.Publishing.Items, p.Repository.Items} {
		for i := range facts {
			for j := range facts[i].Links {
				facts[i].Links[j].Href = ""
			}
		}
	}
	for i := range p.Changes.Rows {
		p.Changes.Rows[i].Link.Href = ""
	}
	for i := range p.Steps {
		lines(p.Steps[i].Evidence)
	}
	for i := range p.Checks.Rows {
		lines(p.Checks.Rows[i].Evidence)
	}
}

// readProject asks for everything about a project at once. Without its detail and
// the time axis there is no page; any other part may be missing.
func (s *Server) readProject(r *request, name string) (observation.ProjectDetail, *projectMore, error) {
	var d observation.ProjectDetail
	more := &projectMore{}
	missed := func(what string, err error) {
		s.unread(r, "part of a project", err, "part", what, "project", name)
	}
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) {
		if d, err = s.detail(ctx, r, name); err != nil || d.Rank == 0 {
			return err
		}
		peers, err := r.reader.Peers(ctx, d.Rank)
		switch {
		case err == nil:
			more.peers = &peers
		case !errors.Is(err, ErrNotFound):
			missed("peers", err)
		}
		return nil
	})
	g.Go(func() (err error) {
		more.scoreInput, err = r.scores(ctx, observation.WeightPackage, observation.CohortTop1000)
		return err
	})
	g.Go(func() (err error) {
		if more.days, err = r.reader.ProjectChecks(ctx, name); err != nil {
			missed("checks", err)
		}
		return nil
	})
	g.Go(func() error {
		publishing, err := r.reader.Publishing(ctx, name)
		if err != nil {
			missed("publishing", err)
			return nil
		}
		more.publishing = &publishing
		return nil
	})
	g.Go(func() error {
		found, err := r.reader.ProjectThreats(ctx, name)
		if err != nil && !errors.Is(err, ErrNotFound) {
			missed("threats", err)
			more.threats = part.Threats{State: notRead()}
			return nil
		}
		more.threats = s.threatsOf(found)
		return nil
	})
	err := g.Wait()
	return d, more, err
}

// detail reads a project; one that is not known is a 404 with the nearest names.
func (s *Server) detail(ctx context.Context, r *request, name string) (observation.ProjectDetail, error) {
	d, err := r.reader.Project(ctx, name)
	if errors.Is(err, ErrNotFound) {
		// Not ctx: it ends with the first error of the group.
		return d, s.unknownProject(r.ctx, r, name)
	}
	return d, err
}

// identity is the line below the name.
func identity(d *observation.ProjectDetail, simulated bool) []project.Fact {
	facts := []project.Fact{}
	if !simulated { // a fictional name may belong to somebody
		facts = append(facts, project.Fact{Link: part.Link{Text: "PyPI", Href: "https://pypi.org/project/" + url.PathEscape(d.Project) + "/"}})
	}
	rank := project.Fact{Label: "rank", Note: "not in the newest list", Unknown: true}
	if d.Rank > 0 {
		rank = project.Fact{Label: "rank", Note: format.Of(d.Rank, d.RankSize) + ", " + format.Month(d.RankOn) + ", " + format.Count(d.Downloads) + " downloads"}
	}
	facts = append(facts, rank)
	if !fetched(d) {
		facts = append(facts, project.Fact{Label: "releases", Note: notFetched(d), Unknown: true})
	} else {
		if d.LatestVersion != "" {
			note := d.LatestVersion
			if !d.LatestUpload.IsZero() {
				note += ", " + format.Date(d.LatestUpload)
			}
			facts = append(facts, project.Fact{Label: "latest", Note: note})
		}
		if d.RequiresPython != "" {
			facts = append(facts, project.Fact{Label: "Python", Note: short(d.RequiresPython, 60)})
		}
		if d.License != "" {
			facts = append(facts, project.Fact{Label: "licence", Note: short(d.License, 60)})
		}
		if d.Organization != "" {
			facts = append(facts, project.Fact{Label: "organization", Note: short(d.Organization, 60)})
		}
		word, known := attestationWords(latestRelease(d))
		facts = append(facts, project.Fact{Note: word, Unknown: !known})
	}
	return append(facts, repositoryFact(d))
}

// fetched reports whether PyPI has been asked about a project.
func fetched(d *observation.ProjectDetail) bool { return d.InIndex || d.InJSON }

// notFetched says why an answer of PyPI is missing: it was not asked yet, or it
// was asked and did not give one.
func notFetched(d *observation.ProjectDetail) string {
	if d.AskedAt.IsZero() {
		return "not fetched yet"
	}
	return "unavailable on " + format.Date(d.AskedAt)
}

// latestRelease returns the files of the latest release, nil when they are not known.
func latestRelease(d *observation.ProjectDetail) *observation.Release {
	for i, r := range d.Releases {
		if r.Version == d.LatestVersion || r.PEP440 && pypa.Compare(r.Version, d.LatestVersion) == 0 {
			return &d.Releases[i]
		}
	}
	return nil
}

// attestation is the state of a release's attestations, in the words of /methods.
func attestation(r *observation.Release) string {
	switch {
	case r == nil || r.Files == 0:
		return "unknown"
	case r.Attested == r.Files:
		return "attested"
	case r.Attested > 0:
		return "partly"
	case r.Unknown > 0:
		return "unknown"
	case !r.FirstAt.IsZero() && r.FirstAt.Before(attestationsFrom):
		return "released before 2024-10-29"
	}
	return "no attestation observed"
}

// attestationWords says it of the latest release in a sentence's words.
func attestationWords(r *observation.Release) (words string, known bool) {
	switch attestation(r) {
	case "attested":
		return "every file of " + r.Version + " attested", true
	case "partly":
		return format.OfPlural(r.Attested, r.Files, "file", "files") + " of " + r.Version + " attested", true
	case "released before 2024-10-29":
		return r.Version + " is older than attestations on PyPI", true
	case "no attestation observed":
		return "no attestation of " + r.Version + " observed", true
	}
	return "attestations unknown", false
}

func repositoryFact(d *observation.ProjectDetail) project.Fact {
	switch {
	case d.Repository != "":
		return project.Fact{Label: "repository", Link: part.Link{Text: d.Repository, Href: repositoryURL(d.Repository)}, Note: trustWords(d.Trust)}
	case !d.InJSON: // the links to a repository are in the JSON API alone
		return project.Fact{Label: "repository", Note: notFetched(d), Unknown: true}
	}
	return project.Fact{Label: "repository", Note: "none named on a supported host", Unknown: true}
}

// repositoryURL is the address of a repository given as host/owner/name.
func repositoryURL(repository string) string { return "https://" + repository }

func trustWords(t observation.Trust) string {
	switch t {
	case observation.TrustAttested:
		return "attested"
	case observation.TrustDepsDev:
		return "by deps.dev, from an attestation"
	case observation.TrustDeclared:
		return "declared, not verified"
	}
	return string(t)
}

// short cuts a text that came from outside to n bytes at a rune.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

// notices are what a reader must see first: malware, and a status other than active.
func notices(d *observation.ProjectDetail) []part.State {
	var out []part.State
	if n := len(d.MalwareGroups); n > 0 {
		var names []string
		for _, g := range d.MalwareGroups {
			names = append(names, g.Name)
		}
		state := part.State{
			Lead: format.Plural(n, "malware report", "malware reports") + ".",
			Text: "Reported as malicious in " + format.List(names[:min(n, 5)]) + ". A report names versions; read it before you conclude.",
		}
		state.Link = advisoryLink(d.MalwareGroups[0])
		out = append(out, state)
	}
	if d.Status == observation.StatusRemoved {
		out = append(out, part.State{Lead: "Removed from PyPI.",
			Text: "The complete index of PyPI no longer lists this project. Shown is what was known of it before; its name may be registered anew by somebody else."})
	} else if d.Status != "" && d.Status != "active" {
		text := "PyPI gives this project the status " + quote(d.Status) + " (PEP 792)."
		if d.StatusReason != "" {
			text += " Reason given: " + short(d.StatusReason, maxReason)
		}
		out = append(out, part.State{Lead: capitalise(short(d.Status, 40)) + ".", Text: text})
	}
	return out
}

// scoreOf is the one big number, or why there is none.
func (s *Server) scoreOf(r *request, d *observation.ProjectDetail, more *projectMore) project.Score {
	out := project.Score{
		Title: "Scorecard aggregate",
		Links: []part.Link{{Text: "JSON", Href: "/api/v1/projects/" + url.PathEscape(d.Project)}, {Text: "Definition", Href: "/methods#aggregate"}},
	}
	res := d.Result
	if res == nil || res.Aggregate == nil {
		out.State = missingScore(d)
		if loading := loadingText(s.Activity(), append([]string{"pypi"}, scoreCollectors...)...); loading != "" {
			out.State.Text += " " + loading
		}
	} else {
		conclusive, all := conclusive(res)
		out.Value, out.On = format.Score(res.Aggregate), format.Date(res.ObservedOn)
		out.Stamp = s.stamp(res.ObservedOn, r.now, collectorOf(res.Source))
		out.Lines = append(out.Lines, fmt.Sprintf("Recomputed from the %s conclusive of %s in the result of %s. Core aggregate (twelve checks): %s.",
			format.Count(conclusive), format.Plural(all, "check", "checks"), sourceWords(string(res.Source)), format.Score(res.Core)))
		if posture.Noted(res.Stated, res.Aggregate) {
			out.Lines = append(out.Lines, fmt.Sprintf("The source states %s; the difference is more than rounding.", format.Score(res.Stated)))
		}
		if o := d.Other; o != nil && o.Aggregate != nil {
			out.Lines = append(out.Lines, fmt.Sprintf("The newest result of %s is %s, %s.", sourceWords(string(o.Source)), format.Score(o.Aggregate), format.Date(o.ObservedOn)))
		}
	}
	if p := more.peers; p != nil && p.P50 != nil {
		out.Lines = append(out.Lines, fmt.Sprintf("Core of its peers: median %s, middle half %s to %s, n = %s of %s.",
			format.Score(p.P50), format.Score(p.P25), format.Score(p.P75), format.Count(p.N), peersWords(p)))
	}
	if p := newestAccepted(more.cohorts[observation.CohortTop1000]); p != nil {
		out.Lines = append(out.Lines, fmt.Sprintf("Median of the top 1,000, core: %s, n = %s, %s.", format.Score(p.P50), format.Count(p.N), format.Date(p.Date)))
	}
	return out
}

func collectorOf(source observation.ScorecardSource) string {
	if source == observation.SourceAPI {
		return "scorecard"
	}
	return "pypiscorecards"
}

func newestAccepted(points []observation.CohortPoint) *observation.CohortPoint {
	for i := len(points) - 1; i >= 0; i-- {
		if !points[i].Suspect && points[i].P50 != nil {
			return &points[i]
		}
	}
	return nil
}

// missingScore says which kind of absence it is and what would end it.
func missingScore(d *observation.ProjectDetail) *part.State {
	st := &part.State{Lead: "No Scorecard result.", Text: "Why: " + whyNoScore(d.ProjectRow) + "."}
	if d.Missing != "" {
		st.Text = d.Missing
	}
	switch d.ScoreState {
	case observation.ScoreNoRepository:
		st.How = "How to get one: add a link to the source repository to the project's metadata on PyPI."
	case observation.ScoreNoResult, observation.ScoreStale:
		st.How = "How to get one: run scorecard-action in the repository with publish_results: true."
	case observation.ScoreNotAsked:
		st.How = "How to get one: pyrometer collect --project " + d.Project + " asks for this project alone."
	case observation.ScoreUnavailable:
		st.How = "It is asked again at the next run."
	}
	return st
}

// whyNoScore says in words why a project has no value, "" when it has one.
func whyNoScore(row observation.ProjectRow) string {
	switch row.ScoreState {
	case observation.ScoreScored:
		return ""
	case observation.ScoreStale:
		return "its newest result is more than 60 days older than the newest observation"
	case observation.ScoreNoResult:
		return "the source has no result"
	case observation.ScoreUnavailable:
		return "the source could not be asked"
	case observation.ScoreNoRepository:
		return "no repository is known"
	case observation.ScoreNotAsked:
		return "not asked: outside every list that is asked about"
	case observation.ScoreNotFetched:
		return "not fetched yet"
	}
	return "not known"
}

// advisoriesOf is the table of advisory groups.
func (s *Server) advisoriesOf(r *request, d *observation.ProjectDetail, o observation.Observations) project.Advisories {
	out := project.Advisories{
		Source: "OSV (PYSEC, GHSA)", Stamp: s.stamp(o.Advisory, r.now, "osv"),
		Links: []part.Link{{Text: "JSON", Href: "/api/v1/projects/" + url.PathEscape(d.Project)}, {Text: "Definition", Href: "/methods#advisory-group"}},
	}
	n := len(d.Exposures)
	if o.Advisory.IsZero() {
		out.Title = "Advisories are not fetched yet"
		text := "OSV has not been read yet, so nothing can be said."
		if loading := loadingText(s.Activity(), "osv"); loading != "" {
			text += " " + loading
		}
		out.State = &part.State{Lead: "Not fetched yet.", Text: text, Link: part.Link{Text: "Status of the sources", Href: "/status"}}
		return out
	}
	if n == 0 {
		out.Title = "No known advisories as of " + format.Date(o.Advisory)
		out.State = &part.State{
			Lead: "No known advisories as of " + format.Date(o.Advisory) + ".",
			Text: "No live record of PYSEC or GHSA names this project. This does not say that the project has no flaw.",
		}
		return out
	}
	inRange, unknown, dated := 0, 0, 0
	for i, e := range d.Exposures {
		switch {
		case e.LatestAffected == nil:
			unknown++
		case *e.LatestAffected:
			inRange++
		}
		if e.Group.Precision == "day" {
			dated++
		}
		if i < maxAdvisoryRows {
			out.Rows = append(out.Rows, advisoryRow(e))
		}
	}
	out.Title = advisoriesSentence(n, inRange, unknown, d.LatestVersion)
	out.Sub = fmt.Sprintf("Advisory groups, aliases merged, newest first · %s dated to the day · data through %s", format.Of(dated, n), format.Date(o.Advisory))
	out.Note = "“Latest release in affected range” says that and no more. Withdrawn records are left out."
	if n > maxAdvisoryRows {
		out.Note += fmt.Sprintf(" The newest %s of %s are shown; the JSON has all.", format.Count(maxAdvisoryRows), format.Count(n))
	}
	return out
}

func advisoriesSentence(n, inRange, unknown int, latest string) string {
	release := "the latest release"
	if latest != "" {
		release += ", " + short(latest, 40) + ","
	}
	known := format.Plural(n, "known advisory", "known advisories")
	switch {
	case unknown == n:
		return known + "; whether " + release + " is in range is unknown"
	case inRange == 0 && unknown == 0:
		return fmt.Sprintf("None of %s has %s in its affected range", known, release)
	}
	text := fmt.Sprintf("%s is in the affected range of %s", capitalise(release), format.Of(inRange, n)+" known advisories")
	if unknown > 0 {
		text += fmt.Sprintf("; unknown for %s", format.Count(unknown))
	}
	return text
}

func advisoryRow(e observation.Exposure) project.Advisory {
	row := project.Advisory{
		ID: advisoryLink(e.Group), Summary: short(e.Group.Summary, 300), Severity: severityOf(e.Group),
		Affected: short(e.Affected, 200), FixedIn: "no fix known", Fix: format.FixDays(e.FixDays), Latest: "unknown",
		Disclosed: disclosedText(e.Group),
	}
	if e.Group.Precision == "year" {
		row.Precision = "year only"
	}
	if len(e.FixedIn) > 0 {
		row.FixedIn = short(strings.Join(e.FixedIn, ", "), 200)
	}
	switch {
	case e.LatestAffected == nil:
	case *e.LatestAffected:
		row.Latest = "latest release in affected range"
	default:
		row.Latest = "latest release outside"
	}
	if len(e.FixedIn) == 0 {
		row.Fix = "no fix known"
	}
	var others []string
	for _, id := range slices.Concat(e.Group.Members, e.Group.Aliases) {
		if id != row.ID.Text && !slices.Contains(others, id) {
			others = append(others, id)
		}
	}
	row.Others = short(strings.Join(others, ", "), 200)
	return row
}

func disclosedText(g observation.Group) string {
	switch g.Precision {
	case "day":
		return format.Date(g.Disclosed)
	case "year":
		return strconv.Itoa(g.Disclosed.Year())
	}
	return format.Unknown
}

// releasesOf is the figure of releases with its table.
func (s *Server) releasesOf(r *request, d *observation.ProjectDetail) project.Releases {
	f := figure.Figure{
		ID: "releases", Source: "PyPI Index API", Links: []part.Link{
			{Text: "JSON", Href: "/api/v1/projects/" + url.PathEscape(d.Project)}, {Text: "All files as CSV", Href: "/data/files.csv"},
			{Text: "Definition", Href: "/methods#attested"},
		},
	}
	if !fetched(d) || len(d.Releases) == 0 {
		f.Title = "Releases are not fetched yet"
		f.State = &part.State{Lead: "Not fetched yet.", Text: "PyPI has not been asked about this project. The most downloaded projects are asked first."}
		if fetched(d) {
			f.Title = "No release has a file on PyPI"
			f.State = &part.State{Lead: "No files.", Text: "PyPI answered, and lists no file for this project."}
		} else if !d.AskedAt.IsZero() {
			f.Title = "PyPI gave no releases of this project"
			f.State = &part.State{Lead: "Unavailable.", Text: "PyPI was asked on " + format.Date(d.AskedAt) + " and had neither an index page nor metadata for this project. That alone does not mean that it was removed."}
		} else if loading := loadingText(s.Activity(), "pypi"); loading != "" {
			f.State.Text += " " + loading
		}
		return project.Releases{Figure: f}
	}
	var since, attested, files, withProvenance, unknown, yanked int
	for _, rel := range d.Releases {
		files += rel.Files
		withProvenance += rel.Attested
		unknown += rel.Unknown
		if rel.Yanked > 0 && rel.Yanked == rel.Files {
			yanked++
		}
		if !rel.FirstAt.IsZero() && !rel.FirstAt.Before(attestationsFrom) {
			since++
			if rel.Files > 0 && rel.Attested == rel.Files {
				attested++
			}
		}
	}
	switch {
	case unknown == files:
		f.Title = format.Plural(len(d.Releases), "release", "releases") + "; whether their files are attested is unknown"
	case since == 0:
		f.Title = format.Plural(len(d.Releases), "release", "releases") + ", none after 29 Oct 2024, when PyPI began to accept attestations"
	default:
		f.Title = fmt.Sprintf("%s since 29 Oct 2024 carry an attestation for every file", format.OfPlural(attested, since, "release", "releases"))
		if since == 1 {
			f.Title = fmt.Sprintf("%s release since 29 Oct 2024 carries an attestation for every file", format.Of(attested, since))
		}
	}
	f.Sub = fmt.Sprintf("Releases on PyPI, filled = every file has PEP 740 provenance · n = %s attested", format.OfPlural(withProvenance, files, "file", "files"))
	if unknown > 0 && unknown < files {
		f.Sub += ", " + format.Count(unknown) + " unknown"
	}
	if yanked > 0 {
		f.Sub += " · " + format.Plural(yanked, "release", "releases") + " yanked"
	}
	if !d.AskedAt.IsZero() {
		f.Sub += " · read " + format.Date(d.AskedAt)
	}
	f.Note = "Hollow: no attestation observed, or released before 29 Oct 2024. Present means that PyPI offers one; it is not verified here."
	drawing := releaseDots(d, f.Title)
	if len(drawing.Lanes) > 0 {
		f.Plot = chart.Draw(drawing)
	} else {
		f.State = &part.State{Lead: "Nothing to draw.", Text: "No upload time of a release is known."}
	}
	out := project.Releases{Figure: f}
	for _, rel := range d.Releases[:min(len(d.Releases), maxReleaseRows)] {
		out.Rows = append(out.Rows, releaseRow(rel))
	}
	table := part.Table{Caption: "Releases, newest version first", Columns: []part.Column{
		{Name: "Release"}, {Name: "First upload", Num: true}, {Name: "Files", Num: true}, {Name: "Attested files", Num: true}, {Name: "Note"},
	}}
	for _, row := range out.Rows {
		table.Rows = append(table.Rows, []string{row.Version, row.Date, row.Files, row.Attested, row.Note})
	}
	if len(d.Releases) > maxReleaseRows {
		out.More = fmt.Sprintf("The newest %s of %s; the JSON has all.", format.Count(maxReleaseRows), format.Count(len(d.Releases)))
		table.More = out.More
	}
	out.Figure.Table = &table
	return out
}

func releaseRow(rel observation.Release) project.Release {
	row := project.Release{
		Version: short(rel.Version, 60), Date: format.Date(rel.FirstAt), Files: format.Count(rel.Files), Attested: format.Of(rel.Attested, rel.Files),
	}
	if rel.Files > 0 && rel.Unknown == rel.Files {
		row.Attested = format.Unknown
	}
	var notes []string
	switch {
	case rel.Yanked > 0 && rel.Yanked == rel.Files:
		note := "yanked"
		if rel.YankReason != "" {
			note += ": " + short(rel.YankReason, 200)
		}
		notes = append(notes, note)
	case rel.Yanked > 0:
		notes = append(notes, format.OfPlural(rel.Yanked, rel.Files, "file", "files")+" yanked")
	}
	if rel.Prerelease {
		notes = append(notes, "pre-release")
	}
	if !rel.PEP440 {
		notes = append(notes, "not a PEP 440 version")
	}
	row.Note = strings.Join(notes, "; ")
	return row
}

// releaseDots draws the stable releases, one lane for each of the newest
// release lines.
func releaseDots(d *observation.ProjectDetail, title string) chart.Releases {
	out := chart.Releases{Head: chart.Head{ID: "releases", Title: title, Desc: "One dot a release, filled when every file of it is attested."}}
	lanes := map[string]*chart.Lane{}
	var order []string
	drawn := 0
	for _, rel := range d.Releases { // newest version first
		if rel.FirstAt.IsZero() || rel.Prerelease || !rel.PEP440 || drawn == maxReleaseDots {
			continue
		}
		line := releaseLine(rel.Version)
		if lanes[line] == nil {
			if len(order) == maxLanes {
				continue
			}
			lanes[line] = &chart.Lane{Name: line}
			order = append(order, line)
		}
		dot := chart.Dot{
			T: day(rel.FirstAt), Full: rel.Files > 0 && rel.Attested == rel.Files,
			Title: rel.Version + ", " + format.Date(rel.FirstAt) + ": " + format.OfPlural(rel.Attested, rel.Files, "file", "files") + " attested",
		}
		if rel.Version == d.LatestVersion {
			dot.Label = short(rel.Version, 20)
		}
		if rel.Unknown == rel.Files {
			dot.Title = rel.Version + ", " + format.Date(rel.FirstAt) + ": attestations unknown"
		}
		lanes[line].Dots = append(lanes[line].Dots, dot)
		drawn++
	}
	for _, line := range order {
		lane := lanes[line]
		slices.SortStableFunc(lane.Dots, func(a, b chart.Dot) int { return a.T.Compare(b.T) })
		out.Lanes = append(out.Lanes, *lane)
		for _, dot := range lane.Dots {
			if out.Mark == nil && !dot.T.Before(attestationsFrom) {
				out.Mark = &chart.Mark{At: attestationsFrom, Text: "attestations possible"}
			}
		}
	}
	return out
}

// releaseLine names the release line of a version by its first number, "2.x".
func releaseLine(version string) string {
	v := strings.TrimPrefix(strings.ToLower(version), "v")
	if _, after, ok := strings.Cut(v, "!"); ok {
		v = after
	}
	i := strings.IndexFunc(v, func(r rune) bool { return r < '0' || r > '9' })
	if i < 0 {
		i = len(v)
	}
	return strings.TrimLeft(v[:max(i-1, 0)], "0") + v[max(i-1, 0):i] + ".x"
}
