package server

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/part"
	"github.com/pyrometer-dev/pyrometer/ui/project"
)

// Bounds of what is shown of who publishes.
const (
	maxOwnerNames = 10
	maxHistory    = 6 // entries of a list inside a fact
)

// unknownItem is a fact that is not known, and why.
func unknownItem(name, why string) project.Item {
	return project.Item{Name: name, Value: "unknown", Note: why, Unknown: true}
}

// publishingOf says how the releases come to PyPI.
func publishingOf(d *observation.ProjectDetail, p *observation.Publishing) project.Facts {
	out := project.Facts{ID: "publishing", Title: "How releases are published is not known", Links: []part.Link{{Text: "Definition", Href: "/methods#attested", Label: "Definition of attested"}}}
	if p == nil {
		out.State = notRead()
		return out
	}
	a := p.Attestation
	if a == nil || !fetched(d) {
		out.State = &part.State{Lead: capitalise(notFetched(d)) + ".", Text: "What publishes a release is told by PyPI's file list and its Integrity API."}
		return out
	}
	words := attestationClassWords(a)
	out.Title = capitalise(words)
	out.Items = append(out.Items, project.Item{Name: "Class", Value: string(a.Class), Note: classNote(a)})
	if a.Version == "" {
		out.Items = append(out.Items, unknownItem("Attested files", "no stable release has a file that is not yanked"))
	} else if a.Files > 0 && a.FilesUnknown == a.Files {
		out.Items = append(out.Items, unknownItem("Attested files", "the file list that was read does not say it of any of the "+format.Plural(a.Files, "file", "files")+" of "+short(a.Version, 40)))
	} else {
		item := project.Item{Name: "Attested files", Value: format.Of(a.FilesAttested, a.Files) + " of " + short(a.Version, 40)}
		if a.FilesUnknown > 0 {
			item.Note = format.Count(a.FilesUnknown) + " of them not stated"
		}
		out.Items = append(out.Items, item)
	}
	out.Items = append(out.Items, publisherItems(a, p.Publishers)...)
	switch {
	case a.Declared == nil:
		out.Items = append(out.Items, unknownItem("Attested repository", "whether it is one that the project names takes a provenance object and the project's links"))
	case *a.Declared:
		out.Items = append(out.Items, project.Item{Name: "Attested repository", Value: "is one that the project names"})
	default:
		out.Items = append(out.Items, project.Item{Name: "Attested repository", Value: "is none of those that the project names", Note: "it may be a fork, a mirror or a rename that was not seen"})
	}
	for i, c := range p.Changes {
		if i == maxHistory {
			break
		}
		name := ""
		if i == 0 {
			name = "Changes"
		}
		out.Items = append(out.Items, project.Item{Name: name, Value: format.Date(c.At) + ": " + provenanceChange(c)})
	}
	out.Note = "PyPI verified the attestations at upload; they are not verified here."
	return out
}

// attestationClassWords says how a project stands, as a sentence begins.
func attestationClassWords(a *observation.Attestation) string {
	version := short(a.Version, 40)
	switch a.Class {
	case observation.AttestationFull:
		return "every file of " + version + " carries an attestation"
	case observation.AttestationPartly:
		return format.OfPlural(a.FilesAttested, a.Files, "file", "files") + " of " + version + " carry an attestation"
	case observation.AttestationPredates:
		return version + " was released before PyPI took attestations"
	case observation.AttestationPossible:
		return "no attestation of " + version + " is observed; its host could publish with them"
	case observation.AttestationUnsupported:
		return "no attestation of " + version + " is observed; its host is unsupported or unknown"
	}
	return "whether releases are attested is unknown"
}

func classNote(a *observation.Attestation) string {
	if a.Class == observation.AttestationUnknown && a.Reason != "" {
		return short(a.Reason, 200)
	}
	return "of the latest stable release"
}

