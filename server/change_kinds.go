package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/changes"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// changeKind is what a kind of change is called and what it means.
type changeKind struct {
	kind  observation.ChangeKind
	label string
	means string // in lower case, without a stop
	// causes that it may have. Of the project comes first where it may be that.
	causes []observation.Cause
	// collectors must all have brought data of the period before nothing is none.
	collectors []string
	seen       bool // only what this store saw for itself is known
	whole      bool // concerns no single project
}

var (
	ofProject  = []observation.Cause{observation.CauseProject}
	ofTool     = []observation.Cause{observation.CauseTool}
	ofSource   = []observation.Cause{observation.CauseSource}
	ofEveryone = observation.Causes()
)

// changeKinds lists the kinds in the order of the page.
var changeKinds = []changeKind{
	{observation.KindDisclosed, "New advisory", "the disclosure of a live advisory group, known to the day", ofProject, []string{"osv"}, false, false},
	{observation.KindExploited, "Newly known exploited", "the day on which CISA added a CVE of the group to KEV", ofProject, []string{"kev"}, false, false},
	{observation.KindMalware, "Malware report", "the publication of a report that a package was made to do harm", ofProject, []string{"osv"}, false, false},
	{observation.KindRange, "Latest release and affected range", "the day on which the latest stable release came to lie in the affected range of a group, by its disclosure or by a release, or a later release left it", ofProject, []string{"osv", "pypi"}, false, false},
	{observation.KindCheck, "Score of a check", "a score of one check that crossed 8 or moved by 2 or more between two consecutive accepted results of one source, with no break of the check or the source in between", ofEveryone, []string{"scorecard"}, false, false},
	{observation.KindAggregate, "Core aggregate", "a core aggregate that moved by 1 or more between two such results, told with the checks that moved it and what each did to it", ofEveryone, []string{"scorecard"}, false, false},
	{observation.KindAttestation, "Provenance of a release", "a release whose files carry provenance when those of the release before did not, the other way round, or another publisher", ofProject, []string{"pypi"}, false, false},
	{observation.KindStatus, "Status on PyPI", "another status by PEP 792, or a name that left PyPI's index or came back", ofProject, []string{"pypi"}, true, false},
	{observation.KindOrg, "Organization on PyPI", "another organization that the project belongs to on PyPI", ofProject, []string{"pypi"}, true, false},
	{observation.KindOwners, "Owners on PyPI", "other users with the role Owner: a fact about who can publish, and no judgement", ofProject, []string{"pypi"}, true, false},
	{observation.KindRank, "Cohort by download rank", "a project that entered or left the cohort between two rank lists; of the source when the list itself changed in between", []observation.Cause{observation.CauseProject, observation.CauseSource}, []string{"ranks"}, false, false},
	{observation.KindVersion, "Version of Scorecard", "the first result that a version of Scorecard made", ofTool, []string{"scorecard"}, false, true},
	{observation.KindBreak, "Break", "a date on which a check, a source or a list changed its meaning, in the ledger or found by rule", []observation.Cause{observation.CauseTool, observation.CauseSource}, nil, false, true},
	{observation.KindSuspect, "Observation left out", "an observation in which many projects lost all results at once", ofSource, []string{"scorecard"}, false, true},
	{observation.KindLoss, "Check left out", "a check that lost many of its values in one observation", ofSource, []string{"scorecard"}, false, true},
	{observation.KindImport, "Day of import", "a day on which one database of advisories published more than 50 records", ofSource, []string{"osv"}, false, true},
	{observation.KindImported, "Advisory imported", "an advisory group that came into PYSEC on a day of import: old news in a new place", ofSource, []string{"osv"}, false, false},
	{observation.KindArrived, "Advisory that arrived late", "an advisory group that this store first saw more than a week after its disclosure", ofSource, []string{"osv"}, true, false},
	{observation.KindWithdrawn, "Advisory withdrawn", "an advisory group whose records are all withdrawn", ofSource, []string{"osv"}, false, false},
	{observation.KindEPSS, "EPSS passed 0.1", "a forecast of exploitation that passed 0.1 within one model", ofSource, []string{"epss"}, false, false},
	{observation.KindStale, "Source stale", "the day from which on the newest data of a source were older than twice its period", ofSource, nil, false, true},
	{observation.KindBack, "Source back", "the end of a run by which a stale source had new data", ofSource, nil, true, true},
}

