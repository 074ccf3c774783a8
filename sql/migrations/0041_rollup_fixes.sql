CREATE TABLE IF NOT EXISTS rollup_fixes
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    cohort LowCardinality(String) COMMENT 'top100, top1000, top5000, top15000 or all; the project is in it by the newest rank list on or before the disclosure',
    severity LowCardinality(String) COMMENT 'critical, high, medium, low, none, unknown, or any',
    outcome LowCardinality(String) COMMENT 'fixed, unfixed (censored), before (fixed before disclosure), undated (no fix has a date and the latest release is not known to be affected), unseen (files not known, or not since the disclosure)',
    days Int32 COMMENT 'days from disclosure to the fix, or to the day on which the files were last learned of when unfixed; negative with before, 0 with undated and unseen',
    pairs UInt32 COMMENT 'pairs of a project and a live vulnerability group disclosed to the day'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, severity, days, outcome)
COMMENT 'Derived: time to fix by cohort and severity, the input of survival curves'
