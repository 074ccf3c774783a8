package observation

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func on(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // of the test's own text
	}
	return t
}

func TestPeriodStarts(t *testing.T) {
	for _, test := range []struct {
		by         Granularity
		day        string
		start, end string
	}{
		{ByObservation, "2024-05-15", "2024-05-15", "2024-05-16"},
		{ByWeek, "2020-12-31", "2020-12-28", "2021-01-04"}, // week 53 of 2020
		{ByWeek, "2021-01-03", "2020-12-28", "2021-01-04"}, // still week 53
		{ByWeek, "2021-01-04", "2021-01-04", "2021-01-11"}, // week 1
		{ByWeek, "2024-12-30", "2024-12-30", "2025-01-06"}, // week 1 of 2025
		{ByWeek, "2026-12-31", "2026-12-28", "2027-01-04"}, // week 53 of 2026
		{ByWeek, "2024-03-03", "2024-02-26", "2024-03-04"}, // over a leap day
		{ByMonth, "2024-12-31", "2024-12-01", "2025-01-01"},
		{ByMonth, "2024-02-29", "2024-02-01", "2024-03-01"},
		{ByQuarter, "2024-12-31", "2024-10-01", "2025-01-01"},
		{ByQuarter, "2024-04-01", "2024-04-01", "2024-07-01"},
		{ByYear, "2024-12-31", "2024-01-01", "2025-01-01"},
		{ByYear, "2025-01-01", "2025-01-01", "2026-01-01"},
	} {
		start := test.by.Start(on(test.day).Add(23 * time.Hour))
		if next := test.by.Next(start); !start.Equal(on(test.start)) || !next.Equal(on(test.end)) {
			t.Errorf("%s of %s is from %v to %v, want from %s to %s", test.by, test.day, start, next, test.start, test.end)
		}
	}
}

func TestLevels(t *testing.T) {
	type point struct {
		on    string
		known bool
	}
	points := []point{
		{"2020-12-28", true}, {"2020-12-31", true}, {"2021-01-03", false}, // week 53: the last one is not known
		{"2021-01-04", false}, {"2021-01-06", false}, // nothing known
		{"2021-01-25", true}, // after two weeks without any
		{"2021-02-01", true},
	}
	for by, want := range map[Granularity][]string{
		ByObservation: {"2020-12-28 0", "2020-12-31 1", "2021-01-03 2", "2021-01-04 3", "2021-01-06 4", "2021-01-25 5", "2021-02-01 6"},
		ByWeek:        {"2020-12-28 1", "2021-01-04 4", "2021-01-11 -1", "2021-01-18 -1", "2021-01-25 5", "2021-02-01 6"},
		ByMonth:       {"2020-12-01 1", "2021-01-01 5", "2021-02-01 6"},
		ByYear:        {"2020-01-01 1", "2021-01-01 6"},
	} {
		var got []string
		for _, p := range Levels(points, by, func(p point) time.Time { return on(p.on) }, func(p point) bool { return p.known }) {
			got = append(got, fmt.Sprint(p.Start.Format(time.DateOnly), " ", p.Point))
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %s: %v, want %v", by, got, want)
		}
	}
	if Levels[point](nil, ByWeek, nil, nil) != nil {
		t.Error("no points make periods")
	}
}
