CREATE TABLE IF NOT EXISTS projects
(
    project String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD),
    known_at DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta, ZSTD),
    observed_at DateTime64(3, 'UTC') COMMENT 'when the source was asked',
    display_name String COMMENT 'name as registered',
    latest_version String COMMENT 'newest stable release with a file that is not yanked, else the newest of all',
    latest_upload Nullable(DateTime64(3, 'UTC')) COMMENT 'first upload of that release',
    requires_python String COMMENT 'requires-python of that release',
    license_expression String COMMENT 'licence expression, PEP 639',
    summary String COMMENT 'one-line summary by the authors' CODEC(ZSTD),
    status LowCardinality(String) COMMENT 'project status, PEP 792: active, archived, quarantined, deprecated; empty when no source said',
    status_reason String COMMENT 'reason of the status',
    organization String COMMENT 'PyPI organization that owns the project',
    owners Array(String) COMMENT 'users with the role Owner',
    serial UInt64 COMMENT '_last-serial of the index, 0 unknown',
    from_index UInt8 COMMENT '1 when the Index API has answered for this project',
    from_json UInt8 COMMENT '1 when the JSON API has answered for this project',
    content_hash UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    deleted UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    run_id UUID COMMENT 'the run that wrote the row' CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (project, known_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'PyPI project metadata, one row per project and change'
