package main

import "github.com/pyrometer-dev/pyrometer/internal/schedule"

type backfillCmd struct {
	What string `arg:"" help:"ranks (monthly rank lists since July 2022) or scorecards (weekly archive since July 2022)." enum:"ranks,scorecards"`
}

// Run reads what of the recorded past is not stored yet.
func (c backfillCmd) Run(p *program) error {
	return p.withCollecting(func(w *collecting) error {
		for _, b := range backfills(w.client) {
			if b.word == c.What {
				return w.run(schedule.Request{}, b.collector)
			}
		}
		return nil // kong has checked the word against its enum
	})
}
