CREATE TABLE IF NOT EXISTS rollup_adoption
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    weighting LowCardinality(String) COMMENT 'package or download',
    month Date COMMENT 'first day of the month',
    observed_on Date COMMENT 'last day of the month, of the running month the newest day on which PyPI said something new',
    list_on Date COMMENT 'date of the rank list that defines the cohort',
    size UInt32 COMMENT 'projects in the cohort',
    attested UInt32 COMMENT 'projects of class attested on observed_on',
    partly UInt32 COMMENT 'projects of class partly',
    predates UInt32 COMMENT 'projects of class predates: latest stable release of before 2024-10-29',
    possible UInt32 COMMENT 'projects of class possible: none observed, the publisher could',
    unsupported UInt32 COMMENT 'projects of class unsupported: none observed, host unsupported or unknown',
    unknown UInt32 COMMENT 'projects of class unknown, those that PyPI was not asked about among them',
    attested_share Float64 COMMENT 'their share of the votes of the cohort, 0 to 1',
    partly_share Float64 COMMENT 'share of partly',
    predates_share Float64 COMMENT 'share of predates',
    possible_share Float64 COMMENT 'share of possible',
    unsupported_share Float64 COMMENT 'share of unsupported',
    unknown_share Float64 COMMENT 'share of unknown',
    files UInt64 COMMENT 'files that members uploaded in the month up to observed_on, of every release',
    files_attested UInt64 COMMENT 'of these, with provenance',
    files_unstated UInt64 COMMENT 'of these, for which the index does not say'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, weighting, month)
SETTINGS index_granularity = 256
COMMENT 'Derived: attestation classes by month since 2024-10, told from upload times and the provenance as of today of the files that are still there; the latest stable release of a date is the highest one uploaded by then, yanked since or not; hosts of repositories are those of today'
