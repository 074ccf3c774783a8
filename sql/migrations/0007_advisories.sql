CREATE TABLE IF NOT EXISTS advisories
(
    osv_id String COMMENT 'id of the OSV record',
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    database LowCardinality(String) COMMENT 'prefix of the id: PYSEC, GHSA, MAL',
    aliases Array(String) COMMENT 'aliases as recorded',
    related Array(String) COMMENT 'related ids, never merged on',
    upstream Array(String) COMMENT 'upstream ids, never merged on',
    published Nullable(DateTime64(6, 'UTC')) COMMENT 'published',
    modified DateTime64(6, 'UTC') COMMENT 'modified',
    withdrawn Nullable(DateTime64(6, 'UTC')) COMMENT 'withdrawn, null when live',
    summary String COMMENT 'summary by the database' CODEC(ZSTD),
    vectors Array(String) COMMENT 'CVSS vectors as written' CODEC(ZSTD),
    severity_word LowCardinality(String) COMMENT 'severity word of GHSA: LOW, MODERATE, HIGH, CRITICAL',
    references Array(String) COMMENT 'http and https references' CODEC(ZSTD),
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (osv_id, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'OSV records, one row per record and change'
