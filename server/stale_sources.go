package server

import (
	"cmp"
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
)

// spell is a time in which a source was stale: its newest data were older than
// twice its period.
type spell struct {
	collector string
	asOf      time.Time // of what was stale
	from, to  time.Time // to is zero while it lasts
}

// spells returns when each source was stale, by the runs that came late and by
// how the sources stand now.
func spells(late []observation.LateRun, states []observation.SourceStatus, cadence map[string]Cadence, now time.Time) []spell {
	var list []spell
	open := make(map[string]int) // index of the spell that lasts, by collector
	for _, run := range late {
		after := observation.StaleAfter(cadence[run.Collector].Period)
		i, lasts := open[run.Collector]
		if !lasts {
			i = len(list)
			list = append(list, spell{collector: run.Collector, asOf: run.Before, from: run.Before.Add(after)})
			open[run.Collector] = i
		}
		if run.At.Sub(run.AsOf) <= after {
			list[i].to = run.At
			delete(open, run.Collector)
		}
	}
	for _, st := range states {
		c := cadence[st.Collector]
		asOf := st.AsOf(c.Dated)
		if _, lasts := open[st.Collector]; !lasts && observation.Stale(asOf, now, c.Period) {
			list = append(list, spell{collector: st.Collector, asOf: asOf, from: asOf.Add(observation.StaleAfter(c.Period))})
		}
	}
	return list
}

// changesOf lists what changed by spells since a day, newest first.
func changesOf(list []spell, since time.Time) []observation.DatedChange {
	var out []observation.DatedChange
	add := func(kind observation.ChangeKind, s spell, at time.Time, why string) {
		if on := day(at); !at.IsZero() && !on.Before(since) {
			out = append(out, observation.DatedChange{Kind: kind, Cause: observation.CauseSource, On: on, Item: s.collector, Why: why})
		}
	}
	for _, s := range list {
		add(observation.KindStale, s, s.from, "Its newest data are of "+format.Date(s.asOf)+".")
		add(observation.KindBack, s, s.to, "It was stale from "+format.Date(s.from)+" on.")
	}
	slices.SortStableFunc(out, func(a, b observation.DatedChange) int {
		return cmp.Or(b.On.Compare(a.On), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

// mergeChanges puts more among the rows of a list that is in the same order,
// newest first, and returns so many of both from an offset on. rows begin at
// place first of the list, which is at least len(more) before the offset or 0,
// and reach as far as may be asked for. limit 0 is all.
func mergeChanges(rows []observation.DatedChange, first int, more []observation.DatedChange, offset, limit int) []observation.DatedChange {
	place := first
	if first > 0 && len(rows) > 0 { // what comes before the rows stands before the offset
		i := slices.IndexFunc(more, func(c observation.DatedChange) bool { return !c.On.After(rows[0].On) })
		if i < 0 {
			i = len(more)
		}
		place, more = place+i, more[i:]
	}
	merged := slices.Concat(rows, more)
	slices.SortStableFunc(merged, func(a, b observation.DatedChange) int { return b.On.Compare(a.On) })
	merged = merged[min(max(offset-place, 0), len(merged)):]
	if limit > 0 {
		merged = merged[:min(limit, len(merged))]
	}
	return merged
}
