CREATE TABLE IF NOT EXISTS rollup_advisories
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000, top15000 or all',
    kind LowCardinality(String) COMMENT 'day, year or unknown (precision of a vulnerability\'s disclosure), malware, or withdrawn',
    month Date COMMENT 'first of the month of disclosure (1 January for year; 1970-01-01 for unknown; month of publication for malware and withdrawn)',
    severity LowCardinality(String) COMMENT 'critical, high, medium, low, none or unknown',
    groups UInt32 COMMENT 'advisory groups'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, kind, month, severity)
COMMENT 'Derived: advisory groups by month of disclosure, cohort and severity'
