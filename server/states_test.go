package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// TestStates shows every way in which something can be missing, old or not real,
// and what the page then says. Unknown is never a zero and never a blank: each
// state has words of its own, with its reason, and the page stands.
func TestStates(t *testing.T) {
	unscanned := func(state observation.ScoreState, why string) func(*site) {
		return func(s *site) {
			d := s.world.projects["lonely"]
			d.ScoreState, d.Missing = state, why
			s.world.projects["lonely"] = d
		}
	}
	later := func(days int) func(*site) { return func(s *site) { s.now = now.AddDate(0, 0, days) } }
	away := func(s *site) { s.world.fail = map[string]error{"CohortPoints": errStore} }
	for _, test := range []struct {
		state string
		make  func(*site)
		path  string
		code  int // 200 when 0
		says  []string
		not   []string
	}{
		{
			state: "not scanned: no repository", path: "/p/lonely",
			make: unscanned(observation.ScoreNoRepository, "No repository: PyPI was asked, and its answer names none."),
			says: []string{"No Scorecard result.", "PyPI was asked, and its answer names none.", "How to get one: add a link to the source repository"},
			not:  []string{"0.0</"},
		}, {
			state: "not scanned: the source has no result", path: "/p/lonely",
			make: unscanned(observation.ScoreNoResult, "No result: the source was asked."),
			says: []string{"No Scorecard result.", "No result: the source was asked.", "How to get one: run scorecard-action in the repository with publish_results: true."},
		}, {
			state: "not scanned: not asked", path: "/p/lonely",
			make: unscanned(observation.ScoreNotAsked, "Not asked: in no list."),
			says: []string{"No Scorecard result.", "Not asked: in no list.", "pyrometer collect --project lonely"},
		}, {
			state: "not scanned: not fetched yet", path: "/p/unfetched",
			says: []string{"No Scorecard result.", "Not fetched yet: its turn has not come."},
		}, {
			state: "not scanned, in a list", path: "/projects",
			says: []string{`<span class="unk" aria-hidden="true">?</span><span class="vh">unknown</span>`, "no repository", "not fetched yet"},
		}, {
			state: "inconclusive, on a project", path: "/p/urllib3",
			says: []string{"2 of 4 conclusive checks stand at 10", "not run or inconclusive: the source leaves it blank", `<span class="vh">unknown</span>`, "An unknown check stands outside of every average."},
		}, {
			state: "inconclusive, over a cohort", path: "/checks/Token-Permissions",
			says: []string{"<dt>Inconclusive</dt>", "in no share and no mean", "Counted apart:</b>", "inconclusive"},
		}, {
			state: "gap in a series", path: "/chart/coverage",
			says: []string{`class="ln thin cg gap"`, "no value: suspect observation, left out: 364 of 3,654 projects lost all results", "outages, left out"},
		}, {
			state: "gap in a file", path: "/chart/coverage.json",
			says: []string{`"v":null`, "364 of 3,654 projects lost all results"},
		}, {
			state: "stale source, on its figures", path: "/", make: later(60),
			says: []string{"data through 15 Jun 2026", `<span class="stamp">98 days old</span>`},
		}, {
			state: "stale source, in the list of sources", path: "/status", make: later(60),
			says: []string{"61 days old"},
		}, {
			state: "fresh source", path: "/chart/advisories-by-month",
			not: []string{`class="stamp">1 day old`},
		}, {
			state: "partial period", path: "/chart/advisories-by-month",
			says: []string{"still filling", `fill="url(#advisories-by-month-wh)"`, "so the last month is not whole"},
		}, {
			state: "zero advisories", path: "/p/lonely",
			says: []string{"No known advisories as of 22 Jul 2026.", "This does not say that the project has no flaw."},
		}, {
			state: "advisories not read is not zero", path: "/p/lonely",
			make: func(s *site) { s.world.observations.Advisory = time.Time{} },
			says: []string{"Advisories are not fetched yet"}, not: []string{"No known advisories"},
		}, {
			state: "unknown project", path: "/p/urlib3", code: http.StatusNotFound,
			says: []string{"No project urlib3", "It is not in our set of 4.", "Whether it is on PyPI was not asked.", `<a href="/p/urllib3">urllib3</a>`, "https://pypi.org/project/urlib3/"},
		}, {
			state: "unknown project, compared", path: "/compare?p=urllib3&p=urlib3",
			says: []string{"No project urlib3 in our set.", "Name two projects or more."},
		}, {
			state: "source down: the last good data stands", path: "/status",
			says: []string{"failed", "not JSON", "15,900"},
		}, {
			state: "source down: its pages stand", path: "/p/urllib3",
			make: func(s *site) {
				for i := range s.world.sources {
					s.world.sources[i].State, s.world.sources[i].ErrorClass = observation.RunFailed, observation.ClassUnavailable
				}
				s.now = now.AddDate(0, 0, 60)
			},
			says: []string{"8.5", "98 days old"},
		}, {
			state: "store without an answer", path: "/", make: away,
			says: []string{"Unavailable.", "The rest of the page stands."}, not: []string{errStore.Error()},
		}, {
			state: "first start still loading", path: "/",
			make: func(s *site) {
				s.activity = []Activity{{Source: "pypiscorecards", Done: 120, Total: 278, What: "weeks"}}
			},
			says: []string{"Still loading: Scorecard archive (120 of 278 weeks)", `aria-label="Still loading"`},
		}, {
			state: "first start, nothing stored", path: "/",
			make: func(s *site) { s.world = &world{} },
			says: []string{"Nothing is collected yet.", "Status of the sources"},
		}, {
			state: "a cohort larger than the list", path: "/chart/coverage?cohort=top5000",
			make: func(s *site) { s.world.cohorts = nil },
			says: []string{"No value.", "No observation of the top 5,000 has a value. A cohort exists only where a rank list names that many projects."},
		}, {
			state: "nothing stored is not zero", path: "/projects",
			make: func(s *site) { s.world = &world{} },
			says: []string{"No projects are stored yet", "Status of the sources"}, not: []string{"0 projects"},
		}, {
			state: "nothing stored is not zero", path: "/advisories?severity=high",
			make: func(s *site) { s.world = &world{} },
			says: []string{"No known flaw in PyPI projects is stored yet"}, not: []string{"0 known flaws"},
		}, {
			state: "nothing stored is not zero", path: "/malware",
			make: func(s *site) { s.world = &world{} },
			says: []string{"No malware report on a PyPI package is stored yet", "Status of the sources"}, not: []string{"0 malware reports"},
		}, {
			state: "database starting", path: "/",
			make: func(s *site) { s.ready = false; s.activity = []Activity{{Source: "osv", State: "waiting"}} },
			says: []string{"Pyrometer is starting", "waiting"},
		}, {
			state: "simulated data", path: "/",
			make: func(s *site) { s.mode = Mode{Upstream: "simulated", Simulated: true, Projects: 1000} },
			says: []string{"Simulated data.", "1,000 projects"},
		}, {
			state: "simulated data, in a drawing", path: "/chart/coverage.svg",
			make: func(s *site) { s.mode = Mode{Upstream: "simulated", Simulated: true, Projects: 1000} },
			says: []string{"Simulated data"},
		}, {
			state: "nothing in the range asked for", path: "/chart/coverage?from=2001&to=2002",
			says: []string{"Nothing is known", "The whole range"},
		},
	} {
		t.Run(test.state, func(t *testing.T) {
			s := newSite(t)
			if test.make != nil {
				test.make(s)
			}
			code := test.code
			if code == 0 {
				code = http.StatusOK
			}
			w := s.get(t, test.path)
			if w.Code != code {
				t.Fatalf("%s: status %d, want %d: %.300s", test.path, w.Code, code, w.Body)
			}
			body := w.Body.String()
			for _, want := range test.says {
				if !says(body, want) {
					t.Errorf("%s does not say %q", test.path, want)
				}
			}
			for _, no := range test.not {
				if strings.Contains(body, no) {
					t.Errorf("%s says %q", test.path, no)
				}
			}
		})
	}
}
