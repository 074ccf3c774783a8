package format

import (
	"math"
	"testing"
	"time"
)

func check(t *testing.T, name, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %q, want %q", name, got, want)
	}
}

func TestDates(t *testing.T) {
	at := time.Date(2026, 6, 5, 4, 3, 2, 0, time.FixedZone("", 5*3600)) // 4 June in UTC
	check(t, "Date", Date(at), "4 Jun 2026")
	check(t, "Month", Month(at), "Jun 2026")
	check(t, "Moment", Moment(at), "4 Jun 2026 23:03\u00a0UTC")
	check(t, "Date of zero", Date(time.Time{}), "unknown")
	check(t, "Month of zero", Month(time.Time{}), "unknown")
	check(t, "Moment of zero", Moment(time.Time{}), "unknown")
}

func TestCount(t *testing.T) {
	check(t, "Count", Count(0), "0")
	check(t, "Count", Count(999), "999")
	check(t, "Count", Count(1000), "1,000")
	check(t, "Count", Count(19848004), "19,848,004")
	check(t, "Count", Count(-1234), "−1,234")
	check(t, "Count", Count(math.MinInt64), "−9,223,372,036,854,775,808")
	check(t, "Count", Count(uint64(math.MaxUint64)), "18,446,744,073,709,551,615")
	check(t, "Of", Of(738, uint32(1000)), "738 of 1,000")
	check(t, "Plural", Plural(1, "project", "projects"), "1 project")
	check(t, "Plural", Plural(0, "project", "projects"), "0 projects")
	check(t, "Plural", Plural(5000, "project", "projects"), "5,000 projects")
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{0, 0, "0"}, {0, 1, "0.0"}, {5.66, 1, "5.7"}, {-0.04, 1, "0.0"}, {-0.46, 2, "−0.46"},
		{1234567.891, 2, "1,234,567.89"}, {1e21, 0, "1,000,000,000,000,000,000,000"}, {3, -2, "3"},
		{math.NaN(), 1, "unknown"}, {math.Inf(1), 1, "unknown"},
	} {
		check(t, "Number", Number(c.v, c.decimals), c.want)
	}
	v := 8.4
	check(t, "Score", Score(&v), "8.4")
	check(t, "Score of nil", Score(nil), "unknown")
	check(t, "Signed", Signed(0.13, 2), "+0.13")
	check(t, "Signed", Signed(-0.62, 2), "−0.62")
	check(t, "Signed of nothing", Signed(0.001, 2), "0.00")
	check(t, "Signed of NaN", Signed(math.Inf(1), 2), "unknown")
	check(t, "Percent", Percent(0.738, 1), "73.8\u00a0%")
	check(t, "Percent", Percent(1, 0), "100\u00a0%")
	check(t, "Percent of NaN", Percent(math.NaN(), 0), "unknown")
}

func TestAge(t *testing.T) {
	now := time.Date(2026, 7, 23, 1, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		day  string
		want string
	}{
		{"2026-06-15", "38 days old"}, {"2026-07-22", "1 day old"}, {"2026-07-23", "today"}, {"2026-07-24", "dated ahead"},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "Age of "+c.day, Age(day, now), c.want)
	}
	check(t, "Age of zero", Age(time.Time{}, now), "unknown")
	before := time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC)
	if got := Days(before, before.Add(2*time.Hour)); got != 1 {
		t.Errorf("Days over the epoch = %d, want 1", got)
	}
}

func TestFixDays(t *testing.T) {
	day := func(n int) *int { return &n }
	check(t, "nil", FixDays(nil), "not computed")
	check(t, "0", FixDays(day(0)), "same day")
	check(t, "34", FixDays(day(34)), "34 days after")
	check(t, "-1", FixDays(day(-1)), "1 day before disclosure")
}

func TestBytes(t *testing.T) {
	check(t, "1", Bytes(1), "1 byte")
	check(t, "1023", Bytes(1023), "1,023 bytes")
	check(t, "1024", Bytes(1024), "1.0 KiB")
	check(t, "13.5 MiB", Bytes(14155776), "13.5 MiB")
	check(t, "just below a unit", Bytes(1<<20-1), "1.0 MiB")
	check(t, "most", Bytes(math.MaxUint64), "16.0 EiB")
}

func TestList(t *testing.T) {
	check(t, "none", List(nil), "")
	check(t, "one", List([]string{"a"}), "a")
	check(t, "three", List([]string{"a", "b", "c"}), "a, b and c")
}

func TestPrintable(t *testing.T) {
	for _, r := range "aé漢−·…\u00a0" {
		if !Printable(r) {
			t.Errorf("%U is not printable", r)
		}
	}
	for _, r := range []rune{0, '\n', 0x1b, 0x7f, 0x85, 0x200f, 0x202e, 0x2067, 0xfffd, 0xfffe, 0x1ffff} {
		if Printable(r) {
			t.Errorf("%U is printable", r)
		}
	}
}

func TestKeep(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"of the top 1,000 on 15 Jun 2026.", "of the top\u00a01,000 on 15\u00a0Jun\u00a02026."},
		{"the 12 months to Jun 2026, n = 738 of 1,000", "the 12 months to Jun\u00a02026, n\u00a0=\u00a0738 of 1,000"},
		{"May rises 10 of 20 May,  top of 3", "May rises 10 of 20\u00a0May,  top of 3"},
		{"Latest  release", "Latest  release"},
	} {
		if got := Keep(test.in); got != test.want {
			t.Errorf("Keep(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestOfPlural(t *testing.T) {
	for _, test := range []struct {
		n, of int
		want  string
	}{{1, 1, "1 of 1 release"}, {0, 1, "0 of 1 release"}, {1, 2000, "1 of 2,000 releases"}, {0, 0, "0 of 0 releases"}} {
		if got := OfPlural(test.n, test.of, "release", "releases"); got != test.want {
			t.Errorf("OfPlural(%d, %d) = %q, want %q", test.n, test.of, got, test.want)
		}
	}
}
