CREATE TABLE IF NOT EXISTS ranks
(
    list LowCardinality(String) COMMENT 'name of the list, top-pypi-packages',
    observed_on Date COMMENT 'UTC day of the list, from its own last_update',
    project String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD),
    rank UInt32 COMMENT 'place in the list, 1 is the most downloaded' CODEC(Delta, ZSTD),
    downloads UInt64 COMMENT 'downloads in the period of the list (about 30 days)' CODEC(ZSTD),
    source LowCardinality(String) COMMENT 'where the list says its counts come from, empty before it said',
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(known_at)
ORDER BY (list, observed_on, project)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Download-rank lists, one row per list, day and project'
