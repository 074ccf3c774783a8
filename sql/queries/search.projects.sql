-- What the search knows of projects: the names, the rank and the repository of
-- each, and whether it is known from malware reports alone.
SELECT
    project,
    display_name,
    rank,
    repository,
    malware > 0 AND rank = 0 AND asked_at IS NULL AS only_malware
FROM project_summaries
WHERE generation = {generation:UInt64}
ORDER BY project
