-- The projects of the newest rank list, by rank, with what their current
-- Scorecard value is of.
SELECT
    project,
    display_name,
    rank,
    CAST(score_state = 'scored', 'Bool') AS is_scored,
    score_source,
    ifNull(toUInt16(score_on), 0) AS score_day,
    repository
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND rank > 0
ORDER BY rank, project
LIMIT {most:UInt32}
