-- The repositories that projects declare now.
SELECT project, repository
FROM
(
    SELECT project, repository, deleted
    FROM project_repositories
    WHERE trust = 'declared'
    ORDER BY project, repository, known_at DESC
    LIMIT 1 BY project, repository
)
WHERE deleted = 0
ORDER BY project, repository
