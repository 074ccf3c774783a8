package provenance

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/pyrometer-dev/pyrometer/collectors"
	"github.com/pyrometer-dev/pyrometer/internal/observation"
)

// What is read of one provenance object, at most. PyPI takes two attestations of
// a file, by one publisher.
const (
	maxBundles      = 64
	maxAttestations = 64
	maxStatement    = 1 << 20 // bytes of one statement, encoded
	maxName         = 200     // bytes of a kind, a workflow, an environment or a predicate type
)

// object is a provenance object of PEP 740, version 1. Keys that are not read,
// the verification material among them, may hold anything.
type object struct {
	Version int               `json:"version"`
	Bundles []json.RawMessage `json:"attestation_bundles"`
}

type bundle struct {
	Publisher    *publisher        `json:"publisher"`
	Attestations []json.RawMessage `json:"attestations"`
}

// publisher is a Trusted Publisher. Which keys it has depends on its kind; those
// that it lacks are null or absent.
type publisher struct {
	Kind         string `json:"kind"`
	Repository   string `json:"repository"`        // of GitHub and GitLab: the path below the host
	Workflow     string `json:"workflow"`          // of GitHub
	WorkflowPath string `json:"workflow_filepath"` // of GitLab
	Environment  string `json:"environment"`
}

type attestation struct {
	Envelope struct {
		Statement string `json:"statement"` // an in-toto statement in base64
	} `json:"envelope"`
}

type statement struct {
	PredicateType string `json:"predicateType"`
}

// parse reads a provenance object. It fails when the object as a whole cannot be
// read, so that it is fetched again; problems are of parts of it that are left
// out.
func parse(body []byte) (bundles []observation.AttestationBundle, problems []string, err error) {
	if !utf8.Valid(body) {
		return nil, nil, errors.New("not a provenance object: it is not UTF-8")
	}
	var o object
	if err := json.Unmarshal(body, &o); err != nil {
		return nil, nil, fmt.Errorf("not a provenance object: %w", err)
	}
	switch {
	case o.Version != 1:
		return nil, nil, fmt.Errorf("a provenance object of version %d; version 1 is understood", o.Version)
	case len(o.Bundles) == 0:
		return nil, nil, errors.New("a provenance object without attestation bundles")
	case len(o.Bundles) > maxBundles:
		return nil, nil, fmt.Errorf("a provenance object of %d attestation bundles, more than the %d allowed", len(o.Bundles), maxBundles)
	}
	for i, raw := range o.Bundles {
		b, left, err := parseBundle(raw)
		if err != nil {
			return nil, nil, fmt.Errorf("attestation bundle %d: %w", i+1, err)
		}
		for _, problem := range left {
			problems = append(problems, fmt.Sprintf("attestation bundle %d: %s", i+1, problem))
		}
		if !slices.ContainsFunc(bundles, func(o observation.AttestationBundle) bool { return reflect.DeepEqual(o, b) }) {
			bundles = append(bundles, b)
		}
	}
	return bundles, problems, nil
}

func parseBundle(raw json.RawMessage) (b observation.AttestationBundle, problems []string, err error) {
	var wire bundle
	if err := json.Unmarshal(raw, &wire); err != nil {
		return b, nil, err
	}
	p := wire.Publisher
	if p == nil {
		return b, nil, errors.New("it names no publisher")
	}
	kind := collectors.CutText(p.Kind, maxName)
	switch {
	case kind == "":
		return b, nil, errors.New("it names no kind of publisher")
	case len(wire.Attestations) == 0:
		return b, nil, errors.New("it holds no attestation")
	case len(wire.Attestations) > maxAttestations:
		return b, nil, fmt.Errorf("it holds %d attestations, more than the %d allowed", len(wire.Attestations), maxAttestations)
	}
	repository, ok := p.repository()
	if !ok {
		problems = append(problems, fmt.Sprintf("the publisher's repository %.100q is none", p.Repository))
	}
	workflow := p.Workflow
	if workflow == "" {
		workflow = p.WorkflowPath
	}
	b = observation.AttestationBundle{
		Kind:        kind,
		Repository:  repository,
		Workflow:    collectors.CutText(workflow, maxName),
		Environment: collectors.CutText(p.Environment, maxName),
	}
	for i, raw := range wire.Attestations {
		predicate, err := predicateOf(raw)
		if err != nil {
			problems = append(problems, fmt.Sprintf("attestation %d: %v", i+1, err))
			continue
		}
		b.Predicates = append(b.Predicates, predicate)
	}
	slices.Sort(b.Predicates)
	b.Predicates = slices.Compact(b.Predicates)
	return b, problems, nil
}

// repository returns host/owner/name of what the publisher calls its repository,
// "" when it has none. GitHub and GitLab name the path below their host; of
// other kinds only what says its host can be told.
func (p *publisher) repository() (repository string, ok bool) {
	switch p.Kind {
	case "GitHub":
		return exactly("github.com/" + p.Repository)
	case "GitLab":
		return exactly("gitlab.com/" + p.Repository)
	}
	if p.Repository == "" {
		return "", true
	}
	return collectors.RepositoryOf(p.Repository)
}

// exactly returns a repository that needs no cutting: what a publisher names is
// no free text.
func exactly(repository string) (string, bool) {
	if cut, ok := collectors.RepositoryOf(repository); !ok || cut != repository {
		return "", false
	}
	return repository, true
}

// predicateOf returns the predicate type that an attestation's statement names.
func predicateOf(raw json.RawMessage) (string, error) {
	var a attestation
	if err := json.Unmarshal(raw, &a); err != nil {
		return "", err
	}
	if len(a.Envelope.Statement) > maxStatement {
		return "", fmt.Errorf("its statement has %d bytes, more than the %d allowed", len(a.Envelope.Statement), maxStatement)
	}
	text, err := base64.StdEncoding.DecodeString(a.Envelope.Statement)
	if err != nil {
		return "", fmt.Errorf("its statement is not base64: %w", err)
	}
	var s statement
	if err := json.Unmarshal(text, &s); err != nil {
		return "", fmt.Errorf("its statement cannot be read: %w", err)
	}
	if s.PredicateType == "" {
		return "", errors.New("its statement names no predicate type")
	}
	return collectors.CutText(s.PredicateType, maxName), nil
}
