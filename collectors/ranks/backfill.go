package ranks

import (
	"context"
	"fmt"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	tagURL     = "https://raw.githubusercontent.com/hugovk/top-pypi-packages/%s/%s"
	fileBefore = "top-pypi-packages-30-days.min.json" // until the tag 2025.03
	fileSince  = "top-pypi-packages.min.json"

	// lateTag is how long after the first of its month a tag may still appear.
	// A younger one that is absent is asked for again at the next backfill.
	lateTag = 62 * 24 * time.Hour

	breakerLimit = 3 // tags in a row that the host does not answer, after which it is left alone
)

var (
	firstTag = time.Date(2022, time.July, 1, 0, 0, 0, 0, time.UTC)  // the first month of the Scorecard archive
	renamed  = time.Date(2025, time.April, 1, 0, 0, 0, 0, time.UTC) // the first tag with the new file name
)

// Backfill collects the list of every monthly tag, from 2022.07 to the month of
// the run. It shares name and cursor with Newest, so that they are one source
// with one history of runs; the tags that were read, and those that never were
// made, are in the cursor, and a second backfill asks only for what is new. It
// implements collectors.Collector.
type Backfill struct{ source Source }

// NewBackfill returns the collector of the monthly tags.
func NewBackfill(s Source) *Backfill { return &Backfill{source: s} }

// Name implements collectors.Collector.
func (*Backfill) Name() string { return Name }

// Collect reads every tag that the cursor does not name. A tag that was never
// made is a gap: counted as skipped and named in the note. A tag that cannot be
// had, or whose list lost a tenth against the tag before it, makes the run
// partial and is asked for again. The run fails when no tag at all could be had.
func (b *Backfill) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	var cur cursor
	if err := in.Cursor.Read(Name, &cur); err != nil {
		return collectors.Report{}, err
	}
	tags := make(map[string]int, len(cur.Tags)+1)
	for tag, rows := range cur.Tags {
		tags[tag] = rows
	}
	r := backfill{source: b.source, now: in.Now, newest: cur.ObservedOn, tags: tags, emit: emit}
	r.breaker.Limit = breakerLimit
	r.report.Through = cur.through()
	months := monthsUntil(in.Now)
	for i, month := range months {
		in.Progress(i, len(months), month.Format(tagLayout))
		if err := r.month(ctx, month); err != nil {
			return collectors.Report{}, err
		}
		if r.stopped {
			break
		}
	}
	in.Progress(len(months), len(months), "monthly lists")
	if err := r.nothing(); err != nil {
		return collectors.Report{}, err
	}
	cur.Tags, cur.Through = tags, dayOf(r.report.Through)
	r.report.Cursor = collectors.NewCursor(cur)
	r.report.Note = r.note()
	r.report.Partial = len(r.failed) > 0 || r.rejects > 0
	return r.report, nil
}

const tagLayout = "2006.01"

// monthsUntil lists the first days of the months from firstTag to now's.
func monthsUntil(now time.Time) []time.Time {
	var months []time.Time
	for m := firstTag; !m.After(now); m = m.AddDate(0, 1, 0) {
		months = append(months, m)
	}
	return months
}

// backfill is the state of one run.
type backfill struct {
	source Source
	now    time.Time
	newest string // day of the newest list, which the other collector has stored
	tags   map[string]int
	emit   collectors.Emit

	report   collectors.Report
	last     int // length of the list of the newest tag so far
	read     int // tags read in this run
	rejects  int
	absent   []string
	failed   []string
	firstErr error
	breaker  collectors.Breaker
	stopped  bool // the host does not answer: the rest is left for the next run
}

func (r *backfill) month(ctx context.Context, month time.Time) error {
	tag := month.Format(tagLayout)
	if rows, known := r.tags[tag]; known {
		if rows > 0 {
			r.last = rows
			r.report.Unchanged++
		}
		return nil
	}
	url, body, err := r.fetch(ctx, month)
	r.stopped = r.breaker.Note(err) != nil
	if isNotFound(err) {
		r.absent = append(r.absent, tag)
		r.report.Skipped++
		if r.now.Sub(month) > lateTag {
			r.tags[tag] = 0
		}
		return nil
	}
	var list *observation.RankList
	var rejects []*observation.Reject
	if err == nil {
		list, rejects, err = parse(url, body, r.now)
	}
	if err == nil {
		err = collectors.CheckSize(url, "rows", len(list.Ranks), r.last)
	}
	if err != nil {
		return r.fail(ctx, tag, url, body, err)
	}
	r.read++
	r.rejects += len(rejects)
	r.tags[tag], r.last = len(list.Ranks), len(list.Ranks)
	if list.ObservedOn.After(r.report.Through) {
		r.report.Through = list.ObservedOn
	}
	if list.ObservedOn.Format(time.DateOnly) == r.newest {
		r.report.Unchanged++
		return nil
	}
	return emitList(ctx, r.emit, list, rejects)
}

// fetch asks for the tag's file by the name of its time, then by the other one.
// raw.githubusercontent.com serves JSON as text/plain.
func (r *backfill) fetch(ctx context.Context, month time.Time) (url string, body []byte, err error) {
	names := [...]string{fileBefore, fileSince}
	if !month.Before(renamed) {
		names = [...]string{fileSince, fileBefore}
	}
	for _, name := range names {
		url = fmt.Sprintf(tagURL, month.Format(tagLayout), name)
		body, _, err = r.source.ReadAll(ctx, upstream.Request{URL: url, MaxBytes: maxBytes, ExpectJSON: true})
		if !isNotFound(err) {
			break
		}
	}
	return url, body, err
}

// fail notes that a tag could not be had and keeps the text that was refused.
// It returns an error only when the run must end.
func (r *backfill) fail(ctx context.Context, tag, url string, body []byte, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if r.firstErr == nil {
		r.firstErr = err
	}
	r.failed = append(r.failed, tag)
	r.report.Skipped++
	if observation.ClassOf(err) == observation.ClassInternal {
		return err
	}
	if body == nil {
		return nil
	}
	return r.emit(ctx, collectors.NewReject(url, err.Error(), string(body)))
}

// nothing is the failure of a run that read no list and knows of none.
func (r *backfill) nothing() error {
	switch {
	case r.read > 0 || len(r.failed)+len(r.absent) == 0:
		return nil
	case r.firstErr != nil:
		return r.firstErr
	case r.last == 0:
		return &observation.Error{Class: observation.ClassEmpty, Op: "monthly rank lists", Err: fmt.Errorf("none of the %d tags exists", len(r.absent))}
	}
	return nil
}

func (r *backfill) note() string {
	var note string
	if len(r.absent) > 0 {
		note = fmt.Sprintf("No list was tagged for %s.", collectors.Names(r.absent))
	}
	if len(r.failed) > 0 {
		if note != "" {
			note += " "
		}
		note += fmt.Sprintf("Could not be had: %s (%v).", collectors.Names(r.failed), r.firstErr)
	}
	if r.stopped {
		note += " The source stopped answering; the rest is left for the next run."
	}
	return note
}
