-- What each forge said last of each repository that was asked about.
SELECT
    repository,
    argMax(state, known_at),
    argMax(observed_at, known_at)
FROM repositories
GROUP BY repository
HAVING argMax(deleted, known_at) = 0
