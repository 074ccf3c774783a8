package ranks

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// document is the published file. Both shapes have these keys: {last_update,
// query, rows} until 2025-06, {last_update, source, meta, rows, …} since.
type document struct {
	LastUpdate string            `json:"last_update"`
	Source     string            `json:"source"`
	Rows       []json.RawMessage `json:"rows"`
}

// row is one element of rows. A count is a number; ClickHouse, which writes the
// file, can be set to quote 64-bit ones, and json.Number takes both.
type row struct {
	Downloads *json.Number `json:"download_count"`
	Project   string       `json:"project"`
}

// parse reads one list. Rows that cannot be read are rejected one by one; the
// others keep the place at which they were published. object names the list in
// errors and rejects; a list dated before firstDay or after now is refused as a
// whole.
func parse(object string, body []byte, now time.Time) (*observation.RankList, []*observation.Reject, error) {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, nil, collectors.Malformed(object, fmt.Errorf("not a rank list: %w", err))
	}
	day, err := parseDay(doc.LastUpdate)
	if err != nil {
		return nil, nil, collectors.Malformed(object, err)
	}
	switch {
	case day.Before(firstDay):
		return nil, nil, collectors.Malformed(object, fmt.Errorf("last_update %q lies before %d", doc.LastUpdate, firstDay.Year()))
	case day.After(now):
		return nil, nil, collectors.Malformed(object, fmt.Errorf("last_update %q lies in the future", doc.LastUpdate))
	}
	list := &observation.RankList{
		List:       List,
		ObservedOn: day,
		Source:     collectors.CutText(doc.Source, maxSource),
		Ranks:      make([]observation.Rank, 0, len(doc.Rows)),
	}
	var rejects []*observation.Reject
	seen := make(map[string]bool, len(doc.Rows))
	for i, raw := range doc.Rows {
		project, downloads, err := parseRow(raw)
		if err == nil && seen[project] {
			err = fmt.Errorf("%s is listed twice", project)
		}
		if err != nil {
			rejects = append(rejects, collectors.NewReject(object, fmt.Sprintf("row %d: %v", i+1, err), string(raw)))
			continue
		}
		seen[project] = true
		list.Ranks = append(list.Ranks, observation.Rank{Project: project, Rank: uint32(i + 1), Downloads: downloads})
	}
	if len(list.Ranks)*10 < len(doc.Rows)*9 {
		return nil, nil, collectors.Malformed(object, fmt.Errorf("%d of %d rows cannot be read, the first because of %s", len(rejects), len(doc.Rows), rejects[0].Reason))
	}
	return list, rejects, nil
}

// firstDay is before any list: an older date is a fault.
var firstDay = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

func parseRow(raw json.RawMessage) (project string, downloads uint64, err error) {
	var r row
	if err := json.Unmarshal(raw, &r); err != nil {
		return "", 0, err
	}
	if project, err = pypa.ParseName(r.Project); err != nil {
		return "", 0, err
	}
	if r.Downloads == nil {
		return "", 0, errors.New("no download_count")
	}
	if downloads, err = strconv.ParseUint(r.Downloads.String(), 10, 64); err != nil {
		return "", 0, fmt.Errorf("download_count %q is not a count", *r.Downloads)
	}
	return project, downloads, nil
}

// parseDay reads last_update, which is UTC without saying so: "2026-04-01 06:34:06".
func parseDay(s string) (time.Time, error) {
	for _, layout := range []string{time.DateTime, time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(24 * time.Hour), nil
		}
	}
	return time.Time{}, fmt.Errorf("last_update %q is not a time", collectors.CutText(s, 100))
}
