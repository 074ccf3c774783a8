package simulated

import (
	"encoding/base64"
	"strings"
)

// The Integrity API: the provenance object (PEP 740) of a file.

const (
	integrityType = "application/vnd.pypi.integrity.v1+json"
	publishType   = "https://docs.pypi.org/attestations/publish/v1"
	slsaType      = "https://slsa.dev/provenance/v1"
)

type provenanceObject struct {
	Bundles []attestationBundle `json:"attestation_bundles"`
	Version int                 `json:"version"`
}

type attestationBundle struct {
	Attestations []attestation `json:"attestations"`
	Publisher    publisher     `json:"publisher"`
}

type attestation struct {
	Envelope struct {
		Signature []byte `json:"signature"`
		Statement []byte `json:"statement"`
	} `json:"envelope"`
	Material struct {
		Certificate []byte `json:"certificate"`
		Entries     []any  `json:"transparency_entries"`
	} `json:"verification_material"`
	Version int `json:"version"`
}

// publisher is who published a release; each kind has keys of its own.
type publisher struct {
	Environment *string `json:"environment"`
	Kind        string  `json:"kind"`
	Repository  string  `json:"repository,omitempty"`
	Workflow    string  `json:"workflow,omitempty"`          // GitHub
	Path        string  `json:"workflow_filepath,omitempty"` // GitLab
	Email       string  `json:"email,omitempty"`             // Google
}

// integrity answers /integrity/{project}/{version}/{filename}/provenance.
func (w *world) integrity(rest string) (reply, bool) {
	part := strings.Split(rest, "/")
	if len(part) != 4 || part[3] != "provenance" {
		return reply{}, false
	}
	i, ok := w.project(part[0])
	if !ok || !w.exists(i) {
		return reply{}, false
	}
	for k, r := range w.releases(i) {
		if r.version != part[1] || w.attests(i, r) == attestedNone {
			continue
		}
		for n, f := range w.files(i, r) {
			if f.name != part[2] || f.provenance == "" || w.chance(shareLostObject, drawPublisher, i, k, 10+n) {
				continue
			}
			return reply{kind: integrityType, body: encode(w.provenance(i, r, f)), header: map[string]string{"Cache-Control": "max-age=600, public"}}, true
		}
	}
	return reply{}, false
}

func (w *world) provenance(i int, r release, f file) provenanceObject {
	statements := []string{publishType}
	if w.chance(0.1, drawPublisher, i, 3, 0) {
		statements = append(statements, slsaType)
	}
	bundle := attestationBundle{Publisher: w.publisher(i, r)}
	for k, predicate := range statements {
		var a attestation
		a.Version = 1
		a.Envelope.Signature = []byte(w.hex(64, i, 1000+10*r.nth+k))
		a.Envelope.Statement = []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"` + f.name + `","digest":{"sha256":"` + f.sha256 +
			`"}}],"predicateType":"` + predicate + `","predicate":null}`)
		a.Material.Certificate = []byte("a fictional certificate of " + base64.StdEncoding.EncodeToString([]byte(f.name)))
		a.Material.Entries = []any{map[string]any{"logIndex": w.below(1_000_000_000, drawPublisher, i, 4, r.nth), "integratedTime": f.uploaded.Unix()}}
		bundle.Attestations = append(bundle.Attestations, a)
	}
	return provenanceObject{Bundles: []attestationBundle{bundle}, Version: 1}
}

// publisher is who published a release: the repository as it was called then,
// and of a few projects, from some day on, another one.
func (w *world) publisher(i int, r release) publisher {
	repo, _ := w.repository(i)
	host, path, _ := strings.Cut(w.pathOn(repo, r.day), "/")
	if w.chance(sharePublisher, drawPublisher, i, 0, 0) && r.day >= attestationsFrom+day(w.below(900, drawPublisher, i, 1, 0)) {
		path = "fictional-release-team/" + nameOf(i)
	}
	var environment *string
	if w.chance(0.6, drawPublisher, i, 2, 0) {
		name := "pypi"
		environment = &name
	}
	switch {
	case w.chance(0.015, drawPublisher, i, 5, 0):
		return publisher{Kind: "Google", Email: "builder@" + nameOf(i) + ".fictional.invalid"}
	case host == "gitlab.com":
		return publisher{Kind: "GitLab", Repository: path, Path: ".gitlab-ci.yml", Environment: environment}
	}
	return publisher{Kind: "GitHub", Repository: path, Workflow: "release.yml", Environment: environment}
}

// attestedBy tells which repository published a release with an attestation, as
// "github.com/owner/name"; "" without one.
func (w *world) attestedBy(i int, r release) string {
	if w.attests(i, r) == attestedNone {
		return ""
	}
	switch p := w.publisher(i, r); p.Kind {
	case "GitHub":
		return "github.com/" + p.Repository
	case "GitLab":
		return "gitlab.com/" + p.Repository
	}
	return ""
}
