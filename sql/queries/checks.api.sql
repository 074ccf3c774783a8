-- Every result of the API, by repository and date.
SELECT
    subject,
    toUInt16(observed_on) AS on_day,
    state,
    ifNull(core, toFloat32(nan)) AS core_or_nan,
    ifNull(aggregate, toFloat32(nan)) AS aggregate_or_nan,
    check_set,
    commit,
    tool_version
FROM scorecard_results FINAL
WHERE source = 'api'
ORDER BY subject, on_day
