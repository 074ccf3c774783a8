CREATE TABLE IF NOT EXISTS publications
(
    dataset LowCardinality(String) COMMENT 'advisories, scores or ledger',
    generation UInt64 COMMENT 'generation',
    published_at DateTime64(3, 'UTC') COMMENT 'time of publication',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(published_at)
ORDER BY (dataset, generation)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Generations of derived tables that readers may use; the newest of a dataset counts'
