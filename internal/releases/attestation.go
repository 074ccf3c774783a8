package releases

import (
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// AttestationsSince is the day from which PyPI takes attestations. A release
// with a file from before it can never carry provenance on all of them.
var AttestationsSince = time.Date(2024, time.October, 29, 0, 0, 0, 0, time.UTC)

// Reasons why the class of a project is unknown.
const (
	ReasonNotFetched = "not fetched"
	ReasonNoFiles    = "no files"
	ReasonNoStable   = "no stable release"
	ReasonYanked     = "every stable release is yanked"
	ReasonNotStated  = "the index does not say whether there is provenance"
	ReasonNoTime     = "no upload time"
)

// Provenances counts the files of a release by what the index says of their
// provenance.
type Provenances struct {
	Files, Present, Absent, Unknown int
	// late are the unknown ones that can carry provenance: not known to be
	// uploaded before AttestationsSince.
	late int
}

// Provenances counts the release's files, yanked ones among them.
func (r *Release) Provenances() Provenances {
	n := Provenances{Files: len(r.Files)}
	for i := range r.Files {
		switch f := &r.Files[i]; f.Provenance {
		case observation.ProvenancePresent:
			n.Present++
		case observation.ProvenanceAbsent:
			n.Absent++
		default:
			n.Unknown++
			if f.UploadedAt.IsZero() || !f.UploadedAt.Before(AttestationsSince) {
				n.late++
			}
		}
	}
	return n
}

// Class decides the attestation class of a release; the first of:
//
//	attested     every file carries provenance
//	partly       some do and some do not
//	predates     none does, and its first file was uploaded before
//	             AttestationsSince: not all of its files could
//	possible     none does, and could says that the publisher has a host that
//	             PyPI takes attestations from
//	unsupported  none does, and could says that the host is another or unknown
//	unknown      everything else: no file, files of which the index does not say
//	             it and which could tip the scales, no upload time. reason says which
//
// Files count as of today, with those that were added to the release later and
// those that are yanked.
func (r *Release) Class(could bool) (class observation.AttestationClass, reason string) {
	n := r.Provenances()
	switch {
	case n.Files == 0:
		return observation.AttestationUnknown, ReasonNoFiles
	case n.Present == n.Files:
		return observation.AttestationFull, ""
	case n.Present > 0 && n.Absent > 0:
		return observation.AttestationPartly, ""
	case n.Present > 0 || n.late > 0:
		return observation.AttestationUnknown, ReasonNotStated
	case r.FirstAt.IsZero():
		return observation.AttestationUnknown, ReasonNoTime
	case r.FirstAt.Before(AttestationsSince):
		return observation.AttestationPredates, ""
	case could:
		return observation.AttestationPossible, ""
	}
	return observation.AttestationUnsupported, ""
}

// Class decides the attestation class of the project by its latest stable
// release on offer, which is nil when there is none. supported says that its
// repository is at a host that PyPI takes attestations from; a provenance object
// of any of its releases says so as well.
func (p *Project) Class(supported bool) (latest *Release, class observation.AttestationClass, reason string) {
	latest = p.Latest()
	switch {
	case latest != nil:
		class, reason = latest.Class(supported || p.attestedBefore(time.Time{}))
		return latest, class, reason
	case len(p.Releases) == 0:
		reason = ReasonNoFiles
	case slices.ContainsFunc(p.Releases, func(r Release) bool { return r.Version.Stable() }):
		reason = ReasonYanked
	default:
		reason = ReasonNoStable
	}
	return nil, observation.AttestationUnknown, reason
}

// ClassBefore decides the class as it was just before a time, as far as the
// files that are still there tell.
func (p *Project) ClassBefore(end time.Time, supported bool) observation.AttestationClass {
	r, ok := p.LatestBefore(end)
	if !ok {
		return observation.AttestationUnknown
	}
	class, _ := r.Class(supported || p.attestedBefore(end))
	return class
}

// attestedBefore reports whether any file uploaded before end carries
// provenance; with the zero time any file at all.
func (p *Project) attestedBefore(end time.Time) bool {
	for i := range p.Releases {
		for j := range p.Releases[i].Files {
			f := &p.Releases[i].Files[j]
			if f.Provenance == observation.ProvenancePresent && (end.IsZero() || f.UploadedAt.Before(end)) {
				return true
			}
		}
	}
	return false
}

// Supported reports whether a repository, as host/owner/name, is at a host
// that PyPI takes attestations from by itself. Google Cloud and ActiveState,
// which it takes them from as well, are no code hosts: they show in provenance.
func Supported(repository string) bool {
	host, _, _ := strings.Cut(repository, "/")
	host = strings.ToLower(host)
	return host == "github.com" || host == "gitlab.com"
}
