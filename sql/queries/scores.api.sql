-- Every result of the API, oldest first.
SELECT
    toUInt16(observed_on) AS on_day,
    subject,
    state,
    ifNull(core, toFloat32(nan)) AS core_or_nan
FROM scorecard_results FINAL
WHERE source = 'api'
ORDER BY on_day, subject
