package store

import (
	"context"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// SourceMonths returns what every source with a time axis has for each month, by
// collector and month. A month that it has nothing for is left out.
func (s *Store) SourceMonths(ctx context.Context) ([]observation.SourceMonth, error) {
	months, err := cached(ctx, s, "source months", func(ctx context.Context, published generations) ([]observation.SourceMonth, error) {
		var months []observation.SourceMonth
		err := s.queryEach(ctx, "coverage.months", func(rows driver.Rows) error {
			var m observation.SourceMonth
			var found, suspect uint64
			if err := rows.Scan(&m.Collector, &m.Month, &found, &suspect); err != nil {
				return err
			}
			m.Count, m.Suspect = int(found), int(suspect)
			months = append(months, m)
			return nil
		}, param("scores", published[datasetScores]), param("advisories", published[datasetAdvisories]), param("adoption", published[datasetAdoption]))
		return months, err
	})
	return slices.Clone(months), err
}
