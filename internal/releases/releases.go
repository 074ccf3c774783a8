// Package releases tells what a project's files on PyPI say of its releases:
// which of them was the latest at a time, how it stands with PEP 740
// provenance, what changed from one to the next, how often they come and which
// were yanked. Everything is a pure function of the files.
package releases

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// File is one file of a project as the index lists it now.
type File struct {
	Filename       string
	Version        string    // as published
	UploadedAt     time.Time // zero unknown
	RequiresPython string
	Yanked         bool
	YankedReason   string
	Provenance     observation.Provenance
	// Fetched says that the provenance object was read; Publishers are those of
	// its attestation bundles.
	Fetched    bool
	Publishers []observation.Publisher
}

// Release is all files of one version.
type Release struct {
	Version pypa.Version
	FirstAt time.Time // first upload, zero when none is known
	Files   []File    // by upload, unknown ones last
}

// Project is the releases of one project.
type Project struct {
	Releases []Release // newest version first; what PEP 440 does not know last
	undated  bool      // a file of a stable release has no upload time
}

// NewProject puts files together to releases. It sorts files.
func NewProject(files []File) *Project {
	p := new(Project)
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(strings.Compare(a.Version, b.Version), compareTimes(a.UploadedAt, b.UploadedAt), strings.Compare(a.Filename, b.Filename))
	})
	for len(files) > 0 {
		n := 1
		for n < len(files) && files[n].Version == files[0].Version {
			n++
		}
		r := Release{Version: pypa.ParseVersion(files[0].Version), FirstAt: files[0].UploadedAt, Files: files[:n:n]}
		if r.Version.Stable() && r.Files[n-1].UploadedAt.IsZero() {
			p.undated = true
		}
		p.Releases = append(p.Releases, r)
		files = files[n:]
	}
	// Stable: of two spellings of one version the first as text comes first.
	slices.SortStableFunc(p.Releases, func(a, b Release) int { return b.Version.Compare(a.Version) })
	return p
}

// compareTimes sorts unknown times last.
func compareTimes(a, b time.Time) int {
	if a.IsZero() || b.IsZero() {
		return cmp.Compare(bit(a.IsZero()), bit(b.IsZero()))
	}
	return a.Compare(b)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Yanked reports whether every file of the release is yanked.
func (r *Release) Yanked() bool {
	return !slices.ContainsFunc(r.Files, func(f File) bool { return !f.Yanked })
}

// LastAt returns the last upload of a file of the release, zero when none is
// known.
func (r *Release) LastAt() time.Time {
	var last time.Time
	for i := range r.Files {
		if at := r.Files[i].UploadedAt; at.After(last) {
			last = at
		}
	}
	return last
}

// Before returns the release as it was just before a time: the files uploaded
// by then.
func (r *Release) Before(end time.Time) Release {
	n := 0
	for n < len(r.Files) && !r.Files[n].UploadedAt.IsZero() && r.Files[n].UploadedAt.Before(end) {
		n++
	}
	return Release{Version: r.Version, FirstAt: r.FirstAt, Files: r.Files[:n]}
}

// Latest returns the latest stable release on offer: the highest version of
// PEP 440 that is no pre-release and has a file that is not yanked; nil when
// there is none.
func (p *Project) Latest() *Release {
	for i := range p.Releases {
		if r := &p.Releases[i]; r.Version.Stable() && !r.Yanked() {
			return r
		}
	}
	return nil
}

// LatestBefore returns the stable release that was the latest just before a
// time, with the files of then: the highest version that has a file uploaded by
// then. It was perhaps yanked at that time, which nobody recorded. ok is false
// when there is none, or when a file of a stable release has no upload time, so
// that there is no telling.
func (p *Project) LatestBefore(end time.Time) (r Release, ok bool) {
	if p.undated {
		return Release{}, false
	}
	for i := range p.Releases {
		r := &p.Releases[i]
		if r.Version.Stable() && r.FirstAt.Before(end) {
			return r.Before(end), true
		}
	}
	return Release{}, false
}
