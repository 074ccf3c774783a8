package store

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/releases"
)

// The classes by the index under which they are counted.
var (
	attestationClasses = observation.AttestationClasses()
	pythonSupports     = []observation.PythonSupport{observation.PythonCurrent, observation.PythonAdmits, observation.PythonOnlyEOL, observation.PythonUnknown}
	rankCohorts        = observation.RankCohorts()
)

// The spans without a release after which a project counts as dormant, in days.
var dormantDays = [2]int{365, 730}

// months are the months from the first rank list on, each with its cohorts.
type months struct {
	list   []month
	places map[string][]place // of each project, by list
	lists  []cohortList       // oldest first
}

// month is one month, or as much of it as is known.
type month struct {
	first   time.Time
	end     time.Time // 00:00 after its last day
	list    int       // newest list on or before that day
	cohorts []cohortMonth
}

// cohortList is one rank list: how many projects and downloads its cohorts have.
type cohortList struct {
	on        day
	size      int
	downloads []uint64 // by cohort
}

// place is a project's in one list.
type place struct {
	list      int
	position  int // 0 first
	downloads uint64
}

// cohortMonth counts what those members did that PyPI was asked about.
type cohortMonth struct {
	classes  []weights // by class
	files    fileCount
	known    int // with a release of known date
	releases releaseCount
	released int
	dormant  [len(dormantDays)]int
	python   []int // by support, of the known ones
	newest   int   // of these, admitting the newest cycle
}

// weights are what projects weigh.
type weights struct {
	projects  int
	downloads uint64
}

func (w weights) plus(other weights) weights {
	return weights{w.projects + other.projects, w.downloads + other.downloads}
}

// fileCount counts files by provenance.
type fileCount struct{ files, attested, unstated uint64 }

// releaseCount counts releases.
type releaseCount struct{ releases, prereleases, yanked int }

// loadMonths prepares the months up to a day; none when it is zero or before the
// first rank list.
func (s *Store) loadMonths(ctx context.Context, through time.Time) (*months, error) {
	m := &months{places: make(map[string][]place)}
	if through.IsZero() {
		return m, nil
	}
	err := s.queryEach(ctx, "scores.ranks", func(rows driver.Rows) error {
		var on uint16
		var project string
		var downloads uint64
		if err := rows.Scan(&on, &project, &downloads); err != nil {
			return err
		}
		if n := len(m.lists); n == 0 || m.lists[n-1].on != day(on) {
			m.lists = append(m.lists, cohortList{on: day(on), downloads: make([]uint64, len(rankCohorts))})
		}
		n := len(m.lists) - 1
		l := &m.lists[n]
		m.places[project] = append(m.places[project], place{list: n, position: l.size, downloads: downloads})
		for i, c := range rankCohorts {
			if l.size < c.Size() {
				l.downloads[i] += downloads
			}
		}
		l.size++
		return nil
	}, dateParam("from", noMonth))
	if err != nil || len(m.lists) == 0 {
		return m, err
	}
	oldest := m.lists[0].on.time()
	for first := time.Date(oldest.Year(), oldest.Month(), 1, 0, 0, 0, 0, time.UTC); !first.After(through); first = first.AddDate(0, 1, 0) {
		next := month{first: first, end: first.AddDate(0, 1, 0), cohorts: make([]cohortMonth, len(rankCohorts))}
		if known := through.AddDate(0, 0, 1); known.Before(next.end) {
			next.end = known
		}
		for i := range next.cohorts {
			next.cohorts[i].classes = make([]weights, len(attestationClasses))
			next.cohorts[i].python = make([]int, len(pythonSupports))
		}
		for next.list+1 < len(m.lists) && m.lists[next.list+1].on.time().Before(next.end) {
			next.list++
		}
		m.list = append(m.list, next)
	}
	return m, nil
}

