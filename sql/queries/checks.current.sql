-- All checks of the current Scorecard values of one generation of the
-- summaries; -1 is inconclusive. The values are not older than {from}.
SELECT
    subject,
    source,
    toUInt16(observed_on) AS on_day,
    groupArray(check) AS names,
    groupArray(ifNull(score, toInt8(-1))) AS scores
FROM scorecard_checks FINAL
WHERE observed_on >= {from:Date}
  AND (subject, source, observed_on) IN
(
    SELECT if(score_source = 'api', repository, project), toString(score_source), assumeNotNull(score_on)
    FROM project_summaries
    WHERE generation = {generation:UInt64}
      AND rank > 0
      AND score_state = 'scored'
      AND score_on IS NOT NULL
)
GROUP BY subject, source, observed_on
SETTINGS do_not_merge_across_partitions_select_final = 1
