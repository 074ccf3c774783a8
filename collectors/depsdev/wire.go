package depsdev

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/pyrometer-dev/pyrometer/internal/observation"
	"github.com/pyrometer-dev/pyrometer/internal/pypa"
)

// What deps.dev says of how it came to link a project with a repository. The
// first two rest on an attestation that it has verified.
const (
	bySLSA     = "SLSA_ATTESTATION"
	byPublish  = "PYPI_PUBLISH_ATTESTATION"
	byMetadata = "UNVERIFIED_METADATA"

	sourceRepo = "SOURCE_REPO" // the relation that counts; ISSUE_TRACKER is another
)

// Predicate types of attestations begin so.
const (
	publishType = "https://docs.pypi.org/attestations/publish/"
	slsaType    = "https://slsa.dev/provenance/"
)

const (
	system   = "PYPI"
	maxLinks = 20 // repositories kept of one project and origin
)

type versionKey struct {
	System  string `json:"system"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// version is the part of a version answer that is read; it is the same in v3 and
// v3alpha. Every list may be absent or null.
type version struct {
	Key             versionKey `json:"versionKey"`
	RelatedProjects []struct {
		Key struct {
			ID string `json:"id"`
		} `json:"projectKey"`
		Provenance string `json:"relationProvenance"`
		Type       string `json:"relationType"`
	} `json:"relatedProjects"`
	Attestations    []attestation `json:"attestations"`
	SLSAProvenances []attestation `json:"slsaProvenances"`
}

type attestation struct {
	Type             string `json:"type"`
	Verified         bool   `json:"verified"`
	SourceRepository string `json:"sourceRepository"`
}

// batch is a page of the answer to versionbatch.
type batch struct {
	Responses     []json.RawMessage `json:"responses"`
	NextPageToken string            `json:"nextPageToken"`
}

// response is one element of a batch: the request as it was made, and what is
// known of the version, nothing when it is not known.
type response struct {
	Request struct {
		Key versionKey `json:"versionKey"`
	} `json:"request"`
	Version *version `json:"version"`
}

// mapping is what deps.dev says of one release: repositories by attestation and
// by metadata alone.
type mapping struct {
	attested []observation.RepositoryLink
	inferred []observation.RepositoryLink
}

// errUnasked says that an answer concerns none of the releases asked about.
var errUnasked = errors.New("was not asked for")

// find returns the release that an answer is about. The answer may write name
// and version in another way: "3.0.0" for "3.0".
func find(asked map[string]observation.LatestRelease, r response) (observation.LatestRelease, error) {
	key := r.Request.Key
	if key.Name == "" && r.Version != nil {
		key = r.Version.Key
	}
	name, err := pypa.ParseName(key.Name)
	if err != nil {
		return observation.LatestRelease{}, err
	}
	release, ok := asked[name]
	if !ok || !sameVersion(release.Version, key.Version) {
		return release, fmt.Errorf("%s %.100q %w", name, key.Version, errUnasked)
	}
	if r.Version != nil {
		return release, r.Version.answers(release)
	}
	return release, nil
}

// answers reports an error when the version is another than the release, though
// it came in answer to it.
func (v *version) answers(release observation.LatestRelease) error {
	if v.Key.Name == "" || pypa.Normalize(v.Key.Name) == release.Project && sameVersion(release.Version, v.Key.Version) {
		return nil
	}
	return fmt.Errorf("asked for %s %s it holds %.100q %.100q", release.Project, release.Version, v.Key.Name, v.Key.Version)
}

// known reports whether deps.dev knows the version: for one that it does not, it
// answers with nothing or with an empty object.
func (v *version) known() bool { return v != nil && v.Key.Name != "" }

func sameVersion(a, b string) bool {
	return a == b || pypa.ParseVersion(a).Equal(pypa.ParseVersion(b))
}

// mapping reads the repositories of a version.
func (v *version) mapping(release observation.LatestRelease) mapping {
	page := pageOf(release)
	spelling := map[string]string{} // of a repository in lower case, as its forge writes it
	var m mapping
	add := func(list *[]observation.RepositoryLink, repository, label string) {
		*list = append(*list, observation.RepositoryLink{Repository: repository, Evidence: page, Label: label})
	}
	for _, a := range slices.Concat(v.Attestations, v.SLSAProvenances) {
		repository, ok := repositoryOf(a.SourceRepository)
		label := a.label()
		if !ok || !a.Verified || label == "" {
			continue
		}
		// Capitals sort first: a spelling that was put into lower case loses.
		if have, ok := spelling[strings.ToLower(repository)]; !ok || repository < have {
			spelling[strings.ToLower(repository)] = repository
		}
		add(&m.attested, repository, label)
	}
	for _, p := range v.RelatedProjects {
		repository, ok := repositoryOf(p.Key.ID)
		if !ok || p.Type != sourceRepo {
			continue
		}
		switch p.Provenance {
		case bySLSA, byPublish:
			add(&m.attested, repository, p.Provenance)
		case byMetadata:
			add(&m.inferred, repository, p.Provenance)
		}
	}
	m.attested, m.inferred = tidy(m.attested, spelling), tidy(m.inferred, spelling)
	return m
}

// label is how deps.dev calls a relation that rests on such an attestation, ""
// for attestations that say nothing of a source.
func (a attestation) label() string {
	switch {
	case strings.HasPrefix(a.Type, publishType):
		return byPublish
	case a.Type == "", strings.HasPrefix(a.Type, slsaType): // slsaProvenances have no type
		return bySLSA
	}
	return ""
}

// tidy puts links into an order that does not depend on the answer's, each
// repository once, with its strongest label.
func tidy(links []observation.RepositoryLink, spelling map[string]string) []observation.RepositoryLink {
	for i, l := range links {
		if s, ok := spelling[strings.ToLower(l.Repository)]; ok {
			links[i].Repository = s
		}
	}
	slices.SortStableFunc(links, func(a, b observation.RepositoryLink) int {
		return cmp.Or(
			strings.Compare(strings.ToLower(a.Repository), strings.ToLower(b.Repository)),
			-strings.Compare(a.Label, b.Label)) // SLSA before PYPI
	})
	links = slices.CompactFunc(links, func(a, b observation.RepositoryLink) bool { return strings.EqualFold(a.Repository, b.Repository) })
	slices.SortStableFunc(links, func(a, b observation.RepositoryLink) int { return -strings.Compare(a.Label, b.Label) })
	return links[:min(len(links), maxLinks)]
}

// pageOf is deps.dev's page of a release.
func pageOf(release observation.LatestRelease) string {
	return "https://deps.dev/pypi/" + url.PathEscape(release.Project) + "/" + url.PathEscape(release.Version)
}

// forges are those that deps.dev knows projects of, and their depth: GitLab has
// groups within groups.
var forges = map[string]int{"github.com": 2, "bitbucket.org": 2, "gitlab.com": 10}

// repositoryOf reads a project id, "github.com/psf/requests", or the URL of a
// repository, and returns "host/owner/name" with the host in lower case.
func repositoryOf(s string) (repository string, ok bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "git+")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	s = strings.TrimSuffix(strings.TrimSuffix(s, "/"), ".git")
	host, path, _ := strings.Cut(s, "/")
	host = strings.ToLower(host)
	segments := strings.Split(path, "/")
	if n := len(segments); n < 2 || n > forges[host] {
		return "", false
	}
	for _, segment := range segments {
		if !isSegment(segment) {
			return "", false
		}
	}
	return host + "/" + path, true
}

// isSegment reports whether s can be an owner or a name on a forge.
func isSegment(s string) bool {
	if s == "" || len(s) > 100 || s == "." || s == ".." {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