// index returns the month of a time, -1 when it is in none.
func (m *months) index(t time.Time) int {
	if len(m.list) == 0 || t.Before(m.list[0].first) || !t.Before(m.list[len(m.list)-1].end) {
		return -1
	}
	first := m.list[0].first
	return (t.Year()-first.Year())*12 + int(t.Month()-first.Month())
}

// events are what a project did by month.
type events struct {
	files    []fileCount
	releases []releaseCount
	firsts   []time.Time // first uploads of its releases, in order
}

func (m *months) events(p *releases.Project) events {
	e := events{files: make([]fileCount, len(m.list)), releases: make([]releaseCount, len(m.list))}
	for i := range p.Releases {
		r := &p.Releases[i]
		if !r.FirstAt.IsZero() {
			e.firsts = append(e.firsts, r.FirstAt)
		}
		if at := m.index(r.FirstAt); at >= 0 {
			n := &e.releases[at]
			n.releases++
			if r.Version.Prerelease() {
				n.prereleases++
			}
			if r.Yanked() {
				n.yanked++
			}
		}
		for j := range r.Files {
			at := m.index(r.Files[j].UploadedAt)
			if at < 0 {
				continue
			}
			n := &e.files[at]
			n.files++
			switch r.Files[j].Provenance {
			case observation.ProvenancePresent:
				n.attested++
			case observation.ProvenanceAbsent:
			default:
				n.unstated++
			}
		}
	}
	slices.SortFunc(e.firsts, time.Time.Compare)
	return e
}

// standingAt is how one project stands at the end of a month, and what it did in it.
type standingAt struct {
	downloads uint64
	class     observation.AttestationClass
	files     fileCount
	releases  releaseCount
	last      time.Time // first upload of its last release, zero when it has none
	end       time.Time // of the month
	python    observation.PythonSupport
	newest    *bool // admits the newest cycle
}

// add adds a project to the cohorts that it was in.
func (m *months) add(b *adoptionBasis, project string, p *releases.Project) {
	places := m.places[project]
	if len(places) == 0 {
		return
	}
	e := m.events(p)
	supported := b.supported(project)
	var class observation.AttestationClass
	var requires []string
	stale := true // class and requires are of before the last upload
	for i := range m.list {
		month := &m.list[i]
		stale = stale || e.files[i].files > 0
		at := slices.IndexFunc(places, func(p place) bool { return p.list == month.list })
		if at < 0 {
			continue
		}
		switch {
		case i == len(m.list)-1: // of now: what is yanked is known
			var latest *releases.Release
			latest, class, _ = p.Class(supported)
			if requires = nil; latest != nil {
				requires = latest.RequiresPython()
			}
		case stale:
			class, requires, stale = p.ClassBefore(month.end, supported), nil, false
			if latest, ok := p.LatestBefore(month.end); ok {
				requires = latest.RequiresPython()
			}
		}
		now := standingAt{
			downloads: places[at].downloads, class: class, files: e.files[i], releases: e.releases[i],
			last: lastBefore(e.firsts, month.end), end: month.end,
		}
		now.python, now.newest = b.cycles.Support(requires, month.end.AddDate(0, 0, -1))
		for c := range month.cohorts {
			if places[at].position < rankCohorts[c].Size() {
				month.cohorts[c].add(now)
			}
		}
	}
}

// lastBefore returns the last of times, which are in order, before end; zero
// when there is none.
func lastBefore(times []time.Time, end time.Time) time.Time {
	i, _ := slices.BinarySearchFunc(times, end, time.Time.Compare)
	if i == 0 {
		return time.Time{}
	}
	return times[i-1]
}

