package observation

import (
	"strconv"
	"strings"
	"time"
)

// The cohorts that are not kept as rollups begin with one of these.
const (
	panelPrefix = "panel="
	orgPrefix   = "org="
)

// maxOrganization bounds the name of an organization of PyPI, in bytes.
const maxOrganization = 100

// MaxListed is the most projects that a list of projects may hold.
const MaxListed = 1000

// Panel is a frozen cohort: the projects of the first rank list of a month,
// followed over all dates. It is written "panel=2024-07", which is the list as
// far as the largest cohort by rank, or "panel=2024-07:top1000".
type Panel struct {
	Month time.Time // its first day
	Size  int       // the first so many projects; 0 for all of the list
}

// Panel returns the panel that c names. A month is written in one way only.
func (c Cohort) Panel() (Panel, bool) {
	text, ok := strings.CutPrefix(string(c), panelPrefix)
	if !ok {
		return Panel{}, false
	}
	text, top, sized := strings.Cut(text, ":")
	month, err := time.Parse("2006-01", text)
	p := Panel{Month: month, Size: Cohort(top).Size()}
	return p, err == nil && (!sized || p.Size > 0)
}

// Organization returns the name of the PyPI organization whose projects c is,
// as written: the cohort of an organization is "org=NAME". Names are compared
// without case.
func (c Cohort) Organization() (string, bool) {
	name, ok := strings.CutPrefix(string(c), orgPrefix)
	if !ok || name == "" || len(name) > maxOrganization {
		return "", false
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return "", false
		}
	}
	return name, true
}

// Cohort writes a panel as a cohort.
func (p Panel) Cohort() Cohort {
	c := Cohort(panelPrefix + p.Month.Format("2006-01"))
	if p.Size > 0 {
		c += Cohort(":top" + strconv.Itoa(p.Size))
	}
	return c
}

// FunnelStep is one step of the coverage funnel: the projects that reach it,
// and their share of the cohort by weight, 0 to 1. Both are nil when that is
// not known.
type FunnelStep struct {
	Projects *int
	Share    *float64
}

// FunnelPoint is the coverage funnel of one cohort in one period: how many
// projects are in the list, and how many of them reach each step. What is
// conclusive for a check is counted with the checks.
type FunnelPoint struct {
	Start      time.Time // first day of the period; by observation its date
	Date       time.Time // of the observation that stands for the period, zero without
	ListOn     time.Time // of the rank list that defines the cohort, zero for an organization and a list
	Source     string    // archive, api or both
	Gap        string    // why every step is unknown; "" when they are known
	Size       int       // projects in the cohort
	Asked      FunnelStep
	Repository FunnelStep // its source repository was known
	Verified   FunnelStep // and confirmed: its forge has it, it is attested, or the API has a result of it
	Result     FunnelStep // a result at most 60 days old
	Recent     FunnelStep // at most 30 days old
	Scored     FunnelStep // at least one check of it is conclusive
	Unknown    string     // why Repository and Verified are unknown while the others are not
}
