package store

import "context"

// deriveRecent puts together what changed, by date, from what the other
// derivations published and from the versions that PyPI's answers had.
func (s *Store) deriveRecent(ctx context.Context, g generation) error {
	published, err := s.readGenerations(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"changes.scores", "changes.projects", "changes.ranks", "changes.sources"} {
		err := s.exec(ctx, name, param("generation", g.Number),
			param("advisories", published[datasetAdvisories]), param("exploitation", published[datasetExploitation]), param("scores", published[datasetScores]),
			param("checks", published[datasetChecks]), param("adoption", published[datasetAdoption]), param("ledger", published[datasetLedger]))
		if err != nil {
			return err
		}
	}
	return nil
}
