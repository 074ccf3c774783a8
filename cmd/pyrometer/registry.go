package main

import (
	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/osv"
	"github.com/pyrometer-dev/pyrometer/collectors/pypi"
	"github.com/pyrometer-dev/pyrometer/collectors/pypiscorecards"
	"github.com/pyrometer-dev/pyrometer/collectors/ranks"
	"github.com/pyrometer-dev/pyrometer/collectors/scorecard"
	"github.com/pyrometer-dev/pyrometer/internal/schedule"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// registry is the one ordered list of collectors. Each needs what those before
// it have stored: the archive its rank lists, PyPI the tracked names, Scorecard
// their repositories.
func registry(c *upstream.Client) []collectors.Collector {
	return []collectors.Collector{
		ranks.New(c),
		pypiscorecards.New(c),
		osv.New(c),
		pypi.New(c),
		scorecard.New(c),
	}
}

// backfills are the collectors of a recorded past, by the word that the command
// line has for them, in order.
func backfills(c *upstream.Client) []backfill {
	return []backfill{
		{"ranks", ranks.NewBackfill(c)},
		{"scorecards", pypiscorecards.New(c)},
	}
}

type backfill struct {
	word      string
	collector collectors.Collector
}

// source is a source by its collector's name, with how often it is asked.
type source struct {
	name    string
	cadence schedule.Cadence
}

// sources lists every source in the order of the registry.
func sources() []source {
	var list []source
	for _, c := range schedule.Cadences() {
		list = append(list, source{c.Source, c})
	}
	return list
}
