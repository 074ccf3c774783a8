package releases

import (
	"slices"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

const (
	// cadenceReleases is how many releases the interval is told of.
	cadenceReleases = 10
	// maxReasons bounds the reasons of yanks that are kept as examples.
	maxReasons = 3
	dayLength  = 24 * time.Hour
)

// Health tells how often the project releases and what it yanked. through is
// the day up to which the files are known, which LastYear counts back from.
func (p *Project) Health(through time.Time) observation.ReleaseHealth {
	h := observation.ReleaseHealth{Through: through, Releases: len(p.Releases)}
	var firsts []time.Time
	for i := range p.Releases {
		r := &p.Releases[i]
		switch {
		case r.Version.Stable():
			h.Stable++
		case r.Version.Prerelease():
			h.Prereleases++
		}
		if !r.FirstAt.IsZero() {
			firsts = append(firsts, r.FirstAt)
			if r.Version.Stable() && r.FirstAt.After(h.LastStableAt) {
				h.LastStableAt = r.FirstAt
			}
		}
		h.Files += len(r.Files)
		for j := range r.Files {
			f := &r.Files[j]
			if !f.Yanked {
				continue
			}
			h.YankedFiles++
			if f.YankedReason != "" && len(h.YankReasons) < maxReasons && !slices.Contains(h.YankReasons, f.YankedReason) {
				h.YankReasons = append(h.YankReasons, f.YankedReason)
			}
		}
		if r.Yanked() {
			h.YankedReleases++
		}
	}
	slices.SortFunc(firsts, time.Time.Compare)
	if n := len(firsts); n > 0 {
		h.FirstAt, h.LastAt = firsts[0], firsts[n-1]
	}
	h.LastYear = countBetween(firsts, through.AddDate(0, 0, 1-365), through.AddDate(0, 0, 1))
	h.MedianInterval = medianInterval(firsts[max(0, len(firsts)-cadenceReleases):])
	return h
}

// countBetween counts the times in [from, to) of a sorted list.
func countBetween(times []time.Time, from, to time.Time) int {
	low, _ := slices.BinarySearchFunc(times, from, time.Time.Compare)
	high, _ := slices.BinarySearchFunc(times, to, time.Time.Compare)
	return high - low
}

// medianInterval returns the median of the days between neighbours of a sorted
// list, the mean of the two in the middle when their number is even; nil for
// fewer than two times.
func medianInterval(times []time.Time) *float64 {
	if len(times) < 2 {
		return nil
	}
	intervals := make([]float64, len(times)-1)
	for i := range intervals {
		intervals[i] = float64(times[i+1].Sub(times[i])) / float64(dayLength)
	}
	slices.Sort(intervals)
	n := len(intervals)
	median := (intervals[(n-1)/2] + intervals[n/2]) / 2
	return &median
}

// RequiresPython returns the different requires-python of the release's files,
// sorted; "" stands for files that do not say.
func (r *Release) RequiresPython() []string {
	var texts []string
	for i := range r.Files {
		if t := r.Files[i].RequiresPython; !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	slices.Sort(texts)
	return texts
}
