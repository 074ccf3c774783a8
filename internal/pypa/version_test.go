package pypa

import (
	"slices"
	"testing"

	pep440 "github.com/aquasecurity/go-pep440-version"
)

// ascending is the order of PEP 440's own examples and of the corners where
// implementations go wrong, each strictly before the next. The first ones are
// not versions.
var ascending = []string{
	"-class.-jw.util.version.Version-",
	"0.1-bulbasaur",
	"2.0.0-final",
	"2004d",
	"2013-01-21T20:33:09+0100",
	"unknown",
	"v_05",
	"0.dev0",
	"0",
	"0.0.1",
	"1.dev0",
	"1.0.dev456",
	"1.0a1.dev1",
	"1.0a1",
	"1.0a2.dev456",
	"1.0a12.dev456",
	"1.0a12",
	"1.0b1.dev456",
	"1.0b2",
	"1.0b2.post345.dev456",
	"1.0b2.post345",
	"1.0rc1.dev456",
	"1.0rc1",
	"1.0",
	"1.0+abc.5",
	"1.0+abc.7",
	"1.0+5",
	"1.0+5.0",
	"1.0.post456.dev34",
	"1.0.post456",
	"1.0.15",
	"1.1.dev1",
	"1.1",
	"1.2",
	"1.2+123abc",
	"1.2+123abc456",
	"1.2+abc",
	"1.2+abc123",
	"1.2+abc123def",
	"1.2+1234.abc",
	"1.2+123456",
	"1.2.r32+123456",
	"1.2.rev33+123456",
	"1.10",
	"1.10.0.1",
	"2.0",
	"2019.11.09",
	"20231231",
	"1!0.1",
	"2!1.0",
}

func TestOrder(t *testing.T) {
	for i, a := range ascending {
		for j, b := range ascending {
			if got, want := Compare(a, b), sign(i-j); got != want {
				t.Errorf("Compare(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestEqualSpellings(t *testing.T) {
	for _, group := range [][]string{
		{"1.0", "1", "1.0.0", "v1.0", " 1.0\n", "01.00", "0!1.0", "V1"},
		{"1.0a1", "1.0alpha1", "1.0-a.1", "1.0_ALPHA-1", "1a1", "1.0.0A1"},
		{"1.0rc2", "1.0c2", "1.0-pre2", "1.0.preview_2"},
		{"1.0.post1", "1.0-1", "1.0-r1", "1.0.rev.1", "1.post1"},
		{"1.0.post0", "1.0.post", "1.0-post"},
		{"1.0.dev0", "1.0dev", "1.0-DEV"},
		{"1.0+ubuntu.1", "1.0+Ubuntu-1", "1.0+ubuntu_01"},
	} {
		for _, s := range group {
			v := ParseVersion(s)
			if !v.Valid() || !v.Equal(ParseVersion(group[0])) {
				t.Errorf("%q is not equal to %q (valid: %t)", s, group[0], v.Valid())
			}
			if v.String() != s {
				t.Errorf("ParseVersion(%q).String() = %q", s, v.String())
			}
		}
	}
}

func TestStable(t *testing.T) {
	for s, want := range map[string][2]bool{ // valid, stable
		"1.0":           {true, true},
		"1.0.post1":     {true, true},
		"1.0+local":     {true, true},
		"1.0rc1":        {true, false},
		"1.0.dev1":      {true, false},
		"1.0a1.post2":   {true, false},
		"1.0-SNAPSHOT":  {false, false},
		"":              {false, false},
		"1..0":          {false, false},
		"1.0+":          {false, false},
		"1.0+a..b":      {false, false},
		"1.0post1dev1x": {false, false},
		"0.1dev-r1234":  {false, false},
		".9":            {false, false},
		"1\u0660":       {false, false}, // an Arabic-Indic digit
		"1.0+\u212a":    {false, false}, // lower case of the Kelvin sign is k
	} {
		v := ParseVersion(s)
		if v.Valid() != want[0] || v.Stable() != want[1] || IsStable(s) != want[1] || v.Prerelease() != (want[0] && !want[1]) {
			t.Errorf("%q: valid %t, stable %t, pre-release %t; want %v", s, v.Valid(), v.Stable(), v.Prerelease(), want)
		}
	}
}

func TestLatest(t *testing.T) {
	tests := []struct {
		in             []string
		stable, latest string
	}{
		{nil, "", ""},
		{[]string{"1.9", "1.10", "2.0rc1"}, "1.10", "1.10"},
		{[]string{"2.0a1", "2.0b1", "junk"}, "", "2.0b1"},
		{[]string{"junk", "zzz"}, "", "zzz"},
		{[]string{"1.0.0", "1.0"}, "1.0.0", "1.0.0"},
		{[]string{"1.0", "1.0.post1"}, "1.0.post1", "1.0.post1"},
	}
	for _, tt := range tests {
		if got := LatestStable(tt.in); got != tt.stable {
			t.Errorf("LatestStable(%q) = %q, want %q", tt.in, got, tt.stable)
		}
		if got := Latest(tt.in); got != tt.latest {
			t.Errorf("Latest(%q) = %q, want %q", tt.in, got, tt.latest)
		}
	}
}

func TestSortNewest(t *testing.T) {
	want := slices.Clone(ascending)
	slices.Reverse(want)
	got := slices.Clone(ascending)
	SortNewest(got)
	if !slices.Equal(got, want) {
		t.Errorf("SortNewest: %q", got)
	}
	if zero := (Version{}); zero.Compare(ParseVersion("")) >= 0 {
		t.Error("the zero Version is not before every other")
	}
}

func sign(n int) int { return min(1, max(-1, n)) }

// FuzzCompare holds the order to be total, and to be that of the library.
func FuzzCompare(f *testing.F) {
	for i := range ascending {
		f.Add(ascending[i], ascending[(i+1)%len(ascending)], ascending[(i*7+3)%len(ascending)])
	}
	f.Add("1.0-alpha", "1.0a0", "1.0.a")
	f.Add("1.0.0.0.0.1", "1.0.0.0.0", "00001.0")
	f.Add("18446744073709551616", "18446744073709551615", "1.0-18446744073709551616")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		va, vb, vc := ParseVersion(a), ParseVersion(b), ParseVersion(c)
		ab, bc, ac := va.Compare(vb), vb.Compare(vc), va.Compare(vc)
		if ab != -vb.Compare(va) || va.Compare(va) != 0 {
			t.Errorf("not antisymmetric: %q %q", a, b)
		}
		if ab <= 0 && bc <= 0 && ac > 0 || ab >= 0 && bc >= 0 && ac < 0 {
			t.Errorf("not transitive: %q %q %q", a, b, c)
		}
		if !va.Valid() && vb.Valid() && ab >= 0 {
			t.Errorf("%q is not PEP 440 and not before %q", a, b)
		}
		la, errA := pep440.Parse(a)
		lb, errB := pep440.Parse(b)
		if errA == nil && isASCII(a) && !va.Valid() {
			t.Errorf("the library reads %q as %s", a, la)
		}
		// The library does not read "-" and "_" in a local label as ".".
		if errA == nil && errB == nil && va.Valid() && vb.Valid() && la.Local() == "" && lb.Local() == "" {
			if want := la.Compare(lb); ab != want {
				t.Errorf("Compare(%q, %q) = %d, the library says %d", a, b, ab, want)
			}
		}
	})
}

func BenchmarkParseVersion(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParseVersion("2.31.0")
	}
}
