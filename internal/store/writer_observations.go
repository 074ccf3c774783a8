package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// The days that a Date column can hold.
var (
	firstDay = time.Unix(0, 0).UTC()
	lastDay  = time.Date(2149, 6, 6, 0, 0, 0, 0, time.UTC)
)

// checkDay says what is wrong with the day of an observation, "" for nothing.
func checkDay(day time.Time) string {
	switch {
	case day.IsZero():
		return "it has no date"
	case day.Before(firstDay), day.After(lastDay):
		return fmt.Sprintf("its date %s is not between %s and %s", day.Format(time.DateOnly), firstDay.Format(time.DateOnly), lastDay.Format(time.DateOnly))
	}
	return ""
}

func (w *Writer) takeRanks(ctx context.Context, list *observation.RankList) error {
	if wrong := checkDay(list.ObservedOn); wrong != "" {
		return w.takeReject(ctx, &observation.Reject{Object: list.List, Reason: "rank list: " + wrong})
	}
	if len(list.Ranks) == 0 {
		return nil
	}
	w.days[list.ObservedOn] = struct{}{}
	known := w.store.knownAt()
	return w.send(ctx, func(ctx context.Context) error {
		if err := w.store.insert(ctx, ranksBlock(list, known, w.id)); err != nil {
			return err
		}
		w.count(len(list.Ranks), 0, 0)
		return nil
	})
}

// ranksBlock is a whole rank list, by project as the table is sorted.
func ranksBlock(list *observation.RankList, known time.Time, run uuid.UUID) block {
	ranks := slices.Clone(list.Ranks)
	slices.SortFunc(ranks, func(a, b observation.Rank) int {
		return cmp.Or(strings.Compare(a.Project, b.Project), cmp.Compare(a.Rank, b.Rank))
	})
	n := len(ranks)
	projects, places, downloads := make([]string, n), make([]uint32, n), make([]uint64, n)
	h := new(hasher)
	h.string(list.List)
	h.time(list.ObservedOn)
	h.string(list.Source)
	for i, r := range ranks {
		projects[i], places[i], downloads[i] = r.Project, r.Rank, r.Downloads
		h.string(r.Project)
		h.uint(uint64(r.Rank))
		h.uint(r.Downloads)
	}
	token := fmt.Sprintf("ranks/%s/%s/%s/%016x", run, list.List, list.ObservedOn.Format(time.DateOnly), h.sum())
	return columnBlock("ranks", token,
		column{"list", slices.Repeat([]string{list.List}, n)},
		column{"observed_on", slices.Repeat([]time.Time{list.ObservedOn}, n)},
		column{"project", projects},
		column{"rank", places},
		column{"downloads", downloads},
		column{"source", slices.Repeat([]string{list.Source}, n)},
		column{"known_at", slices.Repeat([]int64{known.UnixMilli()}, n)},
		column{"run_id", slices.Repeat([]uuid.UUID{run}, n)},
	)
}

// takeEPSS sends a part of a day's scores. Their days are not those of a Scorecard
// snapshot, so nothing is derived anew from them.
func (w *Writer) takeEPSS(ctx context.Context, list *observation.EPSSScores) error {
	if wrong := checkDay(list.ObservedOn); wrong != "" {
		return w.takeReject(ctx, &observation.Reject{Object: "EPSS, model " + list.Model, Reason: "scores: " + wrong})
	}
	scores := make([]observation.EPSSScore, 0, len(list.Scores))
	for _, s := range list.Scores {
		if share(s.Score) && share(s.Percentile) {
			scores = append(scores, s)
			continue
		}
		err := w.takeReject(ctx, &observation.Reject{Object: s.CVE, Reason: fmt.Sprintf("EPSS score: %g and its percentile %g are not both between 0 and 1", s.Score, s.Percentile)})
		if err != nil {
			return err
		}
	}
	if len(scores) == 0 {
		return nil
	}
	known := w.store.knownAt()
	return w.send(ctx, func(ctx context.Context) error {
		if err := w.store.insert(ctx, epssBlock(list.ObservedOn, list.Model, scores, known, w.id)); err != nil {
			return err
		}
		w.count(len(scores), 0, 0)
		return nil
	})
}

// share reports whether f is between 0 and 1. NaN is not.
func share(f float32) bool { return f >= 0 && f <= 1 }

