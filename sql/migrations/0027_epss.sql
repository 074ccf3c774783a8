CREATE TABLE IF NOT EXISTS epss
(
    cve String COMMENT 'CVE id' CODEC(ZSTD),
    observed_on Date COMMENT 'score date' CODEC(Delta, ZSTD),
    model LowCardinality(String) COMMENT 'version of the model; scores of two models are not comparable',
    score Float32 COMMENT 'probability of exploitation within 30 days, 0 to 1' CODEC(ZSTD),
    percentile Float32 COMMENT 'share of CVEs with an equal or lower score, 0 to 1' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(known_at)
PARTITION BY toYear(observed_on)
ORDER BY (cve, observed_on, model)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'EPSS scores of the CVEs that stored advisories name, one row per CVE, day and model'