// changeKindOf returns a kind by its name, nil when there is none.
func changeKindOf(kind observation.ChangeKind) *changeKind {
	i := slices.IndexFunc(changeKinds, func(k changeKind) bool { return k.kind == kind })
	if i < 0 {
		return nil
	}
	return &changeKinds[i]
}

// anchor is that of the definition on /methods.
func (k *changeKind) anchor() string { return "change-" + string(k.kind) }

// reaches returns the day up to which the sources of a kind have brought data,
// false when one has brought none; every day is reached by a kind without any.
func (v *changesView) reaches(k *changeKind) (time.Time, bool) {
	reach := maxDay
	for _, name := range k.collectors {
		through := stateOf(v.states, name).Through
		if name == "scorecard" { // the archive as well, and what was accepted of both
			through = v.observations.Newest
		}
		if through.IsZero() {
			return time.Time{}, false
		}
		if through.Before(reach) {
			reach = through
		}
	}
	return day(reach), true
}

// maxDay is later than all days of data.
var maxDay = time.Date(lastYear, time.December, 31, 0, 0, 0, 0, time.UTC)

// unknown says why it is unknown whether there were changes of a kind in all the
// period, "" when it is known.
func (v *changesView) unknown(k *changeKind) string {
	reach, ok := v.reaches(k)
	switch {
	case !ok:
		return "the source has brought nothing yet"
	case reach.Before(v.Since):
		return "the data end on " + format.Date(reach)
	case k.seen && v.observations.KnownFrom.After(v.Since):
		return "seen only since the first run of this store on " + format.Date(v.observations.KnownFrom)
	}
	return ""
}

// causeWords names what a change is of, after "of".
func causeWords(c observation.Cause) string {
	switch c {
	case observation.CauseTool:
		return "Scorecard"
	case observation.CauseSource:
		return "the sources"
	}
	return "projects"
}

// causeLabel is the word of the column.
func causeLabel(c observation.Cause) string {
	switch c {
	case observation.CauseTool:
		return "Scorecard"
	case observation.CauseSource:
		return "Source"
	}
	return "Project"
}

// maxPerson bounds a list of users in a cell.
const maxPerson = 200

// changeRow is one row of the table, as seen from a cohort.
func changeRow(c observation.DatedChange, cohort observation.Cohort) changes.Row {
	row := changes.Row{
		Date: format.Date(c.On), From: short(c.From, maxPerson), To: short(c.To, maxPerson), Behind: strings.ReplaceAll(c.Checks, "(-", "(−"), Cause: causeLabel(c.Cause), Why: c.Why,
	}
	if !c.BeforeOn.IsZero() {
		row.Since = "compared with " + format.Date(c.BeforeOn)
	}
	if c.Project != "" {
		row.Project = part.Link{Text: c.Project, Href: projectPath(c.Project)}
		row.Rank = "outside the list"
		if c.Rank > 0 {
			row.Rank = "rank " + format.Count(c.Rank)
		}
	}
	switch c.Kind {
	case observation.KindDisclosed, observation.KindExploited, observation.KindMalware, observation.KindRange, observation.KindImported,
		observation.KindArrived, observation.KindWithdrawn, observation.KindEPSS:
		advisoryChange(&row, c)
	case observation.KindCheck, observation.KindAggregate:
		scoreChange(&row, c)
	case observation.KindAttestation, observation.KindStatus, observation.KindOrg, observation.KindOwners, observation.KindRank:
		projectChange(&row, c, cohort)
	default:
		sourceChange(&row, c)
	}
	return row
}

