CREATE TABLE IF NOT EXISTS range_changes
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    project String COMMENT 'project name',
    group_id String COMMENT 'advisory group',
    changed_on Date COMMENT 'UTC day: of the disclosure, or of the first upload of the release',
    change LowCardinality(String) COMMENT 'disclosed (in the range when the group was disclosed), entered or left (by a later release)',
    version String COMMENT 'latest stable release at the end of that day',
    before String COMMENT 'latest stable release before, empty of disclosed'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (project, group_id, changed_on)
SETTINGS index_granularity = 256
COMMENT 'Derived: when the latest stable release of a project entered and left the affected range of a live group, by what the records say now and the files that are still there and not yanked; from the disclosure on, or from the year after it when only the year is known'
