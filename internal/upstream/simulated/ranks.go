package simulated

import (
	"regexp"
	"time"
)

// The monthly list of the most downloaded projects.

type listRow struct {
	Downloads uint64 `json:"download_count"`
	Project   string `json:"project"`
}

// oldList is the shape until the list changed its source, newList the one since.
type oldList struct {
	LastUpdate string `json:"last_update"`
	Query      struct {
		BytesBilled    int64  `json:"bytes_billed"`
		BytesProcessed int64  `json:"bytes_processed"`
		Cached         bool   `json:"cached"`
		EstimatedCost  string `json:"estimated_cost"`
	} `json:"query"`
	Rows []listRow `json:"rows"`
}

type newList struct {
	LastUpdate string     `json:"last_update"`
	Source     string     `json:"source"`
	Meta       []listMeta `json:"meta"`
	Rows       []listRow  `json:"rows"`
	Total      int        `json:"total_rows"`
}

type listMeta struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

var (
	newName  = time.Date(2025, time.April, 1, 0, 0, 0, 0, time.UTC) // the file lost "-30-days" from its name
	newShape = time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
)

// list renders the list of the month that begins at t.
func (w *world) list(t time.Time) reply {
	places := w.ranked(t)
	rows := make([]listRow, len(places))
	for i, p := range places {
		rows[i] = listRow{p.downloads, nameOf(p.project)}
	}
	if t.Before(newShape) {
		l := oldList{LastUpdate: t.Format(time.DateOnly) + " 08:13:16", Rows: rows}
		l.Query.BytesBilled, l.Query.BytesProcessed, l.Query.EstimatedCost = 1<<39, 1<<39-1, "2.50"
		return reply{kind: "text/plain; charset=utf-8", body: encode(l)}
	}
	meta := []listMeta{{"download_count", "Int64"}, {"project", "String"}}
	l := newList{LastUpdate: t.Format(time.DateOnly) + " 06:34:06", Source: "ClickHouse", Meta: meta, Rows: rows, Total: len(rows)}
	return reply{kind: "text/plain; charset=utf-8", body: encode(l)}
}

// newestMonth is the month of the newest list, which appears on the second day.
func (w *world) newestMonth() time.Time {
	t := w.today.time()
	month := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	if t.Day() == 1 {
		month = month.AddDate(0, -1, 0)
	}
	return month
}

func (w *world) newestList(path string) (reply, bool) {
	if path != "/top-pypi-packages/top-pypi-packages.min.json" {
		return reply{}, false
	}
	r := w.list(w.newestMonth())
	r.kind = "application/json; charset=utf-8"
	return r, true
}

var tagPath = regexp.MustCompile(`^/hugovk/top-pypi-packages/(\d{4}\.\d{2})/top-pypi-packages(-30-days)?\.min\.json$`)

// taggedList answers for a monthly tag. Every fourth January, 2025 among them,
// was never tagged.
func (w *world) taggedList(path string) (reply, bool) {
	match := tagPath.FindStringSubmatch(path)
	if match == nil {
		return reply{}, false
	}
	month, err := time.Parse("2006.01", match[1])
	if err != nil || month.Before(w.first) || month.After(w.newestMonth()) {
		return reply{}, false
	}
	if month.Month() == time.January && month.Year()%4 == 1 {
		return reply{}, false
	}
	if month.Before(newName) != (match[2] != "") {
		return reply{}, false
	}
	return w.list(month), true
}
