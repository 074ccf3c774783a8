package pypa

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// finals are releases that the tables below ask about.
var finals = []string{"2.7.0", "2.7.18", "3.0.0", "3.7.0", "3.7.1", "3.8.0", "3.8.9", "3.10.0", "3.10.4", "4.0.0"}

// The cases of PEP 440's own text, and those that requires-python has in practice.
func TestSpecifiers(t *testing.T) {
	for s, want := range map[string]string{
		// Compatible release: ~=2.2 is >=2.2,==2.*.
		"~=3.7":         "3.7.0 3.7.1 3.8.0 3.8.9 3.10.0 3.10.4",
		"~=3.7.1":       "3.7.1",
		"~= 3.8.5":      "3.8.9",
		"~=3.7.0.0":     "3.7.0",
		"~=3.8rc1":      "3.8.0 3.8.9 3.10.0 3.10.4",
		"~=3.8.0.post1": "3.8.9",
		"~=2.0":         "2.7.0 2.7.18",
		// Matching, with zeros to spare, and by prefix.
		"==3.7":      "3.7.0",
		"==3":        "3.0.0",
		"==3.7.0.0":  "3.7.0",
		"==3.7.*":    "3.7.0 3.7.1",
		"==3.*":      "3.0.0 3.7.0 3.7.1 3.8.0 3.8.9 3.10.0 3.10.4",
		"==3.1.*":    "",
		"==3.7.0.*":  "3.7.0",
		"==3.07.*":   "3.7.0 3.7.1",
		"==0!3.7.*":  "3.7.0 3.7.1",
		"==1!3.7.*":  "",
		"==v3.7":     "3.7.0",
		"==3.7+abc":  "",
		"==3.7.dev0": "",
		// Exclusion.
		"!=3.7":                     "2.7.0 2.7.18 3.0.0 3.7.1 3.8.0 3.8.9 3.10.0 3.10.4 4.0.0",
		"!=3.7.*":                   "2.7.0 2.7.18 3.0.0 3.8.0 3.8.9 3.10.0 3.10.4 4.0.0",
		">=2.7,!=3.0.*,!=3.7.*,<4":  "2.7.0 2.7.18 3.8.0 3.8.9 3.10.0 3.10.4",
		">=2.7, !=3.0.*, !=3.1.*":   "2.7.0 2.7.18 3.7.0 3.7.1 3.8.0 3.8.9 3.10.0 3.10.4 4.0.0",
		"!=3.7.0,!=3.7.1,>=3,<3.10": "3.0.0 3.8.0 3.8.9",
		// Order. 3.10 is after 3.9, and 3.7 means 3.7.0.
		">=3.7":      "3.7.0 3.7.1 3.8.0 3.8.9 3.10.0 3.10.4 4.0.0",
		">3.7":       "3.7.1 3.8.0 3.8.9 3.10.0 3.10.4 4.0.0",
		"<=3.7":      "2.7.0 2.7.18 3.0.0 3.7.0",
		"<3.7":       "2.7.0 2.7.18 3.0.0",
		"<4":         "2.7.0 2.7.18 3.0.0 3.7.0 3.7.1 3.8.0 3.8.9 3.10.0 3.10.4",
		"<4.0.0a1":   "2.7.0 2.7.18 3.0.0 3.7.0 3.7.1 3.8.0 3.8.9 3.10.0 3.10.4",
		">=3.10.0b1": "3.10.0 3.10.4 4.0.0",
		">=3.10":     "3.10.0 3.10.4 4.0.0",
		">=3.9,<4.0": "3.10.0 3.10.4",
		">=3.8.1":    "3.8.9 3.10.0 3.10.4 4.0.0",
		">3.8.9":     "3.10.0 3.10.4 4.0.0",
		">=5":        "",
		">=3,<3":     "",
		">=1!0":      "",
		// Arbitrary equality is that of texts.
		"===3.7":   "",
		"===3.7.0": "3.7.0",
		// Spaces, and commas with nothing between them, as packaging takes them.
		" >= 3.7 , < 3.8 ": "3.7.0 3.7.1",
		">=3.8,<3.9,":      "3.8.0 3.8.9",
		",>=3.8,,<3.9":     "3.8.0 3.8.9",
		">=\t3.10\n":       "3.10.0 3.10.4 4.0.0",
	} {
		all, err := ParseSpecifiers(s)
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for _, v := range finals {
			if all.admits(v) {
				got = append(got, v)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q admits %v, want %s", s, got, want)
		}
	}
}

func TestSpecifiersRefuses(t *testing.T) {
	for _, s := range []string{
		"", " ", ",", "*", "3.7", "3", "=3.7", "=>3.7", "=<3.7", "> =3.7", ">=3.7 <4", ">=3.7<4", ">=3.7 || <3", ">=3.7;<4", ">=3.6.*", ">3.7.*", "<=3.*", "<4.*",
		"~=3", "~=3.*", "~=3.7.*", "~=3.7+a", ">=3.7+a", "<3+a", "==3.7.*.*", "==3.7.dev1.*", "==3.7a1.*", "==3.7+a.*", "==*", "==.*", "===", ">=", "!=",
		"(>=3.7)", ">=3.7)", "^3.7", "~3.7", ">=py37", "python_version >= 3", ">=3.x", ">=3,7", "UNKNOWN", "Any", "None", ">=３.7", ">=3.7\x00", ">=3.7,foo",
		strings.Repeat(">=3,", maxClauses) + ">=3", ">=" + strings.Repeat("3", maxSpecifiers),
	} {
		if all, err := ParseSpecifiers(s); err == nil {
			t.Errorf("%.60q was read as %+v", s, all)
		}
	}
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

var pythons = []PythonCycle{
	{Name: "3.15", ReleasedOn: day("2026-10-07"), EndsOn: day("2031-10-31")},
	{Name: "3.11", ReleasedOn: day("2022-10-24"), EndsOn: day("2027-10-31")},
	{Name: "3.10", ReleasedOn: day("2021-10-04"), EndsOn: day("2026-10-31")},
	{Name: "3.9", ReleasedOn: day("2020-10-05"), EndsOn: day("2025-10-31"), Ended: true},
	{Name: "3.0", Ended: true},
	{Name: "2.7", EndsOn: day("2020-01-01"), Ended: true},
	{Name: "odd"},
}

func TestRequiresPython(t *testing.T) {
	for _, tt := range []struct {
		requires, on string
		cycles       string // those that have ended in brackets
		known        bool
	}{
		{">=3.9", "2026-11-23", "3.15 3.11 (3.10) (3.9)", true},
		{">=3.9", "2026-10-30", "3.15 3.11 3.10 (3.9)", true},
		{">=3.9", "2026-10-31", "3.15 3.11 (3.10) (3.9)", true},
		{">=3.9", "2024-01-01", "3.11 3.10 3.9", true}, // 3.15 was not out, 3.9 not over
		{">=3.11", "2026-11-23", "3.15 3.11", true},
		{"<3.10", "2026-11-23", "(3.9) (3.0) (2.7)", true},
		{">=2.7,!=3.0.*,<3.9.5", "2026-11-23", "(3.9) (2.7)", true},
		{"<=3.11", "2026-11-23", "3.11 (3.10) (3.9) (3.0) (2.7)", true}, // by 3.11.0
		{">3.10", "2026-11-23", "3.15 3.11 (3.10)", true},               // by 3.10.1
		{">=3.9.18,<3.10", "2026-11-23", "(3.9)", true},
		{"==3.9.7", "2026-11-23", "(3.9)", true},
		{"!=3.9.0", "2026-11-23", "3.15 3.11 (3.10) (3.9) (3.0) (2.7)", true},
		{"!=3.9.*", "2026-11-23", "3.15 3.11 (3.10) (3.0) (2.7)", true},
		{">3.9.6,<3.9.8", "2026-11-23", "(3.9)", true},
		{">3.9.6,<3.9.7", "2026-11-23", "", true},
		{"===3.9.19", "2026-11-23", "(3.9)", true},
		{"~=3.9", "2026-11-23", "3.15 3.11 (3.10) (3.9)", true},
		{">=4", "2026-11-23", "", true},
		{"", "2026-11-23", "", false},
		{">=3.6.*", "2026-11-23", "", false},
		{"UNKNOWN", "2026-11-23", "", false},
	} {
		got := RequiresPython(tt.requires, pythons, day(tt.on))
		var cycles []string
		for _, c := range got.Cycles {
			if slices.Contains(got.Ended, c) {
				c = "(" + c + ")"
			}
			cycles = append(cycles, c)
		}
		if got.Known != tt.known || strings.Join(cycles, " ") != tt.cycles {
			t.Errorf("%q on %s: known %v, %v; want %v, %s", tt.requires, tt.on, got.Known, cycles, tt.known, tt.cycles)
		}
		if want := strings.Contains(tt.cycles, "("); got.AdmitsEnded() != want {
			t.Errorf("%q on %s: admits ended ones: %v", tt.requires, tt.on, !want)
		}
		if want := tt.cycles != "" && strings.Count(tt.cycles, "(") == len(strings.Fields(tt.cycles)); got.OnlyEnded() != want {
			t.Errorf("%q on %s: only ended ones: %v", tt.requires, tt.on, !want)
		}
	}
	if s := RequiresPython(">=3.9", nil, day("2026-11-23")); s.Known {
		t.Error("something is known although no cycle is")
	}
}

// FuzzRequiresPython holds the few patch releases that are tried to all of them.
func FuzzRequiresPython(f *testing.F) {
	for _, s := range []string{">=3.9", "~=3.9.4", "!=3.10.2,<3.11.5", "==3.*", "===3.9.7", ">=3.10.0rc1", "<3.10.7.post1", "==3.9.0.*", "1!3", ">3.9.98", "<=3.9.100"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		specifiers, err := ParseSpecifiers(s)
		got := RequiresPython(s, pythons, day("2026-11-23"))
		if got.Known != (err == nil) || len(got.Ended) > len(got.Cycles) {
			t.Fatalf("%+v, error %v", got, err)
		}
		if err != nil {
			return
		}
		for _, c := range pythons[:6] {
			want := false
			for patch := range lastPatch + 1 {
				want = want || specifiers.admits(fmt.Sprintf("%s.%d", c.Name, patch))
			}
			if slices.Contains(got.Cycles, c.Name) != want {
				t.Fatalf("%q admits %v, want %s: %v", s, got.Cycles, c.Name, want)
			}
		}
	})
}

func BenchmarkRequiresPython(b *testing.B) {
	for b.Loop() {
		RequiresPython(">=3.9,!=3.9.1,<4", pythons, day("2026-11-23"))
	}
}
