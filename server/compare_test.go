package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// TestCompare looks for what the comparison must say, and must not.
func TestCompare(t *testing.T) {
	s := newSite(t)
	for path, wants := range map[string][]string{
		"/compare":                        {"Compare projects", "Name two projects or more."},
		"/compare?p=urllib3":              {"Name two projects or more.", "Next to it by downloads"},
		"/compare?p=urllib3&p=lonely":     {"urllib3 and lonely side by side", "8.5", "no repository is known", "rank", "not in the newest list", "Core aggregate: urllib3 8.4 on 15 Jun 2026; none of lonely is known yet"},
		"/compare?p=urllib3&p=requests":   {"Checks of Scorecard, 0 to 10, by risk", "not run or inconclusive", "15 Jun 2026, pypi-scorecards archive", "Core aggregate: urllib3 8.4 on 15 Jun 2026; none of requests"},
		"/compare?p=urlib3&p=lonely":      {"No project urlib3 in our set.", "Names close to it: urllib3"},
		"/compare?p=nobody":               {"No project nobody in our set."},
		"/chart/compare?p=urllib3":        {"Core aggregate: urllib3 8.4 on 15 Jun 2026"},
		"/chart/compare":                  {"Nothing to compare."},
		"/chart/compare?p=urllib3&p=nope": {"Core aggregate: urllib3 8.4 on 15 Jun 2026"},
	} {
		page := s.get(t, path)
		text := textOf(parse(t, page.Body.String()))
		if page.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, page.Code)
		}
		for _, want := range wants {
			if !strings.Contains(text, want) && !strings.Contains(strings.ToLower(text), want) {
				t.Errorf("%s: lacks %q", path, want)
			}
		}
	}
	for path, to := range map[string]string{
		"/compare?p=URLLIB3&p=lonely":  "/compare?p=urllib3&p=lonely",
		"/compare?p=urllib3&p=urllib3": "/compare?p=urllib3",
	} {
		if w := s.get(t, path); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != to {
			t.Errorf("%s: %d to %q, want %q", path, w.Code, w.Header().Get("Location"), to)
		}
	}
	for _, path := range []string{"/compare?p=a&p=b&p=c&p=d&p=e&p=f&p=g", "/compare?p=%3Cb%3E", "/chart/compare.csv?p=-"} {
		if w := s.get(t, path); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	s.world.fail["Publishing"] = errStore
	if w := s.get(t, "/compare?p=requests"); w.Code != http.StatusInternalServerError {
		t.Errorf("a store that does not answer: status %d", w.Code)
	}
}

// TestComparedColumns: the table heads each line with the name as it is.
func TestComparedColumns(t *testing.T) {
	c := buildCompare(defaults("/chart/"+slugCompare), comparedInput{names: []string{"urllib3"}, scores: [][]observation.ScorePoint{nil}})
	if columns := tableColumns(&c, observation.ByObservation); columns[1].Name != "urllib3" {
		t.Errorf("columns %+v", columns)
	}
}

func TestApart(t *testing.T) {
	for _, test := range []struct {
		values   []float64
		decimals int
		want     string
	}{
		{nil, 0, ""}, {[]float64{3}, 0, ""}, {[]float64{3, 3}, 0, ""}, {[]float64{0, 10, 4}, 0, "10"}, {[]float64{5.2, 5.21}, 1, ""}, {[]float64{5.2, 6.1}, 1, "0.9"},
	} {
		if got := apart(test.values, test.decimals); got != test.want {
			t.Errorf("%v: %q, want %q", test.values, got, test.want)
		}
	}
}
