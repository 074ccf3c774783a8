package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// The datasets that are published under generations.
const (
	datasetAdvisories   = "advisories"
	datasetExploitation = "exploitation"
	datasetScores       = "scores"
	datasetChecks       = "checks"
	datasetAdoption     = "adoption"
	datasetSummaries    = "summaries"
	datasetThreats      = "threats"
	datasetRecent       = "changes"
	datasetLedger       = "ledger"
)

// derivedTables lists the tables of each dataset. All are partitioned by
// generation, so that an old one is dropped at no cost.
var derivedTables = map[string][]string{
	datasetAdvisories:   {"advisory_groups", "group_members", "exposures", "range_changes", "import_days", "rollup_advisories", "rollup_arrivals", "rollup_fixes"},
	datasetExploitation: {"group_exploitation"},
	datasetScores:       {"snapshots", "rollup_scores"},
	datasetChecks:       {"observed_moves", "observed_breaks", "check_suspects", "rollup_checks", "rollup_check_reasons", "rollup_changes", "score_moves"},
	datasetAdoption:     {"attestations", "attestation_changes", "rollup_adoption", "release_health", "rollup_releases"},
	datasetSummaries:    {"project_summaries"},
	datasetThreats:      {"project_threats", "rollup_threats"},
	datasetRecent:       {"changes"},
	datasetLedger:       {"breaks", "initiatives"},
}

// derivedForms numbers what is derived into each dataset. Raise the number with
// every change to that, of a table or of a rule: a store that an older program
// has filled is then derived anew, once, from the observations that it holds. The
// ledger has none: it is compared with its files at every start.
var derivedForms = map[string]uint32{
	datasetAdvisories:   1,
	datasetExploitation: 1,
	datasetScores:       1,
	datasetChecks:       1,
	datasetAdoption:     1,
	datasetSummaries:    1,
	datasetThreats:      1,
	datasetRecent:       1,
}

// Touched says what has changed, so that only what depends on it is derived
// anew. The summaries follow whenever the scores or the advisories do, and the
// evidence against threats whenever the summaries or the adoption do.
type Touched struct {
	// Scores are days on which Scorecard results were observed, or a rank list
	// is dated, and which were written or changed. Everything from the first of
	// them on is derived anew, because a value is carried for 60 days and a
	// snapshot is judged by the accepted one before it.
	Scores []time.Time
	// Links are those from projects to repositories. They reach back to the first
	// day on which any was known or the API had a result.
	Links bool
	// AllScores derives every day anew.
	AllScores bool
	// Advisories is for new advisories, releases (they decide what is fixed) and
	// rank lists (they decide whom an advisory concerns). Which groups and
	// projects have changed is found out by itself.
	Advisories bool
	// AllAdvisories makes all exposures anew, changed or not.
	AllAdvisories bool
	// Exploitation is for the catalogue of KEV and the scores of EPSS. It follows
	// whenever the advisories do.
	Exploitation bool
	// Adoption is for files, their provenance, repositories and their names, rank
	// lists and the release cycles of CPython.
	Adoption bool
	// Summaries is for everything else that the project list shows.
	Summaries bool
	// Run is the run that touched it, whose record is not closed yet but counts
	// as if it were; the zero Run for none.
	Run observation.Run
}

// TouchedBy says what a finished run of a collector touches. days are the days
// of the results or rank lists that it wrote; for a collector of scores, no
// days at all means every day.
func TouchedBy(collector string, days []time.Time) Touched {
	switch collector {
	case "ranks":
		return Touched{Scores: days, AllScores: len(days) == 0, Advisories: true, Adoption: true, Summaries: true}
	case "pypiscorecards", "scorecard":
		return Touched{Scores: days, AllScores: len(days) == 0, Summaries: true}
	case "pypi":
		return Touched{Links: true, Advisories: true, Adoption: true, Summaries: true}
	case "provenance", "depsdev", "repositories":
		return Touched{Links: true, Adoption: true, Summaries: true}
	case "osv":
		return Touched{Advisories: true, Summaries: true}
	case "kev", "epss":
		return Touched{Exploitation: true}
	case "pythoncycles":
		return Touched{Adoption: true}
	case "cpython":
		return Touched{} // its advisories are read as they are
	}
	return allTouched()
}

func allTouched() Touched {
	return Touched{AllScores: true, Advisories: true, AllAdvisories: true, Adoption: true, Summaries: true}
}

