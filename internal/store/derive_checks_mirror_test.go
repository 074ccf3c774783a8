package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/sql"
)

// mirrorBreaks is everything that the rules find in the recorded archive: every
// break that it is known for, and no ordinary week. All are in the ledger.
const mirrorBreaks = `2022-08-23 all mean 0.16
2022-09-14 all mean -0.22
2022-09-14 SAST presence 0.83
2022-10-07 all mean -0.16
2022-10-07 Code-Review mean -2.09
2022-10-07 Code-Review share 0.65
2022-10-07 Dependency-Update-Tool mean 1.63
2022-11-25 Code-Review mean 0.80
2022-12-01 Dependency-Update-Tool lost 0.05
2022-12-01 Fuzzing lost 0.09
2022-12-01 SAST lost 0.07
2022-12-01 SAST presence 0.22
2023-04-15 Branch-Protection lost 0.14
2023-04-15 Code-Review lost 0.23
2023-04-15 Code-Review presence 0.23
2023-04-15 Dependency-Update-Tool lost 0.23
2023-04-15 Dependency-Update-Tool presence 0.22
2023-04-15 SAST lost 0.23
2023-04-15 SAST presence 0.21
2023-04-22 all mean 0.52
2023-04-22 Branch-Protection lost 0.42
2023-04-22 Branch-Protection presence 0.36
2023-04-22 Code-Review lost 1.00
2023-04-22 Code-Review presence 0.77
2023-04-22 Dependency-Update-Tool lost 1.00
2023-04-22 Dependency-Update-Tool presence 0.73
2023-04-22 SAST lost 1.00
2023-04-22 SAST presence 0.71
2023-04-22 Vulnerabilities mean -1.02
2023-05-08 all mean -0.36
2023-05-08 core mean -0.46
2023-05-08 Dangerous-Workflow lost 0.28
2023-05-08 Dangerous-Workflow presence 0.28
2023-05-08 Token-Permissions lost 0.28
2023-05-08 Token-Permissions presence 0.28
2023-05-15 Pinned-Dependencies mean -0.81
2023-05-15 Pinned-Dependencies share 0.68
2023-06-29 all mean -0.36
2023-06-29 SAST presence 1.00
2023-07-08 Code-Review presence 1.00
2023-08-08 Pinned-Dependencies share 0.35
2023-09-15 Pinned-Dependencies share 0.42
2023-10-15 all mean -0.45
2023-10-15 core mean -0.62
2023-10-15 Pinned-Dependencies lost 0.25
2023-10-15 Pinned-Dependencies mean -6.42
2023-10-15 Pinned-Dependencies presence 0.25
2023-10-15 Pinned-Dependencies share 1.00
2024-05-15 Signed-Releases lost 0.14
2024-09-08 SAST mean -0.75
2025-01-15 Vulnerabilities mean -0.92
2025-10-15 Maintained share 0.35
2026-01-15 Vulnerabilities mean -0.86
2026-03-01 all mean -0.29
2026-03-01 Vulnerabilities lost 0.96
2026-03-01 Vulnerabilities presence 0.96
2026-03-08 Vulnerabilities lost 1.00
`

// mirrorLosses is every observation of which a check is left out, as spans.
const mirrorLosses = `Dependency-Update-Tool 2022-08-23 to 2022-11-28: 19
Fuzzing 2022-08-23 to 2022-11-28: 23
SAST 2022-09-22 to 2022-11-28: 16
Vulnerabilities 2023-04-15 to 2023-04-15: 1
`

