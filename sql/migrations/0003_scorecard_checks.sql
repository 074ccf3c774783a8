CREATE TABLE IF NOT EXISTS scorecard_checks
(
    subject String COMMENT 'repository (source api) or project (source archive)' CODEC(ZSTD),
    check LowCardinality(String) COMMENT 'Scorecard check name',
    observed_on Date COMMENT 'date of the result as the source gives it' CODEC(Delta, ZSTD),
    source LowCardinality(String) COMMENT 'api or archive',
    score Nullable(Int8) COMMENT '0 to 10; null is inconclusive (-1 at the source)' CODEC(ZSTD),
    reason String COMMENT 'the source\'s reason, empty in the archive' CODEC(ZSTD),
    details Array(String) COMMENT 'evidence lines as the source gives them' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(known_at)
PARTITION BY toYear(observed_on)
ORDER BY (subject, check, observed_on, source)
SETTINGS non_replicated_deduplication_window = 1000, merge_selector_base = 10
COMMENT 'Scorecard checks, one row per subject, check, date and source; a check that was not run has no row'
