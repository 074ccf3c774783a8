-- The attestation classes of one cohort by month, oldest first.
SELECT
    month,
    observed_on,
    list_on,
    size,
    [attested, partly, predates, possible, unsupported, unknown] AS projects,
    [attested_share, partly_share, predates_share, possible_share, unsupported_share, unknown_share] AS shares,
    files,
    files_attested,
    files_unstated
FROM rollup_adoption
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
  AND weighting = {weighting:String}
ORDER BY month
