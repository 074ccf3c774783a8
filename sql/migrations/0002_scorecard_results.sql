CREATE TABLE IF NOT EXISTS scorecard_results
(
    subject String COMMENT 'repository (source api) or project (source archive)' CODEC(ZSTD),
    observed_on Date COMMENT 'date of the result as the source gives it; the day of asking when there is none' CODEC(Delta, ZSTD),
    source LowCardinality(String) COMMENT 'api (api.scorecard.dev) or archive (pypi-scorecards)',
    state LowCardinality(String) COMMENT 'scored, no_result or unavailable',
    reason LowCardinality(String) COMMENT 'why there is no result',
    stated Nullable(Float32) COMMENT 'aggregate as the source states it, 0 to 10; null for the archive' CODEC(ZSTD),
    aggregate Nullable(Float32) COMMENT 'aggregate recomputed from the conclusive checks by risk weight, 0 to 10' CODEC(ZSTD),
    core Nullable(Float32) COMMENT 'the same over the twelve core checks' CODEC(ZSTD),
    check_set LowCardinality(String) COMMENT 'names of the checks the source ran or listed, sorted, comma-separated',
    conclusive UInt8 COMMENT 'number of checks with a score of 0 or more',
    tool_version LowCardinality(String) COMMENT 'Scorecard version, empty when the source does not say',
    commit String COMMENT 'repository commit that was scored' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(known_at)
ORDER BY (subject, observed_on, source)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 1024, merge_selector_base = 10
COMMENT 'OpenSSF Scorecard results, one row per subject, date and source'
