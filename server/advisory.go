package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/advisory"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// Bounds of what the page of an advisory shows.
const (
	maxAffectedRows = 60
	maxRecordRows   = 40
	maxReferences   = 40
	maxAdvisoryID   = 100 // bytes of an id in an address
)

// advisoryLink leads to the page of a group.
func advisoryLink(g observation.Group) part.Link {
	link := part.Link{Text: g.Name, Href: advisoryPath(g.ID)}
	if link.Text == "" {
		link.Text = g.ID
	}
	return link
}

// advisoryPath is the address of the page of a group.
func advisoryPath(id string) string { return "/advisories/" + url.PathEscape(id) }

// advisory is the page of one advisory group. Every id that ever led to it leads
// to its page.
func (s *Server) advisory(r *request) (ui.Page, error) {
	id, err := pathName(r.Context, "id")
	if err != nil {
		return nil, err
	}
	if len(id) > maxAdvisoryID {
		return nil, unknownAdvisory(r, id)
	}
	d, err := r.reader.Advisory(r.ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil, unknownAdvisory(r, id)
	} else if err != nil {
		return nil, err
	}
	if d.Group.ID != id {
		to := advisoryPath(d.Group.ID)
		if r.Theme != "" {
			to = withTheme(to, r.Theme)
		}
		return nil, r.Redirect(http.StatusMovedPermanently, to)
	}
	e, err := r.reader.Exploitation(r.ctx, d.Group.ID)
	if err != nil {
		return nil, err
	}
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return nil, err
	}
	g := d.Group
	name, sentence := advisoryLink(g).Text, advisorySentence(&d)
	p := advisory.Page{
		Frame: s.pageFrame(r, layout.NavAdvisories, name, short(name+". "+cmp.Or(g.Summary, sentence), 160)), // not every record has a summary
		Name:  name, Summary: short(g.Summary, 300), Sentence: sentence,
		Notices:  advisoryNotices(&d),
		Facts:    advisoryFacts(&d, e),
		Projects: affectedProjects(&d),
		Steps:    advisorySteps(&d, r.mode.Simulated),
		Records:  advisoryRecords(&d, r.mode.Simulated),
		Links: []part.Link{
			{Text: "CSV", Href: listPath(g) + ".csv?q=" + url.QueryEscape(g.ID), Label: "CSV of the groups that name " + g.ID},
			{Text: "All advisories", Href: listPath(g)},
			{Text: "Definition", Href: "/methods#advisory-group", Label: "Definition of an advisory group"},
		},
		Source: "OSV through " + format.Date(o.Advisory),
	}
	if g.Kind == kindMalware {
		p.Source, p.Links[1].Text = malwareSource, "All malware reports"
	}
	p.Fresh = s.fresh(r.now, o)
	p.References, p.MoreReferences = references(&d, r.mode.Simulated)
	return p, nil
}

// listPath is the list that a group stands in.
func listPath(g observation.Group) string {
	if g.Kind == kindMalware {
		return "/malware"
	}
	return "/advisories"
}

// unknownAdvisory is the answer for an id that leads to no group.
func unknownAdvisory(r *request, id string) error {
	links := []part.Link{{Text: "All advisories", Href: "/advisories"}}
	if len(id) <= maxQueryText {
		links = append(links, part.Link{Text: "Search for it", Href: query{Q: id}.link("/search", "/search")})
	}
	if !r.mode.Simulated && len(id) <= maxAdvisoryID {
		links = append(links, part.Link{Text: "Ask OSV, which has other ecosystems too", Href: "https://osv.dev/vulnerability/" + url.PathEscape(id)})
	}
	return &failure{
		Links: links, Status: http.StatusNotFound, Lead: "No advisory " + quote(id) + ".",
		How: "It is not among the records on PyPI projects that we hold. Ids look like CVE-2024-37891, PYSEC-2026-1995, GHSA-34jh-p97f-mpxf or MAL-2025-2925, in any case. An id that OSV has on another ecosystem is not here, nor is one that no record on a PyPI project names; /advisories finds records by words and projects.",
	}
}