func (c *cohortMonth) add(p standingAt) {
	v := &c.classes[slices.Index(attestationClasses, p.class)]
	v.projects++
	v.downloads += p.downloads
	c.files.files += p.files.files
	c.files.attested += p.files.attested
	c.files.unstated += p.files.unstated
	if p.last.IsZero() {
		return
	}
	c.known++
	c.releases.releases += p.releases.releases
	c.releases.prereleases += p.releases.prereleases
	c.releases.yanked += p.releases.yanked
	c.released += int(bit(p.releases.releases > 0))
	for i, days := range dormantDays {
		c.dormant[i] += int(bit(p.last.Before(p.end.AddDate(0, 0, -days))))
	}
	c.python[slices.Index(pythonSupports, p.python)]++
	c.newest += int(bit(p.newest != nil && *p.newest))
}

var adoptionRollupColumns = []string{"cohort", "weighting", "month", "observed_on", "list_on", "size",
	"attested", "partly", "predates", "possible", "unsupported", "unknown",
	"attested_share", "partly_share", "predates_share", "possible_share", "unsupported_share", "unknown_share",
	"files", "files_attested", "files_unstated"}

// attestationsFrom is the first month of rollup_adoption.
var attestationsFrom = time.Date(2024, time.October, 1, 0, 0, 0, 0, time.UTC)

// adoptionRows are the rows of rollup_adoption. Members that PyPI was not asked
// about are of class unknown, which is the last.
func (m *months) adoptionRows() [][]any {
	var rows [][]any
	m.each(func(month month, list cohortList, c int) {
		if month.first.Before(attestationsFrom) {
			return
		}
		n := month.cohorts[c]
		all := weights{rankCohorts[c].Size(), list.downloads[c]}
		classes := slices.Clone(n.classes)
		rest := all
		for _, v := range classes {
			rest.projects -= v.projects
			rest.downloads -= v.downloads
		}
		unknown := &classes[len(classes)-1]
		unknown.projects += rest.projects
		unknown.downloads += rest.downloads
		for _, w := range []observation.Weighting{observation.WeightPackage, observation.WeightDownload} {
			row := []any{string(rankCohorts[c]), string(w), month.first, month.end.AddDate(0, 0, -1), list.on.time(), uint32(all.projects)}
			for _, v := range classes {
				row = append(row, uint32(v.projects))
			}
			for _, v := range classes {
				row = append(row, v.share(all, w))
			}
			rows = append(rows, append(row, n.files.files, n.files.attested, n.files.unstated))
		}
	})
	return rows
}

// share returns the part of the whole by a weighting, 0 when all is nothing.
func (v weights) share(all weights, w observation.Weighting) float64 {
	part, whole := float64(v.projects), float64(all.projects)
	if w == observation.WeightDownload {
		part, whole = float64(v.downloads), float64(all.downloads)
	}
	if whole == 0 {
		return 0
	}
	return part / whole
}

// each calls f for every cohort of every month that the list was long enough for.
func (m *months) each(f func(month month, list cohortList, cohort int)) {
	for _, month := range m.list {
		for c := range rankCohorts {
			if list := m.lists[month.list]; rankCohorts[c].Size() <= list.size {
				f(month, list, c)
			}
		}
	}
}

var releasesRollupColumns = []string{"cohort", "month", "observed_on", "list_on", "size", "known", "releases", "prereleases", "yanked_releases",
	"released", "dormant_365", "dormant_730", "python_current", "python_admits_eol", "python_only_eol", "python_unknown", "python_newest"}

// releasesRows are the rows of rollup_releases.
func (m *months) releasesRows() [][]any {
	var rows [][]any
	m.each(func(month month, list cohortList, c int) {
		n := month.cohorts[c]
		row := []any{string(rankCohorts[c]), month.first, month.end.AddDate(0, 0, -1), list.on.time(), uint32(rankCohorts[c].Size()), uint32(n.known),
			uint32(n.releases.releases), uint32(n.releases.prereleases), uint32(n.releases.yanked), uint32(n.released),
			uint32(n.dormant[0]), uint32(n.dormant[1])}
		for _, projects := range n.python {
			row = append(row, uint32(projects))
		}
		rows = append(rows, append(row, uint32(n.newest)))
	})
	return rows
}
