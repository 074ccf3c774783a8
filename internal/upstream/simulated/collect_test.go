package simulated_test

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"io"
	"maps"
	"math"
	"net/http"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/collectors/cpython"
	"github.com/pyrometer-dev/pyrometer/collectors/depsdev"
	"github.com/pyrometer-dev/pyrometer/collectors/exploited"
	"github.com/pyrometer-dev/pyrometer/collectors/osv"
	"github.com/pyrometer-dev/pyrometer/collectors/provenance"
	"github.com/pyrometer-dev/pyrometer/collectors/pypi"
	"github.com/pyrometer-dev/pyrometer/collectors/pypiscorecards"
	"github.com/pyrometer-dev/pyrometer/collectors/ranks"
	"github.com/pyrometer-dev/pyrometer/collectors/repositories"
	"github.com/pyrometer-dev/pyrometer/collectors/scorecard"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
	"github.com/pyrometer-dev/pyrometer/internal/upstream/simulated"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// shelf keeps what collectors emit, and answers as the catalogue of a store
// that has stored it.
type shelf struct {
	collecttest.Catalog // answers what the shelf does not keep

	mu         sync.Mutex // of responses, which requests look up at the same time
	lists      []*observation.RankList
	results    []*observation.ScorecardResult
	projects   map[string]*observation.Project
	repos      map[string][]observation.RepositoryLink
	advisories map[string]*observation.Advisory
	listed     map[string]bool
	linked     map[observation.Trust]int // projects with a repository by an origin
	forges     map[string]*observation.Repository
	provenance map[string]*observation.FileProvenance // by file name
	cpython    map[string]*observation.CPythonAdvisory
	exploited  *observation.ExploitedCatalog
	epss       []*observation.EPSSScores
	cycles     *observation.PythonCycles
	rejects    []*observation.Reject
	responses  map[string]observation.Response
}

func newShelf() *shelf {
	return &shelf{
		projects:   map[string]*observation.Project{},
		repos:      map[string][]observation.RepositoryLink{},
		advisories: map[string]*observation.Advisory{},
		listed:     map[string]bool{},
		linked:     map[observation.Trust]int{},
		forges:     map[string]*observation.Repository{},
		provenance: map[string]*observation.FileProvenance{},
		cpython:    map[string]*observation.CPythonAdvisory{},
		responses:  map[string]observation.Response{},
	}
}

func (s *shelf) emit(_ context.Context, o observation.Observation) error {
	switch o := o.(type) {
	case *observation.RankList:
		s.lists = append(s.lists, o)
	case *observation.ScorecardResult:
		s.results = append(s.results, o)
	case *observation.Project:
		s.projects[o.Name] = o
	case *observation.ProjectRepositories:
		if o.Origin == observation.TrustDeclared {
			s.repos[o.Project] = o.Links
		}
		if len(o.Links) > 0 {
			s.linked[o.Origin]++
		}
	case *observation.Repository:
		s.forges[o.Name] = o
	case *observation.Presence:
		s.listed[o.Project] = o.Listed
	case *observation.FileProvenance:
		s.provenance[o.Filename] = o
	case *observation.CPythonAdvisory:
		s.cpython[o.ID] = o
	case *observation.CPythonGone:
		delete(s.cpython, o.ID)
	case *observation.ExploitedCatalog:
		s.exploited = o
	case *observation.EPSSScores:
		s.epss = append(s.epss, o)
	case *observation.PythonCycles:
		s.cycles = o
	case *observation.AdvisoryGone:
		delete(s.advisories, o.ID)
	case *observation.Advisory:
		s.advisories[o.ID] = o
	case *observation.Reject:
		s.rejects = append(s.rejects, o)
	case *observation.Response:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.responses[o.URL] = *o
	}
	return nil
}

func (s *shelf) Response(_ context.Context, url string) (observation.Response, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.responses[url]
	return r, ok, nil
}

