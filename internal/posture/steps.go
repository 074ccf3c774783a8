package posture

import (
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Step is one thing that would raise a project's aggregate.
type Step struct {
	Check       string
	Risk        string
	Score       int      // now, 0 to 9
	Gain        float64  // the aggregate with this check at 10, minus the aggregate now
	Remediation []string // from Scorecard's documentation, Markdown
	Evidence    []string // what Scorecard warned about, where the source gives it
	Reason      string   // the check's own reason, "" when the source gives none
	Note        string   // why it may not be something a maintainer can fix
}

// NextSteps returns a step for every conclusive check of r that is below 10,
// the largest gain first, equal ones by name.
func NextSteps(r *observation.ScorecardResult) []Step {
	if r == nil {
		return nil
	}
	total := sum(r.Checks, false)
	var steps []Step
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Score == nil || *c.Score >= MaxScore {
			continue
		}
		in := lookup(c.Name)
		steps = append(steps, Step{
			Check:       c.Name,
			Risk:        in.doc.Risk,
			Score:       int(*c.Score),
			Gain:        in.weight * float64(MaxScore-*c.Score) / total.weights,
			Remediation: slices.Clone(in.doc.Remediation),
			Evidence:    warnings(c.Details),
			Reason:      c.Reason,
			Note:        fixes[c.Name].NotYours,
		})
	}
	slices.SortFunc(steps, func(a, b Step) int {
		switch {
		case a.Gain > b.Gain:
			return -1
		case a.Gain < b.Gain:
			return 1
		}
		return strings.Compare(a.Check, b.Check)
	})
	return steps
}

// warnings returns the details that Scorecard marks as warnings, without the
// mark; all details when none is marked.
func warnings(details []string) []string {
	var warn []string
	for _, d := range details {
		if w, ok := strings.CutPrefix(d, "Warn: "); ok {
			warn = append(warn, w)
		}
	}
	if warn == nil {
		return slices.Clone(details)
	}
	return warn
}
