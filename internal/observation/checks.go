package observation

import "time"

// CheckProjectsQuery asks for projects of a cohort by rank by what their
// current Scorecard value says of one check, in the order of their downloads.
type CheckProjectsQuery struct {
	Cohort       Cohort
	Check        string
	Below        int  // the projects with a lower score, 1 to 10
	Inconclusive bool // those without a conclusive score instead
	Limit        int
	Offset       int
}

// CheckProjects is one page of such projects, and how many of the cohort stand
// where. The cohort is that of the newest rank list.
type CheckProjects struct {
	Rows         []CheckProject
	Size         int // projects of the cohort
	N            int // with a conclusive score of the check
	Below        int // of these, below the score that was asked for
	Inconclusive int // the result lists the check without a score
	NotRun       int // the result does not list it, or it was left out as an outage
	Unknown      int // without a current Scorecard value
}

// CheckProject is one project with its score of one check.
type CheckProject struct {
	Project     string
	DisplayName string
	Rank        int
	Score       *int // nil is inconclusive
	Source      ScorecardSource
	Date        time.Time // of the result
	Repository  string    // that the result is of, "" when it is of the project
	Reason      string    // as the API gives it, "" from the archive
}
