package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/releases"
	"github.com/pyrometer-dev/pyrometer/ui"
	"github.com/pyrometer-dev/pyrometer/ui/adoption"
	"github.com/pyrometer-dev/pyrometer/ui/figure"
	"github.com/pyrometer-dev/pyrometer/ui/format"
	"github.com/pyrometer-dev/pyrometer/ui/layout"
	"github.com/pyrometer-dev/pyrometer/ui/part"
)

// adoptionReader is what the page of attestations and its charts ask of the store.
type adoptionReader interface {
	// Adoption returns the attestation classes of one cohort by month, oldest first.
	Adoption(ctx context.Context, c observation.Cohort, w observation.Weighting) ([]observation.AdoptionPoint, error)
	// AdoptionNow returns how the projects of one cohort stand now.
	AdoptionNow(ctx context.Context, c observation.Cohort) (observation.AdoptionNow, error)
	// AttestationChangesPage returns one page of changes of provenance, newest first, and the number of all.
	AttestationChangesPage(ctx context.Context, q observation.AttestationChangesQuery) ([]observation.AttestationChange, int, error)
	// AttestationMonths counts changes of provenance by month, oldest first; months without any are not there.
	AttestationMonths(ctx context.Context, c observation.Cohort) ([]observation.AttestationMonth, error)
}

// Bounds of the lists of changes.
const (
	changesPerPage = 20
	newestGains    = 10
	maxChangeText  = 200 // bytes of what a change says
)

// regressions are the changes that are no gain.
var regressions = []observation.AttestationChangeKind{observation.ChangeLost, observation.ChangePublisher, observation.ChangeRepository}

// adoption is the page of attestations.
func (s *Server) adoption(r *request) (ui.Page, error) {
	o, err := r.reader.Observations(r.ctx)
	if err != nil {
		return nil, err
	}
	p := adoption.Page{
		Frame: s.pageFrame(r, layout.NavAdoption, "Adoption of attestations",
			"Attestations on PyPI over time by projects, files and downloads, their publishers, and releases that gained or lost provenance."),
		Filter: filterFor(r, "/adoption", o),
		Figures: []figure.Figure{
			s.figure(r, slugAttestations, r.query), s.figure(r, slugAttestationChanges, r.query),
		},
		How: howToAttest,
	}
	p.Fresh, p.NoIndex = s.fresh(r.now, o), r.Page > 1
	now, err := r.reader.AdoptionNow(r.ctx, r.Cohort)
	if err != nil {
		s.unread(r, "adoption", err)
		p.Now = adoption.Now{Title: "How the cohort stands now could not be read", State: notRead()}
	} else {
		p.Fresh = append(p.Fresh, s.through("PyPI as of", now.Through, r.now, adoptionCollectors...))
		p.Now, p.Publishers = adoptionNow(r.Cohort, now), publishers(now)
	}
	if p.Regressions, err = s.regressions(r, now); err != nil {
		return nil, err
	}
	p.Gains = s.gains(r, now)
	return p, nil
}

// howToAttest are the steps of a maintainer, in PyPI's own documentation.
var howToAttest = []part.Link{
	{Text: "Add a Trusted Publisher to the project on PyPI, so that a workflow may publish without a long-lived token", Href: "https://docs.pypi.org/trusted-publishers/adding-a-publisher/"},
	{Text: "Publish from that workflow with a tool that attests what it uploads", Href: "https://docs.pypi.org/attestations/producing-attestations/"},
	{Text: "Look at the attestations of the release, and verify them", Href: "https://docs.pypi.org/attestations/consuming-attestations/"},
}

// adoptionNow is the table of the classes.
func adoptionNow(c observation.Cohort, now observation.AdoptionNow) adoption.Now {
	if now.Size == 0 {
		return adoption.Now{Title: "How the " + cohortName(c) + " stands now is not known", State: noCohort(c)}
	}
	unknown := now.Classes[observation.AttestationUnknown].Projects
	asked := now.Size - now.Reasons[observation.ReasonNotAsked] - now.Reasons[releases.ReasonNotFetched]
	out := adoption.Now{
		Title: fmt.Sprintf("PyPI was asked about %s of the %s; for %s the class is known", format.Count(asked), cohortProjects(c, now.Size), format.Count(now.Size-unknown)),
		Sub: fmt.Sprintf("Latest stable release with a file that is not yanked · n = %s whose class is known · ranks of %s",
			format.Of(now.Size-unknown, now.Size), format.Date(now.ListOn)),
		Reasons: reasonsText(now.Reasons),
	}
	if !now.Through.IsZero() {
		out.Sub += " · data through " + format.Date(now.Through)
	}
	out.Sub += "."
	for _, class := range attestationClasses {
		out.Classes = append(out.Classes, adoption.Class{
			Swatch: string(class.tone), Name: class.label,
			Projects:  counted(now.Classes[class.class].Projects, now.Size),
			Downloads: format.Percent(now.Weighted[class.class].Share, 1),
		})
	}
	return out
}

