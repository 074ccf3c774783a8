CREATE TABLE IF NOT EXISTS cpython_advisories
(
    osv_id String COMMENT 'id of the record: PSF-… or a CVE id',
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    aliases Array(String) COMMENT 'aliases as recorded',
    published Nullable(DateTime64(6, 'UTC')) COMMENT 'published',
    modified DateTime64(6, 'UTC') COMMENT 'modified',
    withdrawn Nullable(DateTime64(6, 'UTC')) COMMENT 'withdrawn, null when live',
    summary String COMMENT 'summary, else the first line of the details' CODEC(ZSTD),
    vectors Array(String) COMMENT 'CVSS vectors as written' CODEC(ZSTD),
    severity_word LowCardinality(String) COMMENT 'severity word of the record',
    references Array(String) COMMENT 'http and https references' CODEC(ZSTD),
    repository String COMMENT 'repository of the git ranges' CODEC(ZSTD),
    introduced Array(String) COMMENT 'commits that introduced the flaw; 0 is from the start' CODEC(ZSTD),
    fixed Array(String) COMMENT 'commits that fixed it' CODEC(ZSTD),
    versions Array(String) COMMENT 'affected tags as listed' CODEC(ZSTD),
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (osv_id, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Advisories about CPython by the PSF, one row per record and change; they concern no PyPI project'
