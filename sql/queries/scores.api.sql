-- Every result of the API, oldest first. One without a conclusive check has
-- the state no_result and names the checks that were run.
SELECT
    toUInt16(observed_on) AS on_day,
    subject,
    state,
    CAST(state = 'no_result' AND check_set != '', 'Bool') AS is_empty,
    ifNull(core, toFloat32(nan)) AS core_or_nan
FROM scorecard_results FINAL
WHERE source = 'api'
ORDER BY on_day, subject