func (s *shelf) newest() *observation.RankList {
	return slices.MaxFunc(s.lists, func(a, b *observation.RankList) int { return a.ObservedOn.Compare(b.ObservedOn) })
}

func (s *shelf) Tracked(_ context.Context, n int) (names []string, err error) {
	for _, r := range s.newest().Ranks {
		if len(names) < n {
			names = append(names, r.Project)
		}
	}
	return names, nil
}

func (s *shelf) TrackedRepositories(ctx context.Context, n int, project string) (all []string, err error) {
	names, _ := s.Tracked(ctx, n)
	for _, name := range names {
		links := s.repos[name]
		if len(links) == 0 || project != "" && project != name {
			continue
		}
		repository := links[0].Repository
		if f := s.forges[repository]; f != nil && f.State == observation.RepositoryMoved {
			repository = f.Target
		}
		if !slices.Contains(all, repository) {
			all = append(all, repository)
		}
	}
	return all, nil
}

func (s *shelf) Serials(context.Context) (map[string]uint64, error) {
	serials := map[string]uint64{}
	for name, p := range s.projects {
		serials[name] = p.Serial
	}
	return serials, nil
}

func (s *shelf) AdvisoryModified(context.Context) (map[string]time.Time, error) {
	modified := map[string]time.Time{}
	for id, a := range s.advisories {
		modified[id] = a.Modified
	}
	return modified, nil
}

func (s *shelf) CPythonIDs(context.Context) ([]string, error) {
	return slices.Sorted(maps.Keys(s.cpython)), nil
}

func (s *shelf) Seen(context.Context) (map[string]bool, error) {
	seen := map[string]bool{}
	for name, p := range s.projects {
		listed, known := s.listed[name]
		if p.FromIndex || p.FromJSON {
			seen[name] = listed || !known
		}
	}
	return seen, nil
}

func (s *shelf) PendingProvenance(ctx context.Context, n int, _ string) (list []observation.ProvenanceFile, err error) {
	names, _ := s.Tracked(ctx, n)
	for _, name := range names {
		if s.projects[name] == nil {
			continue
		}
		files := slices.Clone(s.projects[name].Files)
		slices.SortStableFunc(files, func(a, b observation.File) int { return b.UploadTime.Compare(a.UploadTime) })
		for _, f := range files {
			if f.Provenance == observation.ProvenancePresent && s.provenance[f.Filename] == nil {
				list = append(list, observation.ProvenanceFile{Project: name, Version: f.Version, Filename: f.Filename, UploadTime: f.UploadTime})
			}
		}
	}
	return list, nil
}

func (s *shelf) RepositoryStates(ctx context.Context, n int) (list []observation.KnownRepository, err error) {
	names, _ := s.Tracked(ctx, n)
	seen := map[string]bool{}
	for _, name := range names {
		for _, link := range s.repos[name] {
			if seen[link.Repository] {
				continue
			}
			seen[link.Repository] = true
			known := observation.KnownRepository{Repository: link.Repository}
			if f := s.forges[link.Repository]; f != nil {
				known.State, known.AskedAt = f.State, f.ObservedAt
			}
			list = append(list, known)
		}
	}
	return list, nil
}

func (s *shelf) Releases(ctx context.Context, n int, _ string) (list []observation.LatestRelease, err error) {
	names, _ := s.Tracked(ctx, n)
	for _, name := range names {
		if p := s.projects[name]; p != nil && p.LatestVersion != "" {
			list = append(list, observation.LatestRelease{Project: name, Version: p.LatestVersion})
		}
	}
	return list, nil
}

func (s *shelf) CVEs(context.Context) (map[string]bool, error) {
	named := map[string]bool{}
	add := func(ids ...string) {
		for _, id := range ids {
			if strings.HasPrefix(id, "CVE-") {
				named[id] = true
			}
		}
	}
	for _, a := range s.advisories {
		add(a.Aliases...)
	}
	for _, a := range s.cpython {
		add(append(a.Aliases, a.ID)...)
	}
	return named, nil
}

