// Package advisory is the page of one advisory group: a flaw, or a report of
// malware.
package advisory

import (
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Page is everything about one group, in the order of the page.
type Page struct {
	layout.Frame
	Name     string // CVE, else PYSEC, else GHSA
	Summary  string
	Sentence string       // what it is, whom it concerns, whether it is fixed
	Notices  []part.State // withdrawn, malware: what a reader must see first
	Facts    []Fact
	Steps    Steps
	Projects Projects
	Records  Records
	// References are those of all records, each once.
	References     []part.Link
	MoreReferences string
	Links          []part.Link // CSV
	Source         string
}

// PageName names the template.
func (Page) PageName() string { return "advisory" }

// Fact is one thing that is known of the group, and how.
type Fact struct {
	Label    string
	Value    string
	Severity *part.Severity // in place of Value
	Note     string         // why, which version, what it does not say
	Links    []part.Link
}

// Steps say what somebody who maintains or uses a project does next, and who
// corrects a wrong record.
type Steps struct {
	Lines   []string
	Correct string
	Links   []part.Link // where records are corrected
}

// Projects is the table of affected projects.
type Projects struct {
	Title, Sub string
	Rows       []Project
	Note       string
}

// Project is one affected project.
type Project struct {
	Name     part.Link
	Rank     string // "71", "not in the list"
	Affected string // "before 10.0.1"
	Releases string // "83", "unknown"
	FixedIn  string // "10.0.1", "no fix recorded"
	FixedAt  string // "15 Sep 2023", "unknown"
	Fix      string // "3 days after"
	Latest   string // "10.0.1 outside"
	Why      string // why the latest release is unknown, "" when it is not
}

// Records is the table of the records behind the group.
type Records struct {
	Title, Sub string
	Rows       []Record
	Differ     []string // where they disagree
	Ids        []part.Link
	Note       string
}

// Record is one record of one database.
type Record struct {
	ID        part.Link
	State     string // "withdrawn 3 Mar 2026", "deleted by its database"; "" when live
	Published string
	Import    string // "import day", "" for none
	Modified  string
	KnownAt   string
	Severity  part.Severity
	Vector    string   // or the word of the database
	Says      []string // by project: "pillow: before 10.0.1, fixed in 10.0.1"
}
