-- The snapshots of the archive from {from} on, one row for each project.
SELECT
    subject,
    groupArray(toUInt16(observed_on)) AS days,
    groupArray(toUInt8(state = 'scored')) AS scored,
    groupArray(ifNull(core, toFloat32(nan))) AS core,
    groupArray(ifNull(aggregate, toFloat32(nan))) AS aggregate
FROM scorecard_results FINAL
WHERE source = 'archive'
  AND state IN ('scored', 'no_result')
  AND observed_on >= {from:Date}
GROUP BY subject
ORDER BY subject
SETTINGS optimize_aggregation_in_order = 1
