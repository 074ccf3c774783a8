// Package format prints numbers, dates and ages the one way that pages and
// charts use: "15 Jun 2026", "1,000", "73.8 %", "5.7", "38 days old".
package format

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Unknown is what stands for a value that is not known. It is never a zero.
const Unknown = "unknown"

// Date prints a day, "15 Jun 2026"; Unknown for the zero time.
func Date(t time.Time) string { return timeText(t, "2 Jan 2006") }

// Month prints a month, "Jun 2026"; Unknown for the zero time.
func Month(t time.Time) string { return timeText(t, "Jan 2006") }

// Moment prints a time to the minute, "23 Jul 2026 04:10 UTC"; Unknown for the zero time.
func Moment(t time.Time) string { return timeText(t, "2 Jan 2006 15:04\u00a0UTC") }

func timeText(t time.Time, layout string) string {
	if t.IsZero() {
		return Unknown
	}
	return t.UTC().Format(layout)
}

// Integer is any integer type.
type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Count prints a whole number with commas, "19,848,004".
func Count[T Integer](n T) string {
	if n < 0 {
		return "\u2212" + group(strings.TrimPrefix(strconv.FormatInt(int64(n), 10), "-"))
	}
	return group(strconv.FormatUint(uint64(n), 10))
}

func group(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Number prints a number with the given decimals, commas and a true minus sign.
// NaN and infinities are Unknown.
func Number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Unknown
	}
	s := strconv.FormatFloat(math.Abs(v), 'f', max(decimals, 0), 64)
	whole, frac, dot := strings.Cut(s, ".")
	s = group(whole)
	if dot {
		s += "." + frac
	}
	if v < 0 && strings.Trim(s, "0.,") != "" {
		s = "\u2212" + s
	}
	return s
}

// Score prints a score of 0 to 10 with one decimal, "5.7"; Unknown for nil.
func Score(v *float64) string {
	if v == nil {
		return Unknown
	}
	return Number(*v, 1)
}

// Signed prints a difference with its sign and the given decimals, "+0.13".
func Signed(v float64, decimals int) string {
	s := Number(v, decimals)
	if v > 0 && strings.Trim(s, "0.,") != "" && s != Unknown {
		return "+" + s
	}
	return s
}

// Percent prints a share of 0 to 1 with a space before the sign, "73.8 %".
func Percent(share float64, decimals int) string {
	s := Number(share*100, decimals)
	if s == Unknown {
		return s
	}
	return s + "\u00a0%"
}

// Of prints "738 of 1,000".
func Of[T, U Integer](n T, of U) string { return Count(n) + " of " + Count(of) }

// Plural prints a number with its noun, "1 project", "2 projects".
func Plural[T Integer](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// OfPlural prints "1 of 1 release", "5 of 8 releases": the noun is that of the whole.
func OfPlural[T, U Integer](n T, of U, one, many string) string {
	return Count(n) + " of " + Plural(of, one, many)
}

// Days returns the whole days from the day of from to the day of to.
func Days(from, to time.Time) int {
	day := func(t time.Time) int64 { return floorDiv(t.Unix(), 86400) }
	return int(day(to) - day(from))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// Age prints how old a day is, "38 days old", "1 day old", "today". A day in the
// future is "dated ahead"; the zero time is Unknown.
func Age(day, now time.Time) string {
	if day.IsZero() {
		return Unknown
	}
	switch n := Days(day, now); {
	case n < 0:
		return "dated ahead"
	case n == 0:
		return "today"
	default:
		return Plural(n, "day", "days") + " old"
	}
}

// FixDays prints the days from disclosure to fix, "34 days after", "same day",
// "6 days before disclosure"; "not computed" for nil.
func FixDays(days *int) string {
	switch {
	case days == nil:
		return "not computed"
	case *days == 0:
		return "same day"
	case *days > 0:
		return Plural(*days, "day", "days") + " after"
	default:
		return Plural(-*days, "day", "days") + " before disclosure"
	}
}

// Bytes prints a size in binary units, "13.5 MiB".
func Bytes(n uint64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return Plural(n, "byte", "bytes")
	}
	v, i := float64(n)/1024, 0
	for v >= 1023.95 && i < len(units)-1 {
		v, i = v/1024, i+1
	}
	return Number(v, 1) + " " + units[i:i+1] + "iB"
}

// List joins names in words, "a", "a and b", "a, b and c".
func List(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// Keep joins by no-break spaces what must not be torn apart at the end of a
// line: "15 Jun 2026", "top 1,000", "n = 738".
func Keep(text string) string {
	words := strings.Split(text, " ")
	var b strings.Builder
	for i, word := range words {
		if i > 0 {
			if joined(words[i-1], word) {
				b.WriteRune('\u00a0')
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(word)
	}
	return b.String()
}

// joined reports whether two neighbouring words belong together.
func joined(before, after string) bool {
	before = strings.TrimLeft(before, "(\u201c")
	number := after != "" && after[0] >= '0' && after[0] <= '9'
	switch before {
	case "top", "Top", "=", "n":
		return number || before == "n" && after == "="
	}
	if month(before) {
		return number
	}
	return before != "" && len(before) <= 2 && strings.Trim(before, "0123456789") == "" && month(strings.TrimRight(after, ",.;:)"))
}

func month(word string) bool {
	return len(word) == 3 && strings.Contains("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", word)
}

// Printable reports whether a character of text from outside may be printed:
// no control characters, no bidirectional marks and overrides, which would
// reorder what stands beside them, and nothing that is not a character.
func Printable(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return false
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return false
	case r == 0xfffd, r&0xfffe == 0xfffe:
		return false
	}
	return true
}
