package ranks

import (
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
)

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// listOf writes a list of n rows.
func listOf(n int, lastUpdate string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"last_update":%q,"rows":[`, lastUpdate)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"download_count":%d,"project":"p%d"}`, 2_000_000-i, i)
	}
	return b.String() + "]}"
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestParseShapes(t *testing.T) {
	tests := []struct {
		file   string
		on     time.Time
		source string
		first  observation.Rank
		second string
	}{
		{"before.json", day(2022, 7, 1), "", observation.Rank{Project: "alpha", Rank: 1, Downloads: 5_000_000_000}, "beta-tools"},
		{"since.json", day(2026, 4, 1), "ClickHouse", observation.Rank{Project: "alpha", Rank: 1, Downloads: 1 << 32}, "beta-tools"},
	}
	for _, tt := range tests {
		list, rejects, err := parse(tt.file, []byte(read(t, tt.file)), collecttest.Now)
		if err != nil || len(rejects) > 0 {
			t.Fatalf("%s: %v, rejects %v", tt.file, err, rejects)
		}
		if list.List != List || !list.ObservedOn.Equal(tt.on) || list.Source != tt.source || len(list.Ranks) != 10 {
			t.Errorf("%s: list %s of %s from %q with %d rows", tt.file, list.List, list.ObservedOn, list.Source, len(list.Ranks))
		}
		if list.Ranks[0] != tt.first || list.Ranks[1].Project != tt.second || list.Ranks[9].Rank != 10 {
			t.Errorf("%s: rows %v", tt.file, list.Ranks)
		}
	}
}