// advisorySentence says what a group is, whom it concerns, and how it stands.
func advisorySentence(d *observation.AdvisoryDetail) string {
	names := make([]string, 0, shownProjects)
	for _, p := range d.Projects[:min(len(d.Projects), shownProjects)] {
		names = append(names, p.Project)
	}
	if more := len(d.Projects) - len(names); more > 0 {
		names = append(names, format.Count(more)+" more")
	}
	whom := join(names, "and")
	if whom == "" {
		whom = "a project that no record names"
	}
	if d.Group.Kind == kindMalware {
		return "A report of malware in " + whom + "."
	}
	if !d.Group.Live {
		return "A record of a flaw in " + whom + " that is " + withdrawnWord(d.Group) + ": it counts nowhere."
	}
	text := "A known flaw in " + whom + "."
	fixed, in, out := 0, 0, 0
	for _, p := range d.Projects {
		if len(p.FixedIn) > 0 {
			fixed++
		}
		switch {
		case p.Latest == nil:
		case *p.Latest:
			in++
		default:
			out++
		}
	}
	n := len(d.Projects)
	switch {
	case n == 1 && fixed == 1:
		text += " The records name a fix: " + short(strings.Join(d.Projects[0].FixedIn, ", "), 80) + "."
	case n == 1:
		text += " No record names a fix."
	default:
		text += " The records name a fix for " + format.OfPlural(fixed, n, "project", "projects") + "."
	}
	switch {
	case n == 1 && in == 1:
		text += " The latest release, " + short(d.Projects[0].LatestVersion, 40) + ", is in the affected range."
	case n == 1 && out == 1:
		text += " The latest release, " + short(d.Projects[0].LatestVersion, 40) + ", is outside the affected range."
	case n == 1:
		text += " Whether the latest release is in the affected range is unknown."
	case in+out == 0:
		text += " Whether their latest releases are in the affected range is unknown."
	default:
		text += fmt.Sprintf(" The latest release of %s is in the affected range, of %s outside, of %s that is unknown.", format.Count(in), format.Count(out), format.Count(n-in-out))
	}
	return text
}

// advisoryNotices are what a reader must see first.
func advisoryNotices(d *observation.AdvisoryDetail) []part.State {
	var out []part.State
	g := d.Group
	if !g.Live {
		text := "Its record is kept so that its ids go on leading here. It joins no other record and enters no figure."
		for _, r := range d.Records {
			if !r.Withdrawn.IsZero() {
				text = r.ID + " was withdrawn on " + format.Date(r.Withdrawn) + ". " + text
				break
			}
		}
		out = append(out, part.State{Lead: capitalise(withdrawnWord(g)) + ".", Text: text})
	}
	if g.Kind == kindMalware {
		out = append(out, part.State{
			Lead: "A report of malware, not of a flaw.", Text: "It concerns the package as it was published under this name. PyPI removes such packages, and the name may since belong to someone else.",
			Link: part.Link{Text: "How reports are counted", Href: "/methods#malware"},
		})
	}
	return out
}

// advisoryFacts say what is known of a group, and how.
func advisoryFacts(d *observation.AdvisoryDetail, e observation.Exploitation) []advisory.Fact {
	g := d.Group
	arrived := advisory.Fact{Label: "Arrival", Value: "here " + format.Date(d.ArrivedHere), Note: "When this store first knew a record of the group; it never moves."}
	if !d.ArrivedPYSEC.IsZero() {
		arrived.Value = "PYSEC " + format.Date(d.ArrivedPYSEC) + ", " + arrived.Value
		arrived.Note = "When PYSEC first published it, and when this store first knew a record of the group; neither moves."
	}
	if g.Kind == kindMalware {
		return []advisory.Fact{
			{Label: "First published", Value: disclosedText(g), Note: "The earliest publication among its records."},
			arrived,
			{Label: "Other ids", Value: othersOf(g)},
		}
	}
	severity := severityOf(g)
	facts := []advisory.Fact{
		{Label: "Severity", Severity: &severity, Note: severityNote(d)},
		{Label: "Disclosed", Value: disclosedText(g), Note: disclosureNote(d)},
		arrived,
		kevFact(d, e),
		epssFact(e),
		{Label: "Other ids", Value: othersOf(g)},
	}
	if flags := flagWords(g.Flags); flags != "" {
		facts = append(facts, advisory.Fact{Label: "How the group was made", Value: flags})
	}
	return facts
}

