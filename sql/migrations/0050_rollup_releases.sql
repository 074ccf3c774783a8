CREATE TABLE IF NOT EXISTS rollup_releases
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    month Date COMMENT 'first day of the month',
    observed_on Date COMMENT 'last day of the month, of the running month the newest day on which PyPI said something new',
    list_on Date COMMENT 'date of the rank list that defines the cohort',
    size UInt32 COMMENT 'projects in the cohort',
    known UInt32 COMMENT 'of these, with a release of known date by observed_on; everything below speaks of them',
    releases UInt32 COMMENT 'releases of any kind first uploaded in the month up to observed_on',
    prereleases UInt32 COMMENT 'of these, pre-releases and development releases',
    yanked_releases UInt32 COMMENT 'of these, by now wholly yanked',
    released UInt32 COMMENT 'projects with at least one of these releases',
    dormant_365 UInt32 COMMENT 'projects without a release in the 365 days up to observed_on',
    dormant_730 UInt32 COMMENT 'projects without a release in the 730 days up to observed_on',
    python_current UInt32 COMMENT 'projects of which the latest stable release admits supported cycles of CPython only',
    python_admits_eol UInt32 COMMENT 'supported cycles, and such as had ended',
    python_only_eol UInt32 COMMENT 'ended cycles only',
    python_unknown UInt32 COMMENT 'not stated, not readable, or no stable release',
    python_newest UInt32 COMMENT 'projects of which it admits the newest cycle of the date'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, month)
SETTINGS index_granularity = 256
COMMENT 'Derived: releases by month since the first rank list, by the files that are still there'
