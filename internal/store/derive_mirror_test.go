package store

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// mirrorDir returns the folder of recorded sources, "" when it is not there.
func mirrorDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("PYROMETER_MIRROR")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				t.Fatal("no go.mod above the test")
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "mirror")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Logf("mirror not present at %s: %v", dir, err)
		return ""
	}
	return dir
}

// loadMirrorRanks stores the recorded rank lists.
func (w *world) loadMirrorRanks(dir string) {
	w.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "raw.githubusercontent.com/hugovk/top-pypi-packages/*/*.json"))
	w.must(err)
	paths = append(paths, filepath.Join(dir, "hugovk.dev/top-pypi-packages/top-pypi-packages.min.json"))
	seen := make(map[string]bool)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		w.must(err)
		var list struct {
			LastUpdate string `json:"last_update"`
			Rows       []struct {
				Downloads uint64 `json:"download_count"`
				Project   string `json:"project"`
			} `json:"rows"`
		}
		w.must(json.Unmarshal(text, &list))
		on := list.LastUpdate[:len(time.DateOnly)]
		if seen[on] {
			continue
		}
		seen[on] = true
		w.put("ranks (list, observed_on, project, rank, downloads, source, known_at, run_id)", rowsOf(len(list.Rows), func(i int) []any {
			r := list.Rows[i]
			return []any{"top-pypi-packages", date(on), pypa.Normalize(r.Project), uint32(i + 1), r.Downloads, "", w.at, uuid.Nil}
		})...)
	}
}

func rowsOf(n int, row func(int) []any) [][]any {
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = row(i)
	}
	return rows
}

// archiveBatch collects rows of many snapshots by column.
type archiveBatch struct {
	subject, state  []string
	set             []string
	on              []time.Time
	aggregate, core []*float32
	conclusive      []uint8

	checkSubject, check []string
	checkOn             []time.Time
	score               []int8
}

// loadMirrorArchive stores the recorded snapshots, and the checks of those
// from the date checksFrom on.
func (w *world) loadMirrorArchive(dir, checksFrom string) {
	w.Helper()
	f, err := os.Open(filepath.Join(dir, "codeload.github.com/sethmlarson/pypi-scorecards/tar.gz/refs/heads/main"))
	w.must(err)
	defer f.Close()
	gz, err := gzip.NewReader(f)
	w.must(err)
	b := new(archiveBatch)
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		w.must(err)
		on, ok := strings.CutSuffix(filepath.Base(h.Name), ".csv")
		if !ok {
			continue
		}
		text, err := io.ReadAll(tr)
		w.must(err)
		b.add(w, text, date(on), on >= checksFrom)
		if len(b.subject) > 50_000 || len(b.check) > 500_000 {
			b.flush(w)
		}
	}
	b.flush(w)
}

