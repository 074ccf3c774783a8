package store

import (
	"context"
	"slices"
	"time"
)

// keptDays is how far what changed reaches back from the newest accepted
// observation: a year and a week, so that the same week a year ago is in it.
const keptDays = 53 * 7

// readByRecent are the datasets that deriveRecent reads.
var readByRecent = []string{datasetAdvisories, datasetExploitation, datasetScores, datasetChecks, datasetAdoption, datasetLedger}

// recentIsBehind reports whether what changed is older than what it is put
// together from, as when the process died in between.
func recentIsBehind(published generations) bool {
	return slices.ContainsFunc(readByRecent, func(dataset string) bool { return published[datasetRecent] < published[dataset] })
}

// deriveRecent puts together what changed, by date, from what the other
// derivations published and from the versions that PyPI's answers had.
func (s *Store) deriveRecent(ctx context.Context, g generation) error {
	published, err := s.readGenerations(ctx)
	if err != nil {
		return err
	}
	dates, err := s.snapshots(ctx, published[datasetScores])
	if err != nil {
		return err
	}
	for _, name := range []string{"changes.scores", "changes.projects", "changes.ranks", "changes.sources"} {
		err := s.exec(ctx, name, param("generation", g.Number), dateParam("first", recentFrom(dates)),
			param("advisories", published[datasetAdvisories]), param("exploitation", published[datasetExploitation]), param("scores", published[datasetScores]),
			param("checks", published[datasetChecks]), param("adoption", published[datasetAdoption]), param("ledger", published[datasetLedger]))
		if err != nil {
			return err
		}
	}
	return nil
}

// recentFrom returns the first day of which changes are kept: the beginning of
// all days while no observation is accepted.
func recentFrom(dates []snapshot) time.Time {
	for _, d := range slices.Backward(dates) {
		if d.accepted() {
			return (d.on - keptDays).time()
		}
	}
	return day(0).time()
}
