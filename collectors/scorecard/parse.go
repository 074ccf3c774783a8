package scorecard

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
)

// What is kept of one answer, at most. Scorecard has about 20 checks; a long
// list of details repeats one finding for many files.
const (
	maxChecks    = 64
	maxCheckName = 64   // bytes
	maxReason    = 2000 // bytes
	maxDetails   = 500  // lines of one check
	maxDetail    = 1000 // bytes of one line
	maxVersion   = 100  // bytes of a version or a commit
)

// answer is Scorecard's JSON v2 as the API serves it. Keys that are not read,
// metadata among them (a string, a list or null), may hold anything.
type answer struct {
	Date string `json:"date"`
	Repo struct {
		Name   string `json:"name"`
		Commit string `json:"commit"`
	} `json:"repo"`
	Scorecard struct {
		Version string `json:"version"`
	} `json:"scorecard"`
	Score  json.Number       `json:"score"`
	Checks []json.RawMessage `json:"checks"`
}

type check struct {
	Name    string          `json:"name"`
	Score   json.Number     `json:"score"`
	Reason  string          `json:"reason"`
	Details json.RawMessage `json:"details"` // a list, null or absent
}

// parsed is one answer, read.
type parsed struct {
	result  *observation.ScorecardResult
	rejects []*observation.Reject
	renamed string // the repository's name in the answer when it is another one
}

// firstDay is before any result: an older date is a fault.
var firstDay = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// parse reads the answer for the asked repository. It fails when the answer as a
// whole cannot be read, or more than half of its checks: what is left of such an
// answer would say that no check is conclusive. Single checks that cannot be read
// are rejects.
func parse(url, asked string, body []byte, now time.Time) (*parsed, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("not a Scorecard result: %w", err)
	}
	day, err := parseDay(a.Date)
	if err != nil {
		return nil, err
	}
	if day.Before(firstDay) || day.After(now) {
		return nil, fmt.Errorf("its date %s lies before %d or in the future", day.Format(time.DateOnly), firstDay.Year())
	}
	if a.Repo.Name == "" || len(a.Checks) == 0 {
		return nil, errors.New("not a Scorecard result: it names no repository or no checks")
	}
	if len(a.Checks) > maxChecks {
		return nil, fmt.Errorf("it holds %d checks, more than the %d allowed", len(a.Checks), maxChecks)
	}
	p := &parsed{result: &observation.ScorecardResult{
		Subject:     asked,
		ObservedOn:  day,
		Source:      observation.SourceAPI,
		ToolVersion: collectors.CutText(a.Scorecard.Version, maxVersion),
		Commit:      collectors.CutText(a.Repo.Commit, maxVersion),
	}}
	switch {
	case strings.EqualFold(a.Repo.Name, asked):
		p.result.Subject = a.Repo.Name
	default:
		p.renamed = a.Repo.Name
	}
	p.checks(url, a.Checks)
	if refused := len(a.Checks) - len(p.result.Checks); refused*2 > len(a.Checks) {
		return nil, fmt.Errorf("%d of %d checks cannot be read, the first because of %s", refused, len(a.Checks), p.rejects[0].Reason)
	}
	p.stated(url, a.Score)
	r := p.result
	r.Aggregate, r.Core, r.State = posture.Aggregate(r.Checks), posture.Core(r.Checks), posture.State(r.Checks)
	if r.State == observation.StateNoResult {
		r.Reason = reasonInconclusive
	}
	return p, nil
}

// checks reads the checks. One whose score is refused was run: it stays in the
// check set.
func (p *parsed) checks(url string, all []json.RawMessage) {
	names := make([]string, 0, len(all))
	seen := make(map[string]bool, len(all))
	for i, raw := range all {
		var c check
		err := json.Unmarshal(raw, &c)
		if err == nil && !isCheckName(c.Name) {
			err = errors.New("it is not named like a check")
		}
		if err == nil && seen[c.Name] {
			err = fmt.Errorf("%s is there twice", c.Name)
		}
		if err != nil {
			p.reject(url, fmt.Sprintf("check %d: %v", i+1, err), raw)
			continue
		}
		seen[c.Name] = true
		names = append(names, c.Name)
		score, err := parseScore(c.Score)
		if err != nil {
			p.reject(url, fmt.Sprintf("%s: %v", c.Name, err), raw)
			continue
		}
		details, err := parseDetails(c.Details)
		if err != nil {
			p.reject(url, fmt.Sprintf("%s: its details were left out: %v", c.Name, err), raw)
		}
		p.result.Checks = append(p.result.Checks, observation.Check{
			Name:    c.Name,
			Score:   score,
			Reason:  collectors.CutText(c.Reason, maxReason),
			Details: details,
		})
	}
	p.result.CheckSet = posture.CheckSet(names)
}

func (p *parsed) reject(url, reason string, raw json.RawMessage) {
	p.rejects = append(p.rejects, collectors.NewReject(url, reason, string(raw)))
}

// stated reads the aggregate. Scorecard writes -1 when no check is conclusive.
func (p *parsed) stated(url string, n json.Number) {
	if n == "" {
		return
	}
	v, err := n.Float64()
	switch {
	case err == nil && v == -1:
	case err == nil && 0 <= v && v <= posture.MaxScore:
		p.result.Stated = &v
	default:
		p.reject(url, "the aggregate is not from 0 to 10", json.RawMessage(n))
	}
}

// parseScore reads a check's score: an integer from 0 to 10, nil for -1.
func parseScore(n json.Number) (*int8, error) {
	v, err := strconv.Atoi(n.String())
	if err != nil || !posture.Valid(v) {
		return nil, fmt.Errorf("the score %q is not an integer from -1 to 10", collectors.CutText(n.String(), 40))
	}
	if v < 0 {
		return nil, nil
	}
	score := int8(v)
	return &score, nil
}

func parseDetails(raw json.RawMessage) ([]string, error) {
	var details []string
	if len(raw) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(raw, &details); err != nil {
		return nil, err
	}
	if more := len(details) - maxDetails; more > 0 {
		details = append(details[:maxDetails:maxDetails], fmt.Sprintf("… and %d more", more))
	}
	for i, d := range details {
		details[i] = collectors.CutText(d, maxDetail)
	}
	return details, nil
}

// isCheckName reports whether s is named as Scorecard names its checks: "SAST",
// "CII-Best-Practices". Names stand in comma-separated sets.
func isCheckName(s string) bool {
	if s == "" || len(s) > maxCheckName {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// parseDay reads the date: RFC 3339 from the Action and the command line, a day
// from the weekly run.
func parseDay(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(24 * time.Hour), nil
		}
	}
	return time.Time{}, fmt.Errorf("not a Scorecard result: its date %q is not a date", collectors.CutText(s, 100))
}
