-- The first day on which a link from a project to a repository was known, or of
-- which the API has a result: before it no link decides a score.
SELECT minOrNull(day)
FROM
(
    SELECT toDate(known_at) AS day FROM project_repositories
    UNION ALL
    SELECT observed_on AS day FROM scorecard_results WHERE source = 'api'
)
