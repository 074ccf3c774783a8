package cpython

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

func day(s string) time.Time { return at(s + "T00:00:00Z") }

func TestParseCycles(t *testing.T) {
	list, rejects, err := parseCycles("url", []byte(testdata(t, "cycles.json")), collecttest.Now)
	if err != nil || len(rejects) != 0 {
		t.Fatalf("rejects %+v, error %v", rejects, err)
	}
	want := []observation.PythonCycle{
		{Name: "3.14", ReleasedOn: day("2025-10-07"), ActiveTo: day("2027-10-01"), EndsOn: day("2030-10-31"), Latest: "3.14.4", LatestOn: day("2026-11-03")},
		{Name: "3.10", ReleasedOn: day("2021-10-04"), Ended: true, Latest: "3.10.19"},
		{Name: "3.9", EndsOn: day("2025-10-31"), Ended: true},
	}
	if diff := cmp.Diff(want, list.cycles); diff != "" || !list.through.Equal(at("2026-11-20T09:10:11Z")) {
		t.Errorf("through %s, cycles (-want +got):\n%s", list.through, diff)
	}
}

// releases writes an answer of these releases.
func releases(all ...string) string {
	return `{"result":{"releases":[` + strings.Join(all, ",") + `]}}`
}

// feature writes n releases, 3.0 the first.
func feature(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"name":"3.%d","isEol":false,"latest":{"name":"3.%d.1","date":"2026-01-%02d"}}`, i, i, i+1))
	}
	return all
}

func TestParseCyclesOddities(t *testing.T) {
	for release, want := range map[string]string{
		`{"name":"3.14","isEol":false,"eolFrom":true}`:                           "eolFrom is not a date",
		`{"name":"3.14","isEol":false,"releaseDate":"2025"}`:                     "releaseDate",
		`{"name":"3.14","isEol":false,"latest":{"name":"3.14.1","date":"soon"}}`: "latest.date",
		`{"name":"3.14","isEol":false,"eolFrom":"0001-01-01"}`:                   "eolFrom 0001-01-01 is not of 1980 to 2200",
		`{"name":"3.14","isEol":false,"eolFrom":"1979-12-31"}`:                   "not of 1980",
		`{"name":"3.14","isEol":false,"eolFrom":"9999-12-31"}`:                   "not of 1980",
		`{"name":"3.14"}`: "taken for alive",
	} {
		list, rejects, err := parseCycles("url", []byte(releases(append(feature(10), release)...)), collecttest.Now)
		if err != nil || len(list.cycles) != 11 || len(rejects) != 1 || !strings.Contains(rejects[0].Reason, want) {
			t.Errorf("%s: rejects %+v, error %v", release, rejects, err)
		}
	}
	list, _, err := parseCycles("url", []byte(releases(feature(3)...)), collecttest.Now)
	if err != nil || !list.through.Equal(day("2026-01-03")) {
		t.Errorf("through %s, error %v", list.through, err)
	}
	for name, body := range map[string]string{
		"html":           "<html></html>",
		"truncated":      releases(feature(3)...)[:60],
		"a patch":        releases(`{"name":"3.14.1","isEol":false}`),
		"no name":        releases(`{"isEol":false}`),
		"a text for one": releases(`"3.14"`),
		"isEol a date":   releases(`{"name":"3.14","isEol":"2030-10-31"}`),
		"odd dates":      releases(append(feature(10), `{"name":"3.98","isEol":false,"eolFrom":"x"}`, `{"name":"3.99","isEol":false,"eolFrom":"1899-01-01"}`)...),
		"all dates odd":  strings.ReplaceAll(releases(feature(10)...), "2026-", "0000-"),
		"twice":          releases(append(feature(3), `{"name":"3.1","isEol":true,"releaseDate":"2001-01-01"}`)...),
	} {
		if _, _, err := parseCycles("url", []byte(body), collecttest.Now); observation.ClassOf(err) != observation.ClassMalformed {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestCollectCycles(t *testing.T) {
	ctx := context.Background()
	site := collecttest.NewSite(map[string]collecttest.Answer{cyclesURL: {Body: releases(feature(10)...)}})
	m := &collecttest.Memory{}
	c := NewCycles(collecttest.Client(t, site, m))
	first, err := c.Collect(ctx, collecttest.Input("", nil), m.Emit)
	if err != nil || first.Partial || !first.Through.Equal(day("2026-01-10")) {
		t.Fatalf("report %+v, error %v", first, err)
	}
	if all := collecttest.Of[*observation.PythonCycles](m); len(all) != 1 || len(all[0].Cycles) != 10 || len(m.Emitted) != 1 {
		t.Errorf("%d emitted", len(m.Emitted))
	}
	m.Forget()
	second, err := c.Collect(ctx, collecttest.Input(first.Cursor, nil), m.Emit)
	if err != nil || second.Unchanged != 1 || second.Cursor != first.Cursor || !second.Through.Equal(first.Through) || len(m.Emitted) != 0 {
		t.Errorf("report %+v, error %v", second, err)
	}
	for name, a := range map[string]struct {
		collecttest.Answer
		class   observation.Class
		emitted int
	}{
		"a tenth fewer":   {collecttest.Answer{Body: releases(feature(9)...)}, "", 1},
		"an odd date":     {collecttest.Answer{Body: releases(append(feature(10), `{"name":"3.99","isEol":false,"eolFrom":"x"}`)...)}, "", 2},
		"sharply smaller": {collecttest.Answer{Body: releases(feature(8)...)}, observation.ClassEmpty, 0},
		"empty":           {collecttest.Answer{Body: releases()}, observation.ClassEmpty, 0},
		"another thing":   {collecttest.Answer{Body: `{"message":"ok"}`}, observation.ClassEmpty, 0},
		"404":             {collecttest.Answer{Status: 404}, observation.ClassNotFound, 0},
		"429":             {collecttest.Answer{Status: 429}, observation.ClassRateLimited, 0},
		"500":             {collecttest.Answer{Status: 500}, observation.ClassUnavailable, 0},
		"html":            {collecttest.Answer{Type: "text/html", Body: "<html>"}, observation.ClassMalformed, 0},
	} {
		site.Set(cyclesURL, a.Answer)
		m := &collecttest.Memory{}
		report, err := c.Collect(ctx, collecttest.Input(first.Cursor, nil), m.Emit)
		if observation.ClassOf(err) != a.class || len(m.Emitted) != a.emitted || report.Partial != (a.emitted == 2) {
			t.Errorf("%s: error %v, %d emitted", name, err, len(m.Emitted))
		}
	}
}

func TestContractCycles(t *testing.T) {
	site := collecttest.NewSite(map[string]collecttest.Answer{cyclesURL: {Body: testdata(t, "cycles.json")}})
	collecttest.Contract(t, func(ctx context.Context, emit collectors.Emit) error {
		_, err := NewCycles(collecttest.Client(t, site, &collecttest.Memory{})).Collect(ctx, collecttest.Input("", nil), emit)
		return err
	})
}

func FuzzParseCycles(f *testing.F) {
	f.Add(testdata(f, "cycles.json"))
	f.Add(releases(feature(2)...))
	f.Fuzz(func(t *testing.T, body string) {
		list, _, err := parseCycles("url", []byte(body), collecttest.Now)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, c := range list.cycles {
			if !cycleForm.MatchString(c.Name) || seen[c.Name] {
				t.Fatalf("%+v", c)
			}
			seen[c.Name] = true
		}
		if list.through.After(collecttest.Now) {
			t.Fatalf("through %s", list.through)
		}
	})
}
