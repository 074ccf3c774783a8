package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/agnivade/levenshtein"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// The bounds of a page of projects.
const (
	defaultProjects = 50
	maxProjects     = 1000
)

// sortsOfProjects are the orders in which projects can be listed. What has no
// value comes last in each.
var sortsOfProjects = []string{"rank", "name", "aggregate", "advisories", "release"}

// Projects returns one page of projects and the number of all that match. Text
// is part of a name in any spelling. By rank, the default, the project of that
// very name comes first, then those whose names begin with it, then the others.
func (s *Store) Projects(ctx context.Context, q observation.ProjectsQuery) ([]observation.ProjectRow, int, error) {
	q, err := checkedQuery(q)
	if err != nil {
		return nil, 0, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultProjects
	}
	q.Limit, q.Offset = min(limit, maxProjects), max(q.Offset, 0)
	load := func(ctx context.Context, published generations) (projectsPage, error) {
		return s.loadProjects(ctx, published, q)
	}
	if q.Filters() { // what people search for would crowd out what pages need
		published, err := s.generations(ctx)
		if err != nil {
			return nil, 0, err
		}
		page, err := load(ctx, published)
		return page.rows, page.total, err
	}
	page, err := cachedObject(ctx, s, fmt.Sprintf("projects %s %d %d", q.Sort, q.Limit, q.Offset), load)
	return slices.Clone(page.rows), page.total, err
}

// checkedQuery fills in the defaults of a query and refuses what it cannot mean.
func checkedQuery(q observation.ProjectsQuery) (observation.ProjectsQuery, error) {
	q.Sort = cmp.Or(q.Sort, "rank")
	if !slices.Contains(sortsOfProjects, q.Sort) {
		return q, fmt.Errorf("projects cannot be sorted by %q, only by %s", q.Sort, strings.Join(sortsOfProjects, ", "))
	}
	if q.Cohort == observation.CohortAll {
		q.Cohort = ""
	}
	if q.Cohort != "" && q.Cohort.Size() == 0 {
		return q, fmt.Errorf("projects cannot be chosen by the cohort %q", q.Cohort)
	}
	if q.Check == "" {
		q.Below = 0
	}
	q.Text = pypa.Normalize(strings.TrimSpace(q.Text))
	return q, nil
}

// projectsPage is one page of projects and the number of all that match.
type projectsPage struct {
	rows  []observation.ProjectRow
	total int
}

// loadProjects reads a page of the published summaries. The query is complete
// and normalised.
func (s *Store) loadProjects(ctx context.Context, published generations, q observation.ProjectsQuery) (projectsPage, error) {
	var page projectsPage
	total, err := s.eachProject(ctx, published, q, func(p observation.ProjectRow) error {
		page.rows = append(page.rows, p)
		return nil
	})
	if err == nil && total == 0 && q.Offset > 0 { // beyond the last page there is no row to count by
		q.Limit, q.Offset = 1, 0
		total, err = s.eachProject(ctx, published, q, func(observation.ProjectRow) error { return nil })
	}
	page.total = total
	return page, err
}

// EachProject calls each for every project that answers to a query, in its
// order, whatever its limit.
func (s *Store) EachProject(ctx context.Context, q observation.ProjectsQuery, each func(observation.ProjectRow) error) error {
	q, err := checkedQuery(q)
	if err != nil {
		return err
	}
	published, err := s.generations(ctx)
	if err != nil {
		return err
	}
	q.Limit, q.Offset = math.MaxUint32, 0
	_, err = s.eachProject(ctx, published, q, each)
	return err
}

// eachProject reads some of the projects that answer to a query and returns how
// many do: 0 as well when there is none so far on.
func (s *Store) eachProject(ctx context.Context, published generations, q observation.ProjectsQuery, each func(observation.ProjectRow) error) (int, error) {
	newest, err := s.Observations(ctx)
	if err != nil {
		return 0, err
	}
	bound := func(v *float64) float64 {
		if v == nil {
			return -1
		}
		return *v
	}
	from := time.Unix(0, 0) // of results that can be values
	if !newest.Newest.IsZero() {
		from = newest.Newest.AddDate(0, 0, -valueDays)
	}
	var total uint64
	err = s.queryEach(ctx, "projects.page", func(rows driver.Rows) error {
		p, err := scanProject(rows, &total)
		if err != nil {
			return err
		}
		return each(p.ProjectRow)
	},
		param("generation", published[datasetSummaries]), param("advisories", published[datasetAdvisories]),
		param("exploitation", published[datasetExploitation]), param("adoption", published[datasetAdoption]),
		param("text", q.Text), param("size", q.Cohort.Size()), param("state", string(q.State)), param("min", bound(q.Min)), param("max", bound(q.Max)),
		param("status", q.Status), param("affected", bit(q.Affected)), param("kev", bit(q.KEV)), param("class", string(q.Class)),
		param("check", q.Check), param("below", q.Below), dateParam("from", from),
		param("sort", q.Sort), param("limit", q.Limit), param("offset", q.Offset))
	return int(total), err
}

