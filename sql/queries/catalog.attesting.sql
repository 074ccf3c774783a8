-- The repositories that decide whether provenance of the first n projects
-- changed, beside those by which results reach them: every publisher's, and what
-- a project with provenance declares.
SELECT DISTINCT repository
FROM
(
    SELECT project, repository
    FROM provenance
    WHERE repository != ''
    UNION ALL
    SELECT project, repository
    FROM
    (
        SELECT project, repository, deleted
        FROM project_repositories
        WHERE trust = 'declared'
          AND project IN (SELECT project FROM provenance WHERE repository != '')
        ORDER BY project, repository, known_at DESC
        LIMIT 1 BY project, repository
    )
    WHERE deleted = 0
)
WHERE project IN
(
    SELECT project
    FROM ranks
    WHERE list = 'top-pypi-packages'
      AND observed_on = (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages')
      AND rank <= {n:UInt32}
)
ORDER BY repository
