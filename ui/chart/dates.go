package chart

import (
	"sort"
	"strings"
	"time"
)

// tick is one date on the time axis. Text is "" where there is no room for it.
type tick struct {
	t    time.Time
	text string
}

func day(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func month(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// days is the number of days since 1970-01-01.
func days(t time.Time) int {
	s := t.Unix()
	if s < 0 {
		return int((s - 86399) / 86400)
	}
	return int(s / 86400)
}

// dateTicks returns the ticks of an axis from..to, at most about max of them:
// each 1 January where that gives two or more, else months, weeks or days. Below
// a year, January bears the year and so does the first tick.
func dateTicks(from, to time.Time, max int) []tick {
	if max < 2 {
		max = 2
	}
	if to.Sub(from) > 550*24*time.Hour {
		if got := yearTicks(from, to, max); len(got) >= 2 {
			return got
		}
	}
	for _, months := range []int{1, 2, 3, 6} {
		if got := monthTicks(from, to, months); len(got) >= 3 && len(got) <= max {
			return got
		}
	}
	for _, n := range []int{1, 2, 7, 14, 28} {
		if got := dayTicks(from, to, n); len(got) <= max {
			return got
		}
	}
	return yearTicks(from, to, max)
}

func yearTicks(from, to time.Time, max int) []tick {
	var got []tick
	for _, every := range []int{1, 2, 5, 10, 20, 50, 100, 500, 1000} {
		got = got[:0]
		for y := from.Year(); y <= to.Year() && len(got) <= max; y++ {
			t := time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
			if y%every == 0 && !t.Before(from) && !t.After(to) {
				got = append(got, tick{t, t.Format("2006")})
			}
		}
		if len(got) <= max {
			break
		}
	}
	return got
}

func monthTicks(from, to time.Time, every int) []tick {
	var got []tick
	for t := month(from); !t.After(to); t = t.AddDate(0, 1, 0) {
		if t.Before(from) || (int(t.Month())-1)%every != 0 {
			continue
		}
		text := t.Format("Jan")
		if len(got) == 0 || t.Month() == time.January {
			text = t.Format("Jan 2006")
		}
		got = append(got, tick{t, text})
	}
	return got
}

func dayTicks(from, to time.Time, every int) []tick {
	t := day(from)
	if t.Before(from) {
		t = t.AddDate(0, 0, 1)
	}
	if every%7 == 0 { // weeks begin on Monday
		t = t.AddDate(0, 0, (8-int(t.Weekday()))%7)
	}
	var got []tick
	for ; !t.After(to); t = t.AddDate(0, 0, every) {
		text := t.Format("2 Jan")
		if len(got) == 0 {
			text = t.Format("2 Jan 2006")
		}
		got = append(got, tick{t, text})
	}
	return got
}

// window is the stretch of time that a drawing shows. Without limits of its own
// it is taken from the data, in whole months where that is long enough, and
// never empty.
func (a Time) window(wide bool, first, last time.Time) (from, to time.Time) {
	from, to = a.From, a.To
	if from.IsZero() {
		from = first
		if last.Sub(first) > 60*24*time.Hour {
			from = month(first)
		}
	}
	if to.IsZero() {
		to = last
	}
	if !wide && !a.NarrowFrom.IsZero() && a.NarrowFrom.After(from) && a.NarrowFrom.Before(to) {
		from = a.NarrowFrom
	}
	if to.Before(from) {
		from, to = to, from
	}
	if to.Sub(from) < 24*time.Hour {
		from, to = from.AddDate(0, 0, -15), to.AddDate(0, 0, 15)
	}
	return day(from), day(to)
}

// letters sorts by date and names the flags A, B, … Z, AA, AB, ….
func letters(flags []Flag) []Flag {
	got := append([]Flag(nil), flags...)
	sort.SliceStable(got, func(i, j int) bool { return got[i].At.Before(got[j].At) })
	for i := range got {
		got[i].Letter = letter(i)
	}
	return got
}

func letter(i int) string {
	var b []string
	for ; i >= 0; i = i/26 - 1 {
		b = append([]string{string(rune('A' + i%26))}, b...)
	}
	return strings.Join(b, "")
}
