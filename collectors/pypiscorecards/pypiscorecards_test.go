package pypiscorecards

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// entry is one file of an archive.
type entry struct{ name, body string }

// pack makes a tarball shaped like the host's: a pax global header with the
// commit, one top folder, then the files.
func pack(t testing.TB, entries ...entry) string {
	t.Helper()
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	w := tar.NewWriter(zip)
	write := func(h *tar.Header, body string) {
		h.Size, h.Mode = int64(len(body)), 0o644
		if h.Typeflag == tar.TypeXGlobalHeader {
			h.Size, h.Mode = 0, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	write(&tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "0123456789abcdef"}}, "")
	write(&tar.Header{Typeflag: tar.TypeDir, Name: "pypi-scorecards-main/"}, "")
	for _, e := range entries {
		kind := byte(tar.TypeReg)
		if strings.HasSuffix(e.name, "/") {
			kind = tar.TypeDir
		}
		write(&tar.Header{Typeflag: kind, Name: "pypi-scorecards-main/" + e.name}, e.body)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// weekly writes a file of n projects that score s on two checks.
func weekly(n, s int) string {
	var b strings.Builder
	b.WriteString("Package,Downloads,Overall,License,Maintained\n")
	for i := range n {
		fmt.Fprintf(&b, "p%d,100,0.00,%d,\n", i, s)
	}
	return b.String()
}

func on(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// tell writes a result in one line: state, aggregate, core and checks.
func tell(r *observation.ScorecardResult) string {
	number := func(f *float64) string {
		if f == nil {
			return "-"
		}
		return fmt.Sprintf("%.3f", *f)
	}
	var checks []string
	for _, c := range r.Checks {
		score := "?"
		if c.Score != nil {
			score = fmt.Sprint(*c.Score)
		}
		checks = append(checks, c.Name+"="+score)
	}
	return fmt.Sprintf("%s %s %s %s [%s]", r.Subject, r.State, number(r.Aggregate), number(r.Core), strings.Join(checks, " "))
}

func TestParse(t *testing.T) {
	s, err := newParser().parse("data/2022-07-29.csv", on("2022-07-29"), read(t, "first.csv"))
	if err != nil || len(s.rejects) > 0 {
		t.Fatalf("error %v, rejects %v", err, s.rejects)
	}
	var got []string
	for i := range s.results {
		got = append(got, tell(&s.results[i]))
	}
	want := []string{
		"alpha scored 8.743 8.483 [Binary-Artifacts=10 Branch-Protection=8 CII-Best-Practices=2 Code-Review=10 Dangerous-Workflow=10 Fuzzing=10 License=10 Maintained=10 Packaging=10 Pinned-Dependencies=7 Security-Policy=10 Signed-Releases=2 Token-Permissions=10 Vulnerabilities=10]",
		"beta-tools scored 9.200 8.947 [Binary-Artifacts=10 CII-Best-Practices=0 Code-Review=10 Dangerous-Workflow=10 License=10 Maintained=10 Pinned-Dependencies=5 Security-Policy=10 Token-Permissions=10 Vulnerabilities=10]",
		"gamma no_result - - []",
		"delta no_result - - [Binary-Artifacts=? Packaging=?]",
		"epsilon scored 10.000 - [Code-Review=10]",
	}
	// By hand: alpha lacks 2·7.5 + 8·2.5 + 3·5 + 8·7.5 = 110 of its weights of 87.5, 72.5 of them core.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if s.cells != 14+10+0+2+1 {
		t.Errorf("%d accepted cells", s.cells)
	}
	r := s.results[2]
	if r.Reason != reasonBlank || s.results[3].Reason != reasonInconclusive || s.results[0].Reason != "" {
		t.Errorf("reasons %q, %q, %q", s.results[0].Reason, r.Reason, s.results[3].Reason)
	}
	if r.Source != observation.SourceArchive || !r.ObservedOn.Equal(on("2022-07-29")) || r.Stated != nil {
		t.Errorf("result %+v", r)
	}
	if want := "Binary-Artifacts,Branch-Protection,CII-Best-Practices,Code-Review,Dangerous-Workflow,Fuzzing,License,Maintained,Packaging,Pinned-Dependencies,Security-Policy,Signed-Releases,Token-Permissions,Vulnerabilities"; r.CheckSet != want {
		t.Errorf("check set %q", r.CheckSet)
	}
}

// TestParseAgrees compares the aggregates with those computed from the checks.
func TestParseAgrees(t *testing.T) {
	s, err := newParser().parse("first", on("2022-07-29"), read(t, "first.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.results {
		if diff := cmp.Diff([]*float64{posture.Aggregate(r.Checks), posture.Core(r.Checks)}, []*float64{r.Aggregate, r.Core}); diff != "" {
			t.Errorf("%s: aggregates (-want +got):\n%s", r.Subject, diff)
		}
		if r.State != posture.State(r.Checks) {
			t.Errorf("%s: state %s", r.Subject, r.State)
		}
	}
}

func TestParseOddities(t *testing.T) {
	want := []string{
		"alpha scored 8.800 10.000 [Token-Permissions=10 New-Check=7]",
		"beta scored 10.000 10.000 [Token-Permissions=10]",
		"delta no_result - - [New-Check=?]",
		"epsilon scored 4.875 5.500 [Token-Permissions=10 New-Check=3 Signed-Releases=1]",
		"zeta scored 7.200 10.000 [Token-Permissions=10 New-Check=3]",
	}
	rejects := []string{
		"odd.csv | column 6 is not named like a check and was left out | rating %",
		"odd.csv: alpha, Signed-Releases | the score is not an integer from -1 to 10 | 40",
		"odd.csv: line 3 | alpha is listed twice | alpha,0,0,0.00,0,x",
		"odd.csv: beta, Signed-Releases | the score is not an integer from -1 to 10 | 4.5",
		"odd.csv: line 5 | 3 fields, the header has 6 | gamma,10,1",
		"odd.csv: delta, Token-Permissions | the score is not an integer from -1 to 10 | -2",
		"odd.csv: delta, Signed-Releases | the score is not an integer from -1 to 10 | 11",
		"odd.csv: line 7 | * | <b>,10,1,5.00,1,x",
		"odd.csv: zeta, Signed-Releases | the score is not an integer from -1 to 10 |  1",
	}
	odd := read(t, "odd.csv")
	quoted, plain := odd, bytes.ReplaceAll(bytes.ReplaceAll(odd, []byte(`"x, y"`), []byte("x")), []byte(`"`), nil)
	files := map[string][]byte{
		"quoted": quoted,
		"plain":  plain,
		"crlf":   bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n")),
		"bom":    append([]byte("\xef\xbb\xbf"), plain...),
		"no end": bytes.TrimSuffix(plain, []byte("\n")),
	}
	for name, data := range files {
		s, err := newParser().parse("odd.csv", on("2022-07-29"), data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s.refused != 3 {
			t.Errorf("%s: %d refused rows, want those of lines 3, 5 and 7", name, s.refused)
		}
		var got, refused []string
		for i := range s.results {
			got = append(got, tell(&s.results[i]))
		}
		for _, r := range s.rejects {
			if strings.HasSuffix(r.Object, "line 7") {
				r.Reason = "*"
			}
			refused = append(refused, r.Object+" | "+r.Reason+" | "+r.Text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: results (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(rejects, refused); diff != "" {
			t.Errorf("%s: rejects (-want +got):\n%s", name, diff)
		}
	}
}

func TestParseRefusesFiles(t *testing.T) {
	manyBad := "Package,License\n" + strings.Repeat("<,1\n", maxRejects+1)
	tests := map[string]string{
		"empty":             "",
		"no package":        "Name,License\na,1\n",
		"html":              "<!DOCTYPE html>\n<html></html>\n",
		"no checks":         "Package,Downloads,Overall\na,1,2\n",
		"a check twice":     "Package,License,License\na,1,2\n",
		"package twice":     "Package,Package,License\na,b,2\n",
		"junk":              manyBad,
		"an unclosed quote": "Package,License\n\"a,1\n",
	}
	for name, body := range tests {
		if _, err := newParser().parse(name, on("2022-07-29"), []byte(body)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(read(f, "first.csv"))
	f.Add(read(f, "odd.csv"))
	f.Add([]byte("Package,SAST\r\na,10\r\n\r\nb,"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := newParser().parse("fuzz", on("2022-07-29"), data)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		cells := 0
		for _, r := range s.results {
			if seen[r.Subject] {
				t.Fatalf("%s is there twice", r.Subject)
			}
			seen[r.Subject] = true
			cells += len(r.Checks)
			for _, c := range r.Checks {
				if c.Score != nil && (*c.Score < 0 || *c.Score > 10) {
					t.Fatalf("%s: score %d", r.Subject, *c.Score)
				}
			}
			if (r.State == observation.StateScored) != (r.Aggregate != nil) || (r.Reason == "") != (r.State == observation.StateScored) {
				t.Fatalf("%+v", r)
			}
		}
		if cells != s.cells {
			t.Fatalf("%d cells, %d checks", s.cells, cells)
		}
	})
}

// dates lists the days of the emitted results, in order, each once.
func dates(m *collecttest.Memory) []string {
	var all []string
	for _, r := range collecttest.Of[*observation.ScorecardResult](m) {
		if d := r.ObservedOn.Format(time.DateOnly); len(all) == 0 || all[len(all)-1] != d {
			all = append(all, d)
		}
	}
	return all
}

func collect(t *testing.T, site *collecttest.Site, m *collecttest.Memory, c collectors.Cursor) (collectors.Report, error) {
	t.Helper()
	return New(collecttest.Client(t, site, m)).Collect(context.Background(), collecttest.Input(c, nil), m.Emit)
}

func TestCollect(t *testing.T) {
	archive := []entry{
		{"LICENSE", "MIT"},
		{"data/", ""},
		{"data/2026-06-08.csv", weekly(20, 5)},
		{"data/2026-06-01.csv", weekly(20, 4)}, // not sorted
		{"data/2026-06-15.csv", weekly(17, 5)}, // lost more than a tenth
		{"data/2026-06-22.csv", ""},
		{"data/2026-06-29.csv", "Package,License\n"},
		{"data/2027-01-01.csv", weekly(20, 6)}, // not yet
		{"data/notes.csv", "not a date"},
		{"data/2026-02-30.csv", weekly(20, 6)}, // no such day
		{"other/2026-06-30.csv", weekly(20, 6)},
	}
	site := collecttest.NewSite(map[string]collecttest.Answer{archiveURL: {Type: "application/x-gzip", Body: pack(t, archive...)}})
	m := &collecttest.Memory{}
	first, err := collect(t, site, m, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2026-06-08", "2026-06-01"}, dates(m)); diff != "" {
		t.Errorf("dates (-want +got):\n%s", diff)
	}
	if !first.Partial || first.Skipped != 4 || !first.Through.Equal(on("2026-06-08")) || !strings.Contains(first.Note, "2026-06-15") {
		t.Errorf("report %+v", first)
	}
	var whole []string
	for _, s := range collecttest.Of[*observation.Snapshot](m) {
		whole = append(whole, s.ObservedOn.Format(time.DateOnly))
	}
	if diff := cmp.Diff(dates(m), whole); diff != "" {
		t.Errorf("whole snapshots (-want +got):\n%s", diff)
	}
	if rejects := collecttest.Of[*observation.Reject](m); len(rejects) != 4 {
		t.Errorf("%d rejects, want the four refused files", len(rejects))
	}

	m.Forget()
	again, err := collect(t, site, m, first.Cursor)
	if err != nil || len(m.Emitted) != 0 || again.Unchanged != 2 || again.Cursor != first.Cursor || !again.Through.Equal(first.Through) {
		t.Errorf("a second run emitted %d, report %+v, error %v", len(m.Emitted), again, err)
	}

	// A file is corrected, one is new, one came back whole.
	archive[3] = entry{"data/2026-06-01.csv", weekly(20, 3)}
	archive[4] = entry{"data/2026-06-15.csv", weekly(20, 5)}
	archive = append(archive[:5], entry{"data/2026-07-01.csv", weekly(20, 7)})
	site.Set(archiveURL, collecttest.Answer{Body: pack(t, archive...)})
	m.Forget()
	third, err := collect(t, site, m, first.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2026-06-01", "2026-06-15", "2026-07-01"}, dates(m)); diff != "" {
		t.Errorf("dates of what changed (-want +got):\n%s", diff)
	}
	if whole := collecttest.Of[*observation.Snapshot](m); len(whole) != 3 {
		t.Errorf("%d whole snapshots, want 3", len(whole))
	}
	if third.Partial || third.Unchanged != 1 || !third.Through.Equal(on("2026-07-01")) {
		t.Errorf("report %+v", third)
	}
}

// What a row that cannot be read would have said is not known, so nothing may be
// taken for gone.
func TestCollectDoesNotCallASnapshotWholeWithoutARow(t *testing.T) {
	site := collecttest.NewSite(map[string]collecttest.Answer{archiveURL: {Body: pack(t, entry{"data/2026-06-01.csv", weekly(20, 4) + "broken\n"})}})
	m := &collecttest.Memory{}
	if _, err := collect(t, site, m, ""); err != nil {
		t.Fatal(err)
	}
	if results, whole := len(dates(m)), len(collecttest.Of[*observation.Snapshot](m)); results != 1 || whole != 0 {
		t.Errorf("results of %d days, %d whole snapshots; want 1 and none", results, whole)
	}
}

func TestCollectFailures(t *testing.T) {
	whole := pack(t, entry{"data/2026-06-01.csv", weekly(20, 4)}, entry{"data/2026-06-08.csv", weekly(20, 5)})
	cursor := collectors.Cursor(`{"files":{"2026-05-01":{"sum":"1","rows":20},"2026-05-08":{"sum":"2","rows":20},"2026-05-15":{"sum":"3","rows":20}}}`)
	tests := []struct {
		name   string
		answer collecttest.Answer
		class  observation.Class
		asked  int
	}{
		{"no files", collecttest.Answer{Body: pack(t, entry{"LICENSE", "MIT"})}, observation.ClassEmpty, 1},
		{"fewer files", collecttest.Answer{Body: whole}, observation.ClassEmpty, 1},
		{"truncated", collecttest.Answer{Body: whole[:len(whole)/2]}, observation.ClassMalformed, maxTries},
		{"checksum lost", collecttest.Answer{Body: whole[:len(whole)-8]}, observation.ClassMalformed, maxTries},
		{"html", collecttest.Answer{Type: "text/html", Body: "<html></html>"}, observation.ClassMalformed, 1},
		{"json", collecttest.Answer{Body: `{"message":"Not Found"}`}, observation.ClassMalformed, 1},
		{"nothing", collecttest.Answer{}, observation.ClassMalformed, maxTries},
		{"broken off", collecttest.Answer{Body: whole[:len(whole)/2], Cut: true}, observation.ClassUnavailable, maxTries},
		{"gone", collecttest.Answer{Status: 404}, observation.ClassNotFound, 1},
	}
	for _, tt := range tests {
		m := &collecttest.Memory{}
		site := collecttest.NewSite(map[string]collecttest.Answer{archiveURL: tt.answer})
		_, err := collect(t, site, m, cursor)
		if got := observation.ClassOf(err); got != tt.class {
			t.Errorf("%s: class %q (%v), want %q", tt.name, got, err, tt.class)
		}
		if n := len(site.Asked()); n != tt.asked {
			t.Errorf("%s: asked %d times, want %d", tt.name, n, tt.asked)
		}
		if _, known, _ := m.Response(context.Background(), archiveURL); known {
			t.Errorf("%s: the response was remembered", tt.name)
		}
		for date, n := range countByDate(m) {
			if n != 20 {
				t.Errorf("%s: %d results of %s, want all or none", tt.name, n, date)
			}
		}
	}
}

func countByDate(m *collecttest.Memory) map[string]int {
	n := map[string]int{}
	for _, r := range collecttest.Of[*observation.ScorecardResult](m) {
		n[r.ObservedOn.Format(time.DateOnly)]++
	}
	return n
}

// TestCollectResumes reads the archive over a connection that breaks once.
func TestCollectResumes(t *testing.T) {
	var entries []entry
	for i := range 9 {
		entries = append(entries, entry{fmt.Sprintf("data/2026-0%d-01.csv", i+1), weekly(500, i)})
	}
	whole := pack(t, entries...)
	m := &collecttest.Memory{}
	site := collecttest.NewSite(map[string]collecttest.Answer{archiveURL: {Body: whole[:len(whole)-100], Cut: true}})
	in := collecttest.Input("", nil)
	in.Progress = func(done, _ int, _ string) {
		if done > 2 {
			site.Set(archiveURL, collecttest.Answer{Body: whole})
		}
	}
	report, err := New(collecttest.Client(t, site, m)).Collect(context.Background(), in, m.Emit)
	if err != nil || report.Partial || report.Skipped > 0 {
		t.Fatalf("report %+v, error %v", report, err)
	}
	if n := len(collecttest.Of[*observation.ScorecardResult](m)); n != 9*500 {
		t.Errorf("%d results, want each once: 4500", n)
	}
}

func TestContract(t *testing.T) {
	site := collecttest.NewSite(map[string]collecttest.Answer{archiveURL: {Body: pack(t, entry{"data/2026-06-01.csv", weekly(20, 4)})}})
	collecttest.Contract(t, func(ctx context.Context, emit collectors.Emit) error {
		_, err := New(collecttest.Client(t, site, &collecttest.Memory{})).Collect(ctx, collecttest.Input("", nil), emit)
		return err
	})
}

func BenchmarkParse(b *testing.B) {
	var file strings.Builder
	file.WriteString("Package,Downloads,Overall,Binary-Artifacts,Branch-Protection,CII-Best-Practices,Code-Review,Dangerous-Workflow,Fuzzing,License,Maintained,Packaging,Pinned-Dependencies,SAST,Security-Policy,Signed-Releases,Token-Permissions\n")
	for i := range 15000 {
		fmt.Fprintf(&file, "project-%d,123456,4.20,10,,0,%d,,0,10,%d,,0,0,10,,\n", i, i%11, i%11)
	}
	data := []byte(file.String())
	p := newParser()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.parse("bench", on("2026-06-15"), data); err != nil {
			b.Fatal(err)
		}
	}
}