// epssBlock is a block of scores, by CVE as the table is sorted. It sorts scores
// in place.
func epssBlock(on time.Time, model string, scores []observation.EPSSScore, known time.Time, run uuid.UUID) block {
	slices.SortStableFunc(scores, func(a, b observation.EPSSScore) int { return strings.Compare(a.CVE, b.CVE) })
	n := len(scores)
	cves, values, percentiles := make([]string, n), make([]float32, n), make([]float32, n)
	h := new(hasher)
	h.string(model)
	for i, s := range scores {
		cves[i], values[i], percentiles[i] = s.CVE, s.Score, s.Percentile
		h.string(s.CVE)
		h.uint(uint64(math.Float32bits(s.Score)))
		h.uint(uint64(math.Float32bits(s.Percentile)))
	}
	token := fmt.Sprintf("epss/%s/%s/%016x", run, on.Format(time.DateOnly), h.sum())
	return columnBlock("epss", token,
		column{"cve", cves},
		column{"observed_on", slices.Repeat([]time.Time{on}, n)},
		column{"model", slices.Repeat([]string{model}, n)},
		column{"score", values},
		column{"percentile", percentiles},
		column{"known_at", slices.Repeat([]int64{known.UnixMilli()}, n)},
		column{"run_id", slices.Repeat([]uuid.UUID{run}, n)},
	)
}

// resultBuffer holds the results of the block that is being filled.
type resultBuffer struct {
	results []*observation.ScorecardResult
	rows    int // of both tables
}

func (w *Writer) takeResult(ctx context.Context, r *observation.ScorecardResult) error {
	if wrong := checkResult(r); wrong != "" {
		return w.takeReject(ctx, &observation.Reject{Object: r.Subject, Reason: fmt.Sprintf("result of %s: %s", r.Source, wrong)})
	}
	b := &w.results
	// A block is a snapshot where snapshots are large: the same source file then
	// gives the same block, whatever was emitted around it.
	if b.rows >= snapshotRows && !b.results[len(b.results)-1].ObservedOn.Equal(r.ObservedOn) {
		if err := w.sealResults(ctx); err != nil {
			return err
		}
	}
	b.results = append(b.results, r)
	b.rows += 1 + len(r.Checks)
	w.days[r.ObservedOn] = struct{}{}
	if key := (snapshotKey{r.Source, r.ObservedOn}); !w.snapshots[key] {
		w.snapshots[key] = false
	}
	if b.rows >= blockRows {
		return w.sealResults(ctx)
	}
	return nil
}

// checkResult says what is wrong with a result, "" for nothing. The collectors
// have refused such things with their text; this is the last door.
func checkResult(r *observation.ScorecardResult) string {
	if r.Subject == "" {
		return "it has no subject"
	}
	for _, c := range r.Checks {
		if c.Score != nil && (*c.Score < 0 || *c.Score > 10) {
			return fmt.Sprintf("the score %d of %s is not between 0 and 10", *c.Score, c.Name)
		}
	}
	return checkDay(r.ObservedOn)
}

// sealResults sends the results that are held.
func (w *Writer) sealResults(ctx context.Context) error {
	results := w.results.results
	if len(results) == 0 {
		return nil
	}
	known := w.store.knownAt()
	w.results = resultBuffer{results: make([]*observation.ScorecardResult, 0, len(results))}
	return w.send(ctx, func(ctx context.Context) error {
		c := &w.columns // one block at a time is on its way
		defer c.reset()
		kept, err := w.store.dropWeaker(ctx, results)
		if err != nil {
			return err
		}
		w.count(0, len(results)-len(kept), 0)
		if len(kept) == 0 {
			return nil
		}
		c.build(kept, known, w.id)
		// The checks first: a result says that its checks are there.
		if len(c.checks.subject) > 0 {
			if err := w.store.insert(ctx, c.checksBlock()); err != nil {
				return err
			}
		}
		if err := w.store.insert(ctx, c.resultsBlock()); err != nil {
			return err
		}
		w.count(len(c.results.subject)+len(c.checks.subject), 0, 0)
		return nil
	})
}

