CREATE TABLE IF NOT EXISTS rollup_check_reasons
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    check LowCardinality(String) COMMENT 'Scorecard check name',
    place UInt16 COMMENT '1 is the commonest reason of the check',
    reason String COMMENT 'the reason that the API gives, numbers replaced by N',
    projects UInt32 COMMENT 'projects of the cohort with this reason',
    mean Nullable(Float64) COMMENT 'mean score of these projects, null when all are inconclusive',
    observed_on Date COMMENT 'the newest accepted observation, which the values are of'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, check, place)
COMMENT 'Derived: the commonest reasons of each check at the newest accepted observation, results of the API only'
