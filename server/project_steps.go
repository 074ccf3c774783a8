package server

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/project"
)

// steps fills in what would raise the aggregate, the most first.
func steps(p *project.Page, d *observation.ProjectDetail) {
	p.StepsTitle = "Next steps"
	if d.Result == nil || d.Result.Aggregate == nil {
		p.StepsState = &part.State{Lead: "No next steps without a result.", Text: "They are computed from the checks of the newest result."}
		if d.ScoreState == observation.ScoreNoResult || d.ScoreState == observation.ScoreStale {
			p.StepsTitle = "Next step: get a result"
			start := stepBody("", posture.ResultFix())
			p.Start = &start
		}
		return
	}
	n, _ := conclusive(d.Result)
	found := posture.NextSteps(withReasons(d))
	for _, st := range found {
		p.Steps = append(p.Steps, stepOf(d, st))
	}
	if len(found) == 0 {
		p.StepsTitle = "No conclusive check has room to grow"
		p.StepsState = &part.State{Lead: "Nothing to do here.", Text: fmt.Sprintf("All %s stand at 10.", format.Plural(n, "conclusive check", "conclusive checks"))}
		return
	}
	p.StepsTitle = fmt.Sprintf("%s would add the most, %s", found[0].Check, format.Signed(found[0].Gain, 2))
	if len(found) > 1 {
		p.StepsTitle = fmt.Sprintf("%d checks have room to grow; %s", len(found), p.StepsTitle)
	}
	p.StepsNote = "Gain: the aggregate with that check at 10, minus the aggregate now; an estimate from the risk weights."
	if rest := n - len(found); rest > 0 {
		p.StepsNote += fmt.Sprintf(" The other %s at 10.", format.Plural(rest, "check stands", "checks stand"))
	}
}

func stepOf(d *observation.ProjectDetail, st posture.Step) project.Step {
	step := stepBody(st.Check, posture.FixFor(st.Check))
	step.Gain, step.Now = format.Signed(st.Gain, 2), strconv.Itoa(st.Score)+" now"
	step.Check = part.Link{Text: st.Check, Href: checkPath(st.Check)}
	if step.Note == "" {
		step.Note = st.Note
	}
	if word, known := attestationWords(latestRelease(d)); st.Check == "Signed-Releases" && known && attestation(latestRelease(d)) == "attested" {
		step.Note = strings.TrimSpace(step.Note + " On PyPI, " + strings.Replace(word, " attested", " is attested", 1) + ".")
	}
	step.Reason = short(st.Reason, maxReason)
	step.Evidence, step.EvidenceMore = evidence(st.Evidence, reasonResult(d, st.Check))
	if st.Reason != "" || len(st.Evidence) > 0 {
		step.From = reasonFrom(d, st.Check)
	}
	if len(step.Remediation) == 0 {
		for _, text := range st.Remediation {
			step.Remediation = append(step.Remediation, plain(text))
		}
	}
	if doc, ok := posture.Doc(st.Check); ok {
		step.Text = plain(doc.Short)
		step.Links = append(step.Links, part.Link{Text: "Scorecard's documentation", Href: doc.URL, Label: "Scorecard's documentation of " + st.Check})
	}
	return step
}

// stepBody is what can be done, as far as it does not depend on the project.
func stepBody(check string, fix posture.Fix) project.Step {
	step := project.Step{Remediation: fix.Steps, Note: fix.NotYours}
	if fix.NotYours != "" {
		step.Note = "It may not be something you can fix. " + fix.NotYours
	}
	for _, f := range fix.Files {
		step.Files = append(step.Files, project.File{Path: f.Path, Body: f.Body})
	}
	for _, l := range fix.Links {
		step.Links = append(step.Links, part.Link{Text: l.Text, Href: l.URL})
	}
	return step
}

