-- The commonest reasons of each check in one cohort.
SELECT check, reason, projects, mean, observed_on
FROM rollup_check_reasons
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
ORDER BY check, place
