package simulated

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"
)

// The monthly list of the most downloaded projects.

var (
	newName  = date(2025, time.April, 1) // the file lost "-30-days" from its name
	newShape = date(2025, time.July, 1)  // the list changed its source
)

// list renders the list of the month that begins on d.
func (w *world) list(d day, kind string) reply {
	return reply{kind: kind, etag: w.etagFor("list", d), stream: func() *stream {
		places := w.ranked(d)
		head, tail := listFrame(d, len(places))
		next := 0
		return &stream{more: func(b *bytes.Buffer) error {
			if next == 0 {
				b.WriteString(head)
			}
			for range min(1000, len(places)-next) {
				p := places[next]
				if next > 0 {
					b.WriteByte(',')
				}
				b.WriteString(`{"download_count":`)
				b.WriteString(strconv.FormatUint(p.downloads, 10))
				b.WriteString(`,"project":"` + nameOf(p.project) + `"}`)
				next++
			}
			if next < len(places) {
				return nil
			}
			b.WriteString(tail)
			return io.EOF
		}}
	}}
}

// listFrame is what stands before and behind the rows.
func listFrame(d day, rows int) (head, tail string) {
	if d < newShape {
		return `{"last_update":"` + d.String() + ` 08:13:16","query":{"bytes_billed":549755813888,"bytes_processed":549755813887,` +
			`"cached":false,"estimated_cost":"2.50"},"rows":[`, `]}`
	}
	return `{"last_update":"` + d.String() + ` 06:34:06","source":"ClickHouse","meta":[{"name":"download_count","type":"Int64"},` +
		`{"name":"project","type":"String"}],"rows":[`, fmt.Sprintf(`],"total_rows":%d}`, rows)
}

// newestMonth is the month of the newest list, which appears on the second day.
func (w *world) newestMonth() day {
	first := w.today - day(w.now.Day()-1)
	if w.now.Day() == 1 {
		first -= day((first - 1).time().Day())
	}
	return first
}

func (w *world) newestList(q query) (reply, bool) {
	if q.path != "/top-pypi-packages/top-pypi-packages.min.json" {
		return reply{}, false
	}
	return w.list(w.newestMonth(), "application/json; charset=utf-8"), true
}

var tagPath = regexp.MustCompile(`^/hugovk/top-pypi-packages/(\d{4}\.\d{2})/top-pypi-packages(-30-days)?\.min\.json$`)

// taggedList answers for a monthly tag. Every fourth January, 2025 among them,
// was never tagged.
func (w *world) taggedList(q query) (reply, bool) {
	match := tagPath.FindStringSubmatch(q.path)
	if match == nil {
		return reply{}, false
	}
	month, err := time.Parse("2006.01", match[1])
	d := dayOf(month)
	if err != nil || d < history || d > w.newestMonth() {
		return reply{}, false
	}
	if month.Month() == time.January && month.Year()%4 == 1 {
		return reply{}, false
	}
	if (d < newName) != (match[2] != "") {
		return reply{}, false
	}
	return w.list(d, "text/plain; charset=utf-8"), true
}
