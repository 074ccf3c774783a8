package advisory

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestWords(t *testing.T) {
	tests := []struct {
		affected []observation.Affected
		words    string
		fixes    string
	}{
		{[]observation.Affected{affected("1.22 <2.6.3")}, "1.22 to before 2.6.3", "2.6.3"},
		{[]observation.Affected{affected("2.0.0 <2.2.2 0 <1.26.19")}, "before 1.26.19, 2.0.0 to before 2.2.2", "1.26.19 2.2.2"},
		{[]observation.Affected{affected("0")}, "all versions", ""},
		{[]observation.Affected{affected("2.0")}, "2.0 and later, no fix recorded", ""},
		{[]observation.Affected{affected("0 <=1.5")}, "up to 1.5", ""},
		{[]observation.Affected{affected("1.2 <=1.5")}, "1.2 to 1.5", ""},
		{[]observation.Affected{affected("8.0 <=8.0")}, "8.0", ""},
		{[]observation.Affected{affected("", "8.0")}, "8.0", ""},
		{[]observation.Affected{affected("", "1.10", "1.9", "1.9.0")}, "1.9, 1.10", ""},
		{[]observation.Affected{affected("", "1", "2", "3", "4", "5", "6")}, "6 listed versions from 1 to 6", ""},
		{[]observation.Affected{affected("")}, "not stated", ""},
		{nil, "not stated", ""},
		{[]observation.Affected{affected("0 <2.0", "1.0", "2.5")}, "before 2.0, 2.5", "2.0"},
		{[]observation.Affected{affected("0 <2.5.0"), affected("0 <2.5.0")}, "before 2.5.0", "2.5.0"},
		{[]observation.Affected{affected("0 <=2.4"), affected("0 <2.5.0")}, "before 2.5.0", "2.5.0"},
		{[]observation.Affected{affected("1.0 <1.5"), affected("1.2 <1.4 | 3.0")}, "1.0 to before 1.5, 3.0 and later, no fix recorded", "1.5"},
		{[]observation.Affected{affected("0 <1.0 1.0 <1.1")}, "before 1.1", "1.1"},
		{[]observation.Affected{affected("0 <=2.9.0-NA")}, "up to 2.9.0-NA", ""},
		{[]observation.Affected{affected("0 <7.2.0-12.x 8.0.0 <8.3.0-11.x")}, "before 7.2.0-12.x, 8.0.0 to before 8.3.0-11.x", "7.2.0-12.x 8.3.0-11.x"},
		{[]observation.Affected{affected("0 <=2.9.0-NA <=2.9.0b1 <=2.9.0rc1")}, "up to 2.9.0-NA", ""},
		{[]observation.Affected{affected("0 <2.0 3.0 <3.1", "0.1-bulbasaur", "3.0.1")}, "before 2.0, 3.0 to before 3.1", "2.0 3.1"},
		{[]observation.Affected{affected("1.0 <2.0", "0.1-bulbasaur")}, "1.0 to before 2.0, 0.1-bulbasaur", "2.0"},
		{[]observation.Affected{affected("0 <4.6.0.stable11 4.6.1.dev0 <4.6.1.dev138", "4.6.1.dev7")}, "before 4.6.0.stable11, 4.6.1.dev0 to before 4.6.1.dev138", "4.6.1.dev138 4.6.0.stable11"},
		{[]observation.Affected{affected("0 ~2.0")}, "before 2.0", ""},
		{[]observation.Affected{affected("0 ~2.0 <1.5"), affected("1.0 <3.0 ~2.0")}, "before 2.0", ""},
		{[]observation.Affected{affected("0 ~2.0"), affected("0 <2.0")}, "before 2.0", "2.0"},
		{[]observation.Affected{affected("v_05")}, "v_05 and later, no fix recorded", ""},
	}
	for _, tt := range tests {
		s := newScope(tt.affected)
		if got := s.words(); got != tt.words {
			t.Errorf("%v: %q, want %q", tt.affected, got, tt.words)
		}
		var fixes []string
		for _, f := range s.fixes() {
			fixes = append(fixes, f.String())
		}
		if got := strings.Join(fixes, " "); got != tt.fixes {
			t.Errorf("%v: fixed in %q, want %q", tt.affected, got, tt.fixes)
		}
	}
}

