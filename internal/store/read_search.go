package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/advisory"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// The bounds of a search.
const (
	maxSearchText = 100 // bytes
	maxHits       = 100
)

// Search returns up to limit projects, repositories and advisory groups that
// text names: first those of exactly that name, then those of which a name
// begins with it, then those that contain it, each by download rank. Projects
// are found in any spelling of their name, repositories also without their host
// or owner, advisories by every id that ever led to them. It is answered from
// memory, by an index that is made once per generation.
func (s *Store) Search(ctx context.Context, text string, limit int) ([]observation.Hit, error) {
	index, err := cached(ctx, s, "search", s.loadSearch)
	if err != nil {
		return nil, err
	}
	return index.search(text, min(limit, maxHits)), nil
}

// searchIndex finds things by their names. All names stand in one text, one a
// line, those of the most downloaded projects first, so that a scan meets the
// best hits first and may stop early. Nothing beside it is sorted, and a scan of
// the whole takes some milliseconds at 100,000 projects.
type searchIndex struct {
	hits  []observation.Hit // the best first
	names string            // "\nname\nname\n", in lower case
	lines []searchLine      // in the order of the text
}

// searchLine is one name: where its line begins, and which hit bears it.
type searchLine struct {
	offset, hit uint32
	name        string // as written
}

// findable is a hit with its names, as it is loaded.
type findable struct {
	observation.Hit
	names []string
}

// newSearchIndex orders what can be found by rank, unranked last, then by kind,
// and otherwise keeps the order given.
func newSearchIndex(things []findable) *searchIndex {
	kinds := []observation.HitKind{observation.HitProject, observation.HitRepository, observation.HitAdvisory}
	slices.SortStableFunc(things, func(a, b findable) int {
		// Ranks begin at 1; one less makes 0, unranked, the last.
		return cmp.Or(cmp.Compare(uint(a.Rank)-1, uint(b.Rank)-1), cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)))
	})
	x := &searchIndex{hits: make([]observation.Hit, len(things))}
	var text strings.Builder
	text.WriteByte('\n')
	for i, t := range things {
		x.hits[i] = t.Hit
		for _, name := range t.names {
			x.lines = append(x.lines, searchLine{uint32(text.Len()), uint32(i), name})
			text.WriteString(strings.ToLower(oneLine(name)))
			text.WriteByte('\n')
		}
	}
	x.names = text.String()
	return x
}

// The ways to match a name, the best first. A part of a repository's path counts
// as a name.
const (
	matchWhole = iota
	matchBeginning
	matchPart
	matchWays
)

// search finds up to limit hits. A repository is left out when its project was
// found before it: both lead to the same page.
func (x *searchIndex) search(text string, limit int) []observation.Hit {
	var lines [matchWays][]searchLine
	for _, spelling := range spellingsOf(text) {
		x.scan(spelling, limit, &lines)
	}
	var found []observation.Hit
	seen := make(map[uint32]bool)
	pages := make(map[string]bool)
	for way := range lines {
		slices.SortFunc(lines[way], func(a, b searchLine) int { return cmp.Compare(a.offset, b.offset) })
		for _, line := range lines[way] {
			hit := x.hits[line.hit]
			if len(found) >= limit || seen[line.hit] || hit.Kind == observation.HitRepository && pages[hit.Project] {
				continue
			}
			seen[line.hit], pages[hit.Project] = true, true
			hit.Exact = way == matchWhole
			if hit.Kind == observation.HitAdvisory && line.name != hit.Text {
				hit.Matched = line.name
			}
			found = append(found, hit)
		}
	}
	return found
}

// scan appends the first lines of each way to match text: twice as many as are
// wanted, because every second one may be a repository whose project was found.
// What is in every name is soon found often enough as a part of one; from there on
// it is looked for only where a name begins, and at last only as a whole name.
func (x *searchIndex) scan(text string, limit int, lines *[matchWays][]searchLine) {
	parts := x.follow(text, 0, text, 0, matchPart, 2*limit, lines)
	for _, before := range []string{"\n", "/"} {
		beginnings := x.follow(before+text, 1, text, parts, matchBeginning, 2*limit, lines)
		x.follow(before+text+"\n", 1, text, beginnings, matchWhole, 2*limit, lines)
	}
}

