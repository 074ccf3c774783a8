-- The releases of one cohort by month, oldest first.
SELECT
    month,
    observed_on,
    list_on,
    size,
    known,
    releases,
    prereleases,
    yanked_releases,
    released,
    dormant_365,
    dormant_730,
    [python_current, python_admits_eol, python_only_eol, python_unknown] AS python,
    python_newest
FROM rollup_releases
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
ORDER BY month
