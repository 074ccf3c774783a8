// Package project is the page of one project.
package project

import (
	"html/template"

	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is everything about one project, in the order of the page.
type Page struct {
	layout.Frame
	Name     string       // as registered
	Summary  string       // from PyPI, "" unknown
	Actions  []part.Link  // Compare
	Identity []Fact       // PyPI link, rank, latest release, Python, licence, attestation, repository
	Notices  []part.State // malware reports, archived or quarantined status: what a reader must see first

	Score      Score
	StepsTitle string // "5 checks have room to grow; Signed-Releases would add the most, 0.88"
	Steps      []Step
	StepsNote  string      // how a gain is computed; "The other 9 checks stand at 10."
	StepsState *part.State // when there are no steps: all stand at 10, or no result and why
	Start      *Step       // how to get a result, when there is none and that is what helps

	History    figure.Figure // project-score
	Checks     Checks
	Changes    Changes
	Advisories Advisories
	Releases   Releases
	Publishing Facts
	Health     Facts
	Owners     Facts
	Repository Facts
	Threats    part.Threats
	Wrong      []part.Link // where to say that something is wrong
	Raw        []part.Link // JSON of the API, history CSV
}

// PageName names the template.
func (Page) PageName() string { return "project" }

// Fact is one item of the identity line: a link, or words with a value.
type Fact struct {
	Label   string    // "rank", "latest", "repository"; "" when the link says it all
	Link    part.Link // text alone when it has no Href
	Note    string    // paler, after a space: "of 15,000, Apr 2026", "declared, not verified"
	Unknown bool      // draws the mark for unknown; Note says why
}

// Score is the one big number. Value is "" without a result; State then says why.
type Score struct {
	Title string   // "Scorecard aggregate"
	Value string   // "8.5"
	On    string   // "15 Jun 2026"
	Stamp string   // "38 days old"
	Lines []string // source and how many checks; median of the cohort; a difference to the stated one
	State *part.State
	Links []part.Link // JSON, Definition
}

// Step is one thing to do next, by what it would add to the aggregate. The first
// of a list is shown in full, the others open.
type Step struct {
	Gain  string    // "+0.88"
	Check part.Link // to the page of the check
	Now   string    // "0 now"
	Text  string    // in short
	Note  string    // "Not something you can fix …", "" for none
	// Remediation is what to do, in order.
	Remediation  []string
	Files        []File // to copy into the repository
	Reason       string // the check's own reason, "" unknown
	Evidence     []Line // details of the check, as the source wrote them
	EvidenceMore string // "and 40 more lines", "" for none
	From         string // where reason and evidence were read
	Links        []part.Link
}

// File is a file to copy.
type File struct {
	Path string
	Body string
}

// Line is one line of evidence. Link is a place in the repository that it names,
// empty without; Before and After are the rest of the line.
type Line struct {
	Before string
	Link   part.Link
	After  string
}

// Facts are things known by name, as a list of terms.
type Facts struct {
	ID    string
	Title string // a sentence with its number
	Sub   string
	Items []Item
	State *part.State // why there are none
	Note  string
	Links []part.Link
}

// Item is one fact with its name.
type Item struct {
	Name    string
	Value   string // "" draws the mark for unknown
	Links   []part.Link
	Note    string // paler; of an unknown one why
	Unknown bool
}

// Changes is what moved in the last observations.
type Changes struct {
	Title, Sub, Stamp string
	Rows              []Change
	State             *part.State // nothing moved, or nothing to compare
	Note              string
	Source            string
}

// Change is one check that moved between two observations.
type Change struct {
	On    string // "15 Jun 2026"
	Since string // "after 8 Jun 2026"
	Check part.Link
	Move  string    // "rose from 8 to 10"
	Cause string    // what stands behind it besides the project, "" for nothing known
	Link  part.Link // the commit that was scored
}

// Checks is the table of checks.
type Checks struct {
	Title, Sub, Stamp string
	StripTitle        string // "By quarter, 2022 Q3 to 2026 Q2"; "" without strips
	PeerTitle         string // "Peers: median, 8 or above"; "" without
	PeerNote          string // who the peers are
	Rows              []Check
	State             *part.State // why there are none
	Note              string
	Links             []part.Link
	Source            string
}

// Check is one row of the table of checks.
type Check struct {
	Name         part.Link
	Risk         string        // Critical, High, Medium, Low
	Score        string        // "8"; "" draws the mark for unknown
	Bar          template.HTML // from chart.ScoreBar
	Why          string        // for an unknown one: "inconclusive", "not run since 8 Mar 2026"
	Reason       string        // from the source; "" when the source gives none
	Evidence     []Line        // details, as the source wrote them
	EvidenceMore string        // "and 40 more lines", "" for none
	From         string        // where the reason was read: "api.scorecard.dev, 12 Jun 2026"
	Strip        template.HTML // from chart.Strip
	Peer         string        // "10"; "" draws the mark for unknown
	PeerShare    string        // "671 of 679 · 99 % at 8 or above"
}

// Advisories is the table of advisory groups.
type Advisories struct {
	Title, Sub, Stamp string
	Rows              []Advisory
	State             *part.State // "No known advisories as of 23 Jul 2026", or not fetched yet
	Note              string
	Links             []part.Link
	Source            string
}

// Advisory is one group as it concerns the project.
type Advisory struct {
	ID        part.Link
	Others    string // other ids of the group, "GHSA-…, PYSEC-…"
	Summary   string
	Severity  part.Severity
	Affected  string // "1.22 to before 2.6.3"
	FixedIn   string // "2.6.3"; "no fix known"
	Fix       string // "6 days before disclosure", "not computed"
	Latest    string // "latest release in range", "latest release outside", "unknown"
	Disclosed string // "13 May 2026", "2026"
	Precision string // "year only", "" for a day
}

// Releases is the figure of releases and its table.
type Releases struct {
	Figure figure.Figure
	Rows   []Release // the newest; the table of the figure is built from them
	More   string    // "The newest 40 of 190; CSV has all."
}

// Release is one release.
type Release struct {
	Version  string
	Date     string
	Files    string // "2"
	Attested string // "2 of 2", "unknown"
	Note     string // "yanked: reason", "pre-release"
}
