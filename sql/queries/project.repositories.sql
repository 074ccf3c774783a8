-- The repositories of one project, strongest trust first, each with the time
-- at which this store first knew the link.
SELECT repository, trust, evidence, since
FROM
(
    SELECT
        repository,
        trust,
        argMax(evidence, known_at) AS evidence,
        argMax(deleted, known_at) AS deleted,
        min(known_at) AS since
    FROM project_repositories
    WHERE project = {project:String}
    GROUP BY repository, trust
)
WHERE deleted = 0
ORDER BY indexOf(['attested', 'depsdev', 'declared'], trust), repository
