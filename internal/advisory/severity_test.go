package advisory

import "testing"

func TestSeverity(t *testing.T) {
	const (
		v4   = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"
		v4e  = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N/E:U"
		v4x  = "CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N/E:P/CR:X/IR:X/AR:X/MAV:X/MAC:X/MAT:X/MPR:X/MUI:X/MVC:X/MVI:X/MVA:X/MSC:X/MSI:X/MSA:X/S:X/AU:X/R:X/V:X/RE:X/U:X"
		v31  = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
		v31l = "CVSS:3.1/AV:N/AC:H/PR:L/UI:N/S:U/C:L/I:L/A:N"
		v31t = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U"
		v30  = "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"
		v2   = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
		zero = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"
	)
	tests := []struct {
		name     string
		vectors  []string
		word     string
		score    float64 // -1: none
		severity string
		vector   string
	}{
		{"nothing", nil, "", -1, SeverityUnknown, ""},
		{"4.0", []string{v4}, "", 8.7, SeverityHigh, v4},
		{"4.0 is one score of the whole vector", []string{v4e}, "", 6.6, SeverityMedium, v4e},
		{"4.0 with every metric", []string{v4x}, "", 1.9, SeverityLow, v4x},
		{"3.1", []string{v31}, "", 9.8, SeverityCritical, v31},
		{"3.1: the base score", []string{v31t}, "", 9.8, SeverityCritical, v31t},
		{"3.0", []string{v30}, "", 6.1, SeverityMedium, v30},
		{"2.0", []string{v2}, "", 7.5, SeverityHigh, v2},
		{"2.0 in parentheses", []string{"(" + v2 + ")"}, "", 7.5, SeverityHigh, "(" + v2 + ")"},
		{"the newest version, whatever the score", []string{v31, v2, v4e, v30}, "CRITICAL", 6.6, SeverityMedium, v4e},
		{"3.1 before 3.0", []string{v30, v31l}, "", 4.2, SeverityMedium, v31l},
		{"of one version the higher", []string{v31l, v31}, "", 9.8, SeverityCritical, v31},
		{"a broken one is passed over", []string{"CVSS:4.0/AV:N", v31}, "", 9.8, SeverityCritical, v31},
		{"an unknown version is passed over", []string{"CVSS:5.0/AV:N", v30}, "", 6.1, SeverityMedium, v30},
		{"all broken: the word", []string{"CVSS:4.0/AV:N", "CVSS:3.1/", "7.5", ""}, "MODERATE", -1, SeverityMedium, ""},
		{"none is a score of 0.0", []string{zero}, "HIGH", 0, SeverityNone, zero},
		{"word low", nil, "low", -1, SeverityLow, ""},
		{"word high", nil, "HIGH", -1, SeverityHigh, ""},
		{"word critical", nil, "CRITICAL", -1, SeverityCritical, ""},
		{"another word", nil, "SEVERE", -1, SeverityUnknown, ""},
	}
	for _, tt := range tests {
		score, severity, vector := Severity(tt.vectors, tt.word)
		got := -1.0
		if score != nil {
			got = *score
		}
		if got != tt.score || severity != tt.severity || vector != tt.vector {
			t.Errorf("%s: %v %s %q, want %v %s %q", tt.name, got, severity, vector, tt.score, tt.severity, tt.vector)
		}
	}
}

func TestRating(t *testing.T) {
	for score, want := range map[float64]string{0: SeverityNone, 0.1: SeverityLow, 3.9: SeverityLow, 4: SeverityMedium, 6.9: SeverityMedium, 7: SeverityHigh, 8.9: SeverityHigh, 9: SeverityCritical, 10: SeverityCritical} {
		if got := rate(score, cvss3point1); got != want {
			t.Errorf("rate(%v) = %s, want %s", score, got, want)
		}
	}
	for score, want := range map[float64]string{0: SeverityLow, 3.9: SeverityLow, 4: SeverityMedium, 6.9: SeverityMedium, 7: SeverityHigh, 10: SeverityHigh} {
		if got := rate(score, cvss2); got != want {
			t.Errorf("rate(%v) of CVSS 2 = %s, want %s", score, got, want)
		}
	}
}

func TestGroupSeverity(t *testing.T) {
	with := func(id, word string, vectors ...string) Record {
		r := rec(id)
		r.SeverityWord, r.Vectors = word, vectors
		return r
	}
	low := "CVSS:3.1/AV:N/AC:H/PR:L/UI:N/S:U/C:L/I:L/A:N"
	high := "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	for _, records := range [][]Record{
		{with("A-1", "", low), with("A-2", "", high)},
		{with("A-1", "", high), with("A-2", "", low)},
	} {
		if _, severity, _ := groupSeverity(records); severity != SeverityCritical {
			t.Errorf("two records of one CVSS version: %s, want the higher", severity)
		}
	}
	if _, severity, _ := groupSeverity([]Record{with("A-1", "LOW"), with("A-2", "CRITICAL"), with("A-3", "odd")}); severity != SeverityCritical {
		t.Errorf("words: %s, want the highest", severity)
	}
}

func FuzzSeverity(f *testing.F) {
	f.Add("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:H", "CVSS:3.0/AV:N")
	f.Add("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	f.Add("", "((")
	f.Fuzz(func(t *testing.T, a, b string) {
		s1, w1, v1 := Severity([]string{a, b}, "")
		s2, w2, v2 := Severity([]string{b, a}, "")
		if (s1 == nil) != (s2 == nil) || w1 != w2 || v1 != v2 {
			t.Errorf("order makes a difference: %s %s, %s %s", w1, v1, w2, v2)
		}
		if s1 != nil && (*s1 < 0 || *s1 > 10) {
			t.Errorf("score %v", *s1)
		}
	})
}