// publisherItems name the Trusted Publishers in the provenance objects that were
// read, the last used first.
func publisherItems(a *observation.Attestation, publishers []observation.PublisherUse) []project.Item {
	if len(publishers) == 0 {
		why := "no provenance object names one"
		if a.FilesAttested > 0 {
			why = "its provenance objects are not fetched yet"
		}
		return []project.Item{unknownItem("Trusted Publisher", why)}
	}
	var out []project.Item
	for i, p := range publishers[:min(len(publishers), maxHistory)] {
		item := project.Item{Name: "Trusted Publisher", Value: publisherWords(p.Publisher)}
		if i > 0 {
			item.Name = "Before"
		}
		if href := forgeURL(p.Repository); href != "" {
			item.Links = []part.Link{{Text: short(p.Repository, 120), Href: href}}
			item.Value = publisherWords(observation.Publisher{Kind: p.Kind, Workflow: p.Workflow})
		}
		item.Note = fmt.Sprintf("in %s of %s that were read", format.Plural(p.Files, "file", "files"), format.Plural(p.Releases, "release", "releases"))
		if !p.First.IsZero() {
			item.Note = "since " + format.Date(p.First) + ", last " + format.Date(p.Last) + "; " + item.Note
		}
		out = append(out, item)
	}
	return out
}

func publisherWords(p observation.Publisher) string {
	var words []string
	for _, w := range []string{p.Kind, p.Repository, p.Workflow} {
		if w != "" {
			words = append(words, short(w, 120))
		}
	}
	return strings.Join(words, ", ")
}

// forgeURL is the address of a repository on a forge that we lead to, "" for any
// other.
func forgeURL(repository string) string {
	host, _, _ := strings.Cut(repository, "/")
	if host != "github.com" && host != "gitlab.com" {
		return ""
	}
	return repositoryURL(repository)
}

func provenanceChange(c observation.AttestationChange) string {
	version := short(c.Version, 40)
	switch c.Kind {
	case observation.ChangeGained:
		return version + " attests every file; " + short(c.Before, 40) + " did not"
	case observation.ChangeLost:
		return version + " does not attest every file; " + short(c.Before, 40) + " did"
	case observation.ChangePublisher:
		return version + " has another " + join(c.Fields, "and") + " of its publisher: " + short(c.To, 120) + ", before " + short(c.From, 120)
	case observation.ChangeRepository:
		return version + " attests " + short(c.To, 120) + ", which the project does not name"
	}
	return version
}

// healthOf says how the project releases.
func healthOf(d *observation.ProjectDetail, p *observation.Publishing) project.Facts {
	out := project.Facts{ID: "release-health", Title: "How often it releases is not known"}
	if p == nil {
		out.State = notRead()
		return out
	}
	h := p.Health
	if h == nil || h.Releases == 0 {
		out.State = &part.State{Lead: capitalise(notFetched(d)) + ".", Text: "It is told by PyPI's file list."}
		if h != nil && fetched(d) {
			out.State = &part.State{Lead: "No files.", Text: "PyPI lists no file of this project."}
		}
		return out
	}
	out.Title = format.Plural(h.LastYear, "release", "releases") + " in the 365 days to " + format.Date(h.Through)
	count := format.Count(h.Releases) + ", " + format.Count(h.Stable) + " of them stable"
	out.Items = append(out.Items, project.Item{Name: "Releases", Value: count, Note: "first " + format.Date(h.FirstAt) + ", last " + format.Date(h.LastAt)})
	if h.MedianInterval == nil {
		out.Items = append(out.Items, unknownItem("Interval", "it takes two dated releases"))
	} else {
		out.Items = append(out.Items, project.Item{Name: "Interval", Value: "median " + format.Number(*h.MedianInterval, 1) + " days", Note: "between the first uploads of the last ten releases"})
	}
	if !h.LastAt.IsZero() && h.LastYear == 0 {
		out.Items = append(out.Items, project.Item{Name: "Last release", Value: format.Count(format.Days(h.LastAt, h.Through)) + " days before " + format.Date(h.Through), Note: "a finished project may need no release"})
	}
	yanks := project.Item{Name: "Yanked", Value: format.OfPlural(h.YankedReleases, h.Releases, "release", "releases") + " wholly, " + format.OfPlural(h.YankedFiles, h.Files, "file", "files")}
	if len(h.YankReasons) > 0 {
		var reasons []string
		for _, reason := range h.YankReasons {
			reasons = append(reasons, short(reason, 120))
		}
		yanks.Note = "Reasons given: " + strings.Join(reasons, "; ")
	}
	out.Items = append(out.Items, yanks, pythonItem(h))
	return out
}

