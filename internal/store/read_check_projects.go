package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// CheckProjects returns one page of the projects of a cohort by rank that score
// below a number on a check, or are inconclusive, by rank; and it counts the
// whole cohort. The scores are those of the current Scorecard values.
func (s *Store) CheckProjects(ctx context.Context, q observation.CheckProjectsQuery) (observation.CheckProjects, error) {
	var page observation.CheckProjects
	if q.Cohort.Size() == 0 {
		return page, fmt.Errorf("projects are listed by check for cohorts by rank, not for %q", q.Cohort)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultProjects
	}
	limit = min(limit, maxProjects)
	all, err := s.checkStandings(ctx)
	if err != nil {
		return page, err
	}
	scores := all.scores[q.Check]
	seen := 0
	for i, p := range all.projects[:min(q.Cohort.Size(), len(all.projects))] {
		page.Size++
		score := notRun
		if scores != nil {
			score = scores[i]
		}
		listed := false
		switch {
		case p.on == 0:
			page.Unknown++
		case score == notRun:
			page.NotRun++
		case score == inconclusive:
			page.Inconclusive++
			listed = q.Inconclusive
		default:
			page.N++
			if int(score) < q.Below {
				page.Below++
				listed = !q.Inconclusive
			}
		}
		if !listed {
			continue
		}
		if seen++; seen > q.Offset && len(page.Rows) < limit {
			page.Rows = append(page.Rows, p.row(score))
		}
	}
	return page, s.addReasons(ctx, q.Check, page.Rows)
}

// checkStanding is one project of the newest rank list and what its current
// Scorecard value is of.
type checkStanding struct {
	observation.CheckProject
	on day // of the value, 0 without
}

// key is the key of the result behind the value.
func (p checkStanding) key() resultKey {
	subject := p.Project
	if p.Source == observation.SourceAPI {
		subject = p.Repository
	}
	return resultKey{subject, p.Source, p.on}
}

// row is the project with its score of a check.
func (p checkStanding) row(score int8) observation.CheckProject {
	row := p.CheckProject
	if row.Source != observation.SourceAPI {
		row.Repository = ""
	}
	if score >= 0 {
		v := int(score)
		row.Score = &v
	}
	return row
}

// checkStandings are the projects of the newest rank list as far as the largest
// cohort, by rank, and of each check their scores in the same order: one byte a
// project and check, so that one read answers for all.
type checkStandings struct {
	projects []checkStanding
	behind   map[resultKey][]int // the projects of a result: those that share a repository share it
	scores   map[string][]int8   // 0 to 10, inconclusive or notRun
}

func (s *Store) checkStandings(ctx context.Context) (*checkStandings, error) {
	return cached(ctx, s, "check standings", func(ctx context.Context, published generations) (*checkStandings, error) {
		all, err := s.loadStandings(ctx, published[datasetSummaries])
		if err != nil || len(all.behind) == 0 {
			return all, err
		}
		// The archive keeps no row of a check without a score; its set lists it.
		if err := s.loadListed(ctx, published[datasetSummaries], all); err != nil {
			return nil, err
		}
		if err := s.loadScores(ctx, published[datasetSummaries], all); err != nil {
			return nil, err
		}
		found, err := s.Findings(ctx)
		if err != nil {
			return nil, err
		}
		for _, loss := range found.Suspects {
			if loss.State.LeftOut() {
				all.leaveOut(loss)
			}
		}
		return all, nil
	})
}

// loadStandings reads which projects there are, and what their values are of.
func (s *Store) loadStandings(ctx context.Context, generation uint64) (*checkStandings, error) {
	all := &checkStandings{behind: make(map[resultKey][]int), scores: make(map[string][]int8)}
	err := s.queryEach(ctx, "checks.standings", func(rows driver.Rows) error {
		var p checkStanding
		var rank uint32
		var scored bool
		var on uint16
		if err := rows.Scan(&p.Project, &p.DisplayName, &rank, &scored, (*string)(&p.Source), &on, &p.Repository); err != nil {
			return err
		}
		p.Rank = int(rank)
		if scored && on != 0 {
			p.on, p.Date = day(on), day(on).time()
			all.behind[p.key()] = append(all.behind[p.key()], len(all.projects))
		}
		all.projects = append(all.projects, p)
		return nil
	}, param("generation", generation), param("most", observation.CohortTop15000.Size()))
	return all, err
}

// loadListed takes every check that a value lists for inconclusive.
func (s *Store) loadListed(ctx context.Context, generation uint64, all *checkStandings) error {
	return s.queryEach(ctx, "checks.current_sets", func(rows driver.Rows) error {
		var k resultKey
		var on uint16
		var listed string
		if err := rows.Scan(&k.subject, (*string)(&k.source), &on, &listed); err != nil || listed == "" {
			return err
		}
		k.on = day(on)
		for check := range strings.SplitSeq(listed, ",") {
			all.set(k, check, inconclusive)
		}
		return nil
	}, param("generation", generation))
}

// loadScores takes the scores of the values.
func (s *Store) loadScores(ctx context.Context, generation uint64, all *checkStandings) error {
	var names []string
	var scores []int8
	return s.queryEach(ctx, "checks.current", func(rows driver.Rows) error {
		var k resultKey
		var on uint16
		if err := rows.Scan(&k.subject, (*string)(&k.source), &on, &names, &scores); err != nil {
			return err
		}
		k.on = day(on)
		for i, check := range names {
			all.set(k, check, scores[i])
		}
		return nil
	}, param("generation", generation))
}

// set gives the score of a check to every project of a result.
func (all *checkStandings) set(k resultKey, check string, score int8) {
	column := all.scores[check]
	if column == nil {
		column = slices.Repeat([]int8{notRun}, len(all.projects))
		all.scores[check] = column
	}
	for _, project := range all.behind[k] {
		column[project] = score
	}
}

// leaveOut takes the values of one check on the day of an outage away.
func (all *checkStandings) leaveOut(loss observation.CheckSuspect) {
	column := all.scores[loss.Check]
	for i, p := range all.projects {
		if column != nil && p.on == dayOf(loss.Date) && p.Source == loss.Source {
			column[i] = notRun
		}
	}
}

// addReasons fills in what the API says of the check, by key.
func (s *Store) addReasons(ctx context.Context, check string, page []observation.CheckProject) error {
	var subjects, days []string
	rows := make(map[resultKey][]int)
	for i, p := range page {
		if p.Source != observation.SourceAPI {
			continue
		}
		k := resultKey{p.Repository, p.Source, dayOf(p.Date)}
		rows[k] = append(rows[k], i)
		subjects, days = append(subjects, p.Repository), append(days, p.Date.Format(time.DateOnly))
	}
	if len(subjects) == 0 {
		return nil
	}
	return s.queryEach(ctx, "checks.reasons_of", func(found driver.Rows) error {
		k := resultKey{source: observation.SourceAPI}
		var on uint16
		var reason string
		if err := found.Scan(&k.subject, &on, &reason); err != nil {
			return err
		}
		k.on = day(on)
		for _, i := range rows[k] {
			page[i].Reason = reason
		}
		return nil
	}, param("subjects", subjects), param("check", check), param("days", slices.Compact(slices.Sorted(slices.Values(days)))))
}
