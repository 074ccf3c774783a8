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
		if err != nil || len(t.Counts) == 0 {
			return t, err
		}
		slices.SortFunc(t.Counts, func(a, b observation.ThreatCount) int { return compareThreats(a.Threat, b.Threat) })
		return t, s.threatSignals(ctx, published[datasetThreats], c, &t)
	})
	t.Counts = slices.Clone(t.Counts)
	return t, err
}

// threatSignals counts what the states of the threats rest on, over the same
// projects.
func (s *Store) threatSignals(ctx context.Context, generation uint64, c observation.Cohort, t *observation.Threats) error {
	counts := make(map[string]map[string]observation.SignalCount, len(t.Counts))
	err := s.queryEach(ctx, "threats.signals", func(rows driver.Rows) error {
		var threat string
		var n observation.SignalCount
		var observed, notObserved, unknown uint64
		if err := rows.Scan(&threat, &n.Name, &observed, &notObserved, &unknown); err != nil {
			return err
		}
		n.Observed, n.NotObserved, n.Unknown = int(observed), int(notObserved), int(unknown)
		if counts[threat] == nil {
			counts[threat] = make(map[string]observation.SignalCount)
		}
		counts[threat][n.Name] = n
		return nil
	}, param("generation", generation), dateParam("list_on", t.ListOn), param("size", c.Size()))
	if err != nil {
		return err
	}
	for i := range t.Counts {
		n := &t.Counts[i]
		for _, signal := range signalsOf(n.Threat) {
			if found, ok := counts[n.Threat][signal.Name]; ok {
				n.Signals = append(n.Signals, found)
			}
		}
	}
	return nil
}

// signalsOf lists what speaks to a threat.
func signalsOf(threat string) []posture.Signal {
	for _, t := range posture.ThreatList() {
		if t.ID == threat {
			return t.Signals()
		}
	}
	return nil
}

// ProjectThreats returns what is seen of one project against each threat, in
// SLSA's order, with the signals that it rests on; ErrNotFound when the newest
// rank list does not have it.
func (s *Store) ProjectThreats(ctx context.Context, project string) ([]observation.ThreatEvidence, error) {
	found, err := cachedObject(ctx, s, "threats of "+project, func(ctx context.Context, published generations) ([]observation.ThreatEvidence, error) {
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
