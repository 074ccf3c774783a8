-- All scores of the API, as checks.archive_scores gives them. Its repositories
-- are few beside the projects of the archive, and are found by the key.
SELECT
    subject,
    check,
    groupConcat(char(bitAnd(toUInt16(observed_on), 255), bitShiftRight(toUInt16(observed_on), 8), ifNull(score, -1) + 3)) AS cells
FROM scorecard_checks FINAL
WHERE source = 'api'
  AND subject IN (SELECT subject FROM scorecard_results WHERE source = 'api')
GROUP BY subject, check
ORDER BY subject, check
SETTINGS optimize_aggregation_in_order = 1, do_not_merge_across_partitions_select_final = 1
