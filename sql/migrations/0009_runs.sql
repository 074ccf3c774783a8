CREATE TABLE IF NOT EXISTS runs
(
    collector LowCardinality(String) COMMENT 'name of the collector',
    started_at DateTime64(3, 'UTC') COMMENT 'start',
    run_id UUID COMMENT 'id of the run',
    finished_at Nullable(DateTime64(3, 'UTC')) COMMENT 'end, null while running',
    state LowCardinality(String) COMMENT 'running, ok, partial or failed',
    rows UInt64 COMMENT 'rows stored',
    unchanged UInt64 COMMENT 'objects asked about that had not changed',
    skipped UInt64 COMMENT 'objects left out on purpose or missing at the source',
    rejects UInt64 COMMENT 'records refused and kept in rejects',
    error_class LowCardinality(String) COMMENT 'class of the failure',
    error String COMMENT 'the failure in words',
    note String COMMENT 'what was skipped and why',
    cursor String COMMENT 'cursor after the run' CODEC(ZSTD),
    through Nullable(DateTime64(3, 'UTC')) COMMENT 'newest source time seen',
    upstream LowCardinality(String) COMMENT 'live, mirror or simulated',
    version LowCardinality(String) COMMENT 'version of Pyrometer',
    revision UInt8 COMMENT '0 while running, 1 when finished'
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (collector, started_at, run_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Runs of collectors; the row of a finished run replaces that of its start'
