-- What the API says of some repositories, by the key of the table, oldest
-- first; as scores.api says it of all.
SELECT
    toUInt16(observed_on) AS on_day,
    subject,
    state,
    CAST(state = 'no_result' AND check_set != '', 'Bool') AS is_empty,
    ifNull(core, toFloat32(nan)) AS core_or_nan
FROM scorecard_results FINAL
WHERE source = 'api'
  AND subject IN {subjects:Array(String)}
ORDER BY on_day, subject
