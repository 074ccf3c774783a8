package simulated

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strconv"
	"time"
)

// The archive of weekly Scorecard results: one tarball with one CSV a week.

const (
	archiveTop    = "pypi-scorecards-main/"
	archiveCommit = "f1c71017a1f1c71017a1f1c71017a1f1c71017a1"
)

// fileDay is the day of the file of the week that begins with a Monday: that
// day, now and then two days later.
func (w *world) fileDay(monday day) day {
	if w.chance(0.12, drawWeekShift, int(monday), 0, 0) {
		return monday + 2
	}
	return monday
}

// mondayOf is the Monday on or before d; 1970-01-05 was one.
func mondayOf(d day) day { return d - (d-4)%7 }

// weeks are the days of the archive's files, oldest first.
func (w *world) weeks() (list []day) {
	for monday := mondayOf(history + 27); ; monday += 7 {
		d := w.fileDay(monday)
		if d > w.today {
			return list
		}
		list = append(list, d)
	}
}

// lastWeek is the day of the archive's newest file.
func (w *world) lastWeek() day {
	monday := mondayOf(w.today)
	if d := w.fileDay(monday); d <= w.today {
		return d
	}
	return w.fileDay(monday - 7)
}

// scoredOn is the day whose results the file of a day shows.
func scoredOn(d day) day {
	if d >= frozenFrom && d <= frozenTo {
		return frozenFrom
	}
	return d
}

// columns are the checks that the file of a day has.
func columns(d day) []int {
	var list []int
	for c := range inArchive {
		switch c {
		case sast:
			if d < sastCame {
				continue
			}
		case codeReview:
			if d >= reviewLeft && d < reviewBack {
				continue
			}
		case updateTool:
			if d >= updateToolLeft {
				continue
			}
		case vulnerabilities:
			if d >= vulnerabilityEnd {
				continue
			}
		}
		list = append(list, c)
	}
	return list
}

// listed is how many projects the file of a day has. A small ecosystem grows
// too, so that its list does.
func (w *world) listed(d day) int {
	rows := at(listRows, d)
	if w.n >= maxRows {
		return rows
	}
	switch rows {
	case 5000:
		return min(rows, w.n*8/10)
	case 8000:
		return min(rows, w.n*9/10)
	}
	return w.n
}

func (w *world) archives(q query) (reply, bool) {
	switch q.path {
	case "/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main":
		return reply{
			kind:   "application/x-gzip",
			header: map[string]string{"Content-Disposition": "attachment; filename=pypi-scorecards-main.tar.gz"},
			stream: w.weeklyFiles,
			etag:   w.etagFor("archive", w.lastWeek()),
		}, true
	case "/psf/advisory-database/tar.gz/refs/heads/main":
		return w.cpythonArchive(), true
	}
	return reply{}, false
}

// weeklyFiles packs the weekly files as they are read.
func (w *world) weeklyFiles() *stream {
	weeks := w.weeks()
	stamp := weeks[len(weeks)-1].time()
	pack := newTarball(stamp)
	csv := csvWriter{world: w}
	next := -1
	return &stream{more: func(b *bytes.Buffer) error {
		pack.out = b
		defer func() { next++ }()
		switch {
		case next < 0:
			return pack.head(archiveTop, archiveCommit, "A fictional archive of fictional projects.\n", "data/")
		case next < len(weeks):
			return pack.file(archiveTop+"data/"+weeks[next].String()+".csv", csv.file(weeks[next]))
		}
		return cmp.Or(pack.close(), io.EOF)
	}}
}

// csvWriter renders weekly files, keeping the rank list of the month and its
// buffers between them.
type csvWriter struct {
	*world
	month  int
	places []place
	rows   []csvRow
	order  []rowKey
	buf    []byte
}

type csvRow struct {
	place
	scored bool
	scores vector
}

// rowKey is what the rows of a file are sorted by: best first by the source's
// own aggregate, which counts a check without a score as 0.
type rowKey struct {
	overall float64
	row     int
}

// file renders the file of one week. The result holds until the next call.
func (c *csvWriter) file(d day) []byte {
	if m := d.month(); m != c.month {
		t := d.time()
		c.month, c.places = m, c.ranked(d-day(t.Day()-1))
	}
	cols := columns(d)
	lost := slices.ContainsFunc(outages, func(s span) bool { return s.has(d) })
	c.rows, c.order = c.rows[:0], c.order[:0]
	for _, p := range c.places[:min(c.listed(d), len(c.places))] {
		row := csvRow{place: p}
		if c.hasResult(p.project, scoredOn(d)) && !(lost && c.loses(p.project, d)) {
			row.scored, row.scores = true, c.archiveScores(p.project, cols, d)
		}
		c.order = append(c.order, rowKey{overall(row, cols), len(c.rows)})
		c.rows = append(c.rows, row)
	}
	slices.SortFunc(c.order, func(a, b rowKey) int {
		if a.overall != b.overall {
			return cmp.Compare(b.overall, a.overall)
		}
		return a.row - b.row
	})
	return c.render(d, cols)
}

// loses tells whether an outage hits a project: a part of all, and some of the
// most downloaded ones in any case.
func (w *world) loses(i int, d day) bool {
	return i%11 == 1 || w.chance(0.15, drawOutage, i, int(mondayOf(d)), 0)
}

// archiveScores is what the file of a day says of a project.
func (w *world) archiveScores(i int, cols []int, d day) (v vector) {
	repo, _ := w.repository(i)
	on := scoredOn(d)
	for _, c := range cols {
		v[c] = w.score(repo, c, on)
	}
	if d >= vulnerabilityDry && w.chance(0.96, drawOutage, repo, 1, 1) {
		v[vulnerabilities] = inconclusive
	}
	if impossible.has(d) && i < 400 && i%41 == 5 {
		v[signedReleases] = int8(11 + i%30)
	}
	return v
}

// overall is the archive's own aggregate of a row.
func overall(row csvRow, cols []int) float64 {
	sum, weights := 0.0, 0.0
	for _, c := range cols {
		weights += checks[c].weight
		sum += checks[c].weight * float64(max(row.scores[c], 0))
	}
	if !row.scored {
		return 0
	}
	return sum / weights
}

func (c *csvWriter) render(d day, cols []int) []byte {
	end := "\n"
	if d < date(2022, time.August, 15) {
		end = "\r\n"
	}
	b := append(c.buf[:0], "Package,Downloads,Overall"...)
	for _, i := range cols {
		b = append(append(b, ','), checks[i].name...)
	}
	b = append(b, end...)
	for _, key := range c.order {
		row := &c.rows[key.row]
		b = append(append(b, nameOf(row.project)...), ',')
		b = append(strconv.AppendUint(b, row.downloads, 10), ',')
		b = strconv.AppendFloat(b, key.overall, 'f', 2, 64)
		for _, i := range cols {
			b = append(b, ',')
			if row.scored && row.scores[i] != inconclusive {
				b = strconv.AppendInt(b, int64(row.scores[i]), 10)
			}
		}
		b = append(b, end...)
	}
	c.buf = b
	return b
}