// othersOf names the ids of a group beside its name.
func othersOf(g observation.Group) string {
	ids := slices.DeleteFunc(slices.Concat(g.Members, g.Aliases), func(id string) bool { return id == g.Name })
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return "none"
	}
	return short(strings.Join(ids, ", "), 600)
}

// severityNote says what a severity rests on.
func severityNote(d *observation.AdvisoryDetail) string {
	g := d.Group
	if g.Vector != "" {
		return cvssVersion(g.Vector) + ", computed from " + short(g.Vector, 200) + recordWith(d, func(r observation.AdvisoryRecord) bool { return r.Vector == g.Vector })
	}
	if g.Severity != "unknown" {
		return "The word of the database; no record has a vector" + recordWith(d, func(r observation.AdvisoryRecord) bool { return r.Severity == g.Severity })
	}
	return "No record states a vector or a word. That is not a low severity."
}

// recordWith names the first live record that has something, " of PYSEC-2026-1.".
func recordWith(d *observation.AdvisoryDetail, has func(observation.AdvisoryRecord) bool) string {
	for _, r := range d.Records {
		if has(r) {
			return ", of " + r.ID + "."
		}
	}
	return "."
}

// cvssVersion names the version of a vector.
func cvssVersion(vector string) string {
	if rest, ok := strings.CutPrefix(vector, "CVSS:"); ok {
		version, _, _ := strings.Cut(rest, "/")
		return "CVSS " + short(version, 8)
	}
	return "CVSS 2"
}

// disclosureNote says why a disclosure is known to the day, the year or not.
func disclosureNote(d *observation.AdvisoryDetail) string {
	var first, imported observation.AdvisoryRecord
	for _, r := range d.Records {
		if r.Published.IsZero() || d.Group.Live && r.Role != "record" {
			continue
		}
		if r.Import {
			if imported.ID == "" || r.Published.Before(imported.Published) {
				imported = r
			}
		} else if first.ID == "" || r.Published.Before(first.Published) {
			first = r
		}
	}
	switch d.Group.Precision {
	case "day":
		if first.ID == "" {
			return "To the day."
		}
		note := "To the day: the publication of " + first.ID + ", the earliest of its records"
		if imported.ID != "" && imported.Published.Before(first.Published) {
			note += " outside days of import"
		}
		return note + "."
	case "year":
		year := strconv.Itoa(d.Group.Disclosed.Year())
		if first.ID == "" && imported.ID != "" {
			return fmt.Sprintf("Year only: %s was published on %s, when its database imported records, which is no disclosure; the CVE is of %s.", imported.ID, format.Date(imported.Published), year)
		}
		if first.ID != "" {
			return fmt.Sprintf("Year only: the CVE is of %s, and the earliest record, %s, is of %s, so that the flaw may have been public before.", year, first.ID, format.Date(first.Published))
		}
		return "Year only: that of the CVE; no record has a date."
	}
	if imported.ID != "" {
		return fmt.Sprintf("Unknown: %s was published on %s, when its database imported records, and there is no CVE that gives a year.", imported.ID, format.Date(imported.Published))
	}
	return "Unknown: no record has a date, and there is no CVE that gives a year."
}

// kevFact says what the catalogue of known exploited vulnerabilities has.
func kevFact(d *observation.AdvisoryDetail, e observation.Exploitation) advisory.Fact {
	f := advisory.Fact{Label: "Known exploited (CISA KEV)"}
	switch {
	case !e.AddedOn.IsZero():
		f.Value = "added " + format.Date(e.AddedOn)
		f.Note = "Known use in ransomware campaigns, as KEV writes it: " + strings.ToLower(short(d.Ransomware, 40)) + "."
	case e.KEVOn.IsZero():
		f.Value, f.Note = format.Unknown, "The catalogue has not been read."
	default:
		f.Value, f.Note = "not in the catalogue", "As of "+format.Date(e.KEVOn)+". Absence is not safety: the catalogue holds what was seen and reported."
	}
	return f
}

