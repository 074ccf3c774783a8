package main

import (
	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/cpython"
	"github.com/pyrometer-dev/pyrometer/collectors/depsdev"
	"github.com/pyrometer-dev/pyrometer/collectors/exploited"
	"github.com/pyrometer-dev/pyrometer/collectors/osv"
	"github.com/pyrometer-dev/pyrometer/collectors/provenance"
	"github.com/pyrometer-dev/pyrometer/collectors/pypi"
	"github.com/pyrometer-dev/pyrometer/collectors/pypiscorecards"
	"github.com/pyrometer-dev/pyrometer/collectors/ranks"
	"github.com/pyrometer-dev/pyrometer/collectors/repositories"
	"github.com/pyrometer-dev/pyrometer/collectors/scorecard"
	"github.com/pyrometer-dev/pyrometer/internal/schedule"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

// registry is the one ordered list of collectors. Each needs what those before
// it have stored: the archive its rank lists; EPSS the CVEs that advisories name;
// PyPI the tracked names; the provenance objects and deps.dev their files and
// releases; the forges and Scorecard their repositories.
func registry(c *upstream.Client) []collectors.Collector {
	return []collectors.Collector{
		ranks.New(c),
		pypiscorecards.New(c),
		osv.New(c),
		cpython.New(c),
		cpython.NewCycles(c),
		exploited.NewKEV(c),
		exploited.NewEPSS(c),
		pypi.New(c),
		provenance.New(c),
		depsdev.New(c),
		repositories.New(c),
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
