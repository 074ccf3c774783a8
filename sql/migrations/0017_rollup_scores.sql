CREATE TABLE IF NOT EXISTS rollup_scores
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    weighting LowCardinality(String) COMMENT 'package or download',
    observed_on Date COMMENT 'date of the observation',
    list_on Date COMMENT 'date of the rank list that defines the cohort',
    source LowCardinality(String) COMMENT 'archive, api, or both when each has 5 % of the answers or more',
    state LowCardinality(String) COMMENT 'accepted, or suspect: left out of lines',
    size UInt32 COMMENT 'projects in the cohort',
    asked UInt32 COMMENT 'projects of the cohort that a source was asked about',
    no_result UInt32 COMMENT 'asked, without a result',
    scored UInt32 COMMENT 'projects with at least one conclusive check',
    coverage Float64 COMMENT 'scored share of the cohort by weight, 0 to 1',
    n UInt32 COMMENT 'projects with a core aggregate',
    mean Nullable(Float64) COMMENT 'weighted mean of the core aggregate',
    p10 Nullable(Float64) COMMENT 'weighted quantile of the core aggregate',
    p25 Nullable(Float64) COMMENT 'weighted quantile of the core aggregate',
    p50 Nullable(Float64) COMMENT 'weighted median of the core aggregate',
    p75 Nullable(Float64) COMMENT 'weighted quantile of the core aggregate',
    p90 Nullable(Float64) COMMENT 'weighted quantile of the core aggregate'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, weighting, observed_on)
COMMENT 'Derived: Scorecard coverage and distribution of the core aggregate by date, cohort and weighting'