// epssFact says what EPSS forecasts.
func epssFact(e observation.Exploitation) advisory.Fact {
	f := advisory.Fact{Label: "Forecast of exploitation (EPSS)"}
	switch {
	case e.Highest != nil:
		f.Value = strings.TrimPrefix(epssText(e.Highest), "EPSS ")
		f.Note = fmt.Sprintf("%s: probability of exploitation within 30 days, by FIRST, model %s. Scores of two models are not comparable.", e.Highest.CVE, epssModel(e.Highest))
	case e.EPSSOn.IsZero():
		f.Value, f.Note = format.Unknown, "The scores have not been read."
	default:
		f.Value, f.Note = "no score", "As of "+format.Date(e.EPSSOn)+". EPSS scores CVEs only. Absence is not safety."
	}
	return f
}

// flagWords explain how a group was made when that was not plain.
func flagWords(flags []string) string {
	var out []string
	for _, flag := range flags {
		switch flag {
		case "split":
			out = append(out, "split: its ids would have joined more than 32, so that every record stands alone")
		case "unglued":
			out = append(out, "a record with more than 5 aliases joins nothing by them")
		case "several-cves":
			out = append(out, "its ids name more than one CVE")
		case "bad-vector":
			out = append(out, "a record states a CVSS vector that cannot be read, which was passed over")
		}
	}
	return strings.Join(out, "; ")
}

// affectedProjects is the table of the projects that a group concerns.
func affectedProjects(d *observation.AdvisoryDetail) advisory.Projects {
	out := advisory.Projects{
		Title: format.Plural(len(d.Projects), "affected project", "affected projects") + " on PyPI",
		Sub:   "By download rank",
		Note:  "“Latest release in affected range” says that and no more. Days count from disclosure to the first upload of the first fixed release; there are none without a disclosure to the day.",
	}
	if !d.ListOn.IsZero() {
		out.Sub += " in the list of " + format.Date(d.ListOn)
	}
	if len(d.Projects) > maxAffectedRows {
		out.Sub += fmt.Sprintf(" · the first %s of %s; the CSV has all", format.Count(maxAffectedRows), format.Count(len(d.Projects)))
	}
	if d.Group.Kind == kindMalware {
		out.Title = "Packages that the report names: " + format.Count(len(d.Projects))
	}
	for _, p := range d.Projects[:min(len(d.Projects), maxAffectedRows)] {
		out.Rows = append(out.Rows, affectedRow(p, d.Group.Live))
	}
	return out
}

func affectedRow(p observation.AffectedProject, live bool) advisory.Project {
	row := advisory.Project{
		Name: part.Link{Text: p.Project, Href: projectPath(p.Project)}, Rank: rankText(p.Rank, 1),
		Affected: short(p.Affected, 300), Releases: format.Unknown, FixedIn: "no fix recorded", FixedAt: format.Unknown, Latest: format.Unknown, Why: whyUnknown(p),
	}
	if !p.Exposed && !live {
		row.Affected, row.FixedIn, row.FixedAt, row.Latest = "not followed", "", "", ""
		return row
	}
	if p.Releases != nil {
		row.Releases = format.Count(*p.Releases)
	}
	if len(p.FixedIn) > 0 {
		row.FixedIn = short(strings.Join(p.FixedIn, ", "), 300)
	} else {
		row.FixedAt = ""
	}
	if !p.FixedAt.IsZero() {
		row.FixedAt = format.Date(p.FixedAt)
		if p.FixDays != nil {
			row.Fix = format.FixDays(p.FixDays)
			if *p.FixDays < 0 {
				row.Fix = "fixed before disclosure, by " + format.Plural(-*p.FixDays, "day", "days")
			}
		}
	}
	if p.Latest != nil {
		row.Latest = short(p.LatestVersion, 40) + " outside"
		if *p.Latest {
			row.Latest = short(p.LatestVersion, 40) + " in affected range"
		}
	}
	return row
}

// whyUnknown says why it is not known whether the latest release of a project is
// in the affected range; "" when it is.
func whyUnknown(p observation.AffectedProject) string {
	switch {
	case p.Latest != nil:
		return ""
	case !p.Exposed:
		return "no live record speaks of it"
	case !p.Asked:
		return "PyPI has not been asked about the project"
	case p.LatestVersion == "":
		return "its releases are not known"
	case p.Releases == nil:
		return "its files are not known, or the versions of the records cannot be compared"
	}
	return "the versions of the records cannot be compared with it"
}

