package server

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/posture"
	"github.com/pyrometer-dev/pyrometer/ui/chart"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/project"
)

// stripQuarters is how many quarters a check's strip holds.
const stripQuarters = 12

// riskOrder puts the highest risk first.
var riskOrder = []string{posture.Critical, posture.High, posture.Medium, posture.Low}

// checksOf is the table of checks, by risk and name.
func (s *Server) checksOf(r *request, d *observation.ProjectDetail, more *projectMore) project.Checks {
	out := project.Checks{
		Title: "No checks are known", Links: []part.Link{
			{Text: "JSON", Href: "/api/v1/projects/" + url.PathEscape(d.Project)}, {Text: "Definition", Href: "/methods#checks"},
		},
	}
	res := withReasons(d)
	if res == nil {
		out.State = missingScore(d)
		return out
	}
	n, all := conclusive(res)
	names := checkNames(res)
	strips := quarters(more.days)
	gone := goneChecks(names, more.days)
	for name := range gone {
		names = append(names, name)
	}
	slices.SortFunc(names, byRisk)
	ten := 0
	for _, name := range names {
		c := findCheck(res, name)
		row := project.Check{Name: part.Link{Text: name, Href: checkPath(name)}, Risk: posture.Risk(name)}
		if c != nil {
			row.Reason = short(c.Reason, maxReason)
			row.Evidence, row.EvidenceMore = evidence(c.Details, reasonResult(d, name))
		}
		switch {
		case c != nil && c.Score != nil:
			row.Score, row.Bar = strconv.Itoa(int(*c.Score)), chart.ScoreBar(float64(*c.Score))
			if *c.Score == posture.MaxScore {
				ten++
			}
		case c != nil:
			row.Why = "inconclusive"
		case !gone[name].IsZero():
			row.Why = "not in this result; last seen on " + format.Date(gone[name])
		default:
			row.Why = "not run or inconclusive: the source leaves it blank"
		}
		if row.Reason != "" {
			row.From = reasonFrom(d, name)
		}
		if len(strips) > 0 {
			row.Strip = stripOf(name, strips, more.ledger)
		}
		row.Peer, row.PeerShare = peerOf(more.peers, name)
		out.Rows = append(out.Rows, row)
	}
	if len(strips) > 0 {
		out.StripTitle = "By quarter, " + quarterName(strips[0].start) + " to " + quarterName(strips[len(strips)-1].start)
	}
	if p := more.peers; p != nil && p.N > 0 {
		out.PeerTitle = "Median of peers, 8 or above"
		out.PeerNote = "Peers: " + peersWords(p) + ", with a conclusive score of the check in the result that counts now."
	}
	out.Title = fmt.Sprintf("%s of %s stand at 10", format.Count(ten), format.Plural(n, "conclusive check", "conclusive checks"))
	if ten == 1 {
		out.Title = fmt.Sprintf("1 of %s stands at 10", format.Plural(n, "conclusive check", "conclusive checks"))
	}
	out.Sub = fmt.Sprintf("Scorecard checks, 0 to 10, by risk · n = %s conclusive · data of %s", format.Of(n, all), format.Date(res.ObservedOn))
	if res.Source == observation.SourceArchive {
		out.Sub += " · the archive gives scores without their reasons"
	}
	out.Stamp = s.stamp(res.ObservedOn, r.now, collectorOf(res.Source))
	out.Source = sourceLabel(res.Source)
	out.Note = "An unknown check stands outside of every average."
	if res.ToolVersion != "" {
		out.Source += ", Scorecard " + short(res.ToolVersion, 40)
	}
	if res.Commit != "" {
		out.Source += ", commit " + short(res.Commit, 12)
	}
	return out
}

// conclusive counts the conclusive checks of a result and all that were run.
func conclusive(r *observation.ScorecardResult) (n, of int) {
	for _, c := range r.Checks {
		if c.Score != nil {
			n++
		}
	}
	return n, max(len(checkNames(r)), len(r.Checks))
}

