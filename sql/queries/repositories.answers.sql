-- What the forges say of each repository, whose name is without case: the
-- newest answer, the day on which it was found gone after they last had it, and
-- the day on which they first had it (0 is never).
SELECT
    lower(repository) AS name,
    argMax(state, known_at) AS newest,
    argMax(target, known_at) AS newest_target,
    toUInt16(toDate(minIf(known_at, state = 'gone' AND known_at > last_there))) AS gone_day,
    toUInt16(toDate(minIf(known_at, state IN ('found', 'moved')))) AS found_day
FROM
(
    SELECT
        repository,
        known_at,
        state,
        target,
        deleted,
        maxIf(known_at, state IN ('found', 'moved')) OVER (PARTITION BY lower(repository)) AS last_there
    FROM repositories
)
GROUP BY name
HAVING argMax(deleted, known_at) = 0
