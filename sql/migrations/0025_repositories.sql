CREATE TABLE IF NOT EXISTS repositories
(
    repository String COMMENT 'host/owner/name as some project names it' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    observed_at DateTime64(3, 'UTC') COMMENT 'when the forge was asked',
    state LowCardinality(String) COMMENT 'found, moved or gone',
    target String COMMENT 'host/owner/name where it lives now, empty when gone' CODEC(ZSTD),
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (repository, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Repositories as their forge knows them, one row per name and answer'
