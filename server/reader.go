package server

import (
	"context"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// ErrNotFound is what a Reader returns for a project, id or table that it does
// not know.
var ErrNotFound = observation.ErrNotFound

// Reader is what the pages ask of the store; a page that asks for more than all
// share declares that in its own file. Nothing here changes stored data. Every
// method answers from rollups or by a bounded key.
type Reader interface {
	adoptionReader
	advisoriesReader
	checksReader
	cpythonReader
	changesReader
	dataReader
	projectReader
	projectsReader
	releasesReader
	searchReader
	threatsReader

	// Observations tells which Scorecard observations, ranks and advisories are stored.
	Observations(ctx context.Context) (observation.Observations, error)
	// CohortPoints returns every observation of one cohort, oldest first.
	CohortPoints(ctx context.Context, c observation.Cohort, w observation.Weighting) ([]observation.CohortPoint, error)
	// Advisories returns the groups of one cohort by month of disclosure.
	Advisories(ctx context.Context, c observation.Cohort) (observation.AdvisoryCounts, error)
	// NewAdvisories returns live vulnerability groups of the cohort disclosed (to the day) in [from, to], newest first.
	NewAdvisories(ctx context.Context, c observation.Cohort, from, to time.Time, limit int) ([]observation.NewAdvisory, error)
	// Changes returns what changed in a cohort up to the newest accepted observation,
	// by span, the shortest first: about a week, and up to twelve weeks.
	Changes(ctx context.Context, c observation.Cohort) ([]observation.Span, error)
	// Breaks returns the ledger and the breaks that were found and are not in it, oldest first.
	Breaks(ctx context.Context) ([]observation.Break, error)
	// Initiatives returns the ledger of policy events, oldest first.
	Initiatives(ctx context.Context) ([]observation.Initiative, error)
	// Findings returns the breaks and the losses of single checks that the rules found.
	Findings(ctx context.Context) (observation.Findings, error)
	// ImportDays returns the days on which a database of advisories imported records,
	// and those that the ledger decides, oldest first.
	ImportDays(ctx context.Context) ([]observation.ImportDay, error)
	// Projects returns one page of projects and the number of all that match.
	Projects(ctx context.Context, q observation.ProjectsQuery) ([]observation.ProjectRow, int, error)
	// Project returns one project by its normalised name, or ErrNotFound.
	Project(ctx context.Context, name string) (observation.ProjectDetail, error)
	// ProjectScores returns every stored observation of one project, oldest first.
	ProjectScores(ctx context.Context, name string) ([]observation.ScorePoint, error)
	// Sources returns the state of every source that has ever run.
	Sources(ctx context.Context) ([]observation.SourceStatus, error)
	// Tables describes every table that may be exported.
	Tables(ctx context.Context) ([]observation.TableInfo, error)
	// StreamTable calls row for every row of a table as text, header first, in
	// key order; empty is unknown. ErrNotFound for a table that may not be exported.
	StreamTable(ctx context.Context, table string, row func([]string) error) error
}
