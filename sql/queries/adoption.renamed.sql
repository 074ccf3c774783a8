-- Repositories that live under another name now.
SELECT
    repository,
    argMax(target, known_at) AS new_name
FROM repositories
GROUP BY repository
HAVING argMax(deleted, known_at) = 0
   AND argMax(state, known_at) = 'moved'
   AND new_name NOT IN ('', repository)
