CREATE TABLE IF NOT EXISTS project_repositories
(
    project String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD),
    repository String COMMENT 'host/owner/name' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    trust LowCardinality(String) COMMENT 'attested, depsdev or declared',
    evidence String COMMENT 'URL or object that names the repository' CODEC(ZSTD),
    label LowCardinality(String) COMMENT 'label of the link as written',
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (project, repository, trust, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Links from projects to source repositories, one row per link and change'
