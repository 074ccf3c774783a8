CREATE TABLE IF NOT EXISTS group_members
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    id String COMMENT 'OSV id or alias',
    group_id String COMMENT 'group',
    role LowCardinality(String) COMMENT 'record, alias or withdrawn'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (id, group_id)
COMMENT 'Derived: every id ever seen and the group it leads to'
