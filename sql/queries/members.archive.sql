-- What the archive says of some projects, by the key of the table.
SELECT
    subject,
    toUInt16(observed_on) AS on_day,
    CAST(state = 'scored', 'Bool') AS is_scored,
    ifNull(core, toFloat32(nan)) AS core_or_nan
FROM scorecard_results FINAL
WHERE source = 'archive'
  AND state IN ('scored', 'no_result')
  AND subject IN {subjects:Array(String)}