// summaryRow is one row of project_summaries as it is read.
type summaryRow struct {
	observation.ProjectRow
	otherSource observation.ScorecardSource
	otherOn     day       // 0 without
	askedAt     time.Time // zero: PyPI was never asked
}

// scanProject scans the columns of a summary as queries list them, and those
// that follow them into more.
func scanProject(rows driver.Rows, more ...any) (summaryRow, error) {
	var p summaryRow
	var rank, groups, malware, affected, unknown uint32
	var upload, askedAt, scoreOn, otherOn *time.Time
	var aggregate, core *float32
	columns := []any{&p.Project, &p.DisplayName, &rank, &p.Downloads, &p.LatestVersion, &upload, &p.Status, &askedAt, &p.Repository,
		(*string)(&p.Trust), (*string)(&p.ScoreState), (*string)(&p.ScoreSource), &scoreOn, (*string)(&p.otherSource), &otherOn,
		&aggregate, &core, &groups, &malware, &affected, &unknown}
	if err := rows.Scan(append(columns, more...)...); err != nil {
		return p, err
	}
	p.Rank, p.Groups, p.Malware, p.LatestAffect, p.LatestUnknown = int(rank), int(groups), int(malware), int(affected), int(unknown)
	p.LatestUpload, p.askedAt, p.ScoreOn = timeOf(upload), timeOf(askedAt), timeOf(scoreOn)
	if otherOn != nil {
		p.otherOn = dayOf(*otherOn)
	}
	p.Aggregate, p.Core = shortFloat(aggregate), shortFloat(core)
	return p, nil
}

// knownName is one project's name, prepared for comparing.
type knownName struct {
	name    string
	rank    uint32 // 0 unranked
	letters uint64 // a bit for each letter, digit and separator in it
}

// maxNearest bounds what Nearest returns.
const maxNearest = 50

// Nearest returns up to n known names that are spelled like name, however it
// is written: nearest first, where a name outside the rank list counts as one
// edit further, then by rank. Names known only from malware reports are never
// offered to somebody who has mistyped.
func (s *Store) Nearest(ctx context.Context, name string, n int) ([]string, error) {
	names, err := cached(ctx, s, "names", func(ctx context.Context, published generations) ([]knownName, error) {
		return s.loadNames(ctx, published[datasetSummaries])
	})
	if err != nil {
		return nil, err
	}
	if len(name) > pypa.MaxName {
		return nil, nil
	}
	return nearest(names, pypa.Normalize(strings.TrimSpace(name)), min(n, maxNearest)), nil
}

// loadNames reads the names of a generation of the summaries.
func (s *Store) loadNames(ctx context.Context, generation uint64) ([]knownName, error) {
	var names []knownName
	err := s.queryEach(ctx, "projects.names", func(rows driver.Rows) error {
		var k knownName
		if err := rows.Scan(&k.name, &k.rank); err != nil {
			return err
		}
		k.letters = letters(k.name)
		names = append(names, k)
		return nil
	}, param("generation", generation))
	return names, err
}

// letters returns the set of characters of a normalised name.
func letters(name string) uint64 {
	var set uint64
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z':
			set |= 1 << (c - 'a')
		case '0' <= c && c <= '9':
			set |= 1 << (26 + c - '0')
		default:
			set |= 1 << 36
		}
	}
	return set
}

// nearest finds the n best names within an edit distance of a third of the
// name's length, at least 1 and at most 3.
func nearest(names []knownName, name string, n int) []string {
	if name == "" || n <= 0 {
		return nil
	}
	reach := max(1, min(3, len(name)/3))
	set := letters(name)
	type candidate struct {
		knownName
		distance int // one more for an unranked name
	}
	var found []candidate
	for _, k := range names {
		// One edit changes the length by at most one and the set by at most one
		// character each way. This spares nearly all of the work.
		if d := len(k.name) - len(name); d > reach || d < -reach ||
			bits.OnesCount64(set&^k.letters) > reach || bits.OnesCount64(k.letters&^set) > reach {
			continue
		}
		if d := levenshtein.ComputeDistance(name, k.name); d <= reach {
			if k.rank == 0 {
				d++
			}
			found = append(found, candidate{k, d})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		// Ranks begin at 1; one less makes 0, unranked, the last.
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.rank-1, b.rank-1), cmp.Compare(a.name, b.name))
	})
	list := make([]string, 0, n)
	for _, c := range found[:min(n, len(found))] {
		list = append(list, c.name)
	}
	return list
}
