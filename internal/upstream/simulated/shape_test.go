package simulated

import (
	"math"
	"testing"
	"time"
)

// weekly is what the archive says of every project in one week.
func weekly(w *world, d day) map[int]csvRow {
	c := csvWriter{world: w}
	c.file(d)
	rows := make(map[int]csvRow, len(c.rows))
	for _, r := range c.rows {
		rows[r.project] = r
	}
	return rows
}

// mean of the checks that are conclusive in both of two rows, weighted.
func matched(a, b csvRow, cols []int) (was, is float64, changed bool) {
	sum := func(r csvRow) float64 {
		s, weights := 0.0, 0.0
		for _, c := range cols {
			if r.scores[c] != inconclusive {
				s += checks[c].weight * float64(r.scores[c])
				weights += checks[c].weight
			}
		}
		return s / weights
	}
	for _, c := range cols {
		changed = changed || a.scores[c] != b.scores[c]
	}
	return sum(a), sum(b), changed
}

// TestArchiveHasTheShapesOfTheRealOne compares the archive with the figures that
// were measured on the real one.
func TestArchiveHasTheShapesOfTheRealOne(t *testing.T) {
	w := New(maxRows, 1, nil).on(testDay)
	weeks := w.weeks()
	last := weeks[len(weeks)-1]
	places := w.ranked(last - day(last.time().Day()-1))
	rows := weekly(w, last)
	scored := 0
	want := map[int]float64{100: 0.80, 1000: 0.72, 5000: 0.65, maxRows: 0.58}
	for rank, p := range places {
		if rows[p.project].scored {
			scored++
		}
		if share, ok := want[rank+1]; ok {
			got := float64(scored) / float64(rank+1)
			t.Logf("coverage of the first %d: %.3f", rank+1, got)
			if math.Abs(got-share) > 0.02+0.6/math.Sqrt(float64(rank+1)) {
				t.Errorf("coverage of the first %d is %.3f, want about %.2f", rank+1, got, share)
			}
		}
	}
	for c, share := range map[int]float64{signedReleases: 0.83, 9: 0.77, branchProtection: 0.31, dangerousWorkflow: 0.22, tokenPermissions: 0.22, pinnedDeps: 0.20} {
		blank := 0
		for _, r := range rows {
			if r.scored && r.scores[c] == inconclusive {
				blank++
			}
		}
		if got := float64(blank) / float64(scored); math.Abs(got-share) > 0.02 {
			t.Errorf("%s is blank in %.3f, want about %.2f", checks[c].name, got, share)
		}
	}
	none := 0
	for i := range maxRows {
		if _, ok := w.repository(i); !ok {
			none++
		}
	}
	if share := float64(none) / maxRows; math.Abs(share-0.18) > 0.03 {
		t.Errorf("%.3f are without a repository, want about 0.18", share)
	}
}

// TestOrdinaryWeeksAreQuiet compares every file with the one before it.
func TestOrdinaryWeeksAreQuiet(t *testing.T) {
	w := New(3000, 1, nil).on(testDay)
	weeks := w.weeks()
	before := weekly(w, weeks[0])
	frozen := 0
	for i, d := range weeks[1:] {
		rows := weekly(w, d)
		cols := columns(d)
		n, changed, moved, lost := 0, 0, 0.0, 0
		for p, r := range rows {
			old, ok := before[p]
			if !ok || !old.scored {
				continue
			}
			if !r.scored {
				lost++
				continue
			}
			was, is, any := matched(old, r, intersect(cols, columns(weeks[i])))
			n++
			moved += is - was
			if any {
				changed++
			}
		}
		before = rows
		share := float64(changed) / float64(n) * 7 / float64(d-weeks[i]) // of a week of seven days
		mean, gone := moved/float64(n), float64(lost)/float64(n+lost)
		switch {
		case planted(d, weeks[i]):
			t.Logf("%s: %.3f changed, by %+.3f, %.3f lost", d, share, mean, gone)
		case scoredOn(d) == scoredOn(weeks[i]):
			frozen++
			if changed > 0 {
				t.Errorf("%s: %d changed while the archive stands still", d, changed)
			}
		case share < 0.06 || share > 0.15 || math.Abs(mean) > 0.08 || gone > 0.02:
			t.Errorf("%s: %.3f changed, by %+.3f, %.3f lost: not an ordinary week", d, share, mean, gone)
		}
	}
	if frozen < 8 {
		t.Errorf("the archive stands still for %d weeks", frozen)
	}
}

func intersect(a, b []int) (both []int) {
	for _, c := range a {
		for _, other := range b {
			if c == other {
				both = append(both, c)
			}
		}
	}
	return both
}

// planted tells whether something is planted between two files.
func planted(d, before day) bool {
	for _, on := range []day{workflowBreak, pinnedBreak, branchBreak, fuzzingBreak, vulnerabilityDry, frozenTo + 1, impossible.from, impossible.to + 1} {
		if before < on && d >= on {
			return true
		}
	}
	for _, s := range outages {
		if s.has(d) || s.has(before) {
			return true
		}
	}
	return impossible.has(d)
}

func TestDownloadsAreSkewedAndMove(t *testing.T) {
	w := New(maxRows, 1, nil).on(testDay)
	last := w.ranked(date(2026, time.November, 1))
	prior := w.ranked(date(2026, time.October, 1))
	total, first := uint64(0), uint64(0)
	for rank, p := range last {
		total += p.downloads
		if rank < 100 {
			first += p.downloads
		}
	}
	if share := float64(first) / float64(total); share < 0.4 || share > 0.8 {
		t.Errorf("the first 100 have %.2f of the downloads", share)
	}
	was, same, in := map[int]int{}, 0, 0
	for rank, p := range prior {
		was[p.project] = rank
	}
	for rank, p := range last {
		old, ok := was[p.project]
		if ok {
			in++
		}
		if ok && old == rank {
			same++
		}
	}
	if in == len(last) || in < len(last)*97/100 || same > len(last)/10 {
		t.Errorf("of %d, %d were on the list of the month before, %d at the same place", len(last), in, same)
	}
}

func TestRepositoriesOfAllKinds(t *testing.T) {
	w := New(maxRows, 1, nil).on(testDay)
	members, count := map[int]int{}, map[string]int{}
	for i := range maxRows {
		repo, ok := w.repository(i)
		if !ok {
			continue
		}
		members[repo]++
		if moved, ok := w.renamed(repo); ok && moved <= testDay {
			count["renamed"]++
		}
		if w.dead(repo, testDay) {
			count["dead"]++
		}
	}
	largest := 0
	for _, n := range members {
		largest = max(largest, n)
		if n >= 12 {
			count["family of a dozen"]++
		}
	}
	if largest < 24 || count["family of a dozen"] < 3 || count["renamed"] < 400 || count["dead"] < 200 {
		t.Errorf("the largest family has %d, %v", largest, count)
	}
}
