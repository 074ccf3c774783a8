CREATE TABLE IF NOT EXISTS affected
(
    project String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD),
    osv_id String COMMENT 'id of the OSV record' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    versions Array(String) COMMENT 'enumerated affected versions' CODEC(ZSTD(3)),
    ranges String COMMENT 'ECOSYSTEM ranges as JSON: a list of lists of events in the order of the record' CODEC(ZSTD(3)),
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (project, osv_id, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'What an OSV record says of a project, one row per project, record and change'