func pythonItem(h *observation.ReleaseHealth) project.Item {
	item := project.Item{Name: "Python", Note: "requires-python of " + short(h.Version, 40) + ": " + short(join(stated(h.RequiresPython), "and"), 120)}
	switch h.Python {
	case observation.PythonCurrent:
		item.Value = "admits supported versions only"
	case observation.PythonAdmits:
		item.Value = "admits versions that have reached their end too"
	case observation.PythonOnlyEOL:
		item.Value = "admits only versions that have reached their end"
	default:
		if slices.ContainsFunc(h.RequiresPython, func(v string) bool { return v != "" }) {
			return unknownItem("Python", "requires-python of "+short(h.Version, 40)+": "+short(join(stated(h.RequiresPython), "and"), 120)+
				"; which versions have reached their end is not known, or the text is not readable")
		}
		return unknownItem("Python", "requires-python is not stated")
	}
	if h.PythonNewest != nil && !*h.PythonNewest {
		item.Value += ", and not the newest"
	}
	return item
}

// stated writes a missing requires-python out.
func stated(list []string) []string {
	out := slices.Clone(list)
	for i, v := range out {
		if v == "" {
			out[i] = "not stated"
		}
	}
	return out
}

// ownersOf says who may publish, without judging.
func ownersOf(d *observation.ProjectDetail, p *observation.Publishing) project.Facts {
	out := project.Facts{ID: "owners", Title: "Who can publish is not known"}
	if p == nil {
		out.State = notRead()
		return out
	}
	if !d.InJSON {
		out.State = &part.State{Lead: capitalise(notFetched(d)) + ".", Text: "Owners are named by PyPI's JSON API alone."}
		return out
	}
	if len(d.Owners) == 0 && d.Organization == "" {
		out.State = &part.State{Lead: "Not stated.", Text: "The answer of PyPI's JSON API of " + format.Date(d.AskedAt) + " names no owner."}
		return out
	}
	n := len(d.Owners)
	out.Title = format.Plural(n, "account is an owner", "accounts are owners") + " on PyPI"
	if n == 0 {
		out.Title = "An organization owns the project on PyPI"
	}
	out.Sub = "As PyPI names them, " + format.Date(d.AskedAt) + ". Owners may upload releases and add maintainers; maintainers and Trusted Publishers may upload too and are not in this count."
	names := project.Item{Name: "Owners", Value: short(strings.Join(d.Owners[:min(n, maxOwnerNames)], ", "), 400)}
	if n > maxOwnerNames {
		names.Note = "and " + format.Count(n-maxOwnerNames) + " more"
	}
	if n > 0 {
		out.Items = append(out.Items, names)
	}
	org := project.Item{Name: "Organization", Value: short(d.Organization, 60)}
	if d.Organization == "" {
		org.Value = "none"
	}
	out.Items = append(out.Items, org)
	changes := ownerChanges(p.Owners)
	for i, text := range changes[:min(len(changes), maxHistory)] {
		name := ""
		if i == 0 {
			name = "Changes"
		}
		out.Items = append(out.Items, project.Item{Name: name, Value: text})
	}
	if n := len(p.Owners); n > 0 {
		since := p.Owners[n-1].KnownAt
		out.Note = "Changes are those seen by this store since " + format.Date(since) + ", dated by when it learned of them. A change is ordinary; it says nothing by itself."
	}
	return out
}

