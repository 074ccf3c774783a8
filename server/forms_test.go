package server

import (
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// options shows a choice: the values in order, the selected one in brackets.
func options(f part.Field) string {
	var words []string
	for _, o := range f.Options {
		if o.Selected {
			words = append(words, "["+o.Value+"]")
		} else {
			words = append(words, o.Value)
		}
	}
	return strings.Join(words, " ")
}

func TestMonthField(t *testing.T) {
	var none time.Time
	for _, c := range []struct {
		name                  string
		from, to, first, last time.Time
		want                  string
	}{
		{"from", none, none, date("2026-03-20"), date("2026-06-02"), "[] 2026-03 2026-04 2026-05 2026-06"},
		{"to", none, none, date("2026-03-20"), date("2026-06-02"), "[] 2026-06 2026-05 2026-04 2026-03"},
		{"from", date("2026-04-01"), none, date("2026-03-20"), date("2026-06-02"), " 2026-03 [2026-04] 2026-05 2026-06"},
		{"to", none, date("2026-04-30"), date("2026-03-20"), date("2026-06-02"), " 2026-06 2026-05 [2026-04] 2026-03"},
		{"to", none, date("2026-04-29"), date("2026-03-20"), date("2026-06-02"), " [2026-04-29] 2026-06 2026-05 2026-04 2026-03"},
		{"from", date("1999-01-01"), none, date("2026-06-01"), date("2026-06-02"), " [1999-01-01] 2026-06"},
		{"to", none, none, none, date("2026-06-02"), "[] 2026-06"},
	} {
		if got := options(monthField(c.name, &query{From: c.from, To: c.to}, c.first, c.last)); got != c.want {
			t.Errorf("%s %s..%s in %s..%s: %s, want %s", c.name, isoDay(c.from), isoDay(c.to), isoDay(c.first), isoDay(c.last), got, c.want)
		}
	}
	// What is older than the months that are listed stands by the year.
	f := monthField("to", &query{To: date("2003-12-31")}, date("2000-01-01"), date("2026-06-02"))
	if len(f.Options) != 1+mostMonths+21 || !strings.HasSuffix(options(f), " 2004 [2003] 2002 2001 2000") {
		t.Errorf("%d options: %s", len(f.Options), options(f))
	}
}

// TestLastMonth: what is told from the files of today runs to today, however old
// the newest score is.
func TestLastMonth(t *testing.T) {
	old := observation.Observations{Newest: date("2026-06-15"), Advisory: date("2026-07-23")}
	for at, want := range map[string]string{"2026-11-23": "2026-11-23", "2026-07-01": "2026-07-23"} {
		if got := lastMonth(old, date(at)); !got.Equal(date(want)) {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
	if got := lastMonth(observation.Observations{}, date("2026-11-23")); !got.Equal(date("2026-11-23")) {
		t.Errorf("nothing stored: %s", got)
	}
}
