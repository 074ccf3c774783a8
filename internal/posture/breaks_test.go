package posture

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestMove(t *testing.T) {
	none := math.NaN()
	var m Move
	for _, p := range [][2]float64{{5, 6}, {5, 5}, {8, 2}, {none, 4}, {3, none}, {2, none}, {none, none}} {
		m.Add(p[0], p[1])
	}
	if want := (Move{Matched: 7, Compared: 3, Lost: 2, Gained: 1, Changed: 2, Sum: -5}); m != want {
		t.Errorf("%+v, want %+v", m, want)
	}
	for what, v := range map[string][2]float64{
		"mean": {m.Mean(), -5.0 / 3}, "share": {m.Share(), 2.0 / 3}, "presence": {m.Presence(), 3.0 / 7}, "lost": {m.LostShare(), 2.0 / 5},
	} {
		if math.Abs(v[0]-v[1]) > 1e-12 {
			t.Errorf("%s is %v, want %v", what, v[0], v[1])
		}
	}
	if n := (Move{}); n.Mean() != 0 || n.Share() != 0 || n.Presence() != 0 || n.LostShare() != 0 {
		t.Error("nothing matched is not a move")
	}
}

func TestBreaks(t *testing.T) {
	// Limits are reached, not passed; binary sums of decimals must not decide.
	thousand := func(sum float64) Move { return Move{Matched: 1000, Compared: 1000, Sum: sum} }
	for sum, want := range map[float64]bool{150: true, 149.99: false, -150: true, -619: true, 84: false, 0: false} {
		if _, got := AggregateBreak(thousand(sum)); got != want {
			t.Errorf("an aggregate that moves by %v: %v", sum/1000, got)
		}
	}
	if _, ok := AggregateBreak(Move{Matched: 99, Compared: 99, Sum: 990}); ok {
		t.Error("99 units decide")
	}
	tests := []struct {
		name string
		m    Move
		want []string
	}{
		{"ordinary", Move{Matched: 1000, Compared: 950, Lost: 20, Gained: 30, Changed: 190, Sum: 500}, nil},
		{"the mean", thousand(-750), []string{"mean"}},
		{"just under", thousand(746), nil},
		{"a check appears", Move{Matched: 1000, Gained: 826}, []string{"presence"}},
		{"a check goes", Move{Matched: 1000, Lost: 150}, []string{"presence"}},
		{"values come and go", Move{Matched: 1000, Compared: 850, Lost: 80, Gained: 70}, []string{"presence"}},
		{"less than that", Move{Matched: 1000, Compared: 851, Lost: 79, Gained: 70}, nil},
		{"a third has another score", Move{Matched: 1000, Compared: 900, Changed: 300, Sum: 213}, []string{"share"}},
		{"meaning", Move{Matched: 5452, Compared: 4053, Lost: 1337, Changed: 4035, Sum: -26040}, []string{"mean", "share", "presence"}},
		{"few are compared", Move{Matched: 1000, Compared: 99, Changed: 99, Sum: 990}, nil},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range CheckBreaks(tt.m) {
			got = append(got, f.Measure)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestSuspectCheck(t *testing.T) {
	for _, tt := range []struct {
		compared, lost int
		want           bool
	}{{950, 50, true}, {951, 49, false}, {0, 345, true}, {0, 99, false}, {1000, 0, false}} {
		if got := SuspectCheck(Move{Matched: 2000, Compared: tt.compared, Lost: tt.lost}); got != tt.want {
			t.Errorf("%d of %d values lost: %v", tt.lost, tt.compared+tt.lost, got)
		}
	}
	for _, tt := range []struct {
		seen, back int
		want       bool
	}{{0, 0, false}, {10, 4, false}, {10, 5, true}, {1, 1, true}, {3, 1, false}} {
		if got := Returned(tt.seen, tt.back); got != tt.want {
			t.Errorf("%d of %d are back: %v", tt.back, tt.seen, got)
		}
	}
}

func TestReason(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		"found 3 unreviewed changesets out of 30 -- score normalized to 9": "found N unreviewed changesets out of N -- score normalized to N",
		"0 commit(s) and 0 issue activity found in the last 90 days":       "N commit(s) and N issue activity found in the last N days",
		"  two\n\tlines ":           "two lines",
		"version 1.2.3, 1,024 left": "version N, N left",
		"bad \xff byte":             "bad \uFFFD byte",
	} {
		if got := Reason(text); got != want {
			t.Errorf("Reason(%q) = %q, want %q", text, got, want)
		}
	}
	if long := Reason(strings.Repeat("ä", 300)); len(long) > maxReason || !utf8.ValidString(long) {
		t.Errorf("a long reason has %d bytes", len(long))
	}
}

func FuzzReason(f *testing.F) {
	f.Add("found 3 of 30")
	f.Add("\xff\x00 9")
	f.Fuzz(func(t *testing.T, text string) {
		got := Reason(text)
		if len(got) > maxReason || !utf8.ValidString(got) || strings.ContainsAny(got, "0123456789") {
			t.Errorf("Reason(%q) = %q", text, got)
		}
		if again := Reason(got); again != got {
			t.Errorf("Reason is not stable: %q becomes %q", got, again)
		}
	})
}
