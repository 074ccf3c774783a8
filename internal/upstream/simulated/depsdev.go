package simulated

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// deps.dev: what it knows of a version, one by one (v3) or in batches (v3alpha).

const (
	depsDevHost  = "api.deps.dev"
	versionBatch = "/v3alpha/versionbatch"
	maxBatch     = 5000 // versions in one question
)

type versionKey struct {
	System  string `json:"system"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

type versionRequest struct {
	VersionKey versionKey `json:"versionKey"`
}

type batchRequest struct {
	Requests  []versionRequest `json:"requests"`
	PageToken string           `json:"pageToken"`
}

type batchResponse struct {
	Responses []versionResponse `json:"responses"`
	Next      string            `json:"nextPageToken,omitempty"`
}

type versionResponse struct {
	Request versionRequest  `json:"request"`
	Version *depsDevVersion `json:"version,omitempty"` // absent when it is not known
}

type depsDevVersion struct {
	VersionKey       versionKey           `json:"versionKey"`
	PublishedAt      time.Time            `json:"publishedAt"`
	IsDefault        bool                 `json:"isDefault"`
	IsDeprecated     bool                 `json:"isDeprecated"`
	DeprecatedReason string               `json:"deprecatedReason"`
	Licenses         []string             `json:"licenses"`
	AdvisoryKeys     []idKey              `json:"advisoryKeys"`
	Links            []depsDevLink        `json:"links"`
	SLSAProvenances  []any                `json:"slsaProvenances"`
	Attestations     []depsDevAttestation `json:"attestations"`
	Registries       []string             `json:"registries"`
	RelatedProjects  []relatedProject     `json:"relatedProjects"`
	ProjectStatus    projectStatus        `json:"projectStatus"`
}

type idKey struct {
	ID string `json:"id"`
}

type depsDevLink struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

type depsDevAttestation struct {
	Type             string `json:"type"`
	URL              string `json:"url"`
	Verified         bool   `json:"verified"`
	SourceRepository string `json:"sourceRepository"`
	Commit           string `json:"commit"`
}

type relatedProject struct {
	ProjectKey         idKey  `json:"projectKey"`
	RelationProvenance string `json:"relationProvenance"`
	RelationType       string `json:"relationType"`
}

type projectStatus struct {
	Status string `json:"status"`
	Reason string `json:"reason"`
}

func (w *world) depsDev(q query) (reply, bool) {
	if q.path == versionBatch {
		return w.versionBatch(q.body)
	}
	part := strings.Split(q.path, "/")
	if len(part) != 8 || part[1] != "v3" || part[2] != "systems" || part[4] != "packages" || part[6] != "versions" {
		return reply{}, false
	}
	v := w.depsDevVersion(versionKey{part[3], part[5], part[7]})
	if v == nil {
		return reply{}, false
	}
	return reply{kind: "application/json", body: encode(v), noETag: true}, true
}

// versionBatch answers a page of a batch. The token of a page is where it begins.
func (w *world) versionBatch(body []byte) (reply, bool) {
	var asked batchRequest
	if err := json.Unmarshal(body, &asked); err != nil || len(asked.Requests) > maxBatch {
		return reply{status: http.StatusBadRequest}, true
	}
	from := 0
	if asked.PageToken != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(asked.PageToken, "fictional-"))
		if err != nil || n < 1 || n >= len(asked.Requests) {
			return reply{status: http.StatusBadRequest}, true
		}
		from = n
	}
	to := min(from+pageOfVersions, len(asked.Requests))
	page := batchResponse{Responses: make([]versionResponse, 0, to-from)}
	for _, r := range asked.Requests[from:to] {
		page.Responses = append(page.Responses, versionResponse{Request: r, Version: w.depsDevVersion(r.VersionKey)})
	}
	if to < len(asked.Requests) {
		page.Next = "fictional-" + strconv.Itoa(to)
	}
	return reply{kind: "application/json", body: encode(page), noETag: true}, true
}

// depsDevVersion is what deps.dev knows of a version, nil for the few that it
// has not heard of.
func (w *world) depsDevVersion(key versionKey) *depsDevVersion {
	i, ok := w.project(key.Name)
	if !ok || !strings.EqualFold(key.System, "pypi") || !w.exists(i) {
		return nil
	}
	releases := w.releases(i)
	for k, r := range releases {
		if r.version == key.Version && !w.chance(0.03, drawDepsDev, i, k, 0) {
			return w.knownVersion(i, r, k == len(releases)-1)
		}
	}
	return nil
}

func (w *world) knownVersion(i int, r release, newest bool) *depsDevVersion {
	standing, _ := w.standing(i)
	v := &depsDevVersion{
		VersionKey:      versionKey{"PYPI", nameOf(i), r.version},
		PublishedAt:     w.uploaded(i, r),
		IsDefault:       newest,
		Licenses:        []string{[]string{"MIT", "Apache-2.0", "non-standard"}[w.below(3, drawDepsDev, i, 1, 1)]},
		AdvisoryKeys:    []idKey{},
		Links:           []depsDevLink{},
		SLSAProvenances: []any{},
		Attestations:    []depsDevAttestation{},
		Registries:      []string{"https://pypi.org/simple"},
		RelatedProjects: []relatedProject{},
		ProjectStatus:   projectStatus{Status: standing},
	}
	for nth := range w.flaws(i) {
		if f, ok := w.flaw(i, nth); ok && f.ghsa {
			v.AdvisoryKeys = append(v.AdvisoryKeys, idKey{w.recordID(f, recordGHSA)})
		}
	}
	relate := func(path, provenance, kind string) {
		v.RelatedProjects = append(v.RelatedProjects, relatedProject{idKey{path}, provenance, kind})
	}
	if path := w.attestedBy(i, r); path != "" {
		v.Attestations = append(v.Attestations, depsDevAttestation{
			Type: publishType, URL: "https://pypi.org/integrity/" + nameOf(i) + "/" + r.version, Verified: true,
			SourceRepository: "https://" + path, Commit: w.hex(40, i, 2000+r.nth),
		})
		relate(path, "PYPI_PUBLISH_ATTESTATION", "SOURCE_REPO")
	}
	repo, ok := w.repository(i)
	if !ok || w.chance(0.05, drawDepsDev, i, 2, 0) {
		return v
	}
	path := w.pathOn(repo, r.day)
	v.Links = append(v.Links, depsDevLink{"SOURCE_REPO", "https://" + path}, depsDevLink{"ISSUE_TRACKER", "https://" + path + "/issues"})
	if w.chance(0.02, drawDepsDev, i, 3, 0) {
		relate(path, "SLSA_ATTESTATION", "SOURCE_REPO")
	}
	relate(path, "UNVERIFIED_METADATA", "SOURCE_REPO")
	relate(path, "UNVERIFIED_METADATA", "ISSUE_TRACKER")
	return v
}
