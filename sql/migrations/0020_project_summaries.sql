CREATE TABLE IF NOT EXISTS project_summaries
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    project String COMMENT 'project name, PEP 503 normalised',
    display_name String COMMENT 'name as registered',
    rank UInt32 COMMENT 'rank in the newest list, 0 when not in it',
    downloads UInt64 COMMENT 'downloads in the newest list',
    latest_version String COMMENT 'latest release',
    latest_upload Nullable(DateTime64(3, 'UTC')) COMMENT 'its first upload',
    status LowCardinality(String) COMMENT 'project status, PEP 792',
    asked_at Nullable(DateTime64(3, 'UTC')) COMMENT 'when PyPI was last asked and something had changed, null when never',
    repository String COMMENT 'repository of the strongest trust',
    trust LowCardinality(String) COMMENT 'trust of that link',
    score_state LowCardinality(String) COMMENT 'scored, stale, no_result, unavailable, no_repository, not_asked or not_fetched',
    score_source LowCardinality(String) COMMENT 'api or archive',
    score_on Nullable(Date) COMMENT 'date of the value, or of the result that score_state speaks of',
    other_source LowCardinality(String) COMMENT 'source of the newest result beside that one, empty without',
    other_on Nullable(Date) COMMENT 'its date',
    aggregate Nullable(Float32) COMMENT 'recomputed aggregate',
    core Nullable(Float32) COMMENT 'core aggregate',
    groups UInt32 COMMENT 'live vulnerability groups',
    malware UInt32 COMMENT 'live malware reports',
    latest_affected UInt32 COMMENT 'groups with the latest release in their affected range',
    latest_unknown UInt32 COMMENT 'groups for which that is unknown'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY project
SETTINGS index_granularity = 256
COMMENT 'Derived: one row per known project, as the list and the search show it'