// DeriveAll derives every dataset from the stored observations alone. It gives
// the same answers as the sum of all derivations before it.
func (s *Store) DeriveAll(ctx context.Context) error {
	return s.Derive(ctx, allTouched())
}

// Outdated names the datasets that a program of another form has derived, or that
// one which did not know them has left out. The next Derive makes them anew,
// whatever was touched. A store without summaries has none: it is being filled.
func (s *Store) Outdated(ctx context.Context) ([]string, error) {
	published := make(map[string]uint32)
	err := s.queryEach(ctx, "publications.forms", func(rows driver.Rows) error {
		var dataset string
		var form uint32
		err := rows.Scan(&dataset, &form)
		published[dataset] = form
		return err
	})
	if _, filled := published[datasetSummaries]; err != nil || !filled {
		return nil, err
	}
	var outdated []string
	for dataset, form := range derivedForms {
		if have, known := published[dataset]; !known || have != form {
			outdated = append(outdated, dataset)
		}
	}
	slices.Sort(outdated)
	return outdated, nil
}

// Derive brings the derived datasets up to date with what was touched, and those
// that are outdated from the beginning. Each dataset is written under a new
// generation which is published last: readers see the old one until then, and
// after a crash. A dataset that was never published, or whose ledger is newer
// than itself, is derived from the beginning. Derivations of one Store wait for
// each other.
func (s *Store) Derive(ctx context.Context, t Touched) error {
	s.deriving.Lock()
	defer s.deriving.Unlock()
	published, err := s.readGenerations(ctx)
	if err != nil {
		return fmt.Errorf("derive: %w", err)
	}
	outdated, err := s.Outdated(ctx)
	if err != nil {
		return fmt.Errorf("derive: %w", err)
	}
	is := func(dataset string) bool { return slices.Contains(outdated, dataset) }
	t.AllScores = t.AllScores || is(datasetScores)
	t.AllAdvisories = t.AllAdvisories || is(datasetAdvisories)
	if scores := published[datasetScores]; 0 < scores && scores < published[datasetLedger] {
		t.AllScores = true // the ledger decides which observations count, and where lines are cut
	}
	if advisories := published[datasetAdvisories]; 0 < advisories && advisories < published[datasetLedger] {
		t.Advisories = true // the ledger decides which days are imports
	}
	from, scores, err := s.firstTouched(ctx, t)
	if err != nil {
		return fmt.Errorf("derive: %w", err)
	}
	checksFrom := from
	if published[datasetChecks] < max(published[datasetScores], published[datasetLedger]) || is(datasetChecks) {
		checksFrom = time.Time{} // the last derivation did not reach them, or made others: what was touched since is not known
	}
	advisories := t.Advisories || t.AllAdvisories
	exploitation := advisories || t.Exploitation || is(datasetExploitation)
	adoption := t.Adoption || is(datasetAdoption)
	summaries := t.Summaries || advisories || scores || is(datasetSummaries)
	threats := summaries || adoption || is(datasetThreats)
	checks := scores || is(datasetChecks)
	for _, d := range []struct {
		dataset string
		touched bool
		write   func(context.Context, generation) error
	}{
		{datasetAdvisories, advisories, func(ctx context.Context, g generation) error { return s.deriveAdvisories(ctx, g, t.AllAdvisories) }},
		{datasetExploitation, exploitation, s.deriveExploitation},
		{datasetScores, scores, func(ctx context.Context, g generation) error { return s.deriveScores(ctx, g, from, t.Run) }},
		{datasetAdoption, adoption, s.deriveAdoption},
		{datasetSummaries, summaries, s.deriveSummaries},
		{datasetThreats, threats, s.deriveThreats},
		// Last, because it reads every check: the lines over time need not wait for it.
		{datasetChecks, checks, func(ctx context.Context, g generation) error { return s.deriveChecks(ctx, g, checksFrom) }},
		// It reads all of them.
		{datasetRecent, threats || checks || exploitation || is(datasetRecent) || recentIsBehind(published), s.deriveRecent},
	} {
		if !d.touched {
			continue
		}
		if err := s.deriveDataset(ctx, d.dataset, published, d.write); err != nil {
			return err
		}
	}
	return nil
}