// everybody is every collector, in the order of a first collection.
func everybody(c *upstream.Client) []collectors.Collector {
	return []collectors.Collector{
		ranks.New(c), ranks.NewBackfill(c), pypiscorecards.New(c), osv.New(c), pypi.New(c),
		provenance.New(c), depsdev.New(c), repositories.New(c), scorecard.New(c), exploited.NewKEV(c), cpython.New(c), exploited.NewEPSS(c), cpython.NewCycles(c),
	}
}

// collect runs every collector once and returns their reports.
func collect(t testing.TB, spec string, s *shelf, cursors map[string]collectors.Cursor, at time.Time) map[string]collectors.Report {
	t.Helper()
	client, err := upstream.New(upstream.Options{Spec: spec, Validators: s, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	reports := map[string]collectors.Report{}
	for _, c := range everybody(client) {
		start := time.Now()
		report, err := c.Collect(t.Context(), collectors.Input{
			Cursor: cursors[c.Name()], Now: at, Track: 5000, Catalog: s, Progress: func(int, int, string) {},
		}, s.emit)
		if err != nil {
			t.Fatalf("%s: %v", c.Name(), err)
		}
		cursors[c.Name()] = report.Cursor
		reports[c.Name()] = report
		t.Logf("%-15s %8s  unchanged %d, skipped %d, partial %v, through %s %s", c.Name(), time.Since(start).Round(time.Millisecond),
			report.Unchanged, report.Skipped, report.Partial, report.Through.Format(time.DateOnly), report.Note)
	}
	return reports
}

func TestTheRealCollectorsReadIt(t *testing.T) {
	s, cursors := newShelf(), map[string]collectors.Cursor{}
	reports := collect(t, "simulated:1000", s, cursors, now)
	for name, r := range reports {
		if r.Partial {
			t.Errorf("%s is partial: %s", name, r.Note)
		}
		if r.Through.IsZero() && name != "ranks" || r.Through.After(now) {
			t.Errorf("%s: data through %v", name, r.Through)
		}
	}
	if planted := impossibleScores(t, 1000, 1, now); len(s.rejects) != planted || planted == 0 {
		t.Errorf("%d rejects, planted are %d, the first: %+v", len(s.rejects), planted, s.rejects[0])
	}
	t.Run("ranks", func(t *testing.T) { checkRanks(t, s) })
	t.Run("archive", func(t *testing.T) { checkArchive(t, s) })
	t.Run("api", func(t *testing.T) { checkAPI(t, s) })
	t.Run("pypi", func(t *testing.T) { checkPyPI(t, s) })
	t.Run("osv", func(t *testing.T) { checkOSV(t, s) })

	t.Run("repositories", func(t *testing.T) { checkRepositories(t, s) })
	t.Run("provenance", func(t *testing.T) { checkProvenance(t, s) })
	t.Run("exploited", func(t *testing.T) { checkExploited(t, s) })
	t.Run("cpython", func(t *testing.T) { checkCPython(t, s) })

	t.Run("again", func(t *testing.T) {
		before := len(s.lists) + len(s.results)
		again := collect(t, "simulated:1000", s, cursors, now.Add(time.Hour))
		for name, r := range again {
			if r.Unchanged == 0 && name != "provenance" && name != "depsdev" {
				t.Errorf("%s found nothing unchanged", name)
			}
		}
		if after := len(s.lists) + len(s.results); after != before {
			t.Errorf("%d results and lists came again", after-before)
		}
	})
	t.Run("a week later", func(t *testing.T) {
		lists, results, advisories := len(s.lists), len(s.results), len(s.advisories)
		later := collect(t, "simulated:1000", s, cursors, now.AddDate(0, 0, 10))
		if len(s.lists) != lists+1 || len(s.results) <= results+1000 || len(s.advisories) <= advisories {
			t.Errorf("new: %d lists, %d results, %d advisories", len(s.lists)-lists, len(s.results)-results, len(s.advisories)-advisories)
		}
		if u := later["pypiscorecards"].Unchanged; u < 200 {
			t.Errorf("only %d of the old files are what they were", u)
		}
		if u := later["osv"].Unchanged; u < uint64(advisories)*9/10 {
			t.Errorf("only %d of %d records are what they were", u, advisories)
		}
		if len(s.rejects) != impossibleScores(t, 1000, 1, now) {
			t.Errorf("%d rejects", len(s.rejects))
		}
	})
}

// impossibleScores counts the scores above 10 in the archive, which are the only
// thing in the ecosystem that a collector has to refuse.
func impossibleScores(t *testing.T, n int, seed uint64, now time.Time) (found int) {
	t.Helper()
	eachFile(t, n, seed, now, func(_ string, rows [][]string) {
		for _, row := range rows[1:] {
			for _, cell := range row[3:] {
				if score, err := strconv.Atoi(cell); err == nil && score > 10 {
					found++
				}
			}
		}
	})
	return found
}

// eachFile reads the weekly files of the archive.
func eachFile(t *testing.T, n int, seed uint64, now time.Time, do func(name string, rows [][]string)) {
	t.Helper()
	_, body := ask(t, simulated.New(n, seed, at(now)), http.MethodGet, archiveURL, nil)
	zip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(zip); ; {
		h, err := files.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(h.Name, ".csv") {
			rows, err := csv.NewReader(files).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			do(path.Base(h.Name), rows)
		}
	}
}

func checkRanks(t *testing.T, s *shelf) {
	if n := len(s.lists); n < 50 || n > 54 {
		t.Errorf("%d lists", n)
	}
	first, last := s.newest(), s.newest()
	sources := map[string]int{}
	for _, l := range s.lists {
		if len(l.Ranks) != 1000 {
			t.Errorf("%s has %d rows", l.ObservedOn, len(l.Ranks))
		}
		if l.ObservedOn.Before(first.ObservedOn) {
			first = l
		}
		sources[l.Source]++
	}
	if len(sources) != 2 {
		t.Errorf("sources %v", sources)
	}
	top, bottom := last.Ranks[0].Downloads, last.Ranks[999].Downloads
	if top < 5e8 || top/bottom < 500 {
		t.Errorf("downloads from %d to %d are not skewed", top, bottom)
	}
	members := func(l *observation.RankList, n int) map[string]bool {
		m := map[string]bool{}
		for _, r := range l.Ranks[:n] {
			if !strings.HasPrefix(r.Project, "fictional-") {
				t.Errorf("%s is not plainly fictional", r.Project)
			}
			m[r.Project] = true
		}
		return m
	}
	for _, n := range []int{100, 1000} {
		was, is, stayed := members(first, n), members(last, n), 0
		for name := range was {
			if is[name] {
				stayed++
			}
		}
		if stayed == n || stayed < n*7/10 {
			t.Errorf("of the top %d, %d stayed over four years", n, stayed)
		}
	}
}

// mean of the core aggregates and share scored, of one archive date.
type level struct {
	on             time.Time
	n, scored      int
	core, adjacent float64 // mean; mean change of projects scored on the date before too
	lost           float64 // share of the projects scored on the date before that have no result
}

func checkArchive(t *testing.T, s *shelf) {
	byDay := map[time.Time]map[string]*observation.ScorecardResult{}
	sets := map[string]time.Time{}
	for _, r := range s.results {
		if r.Source != observation.SourceArchive {
			continue
		}
		if byDay[r.ObservedOn] == nil {
			byDay[r.ObservedOn] = map[string]*observation.ScorecardResult{}
		}
		byDay[r.ObservedOn][r.Subject] = r
		if old, ok := sets[r.CheckSet]; !ok || r.ObservedOn.Before(old) {
			sets[r.CheckSet] = r.ObservedOn
		}
	}
	var days []time.Time
	for d := range byDay {
		days = append(days, d)
	}
	slices.SortFunc(days, time.Time.Compare)
	if len(days) < 220 || len(sets) != 5 {
		t.Errorf("%d files with %d sets of columns", len(days), len(sets))
	}
	var levels []level
	for i, d := range days {
		l := level{on: d, n: len(byDay[d])}
		matched, before := 0, 0
		for name, r := range byDay[d] {
			if r.Core == nil {
				continue
			}
			l.scored++
			l.core += *r.Core
			if i > 0 {
				if old := byDay[days[i-1]][name]; old != nil && old.Core != nil {
					matched++
					l.adjacent += *r.Core - *old.Core
				}
			}
		}
		if i > 0 {
			for name, old := range byDay[days[i-1]] {
				if old.Core != nil && byDay[d][name] != nil {
					before++
					if byDay[d][name].Core == nil {
						l.lost++
					}
				}
			}
			l.lost /= float64(before)
		}
		l.core /= float64(l.scored)
		l.adjacent /= float64(max(matched, 1))
		levels = append(levels, l)
	}
	var outages, breaks []string
	for _, l := range levels {
		if l.lost >= 0.05 {
			outages = append(outages, l.on.Format(time.DateOnly))
		}
		if math.Abs(l.adjacent) >= 0.15 {
			breaks = append(breaks, l.on.Format(time.DateOnly))
		}
	}
	first, last := levels[0], levels[len(levels)-1]
	t.Logf("first %+v, last %+v, outages %v, breaks %v", first, last, outages, breaks)
	if len(outages) != 3 || len(breaks) != 2 || !strings.HasPrefix(breaks[0], "2023-04") || !strings.HasPrefix(breaks[1], "2023-11") {
		t.Errorf("outages on %v, breaks on %v", outages, breaks)
	}
	for i, l := range levels {
		ordinary := l.lost < 0.05 && math.Abs(l.adjacent) < 0.15
		if ordinary && i > 0 && math.Abs(l.adjacent) > 0.08 {
			t.Errorf("%s moves by %.2f in an ordinary week", l.on.Format(time.DateOnly), l.adjacent)
		}
	}
	if c := float64(last.scored) / float64(last.n); c < 0.6 || c > 0.85 {
		t.Errorf("coverage of the last date is %.2f", c)
	}
	if last.core < 5 || last.core > 7 {
		t.Errorf("mean core aggregate of the last date is %.2f", last.core)
	}
	// Slowly better, once the two breaks are taken out.
	var slow float64
	for _, l := range levels {
		if math.Abs(l.adjacent) < 0.15 {
			slow += l.adjacent
		}
	}
	if slow < 0.2 || slow > 2.5 {
		t.Errorf("security improved by %.2f in four years", slow)
	}
	if first.n != 800 || last.n != 1000 {
		t.Errorf("the list grew from %d to %d", first.n, last.n)
	}
}

func checkProvenance(t *testing.T, s *shelf) {
	count := map[string]int{}
	publishers := map[string]map[string]bool{}
	for _, p := range s.provenance {
		if len(p.Bundles) == 0 {
			count["index names it, API has none"]++
		}
		for _, b := range p.Bundles {
			count[b.Kind]++
			count["with "+strconv.Itoa(len(b.Predicates))]++
			if publishers[p.Project] == nil {
				publishers[p.Project] = map[string]bool{}
			}
			publishers[p.Project][b.Repository] = true
			if b.Environment == "" {
				count["without environment"]++
			}
		}
	}
	for _, of := range publishers {
		if len(of) > 1 {
			count["publisher changed"]++
		}
	}
	for _, p := range s.projects { // releases in the order of time
		files := slices.Clone(p.Files)
		slices.SortStableFunc(files, func(a, b observation.File) int { return a.UploadTime.Compare(b.UploadTime) })
		was := map[string]int{}
		var order []string
		for _, f := range files {
			if !slices.Contains(order, f.Version) {
				order = append(order, f.Version)
			}
			was[f.Version] |= map[observation.Provenance]int{observation.ProvenanceAbsent: 1, observation.ProvenancePresent: 2}[f.Provenance]
		}
		for k, v := range order {
			switch {
			case was[v] == 3:
				count["partly"]++
			case k > 0 && was[order[k-1]] == 2 && was[v] == 1:
				count["dropped"]++
			}
		}
	}
	t.Log(count)
	for _, what := range []string{"GitHub", "GitLab", "Google", "with 1", "with 2", "without environment", "publisher changed", "partly", "dropped", "index names it, API has none"} {
		if count[what] == 0 {
			t.Errorf("none: %s", what)
		}
	}
}

func checkRepositories(t *testing.T, s *shelf) {
	states := map[observation.RepositoryState]int{}
	for name, f := range s.forges {
		states[f.State]++
		if f.State == observation.RepositoryMoved && s.forges[f.Target] != nil && s.forges[f.Target].State != observation.RepositoryFound {
			t.Errorf("%s moved to %s, which is %s", name, f.Target, s.forges[f.Target].State)
		}
	}
	t.Log(states, s.linked)
	for _, state := range []observation.RepositoryState{observation.RepositoryFound, observation.RepositoryMoved, observation.RepositoryGone} {
		if states[state] < 10 {
			t.Errorf("%d repositories are %s", states[state], state)
		}
	}
	for trust, least := range map[observation.Trust]int{observation.TrustAttested: 50, observation.TrustDepsDev: 50, observation.TrustDeclared: 700, observation.TrustInferred: 500} {
		if s.linked[trust] < least {
			t.Errorf("%d projects have a repository that is %s", s.linked[trust], trust)
		}
	}
}

func checkExploited(t *testing.T, s *shelf) {
	named, _ := s.CVEs(t.Context())
	ours := 0
	for _, e := range s.exploited.Entries {
		if named[e.CVE] {
			ours++
		}
	}
	if n := len(s.exploited.Entries); n < 800 || ours == 0 || ours > 20 {
		t.Errorf("%d exploited, %d of them ours", n, ours)
	}
	scored := 0
	for _, part := range s.epss {
		scored += len(part.Scores)
	}
	if scored != len(named) { // none is left without a score
		var missing []string
		for _, part := range s.epss {
			for _, score := range part.Scores {
				delete(named, score.CVE)
			}
		}
		for cve := range named {
			missing = append(missing, cve)
		}
		t.Errorf("%d of %d CVEs have a score, without are %v", scored, scored+len(missing), missing)
	}
}

func checkCPython(t *testing.T, s *shelf) {
	forms := map[string]int{}
	for id, a := range s.cpython {
		forms[id[:4]]++
		if len(a.Fixed) == 0 {
			forms["unfixed"]++
		}
		if !a.Withdrawn.IsZero() {
			forms["withdrawn"]++
		}
		if a.Repository != "https://github.com/python/cpython" {
			t.Errorf("%s is about %s", id, a.Repository)
		}
	}
	t.Log(forms)
	if forms["PSF-"] < 100 || forms["CVE-"] < 5 || forms["withdrawn"] == 0 {
		t.Errorf("%v", forms)
	}
	ended := 0
	for _, c := range s.cycles.Cycles {
		if c.Ended {
			ended++
		}
	}
	if len(s.cycles.Cycles) != 11 || ended != 6 {
		t.Errorf("%d cycles, %d ended", len(s.cycles.Cycles), ended)
	}
}

func checkAPI(t *testing.T, s *shelf) {
	states := map[observation.ResultState]int{}
	stale, details, inconclusive, stated := 0, 0, 0, 0
	for _, r := range s.results {
		if r.Source != observation.SourceAPI {
			continue
		}
		states[r.State]++
		if r.State != observation.StateScored {
			continue
		}
		if now.Sub(r.ObservedOn) > 60*24*time.Hour {
			stale++
		}
		if posture.Noted(r.Stated, r.Aggregate) {
			t.Errorf("%s states %v, recomputed %v", r.Subject, *r.Stated, *r.Aggregate)
		}
		stated++
		for _, c := range r.Checks {
			details += len(c.Details)
			if c.Score == nil {
				inconclusive++
			}
			if c.Reason == "" {
				t.Errorf("%s %s has no reason", r.Subject, c.Name)
			}
		}
	}
	t.Logf("%v, %d stale, %d details, %d inconclusive", states, stale, details, inconclusive)
	all := states[observation.StateScored] + states[observation.StateNoResult]
	if share := float64(states[observation.StateScored]) / float64(all); all < 700 || share < 0.6 || share > 0.75 {
		t.Errorf("%v", states)
	}
	if stale == 0 || details == 0 || inconclusive == 0 || states[observation.StateUnavailable] > 0 {
		t.Errorf("%d stale, %d details, %d inconclusive, %v", stale, details, inconclusive, states)
	}
}

func checkPyPI(t *testing.T, s *shelf) {
	count := map[string]int{}
	for _, p := range s.projects {
		count["status "+p.Status]++
		if p.DisplayName != p.Name {
			count["other spelling"]++
		}
		if p.FromIndex && p.FromJSON {
			count["both APIs"]++
		}
		for _, f := range p.Files {
			count["files"]++
			count["provenance "+string(f.Provenance)]++
			if f.Yanked {
				count["yanked"]++
			}
			if f.UploadTime.IsZero() || f.UploadTime.After(now) || f.SHA256 == "" || f.Size == 0 {
				t.Errorf("%+v", f)
			}
		}
	}
	repositories := map[string]int{}
	for name, links := range s.repos {
		if len(links) == 0 {
			count["without repository"]++
			continue
		}
		repositories[links[0].Repository]++
		if owner := strings.Split(links[0].Repository, "/")[1]; !strings.HasPrefix(strings.ToLower(owner), "fictional-") {
			t.Errorf("%s is at %s", name, links[0].Repository)
		}
	}
	for _, n := range repositories {
		if n > 1 {
			count["shared repositories"]++
		}
	}
	t.Log(count)
	for _, what := range []string{"status active", "status archived", "status deprecated", "other spelling", "both APIs", "provenance present",
		"provenance absent", "yanked", "without repository", "shared repositories"} {
		if count[what] == 0 {
			t.Errorf("none: %s", what)
		}
	}
	if len(s.projects) < 980 || count["files"] < 10_000 {
		t.Errorf("%d projects, %d files", len(s.projects), count["files"])
	}
}

func checkOSV(t *testing.T, s *shelf) {
	count, published := map[string]int{}, map[time.Time]int{}
	for id, a := range s.advisories {
		count[a.Database]++
		if !a.Withdrawn.IsZero() {
			count["withdrawn"]++
		}
		if a.Modified.After(now) {
			count["modified in the future"]++
		}
		if a.Published.After(now) {
			t.Errorf("%s is published in the future", id)
		}
		if a.Database == "PYSEC" {
			published[a.Published.Truncate(24*time.Hour)]++
		}
		if len(a.Vectors) == 0 && a.SeverityWord == "" {
			count["without severity"]++
		}
		for _, v := range a.Vectors {
			count[v[:8]]++
		}
		for _, alias := range a.Aliases {
			if other := s.advisories[alias]; other != nil && !slices.Contains(other.Aliases, id) && other.Withdrawn.IsZero() && a.Withdrawn.IsZero() {
				count["named one way"]++
			}
		}
		if len(a.Aliases) > 5 {
			count["more than five aliases"]++
		}
		if a.Database == "GHSA" && a.Modified.Sub(a.Published) > 48*time.Hour {
			count["changed later"]++
		}
		for _, f := range a.Affected {
			if at, ok := s.fixedAt(f); ok && a.Database == "GHSA" {
				count["fixed"]++
				if at.Before(a.Published) {
					count["fixed before disclosure"]++
				}
				if at.After(a.Published.AddDate(0, 0, 60)) {
					count["fixed late"]++
				}
			}
			for _, r := range f.Ranges {
				if len(r.Events) == 1 {
					count["without end"]++
				}
				if len(r.Events) > 2 {
					count["several branches"]++
				}
				for _, e := range r.Events {
					if e.LastAffected != "" {
						count["last affected"]++
					}
				}
			}
			if len(f.Ranges)+len(f.Versions) == 0 {
				count["says neither"]++
			}
			if slices.Contains(f.Versions, "0.1-first-light") || slices.Contains(f.Versions, "v_05") {
				count["no PEP 440 version"]++
			}
		}
		if len(a.Affected) > 1 {
			count["several projects"]++
		}
	}
	most := 0
	for _, n := range published {
		most = max(most, n)
	}
	t.Log(count, "largest import", most)
	if most <= 50 {
		t.Errorf("the largest import has %d records, which is not told from an ordinary day", most)
	}
	for _, what := range []string{"PYSEC", "GHSA", "MAL", "withdrawn", "modified in the future", "without severity", "CVSS:3.1", "CVSS:3.0", "CVSS:4.0", "AV:N/AC:", "named one way", "more than five aliases", "changed later", "fixed before disclosure", "fixed late",
		"without end", "several branches", "last affected", "says neither", "no PEP 440 version", "several projects"} {
		if count[what] == 0 {
			t.Errorf("none: %s", what)
		}
	}
	months := map[string]int{}
	for _, a := range s.advisories {
		if a.Database == "GHSA" && a.Published.Year() >= 2023 {
			months[a.Published.Format("2006-01")]++
		}
	}
	if len(months) < 46 {
		t.Errorf("flaws are disclosed in only %d months since 2023", len(months))
	}
	malware := map[time.Time]int{}
	for _, a := range s.advisories {
		if a.Database == "MAL" {
			malware[a.Published.Truncate(24*time.Hour)]++
		}
	}
	burst := slices.MaxFunc(keys(malware), func(a, b time.Time) int { return cmp.Compare(malware[a], malware[b]) })
	if malware[burst] < 50 {
		t.Errorf("the largest burst of malware has %d reports", malware[burst])
	}
}

// fixedAt is the upload of the first fixed release that a record names.
func (s *shelf) fixedAt(f observation.Affected) (at time.Time, ok bool) {
	p := s.projects[f.Project]
	if p == nil {
		return at, false
	}
	for _, r := range f.Ranges {
		for _, e := range r.Events {
			for _, file := range p.Files {
				if file.Version == e.Fixed && (at.IsZero() || file.UploadTime.Before(at)) {
					at = file.UploadTime
				}
			}
		}
	}
	return at, !at.IsZero()
}

func keys[K comparable, V any](m map[K]V) (list []K) {
	for k := range m {
		list = append(list, k)
	}
	return list
}

// TestMemoryStaysFlat reads the archive, the largest body, and throws it away.
func TestMemoryStaysFlat(t *testing.T) {
	s := newShelf()
	client, err := upstream.New(upstream.Options{Spec: "simulated:1000", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	peak := func(do func()) uint64 {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.GC()
		runtime.ReadMemStats(&after)
		return max(after.HeapAlloc, before.HeapAlloc) - before.HeapAlloc
	}
	grown := peak(func() {
		_, err = pypiscorecards.New(client).Collect(t.Context(), collectors.Input{Now: now, Catalog: s, Progress: func(int, int, string) {}},
			func(context.Context, observation.Observation) error { return nil })
	})
	if err != nil || grown > 8<<20 {
		t.Errorf("%d bytes stay after reading the archive, %v", grown, err)
	}
}
