package observation

import "time"

// ProvenanceFile is a file whose provenance object is to be fetched.
type ProvenanceFile struct {
	Project    string
	Version    string // as published
	Filename   string
	UploadTime time.Time
	// Newest is the newest upload among the project's files whose provenance is
	// stored already, zero without.
	Newest time.Time
}

// KnownRepository is a repository that some tracked project names.
type KnownRepository struct {
	Repository string // as the project names it
	State      RepositoryState
	AskedAt    time.Time // zero: never
}

// LatestRelease is a project's latest release.
type LatestRelease struct {
	Project string
	Version string
}
