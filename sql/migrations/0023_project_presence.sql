CREATE TABLE IF NOT EXISTS project_presence
(
    project String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    observed_at DateTime64(3, 'UTC') COMMENT 'when the root index was read',
    listed UInt8 COMMENT '1 when the complete root index lists the project, 0 when it no longer does',
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (project, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Whether the root index of PyPI lists a project that was seen, one row per project and change'