// advisorySteps say what to do, and who corrects a wrong record.
func advisorySteps(d *observation.AdvisoryDetail, simulated bool) advisory.Steps {
	var out advisory.Steps
	for _, p := range d.Projects[:min(len(d.Projects), maxAffectedRows)] {
		switch {
		case !p.Exposed:
		case d.Group.Kind == kindMalware:
			out.Lines = append(out.Lines, p.Project+": a report of malware has no fixed release; remove the versions that it names ("+short(p.Affected, 100)+").")
		case len(p.FixedIn) == 1:
			out.Lines = append(out.Lines, fmt.Sprintf("%s: upgrade to %s or later.", p.Project, short(p.FixedIn[0], 80)))
		case len(p.FixedIn) > 1:
			out.Lines = append(out.Lines, fmt.Sprintf("%s: upgrade to the fixed release of your line (%s) or later.", p.Project, short(strings.Join(p.FixedIn, ", "), 200)))
		default:
			out.Lines = append(out.Lines, p.Project+": no record names a fixed release. The references may say more; a maintainer who has released a fix can have it recorded.")
		}
		if p.Latest != nil && *p.Latest {
			out.Lines = append(out.Lines, fmt.Sprintf("%s: the latest release, %s, is in the affected range as the records have it. If the flaw is fixed there, the record is what to correct.", p.Project, short(p.LatestVersion, 40)))
		}
	}
	if simulated {
		return out
	}
	out.Correct = "A wrong record is corrected at its database, and the correction arrives here with the next collection."
	for _, r := range d.Records {
		switch r.Database {
		case "PYSEC":
			if len(r.Says) > 0 {
				out.Links = append(out.Links, part.Link{Text: "Change " + r.ID + " at pypa/advisory-database", Href: "https://github.com/pypa/advisory-database/blob/main/vulns/" + url.PathEscape(r.Says[0].Project) + "/" + url.PathEscape(r.ID) + ".yaml"})
			}
		case "GHSA":
			out.Links = append(out.Links, part.Link{Text: "Suggest a change of " + r.ID + " to github/advisory-database", Href: "https://github.com/advisories/" + url.PathEscape(r.ID)})
		case "MAL":
			out.Links = append(out.Links, part.Link{Text: "Dispute " + r.ID + " at ossf/malicious-packages", Href: "https://github.com/ossf/malicious-packages/issues"})
		}
		if len(out.Links) == 8 {
			break
		}
	}
	return out
}

// advisoryRecords is the table of the records behind a group.
func advisoryRecords(d *observation.AdvisoryDetail, simulated bool) advisory.Records {
	out := advisory.Records{
		Title: format.Plural(len(d.Records), "record", "records") + " behind it",
		Sub:   "As the databases have them now, through OSV",
		Note:  "Their texts in full are at OSV; only summaries, dates, severities, ranges and references are stored here.",
	}
	if len(d.Records) > maxRecordRows {
		out.Sub += fmt.Sprintf(" · the first %s of %s", format.Count(maxRecordRows), format.Count(len(d.Records)))
	}
	for _, r := range d.Records[:min(len(d.Records), maxRecordRows)] {
		row := advisory.Record{
			ID: recordLink(r.ID, simulated), Published: format.Date(r.Published), Modified: format.Date(r.Modified), KnownAt: format.Date(r.KnownAt),
			Severity: severityOf(observation.Group{Severity: r.Severity, Score: r.Score}),
		}
		switch {
		case r.Role == "gone":
			row.State = "deleted by its database"
		case !r.Withdrawn.IsZero():
			row.State = "withdrawn " + format.Date(r.Withdrawn)
		}
		if r.Import {
			row.Import = "a day of import"
		}
		switch {
		case r.Vector != "":
			row.Vector = short(r.Vector, 200)
		case r.Word != "":
			row.Vector = "its word: " + short(r.Word, 40)
		}
		for _, says := range r.Says[:min(len(r.Says), shownProjects*2)] {
			row.Says = append(row.Says, says.Project+": "+short(says.Affected, 200))
		}
		if more := len(r.Says) - len(row.Says); more > 0 {
			row.Says = append(row.Says, "and of "+format.Plural(more, "more project", "more projects"))
		}
		if len(row.Says) == 0 {
			row.Says = []string{"of no PyPI project"}
		}
		out.Rows = append(out.Rows, row)
	}
	out.Differ = disagreements(d)
	if !simulated {
		out.Ids = elsewhere(d.Group)
	}
	return out
}

