package store

import (
	"context"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// maxMoves bounds the moves of a repository that are followed: a forge leads
// from any old name to the newest one at once, so more of them is a circle.
const maxMoves = 3

// strongest is the one repository of a project: the one by which results of the
// API reach it. The days tell from when on this store has known it; what is
// derived for an earlier date must not count it.
type strongest struct {
	Named      string // as the project, its publisher or deps.dev names it
	Repository string // where it lives now: moves are followed; Named when its forge was never asked
	Trust      observation.Trust
	Linked     day // since when any repository of the project is known
	Verified   day // since when somebody other than the project confirms it, 0 never
	Gone       day // since when its forge no longer has it, 0 while it has
}

// linked reports whether a repository of the project was known at a date.
func (s strongest) linked(on day) bool { return s.Linked != 0 && s.Linked <= on }

// verified reports whether the repository was known to be there at a date: its
// forge had answered, or a publisher or deps.dev had attested it, or the API had
// a result of it; and its forge had not said since that it is gone.
func (s strongest) verified(on day) bool {
	return s.linked(on) && s.Verified != 0 && s.Verified <= on && (s.Gone == 0 || s.Gone > on)
}

// key is what tells repositories apart: forges ignore case.
func (s strongest) key() string { return strings.ToLower(s.Repository) }

// repositoryMap is which repository each project has.
type repositoryMap struct {
	projects map[string]strongest // those that have one
	known    day                  // the store's first link: before it nothing is known of any; 0 without
}

// repositories decides which repository each project has. It is the one place
// that does: of the strongest trust; among equals, the one whose label says that
// it is the source. A repository that has moved is the one that it moved to. One
// that is gone stays what the project names.
func (s *Store) repositories(ctx context.Context) (repositoryMap, error) {
	m := repositoryMap{projects: make(map[string]strongest)}
	trusted := make(map[string]day) // by project and repository: since when it is attested
	var last string
	var linked, confirmed day
	var chosen *strongest
	finish := func() {
		if chosen != nil {
			chosen.Linked, chosen.Verified = linked, confirmed
			m.projects[last] = *chosen
		}
		chosen, linked, confirmed = nil, 0, 0
		clear(trusted)
	}
	err := s.queryEach(ctx, "repositories.links", func(rows driver.Rows) error {
		var project, repository string
		var trust observation.Trust
		var gone bool
		var since uint16
		if err := rows.Scan(&project, &repository, (*string)(&trust), &gone, &since); err != nil {
			return err
		}
		if project != last {
			finish()
			last = project
		}
		first := day(since)
		m.known = earliest(m.known, first)
		linked = earliest(linked, first)
		if gone {
			return nil
		}
		if chosen == nil { // the rows come strongest first
			chosen = &strongest{Named: repository, Trust: trust}
		}
		if (trust == observation.TrustAttested || trust == observation.TrustDepsDev) && strings.EqualFold(repository, chosen.Named) {
			confirmed = earliest(confirmed, first)
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	finish()
	answers, err := s.forgeAnswers(ctx)
	if err != nil {
		return m, err
	}
	results, err := s.firstResults(ctx)
	if err != nil {
		return m, err
	}
	for project, link := range m.projects {
		link = answers.resolve(link)
		link.Verified = earliest(link.Verified, results[link.key()])
		m.projects[project] = link
	}
	return m, nil
}

// earliest is the earlier of two days, where 0 is none.
func earliest(a, b day) day {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// forgeAnswer is what a forge has said of one repository.
type forgeAnswer struct {
	state  observation.RepositoryState // the newest
	target string                      // where it lives by that
	on     day                         // when it was said first since it is so
	found  day                         // when the forge first had it, 0 never
}

// forgeAnswers are the answers by name, in lower case.
type forgeAnswers map[string]forgeAnswer

// resolve follows the moves of a repository.
func (a forgeAnswers) resolve(s strongest) strongest {
	s.Repository = s.Named
	for range maxMoves {
		answer, ok := a[s.key()]
		if !ok {
			return s
		}
		s.Verified = earliest(s.Verified, answer.found)
		if answer.state == observation.RepositoryGone {
			s.Gone = answer.on
			return s
		}
		if answer.target == "" {
			return s
		}
		same := strings.EqualFold(answer.target, s.Repository)
		s.Repository = answer.target // in the forge's own spelling
		if same {
			return s
		}
	}
	return s
}

// forgeAnswers reads what forges have said of repositories.
func (s *Store) forgeAnswers(ctx context.Context) (forgeAnswers, error) {
	all := make(forgeAnswers)
	err := s.queryEach(ctx, "repositories.answers", func(rows driver.Rows) error {
		var name string
		var a forgeAnswer
		var on, found uint16
		if err := rows.Scan(&name, (*string)(&a.state), &a.target, &on, &found); err != nil {
			return err
		}
		a.on, a.found = day(on), day(found)
		all[name] = a
		return nil
	})
	return all, err
}

// firstResults reads the date of the first API result of every repository that
// has one, by name in lower case.
func (s *Store) firstResults(ctx context.Context) (map[string]day, error) {
	all := make(map[string]day)
	err := s.queryEach(ctx, "repositories.results", func(rows driver.Rows) error {
		var name string
		var on uint16
		if err := rows.Scan(&name, &on); err != nil {
			return err
		}
		all[name] = day(on)
		return nil
	})
	return all, err
}
