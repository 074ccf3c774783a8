-- Every observation of one cohort, oldest first, with the reason of those that
-- are left out of lines.
SELECT
    r.observed_on AS observed_on,
    r.list_on AS list_on,
    r.source AS source,
    CAST(r.state = 'suspect', 'Bool') AS is_suspect,
    s.reason AS reason,
    r.size AS size,
    r.asked AS asked,
    r.no_result AS no_result,
    r.scored AS scored,
    r.coverage AS coverage,
    r.n AS n,
    r.mean AS mean,
    r.p10 AS p10,
    r.p25 AS p25,
    r.p50 AS p50,
    r.p75 AS p75,
    r.p90 AS p90,
    CAST(r.repository IS NOT NULL, 'Bool') AS is_mapped,
    ifNull(r.repository, 0) AS repository,
    ifNull(r.verified, 0) AS verified,
    r.result AS result,
    r.recent AS recent,
    r.asked_share AS asked_share,
    ifNull(r.repository_share, 0) AS repository_share,
    ifNull(r.verified_share, 0) AS verified_share,
    r.result_share AS result_share,
    r.recent_share AS recent_share
FROM rollup_scores AS r
LEFT JOIN
(
    SELECT observed_on, reason
    FROM snapshots
    WHERE generation = {generation:UInt64}
      AND state IN ('suspect', 'confirmed')
) AS s ON s.observed_on = r.observed_on
WHERE r.generation = {generation:UInt64}
  AND r.cohort = {cohort:String}
  AND r.weighting = {weighting:String}
ORDER BY observed_on