// follow appends the lines with a pattern, which has the text at a place of its own,
// from an offset of the text on, at most enough of each way. It returns where there
// were enough of one way, the end of all names otherwise.
func (x *searchIndex) follow(pattern string, place int, text string, from int, until, enough int, lines *[matchWays][]searchLine) int {
	var count [matchWays]int
	for at := max(0, from-place); ; at++ {
		next := strings.Index(x.names[at:], pattern)
		if next < 0 {
			return len(x.names)
		}
		at += next
		way := x.wayOf(at+place, len(text))
		if count[way] >= enough {
			continue
		}
		line := x.lineAt(at + place + 1)
		if way == matchBeginning && x.hits[line.hit].Malware {
			way = matchPart // a name that imitates another is not put beside it
		}
		if n := len(lines[way]); n == 0 || lines[way][n-1].hit != line.hit {
			lines[way] = append(lines[way], line)
			count[way]++
		}
		if count[until] >= enough {
			return at + place + 1
		}
	}
}

// wayOf tells in which way a text of some length, which stands at an offset, matches
// the name there.
func (x *searchIndex) wayOf(at, length int) int {
	if before := x.names[at-1]; before != '\n' && before != '/' {
		return matchPart
	}
	if x.names[at+length] == '\n' {
		return matchWhole
	}
	return matchBeginning
}

// lineAt returns the line of the text's byte before at.
func (x *searchIndex) lineAt(at int) searchLine {
	n, _ := slices.BinarySearchFunc(x.lines, at, func(line searchLine, at int) int { return cmp.Compare(int(line.offset), at) })
	return x.lines[n-1]
}

// spellingsOf returns the ways in which text may stand in the index: as the
// address or name that it is, and as the normalised name of a project.
func spellingsOf(text string) []string {
	text = strings.ToLower(oneLine(text))
	for _, scheme := range []string{"https://", "http://", "git+https://"} {
		text = strings.TrimPrefix(text, scheme)
	}
	text = strings.TrimSuffix(strings.Trim(strings.TrimPrefix(text, "www."), "/"), ".git")
	if text == "" || len(text) > maxSearchText {
		return nil
	}
	spellings := []string{text}
	if name := pypa.Normalize(text); name != text && name != "" {
		spellings = append(spellings, name)
	}
	return spellings
}

// oneLine replaces space of any length by one blank.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// loadSearch reads what can be found.
func (s *Store) loadSearch(ctx context.Context, published generations) (*searchIndex, error) {
	var things []findable
	ranks := make(map[string]uint32)
	repositories := make(map[string]*findable)
	err := s.queryEach(ctx, "search.projects", func(rows driver.Rows) error {
		var project, display, repository string
		var rank uint32
		var onlyMalware bool
		if err := rows.Scan(&project, &display, &rank, &repository, &onlyMalware); err != nil {
			return err
		}
		ranks[project] = rank
		things = append(things, findable{observation.Hit{
			Kind: observation.HitProject, Text: cmp.Or(display, project), Project: project, Rank: int(rank), Malware: onlyMalware,
		}, []string{project}})
		if repository == "" {
			return nil
		}
		r := repositories[repository]
		if r == nil {
			r = &findable{observation.Hit{Kind: observation.HitRepository, Text: repository}, []string{repository}}
			repositories[repository] = r
		}
		if r.Projects++; r.Project == "" || above(rank, uint32(r.Rank)) {
			r.Project, r.Rank = project, int(rank)
		}
		return nil
	}, param("generation", published[datasetSummaries]))
	if err != nil {
		return nil, err
	}
	for _, repository := range slices.Sorted(maps.Keys(repositories)) {
		things = append(things, *repositories[repository])
	}
	err = s.queryEach(ctx, "search.advisories", func(rows driver.Rows) error {
		a := findable{Hit: observation.Hit{Kind: observation.HitAdvisory}}
		var kind string
		var projects []string
		var score *float32
		if err := rows.Scan(&a.Group, &a.Text, &kind, &a.Live, &a.Severity, &score, &projects, &a.names); err != nil {
			return err
		}
		a.Malware, a.Score, a.Projects = kind == advisory.KindMalware, shortFloat(score), len(projects)
		for _, project := range projects {
			if rank := ranks[project]; above(rank, uint32(a.Rank)) {
				a.Rank = int(rank)
			}
		}
		if !slices.Contains(a.names, a.Text) {
			a.names = append(a.names, a.Text)
		}
		things = append(things, a)
		return nil
	}, param("generation", published[datasetAdvisories]))
	if err != nil {
		return nil, err
	}
	return newSearchIndex(things), nil
}

// above reports whether rank is above other; 0 is unranked, the last.
func above(rank, other uint32) bool { return rank-1 < other-1 }
