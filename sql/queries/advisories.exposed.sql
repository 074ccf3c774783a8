-- What the exposures of one generation say of fixes.
SELECT project, group_id, fix_days, latest_affected
FROM exposures
WHERE generation = {generation:UInt64}
