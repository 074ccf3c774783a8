package cpython

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/upstream"
)

const (
	// CyclesName is the name of the collector of the release cycles.
	CyclesName = "pythoncycles"

	cyclesURL = "https://endoflife.date/api/v1/products/python"
	maxCycles = 4 << 20 // bytes; 10 KB in 2026
	maxLatest = 50      // bytes of the newest release
)

var cycleForm = regexp.MustCompile(`^[0-9]{1,3}\.[0-9]{1,4}$`)

// Cycles collects the release cycles of CPython. It implements
// collectors.Collector.
type Cycles struct{ source Source }

// NewCycles returns the collector of the release cycles.
func NewCycles(s Source) *Cycles { return &Cycles{source: s} }

// Name implements collectors.Collector.
func (*Cycles) Name() string { return CyclesName }

// cyclesCursor remembers the last accepted list.
type cyclesCursor struct {
	Cycles  int       `json:"cycles"`
	Through time.Time `json:"through"`
}

// Collect asks for the list if it changed and emits it as a whole. A list that
// is empty or lost a tenth of its cycles is a failure of ClassEmpty, and one with
// a cycle that cannot be told from its name is malformed: the list is short, and
// a cycle that is missing would count as gone. A date that cannot be read is
// unknown, a reject, and makes the run partial; a list of which more than a tenth
// of the dates cannot be read is malformed.
func (c *Cycles) Collect(ctx context.Context, in collectors.Input, emit collectors.Emit) (collectors.Report, error) {
	var cur cyclesCursor
	if err := in.Cursor.Read(CyclesName, &cur); err != nil {
		return collectors.Report{}, err
	}
	in.Progress(0, 1, "release cycles")
	body, resp, err := c.source.ReadAll(ctx, upstream.Request{URL: cyclesURL, MaxBytes: maxCycles, Conditional: cur.Cycles > 0, ExpectJSON: true})
	if err != nil {
		return collectors.Report{}, err
	}
	report := collectors.Report{Cursor: in.Cursor, Through: cur.Through}
	if resp.NotModified {
		report.Unchanged = 1
		return report, emit(ctx, resp.Record())
	}
	list, rejects, err := parseCycles(cyclesURL, body, in.Now)
	if err == nil {
		err = collectors.CheckSize(cyclesURL, "cycles", len(list.cycles), cur.Cycles)
	}
	if err != nil {
		return report, err
	}
	for _, r := range rejects {
		if err := emit(ctx, r); err != nil {
			return report, err
		}
	}
	if err := emit(ctx, &observation.PythonCycles{Cycles: list.cycles}); err != nil {
		return report, err
	}
	if err := emit(ctx, resp.Record()); err != nil {
		return report, err
	}
	report.Through = list.through
	report.Cursor = collectors.NewCursor(cyclesCursor{Cycles: len(list.cycles), Through: list.through})
	if len(rejects) > 0 {
		report.Partial, report.Note = true, fmt.Sprintf("Cycles with a date that could not be read: %d.", len(rejects))
	}
	in.Progress(1, 1, "release cycles")
	return report, nil
}

// product is the answer. Keys that are not read may hold anything.
type product struct {
	LastModified string `json:"last_modified"`
	Result       struct {
		Releases []json.RawMessage `json:"releases"`
	} `json:"result"`
}

// cycle is one element of releases. Every date may be null.
type cycle struct {
	Name     string          `json:"name"`
	Released json.RawMessage `json:"releaseDate"`
	ActiveTo json.RawMessage `json:"eoasFrom"`
	EndsOn   json.RawMessage `json:"eolFrom"`
	Ended    *bool           `json:"isEol"`
	Latest   *struct {
		Name string          `json:"name"`
		Date json.RawMessage `json:"date"`
	} `json:"latest"`
}

// The years that a date of a release cycle may name.
const (
	firstYear = 1980
	lastYear  = 2200
)

