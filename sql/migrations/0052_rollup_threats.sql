CREATE TABLE IF NOT EXISTS rollup_threats
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    slsa LowCardinality(String) COMMENT 'version of SLSA whose threats these are: slsa-1.2',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    threat LowCardinality(String) COMMENT 'A to I, Dependency or Availability',
    list_on Date COMMENT 'date of the rank list that defines the cohort',
    scores_on Nullable(Date) COMMENT 'newest date of a Scorecard value in the cohort',
    files_on Nullable(Date) COMMENT 'newest day on which PyPI said something new',
    size UInt32 COMMENT 'projects in the cohort',
    observed UInt32 COMMENT 'projects with evidence observed',
    not_observed UInt32 COMMENT 'projects with no public evidence observed',
    unknown UInt32 COMMENT 'projects of which nothing conclusive is known'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, threat)
SETTINGS index_granularity = 256
COMMENT 'Derived: public evidence against the threats of SLSA by cohort, as of now; the mapping of signals to threats is ours, and never a SLSA level'
