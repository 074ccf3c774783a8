CREATE TABLE IF NOT EXISTS rejects
(
    collector LowCardinality(String) COMMENT 'name of the collector',
    object String COMMENT 'file, URL or record id',
    reason String COMMENT 'what is wrong with it',
    text_hash UInt64 COMMENT 'hash of the text',
    text String COMMENT 'the text, cut to 16 KiB' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(known_at)
ORDER BY (collector, object, reason, text_hash)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Input that could not be read, with its text; kept once however often it is met'