// add reads one CSV. No field of it is quoted.
func (b *archiveBatch) add(w *world, text []byte, on time.Time, checks bool) {
	lines := bytes.Split(bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r"), nil)), []byte("\n"))
	header := strings.Split(string(lines[0]), ",")
	columns := posture.NewColumns(header[3:])
	set := posture.CheckSet(header[3:])
	scores := make([]int8, len(header)-3)
	for _, line := range lines[1:] {
		fields := bytes.Split(line, []byte(","))
		subject := pypa.Normalize(string(fields[0]))
		n := uint8(0)
		for i, field := range fields[3:] {
			scores[i] = score(field)
			if scores[i] < 0 {
				continue
			}
			n++
			if checks {
				b.checkSubject, b.check = append(b.checkSubject, subject), append(b.check, header[3+i])
				b.checkOn, b.score = append(b.checkOn, on), append(b.score, scores[i])
			}
		}
		r := columns.Row(scores)
		state := observation.StateNoResult
		var aggregate, core *float32
		if r.Scored {
			state = observation.StateScored
			v := float32(r.Aggregate)
			aggregate = &v
		}
		if r.HasCore {
			v := float32(r.Core)
			core = &v
		}
		b.set = append(b.set, set)
		b.subject, b.state, b.on = append(b.subject, subject), append(b.state, string(state)), append(b.on, on)
		b.aggregate, b.core, b.conclusive = append(b.aggregate, aggregate), append(b.core, core), append(b.conclusive, n)
	}
}

// score reads one cell; blank, -1 and what is out of range are -1.
func score(field []byte) int8 {
	v := 0
	for _, c := range field {
		if c < '0' || c > '9' || v > 10 {
			return -1
		}
		v = 10*v + int(c-'0')
	}
	if len(field) == 0 || v > 10 {
		return -1
	}
	return int8(v)
}

func (b *archiveBatch) flush(w *world) {
	w.Helper()
	columns := func(statement string, columns ...any) {
		batch, err := w.conn.PrepareBatch(w.ctx, "INSERT INTO "+statement)
		w.must(err)
		defer batch.Close()
		for i, c := range columns {
			w.must(batch.Column(i).Append(c))
		}
		w.must(batch.Send())
	}
	n := len(b.subject)
	if n > 0 {
		columns("scorecard_results (subject, observed_on, source, state, aggregate, core, check_set, conclusive, known_at)",
			b.subject, b.on, slices.Repeat([]string{"archive"}, n), b.state, b.aggregate, b.core, b.set, b.conclusive, slices.Repeat([]time.Time{w.at}, n))
	}
	if n := len(b.check); n > 0 {
		columns("scorecard_checks (subject, check, observed_on, source, score, known_at)",
			b.checkSubject, b.check, b.checkOn, slices.Repeat([]string{"archive"}, n), b.score, slices.Repeat([]time.Time{w.at}, n))
	}
	*b = archiveBatch{}
}

// osvRecord is as much of an OSV record as the derivation reads.
type osvRecord struct {
	ID        string   `json:"id"`
	Aliases   []string `json:"aliases"`
	Published string   `json:"published"`
	Modified  string   `json:"modified"`
	Withdrawn string   `json:"withdrawn"`
	Summary   string   `json:"summary"`
	Severity  []struct {
		Score string `json:"score"`
	} `json:"severity"`
	DatabaseSpecific struct {
		Severity string `json:"severity"`
	} `json:"database_specific"`
	Affected []struct {
		Package struct {
			Ecosystem string `json:"ecosystem"`
			Name      string `json:"name"`
		} `json:"package"`
		Versions []string `json:"versions"`
		Ranges   []struct {
			Type   string              `json:"type"`
			Events []observation.Event `json:"events"`
		} `json:"ranges"`
	} `json:"affected"`
}

// loadMirrorAdvisories stores the recorded OSV export.
func (w *world) loadMirrorAdvisories(dir string) {
	w.Helper()
	all, err := zip.OpenReader(filepath.Join(dir, "osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"))
	w.must(err)
	defer all.Close()
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		t, err := time.Parse(time.RFC3339, text)
		w.must(err)
		return t
	}
	var records, affected [][]any
	for _, f := range all.File {
		r, err := f.Open()
		w.must(err)
		var o osvRecord
		w.must(json.NewDecoder(r).Decode(&o))
		w.must(r.Close())
		var vectors []string
		for _, s := range o.Severity {
			vectors = append(vectors, s.Score)
		}
		database, _, _ := strings.Cut(o.ID, "-")
		records = append(records, []any{o.ID, w.at, database, o.Aliases, nullTime(at(o.Published)), at(o.Modified), nullTime(at(o.Withdrawn)),
			o.Summary, vectors, o.DatabaseSpecific.Severity})
		merged := make(map[string]*observation.Affected)
		var projects []string
		for _, a := range o.Affected {
			if a.Package.Ecosystem != "PyPI" {
				continue
			}
			project := pypa.Normalize(a.Package.Name)
			m, ok := merged[project]
			if !ok {
				m = new(observation.Affected)
				merged[project] = m
				projects = append(projects, project)
			}
			m.Versions = append(m.Versions, a.Versions...)
			for _, r := range a.Ranges {
				if r.Type == "ECOSYSTEM" {
					m.Ranges = append(m.Ranges, observation.Range{Events: r.Events})
				}
			}
		}
		for _, project := range projects {
			lists := make([][]observation.Event, len(merged[project].Ranges))
			for i, r := range merged[project].Ranges {
				lists[i] = r.Events
			}
			ranges, err := json.Marshal(lists)
			w.must(err)
			affected = append(affected, []any{project, o.ID, w.at, merged[project].Versions, string(ranges)})
		}
	}
	w.put("advisories (osv_id, known_at, database, aliases, published, modified, withdrawn, summary, vectors, severity_word)", records...)
	w.put("affected (project, osv_id, known_at, versions, ranges)", affected...)
}

