CREATE TABLE IF NOT EXISTS provenance
(
    project String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD),
    filename String COMMENT 'name of the file' CODEC(ZSTD),
    bundle UInt8 COMMENT 'number of the attestation bundle, from 1; 0 in the one row of a file for which the Integrity API has none',
    version String COMMENT 'release as published' CODEC(ZSTD),
    upload_time Nullable(DateTime64(6, 'UTC')) COMMENT 'upload time of the file' CODEC(ZSTD),
    kind LowCardinality(String) COMMENT 'kind of Trusted Publisher: GitHub, GitLab, Google, ActiveState',
    repository String COMMENT 'repository of the publisher, host/owner/name' CODEC(ZSTD),
    workflow LowCardinality(String) COMMENT 'workflow of the publisher',
    environment LowCardinality(String) COMMENT 'environment of the publisher, empty without',
    predicates Array(LowCardinality(String)) COMMENT 'predicate types of the attestations',
    observed_at DateTime64(3, 'UTC') COMMENT 'when the Integrity API was asked',
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(known_at)
ORDER BY (project, filename, bundle)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'PEP 740 provenance objects, one row per project, file and attestation bundle; verified by PyPI at upload, not by us'
