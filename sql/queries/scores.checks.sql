-- The conclusive checks of results of the given dates.
SELECT
    subject,
    check,
    toUInt16(observed_on) AS on_day,
    source,
    assumeNotNull(score) AS conclusive
FROM scorecard_checks FINAL
WHERE score IS NOT NULL
  AND ((source = 'archive' AND observed_on IN {archive_days:Array(Date)})
    OR (source = 'api' AND observed_on IN {api_days:Array(Date)}))
SETTINGS do_not_merge_across_partitions_select_final = 1