// publishers is the table of who publishes, over the projects with an attested
// file; empty when there is none.
func publishers(now observation.AdoptionNow) adoption.Publishers {
	total, unread := 0, 0
	for _, p := range now.Publishers {
		total += p.Projects
		if p.Kind == "" {
			unread += p.Projects
		}
	}
	if total == 0 {
		return adoption.Publishers{}
	}
	out := adoption.Publishers{
		Title: fmt.Sprintf("The publisher is known of %s with an attested file in their latest release", format.OfPlural(total-unread, total, "project", "projects")),
		Sub:   "Kind of the Trusted Publishers that the provenance of the latest stable release names. One whose provenance objects are not all read is not guessed.",
	}
	for _, p := range now.Publishers {
		kind := p.Kind
		if kind == "" {
			kind = "Unknown: not every provenance object is read"
		}
		out.Rows = append(out.Rows, adoption.Publisher{Kind: short(kind, maxChangeText), Projects: counted(p.Projects, total)})
	}
	return out
}

// reasonsText says why classes are unknown, the commonest reason first.
func reasonsText(reasons map[string]int) string {
	var names []string
	total := 0
	for name, n := range reasons {
		names = append(names, name)
		total += n
	}
	if total == 0 {
		return ""
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := reasons[b] - reasons[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var words []string
	for _, name := range names {
		words = append(words, fmt.Sprintf("%s (%s)", name, format.Count(reasons[name])))
	}
	return "Why unknown: " + join(words, "and") + "."
}

// regressions is one page of the changes that are no gain.
func (s *Server) regressions(r *request, now observation.AdoptionNow) (adoption.Changes, error) {
	rows, total, err := r.reader.AttestationChangesPage(r.ctx, observation.AttestationChangesQuery{
		Cohort: r.Cohort, Kinds: regressions, Limit: changesPerPage, Offset: (r.Page - 1) * changesPerPage,
	})
	if err != nil {
		s.unread(r, "changes of provenance", err)
		return adoption.Changes{Title: "Changes of provenance could not be read", State: notRead()}, nil
	}
	if len(rows) == 0 && r.Page > 1 {
		return adoption.Changes{}, badRequest("Begin with the first page.", "page=%d is beyond the last page.", r.Page)
	}
	out := adoption.Changes{
		Title: fmt.Sprintf("%s to less or other provenance %s known in the %s", format.Plural(total, "change", "changes"), pluralWord(total, "is", "are"), cohortName(r.Cohort)),
		Sub:   "Provenance lost between two stable releases, another publisher, or an attested repository that the project does not declare. Newest release first; each may be intended.",
		Rows:  changeRows(rows), Pager: r.pager(changesPerPage, len(rows), total, ""),
	}
	if total == 0 {
		out.Title = "No change to less or other provenance is known in the " + cohortName(r.Cohort)
		out.State = noChanges(now)
	}
	return out, nil
}

// gains are the newest releases that gained provenance.
func (s *Server) gains(r *request, now observation.AdoptionNow) adoption.Changes {
	rows, total, err := r.reader.AttestationChangesPage(r.ctx, observation.AttestationChangesQuery{
		Cohort: r.Cohort, Kinds: []observation.AttestationChangeKind{observation.ChangeGained}, Limit: newestGains,
	})
	if err != nil {
		s.unread(r, "gains of provenance", err)
		return adoption.Changes{Title: "Gains of provenance could not be read", State: notRead()}
	}
	out := adoption.Changes{
		Title: fmt.Sprintf("%s of the %s gained provenance", format.Plural(total, "release", "releases"), cohortName(r.Cohort)),
		Sub:   "Every file of the release carries provenance, and of the release before not every one did.",
		Rows:  changeRows(rows),
	}
	if total > len(rows) {
		out.Sub += " The newest " + format.Count(len(rows)) + "."
	}
	if total == 0 {
		out.Title = "No release of the " + cohortName(r.Cohort) + " is known to have gained provenance"
		out.State = noChanges(now)
	}
	return out
}

// noChanges says over how many projects none was found.
func noChanges(now observation.AdoptionNow) *part.State {
	if now.Size == 0 {
		return &part.State{Lead: "Nothing is known.", Text: "Why: how the cohort stands is not known."}
	}
	known := now.Size - now.Classes[observation.AttestationUnknown].Projects
	text := "Among the " + format.OfPlural(known, now.Size, "project", "projects") + " of the cohort whose provenance is known"
	if !now.Through.IsZero() {
		text += ", as of " + format.Date(now.Through)
	}
	return &part.State{Lead: "None.", Text: text + "."}
}

func changeRows(changes []observation.AttestationChange) []adoption.Change {
	out := make([]adoption.Change, len(changes))
	for i, c := range changes {
		out[i] = adoption.Change{
			Project: part.Link{Text: c.Project, Href: projectPath(c.Project)}, What: changeWords(c),
			Version: short(c.Version, 40), At: format.Date(c.At), From: short(c.From, maxChangeText), To: short(c.To, maxChangeText),
		}
		if c.Before != "" {
			out[i].Before = short(c.Before, 40) + ", " + format.Date(c.BeforeAt)
		}
		if c.Older {
			out[i].Older = "a release of an older line"
		}
	}
	return out
}

// changeWords says what changed, without judging it.
func changeWords(c observation.AttestationChange) string {
	switch c.Kind {
	case observation.ChangeGained:
		return "Gained provenance"
	case observation.ChangeLost:
		return "Lost provenance on at least one file"
	case observation.ChangePublisher:
		if len(c.Fields) > 0 {
			return "Other publisher: " + join(c.Fields, "and")
		}
		return "Other publisher"
	case observation.ChangeRepository:
		return "Attested repository is not one that the project declares"
	}
	return string(c.Kind)
}
