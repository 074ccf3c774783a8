-- The newest answers of the forges about the repositories that one project names.
SELECT repository, state, target, observed_at
FROM
(
    SELECT repository, state, target, observed_at, deleted
    FROM repositories
    WHERE repository IN (SELECT repository FROM project_repositories WHERE project = {project:String})
    ORDER BY repository, known_at DESC
    LIMIT 1 BY repository
)
WHERE deleted = 0
ORDER BY repository
