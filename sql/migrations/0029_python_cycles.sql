CREATE TABLE IF NOT EXISTS python_cycles
(
    cycle LowCardinality(String) COMMENT 'feature release of CPython, such as 3.12',
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    released_on Nullable(Date) COMMENT 'first release',
    active_to Nullable(Date) COMMENT 'end of bug-fix support',
    ends_on Nullable(Date) COMMENT 'end of life',
    ended UInt8 COMMENT '1 when the source says that its life has ended',
    latest String COMMENT 'newest release of the cycle',
    latest_on Nullable(Date) COMMENT 'its date',
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (cycle, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Release cycles of CPython, from endoflife.date, one row per cycle and change'
