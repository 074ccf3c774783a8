package simulated

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"slices"
	"strings"
	"time"
)

// Ledger returns what the ledgers of the simulated ecosystem hold at a time, in
// the form of sql/breaks.csv and sql/initiatives.csv: the planted events that
// have begun, and no policy events. The real ones would be drawn at dates on
// which nothing happens here. Days of import are for the rule to find.
func Ledger(now time.Time) (breaks, initiatives []byte) {
	lines := plantedLines()
	today := dayOf(now).String()
	lines = slices.DeleteFunc(lines, func(l []string) bool { return l[0] > today })
	slices.SortStableFunc(lines, func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	_ = w.Write(strings.Split("starts_on,ends_on,scope,item,kind,what,evidence", ",")) // a buffer takes everything
	_ = w.WriteAll(lines)
	return buf.Bytes(), []byte("happened_on,what,evidence\n")
}

// plantedLines lists the planted events as lines of a ledger.
func plantedLines() (lines [][]string) {
	const (
		evidence = "Planted in the simulation; docs/simulation.md lists all of it."
		archive  = "pypiscorecards"
		list     = "top-pypi-packages"
	)
	add := func(from, to, scope, item, kind, what string) {
		lines = append(lines, []string{from, to, scope, item, kind, what, evidence})
	}
	cut := func(on day, what string, items ...int) {
		for _, c := range items {
			add(on.String(), "", "check", checks[c].name, "cut", what)
		}
	}
	cut(sastCame, "SAST appears in the archive for the first time.", sast)
	cut(reviewLeft, "Code-Review is missing in the archive for some weeks.", codeReview)
	cut(updateToolLeft, "Dependency-Update-Tool leaves the archive.", updateTool)
	cut(reviewBack, "Code-Review is back in the archive.", codeReview)
	cut(workflowBreak, "The check changed meaning: lower for 28 % of the repositories.", dangerousWorkflow, tokenPermissions)
	cut(pinnedBreak, "Pinned-Dependencies changed meaning: lower for nearly all repositories.", pinnedDeps)
	cut(branchBreak, "Branch-Protection has lost its value for 30 % of the repositories.", branchProtection)
	cut(fuzzingBreak, "Fuzzing changed meaning: 10 for another 8 % of the repositories.", fuzzing)
	cut(vulnerabilityDry, "Vulnerabilities is blank for nearly all projects.", vulnerabilities)
	cut(vulnerabilityEnd, "Vulnerabilities leaves the archive.", vulnerabilities)
	for _, on := range []day{workflowBreak, pinnedBreak} {
		add(on.String(), "", "aggregate", "", "cut", "The aggregate moved because checks changed meaning, not because projects did.")
	}
	for _, o := range outages {
		add(o.from.String(), o.to.String(), "source", archive, "suspect", "Outage of the archive: a fifth of the projects lost all their results for a time.")
	}
	add(frozenFrom.String(), frozenTo.String(), "source", archive, "frozen", "The archive repeats the same results, and then catches up.")
	for _, s := range listRows[1:] {
		add(s.from.String(), "", "list", list, "flag", "The list of projects grew.")
	}
	return lines
}