// withReasons returns the project's result, with the reasons of the other
// source's newest one where it has none of its own. Only reasons and evidence
// of a check with the same score are taken over.
func withReasons(d *observation.ProjectDetail) *observation.ScorecardResult {
	if d.Result == nil || d.Other == nil {
		return d.Result
	}
	merged := *d.Result
	merged.Checks = slices.Clone(d.Result.Checks)
	for i := range merged.Checks {
		c := &merged.Checks[i]
		if o := findCheck(d.Other, c.Name); c.Reason == "" && o != nil && sameScore(c.Score, o.Score) {
			c.Reason, c.Details = o.Reason, o.Details
		}
	}
	return &merged
}

func sameScore(a, b *int8) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func findCheck(r *observation.ScorecardResult, name string) *observation.Check {
	if r == nil {
		return nil
	}
	for i := range r.Checks {
		if r.Checks[i].Name == name {
			return &r.Checks[i]
		}
	}
	return nil
}

// reasonResult is the result in which a check's reason was read.
func reasonResult(d *observation.ProjectDetail, name string) *observation.ScorecardResult {
	if c := findCheck(d.Result, name); (c == nil || c.Reason == "") && d.Other != nil {
		return d.Other
	}
	return d.Result
}

// reasonFrom says where a check's reason was read.
func reasonFrom(d *observation.ProjectDetail, name string) string {
	res := reasonResult(d, name)
	return sourceLabel(res.Source) + ", " + format.Date(res.ObservedOn)
}

// evidence cuts a check's details to what a page shows. A place in the
// repository leads to the commit that was scored, at its forge.
func evidence(details []string, res *observation.ScorecardResult) (lines []project.Line, more string) {
	for _, d := range details[:min(len(details), maxEvidence)] {
		lines = append(lines, evidenceLine(short(d, maxEvidenceText), res))
	}
	if rest := len(details) - len(lines); rest > 0 {
		more = "and " + format.Plural(rest, "more line", "more lines")
	}
	return lines, more
}

// evidencePlace finds "path:line" or "path:line-line" in a detail, as Scorecard
// writes it between two colons or at the end.
var evidencePlace = regexp.MustCompile(`(^|: )([A-Za-z0-9_.@+][A-Za-z0-9_.@+/-]*):([0-9]{1,6})(?:-[0-9]{1,6})?(: |$)`)

func evidenceLine(text string, res *observation.ScorecardResult) project.Line {
	at := evidencePlace.FindStringSubmatchIndex(text)
	if at == nil {
		return project.Line{Before: text}
	}
	from, to := at[4], at[8]
	if href := placeURL(res, text[at[4]:at[5]], text[at[6]:at[7]]); href != "" {
		return project.Line{Before: text[:from], Link: part.Link{Text: text[from:to], Href: href}, After: text[to:]}
	}
	return project.Line{Before: text}
}

var commitHash = regexp.MustCompile(`^[0-9a-f]{40}$`)

// placeURL is the address of a line of a file at the commit that a result of the
// API is about, "" when that cannot be told.
func placeURL(res *observation.ScorecardResult, path, line string) string {
	if res == nil || res.Source != observation.SourceAPI {
		return ""
	}
	href := forgeAt(res.Subject, "blob", res.Commit)
	if href == "" {
		return ""
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return ""
		}
		href += "/" + url.PathEscape(segment)
	}
	if n, err := strconv.Atoi(line); err == nil && n > 0 { // 0 is the file as a whole
		href += "#L" + strconv.Itoa(n)
	}
	return href
}

// forgeAt is the address of a commit, or of its files, at a forge that we lead
// to; "" for another one, and for what is no commit.
func forgeAt(repository, what, commit string) string {
	parts := strings.Split(repository, "/")
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" || !commitHash.MatchString(commit) {
		return ""
	}
	at := "https://" + parts[0] + "/" + url.PathEscape(parts[1]) + "/" + url.PathEscape(parts[2]) + "/"
	switch parts[0] {
	case "github.com":
		return at + what + "/" + commit
	case "gitlab.com":
		return at + "-/" + what + "/" + commit
	}
	return ""
}

var (
	markdownLink = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
	markdownMark = strings.NewReplacer("`", "", "**", "")
)

// plain takes the Markdown out of a line of Scorecard's documentation.
func plain(s string) string { return markdownMark.Replace(markdownLink.ReplaceAllString(s, "$1")) }
