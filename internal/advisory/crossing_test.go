package advisory

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func TestCrossings(t *testing.T) {
	uploads := []Upload{
		{Version: "1.0", FirstAt: on("2020-01-01")},
		{Version: "1.1", FirstAt: on("2020-02-01 12:00")},
		{Version: "1.2rc1", FirstAt: on("2020-02-20")},
		{Version: "1.2", FirstAt: on("2020-02-25"), Yanked: true},
		{Version: "2.0", FirstAt: on("2020-03-01")},
		{Version: "1.1.1", FirstAt: on("2020-03-10")}, // of an older line
		{Version: "2.1", FirstAt: on("2020-04-01 08:00")},
		{Version: "2.2", FirstAt: on("2020-04-01 20:00")},
		{Version: "3.0", FirstAt: on("2021-02-01")},
		{Version: "4.0"}, // nobody knows since when
	}
	for _, tt := range []struct {
		name      string
		affected  observation.Affected
		disclosed string // "" is the year 2020 only
		want      string
	}{
		{"in the range at the disclosure and left", affected("0 <2.0"), "2020-02-10", "2020-02-10 disclosed 1.1; 2020-03-01 left 2.0 from 1.1"},
		{"never in it", affected("9.0"), "2020-02-10", ""},
		{"fixed before", affected("0 <1.1"), "2020-02-10", ""},
		{"fixed on the day of the disclosure", affected("0 <1.1"), "2020-02-01", ""},
		{"entered later", affected("2.0 <3.0"), "2020-02-10", "2020-03-01 entered 2.0 from 1.1; 2021-02-01 left 3.0 from 2.2"},
		{"left and entered again", affected("0 <2.0 3.0 <3.1"), "2020-01-15", "2020-01-15 disclosed 1.0; 2020-03-01 left 2.0 from 1.1; 2021-02-01 entered 3.0 from 2.2"},
		{"a day ends with the second of two releases", affected("2.1 <2.2"), "2020-02-10", ""},
		{"disclosed before the first release", affected("0 <2.0"), "2019-01-01", "2020-03-01 left 2.0 from 1.1"},
		{"only the year is known: what was so by its end is not dated", affected("0 <3.0"), "", "2021-02-01 left 3.0 from 2.2"},
		{"no release can be said to be in it", affected(""), "2020-02-10", ""},
		{"listed", affected("", "2.2", "1.1"), "2020-02-10", "2020-02-10 disclosed 1.1; 2020-03-01 left 2.0 from 1.1; 2020-04-01 entered 2.2 from 2.0; 2021-02-01 left 3.0 from 2.2"},
	} {
		r := rec("PYSEC-2020-1")
		r.Affected = []observation.Affected{tt.affected}
		g := Group{Records: []Record{r}}
		g.Precision, g.Disclosed = PrecisionYear, on("2020-01-01")
		if tt.disclosed != "" {
			g.Precision, g.Disclosed = PrecisionDay, on(tt.disclosed)
		}
		for range 2 { // the order of the uploads does not matter
			var got []string
			for _, c := range Crossings(&g, "example", NewReleases("3.0", uploads)) {
				words := fmt.Sprintf("%s %s %s", c.On.Format(time.DateOnly), c.Change, c.Version)
				if c.Before != "" {
					words += " from " + c.Before
				}
				got = append(got, words)
			}
			if text := strings.Join(got, "; "); text != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, text, tt.want)
			}
			uploads = slices.Clone(uploads)
			slices.Reverse(uploads)
		}
	}
	g := Group{Records: []Record{rec("PYSEC-2020-1")}}
	if list := Crossings(&g, "example", NewReleases("3.0", uploads)); list != nil {
		t.Errorf("without any date: %v", list)
	}
	g.Disclosed, g.Precision = on("2020-02-10"), PrecisionDay
	if list := Crossings(&g, "example", nil); list != nil {
		t.Errorf("without releases: %v", list)
	}
}
