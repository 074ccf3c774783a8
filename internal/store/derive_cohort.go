package store

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// valueDays is for how long a result is a project's value: at date D those
// observed in [D - valueDays, D], at most so many days old.
const valueDays = 60

// day counts days since 1970-01-01, as the database does. 0 is none: no source
// is that old.
type day int32

func dayOf(t time.Time) day { return day(t.Unix() / (24 * 60 * 60)) }

func (d day) time() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// value is one result of one source, in the size in which a hundred thousand
// of them fit in memory.
type value struct {
	on     day // 0: no value
	scored bool
	empty  bool    // a result, but no check of it is conclusive
	api    bool    // source api, else archive
	core   float32 // core aggregate, NaN without
}

// at returns v if it counts at date d, else the zero value.
func (v value) at(d day) value {
	if v.on == 0 || v.on > d || v.on < d-valueDays {
		return value{}
	}
	return v
}

// better returns the one of two sources' values that is the project's: a
// scored one before one without a result, then the newer, then the API's.
func better(a, b value) value {
	switch {
	case a.on == 0 || b.on == 0:
		if a.on == 0 {
			return b
		}
		return a
	case a.scored != b.scored:
		if a.scored {
			return a
		}
		return b
	case a.on != b.on:
		if a.on > b.on {
			return a
		}
		return b
	case b.api:
		return b
	}
	return a
}

// recentDays is for how long a result counts as recent in the funnel: at date D
// those observed in [D - recentDays, D].
const recentDays = 30

// member is one project of a cohort at one date.
type member struct {
	value
	asked      bool  // a source was asked about it, whatever it answered
	verified   bool  // its repository is confirmed
	recent     bool  // its result is at most recentDays old
	repository int32 // the number of its repository, 0 when none was known at the date
	downloads  uint64
}

// scoreRow is one row of rollup_scores, without its dates and names. The counts
// are projects. Whether the repositories were known at the date, so that
// repository and verified are numbers, is for the caller to say.
type scoreRow struct {
	size, asked, noResult, scored, n     int
	repository, verified, result, recent int
	shares                               funnelShares
	votes                                float64 // of all members; without any, no share is known
	source                               string  // archive, api or both: where the values come from; "" without values
	mean                                 *float64
	quantiles                            [len(quantileLevels)]*float64
}

// funnelShares are the votes behind the counts of a scoreRow, and as rollUp
// returns them their share of all votes, 0 to 1. scored is the coverage.
type funnelShares struct {
	asked, repository, verified, result, recent, scored float64
}

// quantileLevels are the quantiles of a distribution that are kept.
var quantileLevels = [...]float64{0.10, 0.25, 0.50, 0.75, 0.90}

// byCore returns the positions of the members with a core aggregate, lowest
// first, equal ones by position. It is shared by all cohorts of one date: a
// cohort is the positions below its size.
func byCore(members []member) []int32 {
	order := make([]int32, 0, len(members))
	for i := range members {
		if members[i].hasCore() {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(members[a].core, members[b].core), cmp.Compare(a, b))
	})
	return order
}

func (v value) hasCore() bool { return v.scored && !math.IsNaN(float64(v.core)) }

// mixedShare is the share of a cohort's answers from which on a second source
// counts. A change of source is a flag on every chart; a handful of answers
// that come and go is none.
const mixedShare = 0.05

// sourceOf names the source of a cohort's answers: archive, api, or both.
func sourceOf(archive, api int) string {
	switch all := float64(archive + api); {
	case all == 0:
		return ""
	case float64(min(archive, api)) >= mixedShare*all:
		return "both"
	case archive > api:
		return string(observation.SourceArchive)
	}
	return string(observation.SourceAPI)
}