// checkNames lists the checks of a result, also those without a row.
func checkNames(r *observation.ScorecardResult) []string {
	var names []string
	for _, c := range r.Checks {
		names = append(names, c.Name)
	}
	for name := range strings.SplitSeq(r.CheckSet, ",") {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// quarterCell is one quarter of a strip and the observation that stands for it,
// nil without.
type quarterCell struct {
	start time.Time
	day   *observation.CheckDay
}

// quarters brings days, oldest first, to the last quarters, up to that of the
// last of them. The last day of a quarter stands for it.
func quarters(days []observation.CheckDay) []quarterCell {
	if len(days) == 0 {
		return nil
	}
	last := observation.ByQuarter.Start(days[len(days)-1].On)
	cells := make([]quarterCell, stripQuarters)
	for i := range cells {
		cells[i].start = last.AddDate(0, -3*(stripQuarters-1-i), 0)
	}
	for i := range days {
		start := observation.ByQuarter.Start(days[i].On)
		if at := slices.IndexFunc(cells, func(c quarterCell) bool { return c.start.Equal(start) }); at >= 0 {
			cells[at].day = &days[i]
		}
	}
	first := slices.IndexFunc(cells, func(c quarterCell) bool { return c.day != nil })
	return cells[first:]
}

// goneChecks are the checks that days, oldest first, have and a result does not
// list, with the day on which they were last there.
func goneChecks(names []string, days []observation.CheckDay) map[string]time.Time {
	gone := make(map[string]time.Time)
	for _, d := range days {
		for name := range d.Scores {
			if !slices.Contains(names, name) {
				gone[name] = d.On
			}
		}
	}
	return gone
}

// quarterName writes a quarter: "2026 Q2".
func quarterName(start time.Time) string {
	return strconv.Itoa(start.Year()) + " Q" + strconv.Itoa((int(start.Month())-1)/3+1)
}

// stripOf draws one check over the quarters, with a bar where its meaning or the
// source changed between two observations.
func stripOf(name string, strips []quarterCell, ledger []observation.Break) template.HTML {
	cells := make([]chart.Cell, len(strips))
	said := make([]string, len(strips))
	var before *observation.CheckDay
	for i, q := range strips {
		cells[i].Score, said[i] = cellOf(q.day, name)
		cells[i].Title = quarterName(q.start) + ": " + said[i]
		if q.day == nil {
			continue
		}
		if before != nil {
			if why := metBetween(name, before, q.day, ledger); why != "" {
				cells[i].Break = true
				cells[i].Title += ". " + why
			}
		}
		before = q.day
	}
	return chart.Strip(name+" by quarter, oldest first: "+strings.Join(said, ", "), cells)
}

// cellOf is the score of a check at one observation, and in words.
func cellOf(d *observation.CheckDay, name string) (*float64, string) {
	switch {
	case d == nil:
		return nil, "no observation"
	case d.LeftOut[name]:
		return nil, "left out, many projects lost this check on that day"
	}
	if score, ok := d.Scores[name]; ok {
		v := float64(score)
		return &v, strconv.Itoa(int(score))
	}
	if slices.Contains(d.Listed, name) {
		return nil, "inconclusive"
	}
	return nil, "not run"
}

// metBetween says what changed besides the project between two observations of a
// check, "" for nothing that is known.
func metBetween(name string, before, after *observation.CheckDay, ledger []observation.Break) string {
	if before.Source != after.Source {
		return "Another source: " + sourceLabel(after.Source)
	}
	for _, b := range ledger {
		if b.Kind == observation.BreakCut && b.Scope == "check" && b.Item == name && b.Start.After(before.On) && !b.Start.After(after.On) {
			return "Its meaning changed on " + format.Date(b.Start)
		}
	}
	return ""
}

// peersWords says who the peers of a project are.
func peersWords(p *observation.Peers) string {
	return fmt.Sprintf("the %s projects of the same tenth by downloads, ranks %s to %s of %s", format.Count(p.Size), format.Count(p.First), format.Count(p.Last), format.Month(p.ListOn))
}

// peerOf is the median of a check among peers and how many of them score 8 or
// above; "" when no peer has a conclusive score.
func peerOf(p *observation.Peers, check string) (median, share string) {
	if p == nil {
		return "", ""
	}
	c := p.Checks[check]
	if c.N == 0 {
		return "", ""
	}
	median = strconv.FormatFloat(c.Median, 'f', -1, 64)
	return median, format.Of(c.High, c.N) + " · " + format.Percent(float64(c.High)/float64(c.N), 0)
}

// changesOf lists the checks that moved in the last observations, newest first.
// What the source or the tool did is told apart.
func (s *Server) changesOf(r *request, repository string, days []observation.CheckDay, ledger []observation.Break) project.Changes {
	out := project.Changes{Title: "What moved is not known"}
	days = recent(days)
	if len(days) < 2 {
		out.State = &part.State{Lead: "Nothing to compare.", Text: "A move takes two accepted observations with a result, from one source."}
		return out
	}
	first, last := days[0], days[len(days)-1]
	span := fmt.Sprintf("in the %s from %s to %s", format.Plural(len(days), "observation", "observations"), format.Date(first.On), format.Date(last.On))
	apart := 0
	for i := len(days) - 1; i > 0; i-- {
		before, after := &days[i-1], &days[i]
		for _, name := range bothNames(before, after) {
			row, ok := moveOf(name, before, after, ledger)
			if !ok {
				continue
			}
			if after.Commit != "" {
				row.Link = part.Link{Text: "commit " + short(after.Commit, 12), Href: forgeAt(repository, "commit", after.Commit)}
			}
			if row.Cause != "" {
				apart++
			}
			if len(out.Rows) < maxMoves {
				out.Rows = append(out.Rows, row)
			}
		}
	}
	n := len(out.Rows)
	out.Sub = "Checks of this project between consecutive accepted observations of one source"
	out.Stamp = s.stamp(last.On, r.now, collectorOf(last.Source))
	out.Source = sourceLabel(last.Source)
	out.Note = "A check that became or ceased to be conclusive is a move, and is never a fall to 0."
	if n == 0 {
		out.Title = "No check moved " + span
		out.Note = ""
		return out
	}
	out.Title = format.Plural(n, "check score moved ", "check scores moved ") + span
	if n == maxMoves {
		out.Title = "The newest " + strconv.Itoa(n) + " moves of checks " + span
	}
	if apart > 0 {
		out.Sub += " · " + format.Of(apart, n) + " with a change of the source or the tool, which is not one of the project"
	}
	return out
}

// maxMoves bounds the moves that are listed.
const maxMoves = 20

// recent are the last observations that follow each other, without the ends of
// the quarters before them: those of the source of the last one.
func recent(days []observation.CheckDay) []observation.CheckDay {
	from := max(0, len(days)-recentDays)
	days = days[from:]
	for i := len(days) - 1; i > 0; i-- {
		if days[i-1].Source != days[i].Source {
			return days[i:]
		}
	}
	return days
}

// recentDays is how many observations a page looks back for moves.
const recentDays = 13

// bothNames are the checks of two observations, each once.
func bothNames(a, b *observation.CheckDay) []string {
	names := slices.Concat(a.Listed, b.Listed)
	for name := range a.Scores {
		names = append(names, name)
	}
	for name := range b.Scores {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// moveOf says how a check moved between two observations, false when it did not
// or when that cannot be told.
func moveOf(name string, before, after *observation.CheckDay, ledger []observation.Break) (project.Change, bool) {
	if before.LeftOut[name] || after.LeftOut[name] {
		return project.Change{}, false
	}
	was, wasWords := cellOf(before, name)
	is, isWords := cellOf(after, name)
	row := project.Change{
		On: format.Date(after.On), Since: "before: " + format.Date(before.On),
		Check: part.Link{Text: name, Href: checkPath(name)},
	}
	switch {
	case was == nil && is == nil:
		return row, false
	case was == nil:
		row.Move = "became conclusive at " + isWords + ", before " + wasWords
	case is == nil:
		row.Move = "became " + isWords + ", before " + wasWords
	case *was == *is:
		return row, false
	case *was < *is:
		row.Move = "rose from " + wasWords + " to " + isWords
	default:
		row.Move = "fell from " + wasWords + " to " + isWords
	}
	switch why := metBetween(name, before, after, ledger); {
	case why != "":
		row.Cause = why + "."
	case before.ToolVersion != after.ToolVersion:
		row.Cause = "Scorecard " + short(after.ToolVersion, 40) + ", before " + short(before.ToolVersion, 40) + "."
	}
	return row, true
}
