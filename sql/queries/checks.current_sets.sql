-- The sets of checks that the current Scorecard values of one generation of
-- the summaries list, with or without a score.
SELECT
    subject,
    source,
    toUInt16(observed_on) AS on_day,
    check_set
FROM scorecard_results FINAL
WHERE (subject, source, observed_on) IN
(
    SELECT if(score_source = 'api', repository, project), toString(score_source), assumeNotNull(score_on)
    FROM project_summaries
    WHERE generation = {generation:UInt64}
      AND rank > 0
      AND score_state = 'scored'
      AND score_on IS NOT NULL
)
