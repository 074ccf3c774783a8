CREATE TABLE IF NOT EXISTS files
(
    project String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD),
    filename String COMMENT 'name of the file' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    version String COMMENT 'release as published' CODEC(ZSTD),
    packagetype LowCardinality(String) COMMENT 'sdist, bdist_wheel, bdist_egg, …',
    upload_time Nullable(DateTime64(6, 'UTC')) COMMENT 'upload time, PEP 700' CODEC(ZSTD),
    size UInt64 COMMENT 'size in bytes, 0 unknown' CODEC(ZSTD),
    sha256 String COMMENT 'sha256 of the file as the index states it' CODEC(ZSTD),
    requires_python LowCardinality(String) COMMENT 'requires-python of the file',
    yanked UInt8 COMMENT '1 when yanked, PEP 592',
    yanked_reason String COMMENT 'reason of the yank' CODEC(ZSTD),
    provenance LowCardinality(String) COMMENT 'PEP 740 provenance: present, absent or unknown; present is not verified by us',
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (project, filename, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Distribution files, one row per project, file and change'
