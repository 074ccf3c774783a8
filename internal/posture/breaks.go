package posture

import "math"

// The measures by which a break is found.
const (
	MeasureMean     = "mean"     // how far the mean moved
	MeasurePresence = "presence" // share of matched units that went from a value to none or back
	MeasureShare    = "share"    // share of compared units with another score
	MeasureLost     = "lost"     // share of a check's values that were lost and did not come back
)

// The limits of an ordinary week. Those of the means and of presence are the
// definition's; the share is ours: it finds the changes of meaning that raise
// some scores and lower others. In the recorded archive of four years ordinary
// weeks stay under 0.08 of a core aggregate and under a share of 0.21.
const (
	aggregateMove = 0.15
	checkMove     = 0.75
	presenceMove  = 0.15
	shareMove     = 1.0 / 3

	// MinCompared is how many units must be compared before a rule is applied:
	// among fewer, a handful of projects decides.
	MinCompared = 100
)

// OutageDays is within how many days most of a check's lost values must come
// back for the loss to be an outage. What stays away longer is a break.
const OutageDays = 28

// Move is what became of one aggregate or check between two observations.
// Matched units were scored at both, compared ones had a value at both.
type Move struct {
	Matched, Compared int
	Lost, Gained      int // matched units that went from a value to none, and back
	Changed           int // compared units with another value
	Sum               float64
}

// Add counts one matched unit whose value went from a to b; NaN is none.
func (m *Move) Add(a, b float64) {
	m.Matched++
	switch before, after := !math.IsNaN(a), !math.IsNaN(b); {
	case before && after:
		m.Compared++
		m.Sum += b - a
		if a != b {
			m.Changed++
		}
	case before:
		m.Lost++
	case after:
		m.Gained++
	}
}

// Mean is the mean move of the compared units, 0 without any.
func (m Move) Mean() float64 { return ratio(m.Sum, m.Compared) }

// Share is the share of the compared units with another value, 0 to 1.
func (m Move) Share() float64 { return ratio(float64(m.Changed), m.Compared) }

// Presence is the share of the matched units that went from a value to none or
// back, 0 to 1.
func (m Move) Presence() float64 { return ratio(float64(m.Lost+m.Gained), m.Matched) }

// Before is how many of the matched units had a value at the earlier observation.
func (m Move) Before() int { return m.Compared + m.Lost }

// LostShare is the share of the values of matched units that were lost, 0 to 1.
func (m Move) LostShare() float64 { return ratio(float64(m.Lost), m.Before()) }

func ratio(sum float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// Finding is one measure that went beyond the ordinary.
type Finding struct {
	Measure string
	Value   float64
	N       int // units behind Value
}

// AggregateBreak applies the rule for aggregates: a mean that moves by 0.15 or
// more over matched units.
func AggregateBreak(m Move) (Finding, bool) {
	f := Finding{MeasureMean, m.Mean(), m.Compared}
	return f, m.Compared >= MinCompared && reaches(f.Value, aggregateMove)
}

// CheckBreaks applies the rules for checks: a matched mean that moves by 0.75,
// 15 % of the matched units between a value and none, or a third of the
// compared ones with another score.
func CheckBreaks(m Move) []Finding {
	var found []Finding
	if m.Compared >= MinCompared {
		if v := m.Mean(); reaches(v, checkMove) {
			found = append(found, Finding{MeasureMean, v, m.Compared})
		}
		if v := m.Share(); reaches(v, shareMove) {
			found = append(found, Finding{MeasureShare, v, m.Compared})
		}
	}
	if m.Matched >= MinCompared {
		if v := m.Presence(); reaches(v, presenceMove) {
			found = append(found, Finding{MeasurePresence, v, m.Matched})
		}
	}
	return found
}

// reaches compares with room for what summing in binary leaves.
func reaches(v, limit float64) bool { return math.Abs(v) >= limit-1e-9 }

// SuspectCheck reports whether a check has lost as many of its values as an
// outage takes: at least 5 % of those of the matched units.
func SuspectCheck(m Move) bool {
	return m.Before() >= MinCompared && Suspect(m.Before(), m.Lost)
}

// Returned reports whether most of the lost values are back: of the units that
// lost theirs, seen were scored later and back of these had a value again.
func Returned(seen, back int) bool { return back > 0 && 2*back >= seen }
