-- The groups of one cohort by month of one basis and severity.
SELECT month, severity, groups
FROM rollup_arrivals
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
  AND basis = {basis:String}
ORDER BY month, severity
