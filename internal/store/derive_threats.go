package store

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// deriveThreats says of every project of the newest rank list which evidence
// against the threats of SLSA is seen, by its current Scorecard value and what
// PyPI says, and counts the cohorts. It reads what the other derivations
// published.
func (s *Store) deriveThreats(ctx context.Context, g generation) error {
	published, err := s.readGenerations(ctx)
	if err != nil {
		return err
	}
	checks, err := s.loadCurrentChecks(ctx, published[datasetSummaries])
	if err != nil {
		return err
	}
	projects, err := s.loadThreatProjects(ctx, published, checks)
	if err != nil {
		return err
	}
	lists, err := s.listSizes(ctx)
	if err != nil {
		return err
	}
	if len(lists) == 0 {
		return nil
	}
	counts := newThreatCounts(len(projects))
	w := new(threatRows)
	for i, p := range projects {
		found := posture.Threats(&p.Facts)
		w.add(p.name, found)
		counts.add(i, p, found)
	}
	if err := w.write(ctx, s, g); err != nil {
		return err
	}
	return counts.write(ctx, s, g, lists[len(lists)-1].on)
}

// threatProject is one project with what is known of it.
type threatProject struct {
	posture.Facts
	name     string
	scoredOn day // 0 without a Scorecard value
}

func (s *Store) loadThreatProjects(ctx context.Context, published generations, checks map[resultKey][]observation.Check) ([]threatProject, error) {
	var projects []threatProject
	err := s.queryEach(ctx, "threats.projects", func(rows driver.Rows) error {
		var p threatProject
		var state, source, repository, class, python string
		var scoredOn uint16
		var malware, affected, owners uint32
		var first, last, files *time.Time
		if err := rows.Scan(&p.name, &state, &source, &scoredOn, &repository, &malware, &affected,
			&p.Asked, &p.Organization, &owners, &p.Status, &class, &p.Declared, &first, &last, &files, &python); err != nil {
			return err
		}
		p.Malware, p.LatestAffected, p.Owners = int(malware), int(affected), int(owners)
		p.Attestation, p.Python = observation.AttestationClass(class), observation.PythonSupport(python)
		p.FirstAt, p.LastAt, p.Through = timeOf(first), timeOf(last), timeOf(files)
		if state == string(observation.ScoreScored) {
			subject := p.name
			if source == string(observation.SourceAPI) {
				subject = repository
			}
			p.scoredOn = day(scoredOn)
			p.Checks = checks[resultKey{subject, observation.ScorecardSource(source), p.scoredOn}]
		}
		projects = append(projects, p)
		return nil
	}, param("summaries", published[datasetSummaries]), param("adoption", published[datasetAdoption]))
	return projects, err
}

// loadCurrentChecks reads the conclusive checks behind the Scorecard values of
// a generation of the summaries.
func (s *Store) loadCurrentChecks(ctx context.Context, summaries uint64) (map[resultKey][]observation.Check, error) {
	checks := make(map[resultKey][]observation.Check)
	var names []string
	var scores []int8
	err := s.queryEach(ctx, "threats.checks", func(rows driver.Rows) error {
		var k resultKey
		var on uint16
		if err := rows.Scan(&k.subject, (*string)(&k.source), &on, &names, &scores); err != nil {
			return err
		}
		k.on = day(on)
		list := make([]observation.Check, len(names))
		for i := range names {
			list[i] = observation.Check{Name: names[i], Score: &scores[i]}
		}
		scores = nil // the checks point into it
		checks[k] = list
		return nil
	}, param("summaries", summaries))
	return checks, err
}

// threatRows are the rows of project_threats, by column.
type threatRows struct {
	project, threat, state         []string
	observed, notObserved, unknown [][]string
}

func (w *threatRows) add(project string, found []observation.ThreatEvidence) {
	for _, f := range found {
		var names [3][]string
		for _, signal := range f.Signals {
			i := evidenceIndex(signal.State)
			names[i] = append(names[i], signal.Name)
		}
		w.project, w.threat, w.state = append(w.project, project), append(w.threat, f.Threat), append(w.state, string(f.State))
		w.observed, w.notObserved, w.unknown = append(w.observed, names[0]), append(w.notObserved, names[1]), append(w.unknown, names[2])
	}
}

func (w *threatRows) write(ctx context.Context, s *Store, g generation) error {
	return s.writeColumns(ctx, g, "project_threats", len(w.project),
		column{"project", w.project},
		column{"slsa", slices.Repeat([]string{posture.SLSA}, len(w.project))},
		column{"threat", w.threat},
		column{"state", w.state},
		column{"observed", w.observed},
		column{"not_observed", w.notObserved},
		column{"unknown", w.unknown})
}

// evidenceIndex is the index under which a state is counted.
func evidenceIndex(e observation.Evidence) int {
	switch e {
	case observation.EvidenceObserved:
		return 0
	case observation.EvidenceNotObserved:
		return 1
	}
	return 2
}

// threatCounts counts the projects of the cohorts that the list is long enough
// for.
type threatCounts struct {
	cohorts []observation.Cohort
	states  map[observation.Cohort]map[string]*[3]uint32 // by threat and state
	scores  map[observation.Cohort]day                   // newest Scorecard value
	files   time.Time
}

func newThreatCounts(listed int) *threatCounts {
	c := &threatCounts{states: make(map[observation.Cohort]map[string]*[3]uint32), scores: make(map[observation.Cohort]day)}
	for _, cohort := range observation.RankCohorts() {
		if cohort.Size() > listed {
			continue
		}
		c.cohorts = append(c.cohorts, cohort)
		c.states[cohort] = make(map[string]*[3]uint32)
		for _, t := range posture.ThreatList() {
			c.states[cohort][t.ID] = new([3]uint32)
		}
	}
	return c
}

// add counts the project at a position of the list, 0 first.
func (c *threatCounts) add(position int, p threatProject, found []observation.ThreatEvidence) {
	if p.Through.After(c.files) {
		c.files = p.Through
	}
	for _, cohort := range c.cohorts {
		if position >= cohort.Size() {
			continue
		}
		for _, f := range found {
			c.states[cohort][f.Threat][evidenceIndex(f.State)]++
		}
		c.scores[cohort] = max(c.scores[cohort], p.scoredOn)
	}
}

func (c *threatCounts) write(ctx context.Context, s *Store, g generation, list day) error {
	var rows [][]any
	for _, cohort := range c.cohorts {
		var scores *time.Time
		if on := c.scores[cohort]; on != 0 {
			t := on.time()
			scores = &t
		}
		for _, t := range posture.ThreatList() {
			n := c.states[cohort][t.ID]
			rows = append(rows, []any{posture.SLSA, string(cohort), t.ID, list.time(), scores, nullTime(c.files), uint32(cohort.Size()), n[0], n[1], n[2]})
		}
	}
	return s.writeRows(ctx, g, "rollup_threats",
		[]string{"slsa", "cohort", "threat", "list_on", "scores_on", "files_on", "size", "observed", "not_observed", "unknown"},
		len(rows), func(i int) []any { return rows[i] })
}
