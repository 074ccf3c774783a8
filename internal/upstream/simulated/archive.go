package simulated

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
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

// week is one file of the archive.
type week struct {
	day    day
	outage bool
}

// weeks are the files of the archive, oldest first: a Monday each, now and then
// two days late. The first three of every fourth October, 2024 among them, are
// an outage of the source. On these weekdays no date is one that the ledger of
// breaks knows as an outage of the real archive.
func (w *world) weeks() []week {
	var list []week
	monday := dayOf(w.first)
	monday += (11 - monday%7) % 7 // 1970-01-05 was a Monday
	outages := 0
	for ; ; monday += 7 {
		d := monday
		if w.chance(0.12, drawWeekShift, int(monday), 0, 0) {
			d += 2
		}
		if d > w.today {
			return list
		}
		t := monday.time()
		if t.Month() != time.October || t.Year()%4 != 0 {
			outages = 0
			list = append(list, week{d, false})
			continue
		}
		outages++
		list = append(list, week{d, outages <= 3})
	}
}

// Days on which columns came and went, and the list grew.
var (
	sastCame          = date(2022, time.September, 14)
	dependencyWent    = date(2023, time.April, 22) // with SAST and Code-Review
	sastBack          = date(2023, time.June, 29)
	reviewBack        = date(2023, time.July, 8)
	vulnerabilityDied = date(2026, time.March, 1) // nearly all blank, then no column
	vulnerabilityWent = date(2026, time.March, 8)
	grew              = date(2023, time.September, 8)
	grewAgain         = date(2025, time.February, 8)
)

// columns are the checks that the file of a day has.
func columns(d day) []int {
	var list []int
	for c := range archived {
		switch checks[c].name {
		case "SAST":
			if d < sastCame || d >= dependencyWent && d < sastBack {
				continue
			}
		case "Code-Review":
			if d >= dependencyWent && d < reviewBack {
				continue
			}
		case "Dependency-Update-Tool":
			if d >= dependencyWent {
				continue
			}
		case "Vulnerabilities":
			if d >= vulnerabilityWent {
				continue
			}
		}
		list = append(list, c)
	}
	return list
}

// listed is how many projects the file of a day has.
func (w *world) listed(d day) int {
	switch {
	case d < grew:
		return w.n * 8 / 10
	case d < grewAgain:
		return w.n * 9 / 10
	}
	return w.n
}

func (w *world) archive(path string) (reply, bool) {
	if path != "/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main" {
		return reply{}, false
	}
	weeks := w.weeks()
	key := fmt.Sprint("archive", uint64(w.seed), w.n, weeks[0].day, weeks[len(weeks)-1].day)
	return reply{
		kind:   "application/x-gzip",
		header: map[string]string{"Content-Disposition": "attachment; filename=pypi-scorecards-main.tar.gz"},
		stream: func() *stream { return w.tarball(weeks) },
		etag:   etagOf([]byte(key)),
	}, true
}

// tarball packs the weekly files as they are read.
func (w *world) tarball(weeks []week) *stream {
	var out *bytes.Buffer // where the packer writes: the buffer of the stream
	// The level is a valid one; nothing else can fail.
	zip, _ := gzip.NewWriterLevel(writerFunc(func(p []byte) (int, error) { return out.Write(p) }), gzip.BestSpeed)
	pack := tar.NewWriter(zip)
	stamp := weeks[len(weeks)-1].day.time()
	csv := csvWriter{world: w}
	next := -1
	return &stream{more: func(b *bytes.Buffer) error {
		out = b
		defer func() { next++ }()
		switch {
		case next < 0:
			return packHead(pack, stamp)
		case next < len(weeks):
			body := csv.file(weeks[next])
			return packFile(pack, archiveTop+"data/"+weeks[next].day.String()+".csv", stamp, body)
		}
		if err := pack.Close(); err != nil {
			return err
		}
		if err := zip.Close(); err != nil {
			return err
		}
		return io.EOF
	}}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// packHead writes what the host's archives begin with: a pax header that names
// the commit, the top folder, and the files that are no data.
func packHead(pack *tar.Writer, stamp time.Time) error {
	heads := []*tar.Header{
		{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": archiveCommit}},
		{Typeflag: tar.TypeDir, Name: archiveTop, Mode: 0o775, ModTime: stamp},
	}
	for _, h := range heads {
		if err := pack.WriteHeader(h); err != nil {
			return err
		}
	}
	if err := packFile(pack, archiveTop+"README.md", stamp, []byte("A fictional archive of fictional projects.\n")); err != nil {
		return err
	}
	return pack.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: archiveTop + "data/", Mode: 0o775, ModTime: stamp})
}

func packFile(pack *tar.Writer, name string, stamp time.Time, body []byte) error {
	if err := pack.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o664, Size: int64(len(body)), ModTime: stamp}); err != nil {
		return err
	}
	_, err := pack.Write(body)
	return err
}

// csvWriter renders weekly files, keeping the rank list of the month and its
// buffers between them.
type csvWriter struct {
	*world
	month  time.Time
	places []place
	rows   []csvRow
	buf    []byte
}

type csvRow struct {
	place
	scored  bool
	scores  vector
	overall float64
}

// file renders the file of one week, best first by the source's own aggregate,
// which counts a check without a score as 0. The result holds until the next call.
func (c *csvWriter) file(k week) []byte {
	t := k.day.time()
	month := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	if !month.Equal(c.month) {
		c.month, c.places = month, c.ranked(month)
	}
	cols := columns(k.day)
	c.rows = c.rows[:0]
	for _, p := range c.places[:min(c.listed(k.day), len(c.places))] {
		c.rows = append(c.rows, c.row(k, p, cols))
	}
	slices.SortStableFunc(c.rows, func(a, b csvRow) int { return cmp.Compare(b.overall, a.overall) })
	return c.render(k, cols)
}

func (c *csvWriter) row(k week, p place, cols []int) csvRow {
	row := csvRow{place: p}
	if !c.hasResult(p.project, k.day) || k.outage && c.chance(0.22, drawOutage, p.project, int(k.day), 0) {
		return row
	}
	repo, _ := c.repository(p.project)
	row.scored, row.scores = true, c.result(repo, k.day)
	if k.day >= vulnerabilityDied && c.chance(0.96, drawOutage, repo, 1, 0) {
		row.scores[vulnerabilities] = inconclusive
	}
	sum, weights := 0.0, 0.0
	for _, i := range cols {
		weights += checks[i].weight
		sum += checks[i].weight * float64(max(row.scores[i], 0))
	}
	row.overall = sum / weights
	return row
}

func (c *csvWriter) render(k week, cols []int) []byte {
	end := "\n"
	if k.day < date(2022, time.August, 15) {
		end = "\r\n"
	}
	b := append(c.buf[:0], "Package,Downloads,Overall"...)
	for _, i := range cols {
		b = append(append(b, ','), checks[i].name...)
	}
	b = append(b, end...)
	for _, row := range c.rows {
		b = append(append(b, nameOf(row.project)...), ',')
		b = append(strconv.AppendUint(b, row.downloads, 10), ',')
		b = strconv.AppendFloat(b, row.overall, 'f', 2, 64)
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
