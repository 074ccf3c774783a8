-- How many projects of one cohort show evidence against each threat.
SELECT
    slsa,
    threat,
    list_on,
    scores_on,
    files_on,
    size,
    observed,
    not_observed,
    unknown
FROM rollup_threats
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
