-- The sets of checks that each snapshot of the archive from {from} on lists.
SELECT DISTINCT
    toUInt16(observed_on) AS on_day,
    check_set
FROM scorecard_results
WHERE source = 'archive'
  AND state = 'scored'
  AND observed_on >= {from:Date}
