package simulated

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The Scorecard API.

type apiResult struct {
	Date string `json:"date"`
	Repo struct {
		Name   string `json:"name"`
		Commit string `json:"commit"`
	} `json:"repo"`
	Scorecard struct {
		Version string `json:"version"`
		Commit  string `json:"commit"`
	} `json:"scorecard"`
	Score  float64    `json:"score"`
	Checks []apiCheck `json:"checks"`
}

type apiCheck struct {
	Name          string    `json:"name"`
	Score         int8      `json:"score"`
	Reason        string    `json:"reason"`
	Details       *[]string `json:"details"` // null when there are none
	Documentation struct {
		Short string `json:"short"`
		URL   string `json:"url"`
	} `json:"documentation"`
}

func (w *world) scorecard(q query) (reply, bool) {
	path, ok := strings.CutPrefix(q.path, "/projects/")
	if !ok {
		return reply{}, false
	}
	repo, ok := w.repositoryAt(path)
	if !ok || path != w.pathOn(repo, w.today) || w.dead(repo, w.today) || w.covered(repo) > shareAPI {
		return reply{}, false // case matters here, and a renamed repository is another one
	}
	return reply{
		kind:   "application/json",
		header: map[string]string{"Cache-Control": "max-age=600"},
		body:   encode(w.apiResult(repo)),
	}, true
}

// apiResult is the repository's newest result: most are of the last weekly run,
// some were published by the project itself since, and some by one that has
// stopped doing so.
func (w *world) apiResult(repo int) apiResult {
	d, action := w.lastWeek(), true
	monday := mondayOf(w.today) - 7
	running := monday + day(w.below(7, drawAPIDate, repo, int(monday), 1))
	switch u := w.unit(drawAPIDate, repo, 0, 0); {
	case u < shareActionOld:
		d = min(date(2022, time.June, 1)+day(w.below(2000, drawAPIDate, repo, 1, 0)), running)
	case u < shareActionOld+shareActionNew:
		d = running
	default:
		action = false
	}
	var r apiResult
	r.Date = d.String()
	r.Scorecard.Version = "v5.2.1-fictional"
	if action {
		r.Date = w.second(d, drawAPIDate, repo, 2, int(d)).Format(time.RFC3339)
		r.Scorecard.Version = "v5.4.0"
	}
	r.Repo.Name = w.pathOn(repo, w.today)
	r.Repo.Commit = w.hex(40, repo, int(d))
	r.Scorecard.Commit = w.hex(40, -1, int(d)/90)
	scores := w.result(repo, d)
	sum, weights := 0.0, 0.0
	for c, m := range checks {
		if !action && (c == updateTool || c >= inArchive) {
			continue // the weekly run leaves these out
		}
		r.Checks = append(r.Checks, w.apiCheck(repo, c, scores[c]))
		if scores[c] != inconclusive {
			sum += m.weight * float64(scores[c])
			weights += m.weight
		}
	}
	r.Score = math.Round(10*sum/weights) / 10
	return r
}

func (w *world) apiCheck(repo, c int, score int8) apiCheck {
	m := checks[c]
	a := apiCheck{Name: m.name, Score: score, Reason: reason(m.name, score)}
	a.Documentation.Short = "A fictional reading of " + m.name + "."
	a.Documentation.URL = "https://github.com/ossf/scorecard/blob/main/docs/checks.md#" + strings.ToLower(m.name)
	if score == 10 || score == inconclusive || w.chance(0.3, drawDetails, repo, c, 0) {
		return a
	}
	var lines []string
	for k := range 1 + w.below(4, drawDetails, repo, c, 1) {
		lines = append(lines, fmt.Sprintf("Warn: fictional finding %d: .github/workflows/build.yml:%d", k+1, 10+w.below(90, drawDetails, repo, c, k+2)))
	}
	a.Details = &lines
	return a
}

// reason says in Scorecard's manner how a score came about.
func reason(check string, score int8) string {
	if score == inconclusive {
		switch check {
		case "Signed-Releases":
			return "no releases found"
		case "Packaging":
			return "packaging workflow not detected"
		case "Dangerous-Workflow":
			return "no workflows found"
		case "Token-Permissions":
			return "No tokens found"
		case "CI-Tests":
			return "no pull request found"
		}
		return "internal error: the fictional repository did not answer"
	}
	switch check {
	case "Maintained":
		return fmt.Sprintf("%d commit(s) and %d issue activity found in the last 90 days -- score normalized to %d", 3*int(score), score/2, score)
	case "Code-Review":
		return fmt.Sprintf("found %d unreviewed changesets out of 30 -- score normalized to %d", 30-3*int(score), score)
	case "License":
		return "license file detected"
	case "Vulnerabilities":
		return fmt.Sprintf("%d existing vulnerabilities detected", 10-score)
	case "Pinned-Dependencies":
		return fmt.Sprintf("dependency not pinned by hash detected -- score normalized to %d", score)
	}
	if score == 10 {
		return "no fictional problem detected"
	}
	return fmt.Sprintf("fictional problems detected -- score normalized to %d", score)
}
