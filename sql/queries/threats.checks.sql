-- The conclusive checks behind the current Scorecard values of one generation
-- of the summaries.
SELECT
    subject,
    source,
    toUInt16(observed_on) AS on_day,
    groupArray(check) AS names,
    groupArray(assumeNotNull(score)) AS scores
FROM scorecard_checks FINAL
WHERE score IS NOT NULL
  AND (subject, source, observed_on) IN
(
    SELECT if(score_source = 'api', repository, project), toString(score_source), assumeNotNull(score_on)
    FROM project_summaries
    WHERE generation = {summaries:UInt64}
      AND score_state = 'scored'
      AND score_on IS NOT NULL
)
GROUP BY subject, source, observed_on
SETTINGS do_not_merge_across_partitions_select_final = 1
