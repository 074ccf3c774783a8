CREATE TABLE IF NOT EXISTS rollup_checks
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    weighting LowCardinality(String) COMMENT 'package or download',
    check LowCardinality(String) COMMENT 'Scorecard check name',
    observed_on Date COMMENT 'date of the observation',
    list_on Date COMMENT 'date of the rank list that defines the cohort',
    source LowCardinality(String) COMMENT 'of the conclusive scores: archive, api, or both when each has 5 % of them or more; empty without any',
    state LowCardinality(String) COMMENT 'accepted, or suspect: left out of lines',
    size UInt32 COMMENT 'projects in the cohort',
    scored UInt32 COMMENT 'of these, projects with at least one conclusive check',
    n UInt32 COMMENT 'scored projects with a conclusive score of this check',
    inconclusive UInt32 COMMENT 'scored projects whose result lists this check without a score',
    not_run UInt32 COMMENT 'scored projects whose result does not list this check, or whose newest answer for it is left out',
    share Nullable(Float64) COMMENT 'share of the conclusive projects with 8 or above, by weight, 0 to 1',
    mean Nullable(Float64) COMMENT 'mean score of the conclusive projects, by weight',
    histogram Array(UInt64) COMMENT 'weight of the conclusive projects at each score from 0 to 10: projects, or their downloads'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, weighting, check, observed_on)
COMMENT 'Derived: scores of each Scorecard check by date, cohort and weighting'
