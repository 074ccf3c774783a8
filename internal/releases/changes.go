package releases

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// maxNamed bounds the publishers and repositories that a change names.
const maxNamed = 5

// Changes returns where the provenance of the project's stable releases
// changed, in the order of their first uploads. Releases without an upload time,
// and those whose provenance is not known for every file, are passed over: what
// is compared are neighbours among the others.
//
//	gained     every file carries provenance, of the release before not every one
//	lost       not every file does, of the release before every one
//	publisher  the publishers of two attested releases that follow each other,
//	           whatever lies between them, differ in kind, repository or workflow;
//	           told only when every provenance object of both was read
//
// canonical gives a repository the name under which it lives now, so that a
// renamed one is the same.
func (p *Project) Changes(canonical func(string) string) []observation.AttestationChange {
	var changes []observation.AttestationChange
	var before, attested *Release
	var publishers []observation.Publisher // of attested
	for _, r := range p.stableByUpload() {
		n := r.Provenances()
		if n.Unknown > 0 {
			continue
		}
		if before != nil {
			was := before.Provenances()
			switch is, had := n.Present == n.Files, was.Present == was.Files; {
			case is && !had:
				changes = append(changes, r.change(observation.ChangeGained, before, was.words(), n.words()))
			case had && !is:
				changes = append(changes, r.change(observation.ChangeLost, before, was.words(), n.words()))
			}
		}
		before = r
		if n.Present < n.Files {
			continue
		}
		now, known := r.Publishers(canonical)
		if !known {
			continue
		}
		if fields := differing(publishers, now); attested != nil && len(fields) > 0 {
			c := r.change(observation.ChangePublisher, attested, publisherWords(publishers), publisherWords(now))
			c.Fields = fields
			changes = append(changes, c)
		}
		attested, publishers = r, now
	}
	return changes
}

// stableByUpload returns the stable releases with a known first upload, oldest
// first.
func (p *Project) stableByUpload() []*Release {
	var list []*Release
	for i := range p.Releases {
		if r := &p.Releases[i]; r.Version.Stable() && !r.FirstAt.IsZero() {
			list = append(list, r)
		}
	}
	slices.Reverse(list) // lower versions first among equal times
	slices.SortStableFunc(list, func(a, b *Release) int { return a.FirstAt.Compare(b.FirstAt) })
	return list
}

func (r *Release) change(kind observation.AttestationChangeKind, before *Release, from, to string) observation.AttestationChange {
	return observation.AttestationChange{
		Kind:     kind,
		Version:  r.Version.String(),
		At:       r.FirstAt,
		Before:   before.Version.String(),
		BeforeAt: before.FirstAt,
		Older:    r.Version.Compare(before.Version) < 0,
		From:     from,
		To:       to,
	}
}

func (n Provenances) words() string {
	return fmt.Sprintf("%d of %d files with provenance", n.Present, n.Files)
}

// Publishers returns the different publishers of the release's files, sorted,
// with the repositories in canonical form. known is false when a provenance
// object was not read yet, or none names a publisher.
func (r *Release) Publishers(canonical func(string) string) (publishers []observation.Publisher, known bool) {
	for i := range r.Files {
		f := &r.Files[i]
		if f.Provenance != observation.ProvenancePresent {
			continue
		}
		if !f.Fetched {
			return nil, false
		}
		for _, p := range f.Publishers {
			p.Repository = canonical(p.Repository)
			if !slices.Contains(publishers, p) {
				publishers = append(publishers, p)
			}
		}
	}
	slices.SortFunc(publishers, func(a, b observation.Publisher) int {
		return strings.Compare(words(a), words(b))
	})
	return publishers, len(publishers) > 0
}

// differing names the fields in which two sets of publishers differ.
func differing(a, b []observation.Publisher) []string {
	var fields []string
	for _, f := range []struct {
		name string
		of   func(observation.Publisher) string
	}{
		{"kind", func(p observation.Publisher) string { return p.Kind }},
		{"repository", func(p observation.Publisher) string { return strings.ToLower(p.Repository) }},
		{"workflow", func(p observation.Publisher) string { return p.Workflow }},
	} {
		if !slices.Equal(distinct(a, f.of), distinct(b, f.of)) {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// distinct returns the different values of one field, sorted.
func distinct(publishers []observation.Publisher, of func(observation.Publisher) string) []string {
	var list []string
	for _, p := range publishers {
		list = append(list, of(p))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func words(p observation.Publisher) string {
	return strings.Join(slices.DeleteFunc([]string{p.Kind, p.Repository, p.Workflow}, func(s string) bool { return s == "" }), " ")
}

// publisherWords names publishers: "GitHub github.com/owner/name release.yml".
func publisherWords(publishers []observation.Publisher) string {
	names := make([]string, len(publishers))
	for i, p := range publishers {
		names[i] = words(p)
	}
	return list(names)
}

// Words names the kinds, the repositories and the workflows of publishers, each
// once.
func Words(publishers []observation.Publisher) (kind, repository, workflow string) {
	return list(distinct(publishers, func(p observation.Publisher) string { return p.Kind })),
		list(distinct(publishers, func(p observation.Publisher) string { return p.Repository })),
		list(distinct(publishers, func(p observation.Publisher) string { return p.Workflow }))
}

// list joins names, the first few of them.
func list(names []string) string {
	if extra := len(names) - maxNamed; extra > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), extra)
	}
	return strings.Join(names, ", ")
}

// Declared reports whether one of the repositories of publishers, which are in
// canonical form, is among those that the project declares; nil when there is
// nothing to compare: no publisher names a repository, or none is declared.
func Declared(publishers []observation.Publisher, declared []string, canonical func(string) string) *bool {
	attested := distinct(publishers, func(p observation.Publisher) string { return strings.ToLower(p.Repository) })
	attested = slices.DeleteFunc(attested, func(r string) bool { return r == "" })
	if len(attested) == 0 || len(declared) == 0 {
		return nil
	}
	match := slices.ContainsFunc(declared, func(r string) bool {
		return slices.Contains(attested, strings.ToLower(canonical(r)))
	})
	return &match
}

// Undeclared says that no repository which the latest stable release on offer
// attests is among those that the project declares now. It is told only when
// both are known; see Declared and Release.Publishers.
func (p *Project) Undeclared(declared []string, canonical func(string) string) (c observation.AttestationChange, ok bool) {
	latest := p.Latest()
	if latest == nil {
		return c, false
	}
	publishers, known := latest.Publishers(canonical)
	if !known {
		return c, false
	}
	if match := Declared(publishers, declared, canonical); match == nil || *match {
		return c, false
	}
	names := make([]string, len(declared))
	for i, d := range declared {
		names[i] = canonical(d)
	}
	slices.Sort(names)
	_, attested, _ := Words(publishers)
	return observation.AttestationChange{
		Kind:    observation.ChangeRepository,
		Version: latest.Version.String(),
		At:      latest.FirstAt,
		Fields:  []string{"repository"},
		From:    list(slices.Compact(names)),
		To:      attested,
	}, true
}
