-- The snapshots of the archive from {from} on, in the order of the table.
SELECT
    subject,
    toUInt16(observed_on) AS on_day,
    CAST(state = 'scored', 'Bool') AS is_scored,
    ifNull(core, toFloat32(nan)) AS core_or_nan
FROM scorecard_results FINAL
WHERE source = 'archive'
  AND state IN ('scored', 'no_result')
  AND observed_on >= {from:Date}
