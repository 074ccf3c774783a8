package posture

import (
	"math"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// Valid reports whether score is one that Scorecard can give a check: -1
// (inconclusive) or 0 to 10. The archive holds others; they are rejected.
func Valid(score int) bool { return -1 <= score && score <= MaxScore }

// State returns StateScored when at least one check is conclusive, else StateNoResult.
func State(checks []observation.Check) observation.ResultState {
	for i := range checks {
		if checks[i].Score != nil {
			return observation.StateScored
		}
	}
	return observation.StateNoResult
}

// Aggregate returns sum(w*s)/sum(w) over the conclusive checks, 0 to 10, nil
// when there is none.
func Aggregate(checks []observation.Check) *float64 {
	return sum(checks, false).mean()
}

// Core returns the aggregate over the conclusive CoreChecks, nil when there is none.
func Core(checks []observation.Check) *float64 {
	return sum(checks, true).mean()
}

func sum(checks []observation.Check, coreOnly bool) sums {
	var s sums
	for i := range checks {
		if checks[i].Score == nil {
			continue
		}
		if in := lookup(checks[i].Name); in.core || !coreOnly {
			s.add(in.weight, *checks[i].Score)
		}
	}
	return s
}

// sums is a weighted mean in the making.
type sums struct{ scores, weights float64 }

func (s *sums) add(weight float64, score int8) {
	s.scores += weight * float64(score)
	s.weights += weight
}

func (s sums) value() (mean float64, ok bool) {
	if s.weights == 0 {
		return 0, false
	}
	return s.scores / s.weights, true
}

func (s sums) mean() *float64 {
	m, ok := s.value()
	if !ok {
		return nil
	}
	return &m
}

// Columns computes aggregates of rows that share their columns, as the
// archive's files do: the checks are looked up once, a row costs no allocation.
type Columns struct {
	weights []float64
	core    []bool
}

// NewColumns prepares for rows with these checks in this order.
func NewColumns(names []string) *Columns {
	c := &Columns{weights: make([]float64, len(names)), core: make([]bool, len(names))}
	for i, name := range names {
		in := lookup(name)
		c.weights[i], c.core[i] = in.weight, in.core
	}
	return c
}

// Row is what Columns computes of one row.
type Row struct {
	Aggregate, Core float64
	Scored          bool // at least one check is conclusive: Aggregate counts
	HasCore         bool // at least one core check is: Core counts
}

// Row computes the aggregates of one row. scores are in the order of the
// columns; a negative one is blank or inconclusive.
func (c *Columns) Row(scores []int8) Row {
	var all, core sums
	for i, s := range scores[:min(len(scores), len(c.weights))] {
		if s < 0 {
			continue
		}
		all.add(c.weights[i], s)
		if c.core[i] {
			core.add(c.weights[i], s)
		}
	}
	var r Row
	r.Aggregate, r.Scored = all.value()
	r.Core, r.HasCore = core.value()
	return r
}

// CheckSet returns names sorted, each once, joined by ",".
func CheckSet(names []string) string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), ",")
}

// noteOver is the difference between stated and recomputed aggregate that
// rounding to one decimal explains.
const noteOver = 0.05

// Noted reports whether the aggregate that a source states differs from the
// recomputed one by more than rounding to one decimal explains. Without both
// there is nothing to note.
func Noted(stated, recomputed *float64) bool {
	return stated != nil && recomputed != nil && math.Abs(*stated-*recomputed) > noteOver+1e-9
}

// Suspect reports whether a loss is as large as an outage of the source makes
// it: at least 5 % of what was matched (projects scored in the last accepted
// snapshot and listed in this one, or their downloads) has lost all results.
func Suspect(matched, lost int) bool { return matched > 0 && lost > 0 && lost*20 >= matched }