// checkMirror compares what the rules found in the recorded archive, and some
// rates, with what was worked out from the files by another program.
func checkMirror(t *testing.T, w *world) {
	found, err := w.Findings(w.ctx)
	w.must(err)
	var text string
	for _, b := range found.Breaks {
		text += fmt.Sprintf("%s %s %s %.2f\n", b.Date.Format(time.DateOnly), b.Item, b.Measure, b.Value)
		if b.Source != observation.SourceArchive || b.Previous.IsZero() || b.Matched < 345 {
			t.Errorf("%+v", b)
		}
	}
	if diff := cmp.Diff(mirrorBreaks, text); diff != "" {
		t.Errorf("breaks found (-want +got):\n%s", diff)
	}
	losses := ""
	for _, row := range w.rows(`SELECT concat(check, ' ', toString(min(observed_on)), ' to ', toString(max(observed_on)), ': ', toString(count()))
		FROM check_suspects WHERE state IN ('outage', 'suspect', 'confirmed') GROUP BY check ORDER BY check`) {
		losses += row + "\n"
	}
	if diff := cmp.Diff(mirrorLosses, losses); diff != "" {
		t.Errorf("checks left out (-want +got):\n%s", diff)
	}

	// Every one of them is in the ledger that we ship.
	ledger, err := parseBreaks(sql.Breaks)
	w.must(err)
	for _, b := range found.Breaks {
		state := ledgerState(ledger, snapshot{on: dayOf(b.Date)}, false, dayOf(b.Previous), b.Scope, b.Item)
		if state != observation.BreakConfirmed {
			t.Errorf("%s %s %s: the ledger's word is %s, want a cut", b.Date.Format(time.DateOnly), b.Item, b.Measure, state)
		}
	}

	// Ordinary weeks stay under 0.08 of the core aggregate; the week in which the
	// archive caught up is in the ledger by another measure.
	weeks := w.rows(`SELECT concat(toString(observed_on), ' ', toString(round(mean, 3))) FROM observed_moves
		WHERE item = 'core' AND state = 'accepted' AND abs(mean) >= 0.08 ORDER BY observed_on`)
	if diff := cmp.Diff([]string{"2023-05-08 -0.46", "2023-10-15 -0.62", "2025-10-15 -0.084"}, weeks); diff != "" {
		t.Errorf("core aggregate moves (-want +got):\n%s", diff)
	}

	type rate struct {
		n, inconclusive, scored int
		share, mean             float64
	}
	for _, test := range []struct {
		cohort    observation.Cohort
		weighting observation.Weighting
		on, check string
		want      rate
	}{
		{"top1000", "package", "2023-09-22", "Branch-Protection", rate{285, 520, 805, 0, 0}},
		{"top1000", "package", "2023-09-22", "Code-Review", rate{801, 4, 805, 0.3595505617977528, 5.154806491885144}},
		{"top1000", "package", "2023-09-22", "Signed-Releases", rate{156, 649, 805, 0.15384615384615385, 1.3461538461538463}},
		{"top1000", "package", "2024-09-15", "Branch-Protection", rate{413, 415, 828, 0.024213075060532687, 1.5932203389830508}},
		{"top1000", "package", "2024-09-15", "Code-Review", rate{825, 3, 828, 0.38545454545454544, 5.418181818181818}},
		{"top1000", "package", "2024-09-15", "Signed-Releases", rate{156, 672, 828, 0.25, 2.2371794871794872}},
		{"top1000", "package", "2026-06-15", "Branch-Protection", rate{425, 313, 738, 0.04941176470588235, 2.0023529411764707}},
		{"top1000", "package", "2026-06-15", "Code-Review", rate{736, 2, 738, 0.33016304347826086, 4.875}},
		{"top1000", "package", "2026-06-15", "Signed-Releases", rate{169, 569, 738, 0.23668639053254437, 2.1538461538461537}},
		{"top15000", "package", "2026-06-15", "Branch-Protection", rate{6047, 2760, 8807, 0.051595832644286424, 1.3914337688109806}},
		{"top15000", "package", "2026-06-15", "Code-Review", rate{8770, 37, 8807, 0.21265678449258837, 3.441619156214367}},
		{"top15000", "package", "2026-06-15", "Signed-Releases", rate{1395, 7412, 8807, 0.24659498207885305, 2.0688172043010753}},
		{"top1000", "download", "2024-09-15", "Code-Review", rate{825, 3, 828, 0.3318837902850583, 4.873695961778724}},
		{"top15000", "download", "2026-06-15", "Code-Review", rate{8770, 37, 8807, 0.31712656274810375, 4.769511842985442}},
	} {
		points, err := w.CheckRates(w.ctx, test.cohort, test.weighting, observation.ByObservation)
		w.must(err)
		var got *observation.CheckPoint
		for i, p := range points {
			if p.Check == test.check && p.Date.Equal(date(test.on)) {
				got = &points[i]
			}
		}
		what := fmt.Sprint(test.cohort, test.weighting, test.on, test.check)
		if got == nil || got.N != test.want.n || got.Inconclusive != test.want.inconclusive || got.Scored != test.want.scored || got.NotRun != 0 || got.Suspect {
			t.Errorf("%s: %+v, want %+v", what, got, test.want)
			continue
		}
		near(t, what+": share", got.Share, test.want.share)
		near(t, what+": mean", got.Mean, test.want.mean)
	}
}