func TestExpose(t *testing.T) {
	uploads := []Upload{
		{Version: "1.0", FirstAt: on("2020-01-01")}, {Version: "1.1", FirstAt: on("2020-02-01 12:00")}, {Version: "1.2rc1", FirstAt: on("2020-02-20")}, {Version: "1.2.1", FirstAt: on("2020-03-10")},
		{Version: "2.0", FirstAt: on("2020-03-01")}, {Version: "2.1", FirstAt: on("2020-03-05 23:00")}, {Version: "3.0", FirstAt: time.Time{}}, {Version: "nightly", FirstAt: on("2020-04-01")},
	}
	tests := []struct {
		name      string
		affected  observation.Affected
		disclosed string // "" is the year only
		latest    string
		fixedAt   string
		days      int // none: 999
		is        string
		count     int // none: -1
	}{
		{"fixed after", affected("0 <1.1"), "2020-01-15", "2.1", "2020-02-01 12:00", 17, "false", 1},
		{"fixed before", affected("0 <1.1"), "2020-02-03", "2.1", "2020-02-01 12:00", -2, "false", 1},
		{"on the day, late in it", affected("0 <2.1"), "2020-03-05", "2.1", "2020-03-05 23:00", 0, "false", 5},
		{"the earliest of two fixes", affected("0 <1.1 2.0 <2.1"), "2020-01-01", "2.1", "2020-02-01 12:00", 31, "false", 2},
		{"year only", affected("0 <1.1"), "", "2.1", "2020-02-01 12:00", 999, "false", 1},
		{"unfixed", affected("0"), "2020-01-01", "2.1", "", 999, "true", 8},
		{"last_affected is no fix", affected("0 <=2.0"), "2020-01-01", "2.1", "", 999, "false", 5},
		{"a release that the index does not hold", affected("0 <1.2"), "2020-01-01", "2.1", "", 999, "false", 3},
		{"beside one that it holds", affected("0 <1.2 1.2.1 <2.1"), "2020-01-01", "2.1", "2020-03-05 23:00", 64, "false", 5},
		{"no release yet", affected("0 <9.0"), "2020-01-01", "2.1", "", 999, "true", 7},
		{"a release without a time", affected("0 <3.0"), "2020-01-01", "2.1", "", 999, "true", 6},
		{"fixed in what is not PEP 440", affected("0 <nightly"), "2020-01-01", "2.1", "2020-04-01", 91, "unknown", -1},
		{"nothing stated", affected(""), "2020-01-01", "2.1", "", 999, "unknown", -1},
		{"no stable release", affected("0"), "2020-01-01", "", "", 999, "unknown", 8},
	}
	for _, tt := range tests {
		r := rec("PYSEC-2020-1")
		r.Affected = []observation.Affected{tt.affected, {Project: "other", Versions: []string{"5"}}}
		g := Group{Records: []Record{r}}
		g.Precision = PrecisionYear
		if tt.disclosed != "" {
			g.Precision, g.Disclosed = PrecisionDay, on(tt.disclosed)
		}
		e := Expose(&g, "example", NewReleases(tt.latest, uploads))
		days := 999
		if e.FixDays != nil {
			days = *e.FixDays
		}
		is := "unknown"
		if e.LatestAffected != nil {
			is = map[bool]string{true: "true", false: "false"}[*e.LatestAffected]
		}
		var want time.Time
		if tt.fixedAt != "" {
			want = on(tt.fixedAt)
		}
		if !e.FixedAt.Equal(want) || days != tt.days || is != tt.is {
			t.Errorf("%s: fixed at %v, %d days, latest affected %s; want %v, %d, %s", tt.name, e.FixedAt, days, is, want, tt.days, tt.is)
		}
		count := -1
		if e.AffectedReleases != nil {
			count = *e.AffectedReleases
		}
		if count != tt.count {
			t.Errorf("%s: %d releases affected, want %d", tt.name, count, tt.count)
		}
		// The same without files: what records say is known, the rest is not.
		bare := Expose(&g, "example", nil)
		if bare.Affected != e.Affected || !slices.Equal(bare.FixedIn, e.FixedIn) || !bare.FixedAt.IsZero() || bare.AffectedReleases != nil || bare.FixDays != nil || bare.LatestAffected != nil {
			t.Errorf("%s: without files: %+v", tt.name, bare)
		}
	}
}