// cycleList is a list that was read.
type cycleList struct {
	cycles  []observation.PythonCycle
	through time.Time // when the source last changed it, else the date of its newest release
}

// parseCycles reads the list. One of which more than a tenth of the dates that are
// there cannot be read is malformed: taken as unknown they would replace known ones.
func parseCycles(object string, body []byte, now time.Time) (*cycleList, []*observation.Reject, error) {
	var doc product
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, nil, collectors.Malformed(object, fmt.Errorf("not a list of release cycles: %w", err))
	}
	list := &cycleList{}
	var rejects []*observation.Reject
	seen := map[string]observation.PythonCycle{}
	var dates dateCount
	for i, raw := range doc.Result.Releases {
		c, problems, err := parseCycle(raw, now, &dates)
		if before, twice := seen[c.Name]; err == nil && twice {
			if before == c {
				continue
			}
			err = fmt.Errorf("%s is listed twice, with other dates", c.Name)
		}
		if err != nil {
			return nil, nil, collectors.Malformed(object, fmt.Errorf("release %d: %w", i+1, err))
		}
		if len(problems) > 0 {
			rejects = append(rejects, collectors.NewReject(object, fmt.Sprintf("%s: %s", c.Name, strings.Join(problems, "; ")), string(raw)))
		}
		seen[c.Name] = c
		list.cycles = append(list.cycles, c)
		if c.LatestOn.After(list.through) && !c.LatestOn.After(now) {
			list.through = c.LatestOn
		}
	}
	if dates.bad*10 > dates.all {
		return nil, nil, collectors.Malformed(object, fmt.Errorf("%d of %d dates cannot be read, the first in %s", dates.bad, dates.all, rejects[0].Reason))
	}
	if t, err := time.Parse(time.RFC3339, doc.LastModified); err == nil && !t.After(now) {
		list.through = t.UTC()
	}
	return list, rejects, nil
}

// dateCount counts the dates that are there, and those that cannot be read.
type dateCount struct{ all, bad int }

// parseCycle reads one cycle and counts its dates. problems are dates that could
// not be read and are unknown.
func parseCycle(raw json.RawMessage, now time.Time, dates *dateCount) (c observation.PythonCycle, problems []string, err error) {
	var w cycle
	if err := json.Unmarshal(raw, &w); err != nil {
		return c, nil, err
	}
	if !cycleForm.MatchString(w.Name) {
		return c, nil, fmt.Errorf("its name %.40q is not that of a feature release", w.Name)
	}
	c.Name = w.Name
	date := func(key string, raw json.RawMessage) time.Time {
		t, err := parseDate(raw)
		if err != nil || !t.IsZero() {
			dates.all++
		}
		if err != nil {
			dates.bad++
			problems = append(problems, key+" "+err.Error())
		}
		return t
	}
	c.ReleasedOn = date("releaseDate", w.Released)
	c.ActiveTo = date("eoasFrom", w.ActiveTo)
	c.EndsOn = date("eolFrom", w.EndsOn)
	if w.Latest != nil {
		c.Latest = collectors.CutText(w.Latest.Name, maxLatest)
		c.LatestOn = date("latest.date", w.Latest.Date)
	}
	switch {
	case w.Ended != nil:
		c.Ended = *w.Ended
	case !c.EndsOn.IsZero():
		c.Ended = !c.EndsOn.After(now)
	default:
		problems = append(problems, "neither isEol nor eolFrom says whether its life has ended; it is taken for alive")
	}
	return c, problems, nil
}

// parseDate reads a day; absent and null are unknown.
func parseDate(raw json.RawMessage) (time.Time, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return time.Time{}, nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return time.Time{}, errors.New("is not a date; it is unknown")
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%.40q is not a date; it is unknown", s)
	}
	if t.Year() < firstYear || t.Year() > lastYear {
		return time.Time{}, fmt.Errorf("%s is not of %d to %d; it is unknown", s, firstYear, lastYear)
	}
	return t, nil
}
