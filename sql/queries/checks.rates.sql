-- Every observation of every check in one cohort, oldest first.
SELECT check, observed_on, list_on, source, CAST(state = 'suspect', 'Bool') AS is_suspect, size, scored, n, inconclusive, not_run, share, mean, histogram
FROM rollup_checks
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
  AND weighting = {weighting:String}
ORDER BY check, observed_on