// advisoryChange prints what changed of an advisory group.
func advisoryChange(row *changes.Row, c observation.DatedChange) {
	row.Item = advisoryLink(observation.Group{ID: c.Item, Name: c.Name})
	row.Severity = &part.Severity{Word: c.Severity}
	row.Evidence = part.Link{Text: "Records", Href: advisoryPath(c.Item), Label: "Records of " + row.Item.Text}
	row.From, row.To = "", ""
	if c.Kind != observation.KindEPSS && !c.BeforeOn.IsZero() {
		row.Since = "disclosed " + format.Date(c.BeforeOn)
	}
	switch c.Kind {
	case observation.KindDisclosed:
		row.What = "New advisory"
	case observation.KindExploited:
		row.What = "Added to KEV:"
		if c.To != row.Item.Text {
			row.What = "Added to KEV as " + c.To + ":"
		}
	case observation.KindMalware:
		row.What, row.Severity = "Malware report", nil
	case observation.KindImported:
		row.What = "Imported by PYSEC:"
	case observation.KindArrived:
		row.What = "First seen here:"
	case observation.KindWithdrawn:
		row.What = "Withdrawn:"
	case observation.KindEPSS:
		row.What, row.From, row.To, row.Why = "EPSS passed 0.1 for "+c.Why+" of", c.From, c.To, "Model "+c.Version+"."
	case observation.KindRange:
		row.From, row.To = "release "+short(c.From, 40), "release "+short(c.Version, 40)
		switch c.What {
		case "disclosed":
			row.From, row.What = "", "At its disclosure the latest release was in the affected range of"
		case "entered":
			row.What = "Latest release entered the affected range of"
		default:
			row.What = "Latest release left the affected range of"
		}
	}
}

// scoreChange prints the move of a score.
func scoreChange(row *changes.Row, c observation.DatedChange) {
	row.What, row.Item = "Score of", part.Link{Text: c.Item, Href: checkPath(c.Item)}
	if c.Kind == observation.KindAggregate {
		row.What, row.Item = "Core aggregate", part.Link{}
		row.From, row.To = oneDecimal(c.From), oneDecimal(c.To)
	}
	source := observation.SourceArchive
	if c.Repository != "" { // the archive does not say what it scored
		source = observation.SourceAPI
	}
	row.Since = scoreSource(string(source)) + ", compared with " + format.Date(c.BeforeOn)
	row.Evidence = part.Link{Text: "Results", Href: projectPath(c.Project) + "#project-checks", Label: "Scorecard results of " + c.Project}
	if link := commitsLink(c); link.Href != "" {
		row.Evidence = link
	}
}

// oneDecimal prints a stored score as all scores are printed.
func oneDecimal(s string) string {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return format.Score(&v)
}

// wholeNumber groups the digits of a stored count.
func wholeNumber(s string) string {
	n, err := strconv.Atoi(s)
	if err != nil {
		return s
	}
	return format.Count(n)
}

// scoreSource names a source of scores in the middle of a line.
func scoreSource(name string) string {
	if name == string(observation.SourceAPI) {
		return "API"
	}
	return name
}

// commitsLink leads to what lies between the two commits that were scored, or to
// the one that was scored twice; nowhere when they or the forge are not known.
func commitsLink(c observation.DatedChange) part.Link {
	isCommit := func(s string) bool {
		return len(s) >= 7 && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
	}
	var at string
	switch host, _, _ := strings.Cut(c.Repository, "/"); host {
	case "github.com":
		at = "https://" + c.Repository
	case "gitlab.com":
		at = "https://" + c.Repository + "/-"
	default:
		return part.Link{}
	}
	from, to := c.Commits[0], c.Commits[1]
	switch {
	case !isCommit(from) || !isCommit(to):
		return part.Link{}
	case from == to:
		return part.Link{Text: "Commit", Href: at + "/commit/" + to, Label: "The commit of " + c.Project + " that was scored both times"}
	}
	return part.Link{Text: "Commits", Href: fmt.Sprintf("%s/compare/%s...%s", at, from, to), Label: "Commits of " + c.Project + " between the two results"}
}

