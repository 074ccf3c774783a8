// Package posture holds OpenSSF Scorecard's own arithmetic: the risk and weight
// of every check, the aggregate over conclusive checks, the core aggregate over
// the checks that every archive snapshot has, and what a maintainer can do
// next. Names, risks and remediation come from Scorecard's documentation
// (github.com/ossf/scorecard/v4/docs/checks). It also says which public evidence
// is seen against the threats of SLSA. Everything is pure.
package posture