// resultColumns are the columns of a block of results and of its checks. A
// writer keeps them for its next block: to make them anew for each would cost
// more than to fill them. The zero value is ready.
type resultColumns struct {
	object string // run, source, first and last day, for the tokens
	hash   hasher

	results struct {
		subject, source, state, checkSet []string
		observedOn                       []time.Time
		reason, toolVersion, commit      textColumn
		stated, aggregate, core          []*float32
		floats                           []float32 // what the three point at
		conclusive                       []uint8
		knownAt                          []int64
		run                              []uuid.UUID
		hash                             uint64
	}
	checks struct {
		subject, check, source []string
		observedOn             []time.Time
		score                  []*int8
		reason                 textColumn
		details                [][]string
		detailed               bool
		knownAt                []int64
		run                    []uuid.UUID
		hash                   uint64
	}
}

// textColumn is a column of texts that is left out of the block when all are
// empty; the table's default is empty too.
type textColumn struct {
	values []string
	filled bool
}

func (t *textColumn) append(s string) {
	t.values = append(t.values, s)
	t.filled = t.filled || s != ""
}

func (t *textColumn) reset() {
	clear(t.values)
	t.values, t.filled = t.values[:0], false
}

func (t *textColumn) addTo(columns []column, name string) []column {
	if !t.filled {
		return columns
	}
	return append(columns, column{name, t.values})
}

// grow returns an empty list with room for n.
func grow[T any](list []T, n int) []T { return slices.Grow(list[:0], n) }

// build fills the columns in the order of the tables' keys, which saves the
// server most of its sorting. It sorts results in place.
func (c *resultColumns) build(results []*observation.ScorecardResult, known time.Time, run uuid.UUID) {
	slices.SortStableFunc(results, func(a, b *observation.ScorecardResult) int {
		return cmp.Or(strings.Compare(a.Subject, b.Subject), a.ObservedOn.Compare(b.ObservedOn), strings.Compare(string(a.Source), string(b.Source)))
	})
	first, last := results[0].ObservedOn, results[0].ObservedOn
	c.makeRoom(results)
	for _, r := range results {
		c.addResult(r, known, run)
		if r.ObservedOn.Before(first) {
			first = r.ObservedOn
		}
		if r.ObservedOn.After(last) {
			last = r.ObservedOn
		}
	}
	c.results.hash = c.hash.sum()
	for _, r := range results {
		c.addChecks(r, known, run)
	}
	c.checks.hash = c.hash.sum()
	c.object = fmt.Sprintf("%s/%s/%s..%s", run, results[0].Source, first.Format(time.DateOnly), last.Format(time.DateOnly))
}

// makeRoom sizes the columns, so that they do not move while they are filled.
func (c *resultColumns) makeRoom(results []*observation.ScorecardResult) {
	n, checks := len(results), 0
	for _, r := range results {
		checks += len(r.Checks)
	}
	r := &c.results
	r.subject, r.source, r.state, r.checkSet = grow(r.subject, n), grow(r.source, n), grow(r.state, n), grow(r.checkSet, n)
	r.reason.values, r.toolVersion.values, r.commit.values = grow(r.reason.values, n), grow(r.toolVersion.values, n), grow(r.commit.values, n)
	r.stated, r.aggregate, r.core, r.floats = grow(r.stated, n), grow(r.aggregate, n), grow(r.core, n), grow(r.floats, 3*n)
	r.observedOn, r.conclusive, r.knownAt, r.run = grow(r.observedOn, n), grow(r.conclusive, n), grow(r.knownAt, n), grow(r.run, n)

	k := &c.checks
	k.subject, k.check, k.source = grow(k.subject, checks), grow(k.check, checks), grow(k.source, checks)
	k.reason.values, k.details, k.score = grow(k.reason.values, checks), grow(k.details, checks), grow(k.score, checks)
	k.observedOn, k.knownAt, k.run = grow(k.observedOn, checks), grow(k.knownAt, checks), grow(k.run, checks)
}

func (c *resultColumns) addResult(r *observation.ScorecardResult, known time.Time, run uuid.UUID) {
	to := &c.results
	to.subject = append(to.subject, r.Subject)
	to.observedOn = append(to.observedOn, r.ObservedOn)
	to.source = append(to.source, string(r.Source))
	to.state = append(to.state, string(r.State))
	to.reason.append(r.Reason)
	to.stated = append(to.stated, c.float(r.Stated))
	to.aggregate = append(to.aggregate, c.float(r.Aggregate))
	to.core = append(to.core, c.float(r.Core))
	to.checkSet = append(to.checkSet, r.CheckSet)
	to.conclusive = append(to.conclusive, conclusive(r.Checks))
	to.toolVersion.append(r.ToolVersion)
	to.commit.append(r.Commit)
	to.knownAt = append(to.knownAt, known.UnixMilli())
	to.run = append(to.run, run)

	c.addKey(r)
	for _, s := range []string{string(r.State), r.Reason, r.CheckSet, r.ToolVersion, r.Commit} {
		c.hash.string(s)
	}
	c.hash.float(r.Stated)
	c.hash.float(r.Aggregate)
	c.hash.float(r.Core)
}

