-- The groups of one cohort by kind, month and severity.
SELECT kind, month, severity, groups
FROM rollup_advisories
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
ORDER BY kind, month, severity