// ownerChanges tells the differences between versions, which are newest first.
func ownerChanges(versions []observation.OwnersVersion) []string {
	var out []string
	for i := 0; i+1 < len(versions); i++ {
		now, was := versions[i], versions[i+1]
		if len(was.Owners) == 0 && was.Organization == "" || len(now.Owners) == 0 && now.Organization == "" {
			continue // one of the two answers did not say
		}
		var words []string
		if added := without(now.Owners, was.Owners); len(added) > 0 {
			words = append(words, "added "+short(strings.Join(added, ", "), 200))
		}
		if removed := without(was.Owners, now.Owners); len(removed) > 0 {
			words = append(words, "removed "+short(strings.Join(removed, ", "), 200))
		}
		if now.Organization != was.Organization {
			words = append(words, "organization "+orNone(now.Organization)+", before "+orNone(was.Organization))
		}
		if len(words) > 0 {
			out = append(out, format.Date(now.KnownAt)+": "+strings.Join(words, "; "))
		}
	}
	return out
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return short(s, 60)
}

// without returns what is in a and not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// repositoryOf says where the source lives and who says so.
func repositoryOf(d *observation.ProjectDetail, p *observation.Publishing) project.Facts {
	out := project.Facts{ID: "repository", Title: "Which repository is the source is not known", Links: []part.Link{{Text: "Definition", Href: "/methods#repository", Label: "Definition of a project's repository"}}}
	if d.Repository == "" {
		switch {
		case !d.InJSON:
			out.State = &part.State{Lead: capitalise(notFetched(d)) + ".", Text: "Links to a repository are in PyPI's JSON API and in provenance objects."}
		default:
			out.State = &part.State{Lead: "None named.", Text: "The project's metadata of " + format.Date(d.AskedAt) + " names no repository on a supported host."}
		}
		return out
	}
	out.Title = "The source is " + trustSentence(d.Trust) + " " + d.Repository
	for i, link := range d.Repositories {
		if i == maxHistory {
			out.Note = "And " + strconv.Itoa(len(d.Repositories)-maxHistory) + " more."
			break
		}
		item := project.Item{Name: capitalise(trustWords(link.Trust)), Links: []part.Link{{Text: short(link.Repository, 120), Href: forgeURL(link.Repository)}}}
		item.Note = "known since " + format.Date(link.Since)
		if p != nil {
			item.Note += forgeWords(p.Forges, link.Repository)
		}
		out.Items = append(out.Items, item)
	}
	return out
}

func trustSentence(t observation.Trust) string {
	switch t {
	case observation.TrustAttested:
		return "attested to be"
	case observation.TrustDepsDev:
		return "by deps.dev"
	}
	return "declared to be"
}

// forgeWords says what a forge answered about a repository.
func forgeWords(answers []observation.Repository, repository string) string {
	i := slices.IndexFunc(answers, func(a observation.Repository) bool { return strings.EqualFold(a.Name, repository) })
	if i < 0 {
		return "; its forge was not asked"
	}
	a := answers[i]
	on := ", said its forge on " + format.Date(a.ObservedAt)
	switch a.State {
	case observation.RepositoryMoved:
		return "; moved to " + short(a.Target, 120) + on
	case observation.RepositoryGone:
		return "; gone or private" + on
	}
	return "; there under this name" + on
}

// reportAddress is where faults of these pages are told.
const reportAddress = "https://github.com/pyrometer-dev/pyrometer/issues/new?title="

// wrongLinks are where to go when something on the page is wrong.
func wrongLinks(d *observation.ProjectDetail, simulated bool) []part.Link {
	if simulated { // nothing here is about anybody
		return nil
	}
	return []part.Link{
		{Text: "Report a wrong figure or link", Href: reportAddress + url.QueryEscape("Wrong on the page of "+d.Project)},
		{Text: "Ask Scorecard about a check", Href: "https://github.com/ossf/scorecard/issues"},
		{Text: "Correct an advisory", Href: "https://github.com/pypa/advisory-database"},
		{Text: "How each figure is made", Href: "/methods"},
	}
}
