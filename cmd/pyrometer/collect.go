package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
	"github.com/pyrometer-dev/pyrometer/internal/schedule"
)

type collectCmd struct {
	Sources []string `arg:"" optional:"" help:"Sources to collect, as status names them." placeholder:"SOURCE"`
	All     bool     `help:"Collect every source."`
	Project string   `help:"Ask about this one project what can be asked of one: PyPI, its provenance objects, deps.dev and Scorecard." placeholder:"NAME"`
	Fresh   bool     `help:"Ask as if for the first time: for everything, and without holding its size against that of the last answer. For a source that has shrunk for good."`
}

// Run runs the named collectors in the order of the registry.
func (c collectCmd) Run(p *program) error {
	names, request, err := c.plan()
	if err != nil {
		return err
	}
	request.Fresh = c.Fresh
	return p.withCollecting(func(w *collecting) error {
		if c.Fresh { // without validators no request is conditional
			if w.client, err = p.newClient(p.cfg.Upstream, nil, nil); err != nil {
				return err
			}
		}
		var list []collectors.Collector
		for _, one := range registry(w.client) {
			if slices.Contains(names, one.Name()) {
				list = append(list, one)
			}
		}
		return w.run(request, list...)
	})
}

// plan turns the words of the command line into sources.
func (c collectCmd) plan() ([]string, schedule.Request, error) {
	var known []string
	for _, s := range sources() {
		known = append(known, s.name)
	}
	for _, name := range c.Sources {
		if !slices.Contains(known, name) {
			return nil, schedule.Request{}, fmt.Errorf("collect: there is no source %q; the sources are %s", name, strings.Join(known, ", "))
		}
	}
	switch {
	case c.Project != "":
		name, err := pypa.ParseName(c.Project)
		if err != nil {
			return nil, schedule.Request{}, fmt.Errorf("--project: %w", err)
		}
		if c.All || len(c.Sources) > 0 {
			return nil, schedule.Request{}, fmt.Errorf("collect: --project asks its own sources; give it alone")
		}
		return []string{"pypi", "provenance", "depsdev", "scorecard"}, schedule.Request{Project: name}, nil
	case c.All:
		return known, schedule.Request{}, nil
	case len(c.Sources) > 0:
		return c.Sources, schedule.Request{}, nil
	}
	return nil, schedule.Request{}, fmt.Errorf("collect: name sources (%s), or give --all or --project NAME", strings.Join(known, ", "))
}
