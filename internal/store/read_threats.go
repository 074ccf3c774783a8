package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// Threats returns how many projects of a cohort show evidence against each
// threat of SLSA, in SLSA's order; no counts when the rank list is shorter than
// the cohort.
func (s *Store) Threats(ctx context.Context, c observation.Cohort) (observation.Threats, error) {
	t, err := cached(ctx, s, "threats "+string(c), func(ctx context.Context, published generations) (observation.Threats, error) {
		t := observation.Threats{SLSA: posture.SLSA}
		err := s.queryEach(ctx, "threats.cohort", func(rows driver.Rows) error {
			var n observation.ThreatCount
			var scores, files *time.Time
			var size, observed, notObserved, unknown uint32
			if err := rows.Scan(&t.SLSA, &n.Threat, &t.ListOn, &scores, &files, &size, &observed, &notObserved, &unknown); err != nil {
				return err
			}
			t.ScoresOn, t.FilesOn = timeOf(scores), timeOf(files)
			n.Size, n.Observed, n.NotObserved, n.Unknown = int(size), int(observed), int(notObserved), int(unknown)
			t.Counts = append(t.Counts, n)
			return nil
		}, param("generation", published[datasetThreats]), param("cohort", string(c)))
		slices.SortFunc(t.Counts, func(a, b observation.ThreatCount) int { return compareThreats(a.Threat, b.Threat) })
		return t, err
	})
	t.Counts = slices.Clone(t.Counts)
	return t, err
}

// ProjectThreats returns what is seen of one project against each threat, in
// SLSA's order, with the signals that it rests on; ErrNotFound when the newest
// rank list does not have it.
func (s *Store) ProjectThreats(ctx context.Context, project string) ([]observation.ThreatEvidence, error) {
	found, err := cached(ctx, s, "threats of "+project, func(ctx context.Context, published generations) ([]observation.ThreatEvidence, error) {
		var found []observation.ThreatEvidence
		err := s.queryEach(ctx, "threats.project", func(rows driver.Rows) error {
			var f observation.ThreatEvidence
			var observed, notObserved, unknown []string
			if err := rows.Scan(&f.Threat, (*string)(&f.State), &observed, &notObserved, &unknown); err != nil {
				return err
			}
			for _, of := range []struct {
				state observation.Evidence
				names []string
			}{{observation.EvidenceObserved, observed}, {observation.EvidenceNotObserved, notObserved}, {observation.EvidenceUnknown, unknown}} {
				for _, name := range of.names {
					f.Signals = append(f.Signals, observation.Signal{Name: name, State: of.state})
				}
			}
			found = append(found, f)
			return nil
		}, param("generation", published[datasetThreats]), param("project", project))
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("threats of %q: %w", project, ErrNotFound)
		}
		slices.SortFunc(found, func(a, b observation.ThreatEvidence) int { return compareThreats(a.Threat, b.Threat) })
		return found, err
	})
	return slices.Clone(found), err
}

// compareThreats puts threats in SLSA's order.
func compareThreats(a, b string) int {
	index := func(id string) int {
		return slices.IndexFunc(posture.ThreatList(), func(t posture.Threat) bool { return t.ID == id })
	}
	return cmp.Compare(index(a), index(b))
}