// firstTouched returns the first day whose scores are derived anew, zero for all
// of them, and whether any are.
func (s *Store) firstTouched(ctx context.Context, t Touched) (from time.Time, touched bool, err error) {
	if t.AllScores {
		return time.Time{}, true, nil
	}
	days := t.Scores
	if t.Links {
		var first *time.Time
		if err := s.queryRow(ctx, "scores.first_linked", []any{&first}); err != nil {
			return time.Time{}, false, err
		}
		if first != nil {
			days = append(slices.Clone(days), *first)
		}
	}
	if len(days) == 0 {
		return time.Time{}, false, nil
	}
	return slices.MinFunc(days, time.Time.Compare), true, nil
}

// generation is one writing of one dataset. Number grows with every writing;
// Previous is the published one it takes the place of, 0 without.
type generation struct {
	Dataset  string
	Number   uint64
	Previous uint64
}

// deriveDataset writes a new generation of a dataset and publishes it.
func (s *Store) deriveDataset(ctx context.Context, dataset string, published generations, write func(context.Context, generation) error) error {
	g, err := s.newGeneration(ctx, dataset, published[dataset])
	if err != nil {
		return fmt.Errorf("derive %s: %w", dataset, err)
	}
	if err := write(ctx, g); err != nil {
		return fmt.Errorf("derive %s: %w", dataset, err)
	}
	if err := s.publish(ctx, g); err != nil {
		return fmt.Errorf("publish %s: %w", dataset, err)
	}
	return nil
}

// newGeneration returns the generation to write: the time in milliseconds, or
// more when a derivation that crashed or another process went further.
func (s *Store) newGeneration(ctx context.Context, dataset string, previous uint64) (generation, error) {
	number := max(uint64(s.now().UnixMilli()), previous+1)
	err := s.partitions(ctx, dataset, func(_ string, g uint64) error {
		number = max(number, g+1)
		return nil
	})
	return generation{Dataset: dataset, Number: number, Previous: previous}, err
}

// publish lets readers use g, whose rows are all written, and then drops the
// generations before the one it takes the place of. That one stays for readers
// who have just begun.
func (s *Store) publish(ctx context.Context, g generation) error {
	err := s.insert(ctx, rowBlock("publications", "", []string{"dataset", "generation", "form", "published_at", "run_id"},
		[]any{g.Dataset, g.Number, derivedForms[g.Dataset], s.now().UTC(), uuid.Nil}))
	if err != nil {
		return err
	}
	s.forget()
	return s.partitions(ctx, g.Dataset, func(table string, old uint64) error {
		if old >= g.Previous {
			return nil
		}
		// A statement of this kind takes no parameters; a table of ours and a number need no quotes.
		return s.conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DROP PARTITION %d", table, old))
	})
}

// partitions calls each for every stored generation of a dataset's tables,
// published or not.
func (s *Store) partitions(ctx context.Context, dataset string, each func(table string, generation uint64) error) error {
	type partition struct {
		table      string
		generation uint64
	}
	var found []partition
	err := s.queryEach(ctx, "publications.partitions", func(rows driver.Rows) error {
		var p partition
		if err := rows.Scan(&p.table, &p.generation); err != nil {
			return err
		}
		found = append(found, p)
		return nil
	}, param("tables", derivedTables[dataset]))
	if err != nil {
		return err
	}
	for _, p := range found {
		if err := each(p.table, p.generation); err != nil {
			return err
		}
	}
	return nil
}

// writeColumns writes n rows of a generation into a derived table, by column.
func (s *Store) writeColumns(ctx context.Context, g generation, table string, n int, columns ...column) error {
	if n == 0 {
		return nil
	}
	numbers := column{"generation", slices.Repeat([]uint64{g.Number}, n)}
	return s.writeOnce(ctx, columnBlock(table, "", append([]column{numbers}, columns...)...))
}

// writeRows writes n rows of a generation into a derived table; row gives the
// values of the columns.
func (s *Store) writeRows(ctx context.Context, g generation, table string, columns []string, n int, row func(i int) []any) error {
	if n == 0 {
		return nil
	}
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = append([]any{g.Number}, row(i)...)
	}
	return s.writeOnce(ctx, rowBlock(table, "", append([]string{"generation"}, columns...), rows...))
}

// writeOnce sends a block, once. A derived table does not recognise a block
// that is sent again, so one whose fate is unknown fails the derivation; the
// next begins another generation.
func (s *Store) writeOnce(ctx context.Context, b block) error {
	batch, err := s.conn.PrepareBatch(ctx, fmt.Sprintf("INSERT INTO %s (%s)", b.table, strings.Join(b.columns, ", ")))
	if err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	defer batch.Close()
	if err := b.fill(batch); err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	return nil
}

// bit is how the database stores a truth.
func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
