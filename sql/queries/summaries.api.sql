-- The newest answer of the API about each repository, and the newest day on
-- which it could not be asked (0 is never). A repository without any answer
-- has the day 0.
SELECT
    subject,
    toUInt16(maxIf(observed_on, state = 'unavailable')) AS unavailable_day,
    argMaxIf(state, (observed_on, known_at), state != 'unavailable') AS answer,
    toUInt16(maxIf(observed_on, state != 'unavailable')) AS on_day,
    argMaxIf((aggregate,), (observed_on, known_at), state != 'unavailable').1 AS newest_aggregate,
    argMaxIf((core,), (observed_on, known_at), state != 'unavailable').1 AS newest_core
FROM scorecard_results
WHERE source = 'api'
GROUP BY subject
ORDER BY subject
