package schedule

import (
	"fmt"
	"slices"
	"time"

	"github.com/robfig/cron/v3"
)

// Cadence is how often one source is asked.
type Cadence struct {
	Source   string        // the collector's name
	Cron     string        // minute hour day-of-month month day-of-week, in UTC
	Jitter   time.Duration // the most that a start is put off, at random
	Retry    time.Duration // after a run that failed or was partial; 0: at the next regular time
	Period   time.Duration // how often in words; a source that is twice as late is stale
	Dated    bool          // its data have a date that must advance; those of others move when something happens
	Deadline time.Duration // of one run
}

const day = 24 * time.Hour

// cadences holds the sources in the order in which a first collection asks
// them: each needs what those before it have stored.
var cadences = []Cadence{
	// The list appears on the first of the month.
	{Source: "ranks", Cron: "30 6 2 * *", Jitter: time.Hour, Retry: day, Period: 31 * day, Dated: true, Deadline: 30 * time.Minute},
	// The archive grows about once a week, on no fixed day.
	{Source: "pypiscorecards", Cron: "10 5 * * 1,4", Jitter: time.Hour, Retry: day, Period: 7 * day, Dated: true, Deadline: 2 * time.Hour},
	// The list of changes is one small file, and usually unchanged.
	{Source: "osv", Cron: "20 * * * *", Jitter: 10 * time.Minute, Period: time.Hour, Deadline: 50 * time.Minute},
	// A few new records a month.
	{Source: "cpython", Cron: "5 4 * * *", Jitter: 30 * time.Minute, Retry: day, Period: day, Deadline: 10 * time.Minute},
	{Source: "pythoncycles", Cron: "35 4 * * 1,4", Jitter: 30 * time.Minute, Retry: day, Period: 7 * day, Deadline: 10 * time.Minute},
	// The catalogue changes on working days, in the afternoon of Washington.
	{Source: "kev", Cron: "50 18 * * *", Jitter: 30 * time.Minute, Retry: 6 * time.Hour, Period: day, Deadline: 10 * time.Minute},
	// The scores of a day are there by noon.
	{Source: "epss", Cron: "20 15 * * *", Jitter: 30 * time.Minute, Retry: 6 * time.Hour, Period: day, Dated: true, Deadline: 15 * time.Minute},
	// Once a day; the first run over 5,000 projects, serial, takes an hour and a half.
	{Source: "pypi", Cron: "40 2 * * *", Jitter: time.Hour, Period: day, Deadline: 8 * time.Hour},
	// What the index page of the night before has named; the first days fetch what
	// has gathered in years.
	{Source: "provenance", Cron: "10 5 * * *", Jitter: 30 * time.Minute, Retry: day, Period: day, Deadline: 4 * time.Hour},
	// In batches, so it is one of the cheapest.
	{Source: "depsdev", Cron: "30 7 * * 1", Jitter: 30 * time.Minute, Retry: day, Period: 7 * day, Deadline: time.Hour},
	// A bounded number a day, each again after 90 days.
	{Source: "repositories", Cron: "45 7 * * *", Jitter: 30 * time.Minute, Retry: day, Period: day, Deadline: 2 * time.Hour},
	// Once a week; what failed is asked for again the next day.
	{Source: "scorecard", Cron: "15 9 * * 2", Jitter: time.Hour, Retry: day, Period: 7 * day, Dated: true, Deadline: 4 * time.Hour},
}

// Cadences returns the cadence of every source, in the order of a first
// collection.
func Cadences() []Cadence { return slices.Clone(cadences) }

// otherCadence bounds a run of a collector that is not scheduled.
var otherCadence = Cadence{Period: day, Deadline: time.Hour}

func cadenceOf(source string) Cadence {
	for _, c := range cadences {
		if c.Source == source {
			return c
		}
	}
	return otherCadence
}

// Due reports whether a regular time has passed since the last success, so that
// a program that was not running then should collect now. A source that never
// succeeded is due, and so is one whose last success is a day after now: some clock was
// wrong.
func (c Cadence) Due(lastSuccess, now time.Time) bool {
	times, err := cron.ParseStandard(c.Cron)
	if err != nil || lastSuccess.IsZero() || lastSuccess.After(now.Add(day)) {
		return true
	}
	return !times.Next(lastSuccess.UTC()).After(now.UTC())
}

// check reports what is wrong with a cadence.
func (c Cadence) check() error {
	if _, err := cron.ParseStandard(c.Cron); err != nil {
		return fmt.Errorf("cadence of %s: %w", c.Source, err)
	}
	if c.Deadline <= 0 || c.Jitter < 0 {
		return fmt.Errorf("cadence of %s: a run needs a deadline, and a jitter is not negative", c.Source)
	}
	return nil
}