// projectChange prints what changed of a project on PyPI or in the rank list.
func projectChange(row *changes.Row, c observation.DatedChange, cohort observation.Cohort) {
	orNone := func(s string) string {
		if s == "" {
			return "none"
		}
		return s
	}
	row.Evidence = part.Link{Text: "PyPI", Href: "https://pypi.org/project/" + c.Project + "/", Label: c.Project + " on PyPI"}
	switch c.Kind {
	case observation.KindAttestation:
		row.What = "Release " + short(c.Version, 40) + ": " + lower(changeWords(observation.AttestationChange{Kind: observation.AttestationChangeKind(c.What)}))
		row.Why = c.Why
		row.Evidence = part.Link{Text: "Publishing", Href: projectPath(c.Project) + "#publishing", Label: "How " + c.Project + " is published"}
	case observation.KindStatus:
		row.What = "Status on PyPI"
		if c.Item == "index" {
			row.What = "PyPI's index"
		}
	case observation.KindOrg:
		row.What, row.From, row.To = "Organization on PyPI", orNone(row.From), orNone(row.To)
	case observation.KindOwners:
		row.What, row.From, row.To = "Owners on PyPI", orNone(row.From), orNone(row.To)
	default:
		row.What = "Left the " + cohortName(cohort)
		if c.Rank > 0 && c.Rank <= cohort.Size() {
			row.What = "Entered the " + cohortName(cohort)
		}
		row.From, row.To = rankOrOutside(c.RankBefore), rankOrOutside(c.Rank)
		row.Evidence = part.Link{Text: "Rank list", Href: "https://hugovk.dev/top-pypi-packages/", Label: "The list of the most downloaded projects"}
	}
}

func rankOrOutside(rank int) string {
	if rank == 0 {
		return "outside the list"
	}
	return "rank " + format.Count(rank)
}

// sourceChange prints what changed of Scorecard or of a source.
func sourceChange(row *changes.Row, c observation.DatedChange) {
	row.From, row.To = "", ""
	row.Evidence = part.Link{Text: "Status", Href: "/status", Label: "Status of the sources"}
	switch c.Kind {
	case observation.KindVersion:
		row.What = "First result of Scorecard " + short(c.Item, 40)
		row.Evidence = part.Link{}
	case observation.KindBreak:
		row.What = "Meaning changed: " + breakScope(c)
		if c.To == string(observation.BreakFlag) {
			row.What = "Flagged: " + breakScope(c)
		}
		row.Evidence = part.Link{Text: "Ledger", Href: "/methods#ledger", Label: "Ledger of the breaks"}
		if c.To == string(observation.BreakFound) {
			row.Evidence = part.Link{Text: "Found", Href: "/status#breaks", Label: "Breaks that were found"}
		}
	case observation.KindSuspect:
		row.What = "Observation left out: Scorecard " + scoreSource(c.Item)
		row.Evidence.Href += "#suspect"
	case observation.KindLoss:
		row.What, row.Item = "Check left out:", part.Link{Text: c.Item, Href: checkPath(c.Item)}
		row.From, row.To = wholeNumber(c.From)+" values", wholeNumber(c.To)+" values"
		row.Evidence.Href += "#losses"
	case observation.KindImport:
		row.What = c.Item + " published " + wholeNumber(c.To) + " records at once"
		row.Evidence.Href += "#imports"
	case observation.KindStale:
		row.What = "Went stale: " + collectorLabel(c.Item)
	case observation.KindBack:
		row.What = "Has new data again: " + collectorLabel(c.Item)
	}
}

// breakScope names what a break concerns.
func breakScope(c observation.DatedChange) string {
	switch {
	case c.What == "check":
		return "check " + c.Item
	case c.What == "source":
		return collectorLabel(c.Item)
	case c.What == "list":
		return "rank list"
	}
	return strings.TrimSpace(c.What + " " + c.Item)
}

// lower begins a sentence in the middle of another.
func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
