CREATE TABLE IF NOT EXISTS exposures
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    project String COMMENT 'project name',
    group_id String COMMENT 'group',
    affected String COMMENT 'affected versions in words',
    fixed_in Array(String) COMMENT 'first fixed release of each range, PEP 440 order',
    fixed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of the earliest fixed release; null when unfixed or files are unknown',
    fix_days Nullable(Int32) COMMENT 'days from disclosure (precision day) to fixed_at; negative is fixed before disclosure',
    latest_affected Nullable(UInt8) COMMENT '1 when the latest stable release is in the affected range; null unknown'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (project, group_id)
SETTINGS index_granularity = 256
COMMENT 'Derived: what a group means for a project'
