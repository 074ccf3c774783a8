package server

import (
	"context"
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// changesWorld is what a world answers about changes.
type changesWorld struct {
	dated    []observation.DatedChange // newest first
	keptFrom time.Time
	unknown  bool // nothing was put together yet
	late     []observation.LateRun
}

// newChangesWorld has a change of every kind, and sixty moves of one check.
func newChangesWorld() changesWorld {
	of := func(kind observation.ChangeKind, cause observation.Cause, on, project string, rank int) observation.DatedChange {
		return observation.DatedChange{Kind: kind, Cause: cause, On: date(on), Project: project, Rank: rank, RankBefore: rank}
	}
	flaw := func(c observation.DatedChange) observation.DatedChange {
		c.Item, c.Name, c.Severity = "PYSEC-2026-1", "CVE-2026-1", "high"
		return c
	}
	const project, tool, source = observation.CauseProject, observation.CauseTool, observation.CauseSource
	w := changesWorld{keptFrom: date("2025-06-09")}
	add := func(c observation.DatedChange, set func(*observation.DatedChange)) {
		if set != nil {
			set(&c)
		}
		w.dated = append(w.dated, c)
	}
	add(flaw(of(observation.KindExploited, project, "2026-07-20", "urllib3", 4)), func(c *observation.DatedChange) { c.To, c.BeforeOn = "CVE-2026-1", date("2026-07-01") })
	add(of(observation.KindImport, source, "2026-07-13", "", 0), func(c *observation.DatedChange) { c.Item, c.To = "PYSEC", "591" })
	add(flaw(of(observation.KindImported, source, "2026-07-13", "requests", 5)), nil)
	add(flaw(of(observation.KindRange, project, "2026-07-02", "urllib3", 4)), func(c *observation.DatedChange) { c.What, c.From, c.Version = "left", "2.0", "2.1" })
	add(flaw(of(observation.KindDisclosed, project, "2026-07-01", "urllib3", 4)), nil)
	add(flaw(of(observation.KindRange, project, "2026-07-01", "urllib3", 4)), func(c *observation.DatedChange) { c.What, c.Version = "disclosed", "2.0" })
	add(of(observation.KindAggregate, project, "2026-06-15", "requests", 5), func(c *observation.DatedChange) {
		c.Item, c.From, c.To, c.Checks, c.BeforeOn = "core", "7.4", "6.2", "Maintained 10 to 0 (-1.20)", date("2026-06-08")
		c.Repository, c.Commits = "github.com/psf/requests", [2]string{"aaaaaaaaaa", "bbbbbbbbbb"}
	})
	for i := range 60 {
		add(of(observation.KindCheck, project, "2026-06-15", "requests", 5), func(c *observation.DatedChange) {
			c.Item, c.From, c.To, c.BeforeOn = "Maintained", "10", "0", date("2026-06-08").AddDate(0, 0, -i)
		})
	}
	add(of(observation.KindCheck, tool, "2026-06-15", "urllib3", 4), func(c *observation.DatedChange) {
		c.Item, c.From, c.To, c.Why, c.Repository, c.Commits = "Token-Permissions", "0", "10", "The same commit was scored, and Token-Permissions reads nothing else.", "gitlab.com/u/urllib3", [2]string{"aaaaaaaaaa", "aaaaaaaaaa"}
	})
	add(of(observation.KindBreak, tool, "2026-06-15", "", 0), func(c *observation.DatedChange) {
		c.Item, c.What, c.To, c.Why = "Fuzzing", "check", "flag", "Fuzzing <b>moved</b>."
	})
	add(of(observation.KindVersion, tool, "2026-06-15", "", 0), func(c *observation.DatedChange) { c.Item, c.To = "v5.2", "v5.2" })
	add(of(observation.KindSuspect, source, "2026-06-14", "", 0), func(c *observation.DatedChange) {
		c.Item, c.To, c.Why = "archive", "suspect", "9 of 10 projects have none here"
	})
	add(of(observation.KindLoss, source, "2026-06-14", "", 0), func(c *observation.DatedChange) { c.Item, c.From, c.To = "SAST", "100", "90" })
	add(of(observation.KindAttestation, project, "2026-06-03", "requests", 5), func(c *observation.DatedChange) {
		c.Item, c.What, c.Version, c.From, c.To = "attestation", "gained", "2.40", "0 of 2 files with provenance", "2 of 2 files with provenance"
	})
	add(of(observation.KindStatus, project, "2026-06-02", "requests", 5), func(c *observation.DatedChange) { c.Item, c.From, c.To = "status", "active", "archived" })
	add(of(observation.KindStatus, project, "2026-06-02", "urllib3", 4), func(c *observation.DatedChange) { c.Item, c.From, c.To = "index", "listed", "not listed" })
	add(of(observation.KindOrg, project, "2026-06-02", "requests", 5), func(c *observation.DatedChange) { c.Item, c.To = "organization", "psf" })
	add(of(observation.KindOwners, project, "2026-06-02", "requests", 5), func(c *observation.DatedChange) { c.Item, c.From, c.To = "owners", "ann, bob", "ann, <i>carl</i>" })
	add(of(observation.KindRank, project, "2026-06-01", "requests", 5), func(c *observation.DatedChange) { c.Item, c.RankBefore = "rank", 101 })
	add(of(observation.KindRank, source, "2026-06-01", "lonely", 0), func(c *observation.DatedChange) {
		c.Item, c.RankBefore, c.Why = "rank", 80, "The list has a new source."
	})
	add(of(observation.KindMalware, project, "2026-05-30", "lonely", 0), func(c *observation.DatedChange) { c.Item, c.Name, c.Severity = "MAL-2026-1", "MAL-2026-1", "unknown" })
	add(flaw(of(observation.KindArrived, source, "2026-05-20", "urllib3", 4)), nil)
	add(flaw(of(observation.KindWithdrawn, source, "2026-05-20", "urllib3", 4)), nil)
	add(flaw(of(observation.KindEPSS, source, "2026-05-20", "urllib3", 4)), func(c *observation.DatedChange) { c.From, c.To, c.Version, c.Why = "0.05", "0.2", "v4", "CVE-2026-1" })
	add(of(observation.KindCheck, project, "2026-01-05", "urllib3", 4), func(c *observation.DatedChange) { c.Item, c.From, c.To = "License", "0", "10" }) // before the usual period
	return w
}

// matching lists what a query asks for; the cohort is every one.
func (w *changesWorld) matching(q observation.ChangesQuery) []observation.DatedChange {
	return slices.DeleteFunc(slices.Clone(w.dated), func(c observation.DatedChange) bool {
		return c.On.Before(q.Since) || q.Kind != "" && c.Kind != q.Kind || q.Cause != "" && c.Cause != q.Cause ||
			q.Project != "" && c.Project != q.Project || q.Apart && c.Project != ""
	})
}

func (w *world) RecentChanges(_ context.Context, q observation.ChangesQuery) ([]observation.DatedChange, int, error) {
	rows := w.matching(q)
	total := len(rows)
	rows = rows[min(q.Offset, total):]
	if q.Limit > 0 {
		rows = rows[:min(q.Limit, len(rows))]
	}
	return rows, total, w.call("RecentChanges")
}

func (w *world) ChangeCounts(_ context.Context, q observation.ChangesQuery) (observation.ChangeCounts, error) {
	found := observation.ChangeCounts{Known: !w.unknown, KeptFrom: w.keptFrom, ListOn: date("2026-04-01"), List: 5000, Causes: map[observation.Cause]observation.ChangeCount{}}
	q.Kind, q.Cause, q.Apart = "", "", false
	count := func(n *observation.ChangeCount, rows []observation.DatedChange) {
		projects := map[string]bool{}
		n.What = map[string]int{}
		for _, c := range rows {
			n.Changes++
			if c.Project != "" {
				projects[c.Project] = true
			}
			if c.What != "" {
				n.What[c.What]++
			}
		}
		n.Projects = len(projects)
	}
	for _, cause := range observation.Causes() {
		q.Kind, q.Cause = "", cause
		all := observation.ChangeCount{Cause: cause}
		count(&all, w.matching(q))
		found.Causes[cause] = all
		for _, k := range changeKinds {
			q.Kind = k.kind
			if rows := w.matching(q); len(rows) > 0 {
				n := observation.ChangeCount{Kind: k.kind, Cause: cause}
				count(&n, rows)
				found.Kinds = append(found.Kinds, n)
			}
		}
	}
	return found, w.call("ChangeCounts")
}

func (w *world) LateRuns(context.Context, map[string]time.Duration, []string) ([]observation.LateRun, error) {
	return w.late, w.call("LateRuns")
}
