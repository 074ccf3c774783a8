CREATE TABLE IF NOT EXISTS rollup_changes
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    what LowCardinality(String) COMMENT 'aggregate, check, result or cohort',
    item String COMMENT 'check name, empty otherwise',
    from_on Date COMMENT 'earlier observation',
    to_on Date COMMENT 'later observation',
    matched UInt32 COMMENT 'projects compared: in the cohort and with a value at both ends',
    rose UInt32 COMMENT 'rose; for a check: crossed to 8 or above; for result: gained one; for cohort: entered',
    fell UInt32 COMMENT 'fell; for a check: crossed below 8; for result: lost it; for cohort: left',
    mean_change Nullable(Float64) COMMENT 'mean change over the matched projects',
    rose_projects Array(String) COMMENT 'up to 10 of them, by rank',
    fell_projects Array(String) COMMENT 'up to 10 of them, by rank'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, what, item)
COMMENT 'Derived: what changed between the last two accepted observations of each cohort, over matched projects'
