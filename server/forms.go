package server

import (
	"slices"
	"strconv"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// mostMonths is how many months a choice lists one by one; older ones are listed
// by the year.
const mostMonths = 72

// monthField is the choice of the first or last month of a range, from and to,
// among the months from first to last. The open end is the default. A day that
// somebody wrote into the address stays as an option of its own.
func monthField(name string, q *query, first, last time.Time) part.Field {
	field := part.Field{Name: name, Label: capitalise(name), Type: "month"}
	chosen, open := q.From, "First"
	if name == "to" {
		chosen, open = q.To, "Latest"
	}
	known := chosen.IsZero()
	add := func(value, label string) {
		from, to, _ := parseDate(value)
		selected := !known && (name == "from" && chosen.Equal(from) || name == "to" && chosen.Equal(to))
		known = known || selected
		field.Options = append(field.Options, part.Option{Value: value, Label: label, Selected: selected})
	}
	if first.IsZero() { // nothing is stored
		first = last
	}
	month := firstOfMonth(last)
	for n := 0; n < mostMonths && !month.Before(firstOfMonth(first)); n++ {
		add(month.Format("2006-01"), format.Month(month))
		month = month.AddDate(0, -1, 0)
	}
	if !month.Before(firstOfMonth(first)) {
		for year := month.Year(); year >= first.Year(); year-- {
			add(strconv.Itoa(year), strconv.Itoa(year))
		}
	}
	if name == "from" {
		slices.Reverse(field.Options)
	}
	if !known {
		field.Options = slices.Insert(field.Options, 0, part.Option{Value: isoDay(chosen), Label: format.Date(chosen), Selected: true})
	}
	field.Options = slices.Insert(field.Options, 0, part.Option{Label: open, Selected: chosen.IsZero()})
	return field
}

func firstOfMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// lastMonth is the month of now, which what is told from the files of today runs
// to, or of the newest that is stored when that is later.
func lastMonth(o observation.Observations, now time.Time) time.Time {
	return slices.MaxFunc([]time.Time{o.Newest, o.Advisory, now}, time.Time.Compare)
}
