-- All checks of the current Scorecard values of one generation of the
-- summaries; -1 is inconclusive. Most of the history is passed over by its dates
-- alone; of a row that was written again the newest counts.
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
    groupArray(check) AS names,
    groupArray(newest) AS scores
FROM
(
    SELECT subject, source, observed_on, check, argMax(ifNull(score, toInt8(-1)), known_at) AS newest
    FROM scorecard_checks
    PREWHERE observed_on IN (SELECT on FROM current)
    WHERE (subject, source, observed_on) IN (SELECT subject, source, on FROM current)
    GROUP BY subject, source, observed_on, check
)
GROUP BY subject, source, observed_on