// disagreements says in which live records say different things, and what counts.
func disagreements(d *observation.AdvisoryDetail) []string {
	var out []string
	var severities, said []string
	for _, r := range d.Records {
		if r.Role != "record" || r.Severity == "unknown" {
			continue
		}
		text := severityOf(observation.Group{Severity: r.Severity, Score: r.Score}).Text()
		if r.Vector != "" {
			text += " by " + cvssVersion(r.Vector)
		}
		if !slices.Contains(severities, text) {
			severities = append(severities, text)
			said = append(said, r.ID+" has "+strings.ToLower(text[:1])+text[1:])
		}
	}
	if len(severities) > 1 {
		out = append(out, "The records differ on severity: "+short(join(said, "and"), 500)+". What counts is the newest CVSS version, and of one version the highest score.")
	}
	for _, p := range d.Projects[:min(len(d.Projects), shownProjects*2)] {
		var ranges, said []string
		for _, r := range d.Records {
			if r.Role != "record" {
				continue
			}
			for _, says := range r.Says {
				if says.Project == p.Project && !slices.Contains(ranges, says.Affected) {
					ranges = append(ranges, says.Affected)
					said = append(said, r.ID+" has “"+short(says.Affected, 120)+"”")
				}
			}
		}
		if len(ranges) > 1 {
			out = append(out, "The records differ on the affected versions of "+p.Project+": "+short(join(said, "and"), 600)+". What counts is all of them together.")
		}
	}
	return out
}

// recordLink leads to a record at OSV; a fictional one leads nowhere.
func recordLink(id string, simulated bool) part.Link {
	link := part.Link{Text: id}
	if !simulated {
		link.Href = "https://osv.dev/vulnerability/" + url.PathEscape(id)
	}
	return link
}

// elsewhere leads to the ids of a group at their own databases.
func elsewhere(g observation.Group) []part.Link {
	var out []part.Link
	ids := slices.Concat(g.Members, g.Aliases)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		escaped := url.PathEscape(id)
		switch database, _, _ := strings.Cut(id, "-"); database {
		case "CVE":
			out = append(out, part.Link{Text: id + " at cve.org", Href: "https://www.cve.org/CVERecord?id=" + url.QueryEscape(id)}, part.Link{Text: id + " at NVD", Href: "https://nvd.nist.gov/vuln/detail/" + escaped})
		case "GHSA":
			out = append(out, part.Link{Text: id + " at GitHub", Href: "https://github.com/advisories/" + escaped})
		}
		if len(out) >= 12 {
			break
		}
	}
	return out
}

// references are those of all records, each once. Fictional ones lead nowhere.
func references(d *observation.AdvisoryDetail, simulated bool) (links []part.Link, more string) {
	seen := make(map[string]bool)
	for _, r := range d.Records {
		for _, href := range r.References {
			link := part.Link{Text: short(href, 160), Href: href}
			if seen[href] || !link.External() {
				continue
			}
			seen[href] = true
			if simulated {
				link.Href = ""
			}
			if len(links) < maxReferences {
				links = append(links, link)
			}
		}
	}
	if n := len(seen) - len(links); n > 0 {
		more = "and " + format.Count(n) + " more at OSV."
	}
	return links, more
}

// allIDs writes all ids of a group.
func allIDs(g observation.Group) string {
	return strings.Join(slices.Concat(g.Members, g.Aliases), " | ")
}

// known returns a rank, nil for none.
func known(rank int) *int {
	if rank == 0 {
		return nil
	}
	return &rank
}

// isoTime writes a time as files do, "" for the zero time.
func isoTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
