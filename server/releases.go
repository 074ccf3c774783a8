package server

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/releases"
)

// releasesReader is what the page of releases asks of the store.
type releasesReader interface {
	// ReleaseMonths returns the releases of one cohort by month, oldest first.
	ReleaseMonths(ctx context.Context, c observation.Cohort) ([]observation.ReleasesPoint, error)
	// ReleasesNow returns how the releases of one cohort stand now.
	ReleasesNow(ctx context.Context, c observation.Cohort) (observation.ReleasesNow, error)
	// Dormant returns one page of the projects without a release for some time, by rank.
	Dormant(ctx context.Context, q observation.DormantQuery) ([]observation.DormantProject, error)
	// PythonCycles returns the release cycles of CPython at a date, newest first.
	PythonCycles(ctx context.Context, at time.Time) ([]observation.PythonCycleState, error)
}

// dormantDays is how long a project of the list has had no release.
const dormantDays = 365

// releases is the page of how the projects of a cohort release.
func (s *Server) releases(r *request) (ui.Page, error) {
	var now observation.ReleasesNow
	var list []observation.DormantProject
	var cycles []observation.PythonCycleState
	var o observation.Observations
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) { o, err = r.reader.Observations(ctx); return err })
	g.Go(func() (err error) { now, err = r.reader.ReleasesNow(ctx, r.Cohort); return err })
	g.Go(func() (err error) { cycles, err = r.reader.PythonCycles(ctx, r.now); return err })
	g.Go(func() (err error) {
		list, err = r.reader.Dormant(ctx, observation.DormantQuery{Cohort: r.Cohort, Days: dormantDays, Limit: perPage, Offset: (r.Page - 1) * perPage})
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := r.within(now.Dormant365); err != nil {
		return nil, err
	}
	p := releases.Page{
		Frame:    s.pageFrame(r, layout.NavReleases, "Releases", "How often the most downloaded Python projects release, what they yank, who has had no release for long, and which Pythons they admit."),
		Heading:  releasesHeading(r.Cohort, now),
		Lede:     releasesLede(r.Cohort, now),
		Filter:   filterFor(r, "/releases", o),
		Releases: s.figure(r, slugReleases, r.query),
		Yanks:    s.figure(r, slugYanks, r.query),
		Reasons:  yankReasons(r.Cohort, now),
		Dormancy: s.figure(r, slugDormancy, r.query),
		Dormant:  s.dormant(r, now, list),
		Python:   s.figure(r, slugPython, r.query),
		Support:  pythonNow(r.Cohort, now, cycles),
		Limits: []string{
			"Files that were deleted are gone from PyPI and from here, and with them the releases that had no other file.",
			"When a file was yanked is not public, and neither is why, unless a reason was given.",
			"A project without a release for long may be finished, or released under another name; nothing here says that it is not looked after.",
			"What requires-python admits is what an installer will try, not what the project tests.",
			"Cohorts are by downloads, so a project counts from the month on in which it was in the list.",
		},
	}
	p.Fresh = s.fresh(r.now, o)
	p.NoIndex = r.Page > 1
	return p, nil
}

func releasesHeading(c observation.Cohort, now observation.ReleasesNow) string {
	switch {
	case now.Size == 0:
		return "Nothing is known of the releases of the " + cohortName(c)
	case now.P50 == nil:
		return fmt.Sprintf("Files are known of %s of the %s", format.OfPlural(now.Known, now.Size, "project", "projects"), cohortName(c))
	}
	return fmt.Sprintf("Half of the %s of the %s with two known releases or more had %s or less between releases", format.Plural(now.Timed, "project", "projects"), cohortName(c), daysWords(*now.P50))
}

// daysWords prints a number of days that is seldom whole.
func daysWords(days float64) string {
	if days < 10 {
		return format.Number(days, 1) + " days"
	}
	return format.Number(days, 0) + " days"
}

func releasesLede(c observation.Cohort, now observation.ReleasesNow) string {
	if now.Size == 0 {
		return fmt.Sprintf("The newest rank list does not hold %s projects, or PyPI was not asked yet.", format.Count(c.Size()))
	}
	text := fmt.Sprintf("Files are known of %s, as of %s; everything below speaks of these.", format.OfPlural(now.Known, now.Size, "project", "projects"), format.Date(now.Through))
	if now.P50 != nil {
		text += fmt.Sprintf(" Of each of the %s with two releases or more the median interval between its last ten releases of any kind is taken: the middle half lies between %s and %s.",
			format.Count(now.Timed), daysWords(*now.P25), daysWords(*now.P75))
	}
	return text
}

// maxYankReason is how much of a reason is printed.
const maxYankReason = 160

// yankReasons lists why releases were yanked.
func yankReasons(c observation.Cohort, now observation.ReleasesNow) releases.List {
	l := releases.List{
		Title: "Why releases were yanked",
		Sub:   "Reasons given, of each project the three newest different ones; commonest first, as one of the projects wrote it",
		Links: []part.Link{{Text: "CSV", Href: "/data/release_health.csv", Label: "CSV of the releases of all projects"}, {Text: "Definition", Href: "/methods#yanked", Label: "Definition of yanked"}},
	}
	if now.YankedIn > 0 {
		l.Title = fmt.Sprintf("%s have a yanked release, and %s of them %s no reason at all", format.OfPlural(now.YankedIn, now.Known, "project", "projects"), format.Count(now.Unexplained), giveGives(now.Unexplained))
	}
	if len(now.Reasons) == 0 {
		l.State = &part.State{Lead: "No reason is known.", Text: "No project of the " + cohortName(c) + " whose files are known gives a reason for a yank."}
		return l
	}
	l.Table = &part.Table{Caption: l.Title, Columns: []part.Column{{Name: "Reason"}, {Name: "Projects", Num: true}}}
	for _, reason := range now.Reasons {
		l.Table.Rows = append(l.Table.Rows, []string{short(reason.Reason, maxYankReason), format.Count(reason.Projects)})
	}
	return l
}

func giveGives(n int) string {
	if n == 1 {
		return "gives"
	}
	return "give"
}

// dormant is the list of the projects without a release for a year.
func (s *Server) dormant(r *request, now observation.ReleasesNow, list []observation.DormantProject) releases.Dormant {
	d := releases.Dormant{
		Title: "No project of the " + cohortName(r.Cohort) + " whose files are known has gone without a release for 365 days",
		Sub:   "By downloads. A finished project may need no release; what stands here is when the last one was, and whether a known advisory has it in its affected range.",
		Links: []part.Link{{Text: "CSV", Href: "/data/release_health.csv", Label: "CSV of the releases of all projects"}, {Text: "Definition", Href: "/methods#dormant", Label: "Definition of dormant"}},
	}
	if now.Dormant365 > 0 {
		d.Title = fmt.Sprintf("Of %s without a release for 365 days, the latest release of %s is in the affected range of an advisory",
			format.Plural(now.Dormant365, "project", "projects"), format.Count(now.Affected365))
		d.Sub += fmt.Sprintf(" For 730 days: %s, and %s.", format.Count(now.Dormant730), format.Count(now.Affected730))
	}
	if len(list) == 0 {
		d.State = &part.State{Lead: "Nobody is listed.", Text: "Of " + format.Plural(now.Known, "project", "projects") + " the files are known."}
		return d
	}
	d.Pager = r.pager(perPage, len(list), now.Dormant365, "#list")
	for _, p := range list {
		d.Rows = append(d.Rows, dormantRow(p))
	}
	return d
}

func dormantRow(p observation.DormantProject) releases.Row {
	row := releases.Row{
		Rank: format.Count(p.Rank), Project: part.Link{Text: p.DisplayName, Href: projectPath(p.Project)},
		Downloads: format.Count(p.Downloads), Version: short(p.LastVersion, 40), Last: format.Date(p.LastAt), Days: format.Count(p.Days),
		Affected: "latest release in no known range",
	}
	if p.DisplayName == "" {
		row.Project.Text = p.Project
	}
	if p.Status != "active" {
		row.Status = short(p.Status, 40)
	}
	switch {
	case p.LatestAffect > 0:
		row.Affected = "latest release in the range of " + format.Count(p.LatestAffect)
	case p.LatestUnknown > 0:
		row.Affected = "unknown for " + format.Count(p.LatestUnknown)
	}
	return row
}

// pythonNow is the table of what the latest releases admit now.
func pythonNow(c observation.Cohort, now observation.ReleasesNow, cycles []observation.PythonCycleState) releases.List {
	l := releases.List{
		Title: "What the latest stable releases admit of Python now",
		Sub:   "Projects of the " + cohortName(c) + " whose files are known, by requires-python of the release that is on offer",
		Links: []part.Link{{Text: "CSV", Href: "/data/release_health.csv", Label: "CSV of the releases of all projects"}, {Text: "Definition", Href: "/methods#python-support", Label: "Definition of what a release admits"}},
	}
	if len(cycles) == 0 {
		l.State = &part.State{Lead: "The release cycles of CPython are not known.", Text: "They are read from endoflife.date, which has not answered.", Link: part.Link{Text: "CPython", Href: "/cpython"}}
		return l
	}
	if now.Known == 0 {
		l.State = &part.State{Lead: "No file is known.", Text: "PyPI was not asked about these projects yet."}
		return l
	}
	newest := ""
	for _, cycle := range cycles {
		if cycle.State != observation.CycleUnreleased {
			newest = cycle.Name
			break
		}
	}
	l.Title = fmt.Sprintf("%s are known to admit Python %s, the newest", format.OfPlural(now.Newest, now.Known, "project", "projects"), newest)
	l.Table = &part.Table{Caption: l.Title, Columns: []part.Column{{Name: "Admits"}, {Name: "Projects", Num: true}, {Name: "Share", Num: true}}}
	row := func(name string, n, of int) {
		l.Table.Rows = append(l.Table.Rows, []string{name, format.Of(n, of), format.Percent(float64(n)/float64(of), 1)})
	}
	for _, s := range pythonSupports {
		row(pythonNowWords[s.support], now.Python[s.support], now.Known)
	}
	if now.Stated > 0 {
		row("Python "+newest+", of those that state it readably", now.Newest, now.Stated)
	}
	return l
}

var pythonNowWords = map[observation.PythonSupport]string{
	observation.PythonCurrent: "Supported Pythons only",
	observation.PythonAdmits:  "Supported Pythons and such as have ended",
	observation.PythonOnlyEOL: "Pythons that have ended, only",
	observation.PythonUnknown: "Unknown: not stated, not readable, or no stable release",
}
