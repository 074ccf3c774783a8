package simulated

import (
	"math"
	"time"
)

// model is how one Scorecard check behaves in the ecosystem.
type model struct {
	name   string
	weight float64 // by risk: Critical 10, High 7.5, Medium 5, Low 2.5
	blank  float64 // share of repositories for which it is inconclusive
	base   float64 // mean score of a middling repository, 0 to 10
	spread float64 // how much the quality of a repository moves it
	binary bool    // 0 or 10, nothing between
}

const checkCount = 18

// The order is that of the archive's columns. The last two are in no archive.
// The shares that are blank are those of the real archive of July 2026.
var checks = [checkCount]model{
	{"Binary-Artifacts", 7.5, 0.01, 9.4, 2, false},
	{"Branch-Protection", 7.5, 0.02, 3.2, 6, false},
	{"CII-Best-Practices", 2.5, 0.01, 0.4, 2, false},
	{"Code-Review", 7.5, 0.01, 4.2, 8, false},
	{"Dangerous-Workflow", 10, 0.22, 9.6, 1, true},
	{"Dependency-Update-Tool", 7.5, 0.01, 4.5, 8, true},
	{"Fuzzing", 5, 0.01, 0.8, 4, true},
	{"License", 2.5, 0.01, 9.4, 1, false},
	{"Maintained", 7.5, 0.01, 6.0, 8, false},
	{"Packaging", 5, 0.77, 10, 0, true},
	{"Pinned-Dependencies", 5, 0.20, 4.6, 5, false},
	{"SAST", 5, 0.01, 2.4, 7, false},
	{"Security-Policy", 5, 0.01, 4.4, 9, false},
	{"Signed-Releases", 7.5, 0.83, 1.2, 5, false},
	{"Token-Permissions", 7.5, 0.22, 3.6, 9, false},
	{"Vulnerabilities", 7.5, 0.02, 8.6, 4, false},
	{"CI-Tests", 2.5, 0.10, 8.4, 4, false},
	{"Contributors", 2.5, 0.01, 6.2, 8, false},
}

const (
	branchProtection  = 1
	codeReview        = 3
	dangerousWorkflow = 4
	updateTool        = 5
	fuzzing           = 6
	maintained        = 8
	pinnedDeps        = 10
	sast              = 11
	signedReleases    = 13
	tokenPermissions  = 14
	vulnerabilities   = 15
	inArchive         = 16 // checks before this one can be in the archive
)

// inconclusive stands for the score of a check that could not tell.
const inconclusive = -1

// vector is a score for each of checks.
type vector [checkCount]int8

// result is what Scorecard finds in a repository on a day.
func (w *world) result(repo int, d day) (v vector) {
	for c := range checks {
		v[c] = w.score(repo, c, d)
	}
	return v
}

// score is what check c says of a repository on a day. Scores move in a few
// steps over the years, more often up than down, and on the days on which a
// check changes its meaning.
func (w *world) score(repo, c int, d day) int8 {
	m := &checks[c]
	twin := c
	if c == tokenPermissions {
		twin = dangerousWorkflow // without workflows neither can tell
	}
	if w.chance(m.blank, drawBlank, repo, twin, 0) {
		return inconclusive
	}
	v := m.base + m.spread*(w.quality(repo, c)-0.5) + w.steps(repo, c, d)
	if c == maintained {
		v = w.activity(repo, d, v)
	}
	v, ok := w.meaning(repo, c, d, v)
	if !ok {
		return inconclusive
	}
	v = min(max(v, 0), 10)
	if m.binary {
		if v/10 > w.unit(drawCheck, repo, c, 1) {
			return 10
		}
		return 0
	}
	return int8(math.Round(v))
}

// quality of a repository in the eyes of one check, 0 to 1.
func (w *world) quality(repo, c int) float64 {
	return w.unit(drawQuality, repo, 0, 0)*0.8 + w.unit(drawCheck, repo, c, 0)*0.2
}

// firstStep is the day from which scores move.
var firstStep = date(2021, time.January, 1)

// steps is the sum of what has been done, and left undone, up to a day.
func (w *world) steps(repo, c int, d day) float64 {
	sum := 0.0
	for k := range 3 {
		if firstStep+day(w.below(int(end-firstStep), drawStepDay, repo, c, k)) > d {
			continue
		}
		size := 1 + 3*w.unit(drawStepSize, repo, c, k)
		if w.chance(0.22, drawStepSize, repo, c, k+3) {
			size = -size / 2
		}
		sum += size
	}
	return sum
}

// activity is the score of Maintained: projects fall silent, and some of those
// that go on have quiet spells of five weeks, each counted from its own day.
func (w *world) activity(repo int, d day, v float64) float64 {
	if repo < w.pool && w.chance(shareAbandoned, drawAbandoned, repo, 0, 0) && d > w.abandonedAt(repo)+90 {
		return 0
	}
	spell := (int(d) + w.below(35, drawActivity, repo, 0, 0)) / 35
	if w.chance(0.22, drawActivity, repo, spell, 1) {
		return v - 4
	}
	return v
}

// meaning applies the days on which checks change theirs; ok is false when the
// check can no longer tell.
func (w *world) meaning(repo, c int, d day, v float64) (score float64, ok bool) {
	switch c {
	case dangerousWorkflow, tokenPermissions:
		if d >= workflowBreak && w.chance(0.28, drawMeaning, repo, 0, 0) {
			return v - 7, true
		}
	case pinnedDeps:
		if d >= pinnedBreak {
			return v/2 - 1, true
		}
	case branchProtection:
		if d >= branchBreak && w.chance(0.30, drawMeaning, repo, 1, 0) {
			return 0, false
		}
	case fuzzing:
		if d >= fuzzingBreak && w.chance(0.08, drawMeaning, repo, 2, 0) {
			return 10, true
		}
	}
	return v, true
}

// covered is how easily Scorecard reaches a repository, from 0 (always) to 1.
func (w *world) covered(repo int) float64 { return w.unit(drawHasResult, repo, 0, 0) }

// coverage is the share of the projects of a rank that the archive has a result
// for. Over the first 100, 1,000, 5,000 and 15,000 it is about 80, 72, 65 and
// 58 %, as in July 2026.
func coverage(rank int) float64 {
	share := 0.925 - 0.08*math.Log10(float64(rank))
	if rank > 3000 {
		share -= 0.12 * math.Log10(float64(rank)/3000)
	}
	return share
}

// hasResult tells whether the archive has a result for project i on a day:
// popular projects more often, and a few only since some day.
func (w *world) hasResult(i int, d day) bool {
	repo, ok := w.repository(i)
	if !ok || w.dead(repo, d) {
		return false
	}
	if w.covered(repo) > min(coverage(i+1)/(linked(i)*(1-shareDead/2)), 1) {
		return false
	}
	if w.chance(0.10, drawResultSince, i, 0, 0) {
		return d >= history+day(w.below(1800, drawResultSince, i, 1, 0))
	}
	return true
}
