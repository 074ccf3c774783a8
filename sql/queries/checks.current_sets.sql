-- The sets of checks that the current Scorecard values of one generation of
-- the summaries list, with or without a score. Most of the history is passed over
-- by its dates alone.
WITH current AS
(
    SELECT if(score_source = 'api', repository, project) AS subject, toString(score_source) AS source, assumeNotNull(score_on) AS on
    FROM project_summaries
    WHERE generation = {generation:UInt64}
      AND rank > 0
      AND score_state = 'scored'
      AND score_on IS NOT NULL
)
SELECT
    subject,
    source,
    toUInt16(observed_on) AS on_day,
    argMax(check_set, known_at)
FROM scorecard_results
PREWHERE observed_on IN (SELECT on FROM current)
WHERE (subject, source, observed_on) IN (SELECT subject, source, on FROM current)
GROUP BY subject, source, observed_on