// addKey hashes what the rows of a result have in common.
func (c *resultColumns) addKey(r *observation.ScorecardResult) {
	c.hash.string(r.Subject)
	c.hash.uint(uint64(r.ObservedOn.Unix()))
	c.hash.string(string(r.Source))
}

func (c *resultColumns) float(f *float64) *float32 {
	if f == nil {
		return nil
	}
	c.results.floats = append(c.results.floats, float32(*f))
	return &c.results.floats[len(c.results.floats)-1]
}

func conclusive(checks []observation.Check) uint8 {
	n := 0
	for _, c := range checks {
		if c.Score != nil {
			n++
		}
	}
	return uint8(min(n, 255))
}

func (c *resultColumns) addChecks(r *observation.ScorecardResult, known time.Time, run uuid.UUID) {
	checks := r.Checks
	byName := func(a, b observation.Check) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(checks, byName) {
		checks = slices.Clone(checks) // the collector's own must not change
		slices.SortStableFunc(checks, byName)
	}
	to := &c.checks
	c.addKey(r)
	c.hash.uint(uint64(len(checks)))
	for i := range checks {
		check := &checks[i]
		to.subject = append(to.subject, r.Subject)
		to.check = append(to.check, check.Name)
		to.observedOn = append(to.observedOn, r.ObservedOn)
		to.source = append(to.source, string(r.Source))
		to.score = append(to.score, check.Score)
		to.reason.append(check.Reason)
		to.details = append(to.details, check.Details)
		to.detailed = to.detailed || len(check.Details) > 0
		to.knownAt = append(to.knownAt, known.UnixMilli())
		to.run = append(to.run, run)

		c.hash.string(check.Name)
		score := uint64(0) // inconclusive
		if check.Score != nil {
			score = uint64(*check.Score) + 1
		}
		c.hash.uint(score)
		c.hash.string(check.Reason)
		c.hash.strings(check.Details)
	}
}

func (c *resultColumns) resultsBlock() block {
	from := &c.results
	columns := []column{
		{"subject", from.subject},
		{"observed_on", from.observedOn},
		{"source", from.source},
		{"state", from.state},
		{"stated", from.stated},
		{"aggregate", from.aggregate},
		{"core", from.core},
		{"check_set", from.checkSet},
		{"conclusive", from.conclusive},
		{"known_at", from.knownAt},
		{"run_id", from.run},
	}
	columns = from.reason.addTo(columns, "reason")
	columns = from.toolVersion.addTo(columns, "tool_version")
	columns = from.commit.addTo(columns, "commit")
	return columnBlock("scorecard_results", c.token("scorecard_results", from.hash), columns...)
}

func (c *resultColumns) checksBlock() block {
	from := &c.checks
	columns := []column{
		{"subject", from.subject},
		{"check", from.check},
		{"observed_on", from.observedOn},
		{"source", from.source},
		{"score", from.score},
		{"known_at", from.knownAt},
		{"run_id", from.run},
	}
	columns = from.reason.addTo(columns, "reason")
	if from.detailed {
		columns = append(columns, column{"details", from.details})
	}
	return columnBlock("scorecard_checks", c.token("scorecard_checks", from.hash), columns...)
}

func (c *resultColumns) token(table string, hash uint64) string {
	return fmt.Sprintf("%s/%s/%016x", table, c.object, hash)
}

// reset empties the columns, so that they hold on to nothing of the
// collector's, and keeps their memory.
func (c *resultColumns) reset() {
	r := &c.results
	clear(r.subject)
	clear(r.checkSet)
	r.reason.reset()
	r.toolVersion.reset()
	r.commit.reset()

	k := &c.checks
	clear(k.subject)
	clear(k.check)
	clear(k.score)
	clear(k.details)
	k.reason.reset()
	k.detailed = false
}
