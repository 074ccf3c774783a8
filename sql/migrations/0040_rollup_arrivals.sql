CREATE TABLE IF NOT EXISTS rollup_arrivals
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000, top15000 or all; by the newest rank list on or before the date of the basis',
    basis LowCardinality(String) COMMENT 'disclosed (to the day), pysec (first published in PYSEC) or here (first known to this store)',
    month Date COMMENT 'first of the month of that date',
    severity LowCardinality(String) COMMENT 'critical, high, medium, low, none or unknown',
    groups UInt32 COMMENT 'live vulnerability groups'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, basis, month, severity)
COMMENT 'Derived: advisory groups by month of disclosure, of arrival in PYSEC and of arrival here, so that a backfill is seen as one'