func TestParseRejectsRows(t *testing.T) {
	list, rejects, err := parse("odd.json", []byte(read(t, "odd.json")), collecttest.Now)
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, r := range rejects {
		reasons = append(reasons, r.Reason)
		if r.Object != "odd.json" || !strings.Contains(r.Text, "project") {
			t.Errorf("reject of %s keeps %q", r.Object, r.Text)
		}
	}
	want := []string{"row 2: alpha is listed twice", `row 33: download_count "-1" is not a count`, `row 34: download_count "12.5" is not a count`, "row 35: no download_count", "row 36: "}
	if len(reasons) != len(want) {
		t.Fatalf("reasons %q", reasons)
	}
	for i := range want {
		if !strings.HasPrefix(reasons[i], want[i]) {
			t.Errorf("reason %q, want %q", reasons[i], want[i])
		}
	}
	for _, r := range list.Ranks {
		if r.Project == "last" && r.Rank != 37 {
			t.Errorf("the rank after rejected rows is %d, want the place in the list, 37", r.Rank)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]string{
		"html":        "<!DOCTYPE html><html></html>",
		"truncated":   read(t, "since.json")[:300],
		"no date":     `{"rows":[{"download_count":1,"project":"a"}]}`,
		"odd date":    `{"last_update":"yesterday","rows":[{"download_count":1,"project":"a"}]}`,
		"future":      `{"last_update":"2027-01-01 00:00:00","rows":[{"download_count":1,"project":"a"}]}`,
		"long ago":    `{"last_update":"1989-12-31 23:59:59","rows":[{"download_count":1,"project":"a"}]}`,
		"year 1":      `{"last_update":"0001-01-01","rows":[{"download_count":1,"project":"a"}]}`,
		"mostly junk": `{"last_update":"2026-01-01 00:00:00","rows":[{"download_count":1,"project":"a"},{},{}]}`,
		"a list":      `[]`,
		"nothing":     ``,
	}
	for name, body := range tests {
		if _, _, err := parse(name, []byte(body), collecttest.Now); observation.ClassOf(err) != observation.ClassMalformed {
			t.Errorf("%s: error %v, want one of class malformed", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"before.json", "since.json", "odd.json"} {
		f.Add(read(f, name))
	}
	f.Add(`{"last_update":"2026-01-01 00:00:00","rows":[null,1,"a",{"project":null,"download_count":null}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		list, rejects, err := parse("fuzz", []byte(body), collecttest.Now)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		last := uint32(0)
		for _, r := range list.Ranks {
			if seen[r.Project] || r.Rank <= last {
				t.Fatalf("%+v is there twice or out of order", r)
			}
			seen[r.Project], last = true, r.Rank
		}
		if int(last) > len(list.Ranks)+len(rejects) {
			t.Fatalf("rank %d of %d rows", last, len(list.Ranks)+len(rejects))
		}
	})
}

func TestNewest(t *testing.T) {
	ctx := context.Background()
	m := &collecttest.Memory{}
	site := collecttest.NewSite(map[string]collecttest.Answer{newestURL: {Body: read(t, "since.json")}})
	c := New(collecttest.Client(t, site, m))

	first, err := c.Collect(ctx, collecttest.Input("", nil), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	if lists := collecttest.Of[*observation.RankList](m); len(lists) != 1 || !first.Through.Equal(day(2026, 4, 1)) || first.Partial {
		t.Errorf("%d lists, report %+v", len(lists), first)
	}

	m.Forget()
	again, err := c.Collect(ctx, collecttest.Input(first.Cursor, nil), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Emitted) != 0 || again.Unchanged != 1 || again.Cursor != first.Cursor || !again.Through.Equal(first.Through) {
		t.Errorf("a second run emitted %d, report %+v", len(m.Emitted), again)
	}
}

func TestNewestFailures(t *testing.T) {
	tests := []struct {
		name   string
		answer collecttest.Answer
		class  observation.Class
	}{
		{"empty list", collecttest.Answer{Body: `{"last_update":"2026-05-01 00:00:00","rows":[]}`}, observation.ClassEmpty},
		{"sharply smaller", collecttest.Answer{Body: listOf(8, "2026-05-01 00:00:00")}, observation.ClassEmpty},
		{"truncated", collecttest.Answer{Body: listOf(10, "2026-05-01 00:00:00")[:200]}, observation.ClassMalformed},
		{"html by type", collecttest.Answer{Type: "text/html", Body: "<html>"}, observation.ClassMalformed},
		{"html as json", collecttest.Answer{Body: "<html>"}, observation.ClassMalformed},
		{"server error", collecttest.Answer{Status: 500}, observation.ClassUnavailable},
		{"gone", collecttest.Answer{Status: 404}, observation.ClassNotFound},
		{"forbidden", collecttest.Answer{Status: 403}, observation.ClassRefused},
		{"cut off", collecttest.Answer{Body: listOf(10, "2026-05-01 00:00:00"), Cut: true}, observation.ClassUnavailable},
	}
	for _, tt := range tests {
		m := &collecttest.Memory{}
		site := collecttest.NewSite(map[string]collecttest.Answer{newestURL: tt.answer})
		_, err := New(collecttest.Client(t, site, m)).Collect(context.Background(), collecttest.Input(`{"rows":10}`, nil), m.Emit)
		if got := observation.ClassOf(err); got != tt.class || len(m.Emitted) != 0 {
			t.Errorf("%s: class %q (%v) and %d emitted, want %q and none", tt.name, got, err, len(m.Emitted), tt.class)
		}
		if _, known, _ := m.Response(context.Background(), newestURL); known {
			t.Errorf("%s: the response was remembered", tt.name)
		}
	}
	if _, err := New(nil).Collect(context.Background(), collecttest.Input("not json", nil), nil); err == nil {
		t.Error("a cursor that cannot be read is no error")
	}
}

func TestContract(t *testing.T) {
	run := func(c func(Source) collectors.Collector) func(context.Context, collectors.Emit) error {
		return func(ctx context.Context, emit collectors.Emit) error {
			site := collecttest.NewSite(map[string]collecttest.Answer{
				newestURL: {Body: read(t, "since.json")},
				fmt.Sprintf(tagURL, "2022.07", fileBefore): {Body: read(t, "before.json")},
			})
			_, err := c(collecttest.Client(t, site, &collecttest.Memory{})).Collect(ctx, collecttest.Input("", nil), emit)
			return err
		}
	}
	t.Run("newest", func(t *testing.T) {
		collecttest.Contract(t, run(func(s Source) collectors.Collector { return New(s) }))
	})
	t.Run("backfill", func(t *testing.T) {
		collecttest.Contract(t, run(func(s Source) collectors.Collector { return NewBackfill(s) }))
	})
}

// tags answers the monthly tags, by the file name of their time unless other is set.
func tags(lists map[string]string) map[string]collecttest.Answer {
	answers := map[string]collecttest.Answer{}
	for tag, body := range lists {
		name := fileBefore
		if tag >= "2025.04" {
			name = fileSince
		}
		answers[fmt.Sprintf(tagURL, tag, name)] = collecttest.Answer{Type: "text/plain; charset=utf-8", Body: body}
	}
	return answers
}

func TestBackfill(t *testing.T) {
	ctx := context.Background()
	site := collecttest.NewSite(tags(map[string]string{
		"2022.07": listOf(10, "2022-07-01 08:13:26"),
		"2022.09": listOf(5, "2022-09-01 08:00:00"), // lost half
		"2025.04": listOf(12, "2025-04-02 08:00:00"),
	}))
	// The file name did not change in every tag when it should have.
	site.Set(fmt.Sprintf(tagURL, "2025.05", fileBefore), collecttest.Answer{Body: listOf(12, "2025-05-01 08:00:00")})
	site.Set(fmt.Sprintf(tagURL, "2025.06", fileSince), collecttest.Answer{Status: 500})
	site.Set(fmt.Sprintf(tagURL, "2025.07", fileSince), collecttest.Answer{Body: `{"last_update":"2025-07-05 09:1`})
	m := &collecttest.Memory{}
	c := NewBackfill(collecttest.Client(t, site, m))
	first, err := c.Collect(ctx, collecttest.Input(`{"rows":12,"observed_on":"2025-05-01"}`, nil), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for _, l := range collecttest.Of[*observation.RankList](m) {
		days = append(days, l.ObservedOn.Format(time.DateOnly))
	}
	// 2025-05-01 is the newest list, which is stored already.
	if diff := cmp.Diff([]string{"2022-07-01", "2025-04-02"}, days); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	if rejects := collecttest.Of[*observation.Reject](m); len(rejects) != 2 {
		t.Errorf("%d rejects, want the list that shrank and the truncated one", len(rejects))
	}
	// 53 months to 2026.11, less three read and three failed.
	if !first.Partial || first.Skipped != 50 || first.Unchanged != 1 || !first.Through.Equal(day(2025, 5, 1)) {
		t.Errorf("report %+v", first)
	}
	for _, want := range []string{"2022.08", "Could not be had: 2022.09, 2025.06, 2025.07"} {
		if !strings.Contains(first.Note, want) {
			t.Errorf("note %q lacks %q", first.Note, want)
		}
	}

	m.Forget()
	site.Asked()
	site.Set(fmt.Sprintf(tagURL, "2025.06", fileSince), collecttest.Answer{Body: listOf(12, "2025-06-13 08:00:00")})
	second, err := c.Collect(ctx, collecttest.Input(first.Cursor, nil), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for _, tag := range []string{"2022.09", "2025.06", "2025.07"} {
		name := fileBefore
		if tag > "2025" {
			name = fileSince
		}
		want = append(want, fmt.Sprintf(tagURL, tag, name))
	}
	for _, tag := range []string{"2026.10", "2026.11"} { // young enough to be tagged yet
		want = append(want, fmt.Sprintf(tagURL, tag, fileBefore), fmt.Sprintf(tagURL, tag, fileSince))
	}
	if diff := cmp.Diff(want, site.Asked()); diff != "" {
		t.Errorf("a second run asked (-want +got):\n%s", diff)
	}
	if lists := collecttest.Of[*observation.RankList](m); len(lists) != 1 || second.Unchanged != 3 {
		t.Errorf("a second run emitted %d lists, report %+v", len(lists), second)
	}
}

func TestBackfillWithoutSource(t *testing.T) {
	down := map[string]collecttest.Answer{}
	for _, month := range monthsUntil(collecttest.Now) {
		for _, name := range []string{fileBefore, fileSince} {
			down[fmt.Sprintf(tagURL, month.Format(tagLayout), name)] = collecttest.Answer{Status: 503}
		}
	}
	for _, tt := range []struct {
		name    string
		answers map[string]collecttest.Answer
		class   observation.Class
		most    int // requests
	}{
		{"down", down, observation.ClassUnavailable, 4 * breakerLimit},
		{"nothing there", nil, observation.ClassEmpty, 200},
	} {
		m := &collecttest.Memory{}
		site := collecttest.NewSite(tt.answers)
		_, err := NewBackfill(collecttest.Client(t, site, m)).Collect(context.Background(), collecttest.Input("", nil), m.Emit)
		if got := observation.ClassOf(err); got != tt.class || len(m.Emitted) != 0 {
			t.Errorf("%s: class %q (%v), %d emitted", tt.name, got, err, len(m.Emitted))
		}
		if n := len(site.Asked()); n > tt.most {
			t.Errorf("%s: %d requests, want at most %d", tt.name, n, tt.most)
		}
	}
}

// TestBackfillKeepsWhatWasRead stops at a host that fails midway, and goes on there.
func TestBackfillKeepsWhatWasRead(t *testing.T) {
	site := collecttest.NewSite(tags(map[string]string{"2022.07": listOf(10, "2022-07-01 08:13:26")}))
	for _, tag := range []string{"2022.08", "2022.09", "2022.10"} {
		site.Set(fmt.Sprintf(tagURL, tag, fileBefore), collecttest.Answer{Status: 502})
	}
	m := &collecttest.Memory{}
	report, err := NewBackfill(collecttest.Client(t, site, m)).Collect(context.Background(), collecttest.Input("", nil), m.Emit)
	if err != nil || !report.Partial || !strings.Contains(report.Note, "stopped answering") {
		t.Fatalf("report %+v, error %v", report, err)
	}
	var cur cursor
	if err := report.Cursor.Read(Name, &cur); err != nil || len(cur.Tags) != 1 || cur.Tags["2022.07"] != 10 {
		t.Errorf("cursor %+v, error %v", cur, err)
	}
}

func TestMirror(t *testing.T) {
	m := &collecttest.Memory{}
	client := collecttest.Mirror(t, m)
	if client == nil {
		return
	}
	ctx := context.Background()
	filled, err := NewBackfill(client).Collect(ctx, collecttest.Input("", nil), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	lists := collecttest.Of[*observation.RankList](m)
	if len(lists) != 45 || len(collecttest.Of[*observation.Reject](m)) != 0 || filled.Partial {
		t.Errorf("%d monthly lists, report %+v", len(lists), filled)
	}
	if first := lists[0]; first.Ranks[0] != (observation.Rank{Project: "boto3", Rank: 1, Downloads: 392553410}) || len(first.Ranks) != 5000 {
		t.Errorf("the first list begins with %+v and has %d rows", first.Ranks[0], len(first.Ranks))
	}
	newest, err := New(client).Collect(ctx, collecttest.Input(filled.Cursor, nil), m.Emit)
	if err != nil {
		t.Fatal(err)
	}
	lists = collecttest.Of[*observation.RankList](m)
	if last := lists[len(lists)-1]; len(lists) != 46 || !last.ObservedOn.Equal(day(2026, 4, 1)) || len(last.Ranks) != 15000 {
		t.Errorf("%d lists, the newest of %s", len(lists), last.ObservedOn)
	}
	m.Forget()
	for _, c := range []collectors.Collector{New(client), NewBackfill(client)} {
		report, err := c.Collect(ctx, collecttest.Input(newest.Cursor, nil), m.Emit)
		if err != nil || len(m.Emitted) != 0 || report.Unchanged == 0 || !report.Through.Equal(day(2026, 4, 1)) {
			t.Errorf("a second run emitted %d, report %+v, error %v", len(m.Emitted), report, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	body := []byte(listOf(15000, "2026-04-01 06:34:06"))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := parse("list", body, collecttest.Now); err != nil {
			b.Fatal(err)
		}
	}
}