// TestMirrorAnchors derives the whole recorded archive and compares it with
// figures that were worked out elsewhere.
func TestMirrorAnchors(t *testing.T) {
	dir := mirrorDir(t)
	if dir == "" {
		return
	}
	w := newWorld(t)
	w.ledger() // an empty one: the rule must find the outages alone
	w.loadMirrorRanks(dir)
	w.loadMirrorArchive(dir, "2022-07-29")
	start := time.Now()
	w.must(w.Derive(w.ctx, TouchedBy("pypiscorecards", nil)))
	t.Logf("derived in %v", time.Since(start))

	want := []string{"2022-10-01", "2022-10-04", "2022-10-28", "2022-11-01", "2022-11-10", "2022-11-13"}
	got := w.rows("SELECT toString(observed_on) FROM snapshots WHERE state != 'accepted' ORDER BY observed_on")
	if !slices.Equal(got, want) {
		t.Errorf("suspect by rule: %v, want %v", got, want)
	}
	if n := w.rows("SELECT toString(count()) FROM snapshots")[0]; n != "278" {
		t.Errorf("%s snapshots, want 278", n)
	}

	points, err := w.CohortPoints(w.ctx, observation.CohortTop1000, observation.WeightPackage)
	w.must(err)
	last := points[len(points)-1]
	if !last.Date.Equal(date("2026-06-15")) || last.Scored != 738 || !last.ListOn.Equal(date("2026-04-01")) || last.Suspect {
		t.Errorf("top1000 at the end: %+v", last)
	}
	if last.P50 == nil || *last.P50 < 5.65 || *last.P50 >= 5.75 {
		t.Errorf("median of top1000 at the end: %v, want 5.7", *last.P50)
	}
	funnel, err := w.Funnel(w.ctx, observation.CohortTop1000, observation.WeightPackage, observation.ByYear)
	w.must(err)
	if len(funnel) != 5 || *funnel[4].Scored.Projects != 738 || *funnel[4].Recent.Projects != 738 || funnel[4].Repository.Projects != nil || funnel[4].Unknown == "" {
		t.Errorf("the funnel by year: %+v", funnel)
	}

	// The members of the newest list, asked about as a set, are the cohort.
	for _, c := range []observation.Cohort{"panel=2026-04:top1000", "panel=2026-04"} {
		start = time.Now()
		panel, err := w.CohortPoints(w.ctx, c, observation.WeightPackage)
		w.must(err)
		t.Logf("%s in %v", c, time.Since(start))
		if len(panel) != 278 {
			t.Errorf("%s has %d points, want one for each snapshot", c, len(panel))
		}
		if c == "panel=2026-04:top1000" {
			if diff := cmp.Diff(last, panel[len(panel)-1]); diff != "" {
				t.Errorf("%s at the end: -cohort +panel:\n%s", c, diff)
			}
		}
	}
	changes, err := w.newestChanges(observation.CohortTop1000)
	w.must(err)
	if len(changes) == 0 {
		t.Fatal("nothing is said of the last week")
	}
	for _, c := range changes {
		if !c.From.Equal(date("2026-06-08")) || !c.To.Equal(date("2026-06-15")) {
			t.Errorf("the last week is %+v", c)
		}
		if c.What == changeAggregate && (c.Matched != 738 || c.Rose != 35 || c.Fell != 57) {
			t.Errorf("aggregate of the last week: %+v", c)
		}
	}
	checkMirror(t, w)
}

// TestMirrorAdvisories derives the recorded export.
func TestMirrorAdvisories(t *testing.T) {
	dir := mirrorDir(t)
	if dir == "" {
		return
	}
	w := newWorld(t)
	w.at = date("2026-11-23")
	w.loadMirrorRanks(dir)
	w.loadMirrorAdvisories(dir)
	start := time.Now()
	w.must(w.Derive(w.ctx, TouchedBy("osv", nil)))
	t.Logf("derived in %v", time.Since(start))
	counts, err := w.Advisories(w.ctx, observation.CohortAll)
	w.must(err)
	if counts.Day != 2457 || counts.Year != 2915 || counts.Unknown != 0 || counts.Malware != 9243 || counts.Withdrawn != 225 {
		t.Errorf("groups: day %d, year %d, unknown %d, malware %d, withdrawn %d", counts.Day, counts.Year, counts.Unknown, counts.Malware, counts.Withdrawn)
	}
	days, err := w.ImportDays(w.ctx)
	w.must(err)
	var said []string
	for _, d := range days {
		said = append(said, fmt.Sprintf("%s %s %d", d.Database, d.Day.Format(time.DateOnly), d.Records))
	}
	if diff := cmp.Diff([]string{"PYSEC 2020-09-25 72", "PYSEC 2021-05-14 309", "PYSEC 2021-08-12 160", "PYSEC 2021-11-05 97", "PYSEC 2022-02-04 62", "PYSEC 2026-06-29 314",
		"PYSEC 2026-07-02 142", "PYSEC 2026-07-06 158", "PYSEC 2026-07-07 1108", "PYSEC 2026-07-09 189", "PYSEC 2026-07-13 863", "PYSEC 2026-07-23 80"}, said); diff != "" {
		t.Errorf("days of import (-want +got):\n%s", diff)
	}
	if got := w.rows("SELECT toString(countIf(has(flags, 'bad-vector'))) FROM advisory_groups"); got[0] != "0" {
		t.Errorf("%s groups with a vector that cannot be read", got[0])
	}
	// The import of July 2026 is seen in the arrivals alone.
	for basis, want := range map[observation.ArrivalBasis][2]int{observation.ArrivalDisclosed: {2457, 34}, observation.ArrivalPYSEC: {5371, 2108}, observation.ArrivalHere: {5372, 0}} {
		months, err := w.Arrivals(w.ctx, observation.CohortAll, basis)
		w.must(err)
		var got [2]int
		for _, m := range months {
			for _, n := range m.Groups {
				got[0] += n
				if m.Month.Equal(date("2026-07-01")) {
					got[1] += n
				}
			}
		}
		if got != want {
			t.Errorf("groups by %s, in all and in July 2026: %v, want %v", basis, got, want)
		}
	}
	for _, cohort := range observation.RankCohorts() {
		counts, err := w.Advisories(w.ctx, cohort)
		w.must(err)
		if len(counts.Months) == 0 || counts.Months[0].Month.Before(date("2022-07-01")) {
			t.Errorf("%s: no month, or one before the first rank list: %+v", cohort, counts.Months)
		}
	}
}
