package observation

import "time"

// ByQuarter is the period of tables that would be too long by month, and of
// charts with a cell for each period.
const ByQuarter Granularity = "quarter"

// Start returns the first day of the period that t lies in, in UTC: the Monday
// of its ISO week, the first of its month, quarter or year; its own day by
// observation.
func (g Granularity) Start(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	switch g {
	case ByWeek:
		back := (int(t.UTC().Weekday()) + 6) % 7 // days since Monday
		d -= back
	case ByMonth:
		d = 1
	case ByQuarter:
		m, d = m-(m-1)%3, 1
	case ByYear:
		m, d = 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Next returns the first day of the period after the one that starts at t.
func (g Granularity) Next(t time.Time) time.Time {
	switch g {
	case ByWeek:
		return t.AddDate(0, 0, 7)
	case ByMonth:
		return t.AddDate(0, 1, 0)
	case ByQuarter:
		return t.AddDate(0, 3, 0)
	case ByYear:
		return t.AddDate(1, 0, 0)
	}
	return t.AddDate(0, 0, 1)
}

// Period is one period of a series of levels.
type Period struct {
	Start time.Time
	Point int // index of the point that stands for it, -1 when it has none
}

// Levels brings a series of levels, oldest first, to periods without a gap from
// its first to its last: the last point that is known stands for its period;
// the last of all when none is. By observation every point stands for itself.
func Levels[P any](points []P, by Granularity, on func(P) time.Time, known func(P) bool) []Period {
	var periods []Period
	for i, p := range points {
		start := by.Start(on(p))
		if by == ByObservation || by == "" {
			periods = append(periods, Period{start, i})
			continue
		}
		if n := len(periods); n > 0 && periods[n-1].Start.Equal(start) {
			if known(p) || !known(points[periods[n-1].Point]) {
				periods[n-1].Point = i
			}
			continue
		}
		for n := len(periods); n > 0; n++ {
			missing := by.Next(periods[n-1].Start)
			if !missing.Before(start) {
				break
			}
			periods = append(periods, Period{missing, -1})
		}
		periods = append(periods, Period{start, i})
	}
	return periods
}
