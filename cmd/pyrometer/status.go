package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/store"
)

type statusCmd struct {
	JSON bool `help:"Print JSON."`
}

// statusReport is the JSON of pyrometer status. Ages and periods are seconds;
// a time or an age that is not known is null.
type statusReport struct {
	Version   string         `json:"version"`
	Database  string         `json:"database"`
	Simulated bool           `json:"simulated"`
	At        time.Time      `json:"at"`
	Sources   []sourceReport `json:"sources"`
	Running   []string       `json:"running"`
}

type sourceReport struct {
	Source      string     `json:"source"`
	State       string     `json:"state"` // ok, partial, failed, running, interrupted or never
	LastTry     *time.Time `json:"last_try"`
	LastSuccess *time.Time `json:"last_success"`
	Through     *time.Time `json:"through"`
	Age         *int64     `json:"age_seconds"` // of the data: now minus through
	Period      int64      `json:"period_seconds"`
	Stale       bool       `json:"stale"` // its data, or its last success when undated, are older than twice its period, and than two days
	Dated       bool       `json:"dated"` // its data have a date that must advance
	Rows        uint64     `json:"rows"`
	Unchanged   uint64     `json:"unchanged"`
	Skipped     uint64     `json:"skipped"`
	Rejects     uint64     `json:"rejects"`
	ErrorClass  string     `json:"error_class,omitempty"`
	Error       string     `json:"error,omitempty"`
	Note        string     `json:"note,omitempty"`
	Upstream    string     `json:"upstream,omitempty"`
}

// Run prints one line, or one object, for every source.
func (c statusCmd) Run(p *program) error {
	return p.withStore(func(d *database, s *store.Store, demo bool) error {
		idle, err := d.idle(p.ctx, s)
		if err != nil {
			return err
		}
		report, err := p.report(s, demo, idle)
		if err != nil {
			return err
		}
		if c.JSON {
			enc := json.NewEncoder(p.out)
			enc.SetIndent("", "  ")
			return enc.Encode(report)
		}
		return report.print(p)
	})
}

// report asks how every source stands. When the store is idle a run that is open
// was interrupted: the next process that collects closes it.
func (p *program) report(s *store.Store, demo, idle bool) (statusReport, error) {
	known, err := s.Sources(p.ctx)
	if err != nil {
		return statusReport{}, err
	}
	r := statusReport{Version: version, Database: s.Database(), Simulated: demo, At: p.cfg.Now().Truncate(time.Second), Running: []string{}}
	byName := map[string]observation.SourceStatus{}
	for _, k := range known {
		byName[k.Collector] = k
	}
	for _, source := range sources() {
		one := sourceReport{Source: source.name, State: "never", Dated: source.cadence.Dated, Period: int64(source.cadence.Period.Seconds())}
		if k, ran := byName[source.name]; ran {
			one.State, one.ErrorClass, one.Error, one.Note, one.Upstream = string(k.State), string(k.ErrorClass), k.Error, k.Note, k.Upstream
			one.Rows, one.Unchanged, one.Skipped, one.Rejects = k.Rows, k.Unchanged, k.Skipped, k.Rejects
			one.LastTry, one.LastSuccess, one.Through = optional(k.LastTry), optional(k.LastSuccess), optional(k.Through)
			if one.Through != nil {
				age := int64(r.At.Sub(k.Through).Seconds())
				one.Age = &age
			}
			one.Stale = observation.Stale(k.AsOf(one.Dated), r.At, source.cadence.Period)
			switch {
			case k.State != observation.RunRunning:
			case idle:
				one.State = "interrupted"
			default:
				r.Running = append(r.Running, source.name)
			}
		}
		r.Sources = append(r.Sources, one)
	}
	return r, nil
}

// optional makes a time that is unknown nil.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (r statusReport) print(p *program) error {
	what := "real sources"
	if r.Simulated {
		what = "SIMULATED data, nothing here is real"
	}
	fmt.Fprintf(p.out, "Pyrometer %s, database %s (%s), %s\n\n", r.Version, r.Database, what, r.At.Format(time.RFC3339))
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SOURCE\tSTATE\tLAST TRY\tLAST SUCCESS\tDATA THROUGH\tROWS\tUNCHANGED\tSKIPPED\tREJECTS")
	for _, s := range r.Sources {
		through, success := stamp(s.Through, time.DateOnly), stamp(s.LastSuccess, "2006-01-02 15:04")
		switch {
		case s.Stale && s.Dated:
			through += " (old)"
		case s.Stale:
			success += " (old)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\n", s.Source, s.State, stamp(s.LastTry, "2006-01-02 15:04"),
			success, through, s.Rows, s.Unchanged, s.Skipped, s.Rejects)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range r.Sources {
		if why := strings.TrimSpace(s.Error + " " + s.Note); why != "" {
			fmt.Fprintf(p.out, "\n%s: %s\n", s.Source, why)
		}
	}
	return nil
}

func stamp(t *time.Time, layout string) string {
	if t == nil {
		return "never"
	}
	return t.Format(layout)
}
