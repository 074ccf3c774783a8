package store

import (
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

func TestTold(t *testing.T) {
	for _, tt := range []struct {
		was, is int8
		told    bool
	}{{5, 5, false}, {5, 6, false}, {5, 7, true}, {7, 8, true}, {8, 7, true}, {9, 10, false}, {10, 8, true}, {0, 1, false}} {
		if got := told(tt.was, tt.is); got != tt.told {
			t.Errorf("%d to %d: %t", tt.was, tt.is, got)
		}
	}
}

// TestCauseOfAMove decides what the move of a score is a change of.
func TestCauseOfAMove(t *testing.T) {
	const before, after = day(19000), day(19007)
	flag := func(scope, item string, from, to day) observation.Break {
		return observation.Break{Start: from.time(), End: to.time(), Scope: scope, Item: item, Kind: observation.BreakFlag, What: "The ledger says so."}
	}
	old, other := scoring{"aaaaaaa", "v5.1"}, scoring{"bbbbbbb", "v5.1"}
	for _, tt := range []struct {
		name     string
		check    string
		archive  bool
		was, now scoring
		ledger   []observation.Break
		cause    observation.Cause
		why      string
	}{
		{"another commit", "Token-Permissions", false, old, other, nil, observation.CauseProject, ""},
		{"the same commit, and files alone", "Token-Permissions", false, old, old, nil, observation.CauseTool, "reads nothing else"},
		{"the same commit, and activity", "Maintained", false, old, old, nil, observation.CauseProject, "outside the code"},
		{"another version", "Maintained", false, old, scoring{"bbbbbbb", "v5.2"}, nil, observation.CauseTool, "Scorecard v5.1 scored before, v5.2 after."},
		{"a version that is not told", "Maintained", false, scoring{"aaaaaaa", ""}, other, nil, observation.CauseProject, ""},
		{"the archive says nothing", "Token-Permissions", true, old, old, nil, observation.CauseProject, ""},
		{"the check is flagged", "Maintained", true, old, old, []observation.Break{flag("check", "Maintained", after, after)}, observation.CauseTool, "The ledger says so."},
		{"the source is flagged", "Maintained", true, old, old, []observation.Break{flag("source", "pypiscorecards", before+1, before+2), flag("check", "Maintained", after, after)}, observation.CauseSource, "The ledger says so."},
		{"another check is flagged", "Maintained", true, old, old, []observation.Break{flag("check", "Fuzzing", after, after)}, observation.CauseProject, ""},
		{"another source is flagged", "Maintained", false, old, other, []observation.Break{flag("source", "pypiscorecards", after, after)}, observation.CauseProject, ""},
		{"flagged before", "Maintained", true, old, old, []observation.Break{flag("check", "Maintained", before-7, before)}, observation.CauseProject, ""},
		{"flagged after", "Maintained", true, old, old, []observation.Break{flag("check", "Maintained", after+1, after+1)}, observation.CauseProject, ""},
	} {
		f := &checkFold{ledger: tt.ledger, checkHistory: &checkHistory{repositories: []repository{{name: "github.com/o/a", results: []outcome{{on: before, scoring: tt.was}, {on: after, scoring: tt.now}}}}}}
		m := f.explain(scoreMove{before: before, after: after, api: !tt.archive}, 0, outcome{on: after, scoring: tt.now}, tt.check)
		if m.cause != tt.cause || !strings.Contains(m.why, tt.why) || (tt.why == "") != (m.why == "") {
			t.Errorf("%s: of %s, %q", tt.name, m.cause, m.why)
		}
		if (m.repository == "") != tt.archive || (m.commits[1] == "") != tt.archive {
			t.Errorf("%s: %q %q", tt.name, m.repository, m.commits)
		}
	}
}

func TestContributionWords(t *testing.T) {
	score := func(v int8) *int8 { return &v }
	parts := []posture.Contribution{{Check: "Maintained", Before: score(10), After: score(0), Move: -0.914}, {Check: "Fuzzing", After: score(10), Move: 0.2}, {Check: "License", Before: score(0), Move: 0.1}}
	if got, want := contributionWords(parts), "Maintained 10 to 0 (-0.91), Fuzzing none to 10 (+0.20), License 0 to none (+0.10)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := contributionWords(append(parts, posture.Contribution{Check: "Packaging"}, posture.Contribution{Check: "SAST"})); !strings.HasSuffix(got, ", and 2 more") {
		t.Errorf("%q", got)
	}
}
