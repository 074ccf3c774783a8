-- The reasons behind results of the API of the given dates.
SELECT
    subject,
    check,
    toUInt16(observed_on) AS on_day,
    ifNull(score, toInt8(-1)) AS score_or_minus,
    reason
FROM scorecard_checks FINAL
WHERE source = 'api'
  AND observed_on IN {days:Array(Date)}
  AND reason != ''
ORDER BY subject, check, on_day
SETTINGS do_not_merge_across_partitions_select_final = 1
