CREATE TABLE IF NOT EXISTS responses
(
    url String COMMENT 'URL',
    etag String COMMENT 'ETag',
    last_modified String COMMENT 'Last-Modified',
    sha256 String COMMENT 'sha256 of the body',
    status UInt16 COMMENT 'HTTP status',
    bytes UInt64 COMMENT 'size of the body',
    fetched_at DateTime64(3, 'UTC') COMMENT 'time of the answer',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(fetched_at)
ORDER BY url
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Validators of URLs for conditional requests'
