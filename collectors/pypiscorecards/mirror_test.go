package pypiscorecards

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/pyrometer-dev/pyrometer/collectors/collecttest"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// TestMirror reads the whole recorded archive.
func TestMirror(t *testing.T) {
	client := collecttest.Mirror(t, &collecttest.Memory{})
	if client == nil {
		return
	}
	var rows, scored, cells, rejects int
	days := map[string]int{}
	blank := map[string]int{} // of the newest file, by check; "" is without any result
	outages := map[string]bool{"2022-10-01": true, "2022-10-04": true, "2022-10-28": true, "2022-11-01": true, "2022-11-10": true, "2022-11-13": true}
	emit := func(_ context.Context, o observation.Observation) error {
		switch o := o.(type) {
		case *observation.ScorecardResult:
			rows++
			cells += len(o.Checks)
			date := o.ObservedOn.Format("2006-01-02")
			days[date]++
			if date == "2026-06-15" {
				countBlank(blank, o)
			}
			if o.Subject == "urllib3" && (o.State == observation.StateNoResult) != outages[date] {
				t.Errorf("urllib3 on %s is %s", date, o.State)
			}
			if o.State == observation.StateScored {
				scored++
			}
		case *observation.Reject:
			rejects++
			if !strings.HasSuffix(o.Object, ", Signed-Releases") {
				t.Errorf("rejected %s: %s", o.Object, o.Reason)
			}
		}
		return nil
	}
	report, err := New(client).Collect(context.Background(), collecttest.Input("", nil), emit)
	if err != nil {
		t.Fatal(err)
	}
	if len(days) != 278 || rows != 2_442_000 || cells != 19_848_004 || rejects != 20 {
		t.Errorf("%d files, %d rows, %d checks, %d rejects", len(days), rows, cells, rejects)
	}
	if report.Partial || report.Skipped > 0 || !report.Through.Equal(on("2026-06-15")) {
		t.Errorf("report %+v", report)
	}
	if len(report.Cursor) > 32<<10 {
		t.Errorf("the cursor has %d bytes", len(report.Cursor))
	}
	if blank[""] != 6394 || blank["Signed-Releases"] != 13573 || blank["Packaging"] != 13058 {
		t.Errorf("on 2026-06-15 are without a result %d, blank Signed-Releases %d, Packaging %d", blank[""], blank["Signed-Releases"], blank["Packaging"])
	}
	t.Logf("%d of %d results are scored", scored, rows)

	again, err := New(client).Collect(context.Background(), collecttest.Input(report.Cursor, nil), func(_ context.Context, o observation.Observation) error {
		if _, ok := o.(*observation.Response); !ok {
			t.Errorf("emitted %T again", o)
		}
		return nil
	})
	if err != nil || again.Unchanged != 278 || again.Cursor != report.Cursor {
		t.Errorf("a second run: unchanged %d, error %v", again.Unchanged, err)
	}
}

// countBlank counts what one result of the newest file leaves open.
func countBlank(blank map[string]int, r *observation.ScorecardResult) {
	if r.State == observation.StateNoResult {
		blank[""]++
	}
	for _, name := range []string{"Signed-Releases", "Packaging"} {
		if !slices.ContainsFunc(r.Checks, func(c observation.Check) bool { return c.Name == name }) {
			blank[name]++
		}
	}
}

func BenchmarkMirrorArchive(b *testing.B) {
	client := collecttest.Mirror(b, &collecttest.Memory{})
	if client == nil {
		return
	}
	discard := func(context.Context, observation.Observation) error { return nil }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(client).Collect(context.Background(), collecttest.Input("", nil), discard); err != nil {
			b.Fatal(err)
		}
	}
}
