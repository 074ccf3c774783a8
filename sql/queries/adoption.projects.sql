-- Every project that PyPI was asked about, and whether either of its APIs has
-- answered.
SELECT
    project,
    CAST(argMax(from_index + from_json, known_at) > 0, 'Bool') AS answered
FROM projects
GROUP BY project
HAVING argMax(deleted, known_at) = 0
ORDER BY project