// votes returns what each member's vote counts: 1 by package; its downloads; by
// repository 1/k, where k members share its repository, so that each repository
// has one vote. A member whose repository is not known has a vote of its own.
// Whether repositories were known at all is for the caller to ask.
func votes(members []member, w observation.Weighting) []float64 {
	all := make([]float64, len(members))
	switch w {
	case observation.WeightDownload:
		for i, m := range members {
			all[i] = float64(m.downloads)
		}
	case observation.WeightRepository:
		most := int32(0)
		for _, m := range members {
			most = max(most, m.repository)
		}
		sharing := make([]int, most+1)
		for _, m := range members {
			sharing[m.repository]++
		}
		for i, m := range members {
			all[i] = 1
			if m.repository != 0 {
				all[i] = 1 / float64(sharing[m.repository])
			}
		}
	default:
		for i := range all {
			all[i] = 1
		}
	}
	return all
}

// rollUp counts and averages a cohort. order is byCore of members or of a
// longer list that begins with them. Everything is 0 or nil for what no member
// has; a member without a value adds to size alone, never a zero to a mean.
func rollUp(members []member, order []int32, w observation.Weighting) scoreRow {
	row := scoreRow{size: len(members)}
	vote := votes(members, w)
	var all, core, sum float64 // sums of votes
	var archive, api int       // members by the source of their answer
	count := func(n *int, votes *float64, vote float64) {
		*n++
		*votes += vote
	}
	for i, m := range members {
		v := vote[i]
		all += v
		if m.asked {
			count(&row.asked, &row.shares.asked, v)
		}
		if m.repository != 0 {
			count(&row.repository, &row.shares.repository, v)
		}
		if m.verified {
			count(&row.verified, &row.shares.verified, v)
		}
		if m.on == 0 {
			continue
		}
		if m.api {
			api++
		} else {
			archive++
		}
		if m.scored || m.empty {
			count(&row.result, &row.shares.result, v)
			if m.recent {
				count(&row.recent, &row.shares.recent, v)
			}
		}
		if !m.scored {
			row.noResult++
			continue
		}
		count(&row.scored, &row.shares.scored, v)
		if m.hasCore() {
			row.n++
			core += v
			sum += v * float64(m.core)
		}
	}
	row.source = sourceOf(archive, api)
	row.votes, row.shares = all, row.shares.of(all)
	if core == 0 {
		return row
	}
	mean := sum / core
	row.mean = &mean
	sorted := make([]weighted, 0, row.n)
	for _, i := range order {
		if int(i) < len(members) {
			sorted = append(sorted, weighted{float64(members[i].core), vote[i]})
		}
	}
	for i, level := range quantileLevels {
		q := weightedQuantile(sorted, core, level)
		if w == observation.WeightPackage {
			q = inclusiveQuantile(sorted, level)
		}
		row.quantiles[i] = &q
	}
	return row
}

// of divides sums of votes by all votes; all are 0 without any.
func (s funnelShares) of(all float64) funnelShares {
	if all == 0 {
		return funnelShares{}
	}
	return funnelShares{s.asked / all, s.repository / all, s.verified / all, s.result / all, s.recent / all, s.scored / all}
}

// weighted is a value and how much it counts.
type weighted struct {
	v, w float64
}

// inclusiveQuantile is the quantile of n equal votes by linear interpolation
// between the order statistics around position (n - 1) * level: Hyndman and
// Fan's type 7, quantileExactInclusive of ClickHouse, PERCENTILE.INC, the
// default of R and NumPy. sorted is in order and not empty.
func inclusiveQuantile(sorted []weighted, level float64) float64 {
	at := float64(len(sorted)-1) * level
	below := math.Floor(at)
	i := int(below)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1].v
	}
	return sorted[i].v + (at-below)*(sorted[i+1].v-sorted[i].v)
}

// weightedQuantile is the smallest value at which the weights of it and of all
// lower values reach level of their total: the inverse of the weighted
// distribution function, quantileExactWeighted of ClickHouse. It is always a
// value that some project has; between votes of very different weight there is
// nothing to interpolate. sorted is in order and not empty, total its weight.
func weightedQuantile(sorted []weighted, total, level float64) float64 {
	// Three thirds of a vote are a whole one, also when their sum is a little
	// less. Whole numbers, such as downloads, are exact up to a million million.
	want := total * (level - 1e-12)
	var sum float64
	for _, s := range sorted {
		sum += s.w
		if sum >= want {
			return s.v
		}
	}
	return sorted[len(sorted)-1].v
}
